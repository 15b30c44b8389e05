/*
 * Whether control groups can be written, by mount tables of both versions.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/probe.h"
#include "probes/target.h"
#include "tests/unit/fixture.h"

extern const struct probe probe_cgroup;

static const char place[] = "/sys/fs/cgroup";

/* The facts under this mount table, which is taken over. root_fd is closed. */
static struct facts observe(char *table, size_t length, int root_fd)
{
    struct target target = {.is_self = true, .root_fd = root_fd};
    struct observe_request request = {0};
    struct facts facts = {0};
    struct error err = {0};

    target.witness.answered[WITNESS_FACCESSAT2] = true;
    cr_assert(mount_table_parse(table, length, &target.mounts, &err), "%s", err.text);
    probe_cgroup.observe(&target, &request, &facts);
    mount_table_free(&target.mounts);
    if (root_fd >= 0)
        (void)close(root_fd);
    return facts;
}

static struct facts observe_fixture(const char *name)
{
    size_t length = 0;
    char *text = fixture_read(name, &length);

    return observe(text, length, -1);
}

Test(cgroup, a_read_only_mount_is_told_on_both_versions)
{
    static const char *const points[] = {"/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/memory",
                                         "/sys/fs/cgroup/pids"};
    struct facts facts = observe_fixture("mountinfo/private-v2");

    cr_expect_eq(facts.count, 1);
    cr_expect_str_eq(facts_find(&facts, "cgroup.write", place)->value.text, "read-only");
    facts_free(&facts);
    facts = observe_fixture("mountinfo/podman-v1");
    cr_expect_eq(facts.count, 3); /* the tmpfs around them is none */
    for (size_t i = 0; i < 3; i++)
        cr_expect_str_eq(facts_find(&facts, "cgroup.write", points[i])->value.text, "read-only");
    facts_free(&facts);
}

Test(cgroup, where_none_is_mounted_there_is_none)
{
    struct facts facts = observe_fixture("mountinfo/gvisor");

    cr_expect_eq(facts.count, 1);
    cr_expect_eq(facts_find(&facts, "cgroup.write", place)->state, FACT_ABSENT);
    facts_free(&facts);
}

Test(cgroup, a_writable_v2_tree_is_told_and_its_permissions)
{
    static const char line[] = "28 27 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup rw\n";
    char folder[] = "/tmp/watertight-test-XXXXXX";

    cr_assert_not_null(mkdtemp(folder));
    for (int is_writable = 0; is_writable < 2; is_writable++) {
        int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (is_writable == 1) {
            cr_assert_eq(mkdirat(fd, "sys", 0700), 0);
            cr_assert_eq(mkdirat(fd, "sys/fs", 0700), 0);
            cr_assert_eq(mkdirat(fd, "sys/fs/cgroup", 0700), 0);
        }
        struct facts facts = observe(mem_copy(line), strlen(line), fd);
        const struct fact *fact = facts_find(&facts, "cgroup.write", place);
        cr_expect_str_eq(fact->value.text, is_writable == 1 ? "writable" : "denied");
        cr_expect_null(fact->detail); /* only v1 has a release_agent */
        facts_free(&facts);
    }
    CLEANUP(mem_free_text) char *command = mem_format("rm -r %s", folder);
    cr_expect_eq(system(command), 0);
}

Test(cgroup, a_mount_that_could_not_be_asked_about_is_unknown)
{
    static const char line[] = "28 27 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup rw\n";
    struct facts facts = observe(mem_copy(line), strlen(line), -1);

    cr_expect_eq(facts_find(&facts, "cgroup.write", place)->state, FACT_UNKNOWN);
    facts_free(&facts);
}
