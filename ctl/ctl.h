/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the control files share. Each of them calls those below it only:
 *
 *	device.c	debugfs.c
 *	slots.c		calls.c		stats.c		measure.c	lines.c
 *	sampler.c
 *	modes.c		args.c
 *	handlers.c
 *	share.c
 */
#ifndef IPI_XCALL_CTL_H
#define IPI_XCALL_CTL_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/spinlock_types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "../core/info.h"
#include "../uapi/ipi_xcall.h"
#include "commands.h"

struct ctl_slot;
struct eventfd_ctx;
struct seq_file;

/**
 * struct ctl_measures - measurements of a file
 * @refs: of the file, and of each of them: a thread may outlive the file
 * @nr: how many there are
 */
struct ctl_measures {
	refcount_t refs;
	atomic_t nr;
};

/**
 * struct ctl_file - an open file
 * @lock: see there
 * @slots: by id; read without the lock by triggers
 * @nr_slots: slots that are held or on their way out
 * @tickets: calls that were posted
 * @next_ticket: where to look for a free ticket
 * @nr_calls: calls that are alive
 * @measures: those under way, and what callers that were killed have left behind
 * @wq: who waits for a call; also for poll
 * @wake: wakes @wq
 * @baseline: statistics of each CPU at the last reset, or NULL
 */
struct ctl_file {
	struct mutex lock;	/* changes of @slots, and @baseline */
	struct ctl_slot *slots[IPI_MAX + 1];
	atomic_t nr_slots;
	struct xarray tickets;
	u32 next_ticket;
	atomic_t nr_calls;
	struct ctl_measures *measures;
	wait_queue_head_t wq;
	struct work_struct wake;
	struct ipi_stats *baseline;
};

/*
 * A command under way: its struct, of which all begin with the head, and what it
 * has made, for its end.
 */
#define CTL_COMMAND_STRUCT(NAME, name, last, run, ...)	struct ipi_xcall_##name as_##name;
struct ctl_request {
	union {
		struct {
			u32 size;
			u32 flags;
		} head;
		CTL_COMMANDS(CTL_COMMAND_STRUCT)
	};
	void *made;
};

#undef CTL_COMMAND_STRUCT

/* ----- args.c ----- */

/**
 * struct ctl_target - at whom a trigger or a call is aimed, checked
 * @to: as in the ABI
 * @cpu: for IPI_XCALL_TO_CPU
 * @cpus: the same as a set, offline CPUs included; NULL before it is checked
 * @mask: memory of @cpus if it came from the user
 */
struct ctl_target {
	u32 to;
	u32 cpu;
	const struct cpumask *cpus;
	cpumask_var_t mask;
};

/**
 * struct ctl_array - records that go to the user
 * @at: address of the first
 * @room: how many there is room for
 * @stride: how large they are there
 */
struct ctl_array {
	u64 at;
	u32 room;
	u32 stride;
};

int ctl_fetch(struct ctl_request *rq, size_t size, size_t min, u32 flags,
	      const void __user *arg);
int ctl_give(void __user *arg, const struct ctl_request *rq, size_t size);
int ctl_array_init(struct ctl_array *a, u64 at, u32 room, u32 record_size,
		   u32 first);
int ctl_array_give(const struct ctl_array *a, u32 n, const void *rec, u32 size);

bool ctl_is_possible(u32 cpu);
int ctl_target_get(struct ctl_target *t, const struct ipi_xcall_target *u);
void ctl_target_put(struct ctl_target *t);
unsigned int ctl_target_offline(const struct ctl_target *t, unsigned int served);

/* ----- handlers.c ----- */

/**
 * struct ctl_handler - a built-in handler
 * @kind: see the ABI
 * @delay_ns: for IPI_XCALL_DELAY
 * @stamps: when each CPU last ran it (ns, 0: never); NULL for IPI_XCALL_COUNT
 * @eventfd: for IPI_XCALL_EVENTFD
 * @owed: runs that @eventfd has not been told of
 * @signal: tells it
 */
struct ctl_handler {
	u32 kind;
	u32 delay_ns;
	atomic64_t __percpu *stamps;
	struct eventfd_ctx *eventfd;
	atomic_t owed;
	struct work_struct signal;
};

ipi_func_t ctl_handler_func(u32 kind);
int ctl_handler_init(struct ctl_handler *h, u32 kind);
int ctl_handler_set_eventfd(struct ctl_handler *h, int fd);
void ctl_handler_exit(struct ctl_handler *h);
u64 ctl_handler_stamp(const struct ctl_handler *h, unsigned int cpu);
void ctl_keep_busy(u32 ns);
void ctl_defer(struct work_struct *work);
void ctl_defer_later(struct delayed_work *work);
int ctl_queue_init(void);
void ctl_queue_exit(void);

/* ----- share.c ----- */

unsigned int ctl_slot_claim(ipi_func_t func, void *arg, const char *owner);
void ctl_slot_drop(unsigned long bits);
u64 ctl_busy_book(const struct cpumask *cpus, u32 ns);
void ctl_busy_unbook(const struct cpumask *cpus, u32 ns);
int ctl_busy_reserve(const struct cpumask *cpus, u32 ns);

