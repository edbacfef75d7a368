// SPDX-License-Identifier: GPL-2.0
/* ipi_xcall: measurements of a file: what may be measured, and what came of it */
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/time64.h>

#include "ctl.h"

/* Which targets a mode may have, by IPI_XCALL_TO_*. */
#define AIM_CPU		BIT(IPI_XCALL_TO_CPU)
#define AIM_SET		BIT(IPI_XCALL_TO_SET)
#define AIM_ALL		(BIT(IPI_XCALL_TO_ALL) | BIT(IPI_XCALL_TO_OTHERS))

static const u8 measure_aims[] = {
	[IPI_XCALL_MEASURE_DRY]		= AIM_CPU,
	[IPI_XCALL_MEASURE_SINGLE]	= AIM_CPU,
	[IPI_XCALL_MEASURE_MANY]	= AIM_SET | AIM_ALL,
	[IPI_XCALL_MEASURE_MANY_LOCK]	= AIM_SET | AIM_ALL,
	[IPI_XCALL_MEASURE_TRIGGER]	= AIM_CPU | AIM_SET | AIM_ALL,
	[IPI_XCALL_MEASURE_UNICAST]	= AIM_CPU,
	[IPI_XCALL_MEASURE_MULTICAST]	= AIM_SET,
	[IPI_XCALL_MEASURE_BROADCAST]	= AIM_ALL,
};

static bool measure_has_aim(const struct ipi_xcall_measure *u)
{
	if (u->mode >= ARRAY_SIZE(measure_aims) ||
	    u->target.to > IPI_XCALL_TO_OTHERS ||
	    !(measure_aims[u->mode] & BIT(u->target.to)))
		return false;
	return u->mode != IPI_XCALL_MEASURE_DRY || !u->target.cpu;
}

static int measure_check(struct ipi_xcall_measure *u, struct ctl_array *a)
{
	if (u->reserved || !measure_has_aim(u) || !ctl_is_possible(u->source) ||
	    u->period_ns > IPI_XCALL_PERIOD_MAX_NS)
		return -EINVAL;
	if (u->delay_ns > IPI_XCALL_DELAY_MAX_NS ||
	    !ctl_is_possible(u->delay_cpu) || (u->delay_cpu && !u->delay_ns))
		return -EINVAL;
	if (!u->nr_samples || u->nr_samples > IPI_XCALL_SAMPLES_MAX)
		return -EINVAL;
	u->lingering = 0;
	return ctl_array_init(a, u->samples, u->nr_samples, u->record_size,
			      IPI_XCALL_SAMPLE_SIZE_VER0);
}

static int measure_give(const struct ctl_sampler *s, const struct ctl_array *a)
{
	unsigned int n;
	int err = 0;

	for (n = 0; n < s->seen && !err; n++)
		err = ctl_array_give(a, n, &s->samples[n], sizeof(*s->samples));
	return err;
}

static int measure_take(struct ctl_sampler *s, struct ipi_xcall_measure *u)
{
	int err;

	s->source = u->source;
	s->period_ns = u->period_ns;
	s->from_due = u->flags & IPI_XCALL_MEASURE_FROM_DUE;
	s->delay_cpu = u->delay_cpu;
	s->delay_ns = u->delay_ns;
	s->linger = u->flags & IPI_XCALL_MEASURE_LINGER;
	if (s->linger)
		u->lingering = ipi_is_lingering();
	err = ctl_sampler_take(s);
	if (err)
		return err;
	if (s->linger)
		u->lingering |= ipi_is_lingering();
	u->nr_samples = s->seen;
	u->ended = s->ended;
	/* It still waits if it could not end within a second. */
	u->waited_ns = s->running ? NSEC_PER_SEC : s->waited_ns;
	return 0;
}

static int measure_do(struct ctl_file *f, struct ipi_xcall_measure *u,
		      const struct ctl_array *a)
{
	struct ctl_sampler *s = ctl_sampler_new(f->measures, u->mode, u->nr_samples);
	int err;

	if (IS_ERR(s))
		return PTR_ERR(s);
	err = ctl_target_get(&s->target, &u->target) ?: measure_take(s, u) ?:
	      measure_give(s, a);
	ctl_sampler_put(s);
	return err;
}

int ctl_measure(struct ctl_file *f, struct ctl_request *rq)
{
	struct ctl_array a;
	int err = measure_check(&rq->as_measure, &a);

	return err ?: measure_do(f, &rq->as_measure, &a);
}
