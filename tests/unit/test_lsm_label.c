/*
 * The words of security modules: those that a kernel printed, those that engines and managers give,
 * and malformed ones.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/lsm_label.h"
#include "tests/unit/fixture.h"

Test(lsm_label, profiles_and_contexts_are_told_apart)
{
    static const struct {
        const char *text;
        enum lsm_kind kind;
        const char *label;
        const char *part;
    } cases[] = {
        {"docker-default (enforce)\n", LSM_APPARMOR, "docker-default (enforce)", "enforce"},
        {"cri-containerd.apparmor.d (enforce)\n", LSM_APPARMOR,
         "cri-containerd.apparmor.d (enforce)", "enforce"},
        {"containers-default-0.50.1 (complain)\n", LSM_APPARMOR,
         "containers-default-0.50.1 (complain)", "complain"},
        {"lxd-web_</var/lib/lxd>//&:lxd-web_<var-lib-lxd>:unconfined (mixed)\n", LSM_APPARMOR,
         "lxd-web_</var/lib/lxd>//&:lxd-web_<var-lib-lxd>:unconfined (mixed)", "mixed"},
        {"/usr/bin/a (b) (kill)", LSM_APPARMOR, "/usr/bin/a (b) (kill)", "kill"},
        {"steam (unconfined)\n", LSM_APPARMOR, "steam (unconfined)", "unconfined"},
        {"system_u:system_r:container_t:s0:c123,c456", LSM_SELINUX,
         "system_u:system_r:container_t:s0:c123,c456", "container_t"},
        {"system_u:system_r:spc_t:s0", LSM_SELINUX, "system_u:system_r:spc_t:s0", "spc_t"},
        {"unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023", LSM_SELINUX,
         "unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023", "unconfined_t"},
        {"user:role:type\n", LSM_SELINUX, "user:role:type", "type"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lsm_label label;
        struct error err = {0};
        cr_assert(lsm_label_parse(cases[i].text, strlen(cases[i].text), &label, &err), "%s: %s",
                  cases[i].text, err.text);
        cr_expect_eq(label.kind, cases[i].kind, "%s", cases[i].text);
        cr_expect_str_eq(label.text, cases[i].label);
        cr_expect_str_eq(label.part, cases[i].part);
        lsm_label_free(&label);
    }
}

/* What Linux 6.1 says of containers (tests/fixtures/README). */
Test(lsm_label, what_a_real_kernel_says_is_read)
{
    static const struct {
        const char *name;
        enum lsm_kind kind;
        const char *label, *part;
    } cases[] = {
        {"apparmor-enforced", LSM_APPARMOR, "enforced (enforce)", "enforce"},
        {"apparmor-complaining", LSM_APPARMOR, "complaining (complain)", "complain"},
        {"apparmor-killing", LSM_APPARMOR, "killing (kill)", "kill"},
        {"apparmor-declared", LSM_APPARMOR, "declared (unconfined)", "unconfined"},
        {"apparmor-with-space", LSM_APPARMOR, "with space (enforce)", "enforce"},
        {"apparmor-stacking", LSM_APPARMOR, "enforced//&stacking (enforce)", "enforce"},
        {"apparmor-mixing", LSM_APPARMOR, "complaining//&mixing (mixed)", "mixed"},
        {"apparmor-unconfined", LSM_APPARMOR, "unconfined", "unconfined"},
        {"selinux-container_t", LSM_SELINUX, "system_u:system_r:container_t:s0:c1,c2",
         "container_t"},
        {"selinux-spc_t", LSM_SELINUX, "system_u:system_r:spc_t:s0:c1,c2", "spc_t"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CLEANUP(mem_free_text) char *path = mem_format("lsm/%s", cases[i].name);
        size_t length = 0;
        CLEANUP(mem_free_text) char *text = fixture_read(path, &length);
        struct lsm_label label;
        struct error err = {0};
        cr_assert(lsm_label_parse(text, length, &label, &err), "%s: %s", path, err.text);
        cr_expect_eq(label.kind, cases[i].kind, "%s", path);
        cr_expect_str_eq(label.text, cases[i].label);
        cr_expect_str_eq(label.part, cases[i].part);
        /* AppArmor ends its words by a line feed, SELinux by a NUL. */
        cr_expect_eq(text[length - 1], cases[i].kind == LSM_APPARMOR ? '\n' : '\0', "%s", path);
        lsm_label_free(&label);
    }
}

Test(lsm_label, words_of_no_known_module_are_refused)
{
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {
        {"", 0},
        {"\n", 1},
        {"kernel", 6}, /* SELinux without a policy; Smack's floor */
        {"_", 1},
        {"docker-default (enforced)", 25},
        {"docker-default(enforce)", 23},
        {"(enforce)", 9},
        {" (enforce)", 10},
        {"docker-default (enforce) ", 25},
        {"a:b", 3},
        {"a:b:", 4},
        {"::c", 3},
        {"a:b:c d", 7},
        {"a:b:c\nd:e:f", 11},
        {"a\0b:c:d", 7},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lsm_label label;
        struct error err = {0};
        cr_expect_not(lsm_label_parse(cases[i].text, cases[i].length, &label, &err), "%s",
                      cases[i].text);
        cr_expect_gt(strlen(err.text), 10, "%s", cases[i].text);
        lsm_label_free(&label);
    }
}
