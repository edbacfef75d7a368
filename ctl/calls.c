// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: calls of a file, their tickets, and who waits for them
 *
 * A call is refcounted. The table of tickets has one reference, the ioctl that
 * works on it another. Whoever takes it out of the table drops the table's;
 * before that, the message has been acked everywhere or cancelled.
 *
 * Who sleeps for the end of the runs is woken by the last of them:
 *
 *	call_run()			call_sleep()
 *	last run: --left		prepare_to_wait()
 *	full barrier			full barrier
 *	is anyone in the wait queue?	is left zero?
 *	queue work that wakes		sleep
 *
 * and so is poll(2), see litmus/wakeup.pml. The last run may not have been acked
 * by then: a short ipi_wait() must follow.
 */
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/refcount.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "ctl.h"

/* Waits poll for so long before they sleep: most calls are over by then. */
#define CALL_SPIN_NS	(50 * NSEC_PER_USEC)
/* Those that sleep look so often at least whether they take too long. */
#define CALL_STEP_NS	(100 * NSEC_PER_MSEC)

/* When a call ran on a CPU; ended is 0 before it has. */
struct ctl_call_time {
	u64 started;
	u64 ended;
};

/**
 * struct ctl_call - a call
 * @refs: see the head of this file
 * @msg: what the mechanism has in hand
 * @file: whose it is
 * @delay_ns: how long to keep each CPU busy
 * @left: runs still to come; below zero while they are not all counted
 * @called: CPUs called
 * @posted: time of the post
 * @times: by CPU
 */
struct ctl_call {
	refcount_t refs;
	struct ipi_msg msg;
	struct ctl_file *file;
	u32 delay_ns;
	atomic_t left;
	unsigned int called;
	u64 posted;
	struct ctl_call_time times[];
};

/* Calls that are alive, of all files. */
static atomic_t call_count;

/* ----- runs, with interrupts off, and who is woken by the last ----- */

static void call_run(void *arg)
{
	struct ctl_call *call = arg;
	struct ctl_call_time *time = &call->times[smp_processor_id()];

	time->started = ktime_get_ns();
	ctl_keep_busy(call->delay_ns);
	time->ended = ktime_get_ns();
	if (!atomic_dec_return(&call->left) && wq_has_sleeper(&call->file->wq))
		ctl_defer(&call->file->wake);
}

static void call_wake(struct work_struct *work)
{
	wake_up_all(&container_of(work, struct ctl_file, wake)->wq);
}

static bool call_has_run(const struct ctl_call *call)
{
	return !atomic_read_acquire(&call->left);
}

/* ----- references and tickets ----- */

static struct ctl_call *call_alloc(struct ctl_file *f, u32 delay_ns)
{
	struct ctl_call *call;

	call = kvzalloc(struct_size(call, times, nr_cpu_ids), GFP_KERNEL_ACCOUNT);
	if (!call)
		return NULL;
	refcount_set(&call->refs, 1);
	call->msg.func = call_run;
	call->msg.arg = call;
	call->file = f;
	call->delay_ns = delay_ns;
	return call;
}

static struct ctl_call *call_new(struct ctl_file *f, u32 delay_ns)
{
	struct ctl_call *call;
	int err = -EDQUOT;

	if (!atomic_add_unless(&f->nr_calls, 1, IPI_XCALL_CALLS_PER_FILE))
		goto out;
	err = -ENOSPC;
	if (!atomic_add_unless(&call_count, 1, IPI_XCALL_CALLS_MAX))
		goto out_uncount_file;
	err = -ENOMEM;
	call = call_alloc(f, delay_ns);
	if (call)
		return call;
	atomic_dec(&call_count);
out_uncount_file:
	atomic_dec(&f->nr_calls);
out:
	return ERR_PTR(err);
}

/* With the last reference goes a call that no CPU knows of any more. */
static void call_put(struct ctl_call *call)
{
	if (!refcount_dec_and_test(&call->refs))
		return;
	atomic_dec(&call->file->nr_calls);
	atomic_dec(&call_count);
	kvfree(call);
}

static struct ctl_call *call_get(struct ctl_file *f, u32 ticket)
{
	struct ctl_call *call;

	xa_lock(&f->tickets);
	call = xa_load(&f->tickets, ticket);
	if (call)
		refcount_inc(&call->refs);
	xa_unlock(&f->tickets);
	return call;
}

/* Takes a ticket out of the table, with its reference; true if it was there. */
static bool call_claim(struct ctl_file *f, u32 ticket, struct ctl_call *call)
{
	bool there = xa_cmpxchg(&f->tickets, ticket, call, NULL, 0) == call;

	if (there)
		call_put(call);
	return there;
}

