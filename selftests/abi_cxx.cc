// SPDX-License-Identifier: GPL-2.0
/* The header of the ABI from C++, with no other header before it. */
#include "../uapi/ipi_xcall.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/ioctl.h>

static_assert(sizeof(ipi_xcall_info) >= IPI_XCALL_INFO_SIZE_VER0, "info");
static_assert(sizeof(ipi_xcall_call) == IPI_XCALL_CALL_SIZE_VER0, "call");
static_assert(sizeof(ipi_xcall_wait) == IPI_XCALL_WAIT_SIZE_VER0, "wait");
static_assert(IPI_XCALL_FOREVER == ~0ULL, "forever");

static bool use_it(int fd)
{
	ipi_xcall_info info = {};
	ipi_xcall_call call = {};
	ipi_xcall_wait wait = {};

	info.size = sizeof(info);
	call.size = sizeof(call);
	call.flags = IPI_XCALL_CALL_POST;
	call.target.to = IPI_XCALL_TO_ALL;
	wait.size = sizeof(wait);
	wait.timeout_ns = IPI_XCALL_FOREVER;
	if (ioctl(fd, IPI_XCALL_IOC_INFO, &info) ||
	    ioctl(fd, IPI_XCALL_IOC_CALL, &call))
		return false;
	wait.ticket = call.ticket;
	return !ioctl(fd, IPI_XCALL_IOC_WAIT, &wait) &&
	       wait.called == info.cpus_online;
}

int main()
{
	int fd = open("/dev/ipi_xcall", O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		std::printf("TAP version 13\n1..0 # SKIP /dev/ipi_xcall: %s\n",
			    std::strerror(errno));
		return 4;
	}
	bool ok = use_it(fd);

	std::printf("TAP version 13\n1..1\n%sok 1 header is usable from C++\n",
		    ok ? "" : "not ");
	return ok ? 0 : 1;
}
