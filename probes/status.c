/*
 * The parser of /proc/PID/status. See status.h.
 */
#include "probes/status.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/digits.h"

enum status_line {
    LINE_TGID,
    LINE_PID,
    LINE_NSPID,
    LINE_UID,
    LINE_GID,
    LINE_FD_SIZE,
    LINE_GROUPS,
    LINE_CAP_INH,
    LINE_CAP_PRM,
    LINE_CAP_EFF,
    LINE_CAP_BND,
    LINE_CAP_AMB,
    LINE_NO_NEW_PRIVS,
    LINE_SECCOMP,
    LINE_SECCOMP_FILTERS,
    LINE_COUNT
};

/* In the kernel's order (fs/proc/array.c). */
static const struct {
    const char *name;
    bool is_needed;
} lines[LINE_COUNT] = {
    [LINE_TGID] = {"Tgid:", false},
    [LINE_PID] = {"Pid:", true},
    [LINE_NSPID] = {"NSpid:", false},
    [LINE_UID] = {"Uid:", true},
    [LINE_GID] = {"Gid:", true},
    [LINE_FD_SIZE] = {"FDSize:", false},
    [LINE_GROUPS] = {"Groups:", true},
    [LINE_CAP_INH] = {"CapInh:", true},
    [LINE_CAP_PRM] = {"CapPrm:", true},
    [LINE_CAP_EFF] = {"CapEff:", true},
    [LINE_CAP_BND] = {"CapBnd:", true},
    [LINE_CAP_AMB] = {"CapAmb:", false},
    [LINE_NO_NEW_PRIVS] = {"NoNewPrivs:", false},
    [LINE_SECCOMP] = {"Seccomp:", false},
    [LINE_SECCOMP_FILTERS] = {"Seccomp_filters:", false},
};

static bool read_one(struct span text, unsigned int base, uint64_t max, uint64_t *out)
{
    struct span word;
    struct span rest;

    if (!span_word(&text, &word) || !span_number(word, base, max, out))
        return false;
    return !span_word(&text, &rest);
}

/* Exactly four ids. uid_t and gid_t are both 32 bits wide. */
static bool read_ids(struct span text, uint32_t ids[4])
{
    struct span word;

    for (size_t i = 0; i < 4; i++) {
        uint64_t number = 0;
        if (!span_word(&text, &word) || !span_number(word, 10, UINT32_MAX, &number))
            return false;
        ids[i] = (uint32_t)number;
    }
    return !span_word(&text, &word);
}

static bool read_groups(struct span text, struct process_status *out)
{
    struct span word;
    size_t capacity = 0;

    while (span_word(&text, &word)) {
        uint64_t number = 0;
        if (!span_number(word, 10, UINT32_MAX, &number))
            return false;
        out->groups = mem_grow(out->groups, out->group_count, &capacity, sizeof *out->groups);
        out->groups[out->group_count++] = (gid_t)number;
    }
    return true;
}

/* The process's number in the innermost namespace comes last in NSpid. */
static bool read_last(struct span text, uint64_t *out)
{
    struct span word;
    bool has_any = false;

    while (span_word(&text, &word)) {
        if (!span_number(word, 10, INT32_MAX, out))
            return false;
        has_any = true;
    }
    return has_any;
}

static bool read_line(enum status_line line, struct span text, struct process_status *out)
{
    uint64_t number = 0;

    switch (line) {
    case LINE_TGID:
        if (!read_one(text, 10, INT32_MAX, &number))
            return false;
        out->leader = (pid_t)number;
        return true;
    case LINE_PID:
    case LINE_NSPID:
        if (!read_last(text, &number))
            return false;
        out->pid = (pid_t)number;
        if (line == LINE_PID)
            out->outer_pid = out->pid;
        return true;
    case LINE_UID:
        return read_ids(text, out->uid);
    case LINE_GID:
        return read_ids(text, out->gid);
    case LINE_FD_SIZE:
        out->has_descriptor_slots = read_one(text, 10, INT32_MAX, &number);
        out->descriptor_slots = (int)number;
        return out->has_descriptor_slots;
    case LINE_GROUPS:
        return read_groups(text, out);
    case LINE_CAP_INH:
        return read_one(text, 16, UINT64_MAX, &out->inheritable);
    case LINE_CAP_PRM:
        return read_one(text, 16, UINT64_MAX, &out->permitted);
    case LINE_CAP_EFF:
        return read_one(text, 16, UINT64_MAX, &out->effective);
    case LINE_CAP_BND:
        return read_one(text, 16, UINT64_MAX, &out->bounding);
    case LINE_CAP_AMB:
        out->has_ambient = true;
        return read_one(text, 16, UINT64_MAX, &out->ambient);
    case LINE_NO_NEW_PRIVS:
        out->has_no_new_privs = read_one(text, 10, 1, &number);
        out->no_new_privs = number == 1;
        return out->has_no_new_privs;
    case LINE_SECCOMP:
        out->has_seccomp = read_one(text, 10, 2, &number);
        out->seccomp_mode = (int)number;
        return out->has_seccomp;
    case LINE_SECCOMP_FILTERS:
        out->has_seccomp_filters = read_one(text, 10, INT32_MAX, &number);
        out->seccomp_filters = (int64_t)number;
        return out->has_seccomp_filters;
    case LINE_COUNT:
        break;
    }
    return false;
}

/* Which line it is; LINE_COUNT for one that is not looked at. The name is taken off. */
static enum status_line line_of(struct span *line)
{
    for (size_t i = 0; i < LINE_COUNT; i++) {
        size_t length = strlen(lines[i].name);
        if ((size_t)(line->end - line->at) < length || memcmp(line->at, lines[i].name, length) != 0)
            continue;
        line->at += length;
        return (enum status_line)i;
    }
    return LINE_COUNT;
}

bool process_status_parse(const char *text, size_t length, struct process_status *out,
                          struct error *err)
{
    struct span rest = {.at = text, .end = text + length};
    struct span line;
    bool seen[LINE_COUNT] = {false};

    *out = (struct process_status){0};
    while (span_line(&rest, &line)) {
        enum status_line which = line_of(&line);
        if (which == LINE_COUNT)
            continue;
        if (seen[which])
            return error_set(err, "status: the line %s stands twice", lines[which].name);
        seen[which] = true;
        if (!read_line(which, line, out))
            return error_set(err, "status: the line %s is malformed", lines[which].name);
    }
    for (size_t i = 0; i < LINE_COUNT; i++) {
        if (lines[i].is_needed && !seen[i])
            return error_set(err, "status: the line %s is missing", lines[i].name);
    }
    return true;
}

void process_status_free(struct process_status *status)
{
    free(status->groups);
    *status = (struct process_status){0};
}
