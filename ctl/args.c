// SPDX-License-Identifier: GPL-2.0
/* ipi_xcall: structs, records, masks and targets from the user and back */
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "ctl.h"

/* ----- structs and records ----- */

/* Fills @rq, of which the command knows @size bytes, from the struct at @arg. */
int ctl_fetch(struct ctl_request *rq, size_t size, size_t min, u32 flags,
	      const void __user *arg)
{
	u32 usize;
	int err;

	if (get_user(usize, (const u32 __user *)arg))
		return -EFAULT;
	if (usize < min)
		return -EINVAL;
	if (usize > PAGE_SIZE)
		return -E2BIG;
	err = copy_struct_from_user(rq, size, arg, usize);
	if (err)
		return err;
	/* It may have changed meanwhile. */
	rq->head.size = usize;
	return rq->head.flags & ~flags ? -EINVAL : 0;
}

int ctl_give(void __user *arg, const struct ctl_request *rq, size_t size)
{
	size = min_t(size_t, rq->head.size, size);
	return copy_to_user(arg, rq, size) ? -EFAULT : 0;
}

/*
 * Records are as large as the program says; @first is the size of the first
 * version. That of a record may well be below it.
 */
int ctl_array_init(struct ctl_array *a, u64 at, u32 room, u32 record_size,
		   u32 first)
{
	if (record_size % sizeof(u64))
		return -EINVAL;
	if (record_size > PAGE_SIZE)
		return -E2BIG;
	*a = (struct ctl_array){
		.at	= at,
		.room	= room,
		.stride	= record_size ?: first,
	};
	return 0;
}

/* Record @n; records beyond the room are dropped. */
int ctl_array_give(const struct ctl_array *a, u32 n, const void *rec, u32 size)
{
	char __user *to = u64_to_user_ptr(a->at + (u64)n * a->stride);
	u32 known = min(size, a->stride);

	if (n >= a->room)
		return 0;
	if (copy_to_user(to, rec, known) ||
	    clear_user(to + known, a->stride - known))
		return -EFAULT;
	return 0;
}

/* ----- masks and targets ----- */

bool ctl_is_possible(u32 cpu)
{
	return cpu < nr_cpu_ids && cpu_possible(cpu);
}

/* The CPUs beyond the kernel's must be zero. */
static bool args_mask_fits(const u64 *words, unsigned int nr)
{
	unsigned int i, first;

	for (i = nr_cpu_ids / 64; i < nr; i++) {
		first = i * 64;
		if (words[i] >> (nr_cpu_ids > first ? nr_cpu_ids - first : 0))
			return false;
	}
	return true;
}

static int args_check_mask(struct cpumask *mask, const u64 *words, unsigned int nr)
{
	if (!args_mask_fits(words, nr))
		return -EINVAL;
	bitmap_from_arr64(cpumask_bits(mask), words,
			  min_t(unsigned int, nr_cpu_ids, nr * 64));
	return cpumask_subset(mask, cpu_possible_mask) ? 0 : -EINVAL;
}

/* On success the caller frees *@mask. */
static int args_get_mask(cpumask_var_t *mask, u64 from, unsigned int nr)
{
	u64 *words;
	int err;

	if (!nr)
		return -EINVAL;
	if (nr > IPI_XCALL_MASK_WORDS_MAX)
		return -E2BIG;
	words = memdup_user(u64_to_user_ptr(from), nr * sizeof(*words));
	if (IS_ERR(words))
		return PTR_ERR(words);
	err = -ENOMEM;
	if (!zalloc_cpumask_var(mask, GFP_KERNEL))
		goto out_free_words;
	err = args_check_mask(*mask, words, nr);
	if (err)
		free_cpumask_var(*mask);
out_free_words:
	kfree(words);
	return err;
}

static int args_check_target(const struct ipi_xcall_target *u)
{
	if (u->reserved || u->to > IPI_XCALL_TO_OTHERS ||
	    (u->to != IPI_XCALL_TO_CPU && u->cpu) ||
	    (u->to != IPI_XCALL_TO_SET && (u->mask_words || u->mask)))
		return -EINVAL;
	if (u->to == IPI_XCALL_TO_CPU && !ctl_is_possible(u->cpu))
		return -EINVAL;
	return 0;
}

/* On success ctl_target_put() must follow; @t stays where it is until then. */
int ctl_target_get(struct ctl_target *t, const struct ipi_xcall_target *u)
{
	int err = args_check_target(u);

	if (err)
		return err;
	if (u->to == IPI_XCALL_TO_SET) {
		err = args_get_mask(&t->mask, u->mask, u->mask_words);
		if (err)
			return err;
	}
	t->to = u->to;
	t->cpu = u->cpu;
	t->cpus = u->to == IPI_XCALL_TO_SET ? t->mask :
		  u->to == IPI_XCALL_TO_CPU ? cpumask_of(u->cpu) :
					      cpu_possible_mask;
	return 0;
}

/* Also of one that is all zero. */
void ctl_target_put(struct ctl_target *t)
{
	if (t->cpus && t->to == IPI_XCALL_TO_SET)
		free_cpumask_var(t->mask);
}

/* CPUs of the target that were offline. */
unsigned int ctl_target_offline(const struct ctl_target *t, unsigned int served)
{
	return cpumask_weight(t->cpus) - served - (t->to == IPI_XCALL_TO_OTHERS);
}
