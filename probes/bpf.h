/*
 * Classic BPF as seccomp runs it: a pure interpreter over struct seccomp_data. Asks no kernel.
 */
#ifndef WATERTIGHT_PROBES_BPF_H
#define WATERTIGHT_PROBES_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Whether the kernel would take the program as a seccomp filter (kernel/seccomp.c,
 * seccomp_check_filter; net/core/filter.c, bpf_check_classic): known instructions, jumps within it,
 * and a return at its end. Only such a program may be run.
 */
bool bpf_is_valid(const struct sock_filter *code, size_t length);

/* What a valid program answers: an action of seccomp(2) with its data. */
uint32_t bpf_run(const struct sock_filter *code, size_t length, const struct seccomp_data *data);

#endif
