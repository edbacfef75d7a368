// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: the ioctls of /dev/ipi_xcall, for programs
 *
 * An ordinary client of ipi_xcall.h: it unmarshals, calls and marshals. What
 * the commands do and which errors they give is said in uapi/ipi_xcall.h.
 *
 * Who owns what:
 *
 *	file	slots, calls with a ticket, the baseline of its statistics. Gone
 *		with the last descriptor, hence never during an ioctl.
 *	slot	in file->slots from register to unregister. Whoever takes it out
 *		of the table, under file->lock, frees it.
 *	call	refcounted. The table of tickets has one reference, the ioctl
 *		that works on it another. Whoever takes it out of the table drops
 *		the table's; before that, the message has been acked everywhere
 *		or taken back.
 *
 * A trigger looks its slot up without the lock. It must not reach another
 * file's slot that got the same id meanwhile: the look and the trigger are in
 * one preemption-off section, and between emptying the table and freeing the
 * id, ipi_unregister_many() waits for a grace period.
 *
 * Handlers and call functions run with interrupts off and can neither wake a
 * wait queue nor signal an eventfd (their locks sleep on PREEMPT_RT): both go
 * through an irq_work, one for each file and each slot with an eventfd. Before
 * its memory goes, no function that queues it can run any more, and
 * irq_work_sync() waits for the rest.
 *
 * A call that sleeps for the end of its runs is woken by the last of them:
 *
 *	run_call()			sleep_until_run()
 *	last run: --left		prepare_to_wait()
 *	full barrier			full barrier
 *	is anyone in the wait queue?	is left zero?
 *
 * and so is poll(2). The last run may not have been acked by then: a short
 * ipi_wait() must follow.
 *
 * Memory of the user is touched with no lock held.
 */
#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/capability.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/ktime.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/poll.h>
#include <linux/refcount.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "../core/compat.h"
#include "ctl.h"
#include "../uapi/ipi_xcall.h"

/* Waits poll for so long before they sleep: most calls are over by then. */
#define CTL_SPIN_NS	(50 * NSEC_PER_USEC)

/**
 * struct ctl_file - an open file
 * @lock: see there
 * @slots: by id; read without the lock by triggers
 * @nr_slots: slots that are held or on their way out
 * @tickets: calls that were posted
 * @next_ticket: where to look for a free ticket
 * @nr_calls: calls that are alive
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
	wait_queue_head_t wq;
	struct irq_work wake;
	struct ipi_stats *baseline;
};

/**
 * struct ctl_slot - a slot of a file
 * @file: the file
 * @kind: see the ABI
 * @delay_ns: for IPI_XCALL_DELAY
 * @stamps: when each CPU last ran it; NULL for IPI_XCALL_COUNT
 * @eventfd: for IPI_XCALL_EVENTFD
 * @owed: runs that @eventfd has not been told of
 * @signal: tells it
 */
struct ctl_slot {
	struct ctl_file *file;
	u32 kind;
	u32 delay_ns;
	u64 __percpu *stamps;
	struct eventfd_ctx *eventfd;
	atomic_t owed;
	struct irq_work signal;
};

/* When a call ran on a CPU; ended is 0 before it has. */
struct ctl_time {
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
	struct ctl_time times[];
};

/**
 * struct ctl_target - at whom a trigger or a call is aimed, checked
 * @to: as in the ABI
 * @cpu: for IPI_XCALL_TO_CPU
 * @cpus: the same as a set, offline CPUs included
 * @mask: memory of @cpus if it came from the user
 */
struct ctl_target {
	u32 to;
	u32 cpu;
	const struct cpumask *cpus;
	cpumask_var_t mask;
};

/* Calls that are alive, of all files. */
static atomic_t ctl_calls;

/* ----- structs from the user and back ----- */

/*
 * Fills @dst, of @ksize bytes, from the struct at @arg. Every struct begins
 * with its size and its flags.
 */
static int fetch(void *dst, size_t ksize, size_t min, u32 flags,
		 const void __user *arg)
{
	u32 *head = dst;
	u32 size;
	int err;

	if (get_user(size, (const u32 __user *)arg))
		return -EFAULT;
	if (size < min)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	err = copy_struct_from_user(dst, ksize, arg, size);
	if (err)
		return err;
	/* It may have changed meanwhile. */
	head[0] = size;
	return head[1] & ~flags ? -EINVAL : 0;
}

static int give(void __user *arg, const void *src, size_t ksize)
{
	const u32 *size = src;

	return copy_to_user(arg, src, min_t(size_t, *size, ksize)) ? -EFAULT : 0;
}

/* Record @n of an array with room for @room; a record more or less is no error. */
static int give_record(u64 array, u32 n, u32 room, const void *rec, size_t size)
{
	void __user *to = u64_to_user_ptr(array + n * size);

	if (n >= room)
		return 0;
	return copy_to_user(to, rec, size) ? -EFAULT : 0;
}

/* ----- masks and targets ----- */

static bool is_possible(u32 cpu)
{
	return cpu < nr_cpu_ids && cpu_possible(cpu);
}

/* The CPUs beyond the kernel's must be zero. */
static bool mask_fits(const u64 *words, unsigned int nr)
{
	unsigned int i, first;

	for (i = nr_cpu_ids / 64; i < nr; i++) {
		first = i * 64;
		if (words[i] >> (nr_cpu_ids > first ? nr_cpu_ids - first : 0))
			return false;
	}
	return true;
}

