// SPDX-License-Identifier: GPL-2.0
/* ipixctl measure: how long calls take, distributions. See ipixctl(1). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipixctl.h"

#define DRY_SAMPLES	1000

/* One row: a mode from a source to targets in a state. */
struct row {
	unsigned int mode, source;
	struct cpus targets;
	bool busy;
	unsigned int samples;
	unsigned long long found_idle;
	struct summary of[3];
};

struct plan {
	int fd;
	const struct opts *o;
	struct row *rows;
	unsigned int nr;
	double overhead_ns;
};

static void add_row(struct plan *p, unsigned int mode, unsigned int source,
		    const struct cpus *targets, unsigned int one)
{
	unsigned int busy, i;
	struct row *r;

	for (busy = 0; busy < 2; busy++) {
		if (busy ? !p->o->busy : !p->o->idle)
			continue;
		p->rows = realloc(p->rows, (p->nr + 1) * sizeof(*p->rows));
		if (!p->rows)
			die("out of memory");
		r = &p->rows[p->nr++];
		*r = (struct row){ .mode = mode, .source = source, .busy = busy };
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

static void digest(struct row *r, const struct ipi_xcall_sample *s)
{
	unsigned int i;

	for (i = 0; i < r->samples; i++)
		r->found_idle += s[i].idle == s[i].cpus;
	for (i = 0; i < 3; i++)
		r->of[i] = summary_of(s, r->samples, i);
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
	if (err && err != -EINTR && !r->samples)
		die("%s from CPU %u to %s: %s", modes[r->mode].name, r->source,
		    cpus_text(&r->targets),
		    err == -ENXIO ? "a CPU is offline" : strerror(-err));
	digest(r, s);
}

/* What the timing itself takes, whatever else is measured. */
static void measure_overhead(struct plan *p)
{
	struct ipi_xcall_measure m = { .source = p->o->source.cpu[0] };
	struct ipi_xcall_sample s[DRY_SAMPLES];
	struct summary sum;
	unsigned int n;
	int err;

	n = dev_measure(p->fd, &m, s, DRY_SAMPLES, &err);
	if (err && err != -EINTR && !n)
		die("CPU %u: %s", m.source,
		    err == -ENXIO ? "is offline" : strerror(-err));
	sum = summary_of(s, n, OF_ACK);
	p->overhead_ns = sum.p50;
	summary_free(&sum);
}

static void show_json(const struct plan *p)
{
	const struct row *r;
	unsigned int i;

	setting_json("measure");
	json_num("overhead_ns", p->overhead_ns);
	json_open("results", '[');
	for (r = p->rows; r < p->rows + p->nr; r++) {
		if (!r->samples)
			continue;
		json_open(NULL, '{');
		json_str("mode", modes[r->mode].name);
		json_num("source", r->source);
		json_str("targets", cpus_text(&r->targets));
		json_str("state", r->busy ? "busy" : "idle");
		json_num("samples", r->samples);
		json_num("found_idle", r->found_idle);
		for (i = 0; i < 3; i++)
			summary_json(of_names[i], &r->of[i]);
		json_close();
	}
	json_close();
	json_close();
}

static void show_summary(const char *name, const struct summary *s)
{
	printf("  %-6s %10s %10s %10s %10s %10s %10s %10s\n", name,
	       text_ns(s->min), text_ns(s->mean), text_ns(s->p50), text_ns(s->p90),
	       text_ns(s->p99), text_ns(s->p999), text_ns(s->max));
}

/* A bar for each power of two, of what is waited for. */
static void show_histogram(const struct summary *s)
{
	unsigned int i, from, most = 0, pass;
	uint64_t lower, upper;

	for (pass = 0; pass < 2; pass++) {
		for (i = 0, lower = 0, upper = 1; i < s->nr; lower = upper, upper *= 2) {
			for (from = i; i < s->nr && s->sorted[i] < upper; i++)
				;
			if (!pass && i - from > most)
				most = i - from;
			if (pass && i > from)
				printf("  from %8s %9u %.*s\n", text_ns(lower), i - from,
				       (int)(40.0 * (i - from) / most + .5),
				       "****************************************");
		}
	}
}

static void show_text(const struct plan *p)
{
	const struct row *r;
	unsigned int i;

	setting_text();
	printf("timing itself takes %s of each sample\n", text_ns(p->overhead_ns));
	for (r = p->rows; r < p->rows + p->nr; r++) {
		if (!r->samples)
			continue;
		printf("\n%s, CPU %u to %s%s: %u samples, %llu found idle\n",
		       modes[r->mode].name, r->source, cpus_text(&r->targets),
		       r->busy ? " (kept busy)" : "", r->samples, r->found_idle);
		printf("  %-6s %10s %10s %10s %10s %10s %10s %10s\n", "", "min",
		       "mean", "50%", "90%", "99%", "99.9%", "max");
		for (i = 0; i < 3; i++)
			show_summary(of_names[i], &r->of[i]);
		show_histogram(&r->of[OF_ACK]);
	}
}

int cmd_measure(struct opts *o)
{
	struct plan p = { .fd = dev_open(), .o = o };
	struct ipi_xcall_sample *s = xcalloc(o->samples, sizeof(*s));
	unsigned int i;

	setting_begin(p.fd);
	options_sets(o, p.fd);
	if (!o->source.nr)
		cpus_add(&o->source, o->cpus.cpu[0]);
	if (o->modes & 1U << M_BROADCAST && !options_cover_all(o)) {
		if (o->modes_given)
			misuse(NOT_ALL);
		o->modes &= ~(1U << M_BROADCAST);
	}
	for (i = 0; i < o->source.nr; i++)
		plan_source(&p, o->source.cpu[i]);
	measure_overhead(&p);
	for (i = 0; i < p.nr && !interrupted; i++) {
		progress("measure", i, p.nr);
		measure_row(&p, &p.rows[i], s);
	}
	progress_end();
	if (o->json)
		show_json(&p);
	else
		show_text(&p);
	return exit_status();
}
