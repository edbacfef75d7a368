/* SPDX-License-Identifier: GPL-2.0 */
/* The one drain, and what runs on the local CPU without an interrupt. */
#ifndef IPI_XCALL_PASS_H
#define IPI_XCALL_PASS_H

#include "cpu.h"

void ipi_pass_init(struct ipi_cpu *pc);
void ipi_pass_leave(struct ipi_cpu *me);
int ipi_pass_trigger_self(unsigned int id);
void ipi_pass_call_self(struct ipi_msg *msg);

#endif /* IPI_XCALL_PASS_H */
