/* SPDX-License-Identifier: GPL-2.0 */
/* Do two groups of observations differ? */
#ifndef PERMUTE_H
#define PERMUTE_H

/*
 * Of a column: by how much the mean of the second group is above that of the
 * first, half of the interval around it, and how likely a difference as large
 * among all columns is if the groups are alike.
 */
struct difference {
	double mean, half, p;
};

/*
 * @x has the observations of the first group, @n1 rows, then those of the second,
 * @n2, each of @columns numbers. @rounding is the standard error that each column
 * has at least. The intervals of all columns hold together with probability
 * 1 - @alpha.
 */
void permute(const double *x, unsigned int n1, unsigned int n2, unsigned int columns,
	     const double *rounding, double alpha, struct difference *d);

#endif /* PERMUTE_H */
