/* SPDX-License-Identifier: GPL-2.0 */
/* What ipixctl matrix has measured. */
#ifndef MATRIX_H
#define MATRIX_H

#include <stdint.h>

#include "options.h"
#include "topology.h"

struct matrix {
	int fd;
	const struct opts *o;
	unsigned int mode, nr;
	unsigned int offline, differing;	/* pairs without a number for that */
	bool *held;		/* rows that others keep from sending */
	uint64_t *ns, *waited_ns;
	struct place *place;
	double *p50, *max;	/* by row and column; NAN where there is none */
};

/* All pairs of a class that have a number. */
struct class_sum {
	unsigned int pairs;
	double *p50, max;	/* medians, ascending */
};

double *matrix_cell(double *table, const struct matrix *m, unsigned int row,
		    unsigned int column);
struct class_sum matrix_class(struct matrix *m, enum pair_class class);
double class_median(const struct class_sum *c);

/* ----- grid.c ----- */

void grid_show(struct matrix *m);

#endif /* MATRIX_H */
