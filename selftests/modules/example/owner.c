// SPDX-License-Identifier: GPL-2.0
/*
 * A unit of each CPU that is handed over lazily, as NetBSD does with the FPU.
 *
 * A task's state stays in the unit of the CPU where it was used last, until
 * another task wants that unit or the task wants its state elsewhere. Then the
 * CPU that holds it is asked to put it back into memory. Who holds what is looked
 * at with interrupts off (splhigh() there), and the message is sent before they
 * are on again, so that it goes to the CPU that was looked at and comes before
 * whatever that CPU does next. NetBSD does it by ipi_unicast(); that one may
 * spin, which with interrupts off could be for ever, and so is refused here.
 * ipi_unicast_try() is not. If the mailbox is full, the way out is the one that
 * ipi_unicast() would take: interrupts on for a moment, and all over again, for
 * the owner may be another meanwhile.
 *
 * The unit is a word of memory here. A port has to put back what a CPU holds
 * before that CPU goes offline; this example has its caller hold hotplug off.
 */
#include <linux/cpumask.h>
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/processor.h>
#include <linux/smp.h>

#include "../../../ipi_xcall.h"
#include "owner.h"

/* The unit, and whose state is in it. */
struct unit {
	unsigned long value;
	struct owner *owner;
};

static DEFINE_PER_CPU(struct unit, units);

void owner_init(struct owner *o)
{
	*o = (struct owner){ .cpu = -1 };
}

/* By the CPU that holds it, interrupts off. */
static void put_back(void *arg)
{
	struct unit *unit = this_cpu_ptr(&units);
	struct owner *o = arg;

	/* Somebody else wanted the unit first. */
	if (unit->owner != o)
		return;
	o->state = unit->value;
	unit->owner = NULL;
	/* Pairs with the acquire in load(). */
	smp_store_release(&o->cpu, -1);
}

/* With interrupts off, and on in between. */
static int fetch(struct owner *o, int cpu)
{
	struct ipi_msg msg = { .func = put_back, .arg = o };
	int err = ipi_unicast_try(&msg, cpu);

	local_irq_enable();
	if (!err)
		ipi_wait(&msg);
	else
		cpu_relax();
	local_irq_disable();
	if (err && err != -EBUSY)
		return err;
	o->moves += !err;
	o->busy += !!err;
	return 0;
}

/* With interrupts off. Has the unit of this CPU hold the state. */
static int load(struct owner *o)
{
	struct unit *unit;
	int cpu, err;

	for (;;) {
		/* Pairs with the release in put_back(). */
		cpu = smp_load_acquire(&o->cpu);
		if (cpu == (int)smp_processor_id())
			return 0;
		if (cpu < 0)
			break;
		err = fetch(o, cpu);
		if (err)
			return err;
	}
	unit = this_cpu_ptr(&units);
	if (unit->owner)
		put_back(unit->owner);
	unit->owner = o;
	unit->value = o->state;
	WRITE_ONCE(o->cpu, smp_processor_id());
	return 0;
}

/* Uses the unit. By the task itself. */
int owner_add(struct owner *o, unsigned long n)
{
	int err;

	local_irq_disable();
	err = load(o);
	if (!err)
		this_cpu_ptr(&units)->value += n;
	local_irq_enable();
	return err;
}

/* Puts the state back into memory, and reads it. By the task itself. */
int owner_fetch(struct owner *o, unsigned long *state)
{
	int err;

	local_irq_disable();
	err = load(o);
	if (!err) {
		put_back(o);
		*state = o->state;
	}
	local_irq_enable();
	return err;
}
