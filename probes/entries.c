/*
 * Reading directories. See entries.h.
 */
#include "probes/entries.h"

#include <errno.h>
#include <string.h>
#include <sys/types.h>

enum { ENTRY_BYTES = 2048 };

static bool is_dots(const struct dirent64 *entry)
{
    return strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
}

bool entries_visit(int directory_fd, entry_visitor *visit, void *context)
{
    _Alignas(struct dirent64) char bytes[ENTRY_BYTES] = {0};
    bool has_dots = false;
    ssize_t length = 0;

    while ((length = getdents64(directory_fd, bytes, sizeof bytes)) > 0) {
        for (ssize_t at = 0; at < length;) {
            const struct dirent64 *entry = (const void *)(bytes + at);
            if (entry->d_reclen == 0) { /* whoever answered wrote nothing */
                errno = EIO;
                return false;
            }
            if (is_dots(entry))
                has_dots = true;
            else if (!visit(entry, context))
                return true;
            at += entry->d_reclen;
        }
    }
    if (length == 0 && !has_dots)
        errno = EIO;
    return length == 0 && has_dots;
}
