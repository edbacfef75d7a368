/* SPDX-License-Identifier: GPL-2.0 */
/* What ipixctl measure has measured, and how it is shown. */
#ifndef MEASURED_H
#define MEASURED_H

#include <stdbool.h>

#include "digest.h"
#include "options.h"

/* One row: a mode from a source to targets in a state, in one run. */
struct row {
	unsigned int mode, source, run;
	struct cpus targets;
	const char *class;
	bool busy;
	uint64_t waited_ns;		/* how long others had the source */
	struct digest d;
};

struct measured {
	const struct opts *o;
	struct row *rows;
	unsigned int nr;
	double overhead_ns;
};

struct row *measured_add(struct measured *m);
bool measured_any(const struct measured *m);
/* As text or JSON, with what its numbers cannot say. */
void measured_show(const struct measured *m);

#endif /* MEASURED_H */
