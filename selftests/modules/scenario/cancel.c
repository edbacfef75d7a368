// SPDX-License-Identifier: GPL-2.0
/* Waits with a limit, and messages taken back. */
#include <linux/random.h>
#include <linux/slab.h>

#include "cases.h"
#include "crowd.h"
#include "hold.h"
#include "poll.h"
#include "report.h"
#include "slot.h"

static void count_func(void *arg)
{
	xt_enter();
	atomic_inc(arg);
	xt_leave();
}

static void timeout_when_done(const long *arg)
{
	static const u64 limit[] = {
		(u64)XT_LIMIT_MS * NSEC_PER_MSEC, S64_MAX, U64_MAX,
	};
	atomic_t runs = ATOMIC_INIT(0);
	struct ipi_msg msg = { .func = count_func, .arg = &runs };
	int i;

	for (i = 0; i < ARRAY_SIZE(limit); i++) {
		atomic_set(&runs, 0);
		xt_eq(xt_broadcast(&msg, false), num_online_cpus(), "CPUs");
		xt_eq(ipi_wait_timeout(&msg, limit[i], NULL), 0,
		      "wait of at most %llu ns", limit[i]);
		xt_eq(atomic_read(&runs), num_online_cpus(), "runs");
		xt_eq(ipi_wait_timeout(&msg, 0, NULL), 0, "a second wait");
		ipi_wait(&msg);
	}
}

/* A held CPU is named late, and it alone; the message stays valid. */
static void timeout_names_late(const long *arg)
{
	atomic_t runs = ATOMIC_INIT(0);
	struct ipi_msg msg = { .func = count_func, .arg = &runs };
	struct xt_hold hold = { };
	unsigned int other;
	cpumask_var_t late;
	ktime_t start;
	s64 took;

	if (!xt_other_cpu(&other))
		return;
	if (!xt_true(zalloc_cpumask_var(&late, GFP_KERNEL), "no memory"))
		return;
	if (!xt_hold_cpu(&hold, other))
		goto out_free;
	xt_eq(xt_broadcast(&msg, false), num_online_cpus(), "CPUs called");
	xt_true(xt_within(XT_LIMIT_MS,
			  atomic_read(&runs) == num_online_cpus() - 1),
		"the others did not run: %d", atomic_read(&runs));

	start = ktime_get();
	xt_eq(ipi_wait_timeout(&msg, 10 * NSEC_PER_MSEC, late), -ETIMEDOUT,
	      "wait for a held CPU");
	took = ktime_us_delta(ktime_get(), start);
	xt_true(took >= 10000, "it waited %lld us of 10000", took);
	xt_true(took < 5000000, "it waited %lld us instead of 10000", took);
	xt_true(cpumask_test_cpu(other, late), "held CPU %u missing in %*pbl",
		other, cpumask_pr_args(late));
	/* One that acks just now may be named, but not for ever. */
	xt_true(xt_within(XT_LIMIT_MS,
			  ipi_wait_timeout(&msg, 0, late) == -ETIMEDOUT &&
			  cpumask_equal(late, cpumask_of(other))),
		"late is %*pbl, held is CPU %u", cpumask_pr_args(late), other);
	xt_eq(ipi_wait_timeout(&msg, NSEC_PER_USEC, NULL), -ETIMEDOUT,
	      "wait without a mask");

	xt_hold_release(&hold);
	ipi_wait(&msg);
	xt_eq(atomic_read(&runs), num_online_cpus(), "runs");
	xt_eq(ipi_wait_timeout(&msg, 0, late), 0, "wait after wait");
out_free:
	free_cpumask_var(late);
}

/* The CPU is inside the function itself: late as well. */
static void hang_func(void *arg)
{
	xt_enter();
	xt_hold_here(arg);
	xt_leave();
}

static void timeout_names_running(const long *arg)
{
	struct xt_hold hang = { };
	struct ipi_msg msg = { .func = hang_func, .arg = &hang };
	cpumask_var_t late;
	unsigned int other;

	if (!xt_other_cpu(&other))
		return;
	if (!xt_true(zalloc_cpumask_var(&late, GFP_KERNEL), "no memory"))
		return;
	xt_eq(xt_unicast(&msg, other), 0, "send");
	xt_hold_await(&hang);
	xt_eq(ipi_wait_timeout(&msg, NSEC_PER_MSEC, late), -ETIMEDOUT,
	      "wait for a running function");
	xt_true(cpumask_equal(late, cpumask_of(other)),
		"late is %*pbl, running is CPU %u", cpumask_pr_args(late),
		other);
	xt_let_go(&hang);
	ipi_wait(&msg);
	free_cpumask_var(late);
}

