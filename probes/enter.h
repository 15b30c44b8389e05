/*
 * Looking from inside another process's confinement: a child enters it and runs the probes there,
 * from memory, as one more process of that container.
 */
#ifndef WATERTIGHT_PROBES_ENTER_H
#define WATERTIGHT_PROBES_ENTER_H

#include <stdio.h>

#include "agent/core/fact.h"
#include "probes/observe.h"

/* Writes facts in any way that the caller can read again. Runs inside, confined. */
typedef void enter_write(const struct facts *facts, FILE *out);

struct enter_answer {
    enter_write *write;   /* how facts are written; set by the caller */
    char *text;           /* owned: what it wrote inside */
    size_t length;        /* bytes of text */
    struct facts outside; /* of what is the process's own or seen better from outside, as
                             observe_own has it; they stand for those inside */
};

/*
 * Enters process pid and observes; self is the calling process. False says what was refused; the
 * rights that it takes are CAP_SYS_ADMIN and CAP_SYS_PTRACE. err->code is ESRCH when there is no
 * such process. out is freed by enter_answer_free.
 *
 * The process looked at is stopped for a moment if it has filters, and never left stopped. The
 * child inside ends by itself, also when the caller is killed.
 */
bool enter_observe(const struct target *self, pid_t pid, const struct observe_request *request,
                   struct enter_answer *out, struct observed *who, struct error *err) MUST_USE;
void enter_answer_free(struct enter_answer *answer);

#endif
