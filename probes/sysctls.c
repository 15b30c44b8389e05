/*
 * Settings of the kernel that other tools look at, as they are; and where the network namespace
 * takes packets for loopback addresses from outside. Most settings are the machine's: no container
 * can change them, so that no rule judges them. The networks' are the network namespace's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/core/vocabulary.h"
#include "probes/entries.h"
#include "probes/probe.h"
#include "probes/procfile.h"
#include "probes/target.h"

enum { KEY_SYSCTL, KEY_LOCALNET, KEY_COUNT, PATH_BYTES = 320, INTERFACES_MAX = 1024 };

/* By path; the name is the path below sys/ with dots (sysctl(8)). */
static const char *const names[] = {
    "fs.protected_fifos",
    "fs.protected_hardlinks",
    "fs.protected_regular",
    "fs.protected_symlinks",
    "fs.suid_dumpable",
    "kernel.core_pattern",
    "kernel.dmesg_restrict",
    "kernel.io_uring_disabled",
    "kernel.kexec_load_disabled",
    "kernel.kptr_restrict",
    "kernel.modules_disabled",
    "kernel.perf_event_paranoid",
    "kernel.randomize_va_space",
    "kernel.sysrq",
    "kernel.unprivileged_bpf_disabled",
    "kernel.unprivileged_userns_clone",
    "kernel.yama.ptrace_scope",
    "net.ipv4.conf.all.route_localnet",
    "net.ipv4.ip_forward",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "user.max_user_namespaces",
    "vm.mmap_min_addr",
    "vm.overcommit_memory",
    "vm.panic_on_oom",
    "vm.unprivileged_userfaultfd",
    NULL,
};

static const struct vocabulary vocabulary = {.name = "sysctl that is looked at", .words = names};

static const struct fact_key keys[KEY_COUNT] = {
    [KEY_SYSCTL] = {.name = "kernel.sysctl",
                    .type = VALUE_TEXT,
                    .subjects = SUBJECTS_REQUESTED,
                    .subject_name = "sysctl",
                    .subject_vocabulary = &vocabulary,
                    .summary = "a setting of the machine, or, if net.*, of the network namespace"},
    [KEY_LOCALNET] = {.name = "network.route_localnet",
                      .type = VALUE_SET,
                      .summary = "interfaces, or all, that take packets for 127.0.0.0/8 from "
                                 "outside"},
};

static const char net_conf[] = "sys/net/ipv4/conf";
static const char not_entered[] = "the network namespace of another process is not entered";

/* Of the network namespace of who opens it: what is read of another process's would be ours. */
static bool is_of_network(const char *path)
{
    return strncmp(path, "net", 3) == 0 && (path[3] == '/' || path[3] == '.');
}

static char *sysctl_path(const char *name)
{
    char *path = mem_format("sys/%s", name);

    for (char *dot = strchr(path, '.'); dot != NULL; dot = strchr(dot, '.'))
        *dot = '/';
    return path;
}

/* One line; blanks between numbers folded to one, as sysctl(8) prints them. */
static void fold(char *text)
{
    char *end = text;

    for (const char *at = text; *at != '\0'; at++) {
        bool is_blank = *at == '\t' || *at == ' ' || *at == '\n';
        if (!is_blank)
            *end++ = *at;
        else if (end > text && end[-1] != ' ')
            *end++ = ' ';
    }
    while (end > text && end[-1] == ' ')
        end--;
    *end = '\0';
}

static void observe_sysctl(const struct target *target, const char *name, struct facts *out)
{
    const struct fact_key *key = &keys[KEY_SYSCTL];
    CLEANUP(mem_free_text) char *path = sysctl_path(name);
    CLEANUP(mem_free_text) char *text = NULL;
    struct error err = {0};
    size_t length = 0;

    if (!target->is_self && is_of_network(name)) {
        (void)facts_put_unknown(out, key, name, not_entered);
    } else if (procfile_read_sysctl(target, path, &text, &length, &err)) {
        fold(text);
        (void)facts_put_text(out, key, name, text);
    } else if (err.code == ENOENT) {
        (void)facts_put_absent(out, key, name);
    } else {
        (void)facts_put_unknown(out, key, name, err.text);
    }
}

