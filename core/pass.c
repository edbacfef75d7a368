// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: the pass, which drains a CPU's word
 *
 * Everything here runs on the CPU that it is about, with interrupts off.
 *
 * Self. The local CPU of a set is served in place. Within a function that we
 * run, a trigger of the local CPU goes into ->deferred, which only its owner
 * touches: it is run at the end of the pass, PASS_REPEATS times at most, and then
 * parked until a timer fires one tick later. It must not go into the word, which
 * others would then find non-zero and not kick. A CPU on its way down (not ->up)
 * parks nothing, for its timers move to other CPUs: there, what the repeats
 * cannot take is refused (-ENXIO).
 *
 * Lingering, off by default: a pass may leave the LINGER bit in the word and
 * poll. The word is then never zero, so senders do not kick, and what they ring
 * is served at once; in the end the pass removes the bit by a cmpxchg, and if
 * that fails swaps once more. How long is decided in linger.c.
 *
 * Litmus tests quote lines of this file: see litmus/README.md.
 */
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>

#include "compat.h"
#include "linger.h"
#include "mbox.h"
#include "pass.h"
#include "run.h"
#include "trace.h"

/* Passes over ->deferred before the rest waits for the next tick. */
#define PASS_REPEATS	4
/* Looks of a pass that lingers between two looks at the clock, while nothing comes. */
#define PASS_POLLS	32
/*
 * Looks after which a clock that has not moved is not going to: one that counts
 * ticks stands still while the CPU that keeps the time lingers.
 */
#define PASS_STUCK	256

/* ----- triggers of the CPU itself, from within ----- */

static noinline void pass_run_deferred(struct ipi_cpu *me)
{
	unsigned long word;

	while (me->deferred && me->budget) {
		me->budget--;
		word = me->deferred;
		WRITE_ONCE(me->deferred, 0);
		run_slots(me, word);
	}
	me->budget = PASS_REPEATS;
	if (me->deferred) {
		me->parked = true;
		hrtimer_start(&me->retry, ns_to_ktime(TICK_NSEC),
			      HRTIMER_MODE_REL_PINNED_HARD);
	}
}

static __always_inline void pass_end(struct ipi_cpu *me)
{
	if (unlikely(me->deferred) && !me->parked)
		pass_run_deferred(me);
	WRITE_ONCE(me->func, NULL);
}

static enum hrtimer_restart pass_retry(struct hrtimer *timer)
{
	struct ipi_cpu *me = container_of(timer, struct ipi_cpu, retry);

	me->parked = false;
	pass_end(me);
	return HRTIMER_NORESTART;
}

/* The CPU is about to go. From here on nothing is parked; what is, runs now. */
void ipi_pass_leave(struct ipi_cpu *me)
{
	me->up = false;
	if (!me->parked)
		return;
	hrtimer_try_to_cancel(&me->retry);
	me->parked = false;
	pass_end(me);
}

/*
 * Within a function of ours, so it is run at the end of the pass or a tick
 * later. A CPU that comes or goes cannot leave anything to its timer: what its
 * repeats cannot take is refused.
 */
static int pass_defer(struct ipi_cpu *me, unsigned long bit)
{
	unsigned long old = me->deferred;

	if (unlikely(!me->up) && !me->budget)
		return -ENXIO;
	WRITE_ONCE(me->deferred, old | bit);
	return !!(old & bit);
}

/* Returns 0, 1 if it coalesced with one that was deferred already, or -ENXIO. */
int ipi_pass_trigger_self(unsigned int id)
{
	struct ipi_cpu *me;
	unsigned long flags;
	int ret = 0;

	local_irq_save(flags);
	me = this_cpu_ptr(&ipi_cpus);
	if (me->func) {
		ret = pass_defer(me, IPI_SLOT_BIT(id));
		if (ret >= 0)
			ipi_trace(trigger, id, smp_processor_id(), ret);
	} else {
		ipi_trace(trigger, id, smp_processor_id(), false);
		run_slot(me, id, false);
		pass_end(me);
	}
	local_irq_restore(flags);
	return ret;
}

/* The local CPU takes no part in the count of acks: it is done on return. */
noinline void ipi_pass_call_self(struct ipi_msg *msg)
{
	struct ipi_cpu *me;
	unsigned long flags;

	local_irq_save(flags);
	me = this_cpu_ptr(&ipi_cpus);
	me->counts.posts_noipi++;
	ipi_trace(post, msg->func, smp_processor_id());
	run_func(me, msg->func, msg->arg, true, false);
	me->counts.executed_multi++;
	pass_end(me);
	local_irq_restore(flags);
}

