// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: the files in debugfs, for people
 *
 * An ordinary client of ipi_xcall.h with two built-in handlers. All state is
 * under dbg_mutex but what the handlers write: a CPU writes its own element of
 * a per-CPU array, with interrupts off, and readers may see it half new.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "ctl.h"

/* Calls that one write to "call" may ask for. */
#define DBG_CALLS_MAX	100000

/* What a CPU took in the last call through the file. */
struct dbg_took {
	unsigned long runs;
	u64 min;
	u64 max;
	u64 sum;
};

/* A message of a call under way. */
struct dbg_call {
	struct ipi_msg msg;
	u64 posted;
};

static DEFINE_MUTEX(dbg_mutex);
static struct dentry *dbg_dir;
static unsigned int dbg_last_id;
/* Slots of ours, and when each last ran on each CPU (ns, 0: never). */
static unsigned long dbg_slots;
static u64 __percpu *dbg_stamps[IPI_MAX + 1];
static DEFINE_PER_CPU(struct dbg_took, dbg_took);

/* ----- built-in handlers ----- */

/* The mechanism counts the runs. */
void ipi_count(void *unused)
{
}

/* @stamps: u64 __percpu *, when each CPU last ran it (ns) */
void ipi_stamp(void *stamps)
{
	WRITE_ONCE(*this_cpu_ptr((u64 __percpu *)stamps), ktime_get_ns());
}

/* ----- the files to read ----- */

static void show_cpu_columns(struct seq_file *m)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		seq_printf(m, " cpu%u", cpu);
}

/* Names the module that @func lies in if nobody said who owns the slot. */
static void show_owner(struct seq_file *m, const struct ipi_slot_info *info)
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

static void show_slot(struct seq_file *m, unsigned int id)
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
	show_owner(m, &info);
	seq_printf(m, " %ps\n", info.func);
}

