/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * ipi_xcall: the ioctl ABI of /dev/ipi_xcall
 *
 * The device offers every operation of ipi_xcall.h on handlers that the module
 * has built in. Opening it takes CAP_SYS_ADMIN. This header is all that a
 * program needs besides open(2) and ioctl(2):
 *
 *	struct ipi_xcall_info info = { .size = sizeof(info) };
 *	int fd = open("/dev/ipi_xcall", O_RDWR | O_CLOEXEC);
 *
 *	ioctl(fd, IPI_XCALL_IOC_INFO, &info);
 *
 * Every command takes the address of its struct, whose first two members are
 * its size and its flags. A struct may grow at its end; a program that was
 * built with a shorter one goes on as before, and one that was built with a
 * longer one works as long as what the module does not know is zero. So may the
 * records that answers come in as arrays of: the program says how large its own
 * are, in @record_size. It gets the first part of larger ones, and zeroes behind
 * smaller ones. 0 stands for the size of the first version. Members
 * that are reserved, and those that the other members leave without a meaning,
 * must be zero. Those marked "out" are written and their input is ignored.
 * Pointers are __u64. Layouts are the same for 32-bit and 64-bit programs.
 * Times are nanoseconds of CLOCK_MONOTONIC, durations nanoseconds.
 *
 * A slot or ticket belongs to the open file: dup(2) and fork(2) share it, to
 * another open(2) it is -ENOENT like one that does not exist, so that callers
 * learn nothing about other files' ids. When the last descriptor is
 * closed, by whatever means, calls in flight are taken back or waited for, slots
 * are unregistered after the triggers that were accepted have run, and eventfds
 * are let go. All commands may be used by several threads at once. Those that
 * change something need a file that is open for writing: all but
 * IPI_XCALL_IOC_INFO, _SLOT and _STATS.
 *
 * Errors that any command may return; each struct says which others there are:
 *
 *	ENOTTY	no such command
 *	EFAULT	the struct, or memory that it points to, cannot be read:
 *		nothing was done; or cannot be written: it was done, but a
 *		slot or ticket that it made is gone again
 *	EINVAL	size below the first version's; an unknown flag; something
 *		reserved or without a meaning that is not zero; a size of
 *		records that is no multiple of 8
 *	EBADF	the file is not open for writing
 *	E2BIG	size, of the struct or of a record, above that of a page (of the
 *		kernel's), or something beyond what the module knows is not zero
 *	ENOMEM	out of memory
 *	EINTR	the caller was killed while it waited (IPI_XCALL_IOC_MEASURE
 *		heeds any signal)
 *
 * poll(2) on the file says POLLIN while a call posted through it has run on
 * all of its CPUs and its ticket was not waited for yet.
 */
#ifndef IPI_XCALL_UAPI_H
#define IPI_XCALL_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

/*
 * Grows when something is added; nothing is ever taken away.
 *
 *	1	the first one
 *	2	IPI_XCALL_IOC_MEASURE
 *	3	sizes of records; limits of measurements and of delays, and slots
 *		for clients in the kernel; FMODE_WRITE
 *	4	how long a measurement waited for its CPU
 */
#define IPI_XCALL_ABI			4

/* The letter J is free in Documentation/userspace-api/ioctl/ioctl-number.rst. */
#define IPI_XCALL_IOC_TYPE		'J'

/*
 * All limits. The slots of the module (IPI_MAX in ipi_xcall.h) are shared with
 * clients in the kernel, which always find a quarter of them left by files,
 * measurements and debugfs, and depend on its word size: see ipi_xcall_info.
 */
#define IPI_XCALL_SLOTS_PER_FILE	16
/* Calls waited for, in flight, or with a ticket that nobody claimed. */
#define IPI_XCALL_CALLS_PER_FILE	64
#define IPI_XCALL_CALLS_MAX		256
#define IPI_XCALL_DELAY_MAX_NS		1000000
#define IPI_XCALL_MASK_WORDS_MAX	1024
/*
 * Functions with a delay keep a CPU from its tasks for half of the time at most,
 * or for IPI_XCALL_DELAY_BURST_NS at once after a pause of twice that. A call that
 * would go beyond waits until its CPUs can afford it before it is sent, also with
 * IPI_XCALL_CALL_POST; a trigger of IPI_XCALL_DELAY and a sample wait likewise.
 * A sample under a lock counts on all of its CPUs, since they wait for the lock.
 */
#define IPI_XCALL_DELAY_BURST_NS	100000000
/*
 * Measurements under way, those of callers that were killed included; of all files
 * together as many as there are possible CPUs, if that is more.
 */
#define IPI_XCALL_MEASURES_PER_FILE	4
#define IPI_XCALL_MEASURES_MAX		16
/* Samples that one command takes, and the longest time from one to the next. */
#define IPI_XCALL_SAMPLES_MAX		65536
#define IPI_XCALL_PERIOD_MAX_NS		1000000000

#define IPI_XCALL_IOC_INFO		_IO(IPI_XCALL_IOC_TYPE, 0x00)
#define IPI_XCALL_IOC_REGISTER		_IO(IPI_XCALL_IOC_TYPE, 0x01)
#define IPI_XCALL_IOC_UNREGISTER	_IO(IPI_XCALL_IOC_TYPE, 0x02)
#define IPI_XCALL_IOC_TRIGGER		_IO(IPI_XCALL_IOC_TYPE, 0x03)
#define IPI_XCALL_IOC_CALL		_IO(IPI_XCALL_IOC_TYPE, 0x04)
#define IPI_XCALL_IOC_WAIT		_IO(IPI_XCALL_IOC_TYPE, 0x05)
#define IPI_XCALL_IOC_ABANDON		_IO(IPI_XCALL_IOC_TYPE, 0x06)
#define IPI_XCALL_IOC_SLOT		_IO(IPI_XCALL_IOC_TYPE, 0x07)
#define IPI_XCALL_IOC_STATS		_IO(IPI_XCALL_IOC_TYPE, 0x08)
#define IPI_XCALL_IOC_RESET		_IO(IPI_XCALL_IOC_TYPE, 0x09)
#define IPI_XCALL_IOC_MEASURE		_IO(IPI_XCALL_IOC_TYPE, 0x0a)

/* Sizes of the structs when they were first published. */
#define IPI_XCALL_INFO_SIZE_VER0	64
#define IPI_XCALL_REGISTER_SIZE_VER0	24
#define IPI_XCALL_UNREGISTER_SIZE_VER0	16
#define IPI_XCALL_TRIGGER_SIZE_VER0	56
#define IPI_XCALL_CALL_SIZE_VER0	64
#define IPI_XCALL_WAIT_SIZE_VER0	40
#define IPI_XCALL_ABANDON_SIZE_VER0	16
#define IPI_XCALL_SLOT_SIZE_VER0	40
#define IPI_XCALL_STATS_SIZE_VER0	24
#define IPI_XCALL_RESET_SIZE_VER0	8
#define IPI_XCALL_MEASURE_SIZE_VER0	80

/* The same of records. */
#define IPI_XCALL_TIME_SIZE_VER0	40
#define IPI_XCALL_SLOT_CPU_SIZE_VER0	24
#define IPI_XCALL_CPU_STATS_SIZE_VER0	96
#define IPI_XCALL_SAMPLE_SIZE_VER0	32

/**
 * struct ipi_xcall_info - IPI_XCALL_IOC_INFO: versions and limits
 * @size: of the struct
 * @flags: none
 * @abi: out: IPI_XCALL_ABI of the module
 * @version: out: the module's version; major, minor, patch level, a byte each
 * @slots: out: slots that there are for all, with ids from 1 to this
 * @slots_per_file: out: slots that one file may hold, if there are so many
 * @mailbox: out: messages that a CPU's mailbox holds before senders have to
 *	spin; depends on the number of possible CPUs
 * @calls: out: calls under way that there may be for all files
 * @calls_per_file: out: calls under way that one file may have
 * @delay_max_ns: out: longest delay
 * @mask_words_max: out: longest mask, in words of 64 bits
 * @cpu_ids: out: CPUs are numbered below this
 * @cpus_possible: out: CPUs that there may ever be
 * @cpus_online: out: CPUs that are online now
 * @slots_kernel: out: slots of them that are left for clients in the kernel
 * @measures: out: measurements under way that there may be for all files
 * @measures_per_file: out: measurements under way that one file may have
 * @delay_burst_ns: out: IPI_XCALL_DELAY_BURST_NS of the module
 */
struct ipi_xcall_info {
	__u32 size;
	__u32 flags;
	__u32 abi;
	__u32 version;
	__u32 slots;
	__u32 slots_per_file;
	__u32 mailbox;
	__u32 calls;
	__u32 calls_per_file;
	__u32 delay_max_ns;
	__u32 mask_words_max;
	__u32 cpu_ids;
	__u32 cpus_possible;
	__u32 cpus_online;
	__u32 slots_kernel;
	__u32 measures;
	__u32 measures_per_file;
	__u32 delay_burst_ns;
};

/* What a slot's handler does. All count their runs. */
#define IPI_XCALL_COUNT			0	/* nothing else */
#define IPI_XCALL_STAMP			1	/* note the time */
#define IPI_XCALL_EVENTFD		2	/* note it, add 1 to an eventfd */
#define IPI_XCALL_DELAY			3	/* note it, keep the CPU busy */

/**
 * struct ipi_xcall_register - IPI_XCALL_IOC_REGISTER: get a slot
 * @size: of the struct
 * @flags: none
 * @kind: one of IPI_XCALL_COUNT to IPI_XCALL_DELAY
 * @delay_ns: for IPI_XCALL_DELAY how long, 1 to IPI_XCALL_DELAY_MAX_NS
 * @eventfd: for IPI_XCALL_EVENTFD the descriptor; the slot holds the eventfd
 *	until it is gone, even if the descriptor is closed
 * @id: out: the slot
 *
 * The eventfd is signalled a moment after the handler, not within it.
 *
 * Errors: EINVAL also for an unknown kind, a delay out of bounds or a
 * descriptor of something else; EBADF for a descriptor that is not open; ENOSYS
 * for IPI_XCALL_EVENTFD in a kernel without eventfds; EDQUOT when the file holds
 * IPI_XCALL_SLOTS_PER_FILE slots; ENOSPC when all slots of the module are taken
 * that are not left for clients in the kernel.
 */
struct ipi_xcall_register {
	__u32 size;
	__u32 flags;
	__u32 kind;
	__u32 delay_ns;
	__s32 eventfd;
	__u32 id;
};

/**
 * struct ipi_xcall_unregister - IPI_XCALL_IOC_UNREGISTER: give a slot back
 * @size: of the struct
 * @flags: none
 * @id: the slot
 * @reserved: zero
 *
 * When it returns, all runs are over and the eventfd has been signalled for
 * each. Takes two RCU grace periods.
 *
 * Errors: EINVAL also for an id that is 0 or above ipi_xcall_info.slots; ENOENT
 * for one that is not of this file.
 */
struct ipi_xcall_unregister {
	__u32 size;
	__u32 flags;
	__u32 id;
	__u32 reserved;
};

/* At whom a trigger or a call is aimed. */
#define IPI_XCALL_TO_CPU		0	/* one CPU */
#define IPI_XCALL_TO_SET		1	/* those of a set that are online */
#define IPI_XCALL_TO_ALL		2	/* all that are online */
#define IPI_XCALL_TO_OTHERS		3	/* the same, but the caller's */

/**
 * struct ipi_xcall_target - at whom a trigger or a call is aimed
 * @to: one of IPI_XCALL_TO_CPU to IPI_XCALL_TO_OTHERS
 * @cpu: for IPI_XCALL_TO_CPU the CPU
 * @mask_words: for IPI_XCALL_TO_SET the length of the mask, 1 to
 *	IPI_XCALL_MASK_WORDS_MAX
 * @reserved: zero
 * @mask: for IPI_XCALL_TO_SET the address of the words, __u64 each; CPU n is bit
 *	n % 64 of word n / 64
 *
 * A mask may be shorter than the kernel's, or longer if the rest is zero; it
 * may be empty. The caller's CPU runs in place, before the command returns.
 *
 * Errors: EINVAL for a CPU that is not possible, alone or in a mask, for a mask
 * of no words and an unknown @to; E2BIG for a mask above
 * IPI_XCALL_MASK_WORDS_MAX; ENXIO when the one CPU is offline.
 */
struct ipi_xcall_target {
	__u32 to;
	__u32 cpu;
	__u32 mask_words;
	__u32 reserved;
	__aligned_u64 mask;
};

/**
 * struct ipi_xcall_trigger - IPI_XCALL_IOC_TRIGGER: ask CPUs to run a handler
 * @size: of the struct
 * @flags: none
 * @target: the CPUs
 * @id: the slot
 * @marked: out: CPUs that were asked
 * @coalesced: out: those of them that had been asked and not run yet
 * @kicked: out: those that were sent an interrupt for it
 * @offline: out: CPUs of the target that were skipped
 * @reserved: zero
 *
 * Errors: those of struct ipi_xcall_target; EINVAL and ENOENT for the id as in
 * struct ipi_xcall_unregister; EINTR when killed before it was sent.
 */
struct ipi_xcall_trigger {
	__u32 size;
	__u32 flags;
	struct ipi_xcall_target target;
	__u32 id;
	__u32 marked;
	__u32 coalesced;
	__u32 kicked;
	__u32 offline;
	__u32 reserved;
};

/**
 * struct ipi_xcall_time - when a call ran on one CPU
 * @cpu: the CPU
 * @reserved: zero
 * @posted_ns: just before the message was posted
 * @started_ns: when the function began
 * @ended_ns: when it was about to end
 * @acked_ns: when the caller knew that all CPUs had run it
 */
struct ipi_xcall_time {
	__u32 cpu;
	__u32 reserved;
	__aligned_u64 posted_ns;
	__aligned_u64 started_ns;
	__aligned_u64 ended_ns;
	__aligned_u64 acked_ns;
};

/* Do not wait, hand out a ticket. */
#define IPI_XCALL_CALL_POST		0x1

/**
 * struct ipi_xcall_call - IPI_XCALL_IOC_CALL: run a function on CPUs
 * @size: of the struct
 * @flags: IPI_XCALL_CALL_POST
 * @target: the CPUs
 * @delay_ns: how long the function keeps its CPU busy, at most
 *	IPI_XCALL_DELAY_MAX_NS
 * @nr_times: without IPI_XCALL_CALL_POST: room in @times; out: CPUs that ran it
 * @times: without IPI_XCALL_CALL_POST: address of an array of struct
 *	ipi_xcall_time; one is written for each CPU that ran it, as many as
 *	there is room for
 * @ticket: out: with IPI_XCALL_CALL_POST: for IPI_XCALL_IOC_WAIT or _ABANDON
 * @called: out: CPUs called
 * @offline: out: CPUs of the target that were skipped
 * @record_size: size of struct ipi_xcall_time of the program
 *
 * While a mailbox is full, posting to it spins, also with IPI_XCALL_CALL_POST.
 *
 * Errors: those of struct ipi_xcall_target; EINVAL also for a delay that is too
 * long; EDQUOT when the file has IPI_XCALL_CALLS_PER_FILE calls, ENOSPC when
 * all files together have IPI_XCALL_CALLS_MAX; EINTR when killed (CPUs that
 * have not begun by then will not).
 */
struct ipi_xcall_call {
	__u32 size;
	__u32 flags;
	struct ipi_xcall_target target;
	__u32 delay_ns;
	__u32 nr_times;
	__aligned_u64 times;
	__u32 ticket;
	__u32 called;
	__u32 offline;
	__u32 record_size;
};

#define IPI_XCALL_FOREVER		(~(__u64)0)

/**
 * struct ipi_xcall_wait - IPI_XCALL_IOC_WAIT: wait for a call that was posted
 * @size: of the struct
 * @flags: none
 * @ticket: from IPI_XCALL_IOC_CALL; gone after success
 * @nr_times: room in @times; out: CPUs that ran it
 * @timeout_ns: how long to wait; 0 only looks, IPI_XCALL_FOREVER is for ever
 * @times: address of an array of struct ipi_xcall_time, as in struct
 *	ipi_xcall_call
 * @called: out: CPUs called
 * @record_size: size of struct ipi_xcall_time of the program
 *
 * After an error the ticket remains, but for ENOENT.
 *
 * Errors: ENOENT for a ticket that is not of this file, or that another thread
 * has waited for or abandoned; ETIMEDOUT; EINTR when killed.
 */
struct ipi_xcall_wait {
	__u32 size;
	__u32 flags;
	__u32 ticket;
	__u32 nr_times;
	__aligned_u64 timeout_ns;
	__aligned_u64 times;
	__u32 called;
	__u32 record_size;
};

/**
 * struct ipi_xcall_abandon - IPI_XCALL_IOC_ABANDON: take back a call
 * @size: of the struct
 * @flags: none
 * @ticket: from IPI_XCALL_IOC_CALL; gone after success
 * @prevented: out: runs that will not happen
 *
 * Waits for the runs that have begun.
 *
 * Errors: ENOENT as for struct ipi_xcall_wait. After an EFAULT in the end the
 * ticket is gone, too.
 */
struct ipi_xcall_abandon {
	__u32 size;
	__u32 flags;
	__u32 ticket;
	__u32 prevented;
};

/**
 * struct ipi_xcall_slot_cpu - a slot on one CPU
 * @cpu: the CPU
 * @reserved: zero
 * @runs: runs since the slot was registered
 * @last_ns: when the last one began; 0 for never and for IPI_XCALL_COUNT
 */
struct ipi_xcall_slot_cpu {
	__u32 cpu;
	__u32 reserved;
	__aligned_u64 runs;
	__aligned_u64 last_ns;
};

/**
 * struct ipi_xcall_slot - IPI_XCALL_IOC_SLOT: what became of a slot's triggers
 * @size: of the struct
 * @flags: none
 * @id: the slot
 * @nr_cpus: room in @cpus; out: possible CPUs
 * @cpus: address of an array of struct ipi_xcall_slot_cpu; one is written for
 *	each possible CPU, in their order, as many as there is room for
 * @runs: out: sum of the runs
 * @kind: out: of the handler
 * @record_size: size of struct ipi_xcall_slot_cpu of the program
 *
 * Not a snapshot of one moment while triggers are on their way.
 *
 * Errors: EINVAL and ENOENT for the id as in struct ipi_xcall_unregister.
 */
struct ipi_xcall_slot {
	__u32 size;
	__u32 flags;
	__u32 id;
	__u32 nr_cpus;
	__aligned_u64 cpus;
	__aligned_u64 runs;
	__u32 kind;
	__u32 record_size;
};

/**
 * struct ipi_xcall_cpu_stats - what one CPU counted
 * @cpu: the CPU
 * @online: 1 if it is online, else 0
 * @triggers: triggers sent by this CPU, one for each CPU marked
 * @coalesced: those of them whose bit was set already
 * @runs: handler runs on this CPU
 * @posted: messages posted by this CPU, one for each CPU called
 * @executed: messages run on this CPU
 * @cancelled: messages that this CPU took back before they ran
 * @kicks: interrupts asked for by this CPU
 * @full: posts by this CPU that had to wait for a full mailbox
 * @passes: times that this CPU was kicked and drained its pending word
 * @stalls: waits on this CPU that were reported as stalled
 * @lingered_ns: nanoseconds that passes of this CPU polled for more
 *
 * Summed over all CPUs while nothing is in flight, @triggers = @runs +
 * @coalesced and @posted = @executed + @cancelled. Counters wrap at the kernel's
 * word size.
 */
struct ipi_xcall_cpu_stats {
	__u32 cpu;
	__u32 online;
	__aligned_u64 triggers;
	__aligned_u64 coalesced;
	__aligned_u64 runs;
	__aligned_u64 posted;
	__aligned_u64 executed;
	__aligned_u64 cancelled;
	__aligned_u64 kicks;
	__aligned_u64 full;
	__aligned_u64 passes;
	__aligned_u64 stalls;
	__aligned_u64 lingered_ns;
};

/* Its counters: C(name) for each, in their order. */
#define IPI_XCALL_COUNTERS(C)						\
	C(triggers) C(coalesced) C(runs) C(posted) C(executed)		\
	C(cancelled) C(kicks) C(full) C(passes) C(stalls)		\
	C(lingered_ns)

/* Count from when the module was loaded, whatever was reset. */
#define IPI_XCALL_STATS_SINCE_LOAD	0x1

/**
 * struct ipi_xcall_stats - IPI_XCALL_IOC_STATS: the counters of all CPUs
 * @size: of the struct
 * @flags: IPI_XCALL_STATS_SINCE_LOAD
 * @nr_cpus: room in @cpus; out: possible CPUs
 * @record_size: size of struct ipi_xcall_cpu_stats of the program
 * @cpus: address of an array of struct ipi_xcall_cpu_stats; one is written for
 *	each possible CPU, in their order, as many as there is room for
 *
 * The counters are those of the module, whoever caused them.
 */
struct ipi_xcall_stats {
	__u32 size;
	__u32 flags;
	__u32 nr_cpus;
	__u32 record_size;
	__aligned_u64 cpus;
};

/**
 * struct ipi_xcall_reset - IPI_XCALL_IOC_RESET: let the counters begin anew
 * @size: of the struct
 * @flags: none
 *
 * From now on IPI_XCALL_IOC_STATS through this file counts from here. Other
 * files and debugfs see no difference.
 */
struct ipi_xcall_reset {
	__u32 size;
	__u32 flags;
};

/*
 * What is measured, and which targets it may have. The kernel's own functions
 * are there to compare with; all of them wait.
 */
#define IPI_XCALL_MEASURE_DRY		0	/* no interrupt: cost of the timing */
#define IPI_XCALL_MEASURE_SINGLE	1	/* smp_call_function_single(): CPU */
#define IPI_XCALL_MEASURE_MANY		2	/* smp_call_function_many(): no CPU */
#define IPI_XCALL_MEASURE_MANY_LOCK	3	/* the same, all take one spinlock */
#define IPI_XCALL_MEASURE_TRIGGER	4	/* a trigger: any target */
#define IPI_XCALL_MEASURE_UNICAST	5	/* a message: CPU */
#define IPI_XCALL_MEASURE_MULTICAST	6	/* a message: SET */
#define IPI_XCALL_MEASURE_BROADCAST	7	/* a message: ALL, OTHERS */

/* Count times from when a sample was due, not from when it was posted. */
#define IPI_XCALL_MEASURE_FROM_DUE	0x1
/* Let passes linger meanwhile, if the parameter linger_ns says so. */
#define IPI_XCALL_MEASURE_LINGER	0x2

/* Why a measurement ended. */
#define IPI_XCALL_ENDED_FULL		0	/* all samples were taken */
#define IPI_XCALL_ENDED_SIGNAL		1	/* a signal came */
#define IPI_XCALL_ENDED_OFFLINE		2	/* source or target went offline */

/**
 * struct ipi_xcall_sample - what one call took
 * @start_ns: from the post until the function began, on the first CPU that did
 * @end_ns: from the post until it was about to end, on the last CPU that did
 * @ack_ns: from the post until the source knew that all had run it
 * @cpus: CPUs that ran it
 * @idle: those of them that were idle when it came
 *
 * To send a trigger ends before its run: its ack is when the source, which
 * watches, sees that all have run it.
 */
struct ipi_xcall_sample {
	__aligned_u64 start_ns;
	__aligned_u64 end_ns;
	__aligned_u64 ack_ns;
	__u32 cpus;
	__u32 idle;
};

/**
 * struct ipi_xcall_measure - IPI_XCALL_IOC_MEASURE: time many calls
 * @size: of the struct
 * @flags: IPI_XCALL_MEASURE_FROM_DUE, IPI_XCALL_MEASURE_LINGER
 * @target: the CPUs, as seen from @source; for IPI_XCALL_MEASURE_DRY
 *	IPI_XCALL_TO_CPU and 0, and nothing is sent
 * @mode: one of IPI_XCALL_MEASURE_DRY to _BROADCAST
 * @source: the CPU that sends, wherever the caller runs
 * @nr_samples: how many, 1 to IPI_XCALL_SAMPLES_MAX; out: how many there are
 * @period_ns: from one sample to the next, at most IPI_XCALL_PERIOD_MAX_NS; one
 *	that is late is taken at once; 0: one right after the other
 * @delay_ns: how much longer the function takes on one CPU, at most
 *	IPI_XCALL_DELAY_MAX_NS: to test what reads the samples
 * @delay_cpu: the CPU; 0 without a delay
 * @samples: address of an array of struct ipi_xcall_sample
 * @ended: out: one of IPI_XCALL_ENDED_FULL to _OFFLINE
 * @lingering: out: 1 if passes may have lingered, else 0
 * @record_size: size of struct ipi_xcall_sample of the program
 * @reserved: zero
 * @waited_ns: out: how long other tasks kept the thread from @source; 0 also where
 *	the kernel does not account for that (CONFIG_SCHED_INFO)
 *
 * The samples are taken by a kernel thread that is bound to @source. It can be
 * preempted between two of them, and while it waits for an ack. One that is late
 * for that reason puts off those after it, but with IPI_XCALL_MEASURE_FROM_DUE.
 *
 * No CPU lingers while a measurement without IPI_XCALL_MEASURE_LINGER is under
 * way, for whomever; the parameter stays as it is.
 *
 * A signal, or a CPU that goes offline, ends it with the samples taken by then;
 * if there are none, with an error. If others keep the thread from running, a
 * signal takes a second; the thread ends when it gets to run, and counts until
 * then.
 *
 * Errors: those of struct ipi_xcall_target; EINVAL also for an unknown mode, a
 * target that the mode does not have, a source that is not possible, and what
 * is out of bounds; ENXIO when @source or all of the target is offline; EDQUOT
 * when the file has IPI_XCALL_MEASURES_PER_FILE measurements; ENOSPC when all
 * files together have as many as may be, or IPI_XCALL_MEASURE_TRIGGER finds
 * no slot as for struct ipi_xcall_register; EIO when somebody else has run the
 * slot of an IPI_XCALL_MEASURE_TRIGGER; EINTR for any signal.
 */
struct ipi_xcall_measure {
	__u32 size;
	__u32 flags;
	struct ipi_xcall_target target;
	__u32 mode;
	__u32 source;
	__u32 nr_samples;
	__u32 period_ns;
	__u32 delay_ns;
	__u32 delay_cpu;
	__aligned_u64 samples;
	__u32 ended;
	__u32 lingering;
	__u32 record_size;
	__u32 reserved;
	__aligned_u64 waited_ns;
};

#endif /* IPI_XCALL_UAPI_H */
