// SPDX-License-Identifier: GPL-2.0
/* ipixctl measure: how long calls take, distributions. See ipixctl(1). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "device.h"
#include "load.h"
#include "measured.h"
#include "modes.h"
#include "remarks.h"
#include "setting.h"
#include "topology.h"
#include "util.h"

#define DRY_SAMPLES	1000
/* Coarser clocks may stand still from a post to the start. */
#define FINE_NS		1000

struct plan {
	int fd;
	const struct opts *o;
	struct measured m;
	int err;		/* of the last row that has no samples */
};

static const char *class_of(unsigned int mode, unsigned int source, unsigned int target)
{
	if (mode == M_DRY || mode == M_SELF)
		return "self";
	return modes[mode].pairs ? pair_names[pair_class_of(source, target)] : "set";
}

static void add_row(struct plan *p, unsigned int mode, unsigned int source,
		    const struct cpus *targets, unsigned int one)
{
	unsigned int busy, i;
	struct row *r;

	for (busy = 0; busy < 2; busy++) {
		if (busy ? !p->o->busy : !p->o->idle)
			continue;
		r = measured_add(&p->m);
		*r = (struct row){
			.mode = mode, .source = source, .busy = busy,
			.class = class_of(mode, source, one),
		};
		for (i = 0; i < targets->nr; i++)
			if (!modes[mode].pairs || targets->cpu[i] == one)
				cpus_add(&r->targets, targets->cpu[i]);
	}
}

/* An other CPU each; the own one only if there is no other or it is named. */
static void plan_pairs(struct plan *p, unsigned int mode, unsigned int source)
{
	const struct opts *o = p->o;
	unsigned int i, target;

	for (i = 0; i < o->target.nr; i++) {
		target = o->target.cpu[i];
		if (target != source || o->target.nr == 1 || o->target_given)
			add_row(p, mode, source, &o->target, target);
	}
}

static void plan_set(struct plan *p, unsigned int mode, unsigned int source)
{
	const struct opts *o = p->o;
	struct cpus set = {};
	unsigned int i;

	for (i = 0; i < o->target.nr; i++)
		if (o->target.cpu[i] != source || o->target.nr == 1 || o->target_given)
			cpus_add(&set, o->target.cpu[i]);
	add_row(p, mode, source, &set, 0);
	cpus_free(&set);
}

static void plan_source(struct plan *p, unsigned int source)
{
	const struct opts *o = p->o;
	struct cpus self = { 1, &source };
	unsigned int mode;

	for (mode = 0; mode < MODES; mode++) {
		if (!(o->modes & 1U << mode))
			continue;
		if (mode == M_DRY || mode == M_SELF)
			add_row(p, mode, source, &self, source);
		else if (modes[mode].pairs)
			plan_pairs(p, mode, source);
		else
			plan_set(p, mode, source);
	}
}

/* Runs of all rows, so that what changes slowly is in each of them. */
static void plan_all(struct plan *p)
{
	unsigned int run, i, from;

	for (run = 0; run < p->o->repeat; run++) {
		from = p->m.nr;
		for (i = 0; i < p->o->source.nr; i++)
			plan_source(p, p->o->source.cpu[i]);
		for (i = from; i < p->m.nr; i++)
			p->m.rows[i].run = run;
	}
}

static struct ipi_xcall_measure request(const struct plan *p, const struct row *r)
{
	const struct opts *o = p->o;

	return (struct ipi_xcall_measure){
		.flags = o->linger ? IPI_XCALL_MEASURE_LINGER : 0,
		.mode = modes[r->mode].number,
		.source = r->source,
		.target = dev_target(r->mode, r->source, &r->targets),
		.period_ns = o->period_ns,
		.delay_ns = o->delay_ns,
		.delay_cpu = o->delay_cpu,
	};
}

/* No CPU begins before it is asked, or ends after that is known. */
static bool clocks_differ(const struct row *r, const struct ipi_xcall_sample *s)
{
	bool remote = r->mode != M_DRY && r->targets.cpu[0] != r->source;

	return s->start_ns > s->end_ns || s->end_ns > s->ack_ns ||
	       (remote && !s->start_ns && s->ack_ns && clock_step_ns() <= FINE_NS);
}

static uint64_t time_of(const struct ipi_xcall_sample *s, enum of of)
{
	return of == OF_START ? s->start_ns : of == OF_END ? s->end_ns : s->ack_ns;
}

