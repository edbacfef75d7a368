/* SPDX-License-Identifier: GPL-2.0 */
/* What ipixctl can do: each returns what main() does. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "options.h"

int cmd_list(struct opts *o);
int cmd_trigger(struct opts *o);
int cmd_call(struct opts *o);
int cmd_stats(struct opts *o);
int cmd_watch(struct opts *o);
int cmd_measure(struct opts *o);
int cmd_matrix(struct opts *o);
int cmd_storm(struct opts *o);
int cmd_compare(struct opts *o);

#endif /* COMMANDS_H */
