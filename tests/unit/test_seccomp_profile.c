/*
 * Seccomp profiles: reading them, resolving them for a container, and what they say of a call.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/seccomp_profile_json.h"

static const long no_arguments[SECCOMP_ARGUMENTS];

static struct seccomp_profile parse(const char *text)
{
    struct seccomp_profile profile;
    struct error err = {0};

    cr_assert(seccomp_profile_parse(text, strlen(text), "p", &profile, &err), "%s\n%s", text,
              err.text);
    return profile;
}

/* A profile that refuses by default, with these rules. */
static struct seccomp_profile parse_rules(const char *rules)
{
    CLEANUP(mem_free_text)
    char *text = mem_format("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[%s]}", rules);

    return parse(text);
}

/* What the profile says of a call for a host, "A B" when engines may make several things of it. */
static char *answer_on(const struct seccomp_profile *profile, const struct seccomp_host *host,
                       const char *name, const long *arguments)
{
    CLEANUP(seccomp_policy_free) struct seccomp_policy policy = {0};
    CLEANUP(strset_free) struct strset accepted = {0};
    struct error err = {0};

    cr_assert(seccomp_profile_resolve(profile, host, &policy, &err), "%s", err.text);
    const char *first = seccomp_policy_answer(&policy, name, arguments, &accepted);
    cr_expect(strset_has(&accepted, first), "%s", first);
    return strset_join(&accepted, " ");
}

static void expect_answer(const struct seccomp_profile *profile, const char *name,
                          const long *arguments, const char *wanted)
{
    struct strset none = {0};
    const struct seccomp_host host = {
        .machine = "x86_64", .bounding = &none, .kernel = "5.10.0-30-amd64"};
    CLEANUP(mem_free_text) char *answer = answer_on(profile, &host, name, arguments);

    cr_expect_str_eq(answer, wanted, "%s: %s", name, answer);
}

/* --- reading -------------------------------------------------------------------------------- */

Test(seccomp_profile, every_malformed_profile_is_refused_with_its_place)
{
    static const struct {
        const char *text;
        const char *problem;
    } rows[] = {
        {"", "p:1:1: "},
        {"[]", "p:1:1: a seccomp profile must be an object"},
        {"{}", "p:1:1: \"defaultAction\" is missing"},
        {"{\"defaultAction\":null}", "p:1:18: action must be a string"},
        {"{\"defaultAction\":\"SCMP_ACT_ERNO\"}",
         "p:1:18: unknown action \"SCMP_ACT_ERNO\"; did you mean \"SCMP_ACT_ERRNO\"?"},
        {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\n \"sycalls\":[]}",
         "p:2:2: unknown key \"sycalls\"; did you mean \"syscalls\"?"},
        {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultAction\":\"SCMP_ACT_LOG\"}",
         "p:1:35: duplicate key"},
        {"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":4096}",
         "p:1:53: errnoRet must be 0 to 4095"},
        {"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":-1}",
         "p:1:53: errnoRet must be 0 to 4095"},
        {"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrno\":\"EPREM\"}",
         "p:1:50: unknown errno \"EPREM\""},
        {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[7]}",
         "p:1:52: architectures must be a string"},
        {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86\"],\n"
         "\"archMap\":[{\"architecture\":\"SCMP_ARCH_X86_64\"}]}",
         "p:2:11: use either \"architectures\" or \"archMap\""},
        {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"archMap\":[{}]}",
         "p:1:46: \"architecture\" is missing"},
        {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":{}}",
         "p:1:46: syscalls must be an array"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct seccomp_profile profile;
        struct error err = {0};
        cr_expect_not(
            seccomp_profile_parse(rows[i].text, strlen(rows[i].text), "p", &profile, &err));
        cr_expect_eq(strncmp(err.text, rows[i].problem, strlen(rows[i].problem)), 0, "%s\n%s",
                     rows[i].text, err.text);
        seccomp_profile_free(&profile);
    }
}