static int check_mask(struct cpumask *mask, const u64 *words, unsigned int nr)
{
	if (!mask_fits(words, nr))
		return -EINVAL;
	bitmap_from_arr64(cpumask_bits(mask), words,
			  min_t(unsigned int, nr_cpu_ids, nr * 64));
	return cpumask_subset(mask, cpu_possible_mask) ? 0 : -EINVAL;
}

/* On success the caller frees *@mask. */
static int get_mask(cpumask_var_t *mask, u64 from, unsigned int nr)
{
	u64 *words;
	int err;

	if (!nr)
		return -EINVAL;
	if (nr > IPI_XCALL_MASK_WORDS_MAX)
		return -E2BIG;
	words = memdup_user(u64_to_user_ptr(from), nr * sizeof(*words));
	if (IS_ERR(words))
		return PTR_ERR(words);
	err = -ENOMEM;
	if (!zalloc_cpumask_var(mask, GFP_KERNEL))
		goto out_free_words;
	err = check_mask(*mask, words, nr);
	if (err)
		free_cpumask_var(*mask);
out_free_words:
	kfree(words);
	return err;
}

/* On success put_target() must follow. */
static int get_target(struct ctl_target *t, const struct ipi_xcall_target *u)
{
	int err = 0;

	t->to = u->to;
	t->cpu = u->cpu;
	t->cpus = cpu_possible_mask;
	if (u->reserved || u->to > IPI_XCALL_TO_OTHERS ||
	    (u->to != IPI_XCALL_TO_CPU && u->cpu) ||
	    (u->to != IPI_XCALL_TO_SET && (u->mask_words || u->mask)))
		return -EINVAL;
	if (u->to == IPI_XCALL_TO_CPU) {
		if (!is_possible(u->cpu))
			return -EINVAL;
		t->cpus = cpumask_of(u->cpu);
	} else if (u->to == IPI_XCALL_TO_SET) {
		err = get_mask(&t->mask, u->mask, u->mask_words);
		if (!err)
			t->cpus = t->mask;
	}
	return err;
}

static void put_target(struct ctl_target *t)
{
	if (t->to == IPI_XCALL_TO_SET)
		free_cpumask_var(t->mask);
}

/* All that were neither served nor left out on purpose. */
static unsigned int count_offline(const struct ctl_target *t, unsigned int served)
{
	return cpumask_weight(t->cpus) - served - (t->to == IPI_XCALL_TO_OTHERS);
}

/* ----- what runs on the CPUs, with interrupts off ----- */

void ipi_keep_busy(u32 ns)
{
	u64 start;

	if (!ns)
		return;
	for (start = ktime_get_ns(); ktime_get_ns() - start < ns;)
		cpu_relax();
}

static void ctl_delay(void *arg)
{
	struct ctl_slot *slot = arg;

	ipi_stamp((void __force *)slot->stamps);
	ipi_keep_busy(slot->delay_ns);
}

static void ctl_eventfd(void *arg)
{
	struct ctl_slot *slot = arg;

	ipi_stamp((void __force *)slot->stamps);
	atomic_inc(&slot->owed);
	irq_work_queue(&slot->signal);
}

static void signal_eventfd(struct irq_work *work)
{
	struct ctl_slot *slot = container_of(work, struct ctl_slot, signal);
	int owed = atomic_xchg(&slot->owed, 0);

	while (owed--)
		eventfd_signal_once(slot->eventfd);
}

static void run_call(void *arg)
{
	struct ctl_call *call = arg;
	struct ctl_time *time = &call->times[smp_processor_id()];

	time->started = ktime_get_ns();
	ipi_keep_busy(call->delay_ns);
	time->ended = ktime_get_ns();
	if (!atomic_dec_return(&call->left) && wq_has_sleeper(&call->file->wq))
		irq_work_queue(&call->file->wake);
}

static void wake_file(struct irq_work *work)
{
	wake_up_all(&container_of(work, struct ctl_file, wake)->wq);
}

/* ----- slots ----- */

static int check_id(u32 id)
{
	return id && id <= IPI_MAX ? 0 : -EINVAL;
}

static int check_register(const struct ipi_xcall_register *r)
{
	if (r->kind > IPI_XCALL_DELAY ||
	    (r->kind != IPI_XCALL_DELAY && r->delay_ns) ||
	    (r->kind != IPI_XCALL_EVENTFD && r->eventfd))
		return -EINVAL;
	if (r->kind == IPI_XCALL_DELAY &&
	    (!r->delay_ns || r->delay_ns > IPI_XCALL_DELAY_MAX_NS))
		return -EINVAL;
	return 0;
}

/* The slot is quiet, or was never registered. */
static void free_slot(struct ctl_slot *slot)
{
	irq_work_sync(&slot->signal);
	if (slot->eventfd)
		eventfd_ctx_put(slot->eventfd);
	free_percpu(slot->stamps);
	atomic_dec(&slot->file->nr_slots);
	kfree(slot);
}

