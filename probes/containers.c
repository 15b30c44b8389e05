/*
 * Finding the containers. See containers.h.
 *
 * A process may call itself whatever it likes, so that nothing is left out for its name alone; and
 * what is left out is told.
 */
#include "probes/containers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "agent/core/sort.h"
#include "probes/namespace_evidence.h"
#include "probes/target_find.h"

/* A process that is gone in the meantime, or never was one, sets no err->code but these. */
static bool is_gone(const struct error *err)
{
    return err->text[0] == '\0' || err->code == ENOENT || err->code == ESRCH;
}

static bool read_rows(const struct target *self, struct containers *out, struct error *err)
{
    pid_t own = target_own_number(self);
    pid_t *pids = NULL;
    size_t count = 0;

    if (!target_list(self, &pids, &count, err)) {
        free(pids);
        return false;
    }
    out->rows = mem_new(count, sizeof *out->rows);
    for (size_t i = 0; i < count; i++) {
        struct process_row *row = &out->rows[out->row_count];
        struct error problem = {0};
        if (pids[i] == own)
            continue;
        if (process_row_read(self, pids[i], row, &problem)) {
            out->row_count++;
            continue;
        }
        process_row_free(row);
        if (is_gone(&problem))
            continue;
        out->unreadable_count++;
        out->unreadable = problem;
    }
    free(pids);
    return true;
}

/* Whether the first process of this PID namespace is that of the machine. */
static bool is_host(const struct target *self)
{
    struct stat status;

    return self->process_fd >= 0 && fstatat(self->process_fd, "ns/pid", &status, 0) == 0 &&
           namespace_is_initial(NAMESPACE_PID, status.st_ino);
}

/*
 * Whether a process in the machine's own PID namespace is one of the machine: a service manager
 * gives many a mount namespace of their own, and some a chroot(2), but never another root
 * directory in another namespace.
 */
static bool is_of_host(const struct target *self, const struct process_row *row,
                       const struct process_row *first, const struct process_root *first_root)
{
    CLEANUP(process_root_free) struct process_root root;
    struct error ignored = {0};

    if (row->is_nested)
        return false;
    if (row->has_links && first->has_links && row->mounts == first->mounts)
        return true;
    return process_root_read(self, row->pid, &root, &ignored) &&
           process_root_equal(&root, first_root);
}

static void leave_out_host(const struct target *self, struct containers *out)
{
    CLEANUP(process_root_free) struct process_root root = {0};
    const struct process_row *first = NULL;
    struct error ignored = {0};

    for (size_t i = 0; i < out->row_count && first == NULL; i++)
        first = out->rows[i].pid == 1 ? &out->rows[i] : NULL;
    if (first == NULL || !process_root_read(self, 1, &root, &ignored))
        return;
    for (size_t i = 0; i < out->group_count; i++) {
        if (is_of_host(self, &out->rows[out->groups[i].first], first, &root))
            out->groups[i].left_out = CONTAINER_OF_HOST;
    }
}

/*
 * What every Pod has for its first process: a program that only waits, in a container of its own
 * and with one thread.
 */
static bool is_pause(const struct process_row *row, size_t count)
{
    static const char *const names[] = {"pause", "catatonit"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (count == 1 && row->stat.threads == 1 && strcmp(row->stat.name, names[i]) == 0)
            return true;
    }
    return false;
}

static void group_rows(struct containers *out)
{
    size_t capacity = 0;

    for (size_t i = 0; i < out->row_count; i++) {
        const struct process_row *row = &out->rows[i];
        if (i > 0 && process_row_same_container(row, row - 1)) {
            out->groups[out->group_count - 1].count++;
            continue;
        }
        out->groups = mem_grow(out->groups, out->group_count, &capacity, sizeof *out->groups);
        out->groups[out->group_count++] =
            (struct container_group){.first = i, .count = 1, .pid = row->pid};
    }
    for (size_t i = 0; i < out->group_count; i++) {
        struct container_group *group = &out->groups[i];
        if (is_pause(&out->rows[group->first], group->count))
            group->left_out = CONTAINER_PAUSE;
    }
}

/* Its number is that of the procfs only where this process has the same number in both. */
static void leave_out_server(const struct target *self, pid_t server, struct containers *out)
{
    if (server == 0 || target_own_number(self) != getpid())
        return;
    for (size_t i = 0; i < out->group_count; i++) {
        struct container_group *group = &out->groups[i];
        for (size_t k = group->first; k < group->first + group->count; k++) {
            if (out->rows[k].pid == server && group->left_out == CONTAINER_TAKEN)
                group->left_out = CONTAINER_SERVER;
        }
    }
}

static int compare_groups(const void *a, const void *b)
{
    pid_t first = ((const struct container_group *)a)->pid;
    pid_t second = ((const struct container_group *)b)->pid;

    return (first > second) - (first < second);
}

bool containers_find(const struct target *self, pid_t server, struct containers *out,
                     struct error *err)
{
    *out = (struct containers){0};
    if (self->procfs_fd < 0)
        return error_set(err, "there is no trustworthy procfs: %s", self->procfs_detail.text);
    if (!read_rows(self, out, err))
        return false;
    if (out->row_count > 0)
        sort(out->rows, out->row_count, sizeof *out->rows, process_row_compare);
    group_rows(out);
    out->is_machine = is_host(self);
    if (out->is_machine)
        leave_out_host(self, out);
    leave_out_server(self, server, out);
    out->has_links = true;
    for (size_t i = 0; i < out->group_count; i++)
        out->has_links = out->has_links && (out->groups[i].left_out != CONTAINER_TAKEN ||
                                            out->rows[out->groups[i].first].has_links);
    if (out->group_count > 0)
        sort(out->groups, out->group_count, sizeof *out->groups, compare_groups);
    return true;
}

void containers_free(struct containers *containers)
{
    for (size_t i = 0; i < containers->row_count; i++)
        process_row_free(&containers->rows[i]);
    free(containers->rows);
    free(containers->groups);
    *containers = (struct containers){0};
}
