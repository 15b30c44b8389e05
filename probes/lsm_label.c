/*
 * The parser of a security module's label. See lsm_label.h.
 */
#include "probes/lsm_label.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/digits.h"

enum { LABEL_MAX = 4096 };

/* The modes of aa_profile_mode_names (security/apparmor/policy.c), and of stacked profiles. */
static const char *const modes[] = {"enforce", "complain", "kill", "unconfined", "user", "mixed"};

static bool is_mode(struct span word)
{
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (span_is(word, modes[i]))
            return true;
    }
    return false;
}

/* "NAME (MODE)", where NAME may hold blanks and brackets; or "unconfined". */
static bool find_mode(struct span label, struct span *mode)
{
    const char *open = label.end - 1; /* a label is never empty */

    if (span_is(label, "unconfined")) {
        *mode = label;
        return true;
    }
    if (label.end - label.at < 4 || label.end[-1] != ')')
        return false;
    while (open > label.at && *open != '(')
        open--;
    if (open - label.at < 2 || open[-1] != ' ')
        return false;
    *mode = (struct span){.at = open + 1, .end = label.end - 1};
    return is_mode(*mode);
}

/* "USER:ROLE:TYPE" and perhaps ":LEVEL", without blanks. */
static bool find_type(struct span context, struct span *type)
{
    struct span parts[3];
    const char *at = context.at;

    for (size_t i = 0; i < 3; i++) {
        parts[i].at = at;
        while (at < context.end && *at != ':')
            at++;
        parts[i].end = at;
        if (parts[i].at == parts[i].end || (i < 2 && at == context.end))
            return false;
        at += at < context.end ? 1 : 0;
    }
    for (const char *c = context.at; c < context.end; c++) {
        if (*c <= ' ' || *c == 0x7f)
            return false;
    }
    *type = parts[2];
    return true;
}

static char *copy_span(struct span span)
{
    return mem_copy_n(span.at, (size_t)(span.end - span.at));
}

bool lsm_label_parse(const char *text, size_t length, struct lsm_label *out, struct error *err)
{
    struct span label = {.at = text, .end = text + length};
    struct span part;

    *out = (struct lsm_label){0};
    while (label.end > label.at && (label.end[-1] == '\0' || label.end[-1] == '\n'))
        label.end--;
    if (label.at == label.end)
        return error_set(err, "the security module says nothing");
    if (label.end - label.at > LABEL_MAX || memchr(label.at, '\0', (size_t)(label.end - label.at)))
        return error_set(err, "the security module's words are malformed");
    if (find_mode(label, &part))
        out->kind = LSM_APPARMOR;
    else if (find_type(label, &part))
        out->kind = LSM_SELINUX;
    else
        return error_set(err, "neither an AppArmor profile nor an SELinux context: \"%.*s\"",
                         (int)(label.end - label.at > 80 ? 80 : label.end - label.at), label.at);
    out->text = copy_span(label);
    out->part = copy_span(part);
    return true;
}

void lsm_label_free(struct lsm_label *label)
{
    free(label->text);
    free(label->part);
    *label = (struct lsm_label){0};
}