static int fill_slot(struct ctl_slot *slot, const struct ipi_xcall_register *r)
{
	struct eventfd_ctx *eventfd;

	if (r->kind == IPI_XCALL_COUNT)
		return 0;
	slot->stamps = alloc_percpu_gfp(u64, GFP_KERNEL_ACCOUNT);
	if (!slot->stamps)
		return -ENOMEM;
	if (r->kind == IPI_XCALL_EVENTFD) {
		eventfd = eventfd_ctx_fdget(r->eventfd);
		if (IS_ERR(eventfd))
			return PTR_ERR(eventfd);
		slot->eventfd = eventfd;
	}
	return 0;
}

static struct ctl_slot *new_slot(struct ctl_file *f,
				 const struct ipi_xcall_register *r)
{
	struct ctl_slot *slot;
	int err;

	if (!atomic_add_unless(&f->nr_slots, 1, IPI_XCALL_SLOTS_PER_FILE))
		return ERR_PTR(-EDQUOT);
	slot = kzalloc(sizeof(*slot), GFP_KERNEL_ACCOUNT);
	if (!slot) {
		atomic_dec(&f->nr_slots);
		return ERR_PTR(-ENOMEM);
	}
	slot->file = f;
	slot->kind = r->kind;
	slot->delay_ns = r->delay_ns;
	init_irq_work(&slot->signal, signal_eventfd);
	err = fill_slot(slot, r);
	if (err) {
		free_slot(slot);
		return ERR_PTR(err);
	}
	return slot;
}

static unsigned int register_slot(struct ctl_slot *slot)
{
	void *stamps = (void __force *)slot->stamps;

	switch (slot->kind) {
	case IPI_XCALL_STAMP:
		return ipi_register_as(ipi_stamp, stamps, "ioctl");
	case IPI_XCALL_EVENTFD:
		return ipi_register_as(ctl_eventfd, slot, "ioctl");
	case IPI_XCALL_DELAY:
		return ipi_register_as(ctl_delay, slot, "ioctl");
	default:
		return ipi_register_as(ipi_count, NULL, "ioctl");
	}
}

static void put_slot(struct ctl_file *f, u32 id, struct ctl_slot *slot)
{
	mutex_lock(&f->lock);
	WRITE_ONCE(f->slots[id], slot);
	mutex_unlock(&f->lock);
}

/* Takes @id out of the table if it is @slot, or whatever it is if that is NULL. */
static struct ctl_slot *take_slot(struct ctl_file *f, u32 id,
				  const struct ctl_slot *slot)
{
	struct ctl_slot *found;

	mutex_lock(&f->lock);
	found = f->slots[id];
	if (slot && found != slot)
		found = NULL;
	if (found)
		WRITE_ONCE(f->slots[id], NULL);
	mutex_unlock(&f->lock);
	return found;
}

static long ctl_register(struct ctl_file *f, void __user *arg)
{
	struct ipi_xcall_register r;
	struct ctl_slot *slot;
	int err;

	err = fetch(&r, sizeof(r), IPI_XCALL_REGISTER_SIZE_VER0, 0, arg) ?:
	      check_register(&r);
	if (err)
		return err;
	slot = new_slot(f, &r);
	if (IS_ERR(slot))
		return PTR_ERR(slot);
	err = -ENOSPC;
	r.id = register_slot(slot);
	if (!r.id)
		goto out_free_slot;
	put_slot(f, r.id, slot);
	err = give(arg, &r, sizeof(r));
	if (err)
		goto out_take_slot;
	return 0;

out_take_slot:
	/* If another thread was faster, it is no longer ours to free. */
	slot = take_slot(f, r.id, slot);
	if (!slot)
		return err;
	ipi_unregister_many(IPI_SLOT_BIT(r.id));
out_free_slot:
	free_slot(slot);
	return err;
}

static long ctl_unregister(struct ctl_file *f, void __user *arg)
{
	struct ipi_xcall_unregister u;
	struct ctl_slot *slot;
	int err;

	err = fetch(&u, sizeof(u), IPI_XCALL_UNREGISTER_SIZE_VER0, 0, arg) ?:
	      check_id(u.id);
	if (err)
		return err;
	if (u.reserved)
		return -EINVAL;
	slot = take_slot(f, u.id, NULL);
	if (!slot)
		return -ENOENT;
	ipi_unregister_many(IPI_SLOT_BIT(u.id));
	free_slot(slot);
	return 0;
}

static void release_slots(struct ctl_file *f)
{
	unsigned long bits = 0;
	unsigned int id;

	for (id = 1; id <= IPI_MAX; id++)
		if (f->slots[id])
			bits |= IPI_SLOT_BIT(id);
	ipi_unregister_many(bits);
	for (id = 1; id <= IPI_MAX; id++)
		if (f->slots[id])
			free_slot(f->slots[id]);
}

/* The id and the number of CPUs are valid; the slot is alive under the lock. */
static int read_slot(struct ctl_file *f, struct ipi_xcall_slot *s,
		     struct ipi_xcall_slot_cpu *rec)
{
	const struct ctl_slot *slot;
	unsigned int cpu;

	if (mutex_lock_killable(&f->lock))
		return -EINTR;
	slot = f->slots[s->id];
	if (!slot) {
		mutex_unlock(&f->lock);
		return -ENOENT;
	}
	s->kind = slot->kind;
	s->runs = 0;
	for_each_possible_cpu(cpu) {
		rec->cpu = cpu;
		rec->runs = ipi_slot_runs(s->id, cpu);
		if (slot->stamps)
			rec->last_ns = READ_ONCE(*per_cpu_ptr(slot->stamps, cpu));
		s->runs += rec->runs;
		rec++;
	}
	mutex_unlock(&f->lock);
	return 0;
}

