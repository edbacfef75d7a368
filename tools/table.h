/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers of CPUs, a column each kind. */
#ifndef TABLE_H
#define TABLE_H

struct table {
	unsigned int rows, columns;
	const char *const *names;	/* of the columns */
	const char *const *labels;	/* of the rows: CPUs */
	const char *const *ends;	/* what to say after them */
	double *numbers;		/* by row and column */
};

/*
 * A row for each CPU; if that is more than a screen, or blocks are asked for, a
 * row for each column, with its sum, its most and a block for each CPU, or for
 * several.
 */
void table_show(const struct table *t, int compact, int numbers);

#endif /* TABLE_H */
