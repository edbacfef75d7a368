// SPDX-License-Identifier: GPL-2.0
/*
 * ipi_xcall: slots of a file, and their triggers
 *
 * A slot is in file->slots from register to unregister. Whoever takes it out of
 * the table, under file->lock, frees it.
 *
 * A trigger looks its slot up without the lock. It must not reach another
 * file's slot that got the same id meanwhile: the look and the trigger are in
 * one preemption-off section, and between emptying the table and freeing the
 * id, ipi_unregister_many() waits for a grace period.
 */
#include <linux/err.h>
#include <linux/preempt.h>
#include <linux/slab.h>

#include "ctl.h"

/**
 * struct ctl_slot - a slot of a file
 * @file: the file
 * @handler: what it runs
 */
struct ctl_slot {
	struct ctl_file *file;
	struct ctl_handler handler;
};

static int slots_check_id(u32 id)
{
	return id && id <= IPI_MAX ? 0 : -EINVAL;
}

/* ----- register, unregister ----- */

static int slots_check_register(const struct ipi_xcall_register *r)
{
	if (r->kind > IPI_XCALL_DELAY ||
	    (r->kind != IPI_XCALL_DELAY && r->delay_ns) ||
	    (r->kind != IPI_XCALL_EVENTFD && r->eventfd))
		return -EINVAL;
	if (r->kind == IPI_XCALL_DELAY &&
	    (!r->delay_ns || r->delay_ns > IPI_XCALL_DELAY_MAX_NS))
		return -EINVAL;
	return 0;
}

/* The slot is quiet, or was never registered. */
static void slots_free(struct ctl_slot *slot)
{
	ctl_handler_exit(&slot->handler);
	atomic_dec(&slot->file->nr_slots);
	kfree(slot);
}

static int slots_fill(struct ctl_slot *slot, const struct ipi_xcall_register *r)
{
	int err = ctl_handler_init(&slot->handler, r->kind);

	slot->handler.delay_ns = r->delay_ns;
	if (!err && r->kind == IPI_XCALL_EVENTFD)
		err = ctl_handler_set_eventfd(&slot->handler, r->eventfd);
	return err;
}

static struct ctl_slot *slots_new(struct ctl_file *f,
				  const struct ipi_xcall_register *r)
{
	struct ctl_slot *slot;
	int err;

	if (!atomic_add_unless(&f->nr_slots, 1, IPI_XCALL_SLOTS_PER_FILE))
		return ERR_PTR(-EDQUOT);
	slot = kzalloc(sizeof(*slot), GFP_KERNEL_ACCOUNT);
	if (!slot) {
		atomic_dec(&f->nr_slots);
		return ERR_PTR(-ENOMEM);
	}
	slot->file = f;
	err = slots_fill(slot, r);
	if (err) {
		slots_free(slot);
		return ERR_PTR(err);
	}
	return slot;
}

static void slots_put(struct ctl_file *f, u32 id, struct ctl_slot *slot)
{
	mutex_lock(&f->lock);
	WRITE_ONCE(f->slots[id], slot);
	mutex_unlock(&f->lock);
}

/* Takes @id out of the table if it is @slot, or whatever it is if that is NULL. */
static struct ctl_slot *slots_take(struct ctl_file *f, u32 id,
				   const struct ctl_slot *slot)
{
	struct ctl_slot *found;

	mutex_lock(&f->lock);
	found = f->slots[id];
	if (slot && found != slot)
		found = NULL;
	if (found)
		WRITE_ONCE(f->slots[id], NULL);
	mutex_unlock(&f->lock);
	return found;
}

static int slots_remove(struct ctl_file *f, u32 id, const struct ctl_slot *slot)
{
	struct ctl_slot *found = slots_take(f, id, slot);

	if (!found)
		return -ENOENT;
	ctl_slot_drop(IPI_SLOT_BIT(id));
	slots_free(found);
	return 0;
}

int ctl_slot_register(struct ctl_file *f, struct ctl_request *rq)
{
	struct ipi_xcall_register *u = &rq->as_register;
	struct ctl_slot *slot;
	int err = slots_check_register(u);

	if (err)
		return err;
	slot = slots_new(f, u);
	if (IS_ERR(slot))
		return PTR_ERR(slot);
	u->id = ctl_slot_claim(ctl_handler_func(u->kind), &slot->handler, "ioctl");
	if (!u->id) {
		slots_free(slot);
		return -ENOSPC;
	}
	rq->made = slot;
	slots_put(f, u->id, slot);
	return 0;
}

/* The user has not got the id. Another thread may have guessed it. */
int ctl_slot_register_end(struct ctl_file *f, struct ctl_request *rq, int err)
{
	if (err)
		slots_remove(f, rq->as_register.id, rq->made);
	return err;
}

int ctl_slot_unregister(struct ctl_file *f, struct ctl_request *rq)
{
	if (rq->as_unregister.reserved || slots_check_id(rq->as_unregister.id))
		return -EINVAL;
	return slots_remove(f, rq->as_unregister.id, NULL);
}