static long ctl_slot(struct ctl_file *f, void __user *arg)
{
	unsigned int n, nr = num_possible_cpus();
	struct ipi_xcall_slot_cpu *recs;
	struct ipi_xcall_slot s;
	u32 room;
	int err;

	err = fetch(&s, sizeof(s), IPI_XCALL_SLOT_SIZE_VER0, 0, arg) ?: check_id(s.id);
	if (err)
		return err;
	if (s.reserved)
		return -EINVAL;
	recs = kvcalloc(nr, sizeof(*recs), GFP_KERNEL_ACCOUNT);
	if (!recs)
		return -ENOMEM;
	err = read_slot(f, &s, recs);
	if (err)
		goto out_free_recs;
	room = s.nr_cpus;
	s.nr_cpus = nr;
	for (n = 0; n < nr && !err; n++)
		err = give_record(s.cpus, n, room, &recs[n], sizeof(*recs));
	err = err ?: give(arg, &s, sizeof(s));
out_free_recs:
	kvfree(recs);
	return err;
}

/* ----- triggers ----- */

/* The slot cannot change hands within, see the head of this file. */
static int trigger(struct ctl_file *f, u32 id, const struct ctl_target *t,
		   struct ipi_verdict *v)
{
	int ret = -ENOENT;

	preempt_disable();
	if (READ_ONCE(f->slots[id]))
		ret = ipi_trigger_verdict(id, t->cpus,
					  t->to == IPI_XCALL_TO_OTHERS, v);
	preempt_enable();
	if (!ret && t->to == IPI_XCALL_TO_CPU)
		return -ENXIO;
	return ret < 0 ? ret : 0;
}

/* Whatever can be found wrong is found before something happens. */
static int check_trigger(struct ipi_xcall_trigger *u, void __user *arg)
{
	if (u->reserved || check_id(u->id))
		return -EINVAL;
	u->marked = 0;
	u->coalesced = 0;
	u->kicked = 0;
	u->offline = 0;
	return give(arg, u, sizeof(*u));
}

static long ctl_trigger(struct ctl_file *f, void __user *arg)
{
	struct ipi_xcall_trigger u;
	struct ipi_verdict v = {};
	struct ctl_target t;
	int err;

	err = fetch(&u, sizeof(u), IPI_XCALL_TRIGGER_SIZE_VER0, 0, arg) ?:
	      check_trigger(&u, arg) ?: get_target(&t, &u.target);
	if (err)
		return err;
	err = trigger(f, u.id, &t, &v);
	u.marked = v.marked;
	u.coalesced = v.coalesced;
	u.kicked = v.kicked;
	u.offline = count_offline(&t, v.marked);
	put_target(&t);
	return err ?: give(arg, &u, sizeof(u));
}

/* ----- calls ----- */

static struct ctl_call *new_call(struct ctl_file *f, u32 delay_ns)
{
	struct ctl_call *call;
	int err = -EDQUOT;

	if (!atomic_add_unless(&f->nr_calls, 1, IPI_XCALL_CALLS_PER_FILE))
		goto out;
	err = -ENOSPC;
	if (!atomic_add_unless(&ctl_calls, 1, IPI_XCALL_CALLS_MAX))
		goto out_uncount_file;
	err = -ENOMEM;
	call = kvzalloc(struct_size(call, times, nr_cpu_ids), GFP_KERNEL_ACCOUNT);
	if (!call)
		goto out_uncount;
	refcount_set(&call->refs, 1);
	call->msg.func = run_call;
	call->msg.arg = call;
	call->file = f;
	call->delay_ns = delay_ns;
	return call;

out_uncount:
	atomic_dec(&ctl_calls);
out_uncount_file:
	atomic_dec(&f->nr_calls);
out:
	return ERR_PTR(err);
}

/* With the last reference goes a call that no CPU knows of any more. */
static void put_call(struct ctl_call *call)
{
	if (!refcount_dec_and_test(&call->refs))
		return;
	atomic_dec(&call->file->nr_calls);
	atomic_dec(&ctl_calls);
	kvfree(call);
}

static struct ctl_call *get_call(struct ctl_file *f, u32 ticket)
{
	struct ctl_call *call;

	xa_lock(&f->tickets);
	call = xa_load(&f->tickets, ticket);
	if (call)
		refcount_inc(&call->refs);
	xa_unlock(&f->tickets);
	return call;
}

/* Takes a ticket out of the table; true if it was there. Drops a reference. */
static bool claim_ticket(struct ctl_file *f, u32 ticket, struct ctl_call *call)
{
	if (xa_cmpxchg(&f->tickets, ticket, call, NULL, 0) != call)
		return false;
	put_call(call);
	return true;
}

static bool has_run(const struct ctl_call *call)
{
	return !atomic_read_acquire(&call->left);
}

static int send(struct ctl_call *call, const struct ctl_target *t)
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
static int post(struct ctl_call *call, const struct ctl_target *t)
{
	int ret;

	preempt_disable();
	call->posted = ktime_get_ns();
	ret = send(call, t);
	preempt_enable();
	if (ret < 0)
		return ret;
	call->called = ret;
	atomic_add(ret, &call->left);
	return 0;
}