Test(seccomp_profile, every_malformed_rule_is_refused_with_its_place)
{
    /* The rule begins at column 47. */
    static const struct {
        const char *rule;
        const char *problem;
    } rows[] = {
        {"7", "p:1:47: an element of syscalls must be an object"},
        {"{\"action\":\"SCMP_ACT_ALLOW\"}", "p:1:47: a rule needs \"names\""},
        {"{\"names\":[],\"action\":\"SCMP_ACT_ALLOW\"}", "p:1:47: a rule needs \"names\""},
        {"{\"names\":[\"\"],\"action\":\"SCMP_ACT_ALLOW\"}", "p:1:57: names may not be empty"},
        {"{\"names\":[\"a\"]}", "p:1:47: \"action\" is missing"},
        {"{\"names\":[\"a\"],\"name\":\"b\"}", "p:1:69: use either \"name\" or \"names\""},
        {"{\"names\":[\"a\"],\"action\":\"ALLOW\"}", "p:1:71: unknown action \"ALLOW\""},
        {"{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":\"EPERM\"}",
         "p:1:99: errnoRet must be an integer"},
        {"{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":{}}",
         "p:1:95: args must be an array"},
        {"{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":1}]}",
         "p:1:96: an element of args needs"},
        {"{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":6,\"value\":1,"
         "\"op\":\"SCMP_CMP_EQ\"}]}",
         "p:1:105: index must be 0 to 5"},
        {"{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":-1,"
         "\"op\":\"SCMP_CMP_EQ\"}]}",
         "p:1:115: value is negative"},
        {"{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,"
         "\"value\":18446744073709551616,\"op\":\"SCMP_CMP_EQ\"}]}",
         "p:1:115: value is not an integer of 64 bits"},
        {"{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":1,"
         "\"op\":\"EQ\"}]}",
         "p:1:122: unknown operator \"EQ\""},
        {"{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"includes\":{\"cap\":[]}}",
         "p:1:100: unknown key \"cap\"; did you mean \"caps\"?"},
        {"{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"excludes\":{\"minKernel\":\"5\"}}",
         "p:1:112: minKernel must be like \"5.4\""},
        {"{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"excludes\":{\"minKernel\":\"5.4.3\"}}",
         "p:1:112: minKernel must be like \"5.4\""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct seccomp_profile profile;
        struct error err = {0};
        CLEANUP(mem_free_text)
        char *text =
            mem_format("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[%s]}", rows[i].rule);
        cr_expect_not(seccomp_profile_parse(text, strlen(text), "p", &profile, &err), "%s", text);
        cr_expect_eq(strncmp(err.text, rows[i].problem, strlen(rows[i].problem)), 0, "%s\n%s", text,
                     err.text);
    }
}

Test(seccomp_profile, what_engines_take_is_taken)
{
    struct seccomp_profile profile =
        parse("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"defaultErrno\":"
              "\"ENOSYS\",\"flags\":[],\"listenerPath\":\"\",\"archMap\":null,\"syscalls\":["
              "{\"name\":\"sync\",\"names\":[],\"action\":\"SCMP_ACT_ALLOW\",\"args\":null,"
              "\"comment\":\"\",\"includes\":{},\"excludes\":null},"
              "{\"names\":[\"reboot\",\"reboot\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1,"
              "\"errno\":\"EINVAL\"}]}");

    expect_answer(&profile, "sync", no_arguments, "allow");
    expect_answer(&profile, "reboot", no_arguments, "errno(EINVAL)");
    expect_answer(&profile, "mount", no_arguments, "errno(ENOSYS)");
    seccomp_profile_free(&profile);
}

/* --- resolving ------------------------------------------------------------------------------ */

static const char scoped[] =
    "{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_ALLOW\",\"includes\":{\"caps\":"
    "[\"CAP_SYS_ADMIN\",\"CAP_SYSLOG\"]}},"
    "{\"names\":[\"syslog\"],\"action\":\"SCMP_ACT_TRAP\",\"excludes\":{\"caps\":"
    "[\"CAP_SYS_ADMIN\",\"CAP_SYSLOG\"]}},"
    "{\"names\":[\"sync\"],\"action\":\"SCMP_ACT_ALLOW\",\"includes\":{\"arches\":[\"arm64\"]}},"
    "{\"names\":[\"ptrace\"],\"action\":\"SCMP_ACT_ALLOW\",\"includes\":{\"minKernel\":\"5.8\"}},"
    "{\"names\":[\"bpf\"],\"action\":\"SCMP_ACT_ALLOW\",\"excludes\":{\"minKernel\":\"5.8\"}}";

