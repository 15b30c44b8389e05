/*
 * Two sources, one answer. See credentials.h.
 */
#include "probes/credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"

struct merging {
    const struct witness *witness;
    const struct process_status *status;
    const char *problem;
    struct credentials *out;
};

static const char other_process[] = "the system calls speak of this process only";

static bool has_answer(const struct merging *merging, enum witness_call call)
{
    return merging->witness != NULL && merging->witness->answered[call];
}

static const char *why_no_answer(const struct merging *merging, enum witness_call call)
{
    return merging->witness == NULL ? other_process : merging->witness->reason[call];
}

static void set_unknown(const struct merging *merging, enum credential what, const char *a,
                        const char *b)
{
    (void)snprintf(merging->out->reason[what], CREDENTIAL_REASON_MAX, "%s; %s", a, b);
}

static void set_conflict(const struct merging *merging, enum credential what, const char *words)
{
    struct credentials *out = merging->out;

    (void)snprintf(out->reason[what], CREDENTIAL_REASON_MAX,
                   "/proc and the system calls contradict each other: %s", words);
    if (out->conflict[0] == '\0')
        (void)snprintf(out->conflict, CREDENTIAL_REASON_MAX, "%s", words);
}

/*
 * The choice for one credential: in status, in the witness, in both (agrees says whether they are
 * equal) or in neither. Returns true when it is known.
 */
static bool settle(const struct merging *merging, enum credential what, enum witness_call call,
                   bool in_status, bool agrees, const char *words)
{
    bool is_answered = has_answer(merging, call);
    const char *problem =
        merging->status == NULL ? merging->problem : "this kernel's status file does not say";

    if (is_answered && in_status && !agrees)
        set_conflict(merging, what, words);
    else if (!is_answered && !in_status)
        set_unknown(merging, what, why_no_answer(merging, call), problem);
    else
        merging->out->known[what] = true;
    return merging->out->known[what];
}

static bool same_ids(const uint32_t a[3], const uint32_t b[3])
{
    return a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
}

static void merge_ids(const struct merging *merging)
{
    const struct witness *witness = merging->witness;
    const struct process_status *status = merging->status;
    struct credentials *out = merging->out;
    bool has_uids = has_answer(merging, WITNESS_UIDS);
    bool has_gids = has_answer(merging, WITNESS_GIDS);

    const uid_t *uid = has_uids ? witness->uid : status != NULL ? status->uid : NULL;
    const gid_t *gid = has_gids ? witness->gid : status != NULL ? status->gid : NULL;
    if (settle(merging, CREDENTIAL_UIDS, WITNESS_UIDS, status != NULL,
               status != NULL && has_uids && same_ids(status->uid, witness->uid),
               "the user ids (Uid:)") &&
        uid != NULL)
        memcpy(out->uid, uid, 3 * sizeof out->uid[0]);
    if (settle(merging, CREDENTIAL_GIDS, WITNESS_GIDS, status != NULL,
               status != NULL && has_gids && same_ids(status->gid, witness->gid),
               "the group ids (Gid:)") &&
        gid != NULL)
        memcpy(out->gid, gid, 3 * sizeof out->gid[0]);
    /* No system call reads the filesystem ids without trying to set them: only /proc tells. */
    if (status == NULL || !out->known[CREDENTIAL_UIDS] || !out->known[CREDENTIAL_GIDS]) {
        set_unknown(merging, CREDENTIAL_FILESYSTEM_IDS, "only the status file tells them",
                    status == NULL ? merging->problem : "its other ids cannot be trusted");
        return;
    }
    out->known[CREDENTIAL_FILESYSTEM_IDS] = true;
    out->uid[3] = status->uid[3];
    out->gid[3] = status->gid[3];
}

static bool same_groups(const struct witness *witness, const struct process_status *status)
{
    if (witness->group_count != status->group_count)
        return false;
    return status->group_count == 0 ||
           memcmp(witness->groups, status->groups, status->group_count * sizeof(gid_t)) == 0;
}

static void merge_groups(const struct merging *merging)
{
    const struct witness *witness = merging->witness;
    const struct process_status *status = merging->status;
    struct credentials *out = merging->out;
    bool is_answered = has_answer(merging, WITNESS_GROUPS);

    if (!settle(merging, CREDENTIAL_GROUPS, WITNESS_GROUPS, status != NULL,
                is_answered && status != NULL && same_groups(witness, status),
                "the supplementary groups (Groups:)"))
        return;
    out->group_count = is_answered ? witness->group_count : status->group_count;
    out->groups = mem_new(out->group_count, sizeof *out->groups);
    const gid_t *from = is_answered ? witness->groups : status->groups;
    if (out->group_count > 0)
        memcpy(out->groups, from, out->group_count * sizeof *out->groups);
}

