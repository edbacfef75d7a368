// SPDX-License-Identifier: GPL-2.0
/*
 * ipixctl compare: did it change? See ipixctl(1), which says why it is done so.
 *
 * The observations are runs: samples of one run depend on each other, and runs
 * differ by more than their samples tell. Of each run there is one number for each
 * statistic of each mode, class of pairs and state: a row of logarithms, so that
 * differences are ratios. See permute.c for what is done with them.
 *
 * Where there are too few runs their samples are cut into batches, which say
 * nothing of how much runs differ: that is assumed.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "compare.h"
#include "remarks.h"
#include "results.h"
#include "summary.h"
#include "util.h"

#define ALPHA		.05
/*
 * Of a side, for a verdict without assuming anything. With fewer there are hardly any
 * other ways to call runs "before", and what they differ by is known too badly.
 */
#define RUNS_LEAST	4
/* Of the logarithm of a statistic from run to run, where nothing tells. */
#define ASSUMED_SPREAD	.15
#define BETWEEN_NORMAL	1.96	/* 95 % of a normal distribution are within */

const char *const verdicts[VERDICTS] = { "no difference seen", "faster", "slower" };

/* The sides are the words before and after "vs", or a word each. */
static void split_sides(struct comparison *c, const struct opts *o)
{
	int at;

	for (at = 0; at < o->argc && strcmp(o->argv[at], "vs"); at++)
		;
	if (at == o->argc && at != 2)
		misuse("more than two files: put 'vs' between those of before and after");
	if (!at || at == o->argc - 1)
		misuse("'vs' stands between the files of before and after");
	if (at == o->argc)
		at = 1;
	c->before = side_load(o->argv, at);
	at += !strcmp(o->argv[at], "vs");
	c->after = side_load(o->argv + at, o->argc - at);
}

static bool has(const struct side *s, const struct key *k, enum of time, enum statistic st)
{
	unsigned int i;

	for (i = 0; i < s->nr_units; i++)
		if (isnan(unit_statistic(&s->units[i], k, time, st)))
			return false;
	return true;
}

static bool has_any(const struct side *s, const struct key *k, enum of time)
{
	unsigned int st;

	for (st = 0; st < STATISTICS; st++)
		if (has(s, k, time, st))
			return true;
	return false;
}

static void add_row(struct comparison *c, const struct key *k, enum statistic st)
{
	enum of time = c->o->of;
	double least = fmin(side_samples(&c->before, k, time), side_samples(&c->after, k, time));

	if (!has(&c->before, k, time, st) || !has(&c->after, k, time, st))
		return;
	c->rows = xrealloc(c->rows, c->nr + 1, sizeof(*c->rows));
	c->rows[c->nr++] = (struct compared){
		.key = *k, .st = st,
		.samples = least,
		.few = st != ST_MEAN && least * (st == ST_P99 ? .01 : .5) < FEW - 1e-9,
	};
}

static void find_rows(struct comparison *c)
{
	unsigned int at = 0, before, st;
	struct key k;

	while (key_at(&c->before, &at, &k)) {
		before = c->nr;
		for (st = 0; st < STATISTICS; st++)
			add_row(c, &k, st);
		if (c->nr == before)
			note("%s, %s, %s is not in all runs of both sides", k.mode, k.class,
			     k.state);
	}
	at = 0;
	while (key_at(&c->after, &at, &k))
		if (!has_any(&c->before, &k, c->o->of))
			note("%s, %s, %s was not measured before", k.mode, k.class, k.state);
	if (!c->nr)
		die("the files have nothing in common");
}

/* A matrix and a storm have one time only. */
static void choose_time(const struct comparison *c, struct opts *o)
{
	enum of only = results_time(c->before.files[0]);

	if (only == OFS)
		return;
	if (o->of_given && o->of != only)
		misuse("--of %s: there is but the time to %s in these results",
		       of_names[o->of], of_names[only]);
	o->of = only;
}