/* ----- post, cancel ----- */

static int call_post_msg(struct ctl_call *call, const struct ctl_target *t)
{
	switch (t->to) {
	case IPI_XCALL_TO_CPU:
		return ipi_unicast(&call->msg, t->cpu) ?: 1;
	case IPI_XCALL_TO_SET:
		return ipi_multicast(&call->msg, t->cpus);
	default:
		return ipi_broadcast(&call->msg, t->to == IPI_XCALL_TO_OTHERS);
	}
}

/* Runs may be over before they are counted here: see @left. */
static int call_post(struct ctl_call *call, const struct ctl_target *t)
{
	int ret = ctl_busy_reserve(t->cpus, call->delay_ns);

	if (ret)
		return ret;
	preempt_disable();
	call->posted = ktime_get_ns();
	ret = call_post_msg(call, t);
	preempt_enable();
	if (ret < 0)
		return ret;
	call->called = ret;
	atomic_add(ret, &call->left);
	return 0;
}

/* All references are with those who know that the runs are no longer needed. */
static unsigned int call_cancel(struct ctl_call *call)
{
	int prevented = ipi_cancel(&call->msg);

	if (!WARN_ON_ONCE(prevented < 0))
		atomic_sub(prevented, &call->left);
	return max(prevented, 0);
}

/* ----- wait ----- */

/* Looks less and less often whether it takes too long. */
static int call_sleep(struct ctl_call *call, u64 ns)
{
	u64 limit = min_t(u64, ns, KTIME_MAX), step = CALL_SPIN_NS;
	ktime_t end = ktime_add_safe(ktime_get(), ns_to_ktime(limit)), next;
	struct stall_watch watch = {};
	DEFINE_WAIT(wait);
	int err;

	for (;;) {
		prepare_to_wait(&call->file->wq, &wait, TASK_KILLABLE);
		err = call_has_run(call) ? 0 :
		      fatal_signal_pending(current) ? -EINTR :
		      ktime_get() >= end ? -ETIMEDOUT : -EAGAIN;
		if (err != -EAGAIN)
			break;
		step = min_t(u64, step * 2, CALL_STEP_NS);
		next = min_t(ktime_t, ktime_add_ns(ktime_get(), step), end);
		schedule_hrtimeout(&next, HRTIMER_MODE_ABS);
		if (!call_has_run(call))
			ipi_wait_watch(&call->msg, &watch);
	}
	finish_wait(&call->file->wq, &wait);
	return err;
}

static int call_wait(struct ctl_call *call, u64 ns)
{
	int err;

	if (!ipi_wait_timeout(&call->msg, min_t(u64, ns, CALL_SPIN_NS), NULL))
		return 0;
	err = call_sleep(call, ns);
	if (!err)
		ipi_wait(&call->msg);
	return err;
}

/* All runs are over. *@nr becomes their number. */
static int call_give_times(const struct ctl_call *call, const struct ctl_array *a,
			   u32 *nr)
{
	struct ipi_xcall_time rec = {
		.posted_ns = call->posted,
		.acked_ns = ktime_get_ns(),
	};
	u32 n = 0;
	int err;

	for_each_possible_cpu(rec.cpu) {
		rec.started_ns = call->times[rec.cpu].started;
		rec.ended_ns = call->times[rec.cpu].ended;
		if (!rec.ended_ns)
			continue;
		err = ctl_array_give(a, n++, &rec, sizeof(rec));
		if (err)
			return err;
	}
	*nr = n;
	return 0;
}

/* ----- IPI_XCALL_IOC_CALL ----- */

/* Waits for a call that nobody else knows of. */
static int call_and_wait(struct ctl_call *call, const struct ctl_target *t,
			 const struct ctl_array *a, struct ipi_xcall_call *u)
{
	int err = call_post(call, t) ?: call_wait(call, IPI_XCALL_FOREVER);

	if (err)
		call_cancel(call);
	return err ?: call_give_times(call, a, &u->nr_times);
}

/* The ticket is reserved first. Pollers look again when it has appeared. */
static int call_and_go(struct ctl_call *call, const struct ctl_target *t,
		       struct ipi_xcall_call *u)
{
	struct ctl_file *f = call->file;
	int err;

