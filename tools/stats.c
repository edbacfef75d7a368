// SPDX-License-Identifier: GPL-2.0
/* ipixctl stats and watch: the counters of each CPU. See ipixctl(1). */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "device.h"
#include "json.h"
#include "remarks.h"
#include "setting.h"
#include "table.h"
#include "util.h"

static const struct {
	const char *name;
	size_t at;
} counters[] = {
#define COUNTER(name) { #name, offsetof(struct ipi_xcall_cpu_stats, name) },
	IPI_XCALL_COUNTERS(COUNTER)
};

#define COUNTERS	ARRAY_LEN(counters)

static unsigned long long counter(const struct ipi_xcall_cpu_stats *rec, unsigned int i)
{
	return *(const __u64 *)((const char *)rec + counters[i].at);
}

static void stats_json(const struct ipi_xcall_cpu_stats *recs, unsigned int nr)
{
	unsigned int n, i;

	setting_json("stats");
	json_open("cpus", '[');
	for (n = 0; n < nr; n++) {
		json_open(NULL, '{');
		json_num("cpu", recs[n].cpu);
		json_bool("online", recs[n].online);
		for (i = 0; i < COUNTERS; i++)
			json_num(counters[i].name, counter(&recs[n], i));
		json_close();
	}
	json_close();
	json_close();
}

/* What was counted since @was, if that is given, each second. */
static void show(const struct opts *o, const struct ipi_xcall_cpu_stats *was,
		 const struct ipi_xcall_cpu_stats *is, unsigned int nr, double seconds)
{
	const char *names[COUNTERS], **labels = xcalloc(nr, sizeof(*labels));
	const char **ends = xcalloc(nr, sizeof(*ends));
	double *numbers = xcalloc(nr * COUNTERS, sizeof(*numbers));
	char (*text)[16] = xcalloc(nr, sizeof(*text));
	struct table t = { nr, COUNTERS, names, labels, ends, numbers };
	unsigned int n, i;

	for (i = 0; i < COUNTERS; i++)
		names[i] = counters[i].name;
	for (n = 0; n < nr; n++) {
		snprintf(text[n], sizeof(*text), "%u", is[n].cpu);
		labels[n] = text[n];
		ends[n] = is[n].online ? "" : " offline";
		for (i = 0; i < COUNTERS; i++)
			numbers[n * COUNTERS + i] = (counter(&is[n], i) -
				(was ? counter(&was[n], i) : 0)) / seconds;
	}
	table_show(&t, o->compact, o->numbers);
	free(text);
	free(numbers);
	free(labels);
	free(ends);
}

int cmd_stats(struct opts *o)
{
	int fd = dev_open();
	struct ipi_xcall_info info = dev_info(fd);
	struct ipi_xcall_cpu_stats *recs;
	unsigned int nr;

	setting_begin(&info);
	recs = dev_stats(fd, &nr);
	if (o->json)
		stats_json(recs, nr);
	else
		show(o, NULL, recs, nr, 1);
	return exit_status();
}

int cmd_watch(struct opts *o)
{
	struct timespec pause = { o->interval_ms / 1000, o->interval_ms % 1000 * 1000000 };
	struct ipi_xcall_cpu_stats *was, *is;
	int fd = dev_open();
	unsigned int nr, n;
	uint64_t then = now_ns(), now;

	was = dev_stats(fd, &nr);
	for (n = 0; !interrupted && (!o->count || n < o->count); n++) {
		if (nanosleep(&pause, NULL) && interrupted)
			break;
		is = dev_stats(fd, &nr);
		now = now_ns();
		if (isatty(1))
			printf("\033[H\033[J");
		printf("each second, in the last %s:\n", text_ns(now - then));
		show(o, was, is, nr, (now - then) / 1e9);
		printf("\n");
		flush_output();
		free(was);
		was = is;
		then = now;
	}
	free(was);
	/* Without a number of tables it has no other end. */
	return o->count ? exit_status() : 0;
}
