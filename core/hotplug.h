/* SPDX-License-Identifier: GPL-2.0 */
/* The CPUs come and go, and so does the module. */
#ifndef IPI_XCALL_HOTPLUG_H
#define IPI_XCALL_HOTPLUG_H

int ipi_hotplug_init(void);
void ipi_hotplug_exit(void);

#endif /* IPI_XCALL_HOTPLUG_H */
