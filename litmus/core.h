/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the models share: the pending word, the kick and the start of a pass.
 * Included by *.pml, after CPUS.
 *
 * Each step is one that other CPUs can see; a d_step is an atomic RMW, or what
 * it does no harm to see in one; only kick.pml takes SMALL_STEPS here. Memory
 * is sequentially consistent here, what weaker orders may do is *.litmus.
 */
byte word[CPUS];	/* ipi_cpus.pending */
bit locked[CPUS];	/* the csd's lock */
bit queued[CPUS];	/* the csd stands on the CPU's queue, an IPI is sent */

/* cpu_ring_slot(): > atomic_long_fetch_or(IPI_SLOT_BIT(id), &pc->pending) */
inline ring_slot(cpu, bits, old)
{
	d_step {
		old = word[cpu];
		word[cpu] = word[cpu] | (bits)
	}
}

/* cpu_ring_bell(): > atomic_long_fetch_add(bell, &pc->pending) */
inline ring_bell(cpu, bell, old)
{
	d_step {
		assert(!(word[cpu] & (bell)));	/* else it carries */
		old = word[cpu];
		word[cpu] = word[cpu] + (bell)
	}
}

/* The same for a bell of @most entries, which are all that this word has. */
inline ring_shared(cpu, most, old)
{
	d_step {
		assert(word[cpu] < (most));	/* else it carries */
		old = word[cpu];
		word[cpu]++
	}
}

/* kick(): > smp_call_function_single_async(cpu, &pc->csd) */
inline kick(cpu)
{
	d_step {
		assert(!locked[cpu]);	/* else -EBUSY */
		locked[cpu] = 1;
#ifdef SMALL_STEPS
	};
	d_step {
#endif
		assert(!queued[cpu]);	/* else one node, twice on a list */
		queued[cpu] = 1
	}
}

/* The core's part: takes the csd off the queue and unlocks it, then calls. */
inline take_kick(cpu)
{
	d_step {
		queued[cpu] = 0;
#ifdef SMALL_STEPS
	};
	d_step {
#endif
#ifndef UNLOCK_LATE
		locked[cpu] = 0
#else
		skip
#endif
	}
}

/* pass_handler(): > atomic_long_xchg(&me->pending, 0) */
inline drain(cpu, to)
{
	d_step {
		to = word[cpu];
		word[cpu] = 0;
	}
}
