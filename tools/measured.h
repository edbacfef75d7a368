/* SPDX-License-Identifier: GPL-2.0 */
/* What ipixctl measure has measured, and how it is shown. */
#ifndef MEASURED_H
#define MEASURED_H

#include <stdbool.h>

#include "options.h"
#include "summary.h"

/* One row: a mode from a source to targets in a state, in one run. */
struct row {
	unsigned int mode, source, run;
	struct cpus targets;
	const char *class;
	bool busy;
	unsigned int samples;
	unsigned int partial;		/* samples in which not all targets ran */
	unsigned int clocks_differ;	/* samples without start and end */
	unsigned long long found_idle;
	struct summary of[OFS];
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