/* --- route_localnet ------------------------------------------------------------------------- */

struct interfaces {
    const struct target *target;
    struct strset routing;
    size_t count;
    struct error
        problem; /* code is ENOENT where the kernel has no IPv4; text "" when all is read */
};

static bool read_interface(struct interfaces *interfaces, const char *name)
{
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;
    char path[PATH_BYTES];

    (void)snprintf(path, sizeof path, "%s/%s/route_localnet", net_conf, name);
    if (!procfile_read_sysctl(interfaces->target, path, &text, &length, &interfaces->problem))
        return false;
    if (strcmp(text, "0\n") != 0)
        strset_add(&interfaces->routing, name);
    return true;
}

/* Packets of lo come from nowhere else; default is what interfaces begin with. */
static bool visit_interface(const struct dirent64 *entry, void *context)
{
    struct interfaces *interfaces = context;
    const char *name = entry->d_name;

    if (strcmp(name, "lo") == 0 || strcmp(name, "default") == 0 || strcmp(name, "all") == 0)
        return true;
    if (interfaces->count++ == INTERFACES_MAX)
        return error_set(&interfaces->problem, "there are too many interfaces");
    if (read_interface(interfaces, name))
        return true;
    bool has_gone = interfaces->problem.code == ENOENT;
    if (has_gone)
        interfaces->problem = (struct error){0};
    return has_gone;
}

/* An interface takes them by its own setting or by that of all (Documentation, ip-sysctl.rst). */
static void read_interfaces(struct interfaces *interfaces)
{
    const struct witness *witness = &interfaces->target->witness;
    struct error *err = &interfaces->problem;

    if (!read_interface(interfaces, "all") || interfaces->routing.count > 0)
        return;
    if (!witness->answered[WITNESS_GETDENTS]) {
        (void)error_set(err, "%s", witness->reason[WITNESS_GETDENTS]);
        return;
    }
    CLEANUP(procfile_close)
    int fd = procfile_open_sysctl(interfaces->target, net_conf, O_RDONLY | O_DIRECTORY, err);
    if (fd >= 0 && !entries_visit(fd, visit_interface, interfaces))
        (void)error_sys(err, "cannot list %s in the procfs", net_conf);
}

static void observe_localnet(const struct target *target, struct facts *out)
{
    const struct fact_key *key = &keys[KEY_LOCALNET];
    struct interfaces interfaces = {.target = target};

    if (!target->is_self)
        (void)error_set(&interfaces.problem, "%s", not_entered);
    else
        read_interfaces(&interfaces);
    /* What was found stands, whatever else could not be seen. */
    if (interfaces.routing.count > 0 || interfaces.problem.text[0] == '\0')
        (void)facts_put_set(out, key, NULL, &interfaces.routing);
    else if (interfaces.problem.code == ENOENT)
        (void)facts_put_absent(out, key, NULL);
    else
        (void)facts_put_unknown(out, key, NULL, interfaces.problem.text);
    strset_free(&interfaces.routing);
}

static void sysctls_observe(const struct target *target, const struct observe_request *request,
                            struct facts *out)
{
    bool is_listed = observe_request_wants(request, &keys[KEY_SYSCTL]);

    for (size_t i = 0; is_listed && names[i] != NULL; i++)
        observe_sysctl(target, names[i], out);
    if (!is_listed)
        (void)facts_put_unknown(out, &keys[KEY_SYSCTL], NULL, "no rule of the policy asks for it");
    if (observe_request_wants(request, &keys[KEY_LOCALNET]))
        observe_localnet(target, out);
}

const struct probe probe_sysctls = {
    .name = "sysctls",
    .summary = "settings of the kernel, and which interfaces route loopback addresses",
    .keys = keys,
    .key_count = KEY_COUNT,
    .is_for_rules = true,
    .observe = sysctls_observe,
};
