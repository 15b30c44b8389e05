/*
 * Memory that is always there: allocation failure ends the program in one place, out_of_memory(),
 * which agent/ defines, since only agent/ may write to stderr and exit. Sizes that come from
 * foreign input are capped by their reader before they get here.
 */
#ifndef WATERTIGHT_AGENT_CORE_MEM_H
#define WATERTIGHT_AGENT_CORE_MEM_H

#include <stdarg.h>
#include <stddef.h>

#include "agent/core/error.h"

/* Frees and closes at the end of a scope. */
#define CLEANUP(function) __attribute__((cleanup(function)))

/* Says so on stderr and exits with status 70. Defined in agent/. */
_Noreturn void out_of_memory(void);

/* Zeroed memory for count objects of size bytes; the caller frees it. Never NULL. */
void *mem_new(size_t count, size_t size) __attribute__((returns_nonnull, malloc));

/*
 * Makes room for one more element in a growable array: returns array, or its grown copy, with
 * *capacity updated; count is the number of elements in use. Doubles, so appending is O(1).
 */
void *mem_grow(void *array, size_t count, size_t *capacity, size_t size)
    __attribute__((returns_nonnull));

/* Like realloc(3), to size > 0 bytes. */
void *mem_resize(void *memory, size_t size) __attribute__((returns_nonnull));

/* A copy of text (NULL gives NULL); the caller frees it. */
char *mem_copy(const char *text);

/* A copy of the first length bytes of text, terminated; the caller frees it. */
char *mem_copy_n(const char *text, size_t length) __attribute__((returns_nonnull, malloc));

/* A formatted string; the caller frees it. */
char *mem_format(const char *format, ...) PRINTF_LIKE(1, 2) __attribute__((returns_nonnull));
char *mem_vformat(const char *format, va_list arguments) __attribute__((returns_nonnull));

/* For CLEANUP(mem_free_text) char *x = NULL; */
void mem_free_text(char **text);

#endif
