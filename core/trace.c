// SPDX-License-Identifier: GPL-2.0
/* ipi_xcall: the tracepoints, which want a file of their own */
#define CREATE_TRACE_POINTS
#include "trace.h"

DEFINE_STATIC_KEY_FALSE(ipi_traced);
DEFINE_STATIC_KEY_FALSE(ipi_slow_pass);

int ipi_trace_reg(void)
{
	static_branch_inc(&ipi_traced);
	static_branch_inc(&ipi_slow_pass);
	return 0;
}

void ipi_trace_unreg(void)
{
	static_branch_dec(&ipi_slow_pass);
	static_branch_dec(&ipi_traced);
}
