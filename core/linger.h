/* SPDX-License-Identifier: GPL-2.0 */
/* May this pass linger, and for how long? Policy only; pass.c does it. */
#ifndef IPI_XCALL_LINGER_H
#define IPI_XCALL_LINGER_H

#include <linux/types.h>

u64 ipi_linger_ns(u64 now);
u64 ipi_linger_limit(u64 now, u64 ns);
void ipi_linger_end(u64 began, u64 now, bool hit);
u64 ipi_linger_spent(unsigned int cpu);

#endif /* IPI_XCALL_LINGER_H */
