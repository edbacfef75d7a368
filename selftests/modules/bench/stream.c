// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall_stream: what a stream of calls costs, and what it does to its target
 *
 * "PERIOD COUNT" written to ipi_xcall_stream in debugfs sends COUNT unicasts
 * from CPU 0 to CPU 1, which spins in a task, and waits for each. The next one
 * is due PERIOD ns after the one before, or when that is over. Reading gives a
 * line of tabs, all of it ns: what the stream took, a call, how late a timer of
 * CPU 1 was (mean, most), a smp_call_function_single() to it (mean, most).
 *
 * The timer fires every TIMER_NS. Of every FOREIGN calls one is followed by that
 * of the core, at once, when the target lingers if it does.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "../../../ipi_xcall.h"
#include "../../../core/compat.h"

#define LEADER		0
#define TARGET		1
#define TIMER_NS	(50 * NSEC_PER_USEC)
#define FOREIGN		16

struct mean {
	u64 sum;
	u64 most;
	unsigned int n;
};

static void mean_add(struct mean *m, u64 value)
{
	m->sum += value;
	m->most = max(m->most, value);
	m->n++;
}

static u64 mean_of(const struct mean *m)
{
	return m->n ? div_u64(m->sum, m->n) : 0;
}

/* Of the last stream, under stream_mutex. */
static struct {
	unsigned int period;
	unsigned int count;
	u64 took;
	struct mean call;
	struct mean timer;
	struct mean foreign;
} stream;
static DEFINE_MUTEX(stream_mutex);

/* ----- on the target: a task, a timer, the function called ----- */

static int spin(void *unused)
{
	while (!kthread_should_stop()) {
		cpu_relax();
		cond_resched();
	}
	return 0;
}

static enum hrtimer_restart timer_fires(struct hrtimer *timer)
{
	u64 now = ktime_to_ns(hrtimer_cb_get_time(timer));

	mean_add(&stream.timer, now - ktime_to_ns(hrtimer_get_expires(timer)));
	hrtimer_forward(timer, ns_to_ktime(now), ns_to_ktime(TIMER_NS));
	return HRTIMER_RESTART;
}

static void do_nothing(void *unused)
{
}

static struct hrtimer timer;

static void start_timer(void *unused)
{
	hrtimer_start(&timer, ns_to_ktime(TIMER_NS), HRTIMER_MODE_REL_PINNED_HARD);
}

/* ----- the leader ----- */

static void spin_until(u64 when)
{
	while (ktime_get_ns() < when)
		cpu_relax();
}

static void call_once(unsigned int n)
{
	struct ipi_msg msg = { .func = do_nothing };
	u64 start = ktime_get_ns();

	WARN_ON_ONCE(ipi_unicast(&msg, TARGET));
	ipi_wait(&msg);
	mean_add(&stream.call, ktime_get_ns() - start);
	if (n % FOREIGN)
		return;
	start = ktime_get_ns();
	smp_call_function_single(TARGET, do_nothing, NULL, 1);
	mean_add(&stream.foreign, ktime_get_ns() - start);
}

static void send_all(void)
{
	u64 start = ktime_get_ns();
	u64 due = start;
	unsigned int n;

	for (n = 0; n < stream.count; n++) {
		preempt_disable();
		call_once(n);
		due = max(due + stream.period, ktime_get_ns());
		spin_until(due);
		preempt_enable();
		cond_resched();
	}
	stream.took = ktime_get_ns() - start;
}

static int leader(void *done)
{
	smp_call_function_single(TARGET, start_timer, NULL, 1);
	send_all();
	hrtimer_cancel(&timer);
	complete(done);
	return 0;
}

static int lead(void)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct task_struct *target, *task;

	target = kthread_create_on_cpu(spin, NULL, TARGET, "ipi_stream/%u");
	if (IS_ERR(target))
		return PTR_ERR(target);
	wake_up_process(target);
	task = kthread_create_on_cpu(leader, &done, LEADER, "ipi_stream/%u");
	if (!IS_ERR(task)) {
		wake_up_process(task);
		wait_for_completion(&done);
	}
	kthread_stop(target);
	return PTR_ERR_OR_ZERO(task);
}

/* ----- the file ----- */

static ssize_t stream_write(struct file *file, const char __user *buf,
			    size_t size, loff_t *pos)
{
	char line[32] = {};
	unsigned int period, count;
	int err;

	if (size >= sizeof(line))
		return -E2BIG;
	if (copy_from_user(line, buf, size))
		return -EFAULT;
	if (sscanf(line, "%u %u", &period, &count) != 2 || !count)
		return -EINVAL;
	mutex_lock(&stream_mutex);
	memset(&stream, 0, sizeof(stream));
	stream.period = period;
	stream.count = count;
	cpus_read_lock();
	err = cpu_online(LEADER) && cpu_online(TARGET) ? lead() : -ENXIO;
	cpus_read_unlock();
	mutex_unlock(&stream_mutex);
	return err ?: size;
}

static int stream_show(struct seq_file *m, void *unused)
{
	mutex_lock(&stream_mutex);
	seq_printf(m, "%llu\t%llu\t%llu\t%llu\t%llu\t%llu\n", stream.took,
		   mean_of(&stream.call), mean_of(&stream.timer),
		   stream.timer.most, mean_of(&stream.foreign),
		   stream.foreign.most);
	mutex_unlock(&stream_mutex);
	return 0;
}

static int stream_file_open(struct inode *inode, struct file *file)
{
	return single_open(file, stream_show, NULL);
}

static const struct file_operations stream_fops = {
	.owner	= THIS_MODULE,
	.open	= stream_file_open,
	.read	= seq_read,
	.write	= stream_write,
	.llseek	= seq_lseek,
	.release = single_release,
};

static struct dentry *stream_file;

static int __init stream_init(void)
{
	hrtimer_setup(&timer, timer_fires, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
	stream_file = debugfs_create_file("ipi_xcall_stream", 0600, NULL, NULL,
					  &stream_fops);
	return 0;
}

static void __exit stream_exit(void)
{
	debugfs_remove(stream_file);
}

module_init(stream_init);
module_exit(stream_exit);

MODULE_AUTHOR("The ipi_xcall maintainers");
MODULE_DESCRIPTION("What a stream of calls does to its target");
MODULE_LICENSE("GPL");
