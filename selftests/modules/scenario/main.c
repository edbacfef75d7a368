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
#include <linux/string.h>
#include <linux/uaccess.h>

#include "cases.h"
#include "report.h"

#define XT_ARGS		4
#define XT_TRIES	4

static DEFINE_MUTEX(xt_mutex);
static struct dentry *xt_dir;

static const struct xt_case *const xt_tables[] = {
	xt_async_cases,
	xt_cancel_cases,
	xt_context_cases,
	xt_load_cases,
	xt_self_cases,
	xt_slots_cases,
	xt_stall_cases,
	xt_sync_cases,
	xt_try_cases,
	xt_unregister_cases,
	xt_wrong_cases,
};

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
		xt_report_reset();
		if (n > 1)
			xt_note("try %d, since a CPU was held for too long", n);
		migrate_disable();
		c->run(arg);
		migrate_enable();
		if (!xt_report_expired())
			break;
	}
}

static int xt_run(char *line)
{
	const struct xt_case *c;
	long arg[XT_ARGS] = { };
	int ret;

	xt_report_reset();
	ret = xt_parse(line, &c, arg);
	if (ret)
		return ret;
	xt_run_case(c, arg);
	return xt_report_result();
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
	seq_puts(m, xt_report_text());
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