/* One capability set; has_line is false when this status file has no such line. */
static void merge_set(const struct merging *merging, enum credential what, enum witness_call call,
                      uint64_t told, bool has_line, uint64_t line, const char *words, uint64_t *out)
{
    bool is_answered = has_answer(merging, call);

    if (settle(merging, what, call, has_line, told == line, words))
        *out = is_answered ? told : line;
}

static void merge_sets(const struct merging *merging)
{
    static const struct witness nothing;
    static const struct process_status empty;
    const struct witness *witness = merging->witness == NULL ? &nothing : merging->witness;
    const struct process_status *status = merging->status == NULL ? &empty : merging->status;
    bool has_status = merging->status != NULL;
    struct credentials *out = merging->out;

    merge_set(merging, CREDENTIAL_EFFECTIVE, WITNESS_CAPABILITIES, witness->effective, has_status,
              status->effective, "the effective capabilities (CapEff:)", &out->effective);
    merge_set(merging, CREDENTIAL_PERMITTED, WITNESS_CAPABILITIES, witness->permitted, has_status,
              status->permitted, "the permitted capabilities (CapPrm:)", &out->permitted);
    merge_set(merging, CREDENTIAL_INHERITABLE, WITNESS_CAPABILITIES, witness->inheritable,
              has_status, status->inheritable, "the inheritable capabilities (CapInh:)",
              &out->inheritable);
    merge_set(merging, CREDENTIAL_BOUNDING, WITNESS_BOUNDING, witness->bounding, has_status,
              status->bounding, "the bounding set (CapBnd:)", &out->bounding);
    /* A kernel whose status file has no such line, as gVisor's and Linux before 4.3, has no such
     * set: its prctl(2) refuses to speak of it, and nothing can be in it. */
    merge_set(merging, CREDENTIAL_AMBIENT, WITNESS_AMBIENT, witness->ambient, has_status,
              status->has_ambient ? status->ambient : 0, "the ambient capabilities (CapAmb:)",
              &out->ambient);
}

static void merge_confinement(const struct merging *merging)
{
    const struct witness *witness = merging->witness;
    const struct process_status *status = merging->status;
    struct credentials *out = merging->out;
    bool has_privs = has_answer(merging, WITNESS_NO_NEW_PRIVS);
    bool has_mode = has_answer(merging, WITNESS_SECCOMP);
    bool in_privs = status != NULL && status->has_no_new_privs;
    bool in_mode = status != NULL && status->has_seccomp;

    if (settle(merging, CREDENTIAL_NO_NEW_PRIVS, WITNESS_NO_NEW_PRIVS, in_privs,
               in_privs && has_privs && status->no_new_privs == witness->no_new_privs,
               "no_new_privs (NoNewPrivs:)"))
        out->no_new_privs = has_privs ? witness->no_new_privs : status->no_new_privs;
    if (settle(merging, CREDENTIAL_SECCOMP_MODE, WITNESS_SECCOMP, in_mode,
               in_mode && has_mode && status->seccomp_mode == witness->seccomp_mode,
               "the seccomp mode (Seccomp:)"))
        out->seccomp_mode = has_mode ? witness->seccomp_mode : status->seccomp_mode;
    if (status == NULL || !out->known[CREDENTIAL_SECCOMP_MODE]) {
        set_unknown(merging, CREDENTIAL_SECCOMP_FILTERS, "only the status file counts them",
                    status == NULL ? merging->problem : "its seccomp mode cannot be trusted");
        return;
    }
    out->known[CREDENTIAL_SECCOMP_FILTERS] = true;
    out->has_seccomp_filters = status->has_seccomp_filters;
    out->seccomp_filters = status->seccomp_filters;
}

void credentials_merge(const struct witness *witness, const struct process_status *status,
                       const char *problem, struct credentials *out)
{
    struct merging merging = {.witness = witness, .status = status, .problem = problem, .out = out};

    *out = (struct credentials){0};
    merge_ids(&merging);
    merge_groups(&merging);
    merge_sets(&merging);
    merge_confinement(&merging);
}

void credentials_free(struct credentials *credentials)
{
    free(credentials->groups);
    credentials->groups = NULL;
}
