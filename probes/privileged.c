/*
 * Whether all that was observed adds up to a privileged container. Looks at nothing itself: it
 * reads the facts of the probes before it.
 */
#include "agent/core/mem.h"
#include "agent/core/privilege.h"
#include "agent/core/vocabulary.h"
#include "probes/probe.h"

static const char *const words[] = {"ordinary", "nearly privileged", "privileged", NULL};
static const struct vocabulary levels = {.name = "level of privilege", .words = words};

static const struct fact_key keys[] = {{
    .name = "privileges.container",
    .type = VALUE_TEXT,
    .vocabulary = &levels,
    .summary = "ordinary, nearly privileged or privileged, by all other facts",
}};

static void privileged_observe(const struct target *target, const struct observe_request *request,
                               struct facts *out)
{
    static const char *const names[] = {
        [PRIVILEGE_ORDINARY] = "ordinary",
        [PRIVILEGE_NEARLY] = "nearly privileged",
        [PRIVILEGE_FULL] = "privileged",
    };
    CLEANUP(mem_free_text) char *evidence = NULL;
    enum privilege level = privilege_of(out, &evidence);

    (void)target;
    (void)request;
    if (level == PRIVILEGE_UNKNOWN) {
        (void)facts_put_unknown(out, &keys[0], NULL, evidence);
        return;
    }
    struct fact *row = facts_put_text(out, &keys[0], NULL, names[level]);
    if (evidence[0] != '\0')
        fact_set_detail(row, evidence);
}

const struct probe probe_privileged = {
    .name = "privileged",
    .summary = "whether all of that is a privileged container",
    .keys = keys,
    .key_count = sizeof keys / sizeof keys[0],
    .observe = privileged_observe,
};
