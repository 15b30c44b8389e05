/*
 * The limits that control groups set to the process: memory, swap, processes and CPU. Of the group
 * and every group above it that is mounted here the least limit holds; what is set above the mount
 * is not seen, except for memory on v1, where the kernel itself tells the effective limit. What the
 * machine does not have limits nothing.
 */
#include <inttypes.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/control_group.h"
#include "probes/control_group_file.h"
#include "probes/limit_read.h"
#include "probes/limit_text.h"
#include "probes/probe.h"
#include "probes/target.h"

static const struct fact_key keys[LIMIT_KINDS] = {
    [LIMIT_MEMORY] = {.name = "limit.memory",
                      .type = VALUE_INTEGER,
                      .summary = "bytes of memory; absent: unlimited"},
    [LIMIT_SWAP] = {.name = "limit.swap",
                    .type = VALUE_INTEGER,
                    .summary = "bytes of swap; absent: unlimited"},
    [LIMIT_PIDS] = {.name = "limit.pids",
                    .type = VALUE_INTEGER,
                    .summary = "processes and threads; absent: unlimited"},
    [LIMIT_CPU] = {.name = "limit.cpu",
                   .type = VALUE_INTEGER,
                   .summary = "thousandths of a CPU; absent: unlimited"},
};

/* Process numbers lie below PID_MAX_LIMIT (include/linux/threads.h, 64 bits), and 0 is nobody's. */
enum { TASKS_MAX = 4 * 1024 * 1024 - 1, CPU_UNIT = 1000 };

/* What the machine has of it, in the unit of the limit; -1 where that is not known. */
static int64_t machine_has(const struct target *target, enum limit_kind kind)
{
    const struct witness *witness = &target->witness;

    if (kind == LIMIT_PIDS)
        return TASKS_MAX;
    if (kind == LIMIT_CPU)
        return (int64_t)sysconf(_SC_NPROCESSORS_ONLN) * CPU_UNIT;
    /* How much can be swapped out is not bounded by what swap there is now. */
    return kind == LIMIT_MEMORY && witness->answered[WITNESS_SYSINFO] ? (int64_t)witness->memory
                                                                      : -1;
}

/* A limit that is just what the machine has was chosen; more than that is none. */
static char *beyond_words(const struct target *target, enum limit_kind kind, int64_t limit)
{
    static const char *const units[LIMIT_KINDS] = {[LIMIT_MEMORY] = "bytes of memory",
                                                   [LIMIT_PIDS] = "tasks",
                                                   [LIMIT_CPU] = "thousandths of a CPU"};

    if (kind == LIMIT_SWAP || (kind == LIMIT_CPU && limit <= CPU_UNIT))
        return NULL;
    int64_t has = machine_has(target, kind);
    if (has <= 0 || limit <= has)
        return NULL;
    return mem_format("a limit of %" PRId64 " limits nothing: the machine has no more than %" PRId64
                      " %s",
                      limit, has, units[kind]);
}

static void put_limit(const struct target *target, const struct control_groups *groups,
                      enum limit_kind key, struct facts *out)
{
    CLEANUP(control_group_place_free) struct control_group_place place = {0};
    struct error err = {0};
    int64_t least = LIMIT_NONE;

    if (!control_group_find(groups, &target->mounts, limit_controller(key), &place, &err) ||
        !limit_read(target->root_fd, &place, key, &least, &err)) {
        (void)facts_put_unknown(out, &keys[key], NULL, err.text);
        return;
    }
    CLEANUP(mem_free_text)
    char *detail = least == LIMIT_NONE
                       ? mem_format("no limit is set in %s%s or above, as far as it is mounted",
                                    place.mount_point, place.path)
                       : beyond_words(target, key, least);
    if (detail == NULL)
        (void)facts_put_integer(out, &keys[key], NULL, least);
    else
        fact_set_detail(facts_put_absent(out, &keys[key], NULL), detail);
}

static void limits_observe(const struct target *target, const struct observe_request *request,
                           struct facts *out)
{
    CLEANUP(control_groups_free) struct control_groups groups = {0};
    struct error err = {0};
    bool is_read = control_groups_read(target, &groups, &err);

    for (enum limit_kind i = 0; i < LIMIT_KINDS; i++) {
        if (!observe_request_wants(request, &keys[i])) /* v1's memory.stat costs the most of all */
            continue;
        if (is_read)
            put_limit(target, &groups, i, out);
        else
            (void)facts_put_unknown(out, &keys[i], NULL, err.text);
    }
}

const struct probe probe_limits = {
    .name = "limits",
    .summary = "limits of memory, swap, processes and CPU",
    .keys = keys,
    .key_count = LIMIT_KINDS,
    .is_for_rules = true,
    .observe = limits_observe,
};
