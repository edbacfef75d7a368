/* SPDX-License-Identifier: GPL-2.0 */
/* What the programs that test ipixctl share: runs of it. */
#ifndef TOOL_RUN_H
#define TOOL_RUN_H

#include <sys/types.h>

/* What a run of the tool came to. */
struct run {
	pid_t pid;
	int fd[2];		/* stdout and stderr: files without a name */
	int status;		/* exit status, or -signal */
	char *out;		/* until the next run is finished */
	char err[4096];
};

/* Words are separated by single spaces. */
struct run tool_start(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void tool_finish(struct run *r);

/* Says that the clocks of two CPUs differ: so they do in a loaded emulator, now and then. */
bool tool_had_no_clock(const struct run *r);

/* Then it is run again, twice at most. */
#define TOOL(...)							\
	({								\
		int tries_ = 3;						\
		struct run run_;					\
									\
		do {							\
			run_ = tool_start(__VA_ARGS__);			\
			tool_finish(&run_);				\
		} while (tool_had_no_clock(&run_) && --tries_);		\
		run_;							\
	})

/* Ended so, with JSON of the kind. */
#define EXPECT_ENDED(r, kind, wanted)					\
	do {								\
		EXPECT_EQ(wanted, (r).status) {				\
			TH_LOG("%s", (r).err);				\
		}							\
		ASSERT_TRUE(json_valid((r).out)) {			\
			TH_LOG("%.200s", (r).out);			\
		}							\
		EXPECT_TRUE(json_is((r).out, "kind", kind));		\
	} while (0)

/* Says that it did not get its CPU: right, on a host with other work. */
bool tool_was_starved(const struct run *r);

/* Succeeded, and not a word on stderr. */
#define EXPECT_JSON(r, kind)						\
	do {								\
		if (tool_was_starved(&(r))) {				\
			EXPECT_ENDED(r, kind, 3);			\
		} else {						\
			EXPECT_STREQ("", (r).err);			\
			EXPECT_ENDED(r, kind, 0);			\
		}							\
	} while (0)

/* The number at a path of JSON. */
double number(const char *text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* TOOL_RUN_H */
