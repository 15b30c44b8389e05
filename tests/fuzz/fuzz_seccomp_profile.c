/*
 * Fuzzes the reader of seccomp profiles, and asks what was read about some calls.
 */
#include <stdint.h>
#include <string.h>

#include "agent/seccomp_profile_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An answer is always among those that engines may make of it. */
static void ask(const struct seccomp_profile *profile)
{
    static const long arguments[SECCOMP_ARGUMENTS] = {1, 2, -1};
    static const char *const names[] = {"read", "clone", "openat2"};
    struct strset bounding = {0};
    const struct seccomp_host host = {
        .machine = "x86_64", .bounding = &bounding, .kernel = "5.10.0"};
    struct seccomp_policy policy;
    struct error err = {0};

    if (!seccomp_profile_resolve(profile, &host, &policy, &err))
        __builtin_trap();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct strset accepted = {0};
        const char *answer = seccomp_policy_answer(&policy, names[i], arguments, &accepted);
        if (!strset_has(&accepted, answer))
            __builtin_trap();
        strset_free(&accepted);
    }
    seccomp_policy_free(&policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seccomp_profile profile;
    struct error err = {0};

    if (seccomp_profile_parse((const char *)data, size, "p", &profile, &err)) {
        struct strset unknown = seccomp_profile_unknown(&profile);
        strset_free(&unknown);
        ask(&profile);
    } else if (strncmp(err.text, "p:", 2) != 0) {
        __builtin_trap();
    }
    seccomp_profile_free(&profile);
    return 0;
}
