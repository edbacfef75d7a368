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

struct plan {
	int fd;
	const struct opts *o;
	struct measured m;
	int err;		/* of the last row that has no samples */
	struct source {
		bool held;		/* others keep it */
		unsigned long long missing, wanted;
		uint64_t ns, waited_ns;
	} *sources;		/* as they are in @o */
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

static struct source *source_of(const struct plan *p, const struct row *r)
{
	unsigned int i;

	for (i = 0; p->o->source.cpu[i] != r->source; i++)
		;
	return &p->sources[i];
}

static void say_what_lacks(const struct plan *p, const struct row *r, const struct taken *t)
{
	const char *mode = modes[r->mode].name, *to = cpus_text(&r->targets);
	const struct digest *d = &r->d;

	if (d->samples < p->o->samples && !t->held && !interrupted)
		lacks("%s, CPU %u to %s: %u of %u samples are missing: %s", mode,
		      r->source, to, p->o->samples - d->samples, p->o->samples,
		      taken_why(t, r->source));
	if (d->partial)
		lacks("%s, CPU %u to %s: %u of %u samples lack a CPU that was offline",
		      mode, r->source, to, d->partial, d->samples);
	if (d->clocks_differ)
		lacks("%s, CPU %u to %s: clocks differ: %u of %u samples lack start and end",
		      mode, r->source, to, d->clocks_differ, d->samples);
}

static bool is_local(const struct row *r)
{
	return r->mode == M_DRY || r->targets.cpu[0] == r->source;
}

/* Even if it failed half-way, what came counts. */
static void measure_row(struct plan *p, struct row *r, struct ipi_xcall_sample *s)
{
	struct ipi_xcall_measure m = request(p, r);
	struct source *from = source_of(p, r);
	struct taken t = { .held = from->held };

	if (r->busy && !t.held)
		load_start(&r->targets, r->source);
	if (!t.held)
		t = dev_measure(p->fd, &m, s, p->o->samples);
	if (r->busy && !from->held)
		load_stop();
	setting_lingering(m.lingering);
	if (t.err && !t.nr)
		p->err = t.err;
	r->d = digest_make(s, t.nr, r->targets.nr, is_local(r));
	r->waited_ns = t.waited_ns;
	from->held = t.held;
	from->wanted += p->o->samples;
	from->missing += t.held ? p->o->samples - t.nr : 0;
	from->ns += t.ns;
	from->waited_ns += t.waited_ns;
	say_what_lacks(p, r, &t);
}

static void say_who_starved(const struct plan *p)
{
	const struct source *s = p->sources;
	unsigned int i;

	for (i = 0; i < p->o->source.nr && !interrupted; i++, s++) {
		if (s->held)
			lacks("%llu of %llu samples are missing: %s", s->missing, s->wanted,
			      taken_why(&(struct taken){ .held = true }, p->o->source.cpu[i]));
		else
			starved_note(p->o->source.cpu[i], s->waited_ns, s->ns);
	}
}

/* What the timing itself takes, whatever else is measured. */
static void measure_overhead(struct plan *p)
{
	struct ipi_xcall_measure m = { .source = p->o->source.cpu[0] };
	struct ipi_xcall_sample s[DRY_SAMPLES];
	struct taken t = dev_measure(p->fd, &m, s, DRY_SAMPLES);
	struct digest d = digest_make(s, t.nr, 1, true);

	if ((t.err || t.held) && !t.nr)
		die("nothing could be measured: CPU %u: %s", m.source, taken_why(&t, m.source));
	p->m.overhead_ns = d.of[OF_ACK].p[P50];
	digest_free(&d);
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
	p.sources = xcalloc(o->source.nr, sizeof(*p.sources));
	measure_overhead(&p);
	for (i = 0; i < p.m.nr && !interrupted; i++) {
		progress("measure", i, p.m.nr);
		measure_row(&p, &p.m.rows[i], s);
	}
	progress_end();
	if (p.err && !measured_any(&p.m))
		die("nothing could be measured: %s",
		    p.err == -ENXIO ? "a CPU is offline" : measure_error(p.err));
	say_who_starved(&p);
	measured_show(&p.m);
	free(s);
	return exit_status();
}
