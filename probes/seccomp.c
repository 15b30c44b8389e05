/*
 * Whether system calls are filtered, and by how many filters (seccomp(2)). Which calls the filters
 * let through is not looked at here.
 */
#include "agent/core/vocabulary.h"
#include "probes/probe.h"
#include "probes/target.h"

static const char *const mode_names[] = {"disabled", "strict", "filter", NULL};

static const struct vocabulary modes = {.name = "seccomp mode", .words = mode_names};

enum { KEY_MODE, KEY_FILTERS, KEY_COUNT };

static const struct fact_key keys[KEY_COUNT] = {
    [KEY_MODE] = {.name = "seccomp.mode",
                  .type = VALUE_TEXT,
                  .vocabulary = &modes,
                  .summary = "disabled, strict or filter"},
    [KEY_FILTERS] = {.name = "seccomp.filters",
                     .type = VALUE_INTEGER,
                     .summary = "how many filters are loaded; absent before Linux 5.9"},
};

static void seccomp_observe(const struct target *target, const struct observe_request *request,
                            struct facts *out)
{
    const struct credentials *credentials = &target->credentials;

    (void)request;
    /* PR_GET_SECCOMP gives 0, 1 or 2, and the status file is parsed to the same bound. */
    if (credentials->known[CREDENTIAL_SECCOMP_MODE] && credentials->seccomp_mode <= 2)
        (void)facts_put_text(out, &keys[KEY_MODE], NULL, mode_names[credentials->seccomp_mode]);
    else
        (void)facts_put_unknown(out, &keys[KEY_MODE], NULL,
                                credentials->reason[CREDENTIAL_SECCOMP_MODE]);
    if (!credentials->known[CREDENTIAL_SECCOMP_FILTERS])
        (void)facts_put_unknown(out, &keys[KEY_FILTERS], NULL,
                                credentials->reason[CREDENTIAL_SECCOMP_FILTERS]);
    else if (credentials->has_seccomp_filters)
        (void)facts_put_integer(out, &keys[KEY_FILTERS], NULL, credentials->seccomp_filters);
    else
        (void)facts_put_absent(out, &keys[KEY_FILTERS], NULL);
}

const struct probe probe_seccomp = {
    .name = "seccomp",
    .summary = "the seccomp mode and the number of filters",
    .keys = keys,
    .key_count = KEY_COUNT,
    .observe = seccomp_observe,
};
