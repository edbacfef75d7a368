// SPDX-License-Identifier: GPL-2.0
/* ipi_xcall: what is told of the counts */
#include "cpu.h"
#include "linger.h"
#include "slot.h"

/* A snapshot, not atomic; exact while nothing is in flight. */
void ipi_stats_read(unsigned int cpu, struct ipi_stats *stats)
{
	/* Word by word, while the owner counts on: a snapshot is all we promise. */
	struct ipi_counts c = data_race(cpu_ptr(cpu)->counts);

	*stats = (struct ipi_stats){
#define IPI_COUNTER_VALUE(name, value)	.name = value,
		IPI_COUNTERS(IPI_COUNTER_VALUE)
#undef IPI_COUNTER_VALUE
	};
}
