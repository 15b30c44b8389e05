/*
 * Names of answers. See syscall_action.h.
 */
#include "probes/syscall_action.h"

#include <stdio.h>

#include "agent/core/error.h"

static const char *const names[] = {
    [SYSCALL_ALLOW] = "allow",
    [SYSCALL_TRAP] = "trap",
    [SYSCALL_KILL] = "kill",
    [SYSCALL_NOTIFY] = "notify",
};

enum { CODES = 4096 }; /* SECCOMP_RET_ERRNO gives no other (MAX_ERRNO, include/linux/err.h) */

const char *syscall_action_name(struct syscall_answer answer,
                                char buffer[static SYSCALL_ACTION_NAME_MAX])
{
    char name[16];

    if (answer.action != SYSCALL_ERRNO)
        return names[answer.action];
    (void)snprintf(buffer, SYSCALL_ACTION_NAME_MAX, "errno(%s)", error_name(answer.code, name));
    return buffer;
}

static bool nth(size_t index, char out[static VOCABULARY_WORD_MAX])
{
    static const char *const plain[] = {"allow", "trap", "kill", "notify", "exempt"};
    enum { PLAIN = sizeof plain / sizeof plain[0] };
    char buffer[SYSCALL_ACTION_NAME_MAX];

    if (index >= PLAIN + CODES)
        return false;
    const char *name =
        index < PLAIN ? plain[index]
                      : syscall_action_name((struct syscall_answer){.action = SYSCALL_ERRNO,
                                                                    .code = (int)(index - PLAIN)},
                                            buffer);
    (void)snprintf(out, VOCABULARY_WORD_MAX, "%s", name);
    return true;
}

const struct vocabulary syscall_action_vocabulary = {.name = "answer of a filter", .nth = nth};
