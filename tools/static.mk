# SPDX-License-Identifier: GPL-2.0
#
# static: what links a program with all that it needs, so that it runs in any guest,
# where the C library can be had so; else nothing. From CC, CFLAGS and LDFLAGS.
static := $(shell echo 'int main(void) { return 0; }' | \
	$(CC) $(CFLAGS) $(LDFLAGS) -static -x c - -o /dev/null 2>/dev/null && echo -static)
