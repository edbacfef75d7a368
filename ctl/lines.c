// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: lines that people write into debugfs, and what comes of them
 *
 * An ordinary client of ipi_xcall.h with two of the built-in handlers. Its slots,
 * and the outcome of the last call, are under lines_mutex, which is never held
 * while CPUs are called: a call counts in memory of its own.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "ctl.h"

#define LINE_CALLS_MAX	100000

/* What a CPU took in the calls of a write. */
struct line_took {
	unsigned long runs;
	u64 min;
	u64 max;
	u64 sum;
};

/* A message of a call under way. */
struct line_call {
	struct ipi_msg msg;
	struct line_took __percpu *took;
	u64 posted;
};

static DEFINE_MUTEX(lines_mutex);
static unsigned int line_last_id;
/* Slots of ours. */
static struct ctl_handler *line_slots[IPI_MAX + 1];
/* Of the last call through the file; NULL before there was one. */
static struct line_took __percpu *line_took;

static int line_lock(void)
{
	return mutex_lock_killable(&lines_mutex);
}

/* ----- parsing what people write; each error says what was wrong ----- */

char *ctl_line_get(const char __user *buf, size_t count, const char *file)
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
static char *line_next_word(char **line)
{
	char *word = skip_spaces(*line);

	*line = word + strcspn(word, " \t\n");
	if (**line)
		*(*line)++ = '\0';
	return word;
}

static int line_check_end(char *line, const char *file)
{
	char *word = line_next_word(&line);

	if (!*word)
		return 0;
	pr_warn_ratelimited("%s: '%.32s' is too much\n", file, word);
	return -EINVAL;
}

static int line_get_id(char *word, unsigned int *id, const char *file)
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

static int line_parse_cpus(const char *word, struct cpumask *mask, const char *file)
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
static int line_get_cpus(const char *word, cpumask_var_t *mask, const char *file)
{
	int err;

	if (!zalloc_cpumask_var(mask, GFP_KERNEL))
		return -ENOMEM;
	err = line_parse_cpus(word, *mask, file);
	if (err)
		free_cpumask_var(*mask);
	return err;
}

static int line_complain_offline(const char *word, const char *file)
{
	pr_warn_ratelimited("%s: no CPU of '%.32s' is online\n", file, word);
	return -ENXIO;
}

/* ----- register, unregister ----- */

/* Under lines_mutex, like all that follow here. */
static int line_claim(struct ctl_handler *h)
{
	unsigned int id = ctl_slot_claim(ctl_handler_func(h->kind), h, "debugfs");

	if (!id)
		return -ENOSPC;
	line_slots[id] = h;
	WRITE_ONCE(line_last_id, id);
	return 0;
}

static int line_add(u32 kind)
{
	struct ctl_handler *h = kzalloc(sizeof(*h), GFP_KERNEL);
	int err;

	if (!h)
		return -ENOMEM;
	err = ctl_handler_init(h, kind) ?: line_claim(h);
	if (err) {
		ctl_handler_exit(h);
		kfree(h);
	}
	return err;
}

static int line_register(char *kind, const char *file)
{
	if (!strcmp(kind, "count"))
		return line_add(IPI_XCALL_COUNT);
	if (!strcmp(kind, "stamp"))
		return line_add(IPI_XCALL_STAMP);
	pr_warn_ratelimited("%s: '%.32s' is neither 'count' nor 'stamp'\n",
			    file, kind);
	return -EINVAL;
}

int ctl_line_register(char *line, const char *file)
{
	char *kind = line_next_word(&line);
	int err = line_check_end(line, file) ?: line_lock();

	if (err)
		return err;
	err = line_register(kind, file);
	mutex_unlock(&lines_mutex);
	return err;
}

static void line_remove(unsigned int id)
{
	ctl_slot_drop(IPI_SLOT_BIT(id));
	ctl_handler_exit(line_slots[id]);
	kfree(line_slots[id]);
	line_slots[id] = NULL;
}

/* Is @id a slot of ours? */
static int line_check_owner(unsigned int id, const char *file)
{
	struct ipi_slot_info info;

	if (line_slots[id])
		return 0;
	if (ipi_slot_info(id, &info)) {
		pr_warn_ratelimited("%s: slot %u was not registered here\n",
				    file, id);
		return -EACCES;
	}
	pr_warn_ratelimited("%s: slot %u is free\n", file, id);
	return -ENOENT;
}

int ctl_line_unregister(char *line, const char *file)
{
	unsigned int id;
	int err;

	err = line_get_id(line_next_word(&line), &id, file) ?: line_check_end(line, file) ?:
	      line_lock();
	if (err)
		return err;
	err = line_check_owner(id, file);
	if (!err)
		line_remove(id);
	mutex_unlock(&lines_mutex);
	return err;
}

/* ----- trigger, call ----- */

/* Slots of others are not for people to trigger: who waits for runs counts them. */
static int line_send(unsigned int id, const struct cpumask *mask, const char *file)
{
	int ret = line_lock();

	if (ret)
		return ret;
	ret = line_check_owner(id, file);
	if (!ret) {
		preempt_disable();
		ret = ipi_trigger_multi(id, mask) ?: -ENXIO;
		preempt_enable();
	}
	mutex_unlock(&lines_mutex);
	return min(ret, 0);
}

