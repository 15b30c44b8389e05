/*
 * Sorting without a system call. glibc's qsort(3) asks for the size of the memory (sysinfo(2), up
 * to 2.36), for which a strict seccomp filter kills.
 */
#ifndef WATERTIGHT_AGENT_CORE_SORT_H
#define WATERTIGHT_AGENT_CORE_SORT_H

#include <stddef.h>

/* Like qsort(3), and stable: equal elements keep their order. */
void sort(void *items, size_t count, size_t size, int (*compare)(const void *, const void *));

#endif
