// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctl ABI: what it refuses. Whatever is wrong, the rest of the input is
 * valid, the error is the documented one, and nothing has changed after it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "kselftest_harness.h"
#include "helpers.h"
#include "abi.h"

#define BIGGEST		128	/* no struct is larger */
#define NO_TICKET	0xfffffff0

/* What the inputs are made of. */
struct world {
	int fd;
	unsigned int id;	/* of the file */
	__u32 ticket;		/* of the file, has run */
	unsigned int home;	/* a CPU that is online */
};

static size_t page;

__attribute__((constructor)) static void note_page(void)
{
	page = sysconf(_SC_PAGESIZE);
}

struct span {
	size_t at;
	size_t len;
};

/*
 * A command. fill() makes valid input that succeeds and may use up the world's
 * slot or ticket; cheap() makes input that can be sent very often, valid but
 * for one thing found last, and gives the result that it has.
 */
struct command {
	const char *name;
	unsigned int cmd;
	size_t size;
	size_t first;		/* size of the first version */
	__u32 flags;
	bool answers;
	bool writes;
	void (*fill)(const struct world *w, void *buf);
	void (*cheap)(const struct world *w, void *buf);
	int result;
	size_t record;		/* where the size of its records is, or 0 */
	struct span zero[8];
};

static void fill_nothing(const struct world *w, void *buf)
{
	(void)w;
	(void)buf;
}

static void cheap_register(const struct world *w, void *buf)
{
	struct ipi_xcall_register *r = buf;

	(void)w;
	r->kind = IPI_XCALL_EVENTFD;
	r->eventfd = -1;
}

static void fill_unregister(const struct world *w, void *buf)
{
	((struct ipi_xcall_unregister *)buf)->id = w->id;
}

static void cheap_unregister(const struct world *w, void *buf)
{
	((struct ipi_xcall_unregister *)buf)->id = w->id + 1;
}

static void fill_trigger(const struct world *w, void *buf)
{
	struct ipi_xcall_trigger *t = buf;

	t->id = w->id;
	t->target = to_all();
}

static void fill_call(const struct world *w, void *buf)
{
	(void)w;
	((struct ipi_xcall_call *)buf)->target = to_all();
}

static void fill_wait(const struct world *w, void *buf)
{
	((struct ipi_xcall_wait *)buf)->ticket = w->ticket;
}

static void cheap_wait(const struct world *w, void *buf)
{
	(void)w;
	((struct ipi_xcall_wait *)buf)->ticket = NO_TICKET;
}

static void fill_abandon(const struct world *w, void *buf)
{
	((struct ipi_xcall_abandon *)buf)->ticket = w->ticket;
}

static void cheap_abandon(const struct world *w, void *buf)
{
	(void)w;
	((struct ipi_xcall_abandon *)buf)->ticket = NO_TICKET;
}

static void fill_slot(const struct world *w, void *buf)
{
	((struct ipi_xcall_slot *)buf)->id = w->id;
}

static void fill_measure(const struct world *w, void *buf)
{
	static struct ipi_xcall_sample sample;
	struct ipi_xcall_measure *m = buf;

	m->source = w->home;
	m->nr_samples = 1;
	m->samples = ABI_PTR(&sample);
}

