/* SPDX-License-Identifier: GPL-2.0 */
/* Where and under which circumstances. */
#ifndef SETTING_H
#define SETTING_H

#include <stdbool.h>

#include "../uapi/ipi_xcall.h"

#define IPIXCTL_VERSION	"2.0.0"

void setting_begin(const struct ipi_xcall_info *info);
void setting_lingering(bool lingering);
/*
 * The members that each result begins with, remarks included, which are made
 * before; json_close() ends it.
 */
void setting_json(const char *kind);
void setting_text(void);

#endif /* SETTING_H */
