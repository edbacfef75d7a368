// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: /dev/ipi_xcall, for programs
 *
 * An ordinary client of ipi_xcall.h: a command is fetched, done and its answer
 * given. What the commands do and which errors they give is said in
 * uapi/ipi_xcall.h; each is done in the file of its subject. The answer is copied
 * out when all is done. If that fails, what the command has made is taken back by
 * its end, which also drops what must not go before the user has the answer.
 *
 * An open file owns slots, calls with a ticket and the baseline of its statistics.
 * It goes with the last descriptor, hence never during an ioctl.
 *
 * All waits, and what ends them if the caller is killed:
 *
 *	WAIT, CALL		killable; a call is cancelled then, and what runs
 *				that has begun is waited for: IPI_XCALL_DELAY_MAX_NS
 *	delays beyond the budget	killable
 *	MEASURE			killable, within a second; its thread may go on alone
 *	file->lock		held for a look at the counters, never over a sleep
 *				but for slots_mutex of the core, a leaf
 *	a full mailbox		spins until the CPU called has served it
 *	UNREGISTER, close	grace periods, bits that CPUs have yet to serve, and a
 *				work item on its way to an eventfd or the wait queue.
 *				None depends on one CPU's tasks: see handlers.c
 *	debugfs			mutexes killable; killed between calls
 *	lingering held up	a grace period, by MEASURE and whoever sets linger_ns
 *
 * Those that a signal does not end are over when the functions under way are, and
 * are reported if that takes long. doc/testing.md names the test of each.
 *
 * Memory of the user is touched with no lock held.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/stddef.h>

#include "ctl.h"

int ctl_info(struct ctl_file *f, struct ctl_request *rq)
{
	rq->as_info = (struct ipi_xcall_info){
		.size			= rq->as_info.size,
		.abi			= IPI_XCALL_ABI,
		.version		= IPI_XCALL_VERSION,
		.slots			= IPI_MAX,
		.slots_per_file		= IPI_XCALL_SLOTS_PER_FILE,
		.mailbox		= ipi_mbox_size(),
		.calls			= IPI_XCALL_CALLS_MAX,
		.calls_per_file		= IPI_XCALL_CALLS_PER_FILE,
		.delay_max_ns		= IPI_XCALL_DELAY_MAX_NS,
		.mask_words_max		= IPI_XCALL_MASK_WORDS_MAX,
		.cpu_ids		= nr_cpu_ids,
		.cpus_possible		= num_possible_cpus(),
		.cpus_online		= num_online_cpus(),
		.slots_kernel		= CTL_SLOTS_KERNEL,
		.measures		= ctl_measures_max(),
		.measures_per_file	= IPI_XCALL_MEASURES_PER_FILE,
		.delay_burst_ns		= IPI_XCALL_DELAY_BURST_NS,
	};
	return 0;
}

/* ----- the table of commands ----- */

/**
 * struct ctl_command - a command
 * @cmd: its number
 * @size: size of its struct
 * @min: the same in the first version
 * @flags: flags that it knows
 * @writes: it changes something
 * @answers: its struct is written back
 * @run: does it
 * @end: has the last word on a command that was done: gets 0, or -EFAULT if the
 *	user has not got the answer; returns what the ioctl shall. May be NULL.
 */
struct ctl_command {
	unsigned int cmd;
	size_t size;
	size_t min;
	u32 flags;
	bool writes;
	bool answers;
	int (*run)(struct ctl_file *f, struct ctl_request *rq);
	int (*end)(struct ctl_file *f, struct ctl_request *rq, int err);
};

