/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* The name by which programs include the ABI, here as where it is installed. */
#include "uapi/ipi_xcall.h"
