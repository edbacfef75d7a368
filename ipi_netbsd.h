/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NetBSD's names for those who port clients of its ipi(9); optional.
 *
 * What means the same here has NetBSD's name and arguments. What cannot mean the
 * same does not compile, and the compiler's message names doc/porting.md. Sends
 * return what they return here, and the compiler warns where that is ignored:
 * those are the places that a port has to look at.
 *
 * Include it instead of ipi_xcall.h, after all headers of the kernel. All calls
 * with a CPU take a struct cpu_info *, which stands for a CPU's number and cannot
 * be looked into.
 */
#ifndef IPI_NETBSD_H
#define IPI_NETBSD_H

#include <linux/compiler.h>
#include <linux/cpumask.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/types.h>

#include "ipi_xcall.h"

/* There, ids run from 1 to IPI_MAXREG - 1: the size of a table by id. */
#define IPI_MAXREG	(IPI_MAX + 1)

/* ----- CPUs ----- */

/* Never one in memory: a pointer to it is a number. */
struct cpu_info {
	char see_doc_porting_md;
};

/* What clients look for in it: DEFINE_PER_CPU() has a place for it. */
#define ci_index	ci_index_is_cpu_index_see_doc_porting_md
#define ci_data		ci_data_is_per_cpu_see_doc_porting_md
#define ci_curlwp	ci_curlwp_is_current_see_doc_porting_md

/* The CPU of that number, or NULL: there is none. */
static inline struct cpu_info *cpu_lookup(unsigned int index)
{
	if (index >= nr_cpu_ids || !cpu_possible(index))
		return NULL;
	return (struct cpu_info *)(index + 1UL);
}

static inline unsigned int cpu_index(const struct cpu_info *ci)
{
	return (unsigned long)ci - 1;
}

/* Preemption is off, or it may be another CPU by now. */
static inline struct cpu_info *curcpu(void)
{
	return cpu_lookup(raw_smp_processor_id());
}

/* For (CPU_INFO_FOREACH(cii, ci)): the CPUs that are online. */
#define CPU_INFO_ITERATOR	unsigned int
#define CPU_INFO_FOREACH(cii, ci)					\
	(cii) = cpumask_first(cpu_online_mask);				\
	(cii) < nr_cpu_ids && ((ci) = cpu_lookup(cii)) != NULL;		\
	(cii) = cpumask_next(cii, cpu_online_mask)

/* ----- preemption ----- */

#define kpreempt_disable()	preempt_disable()
#define kpreempt_enable()	preempt_enable()
#define kpreempt_disabled()	(!preemptible())

/* ----- sets of CPUs ----- */

#define kcpuset_t	struct cpumask

/* Attached, but perhaps offline: a send to a set skips those that are. */
#define kcpuset_attached	((const kcpuset_t *)cpu_present_mask)
#define kcpuset_running		((const kcpuset_t *)cpu_online_mask)

/* Sleeps until there is memory, as there. */
static inline void kcpuset_create(kcpuset_t **set, bool zero)
{
	*set = kzalloc(cpumask_size(), GFP_KERNEL | __GFP_NOFAIL);
}

static inline void kcpuset_destroy(kcpuset_t *set)
{
	kfree(set);
}

static inline void kcpuset_zero(kcpuset_t *set)
{
	cpumask_clear(set);
}

static inline void kcpuset_copy(kcpuset_t *to, const kcpuset_t *from)
{
	cpumask_copy(to, from);
}

static inline void kcpuset_set(kcpuset_t *set, unsigned int cpu)
{
	__cpumask_set_cpu(cpu, set);
}

static inline void kcpuset_clear(kcpuset_t *set, unsigned int cpu)
{
	__cpumask_clear_cpu(cpu, set);
}

static inline bool kcpuset_isset(const kcpuset_t *set, unsigned int cpu)
{
	return cpumask_test_cpu(cpu, set);
}

static inline bool kcpuset_iszero(const kcpuset_t *set)
{
	return cpumask_empty(set);
}

