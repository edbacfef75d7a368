// SPDX-License-Identifier: GPL-2.0
/* Where, and under which circumstances. See ipixctl.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "ipixctl.h"

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

void setting_begin(int fd)
{
	struct ipi_xcall_info info = dev_info(fd);

	snprintf(module_version, sizeof(module_version), "%s", dev_version(&info));
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

#if defined(__x86_64__) || defined(__i386__)
static const char *cpuid_hypervisor(void)
{
	static unsigned int name[4];
	unsigned int a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 31))
		return "none";
	__cpuid(0x40000000, a, name[0], name[1], name[2]);
	return name[0] ? (const char *)name : "unknown";
}
#else
static const char *cpuid_hypervisor(void)
{
	return "";
}
#endif

static const char *hypervisor(void)
{
	const char *name = cpuid_hypervisor();

	if (*name)
		return name;
	name = sys_line("hypervisor/type");
	return *name ? name : sys_line("class/dmi/id/sys_vendor");
}

static const char *or_none(const char *text)
{
	return *text ? text : "none";
}

void setting_json(const char *kind)
{
	struct utsname u;
	struct cpus online = {};

	uname(&u);
	cpus_online(&online);
	json_open(NULL, '{');
	json_str("tool", "ipixctl");
	json_str("version", IPIXCTL_VERSION);
	json_str("kind", kind);
	json_open("setting", '{');
	json_str("kernel", u.release);
	json_str("machine", u.machine);
	json_str("cpu_model", cpu_model());
	json_str("hypervisor", hypervisor());
	json_str("clocksource", sys_line(CLOCK));
	json_str("idle_driver", or_none(sys_line(CPU "cpuidle/current_driver")));
	json_str("isolated", sys_line(CPU "isolated"));
	json_str("online", cpus_text(&online));
	json_num("steal_ms", steal_ms() - steal_began);
	json_str("module", module_version);
	json_bool("lingering", is_lingering);
	json_close();
	json_bool("interrupted", interrupted);
	cpus_free(&online);
}

void setting_text(void)
{
	struct utsname u;
	struct cpus online = {};

	uname(&u);
	cpus_online(&online);
	printf("Linux %s on %s, ipi_xcall %s\n", u.release, u.machine, module_version);
	printf("%s, hypervisor %s\n", cpu_model(), or_none(hypervisor()));
	printf("clock source %s, ", sys_line(CLOCK));
	printf("idle driver %s\n", or_none(sys_line(CPU "cpuidle/current_driver")));
	printf("CPUs online %s, ", cpus_text(&online));
	printf("isolated %s, steal time %llu ms, %s\n",
	       or_none(sys_line(CPU "isolated")), steal_ms() - steal_began,
	       is_lingering ? "lingering" : "not lingering");
	if (interrupted)
		printf("interrupted: these are the results so far\n");
	printf("\n");
	cpus_free(&online);
}

int exit_status(void)
{
	return interrupted ? EXIT_INTERRUPTED : 0;
}
