/*
 * Whether the control group file systems that are mounted can be written. Nothing is attempted: the
 * mounts' flags and the kernel's permission check tell.
 */
#include <string.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "agent/core/vocabulary.h"
#include "probes/control_group.h"
#include "probes/permission.h"
#include "probes/probe.h"
#include "probes/target.h"

static const char read_only[] = "read-only";
static const char denied[] = "denied";
static const char writable[] = "writable";

static const char *const answer_names[] = {read_only, denied, writable, NULL};

static const struct vocabulary answers = {.name = "answer (read-only, denied or writable)",
                                          .words = answer_names};

static const struct fact_key keys[] = {{
    .name = "cgroup.write",
    .type = VALUE_TEXT,
    .subjects = SUBJECTS_ALL,
    .subject_name = "mount point",
    .vocabulary = &answers,
    .summary = "read-only; or mounted read-write: denied to this process, or writable",
}};

/* Where engines mount it; the subject of the row when none is mounted. */
static const char usual_place[] = "/sys/fs/cgroup";

static bool is_control_group(const struct mount_entry *mount)
{
    return strcmp(mount->type, "cgroup") == 0 || strcmp(mount->type, "cgroup2") == 0;
}

static bool is_read_only(const struct mount_entry *mount)
{
    return control_group_has_word(mount->options, "ro") ||
           control_group_has_word(mount->super_options, "ro");
}

static int check(const struct target *target, const struct permission_calls *calls,
                 const char *path)
{
    return permission_check(calls, target->root_fd, path + strspn(path, "/"), W_OK);
}

/*
 * The kernel runs what release_agent names as root on the host, when a group of v1 becomes empty
 * (cgroups(7)). Only the root group of a hierarchy has the file.
 */
static bool can_write_agent(const struct target *target, const struct permission_calls *calls,
                            const struct mount_entry *mount)
{
    CLEANUP(mem_free_text) char *path = mem_format("%s/release_agent", mount->mount_point);

    return strcmp(mount->type, "cgroup") == 0 && check(target, calls, path) == 0;
}

static void put_mount(const struct target *target, const struct mount_entry *mount,
                      struct facts *out)
{
    const char *subject = mount->mount_point;
    struct permission_calls calls = permission_calls_of(target);

    if (is_read_only(mount)) {
        (void)facts_put_text(out, &keys[0], subject, read_only);
        return;
    }
    if (!target->is_self || target->root_fd < 0 ||
        (!calls.has_faccessat2 && !calls.has_faccessat)) {
        (void)facts_put_unknown(out, &keys[0], subject,
                                "it is mounted read-write, and whether the process may write "
                                "could not be asked");
        return;
    }
    bool is_writable = check(target, &calls, subject) == 0;
    struct fact *fact = facts_put_text(out, &keys[0], subject, is_writable ? writable : denied);
    if (can_write_agent(target, &calls, mount))
        fact_set_detail(fact,
                        "its release_agent can be written, and so a program be run as root on "
                        "the host");
}

static void cgroup_observe(const struct target *target, const struct observe_request *request,
                           struct facts *out)
{
    size_t count = target->mounts.visible_count;
    size_t found = 0;

    (void)request;
    if (target->mounts_problem.text[0] != '\0') {
        (void)facts_put_unknown(out, &keys[0], NULL, target->mounts_problem.text);
        return;
    }
    const struct mount_entry *const *visible = target->mounts.visible;
    for (size_t i = 0; i < count; i++) {
        if (!is_control_group(visible[i]))
            continue;
        put_mount(target, visible[i], out);
        found++;
    }
    if (found == 0)
        (void)facts_put_absent(out, &keys[0], usual_place);
}

const struct probe probe_cgroup = {
    .name = "cgroup",
    .summary = "whether control groups can be written",
    .keys = keys,
    .key_count = sizeof keys / sizeof keys[0],
    .is_for_rules = true,
    .observe = cgroup_observe,
};
