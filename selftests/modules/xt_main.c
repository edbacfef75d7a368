// SPDX-License-Identifier: GPL-2.0
/*
 * The frame of ipi_xcall_test: two debugfs files.
 *
 * /sys/kernel/debug/ipi_xcall_test/run: write "NAME [NUMBER]..." to run a
 * scenario. The result is that of write(2): success, -EPROTO when a property
 * did not hold, -EOPNOTSUPP when this machine cannot show it, -ENOENT when
 * there is no such scenario. Reading it lists the scenarios.
 * /sys/kernel/debug/ipi_xcall_test/log: what the last one had to say.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "xt.h"

#define XT_ARGS		4
#define XT_LOG_SIZE	8192
/* The first failures explain the others. */
#define XT_MAX_FAILURES	16
#define XT_TRIES	4

static DEFINE_MUTEX(xt_mutex);
static DEFINE_RAW_SPINLOCK(xt_log_lock);
static char xt_log[XT_LOG_SIZE];
static size_t xt_log_len;
static unsigned int xt_failures;
static bool xt_skipped;
static bool xt_expired;
static struct dentry *xt_dir;

static const struct xt_case *const xt_tables[] = {
	xt_async_cases,
	xt_cancel_cases,
	xt_context_cases,
	xt_load_cases,
	xt_self_cases,
	xt_slots_cases,
	xt_sync_cases,
	xt_try_cases,
	xt_unregister_cases,
	xt_wrong_cases,
};

static __printf(1, 0) void xt_log_add(const char *fmt, va_list args)
{
	xt_log_len += vscnprintf(xt_log + xt_log_len,
				 sizeof(xt_log) - xt_log_len, fmt, args);
	xt_log_len += scnprintf(xt_log + xt_log_len,
				sizeof(xt_log) - xt_log_len, "\n");
}

/* Any context. */
void xt_fail(const char *fmt, ...)
{
	unsigned long flags;
	va_list args;

	raw_spin_lock_irqsave(&xt_log_lock, flags);
	if (xt_failures++ < XT_MAX_FAILURES) {
		va_start(args, fmt);
		xt_log_add(fmt, args);
		va_end(args);
	}
	raw_spin_unlock_irqrestore(&xt_log_lock, flags);
}

void xt_note(const char *fmt, ...)
{
	unsigned long flags;
	va_list args;

	raw_spin_lock_irqsave(&xt_log_lock, flags);
	va_start(args, fmt);
	xt_log_add(fmt, args);
	va_end(args);
	raw_spin_unlock_irqrestore(&xt_log_lock, flags);
}

void xt_skip(const char *fmt, ...)
{
	unsigned long flags;
	va_list args;

	raw_spin_lock_irqsave(&xt_log_lock, flags);
	xt_skipped = true;
	va_start(args, fmt);
	xt_log_add(fmt, args);
	va_end(args);
	raw_spin_unlock_irqrestore(&xt_log_lock, flags);
}

void xt_held_too_long(void)
{
	WRITE_ONCE(xt_expired, true);
	xt_fail("CPU %u was held for more than %u ms", smp_processor_id(),
		XT_HOLD_MS);
}

bool xt_failed(void)
{
	return READ_ONCE(xt_failures);
}

static const struct xt_case *xt_find(const char *name)
{
	const struct xt_case *c;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(xt_tables); i++) {
		for (c = xt_tables[i]; c->name; c++) {
			if (!strcmp(c->name, name))
				return c;
		}
	}
	return NULL;
}

static int xt_parse(char *line, const struct xt_case **found, long *arg)
{
	char *name = strsep(&line, " ");
	char *word;
	int i = 0;

	while ((word = strsep(&line, " "))) {
		if (i == XT_ARGS || kstrtol(word, 0, &arg[i++]))
			return -EINVAL;
	}
	*found = xt_find(name);
	return *found ? 0 : -ENOENT;
}

static void xt_reset(void)
{
	xt_log_len = 0;
	xt_log[0] = '\0';
	xt_failures = 0;
	xt_skipped = false;
	xt_expired = false;
}

/*
 * A CPU that is held keeps the kernel itself waiting, too. A flush of all TLBs,
 * as when a module's init section is freed, spins with preemption off until the
 * held CPU takes part; where it spins on the CPU of the one who is to let go,
 * nobody does. That shows nothing of ours, so the scenario is run again. If it
 * is a sender of ours that waits for the held CPU, it does so each time.
 */
static void xt_run_case(const struct xt_case *c, const long *arg)
{
	int n;

	for (n = 1; n <= XT_TRIES; n++) {
		xt_reset();
		if (n > 1)
			xt_note("try %d, since a CPU was held for too long", n);
		migrate_disable();
		c->run(arg);
		migrate_enable();
		if (!xt_expired)
			break;
	}
}

static int xt_run(char *line)
{
	const struct xt_case *c;
	long arg[XT_ARGS] = { };
	int ret;

	xt_reset();
	ret = xt_parse(line, &c, arg);
	if (ret)
		return ret;
	xt_run_case(c, arg);
	if (xt_failures > XT_MAX_FAILURES)
		xt_note("and %u more", xt_failures - XT_MAX_FAILURES);
	if (xt_failures)
		return -EPROTO;
	return xt_skipped ? -EOPNOTSUPP : 0;
}

static ssize_t xt_run_write(struct file *file, const char __user *buf,
			    size_t len, loff_t *pos)
{
	char *line;
	int ret;

	if (len > 256)
		return -E2BIG;
	line = memdup_user_nul(buf, len);
	if (IS_ERR(line))
		return PTR_ERR(line);
	mutex_lock(&xt_mutex);
	ret = xt_run(strim(line));
	mutex_unlock(&xt_mutex);
	kfree(line);
	return ret ?: len;
}

static int xt_run_show(struct seq_file *m, void *v)
{
	const struct xt_case *c;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(xt_tables); i++) {
		for (c = xt_tables[i]; c->name; c++)
			seq_printf(m, "%s\n", c->name);
	}
	return 0;
}

static int xt_run_open(struct inode *inode, struct file *file)
{
	return single_open(file, xt_run_show, NULL);
}

static const struct file_operations xt_run_fops = {
	.owner = THIS_MODULE,
	.open = xt_run_open,
	.read = seq_read,
	.write = xt_run_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int xt_log_show(struct seq_file *m, void *v)
{
	mutex_lock(&xt_mutex);
	seq_puts(m, xt_log);
	mutex_unlock(&xt_mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(xt_log);

static int __init xt_init(void)
{
	xt_dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("run", 0600, xt_dir, NULL, &xt_run_fops);
	debugfs_create_file("log", 0400, xt_dir, NULL, &xt_log_fops);
	return 0;
}

static void __exit xt_exit(void)
{
	debugfs_remove(xt_dir);
	xt_load_exit();
	xt_self_exit();
}

module_init(xt_init);
module_exit(xt_exit);
MODULE_DESCRIPTION("Scenarios that show the contract of ipi_xcall");
MODULE_LICENSE("GPL");
