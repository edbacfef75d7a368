/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The slot table: one slot's life.
 *
 *	slot	free --register--> live --disable--> dying --drained--> free
 *
 * Litmus tests quote lines of this file: see litmus/README.md.
 */
#ifndef IPI_XCALL_SLOT_H
#define IPI_XCALL_SLOT_H

#include <asm/barrier.h>

#include "../ipi_xcall.h"
#include "info.h"

/**
 * struct ipi_slot - a registered handler
 * @func: what to run; NULL while the slot is free
 * @arg: passed to @func
 * @owner: who registered it, for people
 *
 * Written under slots_mutex, and only while the slot is not live and drained.
 */
struct ipi_slot {
	ipi_func_t func;
	void *arg;
	const char *owner;
};

extern struct ipi_slot ipi_slots[IPI_MAX + 1];
/* Slot bits that may be triggered. Written under slots_mutex. */
extern unsigned long ipi_slots_live;

/* The bit of id 0 is never live. */
static __always_inline bool slot_is_live(unsigned int id)
{
	/* E: pairs with the release in ipi_register_as(). */
	return id <= IPI_MAX && smp_load_acquire(&ipi_slots_live) >> id & 1;
}

unsigned long ipi_slot_runs_all(unsigned int cpu);
void ipi_slot_wait_drained(unsigned long bits);
#ifdef CONFIG_MODULES
int ipi_slot_init(void);
void ipi_slot_exit(void);
#else
static inline int ipi_slot_init(void)
{
	return 0;
}

static inline void ipi_slot_exit(void)
{
}
#endif

#endif /* IPI_XCALL_SLOT_H */
