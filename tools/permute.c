// SPDX-License-Identifier: GPL-2.0
/*
 * A permutation test of the largest studentized difference. See permute.h.
 *
 * If the groups are alike, any other assignment of the observations to groups of
 * the same sizes was as likely as the one that there is. So the differences of all
 * assignments (or of many by chance, if there are too many) are what chance makes
 * of them, whatever their distribution and however the columns depend on each
 * other: rows are kept whole. Of each assignment the largest |t| over all columns
 * counts, so that alpha holds for all columns together.
 *
 * Intervals come from the same, done with what is left of each observation when
 * its group's mean is taken away.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "permute.h"
#include "util.h"

#define ASSIGNMENTS	10000	/* as many as are tried */
#define SEED		0x9e3779b97f4a7c15ULL

struct data {
	const double *x;
	unsigned int n1, n2, columns;
	const double *rounding;
};

static double choose(unsigned int n, unsigned int k)
{
	double c = 1;
	unsigned int i;

	for (i = 1; i <= k; i++)
		c = c * (n - k + i) / i;
	return c;
}

static double mean_of(const struct data *d, const bool *second, bool which,
		      unsigned int column, double *variance)
{
	unsigned int i, n = which ? d->n2 : d->n1;
	double sum = 0, squares = 0, mean, x;

	for (i = 0; i < d->n1 + d->n2; i++)
		if (second[i] == which)
			sum += d->x[i * d->columns + column];
	mean = sum / n;
	for (i = 0; i < d->n1 + d->n2; i++) {
		x = d->x[i * d->columns + column] - mean;
		if (second[i] == which)
			squares += x * x;
	}
	*variance = n > 1 ? squares / (n - 1) / n : 0;
	return mean;
}

/* The difference of the means in standard errors, see Welch. */
static double t_of(const struct data *d, const bool *second, unsigned int column,
		   double *mean, double *error)
{
	double v1, v2, least = d->rounding[column];

	*mean = -mean_of(d, second, false, column, &v1);
	*mean += mean_of(d, second, true, column, &v2);
	*error = sqrt(v1 + v2 + least * least);
	return *error > 0 ? fabs(*mean) / *error : 0;
}

static double largest_t(const struct data *d, const bool *second)
{
	double mean, error, most = 0;
	unsigned int i;

	for (i = 0; i < d->columns; i++)
		most = fmax(most, t_of(d, second, i, &mean, &error));
	return most;
}

/* The next assignment in the order of binary numbers; false after the last. */
static bool next(bool *second, unsigned int n)
{
	unsigned int i, ones = 0;

	for (i = 0; i + 1 < n && !(second[i] && !second[i + 1]); i++)
		ones += second[i];
	if (i + 1 >= n)
		return false;
	second[i] = false;
	second[i + 1] = true;
	memset(second, 0, i * sizeof(*second));
	memset(second, 1, ones * sizeof(*second));
	return true;
}

static void shuffle(bool *second, unsigned int n, uint64_t *random)
{
	unsigned int i, j;
	bool b;

	for (i = n - 1; i; i--) {
		*random = *random * 6364136223846793005ULL + 1442695040888963407ULL;
		j = (*random >> 33) % (i + 1);
		b = second[i];
		second[i] = second[j];
		second[j] = b;
	}
}

static int descending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x < y) - (x > y);
}

/* The largest t of each assignment, descending; the one that there is included. */
static double *all_largest(const struct data *d, unsigned int *nr)
{
	unsigned int n = d->n1 + d->n2, i;
	double *t = xcalloc(ASSIGNMENTS, sizeof(*t));
	bool *second = xcalloc(n, sizeof(*second));
	uint64_t random = SEED;

	*nr = 0;
	if (choose(n, d->n2) <= ASSIGNMENTS) {
		memset(second, 1, d->n2 * sizeof(*second));
		do {
			t[(*nr)++] = largest_t(d, second);
		} while (next(second, n));
	} else {
		for (i = d->n1; i < n; i++)
			second[i] = true;
		while (*nr < ASSIGNMENTS) {
			t[(*nr)++] = largest_t(d, second);
			shuffle(second, n, &random);
		}
	}
	qsort(t, *nr, sizeof(*t), descending);
	free(second);
	return t;
}

/* Of what is left when each group's mean is taken away, what no more exceed. */
static double critical(const struct data *d, double alpha)
{
	unsigned int n = d->n1 + d->n2, nr, i, j;
	double *rest = xcalloc(n * d->columns, sizeof(*rest)), *t, at, v;
	bool *second = xcalloc(n, sizeof(*second));
	struct data of_rest = *d;

	for (i = d->n1; i < n; i++)
		second[i] = true;
	for (i = 0; i < n; i++)
		for (j = 0; j < d->columns; j++)
			rest[i * d->columns + j] = d->x[i * d->columns + j] -
						   mean_of(d, second, second[i], j, &v);
	of_rest.x = rest;
	t = all_largest(&of_rest, &nr);
	i = alpha * nr;
	at = t[i < nr ? i : nr - 1];
	free(t);
	free(rest);
	free(second);
	return at;
}

void permute(const double *x, unsigned int n1, unsigned int n2, unsigned int columns,
	     const double *rounding, double alpha, struct difference *d)
{
	struct data data = { x, n1, n2, columns, rounding };
	double limit = critical(&data, alpha), error, mine, *t;
	bool *second = xcalloc(n1 + n2, sizeof(*second));
	unsigned int nr, i, above;

	t = all_largest(&data, &nr);
	for (i = n1; i < n1 + n2; i++)
		second[i] = true;
	for (i = 0; i < columns; i++) {
		mine = t_of(&data, second, i, &d[i].mean, &error);
		d[i].half = limit * error;
		/* The same sums in another order are not quite the same. */
		for (above = 0; above < nr && t[above] >= mine * (1 - 1e-9); above++)
			;
		d[i].p = above ? (double)above / nr : 1. / nr;
	}
	free(t);
	free(second);
}