static int slots_show(struct seq_file *m, void *unused)
{
	unsigned int id;

	seq_puts(m, "id state runs");
	show_cpu_columns(m);
	seq_puts(m, " owner func\n");
	for (id = 1; id <= IPI_MAX; id++)
		show_slot(m, id);
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
	struct ipi_stats s;
	unsigned int cpu;

	seq_puts(m, "cpu triggers coalesced runs posted executed cancelled kicks full passes stalls lingered_ns\n");
	for_each_possible_cpu(cpu) {
		ipi_stats_read(cpu, &s);
		seq_printf(m, "%u %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu\n",
			   cpu, s.triggers, s.coalesced, s.runs, s.posted,
			   s.executed, s.cancelled, s.kicks, s.full, s.passes,
			   s.stalls, s.lingered_ns);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static void show_stamp(struct seq_file *m, unsigned int id)
{
	unsigned int cpu;

	if (!dbg_stamps[id])
		return;
	seq_printf(m, "%u", id);
	for_each_possible_cpu(cpu)
		seq_printf(m, " %llu",
			   READ_ONCE(*per_cpu_ptr(dbg_stamps[id], cpu)));
	seq_puts(m, "\n");
}

static int stamps_show(struct seq_file *m, void *unused)
{
	unsigned int id;

	seq_puts(m, "id");
	show_cpu_columns(m);
	seq_puts(m, "\n");
	mutex_lock(&dbg_mutex);
	for (id = 1; id <= IPI_MAX; id++)
		show_stamp(m, id);
	mutex_unlock(&dbg_mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stamps);

static int register_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "%u\n", READ_ONCE(dbg_last_id));
	return 0;
}

static int call_show(struct seq_file *m, void *unused)
{
	const struct dbg_took *took;
	unsigned int cpu;

	seq_puts(m, "cpu runs min_ns mean_ns max_ns\n");
	mutex_lock(&dbg_mutex);
	for_each_possible_cpu(cpu) {
		took = per_cpu_ptr(&dbg_took, cpu);
		if (took->runs)
			seq_printf(m, "%u %lu %llu %llu %llu\n", cpu,
				   took->runs, took->min,
				   div64_ul(took->sum, took->runs), took->max);
	}
	mutex_unlock(&dbg_mutex);
	return 0;
}

/* ----- parsing what people write; each error says what was wrong ----- */

static char *get_line(const char __user *buf, size_t count, const char *file)
{
	char *line;

	if (!capable(CAP_SYS_ADMIN)) {
		pr_warn_ratelimited("%s: needs CAP_SYS_ADMIN\n", file);
		return ERR_PTR(-EPERM);
	}
	if (count > PAGE_SIZE) {
		pr_warn_ratelimited("%s: %zu bytes are too many\n", file, count);
		return ERR_PTR(-E2BIG);
	}
	line = memdup_user_nul(buf, count);
	if (IS_ERR(line))
		return line;
	if (strlen(line) != count || !*skip_spaces(line)) {
		pr_warn_ratelimited("%s: %s\n", file,
				    *line ? "zero byte or nothing but spaces" : "empty");
		kfree(line);
		return ERR_PTR(-EINVAL);
	}
	return line;
}

/* Cuts the next word off @line; an empty one if there is none. */
static char *next_word(char **line)
{
	char *word = skip_spaces(*line);

	*line = word + strcspn(word, " \t\n");
	if (**line)
		*(*line)++ = '\0';
	return word;
}

static int check_end(char *line, const char *file)
{
	char *word = next_word(&line);

	if (!*word)
		return 0;
	pr_warn_ratelimited("%s: '%.32s' is too much\n", file, word);
	return -EINVAL;
}

static int get_id(char *word, unsigned int *id, const char *file)
{
	int err = kstrtouint(word, 10, id);

	if (err) {
		pr_warn_ratelimited("%s: '%.32s' is not the number of a slot\n",
				    file, word);
		return -EINVAL;
	}
	if (!*id || *id > IPI_MAX) {
		pr_warn_ratelimited("%s: slot %u is not from 1 to %u\n", file,
				    *id, IPI_MAX);
		return -EINVAL;
	}
	return 0;
}

static int parse_cpus(const char *word, struct cpumask *mask, const char *file)
{
	if (!strcmp(word, "all")) {
		cpumask_copy(mask, cpu_possible_mask);
		return 0;
	}
	if (cpulist_parse(word, mask) || cpumask_empty(mask)) {
		pr_warn_ratelimited("%s: '%.32s' is not a list of CPUs below %u\n",
				    file, word, nr_cpu_ids);
		return -EINVAL;
	}
	if (!cpumask_subset(mask, cpu_possible_mask)) {
		pr_warn_ratelimited("%s: '%.32s' has a CPU that this machine cannot have\n",
				    file, word);
		return -EINVAL;
	}
	return 0;
}

/* On success the caller frees *@mask. */
static int get_cpus(const char *word, cpumask_var_t *mask, const char *file)
{
	int err;

	if (!zalloc_cpumask_var(mask, GFP_KERNEL))
		return -ENOMEM;
	err = parse_cpus(word, *mask, file);
	if (err)
		free_cpumask_var(*mask);
	return err;
}

static int complain_offline(const char *word, const char *file)
{
	pr_warn_ratelimited("%s: no CPU of '%.32s' is online\n", file, word);
	return -ENXIO;
}

/* ----- register, unregister ----- */

static int add_slot(ipi_func_t func, u64 __percpu *stamps)
{
	unsigned int id = ipi_register_as(func, (void __force *)stamps, "debugfs");

	if (!id)
		return -ENOSPC;
	dbg_stamps[id] = stamps;
	dbg_slots |= IPI_SLOT_BIT(id);
	WRITE_ONCE(dbg_last_id, id);
	return 0;
}

static int add_stamp_slot(void)
{
	u64 __percpu *stamps = alloc_percpu(u64);
	int err;

	if (!stamps)
		return -ENOMEM;
	err = add_slot(ipi_stamp, stamps);
	if (err)
		free_percpu(stamps);
	return err;
}

static int do_register(char *line, const char *file)
{
	char *kind = next_word(&line);
	int err = check_end(line, file);

	if (err)
		return err;
	if (!strcmp(kind, "count"))
		return add_slot(ipi_count, NULL);
	if (!strcmp(kind, "stamp"))
		return add_stamp_slot();
	pr_warn_ratelimited("%s: '%.32s' is neither 'count' nor 'stamp'\n",
			    file, kind);
	return -EINVAL;
}

static void remove_slots(unsigned long bits)
{
	unsigned int id;

	ipi_unregister_many(bits);
	dbg_slots &= ~bits;
	for (id = 1; id <= IPI_MAX; id++) {
		if (bits & IPI_SLOT_BIT(id)) {
			free_percpu(dbg_stamps[id]);
			dbg_stamps[id] = NULL;
		}
	}
}

static int do_unregister(char *line, const char *file)
{
	struct ipi_slot_info info;
	unsigned int id;
	int err;

	err = get_id(next_word(&line), &id, file) ?: check_end(line, file);
	if (err)
		return err;
	if (dbg_slots & IPI_SLOT_BIT(id)) {
		remove_slots(IPI_SLOT_BIT(id));
		return 0;
	}
	if (ipi_slot_info(id, &info)) {
		pr_warn_ratelimited("%s: slot %u was not registered here\n",
				    file, id);
		return -EACCES;
	}
	pr_warn_ratelimited("%s: slot %u is free\n", file, id);
	return -ENOENT;
}

/* ----- trigger, call ----- */

static int do_trigger(char *line, const char *file)
{
	cpumask_var_t mask;
	unsigned int id;
	char *list;
	int ret;

	ret = get_id(next_word(&line), &id, file);
	if (ret)
		return ret;
	list = next_word(&line);
	ret = check_end(line, file) ?: get_cpus(list, &mask, file);
	if (ret)
		return ret;

	preempt_disable();
	ret = ipi_trigger_multi(id, mask);
	preempt_enable();

	free_cpumask_var(mask);
	if (ret == -ENOENT)
		pr_warn_ratelimited("%s: slot %u is free\n", file, id);
	else if (!ret)
		return complain_offline(list, file);
	return ret < 0 ? ret : 0;
}

static void note_time(void *arg)
{
	struct dbg_call *call = arg;
	struct dbg_took *took = this_cpu_ptr(&dbg_took);
	u64 ns = ktime_get_ns() - call->posted;

	if (!took->runs || ns < took->min)
		took->min = ns;
	took->max = max(took->max, ns);
	took->sum += ns;
	took->runs++;
}

static int call_once(const struct cpumask *mask)
{
	struct dbg_call call = { .msg = { .func = note_time, .arg = &call } };
	int ret;

	preempt_disable();
	call.posted = ktime_get_ns();
	ret = ipi_multicast(&call.msg, mask);
	preempt_enable();
	ipi_wait(&call.msg);
	return ret;
}

static int call_many(const struct cpumask *mask, unsigned int times)
{
	unsigned int cpu;
	int ret = 0;

	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr(&dbg_took, cpu), 0, sizeof(dbg_took));
	for (; times && ret >= 0; times--) {
		if (fatal_signal_pending(current))
			return -EINTR;
		ret = call_once(mask);
		if (!ret)
			return -ENXIO;
		cond_resched();
	}
	return ret < 0 ? ret : 0;
}

