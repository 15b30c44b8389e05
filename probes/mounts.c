/*
 * Every mount that the process sees, as facts: options, type, source, root and propagation.
 */
#include <stdio.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/digits.h"
#include "probes/manager.h"
#include "probes/mountinfo.h"
#include "probes/probe.h"
#include "probes/target.h"

enum { KEY_OPTIONS, KEY_TYPE, KEY_SOURCE, KEY_ROOT, KEY_PROPAGATION, KEY_SHARED, KEY_COUNT };

#define MOUNT_KEY(member, kind, words)                                                             \
    {                                                                                              \
        .name = "mount." member, .type = kind, .subjects = SUBJECTS_ALL,                           \
        .subject_name = "mount point", .summary = words                                            \
    }

static const struct fact_key keys[KEY_COUNT] = {
    [KEY_OPTIONS] = MOUNT_KEY("options", VALUE_SET, "of the mount and its file system together"),
    [KEY_TYPE] = MOUNT_KEY("type", VALUE_TEXT, "the file system type"),
    [KEY_SOURCE] = MOUNT_KEY("source", VALUE_TEXT, "the device or name that was mounted"),
    [KEY_ROOT] = MOUNT_KEY("root", VALUE_TEXT, "the part of its file system that is seen"),
    [KEY_PROPAGATION] = MOUNT_KEY("propagation", VALUE_TEXT,
                                  "private, shared, slave, \"shared,slave\" or unbindable"),
    [KEY_SHARED] = {.name = "mount.shared",
                    .type = VALUE_SET,
                    .summary =
                        "mount points whose mounts are passed on to others, and theirs back; none "
                        "where the manager has cut them off the host's"},
};

/* Adds the comma-separated options but ro and rw; says in *is_read_only when ro is among them. */
static void add_options(const char *options, struct strset *set, bool *is_read_only)
{
    const char *at = options;

    for (;;) {
        size_t length = strcspn(at, ",");
        struct span option = {.at = at, .end = at + length};
        if (span_is(option, "ro")) {
            *is_read_only = true;
        } else if (length > 0 && !span_is(option, "rw")) {
            CLEANUP(mem_free_text) char *text = mem_copy_n(at, length);
            strset_add(set, text);
        }
        if (at[length] == '\0')
            return;
        at += length + 1;
    }
}

/*
 * Both lists in one set, with the one of ro and rw that holds in effect: a file cannot be written
 * when either the mount or the file system is read-only.
 */
static struct strset mount_options(const struct mount_entry *entry)
{
    struct strset set = {0};
    bool is_read_only = false;

    add_options(entry->options, &set, &is_read_only);
    add_options(entry->super_options, &set, &is_read_only);
    strset_add(&set, is_read_only ? "ro" : "rw");
    return set;
}

/* mountinfo's optional fields in the words of mount(8). */
static const char *propagation_name(const char *fields)
{
    bool is_shared = strstr(fields, "shared:") != NULL;
    bool is_slave = strstr(fields, "master:") != NULL;

    if (strstr(fields, "unbindable") != NULL)
        return "unbindable";
    if (is_shared && is_slave)
        return "shared,slave";
    if (is_shared)
        return "shared";
    return is_slave ? "slave" : "private";
}

/* A machine has dozens of mounts, and rules ask for little of each. */
static void put_text(const struct observe_request *request, const struct fact_key *key,
                     const char *point, const char *text, struct facts *out)
{
    if (observe_request_wants(request, key))
        (void)facts_put_text(out, key, point, text);
}

/*
 * LXC and systemd-nspawn make every mount a slave of the host's before they share all of them among
 * each other, for the container's own systemd: no peer is outside (lxc_pivot_root and
 * mount_switch_root; seen with real ones whose host shares all of its mounts).
 */
static void put_shared(enum manager manager, struct strset *shared, struct facts *out)
{
    bool is_cut_off = manager != MANAGER_NONE && shared->count > 0;

    if (is_cut_off)
        strset_free(shared);
    struct fact *fact = facts_put_set(out, &keys[KEY_SHARED], NULL, shared);
    if (!is_cut_off)
        return;
    CLEANUP(mem_free_text)
    char *words = mem_format("%s shares mounts among the container's own only, all cut off the "
                             "host's before",
                             manager_name(manager));
    fact_set_detail(fact, words);
}

static void mounts_observe(const struct target *target, const struct observe_request *request,
                           struct facts *out)
{
    struct strset shared = {0};
    size_t count = target->mounts.visible_count;

    if (target->mounts_problem.text[0] != '\0') {
        for (size_t i = 0; i < KEY_COUNT; i++)
            (void)facts_put_unknown(out, &keys[i], NULL, target->mounts_problem.text);
        return;
    }
    const struct mount_entry *const *visible = target->mounts.visible;
    for (size_t i = 0; i < count; i++) {
        const struct mount_entry *entry = visible[i];
        struct strset options = mount_options(entry);
        (void)facts_put_set(out, &keys[KEY_OPTIONS], entry->mount_point, &options);
        put_text(request, &keys[KEY_TYPE], entry->mount_point, entry->type, out);
        put_text(request, &keys[KEY_SOURCE], entry->mount_point, entry->source, out);
        put_text(request, &keys[KEY_ROOT], entry->mount_point, entry->root, out);
        put_text(request, &keys[KEY_PROPAGATION], entry->mount_point,
                 propagation_name(entry->propagation), out);
        if (strstr(entry->propagation, "shared:") != NULL)
            strset_add(&shared, entry->mount_point);
    }
    put_shared(mount_table_manager(&target->mounts), &shared, out);
}

const struct probe probe_mounts = {
    .name = "mounts",
    .summary = "every mount: options, type, source, root, propagation",
    .keys = keys,
    .key_count = KEY_COUNT,
    .observe = mounts_observe,
};
