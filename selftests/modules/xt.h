/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the scenario files of ipi_xcall_test share.
 *
 * A scenario is a function that provokes one property of the contract and
 * reports each departure with xt_true() or xt_eq(). It runs in the context of
 * the task that wrote its name to debugfs, with migration disabled: a CPU
 * that a scenario holds is never the one that it runs on. Every wait ends.
 */
#ifndef XT_H
#define XT_H

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "../../ipi_xcall.h"

/* Longer than any wait that is going to succeed, even on a starved guest. */
#define XT_LIMIT_MS	40000
/* How long a held CPU may stay held before the holder lets go by itself. */
#define XT_HOLD_MS	10000

struct xt_case {
	const char *name;
	void (*run)(const long *arg);
};

extern const struct xt_case xt_async_cases[];
extern const struct xt_case xt_cancel_cases[];
extern const struct xt_case xt_context_cases[];
extern const struct xt_case xt_load_cases[];
extern const struct xt_case xt_self_cases[];
extern const struct xt_case xt_slots_cases[];
extern const struct xt_case xt_sync_cases[];
extern const struct xt_case xt_try_cases[];
extern const struct xt_case xt_unregister_cases[];
extern const struct xt_case xt_wrong_cases[];

void xt_load_exit(void);
void xt_self_exit(void);

__printf(1, 2) void xt_fail(const char *fmt, ...);
__printf(1, 2) void xt_note(const char *fmt, ...);
__printf(1, 2) void xt_skip(const char *fmt, ...);
/* A failure, but perhaps not ours: see xt_run(). */
void xt_held_too_long(void);
bool xt_failed(void);

#define xt_true(cond, fmt, ...)						\
({									\
	bool __ok = (cond);						\
									\
	if (!__ok)							\
		xt_fail("%s:%d: " fmt, __func__, __LINE__, ##__VA_ARGS__); \
	__ok;								\
})

#define xt_eq(got, want, fmt, ...)					\
({									\
	long long __got = (got), __want = (want);			\
									\
	xt_true(__got == __want, fmt ": got %lld, want %lld",		\
		##__VA_ARGS__, __got, __want);				\
})

#define xt_poll(ms, cond, pause)					\
({									\
	ktime_t __end = ktime_add_ms(ktime_get(), (ms));		\
	bool __met, __late = false;					\
	unsigned int __n;						\
									\
	for (__n = 0;; __n++) {						\
		if (__n % 64 == 0) /* The clock is the dear part. */	\
			__late = ktime_after(ktime_get(), __end);	\
		__met = (cond);						\
		if (__met || __late)					\
			break;						\
		pause;							\
	}								\
	__met;								\
})

/* True as soon as @cond is, false if it is not within @ms; sleeps. */
#define xt_within(ms, cond)	xt_poll(ms, cond, usleep_range(100, 300))
/* The same without sleeping: for round trips, and with interrupts off. */
#define xt_spin_within(ms, cond) xt_poll(ms, cond, cpu_relax())

/* Sleeps without jiffies, which a held CPU may be the one to count. */
static inline void xt_pause(unsigned int ms)
{
	usleep_range(1000 * ms, 1000 * ms + 100);
}

/*
 * Every handler and message function of these tests is inside this pair: it
 * runs with interrupts off and never on top of another one.
 */
void xt_enter(void);
void xt_leave(void);

/**
 * struct xt_slot - a registered handler that counts its runs on each CPU
 * @id: what ipi_register() returned
 * @runs: finished runs on each CPU
 * @body: what a run does beside being counted, or NULL
 * @data: for @body
 */
struct xt_slot {
	unsigned int id;
	unsigned long __percpu *runs;
	void (*body)(struct xt_slot *slot);
	void *data;
};

bool xt_slot_open(struct xt_slot *slot, void (*body)(struct xt_slot *slot),
		  void *data);
void xt_slot_close(struct xt_slot *slot);
unsigned long xt_runs(const struct xt_slot *slot, unsigned int cpu);
unsigned long xt_runs_all(const struct xt_slot *slot);
bool xt_ran(const struct xt_slot *slot, unsigned int cpu, unsigned long times);

/* In softirqs and with them off preemption is off, but not on PREEMPT_RT. */
static inline void xt_softirq_enter(void)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		preempt_disable();
}

static inline void xt_softirq_leave(void)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		preempt_enable();
}

