// SPDX-License-Identifier: GPL-2.0
/*
 * Stands for a program that could not be built here, or is not for each kernel: then
 * it is beside this one, in NAME.elf. WHY says what is missing.
 */
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - sizeof(".elf"));

	if (n > 0 && argc > 0) {
		snprintf(path + n, sizeof(".elf"), ".elf");
		/* A shell would take it for a script. */
		execv(path, argv);
	}
	printf("TAP version 13\n1..0 # SKIP %s\n", WHY);
	return 4;
}
