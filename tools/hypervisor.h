/* SPDX-License-Identifier: GPL-2.0 */
/* What this machine runs under. */
#ifndef HYPERVISOR_H
#define HYPERVISOR_H

/* A name that people know; "none" on bare metal, "" if that cannot be told. */
const char *hypervisor(void);

#endif /* HYPERVISOR_H */
