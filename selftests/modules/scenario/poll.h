/* SPDX-License-Identifier: GPL-2.0 */
/* Waits that end. */
#ifndef XCALL_TEST_POLL_H
#define XCALL_TEST_POLL_H

#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/processor.h>

/* Longer than any wait that is going to succeed, even on a starved guest. */
#define XT_LIMIT_MS	40000
#define xt_poll(ms, cond, pause)					\
({									\
	ktime_t __end = ktime_add_ms(ktime_get(), (ms));		\
	bool __met, __late = false;					\
	unsigned int __n;						\
									\
	for (__n = 0;; __n++) {						\
		if (__n % 64 == 0) /* The clock is the dear part. */	\
			__late = ktime_after(ktime_get(), __end);	\
		__met = (cond);						\
		if (__met || __late)					\
			break;						\
		pause;							\
	}								\
	__met;								\
})

/* True as soon as @cond is, false if it is not within @ms; sleeps. */
#define xt_within(ms, cond)	xt_poll(ms, cond, usleep_range(100, 300))
/* The same without sleeping: for round trips, and with interrupts off. */
#define xt_spin_within(ms, cond) xt_poll(ms, cond, cpu_relax())

/* Sleeps without jiffies, which a held CPU may be the one to count. */
static inline void xt_pause(unsigned int ms)
{
	usleep_range(1000 * ms, 1000 * ms + 100);
}

#endif /* XCALL_TEST_POLL_H */
