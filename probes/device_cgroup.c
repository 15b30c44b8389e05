/*
 * What the control group lets the process open of devices that have no node here: with CAP_MKNOD,
 * or a volume on which somebody else makes a node, these are in reach as well. Nothing is opened.
 * Version 2 decides in a BPF program, which no container may read.
 */
#include "agent/core/mem.h"
#include "probes/control_group_file.h"
#include "probes/device_rules.h"
#include "probes/device_walk.h"
#include "probes/looks.h"
#include "probes/probe.h"
#include "probes/target.h"

static const struct fact_key keys[] = {{
    .name = "device.cgroup",
    .type = VALUE_SET,
    .summary = "devices without a node here that the control group opens: \"b 8:*\", \"a *:*\"; "
               "absent: not to be seen, as on cgroup v2",
}};

static bool has_node(const struct device_nodes *nodes, const struct device_rule *rule)
{
    for (size_t i = 0; nodes != NULL && i < nodes->count; i++) {
        const struct device_node *node = &nodes->nodes[i];
        if ((node->is_block ? 'b' : 'c') == rule->type && node->major == rule->major &&
            node->minor == rule->minor)
            return true;
    }
    return false;
}

static char *number_text(int64_t number)
{
    return number == DEVICE_RULE_ANY ? mem_copy("*") : mem_format("%u", (unsigned int)number);
}

static bool read_rules(struct span rest, const struct device_nodes *nodes, struct strset *out,
                       struct error *err)
{
    struct span line;
    struct device_rule rule = {0};

    while (span_line(&rest, &line)) {
        if (!device_rule_parse(line, &rule, err))
            return false;
        if (!rule.can_open || has_node(nodes, &rule))
            continue;
        CLEANUP(mem_free_text) char *major = number_text(rule.major);
        CLEANUP(mem_free_text) char *minor = number_text(rule.minor);
        CLEANUP(mem_free_text) char *text = mem_format("%c %s:%s", rule.type, major, minor);
        strset_add(out, text);
    }
    return true;
}

/* *is_seen is false, and err says why, where there is no such file for this process to see. */
static bool observe_rules(const struct target *target, bool *is_seen, struct strset *out,
                          struct error *err)
{
    CLEANUP(control_groups_free) struct control_groups groups = {0};
    CLEANUP(control_group_place_free) struct control_group_place place = {0};
    CLEANUP(mem_free_text) char *directory = NULL;
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;

    *is_seen = true;
    if (!control_groups_read(target, &groups, err))
        return false;
    *is_seen = control_group_find(&groups, &target->mounts, "devices", &place, err);
    if (!*is_seen)
        return false;
    directory = mem_format("%s%s", place.mount_point, place.path);
    if (!control_group_file_read(target->root_fd, &place, directory, "devices.list", &text, &length,
                                 is_seen, err))
        return false;
    if (!*is_seen)
        return error_set(err, "%s",
                         place.is_v2 ? "cgroup v2 decides in a BPF program, which cannot be read"
                                     : "the control group has no devices.list");
    return read_rules((struct span){.at = text, .end = text + length}, target->looks->devices.seen,
                      out, err);
}

static void device_cgroup_observe(const struct target *target,
                                  const struct observe_request *request, struct facts *out)
{
    struct strset rules = {0};
    struct error err = {0};
    bool is_seen = false;

    (void)request;
    if (observe_rules(target, &is_seen, &rules, &err)) {
        (void)facts_put_set(out, &keys[0], NULL, &rules);
        return;
    }
    strset_free(&rules);
    if (is_seen)
        (void)facts_put_unknown(out, &keys[0], NULL, err.text);
    else
        fact_set_detail(facts_put_absent(out, &keys[0], NULL), err.text);
}

const struct probe probe_device_cgroup = {
    .name = "device_cgroup",
    .summary = "the devices that the control group opens",
    .keys = keys,
    .key_count = sizeof keys / sizeof keys[0],
    .is_for_rules = true,
    .observe = device_cgroup_observe,
};
