/* SPDX-License-Identifier: GPL-2.0 */
/* Cross-calls, and what is checked of them. */
#ifndef XCALL_TORTURE_CALLS_H
#define XCALL_TORTURE_CALLS_H

#include "thread.h"

int tt_calls_init(struct tt_thread *t);
void tt_calls_exit(struct tt_thread *t);
void tt_calls_rescue(struct tt_thread *t);
unsigned long tt_calls_executed(void);
void tt_op_unicast(struct tt_thread *t);
void tt_op_multicast(struct tt_thread *t);
void tt_op_broadcast(struct tt_thread *t);
void tt_op_batch(struct tt_thread *t);
void tt_op_timeout(struct tt_thread *t);
void tt_op_cancel(struct tt_thread *t);
void tt_op_try(struct tt_thread *t);
void tt_op_try_hardirq(struct tt_thread *t);

#endif /* XCALL_TORTURE_CALLS_H */
