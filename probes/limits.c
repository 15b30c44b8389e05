/*
 * The limits that control groups set to the process: memory, swap, processes and CPU. Of the group
 * and every group above it that is mounted here the least limit holds; what is set above the mount
 * is not seen, except for memory on v1, where the kernel itself tells the effective limit.
 */
#include "agent/core/mem.h"
#include "probes/control_group.h"
#include "probes/limit_read.h"
#include "probes/limit_text.h"
#include "probes/probe.h"
#include "probes/procfile.h"
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
    if (least != LIMIT_NONE) {
        (void)facts_put_integer(out, &keys[key], NULL, least);
        return;
    }
    CLEANUP(mem_free_text)
    char *detail = mem_format("no limit is set in %s%s or above, as far as it is mounted",
                              place.mount_point, place.path);
    fact_set_detail(facts_put_absent(out, &keys[key], NULL), detail);
}

static bool read_groups(const struct target *target, struct control_groups *groups,
                        struct error *err)
{
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;

    if (!target->is_self) /* its groups are named from the reader's cgroup namespace */
        return error_set(err, "only the process itself can be asked");
    if (target->mounts_problem.text[0] != '\0')
        return error_set(err, "%s", target->mounts_problem.text);
    if (target->root_fd < 0)
        return error_set(err, "the root directory cannot be opened");
    return procfile_read(target, "cgroup", &text, &length, err) &&
           control_groups_parse(text, length, groups, err);
}

static void limits_observe(const struct target *target, const struct observe_request *request,
                           struct facts *out)
{
    CLEANUP(control_groups_free) struct control_groups groups = {0};
    struct error err = {0};
    bool is_read = read_groups(target, &groups, &err);

    (void)request;
    for (enum limit_kind i = 0; i < LIMIT_KINDS; i++) {
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