#define COMMAND(NAME, type)						\
	.name = #NAME, .cmd = IPI_XCALL_IOC_##NAME,			\
	.size = sizeof(struct ipi_xcall_##type),			\
	.first = IPI_XCALL_##NAME##_SIZE_VER0
#define SPAN(type, member)						\
	{ offsetof(struct ipi_xcall_##type, member),			\
	  sizeof(((struct ipi_xcall_##type *)0)->member) }

static const struct command commands[] = {
	{ COMMAND(INFO, info), .answers = true,
	  .fill = fill_nothing, .cheap = fill_nothing },
	{ COMMAND(REGISTER, register), .answers = true, .writes = true,
	  .fill = fill_nothing, .cheap = cheap_register, .result = -EBADF,
	  .zero = { SPAN(register, delay_ns), SPAN(register, eventfd) } },
	{ COMMAND(UNREGISTER, unregister), .writes = true,
	  .fill = fill_unregister, .cheap = cheap_unregister,
	  .result = -ENOENT, .zero = { SPAN(unregister, reserved) } },
	{ COMMAND(TRIGGER, trigger), .answers = true, .writes = true,
	  .fill = fill_trigger, .cheap = fill_trigger,
	  .zero = { SPAN(trigger, reserved), SPAN(trigger, target.reserved),
		    SPAN(trigger, target.cpu), SPAN(trigger, target.mask_words),
		    SPAN(trigger, target.mask) } },
	{ COMMAND(CALL, call), .flags = IPI_XCALL_CALL_POST, .answers = true,
	  .writes = true, .fill = fill_call, .cheap = fill_call,
	  .record = offsetof(struct ipi_xcall_call, record_size),
	  .zero = { SPAN(call, target.reserved),
		    SPAN(call, target.cpu), SPAN(call, target.mask_words),
		    SPAN(call, target.mask) } },
	{ COMMAND(WAIT, wait), .answers = true, .writes = true,
	  .fill = fill_wait, .cheap = cheap_wait, .result = -ENOENT,
	  .record = offsetof(struct ipi_xcall_wait, record_size) },
	{ COMMAND(ABANDON, abandon), .answers = true, .writes = true,
	  .fill = fill_abandon, .cheap = cheap_abandon, .result = -ENOENT },
	{ COMMAND(SLOT, slot), .answers = true,
	  .fill = fill_slot, .cheap = fill_slot,
	  .record = offsetof(struct ipi_xcall_slot, record_size) },
	{ COMMAND(STATS, stats), .flags = IPI_XCALL_STATS_SINCE_LOAD,
	  .answers = true, .fill = fill_nothing, .cheap = fill_nothing,
	  .record = offsetof(struct ipi_xcall_stats, record_size) },
	{ COMMAND(RESET, reset), .writes = true,
	  .fill = fill_nothing, .cheap = fill_nothing },
	{ COMMAND(MEASURE, measure), .answers = true, .writes = true,
	  .record = offsetof(struct ipi_xcall_measure, record_size),
	  .flags = IPI_XCALL_MEASURE_FROM_DUE | IPI_XCALL_MEASURE_LINGER,
	  .fill = fill_measure, .cheap = fill_measure,
	  .zero = { SPAN(measure, reserved), SPAN(measure, target.reserved),
		    SPAN(measure, target.cpu), SPAN(measure, target.mask_words),
		    SPAN(measure, target.mask), SPAN(measure, delay_cpu) } },
};

#define for_each_command(c)						\
	for (c = commands; c < commands + ABI_ARRAY(commands); c++)

/* EXPECT that names the command and something else. */
#define CHECK(want, got, c, what)					\
	do {								\
		int got_ = (got);					\
									\
		EXPECT_EQ(want, got_) {					\
			TH_LOG("%s: %lld", (c)->name, (long long)(what)); \
		}							\
	} while (0)

FIXTURE(errors) {
	struct world w;
	char *map;		/* two pages, and one that is not there */
	char *end;		/* of the two */
};

FIXTURE_SETUP(errors)
{
	__u64 none = 0;

	machine_restore();
	self->w.home = home_cpu();
	self->w.fd = abi_open();
	ASSERT_LE(0, self->w.fd);
	self->w.id = abi_register(self->w.fd, IPI_XCALL_COUNT);
	ASSERT_LE(1, (int)self->w.id);
	ASSERT_EQ(0, abi_post(self->w.fd, to_set(&none, 1), 0,
			      &self->w.ticket));
	self->map = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->map);
	self->end = self->map + 2 * page;
	munmap(self->end, page);
}

/* The slot and the ticket are still there, and no others are. */
FIXTURE_TEARDOWN(errors)
{
	__u64 none = 0;
	__u32 more[IPI_XCALL_CALLS_PER_FILE];
	int i;

	machine_restore();
	EXPECT_EQ(1, slots_used());
	for (i = 1; i < IPI_XCALL_CALLS_PER_FILE; i++)
		EXPECT_EQ(0, abi_post(self->w.fd, to_set(&none, 1), 0,
				      &more[i]));
	EXPECT_EQ(0, abi_wait(self->w.fd, self->w.ticket, 0));
	EXPECT_EQ(0, abi_unregister(self->w.fd, self->w.id));
	close(self->w.fd);
	munmap(self->map, 2 * page);
	EXPECT_CLEAN();
}

/* Valid input that succeeds, or input that can be sent often. */
static void *valid(const struct world *w, const struct command *c, void *buf)
{
	memset(buf, 0, c->size);
	*(__u32 *)buf = c->size;
	c->fill(w, buf);
	return buf;
}

static void *cheap(const struct world *w, const struct command *c, void *buf)
{
	memset(buf, 0, c->size);
	*(__u32 *)buf = c->size;
	c->cheap(w, buf);
	return buf;
}

static int send_to(const struct world *w, const struct command *c, void *arg)
{
	return abi_ioctl(w->fd, c->cmd, arg);
}

TEST_F(errors, sizes_are_those_of_the_first_version)
{
	/* It has grown since. */
	EXPECT_EQ(IPI_XCALL_INFO_SIZE_VER0 + 8, sizeof(struct ipi_xcall_info));
	EXPECT_EQ(IPI_XCALL_REGISTER_SIZE_VER0,
		  sizeof(struct ipi_xcall_register));
	EXPECT_EQ(IPI_XCALL_UNREGISTER_SIZE_VER0,
		  sizeof(struct ipi_xcall_unregister));
	EXPECT_EQ(IPI_XCALL_TRIGGER_SIZE_VER0, sizeof(struct ipi_xcall_trigger));
	EXPECT_EQ(IPI_XCALL_CALL_SIZE_VER0, sizeof(struct ipi_xcall_call));
	EXPECT_EQ(IPI_XCALL_WAIT_SIZE_VER0, sizeof(struct ipi_xcall_wait));
	EXPECT_EQ(IPI_XCALL_ABANDON_SIZE_VER0, sizeof(struct ipi_xcall_abandon));
	EXPECT_EQ(IPI_XCALL_SLOT_SIZE_VER0, sizeof(struct ipi_xcall_slot));
	EXPECT_EQ(IPI_XCALL_STATS_SIZE_VER0, sizeof(struct ipi_xcall_stats));
	EXPECT_EQ(IPI_XCALL_RESET_SIZE_VER0, sizeof(struct ipi_xcall_reset));
	EXPECT_EQ(IPI_XCALL_MEASURE_SIZE_VER0,
		  offsetof(struct ipi_xcall_measure, waited_ns));
	EXPECT_EQ(40, sizeof(struct ipi_xcall_time));
	EXPECT_EQ(32, sizeof(struct ipi_xcall_sample));
	EXPECT_EQ(24, sizeof(struct ipi_xcall_slot_cpu));
	EXPECT_EQ(96, sizeof(struct ipi_xcall_cpu_stats));
}

static bool is_command(unsigned int cmd)
{
	const struct command *c;

	for_each_command(c)
		if (c->cmd == cmd)
			return true;
	return false;
}

TEST_F(errors, unknown_command_is_ENOTTY)
{
	unsigned int dir, nr, type, cmd;
	char buf[BIGGEST] = {};

	*(__u32 *)buf = 8;
	/* Which number means no direction, and how many there are, differs. */
	for (dir = 0; dir < 1U << _IOC_DIRBITS; dir++) {
		for (nr = 0; nr < 256; nr++) {
			cmd = _IOC(dir, IPI_XCALL_IOC_TYPE, nr, 0);
			if (is_command(cmd))
				continue;
			EXPECT_EQ(-ENOTTY, abi_ioctl(self->w.fd, cmd, buf));
		}
	}
	for (type = 0; type < 256; type++) {
		/* These the kernel answers itself for every file. */
		if (type == IPI_XCALL_IOC_TYPE || type == 'f' || type == 'T' ||
		    type == 'X' || type == 0x12 || type == 0x94)
			continue;
		EXPECT_EQ(-ENOTTY, abi_ioctl(self->w.fd, _IO(type, 9), buf)) {
			TH_LOG("type %#x", type);
		}
	}
	for (nr = 8; nr < 4096; nr += 8) {
		cmd = _IOC(_IOC_NONE, IPI_XCALL_IOC_TYPE, 9, nr);
		EXPECT_EQ(-ENOTTY, abi_ioctl(self->w.fd, cmd, buf));
	}
}

TEST_F(errors, bad_address_is_EFAULT)
{
	void *bad[] = {
		NULL, (void *)1, (void *)-1, (void *)-(long)page,
		(void *)(~0UL / 2 + 1), (void *)(~0UL / 2), self->end,
	};
	const struct command *c;
	unsigned int i;

	for_each_command(c)
		for (i = 0; i < ABI_ARRAY(bad); i++)
			CHECK(-EFAULT, send_to(&self->w, c, bad[i]), c, i);
	mprotect(self->map, page, PROT_NONE);
	for_each_command(c)
		CHECK(-EFAULT, send_to(&self->w, c, self->map), c, -1);
}

/* Cut at every byte; and whole, nothing beyond it is read or written. */
TEST_F(errors, struct_that_ends_in_no_mans_land_is_EFAULT)
{
	const struct command *c;
	char buf[BIGGEST];
	size_t cut;

	for_each_command(c) {
		valid(&self->w, c, buf);
		for (cut = 0; cut < c->size; cut++) {
			memcpy(self->end - cut, buf, cut);
			CHECK(-EFAULT, send_to(&self->w, c, self->end - cut),
			      c, cut);
		}
		CHECK(c->result, send_to(&self->w, c,
					 cheap(&self->w, c, self->end - c->size)),
		      c, -1);
	}
}

/* The answer has no place to go: what was made is gone, as tells the teardown. */
TEST_F(errors, read_only_struct_is_EFAULT_and_nothing_is_left)
{
	const struct command *c;

	for_each_command(c) {
		/* That ends the ticket. */
		if (!c->answers || c->cmd == IPI_XCALL_IOC_ABANDON)
			continue;
		mprotect(self->map, page, PROT_READ | PROT_WRITE);
		valid(&self->w, c, self->map);
		mprotect(self->map, page, PROT_READ);
		CHECK(-EFAULT, send_to(&self->w, c, self->map), c, 0);
	}
	mprotect(self->map, page, PROT_READ | PROT_WRITE);
}

/* A ticket that nobody has got is no ticket, and does not count. */
TEST_F(errors, posted_call_whose_ticket_cannot_be_written_is_gone)
{
	struct ipi_xcall_call *c = (void *)self->map;
	int i;

	for (i = 0; i < 2 * IPI_XCALL_CALLS_PER_FILE; i++) {
		mprotect(self->map, page, PROT_READ | PROT_WRITE);
		*c = (struct ipi_xcall_call){
			.size = sizeof(*c), .flags = IPI_XCALL_CALL_POST,
			.target = to_all(),
		};
		mprotect(self->map, page, PROT_READ);
		EXPECT_EQ(-EFAULT, abi_ioctl(self->w.fd, IPI_XCALL_IOC_CALL, c));
	}
	mprotect(self->map, page, PROT_READ | PROT_WRITE);
}

TEST_F(errors, abandoned_ticket_is_gone_in_spite_of_EFAULT)
{
	struct ipi_xcall_abandon *a = (void *)self->map;
	__u32 ticket;

	ASSERT_LE(0, abi_post(self->w.fd, to_cpu(self->w.home), 0, &ticket));
	*a = (struct ipi_xcall_abandon){ .size = sizeof(*a), .ticket = ticket };
	mprotect(self->map, page, PROT_READ);
	EXPECT_EQ(-EFAULT, abi_ioctl(self->w.fd, IPI_XCALL_IOC_ABANDON, a));
	EXPECT_EQ(-ENOENT, abi_wait(self->w.fd, ticket, 0));
	mprotect(self->map, page, PROT_READ | PROT_WRITE);
}

/* Without an array, for none is looked at. */
TEST_F(errors, size_of_records_that_cannot_be_is_refused)
{
	static const __u32 odd[] = { 1, 4, 7, 9, 4095, 0x7ffffffc };
	const __u32 large[] = { page + 8, 0x80000000, 0xfffffff8 };
	const struct command *c;
	unsigned int i;

	for_each_command(c) {
		if (!c->record)
			continue;
		for (i = 0; i < ABI_ARRAY(odd); i++) {
			valid(&self->w, c, self->map);
			*(__u32 *)(self->map + c->record) = odd[i];
			CHECK(-EINVAL, send_to(&self->w, c, self->map), c, i);
		}
		for (i = 0; i < ABI_ARRAY(large); i++) {
			valid(&self->w, c, self->map);
			*(__u32 *)(self->map + c->record) = large[i];
			CHECK(-E2BIG, send_to(&self->w, c, self->map), c, i);
		}
	}
}

/* Valid, and a file that is there to look. */
TEST_F(errors, what_changes_something_needs_a_file_open_for_writing)
{
	struct world w = self->w;
	const struct command *c;

	w.fd = open(ABI_DEV, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, w.fd);
	for_each_command(c) {
		valid(&self->w, c, self->map);
		/* The slot belongs to another file. */
		CHECK(c->writes ? -EBADF :
		      c->cmd == IPI_XCALL_IOC_SLOT ? -ENOENT : 0,
		      send_to(&w, c, self->map), c, 0);
	}
	close(w.fd);
}

/* A program that was built when the struct was as it was at first. */
TEST_F(errors, first_version_of_each_struct_works)
{
	const struct command *c;

	for_each_command(c) {
		cheap(&self->w, c, self->map);
		*(__u32 *)self->map = c->first;
		memset(self->map + c->first, 0xee, 64);
		CHECK(c->result, send_to(&self->w, c, self->map), c, 0);
		CHECK(0xee, (unsigned char)self->map[c->first], c, 1);
	}
}

TEST_F(errors, size_below_the_first_version_is_EINVAL)
{
	const struct command *c;
	__u32 size;

	for_each_command(c) {
		valid(&self->w, c, self->map);
		for (size = 0; size < c->first; size++) {
			*(__u32 *)self->map = size;
			CHECK(-EINVAL, send_to(&self->w, c, self->map), c, size);
		}
	}
}

/*
 * Each size, up to 4 KiB and for the last of a longer page. An emulated ARM flushes
 * its TLB twice for each word that the kernel looks at, which takes minutes:
 * programs of 32 bits look at some, others too unless IPI_XCALL_LONG is set.
 */
static __u32 next_size(__u32 size)
{
	__u32 step = sizeof(long) < 8 ? 7 : rounds(7, 1);

	if (size >= page - 16)
		return size + 1;
	return size + (size < 4096 ? step : 509);
}

TEST_F(errors, longer_struct_works_while_its_rest_is_zero)
{
	const struct command *c;
	__u32 size;

	for_each_command(c) {
		for (size = c->size; size <= page; size = next_size(size)) {
			memset(self->map, 0, page);
			cheap(&self->w, c, self->map);
			*(__u32 *)self->map = size;
			CHECK(c->result, send_to(&self->w, c, self->map),
			      c, size);
			if (size == c->size)
				continue;
			cheap(&self->w, c, self->map);
			*(__u32 *)self->map = size;
			self->map[size - 1] = 1;
			CHECK(-E2BIG, send_to(&self->w, c, self->map), c, size);
		}
	}
}

TEST_F(errors, struct_above_a_page_is_E2BIG)
{
	const __u32 sizes[] = {
		page + 1, page + 8, 2 * page, 0x7fffffff, 0x80000000, ~0U,
	};
	const struct command *c;
	unsigned int i;

	for_each_command(c) {
		memset(self->map, 0, 2 * page);
		valid(&self->w, c, self->map);
		for (i = 0; i < ABI_ARRAY(sizes); i++) {
			*(__u32 *)self->map = sizes[i];
			CHECK(-E2BIG, send_to(&self->w, c, self->map),
			      c, sizes[i]);
		}
	}
}

TEST_F(errors, unknown_flag_is_EINVAL)
{
	const struct command *c;
	unsigned int bit;

	for_each_command(c) {
		for (bit = 0; bit < 32; bit++) {
			if (c->flags & 1U << bit)
				continue;
			valid(&self->w, c, self->map);
			((__u32 *)self->map)[1] = 1U << bit;
			CHECK(-EINVAL, send_to(&self->w, c, self->map), c, bit);
			((__u32 *)self->map)[1] = 1U << bit | c->flags;
			CHECK(-EINVAL, send_to(&self->w, c, self->map), c, bit);
		}
	}
}

TEST_F(errors, reserved_byte_that_is_not_zero_is_EINVAL)
{
	const struct command *c;
	const struct span *s;
	size_t i;
	int bit;

	for_each_command(c) {
		for (s = c->zero; s->len; s++) {
			for (i = s->at; i < s->at + s->len; i++) {
				for (bit = 0; bit < 8; bit++) {
					valid(&self->w, c, self->map);
					self->map[i] = 1 << bit;
					CHECK(-EINVAL,
					      send_to(&self->w, c, self->map),
					      c, i);
				}
			}
		}
	}
}

TEST_F(errors, answer_leaks_nothing)
{
	const struct command *c;
	const struct span *s;
	size_t i;

	for_each_command(c) {
		if (c->result)
			continue;
		cheap(&self->w, c, self->map);
		memset(self->map + c->size, 0xee, 64);
		EXPECT_EQ(0, send_to(&self->w, c, self->map));
		for (s = c->zero; s->len; s++)
			for (i = s->at; i < s->at + s->len; i++)
				CHECK(0, self->map[i], c, i);
		for (i = c->size; i < c->size + 64; i++)
			CHECK(0xee, (unsigned char)self->map[i], c, i);
	}
}

/* ----- each command's own ----- */

static const __u32 bad_ids[] = { 0, 33, 64, 0x7fffffff, 0x80000000, ~0U };

TEST_F(errors, id_out_of_range_is_EINVAL_and_free_id_is_ENOENT)
{
	struct ipi_xcall_slot s = { .size = sizeof(s) };
	int fd = self->w.fd;
	unsigned int i, id;

	for (i = 0; i < ABI_ARRAY(bad_ids); i++) {
		s.id = bad_ids[i];
		EXPECT_EQ(-EINVAL, abi_unregister(fd, bad_ids[i]));
		EXPECT_EQ(-EINVAL, abi_trigger(fd, bad_ids[i], to_all()));
		EXPECT_EQ(-EINVAL, abi_ioctl(fd, IPI_XCALL_IOC_SLOT, &s));
	}
	NEEDS_EMPTY_TABLE();
	for (id = self->w.id + 1; id <= 16; id++) {
		s.id = id;
		EXPECT_EQ(-ENOENT, abi_unregister(fd, id));
		EXPECT_EQ(-ENOENT, abi_trigger(fd, id, to_all()));
		EXPECT_EQ(-ENOENT, abi_ioctl(fd, IPI_XCALL_IOC_SLOT, &s));
	}
}

TEST_F(errors, register_refuses_what_it_does_not_know)
{
	struct ipi_xcall_register r = { .size = sizeof(r) };
	int efd = eventfd(0, EFD_CLOEXEC), fd = self->w.fd;

	NEEDS_EVENTFD();
	for (r.kind = 4; r.kind; r.kind <<= 1)
		EXPECT_EQ(-EINVAL, abi_ioctl(fd, IPI_XCALL_IOC_REGISTER, &r));
	r.kind = ~0U;
	EXPECT_EQ(-EINVAL, abi_ioctl(fd, IPI_XCALL_IOC_REGISTER, &r));
	EXPECT_EQ(-EINVAL, abi_register_delay(fd, 0));
	EXPECT_EQ(-EINVAL, abi_register_delay(fd, IPI_XCALL_DELAY_MAX_NS + 1));
	EXPECT_EQ(-EINVAL, abi_register_delay(fd, ~0U));
	EXPECT_EQ(-EBADF, abi_register_eventfd(fd, -1));
	EXPECT_EQ(-EBADF, abi_register_eventfd(fd, 999));
	EXPECT_EQ(-EBADF, abi_register_eventfd(fd, 0x7fffffff));
	EXPECT_EQ(-EBADF, abi_register_eventfd(fd, -0x7fffffff - 1));
	EXPECT_EQ(-EINVAL, abi_register_eventfd(fd, fd));
	close(efd);
	EXPECT_EQ(-EBADF, abi_register_eventfd(fd, efd));
	efd = eventfd(0, EFD_CLOEXEC);
	/* What belongs to one kind is without a meaning for another. */
	r = (struct ipi_xcall_register){
		.size = sizeof(r), .kind = IPI_XCALL_EVENTFD, .eventfd = efd,
		.delay_ns = 1,
	};
	EXPECT_EQ(-EINVAL, abi_ioctl(fd, IPI_XCALL_IOC_REGISTER, &r));
	r.kind = IPI_XCALL_DELAY;
	EXPECT_EQ(-EINVAL, abi_ioctl(fd, IPI_XCALL_IOC_REGISTER, &r));
	close(efd);
}

/* Sends a target with both commands that take one; same error, or 0. */
static int aim(const struct world *w, struct ipi_xcall_target target)
{
	int a = abi_trigger(w->fd, w->id, target);
	int b = abi_call(w->fd, target, 0);
	__u32 ticket;
	int c = abi_post(w->fd, target, 0, &ticket);

	if (c >= 0)
		abi_wait(w->fd, ticket, IPI_XCALL_FOREVER);
	if (a < 0 || b < 0 || c < 0)
		return a == b && b == c ? a : -EPROTO;
	return 0;
}

TEST_F(errors, bad_target_is_EINVAL)
{
	struct ipi_xcall_target t;
	unsigned int home = self->w.home;
	__u64 word = 1;
	__u32 bit;

	for (bit = 4; bit; bit <<= 1)
		EXPECT_EQ(-EINVAL, aim(&self->w,
				       (struct ipi_xcall_target){ .to = bit }));
	for (bit = 1; bit; bit <<= 1)
		if (bit >= (__u32)cpu_ids())
			EXPECT_EQ(-EINVAL, aim(&self->w, to_cpu(bit)));
	EXPECT_EQ(-EINVAL, aim(&self->w, to_cpu(~0U)));
	EXPECT_EQ(-EINVAL, aim(&self->w, to_cpu(cpu_ids())));
	EXPECT_EQ(-EINVAL, aim(&self->w, to_cpu(cpu_in_a_hole())));
	t = to_set(&word, 1);
	t.cpu = 1;
	EXPECT_EQ(-EINVAL, aim(&self->w, t));
	t = to_cpu(home);
	t.mask = 1;
	EXPECT_EQ(-EINVAL, aim(&self->w, t));
	t = to_cpu(home);
	t.mask_words = 1;
	EXPECT_EQ(-EINVAL, aim(&self->w, t));
	t = to_others();
	t.cpu = 1;
	EXPECT_EQ(-EINVAL, aim(&self->w, t));
	t = to_cpu(home);
	t.reserved = 1;
	EXPECT_EQ(-EINVAL, aim(&self->w, t));
	EXPECT_EQ(0, aim(&self->w, to_cpu(home)));
}

TEST_F(errors, mask_may_be_short_or_long_but_not_beyond_the_possible_cpus)
{
	static __u64 words[IPI_XCALL_MASK_WORDS_MAX + 1];
	unsigned int bits = IPI_XCALL_MASK_WORDS_MAX * 64, bit, nr;

	mask_add(words, next_possible_cpu(-1));
	for (nr = 1; nr <= IPI_XCALL_MASK_WORDS_MAX; nr++)
		EXPECT_EQ(0, aim(&self->w, to_set(words, nr)));
	EXPECT_EQ(-EINVAL, aim(&self->w, to_set(words, 0)));
	EXPECT_EQ(-E2BIG, aim(&self->w, to_set(words, nr)));
	EXPECT_EQ(-E2BIG, aim(&self->w, to_set(words, 0x80000000)));
	EXPECT_EQ(-E2BIG, aim(&self->w, to_set(words, ~0U)));
	for (bit = cpu_in_a_hole(); bit < bits; bit += bit < 256 ? 1 : 997) {
		if (cpu_is_possible(bit))
			continue;
		mask_add(words, bit);
		EXPECT_EQ(-EINVAL, aim(&self->w, to_set(words, nr - 1))) {
			TH_LOG("bit %u", bit);
		}
		/* Where it is not looked at, it does no harm. */
		if (bit / 64)
			EXPECT_EQ(0, aim(&self->w, to_set(words, bit / 64)));
		words[bit / 64] &= ~(1ULL << bit % 64);
	}
}

TEST_F(errors, mask_that_cannot_be_read_is_EFAULT)
{
	__u64 *word = (__u64 *)self->end - 1;

	*word = 1;
	EXPECT_EQ(0, aim(&self->w, to_set(word, 1)));
	EXPECT_EQ(-EFAULT, aim(&self->w, to_set(word, 2)));
	EXPECT_EQ(-EFAULT, aim(&self->w, to_set((__u64 *)self->end, 1)));
	EXPECT_EQ(-EFAULT, aim(&self->w, to_set(NULL, 1)));
	EXPECT_EQ(-EFAULT, aim(&self->w, to_set((void *)-8L, 1)));
	*word = 0;
	EXPECT_EQ(-EFAULT, aim(&self->w,
			       to_set((void *)((char *)word + 1), 1)));
}

TEST_F(errors, one_cpu_that_is_offline_is_ENXIO)
{
	__u64 words[ABI_WORDS] = {};
	int cpu = cpu_to_unplug();

	NEEDS_UNPLUG(cpu);
	ASSERT_EQ(0, cpu_set_online(cpu, false));
	EXPECT_EQ(-ENXIO, aim(&self->w, to_cpu(cpu)));
	mask_add(words, cpu);
	EXPECT_EQ(0, aim(&self->w, to_set(words, ABI_WORDS_TO(cpu))));
	ASSERT_EQ(0, cpu_set_online(cpu, true));
	EXPECT_EQ(0, aim(&self->w, to_cpu(cpu)));
}

TEST_F(errors, call_refuses_delays_that_are_too_long)
{
	struct ipi_xcall_target t = to_cpu(self->w.home);
	__u32 ticket;

	EXPECT_EQ(-EINVAL, abi_call(self->w.fd, t, IPI_XCALL_DELAY_MAX_NS + 1));
	EXPECT_EQ(-EINVAL, abi_call(self->w.fd, t, ~0U));
	EXPECT_EQ(-EINVAL, abi_post(self->w.fd, t, ~0U, &ticket));
	EXPECT_EQ(1, abi_call(self->w.fd, t, IPI_XCALL_DELAY_MAX_NS));
}

/* They come with the wait. */
TEST_F(errors, posted_call_takes_no_times)
{
	struct ipi_xcall_time t[1];
	struct ipi_xcall_call c = {
		.size = sizeof(c), .flags = IPI_XCALL_CALL_POST,
		.target = to_cpu(self->w.home), .nr_times = 1,
	};

	EXPECT_EQ(-EINVAL, abi_ioctl(self->w.fd, IPI_XCALL_IOC_CALL, &c));
	c.nr_times = 0;
	c.times = ABI_PTR(t);
	EXPECT_EQ(-EINVAL, abi_ioctl(self->w.fd, IPI_XCALL_IOC_CALL, &c));
}

TEST_F(errors, ticket_that_is_not_there_is_ENOENT)
{
	static const __u32 tickets[] = {
		0, NO_TICKET, 0x7fffffff, 0x80000000, ~0U,
	};
	unsigned int i;

	for (i = 0; i < ABI_ARRAY(tickets); i++) {
		EXPECT_EQ(-ENOENT, abi_wait(self->w.fd, tickets[i], 0));
		EXPECT_EQ(-ENOENT, abi_abandon(self->w.fd, tickets[i]));
	}
}

TEST_F(errors, any_time_limit_is_fine_for_what_has_run)
{
	static const __u64 ns[] = {
		0, 1, 1ULL << 31, 1ULL << 32, (1ULL << 63) - 1, 1ULL << 63,
		~0ULL - 1, ~0ULL,
	};
	unsigned int i;
	__u32 ticket;

	for (i = 0; i < ABI_ARRAY(ns); i++) {
		ASSERT_EQ(1, abi_post(self->w.fd, to_cpu(self->w.home), 1000,
				      &ticket));
		while (abi_wait(self->w.fd, ticket, ns[i]) == -ETIMEDOUT)
			ASSERT_GE(1, ns[i]);
		EXPECT_EQ(-ENOENT, abi_wait(self->w.fd, ticket, 0));
	}
}

/* Arrays that the answer goes into. What was asked for is done nevertheless. */
TEST_F(errors, array_that_cannot_be_written_is_EFAULT)
{
	__u64 half = ABI_PTR(self->end - 44);
	__u64 bad[] = { 0, 8, ~0ULL, ~0ULL - page + 1, 1ULL << 63,
			ABI_PTR(self->end) };
	struct ipi_xcall_call c = { .size = sizeof(c), .nr_times = 16 };
	struct ipi_xcall_slot s = { .size = sizeof(s), .id = self->w.id };
	struct ipi_xcall_stats st = { .size = sizeof(st) };
	unsigned int i;

	c.target = to_all();
	for (i = 0; i <= ABI_ARRAY(bad); i++) {
		/* The last one begins well, if there is more than one CPU. */
		__u64 p = i < ABI_ARRAY(bad) ? bad[i] : half;
		bool fits = p == half && cpus_possible() == 1;

		c.times = p;
		c.nr_times = ~0U;
		EXPECT_EQ(fits ? 0 : -EFAULT,
			  abi_ioctl(self->w.fd, IPI_XCALL_IOC_CALL, &c));
		s.cpus = p;
		s.nr_cpus = ~0U;
		EXPECT_EQ(fits ? 0 : -EFAULT,
			  abi_ioctl(self->w.fd, IPI_XCALL_IOC_SLOT, &s));
		st.cpus = p;
		st.nr_cpus = ~0U;
		EXPECT_EQ(-EFAULT,
			  abi_ioctl(self->w.fd, IPI_XCALL_IOC_STATS, &st));
	}
}

/* What the wait could not deliver can be waited for again. */
TEST_F(errors, wait_that_faults_leaves_the_ticket)
{
	struct ipi_xcall_wait w = {
		.size = sizeof(w), .nr_times = 1,
		.timeout_ns = IPI_XCALL_FOREVER,
	};
	__u32 ticket;

	ASSERT_EQ(1, abi_post(self->w.fd, to_cpu(self->w.home), 0, &ticket));
	w.ticket = ticket;
	w.times = ABI_PTR(self->end - 8);
	EXPECT_EQ(-EFAULT, abi_ioctl(self->w.fd, IPI_XCALL_IOC_WAIT, &w));
	w.times = 0;
	EXPECT_EQ(-EFAULT, abi_ioctl(self->w.fd, IPI_XCALL_IOC_WAIT, &w));
	w.nr_times = 1;
	w.times = ABI_PTR(self->end - sizeof(struct ipi_xcall_time));
	EXPECT_EQ(0, abi_ioctl(self->w.fd, IPI_XCALL_IOC_WAIT, &w));
	EXPECT_EQ(1, w.nr_times);
}

/* What each mode may be aimed at; all else is refused. */
TEST_F(errors, mode_takes_the_targets_it_has_and_no_others)
{
	static const char aims[][5] = {
		[IPI_XCALL_MEASURE_DRY] = "c", [IPI_XCALL_MEASURE_SINGLE] = "c",
		[IPI_XCALL_MEASURE_MANY] = "sao",
		[IPI_XCALL_MEASURE_MANY_LOCK] = "sao",
		[IPI_XCALL_MEASURE_TRIGGER] = "csao",
		[IPI_XCALL_MEASURE_UNICAST] = "c",
		[IPI_XCALL_MEASURE_MULTICAST] = "s",
		[IPI_XCALL_MEASURE_BROADCAST] = "ao",
	};
	struct ipi_xcall_sample s;
	unsigned int home = self->w.home, mode, to;
	__u64 words[ABI_WORDS] = {};
	struct ipi_xcall_target t[] = {
		to_cpu(home), to_set(words, ABI_WORDS_TO(home)), to_all(),
		to_others(),
	};
	int want;

	mask_add(words, home);
	for (mode = 0; mode < ABI_ARRAY(aims); mode++) {
		for (to = 0; to < 4; to++) {
			struct ipi_xcall_measure m = {
				.mode = mode, .source = home, .target = t[to],
			};

			/* Its target is nobody. */
			if (mode == IPI_XCALL_MEASURE_DRY && !to)
				m.target = to_cpu(0);
			want = strchr(aims[mode], "csao"[to]) ? 0 : -EINVAL;
			/* There may be no others. */
			if (!want && to == IPI_XCALL_TO_OTHERS &&
			    cpus_online() == 1)
				want = -ENXIO;
			EXPECT_EQ(want, abi_measure(self->w.fd, &m, &s, 1)) {
				TH_LOG("mode %u, target %u", mode, to);
			}
		}
	}
}

/* Valid but for one member. */
static int measure_with(int fd, size_t at, __u32 value)
{
	struct ipi_xcall_sample s[2];
	struct ipi_xcall_measure m = {
		.size = sizeof(m), .mode = IPI_XCALL_MEASURE_UNICAST,
		.nr_samples = 2, .samples = ABI_PTR(s), .delay_ns = 1,
		.source = home_cpu(), .target = to_cpu(home_cpu()),
		.delay_cpu = home_cpu(),
	};

	*(__u32 *)((char *)&m + at) = value;
	return abi_ioctl(fd, IPI_XCALL_IOC_MEASURE, &m);
}

#define MEASURE_WITH(member, value)					\
	measure_with(self->w.fd, offsetof(struct ipi_xcall_measure, member), value)

TEST_F(errors, measurement_out_of_bounds_is_EINVAL)
{
	__u32 ids = cpu_ids(), hole = cpu_in_a_hole(), bit;

	EXPECT_EQ(0, MEASURE_WITH(mode, IPI_XCALL_MEASURE_SINGLE));
	for (bit = 8; bit; bit <<= 1)
		EXPECT_EQ(-EINVAL, MEASURE_WITH(mode, bit));
	EXPECT_EQ(-EINVAL, MEASURE_WITH(mode, ~0U));
	EXPECT_EQ(-EINVAL, MEASURE_WITH(target.to, ~0U));
	EXPECT_EQ(-EINVAL, MEASURE_WITH(target.cpu, ids));
	EXPECT_EQ(-EINVAL, MEASURE_WITH(target.cpu, hole));
	EXPECT_EQ(0, MEASURE_WITH(source, other_cpu()));
	EXPECT_EQ(-EINVAL, MEASURE_WITH(source, ids));
	EXPECT_EQ(-EINVAL, MEASURE_WITH(source, hole));
	EXPECT_EQ(-EINVAL, MEASURE_WITH(source, ~0U));
	EXPECT_EQ(0, MEASURE_WITH(nr_samples, 1));
	EXPECT_EQ(-EINVAL, MEASURE_WITH(nr_samples, 0));
	EXPECT_EQ(-EINVAL, MEASURE_WITH(nr_samples, IPI_XCALL_SAMPLES_MAX + 1));
	EXPECT_EQ(-EINVAL, MEASURE_WITH(nr_samples, ~0U));
	EXPECT_EQ(0, MEASURE_WITH(period_ns, 1000));
	EXPECT_EQ(-EINVAL, MEASURE_WITH(period_ns, IPI_XCALL_PERIOD_MAX_NS + 1));
	EXPECT_EQ(-EINVAL, MEASURE_WITH(period_ns, ~0U));
	EXPECT_EQ(0, MEASURE_WITH(delay_ns, IPI_XCALL_DELAY_MAX_NS));
	EXPECT_EQ(-EINVAL, MEASURE_WITH(delay_ns, IPI_XCALL_DELAY_MAX_NS + 1));
	EXPECT_EQ(0, MEASURE_WITH(delay_cpu, ids - 1));
	EXPECT_EQ(-EINVAL, MEASURE_WITH(delay_cpu, ids));
	EXPECT_EQ(-EINVAL, MEASURE_WITH(delay_cpu, hole));
	EXPECT_EQ(-EINVAL, MEASURE_WITH(delay_cpu, ~0U));
}

TEST_F(errors, measured_mask_that_is_too_long_is_E2BIG)
{
	static __u64 words[IPI_XCALL_MASK_WORDS_MAX + 1];
	struct ipi_xcall_measure m = {
		.mode = IPI_XCALL_MEASURE_MULTICAST, .source = self->w.home,
	};
	struct ipi_xcall_sample sample;

	mask_add(words, self->w.home);
	m.target = to_set(words, IPI_XCALL_MASK_WORDS_MAX);
	EXPECT_EQ(0, abi_measure(self->w.fd, &m, &sample, 1));
	m.target = to_set(words, IPI_XCALL_MASK_WORDS_MAX + 1);
	EXPECT_EQ(-E2BIG, abi_measure(self->w.fd, &m, &sample, 1));
}

TEST_F(errors, samples_that_cannot_be_written_are_EFAULT)
{
	struct ipi_xcall_sample *at = (struct ipi_xcall_sample *)self->end;
	struct ipi_xcall_measure m = {
		.mode = IPI_XCALL_MEASURE_UNICAST, .source = self->w.home,
		.target = to_cpu(self->w.home),
	};
	int fd = self->w.fd;

	EXPECT_EQ(-EFAULT, abi_measure(fd, &m, NULL, 1));
	EXPECT_EQ(-EFAULT, abi_measure(fd, &m, at, 1));
	EXPECT_EQ(-EFAULT, abi_measure(fd, &m, at - 1, 2));
	EXPECT_EQ(-EFAULT, abi_measure(fd, &m, (void *)-8L, 1));
	EXPECT_EQ(0, abi_measure(fd, &m, at - 1, 1));
}

TEST_F(errors, measurement_of_cpus_that_are_offline_is_ENXIO)
{
	struct ipi_xcall_measure m = { .source = self->w.home };
	__u64 words[ABI_WORDS] = {};
	struct ipi_xcall_sample s;
	int cpu = cpu_to_unplug();
	int fd = self->w.fd;

	m.target = to_set(words, ABI_WORDS);
	for (m.mode = 0; m.mode <= IPI_XCALL_MEASURE_BROADCAST; m.mode++)
		EXPECT_NE(0, abi_measure(fd, &m, &s, 1));
	NEEDS_UNPLUG(cpu);
	ASSERT_EQ(0, cpu_set_online(cpu, false));
	mask_add(words, cpu);
	m.mode = IPI_XCALL_MEASURE_MULTICAST;
	EXPECT_EQ(-ENXIO, abi_measure(fd, &m, &s, 1));
	m.mode = IPI_XCALL_MEASURE_MANY;
	EXPECT_EQ(-ENXIO, abi_measure(fd, &m, &s, 1));
	m.mode = IPI_XCALL_MEASURE_TRIGGER;
	EXPECT_EQ(-ENXIO, abi_measure(fd, &m, &s, 1));
	m.target = to_cpu(cpu);
	EXPECT_EQ(-ENXIO, abi_measure(fd, &m, &s, 1));
	m.mode = IPI_XCALL_MEASURE_UNICAST;
	EXPECT_EQ(-ENXIO, abi_measure(fd, &m, &s, 1));
	m.mode = IPI_XCALL_MEASURE_SINGLE;
	EXPECT_EQ(-ENXIO, abi_measure(fd, &m, &s, 1));
	m.target = to_cpu(self->w.home);
	EXPECT_EQ(0, abi_measure(fd, &m, &s, 1));
	m.source = cpu;
	EXPECT_EQ(-ENXIO, abi_measure(fd, &m, &s, 1));
}

TEST_F(errors, measured_trigger_without_a_slot_is_ENOSPC)
{
	struct ipi_xcall_measure m = {
		.mode = IPI_XCALL_MEASURE_TRIGGER, .source = self->w.home,
		.target = to_cpu(self->w.home),
	};
	struct ipi_xcall_sample s;
	int more[3], i, n = 1;

	for (i = 0; i < 3; i++) {
		more[i] = abi_open();
		ASSERT_LE(0, more[i]);
		while (abi_register(more[i], IPI_XCALL_COUNT) > 0)
			n++;
	}
	EXPECT_EQ(n, slots_used());
	EXPECT_EQ(-ENOSPC, abi_measure(self->w.fd, &m, &s, 1));
	for (i = 0; i < 3; i++)
		close(more[i]);
	EXPECT_EQ(0, abi_measure(self->w.fd, &m, &s, 1));
}

/* ----- memory that comes late, and changes while it is read ----- */

struct pager {
	int uffd;
	void *page;
	__u32 *size;		/* to be changed while the page is waited for */
	__u32 new_size;
	bool served;
};

static void *serve(void *arg)
{
	struct pager *p = arg;
	struct uffd_msg msg;
	struct uffdio_zeropage z = {
		.range = { .start = ABI_PTR(p->page), .len = page },
	};

	if (read(p->uffd, &msg, sizeof(msg)) != sizeof(msg))
		return NULL;
	sleep_ms(5);
	*p->size = p->new_size;
	p->served = !ioctl(p->uffd, UFFDIO_ZEROPAGE, &z);
	return NULL;
}

/* Returns 1 where there is no such thing. */
static int start_pager(struct pager *p, void *at)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register r = {
		.range = { .start = ABI_PTR(at), .len = page },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	madvise(at, page, MADV_DONTNEED);
	p->page = at;
	p->served = false;
	p->uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (p->uffd < 0)
		return 1;
	return ioctl(p->uffd, UFFDIO_API, &api) ||
	       ioctl(p->uffd, UFFDIO_REGISTER, &r) ? -errno : 0;
}

/* The second half of each struct is fetched while its size is changed. */
TEST_F(errors, size_that_changes_meanwhile_is_not_believed)
{
	const __u32 sizes[] = { 0, 8, page, ~0U };
	const struct command *c;
	struct pager p = {};
	pthread_t thread;
	unsigned int i;
	char *at;
	int ret;

	for_each_command(c) {
		for (i = 0; i < ABI_ARRAY(sizes); i++) {
			at = self->map + page - 8;
			ret = start_pager(&p, self->map + page);
			if (ret == 1)
				SKIP(return, "no userfaultfd");
			ASSERT_EQ(0, ret);
			p.size = (__u32 *)at;
			p.new_size = sizes[i];
			((__u32 *)at)[0] = c->size + 8;
			((__u32 *)at)[1] = 0;
			ASSERT_EQ(0, pthread_create(&thread, NULL, serve, &p));
			ret = send_to(&self->w, c, at);
			ASSERT_EQ(0, pthread_join(thread, NULL));
			EXPECT_TRUE(p.served);
			/* All zero: refused for an id of 0, a ticket of 0 or CPU 0. */
			EXPECT_TRUE(!ret || ret == -EINVAL || ret == -ENOENT ||
				    (ret == -ENXIO && !cpu_is_online(0))) {
				TH_LOG("%s: %d", c->name, ret);
			}
			EXPECT_EQ(0, self->map[page + c->size]);
			close(p.uffd);
			if (!ret && c->cmd == IPI_XCALL_IOC_REGISTER)
				abi_unregister(self->w.fd,
					       *(__u32 *)(at + 20));
		}
	}
}

static void *unmap(void *arg)
{
	struct pager *p = arg;
	struct uffd_msg msg;

	if (read(p->uffd, &msg, sizeof(msg)) == sizeof(msg)) {
		sleep_ms(5);
		mprotect(p->page, page, PROT_NONE);
		p->served = true;
	}
	close(p->uffd);
	return NULL;
}

TEST_F(errors, memory_that_goes_away_meanwhile_is_EFAULT)
{
	const struct command *c;
	struct pager p = {};
	pthread_t thread;
	char *at = self->map + page - 4;
	int ret;

	for_each_command(c) {
		mprotect(self->map + page, page, PROT_READ | PROT_WRITE);
		ret = start_pager(&p, self->map + page);
		if (ret == 1)
			SKIP(return, "no userfaultfd");
		ASSERT_EQ(0, ret);
		*(__u32 *)at = c->size;
		ASSERT_EQ(0, pthread_create(&thread, NULL, unmap, &p));
		CHECK(-EFAULT, send_to(&self->w, c, at), c, 0);
		ASSERT_EQ(0, pthread_join(thread, NULL));
		EXPECT_TRUE(p.served);
	}
	mprotect(self->map + page, page, PROT_READ | PROT_WRITE);
}

/* ----- who may come in ----- */

TEST_F(errors, open_without_the_capability_is_EPERM)
{
	struct __user_cap_header_struct h = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct d[2], old[2];

	ASSERT_EQ(0, syscall(SYS_capget, &h, old));
	memcpy(d, old, sizeof(d));
	d[0].effective &= ~(1U << CAP_SYS_ADMIN);
	ASSERT_EQ(0, syscall(SYS_capset, &h, d));
	EXPECT_EQ(-EPERM, abi_open());
	/* Who has the file may use it. */
	EXPECT_EQ(1, abi_call(self->w.fd, to_cpu(self->w.home), 0));
	ASSERT_EQ(0, syscall(SYS_capset, &h, old));
}

TEST_F(errors, file_can_neither_be_read_nor_written)
{
	char c = 0;

	EXPECT_EQ(-1, read(self->w.fd, &c, 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, write(self->w.fd, &c, 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, page, PROT_READ, MAP_SHARED,
				   self->w.fd, 0));
}

TEST_HARNESS_MAIN
