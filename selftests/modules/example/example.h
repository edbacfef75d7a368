/* SPDX-License-Identifier: GPL-2.0 */
/* What main.c runs. Each returns 0, or an errno and says what is wrong. */
#ifndef IPI_XCALL_EXAMPLE_H
#define IPI_XCALL_EXAMPLE_H

#include <linux/printk.h>

/* -EPROTO and a line in the log, if @cond is false. */
#define must(cond, fmt, ...)						\
({									\
	bool __ok = (cond);						\
									\
	if (!__ok)							\
		pr_err("%s: " fmt "\n", __func__, ##__VA_ARGS__);	\
	__ok ? 0 : -EPROTO;						\
})

/* Threads that all do the same, until it goes wrong or the time is over. */
int run_threads(unsigned int n, int (*once)(unsigned int nr), unsigned int ms);

int run_xcall(unsigned int ms);
int run_heartbeat(unsigned int ms);
int run_owner(unsigned int ms);
int run_netbsd(unsigned int ms);
int run_naive(unsigned int ms);

#endif /* IPI_XCALL_EXAMPLE_H */
