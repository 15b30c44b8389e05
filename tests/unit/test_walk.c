/*
 * The bounded walk, over a folder made for it, and what children write into shared memory.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probes/mount_kind.h"
#include "probes/shared_list.h"
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

static enum walk_end walk_tree(struct seen *seen)
{
    struct timespec deadline = walk_deadline();
    int root = open("/", O_PATH | O_CLOEXEC);
    enum walk_end end = walk(root, folder, &deadline, see, seen);

    (void)close(root);
    return end;
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
    int root = open("/", O_PATH | O_CLOEXEC);

    cr_expect_eq(walk(root, folder, &deadline, see, &seen), WALK_CUT);
    cr_expect_not_null(walk_words(WALK_CUT));
    cr_expect_null(walk_words(WALK_DONE));
    (void)close(root);
    strset_free(&seen.paths);
}

Test(walk, what_cannot_be_reached_holds_nothing)
{
    struct seen seen = {0};
    struct timespec deadline = walk_deadline();
    int root = open("/", O_PATH | O_CLOEXEC);

    cr_expect_eq(walk(root, "/none/such", &deadline, see, &seen), WALK_DONE);
    cr_expect_eq(seen.visits, 0);
    (void)close(root);
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
