/*
 * Whether the process can gain privileges by execve(2) (PR_SET_NO_NEW_PRIVS(2const)).
 */
#include "probes/probe.h"
#include "probes/target.h"

static const struct fact_key keys[] = {{
    .name = "privileges.no_new_privs",
    .type = VALUE_BOOL,
    .summary = "whether execve(2) can grant no new privileges",
}};

static void privileges_observe(const struct target *target, const struct observe_request *request,
                               struct facts *out)
{
    const struct credentials *credentials = &target->credentials;

    (void)request;
    if (credentials->known[CREDENTIAL_NO_NEW_PRIVS])
        (void)facts_put_bool(out, &keys[0], NULL, credentials->no_new_privs);
    else
        (void)facts_put_unknown(out, &keys[0], NULL, credentials->reason[CREDENTIAL_NO_NEW_PRIVS]);
}

const struct probe probe_privileges = {
    .name = "privileges",
    .summary = "no_new_privs",
    .keys = keys,
    .key_count = sizeof keys / sizeof keys[0],
    .observe = privileges_observe,
};
