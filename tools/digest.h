/* SPDX-License-Identifier: GPL-2.0 */
/* What samples say, as far as they can be believed. */
#ifndef DIGEST_H
#define DIGEST_H

#include <stdbool.h>

#include "../uapi/ipi_xcall.h"
#include "options.h"
#include "summary.h"

struct digest {
	unsigned int samples;
	unsigned int partial;		/* samples in which not all targets ran */
	unsigned int clocks_differ;	/* samples without start and end */
	unsigned long long found_idle;
	struct summary of[OFS];
};

/*
 * Of @nr samples from a CPU to @targets of them; @local if the first that runs is
 * that CPU itself.
 */
struct digest digest_make(const struct ipi_xcall_sample *s, unsigned int nr,
			  unsigned int targets, bool local);
void digest_free(struct digest *d);

#endif /* DIGEST_H */