/* All references are with those who know that the runs are no longer needed. */
static unsigned int take_back(struct ctl_call *call)
{
	int prevented = ipi_cancel(&call->msg);

	if (WARN_ON_ONCE(prevented < 0))
		return 0;
	atomic_sub(prevented, &call->left);
	return prevented;
}

static int sleep_until_run(struct ctl_call *call, u64 ns)
{
	u64 limit = min_t(u64, ns, KTIME_MAX);
	ktime_t end = ktime_add_safe(ktime_get(), ns_to_ktime(limit));
	struct wait_queue_head *wq = &call->file->wq;
	bool expired = !ns;
	DEFINE_WAIT(wait);
	int err = 0;

	for (;;) {
		prepare_to_wait(wq, &wait, TASK_KILLABLE);
		if (has_run(call))
			break;
		err = fatal_signal_pending(current) ? -EINTR :
		      expired ? -ETIMEDOUT : 0;
		if (err)
			break;
		expired = !schedule_hrtimeout(limit < KTIME_MAX ? &end : NULL,
					      HRTIMER_MODE_ABS);
	}
	finish_wait(wq, &wait);
	return err;
}

static int wait_call(struct ctl_call *call, u64 ns)
{
	int err;

	if (!ipi_wait_timeout(&call->msg, min_t(u64, ns, CTL_SPIN_NS), NULL))
		return 0;
	err = sleep_until_run(call, ns);
	if (err)
		return err;
	ipi_wait(&call->msg);
	return 0;
}

/* All runs are over. *@nr is the room, and becomes the number of runs. */
static int give_times(const struct ctl_call *call, u64 acked, u64 array, u32 *nr)
{
	struct ipi_xcall_time rec = {
		.posted_ns = call->posted,
		.acked_ns = acked,
	};
	u32 n = 0;
	int err;

	for_each_possible_cpu(rec.cpu) {
		rec.started_ns = call->times[rec.cpu].started;
		rec.ended_ns = call->times[rec.cpu].ended;
		if (!rec.ended_ns)
			continue;
		err = give_record(array, n++, *nr, &rec, sizeof(rec));
		if (err)
			return err;
	}
	*nr = n;
	return 0;
}

/* Waits for a call that nobody else knows of. */
static int call_and_wait(struct ctl_call *call, const struct ctl_target *t,
			 struct ipi_xcall_call *u)
{
	int err = post(call, t);

	if (err)
		return err;
	u->called = call->called;
	err = wait_call(call, IPI_XCALL_FOREVER);
	if (err) {
		take_back(call);
		return err;
	}
	return give_times(call, ktime_get_ns(), u->times, &u->nr_times);
}

/*
 * The ticket is reserved first, so that once the call is posted there is
 * nothing left that could fail. Pollers look again when it has appeared.
 */
static int call_and_go(struct ctl_call *call, const struct ctl_target *t,
		       struct ipi_xcall_call *u)
{
	struct ctl_file *f = call->file;
	int err;

	err = xa_alloc_cyclic(&f->tickets, &u->ticket, NULL, xa_limit_32b,
			      &f->next_ticket, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		return err;
	err = post(call, t);
	if (err) {
		xa_release(&f->tickets, u->ticket);
		return err;
	}
	u->called = call->called;
	refcount_inc(&call->refs);
	xa_store(&f->tickets, u->ticket, call, 0);
	if (wq_has_sleeper(&f->wq))
		wake_up_all(&f->wq);
	return 0;
}

/* The user has not got the ticket. Another thread may have guessed it. */
static void forget_ticket(struct ctl_file *f, u32 ticket, struct ctl_call *call)
{
	if (claim_ticket(f, ticket, call))
		take_back(call);
}

static int zero_times(u64 array, u32 nr)
{
	size_t size = min(nr, num_possible_cpus()) * sizeof(struct ipi_xcall_time);

	return clear_user(u64_to_user_ptr(array), size) ? -EFAULT : 0;
}

/* Whatever can be found wrong is found before something happens. */
static int check_call(struct ipi_xcall_call *u, void __user *arg)
{
	if (u->reserved || u->delay_ns > IPI_XCALL_DELAY_MAX_NS)
		return -EINVAL;
	if (u->flags & IPI_XCALL_CALL_POST && (u->nr_times || u->times))
		return -EINVAL;
	u->ticket = 0;
	u->called = 0;
	u->offline = 0;
	return zero_times(u->times, u->nr_times) ?: give(arg, u, sizeof(*u));
}

static long do_call(struct ctl_file *f, struct ipi_xcall_call *u,
		    const struct ctl_target *t, void __user *arg)
{
	struct ctl_call *call = new_call(f, u->delay_ns);
	bool go = u->flags & IPI_XCALL_CALL_POST;
	int err;

	if (IS_ERR(call))
		return PTR_ERR(call);
	err = go ? call_and_go(call, t, u) : call_and_wait(call, t, u);
	if (err)
		goto out_put_call;
	u->offline = count_offline(t, u->called);
	err = give(arg, u, sizeof(*u));
	if (err && go)
		forget_ticket(f, u->ticket, call);
out_put_call:
	put_call(call);
	return err;
}

static long ctl_call(struct ctl_file *f, void __user *arg)
{
	struct ipi_xcall_call u;
	struct ctl_target t;
	int err;

	err = fetch(&u, sizeof(u), IPI_XCALL_CALL_SIZE_VER0, IPI_XCALL_CALL_POST, arg) ?:
	      check_call(&u, arg) ?: get_target(&t, &u.target);
	if (err)
		return err;
	err = do_call(f, &u, &t, arg);
	put_target(&t);
	return err;
}

/* The ticket stays until the user has all that there is to know. */
static int do_wait(struct ctl_file *f, struct ipi_xcall_wait *u,
		   struct ctl_call *call, void __user *arg)
{
	int err = wait_call(call, u->timeout_ns);

