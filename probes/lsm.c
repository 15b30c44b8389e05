/*
 * What the Linux security modules say of the process: its AppArmor profile or SELinux context.
 *
 * An error is never "unconfined": where no module gives processes a label, the kernel answers
 * EINVAL (proc_pid_attr_read, fs/proc/base.c), and where it is built without modules, there is no
 * such file.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "probes/lsm_label.h"
#include "probes/probe.h"
#include "probes/procfile.h"
#include "probes/target.h"

enum { KEY_APPARMOR, KEY_APPARMOR_MODE, KEY_SELINUX, KEY_SELINUX_TYPE, KEY_COUNT };

static const struct fact_key keys[KEY_COUNT] = {
    [KEY_APPARMOR] = {.name = "lsm.apparmor",
                      .type = VALUE_TEXT,
                      .summary = "the AppArmor profile and its mode"},
    [KEY_APPARMOR_MODE] = {.name = "lsm.apparmor.mode",
                           .type = VALUE_TEXT,
                           .summary = "enforce, complain, kill, unconfined, …"},
    [KEY_SELINUX] = {.name = "lsm.selinux", .type = VALUE_TEXT, .summary = "the SELinux context"},
    [KEY_SELINUX_TYPE] = {.name = "lsm.selinux.type",
                          .type = VALUE_TEXT,
                          .summary = "the type in the SELinux context: container_t, …"},
};

enum { LABEL_FILE_MAX = 64 * 1024 };

/* What one of the files says. */
struct attribute {
    bool is_absent; /* no module speaks through it */
    bool is_read;   /* label holds */
    struct lsm_label label;
    struct error problem; /* else: why not */
};

static void attribute_free(struct attribute *attribute)
{
    lsm_label_free(&attribute->label);
}

static void read_attribute(const struct target *target, const char *path, struct attribute *out)
{
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;
    CLEANUP(procfile_close)
    int fd = procfile_open(target, target->process_fd, path, O_RDONLY, &out->problem);

    if (fd < 0) {
        out->is_absent = target->process_fd >= 0 && out->problem.code == ENOENT;
        return;
    }
    if (!procfile_read_fd(fd, LABEL_FILE_MAX, &text, &length, &out->problem))
        out->is_absent = out->problem.code == EINVAL;
    else
        out->is_read = lsm_label_parse(text, length, &out->label, &out->problem);
}

static void put_label(enum lsm_kind kind, const struct lsm_label *label, struct facts *out)
{
    bool is_apparmor = kind == LSM_APPARMOR;

    (void)facts_put_text(out, &keys[is_apparmor ? KEY_APPARMOR : KEY_SELINUX], NULL, label->text);
    (void)facts_put_text(out, &keys[is_apparmor ? KEY_APPARMOR_MODE : KEY_SELINUX_TYPE], NULL,
                         label->part);
}

/* A module that does not speak through the attribute, while another or none does, is absent. */
static void put_module(enum lsm_kind kind, const struct attribute *attribute, struct facts *out)
{
    size_t first = kind == LSM_APPARMOR ? KEY_APPARMOR : KEY_SELINUX;

    if (attribute->is_read && attribute->label.kind == kind) {
        put_label(kind, &attribute->label, out);
        return;
    }
    bool is_absent = attribute->is_absent || attribute->is_read;
    for (size_t i = first; i < first + 2; i++) {
        if (is_absent)
            (void)facts_put_absent(out, &keys[i], NULL);
        else
            (void)facts_put_unknown(out, &keys[i], NULL, attribute->problem.text);
    }
}

static void lsm_observe(const struct target *target, const struct observe_request *request,
                        struct facts *out)
{
    CLEANUP(attribute_free) struct attribute apparmor = {0};
    CLEANUP(attribute_free) struct attribute current = {0};

    (void)request;
    /* Since Linux 5.1 AppArmor has a file of its own, so that it can stand beside another module.
     */
    read_attribute(target, "attr/apparmor/current", &apparmor);
    read_attribute(target, "attr/current", &current);
    put_module(LSM_APPARMOR, apparmor.is_absent ? &current : &apparmor, out);
    put_module(LSM_SELINUX, &current, out);
}

const struct probe probe_lsm = {
    .name = "lsm",
    .summary = "AppArmor profile and SELinux context",
    .keys = keys,
    .key_count = KEY_COUNT,
    .is_for_rules = true,
    .observe = lsm_observe,
};
