// SPDX-License-Identifier: GPL-2.0
/*
 * A matrix as a table of shaded blocks. See matrix.h.
 *
 * As wide as the terminal: a block with a number for each pair if there is room,
 * else a block each, else a block for a tile of neighbouring CPUs by as many, as
 * dark as the slowest of its pairs. A tile does not reach across groups if there is
 * any other way.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matrix.h"
#include "util.h"

#define CELL		8	/* a block and a number */
#define LABEL		5
#define RULER		5	/* columns between two numbers above blocks */

/* The CPUs of a tile are those from @first[i] up to @first[i + 1]. */
struct grid {
	struct matrix *m;
	bool numbers, flat;	/* flat: without groups */
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
static bool boundary(const struct grid *g, unsigned int i)
{
	const struct place *p = g->m->place;

	return i && !g->flat && p[i].group != p[i - 1].group;
}

static unsigned int make_tiles(struct grid *g, unsigned int step)
{
	unsigned int i, n = 0;

	g->nr = 0;
	g->step = step;
	for (i = 0; i < g->m->nr; i++) {
		if (i && !boundary(g, i) && i - g->first[g->nr - 1] < step)
			continue;
		n += boundary(g, i);
		g->first[g->nr++] = i;
	}
	g->first[g->nr] = g->m->nr;
	return LABEL + g->nr + n;
}

/* Many groups of few CPUs take too much room: then a tile may be of several. */
static void lay_out(struct grid *g)
{
	const struct opts *o = g->m->o;
	unsigned int width = columns(), step = 1, narrow;

	g->first = xcalloc(g->m->nr + 1, sizeof(*g->first));
	narrow = make_tiles(g, 1);
	/* A boundary takes a column more where there are numbers. */
	g->numbers = o->numbers ||
		     (!o->compact && 2 * narrow - LABEL + (CELL - 2) * g->nr <= width);
	while (!g->numbers && make_tiles(g, step) > width && !(g->flat && step > g->m->nr)) {
		g->flat |= step > g->m->nr;
		step = step > g->m->nr ? 1 : step + 1;
	}
}

/* The slowest median of a tile; that of a CPU to itself only if it is alone. */
static double tile(const struct grid *g, unsigned int row, unsigned int column)
{
	struct matrix *m = g->m;
	unsigned int i, j;
	bool alone = row == column && g->first[row + 1] - g->first[row] == 1;
	double ns, most = NAN;

	for (i = g->first[row]; i < g->first[row + 1]; i++) {
		for (j = g->first[column]; j < g->first[column + 1]; j++) {
			ns = *matrix_cell(m->p50, m, i, j);
			if (i != j || alone)
				most = fmax(most, ns);
		}
	}
	return most;
}

static void show_numbers_head(const struct grid *g)
{
	unsigned int i;

	printf("%*s", LABEL, "");
	for (i = 0; i < g->nr; i++)
		printf("%s%*u", boundary(g, g->first[i]) ? " |" : "", CELL,
		       g->m->place[g->first[i]].cpu);
	printf("\n");
}

/* A number where a group begins, and further ones where there is room. */
static void show_blocks_head(const struct grid *g)
{
	unsigned int i, at = 0, next = LABEL, width = columns();
	bool first;
	char text[12];

	for (i = 0; i < g->nr; i++, next++) {
		first = !i || boundary(g, g->first[i]);
		next += i && first;
		snprintf(text, sizeof(text), "%u", g->m->place[g->first[i]].cpu);
		if (next < at + (first ? 1 : RULER) || next + strlen(text) > width)
			continue;
		printf("%*s%s", (int)(next - at), "", text);
		at = next + strlen(text);
	}
	printf("\n");
}

static void show_head(const struct grid *g)
{
	if (g->numbers)
		show_numbers_head(g);
	else
		show_blocks_head(g);
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

	if (boundary(g, g->first[row]))
		printf("\n");
	printf("%*u ", LABEL - 1, g->m->place[g->first[row]].cpu);
	for (column = 0; column < g->nr; column++) {
		if (boundary(g, g->first[column]))
			printf("%s", g->numbers ? " |" : "|");
		show_cell(g, tile(g, row, column));
	}
	printf("\n");
}

static void show_legend(const struct grid *g)
{
	printf("\n");
	if (g->high)
		wrapped("'%s' is %s and less, '%s' is %s; rows send, columns are sent to",
			block(g, g->low), text_ns(g->low), block(g, g->high),
			text_ns(g->high));
	else
		wrapped("rows send, columns are sent to");
	if (g->step > 1)
		wrapped("a block is the slowest pair of up to %u by %u CPUs", g->step,
			g->step);
	if (!g->numbers)
		wrapped("above and beside are CPUs; --numbers shows numbers, --json all");
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