int ctl_line_trigger(char *line, const char *file)
{
	cpumask_var_t mask;
	unsigned int id;
	char *list;
	int err;

	err = line_get_id(line_next_word(&line), &id, file);
	if (err)
		return err;
	list = line_next_word(&line);
	err = line_check_end(line, file) ?: line_get_cpus(list, &mask, file);
	if (err)
		return err;
	err = line_send(id, mask, file);
	free_cpumask_var(mask);
	return err == -ENXIO ? line_complain_offline(list, file) : err;
}

static void line_note_time(void *arg)
{
	struct line_call *call = arg;
	struct line_took *took = this_cpu_ptr(call->took);
	u64 ns = ktime_get_ns() - call->posted;

	took->min = took->runs++ ? min(took->min, ns) : ns;
	took->max = max(took->max, ns);
	took->sum += ns;
}

static int line_wait(struct ipi_msg *msg)
{
	struct stall_watch watch = {};

	while (ipi_wait_timeout(msg, NSEC_PER_MSEC, NULL)) {
		ipi_wait_watch(msg, &watch);
		if (fatal_signal_pending(current)) {
			ipi_cancel(msg);
			return -EINTR;
		}
		cond_resched();
	}
	return 0;
}

static int line_call_once(struct line_took __percpu *took, const struct cpumask *mask)
{
	struct line_call call = {
		.msg = { .func = line_note_time, .arg = &call }, .took = took,
	};
	int ret;

	preempt_disable();
	call.posted = ktime_get_ns();
	ret = ipi_multicast(&call.msg, mask) ?: -ENXIO;
	preempt_enable();
	return ret < 0 ? ret : line_wait(&call.msg);
}

static int line_call_many(struct line_took __percpu *took,
			  const struct cpumask *mask, unsigned int times)
{
	int err = 0;

	for (; times && !err; times--) {
		err = fatal_signal_pending(current) ? -EINTR : line_call_once(took, mask);
		cond_resched();
	}
	return err;
}

/* From now on it is what is read. Returns what was before, or @took. */
static struct line_took __percpu *line_publish(struct line_took __percpu *took)
{
	if (line_lock())
		return took;
	swap(line_took, took);
	mutex_unlock(&lines_mutex);
	return took;
}

static int line_call(const struct cpumask *mask, unsigned int times)
{
	struct line_took __percpu *took = alloc_percpu(struct line_took);
	int err;

	if (!took)
		return -ENOMEM;
	err = line_call_many(took, mask, times);
	free_percpu(line_publish(took));
	return err;
}

static int line_get_times(const char *word, unsigned int *times, const char *file)
{
	*times = 1;
	if (!*word)
		return 0;
	if (!kstrtouint(word, 10, times) && *times && *times <= LINE_CALLS_MAX)
		return 0;
	pr_warn_ratelimited("%s: '%.32s' is not a count from 1 to %u\n", file,
			    word, LINE_CALLS_MAX);
	return -EINVAL;
}

int ctl_line_call(char *line, const char *file)
{
	char *list = line_next_word(&line);
	cpumask_var_t mask;
	unsigned int times;
	int err;

	err = line_get_times(line_next_word(&line), &times, file) ?:
	      line_check_end(line, file) ?: line_get_cpus(list, &mask, file);
	if (err)
		return err;
	err = line_call(mask, times);
	free_cpumask_var(mask);
	return err == -ENXIO ? line_complain_offline(list, file) : err;
}

/* ----- what came of it ----- */

static void line_show_stamp(struct seq_file *m, unsigned int id)
{
	unsigned int cpu;

	if (!line_slots[id] || !line_slots[id]->stamps)
		return;
	seq_printf(m, "%u", id);
	for_each_possible_cpu(cpu)
		seq_printf(m, " %llu", ctl_handler_stamp(line_slots[id], cpu));
	seq_puts(m, "\n");
}

int ctl_line_show_stamps(struct seq_file *m)
{
	unsigned int id;

	if (mutex_lock_killable(&lines_mutex))
		return -EINTR;
	for (id = 1; id <= IPI_MAX; id++)
		line_show_stamp(m, id);
	mutex_unlock(&lines_mutex);
	return 0;
}

int ctl_line_show_id(struct seq_file *m)
{
	seq_printf(m, "%u\n", READ_ONCE(line_last_id));
	return 0;
}

int ctl_line_show_call(struct seq_file *m)
{
	const struct line_took *took;
	unsigned int cpu;

	seq_puts(m, "cpu runs min_ns mean_ns max_ns\n");
	if (mutex_lock_killable(&lines_mutex))
		return -EINTR;
	for_each_possible_cpu(cpu) {
		took = line_took ? per_cpu_ptr(line_took, cpu) : NULL;
		if (took && took->runs)
			seq_printf(m, "%u %lu %llu %llu %llu\n", cpu,
				   took->runs, took->min,
				   div64_ul(took->sum, took->runs), took->max);
	}
	mutex_unlock(&lines_mutex);
	return 0;
}

void ctl_lines_exit(void)
{
	unsigned int id;

	for (id = 1; id <= IPI_MAX; id++)
		if (line_slots[id])
			line_remove(id);
	free_percpu(line_took);
}
