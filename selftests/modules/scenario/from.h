/* SPDX-License-Identifier: GPL-2.0 */
/* A function that is run in one of the contexts there are. */
#ifndef XCALL_TEST_FROM_H
#define XCALL_TEST_FROM_H

#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/types.h>

/**
 * struct xt_from - a function and its way to a context
 * @probe: the function
 * @timer: the way to some of the contexts
 * @tasklet: another
 * @work: a third
 * @done: it has run
 */
struct xt_from {
	void (*probe)(struct xt_from *from);
	struct hrtimer timer;
	struct tasklet_struct tasklet;
	struct irq_work work;
	bool done;
};

/*
 * Runs it in a context: 0 task, 1 softirqs off, 2 interrupts off, 3 tasklet, 4 soft
 * timer, 5 hard timer, 6 irq_work; all else of @from is zero. True when it has run.
 */
bool xt_run_from(struct xt_from *from, long context);

#endif /* XCALL_TEST_FROM_H */
