/* SPDX-License-Identifier: GPL-2.0 */
/* What the linker makes of open() and ioctl(). See fake_device.c. */
#ifndef FAKE_DEVICE_H
#define FAKE_DEVICE_H

int __real_open(const char *path, int flags, ...);
int __real_ioctl(int fd, unsigned long cmd, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_ioctl(int fd, unsigned long cmd, ...);

#endif /* FAKE_DEVICE_H */
