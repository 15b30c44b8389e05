/*
 * The probes on this very process: every key gets its rows, and the write attempts are told apart.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probes/observe.h"

static struct facts observe_paths(const char *const *paths)
{
    struct observe_request request = {.wants_all = true};
    struct facts facts = {0};

    for (; *paths != NULL; paths++)
        strset_add(&request.write_paths, *paths);
    observe_self(&request, &facts);
    strset_free(&request.write_paths);
    return facts;
}

static const char *write_of(const struct facts *facts, const char *path)
{
    const struct fact *fact = facts_find(facts, "filesystem.write", path);

    cr_assert_not_null(fact, "%s", path);
    cr_assert_eq(fact->state, FACT_KNOWN, "%s: %s", path, fact->reason);
    return fact->value.text;
}

Test(probes, every_key_that_a_probe_declares_gets_a_row)
{
    static const char *const paths[] = {"/tmp", NULL};
    struct facts facts = observe_paths(paths);
    struct fact_catalog catalog = observe_catalog();

    for (size_t i = 0; i < catalog.count; i++) {
        bool has_row = false;
        for (size_t k = 0; k < facts.count; k++)
            has_row |= facts.rows[k].key == catalog.keys[i];
        cr_expect(has_row, "%s", catalog.keys[i]->name);
    }
    fact_catalog_free(&catalog);
    facts_free(&facts);
}

Test(probes, every_key_is_described)
{
    struct fact_catalog catalog = observe_catalog();

    for (size_t i = 0; i < catalog.count; i++) {
        const struct fact_key *key = catalog.keys[i];
        cr_expect_gt(strlen(key->summary), 3, "%s", key->name);
        cr_expect_eq(key->subjects == SUBJECTS_NONE, key->subject_name == NULL, "%s", key->name);
        cr_expect_eq(fact_catalog_find(&catalog, key->name), key, "%s is declared twice",
                     key->name);
    }
    fact_catalog_free(&catalog);
}

Test(filesystem, a_folder_a_file_and_a_missing_path_are_told_apart)
{
    char folder[] = "/tmp/watertight-test-XXXXXX";
    char file[64];
    char gone[64];

    cr_assert_not_null(mkdtemp(folder));
    (void)snprintf(file, sizeof file, "%s/file", folder);
    (void)snprintf(gone, sizeof gone, "%s/gone", folder);
    int fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    cr_assert_geq(fd, 0);
    (void)close(fd);
    const char *paths[] = {folder, file, gone, "/proc", "/dev/null", NULL};
    struct facts facts = observe_paths(paths);
    cr_expect_str_eq(write_of(&facts, folder), "writable");
    cr_expect_str_eq(write_of(&facts, file), "writable");
    cr_expect_str_eq(write_of(&facts, gone), "missing");
    cr_expect_str_neq(write_of(&facts, "/proc"), "missing");
    facts_free(&facts);
    (void)unlink(file);
    cr_expect_eq(rmdir(folder), 0, "something was left in %s", folder);
}

Test(filesystem, a_folder_that_the_user_may_not_write_is_eacces_with_the_reason)
{
    static const char *const paths[] = {"/etc", NULL};

    if (geteuid() == 0)
        cr_assert_eq(setresuid(12345, 12345, 12345), 0);
    struct facts facts = observe_paths(paths);
    cr_expect_str_eq(write_of(&facts, "/etc"), "EACCES");
    const char *detail = facts_find(&facts, "filesystem.write", "/etc")->detail;
    cr_expect(detail != NULL && strstr(detail, "mode 0755, owner 0:0") != NULL, "%s", detail);
    facts_free(&facts);
}

Test(filesystem, a_file_that_is_open_to_nobody_is_told_from_the_folder)
{
    char folder[] = "/tmp/watertight-test-XXXXXX";

    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chmod(folder, 0500), 0);
    const char *const paths[] = {folder, NULL};
    if (geteuid() == 0) {
        cr_assert_eq(chown(folder, 12345, 12345), 0);
        cr_assert_eq(setresuid(12345, 12345, 0), 0);
    }
    struct facts facts = observe_paths(paths);
    cr_expect_str_eq(write_of(&facts, folder), "EACCES");
    facts_free(&facts);
    if (setresuid(0, 0, 0) != 0)
        cr_expect_neq(geteuid(), 0);
    (void)rmdir(folder);
}
