// SPDX-License-Identifier: GPL-2.0
/* See setting.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "hypervisor.h"
#include "isolation.h"
#include "json.h"
#include "remarks.h"
#include "setting.h"
#include "util.h"

#define CPU	"devices/system/cpu/"
#define CLOCK	"devices/system/clocksource/clocksource0/current_clocksource"

static unsigned long long steal_began;
static bool is_lingering;
static char module_version[32];

/* Of all CPUs since boot, in milliseconds. */
static unsigned long long steal_ms(void)
{
	unsigned long long t[8] = {};
	const char *line = file_line("/proc/stat");

	if (sscanf(line, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", t, t + 1,
		   t + 2, t + 3, t + 4, t + 5, t + 6, t + 7) != 8)
		return 0;
	return t[7] * 1000 / sysconf(_SC_CLK_TCK);
}

void setting_begin(const struct ipi_xcall_info *info)
{
	snprintf(module_version, sizeof(module_version), "%u.%u.%u",
		 info->version >> 16 & 0xff, info->version >> 8 & 0xff,
		 info->version & 0xff);
	steal_began = steal_ms();
}

void setting_lingering(bool lingering)
{
	is_lingering |= lingering;
}

/* The value of the first line of cpuinfo with one of the names it may have. */
static const char *cpu_model(void)
{
	static const char *const names[] = {
		"model name", "cpu model", "Model", "Hardware", "Processor",
		"vendor_id", "CPU part",
	};
	static char found[256];
	char line[1024], *colon;
	size_t best = ARRAY_LEN(names), i;
	FILE *f = fopen("/proc/cpuinfo", "re");

	while (f && fgets(line, sizeof(line), f)) {
		colon = strchr(line, ':');
		for (i = 0; colon && i < best; i++) {
			if (strncmp(line, names[i], strlen(names[i])))
				continue;
			colon += strspn(colon, ": \t");
			colon[strcspn(colon, "\n")] = '\0';
			snprintf(found, sizeof(found), "%s", colon);
			best = i;
		}
	}
	if (f)
		fclose(f);
	return found;
}

static const char *or_none(const char *text)
{
	return *text ? text : "none";
}

static const char *or_unknown(const char *text)
{
	return *text ? text : "unknown";
}

static void json_cpus(const char *key, void (*find)(struct cpus *set))
{
	struct cpus set = {};

	find(&set);
	json_str(key, cpus_text(&set));
	cpus_free(&set);
}

void setting_json(const char *kind)
{
	struct utsname u;

	uname(&u);
	json_open(NULL, '{');
	json_str("tool", "ipixctl");
	json_str("version", IPIXCTL_VERSION);
	json_str("kind", kind);
	json_open("setting", '{');
	json_str("kernel", u.release);
	json_str("kernel_version", u.version);
	json_str("machine", u.machine);
	json_str("cpu_model", cpu_model());
	json_str("hypervisor", hypervisor());
	json_str("clocksource", sys_line(CLOCK));
	json_num("clock_step_ns", clock_step_ns());
	json_str("idle_driver", or_none(sys_line(CPU "cpuidle/current_driver")));
	json_cpus("isolated", cpus_isolated);
	json_cpus("nohz_full", cpus_nohz_full);
	json_cpus("online", cpus_online);
	json_num("steal_ms", steal_ms() - steal_began);
	json_str("module", module_version);
	json_bool("lingering", is_lingering);
	json_close();
	json_bool("interrupted", interrupted);
	remarks_json();
}

static const char *text_cpus(void (*find)(struct cpus *set))
{
	static char texts[4][300];
	static unsigned int turn;
	char *text = texts[turn++ % 4];
	struct cpus set = {};

	find(&set);
	snprintf(text, sizeof(texts[0]), "%s", or_none(cpus_text(&set)));
	cpus_free(&set);
	return text;
}

void setting_text(void)
{
	struct utsname u;
	char clock[64];

	uname(&u);
	snprintf(clock, sizeof(clock), "%s", or_unknown(sys_line(CLOCK)));
	wrapped("Linux %s on %s, ipi_xcall %s", u.release, u.machine, module_version);
	wrapped("%s, hypervisor %s", cpu_model(), or_none(hypervisor()));
	wrapped("clock source %s, idle driver %s", clock,
		or_none(sys_line(CPU "cpuidle/current_driver")));
	wrapped("CPUs online %s, isolated %s, nohz_full %s", text_cpus(cpus_online),
		text_cpus(cpus_isolated), text_cpus(cpus_nohz_full));
	wrapped("steal time %llu ms, %s", steal_ms() - steal_began,
		is_lingering ? "lingering" : "not lingering");
	if (interrupted)
		wrapped("interrupted: these are the results so far");
	printf("\n");
}
