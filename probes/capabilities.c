/*
 * The five capability sets of the process (capabilities(7)).
 */
#include "probes/capname.h"
#include "probes/probe.h"
#include "probes/target.h"

#define SET_KEY(member)                                                                            \
    {                                                                                              \
        .name = "capabilities." member, .type = VALUE_SET, .vocabulary = &capname_vocabulary,      \
        .summary = "the " member " capability set"                                                 \
    }

enum { KEY_COUNT = 5 };

static const struct fact_key keys[KEY_COUNT] = {
    SET_KEY("effective"), SET_KEY("permitted"), SET_KEY("inheritable"),
    SET_KEY("bounding"),  SET_KEY("ambient"),
};

static void capabilities_observe(const struct target *target, const struct observe_request *request,
                                 struct facts *out)
{
    const struct credentials *credentials = &target->credentials;
    const struct {
        enum credential what;
        uint64_t bits;
    } sets[KEY_COUNT] = {
        {CREDENTIAL_EFFECTIVE, credentials->effective},
        {CREDENTIAL_PERMITTED, credentials->permitted},
        {CREDENTIAL_INHERITABLE, credentials->inheritable},
        {CREDENTIAL_BOUNDING, credentials->bounding},
        {CREDENTIAL_AMBIENT, credentials->ambient},
    };

    (void)request;
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (!credentials->known[sets[i].what]) {
            (void)facts_put_unknown(out, &keys[i], NULL, credentials->reason[sets[i].what]);
            continue;
        }
        struct strset names = capname_set(sets[i].bits);
        (void)facts_put_set(out, &keys[i], NULL, &names);
    }
}

const struct probe probe_capabilities = {
    .name = "capabilities",
    .summary = "the effective, permitted, inheritable, bounding and ambient sets",
    .keys = keys,
    .key_count = KEY_COUNT,
    .observe = capabilities_observe,
};