/* The sends, each with preemption off for just the call. */
int xt_trigger(unsigned int id, unsigned int cpu);
int xt_trigger_multi(unsigned int id, const struct cpumask *target);
int xt_trigger_broadcast(unsigned int id, bool skip_self);
int xt_unicast(struct ipi_msg *msg, unsigned int cpu);
int xt_multicast(struct ipi_msg *msg, const struct cpumask *target);
int xt_broadcast(struct ipi_msg *msg, bool skip_self);

/**
 * struct xt_hold - a CPU kept in a handler or function until it is released
 * @slot: the handler that keeps it, unless that is another's function
 * @held: the CPU is in the handler
 * @release: it may leave
 * @left: it has left
 * @max_ms: it leaves by itself after this, 0 for XT_HOLD_MS and a failure
 */
struct xt_hold {
	struct xt_slot slot;
	bool held;
	bool release;
	bool left;
	unsigned int max_ms;
};

/* Holds @cpu by a slot of its own; true when it is held. */
bool xt_hold_cpu(struct xt_hold *hold, unsigned int cpu);
void xt_hold_release(struct xt_hold *hold);

/* The same by a function of the caller's, which calls xt_hold_here(). */
void xt_hold_here(struct xt_hold *hold);
bool xt_hold_await(struct xt_hold *hold);
void xt_let_go(struct xt_hold *hold);

/* Is a set of so many CPUs to be tried? All small sizes, some of the larger ones. */
static inline bool xt_try_size(unsigned int n)
{
	return n <= 16 || n % 16 == 1 || n == num_possible_cpus();
}

/* An online CPU that is not the caller's; skips the scenario if there is none. */
bool xt_other_cpu(unsigned int *cpu);

struct xt_crowd;

/**
 * struct xt_worker - one thread of a crowd
 * @crowd: whose thread it is
 * @index: 0 to the number of workers - 1
 * @ops: what it did, in units of its own
 * @data: given to xt_crowd_run()
 * @task: the thread
 * @fn: what it runs
 * @done: it has left @fn
 */
struct xt_worker {
	struct xt_crowd *crowd;
	unsigned int index;
	unsigned long ops;
	void *data;
	struct task_struct *task;
	void (*fn)(struct xt_worker *w);
	struct completion done;
};

/**
 * struct xt_crowd - threads that are let go at one moment
 * @nr: how many
 * @worker: the threads
 * @go: completed when all exist
 * @stop: they should finish
 * @end: when they should finish by themselves
 */
struct xt_crowd {
	unsigned int nr;
	struct xt_worker *worker;
	struct completion go;
	bool stop;
	ktime_t end;
};

/*
 * At most so many threads: a slot for each, and what all of them do, each to all
 * CPUs, must not take hours with hundreds of CPUs.
 */
#define XT_CROWD_MAX	min_t(unsigned int, IPI_MAX, 24)

/*
 * One thread per online CPU, bound to it if @bind; if there are too many, the first
 * CPU, the last one and some of those between.
 */
bool xt_crowd_start(struct xt_crowd *crowd, void (*fn)(struct xt_worker *w),
		    void *data, unsigned int ms, bool bind);
/* Ends and frees it; the number of operations that its workers did. */
unsigned long xt_crowd_stop(struct xt_crowd *crowd);
/* Lets it end by itself. */
unsigned long xt_crowd_run(void (*fn)(struct xt_worker *w), void *data,
			   unsigned int ms);
bool xt_over(const struct xt_worker *w);

/* One thread bound to @cpu, or anywhere for -1; ended by xt_thread_join(). */
bool xt_thread_start(struct xt_worker *w, void (*fn)(struct xt_worker *w),
		     void *data, int cpu);
void xt_thread_join(struct xt_worker *w);

#endif /* XT_H */
