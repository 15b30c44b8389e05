/*
 * Reading control groups. See control_group_file.h.
 */
#include "probes/control_group_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "agent/core/mem.h"
#include "probes/procfile.h"
#include "probes/target.h"

enum { FILE_MAX = 64 * 1024 };

bool control_groups_read(const struct target *target, struct control_groups *out, struct error *err)
{
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;

    *out = (struct control_groups){0};
    if (!target->is_self)
        return error_set(err, "only the process itself can be asked");
    if (target->mounts_problem.text[0] != '\0')
        return error_set(err, "%s", target->mounts_problem.text);
    if (target->root_fd < 0)
        return error_set(err, "the root directory cannot be opened");
    return procfile_read(target, "cgroup", &text, &length, err) &&
           control_groups_parse(text, length, out, err);
}

bool control_group_file_read(int root_fd, const struct control_group_place *place,
                             const char *directory, const char *name, char **out, size_t *length,
                             bool *exists, struct error *err)
{
    struct stat status;
    struct error inner = {0};
    CLEANUP(mem_free_text) char *path = mem_format("%s/%s", directory, name);
    CLEANUP(procfile_close)
    int fd =
        openat(root_fd, path + strspn(path, "/"), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    *exists = fd >= 0 || errno != ENOENT;
    if (!*exists)
        return true;
    if (fd < 0 || fstat(fd, &status) < 0)
        return error_sys(err, "cannot open %s", path);
    if (status.st_dev != makedev(place->major, place->minor))
        return error_set(err, "something is mounted over %s", path);
    if (!procfile_read_fd(fd, FILE_MAX, out, length, &inner))
        return error_set(err, "%s: %s", path, inner.text);
    return true;
}
