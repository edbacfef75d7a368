/* SPDX-License-Identifier: GPL-2.0 */
/* What a comparison came to. */
#ifndef COMPARE_H
#define COMPARE_H

#include "alike.h"
#include "permute.h"
#include "runs.h"

enum verdict { SAME, FASTER, SLOWER, VERDICTS };
extern const char *const verdicts[VERDICTS];

/* A statistic of a key; differences are of logarithms. */
struct compared {
	struct key key;
	enum statistic st;
	double samples;		/* the fewest that a run has of it */
	bool few;		/* fewer than FEW of them lie beyond it */
	double before, after;	/* geometric means over the runs, in ns */
	double effect;		/* how often a run after is slower than one before */
	struct difference d;
	enum verdict verdict;
};

struct comparison {
	const struct opts *o;
	struct side before, after;
	bool batches;
	struct differing *differing;
	unsigned int nr_differing;
	struct compared *rows;
	unsigned int nr;
};

/* ----- compared.c ----- */

void comparison_show(const struct comparison *c);

#endif /* COMPARE_H */
