// SPDX-License-Identifier: GPL-2.0
/*
 * CPUs that look after each other, as NetBSD's do in the clock interrupt.
 *
 * A hard timer of each CPU counts beats, and looks at the next CPU. Does that
 * one not come on, it is sent a message, which runs as soon as its interrupts
 * are on again. NetBSD keeps the message on the stack and waits for it for up to
 * a second, in the interrupt. Here that would be waiting above whatever was
 * interrupted, perhaps the very sender that owes the other CPU its kick. So the
 * message has a place of its own and the next beats look whether it has been
 * run: ipi_unicast_try() and ipi_done() never wait for anybody.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/percpu.h>

#include "../../../core/compat.h"
#include "../../../ipi_xcall.h"
#include "heartbeat.h"

/**
 * struct heartbeat - a CPU as a patient and as a doctor
 * @timer: its heart
 * @beats: the patient's; others read it
 * @counts: what the doctor has seen
 * @msg: the shock, in flight while @shocked
 * @shocked: the doctor waits for @msg to be run
 * @patient: whom the doctor looks after
 * @seen: beats of @patient when last looked at
 * @since: own beats when they were others
 */
struct heartbeat {
	struct hrtimer timer;
	unsigned long beats;
	struct heartbeat_counts counts;
	struct ipi_msg msg;
	bool shocked;
	unsigned int patient;
	unsigned long seen;
	unsigned long since;
};

static DEFINE_PER_CPU(struct heartbeat, heartbeats);
static int heartbeat_state;

/* On the patient: that it runs is the answer. A port would tell more here. */
static void shock(void *unused)
{
}

static bool stands_still(struct heartbeat *me)
{
	unsigned long seen = READ_ONCE(per_cpu(heartbeats.beats, me->patient));

	if (seen != me->seen) {
		me->seen = seen;
		me->since = me->beats;
	}
	return me->beats - me->since > HEARTBEAT_LATE;
}

/* The next CPU that is online, or the same one, if there is no other. */
static void choose_patient(struct heartbeat *me)
{
	unsigned int cpu;

	cpu = cpumask_next(smp_processor_id(), cpu_online_mask);
	if (cpu >= nr_cpu_ids)
		cpu = cpumask_first(cpu_online_mask);
	if (cpu == me->patient)
		return;
	me->patient = cpu;
	me->seen = 0;
	me->since = me->beats;
}

/* The message belongs to its receiver until it is done, be it given up or not. */
static void await_answer(struct heartbeat *me)
{
	if (ipi_done(&me->msg)) {
		me->shocked = false;
		me->counts.revived++;
		me->since = me->beats;
	} else if (me->beats - me->since == 2 * HEARTBEAT_LATE) {
		me->counts.dead++;
	}
}

static void send_shock(struct heartbeat *me)
{
	int err = ipi_unicast_try(&me->msg, me->patient);

	if (!err) {
		me->shocked = true;
		me->counts.shocks++;
	} else if (err == -EBUSY) {
		me->counts.busy++;
	}
	/* Offline by now: the next beat chooses another. */
}

static enum hrtimer_restart beat(struct hrtimer *timer)
{
	struct heartbeat *me = container_of(timer, struct heartbeat, timer);

	WRITE_ONCE(me->beats, me->beats + 1);
	if (me->shocked) {
		await_answer(me);
	} else {
		choose_patient(me);
		if (me->patient != smp_processor_id() && stands_still(me))
			send_shock(me);
	}
	hrtimer_forward_now(timer, ms_to_ktime(HEARTBEAT_MS));
	return HRTIMER_RESTART;
}

static int heartbeat_up(unsigned int cpu)
{
	struct heartbeat *me = this_cpu_ptr(&heartbeats);

	hrtimer_start(&me->timer, ms_to_ktime(HEARTBEAT_MS),
		      HRTIMER_MODE_REL_PINNED_HARD);
	return 0;
}

static int heartbeat_down(unsigned int cpu)
{
	hrtimer_cancel(this_cpu_ptr(&heartbeats.timer));
	return 0;
}

int heartbeat_start(void)
{
	struct heartbeat *h;
	unsigned int cpu;
	int state;

	for_each_possible_cpu(cpu) {
		h = per_cpu_ptr(&heartbeats, cpu);
		*h = (struct heartbeat){
			.msg.func = shock,
			.patient = cpu,
		};
		hrtimer_setup(&h->timer, beat, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL_PINNED_HARD);
	}
	state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "ipi_xcall:heartbeat",
				  heartbeat_up, heartbeat_down);
	if (state < 0)
		return state;
	heartbeat_state = state;
	return 0;
}

/* When no timer is left a task may wait for what they have sent. */
void heartbeat_stop(void)
{
	unsigned int cpu;

	cpuhp_remove_state(heartbeat_state);
	for_each_possible_cpu(cpu)
		ipi_wait(per_cpu_ptr(&heartbeats.msg, cpu));
}

void heartbeat_read(struct heartbeat_counts *sum)
{
	const struct heartbeat *h;
	unsigned int cpu;

	*sum = (struct heartbeat_counts){};
	for_each_possible_cpu(cpu) {
		h = per_cpu_ptr(&heartbeats, cpu);
		sum->beats += READ_ONCE(h->beats);
		sum->shocks += READ_ONCE(h->counts.shocks);
		sum->revived += READ_ONCE(h->counts.revived);
		sum->dead += READ_ONCE(h->counts.dead);
		sum->busy += READ_ONCE(h->counts.busy);
	}
}
