// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: inter-processor calls in the manner of NetBSD's ipi(9)
 *
 * A client registers a handler and gets a slot. A trigger sets the slot's bit
 * in the pending word of a CPU, and that CPU runs the handler. A cross-call
 * puts a message into an entry of the CPU's mailbox and rings that entry's own
 * doorbell, a bit of the same word: messages and triggers are one mechanism.
 *
 *	 63            33  32            1    0		(half of each on 32-bit)
 *	+----------------+---------------+--------+
 *	| doorbells      | slots 32 .. 1 | LINGER |	ipi_cpu.pending
 *	+----------------+---------------+--------+
 *
 * The invariant: a CPU's word is drained only by xchg(word, 0) in a pass that
 * a kick started, and whoever moves the word from zero to non-zero, and nobody
 * else, kicks that CPU. So at most one kick per CPU is on its way at a time,
 * and the one csd per CPU needs no lock: the core unlocks an async csd before
 * it calls ipi_handler(), which swaps the word to zero after that, hence the
 * next winner finds the csd free. A kick that travels as a mask IPI uses the
 * core's csds and keeps the same account.
 *
 * The life of things, one transition at a time:
 *
 *	slot	 free --register--> live --unregister--> dying --drained--> free
 *	word	 zero --ring--> owed (the winner kicks) --xchg--> zero
 *	entry	 empty --put--> posted --begin--> running --ack--> empty
 *			 posted --take back--> void --pass--> empty
 *						void --reuse--> posted
 *	message	 posted --begin--> running --ack--> the caller's again
 *		 posted --take back--> the caller's again
 *
 * An entry is emptied by its owner only, in the pass that swapped its bell
 * away. So the bell of an empty entry is silent, whoever puts a message there
 * rings exactly once, and a pass finds something behind every bell: ringing is
 * an addition, for which most machines have one instruction. Two may want a
 * posted message, its CPU and ipi_cancel(); the bit IPI_RUNNING in the entry
 * decides. The place of a message that was taken back is void: its bell is on
 * its way, so when no entry is empty another message may go there without
 * ringing, and the pass empties it only if it is void yet. An entry names its
 * message until after the ack, which is how a report of late CPUs knows.
 *
 * What may run beside what (on any CPUs; "-": the caller's business):
 *
 *			trigger	send	wait	cancel	register unregister
 *	trigger		yes	yes	yes	yes	yes	 yes, -ENOENT after
 *	same message	yes	-	-	-	yes	 yes
 *	other message	yes	yes	yes	yes	yes	 yes
 *	same id		yes	yes	yes	yes	yes	 - (second one warns)
 *
 * Who may call what: triggers from anywhere but NMI, with preemption off;
 * sends from task context with interrupts on and preemption off; waits and
 * cancels the same, preemption on or off; register and unregister may sleep.
 * A sender that was not a task could spin for ever above the one that owes the
 * kick (a softirq on top of the task that won the transition), and one with
 * interrupts off could spin while the CPU it waits for spins on it.
 *
 * A message belongs to us from the send until its count of outstanding runs is
 * zero. The ack is the last touch: it may stand on a stack that is gone a
 * moment later. A send to a set counts its runs first, from a snapshot of mask
 * and online in per-CPU memory, and posts from the same snapshot: preemption
 * off keeps CPUs from leaving, not from arriving. The mask IPI goes out after
 * all are posted, so until then the sender owes kicks and must not wait for
 * anyone: CPUs with a full mailbox are left over, and served one by one when
 * nothing is owed any more. Senders that wait therefore never owe, which is
 * why no cycle of them can form.
 *
 * Self. The own CPU is served in place with interrupts off. (A unicast goes
 * through the word like any other, since the core runs an async call to the own
 * CPU at once; if another CPU's kick is on its way, we wait for that.) Within a
 * function that we run, a trigger of the own CPU goes into ->deferred, which
 * only its owner touches: it is run at the end of the pass, IPI_REPEATS times at
 * most, and then parked until a timer fires one tick later. It must not go into
 * the word, which others would then find non-zero and not kick. A CPU on its way
 * down (not ->up) parks nothing, for its timers move to other CPUs: there, what
 * the repeats cannot take is refused (-ENXIO).
 *
 * Lingering, off by default: a pass may leave the LINGER bit in the word and
 * poll. The word is then never zero, so senders do not kick, and what they ring
 * is served at once; in the end the pass removes the bit by a cmpxchg, and if
 * that fails swaps once more. How long is decided in core/linger.c.
 *
 * Unregister: clear the live bit, so that triggers fail; synchronize_rcu(), so
 * that none is half-way (E); wait until no word has the bit; synchronize_rcu()
 * again, so that the passes that took it are over, for interrupts-off regions
 * are RCU readers (F); only then free the slot. Neither an ack nor a
 * synchronous nop would do: a pass still has code to run after the one, and the
 * core may serve the other before an async csd that was queued earlier.
 *
 * Barrier pairs, with the test in litmus/ that shows what breaks without:
 *
 *	A  ring_*() / ipi_handler(): RMWs on the word, both fully ordered. The
 *	   next winner of the transition sees the csd free.	kick-*
 *	B  ring_*() / ipi_handler(): the same two. What was stored before a
 *	   trigger is seen by the handler even if the bit was set already.
 *								trigger-*
 *	C  mbox_put() / run_bell(): the message is written, put and rung; the
 *	   pass that has the bell sees it. Emptied by a release, put by an RMW
 *	   on the same entry, so that no pass sees the former one. mailbox-*
 *	D  ack() / acked(): release, acquire on the count. Stores of the
 *	   function are seen by the waiter, and nothing of ours follows.  ack-*
 *	E  ipi_register() / slot_is_live(), and retire() / trigger: release,
 *	   acquire on slots_live; then a grace period against the trigger's
 *	   preemption-off section.				unregister-*
 *	F  is_drained() / ipi_handler(): the grace period after the word was
 *	   seen clear against the pass's interrupts-off section. unregister-*
 *	G  run_bell() / is_late(): ack, then empty the entry (release); look at
 *	   the entry (acquire), then at the count.		late-*
 *	H  ipi_trigger() / ipi_handler(): a full barrier before the look at the
 *	   bit, if it is looked at before the RMW at all.	trigger-*
 *	I  linger() / ring_*(): the bit is removed by an RMW on the word, which
 *	   fails for whoever rang and did not kick.		linger-*
 *
 * Lock order: slots_mutex is the only lock, and a leaf.
 *
 * Performance. A CPU has one line for word and csd, four for the mailbox, eight
 * of its own: 832 bytes, and two masks. A unicast is four atomics and three lines
 * that move: the entry (put, begin), word and csd (ring, swap), the message
 * (ack). A trigger of a pending bit is a barrier and a look at a shared line. A
 * send to n CPUs is n times put, ring, begin and ack on lines of their own but
 * one: the message's count, where n acks meet. At hundreds of CPUs that line is
 * the cost of a broadcast; acks could then be gathered by a counter for each
 * group of CPUs, at the price of a wait that looks at several. A mailbox holds
 * 31 messages and is found full by senders that each spin on an entry of their
 * own, so that many senders to one CPU take turns instead of scanning.
 *
 * Measured from 16 to 64 busy CPUs, in instructions of all CPUs: one CPU more in
 * a broadcast costs 393, in smp_call_function_many() 350; to send each CPU a
 * message of its own and wait for all costs 472 a CPU with 64, one call after
 * the other 1391, for the more CPUs spin meanwhile. Of 31 CPUs that call one, a
 * call costs 0.89 of smp_call_function_single()'s, of 63, which is two mailboxes
 * full, 1.22. All figures, and what they are made of: selftests/bench.md.
 *
 * Departures from the NetBSD source of 2017: the local CPU of a set is run, not
 * skipped; unregister drains instead of clearing the function under a pending
 * bit, and does not trust a no-op to have flushed anything; no unordered test of
 * the bit before the atomic; take, ack and wait are ordered; the function and its
 * argument are published together; the count is that of the CPUs called; local
 * functions run with interrupts off like remote ones; counters are per CPU; a
 * doorbell per entry replaces one bit and a scan; errors are returned.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/jump_label.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>

#include "core/compat.h"
#include "core/fault.h"
#include "core/info.h"
#include "ctl/ctl.h"

#define CREATE_TRACE_POINTS
#include "core/trace.h"

#define IPI_BELL(entry)	BIT(IPI_MAX + 1 + (entry))
/* The entry of the lowest bell. */
#define IPI_ENTRY(bells) (__ffs(bells) - (IPI_MAX + 1))
#define IPI_BELLS	GENMASK(BITS_PER_LONG - 1, IPI_MAX + 1)
#define IPI_SLOTS	GENMASK(IPI_MAX, 1)
#define IPI_LINGER	BIT(0)

/* An entry is 0, or a message whose bit 0 says that it runs, or this. */
#define IPI_RUNNING	0
#define IPI_VOID	BIT(IPI_RUNNING)
/* In place of a bell: the one of this entry rings already. */
#define IPI_RUNG	BIT(0)

/* Passes over ->deferred before the rest waits for the next tick. */
#define IPI_REPEATS	4
/* Polls between two looks at the clock: of a wait, of a pass that lingers. */
#define IPI_POLLS	256
#define IPI_LINGER_POLLS	32

/*
 * What a CPU counts, such that the usual call counts once; see
 * ipi_stats_read() for what is made of it.
 */
struct ipi_counts {
	unsigned long kicked_posts;
	unsigned long quiet_posts;
	unsigned long kicked_triggers;
	unsigned long quiet_triggers;
	unsigned long coalesced;
	unsigned long executed_alone;
	unsigned long executed;
	unsigned long cancelled;
	unsigned long full;
	unsigned long other_passes;
	unsigned long stalls;
};

/**
 * struct ipi_cpu - all that belongs to one CPU
 *
 * The first part is written by senders. Word and csd share a cache line since
 * the winner of the transition needs both. The rest is written by the owner
 * with interrupts off, or, where it says so, with preemption off; others read
 * it at most.
 *
 * @pending: slots and doorbells that wait for the owner
 * @up: online for sure, as long as preemption is off; false while the CPU comes
 *	or goes. Written by the owner.
 * @csd: the kick; belongs to whoever moved @pending from zero
 * @mbox: entries: posted messages
 * @voids: how many of them are void; a moment too few or too many while one of
 *	them comes or goes
 * @deferred: slots that the owner triggered on itself within a pass
 * @func: function that runs now, NULL outside of passes
 * @since: jiffies when @func began
 * @home: entry that this CPU hashes to: other senders prefer others
 * @hint: entry that this CPU tries first, on whichever CPU
 * @hint_bell: its bell
 * @budget: passes over @deferred that are left
 * @parked: @deferred waits for @retry
 * @retry: fires a tick after the budget was used up
 * @snap: targets of a send; of the task that has preemption off
 * @left: targets of that send whose mailbox was full; empty between sends
 * @counts: see there; senders count with preemption or interrupts on
 * @runs: runs of each slot; of slots since freed in [0]
 */
struct ipi_cpu {
	atomic_long_t pending;
	bool up;
	call_single_data_t csd;
	unsigned long mbox[IPI_MBOX_SIZE];
	atomic_t voids;

	unsigned long deferred ____cacheline_aligned;
	ipi_func_t func;
	unsigned long since;
	unsigned long home;
	unsigned long hint;
	unsigned long hint_bell;
	unsigned int budget;
	bool parked;
	struct hrtimer retry;
	cpumask_var_t snap;
	cpumask_var_t left;
	struct ipi_counts counts;
	unsigned long runs[IPI_MAX + 1];
};

static DEFINE_PER_CPU_SHARED_ALIGNED(struct ipi_cpu, ipi_cpus);

/**
 * struct ipi_slot - a registered handler
 * @func: what to run; NULL while the slot is free
 * @arg: passed to @func
 * @owner: who registered it, for people
 *
 * Written under slots_mutex, and only while the slot is not live and drained.
 */
struct ipi_slot {
	ipi_func_t func;
	void *arg;
	const char *owner;
};

static struct ipi_slot slots[IPI_MAX + 1];
/* Slot bits that may be triggered. Written under slots_mutex. */
static unsigned long slots_live __read_mostly;
static DEFINE_MUTEX(slots_mutex);

static unsigned int stall_ms = 5000;
module_param(stall_ms, uint, 0644);
MODULE_PARM_DESC(stall_ms, "report a wait that takes longer than this, once (milliseconds, 0: never)");

static unsigned int mask_min = 12;
module_param(mask_min, uint, 0644);
MODULE_PARM_DESC(mask_min, "remote CPUs of a set from which on one mask IPI is sent instead of one each");

static enum cpuhp_state hotplug_state;

/* Words of a CPU mask that can have bits set. */
static unsigned int mask_words __ro_after_init;

#define count(field)		this_cpu_inc(ipi_cpus.counts.field)
#define count_many(field, n)	this_cpu_add(ipi_cpus.counts.field, n)

/* ----- tracing ----- */

/*
 * The one is on while any tracepoint of ours is, and asked by senders; the other
 * also while passes linger, and asked by passes. What tracing and lingering cost
 * when off is thus a no-op on each side.
 */
static DEFINE_STATIC_KEY_FALSE(ipi_traced);
static DEFINE_STATIC_KEY_FALSE(ipi_detours);

void ipi_detour(bool on)
{
	if (on)
		static_branch_inc(&ipi_detours);
	else
		static_branch_dec(&ipi_detours);
}

int ipi_trace_reg(void)
{
	static_branch_inc(&ipi_traced);
	ipi_detour(true);
	return 0;
}

void ipi_trace_unreg(void)
{
	ipi_detour(false);
	static_branch_dec(&ipi_traced);
}

#define ipi_trace(event, ...)						\
	do {								\
		if (static_branch_unlikely(&ipi_traced))		\
			trace_ipi_##event(__VA_ARGS__);			\
	} while (0)

/* ----- the kick ----- */

static void ipi_handler(void *unused);

/*
 * Both return the word as it was: zero means that the caller owes the kick.
 *
 * A, B: fully ordered, pairs with the xchg in ipi_handler().
 */
static __always_inline unsigned long ring_slot(struct ipi_cpu *pc, unsigned int id)
{
	return ipi_fault_owner(atomic_long_fetch_or(IPI_SLOT_BIT(id), &pc->pending));
}

/* The bell is silent, since the caller has just filled its entry. */
static __always_inline unsigned long ring_bell(struct ipi_cpu *pc, unsigned long bell)
{
	if (ipi_fault_now(LOST_BELL))
		return bell;
	return ipi_fault_owner(atomic_long_fetch_add(bell, &pc->pending));
}

/*
 * The caller won the transition, and @cpu cannot go down before it is kicked.
 * Returns 0, as the core does for a free csd and a CPU that is online: who
 * returns that as well spares a frame.
 */
static __always_inline int kick(struct ipi_cpu *pc, unsigned int cpu)
{
	/* Locked would mean two owners. */
	WARN_ON_ONCE(pc->csd.node.u_flags & CSD_FLAG_LOCK);
	return smp_call_function_single_async(cpu, &pc->csd);
}

/* ----- running things on the own CPU, interrupts off ----- */

static noinline void invoke_traced(ipi_func_t func, void *arg, bool is_msg)
{
	trace_ipi_run_entry(func);
	func(arg);
	trace_ipi_run_exit(func);
	if (is_msg)
		trace_ipi_ack(func);
}

static __always_inline void invoke(struct ipi_cpu *me, ipi_func_t func,
				   void *arg, bool is_msg)
{
	WRITE_ONCE(me->func, func);
	WRITE_ONCE(me->since, jiffies);
	if (static_branch_unlikely(&ipi_traced))
		invoke_traced(func, arg, is_msg);
	else
		func(arg);
	lockdep_assert_irqs_disabled();
}

static __always_inline void run_slot(struct ipi_cpu *me, unsigned int id)
{
	const struct ipi_slot *slot = &slots[id];

	invoke(me, slot->func, slot->arg, false);
	WRITE_ONCE(me->runs[id], me->runs[id] + 1);
}

static __always_inline void run_slots(struct ipi_cpu *me, unsigned long word)
{
	unsigned long bits;

	for (bits = word & IPI_SLOTS; bits; bits &= bits - 1)
		run_slot(me, __ffs(bits));
}

/*
 * The last touch. D: the release pairs with acked(). Of the decrements that
 * release, this one is a single instruction where it matters.
 */
static __always_inline void ack(struct ipi_msg *msg)
{
	(void)atomic_dec_and_test(&msg->pending);
}

static __always_inline struct ipi_msg *msg_in(const unsigned long *box)
{
	return (void *)(READ_ONCE(*box) - IPI_VOID);
}

/*
 * Counts the message in @executed; returns false if it had been taken back.
 * Across the call one register is kept, where gcc would take three.
 */
static __always_inline bool run_bell(struct ipi_cpu *me, unsigned long entry,
				     unsigned long *executed)
{
	unsigned long *box = &me->mbox[entry];
	struct ipi_msg *msg;

	OPTIMIZER_HIDE_VAR(box);
	/* Against ipi_cancel(), which leaves IPI_VOID, and mbox_reuse(). */
	while (unlikely(test_and_set_bit(IPI_RUNNING, box)))
		if (cmpxchg(box, IPI_VOID, 0) == IPI_VOID) {
			atomic_dec(&me->voids);
			return false;
		}
	msg = ipi_fault_msg(msg_in(box));
	invoke(me, msg->func, msg->arg, true);
	(*executed)++;
	ack(ipi_fault_acked(msg, msg_in(box)));
	/* C, G: after the ack, see mbox_put() and is_late(). */
	smp_store_release(box, 0);
	return true;
}

static __always_inline void run_bells(struct ipi_cpu *me, unsigned long word)
{
	unsigned long bits;

	for (bits = word & IPI_BELLS; bits; bits &= bits - 1)
		run_bell(me, IPI_ENTRY(bits), &me->counts.executed);
}

static noinline void run_deferred(struct ipi_cpu *me)
{
	unsigned long word;

	while (me->deferred && me->budget) {
		me->budget--;
		word = me->deferred;
		WRITE_ONCE(me->deferred, 0);
		run_slots(me, word);
	}
	me->budget = IPI_REPEATS;
	if (me->deferred) {
		me->parked = true;
		hrtimer_start(&me->retry, ns_to_ktime(TICK_NSEC),
			      HRTIMER_MODE_REL_PINNED_HARD);
	}
}

static __always_inline void end_pass(struct ipi_cpu *me)
{
	if (unlikely(me->deferred) && !me->parked)
		run_deferred(me);
	WRITE_ONCE(me->func, NULL);
}

static enum hrtimer_restart ipi_retry(struct hrtimer *timer)
{
	struct ipi_cpu *me = container_of(timer, struct ipi_cpu, retry);

	me->parked = false;
	end_pass(me);
	return HRTIMER_NORESTART;
}

static noinline void run_word(struct ipi_cpu *me, unsigned long word)
{
	run_bells(me, word);
	run_slots(me, word);
}

/*
 * The usual word is a single bit, and that a bell. True if a message ran alone,
 * which then was counted in @alone.
 */
static __always_inline bool run_bits(struct ipi_cpu *me, unsigned long word,
				     unsigned long *alone)
{
	unsigned long bit = __ffs(word);

	if (likely(!(word & (word - 1)) && bit > IPI_MAX))
		return run_bell(me, IPI_ENTRY(word), alone);
	if (word & (word - 1))
		run_word(me, word);
	else
		run_slot(me, bit);
	return false;
}

static __always_inline void run_pass(struct ipi_cpu *me, unsigned long word)
{
	if (!run_bits(me, word, &me->counts.executed_alone))
		me->counts.other_passes++;
	end_pass(me);
}

/*
 * Swaps the word for @left, the LINGER bit or nothing, and runs what it held.
 * Inline, for a frame would be a tenth of what a call costs that is found.
 */
static __always_inline void swap_and_run(struct ipi_cpu *me, unsigned long left)
{
	/* A, B: fully ordered, pairs with ring_*(). */
	unsigned long word = atomic_long_xchg(&me->pending, left) & ~IPI_LINGER;

	trace_ipi_handler_entry(word);
	run_bits(me, word, &me->counts.executed);
	end_pass(me);
	trace_ipi_handler_exit(word);
}

/* Looks at the word for a while. True if something came, which was run. */
static bool linger_a_while(struct ipi_cpu *me)
{
	bool company = false;
	unsigned int n;

	for (n = IPI_LINGER_POLLS; n; n--) {
		if (atomic_long_read(&me->pending) != IPI_LINGER) {
			swap_and_run(me, IPI_LINGER);
			company = true;
		} else {
			cpu_relax();
		}
	}
	return company;
}

/*
 * While the word holds the LINGER bit it is not zero, so nobody kicks: whoever
 * rings is served by the next look. I: the bit is removed by an RMW that fails
 * if somebody rang since; the word then goes to zero by the last swap.
 */
static void linger(struct ipi_cpu *me, u64 ns)
{
	u64 began = ktime_get_mono_fast_ns();
	u64 limit = ipi_linger_limit(began, ns);
	u64 stop = began + ns;
	u64 now = began;
	bool came, company = false;

	while (now < stop && now < limit && !need_resched()) {
		came = linger_a_while(me);
		now = ktime_get_mono_fast_ns();
		if (came)
			stop = now + ns;
		company |= came;
	}
	if (atomic_long_cmpxchg(&me->pending, IPI_LINGER, 0) != IPI_LINGER)
		swap_and_run(me, 0);
	ipi_linger_end(began, now, company);
	trace_ipi_linger(now - began);
}

/*
 * A pass that is traced or lingers. It never lingers where it would hold up
 * its own sender or the CPU's way down.
 */
static noinline void run_pass_detour(struct ipi_cpu *me)
{
	u64 ns = ipi_linger_ns(ktime_get_mono_fast_ns());

	me->counts.other_passes++;
	if (!me->up || !in_hardirq())
		ns = 0;
	swap_and_run(me, ns ? IPI_LINGER : 0);
	if (ns)
		linger(me, ns);
}

/* The one drain, started by a kick and by nothing else. */
static void ipi_handler(void *unused)
{
	struct ipi_cpu *me = this_cpu_ptr(&ipi_cpus);

	if (static_branch_unlikely(&ipi_detours))
		run_pass_detour(me);
	else
		/* A, B: fully ordered, pairs with ring_*(). */
		run_pass(me, atomic_long_xchg(&me->pending, 0));
}

/* ----- may the caller, and are its arguments good? ----- */

/*
 * Twice the preempt count. Some machines keep a flag in its top bit, which the
 * shift drops for free.
 */
static __always_inline unsigned int shifted_preempt_count(void)
{
	return (unsigned int)preempt_count() << 1;
}

/*
 * Preemption off, not in NMI. One comparison answers for the usual case of a
 * preempt count that is neither zero nor as large as that of an NMI.
 */
static __always_inline bool may_trigger(void)
{
	if (likely(shifted_preempt_count() - 2u < 2 * (NMI_OFFSET - 1u)))
		return true;
	return !in_nmi() && !preemptible();
}

static __always_inline bool may_wait(void)
{
	return in_task() && !irqs_disabled();
}

/* The usual preempt count of a task with preemption off is small. */
static __always_inline bool may_send(void)
{
	if (!IS_ENABLED(CONFIG_PREEMPT_COUNT))
		return may_wait();
	if (likely(shifted_preempt_count() - 2u < 2 * (SOFTIRQ_OFFSET - 1u)) &&
	    !IS_ENABLED(CONFIG_PREEMPT_RT))
		return !irqs_disabled();
	return preempt_count() && may_wait();
}

/* The one warning for each kind of call from where it must not be made. */
static noinline int wrong_trigger_context(void)
{
	WARN_ONCE(1, "trigger with preemption on or in NMI\n");
	return -EDEADLK;
}

static noinline int wrong_send_context(void)
{
	WARN_ONCE(1, "synchronous call or wait with interrupts off, preemption on or not in a task\n");
	return -EDEADLK;
}

/* The bit of id 0 is never live. */
static __always_inline bool slot_is_live(unsigned int id)
{
	/* E: pairs with the release in ipi_register_as(). */
	return id <= IPI_MAX && smp_load_acquire(&slots_live) >> id & 1;
}

/* The order of errors, for a trigger that failed the quick check. */
static noinline int check_trigger(unsigned int id, bool valid, bool online)
{
	if (!may_trigger())
		return wrong_trigger_context();
	if (!valid || !id || id > IPI_MAX)
		return -EINVAL;
	if (!slot_is_live(id))
		return -ENOENT;
	return online ? 0 : -ENXIO;
}

/*
 * The order of errors for a send that failed the quick check. After an error
 * nothing is pending, so that a wait returns at once.
 */
static noinline int check_send(struct ipi_msg *msg, bool valid, bool online)
{
	if (msg)
		atomic_set(&msg->pending, 0);
	if (!may_send())
		return wrong_send_context();
	if (!valid || !msg || !msg->func)
		return -EINVAL;
	return online ? 0 : -ENXIO;
}

static bool cpu_is_online(unsigned int cpu)
{
	return cpu < nr_cpu_ids && cpu_online(cpu);
}

/* ----- triggers ----- */

/*
 * Within a function of ours, so it is run at the end of the pass or a tick
 * later. A CPU that comes or goes cannot leave anything to its timer: what its
 * repeats cannot take is refused.
 */
static int defer(struct ipi_cpu *me, unsigned long bit)
{
	unsigned long old = me->deferred;

	if (unlikely(!me->up) && !me->budget)
		return -ENXIO;
	WRITE_ONCE(me->deferred, old | bit);
	return !!(old & bit);
}

/* Returns 0, 1 if it coalesced with one that was deferred already, or -ENXIO. */
static int trigger_self(unsigned int id)
{
	struct ipi_cpu *me;
	unsigned long flags;
	int ret = 0;

	local_irq_save(flags);
	me = this_cpu_ptr(&ipi_cpus);
	if (me->func) {
		ret = defer(me, IPI_SLOT_BIT(id));
		if (ret >= 0)
			ipi_trace(trigger, id, smp_processor_id(), ret);
	} else {
		ipi_trace(trigger, id, smp_processor_id(), false);
		run_slot(me, id);
		end_pass(me);
	}
	local_irq_restore(flags);
	return ret;
}

static noinline int trigger_this_cpu(unsigned int id)
{
	int ret = trigger_self(id);

	if (ret < 0)
		return ret;
	if (ret)
		count(coalesced);
	else
		count(quiet_triggers);
	return 0;
}

static __always_inline bool is_marked(const struct ipi_cpu *pc, unsigned int id)
{
	return (unsigned long)atomic_long_read(&pc->pending) >> id & 1;
}

/* The bit was set in a word that was @old. */
static __always_inline int after_ring(struct ipi_cpu *pc, unsigned int id,
				      unsigned int cpu, unsigned long old)
{
	if (!old) {
		count(kicked_triggers);
		return kick(pc, cpu);
	}
	if (old & IPI_SLOT_BIT(id))
		count(coalesced);
	else
		count(quiet_triggers);
	return 0;
}

static int trigger_traced(struct ipi_cpu *pc, unsigned int id, unsigned int cpu)
{
	unsigned long old = ring_slot(pc, id);

	ipi_trace(trigger, id, cpu, old & IPI_SLOT_BIT(id));
	if (!old)
		ipi_trace(kick, cpu);
	return after_ring(pc, id, cpu, old);
}

static noinline int trigger_slowly(unsigned int id, unsigned int cpu)
{
	int err = check_trigger(id, cpu < nr_cpu_ids, cpu_is_online(cpu));

	if (err)
		return err;
	if (cpu == smp_processor_id())
		return trigger_this_cpu(id);
	return trigger_traced(per_cpu_ptr(&ipi_cpus, cpu), id, cpu);
}

/**
 * ipi_trigger() - ask a CPU to run a handler
 * @id: what ipi_register() returned
 * @cpu: the CPU
 *
 * The handler runs on @cpu at least once after this call was entered, and sees
 * what the caller stored before. Triggers that come before it runs coalesce.
 * On the own CPU the handler runs before the call returns; within a handler or
 * message function it runs later, in a pass of its own.
 *
 * Context: any but NMI, with preemption off. Does not sleep or spin.
 * Return: 0; -EDEADLK in NMI or with preemption on; -EINVAL for an @id of 0 or
 * above IPI_MAX or a @cpu not below nr_cpu_ids; -ENOENT for a slot that is free
 * or being unregistered; -ENXIO for a @cpu that is offline (or, for the own CPU
 * from within a handler, about to be).
 */
int ipi_trigger(unsigned int id, unsigned int cpu)
{
	struct ipi_cpu *pc;

	/* Before E, which is a full barrier, too, on some machines. */
	if (ipi_fault(NO_BARRIER) && cpu != raw_smp_processor_id() &&
	    is_marked(per_cpu_ptr(&ipi_cpus, cpu), id))
		return 0;
	if (unlikely(!may_trigger() || !slot_is_live(id) || cpu >= nr_cpu_ids))
		return trigger_slowly(id, cpu);
	pc = per_cpu_ptr(&ipi_cpus, cpu);
	if (unlikely(!pc->up || cpu == smp_processor_id()) ||
	    static_branch_unlikely(&ipi_traced))
		return trigger_slowly(id, cpu);
	/* H: what the caller stored is seen by the pass that takes the bit. */
	smp_mb(); /* H */
	if (is_marked(pc, id)) {
		count(coalesced);
		return 0;
	}
	return after_ring(pc, id, cpu, ring_slot(pc, id));
}
EXPORT_SYMBOL_GPL(ipi_trigger);

/* A trigger of a set under way. */
struct ipi_mark {
	unsigned int id;
	struct ipi_verdict v;
};

/* Does @cpu need a kick? */
static bool mark(unsigned int cpu, void *info)
{
	struct ipi_mark *m = info;
	unsigned long old = ring_slot(per_cpu_ptr(&ipi_cpus, cpu), m->id);
	bool coalesced = old & IPI_SLOT_BIT(m->id);

	ipi_trace(trigger, m->id, cpu, coalesced);
	m->v.marked++;
	m->v.coalesced += coalesced;
	m->v.kicked += !old;
	if (!old)
		ipi_trace(kick, cpu);
	return !old;
}

/* From any context: a csd each. Tells whether the own CPU is in the set. */
static bool mark_each(struct ipi_mark *m, const struct cpumask *target)
{
	unsigned int this_cpu = smp_processor_id();
	unsigned int cpu;
	bool self = false;

	for_each_cpu_and(cpu, target, cpu_online_mask) {
		if (cpu == this_cpu)
			self = true;
		else if (mark(cpu, m))
			kick(per_cpu_ptr(&ipi_cpus, cpu), cpu);
	}
	return self;
}

/*
 * Online remote targets go to ->snap, which a task that has preemption off
 * owns. Returns how many, and in @self whether the own CPU was in the set.
 * Word by word: most machines have one, and calls would cost more.
 */
static __always_inline unsigned int
take_snapshot(struct ipi_cpu *me, const struct cpumask *target, bool *self)
{
	unsigned int this_cpu = smp_processor_id();
	unsigned long *snap = cpumask_bits(me->snap);
	unsigned int n, remote = 0;

	for (n = 0; n < mask_words; n++) {
		snap[n] = READ_ONCE(cpumask_bits(target)[n]) &
			  READ_ONCE(cpumask_bits(cpu_online_mask)[n]);
		remote += hweight_long(snap[n]);
	}
	*self = __test_and_clear_bit(this_cpu, snap);
	return remote - *self;
}

/* The caller owes a kick to each of @owed, which are @n CPUs. */
static void kick_set(const struct cpumask *owed, unsigned int n)
{
	unsigned int cpu;

	if (n < READ_ONCE(mask_min)) {
		for_each_cpu(cpu, owed)
			kick(per_cpu_ptr(&ipi_cpus, cpu), cpu);
	} else {
		smp_call_function_many(owed, ipi_handler, NULL, false);
	}
}

/*
 * Serves each CPU of ->snap, which are @n, by @serve, which tells whether it needs
 * a kick, and then kicks those that do, all at once. Returns how many. Until then
 * the caller owes kicks: @serve must not wait for anyone.
 */
static __always_inline unsigned int
serve_and_kick(struct ipi_cpu *me, unsigned int n,
	       bool (*serve)(unsigned int cpu, void *info), void *info)
{
	unsigned long *snap = cpumask_bits(me->snap);
	unsigned long bits;
	unsigned int i;

	for (i = 0; i < mask_words; i++) {
		for (bits = snap[i]; bits; bits &= bits - 1) {
			if (likely(serve(i * BITS_PER_LONG + __ffs(bits), info)))
				continue;
			snap[i] &= ~(bits & -bits);
			n--;
		}
	}
	kick_set(me->snap, n);
	return n;
}

/*
 * Only a task may send the mask IPI: with interrupts off, or in a softirq that
 * interrupted another mask call on this CPU, the core could wait for ever.
 */
static bool mark_set(struct ipi_mark *m, const struct cpumask *target)
{
	struct ipi_cpu *me = this_cpu_ptr(&ipi_cpus);
	unsigned int remote;
	bool self;

	if (!may_send())
		return mark_each(m, target);
	remote = take_snapshot(me, target, &self);
	if (remote < READ_ONCE(mask_min))
		mark_each(m, me->snap);
	else
		serve_and_kick(me, remote, mark, m);
	return self;
}

static int trigger_set(unsigned int id, const struct cpumask *target,
		       bool skip_self, struct ipi_verdict *v)
{
	struct ipi_mark m = { .id = id };
	int err = check_trigger(id, target, true);
	int ret;

	if (err)
		return err;
	if (mark_set(&m, target) && !skip_self) {
		ret = trigger_self(id);
		m.v.marked += ret >= 0;
		m.v.coalesced += ret > 0;
	}
	count_many(kicked_triggers, m.v.kicked);
	count_many(quiet_triggers, m.v.marked - m.v.kicked - m.v.coalesced);
	count_many(coalesced, m.v.coalesced);
	*v = m.v;
	return m.v.marked;
}

/**
 * ipi_trigger_multi() - ask each CPU of a set to run a handler
 * @id: what ipi_register() returned
 * @target: the CPUs; those that are offline are skipped
 *
 * ipi_trigger() for each CPU of @target; the own CPU, if it is one of them, is
 * served last and before the call returns.
 *
 * Context: any but NMI, with preemption off. Does not sleep. In a task with
 * interrupts on it may spin until an earlier mask call of this CPU has been
 * taken by its targets.
 * Return: the number of online CPUs of @target, which may be 0; -EDEADLK,
 * -EINVAL (also for no @target) and -ENOENT as for ipi_trigger().
 */
int ipi_trigger_multi(unsigned int id, const struct cpumask *target)
{
	struct ipi_verdict v;

	return trigger_set(id, target, false, &v);
}
EXPORT_SYMBOL_GPL(ipi_trigger_multi);

/**
 * ipi_trigger_broadcast() - ask every online CPU to run a handler
 * @id: what ipi_register() returned
 * @skip_self: leave out the own CPU
 *
 * Context: as for ipi_trigger_multi().
 * Return: the number of CPUs marked; -EDEADLK, -EINVAL and -ENOENT as for
 * ipi_trigger().
 */
int ipi_trigger_broadcast(unsigned int id, bool skip_self)
{
	struct ipi_verdict v;

	return trigger_set(id, cpu_online_mask, skip_self, &v);
}
EXPORT_SYMBOL_GPL(ipi_trigger_broadcast);

/* ipi_trigger_multi() for a caller that wants to know what became of it. */
int ipi_trigger_verdict(unsigned int id, const struct cpumask *target,
			bool skip_self, struct ipi_verdict *v)
{
	return trigger_set(id, target, skip_self, v);
}

/* ----- posting messages ----- */

/* C: the bell, fully ordered, comes next; an RMW, so the entry was emptied. */
static __always_inline bool mbox_put(struct ipi_cpu *pc, unsigned long entry,
				     struct ipi_msg *msg)
{
	unsigned long empty = 0;

	return try_cmpxchg(&pc->mbox[entry], &empty, (unsigned long)msg);
}

/*
 * Takes the place of a message that was taken back. The bell has been rung and
 * not been answered, or the pass that answers is not there yet. One that is not
 * counted yet is missed: who has to have it searches again.
 */
static bool mbox_reuse(struct ipi_cpu *pc, struct ipi_msg *msg)
{
	unsigned long *box;

	if (likely(atomic_read(&pc->voids) <= 0))
		return false;
	for (box = pc->mbox; box < pc->mbox + IPI_MBOX_SIZE; box++) {
		if (READ_ONCE(*box) == IPI_VOID &&
		    cmpxchg(box, IPI_VOID, (unsigned long)msg) == IPI_VOID) {
			atomic_dec(&pc->voids);
			return true;
		}
	}
	return false;
}

/*
 * The entry that this CPU hashes to is taken. Of the others, those with a
 * silent bell are empty or about to be, the lowest first. Returns the bell to
 * ring, IPI_RUNG if it rings already, or 0 if all entries are taken.
 */
static __always_inline unsigned long mbox_search(struct ipi_cpu *pc,
						 struct ipi_msg *msg)
{
	unsigned long silent = ~atomic_long_read(&pc->pending) & IPI_BELLS;
	unsigned long entry;

	for (; silent; silent &= silent - 1) {
		entry = IPI_ENTRY(silent);
		if (!READ_ONCE(pc->mbox[entry]) && mbox_put(pc, entry, msg))
			return IPI_BELL(entry);
	}
	return mbox_reuse(pc, msg) ? IPI_RUNG : 0;
}

/* A wait under way, for stalled(). */
struct ipi_watch {
	u64 start;
	bool reported;
};

/* True once: when the wait began stall_ms ago or earlier. */
static bool stalled(struct ipi_watch *watch)
{
	unsigned int limit = READ_ONCE(stall_ms);
	u64 now = ktime_get_ns();

	if (!watch->start)
		watch->start = now;
	if (watch->reported || !limit ||
	    now - watch->start < (u64)limit * NSEC_PER_MSEC)
		return false;
	watch->reported = true;
	count(stalls);
	return true;
}

static void report_waiter(const struct ipi_msg *msg, const char *what)
{
	ipi_trace(stall, msg->func);
	pr_warn("stall: CPU %u, %s/%d waits %s %ps for over %u ms\n",
		raw_smp_processor_id(), current->comm, current->pid, what,
		msg->func, READ_ONCE(stall_ms));
}

/*
 * It only reports: to kick again would break the ownership, and so would
 * serving the other CPU's word.
 */
static void report_cpu(unsigned int cpu, const char *state)
{
	struct ipi_cpu_info info;

	ipi_cpu_info(cpu, &info);
	pr_warn("stall: CPU %u (%s) %s; pending %#lx, mailbox %u of %u\n",
		cpu, cpu_online(cpu) ? "online" : "offline", state,
		info.pending, info.mailbox, IPI_MBOX_SIZE);
	if (info.func)
		pr_warn("stall: CPU %u runs %ps since %u ms\n", cpu, info.func,
			jiffies_to_msecs(jiffies - info.since));
}

/*
 * Spins until there is room, on the entry that this CPU would try next: other
 * senders hope for others. The caller owes no kick, and interrupts are on.
 */
static noinline unsigned long mbox_wait(struct ipi_cpu *pc, unsigned int cpu,
					struct ipi_msg *msg)
{
	unsigned long hint = this_cpu_read(ipi_cpus.hint);
	struct ipi_watch watch = {};
	unsigned long bell;
	unsigned int n;

	count(full);
	ipi_trace(mailbox_full, msg->func, cpu);
	do {
		for (n = IPI_POLLS; n && READ_ONCE(pc->mbox[hint]); n--)
			cpu_relax();
		if (n && mbox_put(pc, hint, msg))
			return IPI_BELL(hint);
		if (!n && stalled(&watch)) {
			report_waiter(msg, "to post");
			report_cpu(cpu, "has a full mailbox");
		}
		bell = mbox_search(pc, msg);
	} while (!bell);
	return bell;
}

static __always_inline void try_first(unsigned long entry)
{
	this_cpu_write(ipi_cpus.hint, entry);
	this_cpu_write(ipi_cpus.hint_bell, IPI_BELL(entry));
}

/*
 * A CPU whose home was taken is sending a burst, as a rule: it has moved to the
 * entry that it found, and walks on from there until it is back.
 */
static __always_inline bool is_at_home(void)
{
	return this_cpu_read(ipi_cpus.hint) == this_cpu_read(ipi_cpus.home);
}

static void walk_home(void)
{
	unsigned long next = this_cpu_read(ipi_cpus.hint) + 1;

	if (!is_at_home())
		try_first(next < IPI_MBOX_SIZE ? next : 0);
}

/* If the own CPU was called, the caller is promised that the message has run. */
static noinline int posted_quietly(struct ipi_msg *msg, unsigned int cpu)
{
	walk_home();
	if (cpu == smp_processor_id())
		ipi_wait(msg);
	return 0;
}

/* Some other kick will have the message run. */
static __always_inline int post_quietly(struct ipi_msg *msg, unsigned int cpu)
{
	count(quiet_posts);
	if (unlikely(!is_at_home() || cpu == smp_processor_id()))
		return posted_quietly(msg, cpu);
	return 0;
}

/* All that is not usual: another entry, and the tracepoints. */
static noinline int post_slowly(struct ipi_msg *msg, unsigned int cpu,
				struct ipi_cpu *pc)
{
	unsigned long bell = mbox_search(pc, msg) ?: mbox_wait(pc, cpu, msg);

	ipi_trace(post, msg->func, cpu);
	if (bell == IPI_RUNG)
		return post_quietly(msg, cpu);
	try_first(IPI_ENTRY(bell));
	if (ring_bell(pc, bell))
		return post_quietly(msg, cpu);
	ipi_trace(kick, cpu);
	count(kicked_posts);
	return kick(pc, cpu);
}

static __always_inline int post_one(struct ipi_msg *msg, unsigned int cpu,
				    struct ipi_cpu *pc)
{
	if (static_branch_unlikely(&ipi_traced) ||
	    unlikely(!mbox_put(pc, this_cpu_read(ipi_cpus.hint), msg)))
		return post_slowly(msg, cpu, pc);
	if (unlikely(ring_bell(pc, this_cpu_read(ipi_cpus.hint_bell))))
		return post_quietly(msg, cpu);
	count(kicked_posts);
	return kick(pc, cpu);
}

/* A post to a set under way: entry and bell to try first, CPUs left over. */
struct ipi_post {
	struct ipi_msg *msg;
	unsigned long hint;
	unsigned long hint_bell;
	struct cpumask *left;
	unsigned int full;
};

static noinline bool try_post_slowly(struct ipi_post *p, unsigned int cpu,
				     struct ipi_cpu *pc)
{
	unsigned long bell = mbox_search(pc, p->msg);
	bool owed;

	if (!bell) {
		__cpumask_set_cpu(cpu, p->left);
		p->full++;
		return false;
	}
	ipi_trace(post, p->msg->func, cpu);
	owed = bell != IPI_RUNG && !ring_bell(pc, bell);
	if (owed)
		ipi_trace(kick, cpu);
	return owed;
}

/* Does @cpu need a kick? If its mailbox is full it is left over. */
static __always_inline bool try_post(unsigned int cpu, void *info)
{
	struct ipi_post *p = info;
	struct ipi_cpu *pc = per_cpu_ptr(&ipi_cpus, cpu);

	if (static_branch_unlikely(&ipi_traced) ||
	    unlikely(!mbox_put(pc, p->hint, p->msg)))
		return try_post_slowly(p, cpu, pc);
	return !ring_bell(pc, p->hint_bell);
}

static __always_inline void post_each(struct ipi_msg *msg,
				      const struct cpumask *target)
{
	unsigned int cpu, n;
	unsigned long bits;

	for (n = 0; n < mask_words; n++) {
		for (bits = cpumask_bits(target)[n]; bits; bits &= bits - 1) {
			cpu = n * BITS_PER_LONG + __ffs(bits);
			post_one(msg, cpu, per_cpu_ptr(&ipi_cpus, cpu));
		}
	}
}

static noinline void post_mask(struct ipi_cpu *me, struct ipi_msg *msg,
			       unsigned int remote)
{
	struct ipi_post p = {
		.msg		= msg,
		.hint		= me->hint,
		.hint_bell	= me->hint_bell,
		.left		= me->left,
	};
	unsigned int kicked = serve_and_kick(me, remote, try_post, &p);

	count_many(kicked_posts, kicked);
	count_many(quiet_posts, remote - kicked - p.full);
	if (unlikely(p.full)) {
		post_each(msg, me->left);
		cpumask_clear(me->left);
	}
}

/* The own CPU takes no part in the count of acks: it is done on return. */
static noinline void run_self(struct ipi_msg *msg)
{
	struct ipi_cpu *me;
	unsigned long flags;

	local_irq_save(flags);
	me = this_cpu_ptr(&ipi_cpus);
	me->counts.quiet_posts++;
	ipi_trace(post, msg->func, smp_processor_id());
	invoke(me, msg->func, msg->arg, true);
	me->counts.executed++;
	end_pass(me);
	local_irq_restore(flags);
}

static noinline int unicast_slowly(struct ipi_msg *msg, unsigned int cpu)
{
	int err = check_send(msg, cpu < nr_cpu_ids, cpu_is_online(cpu));

	if (err)
		return err;
	atomic_set(&msg->pending, 1);
	return post_one(msg, cpu, per_cpu_ptr(&ipi_cpus, cpu));
}

/**
 * ipi_unicast() - run a function on a CPU
 * @msg: function and argument; in flight until ipi_wait() returns
 * @cpu: the CPU
 *
 * The function runs exactly once, with interrupts off; on the own CPU, before
 * the call returns.
 *
 * Context: task, interrupts on, preemption off. Does not sleep; spins while
 * @cpu's mailbox is full.
 * Return: 0; -EDEADLK in another context; -EINVAL for no @msg or no function in
 * it or a @cpu not below nr_cpu_ids; -ENXIO for a @cpu that is offline. After
 * an error nothing is in flight.
 */
int ipi_unicast(struct ipi_msg *msg, unsigned int cpu)
{
	struct ipi_cpu *pc;

	if (unlikely(!may_send() || !msg || !msg->func || cpu >= nr_cpu_ids))
		return unicast_slowly(msg, cpu);
	pc = per_cpu_ptr(&ipi_cpus, cpu);
	if (unlikely(!pc->up))
		return unicast_slowly(msg, cpu);
	atomic_set(&msg->pending, 1);
	return post_one(msg, cpu, pc);
}
EXPORT_SYMBOL_GPL(ipi_unicast);

static __always_inline int send_checked(struct ipi_msg *msg,
					const struct cpumask *target,
					bool skip_self)
{
	struct ipi_cpu *me = this_cpu_ptr(&ipi_cpus);
	unsigned int remote;
	bool self;

	remote = take_snapshot(me, target, &self);
	atomic_set(&msg->pending, remote);
	if (remote < READ_ONCE(mask_min))
		post_each(msg, me->snap);
	else
		post_mask(me, msg, remote);
	if (!self || skip_self)
		return remote;
	run_self(msg);
	return remote + 1;
}

static noinline int send_slowly(struct ipi_msg *msg, const struct cpumask *target,
				bool skip_self)
{
	return check_send(msg, target, true) ?:
	       send_checked(msg, target, skip_self);
}

static int send_set(struct ipi_msg *msg, const struct cpumask *target,
		    bool skip_self)
{
	if (unlikely(!may_send() || !msg || !msg->func || !target))
		return send_slowly(msg, target, skip_self);
	return send_checked(msg, target, skip_self);
}

/**
 * ipi_multicast() - run a function on each CPU of a set
 * @msg: function and argument; in flight until ipi_wait() returns
 * @target: the CPUs; those that are offline are skipped
 *
 * The function runs exactly once on each online CPU of @target, on several at a
 * time; on the own CPU, if it is one of them, last and before the call returns.
 *
 * Context: task, interrupts on, preemption off. Does not sleep; spins while a
 * mailbox is full.
 * Return: the number of CPUs called, which may be 0; -EDEADLK in another
 * context; -EINVAL for no @msg, no function in it or no @target. After an error
 * or 0 nothing is in flight.
 */
int ipi_multicast(struct ipi_msg *msg, const struct cpumask *target)
{
	return send_set(msg, target, false);
}
EXPORT_SYMBOL_GPL(ipi_multicast);

/**
 * ipi_broadcast() - run a function on every online CPU
 * @msg: function and argument; in flight until ipi_wait() returns
 * @skip_self: leave out the own CPU
 *
 * Context: as for ipi_multicast().
 * Return: the number of CPUs called; errors as for ipi_multicast().
 */
int ipi_broadcast(struct ipi_msg *msg, bool skip_self)
{
	return send_set(msg, cpu_online_mask, skip_self);
}
EXPORT_SYMBOL_GPL(ipi_broadcast);

/* ----- waiting ----- */

/* D: pairs with ack(). */
static __always_inline bool acked(const struct ipi_msg *msg)
{
	return !atomic_read_acquire(&msg->pending);
}

static __always_inline bool poll_acked(const struct ipi_msg *msg)
{
	unsigned int n;

	for (n = IPI_POLLS; n; n--) {
		cpu_relax();
		if (acked(msg))
			return true;
	}
	return false;
}

static bool holds(const struct ipi_cpu *pc, const struct ipi_msg *msg,
		  unsigned long mask)
{
	unsigned int entry;

	for (entry = 0; entry < IPI_MBOX_SIZE; entry++)
		/* G: pairs with the release in run_bell(). */
		if ((smp_load_acquire(&pc->mbox[entry]) & mask) == (unsigned long)msg)
			return true;
	return false;
}

/* May be true of a CPU that acks just now, is never false of one that has not. */
static bool is_late(unsigned int cpu, const struct ipi_msg *msg)
{
	return holds(per_cpu_ptr(&ipi_cpus, cpu), msg, ~IPI_VOID);
}

static bool is_untaken(unsigned int cpu, const struct ipi_msg *msg)
{
	return holds(per_cpu_ptr(&ipi_cpus, cpu), msg, ~0UL);
}

static void report_stall(const struct ipi_msg *msg)
{
	unsigned int cpu;

	report_waiter(msg, "for");
	for_each_possible_cpu(cpu) {
		if (!is_late(cpu, msg))
			continue;
		report_cpu(cpu, is_untaken(cpu, msg) ? "has not taken it" :
						       "has not finished it");
	}
}

static noinline void wait_long(const struct ipi_msg *msg)
{
	struct ipi_watch watch = {};

	if (!may_wait())
		wrong_send_context();
	while (!poll_acked(msg))
		if (stalled(&watch))
			report_stall(msg);
}

/**
 * ipi_wait() - wait until a message has run everywhere
 * @msg: a message that was sent; NULL and one with nothing in flight are fine
 *
 * When it returns, all runs are over, their stores are visible, and no CPU will
 * touch @msg again. A wait longer than the parameter stall_ms is reported once.
 *
 * Context: task, interrupts on. Spins, does not sleep. Elsewhere a wait that is
 * not over at once warns, once, and goes on nevertheless, since a return would
 * leave @msg in flight.
 */
void ipi_wait(struct ipi_msg *msg)
{
	if (!msg || acked(msg))
		return;
	lockdep_assert_irqs_enabled();
	cpu_relax();
	if (!acked(msg))
		wait_long(msg);
}
EXPORT_SYMBOL_GPL(ipi_wait);

/**
 * ipi_wait_timeout() - wait for a message, but not for ever
 * @msg: a message that was sent
 * @ns: how long, in nanoseconds; 0 only looks
 * @late: set to the CPUs that have not acked after a timeout, or NULL
 *
 * After a timeout the message is still in flight: wait again, or ipi_cancel().
 * @late may name a CPU that acks just now, and never omits one that has not.
 *
 * Context: task, interrupts on. Spins, does not sleep.
 * Return: 0 when all runs are over, as for ipi_wait(); -ETIMEDOUT; -EDEADLK in
 * another context; -EINVAL for no @msg.
 */
int ipi_wait_timeout(struct ipi_msg *msg, u64 ns, struct cpumask *late)
{
	struct ipi_watch watch = {};
	unsigned int cpu;
	u64 start;

	if (unlikely(!may_wait()))
		return wrong_send_context();
	if (!msg)
		return -EINVAL;
	if (acked(msg))
		return 0;
	for (start = ktime_get_ns(); ktime_get_ns() - start < ns;) {
		if (poll_acked(msg))
			return 0;
		if (stalled(&watch))
			report_stall(msg);
	}
	if (late) {
		cpumask_clear(late);
		for_each_possible_cpu(cpu)
			if (is_late(cpu, msg))
				__cpumask_set_cpu(cpu, late);
	}
	return acked(msg) ? 0 : -ETIMEDOUT;
}
EXPORT_SYMBOL_GPL(ipi_wait_timeout);

static bool take_back(struct ipi_cpu *pc, const struct ipi_msg *msg)
{
	unsigned long posted = (unsigned long)msg;
	unsigned int entry;

	for (entry = 0; entry < IPI_MBOX_SIZE; entry++) {
		if (READ_ONCE(pc->mbox[entry]) == posted &&
		    cmpxchg(&pc->mbox[entry], posted, IPI_VOID) == posted) {
			atomic_inc(&pc->voids);
			return true;
		}
	}
	return false;
}

/**
 * ipi_cancel() - take back a message
 * @msg: a message that was sent
 *
 * Prevents the runs that no CPU has begun and waits for those that have; the
 * message is the caller's again.
 *
 * Context: task, interrupts on. Spins while a run goes on, does not sleep.
 * Return: the number of runs prevented; -EDEADLK in another context, with the
 * message still in flight; -EINVAL for no @msg.
 */
int ipi_cancel(struct ipi_msg *msg)
{
	unsigned int cpu;
	int taken = 0;

	if (unlikely(!may_wait()))
		return wrong_send_context();
	if (!msg)
		return -EINVAL;
	if (acked(msg))
		return 0;
	for_each_possible_cpu(cpu)
		taken += take_back(per_cpu_ptr(&ipi_cpus, cpu), msg);
	count_many(cancelled, taken);
	atomic_sub(taken, &msg->pending);
	ipi_wait(msg);
	return taken;
}
EXPORT_SYMBOL_GPL(ipi_cancel);

/* ----- the slot table ----- */

static unsigned int free_slot(void)
{
	unsigned int id;

	for (id = 1; id <= IPI_MAX; id++)
		if (!slots[id].func)
			return id;
	return 0;
}

/* ipi_register() with the name of an owner, which must outlive the slot. */
unsigned int ipi_register_as(ipi_func_t func, void *arg, const char *owner)
{
	unsigned int id;

	might_sleep();
	if (!func)
		return 0;
	mutex_lock(&slots_mutex);
	id = free_slot();
	if (id) {
		slots[id] = (struct ipi_slot){ func, arg, owner };
		/* E: pairs with slot_is_live(). */
		smp_store_release(&slots_live, slots_live | IPI_SLOT_BIT(id));
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
 * Context: task; may sleep.
 * Return: the id of the slot, 1 to IPI_MAX; 0 if all slots are taken, which is
 * said in the log, or if there is no @func.
 */
unsigned int ipi_register(ipi_func_t func, void *arg)
{
	return ipi_register_as(func, arg, NULL);
}
EXPORT_SYMBOL_GPL(ipi_register);

/* Makes triggers of @bits fail. Returns those that were live. */
static unsigned long retire(unsigned long bits)
{
	mutex_lock(&slots_mutex);
	bits &= slots_live;
	/* E: other slots are in the word, which must stay released with it. */
	smp_store_release(&slots_live, slots_live & ~bits);
	mutex_unlock(&slots_mutex);
	return bits;
}

static void wait_grace_period(void)
{
	if (!ipi_fault(NO_GRACE))
		synchronize_rcu();
}

/* F: what took the bits is still in its pass; a grace period must follow. */
static bool is_drained(const struct ipi_cpu *pc, unsigned long bits)
{
	return !((atomic_long_read(&pc->pending) | READ_ONCE(pc->deferred)) & bits);
}

static void wait_drained(unsigned long bits)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		while (!is_drained(per_cpu_ptr(&ipi_cpus, cpu), bits))
			schedule_timeout_uninterruptible(1);
	wait_grace_period();
}

/* The slot is quiet, so nobody counts its runs any more. */
static void free_one(unsigned int id)
{
	struct ipi_cpu *pc;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		pc = per_cpu_ptr(&ipi_cpus, cpu);
		WRITE_ONCE(pc->runs[0], pc->runs[0] + pc->runs[id]);
		WRITE_ONCE(pc->runs[id], 0);
	}
	slots[id] = (struct ipi_slot){};
}

/* ipi_unregister() for all slots in @bits at the price of one. */
void ipi_unregister_many(unsigned long bits)
{
	unsigned int id;

	might_sleep();
	bits = retire(bits);
	if (!bits)
		return;
	wait_grace_period();
	wait_drained(bits);
	mutex_lock(&slots_mutex);
	for (id = 1; id <= IPI_MAX; id++)
		if (bits & IPI_SLOT_BIT(id))
			free_one(id);
	mutex_unlock(&slots_mutex);
}

/**
 * ipi_unregister() - give a slot back
 * @id: what ipi_register() returned
 *
 * Triggers that succeeded before are run. When it returns, the handler is not
 * running anywhere and never will again: its text may be unloaded and its
 * argument freed. A bad @id changes nothing, and is said in the log once.
 *
 * Context: task; sleeps for two grace periods. Not from the handler.
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

/* ----- a client module that forgets ----- */

static unsigned long slots_of_module(const struct module *mod)
{
	unsigned long bits = 0;
	unsigned int id;

	mutex_lock(&slots_mutex);
	for (id = 1; id <= IPI_MAX; id++)
		if (within_module((unsigned long)slots[id].func, mod) ||
		    within_module((unsigned long)slots[id].arg, mod))
			bits |= IPI_SLOT_BIT(id);
	mutex_unlock(&slots_mutex);
	return bits;
}

static int ipi_module_event(struct notifier_block *nb, unsigned long event,
			    void *data)
{
	const struct module *mod = data;
	unsigned long bits;

	if (event != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	bits = slots_of_module(mod);
	if (bits) {
		pr_warn("module %s leaves %lu slots behind, unregistering them\n",
			mod->name, hweight_long(bits));
		ipi_unregister_many(bits);
	}
	return NOTIFY_OK;
}

static struct notifier_block ipi_module_nb = {
	.notifier_call = ipi_module_event,
};

/* ----- for the control files ----- */

/* Tells of a slot that is in use; false for a free one. */
bool ipi_slot_info(unsigned int id, struct ipi_slot_info *info)
{
	mutex_lock(&slots_mutex);
	*info = (struct ipi_slot_info){
		.func	= slots[id].func,
		.arg	= slots[id].arg,
		.owner	= slots[id].owner,
		.live	= slots_live & IPI_SLOT_BIT(id),
	};
	mutex_unlock(&slots_mutex);
	return info->func;
}

/* Runs of the slot on @cpu since it was registered. */
unsigned long ipi_slot_runs(unsigned int id, unsigned int cpu)
{
	return READ_ONCE(per_cpu(ipi_cpus.runs[id], cpu));
}

/* A snapshot, not atomic. */
void ipi_cpu_info(unsigned int cpu, struct ipi_cpu_info *info)
{
	const struct ipi_cpu *pc = per_cpu_ptr(&ipi_cpus, cpu);
	unsigned int entry;

	*info = (struct ipi_cpu_info){
		.pending	= atomic_long_read(&pc->pending),
		.deferred	= READ_ONCE(pc->deferred),
		.func		= READ_ONCE(pc->func),
		.since		= READ_ONCE(pc->since),
	};
	for (entry = 0; entry < IPI_MBOX_SIZE; entry++)
		info->mailbox += !!READ_ONCE(pc->mbox[entry]);
}

/* A snapshot, not atomic; exact while nothing is in flight. */
void ipi_stats_read(unsigned int cpu, struct ipi_stats *stats)
{
	const struct ipi_cpu *pc = per_cpu_ptr(&ipi_cpus, cpu);
	/* Word by word, while the owner counts on: a snapshot is all we promise. */
	struct ipi_counts c = data_race(pc->counts);
	unsigned int id;

	*stats = (struct ipi_stats){
		.triggers	= c.kicked_triggers + c.quiet_triggers + c.coalesced,
		.coalesced	= c.coalesced,
		.posted		= c.kicked_posts + c.quiet_posts,
		.executed	= c.executed_alone + c.executed,
		.cancelled	= c.cancelled,
		.kicks		= c.kicked_triggers + c.kicked_posts,
		.full		= c.full,
		.passes		= c.executed_alone + c.other_passes,
		.stalls		= c.stalls,
		.lingered_ns	= ipi_lingered(cpu),
	};
	mutex_lock(&slots_mutex);
	for (id = 0; id <= IPI_MAX; id++)
		stats->runs += READ_ONCE(pc->runs[id]);
	mutex_unlock(&slots_mutex);
}

/* ----- coming and going ----- */

static int ipi_cpu_up(unsigned int cpu)
{
	this_cpu_write(ipi_cpus.up, true);
	return 0;
}

/* From here on nothing is parked; what is parked now, runs now. */
static int ipi_cpu_down(unsigned int cpu)
{
	struct ipi_cpu *me;
	unsigned long flags;

	local_irq_save(flags);
	me = this_cpu_ptr(&ipi_cpus);
	WRITE_ONCE(me->up, false);
	if (me->parked) {
		hrtimer_try_to_cancel(&me->retry);
		me->parked = false;
		end_pass(me);
	}
	local_irq_restore(flags);
	return 0;
}

static void free_cpus(void)
{
	struct ipi_cpu *pc;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		pc = per_cpu_ptr(&ipi_cpus, cpu);
		free_cpumask_var(pc->snap);
		free_cpumask_var(pc->left);
	}
}

static int init_cpu(struct ipi_cpu *pc, unsigned int cpu)
{
	INIT_CSD(&pc->csd, ipi_handler, NULL);
	pc->home = cpu % IPI_MBOX_SIZE;
	pc->hint = pc->home;
	pc->hint_bell = IPI_BELL(pc->hint);
	pc->budget = IPI_REPEATS;
	hrtimer_setup(&pc->retry, ipi_retry, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
	if (!zalloc_cpumask_var_node(&pc->snap, GFP_KERNEL, cpu_to_node(cpu)) ||
	    !zalloc_cpumask_var_node(&pc->left, GFP_KERNEL, cpu_to_node(cpu)))
		return -ENOMEM;
	return 0;
}

static int init_cpus(void)
{
	unsigned int cpu;
	int err = 0;

	for_each_possible_cpu(cpu) {
		err = init_cpu(per_cpu_ptr(&ipi_cpus, cpu), cpu);
		if (err)
			break;
	}
	return err;
}

static int __init ipi_xcall_init(void)
{
	int err;

	mask_words = BITS_TO_LONGS(nr_cpu_ids);
	err = init_cpus();
	if (err)
		goto out_free_cpus;
	err = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "ipi_xcall:online",
				ipi_cpu_up, ipi_cpu_down);
	if (err < 0)
		goto out_free_cpus;
	hotplug_state = err;
	err = register_module_notifier(&ipi_module_nb);
	if (err)
		goto out_remove_state;
	ipi_linger_init();
	err = ipi_ctl_init();
	if (err)
		goto out_unregister_notifier;
	ipi_debugfs_init();
	pr_info("version " IPI_XCALL_VERSION_STR ", %u slots, %u mailbox entries, %u CPUs\n",
		IPI_MAX, IPI_MBOX_SIZE, num_possible_cpus());
	return 0;

out_unregister_notifier:
	unregister_module_notifier(&ipi_module_nb);
out_remove_state:
	cpuhp_remove_state(hotplug_state);
	/* Of the passes that served ipi_linger_init(). */
	wait_drained(~0UL);
out_free_cpus:
	free_cpus();
	return err;
}

/*
 * Clients hold references to the module, so all that is left is passes that
 * run yet or have not returned into the core.
 */
static void __exit ipi_xcall_exit(void)
{
	ipi_debugfs_exit();
	ipi_ctl_exit();
	unregister_module_notifier(&ipi_module_nb);
	cpuhp_remove_state(hotplug_state);
	wait_drained(~0UL);
	free_cpus();
}

module_init(ipi_xcall_init);
module_exit(ipi_xcall_exit);

MODULE_AUTHOR("The ipi_xcall maintainers");
MODULE_DESCRIPTION("Inter-processor calls in the manner of NetBSD's ipi(9)");
MODULE_LICENSE("GPL");
MODULE_VERSION(IPI_XCALL_VERSION_STR);
