// SPDX-License-Identifier: GPL-2.0
/* ipixctl list, trigger and call: what debugfs does. See ipixctl(1). */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "device.h"
#include "json.h"
#include "remarks.h"
#include "setting.h"
#include "util.h"

#define SLOTS		"/sys/kernel/debug/ipi_xcall/slots"
/* Until triggered CPUs have run: much longer than any of them takes. */
#define RUN_LIMIT_NS	10000000000ULL

static const struct {
	const char *name;
	size_t at;
} limits[] = {
	{ "abi", offsetof(struct ipi_xcall_info, abi) },
	{ "slots", offsetof(struct ipi_xcall_info, slots) },
	{ "slots_per_file", offsetof(struct ipi_xcall_info, slots_per_file) },
	{ "mailbox", offsetof(struct ipi_xcall_info, mailbox) },
	{ "calls", offsetof(struct ipi_xcall_info, calls) },
	{ "calls_per_file", offsetof(struct ipi_xcall_info, calls_per_file) },
	{ "delay_max_ns", offsetof(struct ipi_xcall_info, delay_max_ns) },
	{ "cpus_possible", offsetof(struct ipi_xcall_info, cpus_possible) },
	{ "cpus_online", offsetof(struct ipi_xcall_info, cpus_online) },
};

static unsigned int limit(const struct ipi_xcall_info *info, unsigned int i)
{
	return *(const __u32 *)((const char *)info + limits[i].at);
}

/* A line: id, state, runs, those of each CPU, owner, function. */
static void list_slot(const struct opts *o, char *line)
{
	char *word[4] = {}, *next = line, *last = NULL, *w;
	unsigned int n = 0;
	char *owner = NULL;

	line[strcspn(line, "\n")] = '\0';
	while ((w = strsep(&next, " "))) {
		if (n < ARRAY_LEN(word))
			word[n] = w;
		owner = last;
		last = w;
		n++;
	}
	if (n < 5)
		return;
	if (!o->json) {
		printf("%-5s %-6s %10s  %-18s %s\n", word[0], word[1], word[2],
		       owner, last);
		return;
	}
	json_open(NULL, '{');
	json_num("id", atof(word[0]));
	json_str("state", word[1]);
	json_num("runs", atof(word[2]));
	json_str("owner", owner);
	json_str("func", last);
	json_close();
}

/* The ABI tells nobody of the slots of others; debugfs tells root. */
static void list_slots(const struct opts *o)
{
	char *line = NULL;
	size_t size = 0;
	FILE *f = fopen(SLOTS, "re");

	if (!f) {
		if (!o->json)
			printf("\nslots: no debugfs\n");
		return;
	}
	if (o->json)
		json_open("slots", '[');
	else
		printf("\n%-5s %-6s %10s  %-18s %s\n", "id", "state", "runs",
		       "owner", "function");
	if (getline(&line, &size, f) > 0)
		while (getline(&line, &size, f) > 0)
			list_slot(o, line);
	if (o->json)
		json_close();
	free(line);
	fclose(f);
}

int cmd_list(struct opts *o)
{
	int fd = dev_open();
	struct ipi_xcall_info info = dev_info(fd);
	unsigned int i;

	setting_begin(&info);
	if (o->json) {
		setting_json("list");
		json_open("limits", '{');
	} else {
		setting_text();
	}
	for (i = 0; i < ARRAY_LEN(limits); i++) {
		if (o->json)
			json_num(limits[i].name, limit(&info, i));
		else
			printf("%-16s %u\n", limits[i].name, limit(&info, i));
	}
	if (o->json)
		json_close();
	list_slots(o);
	if (o->json)
		json_close();
	return 0;
}

/* ----- trigger ----- */

static void check_cpus(struct opts *o, unsigned int ids)
{
	if (!cpus_parse(&o->target, o->argv[0]))
		misuse("not a CPULIST: '%s' (" CPULIST_FORM ")", o->argv[0]);
	options_possible(o, ids);
}

static void note_offline(unsigned int nr)
{
	if (nr)
		note("%u of the CPUs %s offline", nr, nr == 1 ? "is" : "are");
}

static struct ipi_xcall_slot read_slot(int fd, unsigned int id,
				       struct ipi_xcall_slot_cpu *recs, unsigned int nr)
{
	struct ipi_xcall_slot s = {
		.size = sizeof(s), .id = id, .nr_cpus = nr, .cpus = (uintptr_t)recs,
	};
	int err = dev_ioctl(fd, IPI_XCALL_IOC_SLOT, &s);

	if (err)
		die("slot %u: %s", id, strerror(-err));
	return s;
}

/* Triggers coalesce: every mark has been served when runs make up for it. */
static bool wait_for_runs(int fd, unsigned int id, unsigned long long wanted)
{
	struct timespec ms = { .tv_nsec = 1000000 };
	uint64_t end = now_ns() + RUN_LIMIT_NS;

	while (read_slot(fd, id, NULL, 0).runs < wanted) {
		if (interrupted || now_ns() > end)
			return false;
		nanosleep(&ms, NULL);
	}
	return true;
}

static void show_runs(const struct opts *o, const struct ipi_xcall_slot_cpu *recs,
		      unsigned int nr)
{
	unsigned int i;

	if (o->json)
		json_open("cpus", '[');
	for (i = 0; i < nr; i++) {
		if (!recs[i].runs)
			continue;
		if (!o->json) {
			printf("CPU %u: %llu run%s\n", recs[i].cpu,
			       (unsigned long long)recs[i].runs, plural(recs[i].runs));
			continue;
		}
		json_open(NULL, '{');
		json_num("cpu", recs[i].cpu);
		json_num("runs", recs[i].runs);
		json_close();
	}
	if (o->json)
		json_close();
}

