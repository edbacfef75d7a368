/* SPDX-License-Identifier: GPL-2.0 */
/* Slots and triggers, and what is checked of them. */
#ifndef XCALL_TORTURE_SLOTS_H
#define XCALL_TORTURE_SLOTS_H

#include "thread.h"

/* What all threads trigger. */
extern struct tt_slot *tt_shared;

struct tt_slot *tt_slot_new(unsigned int authors);
void tt_slot_free(struct tt_slot *slot);
bool tt_slot_register(struct tt_slot *slot);
void tt_slot_settle(struct tt_slot *slot);
int tt_slots_init(struct tt_thread *t);
void tt_slots_exit(struct tt_thread *t);
unsigned long tt_slots_runs(void);
int tt_slots_setup(unsigned int nthreads);
void tt_slots_cleanup(void);
void tt_op_trigger(struct tt_thread *t);
void tt_op_trigger_multi(struct tt_thread *t);
void tt_op_trigger_broadcast(struct tt_thread *t);
void tt_op_burst(struct tt_thread *t);
void tt_op_flood(struct tt_thread *t);
void tt_op_self(struct tt_thread *t);
void tt_op_irqs_off(struct tt_thread *t);
void tt_op_hardirq(struct tt_thread *t);
void tt_op_irq_work(struct tt_thread *t);
void tt_op_timer(struct tt_thread *t);
void tt_op_softirq(struct tt_thread *t);
void tt_op_register(struct tt_thread *t);

#endif /* XCALL_TORTURE_SLOTS_H */
