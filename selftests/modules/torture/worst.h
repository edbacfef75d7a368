/* SPDX-License-Identifier: GPL-2.0 */
/* All CPUs in the worst position at once. */
#ifndef XCALL_TORTURE_WORST_H
#define XCALL_TORTURE_WORST_H

void tt_worst_position(void);

#endif /* XCALL_TORTURE_WORST_H */