/* Slots that control files, all of them together, leave alone. */
#define CTL_SLOTS_KERNEL	(IPI_MAX / 4)

/* ----- modes.c, sampler.c ----- */

struct ctl_sampler;

/* A run on a CPU; ended is 0 if there was none. */
struct ctl_sampler_run {
	u64 started;
	u64 ended;
	bool idle;
};

/**
 * struct ctl_sampler_ops - a mode
 * @func: what runs on each CPU
 * @send: with preemption off; 0 or an errno
 * @wait: for all runs, with preemption on; NULL if sending does
 */
struct ctl_sampler_ops {
	ipi_func_t func;
	int (*send)(struct ctl_sampler *s);
	int (*wait)(struct ctl_sampler *s);
};

/**
 * struct ctl_sampler - a measurement; its numbers are those of the ABI
 * @file: whose share it is of
 * @mode: what to measure
 * @target: at whom
 * @source: the CPU that sends
 * @period_ns: from one sample to the next
 * @from_due: count from when a sample was due
 * @delay_cpu: the CPU on which the function takes longer
 * @delay_ns: by so much
 * @linger: let passes linger meanwhile
 * @samples: for what is measured
 * @room: how many may be taken
 * @taken: how many were, by now
 * @seen: out: those that the caller has
 * @ended: out: why no more
 * @waited_ns: how long the thread was kept from its CPU, once it has ended
 * @ops: how it is done
 * @msg: for those modes that send one
 * @id: for triggers
 * @left: of a trigger, runs still to come; below zero while they are not counted
 * @lock: for IPI_XCALL_MEASURE_MANY_LOCK
 * @runs: what each CPU saw
 * @running: there is a thread that may use it
 * @held: lingering is held up
 * @stop: nobody wants more
 * @err: why the thread gave up
 * @done: the thread has no more to do
 * @reap: frees what a caller that was killed has left behind
 *
 * All from @ops on belongs to sampler.c and modes.c.
 */
struct ctl_sampler {
	struct ctl_measures *file;
	u32 mode;
	struct ctl_target target;
	unsigned int source;
	u32 period_ns;
	bool from_due;
	unsigned int delay_cpu;
	u32 delay_ns;
	bool linger;
	struct ipi_xcall_sample *samples;
	unsigned int room;
	unsigned int taken;
	unsigned int seen;
	u32 ended;
	u64 waited_ns;

	const struct ctl_sampler_ops *ops;
	struct ipi_msg msg;
	unsigned int id;
	atomic_t left;
	raw_spinlock_t lock;
	struct ctl_sampler_run __percpu *runs;
	bool running;
	bool held;
	bool stop;
	int err;
	struct completion done;
	struct delayed_work reap;
};

static inline bool ctl_sampler_stopped(const struct ctl_sampler *s)
{
	return READ_ONCE(s->stop);
}

/* By IPI_XCALL_MEASURE_*. */
extern const struct ctl_sampler_ops ctl_modes[];

struct ctl_sampler *ctl_sampler_new(struct ctl_measures *file, u32 mode, u32 room);
void ctl_sampler_put(struct ctl_sampler *s);
struct ctl_measures *ctl_measures_new(void);
void ctl_measures_put(struct ctl_measures *m);
unsigned int ctl_measures_max(void);
int ctl_sampler_take(struct ctl_sampler *s);

/* ----- the commands; the end of one is told whether the user has the answer ----- */

#define CTL_COMMAND_RUN(NAME, name, last, run, ...)			\
	int run(struct ctl_file *f, struct ctl_request *rq);
CTL_COMMANDS(CTL_COMMAND_RUN)
#undef CTL_COMMAND_RUN

int ctl_slot_register_end(struct ctl_file *f, struct ctl_request *rq, int err);
int ctl_call_send_end(struct ctl_file *f, struct ctl_request *rq, int err);
int ctl_call_wait_end(struct ctl_file *f, struct ctl_request *rq, int err);

/* ----- what a file owns ----- */

void ctl_slots_release(struct ctl_file *f);
bool ctl_calls_any_has_run(struct ctl_file *f);
void ctl_calls_init(struct ctl_file *f);
void ctl_calls_release(struct ctl_file *f);

/* ----- lines.c ----- */

char *ctl_line_get(const char __user *buf, size_t count, const char *file);
int ctl_line_register(char *line, const char *file);
int ctl_line_unregister(char *line, const char *file);
int ctl_line_trigger(char *line, const char *file);
int ctl_line_call(char *line, const char *file);
int ctl_line_show_stamps(struct seq_file *m);
int ctl_line_show_id(struct seq_file *m);
int ctl_line_show_call(struct seq_file *m);
void ctl_lines_exit(void);

/* ----- the doors ----- */

void ipi_linger_param_init(void);
void ipi_linger_param_exit(void);

int ipi_ctl_init(void);
void ipi_ctl_exit(void);

void ipi_debugfs_init(void);
void ipi_debugfs_exit(void);

#endif /* IPI_XCALL_CTL_H */
