// SPDX-License-Identifier: GPL-2.0
/* Waits that take too long, and one that must not look again. */
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/random.h>
#include <linux/string.h>

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

/* The first @nr online CPUs but ours; skips the scenario if there are not so many. */
static bool stall_other_cpus(unsigned int *cpu, unsigned int nr)
{
	unsigned int n = 0, c;

	for_each_online_cpu(c)
		if (c != raw_smp_processor_id() && n < nr)
			cpu[n++] = c;
	if (n < nr)
		xt_skip("needs %u online CPUs", nr + 1);
	return n == nr;
}

/* ----- unregister ----- */

/* Its own handler runs for arg[0] ms meanwhile. */
static void stalled_unregister(const long *arg)
{
	struct xt_hold hold = { .max_ms = arg[0] };
	ktime_t start = ktime_get();
	unsigned int other;

	if (!xt_other_cpu(&other) || !xt_hold_cpu(&hold, other))
		return;
	xt_slot_close(&hold.slot);
	xt_true(READ_ONCE(hold.left), "it returned while the handler ran");
	xt_true(ktime_ms_delta(ktime_get(), start) >= arg[0], "it was not held up");
}

static void stall_hang(void *arg)
{
	xt_enter();
	xt_hold_here(arg);
	xt_leave();
}

/* The function of a message, which has nothing to do with it, does. */
static void stalled_unregister_by_message(const long *arg)
{
	struct xt_hold hang = { .max_ms = arg[0] };
	struct ipi_msg msg = { .func = stall_hang, .arg = &hang };
	struct xt_slot slot;
	unsigned int other;

	if (!xt_other_cpu(&other) || !xt_slot_open(&slot, NULL, NULL))
		return;
	xt_eq(xt_unicast(&msg, other), 0, "send");
	xt_hold_await(&hang);
	xt_slot_close(&slot);
	ipi_wait(&msg);
}

/* ----- a kick that is owed ----- */

#ifdef CONFIG_KPROBES

/**
 * struct stall_owed - a sender that is held up between ring and kick
 * @cpu: it is on this CPU
 * @ms: for so long
 * @armed: the next kick from there is the one
 * @held: it is held up
 * @target: the CPU that it sends to
 */
static struct stall_owed {
	unsigned int cpu;
	unsigned int ms;
	unsigned int armed;
	bool held;
	unsigned int target;
} owed;

static int owed_hold(struct kprobe *probe, struct pt_regs *regs)
{
	if (raw_smp_processor_id() != owed.cpu || !xchg(&owed.armed, 0))
		return 0;
	/* Pairs with the load in stalled_by_owed_kick(). */
	smp_store_release(&owed.held, true);
	xt_spin_within(owed.ms, false);
	return 0;
}

static struct kprobe owed_probe;

/* A kprobe must not be registered again as it was left. */
static bool owed_probe_put(void)
{
	owed_probe = (struct kprobe){
		.symbol_name = "smp_call_function_single_async",
		.pre_handler = owed_hold,
	};
	return !register_kprobe(&owed_probe);
}

static void owed_worker(struct xt_worker *w)
{
	struct ipi_msg msg = { .func = count_func, .arg = w->data };

	preempt_disable();
	WRITE_ONCE(owed.armed, 1);
	xt_eq(ipi_unicast(&msg, owed.target), 0, "send of the one who owes");
	WRITE_ONCE(owed.armed, 0);
	preempt_enable();
	ipi_wait(&msg);
}

static void owed_wait_for(atomic_t *runs)
{
	struct ipi_msg msg = { .func = count_func, .arg = runs };

	/* Pairs with the store in owed_hold(). */
	if (!xt_true(xt_within(XT_LIMIT_MS, smp_load_acquire(&owed.held)),
		     "no kick was held up"))
		return;
	xt_eq(xt_unicast(&msg, owed.target), 0, "send");
	ipi_wait(&msg);
}

/* A message waits for the kick of another sender, for arg[0] ms. */
static void stalled_by_owed_kick(const long *arg)
{
	atomic_t runs = ATOMIC_INIT(0);
	struct xt_worker w = { };
	unsigned int cpu[2];

	if (!stall_other_cpus(cpu, 2))
		return;
	if (!owed_probe_put()) {
		xt_skip("no probe can be put at a kick");
		return;
	}
	owed = (struct stall_owed){ .cpu = cpu[0], .target = cpu[1], .ms = arg[0] };
	if (xt_thread_start(&w, owed_worker, &runs, owed.cpu)) {
		owed_wait_for(&runs);
		xt_thread_join(&w);
		xt_eq(atomic_read(&runs), 2, "runs");
	}
	unregister_kprobe(&owed_probe);
}

#else

static void stalled_by_owed_kick(const long *arg)
{
	xt_skip("this kernel has no kprobes");
}

#endif

/* ----- a message that was never sent ----- */

/* Its count is what was in memory, here a small number. */
static void stalled_never_sent(const long *arg)
{
	struct ipi_msg msg = { .func = count_func };

	atomic_set(&msg.pending, 1);
	xt_eq(ipi_wait_timeout(&msg, arg[0] * NSEC_PER_MSEC, NULL), -ETIMEDOUT, "wait");
}

/* ----- a message that is let go by a cancel ----- */