/*
 * The function runs for arg[0] ms, and somebody waits for it all the while; with
 * a limit that is never reached if arg[1].
 */
static void stalled_wait(const long *arg)
{
	struct xt_hold hang = { .max_ms = arg[0] };
	struct ipi_msg msg = { .func = hang_func, .arg = &hang };
	unsigned int other;
	ktime_t start = ktime_get();

	if (!xt_other_cpu(&other))
		return;
	xt_eq(xt_unicast(&msg, other), 0, "send");
	if (arg[1])
		xt_eq(ipi_wait_timeout(&msg, U64_MAX, NULL), 0, "wait");
	else
		ipi_wait(&msg);
	xt_true(ktime_ms_delta(ktime_get(), start) >= arg[0],
		"wait returned early");
}

/*
 * A handler keeps a CPU for arg[0] ms, and arg[1] messages to it, or with 0 one
 * more than its mailbox holds, are posted and waited for all the while.
 */
static void stalled_by_handler(const long *arg)
{
	const int nr = arg[1] ?: ipi_mbox_size() + 1;
	struct ipi_msg *msg = kcalloc(nr, sizeof(*msg), GFP_KERNEL);
	struct xt_hold hold = { .max_ms = arg[0] };
	atomic_t runs = ATOMIC_INIT(0);
	unsigned int other;
	int i;

	if (!xt_true(msg, "no memory"))
		return;
	if (!xt_other_cpu(&other) || !xt_hold_cpu(&hold, other))
		goto out_free;
	for (i = 0; i < nr; i++) {
		msg[i].func = count_func;
		msg[i].arg = &runs;
		xt_eq(xt_unicast(&msg[i], other), 0, "send %d", i);
	}
	for (i = 0; i < nr; i++)
		ipi_wait(&msg[i]);
	xt_eq(atomic_read(&runs), nr, "runs");
	xt_hold_release(&hold);
out_free:
	kfree(msg);
}

/* Nothing that has not started will: cancel returns at once and counts it. */
static void cancel_unstarted(const long *arg)
{
	atomic_t runs = ATOMIC_INIT(0);
	struct ipi_msg msg = { .func = count_func, .arg = &runs };
	struct xt_hold hold = { };
	unsigned int other;

	if (!xt_other_cpu(&other) || !xt_hold_cpu(&hold, other))
		return;
	xt_eq(xt_unicast(&msg, other), 0, "send");
	xt_eq(ipi_cancel(&msg), 1, "runs prevented");
	ipi_wait(&msg);
	xt_eq(ipi_wait_timeout(&msg, 0, NULL), 0, "wait after cancel");
	xt_eq(ipi_cancel(&msg), 0, "runs prevented by a second cancel");

	xt_eq(xt_broadcast(&msg, false), num_online_cpus(), "CPUs called");
	xt_true(xt_within(XT_LIMIT_MS,
			  atomic_read(&runs) == num_online_cpus() - 1),
		"the others did not run: %d", atomic_read(&runs));
	xt_eq(ipi_wait_timeout(&msg, NSEC_PER_MSEC, NULL), -ETIMEDOUT,
	      "wait for a held CPU");
	xt_eq(ipi_cancel(&msg), 1, "runs prevented on the held CPU");
	memset(&msg, 0x6b, sizeof(msg));
	xt_hold_release(&hold);

	/* The target's next message comes after whatever it still had. */
	msg.func = count_func;
	msg.arg = &runs;
	xt_eq(xt_unicast(&msg, other), 0, "send again");
	ipi_wait(&msg);
	xt_eq(atomic_read(&runs), num_online_cpus(), "runs in all");
}

