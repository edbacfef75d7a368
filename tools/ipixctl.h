/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of ipixctl share. */
#ifndef IPIXCTL_H
#define IPIXCTL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../uapi/ipi_xcall.h"

#define IPIXCTL_VERSION	"1.0.0"
#define ARRAY_LEN(a)	(sizeof(a) / sizeof((a)[0]))

/* What main() returns. */
#define EXIT_FAILED	1
#define EXIT_MISUSE	2
#define EXIT_INTERRUPTED 130

/* ----- ipixctl.c: the end ----- */

/* One line on stderr, and out: something failed, or the user asked wrongly. */
void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void misuse(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void *xcalloc(size_t n, size_t size);

/* Set by SIGINT, SIGTERM and SIGHUP: finish with what there is. */
extern volatile sig_atomic_t interrupted;
int exit_status(void);

/* ----- cpus.c: sets of CPUs, and which there are ----- */

struct cpus {
	unsigned int nr;
	unsigned int *cpu;	/* ascending */
};

/* "0-3,7" or "all"; false if it is neither. */
bool cpus_parse(struct cpus *set, const char *text);
bool cpus_has(const struct cpus *set, unsigned int cpu);
void cpus_add(struct cpus *set, unsigned int cpu);
void cpus_free(struct cpus *set);
/* As it was parsed; lives until the next call. */
const char *cpus_text(const struct cpus *set);
void cpus_online(struct cpus *set);
/* Those online that are neither isolated nor nohz_full. */
void cpus_housekeeping(struct cpus *set);
/* A set for the ABI; lives until the next call. */
struct ipi_xcall_target cpus_target(const struct cpus *set);

/* The first line of a file below /sys, or below / with absolute; "" if none. */
const char *sys_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *file_line(const char *path);

/* ----- topology.c: how near CPUs are ----- */

enum pair_class { SELF, SMT, LLC, NODE, SOCKET, REMOTE, PAIR_CLASSES };

struct place {
	unsigned int cpu;
	int smt, llc, node, socket;
};

extern const char *const pair_names[PAIR_CLASSES];
/* Of each CPU of the set, neighbours beside each other. */
struct place *topology(const struct cpus *set);
enum pair_class pair_class(const struct place *a, const struct place *b);
/* The group of a place, by what there is more than one of; writes its name. */
int group_of(const struct place *places, unsigned int nr, unsigned int i,
	     char *name, size_t size);

/* ----- options.c ----- */

enum of { OF_START, OF_END, OF_ACK };
extern const char *const of_names[];

struct opts {
	bool json, linger, compact;
	unsigned int samples, count, seconds;
	unsigned int modes;		/* bits, by index in modes[] */
	bool modes_given, target_given;
	struct cpus cpus, source, target;
	bool idle, busy;
	unsigned int period_ns, delay_cpu, delay_ns;
	enum of of;
	double *rates;
	unsigned int nr_rates;
	unsigned int interval_ms;
	int argc;			/* what is left */
	char **argv;
};

/* Bits of the commands that take an option. */
enum command_bit {
	LIST = 1, TRIGGER = 2, CALL = 4, STATS = 8, WATCH = 16, MEASURE = 32,
	MATRIX = 64, STORM = 128,
};

struct command {
	const char *name, *args, *what;
	unsigned int bit;
	unsigned int modes;		/* default ones */
	int (*run)(struct opts *o);
};

void options_parse(struct opts *o, const struct command *c, int argc, char **argv);
/* Fills in the CPUs to use, and those to send to, where none are named. */
void options_sets(struct opts *o, int fd);
/* Are all CPUs targets, as those of a broadcast have to be? */
bool options_cover_all(const struct opts *o);
#define NOT_ALL	"a broadcast interrupts all CPUs, and not all of them are targets"
void options_help(const struct command *c);

/* ----- modes.c: what can be measured ----- */

struct mode {
	const char *name;
	unsigned int number;		/* of the ABI */
	bool pairs;			/* one CPU each, or a set */
	const char *what;
};

enum mode_index {
	M_DRY, M_SELF, M_SINGLE, M_MANY, M_MANY_LOCK, M_TRIGGER, M_UNICAST,
	M_MULTICAST, M_BROADCAST, MODES
};

extern const struct mode modes[MODES];
int mode_find(const char *name, size_t len);
/* The first of a set of modes. */
unsigned int mode_first(unsigned int bits);

/* ----- device.c: the ABI ----- */

int dev_open(void);
int dev_ioctl(int fd, unsigned int cmd, void *arg);
struct ipi_xcall_info dev_info(int fd);
const char *dev_version(const struct ipi_xcall_info *info);
/* One for each possible CPU; *nr of them. */
struct ipi_xcall_cpu_stats *dev_stats(int fd, unsigned int *nr);
unsigned int dev_register(int fd, unsigned int kind);
/*
 * Takes @nr samples, in as many commands as it needs, which differ from *@m in
 * nothing else. Returns how many were taken; fewer, and *@err, if it failed.
 */
unsigned int dev_measure(int fd, struct ipi_xcall_measure *m,
			 struct ipi_xcall_sample *samples, unsigned int nr, int *err);
/* What the target of a mode from a source is. */
struct ipi_xcall_target dev_target(unsigned int mode, unsigned int source,
				   const struct cpus *targets);

/* ----- summary.c: many numbers in a few ----- */

struct summary {
	unsigned int nr;
	uint64_t *sorted;
	uint64_t min, p50, p90, p99, p999, max;
	double mean;
};

/* Of member @of of samples. */
struct summary summary_of(const struct ipi_xcall_sample *s, unsigned int nr, enum of of);
/* Takes the numbers over. */
struct summary summary_make(uint64_t *numbers, unsigned int nr);
uint64_t summary_quantile(const struct summary *s, double fraction);
void summary_json(const char *key, const struct summary *s);
void summary_free(struct summary *s);

/* ----- json.c: writes to stdout; a key is NULL within an array ----- */

void json_open(const char *key, char bracket);
void json_close(void);
void json_str(const char *key, const char *text);
void json_num(const char *key, double number);
void json_bool(const char *key, bool value);
void json_null(const char *key);

/* ----- setting.c: where and under which circumstances ----- */

void setting_begin(int fd);
void setting_lingering(bool lingering);
/* The members that each result begins with; json_close() ends it. */
void setting_json(const char *kind);
void setting_text(void);

/* ----- load.c: keeps CPUs busy ----- */

void pin(unsigned int cpu);
void load_start(const struct cpus *set, unsigned int but);
void load_stop(void);

/* ----- text.c: for people ----- */

/* A duration with its unit; lives until the eighth call from now. */
const char *text_ns(double ns);
void progress(const char *what, unsigned int done, unsigned int of);
void progress_end(void);
uint64_t now_ns(void);

/* ----- commands ----- */

int cmd_list(struct opts *o);
int cmd_trigger(struct opts *o);
int cmd_call(struct opts *o);
int cmd_stats(struct opts *o);
int cmd_watch(struct opts *o);
int cmd_measure(struct opts *o);
int cmd_matrix(struct opts *o);
int cmd_storm(struct opts *o);

#endif /* IPIXCTL_H */