#define COMMAND(NAME, name, last, does, ...)				\
	[_IOC_NR(IPI_XCALL_IOC_##NAME)] = {				\
		.cmd	= IPI_XCALL_IOC_##NAME,				\
		.size	= sizeof(struct ipi_xcall_##name),		\
		.min	= IPI_XCALL_##NAME##_SIZE_VER0,			\
		.run	= does,						\
		__VA_ARGS__						\
	},

static const struct ctl_command device_commands[] = {
	CTL_COMMANDS(COMMAND)
};

static const struct ctl_command *device_find(unsigned int cmd)
{
	unsigned int nr = _IOC_NR(cmd);

	if (nr >= ARRAY_SIZE(device_commands))
		return NULL;
	nr = array_index_nospec(nr, ARRAY_SIZE(device_commands));
	return device_commands[nr].cmd == cmd ? &device_commands[nr] : NULL;
}

static long device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	const struct ctl_command *c = device_find(cmd);
	struct ctl_file *f = file->private_data;
	void __user *u = (void __user *)arg;
	struct ctl_request rq = {};
	int err;

	if (!c)
		return -ENOTTY;
	if (c->writes && !(file->f_mode & FMODE_WRITE))
		return -EBADF;
	err = ctl_fetch(&rq, c->size, c->min, c->flags, u) ?: c->run(f, &rq);
	if (err)
		return err;
	if (c->answers)
		err = ctl_give(u, &rq, c->size);
	return c->end ? c->end(f, &rq, err) : err;
}

/* A struct that grew must not have changed what it began with. */
#define CHECK_SIZE(name, NAME, last)					\
	static_assert(offsetofend(struct ipi_xcall_##name, last) ==	\
		      IPI_XCALL_##NAME##_SIZE_VER0 &&			\
		      sizeof(struct ipi_xcall_##name) % sizeof(u64) == 0)
#define CHECK_COMMAND(NAME, name, last, run, ...) CHECK_SIZE(name, NAME, last);

CTL_COMMANDS(CHECK_COMMAND)
CHECK_SIZE(time, TIME, acked_ns);
CHECK_SIZE(slot_cpu, SLOT_CPU, last_ns);
CHECK_SIZE(cpu_stats, CPU_STATS, lingered_ns);
CHECK_SIZE(sample, SAMPLE, idle);

/* ----- the file ----- */

static __poll_t device_poll(struct file *file, struct poll_table_struct *wait)
{
	struct ctl_file *f = file->private_data;

	poll_wait(file, &f->wq, wait);
	/* Pairs with that of wq_has_sleeper() in call_run(). */
	smp_mb();
	return ctl_calls_any_has_run(f) ? EPOLLIN | EPOLLRDNORM : 0;
}

static int device_open(struct inode *inode, struct file *file)
{
	struct ctl_file *f;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	f = kzalloc(sizeof(*f), GFP_KERNEL_ACCOUNT);
	if (!f)
		return -ENOMEM;
	f->measures = ctl_measures_new();
	if (!f->measures) {
		kfree(f);
		return -ENOMEM;
	}
	mutex_init(&f->lock);
	ctl_calls_init(f);
	file->private_data = f;
	return stream_open(inode, file);
}

/* No ioctl is under way, and none will be. */
static int device_release(struct inode *inode, struct file *file)
{
	struct ctl_file *f = file->private_data;

	ctl_calls_release(f);
	ctl_slots_release(f);
	kvfree(f->baseline);
	mutex_destroy(&f->lock);
	ctl_measures_put(f->measures);
	kfree(f);
	return 0;
}

static const struct file_operations device_fops = {
	.owner		= THIS_MODULE,
	.open		= device_open,
	.release	= device_release,
	.unlocked_ioctl	= device_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.poll		= device_poll,
};

static struct miscdevice device_misc = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "ipi_xcall",
	.mode	= 0600,
	.fops	= &device_fops,
};

/* From here on the device is in use: all else must be ready. */
int ipi_ctl_init(void)
{
	int err = ctl_queue_init();

	if (err)
		return err;
	err = misc_register(&device_misc);
	if (err)
		ctl_queue_exit();
	return err;
}

void ipi_ctl_exit(void)
{
	misc_deregister(&device_misc);
	ctl_queue_exit();
}
