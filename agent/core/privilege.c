/*
 * What identifies a privileged container. See privilege.h.
 *
 * An engine's --privileged gives every capability that the engine knows, loads no seccomp filter,
 * masks nothing below /proc, mounts /sys read-write and passes the host's devices. Each of these
 * can be had alone, too; only together they are the host.
 */
#include "agent/core/privilege.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"

/*
 * By number (capabilities(7)), up to CAP_AUDIT_READ of Linux 3.16. Engines older than the kernel
 * leave out the three of Linux 5.8 and 5.9, also in a privileged container.
 */
static const char *const capabilities[] = {
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bool has_all(const struct strset *set)
{
    for (size_t i = 0; i < COUNT(capabilities); i++) {
        if (!strset_has(set, capabilities[i]))
            return false;
    }
    return true;
}

static bool has_word(const struct fact *row, const char *word)
{
    return row != NULL && row->state == FACT_KNOWN && row->value.type == VALUE_SET &&
           strset_has(&row->value.set, word);
}

/* Whether a path of the kernel can be written that engines mask or mount read-only. */
static const char *open_path(const struct facts *facts)
{
    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *row = &facts->rows[i];
        if (strcmp(row->key->name, "kernel.path") == 0 && row->state == FACT_KNOWN &&
            row->value.type == VALUE_TEXT && strcmp(row->value.text, "writable") == 0)
            return row->subject;
    }
    return has_word(facts_find(facts, "mount.options", "/sys"), "rw") ? "/sys" : NULL;
}

static char *add_words(char *before, const char *words)
{
    char *longer = mem_format("%s%s%s", before, before[0] == '\0' ? "" : ", ", words);

    free(before);
    return longer;
}

static bool is_known(const struct fact *row, enum value_type type)
{
    return row != NULL && row->state == FACT_KNOWN && row->value.type == type;
}

enum privilege privilege_of(const struct facts *facts, char **evidence)
{
    const struct fact *bounding = facts_find(facts, "capabilities.bounding", NULL);
    const struct fact *mode = facts_find(facts, "seccomp.mode", NULL);
    const struct fact *root = facts_find(facts, "user.namespace_root", NULL);

    /* What a program can gain counts, not only what this one has: that may be another user's. */
    if (!is_known(bounding, VALUE_SET) || !is_known(mode, VALUE_TEXT)) {
        *evidence = mem_copy(is_known(bounding, VALUE_SET) ? "the seccomp mode is not known"
                                                           : "the bounding set is not known");
        return PRIVILEGE_UNKNOWN;
    }
    bool is_all = has_all(&bounding->value.set);
    bool is_admin = strset_has(&bounding->value.set, "CAP_SYS_ADMIN");
    bool is_unfiltered = strcmp(mode->value.text, "disabled") == 0;
    const char *path = open_path(facts);
    bool is_nobody = root != NULL && (root->state == FACT_ABSENT ||
                                      (is_known(root, VALUE_INTEGER) && root->value.integer != 0));

    *evidence = mem_copy("");
    if (!is_all && !(is_admin && is_unfiltered))
        return PRIVILEGE_ORDINARY;
    *evidence = add_words(*evidence, is_all ? "every capability" : "CAP_SYS_ADMIN");
    if (is_unfiltered)
        *evidence = add_words(*evidence, "no seccomp filter");
    if (path != NULL) {
        CLEANUP(mem_free_text) char *words = mem_format("%s is writable", path);
        *evidence = add_words(*evidence, words);
    }
    if (is_nobody) {
        *evidence = add_words(*evidence, "but root in here is another user outside");
        return PRIVILEGE_ORDINARY;
    }
    return is_all && is_unfiltered && path != NULL ? PRIVILEGE_FULL : PRIVILEGE_NEARLY;
}
