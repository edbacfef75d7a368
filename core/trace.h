/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints of ipi_xcall.
 *
 * All of them share static keys: off, a hot path pays one no-op where it would
 * pay one for each event.
 */
#ifndef IPI_XCALL_TRACE_KEYS
#define IPI_XCALL_TRACE_KEYS

#include <linux/jump_label.h>

/*
 * ipi_traced: any of our tracepoints is enabled; tested by senders.
 * ipi_slow_pass: that, or lingering is enabled; tested by the handler.
 */
DECLARE_STATIC_KEY_FALSE(ipi_traced);
DECLARE_STATIC_KEY_FALSE(ipi_slow_pass);

#define ipi_trace(event, ...)						\
	do {								\
		if (static_branch_unlikely(&ipi_traced))		\
			trace_ipi_##event(__VA_ARGS__);			\
	} while (0)

#endif /* IPI_XCALL_TRACE_KEYS */

#undef TRACE_SYSTEM
#define TRACE_SYSTEM ipi_xcall

#if !defined(IPI_XCALL_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define IPI_XCALL_TRACE_H

#include <linux/tracepoint.h>

int ipi_trace_reg(void);
void ipi_trace_unreg(void);

TRACE_EVENT_FN(ipi_trigger,
	TP_PROTO(unsigned int id, unsigned int cpu, bool coalesced),
	TP_ARGS(id, cpu, coalesced),
	TP_STRUCT__entry(
		__field(unsigned int, id)
		__field(unsigned int, cpu)
		__field(bool, coalesced)
	),
	TP_fast_assign(
		__entry->id = id;
		__entry->cpu = cpu;
		__entry->coalesced = coalesced;
	),
	TP_printk("id=%u cpu=%u coalesced=%d", __entry->id, __entry->cpu,
		  __entry->coalesced),
	ipi_trace_reg, ipi_trace_unreg
);

DECLARE_EVENT_CLASS(ipi_func_to_cpu,
	TP_PROTO(void *func, unsigned int cpu),
	TP_ARGS(func, cpu),
	TP_STRUCT__entry(
		__field(void *, func)
		__field(unsigned int, cpu)
	),
	TP_fast_assign(
		__entry->func = func;
		__entry->cpu = cpu;
	),
	TP_printk("func=%ps cpu=%u", __entry->func, __entry->cpu)
);

DEFINE_EVENT_FN(ipi_func_to_cpu, ipi_post,
	TP_PROTO(void *func, unsigned int cpu), TP_ARGS(func, cpu),
	ipi_trace_reg, ipi_trace_unreg
);

DEFINE_EVENT_FN(ipi_func_to_cpu, ipi_mailbox_full,
	TP_PROTO(void *func, unsigned int cpu), TP_ARGS(func, cpu),
	ipi_trace_reg, ipi_trace_unreg
);

TRACE_EVENT_FN(ipi_linger,
	TP_PROTO(u64 ns),
	TP_ARGS(ns),
	TP_STRUCT__entry(
		__field(u64, ns)
	),
	TP_fast_assign(
		__entry->ns = ns;
	),
	TP_printk("ns=%llu", __entry->ns),
	ipi_trace_reg, ipi_trace_unreg
);

TRACE_EVENT_FN(ipi_kick,
	TP_PROTO(unsigned int cpu),
	TP_ARGS(cpu),
	TP_STRUCT__entry(
		__field(unsigned int, cpu)
	),
	TP_fast_assign(
		__entry->cpu = cpu;
	),
	TP_printk("cpu=%u", __entry->cpu),
	ipi_trace_reg, ipi_trace_unreg
);

DECLARE_EVENT_CLASS(ipi_word,
	TP_PROTO(unsigned long word),
	TP_ARGS(word),
	TP_STRUCT__entry(
		__field(unsigned long, word)
	),
	TP_fast_assign(
		__entry->word = word;
	),
	TP_printk("word=%#lx", __entry->word)
);

DEFINE_EVENT_FN(ipi_word, ipi_handler_entry,
	TP_PROTO(unsigned long word), TP_ARGS(word),
	ipi_trace_reg, ipi_trace_unreg
);

DEFINE_EVENT_FN(ipi_word, ipi_handler_exit,
	TP_PROTO(unsigned long word), TP_ARGS(word),
	ipi_trace_reg, ipi_trace_unreg
);

DECLARE_EVENT_CLASS(ipi_func,
	TP_PROTO(void *func),
	TP_ARGS(func),
	TP_STRUCT__entry(
		__field(void *, func)
	),
	TP_fast_assign(
		__entry->func = func;
	),
	TP_printk("func=%ps", __entry->func)
);

DEFINE_EVENT_FN(ipi_func, ipi_run_entry,
	TP_PROTO(void *func), TP_ARGS(func),
	ipi_trace_reg, ipi_trace_unreg
);

DEFINE_EVENT_FN(ipi_func, ipi_run_exit,
	TP_PROTO(void *func), TP_ARGS(func),
	ipi_trace_reg, ipi_trace_unreg
);

DEFINE_EVENT_FN(ipi_func, ipi_ack,
	TP_PROTO(void *func), TP_ARGS(func),
	ipi_trace_reg, ipi_trace_unreg
);

DEFINE_EVENT_FN(ipi_func, ipi_stall,
	TP_PROTO(void *func), TP_ARGS(func),
	ipi_trace_reg, ipi_trace_unreg
);

#endif /* IPI_XCALL_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
