// SPDX-License-Identifier: GPL-2.0
/* Sets of CPUs, and what /sys says of them. See ipixctl.h. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipixctl.h"

#define CPU_MAX		65535

const char *file_line(const char *path)
{
	static char line[8192];
	FILE *f = fopen(path, "re");

	line[0] = '\0';
	if (!f)
		return line;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	return line;
}

const char *sys_line(const char *fmt, ...)
{
	const char *root = getenv("IPIXCTL_SYSFS");
	char path[4096];
	va_list args;
	int len;

	len = snprintf(path, sizeof(path) / 2, "%s/", root ? root : "/sys");
	va_start(args, fmt);
	vsnprintf(path + len, sizeof(path) - len, fmt, args);
	va_end(args);
	return file_line(path);
}

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
	set->cpu = realloc(set->cpu, (set->nr + 1) * sizeof(*set->cpu));
	if (!set->cpu)
		die("out of memory");
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

void cpus_housekeeping(struct cpus *set)
{
	struct cpus online = {}, isolated = {}, nohz = {};
	unsigned int i;

	cpus_online(&online);
	if (!cpus_parse(&isolated, sys_line("devices/system/cpu/isolated")))
		cpus_free(&isolated);
	if (!cpus_parse(&nohz, sys_line("devices/system/cpu/nohz_full")))
		cpus_free(&nohz);
	cpus_free(set);
	for (i = 0; i < online.nr; i++)
		if (!cpus_has(&isolated, online.cpu[i]) &&
		    !cpus_has(&nohz, online.cpu[i]))
			cpus_add(set, online.cpu[i]);
	cpus_free(&online);
	cpus_free(&isolated);
	cpus_free(&nohz);
}

struct ipi_xcall_target cpus_target(const struct cpus *set)
{
	static __thread __u64 words[IPI_XCALL_MASK_WORDS_MAX];
	unsigned int i, cpu = 0;

	memset(words, 0, sizeof(words));
	for (i = 0; i < set->nr; i++) {
		cpu = set->cpu[i];
		words[cpu / 64] |= 1ULL << cpu % 64;
	}
	return (struct ipi_xcall_target){
		.to = IPI_XCALL_TO_SET,
		.mask_words = cpu / 64 + 1,
		.mask = (uintptr_t)words,
	};
}
