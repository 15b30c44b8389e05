/*
 * The parser of the status file.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "probes/capname.h"
#include "probes/status.h"
#include "tests/unit/fixture.h"

/* As Linux 6.18 prints it, without the lines that are not looked at in between. */
#define HEAD "Name:\tsh\nUmask:\t0022\nPid:\t7\n"
#define IDS "Uid:\t1000\t1001\t1002\t1003\nGid:\t50\t51\t52\t53\n"
#define GROUPS "Groups:\t4 24 \n"
#define CAPS                                                                                       \
    "CapInh:\t0000000000000001\nCapPrm:\t00000000a80425fb\nCapEff:\t0000000000000400\n"            \
    "CapBnd:\t000001ffffffffff\n"

static const char whole[] = HEAD IDS GROUPS "FDSize:\t256\nNSpid:\t4242\t7\nVmPeak:\t 100 kB\n" CAPS
                                            "CapAmb:\t0000000000000002\nNoNewPrivs:\t1\n"
                                            "Seccomp:\t2\nSeccomp_filters:\t3\n";

Test(status, every_line_is_read)
{
    struct process_status status;
    struct error err = {0};

    cr_assert(process_status_parse(whole, strlen(whole), &status, &err), "%s", err.text);
    cr_expect_eq(status.pid, 7);
    cr_expect_eq(status.uid[0], 1000);
    cr_expect_eq(status.uid[3], 1003);
    cr_expect_eq(status.gid[1], 51);
    cr_expect(status.has_descriptor_slots);
    cr_expect_eq(status.descriptor_slots, 256);
    cr_expect_eq(status.group_count, 2);
    cr_expect_eq(status.groups[1], 24);
    cr_expect_eq(status.inheritable, 1);
    cr_expect_eq(status.permitted, 0xa80425fb);
    cr_expect_eq(status.effective, 0x400);
    cr_expect_eq(status.bounding, 0x1ffffffffff);
    cr_expect_eq(status.ambient, 2);
    cr_expect(status.no_new_privs);
    cr_expect_eq(status.seccomp_mode, 2);
    cr_expect_eq(status.seccomp_filters, 3);
    process_status_free(&status);
}

Test(status, the_innermost_pid_counts)
{
    static const char text[] = HEAD "NSpid:\t99\t12\t3\n" IDS GROUPS CAPS;
    struct process_status status;

    cr_assert(process_status_parse(text, strlen(text), &status, NULL));
    cr_expect_eq(status.pid, 3);
    process_status_free(&status);
}

Test(status, lines_of_newer_kernels_may_be_missing)
{
    static const char text[] = HEAD IDS "Groups:\t\n" CAPS;
    struct process_status status;
    struct error err = {0};

    cr_assert(process_status_parse(text, strlen(text), &status, &err), "%s", err.text);
    cr_expect_not(status.has_descriptor_slots);
    cr_expect_not(status.has_ambient);
    cr_expect_not(status.has_no_new_privs);
    cr_expect_not(status.has_seccomp);
    cr_expect_not(status.has_seccomp_filters);
    cr_expect_eq(status.group_count, 0);
    process_status_free(&status);
}

/* Linux 5.4 has 38 capabilities, 5.9 and later 41: a full set is full by its names, not its digits.
 */
Test(status, a_full_set_is_read_on_kernels_of_38_and_of_41_capabilities)
{
    static const struct {
        const char *name;
        size_t count;
        const char *last;
    } cases[] = {
        {"status/linux-5.4-all-capabilities", 38, "CAP_AUDIT_READ"},
        {"status/linux-5.15-all-capabilities", 41, "CAP_CHECKPOINT_RESTORE"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct process_status status;
        struct error err = {0};
        size_t length = 0;
        char *text = fixture_read(cases[i].name, &length);
        cr_assert(process_status_parse(text, length, &status, &err), "%s", err.text);
        struct strset names = capname_set(status.bounding);
        cr_expect_eq(names.count, cases[i].count);
        cr_expect(strset_has(&names, cases[i].last));
        strset_free(&names);
        process_status_free(&status);
        free(text);
    }
}

Test(status, gvisors_says_less_and_is_read)
{
    struct process_status status;
    struct error err = {0};
    size_t length = 0;
    char *text = fixture_read("status/gvisor", &length);

    cr_assert(process_status_parse(text, length, &status, &err), "%s", err.text);
    cr_expect_not(status.has_no_new_privs);
    cr_expect_not(status.has_ambient);
    cr_expect_eq(status.seccomp_mode, 0);
    cr_expect_eq(status.uid[1], 1000);
    process_status_free(&status);
    free(text);
}

Test(status, malformed_files_are_refused)
{
    static const struct {
        const char *text;
        const char *error;
    } cases[] = {
        {"", "status: the line Pid: is missing"},
        {HEAD IDS CAPS, "status: the line Groups: is missing"},
        {HEAD IDS GROUPS "CapInh:\t0\n", "status: the line CapPrm: is missing"},
        {HEAD HEAD, "status: the line Pid: stands twice"},
        {"Pid:\t\n", "status: the line Pid: is malformed"},
        {"Pid:\t-1\n", "status: the line Pid: is malformed"},
        {"Pid:\t99999999999\n", "status: the line Pid: is malformed"},
        {"Uid:\t1\t2\t3\n", "status: the line Uid: is malformed"},
        {"Uid:\t1\t2\t3\t4\t5\n", "status: the line Uid: is malformed"},
        {"Uid:\t1\t2\t3\t4294967296\n", "status: the line Uid: is malformed"},
        {"Gid:\t0x1\t2\t3\t4\n", "status: the line Gid: is malformed"},
        {"Groups:\t1 two\n", "status: the line Groups: is malformed"},
        {"CapEff:\t\n", "status: the line CapEff: is malformed"},
        {"CapEff:\t00000000000000000\n1", "status: the line Pid: is missing"},
        {"CapEff:\t10000000000000000\n", "status: the line CapEff: is malformed"},
        {"CapEff:\txyz\n", "status: the line CapEff: is malformed"},
        {"NoNewPrivs:\t2\n", "status: the line NoNewPrivs: is malformed"},
        {"Seccomp:\t3\n", "status: the line Seccomp: is malformed"},
        {"Seccomp:\tyes\n", "status: the line Seccomp: is malformed"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct process_status status;
        struct error err = {0};
        cr_expect_not(process_status_parse(cases[i].text, strlen(cases[i].text), &status, &err));
        cr_expect_str_eq(err.text, cases[i].error, "%s: %s", cases[i].text, err.text);
        process_status_free(&status);
    }
}
