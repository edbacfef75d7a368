// SPDX-License-Identifier: GPL-2.0
/* See crowd.h. */
#include <linux/kthread.h>
#include <linux/slab.h>

#include "crowd.h"
#include "poll.h"
#include "report.h"

static int xt_worker_main(void *arg)
{
	struct xt_worker *w = arg;

	if (w->crowd)
		wait_for_completion(&w->crowd->go);
	w->fn(w);
	complete_all(&w->done);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

bool xt_thread_start(struct xt_worker *w, void (*fn)(struct xt_worker *w),
		     void *data, int cpu)
{
	w->fn = fn;
	w->data = data;
	w->ops = 0;
	init_completion(&w->done);
	w->task = kthread_create(xt_worker_main, w, "xt/%u", w->index);
	if (!xt_true(!IS_ERR(w->task), "no thread"))
		return false;
	if (cpu >= 0)
		kthread_bind(w->task, cpu);
	wake_up_process(w->task);
	return true;
}

/*
 * A thread that hangs in a call cannot be ended, nor can the memory that it
 * uses go away: say so, and leave the rest to the time limit of the guest.
 */
void xt_thread_join(struct xt_worker *w)
{
	if (!wait_for_completion_timeout(&w->done,
					 msecs_to_jiffies(2 * XT_LIMIT_MS))) {
		xt_fail("thread %u hangs", w->index);
		pr_err("ipi_xcall_test: thread %u hangs in %ps\n", w->index,
		       w->fn);
		wait_for_completion(&w->done);
	}
	kthread_stop(w->task);
}

bool xt_over(const struct xt_worker *w)
{
	return READ_ONCE(w->crowd->stop) ||
	       ktime_after(ktime_get(), w->crowd->end);
}

/* Where among @online CPUs the thread @i of @nr is. */
static unsigned int crowd_place(unsigned int i, unsigned int nr,
				unsigned int online)
{
	return nr > 1 ? i * (online - 1) / (nr - 1) : 0;
}

bool xt_crowd_start(struct xt_crowd *crowd, void (*fn)(struct xt_worker *w),
		    void *data, unsigned int ms, bool bind)
{
	unsigned int cpu, n = 0, online = num_online_cpus();
	unsigned int nr = min(online, XT_CROWD_MAX);

	crowd->nr = 0;
	crowd->stop = false;
	init_completion(&crowd->go);
	crowd->worker = kcalloc(nr, sizeof(*crowd->worker), GFP_KERNEL);
	if (!xt_true(crowd->worker, "no memory"))
		return false;
	for_each_online_cpu(cpu) {
		struct xt_worker *w = &crowd->worker[crowd->nr];

		if (crowd->nr == nr)
			break;
		if (n++ < crowd_place(crowd->nr, nr, online))
			continue;
		w->crowd = crowd;
		w->index = crowd->nr;
		if (!xt_thread_start(w, fn, data, bind ? cpu : -1))
			break;
		crowd->nr++;
	}
	crowd->end = ktime_add_ms(ktime_get(), ms);
	complete_all(&crowd->go);
	return true;
}

static unsigned long xt_crowd_join(struct xt_crowd *crowd)
{
	unsigned long ops = 0;
	unsigned int i;

	for (i = 0; i < crowd->nr; i++) {
		xt_thread_join(&crowd->worker[i]);
		ops += crowd->worker[i].ops;
	}
	kfree(crowd->worker);
	crowd->worker = NULL;
	return ops;
}

unsigned long xt_crowd_stop(struct xt_crowd *crowd)
{
	WRITE_ONCE(crowd->stop, true);
	return xt_crowd_join(crowd);
}

unsigned long xt_crowd_run(void (*fn)(struct xt_worker *w), void *data,
			   unsigned int ms)
{
	struct xt_crowd crowd;

	if (!xt_crowd_start(&crowd, fn, data, ms, true))
		return 0;
	return xt_crowd_join(&crowd);
}