int cmd_trigger(struct opts *o)
{
	int fd = dev_open(), err = 0;
	struct ipi_xcall_info info = dev_info(fd);
	unsigned int nr = info.cpus_possible, n = 0, count;
	struct ipi_xcall_slot_cpu *recs = xcalloc(nr, sizeof(*recs));
	unsigned long long marked = 0, coalesced = 0;
	struct ipi_xcall_trigger t = { .size = sizeof(t) };

	check_cpus(o, info.cpu_ids);
	setting_begin(&info);
	t.id = dev_register(fd, IPI_XCALL_COUNT);
	t.target = dev_set(&o->target);
	count = o->count ? o->count : 1;
	for (; n < count && !err && !interrupted; n++) {
		progress("trigger", n, count);
		err = dev_ioctl(fd, IPI_XCALL_IOC_TRIGGER, &t);
		marked += t.marked;
		coalesced += t.coalesced;
	}
	progress_end();
	if (err)
		die("trigger: %s", strerror(-err));
	if (!marked)
		die("none of the CPUs is online: %s", o->argv[0]);
	if (!wait_for_runs(fd, t.id, marked - coalesced) && !interrupted)
		lacks("some of the CPUs did not run within %s", text_ns(RUN_LIMIT_NS));
	note_offline(t.offline);
	read_slot(fd, t.id, recs, nr);
	if (o->json) {
		setting_json("trigger");
		json_num("sent", n);
		json_num("marked", marked);
		json_num("coalesced", coalesced);
		json_num("offline", t.offline);
	} else {
		wrapped("%u trigger%s, %llu CPU%s marked, %llu coalesced, %u CPU%s offline",
			n, plural(n), marked, plural(marked), coalesced, t.offline,
			plural(t.offline));
	}
	show_runs(o, recs, nr);
	if (o->json)
		json_close();
	return exit_status();
}

/* ----- call ----- */

struct called {
	unsigned long long runs, sum, min, max;
	unsigned long long timed;	/* without those that began before the post */
};

static void count_times(struct called *sums, const struct ipi_xcall_time *t,
			unsigned int nr)
{
	unsigned long long ns;
	struct called *c;

	for (; nr--; t++) {
		c = &sums[t->cpu];
		c->runs++;
		/* The clocks of the two CPUs differ. */
		if (t->started_ns < t->posted_ns || t->ended_ns > t->acked_ns)
			continue;
		ns = t->started_ns - t->posted_ns;
		if (!c->timed || ns < c->min)
			c->min = ns;
		if (ns > c->max)
			c->max = ns;
		c->sum += ns;
		c->timed++;
	}
}

static void say_what_lacks(const struct called *sums, unsigned int ids)
{
	unsigned int cpu;

	for (cpu = 0; cpu < ids; cpu++)
		if (sums[cpu].timed < sums[cpu].runs)
			lacks("the clock of CPU %u differs: %llu of %llu runs are not timed",
			      cpu, sums[cpu].runs - sums[cpu].timed, sums[cpu].runs);
}

static void called_json(unsigned int cpu, const struct called *c)
{
	json_open(NULL, '{');
	json_num("cpu", cpu);
	json_num("runs", c->runs);
	json_num("min", c->timed ? c->min : (double)NAN);
	json_num("mean", c->timed ? (double)c->sum / c->timed : (double)NAN);
	json_num("max", c->timed ? c->max : (double)NAN);
	json_close();
}

static void called_text(unsigned int cpu, const struct called *c)
{
	printf("%-4u %8llu %8s %8s %8s\n", cpu, c->runs,
	       c->timed ? text_ns(c->min) : "-",
	       c->timed ? text_ns((double)c->sum / c->timed) : "-",
	       c->timed ? text_ns(c->max) : "-");
}

static void show_calls(const struct opts *o, const struct called *sums, unsigned int ids)
{
	unsigned int cpu;

	if (o->json)
		json_open("cpus", '[');
	else
		printf("%-4s %8s %8s %8s %8s\n", "CPU", "runs", "fastest",
		       "mean", "slowest");
	for (cpu = 0; cpu < ids; cpu++) {
		if (!sums[cpu].runs)
			continue;
		if (o->json)
			called_json(cpu, &sums[cpu]);
		else
			called_text(cpu, &sums[cpu]);
	}
	if (o->json)
		json_close();
	else
		remarks_text();
}

int cmd_call(struct opts *o)
{
	int fd = dev_open(), err = 0;
	struct ipi_xcall_info info = dev_info(fd);
	struct ipi_xcall_time *times = xcalloc(info.cpus_possible, sizeof(*times));
	struct called *sums = xcalloc(info.cpu_ids, sizeof(*sums));
	struct ipi_xcall_call c = { .size = sizeof(c), .times = (uintptr_t)times };
	unsigned int n = 0, count = o->count ? o->count : 1, called = 0;

	check_cpus(o, info.cpu_ids);
	setting_begin(&info);
	c.target = dev_set(&o->target);
	for (; n < count && !interrupted; n++) {
		progress("call", n, count);
		c.nr_times = info.cpus_possible;
		err = dev_ioctl(fd, IPI_XCALL_IOC_CALL, &c);
		if (err)
			die("call: %s", strerror(-err));
		called += c.called;
		count_times(sums, times, c.nr_times);
	}
	progress_end();
	if (n && !called)
		die("none of the CPUs is online: %s", o->argv[0]);
	say_what_lacks(sums, info.cpu_ids);
	note_offline(c.offline);
	clock_note();
	if (o->json) {
		setting_json("call");
		json_num("calls", n);
		json_num("offline", c.offline);
	}
	show_calls(o, sums, info.cpu_ids);
	if (o->json)
		json_close();
	return exit_status();
}