	if (err)
		return err;
	u->called = call->called;
	err = give_times(call, ktime_get_ns(), u->times, &u->nr_times) ?:
	      give(arg, u, sizeof(*u));
	if (err)
		return err;
	return claim_ticket(f, u->ticket, call) ? 0 : -ENOENT;
}

static long ctl_wait(struct ctl_file *f, void __user *arg)
{
	struct ipi_xcall_wait u;
	struct ctl_call *call;
	int err;

	err = fetch(&u, sizeof(u), IPI_XCALL_WAIT_SIZE_VER0, 0, arg);
	if (err)
		return err;
	if (u.reserved)
		return -EINVAL;
	call = get_call(f, u.ticket);
	if (!call)
		return -ENOENT;
	err = do_wait(f, &u, call, arg);
	put_call(call);
	return err;
}

static long ctl_abandon(struct ctl_file *f, void __user *arg)
{
	struct ipi_xcall_abandon u;
	struct ctl_call *call;
	int err;

	err = fetch(&u, sizeof(u), IPI_XCALL_ABANDON_SIZE_VER0, 0, arg);
	if (err)
		return err;
	u.prevented = 0;
	err = give(arg, &u, sizeof(u));
	if (err)
		return err;
	call = get_call(f, u.ticket);
	if (!call)
		return -ENOENT;
	err = -ENOENT;
	if (claim_ticket(f, u.ticket, call)) {
		u.prevented = take_back(call);
		wake_up_all(&f->wq);
		err = give(arg, &u, sizeof(u));
	}
	put_call(call);
	return err;
}

static void release_calls(struct ctl_file *f)
{
	struct ctl_call *call;
	unsigned long ticket;

	xa_for_each(&f->tickets, ticket, call) {
		take_back(call);
		put_call(call);
	}
	xa_destroy(&f->tickets);
}

static bool any_has_run(struct ctl_file *f)
{
	struct ctl_call *call;
	unsigned long ticket;
	bool any = false;

	xa_lock(&f->tickets);
	xa_for_each(&f->tickets, ticket, call) {
		any = has_run(call);
		if (any)
			break;
	}
	xa_unlock(&f->tickets);
	return any;
}

static __poll_t ctl_poll(struct file *file, struct poll_table_struct *wait)
{
	struct ctl_file *f = file->private_data;

	poll_wait(file, &f->wq, wait);
	/* Pairs with that of wq_has_sleeper() in run_call(). */
	smp_mb();
	return any_has_run(f) ? EPOLLIN | EPOLLRDNORM : 0;
}

/* ----- statistics ----- */

static void fill_stats(struct ipi_xcall_cpu_stats *rec, unsigned int cpu,
		       const struct ipi_stats *now, const struct ipi_stats *base)
{
	*rec = (struct ipi_xcall_cpu_stats){
		.cpu		= cpu,
		.online		= cpu_online(cpu),
		.triggers	= now->triggers - base->triggers,
		.coalesced	= now->coalesced - base->coalesced,
		.runs		= now->runs - base->runs,
		.posted		= now->posted - base->posted,
		.executed	= now->executed - base->executed,
		.cancelled	= now->cancelled - base->cancelled,
		.kicks		= now->kicks - base->kicks,
		.full		= now->full - base->full,
		.passes		= now->passes - base->passes,
		.stalls		= now->stalls - base->stalls,
		.lingered	= now->lingered_ns - base->lingered_ns,
	};
}

static int read_stats(struct ctl_file *f, bool since_load,
		      struct ipi_xcall_cpu_stats *rec)
{
	static const struct ipi_stats zero;
	const struct ipi_stats *base;
	struct ipi_stats now;
	unsigned int cpu;

