// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU: write down each instruction that the guest's CPUs execute
 * between two markers.
 *
 * The markers are instructions that do nothing and that no compiler emits:
 * "xchg %bx, %bx" opens a window, "xchg %cx, %cx" closes it. A line of output
 * is the number of the window and the address. The markers themselves are left
 * out. Which CPU it was is not told: with all of them in one thread, QEMU 10
 * hands out the number of the CPU that came by first.
 *
 * QEMU's packages have no header for plugins; what is used of its API is below.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef struct qemu_info_t qemu_info_t;

typedef void (*tb_cb_t)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*exec_cb_t)(unsigned int cpu, void *data);
typedef void (*exit_cb_t)(qemu_plugin_id_t id, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, tb_cb_t cb);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    exec_cb_t cb, int flags, void *data);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, exit_cb_t cb,
				    void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb,
						 size_t index);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *dest,
			     size_t len);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

#define EXPORT __attribute__((visibility("default")))

EXPORT int qemu_plugin_version = 4;

static const unsigned char open_bytes[] = { 0x66, 0x87, 0xdb };
static const unsigned char close_bytes[] = { 0x66, 0x87, 0xc9 };

static FILE *out;
static unsigned int window;
static bool is_open;

static void open_window(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	is_open = true;
	window++;
}

static void close_window(unsigned int cpu, void *data)
{
	(void)cpu;
	(void)data;
	is_open = false;
}

static void executed(unsigned int cpu, void *addr)
{
	(void)cpu;
	if (is_open)
		fprintf(out, "%u %016" PRIxPTR "\n", window, (uintptr_t)addr);
}

static exec_cb_t callback_of(const struct qemu_plugin_insn *insn)
{
	unsigned char bytes[sizeof(open_bytes)];

	if (qemu_plugin_insn_data(insn, bytes, sizeof(bytes)) != sizeof(bytes))
		return executed;
	if (!memcmp(bytes, open_bytes, sizeof(bytes)))
		return open_window;
	if (!memcmp(bytes, close_bytes, sizeof(bytes)))
		return close_window;
	return executed;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uintptr_t addr = qemu_plugin_insn_vaddr(insn);

		qemu_plugin_register_vcpu_insn_exec_cb(insn, callback_of(insn),
						       0, (void *)addr);
	}
}

static void finish(qemu_plugin_id_t id, void *data)
{
	(void)id;
	(void)data;
	fclose(out);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info,
			       int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4))
		return -1;
	out = fopen(argv[0] + 4, "w");
	if (!out)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
	return 0;
}
