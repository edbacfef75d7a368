/* SPDX-License-Identifier: GPL-2.0 */
/* What can be measured. */
#ifndef MODES_H
#define MODES_H

#include <stdbool.h>
#include <stddef.h>

struct mode {
	const char *name;
	unsigned int number;		/* of the ABI */
	bool pairs;			/* one CPU each, or a set */
	const char *what;
};

enum mode_index {
	M_DRY, M_SELF, M_SINGLE, M_MANY, M_MANY_LOCK, M_TRIGGER, M_UNICAST,
	M_MULTICAST, M_BROADCAST, MODES
};

extern const struct mode modes[MODES];
int mode_find(const char *name, size_t len);
/* The first of a set of modes. */
unsigned int mode_first(unsigned int bits);

#endif /* MODES_H */
