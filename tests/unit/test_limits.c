/*
 * The limits of control groups: their texts, and trees as cgroup v1 and v2 lay them out.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/limit_read.h"
#include "probes/limit_text.h"
#include "tests/unit/fixture.h"

Test(limit_text, numbers_and_max_are_read)
{
    static const struct {
        const char *text;
        int64_t limit;
    } cases[] = {
        {"max\n", LIMIT_NONE},
        {"268435456\n", 268435456},
        {"0\n", 0},
        {"100", 100},
        {"9223372036854771712\n", LIMIT_NONE}, /* v1 without a limit, pages of 4 KiB */
        {"9223372036854710272\n", LIMIT_NONE}, /* of 64 KiB */
        {"18446744073709551615\n", LIMIT_NONE},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t limit = 0;
        cr_assert(limit_text_number(cases[i].text, strlen(cases[i].text), &limit, NULL));
        cr_expect_eq(limit, cases[i].limit, "%s", cases[i].text);
    }
}

Test(limit_text, quotas_become_thousandths_of_a_cpu)
{
    static const struct {
        const char *text;
        int64_t limit;
    } cases[] = {
        {"max 100000\n", LIMIT_NONE},
        {"50000 100000\n", 500},
        {"200000 100000\n", 2000},
        {"1000 100000\n", 10},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t limit = 0;
        cr_assert(limit_text_cpu_max(cases[i].text, strlen(cases[i].text), &limit, NULL));
        cr_expect_eq(limit, cases[i].limit, "%s", cases[i].text);
    }
}

typedef bool reader(const char *, size_t, int64_t *, struct error *);

static bool read_stat(const char *text, size_t length, int64_t *out, struct error *err)
{
    return limit_text_stat(text, length, "hierarchical_memory_limit", out, err);
}

