/*
 * Texts in shared memory. See shared_list.h.
 */
#include "probes/shared_list.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool shared_list_add(struct shared_list *list, const char *format, ...)
{
    size_t room = sizeof list->text - list->used;
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(list->text + list->used, room, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= room) {
        list->is_full = true;
        return false;
    }
    list->used += (size_t)length + 1;
    return true;
}

void shared_list_read(const struct shared_list *list, struct strset *set)
{
    for (size_t at = 0; at < list->used; at += strlen(list->text + at) + 1)
        strset_add(set, list->text + at);
}