Test(seccomp_profile, a_rule_applies_where_all_that_it_includes_is_there)
{
    static const struct {
        const char *capabilities[2];
        const char *machine;
        const char *kernel;
        const char *wanted; /* of mount, syslog, sync, ptrace, bpf */
    } rows[] = {
        {{NULL}, "x86_64", "5.10.0", "errno(EPERM),trap,errno(EPERM),allow,errno(EPERM)"},
        {{"CAP_SYSLOG"},
         "x86_64",
         "5.8.0-1",
         "errno(EPERM),errno(EPERM),errno(EPERM),allow,"
         "errno(EPERM)"},
        {{"CAP_SYS_ADMIN", "CAP_SYSLOG"},
         "aarch64",
         "5.7.19",
         "allow,errno(EPERM),allow,"
         "errno(EPERM),allow"},
        {{NULL}, "x86_64", "4.18.0", "errno(EPERM),trap,errno(EPERM),errno(EPERM),allow"},
        {{NULL}, "x86_64", "6.1.0", "errno(EPERM),trap,errno(EPERM),allow,errno(EPERM)"},
    };
    static const char *const names[] = {"mount", "syslog", "sync", "ptrace", "bpf"};
    struct seccomp_profile profile = parse_rules(scoped);

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(strset_free) struct strset bounding = {0};
        CLEANUP(mem_free_text) char *answers = mem_copy("");
        for (size_t k = 0; k < 2 && rows[i].capabilities[k] != NULL; k++)
            strset_add(&bounding, rows[i].capabilities[k]);
        const struct seccomp_host host = {
            .machine = rows[i].machine, .bounding = &bounding, .kernel = rows[i].kernel};
        for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
            CLEANUP(mem_free_text) char *before = answers;
            CLEANUP(mem_free_text)
            char *answer = answer_on(&profile, &host, names[k], no_arguments);
            answers = mem_format("%s%s%s", before, k == 0 ? "" : ",", answer);
        }
        cr_expect_str_eq(answers, rows[i].wanted, "%zu: %s", i, answers);
    }
    seccomp_profile_free(&profile);
}

Test(seccomp_profile, what_the_host_does_not_tell_is_an_error_where_it_matters)
{
    struct strset none = {0};
    const struct seccomp_host hosts[] = {
        {.machine = "x86_64", .bounding = NULL, .kernel = "5.10.0"},
        {.machine = "x86_64", .bounding = &none, .kernel = NULL},
        {.machine = "x86_64", .bounding = &none, .kernel = "five"},
        {.machine = "s390x", .bounding = &none, .kernel = "5.10.0"},
        {.machine = NULL, .bounding = &none, .kernel = "5.10.0"},
    };
    struct seccomp_profile profile = parse_rules(scoped);
    struct seccomp_profile simple =
        parse_rules("{\"names\":[\"sync\"],\"action\":\"SCMP_ACT_ALLOW\"}");

    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        struct seccomp_policy policy;
        struct error err = {0};
        cr_expect_not(seccomp_profile_resolve(&profile, &hosts[i], &policy, &err), "%zu", i);
        cr_expect_gt(strlen(err.text), 10);
        seccomp_policy_free(&policy);
        cr_expect_eq(seccomp_profile_resolve(&simple, &hosts[i], &policy, &err), i < 3, "%zu", i);
        seccomp_policy_free(&policy);
    }
    seccomp_profile_free(&profile);
    seccomp_profile_free(&simple);
}

/* --- answering ------------------------------------------------------------------------------ */

