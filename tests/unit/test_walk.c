/*
 * The bounded walks, over a folder made for them, and what children write into shared memory.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probes/device_walk.h"
#include "probes/mount_kind.h"
#include "probes/mountinfo.h"
#include "probes/shared_list.h"
#include "probes/target.h"
#include "probes/walk.h"

struct seen {
    struct strset paths;
    const char *stop_at;
    size_t visits;
};

static bool see(const struct walk_entry *entry, void *context)
{
    struct seen *seen = context;

    strset_add(&seen->paths, entry->path);
    seen->visits++;
    return seen->stop_at == NULL || strcmp(entry->name, seen->stop_at) != 0;
}

static char folder[] = "/tmp/watertight-walk-XXXXXX";

static void make_tree(void)
{
    static const char *const names[] = {"a", "a/b", "a/b/c", "z"};
    char path[128];

    cr_assert_not_null(mkdtemp(folder));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        cr_assert_eq(mkdir(path, 0755), 0);
    }
    (void)snprintf(path, sizeof path, "%s/a/b/file", folder);
    (void)close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    (void)snprintf(path, sizeof path, "%s/link", folder);
    cr_assert_eq(symlink("/", path), 0);
    (void)snprintf(path, sizeof path, "%s/pipe", folder);
    cr_assert_eq(mkfifo(path, 0644), 0);
}

static void remove_tree(void)
{
    static const char *const names[] = {"a/b/file", "a/b/c", "a/b", "a", "z", "link", "pipe", ""};
    char path[128];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)remove(path);
    }
}

enum { WALKED = 7, OTHER = 8 }; /* ids of mounts */

/* Walks the folder as if it were mount WALKED, below which others begin as the table says. */
static enum walk_end walk_mount(const char *path, struct mount_entry *points, size_t count,
                                bool has_statx, const struct timespec *deadline, struct seen *seen)
{
    struct mount_entry mount = {.id = WALKED, .mount_point = (char *)(uintptr_t)path};
    struct mount_table table = {.entries = points, .count = count};
    struct walk_place place = {.root_fd = open("/", O_PATH | O_CLOEXEC),
                               .mount = &mount,
                               .mounts = &table,
                               .has_statx = has_statx};
    enum walk_end end = walk(&place, deadline, see, seen);

    (void)close(place.root_fd);
    return end;
}

static enum walk_end walk_tree(struct seen *seen)
{
    struct timespec deadline = walk_deadline();

    return walk_mount(folder, NULL, 0, true, &deadline, seen);
}

Test(walk, every_file_and_folder_is_visited_once_and_no_link_followed, .init = make_tree,
     .fini = remove_tree)
{
    struct seen seen = {0};
    char last[128];

    cr_expect_eq(walk_tree(&seen), WALK_DONE);
    cr_expect_eq(seen.visits, 6); /* the folder, a, a/b, a/b/c, a/b/file, z */
    cr_expect_eq(seen.paths.count, 6);
    (void)snprintf(last, sizeof last, "%s/a/b/file", folder);
    cr_expect(strset_has(&seen.paths, last));
    strset_free(&seen.paths);
}

Test(walk, what_lies_near_is_visited_before_what_lies_deep, .init = make_tree, .fini = remove_tree)
{
    struct seen seen = {.stop_at = "b"};
    char near[128];

    cr_expect_eq(walk_tree(&seen), WALK_STOPPED);
    (void)snprintf(near, sizeof near, "%s/z", folder);
    cr_expect(strset_has(&seen.paths, near));
    strset_free(&seen.paths);
}

Test(walk, a_late_walk_is_cut, .init = make_tree, .fini = remove_tree)
{
    struct seen seen = {0};
    struct timespec deadline = {0};

    cr_expect_eq(walk_mount(folder, NULL, 0, true, &deadline, &seen), WALK_CUT);
    cr_expect_not_null(walk_words(WALK_CUT));
    cr_expect_null(walk_words(WALK_DONE));
    strset_free(&seen.paths);
}

