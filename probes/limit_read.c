/*
 * Reading the limits of control groups. See limit_read.h.
 */
#include "probes/limit_read.h"

#include <string.h>

#include "agent/core/mem.h"
#include "probes/control_group_file.h"
#include "probes/limit_text.h"

enum { DEPTH_MAX = 64 };

/* One group: the directory in which its files lie, below the root directory. */
struct group_files {
    int root_fd;
    const struct control_group_place *place;
    const char *directory;
};

/* *exists is false, and the result true, when the group has no such file. */
static bool read_file(const struct group_files *files, const char *name, char **out, size_t *length,
                      bool *exists, struct error *err)
{
    return control_group_file_read(files->root_fd, files->place, files->directory, name, out,
                                   length, exists, err);
}

static bool read_number(const struct group_files *files, const char *name, int64_t *out,
                        struct error *err)
{
    CLEANUP(mem_free_text) char *text = NULL;
    struct error inner = {0};
    size_t length = 0;
    bool exists = false;

    *out = LIMIT_NONE;
    if (!read_file(files, name, &text, &length, &exists, err))
        return false;
    if (!exists || limit_text_number(text, length, out, &inner))
        return true;
    return error_set(err, "%s/%s: %s", files->directory, name, inner.text);
}

static const char memory_name[] = "hierarchical_memory_limit";

static bool read_stat(const struct group_files *files, char **text, size_t *length,
                      struct error *err)
{
    bool exists = false;

    if (!read_file(files, "memory.stat", text, length, &exists, err))
        return false;
    return exists || error_set(err, "%s has no memory.stat", files->directory);
}

static bool read_memory(const struct group_files *files, int64_t *out, struct error *err)
{
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;

    if (files->place->is_v2)
        return read_number(files, "memory.max", out, err);
    return read_stat(files, &text, &length, err) &&
           limit_text_stat(text, length, memory_name, out, err);
}

/* v1 limits memory and swap together; a kernel that does not account for swap says nothing. */
static bool read_swap(const struct group_files *files, int64_t *out, struct error *err)
{
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;
    int64_t memory = LIMIT_NONE;
    int64_t both = LIMIT_NONE;
    struct error ignored = {0};

    if (files->place->is_v2)
        return read_number(files, "memory.swap.max", out, err);
    *out = LIMIT_NONE;
    if (!read_stat(files, &text, &length, err) ||
        !limit_text_stat(text, length, memory_name, &memory, err))
        return false;
    if (!limit_text_stat(text, length, "hierarchical_memsw_limit", &both, &ignored) ||
        both == LIMIT_NONE || memory == LIMIT_NONE)
        return true;
    *out = both > memory ? both - memory : 0;
    return true;
}

static bool read_pids(const struct group_files *files, int64_t *out, struct error *err)
{
    return read_number(files, "pids.max", out, err);
}

static bool read_cpu_signed(const struct group_files *files, const char *name, int64_t *out,
                            bool *exists, struct error *err)
{
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;

    return read_file(files, name, &text, &length, exists, err) &&
           (!*exists || limit_text_signed(text, length, out, err));
}

static bool read_cpu(const struct group_files *files, int64_t *out, struct error *err)
{
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;
    bool exists = false;
    int64_t quota = LIMIT_NONE;
    int64_t period = 0;

    *out = LIMIT_NONE;
    if (files->place->is_v2)
        return read_file(files, "cpu.max", &text, &length, &exists, err) &&
               (!exists || limit_text_cpu_max(text, length, out, err));
    if (!read_cpu_signed(files, "cpu.cfs_quota_us", &quota, &exists, err))
        return false;
    if (!exists || quota < 0)
        return true;
    return read_cpu_signed(files, "cpu.cfs_period_us", &period, &exists, err) &&
           limit_text_cpus(quota, period, out, err);
}

static bool (*const readers[LIMIT_KINDS])(const struct group_files *, int64_t *, struct error *) = {
    [LIMIT_MEMORY] = read_memory,
    [LIMIT_SWAP] = read_swap,
    [LIMIT_PIDS] = read_pids,
    [LIMIT_CPU] = read_cpu,
};

bool limit_read(int root_fd, const struct control_group_place *place, enum limit_kind kind,
                int64_t *least, struct error *err)
{
    CLEANUP(mem_free_text) char *directory = mem_format("%s%s", place->mount_point, place->path);
    struct group_files files = {.root_fd = root_fd, .place = place, .directory = directory};
    size_t end = strlen(place->mount_point);

    *least = LIMIT_NONE;
    for (size_t depth = 0; depth < DEPTH_MAX; depth++) {
        int64_t limit = LIMIT_NONE;
        if (!readers[kind](&files, &limit, err))
            return false;
        if (limit != LIMIT_NONE && (*least == LIMIT_NONE || limit < *least))
            *least = limit;
        char *slash = strrchr(directory, '/');
        if (slash == NULL || (size_t)(slash - directory) < end)
            return true;
        *slash = '\0';
    }
    return error_set(err, "the control groups are nested too deeply");
}

const char *limit_controller(enum limit_kind kind)
{
    static const char *const controllers[LIMIT_KINDS] = {[LIMIT_MEMORY] = "memory",
                                                         [LIMIT_SWAP] = "memory",
                                                         [LIMIT_PIDS] = "pids",
                                                         [LIMIT_CPU] = "cpu"};

    return controllers[kind];
}
