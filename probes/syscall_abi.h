/*
 * The second ABIs of an x86-64 kernel: i386, reached by int $0x80, and x32, reached by a bit in the
 * number. A filter that only knows native numbers may let through there what it refuses natively.
 */
#ifndef WATERTIGHT_PROBES_SYSCALL_ABI_H
#define WATERTIGHT_PROBES_SYSCALL_ABI_H

#include "agent/core/strset.h"
#include "agent/core/vocabulary.h"
#include "probes/syscall_policy.h"

/* On other machines both are absent: a 64-bit process cannot call by arm64's 32-bit ABI. */
enum { SYSCALL_ABI_I386, SYSCALL_ABI_X32, SYSCALL_ABIS };

enum syscall_abi_state {
    SYSCALL_ABI_UNKNOWN,
    SYSCALL_ABI_ABSENT,   /* the kernel has no such ABI */
    SYSCALL_ABI_BLOCKED,  /* the filters refuse every call of it that was asked about */
    SYSCALL_ABI_REACHABLE /* the kernel has it, and the filters let calls of it through */
};

struct syscall_abi {
    enum syscall_abi_state state;
    const char *reason;   /* why the state is unknown; a constant */
    const char *detail;   /* the evidence behind the state; a constant or NULL */
    bool is_compared;     /* looser is known */
    struct strset looser; /* names of calls that are let through there, and refused natively */
};

/* A call as it is asked about natively: name is what a report says, call the kernel's name. */
struct syscall_native {
    const char *name; /* the same pointer as call, where no arguments are meant */
    const char *call;
    int i386; /* the number of call in that ABI; negative: it has no such call */
    struct syscall_question question;
    struct syscall_answer answer;
};

/*
 * What to ask along with count native calls, in one go: an array behind theirs. The calls without
 * arguments come first, sorted by name.
 */
struct syscall_abi_questions {
    struct syscall_question *questions; /* owned */
    const char **names;                 /* owned array of lent names: what a report says */
    size_t count, question_capacity, name_capacity;
};

void syscall_abi_prepare(const struct syscall_native *native, size_t count,
                         struct syscall_abi_questions *out);
void syscall_abi_questions_free(struct syscall_abi_questions *questions);

/*
 * Fills abis: what the filters answer there. answers are those to the questions. May execute
 * getpid(2) or the like by the x32 ABI, where the filters let it through. False, with the reason in
 * err, when the calls cannot be asked about. The caller frees the sets, whatever the result.
 */
bool syscall_abi_compare(const struct syscall_native *native, size_t count,
                         const struct syscall_abi_questions *questions,
                         const struct syscall_answer *answers, struct syscall_abi *abis,
                         struct error *err) MUST_USE;

/* The same where no filter is loaded: executes getpid(2) by each ABI, in a throw-away child. */
void syscall_abi_find(struct syscall_abi *abis);

/* "i386" "x32" */
const char *syscall_abi_name(size_t abi);
extern const struct vocabulary syscall_abi_vocabulary;

#endif