/* The function ends by itself: who cancels may well keep this CPU to itself. */
static void cancel_waits_for_running(const long *arg)
{
	struct xt_hold hang = { .max_ms = 100 };
	struct ipi_msg msg = { .func = hang_func, .arg = &hang };
	unsigned int other;

	if (!xt_other_cpu(&other))
		return;
	xt_eq(xt_unicast(&msg, other), 0, "send");
	xt_hold_await(&hang);
	xt_eq(ipi_cancel(&msg), 0, "runs prevented");
	/* Pairs with the store in xt_hold_here(). */
	xt_true(smp_load_acquire(&hang.left),
		"cancel returned while the function was running");
	ipi_wait(&msg);
}

/* More than a mailbox holds can be posted and cancelled while the CPU is held. */
static void cancel_frees_the_mailbox(const long *arg)
{
	atomic_t runs = ATOMIC_INIT(0);
	const int nr = ipi_mbox_size();
	struct ipi_msg *msg = kcalloc(nr, sizeof(*msg), GFP_KERNEL);
	struct xt_hold hold = { };
	unsigned int other;
	int i, round;

	if (!xt_true(msg, "no memory"))
		return;
	if (!xt_other_cpu(&other) || !xt_hold_cpu(&hold, other))
		goto out_free;
	for (round = 0; round < 4 && !xt_failed(); round++) {
		for (i = 0; i < nr; i++) {
			msg[i].func = count_func;
			msg[i].arg = &runs;
			xt_eq(xt_unicast(&msg[i], other), 0, "send %d", i);
		}
		for (i = 0; i < nr; i++)
			xt_eq(ipi_cancel(&msg[i]), 1, "runs prevented, %d", i);
	}
	xt_hold_release(&hold);
	xt_eq(xt_unicast(&msg[0], other), 0, "send after all");
	ipi_wait(&msg[0]);
	xt_eq(atomic_read(&runs), 1, "runs");
out_free:
	kfree(msg);
}

/* Runs and prevented runs add up whenever the cancel comes. */
static void cancel_race_worker(struct xt_worker *w)
{
	atomic_long_t *prevented = w->data;
	long sum = 0;
	atomic_t runs;
	struct ipi_msg msg;
	int called, back;

	while (!xt_over(w) && !xt_failed()) {
		atomic_set(&runs, 0);
		memset(&msg, 0xa5, sizeof(msg));
		msg.func = count_func;
		msg.arg = &runs;
		called = xt_broadcast(&msg, w->ops & 1);
		ndelay(get_random_u32() % 16384);
		if (w->ops % 4 == 3)
			(void)ipi_wait_timeout(&msg, get_random_u32() % 32768,
					       NULL);
		back = ipi_cancel(&msg);
		xt_true(back >= 0, "cancel failed: %d", back);
		xt_eq(atomic_read(&runs) + back, called, "runs and prevented");
		memset(&msg, 0x6b, sizeof(msg));
		sum += back;
		w->ops++;
		cond_resched();
	}
	atomic_long_add(sum, prevented);
}

static void cancel_at_any_moment(const long *arg)
{
	atomic_long_t prevented = ATOMIC_LONG_INIT(0);
	bool several = num_online_cpus() > 1;
	unsigned long ops = 0;
	int i;

	/* A cancel that comes in time is likely, but a matter of luck. */
	for (i = 0; i < 10 && (!i || (several && !atomic_long_read(&prevented))); i++)
		ops += xt_crowd_run(cancel_race_worker, &prevented, arg[0]);
	xt_true(ops, "nobody sent anything");
	xt_note("%lu messages, %ld runs prevented", ops,
		atomic_long_read(&prevented));
	if (several)
		xt_true(atomic_long_read(&prevented),
			"no cancel came in time: nothing was shown");
}

const struct xt_case xt_cancel_cases[] = {
	{ "timeout_when_done", timeout_when_done },
	{ "timeout_names_late", timeout_names_late },
	{ "timeout_names_running", timeout_names_running },
	{ "stalled_wait", stalled_wait },
	{ "stalled_by_handler", stalled_by_handler },
	{ "cancel_unstarted", cancel_unstarted },
	{ "cancel_waits_for_running", cancel_waits_for_running },
	{ "cancel_frees_the_mailbox", cancel_frees_the_mailbox },
	{ "cancel_at_any_moment", cancel_at_any_moment },
	{ }
};
