/* SPDX-License-Identifier: GPL-2.0 */
/* What the commands wrote as JSON, in one form: that of measure. */
#ifndef RESULTS_H
#define RESULTS_H

#include "json_tree.h"
#include "options.h"

/* Of a result of measure, matrix or storm; any other kind has none. */
bool results_can(const struct json *file);
#define RESULTS_KINDS	"'measure', 'matrix' and 'storm'"
/* Gives a result of matrix or storm the member "results" that one of measure has. */
void results_unify(struct json *file);
/* The only time there is in it, or OFS if there are all. */
enum of results_time(const struct json *file);

#endif /* RESULTS_H */
