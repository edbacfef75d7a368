// SPDX-License-Identifier: GPL-2.0
/* See table.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "util.h"

#define ROWS_MAX	32	/* of a table that is still read */
#define LABEL		4
#define WIDTH_MIN	6

static double at(const struct table *t, unsigned int row, unsigned int column)
{
	return t->numbers[row * t->columns + column];
}

static unsigned int digits(const struct table *t, unsigned int column)
{
	unsigned int row, most = 0, n;

	for (row = 0; row < t->rows; row++) {
		n = snprintf(NULL, 0, "%.0f", at(t, row, column));
		most = n > most ? n : most;
	}
	return most;
}

/*
 * Names are longer than most numbers: they stand in two lines by turns, above the
 * last digits of their columns, so that each has the width of two.
 */
static void widths(const struct table *t, unsigned int *width)
{
	unsigned int i, before = LABEL, need;

	for (i = 0; i < t->columns; i++) {
		width[i] = fmax(digits(t, i) + 1, WIDTH_MIN);
		need = strlen(t->names[i]) + 1;
		if (width[i] + before < need)
			width[i] = need - before;
		before = width[i];
	}
}

static void show_names(const struct table *t, const unsigned int *width,
		       unsigned int turn)
{
	unsigned int i, gap = 0;

	printf("%-*s", LABEL, turn ? "" : "CPU");
	for (i = 0; i < t->columns; i++) {
		gap += width[i];
		if (i % 2 != turn)
			continue;
		printf("%*s", (int)gap, t->names[i]);
		gap = 0;
	}
	printf("\n");
}

static void show_rows(const struct table *t)
{
	unsigned int *width = xcalloc(t->columns, sizeof(*width)), row, i;

	widths(t, width);
	show_names(t, width, 0);
	show_names(t, width, 1);
	for (row = 0; row < t->rows; row++) {
		printf("%-*s", LABEL, t->labels[row]);
		for (i = 0; i < t->columns; i++)
			printf("%*.0f", (int)width[i], at(t, row, i));
		printf("%s\n", t->ends[row]);
	}
	free(width);
}

static unsigned int row_of_most(const struct table *t, unsigned int column)
{
	unsigned int row, most = 0;

	for (row = 1; row < t->rows; row++)
		if (at(t, row, column) > at(t, most, column))
			most = row;
	return most;
}

/* As dark as the largest of @each rows; what is 0 is blank, what is not is not. */
static void show_blocks(const struct table *t, unsigned int column, unsigned int each,
			double most)
{
	unsigned int row;
	double n = 0;

	for (row = 0; row < t->rows; row++) {
		n = fmax(n, at(t, row, column));
		if ((row + 1) % each && row + 1 < t->rows)
			continue;
		printf("%s", shade(n > 0 ? fmax(.2, n / most) : 0));
		n = 0;
	}
	printf("\n");
}

static void show_sums(const struct table *t)
{
	unsigned int i, row, most, room = columns() > 56 ? columns() - 47 : 9;
	unsigned int each = (t->rows + room - 1) / room;
	double sum;

	printf("%-11s %12s %12s %6s  %s\n", "", "all", "most", "of CPU",
	       each > 1 ? "several CPUs a block" : "a block each CPU");
	for (i = 0; i < t->columns; i++) {
		for (row = 0, sum = 0; row < t->rows; row++)
			sum += at(t, row, i);
		most = row_of_most(t, i);
		printf("%-11s %12.0f %12.0f %6s  ", t->names[i], sum, at(t, most, i),
		       at(t, most, i) > 0 ? t->labels[most] : "-");
		show_blocks(t, i, each, at(t, most, i));
	}
	if (each > 1)
		printf("%u CPUs, %u a block, as the largest of them; --numbers shows each\n",
		       t->rows, each);
	else
		printf("%u CPUs; --numbers shows the numbers of each\n", t->rows);
}

void table_show(const struct table *t, int compact, int numbers)
{
	if (compact || (!numbers && t->rows > ROWS_MAX))
		show_sums(t);
	else
		show_rows(t);
}