/* Too few runs for any verdict: then their samples have to do. */
static void choose_units(struct comparison *c)
{
	c->batches = c->before.nr_runs < RUNS_LEAST || c->after.nr_runs < RUNS_LEAST;
	if (!c->batches)
		return;
	if (results_time(c->before.files[0]) != OFS)
		misuse("%u and %u runs are too few: each matrix or storm is one, %d a side do",
		       c->before.nr_runs, c->after.nr_runs, RUNS_LEAST);
	side_units(&c->before, true);
	side_units(&c->after, true);
	note("%u and %u runs are too few to tell how much runs differ by themselves;",
	     c->before.nr_runs, c->after.nr_runs);
	note("a spread of %.0f%% is assumed, so that only large changes are seen",
	     100 * ASSUMED_SPREAD);
	note("measure --repeat %d, or more, on each side tells", RUNS_LEAST);
}

static void fill(const struct side *s, const struct comparison *c, double *x)
{
	unsigned int i, j;

	for (i = 0; i < s->nr_units; i++)
		for (j = 0; j < c->nr; j++)
			*x++ = log(fmax(unit_statistic(&s->units[i], &c->rows[j].key,
						       c->o->of, c->rows[j].st), .5));
}

static double mean_of(const double *x, unsigned int rows, unsigned int columns)
{
	double sum = 0;
	unsigned int i;

	for (i = 0; i < rows; i++)
		sum += x[i * columns];
	return exp(sum / rows);
}

/* How many of all pairs of runs have the later one slower; half of those alike. */
static double effect_of(const double *x, unsigned int n1, unsigned int n2,
			unsigned int columns)
{
	const double *b, *a;
	double slower = 0;

	for (b = x; b < x + n1 * columns; b += columns)
		for (a = x + n1 * columns; a < x + (n1 + n2) * columns; a += columns)
			slower += *a > *b ? 1 : *a == *b ? .5 : 0;
	return slower / n1 / n2;
}

static double step_of(const struct side *s)
{
	double step = json_get_number(json_get(s->files[0], "setting"), "clock_step_ns");

	return step > 1 ? step : 1;
}

/* A clock rounds: two numbers within a step of it are the same. */
static double rounding(const struct comparison *c, const struct compared *r,
		       unsigned int n1, unsigned int n2)
{
	double step = fmax(step_of(&c->before), step_of(&c->after));

	return step / fmax(step, fmin(r->before, r->after)) / sqrt(12) *
	       sqrt(1. / n1 + 1. / n2);
}

static void judge(struct comparison *c, struct compared *r)
{
	double between = BETWEEN_NORMAL * ASSUMED_SPREAD *
			 sqrt(1. / c->before.nr_runs + 1. / c->after.nr_runs);
	double size = fabs(expm1(r->d.mean));

	if (c->batches)
		r->d.half = hypot(r->d.half, between);
	if (r->d.p <= ALPHA && fabs(r->d.mean) > r->d.half && size >= c->o->threshold)
		r->verdict = r->d.mean > 0 ? SLOWER : FASTER;
}

static void compare_all(struct comparison *c)
{
	unsigned int n1 = c->before.nr_units, n2 = c->after.nr_units, n = c->nr, i;
	double *x = xcalloc((n1 + n2) * n, sizeof(*x));
	double *least = xcalloc(n, sizeof(*least));
	struct difference *d = xcalloc(n, sizeof(*d));
	struct compared *r;

	fill(&c->before, c, x);
	fill(&c->after, c, x + n1 * n);
	for (i = 0; i < n; i++) {
		r = &c->rows[i];
		r->before = mean_of(x + i, n1, n);
		r->after = mean_of(x + n1 * n + i, n2, n);
		r->effect = effect_of(x + i, n1, n2, n);
		least[i] = rounding(c, r, n1, n2);
	}
	permute(x, n1, n2, n, least, ALPHA, d);
	for (i = 0; i < n; i++) {
		c->rows[i].d = d[i];
		judge(c, &c->rows[i]);
	}
	free(d);
	free(least);
	free(x);
}

int cmd_compare(struct opts *o)
{
	struct comparison c = { .o = o };
	unsigned int i;

	split_sides(&c, o);
	c.nr_differing = check_alike(&c.before, &c.after, o->force, &c.differing);
	choose_time(&c, o);
	choose_units(&c);
	find_rows(&c);
	compare_all(&c);
	comparison_show(&c);
	for (i = 0; i < c.nr; i++)
		if (c.rows[i].verdict == SLOWER)
			return EXIT_SLOWER;
	return exit_status();
}
