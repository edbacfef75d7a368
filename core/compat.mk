# SPDX-License-Identifier: GPL-2.0
#
# What the headers of this kernel have, for compat.h. The version would not tell:
# distributions take interfaces of later kernels into earlier ones.

ipi_hrtimer_setup := \<hrtimer_setup(struct
# With one argument.
ipi_eventfd_signal := \<eventfd_signal(struct[^,)]*)
ipi_irq_call_count := \<irq_call_count;
ipi_irq_counts := \<IRQ_COUNT_CALL_FUNCTION\>

# ipi_has NAME HEADER...: define IPI_HAS_NAME if one of them matches ipi_NAME
ipi_has = $(if $(shell cd $(srctree) && grep -s -e '$(ipi_$(1))' $(2)),-DIPI_HAS_$(1))

ccflags-y += $(call ipi_has,hrtimer_setup,include/linux/hrtimer*.h) \
	$(call ipi_has,eventfd_signal,include/linux/eventfd.h) \
	$(call ipi_has,irq_call_count,arch/x86/include/asm/hardirq.h) \
	$(call ipi_has,irq_counts,arch/x86/include/asm/hardirq.h)
