/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one list of the ioctls' commands.
 *
 * A command more is a struct and a number in uapi/ipi_xcall.h, a function that does
 * it, and a row here. All else is made from the list.
 */
#ifndef IPI_XCALL_COMMANDS_H
#define IPI_XCALL_COMMANDS_H

/*
 * C(NAME, name, last, run, ...): IPI_XCALL_IOC_NAME takes a struct ipi_xcall_name,
 * in a request the member as_name, whose first version ended with the member last,
 * and run() does it. What else there is to say is a member of struct ctl_command.
 */
#define CTL_COMMANDS(C)							\
	C(INFO, info, measures, ctl_info, .answers = true)		\
	C(REGISTER, register, id, ctl_slot_register,			\
	  .writes = true, .answers = true, .end = ctl_slot_register_end) \
	C(UNREGISTER, unregister, reserved, ctl_slot_unregister,	\
	  .writes = true)						\
	C(TRIGGER, trigger, reserved, ctl_slot_trigger,			\
	  .writes = true, .answers = true)				\
	C(CALL, call, record_size, ctl_call_send,			\
	  .writes = true, .answers = true, .flags = IPI_XCALL_CALL_POST, \
	  .end = ctl_call_send_end)					\
	C(WAIT, wait, record_size, ctl_call_wait,			\
	  .writes = true, .answers = true, .end = ctl_call_wait_end)	\
	C(ABANDON, abandon, prevented, ctl_call_abandon,		\
	  .writes = true, .answers = true)				\
	C(SLOT, slot, record_size, ctl_slot_read, .answers = true)	\
	C(STATS, stats, cpus, ctl_stats_read,				\
	  .answers = true, .flags = IPI_XCALL_STATS_SINCE_LOAD)		\
	C(RESET, reset, flags, ctl_stats_reset, .writes = true)		\
	C(MEASURE, measure, reserved, ctl_measure,			\
	  .writes = true, .answers = true,				\
	  .flags = IPI_XCALL_MEASURE_FROM_DUE | IPI_XCALL_MEASURE_LINGER)

#endif /* IPI_XCALL_COMMANDS_H */
