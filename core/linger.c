// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: may this pass linger, and for how long?
 *
 * A pass that lingers leaves a bit in its CPU's word and polls for a while, so
 * that senders need not kick; how that works is in pass.c. Here is the policy,
 * asked once a pass:
 *
 *   per message	linger_ns after the last one that came
 *   per pass		LINGER_PASS times that
 *   per unit of time	a share of 1 / LINGER_SHARE: a budget that grows while
 *			the CPU does other things, up to LINGER_BUDGET_NS
 *
 * The clock is read after each look that found something, so a pass exceeds its
 * bound by the functions of one look at most. All time from the first look to
 * the last is charged, the functions that ran meanwhile included, and the budget
 * may fall below zero.
 *
 * "auto" lingers no longer than an interrupt costs here, and only if the recent
 * past was busy: LINGER_HITS of the last eight passes had a hit, that is,
 * something came while they lingered or would have come within the time. Polling
 * for as long as an interrupt costs is 2-competitive (ski rental).
 *
 * All state of a CPU is its own, touched with interrupts off. Others read
 * @spent.
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/time64.h>

#include "info.h"
#include "linger.h"
#include "slot.h"
#include "trace.h"

#define LINGER_PASS		16
#define LINGER_SHARE		4
#define LINGER_BUDGET_NS	NSEC_PER_MSEC
/* Passes remembered, and how many of them must have had a hit. */
#define LINGER_HISTORY		GENMASK(7, 0)
#define LINGER_HITS		4

/**
 * struct linger_cpu - a CPU's account
 * @refilled: when @budget last grew
 * @budget: nanoseconds that it may linger; a debt if below zero
 * @ended: when the last pass ended
 * @spent: nanoseconds that it has lingered; others read it, in one piece
 * @history: a bit for each of the last passes: did it have a hit?
 */
struct linger_cpu {
	u64 refilled;
	s64 budget;
	u64 ended;
	atomic64_t spent;
	unsigned long history;
};

static DEFINE_PER_CPU(struct linger_cpu, lingers);

static unsigned int linger_ns;
static bool linger_auto;
/* Cleared a grace period after lingering was switched off. */
static bool linger_active;
/* Those who measure: while there are any, nobody lingers. */
static atomic_t linger_holds;

/* A clock that steps back fills nothing. */
static void linger_refill(struct linger_cpu *l, u64 now)
{
	if (now > l->refilled)
		l->budget = min_t(s64, l->budget + (now - l->refilled) / LINGER_SHARE,
				  LINGER_BUDGET_NS);
	l->refilled = now;
}

/* Was the recent past busy enough for "auto"? */
static bool linger_is_busy(struct linger_cpu *l, u64 now, u64 ns)
{
	l->history = (l->history << 1 | (now - l->ended < ns)) & LINGER_HISTORY;
	return hweight_long(l->history) >= LINGER_HITS;
}

/* How long to linger after each message of a pass that begins @now; 0: not. */
u64 ipi_linger_ns(u64 now)
{
	struct linger_cpu *l = this_cpu_ptr(&lingers);
	u64 ns = READ_ONCE(linger_ns);

	linger_refill(l, now);
	if (READ_ONCE(linger_auto) && !linger_is_busy(l, now, ns))
		ns = 0;
	l->ended = now;
	if (!ns || l->budget < (s64)ns)
		return 0;
	/* J: who lingers sees a hold by whoever did not see that one may. */
	smp_mb(); /* J */
	return atomic_read(&linger_holds) ? 0 : ns;
}

/* When a pass that began to linger @now with @ns has to stop at the latest. */
u64 ipi_linger_limit(u64 now, u64 ns)
{
	return now + min_t(u64, ns * LINGER_PASS, this_cpu_ptr(&lingers)->budget);
}

void ipi_linger_end(u64 began, u64 now, bool hit)
{
	struct linger_cpu *l = this_cpu_ptr(&lingers);
	u64 took = now > began ? now - began : 0;

	atomic64_set(&l->spent, atomic64_read(&l->spent) + took);
	l->budget -= took;
	l->refilled = now;
	l->ended = now;
	l->history |= hit;
}

/* Nanoseconds that @cpu has lingered, functions that ran meanwhile included. */
u64 ipi_linger_spent(unsigned int cpu)
{
	return atomic64_read(per_cpu_ptr(&lingers.spent, cpu));
}

/* True until no pass lingers any more. */
bool ipi_is_lingering(void)
{
	return READ_ONCE(linger_active);
}

/*
 * Let nobody linger until ipi_linger_release(). Passes that linger already run
 * with interrupts off: they are RCU readers.
 */
void ipi_linger_hold(void)
{
	atomic_inc(&linger_holds);
	/* J: pairs with the barrier in ipi_linger_ns(). */
	smp_mb__after_atomic();
	if (ipi_is_lingering())
		ipi_slot_wait_drained(0);
}

void ipi_linger_release(void)
{
	atomic_dec(&linger_holds);
}

static void linger_start(unsigned int ns, bool is_auto)
{
	if (!linger_active)
		static_branch_inc(&ipi_slow_pass);
	WRITE_ONCE(linger_active, true);
	WRITE_ONCE(linger_auto, is_auto);
	/* J: who sees it lingers only if it sees the holds, too. */
	smp_store_release(&linger_ns, ns);
}

static void linger_stop(void)
{
	WRITE_ONCE(linger_ns, 0);
	WRITE_ONCE(linger_auto, false);
	if (!linger_active)
		return;
	ipi_slot_wait_drained(0);
	WRITE_ONCE(linger_active, false);
	static_branch_dec(&ipi_slow_pass);
}

/*
 * Let passes linger for @ns, 0: not at all. With @is_auto only those of a busy
 * CPU. One caller at a time; may sleep.
 */
void ipi_linger_set(unsigned int ns, bool is_auto)
{
	if (ns)
		linger_start(ns, is_auto);
	else
		linger_stop();
}
