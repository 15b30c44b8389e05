/*
 * The parser of mountinfo.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/mountinfo.h"
#include "tests/unit/fixture.h"

static struct mount_table parse_fixture(const char *name)
{
    struct mount_table table = {0};
    struct error err = {0};
    size_t length = 0;
    char *text = fixture_read(name, &length);

    cr_assert(mount_table_parse(text, length, &table, &err), "%s", err.text);
    return table;
}

Test(mountinfo, every_field_is_read)
{
    struct mount_table table = parse_fixture("mountinfo/docker");
    const struct mount_entry *entry = &table.entries[6];

    cr_expect_eq(table.count, 11);
    cr_expect_eq(entry->id, 1029);
    cr_expect_eq(entry->parent_id, 1023);
    cr_expect_eq(entry->major, 254);
    cr_expect_eq(entry->minor, 1);
    cr_expect_str_eq(entry->mount_point, "/etc/resolv.conf");
    cr_expect_str_eq(entry->options, "rw,relatime");
    cr_expect_str_eq(entry->propagation, "");
    cr_expect_str_eq(entry->type, "ext4");
    cr_expect_str_eq(entry->source, "/dev/vda1");
    cr_expect_str_eq(entry->super_options, "rw");
    cr_expect_str_eq(table.entries[0].propagation, "master:331");
    mount_table_free(&table);
}

Test(mountinfo, escapes_are_undone)
{
    struct mount_table table = parse_fixture("mountinfo/host");

    cr_expect_str_eq(table.entries[2].mount_point, "/mnt/with blank\ttab\\back");
    cr_expect_str_eq(table.entries[2].source, "a source");
    cr_expect_str_eq(table.entries[2].propagation, "shared:9 master:3 propagate_from:2");
    mount_table_free(&table);
}

Test(mountinfo, the_topmost_of_stacked_mounts_is_seen)
{
    struct mount_table table = parse_fixture("mountinfo/host");
    const struct mount_entry *const *visible = table.visible;
    size_t count = table.visible_count;

    cr_expect_eq(count, 3);
    cr_expect_str_eq(visible[1]->mount_point, "/mnt/with blank\ttab\\back");
    cr_expect_str_eq(visible[1]->source, "top");
    cr_expect_eq(mount_table_find(&table, visible[1]->mount_point), visible[1]);
    cr_expect_null(mount_table_find(&table, "/mnt"));
    mount_table_free(&table);
}

Test(mountinfo, a_stack_is_followed_by_parents_not_by_order)
{
    static const char text[] = "3 2 0:1 / /a rw - tmpfs top rw\n"
                               "1 0 0:1 / / rw - tmpfs root rw\n"
                               "2 1 0:1 / /a rw - tmpfs below rw\n";
    struct mount_table table = {0};

    cr_assert(mount_table_parse(mem_copy(text), strlen(text), &table, NULL));
    cr_expect_str_eq(mount_table_find(&table, "/a")->source, "top");
    mount_table_free(&table);
}

/* As systemd-nspawn leaves them: what was mounted at 110 was passed on to 109, which it covers. */
Test(mountinfo, what_is_mounted_below_a_covered_folder_is_not_seen)
{
    static const char text[] = "103 81 254:0 / / rw - ext4 /dev/vda rw\n"
                               "109 103 0:43 / /run rw shared:7 - tmpfs tmpfs rw\n"
                               "110 109 0:43 /host /run/host ro shared:7 - tmpfs tmpfs rw\n"
                               "111 110 254:0 /seen /run/host/file ro - ext4 /dev/vda rw\n"
                               "112 103 0:44 / /run-time rw - tmpfs tmpfs rw\n"
                               "113 109 254:0 /covered /run/host/file rw - ext4 /dev/vda rw\n";
    struct mount_table table = {0};

    cr_assert(mount_table_parse(mem_copy(text), strlen(text), &table, NULL));
    cr_expect_str_eq(mount_table_find(&table, "/run/host/file")->root, "/seen");
    const struct mount_entry *const *visible = table.visible;
    size_t count = table.visible_count;
    cr_expect_eq(count, 5);
    for (size_t i = 1; i < count; i++)
        cr_expect_lt(strcmp(visible[i - 1]->mount_point, visible[i]->mount_point), 0);
    mount_table_free(&table);
}

Test(mountinfo, an_empty_source_is_empty)
{
    static const char text[] = "1 0 0:1 / / rw - tmpfs  rw,size=1k\n";
    struct mount_table table = {0};
    struct error err = {0};

    cr_assert(mount_table_parse(mem_copy(text), strlen(text), &table, &err), "%s", err.text);
    cr_expect_str_eq(table.entries[0].source, "");
    cr_expect_str_eq(table.entries[0].super_options, "rw,size=1k");
    mount_table_free(&table);
}

Test(mountinfo, malformed_lines_are_named)
{
    static const char *const lines[] = {
        "",
        "x",
        "1 0 0:1 / /",
        "1 0 0:1 / / rw tmpfs root rw",
        "1 0 0:1 / / rw -",
        "1 0 0:1 / / rw - tmpfs",
        "1 0 0:1 / / rw - tmpfs root",
        "1 0 0:1 / / rw - tmpfs root rw more",
        "one 0 0:1 / / rw - tmpfs root rw",
        "1 -1 0:1 / / rw - tmpfs root rw",
        "1 0 01 / / rw - tmpfs root rw",
        "1 0 0:x / / rw - tmpfs root rw",
        "99999999999 0 0:1 / / rw - tmpfs root rw",
    };

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char *text = mem_format("1 0 0:1 / / rw - tmpfs root rw\n%s\n", lines[i]);
        struct mount_table table = {0};
        struct error err = {0};
        cr_expect_not(mount_table_parse(text, strlen(text), &table, &err), "%s", lines[i]);
        cr_expect_str_eq(err.text, "mountinfo: line 2 is malformed");
        cr_expect_eq(table.count, 0);
    }
}

Test(mountinfo, fifty_thousand_mounts_at_one_point_are_sorted_out)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    struct mount_table table = {0};

    for (int i = 1; i <= 50000; i++)
        (void)fprintf(out, "%d %d 0:%d / /a rw - tmpfs %d rw\n", i, i - 1, i, i);
    (void)fclose(out);
    cr_assert(mount_table_parse(text, length, &table, NULL));
    const struct mount_entry *const *visible = table.visible;
    size_t count = table.visible_count;
    cr_expect_eq(count, 1);
    cr_expect_str_eq(visible[0]->source, "50000");
    mount_table_free(&table);
}
