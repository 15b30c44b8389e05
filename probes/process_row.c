/*
 * One process among all. See process_row.h. Read for every process of a machine, so it opens no
 * more than it must: two small files, and the links, which need not be opened.
 */
#include "probes/process_row.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "agent/core/mem.h"
#include "probes/digits.h"
#include "probes/mountinfo.h"
#include "probes/procfile.h"
#include "probes/status.h"

static bool read_file(const struct target *self, pid_t pid, const char *name, char **out,
                      size_t *length, struct error *err)
{
    char path[48];

    (void)snprintf(path, sizeof path, "%d/%s", (int)pid, name);
    return procfile_read_system(self, path, out, length, err);
}

static bool follow(const struct target *self, pid_t pid, const char *name, struct stat *out)
{
    char path[48];

    (void)snprintf(path, sizeof path, "%d/%s", (int)pid, name);
    return fstatat(self->procfs_fd, path, out, 0) == 0;
}

static bool read_links(const struct target *self, struct process_row *row)
{
    struct stat mounts;
    struct stat pids;
    struct stat own;

    if (!follow(self, row->pid, "ns/mnt", &mounts) || !follow(self, row->pid, "ns/pid", &pids) ||
        self->process_fd < 0 || fstatat(self->process_fd, "ns/pid", &own, 0) < 0)
        return false;
    row->has_links = true;
    row->mounts = mounts.st_ino;
    row->pids = pids.st_ino;
    row->is_nested = pids.st_ino != own.st_ino;
    return true;
}

bool process_root_read(const struct target *self, pid_t pid, struct process_root *out,
                       struct error *err)
{
    CLEANUP(mount_table_free) struct mount_table table = {0};
    char *text = NULL;
    size_t length = 0;

    *out = (struct process_root){0};
    if (!read_file(self, pid, "mountinfo", &text, &length, err) ||
        !mount_table_parse(text, length, &table, err))
        return false;
    /* Below chroot(2) into a directory that is no mount there is none. */
    const struct mount_entry *root = mount_table_find(&table, "/");
    out->mount = root == NULL ? 0 : root->id;
    out->device = root == NULL ? 0 : (unsigned int)makedev(root->major, root->minor);
    out->path = mem_copy(root == NULL ? "" : root->root);
    return true;
}

bool process_root_equal(const struct process_root *a, const struct process_root *b)
{
    return a->mount != 0 && b->mount != 0 && a->device == b->device &&
           strcmp(a->path, b->path) == 0;
}

void process_root_free(struct process_root *root)
{
    mem_free_text(&root->path);
}

static bool read_mount(const struct target *self, struct process_row *row, struct error *err)
{
    CLEANUP(process_root_free) struct process_root root;

    if (!process_root_read(self, row->pid, &root, err))
        return false;
    row->mounts = (uint64_t)root.mount;
    return true;
}

static bool read_depth(const struct target *self, struct process_row *row, struct error *err)
{
    CLEANUP(mem_free_text) char *text = NULL;
    struct process_status status = {0};
    size_t length = 0;
    bool ok = read_file(self, row->pid, "status", &text, &length, err) &&
              process_status_parse(text, length, &status, err);

    row->is_nested = ok && status.pid != status.outer_pid;
    process_status_free(&status);
    return ok;
}

bool process_row_read(const struct target *self, pid_t pid, struct process_row *out,
                      struct error *err)
{
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;

    *out = (struct process_row){.pid = pid};
    if (!read_file(self, pid, "stat", &text, &length, err) ||
        !process_stat_parse(text, length, &out->stat, err) || out->stat.is_kernel_thread ||
        process_stat_has_ended(&out->stat))
        return false;
    if (!read_file(self, pid, "cgroup", &out->cgroup, &length, err))
        return false;
    if (read_links(self, out))
        return true;
    return read_mount(self, out, err) && read_depth(self, out, err);
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_containers(const struct process_row *a, const struct process_row *b)
{
    int order = compare_numbers(a->has_links, b->has_links);

    order = order != 0 ? order : compare_numbers(a->mounts, b->mounts);
    order = order != 0 ? order : compare_numbers(a->pids, b->pids);
    order = order != 0 ? order : compare_numbers(a->is_nested, b->is_nested);
    return order != 0 ? order : strcmp(a->cgroup, b->cgroup);
}

int process_row_compare(const void *a, const void *b)
{
    const struct process_row *first = a;
    const struct process_row *second = b;
    int order = compare_containers(first, second);

    order = order != 0 ? order : compare_numbers(first->stat.started, second->stat.started);
    return order != 0 ? order : compare_numbers((uint64_t)first->pid, (uint64_t)second->pid);
}

bool process_row_same_container(const struct process_row *a, const struct process_row *b)
{
    return compare_containers(a, b) == 0;
}

void process_row_free(struct process_row *row)
{
    free(row->cgroup);
    *row = (struct process_row){0};
}
