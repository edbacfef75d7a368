// SPDX-License-Identifier: GPL-2.0
/* See table.h. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "util.h"

#define ROWS_MAX	32	/* of a table that is still read */
#define LABEL		4
#define WIDTH_MIN	6
#define BLOCKS_MIN	8

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

static double sum_of(const struct table *t, unsigned int column)
{
	unsigned int row;
	double sum = 0;

	for (row = 0; row < t->rows; row++)
		sum += at(t, row, column);
	return sum;
}

/* Names, sums, largest numbers, whose those are, and what is left for blocks. */
struct layout {
	int name, sum, most;
	unsigned int each;
	bool narrow;		/* the largest are left out */
};

static struct layout lay_out(const struct table *t)
{
	struct layout l = { .sum = strlen("all"), .most = strlen("most") };
	unsigned int i, room, used;

	for (i = 0; i < t->columns; i++) {
		l.name = fmax(l.name, strlen(t->names[i]));
		l.sum = fmax(l.sum, snprintf(NULL, 0, "%.0f", sum_of(t, i)));
		l.most = fmax(l.most, digits(t, i));
	}
	used = l.name + l.sum + l.most + strlen("   of CPU  ");
	l.narrow = used + BLOCKS_MIN > columns();
	if (l.narrow)
		used = l.name + l.sum + strlen("   ");
	room = columns() > used + BLOCKS_MIN ? columns() - used : BLOCKS_MIN;
	l.each = (t->rows + room - 1) / room;
	return l;
}

static void show_sums(const struct table *t)
{
	struct layout l = lay_out(t);
	unsigned int i, most;
	double n;

	printf("%-*s %*s", l.name, "", l.sum, "all");
	if (!l.narrow)
		printf(" %*s of CPU", l.most, "most");
	printf("\n");
	for (i = 0; i < t->columns; i++) {
		most = row_of_most(t, i);
		n = at(t, most, i);
		printf("%-*s %*.0f", l.name, t->names[i], l.sum, sum_of(t, i));
		if (!l.narrow)
			printf(" %*.0f %6s", l.most, n, n > 0 ? t->labels[most] : "-");
		printf("  ");
		show_blocks(t, i, l.each, n);
	}
	if (l.each > 1)
		wrapped("blocks: %u CPUs, %u each, as the largest; --numbers shows all",
			t->rows, l.each);
	else
		wrapped("blocks: %u CPUs, one each; --numbers shows all", t->rows);
}

void table_show(const struct table *t, int compact, int numbers)
{
	if (compact || (!numbers && t->rows > ROWS_MAX))
		show_sums(t);
	else
		show_rows(t);
}
