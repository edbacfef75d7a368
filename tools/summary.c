// SPDX-License-Identifier: GPL-2.0
/* Percentiles, histograms. See ipixctl.h. */
#include <math.h>
#include <stdlib.h>

#include "ipixctl.h"

/* Of the quantiles: every per cent up to here, then ever nearer to 1. */
#define PER_CENTS	98
#define TAIL_POINTS	100
#define TAIL_STEP	1.06

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The smallest number that at least this fraction of all does not exceed. */
uint64_t summary_quantile(const struct summary *s, double fraction)
{
	double rank = ceil(fraction * s->nr);

	return s->sorted[rank < 1 ? 0 : rank > s->nr ? s->nr - 1 :
			 (unsigned int)rank - 1];
}

struct summary summary_make(uint64_t *numbers, unsigned int nr)
{
	struct summary s = { .nr = nr, .sorted = numbers };
	unsigned int i;

	if (!nr)
		return s;
	qsort(numbers, nr, sizeof(*numbers), compare);
	for (i = 0; i < nr; i++)
		s.mean += (double)numbers[i] / nr;
	s.min = numbers[0];
	s.max = numbers[nr - 1];
	s.p50 = summary_quantile(&s, .5);
	s.p90 = summary_quantile(&s, .9);
	s.p99 = summary_quantile(&s, .99);
	s.p999 = summary_quantile(&s, .999);
	return s;
}

struct summary summary_of(const struct ipi_xcall_sample *s, unsigned int nr, enum of of)
{
	uint64_t *numbers = xcalloc(nr, sizeof(*numbers));
	unsigned int i;

	for (i = 0; i < nr; i++)
		numbers[i] = of == OF_START ? s[i].start_ns :
			     of == OF_END ? s[i].end_ns : s[i].ack_ns;
	return summary_make(numbers, nr);
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
	for (i = 0; i < PER_CENTS; i++)
		pair(i / 100., summary_quantile(s, i / 100.));
	for (i = 0; i < TAIL_POINTS && rest * s->nr >= 1; i++) {
		pair(1 - rest, summary_quantile(s, 1 - rest));
		rest /= TAIL_STEP;
	}
	pair(1, s->max);
	json_close();
}

void summary_json(const char *key, const struct summary *s)
{
	json_open(key, '{');
	json_num("min", s->min);
	json_num("mean", s->mean);
	json_num("p50", s->p50);
	json_num("p90", s->p90);
	json_num("p99", s->p99);
	json_num("p999", s->p999);
	json_num("max", s->max);
	histogram(s);
	quantiles(s);
	json_close();
}
