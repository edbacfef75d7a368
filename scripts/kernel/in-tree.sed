# SPDX-License-Identifier: GPL-2.0
#
# What scripts/in-tree changes in makefiles: of the module, which is named by the
# configuration and whose tracepoints are found from include/trace; of the selftests
# and test modules, for which the module is the tree's; of the tool beside them.
s|^obj-m := ipi_xcall\.o$|obj-$(CONFIG_IPI_XCALL) := ipi_xcall.o|
/define_trace\.h/d
/^CFLAGS_.*-I\$\(src\)\/core$/d
s|^IPI_XCALL \?=.*|IPI_XCALL := $(realpath .)|
/^ifeq \(\$\(wildcard \$\(IPI_XCALL\)\/ipi_xcall\.h\),\)/,/^endif/d
s|^KDIR \?=.*|KDIR ?= $(KSRC)|
# The tree's headers have the ioctls, all else is libc's.
s|-I\$\(IPI_XCALL\)/selftests|-I$(IPI_XCALL) -idirafter $(KSRC)/include/uapi|
s|^UAPI := .*|UAPI := $(KSRC)/include/uapi/linux/ipi_xcall.h|
s|^tools := .*|tools := $(IPI_XCALL)/ipixctl.d|
s|(MAKE\) -C \$\(tools\))|\1 CFLAGS="-O2 -g -idirafter $(abspath $(KSRC))/include/uapi"|
/M=\$\(IPI_XCALL\) modules$/d
s|\$\(IPI_XCALL\)/selftests/modules|$(IPI_XCALL)/modules|
s|KBUILD_EXTRA_SYMBOLS=[^ ]* ||
s|cp \$\(IPI_XCALL\)/\$\(@F\)|cp $(KDIR)/drivers/misc/ipi_xcall/$(@F)|
s| \$\(here\)\.\./uapi/ipi_xcall\.h||
# compat.h is not where all of them say.
s|^include \$\(src\)/.*core/compat\.mk|include $(srctree)/drivers/misc/ipi_xcall/core/compat.mk|
/^include .*compat\.mk/a\
ccflags-y += -I $(srctree)/drivers/misc/ipi_xcall/core
