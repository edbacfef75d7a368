// SPDX-License-Identifier: GPL-2.0
/*
 * Which CPUs are isolated. See isolation.h.
 *
 * /sys/devices/system/cpu/isolated knows the boot argument alone, on most
 * kernels. A partition of cgroup v2 says so in its own directory, which may not
 * be seen from within a container; in what remains, and for cpusets of cgroup v1,
 * a CPU without a sched domain is one that the scheduler balances nothing to.
 */
#define _GNU_SOURCE
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isolation.h"
#include "util.h"

#define DEPTH	16	/* descriptors that nftw() may hold */

static struct cpus *found;

static void add_all(struct cpus *set, const char *list)
{
	struct cpus more = {};
	unsigned int i;

	if (cpus_parse(&more, list))
		for (i = 0; i < more.nr; i++)
			cpus_add(set, more.cpu[i]);
	cpus_free(&more);
}

/* Adds to @found what an isolated partition has for itself. */
static int visit(const char *path, const struct stat *st, int type, struct FTW *at)
{
	static const char name[] = "cpuset.cpus.partition";
	char file[4096];

	(void)st;
	if (type != FTW_F || strcmp(path + at->base, name) ||
	    strcmp(file_line(path), "isolated"))
		return 0;
	snprintf(file, sizeof(file), "%.*scpuset.cpus.effective", at->base, path);
	add_all(found, file_line(file));
	return 0;
}

/* Where a cgroup file system of version 2 is mounted; "" if nowhere. */
static const char *cgroup_root(void)
{
	static char root[2048];
	char line[8192], *type;
	FILE *f = fopen("/proc/self/mountinfo", "re");

	root[0] = '\0';
	while (f && !*root && fgets(line, sizeof(line), f)) {
		type = strstr(line, " - ");
		if (type && !strncmp(type + 3, "cgroup2 ", 8))
			sscanf(line, "%*s %*s %*s %*s %2047s", root);
	}
	if (f)
		fclose(f);
	return root;
}

static void add_partitions(struct cpus *set)
{
	const char *root = cgroup_root();
	char file[4096];

	if (!*root)
		return;
	snprintf(file, sizeof(file), "%s/cpuset.cpus.isolated", root);
	add_all(set, file_line(file));
	found = set;
	nftw(root, visit, DEPTH, FTW_PHYS);
}

/* Where only one CPU is left to be balanced, that one has no domain either. */
static void add_without_domain(struct cpus *set)
{
	struct cpus without = {};
	bool domains = false;
	char line[4096];
	unsigned int cpu, i;
	FILE *f = fopen("/proc/schedstat", "re");

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "cpu%u", &cpu) == 1) {
			cpus_add(&without, cpu);
		} else if (!strncmp(line, "domain0", 7) && without.nr) {
			/* Lines of a CPU follow it; numbers ascend. */
			without.nr--;
			domains = true;
		}
		/* Masks of many CPUs make lines longer than this. */
		while (!strchr(line, '\n') && fgets(line, sizeof(line), f))
			;
	}
	if (f)
		fclose(f);
	for (i = 0; domains && i < without.nr; i++)
		cpus_add(set, without.cpu[i]);
	cpus_free(&without);
}

void cpus_isolated(struct cpus *set)
{
	cpus_free(set);
	add_all(set, sys_line("devices/system/cpu/isolated"));
	/* Who is shown another /sys is not asking about this machine. */
	if (getenv("IPIXCTL_SYSFS"))
		return;
	add_partitions(set);
	add_without_domain(set);
}

void cpus_nohz_full(struct cpus *set)
{
	cpus_free(set);
	add_all(set, sys_line("devices/system/cpu/nohz_full"));
}

void cpus_housekeeping(struct cpus *set)
{
	struct cpus online = {}, isolated = {}, nohz = {};
	unsigned int i;

	cpus_online(&online);
	cpus_isolated(&isolated);
	cpus_nohz_full(&nohz);
	cpus_free(set);
	for (i = 0; i < online.nr; i++)
		if (!cpus_has(&isolated, online.cpu[i]) &&
		    !cpus_has(&nohz, online.cpu[i]))
			cpus_add(set, online.cpu[i]);
	cpus_free(&online);
	cpus_free(&isolated);
	cpus_free(&nohz);
}