	if (mutex_lock_killable(&f->lock))
		return -EINTR;
	for_each_possible_cpu(cpu) {
		base = f->baseline && !since_load ? &f->baseline[cpu] : &zero;
		ipi_stats_read(cpu, &now);
		fill_stats(rec++, cpu, &now, base);
	}
	mutex_unlock(&f->lock);
	return 0;
}

static long ctl_stats(struct ctl_file *f, void __user *arg)
{
	unsigned int n, nr = num_possible_cpus();
	struct ipi_xcall_cpu_stats *recs;
	struct ipi_xcall_stats s;
	u32 room;
	int err;

	err = fetch(&s, sizeof(s), IPI_XCALL_STATS_SIZE_VER0,
		    IPI_XCALL_STATS_SINCE_LOAD, arg);
	if (err)
		return err;
	if (s.reserved)
		return -EINVAL;
	recs = kvcalloc(nr, sizeof(*recs), GFP_KERNEL_ACCOUNT);
	if (!recs)
		return -ENOMEM;
	err = read_stats(f, s.flags & IPI_XCALL_STATS_SINCE_LOAD, recs);
	room = s.nr_cpus;
	s.nr_cpus = nr;
	for (n = 0; n < nr && !err; n++)
		err = give_record(s.cpus, n, room, &recs[n], sizeof(*recs));
	err = err ?: give(arg, &s, sizeof(s));
	kvfree(recs);
	return err;
}

static long ctl_reset(struct ctl_file *f, void __user *arg)
{
	struct ipi_xcall_reset r;
	struct ipi_stats *base;
	unsigned int cpu;
	int err;

	err = fetch(&r, sizeof(r), IPI_XCALL_RESET_SIZE_VER0, 0, arg);
	if (err)
		return err;
	base = kvcalloc(nr_cpu_ids, sizeof(*base), GFP_KERNEL_ACCOUNT);
	if (!base)
		return -ENOMEM;
	err = mutex_lock_killable(&f->lock);
	if (!err) {
		for_each_possible_cpu(cpu)
			ipi_stats_read(cpu, &base[cpu]);
		swap(f->baseline, base);
		mutex_unlock(&f->lock);
	}
	kvfree(base);
	return err;
}

/* ----- measuring ----- */

/* Which targets a mode may have, by IPI_XCALL_TO_*. */
#define AIM_CPU		BIT(IPI_XCALL_TO_CPU)
#define AIM_SET		BIT(IPI_XCALL_TO_SET)
#define AIM_ALL		(BIT(IPI_XCALL_TO_ALL) | BIT(IPI_XCALL_TO_OTHERS))

static const u8 measure_aims[] = {
	[IPI_XCALL_MEASURE_DRY]		= AIM_CPU,
	[IPI_XCALL_MEASURE_SINGLE]	= AIM_CPU,
	[IPI_XCALL_MEASURE_MANY]	= AIM_SET | AIM_ALL,
	[IPI_XCALL_MEASURE_MANY_LOCK]	= AIM_SET | AIM_ALL,
	[IPI_XCALL_MEASURE_TRIGGER]	= AIM_CPU | AIM_SET | AIM_ALL,
	[IPI_XCALL_MEASURE_UNICAST]	= AIM_CPU,
	[IPI_XCALL_MEASURE_MULTICAST]	= AIM_SET,
	[IPI_XCALL_MEASURE_BROADCAST]	= AIM_ALL,
};

static bool can_measure(const struct ipi_xcall_measure *u)
{
	if (u->mode >= ARRAY_SIZE(measure_aims) ||
	    u->target.to > IPI_XCALL_TO_OTHERS ||
	    !(measure_aims[u->mode] & BIT(u->target.to)))
		return false;
	return u->mode != IPI_XCALL_MEASURE_DRY || !u->target.cpu;
}

/* Whatever can be found wrong is found before something happens. */
static int check_measure(struct ipi_xcall_measure *u, void __user *arg)
{
	size_t size = u->nr_samples * sizeof(struct ipi_xcall_sample);

	if (u->reserved[0] || u->reserved[1] || !can_measure(u) ||
	    !is_possible(u->source) || u->period_ns > IPI_XCALL_PERIOD_MAX_NS)
		return -EINVAL;
	if (u->delay_ns > IPI_XCALL_DELAY_MAX_NS || !is_possible(u->delay_cpu) ||
	    (u->delay_cpu && !u->delay_ns))
		return -EINVAL;
	if (!u->nr_samples || u->nr_samples > IPI_XCALL_SAMPLES_MAX)
		return -EINVAL;
	u->ended = 0;
	u->lingering = 0;
	if (clear_user(u64_to_user_ptr(u->samples), size))
		return -EFAULT;
	return give(arg, u, sizeof(*u));
}

static int measure(struct ipi_measure *m, struct ipi_xcall_measure *u)
{
	int err;

	if (u->flags & IPI_XCALL_MEASURE_LINGER)
		u->lingering = ipi_is_lingering();
	else
		ipi_linger_hold();
	err = ipi_measure(m);
	if (u->flags & IPI_XCALL_MEASURE_LINGER)
		u->lingering |= ipi_is_lingering();
	else
		ipi_linger_release();
	u->nr_samples = m->taken;
	u->ended = m->ended;
	return err;
}

static int measure_into(struct ipi_xcall_sample *samples,
			const struct ctl_target *t, struct ipi_xcall_measure *u)
{
	struct ipi_measure m = {
		.mode		= u->mode,
		.to		= t->to,
		.cpus		= t->cpus,
		.source		= u->source,
		.period_ns	= u->period_ns,
		.from_due	= u->flags & IPI_XCALL_MEASURE_FROM_DUE,
		.delay_cpu	= u->delay_cpu,
		.delay_ns	= u->delay_ns,
		.samples	= samples,
		.room		= u->nr_samples,
	};
	int err = measure(&m, u);

	if (err)
		return err;
	return copy_to_user(u64_to_user_ptr(u->samples), samples,
			    m.taken * sizeof(*samples)) ? -EFAULT : 0;
}

static long ctl_measure(void __user *arg)
{
	struct ipi_xcall_sample *samples;
	struct ipi_xcall_measure u;
	struct ctl_target t;
	int err;

	err = fetch(&u, sizeof(u), IPI_XCALL_MEASURE_SIZE_VER0,
		    IPI_XCALL_MEASURE_FROM_DUE | IPI_XCALL_MEASURE_LINGER, arg) ?:
	      check_measure(&u, arg) ?: get_target(&t, &u.target);
	if (err)
		return err;
	err = -ENOMEM;
	samples = kvcalloc(u.nr_samples, sizeof(*samples), GFP_KERNEL_ACCOUNT);
	if (!samples)
		goto out_put_target;
	err = measure_into(samples, &t, &u) ?: give(arg, &u, sizeof(u));
	kvfree(samples);
out_put_target:
	put_target(&t);
	return err;
}

/* ----- limits ----- */

static long ctl_info(void __user *arg)
{
	struct ipi_xcall_info info;
	int err = fetch(&info, sizeof(info), IPI_XCALL_INFO_SIZE_VER0, 0, arg);

	if (err)
		return err;
	if (info.reserved[0] || info.reserved[1])
		return -EINVAL;
	info = (struct ipi_xcall_info){
		.size		= info.size,
		.abi		= IPI_XCALL_ABI,
		.version	= IPI_XCALL_VERSION,
		.slots		= IPI_MAX,
		.slots_per_file	= IPI_XCALL_SLOTS_PER_FILE,
		.mailbox	= IPI_MBOX_SIZE,
		.calls		= IPI_XCALL_CALLS_MAX,
		.calls_per_file	= IPI_XCALL_CALLS_PER_FILE,
		.delay_max_ns	= IPI_XCALL_DELAY_MAX_NS,
		.mask_words_max	= IPI_XCALL_MASK_WORDS_MAX,
		.cpu_ids	= nr_cpu_ids,
		.cpus_possible	= num_possible_cpus(),
		.cpus_online	= num_online_cpus(),
	};
	return give(arg, &info, sizeof(info));
}

/* ----- the file ----- */

static long ctl_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct ctl_file *f = file->private_data;
	void __user *u = (void __user *)arg;