static int get_times(const char *word, unsigned int *times, const char *file)
{
	*times = 1;
	if (!*word)
		return 0;
	if (!kstrtouint(word, 10, times) && *times && *times <= DBG_CALLS_MAX)
		return 0;
	pr_warn_ratelimited("%s: '%.32s' is not a count from 1 to %u\n", file,
			    word, DBG_CALLS_MAX);
	return -EINVAL;
}

static int do_call(char *line, const char *file)
{
	char *list = next_word(&line);
	cpumask_var_t mask;
	unsigned int times;
	int err;

	err = get_times(next_word(&line), &times, file) ?:
	      check_end(line, file) ?: get_cpus(list, &mask, file);
	if (err)
		return err;
	err = call_many(mask, times);
	free_cpumask_var(mask);
	return err == -ENXIO ? complain_offline(list, file) : err;
}

/* ----- the files to write ----- */

static ssize_t write_line(const char __user *buf, size_t count,
			  int (*run)(char *line, const char *file),
			  const char *file)
{
	char *line = get_line(buf, count, file);
	int err;

	if (IS_ERR(line))
		return PTR_ERR(line);
	err = mutex_lock_killable(&dbg_mutex);
	if (!err) {
		err = run(line, file);
		mutex_unlock(&dbg_mutex);
	}
	kfree(line);
	return err ?: count;
}

#define DBG_WRITE(name)							\
static ssize_t name##_write(struct file *file, const char __user *buf,	\
			    size_t count, loff_t *pos)			\
{									\
	return write_line(buf, count, do_##name, #name);		\
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
	mutex_lock(&dbg_mutex);
	remove_slots(dbg_slots);
	mutex_unlock(&dbg_mutex);
}
