/*
 * Two sources, one answer: the system calls and the status file.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "probes/credentials.h"

/* A witness to whom everything was answered: uid and gid 1000, group 7, some capabilities. */
static struct witness full_witness(gid_t *groups)
{
    struct witness witness = {
        .uid = {1000, 1000, 1000},
        .gid = {1000, 1000, 1000},
        .group_count = 1,
        .groups = groups,
        .effective = 1,
        .permitted = 3,
        .bounding = 7,
        .no_new_privs = true,
        .seccomp_mode = 2,
    };

    groups[0] = 7;
    for (size_t i = 0; i < WITNESS_CALLS; i++)
        witness.answered[i] = true;
    return witness;
}

/* A status file that agrees with it. */
static struct process_status full_status(gid_t *groups)
{
    groups[0] = 7;
    return (struct process_status){
        .uid = {1000, 1000, 1000, 1000},
        .gid = {1000, 1000, 1000, 1000},
        .group_count = 1,
        .groups = groups,
        .effective = 1,
        .permitted = 3,
        .bounding = 7,
        .has_ambient = true,
        .has_no_new_privs = true,
        .no_new_privs = true,
        .has_seccomp = true,
        .seccomp_mode = 2,
        .has_seccomp_filters = true,
        .seccomp_filters = 4,
    };
}

Test(credentials, agreeing_sources_make_everything_known)
{
    gid_t groups[2];
    struct witness witness = full_witness(&groups[0]);
    struct process_status status = full_status(&groups[1]);
    struct credentials credentials;

    credentials_merge(&witness, &status, "", &credentials);
    for (size_t i = 0; i < CREDENTIAL_COUNT; i++)
        cr_expect(credentials.known[i], "%zu", i);
    cr_expect_eq(credentials.uid[3], 1000);
    cr_expect_eq(credentials.seccomp_filters, 4);
    cr_expect_str_empty(credentials.conflict);
    credentials_free(&credentials);
}

Test(credentials, the_system_calls_alone_suffice_but_for_two)
{
    gid_t group;
    struct witness witness = full_witness(&group);
    struct credentials credentials;

    credentials_merge(&witness, NULL, "there is no procfs", &credentials);
    for (size_t i = 0; i < CREDENTIAL_COUNT; i++) {
        bool needs_file = i == CREDENTIAL_FILESYSTEM_IDS || i == CREDENTIAL_SECCOMP_FILTERS;
        cr_expect_eq(credentials.known[i], !needs_file, "%zu", i);
        if (needs_file)
            cr_expect(strstr(credentials.reason[i], "there is no procfs") != NULL);
    }
    credentials_free(&credentials);
}

Test(credentials, the_status_file_alone_suffices)
{
    gid_t group;
    struct witness witness = {0};
    struct process_status status = full_status(&group);
    struct credentials credentials;

    credentials_merge(&witness, &status, "", &credentials);
    for (size_t i = 0; i < CREDENTIAL_COUNT; i++)
        cr_expect(credentials.known[i], "%zu", i);
    cr_expect_eq(credentials.permitted, 3);
    cr_expect_eq(credentials.groups[0], 7);
    credentials_free(&credentials);
}

Test(credentials, without_a_source_everything_is_unknown_and_says_why)
{
    struct witness witness = {0};
    struct credentials credentials;

    for (size_t i = 0; i < WITNESS_CALLS; i++)
        (void)strcpy(witness.reason[i], "killed");
    credentials_merge(&witness, NULL, "there is no procfs", &credentials);
    for (size_t i = 0; i < CREDENTIAL_COUNT; i++) {
        cr_expect_not(credentials.known[i], "%zu", i);
        cr_expect_gt(strlen(credentials.reason[i]), 10, "%zu", i);
    }
    cr_expect(strstr(credentials.reason[CREDENTIAL_EFFECTIVE], "killed") != NULL);
    credentials_free(&credentials);
}

Test(credentials, a_contradiction_makes_that_credential_unknown)
{
    gid_t groups[2];

    for (int field = 0; field < 7; field++) {
        struct witness witness = full_witness(&groups[0]);
        struct process_status status = full_status(&groups[1]);
        struct credentials credentials;
        static const enum credential expected[] = {
            CREDENTIAL_UIDS,      CREDENTIAL_GIDS,         CREDENTIAL_GROUPS,
            CREDENTIAL_EFFECTIVE, CREDENTIAL_NO_NEW_PRIVS, CREDENTIAL_SECCOMP_MODE,
            CREDENTIAL_BOUNDING,
        };
        status.uid[1] = field == 0 ? 0 : status.uid[1];
        status.gid[2] = field == 1 ? 0 : status.gid[2];
        groups[1] = field == 2 ? 8 : 7;
        status.effective = field == 3 ? 0 : status.effective;
        status.no_new_privs = field != 4;
        status.seccomp_mode = field == 5 ? 0 : 2;
        status.bounding = field == 6 ? 0 : 7;
        credentials_merge(&witness, &status, "", &credentials);
        cr_expect_not(credentials.known[expected[field]], "%d", field);
        cr_expect_str_not_empty(credentials.conflict, "%d", field);
        credentials_free(&credentials);
    }
}

/* As of gVisor, and of Linux before 4.3. */
Test(credentials, a_kernel_without_ambient_capabilities_has_none_in_the_set)
{
    gid_t groups[2];
    struct witness witness = full_witness(&groups[0]);
    struct process_status status = full_status(&groups[1]);
    struct credentials credentials;

    witness.answered[WITNESS_AMBIENT] = false;
    status.has_ambient = false;
    credentials_merge(&witness, &status, "", &credentials);
    cr_expect(credentials.known[CREDENTIAL_AMBIENT]);
    cr_expect_eq(credentials.ambient, 0);
    credentials_free(&credentials);
    credentials_merge(&witness, NULL, "there is no procfs", &credentials);
    cr_expect_not(credentials.known[CREDENTIAL_AMBIENT]);
    credentials_free(&credentials);
}
