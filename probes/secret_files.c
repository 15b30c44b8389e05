/*
 * Credentials in files that this process can read, at the places where they lie by custom. Paths
 * only: no fact, message or detail holds anything of what stands there.
 */
#include "agent/core/mem.h"
#include "probes/looks.h"
#include "probes/probe.h"
#include "probes/secret_search.h"
#include "probes/target.h"

static const struct fact_key keys[] = {{
    .name = "secret.files",
    .type = VALUE_SET,
    .summary = "files with a private key or a credential at their usual places, but for secrets "
               "that were mounted",
}};

static void put_finds(const struct secret_finds *finds, struct step_result result,
                      struct facts *out)
{
    const char *reason = finds->problem.text;
    struct strset found = {0};
    char words[96];

    shared_list_read(&finds->found, &found);
    if (result.end != STEP_DONE)
        reason = step_words(result, words);
    /* What was found stands, whatever else could not be seen. */
    if (found.count > 0 || reason[0] == '\0')
        (void)facts_put_set(out, &keys[0], NULL, &found);
    else
        (void)facts_put_unknown(out, &keys[0], NULL, reason);
    strset_free(&found);
}

static void secret_files_observe(const struct target *target, const struct observe_request *request,
                                 struct facts *out)
{
    const struct look *look = &target->looks->secrets;

    (void)request;
    if (!target->is_self)
        (void)facts_put_unknown(out, &keys[0], NULL,
                                "what another process may read cannot be asked");
    else if (target->root_fd < 0)
        (void)facts_put_unknown(out, &keys[0], NULL, "the root directory cannot be opened");
    else if (look->seen == NULL)
        (void)facts_put_unknown(out, &keys[0], NULL, "no memory can be shared with a child");
    else
        put_finds(look->seen, look->job.results[0], out);
}

const struct probe probe_secret_files = {
    .name = "secret_files",
    .summary = "private keys and credentials in files, at their usual places",
    .keys = keys,
    .key_count = sizeof keys / sizeof keys[0],
    .is_for_rules = true,
    .observe = secret_files_observe,
};
