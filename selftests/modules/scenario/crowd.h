/* SPDX-License-Identifier: GPL-2.0 */
/* Threads: one for each CPU, or one. */
#ifndef XCALL_TEST_CROWD_H
#define XCALL_TEST_CROWD_H

#include <linux/completion.h>
#include <linux/ktime.h>
#include <linux/sched.h>

#include "../../../ipi_xcall.h"

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

#endif /* XCALL_TEST_CROWD_H */
