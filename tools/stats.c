// SPDX-License-Identifier: GPL-2.0
/* ipixctl stats and watch: the counters of each CPU. See ipixctl(1). */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "ipixctl.h"

static const struct {
	const char *name;
	size_t at;
} counters[] = {
#define COUNTER(name) { #name, offsetof(struct ipi_xcall_cpu_stats, name) },
	IPI_XCALL_COUNTERS(COUNTER)
};

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
		for (i = 0; i < ARRAY_LEN(counters); i++)
			json_num(counters[i].name, counter(&recs[n], i));
		json_close();
	}
	json_close();
	json_close();
}

static void stats_table(const struct ipi_xcall_cpu_stats *recs, unsigned int nr)
{
	unsigned int n, i;

	printf("CPU");
	for (i = 0; i < ARRAY_LEN(counters); i++)
		printf(" %10s", counters[i].name);
	for (n = 0; n < nr; n++) {
		printf("\n%3u", recs[n].cpu);
		for (i = 0; i < ARRAY_LEN(counters); i++)
			printf(" %10llu", counter(&recs[n], i));
	}
	printf("\n");
}

int cmd_stats(struct opts *o)
{
	int fd = dev_open();
	struct ipi_xcall_cpu_stats *recs;
	unsigned int nr;

	setting_begin(fd);
	recs = dev_stats(fd, &nr);
	if (o->json)
		stats_json(recs, nr);
	else
		stats_table(recs, nr);
	return 0;
}

/* ----- watch ----- */

static void watch_table(const struct ipi_xcall_cpu_stats *was,
			const struct ipi_xcall_cpu_stats *is, unsigned int nr,
			double seconds)
{
	unsigned int n, i;

	printf("%-4s", "CPU");
	for (i = 0; i < ARRAY_LEN(counters) - 1; i++)
		printf(" %9s/s", counters[i].name);
	printf("  lingers\n");
	for (n = 0; n < nr; n++) {
		printf("%-4u", is[n].cpu);
		for (i = 0; i < ARRAY_LEN(counters) - 1; i++)
			printf(" %11.0f", (counter(&is[n], i) - counter(&was[n], i)) /
			       seconds);
		printf(" %7.1f%%%s\n", (is[n].lingered_ns - was[n].lingered_ns) /
		       seconds / 1e7, is[n].online ? "" : "  offline");
	}
	printf("\n");
	fflush(stdout);
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
		watch_table(was, is, nr, (now - then) / 1e9);
		free(was);
		was = is;
		then = now;
	}
	free(was);
	/* It has no other end. */
	return 0;
}
