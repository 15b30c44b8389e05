/*
 * Spelling paths. See path.h.
 */
#include "agent/path.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"

char *path_spell(const char *path)
{
    char *normal = mem_new(strlen(path) + 2, 1);
    char *end = normal;

    while (*(path += strspn(path, "/")) != '\0') {
        size_t length = strcspn(path, "/");
        if (length == 2 && strncmp(path, "..", 2) == 0) {
            free(normal);
            return NULL;
        }
        if (length != 1 || path[0] != '.') {
            *end++ = '/';
            memcpy(end, path, length);
            end += length;
        }
        path += length;
    }
    if (end == normal)
        *normal = '/';
    return normal;
}
