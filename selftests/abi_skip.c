// SPDX-License-Identifier: GPL-2.0
/* Stands for a program that could not be built here; WHY says why. */
#include <stdio.h>

int main(void)
{
	printf("TAP version 13\n1..0 # SKIP %s\n", WHY);
	return 4;
}