/* Start and end are from two clocks, and of no use where these differ. */
static void digest(struct row *r, const struct ipi_xcall_sample *s)
{
	uint64_t *numbers[OFS];
	unsigned int i, n = 0;

	for (i = 0; i < OFS; i++)
		numbers[i] = xcalloc(r->samples, sizeof(uint64_t));
	for (i = 0; i < r->samples; i++) {
		r->found_idle += s[i].idle == s[i].cpus;
		r->partial += s[i].cpus < r->targets.nr;
		numbers[OF_ACK][i] = time_of(&s[i], OF_ACK);
		if (clocks_differ(r, &s[i]))
			continue;
		numbers[OF_START][n] = time_of(&s[i], OF_START);
		numbers[OF_END][n++] = time_of(&s[i], OF_END);
	}
	r->clocks_differ = r->samples - n;
	for (i = 0; i < OFS; i++)
		r->of[i] = summary_make(numbers[i], i == OF_ACK ? r->samples : n);
}

static void say_what_lacks(const struct plan *p, const struct row *r, int err)
{
	const char *mode = modes[r->mode].name, *to = cpus_text(&r->targets);

	if (r->samples < p->o->samples && !interrupted)
		lacks("%s, CPU %u to %s: %u of %u samples are missing: %s", mode,
		      r->source, to, p->o->samples - r->samples, p->o->samples,
		      err == -ENXIO ? "a CPU went offline" : strerror(-err));
	if (r->partial)
		lacks("%s, CPU %u to %s: %u of %u samples lack a CPU that was offline",
		      mode, r->source, to, r->partial, r->samples);
	if (r->clocks_differ)
		lacks("%s, CPU %u to %s: clocks differ: %u of %u samples lack start and end",
		      mode, r->source, to, r->clocks_differ, r->samples);
}

/* Even if it failed half-way, what came counts. */
static void measure_row(struct plan *p, struct row *r, struct ipi_xcall_sample *s)
{
	struct ipi_xcall_measure m = request(p, r);
	int err;

	if (r->busy)
		load_start(&r->targets, r->source);
	r->samples = dev_measure(p->fd, &m, s, p->o->samples, &err);
	if (r->busy)
		load_stop();
	setting_lingering(m.lingering);
	if (err && !r->samples)
		p->err = err;
	digest(r, s);
	say_what_lacks(p, r, err);
}

/* What the timing itself takes, whatever else is measured. */
static void measure_overhead(struct plan *p)
{
	struct ipi_xcall_measure m = { .source = p->o->source.cpu[0] };
	struct ipi_xcall_sample s[DRY_SAMPLES];
	struct row r = { .mode = M_DRY };
	int err;

	cpus_add(&r.targets, m.source);
	r.samples = dev_measure(p->fd, &m, s, DRY_SAMPLES, &err);
	if (err && !r.samples)
		die("CPU %u: %s", m.source,
		    err == -ENXIO ? "is offline" : strerror(-err));
	digest(&r, s);
	p->m.overhead_ns = r.of[OF_ACK].p[P50];
}

static void check(struct opts *o)
{
	if (!o->source.nr)
		cpus_add(&o->source, o->cpus.cpu[0]);
	options_need_online(o);
	if (!(o->modes & 1U << M_BROADCAST) || options_cover_all(o))
		return;
	if (o->modes_given)
		misuse(NOT_ALL);
	o->modes &= ~(1U << M_BROADCAST);
}

int cmd_measure(struct opts *o)
{
	struct plan p = { .fd = dev_open(), .o = o, .m = { .o = o } };
	struct ipi_xcall_sample *s = xcalloc(o->samples, sizeof(*s));
	struct ipi_xcall_info info = dev_info(p.fd);
	unsigned int i;

	setting_begin(&info);
	options_sets(o, info.cpu_ids);
	check(o);
	plan_all(&p);
	measure_overhead(&p);
	for (i = 0; i < p.m.nr && !interrupted; i++) {
		progress("measure", i, p.m.nr);
		measure_row(&p, &p.m.rows[i], s);
	}
	progress_end();
	if (p.err && !measured_any(&p.m))
		die("nothing could be measured: %s",
		    p.err == -ENXIO ? "a CPU is offline" : strerror(-p.err));
	measured_show(&p.m);
	free(s);
	return exit_status();
}