Test(limit_text, malformed_texts_are_refused)
{
    static const struct {
        reader *read;
        const char *text;
    } cases[] = {
        {limit_text_number, ""},
        {limit_text_number, "maximum\n"},
        {limit_text_number, "-1\n"},
        {limit_text_number, "1 2\n"},
        {limit_text_number, "1\n\n"},
        {limit_text_number, "18446744073709551616\n"},
        {limit_text_cpu_max, ""},
        {limit_text_cpu_max, "50000\n"},
        {limit_text_cpu_max, "50000 0\n"},
        {limit_text_cpu_max, "50000 max\n"},
        {limit_text_cpu_max, "1 2 3\n"},
        {limit_text_cpu_max, "9223372036854700000 1\n"},
        {limit_text_signed, ""},
        {limit_text_signed, "-\n"},
        {limit_text_signed, "--1\n"},
        {limit_text_signed, "9223372036854775808\n"},
        {read_stat, "cache 1\n"},
        {read_stat, "hierarchical_memory_limit\n"},
        {read_stat, "hierarchical_memory_limit x\n"},
        {read_stat, "hierarchical_memory_limit 1 2\n"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t limit = 0;
        struct error err = {0};
        cr_expect_not(cases[i].read(cases[i].text, strlen(cases[i].text), &limit, &err), "%zu", i);
        cr_expect_gt(strlen(err.text), 3);
    }
}

/* --- trees ---------------------------------------------------------------------------------- */

struct tree {
    char folder[40];
    int fd;
    struct control_group_place place; /* its texts are constants */
};

static struct tree plant(bool is_v2, char *path)
{
    static char mount_point[] = "/sys/fs/cgroup";
    struct tree tree = {.folder = "/tmp/watertight-test-XXXXXX"};
    struct stat status;

    cr_assert_not_null(mkdtemp(tree.folder));
    tree.fd = open(tree.folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    cr_assert_eq(fstat(tree.fd, &status), 0);
    tree.place = (struct control_group_place){.is_v2 = is_v2,
                                              .major = major(status.st_dev),
                                              .minor = minor(status.st_dev),
                                              .mount_point = mount_point,
                                              .path = path};
    cr_assert_eq(mkdirat(tree.fd, "sys", 0700), 0);
    cr_assert_eq(mkdirat(tree.fd, "sys/fs", 0700), 0);
    cr_assert_eq(mkdirat(tree.fd, "sys/fs/cgroup", 0700), 0);
    return tree;
}

static void grow(const struct tree *tree, const char *directory, const char *name, const char *text)
{
    CLEANUP(mem_free_text) char *parent = mem_format("sys/fs/cgroup%s", directory);
    CLEANUP(mem_free_text) char *path = mem_format("%s/%s", parent, name);

    (void)mkdirat(tree->fd, parent, 0700);
    int fd = openat(tree->fd, path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
}

static void fell(struct tree *tree)
{
    CLEANUP(mem_free_text) char *command = mem_format("rm -r %s", tree->folder);

    (void)close(tree->fd);
    cr_expect_eq(system(command), 0);
}

static int64_t limit_of(const struct tree *tree, enum limit_kind kind)
{
    struct error err = {0};
    int64_t least = 0;

    cr_assert(limit_read(tree->fd, &tree->place, kind, &least, &err), "%s", err.text);
    return least;
}

/* Grows a line "GROUP FILE WORDS" of tests/fixtures/limits/cgroup-v2. */
static void grow_line(const struct tree *tree, char *line)
{
    char *name = strchr(line, ' ');
    char *words = strchr(name + 1, ' ');

    *name = *words = '\0';
    CLEANUP(mem_free_text) char *text = mem_format("%s\n", words + 1);
    grow(tree, line, name + 1, text);
}

/* The group of a container, /tight/nested, first, and a tighter one above it. */
static void grow_fixture(const struct tree *tree)
{
    size_t length = 0;
    CLEANUP(mem_free_text) char *text = fixture_read("limits/cgroup-v2", &length);
    char *rest = text;

    cr_assert_eq(mkdirat(tree->fd, "sys/fs/cgroup/tight", 0700), 0);
    for (char *line = strsep(&rest, "\n"); rest != NULL; line = strsep(&rest, "\n"))
        grow_line(tree, line);
}

Test(limit_read, the_least_limit_on_the_way_up_holds_on_v2)
{
    char path[] = "/tight/nested";
    struct tree tree = plant(true, path);

    grow_fixture(&tree);
    cr_expect_eq(limit_of(&tree, LIMIT_MEMORY), 33554432); /* its own: 67108864 */
    cr_expect_eq(limit_of(&tree, LIMIT_SWAP), 0);
    cr_expect_eq(limit_of(&tree, LIMIT_PIDS), 20);
    cr_expect_eq(limit_of(&tree, LIMIT_CPU), 500);
    grow(&tree, "/tight", "memory.max", "max\n");
    cr_expect_eq(limit_of(&tree, LIMIT_MEMORY), 67108864);
    fell(&tree);
}

Test(limit_read, a_group_without_limits_has_none_on_v2)
{
    char path[] = "";
    struct tree tree = plant(true, path);

    grow(&tree, "", "memory.max", "max\n"); /* the other controllers are not enabled here */
    for (enum limit_kind i = 0; i < LIMIT_KINDS; i++)
        cr_expect_eq(limit_of(&tree, i), LIMIT_NONE);
    fell(&tree);
}

Test(limit_read, the_kernels_own_sum_counts_on_v1)
{
    char path[] = "";
    struct tree tree = plant(false, path);

    grow(&tree, "", "memory.stat",
         "cache 0\nhierarchical_memory_limit 1000\nhierarchical_memsw_limit 1500\ntotal_rss 1\n");
    grow(&tree, "", "pids.max", "9\n");
    grow(&tree, "", "cpu.cfs_quota_us", "150000\n");
    grow(&tree, "", "cpu.cfs_period_us", "100000\n");
    cr_expect_eq(limit_of(&tree, LIMIT_MEMORY), 1000);
    cr_expect_eq(limit_of(&tree, LIMIT_SWAP), 500);
    cr_expect_eq(limit_of(&tree, LIMIT_PIDS), 9);
    cr_expect_eq(limit_of(&tree, LIMIT_CPU), 1500);
    fell(&tree);
}

Test(limit_read, malformed_and_foreign_files_are_no_limit)
{
    char path[] = "";
    struct tree tree = plant(true, path);
    struct error err = {0};
    int64_t least = 0;

    grow(&tree, "", "memory.max", "lots\n");
    grow(&tree, "", "pids.max", "9\n");
    cr_expect_not(limit_read(tree.fd, &tree.place, LIMIT_MEMORY, &least, &err));
    cr_expect_not_null(strstr(err.text, "neither"), "%s", err.text);
    tree.place.minor++;
    cr_expect_not(limit_read(tree.fd, &tree.place, LIMIT_PIDS, &least, &err));
    cr_expect_not_null(strstr(err.text, "mounted over"), "%s", err.text);
    fell(&tree);
}