void ctl_slots_release(struct ctl_file *f)
{
	unsigned long bits = 0;
	unsigned int id;

	for (id = 1; id <= IPI_MAX; id++)
		if (f->slots[id])
			bits |= IPI_SLOT_BIT(id);
	ctl_slot_drop(bits);
	for (id = 1; id <= IPI_MAX; id++)
		if (f->slots[id])
			slots_free(f->slots[id]);
}

/* ----- trigger ----- */

/* The slot cannot go away within, see the head of this file. */
static u32 slots_delay(struct ctl_file *f, u32 id)
{
	const struct ctl_slot *slot;
	u32 ns = 0;

	preempt_disable();
	slot = READ_ONCE(f->slots[id]);
	if (slot)
		ns = slot->handler.delay_ns;
	preempt_enable();
	return ns;
}

/* Not one that came to the id meanwhile and takes longer than @delay_ns. */
static int slots_send(struct ctl_file *f, u32 id, u32 delay_ns,
		      const struct ctl_target *t, struct ipi_verdict *v)
{
	const struct ctl_slot *slot;
	int ret = -ENOENT;

	preempt_disable();
	slot = READ_ONCE(f->slots[id]);
	if (slot && slot->handler.delay_ns == delay_ns)
		ret = ipi_trigger_verdict(id, t->cpus,
					  t->to == IPI_XCALL_TO_OTHERS, v);
	preempt_enable();
	if (!ret && t->to == IPI_XCALL_TO_CPU)
		return -ENXIO;
	return ret < 0 ? ret : 0;
}

/* For triggers of a delay, see share.c. */
static int slots_send_paid(struct ctl_file *f, u32 id, const struct ctl_target *t,
			   struct ipi_verdict *v)
{
	u32 ns = slots_delay(f, id);
	int err = ctl_busy_reserve(t->cpus, ns);

	if (err)
		return err;
	err = slots_send(f, id, ns, t, v);
	if (err || (t->to == IPI_XCALL_TO_CPU && v->coalesced))
		ctl_busy_unbook(t->cpus, ns);
	return err;
}

int ctl_slot_trigger(struct ctl_file *f, struct ctl_request *rq)
{
	struct ipi_xcall_trigger *u = &rq->as_trigger;
	struct ipi_verdict v = {};
	struct ctl_target t;
	int err;

	if (u->reserved || slots_check_id(u->id))
		return -EINVAL;
	err = ctl_target_get(&t, &u->target);
	if (err)
		return err;
	err = slots_send_paid(f, u->id, &t, &v);
	u->marked = v.marked;
	u->coalesced = v.coalesced;
	u->kicked = v.kicked;
	u->offline = ctl_target_offline(&t, v.marked);
	ctl_target_put(&t);
	return err;
}

/* ----- what became of them ----- */

/* The id and the number of CPUs are valid; the slot is alive under the lock. */
static int slots_fill_records(struct ctl_file *f, struct ipi_xcall_slot *s,
			      struct ipi_xcall_slot_cpu *rec)
{
	const struct ctl_slot *slot;
	unsigned int cpu;

	slot = f->slots[s->id];
	if (!slot)
		return -ENOENT;
	s->kind = slot->handler.kind;
	s->runs = 0;
	for_each_possible_cpu(cpu) {
		rec->cpu = cpu;
		rec->runs = ipi_slot_runs(s->id, cpu);
		rec->last_ns = ctl_handler_stamp(&slot->handler, cpu);
		s->runs += rec->runs;
		rec++;
	}
	return 0;
}

static int slots_read(struct ctl_file *f, struct ipi_xcall_slot *s,
		      struct ipi_xcall_slot_cpu *recs)
{
	int err;

	if (mutex_lock_killable(&f->lock))
		return -EINTR;
	err = slots_fill_records(f, s, recs);
	mutex_unlock(&f->lock);
	return err;
}

int ctl_slot_read(struct ctl_file *f, struct ctl_request *rq)
{
	struct ipi_xcall_slot *s = &rq->as_slot;
	unsigned int n, nr = num_possible_cpus();
	struct ipi_xcall_slot_cpu *recs;
	struct ctl_array a;
	int err;

	err = slots_check_id(s->id) ?:
	      ctl_array_init(&a, s->cpus, s->nr_cpus, s->record_size,
			     IPI_XCALL_SLOT_CPU_SIZE_VER0);
	if (err)
		return err;
	recs = kvcalloc(nr, sizeof(*recs), GFP_KERNEL_ACCOUNT);
	if (!recs)
		return -ENOMEM;
	err = slots_read(f, s, recs);
	s->nr_cpus = nr;
	for (n = 0; n < nr && !err; n++)
		err = ctl_array_give(&a, n, &recs[n], sizeof(*recs));
	kvfree(recs);
	return err;
}
