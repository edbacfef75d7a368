// SPDX-License-Identifier: GPL-2.0
/* See cpus.h. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpus.h"
#include "util.h"

#define CPU_MAX		65535

bool cpus_has(const struct cpus *set, unsigned int cpu)
{
	unsigned int i;

	for (i = 0; i < set->nr; i++)
		if (set->cpu[i] == cpu)
			return true;
	return false;
}

void cpus_add(struct cpus *set, unsigned int cpu)
{
	unsigned int i = set->nr;

	if (cpus_has(set, cpu))
		return;
	set->cpu = xrealloc(set->cpu, set->nr + 1, sizeof(*set->cpu));
	for (; i && set->cpu[i - 1] > cpu; i--)
		set->cpu[i] = set->cpu[i - 1];
	set->cpu[i] = cpu;
	set->nr++;
}

void cpus_free(struct cpus *set)
{
	free(set->cpu);
	*set = (struct cpus){};
}

static bool number(const char **text, unsigned int *n)
{
	char *end;
	unsigned long value;

	if (!isdigit((unsigned char)**text))
		return false;
	value = strtoul(*text, &end, 10);
	*text = end;
	*n = value;
	return value <= CPU_MAX;
}

bool cpus_parse(struct cpus *set, const char *text)
{
	unsigned int first, last;

	cpus_free(set);
	if (!strcmp(text, "all")) {
		cpus_online(set);
		return true;
	}
	for (;; text++) {
		if (!number(&text, &first))
			return false;
		last = first;
		if (*text == '-' && (text++, !number(&text, &last)))
			return false;
		if (last < first)
			return false;
		for (; first <= last; first++)
			cpus_add(set, first);
		if (!*text)
			return true;
		if (*text != ',')
			return false;
	}
}

const char *cpus_text(const struct cpus *set)
{
	static char *text;
	unsigned int i, j;
	size_t len = 0, size = set->nr * 12 + 1;

	free(text);
	text = xcalloc(size, 1);
	for (i = 0; i < set->nr; i = j) {
		for (j = i + 1; j < set->nr && set->cpu[j] == set->cpu[j - 1] + 1; j++)
			;
		len += snprintf(text + len, size - len, "%s%u", i ? "," : "",
				set->cpu[i]);
		if (j - i > 1)
			len += snprintf(text + len, size - len, "-%u",
					set->cpu[j - 1]);
	}
	return text;
}

/* Where /sys does not tell, CPUs are numbered from 0. */
void cpus_online(struct cpus *set)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN), i;

	if (cpus_parse(set, sys_line("devices/system/cpu/online")))
		return;
	cpus_free(set);
	for (i = 0; i < n; i++)
		cpus_add(set, i);
}

bool cpu_online(unsigned int cpu)
{
	struct cpus online = {};
	bool is;

	cpus_online(&online);
	is = cpus_has(&online, cpu);
	cpus_free(&online);
	return is;
}
