// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: the slot table, and clients that go away
 *
 * Unregister, on the left, against a trigger and the pass that it leads to:
 *
 *	CPU 0 (ipi_unregister)		CPU 1 (trigger)		CPU 2 (pass)
 *
 *	clear the live bit
 *					sees it live (E)
 *	synchronize_rcu() .............	preemption is off
 *					rings
 *					ends
 *	... returns: whoever saw the
 *	bit live has rung
 *	wait until no word has the bit				takes the word
 *								runs the slot
 *	synchronize_rcu() ..................................... interrupts are off
 *								returns
 *	... returns: whoever took the
 *	bit has left the pass (F)
 *	free the slot
 *
 * Neither an ack nor a synchronous nop would do in place of the second grace
 * period: a pass has code to run after the one, and the core may serve the other
 * before an async csd that was queued earlier.
 *
 * slots_mutex is the only lock of the core, and a leaf.
 *
 * Litmus tests quote lines of this file: see litmus/README.md.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "context.h"
#include "cpu.h"
#include "slot.h"
#include "stall.h"

struct ipi_slot ipi_slots[IPI_MAX + 1];
unsigned long ipi_slots_live __read_mostly;
static DEFINE_MUTEX(slots_mutex);

/*
 * A handler cannot sleep, and on a stock kernel "scheduling while atomic" would
 * be said without end.
 */
static bool slot_may_sleep(void)
{
	if (WARN_ONCE(!context_may_sleep(),
		      "register or unregister from where one must not sleep\n"))
		return false;
	might_sleep();
	return true;
}

static unsigned int slot_find_free(void)
{
	unsigned int id;

	for (id = 1; id <= IPI_MAX; id++)
		if (!ipi_slots[id].func)
			return id;
	return 0;
}

/* ipi_register() with the name of an owner, which must outlive the slot. */
unsigned int ipi_register_as(ipi_func_t func, void *arg, const char *owner)
{
	unsigned int id;

	if (!slot_may_sleep() || !func)
		return 0;
	mutex_lock(&slots_mutex);
	id = slot_find_free();
	if (id) {
		ipi_slots[id] = (struct ipi_slot){
			.func	= func,
			.arg	= arg,
			.owner	= owner,
		};
		/* E: pairs with slot_is_live(). */
		smp_store_release(&ipi_slots_live, ipi_slots_live | IPI_SLOT_BIT(id));
	}
	mutex_unlock(&slots_mutex);
	if (!id)
		pr_warn_ratelimited("no slot for %ps: all %u are taken\n", func,
				    IPI_MAX);
	return id;
}

/**
 * ipi_register() - get a slot for a handler
 * @func: the handler; runs with interrupts off, on the CPU triggered
 * @arg: passed to @func
 *
 * Context: task; may sleep. Elsewhere it warns, once, and fails.
 * Return: the id of the slot, 1 to IPI_MAX; 0 if all slots are taken, which is
 * said in the log, if there is no @func, or from where one must not sleep.
 */
unsigned int ipi_register(ipi_func_t func, void *arg)
{
	return ipi_register_as(func, arg, NULL);
}
EXPORT_SYMBOL_GPL(ipi_register);

/* Makes triggers of @bits fail. Returns those that were live. */
static unsigned long slot_disable(unsigned long bits)
{
	mutex_lock(&slots_mutex);
	bits &= ipi_slots_live;
	/* E: other slots are in the word, which must stay released with it. */
	smp_store_release(&ipi_slots_live, ipi_slots_live & ~bits);
	mutex_unlock(&slots_mutex);
	return bits;
}

/* For a report: of the lowest slot in @bits that is in use, or NULL. */
static ipi_func_t slot_first_func(unsigned long bits)
{
	unsigned int id;

	for (id = 1; id <= IPI_MAX; id++)
		if (bits & IPI_SLOT_BIT(id) && ipi_slots[id].func)
			return ipi_slots[id].func;
	return NULL;
}

/* F: what took the bits is still in its pass; a grace period must follow. */
static bool slot_is_drained(const struct ipi_cpu *pc, unsigned long bits)
{
	return !((atomic_long_read(&pc->pending) | READ_ONCE(pc->deferred)) & bits);
}

/* A grace period waits for functions that have nothing to do with @bits, too. */
static void slot_report_stall(unsigned long bits)
{
	ipi_func_t func = slot_first_func(bits);
	unsigned int cpu, late = 0;

	ipi_stall_report_waiter(func, func ? "to unregister" : "for all passes to end");
	for_each_possible_cpu(cpu) {
		if (!slot_is_drained(cpu_ptr(cpu), bits))
			ipi_stall_report_cpu(cpu, "has yet to run it");
		else if (ipi_stall_is_running(cpu))
			ipi_stall_report_cpu(cpu, "is in a function");
		else
			continue;
		late++;
	}
	if (!late)
		pr_warn("stall: no CPU has it in hand: a grace period takes long\n");
}

/*
 * A tick of the clock, in an uninterruptible sleep. The timer is this CPU's own:
 * one of the timer wheel may be left to a CPU that takes no interrupts.
 */
static void slot_sleep(unsigned long bits, struct stall_watch *watch)
{
	ktime_t ns = ns_to_ktime(TICK_NSEC);

	/* The first time it takes down when the wait began. */
	if (ipi_stall_begins(watch))
		slot_report_stall(bits);
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_hrtimeout(&ns, HRTIMER_MODE_REL);
}

