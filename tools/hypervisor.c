// SPDX-License-Identifier: GPL-2.0
/* See hypervisor.h. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "hypervisor.h"
#include "util.h"

/* What is in CPUID, in files of /sys and in the device tree. */
static const struct {
	const char *signature, *name;
} known[] = {
	{ "KVMKVMKVM", "KVM" },
	{ "Linux KVM Hv", "KVM" },
	{ "linux,kvm", "KVM" },
	{ "TCGTCGTCGTCG", "QEMU (TCG)" },
	{ "Microsoft Hv", "Hyper-V" },
	{ "Microsoft Corporation", "Hyper-V" },
	{ "VMwareVMware", "VMware" },
	{ "VMware, Inc.", "VMware" },
	{ "XenVMMXenVMM", "Xen" },
	{ "xen", "Xen" },
	{ "VBoxVBoxVBox", "VirtualBox" },
	{ "innotek GmbH", "VirtualBox" },
	{ "bhyve bhyve ", "bhyve" },
	{ "OpenBSDVMM58", "OpenBSD vmm" },
	{ " lrpepyh  vr", "Parallels" },
	{ "prl hyperv  ", "Parallels" },
	{ "Parallels", "Parallels" },
	{ "ACRNACRNACRN", "ACRN" },
	{ "Jailhouse", "Jailhouse" },
	{ "QNXQVMBSQG", "QNX" },
	{ "HAXMHAXMHAXM", "HAXM" },
	{ "___ NVMM ___", "NVMM" },
	{ "QEMU", "QEMU" },
	{ "Apple", "Apple" },
};

static const char *name_of(const char *signature)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(known); i++)
		if (!strncmp(signature, known[i].signature, strlen(known[i].signature)))
			return known[i].name;
	return NULL;
}

#if defined(__x86_64__) || defined(__i386__)
#define LEAF_FIRST	0x40000000
#define LEAF_LAST	0x40000400
#define LEAF_STEP	0x100

/* One that poses as another, for its guests' sake, says who it is further up. */
static const char *by_cpu(void)
{
	static char unknown[40];
	unsigned int a, b, c, d, leaf, sig[4] = {};
	const char *name, *best = NULL;
	size_t i;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 31))
		return "none";
	for (leaf = LEAF_FIRST; leaf <= LEAF_LAST; leaf += LEAF_STEP) {
		__cpuid(leaf, a, sig[0], sig[1], sig[2]);
		name = name_of((const char *)sig);
		if (name)
			best = name;
		if (leaf == LEAF_FIRST)
			snprintf(unknown, sizeof(unknown), "unknown '%s'", (char *)sig);
	}
	for (i = 0; unknown[i]; i++)
		if (!isprint((unsigned char)unknown[i]))
			unknown[i] = '?';
	return best ? best : unknown;
}
#else
static const char *by_cpu(void)
{
	return NULL;
}
#endif

static bool user_mode(void)
{
	char line[256] = "";
	FILE *f = fopen("/proc/cpuinfo", "re");
	bool is = false;

	while (f && !is && fgets(line, sizeof(line), f))
		is = strstr(line, "User Mode Linux");
	if (f)
		fclose(f);
	return is;
}

const char *hypervisor(void)
{
	const char *name;

	if (user_mode())
		return "user-mode Linux";
	name = by_cpu();
	if (!name)
		name = name_of(file_line("/proc/device-tree/hypervisor/compatible"));
	if (!name)
		name = name_of(sys_line("hypervisor/type"));
	if (!name)
		name = name_of(sys_line("class/dmi/id/sys_vendor"));
	/* Machines of QEMU on which firmware says nothing. */
	if (!name && strstr(file_line("/proc/device-tree/compatible"), "dummy-virt"))
		name = "QEMU";
	return name ? name : "";
}
