// SPDX-License-Identifier: GPL-2.0
/* Percentiles, histograms. See summary.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "remarks.h"
#include "summary.h"
#include "util.h"

/* Of the quantiles: every per cent up to here, then ever nearer to 1. */
#define PER_CENTS	98
#define TAIL_POINTS	100
#define TAIL_STEP	1.06

const char *const percentile_names[PERCENTILES] = { "p50", "p90", "p99", "p999" };
static const double fractions[PERCENTILES] = { .5, .9, .99, .999 };

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* From 1: of the smallest number that at least this fraction does not exceed. */
static unsigned int rank(unsigned int nr, double fraction)
{
	double r = ceil(fraction * nr - 1e-9);

	return r < 1 ? 1 : r > nr ? nr : r;
}

uint64_t summary_quantile(const struct summary *s, double fraction)
{
	return s->sorted[rank(s->nr, fraction) - 1];
}

static double mean(const uint64_t *numbers, unsigned int nr)
{
	double sum = 0;
	unsigned int i;

	for (i = 0; i < nr; i++)
		sum += numbers[i];
	return nr ? sum / nr : (double)NAN;
}

static double percentile(const uint64_t *sorted, unsigned int nr, double fraction,
			 unsigned int *behind)
{
	*behind = nr ? nr - rank(nr, fraction) : 0;
	return *behind ? sorted[rank(nr, fraction) - 1] : (double)NAN;
}

/* Of a part, which is sorted; later all is. */
static void make_batch(struct summary *s, unsigned int i)
{
	unsigned int from = (uint64_t)s->nr * i / BATCHES;
	unsigned int nr = (uint64_t)s->nr * (i + 1) / BATCHES - from, behind;

	qsort(s->sorted + from, nr, sizeof(*s->sorted), compare);
	s->batches[i].mean = mean(s->sorted + from, nr);
	s->batches[i].p50 = percentile(s->sorted + from, nr, .5, &behind);
	s->batches[i].p99 = percentile(s->sorted + from, nr, .99, &behind);
}

struct summary summary_make(uint64_t *numbers, unsigned int nr)
{
	struct summary s = { .nr = nr, .sorted = numbers };
	unsigned int i;

	for (i = 0; i < BATCHES; i++)
		make_batch(&s, i);
	qsort(numbers, nr, sizeof(*numbers), compare);
	s.mean = mean(numbers, nr);
	for (i = 0; i < PERCENTILES; i++)
		s.p[i] = percentile(numbers, nr, fractions[i], &s.behind[i]);
	if (nr) {
		s.min = numbers[0];
		s.max = numbers[nr - 1];
	}
	return s;
}

void summary_free(struct summary *s)
{
	free(s->sorted);
	s->sorted = NULL;
}

static void pair(double a, double b)
{
	json_open(NULL, '[');
	json_num(NULL, a);
	json_num(NULL, b);
	json_close();
}

/* Buckets begin at 0, 1, 2, 4, 8 ...; empty ones are left out. */
static void histogram(const struct summary *s)
{
	uint64_t lower = 0, upper = 1;
	unsigned int i = 0, from;

	json_open("histogram", '[');
	while (i < s->nr) {
		for (from = i; i < s->nr && s->sorted[i] < upper; i++)
			;
		if (i > from)
			pair(lower, i - from);
		lower = upper;
		upper *= 2;
	}
	json_close();
}

static void quantiles(const struct summary *s)
{
	double rest = 1 - PER_CENTS / 100.;
	int i;

	json_open("quantiles", '[');
	for (i = 0; s->nr && i < PER_CENTS; i++)
		pair(i / 100., summary_quantile(s, i / 100.));
	for (i = 0; i < TAIL_POINTS && rest * s->nr >= 1; i++) {
		pair(1 - rest, summary_quantile(s, 1 - rest));
		rest /= TAIL_STEP;
	}
	if (s->nr)
		pair(1, s->max);
	json_close();
}

#define BATCH_ARRAY(s, member)					\
	do {							\
		unsigned int i_;				\
								\
		json_open(#member, '[');			\
		for (i_ = 0; i_ < BATCHES; i_++)		\
			json_num(NULL, (s)->batches[i_].member);\
		json_close();					\
	} while (0)

static void batches(const struct summary *s)
{
	json_open("batches", '{');
	BATCH_ARRAY(s, p50);
	BATCH_ARRAY(s, p99);
	BATCH_ARRAY(s, mean);
	json_close();
}

void summary_json(const char *key, const struct summary *s)
{
	unsigned int i;

	json_open(key, '{');
	json_num("samples", s->nr);
	json_num("min", s->nr ? s->min : (double)NAN);
	json_num("mean", s->mean);
	for (i = 0; i < PERCENTILES; i++)
		json_num(percentile_names[i], s->p[i]);
	json_num("max", s->nr ? s->max : (double)NAN);
	json_open("behind", '{');
	for (i = 0; i < PERCENTILES; i++)
		json_num(percentile_names[i], s->behind[i]);
	json_close();
	histogram(s);
	quantiles(s);
	batches(s);
	json_close();
}

const char *summary_text(const struct summary *s, enum percentile p)
{
	static char texts[8][32];
	static unsigned int turn;
	char *text = texts[turn++ % 8];

	if (isnan(s->p[p]))
		return "-";
	snprintf(text, sizeof(texts[0]), "%s%s", text_ns(s->p[p]),
		 s->behind[p] < FEW ? "*" : "");
	return text;
}

/* The highest percentile that has enough samples behind it. */
void summary_note(unsigned int samples)
{
	double most = samples > FEW ? 1 - (double)FEW / samples : 0;

	if (samples < 2)
		note("one sample says what one call took, and nothing of others");
	else if (most < .5)
		note("%u samples: not even the median has %d on each side",
		     samples, FEW);
	else if (most < fractions[P999] - 1e-9)
		note("* fewer than %d of %u samples lie beyond; above %.4g%% that is so; '-': none",
		     FEW, samples, floor(most * 1000) / 10);
}
