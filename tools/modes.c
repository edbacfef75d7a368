// SPDX-License-Identifier: GPL-2.0
/* See modes.h. */
#include <string.h>

#include "../uapi/ipi_xcall.h"
#include "modes.h"

const struct mode modes[MODES] = {
	[M_DRY] = { "dry", IPI_XCALL_MEASURE_DRY, true,
		"no interrupt: what the timing costs" },
	[M_SELF] = { "self", IPI_XCALL_MEASURE_SINGLE, true,
		"smp_call_function_single() to the own CPU" },
	[M_SINGLE] = { "single", IPI_XCALL_MEASURE_SINGLE, true,
		"smp_call_function_single() to another CPU; also normal" },
	[M_MANY] = { "many", IPI_XCALL_MEASURE_MANY, false,
		"smp_call_function_many() to all targets" },
	[M_MANY_LOCK] = { "many-lock", IPI_XCALL_MEASURE_MANY_LOCK, false,
		"the same, and all of them take one spinlock" },
	[M_TRIGGER] = { "trigger", IPI_XCALL_MEASURE_TRIGGER, true,
		"a trigger to another CPU" },
	[M_UNICAST] = { "unicast", IPI_XCALL_MEASURE_UNICAST, true,
		"a message to another CPU" },
	[M_MULTICAST] = { "multicast", IPI_XCALL_MEASURE_MULTICAST, false,
		"a message to all targets" },
	[M_BROADCAST] = { "broadcast", IPI_XCALL_MEASURE_BROADCAST, false,
		"a message to all CPUs" },
};

int mode_find(const char *name, size_t len)
{
	int i;

	for (i = 0; i < MODES; i++)
		if (strlen(modes[i].name) == len && !strncmp(modes[i].name, name, len))
			return i;
	return len == 6 && !strncmp(name, "normal", len) ? M_SINGLE : -1;
}

unsigned int mode_first(unsigned int bits)
{
	return __builtin_ctz(bits);
}
