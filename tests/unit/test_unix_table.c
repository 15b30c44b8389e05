/*
 * The parsers of net/unix and of fdinfo.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/fdinfo.h"
#include "probes/unix_table.h"
#include "tests/unit/fixture.h"

static const char header[] = "Num       RefCount Protocol Flags    Type St Inode Path\n";

Test(unix_table, abstract_sockets_of_shims_are_found_among_others)
{
    CLEANUP(strset_free) struct strset found = {0};
    struct error err = {0};
    size_t length = 0;
    CLEANUP(mem_free_text) char *text = fixture_read("unix/shims", &length);

    cr_assert(unix_table_abstract(text, length, "@/containerd-shim/", &found, &err), "%s",
              err.text);
    cr_assert_eq(found.count, 2);
    cr_expect_str_eq(found.items[0], "@/containerd-shim/3a5c.sock@");
    cr_expect_str_eq(found.items[1], "@/containerd-shim/moby/9f2c/shim.sock");
}

Test(unix_table, an_empty_table_has_none)
{
    CLEANUP(strset_free) struct strset found = {0};

    cr_expect(unix_table_abstract(header, strlen(header), "@", &found, NULL));
    cr_expect_eq(found.count, 0);
}

Test(unix_table, malformed_lines_are_named)
{
    static const char *const lines[] = {
        "",
        "x",
        "00: 2 0 0 1 1",
        "00 2 0 0 1 1 5 @a",
        "00: 2 0 0 1 1 5f @a",
        "00: 2 0 0 1 1: 5 @a",
        "zz: 2 0 0 1 1 5 @a",
        "00: 2 0 0 1 1 99999999999999999999 @a",
        ": 2 0 0 1 1 5 @a",
    };

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        CLEANUP(mem_free_text) char *text = mem_format("%s%s\n", header, lines[i]);
        CLEANUP(strset_free) struct strset found = {0};
        struct error err = {0};
        cr_expect_not(unix_table_abstract(text, strlen(text), "@", &found, &err), "%s", lines[i]);
        cr_expect_str_eq(err.text, "net/unix: line 2 is malformed");
    }
    CLEANUP(strset_free) struct strset found = {0};
    cr_expect_not(unix_table_abstract("", 0, "@", &found, NULL));
    cr_expect_not(unix_table_abstract("No\n", 3, "@", &found, NULL));
}

Test(fdinfo, the_mount_is_read)
{
    static const char text[] = "pos:\t0\nflags:\t02100000\nmnt_id:\t27\nino:\t2\n";
    int mount = 0;

    cr_expect(fdinfo_mount(text, strlen(text), &mount, NULL));
    cr_expect_eq(mount, 27);
}

Test(fdinfo, malformed_texts_are_refused)
{
    static const char *const texts[] = {
        "",
        "pos:\t0\n",
        "mnt_id:\n",
        "mnt_id:\tx\n",
        "mnt_id:\t1 2\n",
        "mnt_id:\t-1\n",
        "mnt_id:\t4294967296\n",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct error err = {0};
        int mount = 0;
        cr_expect_not(fdinfo_mount(texts[i], strlen(texts[i]), &mount, &err), "%s", texts[i]);
        cr_expect_neq(err.text[0], '\0');
    }
}

Test(fdinfo, the_process_of_a_pidfd_is_read)
{
    static const struct {
        const char *text;
        int number;
        size_t depth;
    } rows[] = {
        {"pos:\t0\nmnt_id:\t4\nPid:\t42\nNSpid:\t42\n", 42, 1},
        {"Pid:\t42\nNSpid:\t42\t7\t1\n", 42, 3},
        {"Pid:\t0\nNSpid:\t0\n", 0, 1},
        {"Pid:\t-1\nNSpid:\t-1\n", -1, 1},
        {"Pid:\t42\n", 42, 1},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fdinfo_process process = {0};
        cr_expect(fdinfo_process(rows[i].text, strlen(rows[i].text), &process, NULL));
        cr_expect_eq(process.number, rows[i].number, "%s", rows[i].text);
        cr_expect_eq(process.depth, rows[i].depth, "%s", rows[i].text);
    }
}

Test(fdinfo, malformed_processes_are_refused)
{
    static const char *const texts[] = {
        "",
        "mnt_id:\t4\n",
        "NSpid:\t42\n",
        "Pid:\n",
        "Pid:\tx\n",
        "Pid:\t-2\n",
        "Pid:\t1 2\n",
        "Pid:\t4294967296\n",
        "Pid:\t42\nNSpid:\n",
        "Pid:\t42\nNSpid:\t42 x\n",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct error err = {0};
        struct fdinfo_process process = {0};
        cr_expect_not(fdinfo_process(texts[i], strlen(texts[i]), &process, &err), "%s", texts[i]);
        cr_expect_neq(err.text[0], '\0');
    }
}