Test(walk, what_cannot_be_reached_holds_nothing)
{
    struct seen seen = {0};
    struct timespec deadline = walk_deadline();

    cr_expect_eq(walk_mount("/none/such", NULL, 0, true, &deadline, &seen), WALK_DONE);
    cr_expect_eq(seen.visits, 0);
}

/* How many of the six entries are seen with another mount, of that parent, at a/b or at a file. */
static size_t seen_with_mount(const char *name, int parent, bool has_statx)
{
    struct timespec deadline = walk_deadline();
    struct seen seen = {0};
    char point[128];
    struct mount_entry points[] = {{.id = OTHER, .parent_id = parent, .mount_point = point}};

    (void)snprintf(point, sizeof point, "%s/%s", folder, name);
    cr_expect_eq(walk_mount(folder, points, 1, has_statx, &deadline, &seen), WALK_DONE);
    cr_expect_eq(strset_has(&seen.paths, point), seen.visits == 6);
    strset_free(&seen.paths);
    return seen.visits;
}

Test(walk, without_statx_the_table_tells_where_other_mounts_begin, .init = make_tree,
     .fini = remove_tree)
{
    cr_expect_eq(seen_with_mount("a/b", WALKED, false), 3); /* neither a/b nor what it holds */
    cr_expect_eq(seen_with_mount("a/b/file", WALKED, false), 5);
}

Test(walk, a_mount_on_a_covered_one_hides_nothing, .init = make_tree, .fini = remove_tree)
{
    cr_expect_eq(seen_with_mount("a/b", OTHER, false), 6);
}

/* Criterion runs no .fini for what is skipped. */
static void skip(const char *why)
{
    remove_tree();
    cr_skip_test("%s", why);
}

Test(walk, the_kernel_is_believed_before_the_table, .init = make_tree, .fini = remove_tree)
{
    struct statx status = {0};

    if (statx(AT_FDCWD, "/", 0, STATX_MNT_ID, &status) < 0 || (status.stx_mask & STATX_MNT_ID) == 0)
        skip("this kernel does not tell the mount of a file");
    cr_expect_eq(seen_with_mount("a/b", WALKED, true), 6);
}

enum bound_end { BOUND_LEFT_OUT, BOUND_SEEN, BOUND_NOT };

/* Mounts a on z, in namespaces of this process's own, and walks with and without statx(2). */
static enum bound_end walk_beside_bind(void)
{
    struct timespec deadline = walk_deadline();
    struct seen seen = {0};
    char source[128];
    char point[128];
    struct mount_entry points[] = {{.id = OTHER, .parent_id = WALKED, .mount_point = point}};

    (void)snprintf(source, sizeof source, "%s/a", folder);
    (void)snprintf(point, sizeof point, "%s/z", folder);
    if ((unshare(CLONE_NEWNS) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) ||
        mount(NULL, "/", "", MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount(source, point, "", MS_BIND, NULL) < 0)
        return BOUND_NOT;
    (void)walk_mount(folder, points, 1, true, &deadline, &seen);
    (void)walk_mount(folder, points, 1, false, &deadline, &seen);
    /* Twice the folder, a, a/b, a/b/c, a/b/file. */
    bool is_left_out = seen.visits == 10 && seen.paths.count == 5;
    strset_free(&seen.paths);
    return is_left_out ? BOUND_LEFT_OUT : BOUND_SEEN;
}

/* A bind mount of the same file system, so that no device number tells it. In a child, since a
 * user namespace takes a process of one thread; its mounts end with it. */
Test(walk, a_bind_mount_is_left_out_with_and_without_statx, .init = make_tree, .fini = remove_tree)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0)
        _exit((int)walk_beside_bind());
    cr_assert_gt(child, 0);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status));
    if (WEXITSTATUS(status) == BOUND_NOT)
        skip("no mounts of the test's own can be had");
    cr_expect_eq(WEXITSTATUS(status), BOUND_LEFT_OUT);
}

