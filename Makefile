# SPDX-License-Identifier: GPL-2.0
#
# For people; kbuild reads Kbuild. `make help` says what there is.

ifneq ($(words $(CURDIR)),1)
$(error the path of the source has spaces in it, which kbuild cannot do with: $(CURDIR))
endif
ifneq ($(word 2,$(DESTDIR)),)
$(error DESTDIR has spaces in it, which kbuild cannot do with: $(DESTDIR))
endif

# By default the running kernel's headers; any prepared build tree will do.
KDIR ?= /lib/modules/$(shell uname -r)/build
prefix ?= /usr/local
bindir ?= $(prefix)/bin
includedir ?= $(prefix)/include
mandir ?= $(prefix)/share/man
# What clients are built with, for each kernel.
clientdir ?= $(prefix)/src/ipi_xcall
in_kernel = -C $(KDIR) M=$(CURDIR)
# Where another tree's objects are wanted is nothing to one that was built.
ifneq ($(wildcard $(KDIR)/include/config/auto.conf),)
unexport KBUILD_OUTPUT
endif
# Nothing is installed by these: they say what is missing.
other_cc = $(filter command environment,$(origin CC) $(origin CROSS_COMPILE) $(origin LLVM))
can_build = @scripts/kernel/can-build $(if $(other_cc),--other-compiler) $(KDIR)

.PHONY: all
all:
	$(can_build)
	$(MAKE) $(in_kernel) CONFIG_DEBUG_INFO_BTF_MODULES= modules

.PHONY: help
help:
	@echo 'make             build ipi_xcall.ko for the running kernel, or for that'
	@echo '                 of the build tree KDIR='
	@echo 'make tools       build ipixctl, the command-line tool, in build/'
	@echo 'make demo        boot a guest and show what the module does'
	@echo 'make check       static checks, selftests on stock kernels (minutes)'
	@echo 'make check-full  that and debug kernels, torture, models, benchmark (longer)'
	@echo 'make check-all   all kernels, line coverage, packaging (hours)'
	@echo 'make fuzz        fuzz the ioctls in a guest: SECONDS=60 KERNEL=6.1 SEED='
	@echo 'make torture     ten minutes of all operations at once, with hotplug'
	@echo 'make bench       what each operation costs beside its peer, in instructions,'
	@echo '                 2 to 64 CPUs (long); bench-uml: in time; bench-plot: plots'
	@echo 'make bench-check compare 2 and 16 CPUs with what it was'
	@echo 'make model       check the ordering argument with herd7 and spin'
	@echo 'make load        load the module into this machine (root)'
	@echo 'make unload      remove it again (root)'
	@echo 'make install     install it for KDIR, run depmod; tool, man pages and what'
	@echo '                 clients need, too (root). DESTDIR= stages it, without depmod;'
	@echo '                 prefix=/usr/local'
	@echo 'make dist        make the tarball of a release'
	@echo 'make clean       remove what was built; the cache stays'
	@echo
	@echo 'Kernels: scripts/kernels list. A command in a guest of your own:'
	@echo 'scripts/run-guest --help. Cache: $$IPI_XCALL_CACHE, or else'
	@echo '~/.cache/ipi_xcall.'

.PHONY: demo check check-full check-all
demo check check-full check-all:
	@scripts/$@

# Random calls of the ioctls, for as long as wanted.
SECONDS ?= 60
KERNEL ?= 6.1
.PHONY: fuzz
fuzz:
	@scripts/run-guest --kernel $(KERNEL) --quiet \
		--timeout $$(($(SECONDS) + 300)) \
		-- /selftests/abi_fuzz $(SECONDS) $(SEED)

.PHONY: torture
torture:
	@scripts/torture

.PHONY: model
model:
	@scripts/run-models

.PHONY: bench bench-uml bench-check bench-plot
bench:
	@scripts/bench
bench-uml:
	@scripts/bench --uml --out build/bench-uml
bench-check:
	@scripts/perf/bench-check
bench-plot:
	@scripts/perf/plot-bench

.PHONY: tools
tools:
	@scripts/packages need tools
	mkdir -p build
	$(MAKE) -C tools OUTPUT=$(CURDIR)/build

.PHONY: load unload
load:
	@[ -f ipi_xcall.ko ] || { echo "there is no ipi_xcall.ko yet: make" >&2; exit 1; }
	insmod ipi_xcall.ko
unload:
	rmmod ipi_xcall

# A staged installation must not touch the lists of the machine's own modules.
.PHONY: install
install: release = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
	$(KDIR)/include/generated/utsrelease.h)
install: signing = $(if $(wildcard $(KDIR)/certs/signing_key.*),,CONFIG_MODULE_SIG_ALL=)
install: client = $(DESTDIR)$(clientdir)/$(release)
install: tools
	$(can_build)
	@[ -f ipi_xcall.ko ] || { echo "there is no ipi_xcall.ko yet: make" >&2; exit 1; }
	$(MAKE) $(in_kernel) INSTALL_MOD_PATH=$(abspath $(DESTDIR)) $(signing) DEPMOD=true modules_install
	$(if $(DESTDIR),,depmod $(release))
	install -D -m 644 -t $(client) ipi_xcall.h ipi_netbsd.h Module.symvers
	install -D -m 644 uapi/ipi_xcall.h $(client)/ipi_xcall_uapi.h
	install -D -m 644 uapi/ipi_xcall.h $(DESTDIR)$(includedir)/ipi_xcall_uapi.h
	install -D -m 755 -t $(DESTDIR)$(bindir) build/ipixctl
	install -D -m 644 -t $(DESTDIR)$(mandir)/man1 man/ipixctl.1
	install -D -m 644 -t $(DESTDIR)$(mandir)/man4 man/ipi_xcall.4
	install -D -m 644 -t $(DESTDIR)$(mandir)/man9 man/ipi.9

.PHONY: dist
dist:
	@scripts/dist

# The programs there, which have no suffix: their Makefile wants the source of a kernel.
selftests = $(basename $(notdir $(wildcard selftests/*.c selftests/*.cc))) \
	abi_calls_32 abi_errors_32 abi_owner_32 abi_limits_32 abi_time_32 abi_example_32 ipixctl
.PHONY: clean
clean:
	find . -path ./build -prune -o -path ./.git -prune -o \
		\( -name '*.o' -o -name '*.ko' -o -name '*.elf' -o -name '*.mod' -o -name '*.mod.c' \
		-o -name '.*.cmd' -o -name '*.symvers' -o -name '*.order' -o -name '.*.d' \) \
		-exec rm -f {} +
	rm -rf build .tmp_versions
	cd selftests && rm -f $(selftests)
