// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: the files in debugfs, for people
 *
 * What is written is a line, see lines.c.
 */
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "ctl.h"

static struct dentry *dbg_dir;

/* ----- the files to read ----- */

static void dbg_show_cpu_columns(struct seq_file *m)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		seq_printf(m, " cpu%u", cpu);
}

/* Names the module that @func lies in if nobody said who owns the slot. */
static void dbg_show_owner(struct seq_file *m, const struct ipi_slot_info *info)
{
	char name[256];
	char *mod;

	if (info->owner) {
		seq_printf(m, " %s", info->owner);
		return;
	}
	snprintf(name, sizeof(name), "%ps", info->func);
	mod = strchr(name, '[');
	if (mod)
		seq_printf(m, " %.*s", (int)strcspn(mod + 1, "]"), mod + 1);
	else
		seq_puts(m, " -");
}

static void dbg_show_slot(struct seq_file *m, unsigned int id)
{
	struct ipi_slot_info info;
	unsigned long sum = 0;
	unsigned int cpu;

	if (!ipi_slot_info(id, &info))
		return;
	for_each_possible_cpu(cpu)
		sum += ipi_slot_runs(id, cpu);
	seq_printf(m, "%u %s %lu", id, info.live ? "live" : "dying", sum);
	for_each_possible_cpu(cpu)
		seq_printf(m, " %lu", ipi_slot_runs(id, cpu));
	dbg_show_owner(m, &info);
	seq_printf(m, " %ps\n", info.func);
}

static int slots_show(struct seq_file *m, void *unused)
{
	unsigned int id;

	seq_puts(m, "id state runs");
	dbg_show_cpu_columns(m);
	seq_puts(m, " owner func\n");
	for (id = 1; id <= IPI_MAX; id++)
		dbg_show_slot(m, id);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(slots);

static int cpus_show(struct seq_file *m, void *unused)
{
	struct ipi_cpu_info info;
	unsigned int cpu;

	seq_puts(m, "cpu online pending mailbox deferred running\n");
	for_each_possible_cpu(cpu) {
		ipi_cpu_info(cpu, &info);
		seq_printf(m, "%u %d %#lx %u %#lx ", cpu, cpu_online(cpu),
			   info.pending, info.mailbox, info.deferred);
		if (info.func)
			seq_printf(m, "%ps\n", info.func);
		else
			seq_puts(m, "-\n");
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cpus);

static int stats_show(struct seq_file *m, void *unused)
{
#define DBG_NAME(name, value)	" " #name
#define DBG_VALUE(name, value)	seq_printf(m, " %llu", s.name);
	struct ipi_stats s;
	unsigned int cpu;

	seq_puts(m, "cpu" IPI_COUNTERS(DBG_NAME) "\n");
	for_each_possible_cpu(cpu) {
		ipi_stats_read(cpu, &s);
		seq_printf(m, "%u", cpu);
		IPI_COUNTERS(DBG_VALUE)
		seq_puts(m, "\n");
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static int stamps_show(struct seq_file *m, void *unused)
{
	seq_puts(m, "id");
	dbg_show_cpu_columns(m);
	seq_puts(m, "\n");
	return ctl_line_show_stamps(m);
}
DEFINE_SHOW_ATTRIBUTE(stamps);

static int register_show(struct seq_file *m, void *unused)
{
	return ctl_line_show_id(m);
}

static int call_show(struct seq_file *m, void *unused)
{
	return ctl_line_show_call(m);
}

/* ----- the files to write ----- */

static ssize_t dbg_write(const char __user *buf, size_t count,
			 int (*run)(char *line, const char *file),
			 const char *file)
{
	char *line = ctl_line_get(buf, count, file);
	int err;

	if (IS_ERR(line))
		return PTR_ERR(line);
	err = run(line, file);
	kfree(line);
	return err ?: count;
}

#define DBG_WRITE(name)							\
static ssize_t name##_write(struct file *file, const char __user *buf,	\
			    size_t count, loff_t *pos)			\
{									\
	return dbg_write(buf, count, ctl_line_##name, #name);		\
}

#define DBG_FOPS(name, ...)						\
static const struct file_operations name##_fops = {			\
	.owner	= THIS_MODULE,						\
	.write	= name##_write,						\
	__VA_ARGS__							\
}

#define DBG_OPEN(name)							\
static int name##_open(struct inode *inode, struct file *file)		\
{									\
	return single_open(file, name##_show, NULL);			\
}

DBG_WRITE(register);
DBG_OPEN(register);
DBG_FOPS(register, .open = register_open, .read = seq_read,
	 .llseek = seq_lseek, .release = single_release);
DBG_WRITE(unregister);
DBG_FOPS(unregister, .open = simple_open, .llseek = noop_llseek);
DBG_WRITE(trigger);
DBG_FOPS(trigger, .open = simple_open, .llseek = noop_llseek);
DBG_WRITE(call);
DBG_OPEN(call);
DBG_FOPS(call, .open = call_open, .read = seq_read,
	 .llseek = seq_lseek, .release = single_release);

/* As usual with debugfs, what cannot be created is missed by nobody else. */
void ipi_debugfs_init(void)
{
	dbg_dir = debugfs_create_dir("ipi_xcall", NULL);
	debugfs_create_file("slots", 0444, dbg_dir, NULL, &slots_fops);
	debugfs_create_file("cpus", 0444, dbg_dir, NULL, &cpus_fops);
	debugfs_create_file("stats", 0444, dbg_dir, NULL, &stats_fops);
	debugfs_create_file("stamps", 0444, dbg_dir, NULL, &stamps_fops);
	debugfs_create_file("register", 0644, dbg_dir, NULL, &register_fops);
	debugfs_create_file("unregister", 0200, dbg_dir, NULL, &unregister_fops);
	debugfs_create_file("trigger", 0200, dbg_dir, NULL, &trigger_fops);
	debugfs_create_file("call", 0644, dbg_dir, NULL, &call_fops);
}

/* Waits for whoever is within one of the files. */
void ipi_debugfs_exit(void)
{
	debugfs_remove(dbg_dir);
	ctl_lines_exit();
}