	switch (cmd) {
	case IPI_XCALL_IOC_INFO:
		return ctl_info(u);
	case IPI_XCALL_IOC_REGISTER:
		return ctl_register(f, u);
	case IPI_XCALL_IOC_UNREGISTER:
		return ctl_unregister(f, u);
	case IPI_XCALL_IOC_TRIGGER:
		return ctl_trigger(f, u);
	case IPI_XCALL_IOC_CALL:
		return ctl_call(f, u);
	case IPI_XCALL_IOC_WAIT:
		return ctl_wait(f, u);
	case IPI_XCALL_IOC_ABANDON:
		return ctl_abandon(f, u);
	case IPI_XCALL_IOC_SLOT:
		return ctl_slot(f, u);
	case IPI_XCALL_IOC_STATS:
		return ctl_stats(f, u);
	case IPI_XCALL_IOC_RESET:
		return ctl_reset(f, u);
	case IPI_XCALL_IOC_MEASURE:
		return ctl_measure(u);
	default:
		return -ENOTTY;
	}
}

static int ctl_open(struct inode *inode, struct file *file)
{
	struct ctl_file *f;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	f = kzalloc(sizeof(*f), GFP_KERNEL_ACCOUNT);
	if (!f)
		return -ENOMEM;
	mutex_init(&f->lock);
	xa_init_flags(&f->tickets, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	init_waitqueue_head(&f->wq);
	init_irq_work(&f->wake, wake_file);
	file->private_data = f;
	return stream_open(inode, file);
}

/* No ioctl is under way, and none will be. */
static int ctl_release(struct inode *inode, struct file *file)
{
	struct ctl_file *f = file->private_data;

	release_calls(f);
	release_slots(f);
	irq_work_sync(&f->wake);
	kvfree(f->baseline);
	mutex_destroy(&f->lock);
	kfree(f);
	return 0;
}

static const struct file_operations ctl_fops = {
	.owner		= THIS_MODULE,
	.open		= ctl_open,
	.release	= ctl_release,
	.unlocked_ioctl	= ctl_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.poll		= ctl_poll,
};

static struct miscdevice ctl_device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "ipi_xcall",
	.mode	= 0600,
	.fops	= &ctl_fops,
};

/* A struct that grew must not have changed what it began with. */
#define CHECK_SIZE(name, NAME)						\
	static_assert(sizeof(struct ipi_xcall_##name) >=		\
		      IPI_XCALL_##NAME##_SIZE_VER0)

CHECK_SIZE(info, INFO);
CHECK_SIZE(register, REGISTER);
CHECK_SIZE(unregister, UNREGISTER);
CHECK_SIZE(trigger, TRIGGER);
CHECK_SIZE(call, CALL);
CHECK_SIZE(wait, WAIT);
CHECK_SIZE(abandon, ABANDON);
CHECK_SIZE(slot, SLOT);
CHECK_SIZE(stats, STATS);
CHECK_SIZE(reset, RESET);
CHECK_SIZE(measure, MEASURE);

/* From here on the device is in use: all else must be ready. */
int ipi_ctl_init(void)
{
	return misc_register(&ctl_device);
}

void ipi_ctl_exit(void)
{
	misc_deregister(&ctl_device);
}
