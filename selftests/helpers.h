/* SPDX-License-Identifier: GPL-2.0 */
/* What the programs share: modules, scenarios, debugfs, the kernel log. */
#ifndef HELPERS_H
#define HELPERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine.h"

#define XCALL_DIR	"/sys/kernel/debug/ipi_xcall/"
#define PARAM_DIR	"/sys/module/ipi_xcall/parameters/"
#define CLIENT		"ipi_xcall_test"

/* Enough for any log that is read here, and for a file with a table of CPUs. */
#define TEXT_SIZE	65536
#define TABLE_SIZE	1048576

/* All that return int: 0 or a positive value, or -errno. */

/* Modules; a .ko is looked for beside the program and where it is built. */
bool module_loaded(const char *name);
int module_load(const char *name, const char *params);
int module_unload(const char *name);
/* Takes the module that is tested out and in again, counters at zero. */
int xcall_reload(void);
/* Why that cannot be done here, or NULL. */
const char *why_no_reload(void);
#define NEEDS_RELOAD()							\
	do {								\
		if (why_no_reload())					\
			SKIP(return, "%s", why_no_reload());		\
	} while (0)

/* The client with the scenarios: see modules/scenario/main.c. */
int client_load(void);
int client_unload(void);
int scenario(const char *line, char *log, size_t size);
/* Whether the last one was, see xt_run_case(): it counted twice then. */
bool scenario_ran_again(void);

/* Where the kernel has ipi_xcall built in there may be no modules at all. */
bool can_load_modules(void);
#define NEEDS_CLIENT()							\
	do {								\
		if (!can_load_modules())				\
			SKIP(return, "this kernel loads no modules");	\
	} while (0)
/* Of a program whose every test has the client: a fixture cannot skip on 6.1. */
void skip_without_modules(void);
#define ALL_NEED_CLIENT()						\
	__attribute__((constructor)) static void need_client(void)	\
	{								\
		skip_without_modules();					\
	}

int read_file(const char *path, char *buf, size_t size);
int write_file(const char *path, const char *text);
int write_bytes(const char *path, const void *data, size_t len);

/* A parameter of the module, until all are again what they were at the start. */
int param_set(const char *name, const char *value);
void params_restore(void);

/*
 * Sum of a column of the file stats, of all CPUs or of those that are isolated; -1
 * if it has none of that name.
 */
long long stat_sum(const char *column);
long long stat_sum_isolated(const char *column);
/* Waits until it has come so far; false if it does not. */
bool stat_reaches(const char *column, long long sum);
/* Both sums of the conservation law, once they agree, or if they never do. */
bool stats_balance(char *why, size_t size);
/* Rows of the file slots, but for those that were there at the start. */
int slots_used(void);
/* Those of debugfs that were not there at the start; others go with their owners. */
void drop_slots(void);
int slots_of_others(void);
/* For tests that fill the table or expect an id. */
#define NEEDS_EMPTY_TABLE()						\
	do {								\
		if (slots_of_others())					\
			SKIP(return, "slots of ipi_xcall are in use");	\
	} while (0)

/* The kernel log from here on: lines of the messages that begin with a text. */
int klog_open(void);
/* Appends what came since; returns the number of lines that begin so. */
int klog_count(int fd, char *text, size_t size, const char *prefix);
/* What came so far does not count. */
void klog_forget(int fd);

/* Waits for a child; its exit status, or -signal. */
int child_status(int pid);

int64_t now_ms(void);
void sleep_ms(unsigned int ms);

/*
 * How often to do what only repeats, or for how many ms: @few shows that it works,
 * @many finds what is rare, where the environment says IPI_XCALL_LONG=yes.
 */
int rounds(int few, int many);

/*
 * What is to come may take as long as this, on a guest whose host has other
 * things to do: only what never comes is late.
 */
#define LATE_MS		60000
/* For how long to go on: for @ms from @start, and until @enough was done. */
bool go_on(int64_t start, unsigned int ms, bool enough);

/* Seconds that a test may take there. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	300

/*
 * For the harness: runs a scenario, shows its log, ends the test if it is to
 * be skipped or failed.
 */
#define RUN(...)							\
	do {								\
		char line_[256], log_[TEXT_SIZE], *next_ = log_, *word_; \
		int ret_;						\
									\
		snprintf(line_, sizeof(line_), __VA_ARGS__);		\
		ret_ = scenario(line_, log_, sizeof(log_));		\
		if (ret_ == -EOPNOTSUPP)				\
			SKIP(return, "%.200s", log_);			\
		while ((word_ = strsep(&next_, "\n")))			\
			if (*word_)					\
				TH_LOG("%s", word_);			\
		ASSERT_EQ(0, ret_) {					\
			TH_LOG("scenario '%s': %s", line_, strerror(-ret_)); \
		}							\
	} while (0)

/*
 * The same for a scenario with a wait that stalls: again, a few times, until
 * @told says that it was reported as it should be. If the waiter was not let run
 * meanwhile it noticed nothing, as the kernel may be waiting for the same CPU in
 * its place, see xt_run_case(). If it was let run late, the wait may be over
 * when the report looks for the CPUs that are waited for.
 */
#define RUN_STALL(told, ...)						\
	do {								\
		int tries_;						\
									\
		for (tries_ = 0; tries_ < 4; tries_++) {		\
			RUN(__VA_ARGS__);				\
			if (told)					\
				break;					\
		}							\
	} while (0)

/* The counters balance once what is under way is over. */
#define EXPECT_BALANCE()						\
	do {								\
		char why_[256];						\
									\
		EXPECT_TRUE(stats_balance(why_, sizeof(why_))) {	\
			TH_LOG("%s", why_);				\
		}							\
	} while (0)

/*
 * A fixture with the client loaded; when the test is over the client can be
 * unloaded, no slot is left and the counters balance.
 */
#define CLIENT_FIXTURE(name)						\
	ALL_NEED_CLIENT()						\
	FIXTURE(name) {							\
		int unused;						\
	};								\
	FIXTURE_SETUP(name) {						\
		machine_restore();					\
		ASSERT_EQ(0, client_load());				\
	}								\
	FIXTURE_TEARDOWN(name) {					\
		CLIENT_TEARDOWN;					\
	}

/* The same, for each way in which the module sends and serves. */
#define CLIENT_FIXTURE_EACH_WAY(name)					\
	ALL_NEED_CLIENT()						\
	FIXTURE(name) {							\
		int unused;						\
	};								\
	FIXTURE_VARIANT(name) {						\
		const char *param;					\
		const char *value;					\
	};								\
	FIXTURE_VARIANT_ADD(name, as_loaded) {				\
		.param = NULL,						\
	};								\
	FIXTURE_VARIANT_ADD(name, by_mask) {				\
		.param = "mask_min", .value = "1",			\
	};								\
	FIXTURE_VARIANT_ADD(name, lingering) {				\
		.param = "linger_ns", .value = "20000",			\
	};								\
	FIXTURE_SETUP(name) {						\
		machine_restore();					\
		ASSERT_EQ(0, client_load());				\
		if (variant->param)					\
			ASSERT_EQ(0, param_set(variant->param, variant->value)); \
	}								\
	FIXTURE_TEARDOWN(name) {					\
		CLIENT_TEARDOWN;					\
	}

#define CLIENT_TEARDOWN							\
	do {								\
		params_restore();					\
		machine_restore();					\
		EXPECT_EQ(0, client_unload());				\
		EXPECT_EQ(0, slots_used());				\
		EXPECT_BALANCE();					\
	} while (0)

#endif /* HELPERS_H */
