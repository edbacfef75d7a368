/* SPDX-License-Identifier: GPL-2.0 */
/* May these results be compared? */
#ifndef ALIKE_H
#define ALIKE_H

#include "runs.h"

/* What differs between the sides, as a reader has to know. */
struct differing {
	const char *what, *before, *after;
};

/*
 * Ends the program if runs of a side are not of the same setting, or if the sides
 * differ in what makes numbers incomparable, unless that is forced. Returns how
 * many differences there are otherwise.
 */
unsigned int check_alike(const struct side *before, const struct side *after,
			 bool force, struct differing **list);

#endif /* ALIKE_H */
