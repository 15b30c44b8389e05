/*
 * Memory that is always there. See mem.h.
 */
#include "agent/core/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Not calloc(3): before glibc 2.41 that passes its cache by, which costs several times as much. */
void *mem_new(size_t count, size_t size)
{
    size_t bytes = 0;
    void *memory = NULL;

    if (!__builtin_mul_overflow(count == 0 ? 1 : count, size, &bytes))
        memory = malloc(bytes);
    if (memory == NULL)
        out_of_memory();
    memset(memory, 0, bytes);
    return memory;
}

void *mem_grow(void *array, size_t count, size_t *capacity, size_t size)
{
    if (array != NULL && count < *capacity)
        return array;
    size_t wanted = *capacity == 0 ? 8 : *capacity * 2;
    void *grown = wanted <= SIZE_MAX / 2 ? reallocarray(array, wanted, size) : NULL;
    if (grown == NULL)
        out_of_memory();
    *capacity = wanted;
    return grown;
}

void *mem_resize(void *memory, size_t size)
{
    void *resized = realloc(memory, size);

    if (resized == NULL)
        out_of_memory();
    return resized;
}

char *mem_copy(const char *text)
{
    return text == NULL ? NULL : mem_copy_n(text, strlen(text));
}

char *mem_copy_n(const char *text, size_t length)
{
    char *copy = malloc(length + 1);

    if (copy == NULL)
        out_of_memory();
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *mem_vformat(const char *format, va_list arguments)
{
    char *text = NULL;

    if (vasprintf(&text, format, arguments) < 0 || text == NULL)
        out_of_memory();
    return text;
}

char *mem_format(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *text = mem_vformat(format, arguments);
    va_end(arguments);
    return text;
}

void mem_free_text(char **text)
{
    free(*text);
    *text = NULL;
}
