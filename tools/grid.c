// SPDX-License-Identifier: GPL-2.0
/*
 * A matrix as a table of shaded blocks. See matrix.h.
 *
 * As wide as the terminal: a block with a number for each pair if there is room,
 * else a block each, else a block for a tile of neighbouring CPUs by as many, as
 * dark as the slowest of its pairs. A tile does not reach across groups.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "matrix.h"
#include "util.h"

#define CELL		8	/* a block and a number */
#define LABEL		5

/* The CPUs of a tile are those from @first[i] up to @first[i + 1]. */
struct grid {
	struct matrix *m;
	bool numbers;
	unsigned int nr, step, *first;
	double low, high;
};

/*
 * From the fastest pair of two CPUs to the slowest, on a logarithmic scale; at
 * least over a factor of two, lest noise looks like a structure.
 */
static void find_range(struct grid *g)
{
	struct matrix *m = g->m;
	unsigned int row, column;
	double ns;

	g->low = INFINITY;
	g->high = 0;
	for (row = 0; row < m->nr; row++) {
		for (column = 0; column < m->nr; column++) {
			ns = *matrix_cell(m->p50, m, row, column);
			if (isnan(ns) || (row == column && m->nr > 1))
				continue;
			g->low = fmin(g->low, fmax(ns, 1));
			g->high = fmax(g->high, fmax(ns, 1));
		}
	}
	if (g->high)
		g->high = fmax(g->high, 2 * g->low);
}

static const char *block(const struct grid *g, double ns)
{
	return shade(isnan(ns) ? (double)NAN : g->high > g->low ?
		     log(fmax(ns, 1) / g->low) / log(g->high / g->low) : 0);
}

/* Does a group begin with this CPU? */
static bool boundary(const struct matrix *m, unsigned int i)
{
	return i && m->place[i].group != m->place[i - 1].group;
}

static unsigned int make_tiles(struct grid *g, unsigned int step)
{
	unsigned int i, n = 0;

	g->nr = 0;
	g->step = step;
	for (i = 0; i < g->m->nr; i++) {
		if (i && !boundary(g->m, i) && i - g->first[g->nr - 1] < step)
			continue;
		n += boundary(g->m, i);
		g->first[g->nr++] = i;
	}
	g->first[g->nr] = g->m->nr;
	return LABEL + g->nr + n;
}

/* Where each CPU is a group no tile can be larger than one. */
static void lay_out(struct grid *g)
{
	const struct opts *o = g->m->o;
	unsigned int width = columns(), step = 1, narrow;

	g->first = xcalloc(g->m->nr + 1, sizeof(*g->first));
	narrow = make_tiles(g, 1);
	/* A boundary takes a column more where there are numbers. */
	g->numbers = o->numbers ||
		     (!o->compact && 2 * narrow - LABEL + (CELL - 2) * g->nr <= width);
	while (!g->numbers && step <= g->m->nr && make_tiles(g, step) > width)
		step++;
}

/* The slowest median of a tile; that of a CPU to itself only if it is alone. */
static double tile(const struct grid *g, unsigned int row, unsigned int column)
{
	struct matrix *m = g->m;
	unsigned int i, j;
	double ns, most = NAN;

	for (i = g->first[row]; i < g->first[row + 1]; i++) {
		for (j = g->first[column]; j < g->first[column + 1]; j++) {
			ns = *matrix_cell(m->p50, m, i, j);
			if (i != j || g->step == 1)
				most = fmax(most, ns);
		}
	}
	return most;
}

static void show_head(const struct grid *g)
{
	unsigned int i;

	if (!g->numbers)
		return;
	printf("%*s", LABEL, "");
	for (i = 0; i < g->nr; i++)
		printf("%s%*u", boundary(g->m, g->first[i]) ? " |" : "", CELL,
		       g->m->place[g->first[i]].cpu);
	printf("\n");
}

static void show_cell(const struct grid *g, double ns)
{
	if (!g->numbers)
		printf("%s", block(g, ns));
	else if (isnan(ns))
		printf(" %s %4s ", block(g, ns), "-");
	else
		printf(" %s%6.*f", block(g, ns), ns < 9950 ? 2 : ns < 999500 ? 1 : 0,
		       ns / 1000);
}

static void show_row(const struct grid *g, unsigned int row)
{
	unsigned int column;

	if (boundary(g->m, g->first[row]))
		printf("\n");
	printf("%*u ", LABEL - 1, g->m->place[g->first[row]].cpu);
	for (column = 0; column < g->nr; column++) {
		if (boundary(g->m, g->first[column]))
			printf("%s", g->numbers ? " |" : "|");
		show_cell(g, tile(g, row, column));
	}
	printf("\n");
}

static void show_legend(const struct grid *g)
{
	printf("\n");
	if (g->high)
		printf("'%s' is %s and less, '%s' is %s; ", block(g, g->low),
		       text_ns(g->low), block(g, g->high), text_ns(g->high));
	printf("rows send, columns are sent to\n");
	if (g->step > 1)
		printf("a block is the slowest pair of up to %u by %u CPUs\n",
		       g->step, g->step);
	if (!g->numbers)
		printf("--numbers shows numbers, --json all there are\n");
	printf("\n");
}

void grid_show(struct matrix *m)
{
	struct grid g = { .m = m };
	unsigned int row;

	find_range(&g);
	lay_out(&g);
	show_head(&g);
	for (row = 0; row < g.nr; row++)
		show_row(&g, row);
	show_legend(&g);
	free(g.first);
}
