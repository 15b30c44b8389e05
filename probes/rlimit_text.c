/*
 * The parser of the limits of a process. See rlimit_text.h.
 */
#include "probes/rlimit_text.h"

#include <string.h>

#include "probes/digits.h"

/* The kernel's words stand in fs/proc/base.c (lnames). */
static const struct {
    const char *name;
    const char *line;
} resources[RLIM_NLIMITS] = {
    [RLIMIT_CPU] = {"RLIMIT_CPU", "Max cpu time"},
    [RLIMIT_FSIZE] = {"RLIMIT_FSIZE", "Max file size"},
    [RLIMIT_DATA] = {"RLIMIT_DATA", "Max data size"},
    [RLIMIT_STACK] = {"RLIMIT_STACK", "Max stack size"},
    [RLIMIT_CORE] = {"RLIMIT_CORE", "Max core file size"},
    [RLIMIT_RSS] = {"RLIMIT_RSS", "Max resident set"},
    [RLIMIT_NPROC] = {"RLIMIT_NPROC", "Max processes"},
    [RLIMIT_NOFILE] = {"RLIMIT_NOFILE", "Max open files"},
    [RLIMIT_MEMLOCK] = {"RLIMIT_MEMLOCK", "Max locked memory"},
    [RLIMIT_AS] = {"RLIMIT_AS", "Max address space"},
    [RLIMIT_LOCKS] = {"RLIMIT_LOCKS", "Max file locks"},
    [RLIMIT_SIGPENDING] = {"RLIMIT_SIGPENDING", "Max pending signals"},
    [RLIMIT_MSGQUEUE] = {"RLIMIT_MSGQUEUE", "Max msgqueue size"},
    [RLIMIT_NICE] = {"RLIMIT_NICE", "Max nice priority"},
    [RLIMIT_RTPRIO] = {"RLIMIT_RTPRIO", "Max realtime priority"},
    [RLIMIT_RTTIME] = {"RLIMIT_RTTIME", "Max realtime timeout"},
};

const char *rlimit_name(int resource)
{
    return resources[resource].name;
}

/* Which resource's line it is, or RLIM_NLIMITS. The words are taken off. */
static int resource_of(struct span *line)
{
    for (int i = 0; i < RLIM_NLIMITS; i++) {
        size_t length = strlen(resources[i].line);
        if ((size_t)(line->end - line->at) <= length ||
            memcmp(line->at, resources[i].line, length) != 0 || line->at[length] != ' ')
            continue;
        line->at += length;
        return i;
    }
    return RLIM_NLIMITS;
}

static bool read_limit(struct span *line, rlim_t *out)
{
    struct span word;
    uint64_t number = 0;
    bool has_word = span_word(line, &word);

    *out = RLIM_INFINITY;
    if (!has_word || span_is(word, "unlimited"))
        return has_word;
    if (!span_number(word, 10, UINT64_MAX, &number))
        return false;
    *out = number;
    return true;
}

/* The unit comes last; priorities have none. */
static bool read_line(struct span line, struct rlimit *out)
{
    struct span unit;

    if (!read_limit(&line, &out->rlim_cur) || !read_limit(&line, &out->rlim_max) ||
        out->rlim_cur > out->rlim_max)
        return false;
    (void)span_word(&line, &unit);
    return !span_word(&line, &unit);
}

bool rlimit_text_parse(const char *text, size_t length, struct resource_limits *out,
                       struct error *err)
{
    struct span rest = {.at = text, .end = text + length};
    struct span line;

    *out = (struct resource_limits){0};
    while (span_line(&rest, &line)) {
        int i = resource_of(&line);
        if (i == RLIM_NLIMITS)
            continue;
        if (out->known[i])
            return error_set(err, "limits: the line %s stands twice", resources[i].line);
        if (!read_line(line, &out->of[i]))
            return error_set(err, "limits: the line %s is malformed", resources[i].line);
        out->known[i] = true;
    }
    return true;
}