static inline bool kcpuset_match(const kcpuset_t *a, const kcpuset_t *b)
{
	return cpumask_equal(a, b);
}

static inline void kcpuset_merge(kcpuset_t *to, const kcpuset_t *from)
{
	cpumask_or(to, to, from);
}

static inline void kcpuset_intersect(kcpuset_t *to, const kcpuset_t *from)
{
	cpumask_and(to, to, from);
}

static inline void kcpuset_remove(kcpuset_t *to, const kcpuset_t *from)
{
	cpumask_andnot(to, to, from);
}

static inline unsigned int kcpuset_countset(const kcpuset_t *set)
{
	return cpumask_weight(set);
}

static inline void kcpuset_atomic_set(kcpuset_t *set, unsigned int cpu)
{
	cpumask_set_cpu(cpu, set);
}

static inline void kcpuset_atomic_clear(kcpuset_t *set, unsigned int cpu)
{
	cpumask_clear_cpu(cpu, set);
}

/* ----- calls that take a CPU, or one argument less ----- */

static inline int __must_check ipi_netbsd_trigger(unsigned int id,
						  const struct cpu_info *ci)
{
	return ipi_trigger(id, cpu_index(ci));
}

static inline int __must_check ipi_netbsd_unicast(struct ipi_msg *msg,
						  const struct cpu_info *ci)
{
	return ipi_unicast(msg, cpu_index(ci));
}

static inline int __must_check ipi_netbsd_unicast_try(struct ipi_msg *msg,
						      const struct cpu_info *ci)
{
	return ipi_unicast_try(msg, cpu_index(ci));
}

/* That of older releases: the sender, too, runs it. */
static inline int __must_check ipi_netbsd_broadcast1(struct ipi_msg *msg)
{
	return ipi_broadcast(msg, false);
}

static inline int __must_check ipi_netbsd_broadcast2(struct ipi_msg *msg,
						     bool skip_self)
{
	return ipi_broadcast(msg, skip_self);
}

#define ipi_trigger(id, ci)	ipi_netbsd_trigger(id, ci)
#define ipi_unicast(msg, ci)	ipi_netbsd_unicast(msg, ci)
#define ipi_unicast_try(msg, ci) ipi_netbsd_unicast_try(msg, ci)
#define ipi_broadcast(...)						\
	CONCATENATE(ipi_netbsd_broadcast, COUNT_ARGS(__VA_ARGS__))(__VA_ARGS__)

/* ----- what cannot be the same ----- */

#define IPI_NETBSD_NOT(function, why)					\
	function __compiletime_error(why ": see doc/porting.md")

IPI_NETBSD_NOT(void ipi_sysinit(void), "ipi_sysinit(): loading ipi_xcall.ko does that");
IPI_NETBSD_NOT(void ipi_percpu_init(void), "ipi_percpu_init(): loading ipi_xcall.ko does that");
IPI_NETBSD_NOT(void ipi_cpu_handler(void), "ipi_cpu_handler(): the interrupt is the kernel's");
IPI_NETBSD_NOT(void cpu_ipi(struct cpu_info *ci), "cpu_ipi(): use a trigger");
IPI_NETBSD_NOT(int splhigh(void), "splhigh(): local_irq_save(), and ipi_unicast_try() under it");
IPI_NETBSD_NOT(void splx(int s), "splx(): use local_irq_restore()");

/* Counts of CPUs: a send returns how many it called. */
#define ncpu		ncpu_is_what_a_send_returns_see_doc_porting_md
#define ncpuonline	ncpuonline_is_what_a_send_returns_see_doc_porting_md
/* Of a spin mutex. */
#define IPL_HIGH	IPL_HIGH_is_a_raw_spinlock_t_see_doc_porting_md
#define IPL_SCHED	IPL_SCHED_is_a_raw_spinlock_t_see_doc_porting_md

#endif /* IPI_NETBSD_H */