/* The folder as the root directory; its link leads to nodes that nobody has to make. */
static void see_devices(struct mount_entry *entries, size_t count, struct device_nodes *out)
{
    struct target target = {.mounts = {.entries = entries, .count = count}};

    target.root_fd = open(folder, O_PATH | O_CLOEXEC);
    cr_assert_geq(target.root_fd, 0);
    void *context = device_walk_context(&target);
    device_walk_step(0, out, context);
    free(context);
    (void)close(target.root_fd);
}

Test(device_walk, a_mounted_node_is_seen_and_the_null_device_is_a_mask, .init = make_tree,
     .fini = remove_tree)
{
    static struct device_nodes seen;
    struct mount_entry entries[] = {
        {.root = "/null", .mount_point = "/link/dev/null"},
        {.root = "/file", .mount_point = "/a/b/file"},
        {.root = "/gone", .mount_point = "/a/gone"},
        {.root = "/zero", .mount_point = "/link/dev/zero"},
        {.root = "/", .mount_point = "/link/dev/full"}, /* no file system's root is a node */
    };

    see_devices(entries, 5, &seen);
    cr_expect_str_empty(seen.problem);
    cr_expect(seen.is_missing);
    cr_assert_eq(seen.count, 1);
    cr_expect_str_eq(seen.nodes[0].path, "/link/dev/zero");
    cr_expect_eq(seen.nodes[0].major, 1);
    cr_expect_eq(seen.nodes[0].minor, 5);
}

Test(device_walk, a_mount_point_that_cannot_be_looked_at_is_a_problem, .init = make_tree,
     .fini = remove_tree)
{
    static struct device_nodes seen;
    char path[300] = "/";
    struct mount_entry entry = {.root = "/x", .mount_point = path};

    memset(path + 1, 'x', sizeof path - 2); /* longer than a file's name may be */
    see_devices(&entry, 1, &seen);
    cr_expect_eq(seen.code, ENAMETOOLONG);
    cr_expect_eq(seen.count, 0);
}

Test(shared_list, texts_come_out_and_a_full_list_says_so)
{
    static struct shared_list list;
    struct strset set = {0};
    char long_text[1000];

    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    cr_expect(shared_list_add(&list, "%s", "b"));
    cr_expect(shared_list_add(&list, "a %d", 1));
    shared_list_read(&list, &set);
    cr_assert_eq(set.count, 2);
    cr_expect_str_eq(set.items[0], "a 1");
    for (int i = 0; i < 20; i++)
        (void)shared_list_add(&list, "%d%s", i, long_text);
    cr_expect(list.is_full);
    cr_expect_leq(list.used, sizeof list.text);
    strset_free(&set);
}

Test(mount_kind, paths_below_a_folder_are_told_from_those_beside_it)
{
    cr_expect(path_is_below("/a/b", "/a"));
    cr_expect(path_is_below("/a", "/a"));
    cr_expect(path_is_below("/a", "/"));
    cr_expect_not(path_is_below("/ab", "/a"));
    cr_expect_not(path_is_below("/", "/a"));
}

Test(mount_kind, options_and_types_are_found_as_whole_words)
{
    struct mount_entry entry = {.options = "rw,nosuid", .super_options = "ro,size=1k", .type = ""};
    static const struct {
        const char *type;
        enum mount_kind kind;
    } types[] = {
        {"ext4", MOUNT_STORAGE},    {"overlay", MOUNT_STORAGE}, {"fuse.sshfs", MOUNT_SHARED},
        {"fuseblk", MOUNT_STORAGE}, {"tmpfs", MOUNT_MEMORY},    {"proc", MOUNT_PSEUDO},
        {"nfs4", MOUNT_NETWORK},    {"", MOUNT_STORAGE},
    };

    cr_expect(mount_has_option(&entry, "ro"));
    cr_expect(mount_has_option(&entry, "nosuid"));
    cr_expect_not(mount_has_option(&entry, "suid"));
    cr_expect_not(mount_has_option(&entry, "size"));
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        entry.type = (char *)(uintptr_t)types[i].type;
        cr_expect_eq(mount_kind(&entry), types[i].kind, "%s", types[i].type);
    }
}