	err = xa_alloc_cyclic(&f->tickets, &u->ticket, NULL, xa_limit_32b,
			      &f->next_ticket, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		return err;
	err = call_post(call, t);
	if (err) {
		xa_release(&f->tickets, u->ticket);
		return err;
	}
	refcount_inc(&call->refs);
	xa_store(&f->tickets, u->ticket, call, 0);
	if (wq_has_sleeper(&f->wq))
		wake_up_all(&f->wq);
	return 0;
}

static int call_check(struct ipi_xcall_call *u, struct ctl_array *a)
{
	if (u->delay_ns > IPI_XCALL_DELAY_MAX_NS)
		return -EINVAL;
	if (u->flags & IPI_XCALL_CALL_POST &&
	    (u->nr_times || u->times || u->record_size))
		return -EINVAL;
	u->ticket = 0;
	return ctl_array_init(a, u->times, u->nr_times, u->record_size,
			      IPI_XCALL_TIME_SIZE_VER0);
}

static int call_do(struct ctl_file *f, struct ctl_request *rq,
		   const struct ctl_target *t, const struct ctl_array *a)
{
	struct ipi_xcall_call *u = &rq->as_call;
	struct ctl_call *call = call_new(f, u->delay_ns);
	int err;

	if (IS_ERR(call))
		return PTR_ERR(call);
	err = u->flags & IPI_XCALL_CALL_POST ? call_and_go(call, t, u) :
					       call_and_wait(call, t, a, u);
	u->called = call->called;
	u->offline = ctl_target_offline(t, u->called);
	rq->made = call;
	if (err)
		call_put(call);
	return err;
}

int ctl_call_send(struct ctl_file *f, struct ctl_request *rq)
{
	struct ctl_target t;
	struct ctl_array a;
	int err;

	err = call_check(&rq->as_call, &a) ?: ctl_target_get(&t, &rq->as_call.target);
	if (err)
		return err;
	err = call_do(f, rq, &t, &a);
	ctl_target_put(&t);
	return err;
}

/* A ticket that the user has not got is void. Another thread may have guessed it. */
int ctl_call_send_end(struct ctl_file *f, struct ctl_request *rq, int err)
{
	struct ctl_call *call = rq->made;

	if (err && rq->as_call.ticket && call_claim(f, rq->as_call.ticket, call)) {
		call_cancel(call);
		wake_up_all(&f->wq);
	}
	call_put(call);
	return err;
}

/* ----- IPI_XCALL_IOC_WAIT, IPI_XCALL_IOC_ABANDON ----- */

int ctl_call_wait(struct ctl_file *f, struct ctl_request *rq)
{
	struct ipi_xcall_wait *u = &rq->as_wait;
	struct ctl_call *call;
	struct ctl_array a;
	int err;

	err = ctl_array_init(&a, u->times, u->nr_times, u->record_size,
			     IPI_XCALL_TIME_SIZE_VER0);
	if (err)
		return err;
	call = call_get(f, u->ticket);
	if (!call)
		return -ENOENT;
	err = call_wait(call, u->timeout_ns) ?:
	      call_give_times(call, &a, &u->nr_times);
	u->called = call->called;
	rq->made = call;
	if (err)
		call_put(call);
	return err;
}

/* The ticket stays until the user has all that there is to know. */
int ctl_call_wait_end(struct ctl_file *f, struct ctl_request *rq, int err)
{
	struct ctl_call *call = rq->made;

	if (!err && !call_claim(f, rq->as_wait.ticket, call))
		err = -ENOENT;
	call_put(call);
	return err;
}

int ctl_call_abandon(struct ctl_file *f, struct ctl_request *rq)
{
	struct ctl_call *call = call_get(f, rq->as_abandon.ticket);
	bool ours;

	if (!call)
		return -ENOENT;
	ours = call_claim(f, rq->as_abandon.ticket, call);
	if (ours) {
		rq->as_abandon.prevented = call_cancel(call);
		wake_up_all(&f->wq);
	}
	call_put(call);
	return ours ? 0 : -ENOENT;
}

/* ----- the file ----- */

bool ctl_calls_any_has_run(struct ctl_file *f)
{
	struct ctl_call *call;
	bool any = false;
	unsigned long ticket;

	xa_lock(&f->tickets);
	xa_for_each(&f->tickets, ticket, call)
		any |= call_has_run(call);
	xa_unlock(&f->tickets);
	return any;
}

void ctl_calls_init(struct ctl_file *f)
{
	xa_init_flags(&f->tickets, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	init_waitqueue_head(&f->wq);
	INIT_WORK(&f->wake, call_wake);
}

void ctl_calls_release(struct ctl_file *f)
{
	struct ctl_call *call;
	unsigned long ticket;

	xa_for_each(&f->tickets, ticket, call) {
		call_cancel(call);
		call_put(call);
	}
	xa_destroy(&f->tickets);
	/* No run can ask for it any more. */
	flush_work(&f->wake);
}