/* synchronize_rcu() would do, but could not say that it takes too long. */
static void slot_wait_grace_period(unsigned long bits, struct stall_watch *watch)
{
	unsigned long gp;

	if (ipi_fault(NO_GRACE))
		return;
	gp = start_poll_synchronize_rcu();
	while (!poll_state_synchronize_rcu(gp))
		slot_sleep(bits, watch);
}

static void slot_wait_drained(unsigned long bits, struct stall_watch *watch)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		while (!slot_is_drained(cpu_ptr(cpu), bits))
			slot_sleep(bits, watch);
	slot_wait_grace_period(bits, watch);
}

/* Until the passes of now have ended, and none has one of @bits in hand. Sleeps. */
void ipi_slot_wait_drained(unsigned long bits)
{
	struct stall_watch watch = {};

	slot_wait_drained(bits, &watch);
}

/* The slot is quiet, so nobody counts its runs any more. */
static void slot_release(unsigned int id)
{
	struct ipi_cpu *pc;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		pc = cpu_ptr(cpu);
		WRITE_ONCE(pc->runs[0], pc->runs[0] + pc->runs[id]);
		WRITE_ONCE(pc->runs[id], 0);
	}
	ipi_slots[id] = (struct ipi_slot){};
}

/* ipi_unregister() for all slots in @bits at the price of one. */
void ipi_unregister_many(unsigned long bits)
{
	struct stall_watch watch = {};
	unsigned int id;

	if (!slot_may_sleep())
		return;
	bits = slot_disable(bits);
	if (!bits)
		return;
	slot_wait_grace_period(bits, &watch);
	slot_wait_drained(bits, &watch);
	mutex_lock(&slots_mutex);
	for (id = 1; id <= IPI_MAX; id++)
		if (bits & IPI_SLOT_BIT(id))
			slot_release(id);
	mutex_unlock(&slots_mutex);
}

/**
 * ipi_unregister() - give a slot back
 * @id: what ipi_register() returned
 *
 * Triggers that succeeded before are run. When it returns, the handler is not
 * running anywhere and never will again: its text may be unloaded and its
 * argument freed. A bad @id changes nothing, and is said in the log once. A wait
 * longer than the parameter stall_ms is reported once.
 *
 * Context: task; sleeps for two grace periods. Elsewhere, and so in a handler,
 * it warns, once, and changes nothing.
 */
void ipi_unregister(unsigned int id)
{
	if (!slot_is_live(id)) {
		pr_warn_once("unregister of id %u, which nobody holds\n", id);
		return;
	}
	ipi_unregister_many(IPI_SLOT_BIT(id));
}
EXPORT_SYMBOL_GPL(ipi_unregister);

/* ----- a client module that forgets, where there are modules ----- */

#ifdef CONFIG_MODULES

static unsigned long slot_bits_of_module(const struct module *mod)
{
	unsigned long bits = 0;
	unsigned int id;

	mutex_lock(&slots_mutex);
	for (id = 1; id <= IPI_MAX; id++)
		if (within_module((unsigned long)ipi_slots[id].func, mod) ||
		    within_module((unsigned long)ipi_slots[id].arg, mod))
			bits |= IPI_SLOT_BIT(id);
	mutex_unlock(&slots_mutex);
	return bits;
}

static int slot_module_event(struct notifier_block *nb, unsigned long event,
			     void *data)
{
	const struct module *mod = data;
	unsigned long bits;

	if (event != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	bits = slot_bits_of_module(mod);
	if (bits) {
		pr_warn("module %s leaves %lu slots behind, unregistering them\n",
			mod->name, hweight_long(bits));
		ipi_unregister_many(bits);
	}
	return NOTIFY_OK;
}

static struct notifier_block slot_module_nb = {
	.notifier_call = slot_module_event,
};

int ipi_slot_init(void)
{
	return register_module_notifier(&slot_module_nb);
}

void ipi_slot_exit(void)
{
	unregister_module_notifier(&slot_module_nb);
}

#endif /* CONFIG_MODULES */

/* ----- for the control files ----- */

/* Tells of a slot that is in use; false for a free one. */
bool ipi_slot_info(unsigned int id, struct ipi_slot_info *info)
{
	mutex_lock(&slots_mutex);
	*info = (struct ipi_slot_info){
		.func	= ipi_slots[id].func,
		.arg	= ipi_slots[id].arg,
		.owner	= ipi_slots[id].owner,
		.live	= ipi_slots_live & IPI_SLOT_BIT(id),
	};
	mutex_unlock(&slots_mutex);
	return info->func;
}

/* Runs of the slot on @cpu since it was registered. */
unsigned long ipi_slot_runs(unsigned int id, unsigned int cpu)
{
	return READ_ONCE(cpu_ptr(cpu)->runs[id]);
}

/* Runs of all slots on @cpu, those that are free again included. */
unsigned long ipi_slot_runs_all(unsigned int cpu)
{
	unsigned long runs = 0;
	unsigned int id;

	mutex_lock(&slots_mutex);
	for (id = 0; id <= IPI_MAX; id++)
		runs += READ_ONCE(cpu_ptr(cpu)->runs[id]);
	mutex_unlock(&slots_mutex);
	return runs;
}