/* ----- the word ----- */

static __always_inline void pass_run(struct ipi_cpu *me, unsigned long word, bool shared)
{
	unsigned long *single = &me->counts.executed_single;

	if (!(shared ? run_shared(me, word, single, true) :
		       run_bits(me, word, single, true)))
		me->counts.passes_multi++;
	pass_end(me);
}

/*
 * Swaps the word for @left, the LINGER bit or nothing, and runs what it held.
 * Inline, for a frame would be a tenth of what a call costs that is found.
 */
static __always_inline void pass_swap_and_run(struct ipi_cpu *me, unsigned long left)
{
	/* A, B: fully ordered, pairs with cpu_ring_*(). */
	unsigned long word = atomic_long_xchg(&me->pending, left) & ~IPI_LINGER;

	trace_ipi_handler_entry(word);
	if (ipi_bells.width > 1)
		run_shared(me, word, &me->counts.executed_multi, false);
	else
		run_bits(me, word, &me->counts.executed_multi, false);
	pass_end(me);
	trace_ipi_handler_exit(word);
}

/* ----- a pass that lingers ----- */

/* Looks at the word until something comes, which is run, or for a while. */
static bool pass_linger_look(struct ipi_cpu *me)
{
	unsigned int n;

	for (n = PASS_POLLS; n; n--) {
		if (atomic_long_read(&me->pending) != IPI_LINGER) {
			pass_swap_and_run(me, IPI_LINGER);
			return true;
		}
		cpu_relax();
	}
	return false;
}

/*
 * While the word holds the LINGER bit it is not zero, so nobody kicks: whoever
 * rings is served by the next look. I: the bit is removed by an RMW that fails
 * if somebody rang since; the word then goes to zero by the last swap.
 */
static void pass_linger(struct ipi_cpu *me, u64 ns)
{
	u64 began = ktime_get_mono_fast_ns();
	u64 limit = ipi_linger_limit(began, ns);
	u64 stop = began + ns;
	u64 was, now = began;
	unsigned int stuck = 0;
	bool came, hit = false;

	/* A look runs functions, so the bounds are checked after each that did. */
	while (now < stop && now < limit && stuck < PASS_STUCK && !need_resched()) {
		came = pass_linger_look(me);
		was = now;
		now = ktime_get_mono_fast_ns();
		stuck = now == was ? stuck + 1 : 0;
		if (came)
			stop = now + ns;
		hit |= came;
	}
	if (atomic_long_cmpxchg(&me->pending, IPI_LINGER, 0) != IPI_LINGER) {
		pass_swap_and_run(me, 0);
		now = ktime_get_mono_fast_ns();
	}
	ipi_linger_end(began, now, hit);
	trace_ipi_linger(now - began);
}

/*
 * A pass that is traced or lingers. It never lingers where it would hold up its own
 * sender or the CPU's way down.
 */
static noinline void pass_run_slow(struct ipi_cpu *me)
{
	u64 ns = ipi_linger_ns(ktime_get_mono_fast_ns());

	me->counts.passes_multi++;
	if (!me->up || !in_hardirq())
		ns = 0;
	pass_swap_and_run(me, ns ? IPI_LINGER : 0);
	if (ns)
		pass_linger(me, ns);
}

/* The one drain. */
static __always_inline void pass_drain(struct ipi_cpu *me, bool shared)
{
	if (static_branch_unlikely(&ipi_slow_pass))
		pass_run_slow(me);
	else
		/* A, B: fully ordered, pairs with cpu_ring_*(). */
		pass_run(me, atomic_long_xchg(&me->pending, 0), shared);
}

/*
 * Started by a kick and by nothing else: by one of ours, which tells whose CPU
 * this is, or by one of many, see ipi_cpu_kick_set().
 */
static void pass_handler(void *info)
{
	pass_drain(info, false);
}

static void pass_handler_many(void *unused)
{
	pass_drain(this_cpu_ptr(&ipi_cpus), false);
}

static void pass_handler_shared(void *info)
{
	pass_drain(info, true);
}

static void pass_handler_shared_many(void *unused)
{
	pass_drain(this_cpu_ptr(&ipi_cpus), true);
}

/* Before the CPU can be called. */
void ipi_pass_init(struct ipi_cpu *pc)
{
	bool shared = ipi_bells.width > 1;

	INIT_CSD(&pc->csd, shared ? pass_handler_shared : pass_handler, pc);
	ipi_kicked_with_many = shared ? pass_handler_shared_many : pass_handler_many;
	pc->budget = PASS_REPEATS;
	hrtimer_setup(&pc->retry, pass_retry, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
}
