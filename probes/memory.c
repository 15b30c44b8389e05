/*
 * Whether memory can be writable and executable at once. Most kernels let every program have such
 * memory; SELinux (execmem), PR_SET_MDWE or a seccomp filter may refuse it.
 */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>

#include "agent/core/mem.h"
#include "probes/probe.h"
#include "probes/target.h"
#include "probes/throwaway.h"

enum { MAPPED_BYTES = 4096 };

static const struct fact_key keys[] = {{
    .name = "memory.write_exec",
    .type = VALUE_BOOL,
    .summary = "memory can be writable and executable at once, as in nearly every container",
}};

/*
 * Expected: success, or EACCES or EPERM. Harmless: it is a page of the child's own, never written
 * to nor executed. In a child, since a filter may kill for it. A filter that answers 0 in the
 * kernel's place refuses it, too: that address is given to nobody who asks for any.
 */
static void map_step(size_t index, void *shared, const void *context)
{
    int *code = shared;
    void *page = mmap(NULL, MAPPED_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)index;
    (void)context;
    if (page == MAP_FAILED)
        *code = errno;
    else
        *code = page == NULL ? EPERM : 0;
    if (*code == 0)
        (void)munmap(page, MAPPED_BYTES);
}

static void put_answer(int code, struct step_result result, struct facts *out)
{
    bool is_killed = result.end == STEP_KILLED && result.code == SIGSYS;
    bool is_own_failure = code == ENOMEM || code == EAGAIN;
    char words[96];
    char name[16];

    if (is_killed)
        fact_set_detail(facts_put_bool(out, &keys[0], NULL, false), step_words(result, words));
    else if (result.end != STEP_DONE)
        (void)facts_put_unknown(out, &keys[0], NULL, step_words(result, words));
    else if (is_own_failure)
        (void)facts_put_unknown(out, &keys[0], NULL, error_name(code, name));
    else if (code != 0)
        fact_set_detail(facts_put_bool(out, &keys[0], NULL, false), error_name(code, name));
    else
        (void)facts_put_bool(out, &keys[0], NULL, true);
}

static void try_to_map(struct facts *out)
{
    struct step_result result = {.end = STEP_NOT_RUN};
    int *code = throwaway_share(sizeof *code);

    if (code == NULL) {
        (void)facts_put_unknown(out, &keys[0], NULL, "no memory can be shared with a child");
        return;
    }
    throwaway_run(1, map_step, code, NULL, &result);
    put_answer(*code, result, out);
    throwaway_unshare(code, sizeof *code);
}

static void memory_observe(const struct target *target, const struct observe_request *request,
                           struct facts *out)
{
    (void)request;
    if (target->is_self)
        try_to_map(out);
    else
        (void)facts_put_unknown(out, &keys[0], NULL, "only the process itself can be asked");
}

const struct probe probe_memory = {
    .name = "memory",
    .summary = "whether memory can be writable and executable at once",
    .keys = keys,
    .key_count = sizeof keys / sizeof keys[0],
    .is_for_rules = true,
    .observe = memory_observe,
};