/**
 * struct stall_touch - who cancels and who waits
 * @msg: what one posts and cancels, while the other waits for it
 * @slot: keeps the one who cancels busy for a moment
 * @home: the CPU of the one who cancels
 * @round: what is posted
 * @ready: the other knows
 * @over: the cancel has returned
 * @seen: the other has seen that
 * @stop: no more
 */
struct stall_touch {
	struct ipi_msg msg;
	struct xt_slot slot;
	unsigned int home;
	unsigned long round, ready, over, seen;
	bool stop;
};

/* On PREEMPT_RT random numbers are for tasks. */
static void touch_delay(struct xt_slot *slot)
{
	ndelay(1000 + (ktime_get_ns() & 16383));
}

/* Once its count is zero the message is ours, and what is in it nobody's business. */
static bool touch_poison(struct stall_touch *t, unsigned long round)
{
	bool gone = xt_spin_within(XT_LIMIT_MS, ipi_done(&t->msg));

	if (!xt_true(gone, "the cancelled message is in flight for ever"))
		return false;
	memset(&t->msg, 0x6b, sizeof(t->msg));
	/* Pairs with the store in touch_round(). */
	if (xt_spin_within(XT_LIMIT_MS, smp_load_acquire(&t->over) == round))
		return true;
	xt_fail("round %lu: the cancel looks at a message that it has let go", round);
	atomic_set(&t->msg.pending, 0);
	return false;
}

static void touch_worker(struct xt_worker *w)
{
	struct stall_touch *t = w->data;
	unsigned long round;

	for (round = 1; !xt_failed(); round++) {
		/* Pairs with the store in touch_round(). Who unregisters waits for us. */
		while (smp_load_acquire(&t->round) != round && !READ_ONCE(t->stop))
			cond_resched();
		if (READ_ONCE(t->stop))
			break;
		WRITE_ONCE(t->ready, round);
		xt_eq(xt_trigger(t->slot.id, t->home), 0, "trigger");
		if (!touch_poison(t, round))
			break;
		/* Pairs with the load in touch_round(). */
		smp_store_release(&t->seen, round);
		w->ops = round;
	}
}

/* Preemption is off. False if the worker does not come round for a moment. */
static bool touch_round(struct stall_touch *t, unsigned int held, unsigned long round)
{
	static atomic_t runs;

	t->msg = (struct ipi_msg){ .func = count_func, .arg = &runs };
	xt_eq(ipi_unicast(&t->msg, held), 0, "send");
	/* Pairs with the load in touch_worker(). */
	smp_store_release(&t->round, round);
	if (xt_spin_within(100, READ_ONCE(t->ready) == round))
		ndelay(get_random_u32() % 16384);
	xt_eq(ipi_cancel(&t->msg), 1, "runs prevented");
	/* Pairs with the load in touch_poison(). */
	smp_store_release(&t->over, round);
	/* Pairs with the store in touch_worker(). */
	return xt_spin_within(100, smp_load_acquire(&t->seen) == round || xt_failed()) &&
	       !xt_failed();
}

/*
 * A CPU is held for a moment only: others wait for it, too, and who lets it go must
 * not stand behind one of them.
 */
static unsigned long touch_rounds(struct stall_touch *t, unsigned int held,
				  unsigned long round)
{
	struct xt_hold hold = { .max_ms = 2 * XT_LIMIT_MS };
	ktime_t end;

	if (!xt_hold_cpu(&hold, held))
		return round;
	preempt_disable();
	end = ktime_add_ms(ktime_get(), 300);
	while (touch_round(t, held, ++round) && ktime_before(ktime_get(), end))
		;
	xt_let_go(&hold);
	preempt_enable();
	xt_hold_release(&hold);
	/* Pairs with the store in touch_worker(). */
	xt_true(xt_within(XT_LIMIT_MS, smp_load_acquire(&t->seen) == round || xt_failed()),
		"nobody waits");
	return round;
}

/*
 * For arg[0] ms, and until there were some rounds, each CPU in its place: one is held
 * and has the message, one cancels, one waits. Who cancels is interrupted at any point
 * of it.
 */
static void cancel_lets_go(const long *arg)
{
	struct stall_touch t = { .home = raw_smp_processor_id() };
	ktime_t end = ktime_add_ms(ktime_get(), arg[0]);
	ktime_t limit = ktime_add_ms(ktime_get(), 2 * XT_LIMIT_MS);
	struct xt_worker w = { };
	unsigned long round = 0;
	unsigned int cpu[2];

	if (!stall_other_cpus(cpu, 2) || !xt_slot_open(&t.slot, touch_delay, NULL))
		return;
	if (!xt_thread_start(&w, touch_worker, &t, cpu[0]))
		goto out;
	while (ktime_before(ktime_get(), round > 200 ? end : limit) && !xt_failed())
		round = touch_rounds(&t, cpu[1], round);
	WRITE_ONCE(t.stop, true);
	xt_thread_join(&w);
	xt_true(w.ops > 100, "only %lu rounds", w.ops);
	xt_note("%lu rounds", w.ops);
out:
	xt_slot_close(&t.slot);
}

const struct xt_case xt_stall_cases[] = {
	{ "stalled_unregister", stalled_unregister },
	{ "stalled_unregister_by_message", stalled_unregister_by_message },
	{ "stalled_by_owed_kick", stalled_by_owed_kick },
	{ "stalled_never_sent", stalled_never_sent },
	{ "cancel_lets_go", cancel_lets_go },
	{ }
};
