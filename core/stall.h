/* SPDX-License-Identifier: GPL-2.0 */
/* A wait takes too long: say so. */
#ifndef IPI_XCALL_STALL_H
#define IPI_XCALL_STALL_H

#include <linux/types.h>

#include "../ipi_xcall.h"
#include "info.h"

bool ipi_stall_begins(struct stall_watch *watch);
void ipi_stall_report_waiter(ipi_func_t func, const char *what);
void ipi_stall_report_cpu(unsigned int cpu, const char *state);
bool ipi_stall_is_running(unsigned int cpu);

#endif /* IPI_XCALL_STALL_H */