Test(seccomp_profile, every_operator_compares_without_a_sign)
{
    static const struct {
        const char *op;
        long argument;
        bool holds;
    } rows[] = {
        {"NE", 4, true},  {"NE", 5, false}, {"LT", 4, true},  {"LT", 5, false}, {"LT", -1, false},
        {"LE", 5, true},  {"LE", 6, false}, {"EQ", 5, true},  {"EQ", 4, false}, {"GE", 5, true},
        {"GE", 4, false}, {"GT", 6, true},  {"GT", 5, false}, {"GT", -1, true}, {"GE", -1, true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const long arguments[SECCOMP_ARGUMENTS] = {0, rows[i].argument};
        CLEANUP(mem_free_text)
        char *rule = mem_format("{\"names\":[\"sync\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
                                "{\"index\":1,\"value\":5,\"op\":\"SCMP_CMP_%s\"}]}",
                                rows[i].op);
        struct seccomp_profile profile = parse_rules(rule);
        expect_answer(&profile, "sync", arguments, rows[i].holds ? "allow" : "errno(EPERM)");
        seccomp_profile_free(&profile);
    }
}

#define RULE(action, args)                                                                         \
    "{\"names\":[\"sync\"],\"action\":\"SCMP_ACT_" action "\",\"args\":[" args "]}"
#define ARG(index, op, value, two)                                                                 \
    "{\"index\":" #index ",\"value\":" #value ",\"valueTwo\":" #two ",\"op\":\"SCMP_CMP_" #op "\"" \
    "}"

Test(seccomp_profile, rules_outrank_each_other_as_libseccomp_has_it)
{
    static const struct {
        const char *rules;
        long arguments[SECCOMP_ARGUMENTS];
        const char *wanted;
    } rows[] = {
        /* a mask */
        {RULE("ALLOW", ARG(0, MASKED_EQ, 12, 4)), {7}, "allow"},
        {RULE("ALLOW", ARG(0, MASKED_EQ, 12, 4)), {15}, "errno(EPERM)"},
        /* two arguments: both; one argument twice: either */
        {RULE("ALLOW", ARG(0, EQ, 1, 0) "," ARG(1, EQ, 2, 0)), {1, 2}, "allow"},
        {RULE("ALLOW", ARG(0, EQ, 1, 0) "," ARG(1, EQ, 2, 0)), {1, 3}, "errno(EPERM)"},
        {RULE("ALLOW", ARG(0, EQ, 1, 0) "," ARG(0, EQ, 2, 0)), {2}, "allow"},
        {RULE("ALLOW", ARG(0, EQ, 1, 0) "," ARG(0, EQ, 2, 0)), {3}, "errno(EPERM)"},
        /* the first rule without conditions, wherever it stands */
        {RULE("TRAP", "") "," RULE("ALLOW", ""), {0}, "trap"},
        {RULE("ALLOW", ARG(0, EQ, 1, 0)) "," RULE("TRAP", ""), {1}, "trap"},
        /* the default's action says nothing */
        {RULE("ERRNO", "") "," RULE("ALLOW", ""), {0}, "allow"},
        /* two that match: either */
        {RULE("TRAP", ARG(0, EQ, 1, 0)) "," RULE("ALLOW", ARG(1, EQ, 1, 0)), {1, 1}, "allow trap"},
        {RULE("TRAP", ARG(0, EQ, 1, 0)) "," RULE("ALLOW", ARG(1, EQ, 1, 0)), {0, 1}, "allow"},
        /* numbers above 2^63 */
        {RULE("ALLOW", ARG(0, EQ, 18446744073709551615, 0)), {-1}, "allow"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct seccomp_profile profile = parse_rules(rows[i].rules);
        expect_answer(&profile, "sync", rows[i].arguments, rows[i].wanted);
        seccomp_profile_free(&profile);
    }
}

Test(seccomp_profile, a_call_newer_than_all_that_are_named_may_get_enosys)
{
    static const struct {
        const char *members;
        const char *wanted;
    } rows[] = {
        {"\"defaultAction\":\"SCMP_ACT_ERRNO\"", "errno(EPERM)"},
        {"\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_X86_64\"]",
         "errno(ENOSYS) errno(EPERM)"},
        {"\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_AARCH64\"]",
         "errno(EPERM)"},
        {"\"defaultAction\":\"SCMP_ACT_KILL\",\"archMap\":[{\"architecture\":"
         "\"SCMP_ARCH_X86_64\"}]",
         "errno(ENOSYS) kill"},
        {"\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86_64\"]", "allow"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(mem_free_text)
        char *text = mem_format("{%s,\"syscalls\":[{\"names\":[\"statx\"],\"action\":"
                                "\"SCMP_ACT_TRAP\"}]}",
                                rows[i].members);
        struct seccomp_profile profile = parse(text);
        expect_answer(&profile, "openat2", no_arguments, rows[i].wanted);
        expect_answer(&profile, "statx", no_arguments, "trap");
        cr_expect_not(strcmp(rows[i].wanted, "") == 0);
        seccomp_profile_free(&profile);
    }
}

Test(seccomp_profile, names_that_no_linux_has_are_found)
{
    struct seccomp_profile profile =
        parse_rules("{\"names\":[\"mmap_cache\",\"read\",\"set_gid\",\"mseal\",\"breakpoint\","
                    "\"fstatat64\"],\"action\":\"SCMP_ACT_ALLOW\"}");
    CLEANUP(strset_free) struct strset unknown = seccomp_profile_unknown(&profile);
    CLEANUP(mem_free_text) char *names = strset_join(&unknown, " ");

    cr_expect_str_eq(names, "mmap_cache set_gid");
    seccomp_profile_free(&profile);
}
