/*
 * What counts as a privileged container.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/core/privilege.h"

static const struct fact_key bounding = {.name = "capabilities.bounding", .type = VALUE_SET};
static const struct fact_key mode = {.name = "seccomp.mode", .type = VALUE_TEXT};
static const struct fact_key root = {.name = "user.namespace_root", .type = VALUE_INTEGER};
static const struct fact_key options = {
    .name = "mount.options", .type = VALUE_SET, .subjects = SUBJECTS_ALL};
static const struct fact_key paths = {
    .name = "kernel.path", .type = VALUE_TEXT, .subjects = SUBJECTS_ALL};

/* CapBnd of 38-capability kernels (Linux 3.16 to 5.7) and of those with the three since. */
static const char old_names[] =
    "CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL CAP_SETGID "
    "CAP_SETUID CAP_SETPCAP CAP_LINUX_IMMUTABLE CAP_NET_BIND_SERVICE CAP_NET_BROADCAST "
    "CAP_NET_ADMIN CAP_NET_RAW CAP_IPC_LOCK CAP_IPC_OWNER CAP_SYS_MODULE CAP_SYS_RAWIO "
    "CAP_SYS_CHROOT CAP_SYS_PTRACE CAP_SYS_PACCT CAP_SYS_ADMIN CAP_SYS_BOOT CAP_SYS_NICE "
    "CAP_SYS_RESOURCE CAP_SYS_TIME CAP_SYS_TTY_CONFIG CAP_MKNOD CAP_LEASE CAP_AUDIT_WRITE "
    "CAP_AUDIT_CONTROL CAP_SETFCAP CAP_MAC_OVERRIDE CAP_MAC_ADMIN CAP_SYSLOG CAP_WAKE_ALARM "
    "CAP_BLOCK_SUSPEND CAP_AUDIT_READ";
static const char new_names[] = " CAP_PERFMON CAP_BPF CAP_CHECKPOINT_RESTORE";

static struct strset set_of(const char *names)
{
    struct strset set = {0};

    for (names += strspn(names, " "); *names != '\0'; names += strspn(names, " ")) {
        size_t length = strcspn(names, " ");
        CLEANUP(mem_free_text) char *name = mem_copy_n(names, length);
        strset_add(&set, name);
        names += length;
    }
    return set;
}

static void put_set(struct facts *facts, const struct fact_key *key, const char *subject,
                    const char *names)
{
    struct strset set = set_of(names);

    (void)facts_put_set(facts, key, subject, &set);
}

struct setting {
    const char *more;    /* capabilities besides the old ones */
    const char *without; /* one of the old ones, or NULL */
    const char *mode;
    const char *sys;         /* options of /sys */
    int64_t root;            /* -1: not mapped */
    const char *kernel_path; /* what it is for /proc/sysrq-trigger, or NULL */
};

static enum privilege level_of(const struct setting *setting, const char *evidence)
{
    struct facts facts = {0};
    CLEANUP(mem_free_text) char *names = mem_format("%s%s", old_names, setting->more);
    CLEANUP(mem_free_text) char *words = NULL;
    struct strset set = set_of(names);

    if (setting->without != NULL)
        strset_remove(&set, setting->without);
    (void)facts_put_set(&facts, &bounding, NULL, &set);
    (void)facts_put_text(&facts, &mode, NULL, setting->mode);
    put_set(&facts, &options, "/sys", setting->sys);
    if (setting->kernel_path != NULL)
        (void)facts_put_text(&facts, &paths, "/proc/sysrq-trigger", setting->kernel_path);
    if (setting->root < 0)
        (void)facts_put_absent(&facts, &root, NULL);
    else
        (void)facts_put_integer(&facts, &root, NULL, setting->root);
    enum privilege level = privilege_of(&facts, &words);
    cr_expect_str_eq(words, evidence);
    facts_free(&facts);
    return level;
}

Test(privilege, is_told_from_capabilities_filter_and_kernel_together)
{
    static const struct {
        struct setting setting;
        enum privilege level;
        const char *evidence;
    } cases[] = {
        {{"", NULL, "disabled", "rw", 0, NULL},
         PRIVILEGE_FULL,
         "every capability, no seccomp filter, /sys is writable"},
        {{new_names, NULL, "disabled", "rw", 0, "writable"},
         PRIVILEGE_FULL,
         "every capability, no seccomp filter, /proc/sysrq-trigger is writable"},
        {{new_names, NULL, "disabled", "ro", 0, "masked"},
         PRIVILEGE_NEARLY,
         "every capability, no seccomp filter"},
        {{"", NULL, "filter", "rw", 0, NULL},
         PRIVILEGE_NEARLY,
         "every capability, /sys is writable"},
        {{new_names, "CAP_SYS_RESOURCE", "disabled", "rw", 0, NULL},
         PRIVILEGE_NEARLY,
         "CAP_SYS_ADMIN, no seccomp filter, /sys is writable"},
        {{"", "CAP_SYS_RESOURCE", "filter", "rw", 0, NULL}, PRIVILEGE_ORDINARY, ""},
        {{"", "CAP_SYS_ADMIN", "disabled", "rw", 0, NULL}, PRIVILEGE_ORDINARY, ""},
        {{"", NULL, "disabled", "rw", 100000, NULL},
         PRIVILEGE_ORDINARY,
         "every capability, no seccomp filter, /sys is writable, but root in here is another user "
         "outside"},
        {{"", NULL, "filter", "ro", -1, NULL},
         PRIVILEGE_ORDINARY,
         "every capability, but root in here is another user outside"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_eq(level_of(&cases[i].setting, cases[i].evidence), cases[i].level, "case %zu", i);
}

Test(privilege, is_unknown_without_its_facts)
{
    struct facts facts = {0};
    char *evidence = NULL;

    cr_expect_eq(privilege_of(&facts, &evidence), PRIVILEGE_UNKNOWN);
    cr_expect_str_eq(evidence, "the bounding set is not known");
    free(evidence);
    put_set(&facts, &bounding, NULL, old_names);
    (void)facts_put_unknown(&facts, &mode, NULL, "x");
    cr_expect_eq(privilege_of(&facts, &evidence), PRIVILEGE_UNKNOWN);
    cr_expect_str_eq(evidence, "the seccomp mode is not known");
    free(evidence);
    facts_free(&facts);
}
