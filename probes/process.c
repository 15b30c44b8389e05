/*
 * What the process inherited from who started it: whether its addresses are randomised
 * (personality(2), and the kernel's setting), and how the kernel's killer of processes ranks it.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>

#include "agent/core/mem.h"
#include "agent/core/vocabulary.h"
#include "probes/probe.h"
#include "probes/process_text.h"
#include "probes/procfile.h"
#include "probes/target.h"

enum { KEY_RANDOMIZATION, KEY_OOM, KEY_COUNT };

static const char of_kernel[] = "kernel";
static const char of_process[] = "process";

static const char *const degree_words[] = {
    [RANDOMIZATION_OFF] = "off",
    [RANDOMIZATION_PARTIAL] = "partial",
    [RANDOMIZATION_FULL] = "full",
    NULL,
};
static const struct vocabulary degrees = {.name = "degree of randomisation", .words = degree_words};

static const char *const subject_words[] = {of_kernel, of_process, NULL};
static const struct vocabulary subjects = {.name = "kernel or process", .words = subject_words};

static const struct fact_key keys[KEY_COUNT] = {
    [KEY_RANDOMIZATION] = {.name = "memory.randomization",
                           .type = VALUE_TEXT,
                           .subjects = SUBJECTS_REQUESTED,
                           .subject_name = "whose",
                           .vocabulary = &degrees,
                           .subject_vocabulary = &subjects,
                           .summary = "of addresses: full, partial (all but the heap) or off, by "
                                      "kernel.randomize_va_space and by personality(2)"},
    [KEY_OOM] = {.name = "process.oom_score_adj",
                 .type = VALUE_INTEGER,
                 .summary = "how out of memory the kernel ranks it: 1000 first, -1000 never"},
};

static void observe_kernel(const struct target *target, struct facts *out)
{
    const struct fact_key *key = &keys[KEY_RANDOMIZATION];
    CLEANUP(mem_free_text) char *text = NULL;
    enum randomization degree = RANDOMIZATION_OFF;
    struct error err = {0};
    size_t length = 0;

    if (procfile_read_sysctl(target, "sys/kernel/randomize_va_space", &text, &length, &err) &&
        randomization_parse(text, length, &degree, &err))
        (void)facts_put_text(out, key, of_kernel, degree_words[degree]);
    else
        (void)facts_put_unknown(out, key, of_kernel, err.text);
}

/*
 * Not by personality(2): a filter's errno 0 could not be told from the usual answer. A process
 * whose executable cannot be read may not read this file of its own (ptrace(2), PR_SET_DUMPABLE).
 */
static void observe_personality(const struct target *target, struct facts *out)
{
    const struct fact_key *key = &keys[KEY_RANDOMIZATION];
    CLEANUP(mem_free_text) char *text = NULL;
    uint64_t bits = 0;
    struct error err = {0};
    size_t length = 0;

    if (!procfile_read(target, "personality", &text, &length, &err) ||
        !personality_parse(text, length, &bits, &err)) {
        (void)facts_put_unknown(out, key, of_process, err.text);
        return;
    }
    bool is_off = (bits & ADDR_NO_RANDOMIZE) != 0;
    struct fact *row = facts_put_text(
        out, key, of_process, degree_words[is_off ? RANDOMIZATION_OFF : RANDOMIZATION_FULL]);
    if (is_off)
        fact_set_detail(row, "ADDR_NO_RANDOMIZE is set, which every program that it starts "
                             "inherits");
}

static void observe_oom(const struct target *target, struct facts *out)
{
    const struct fact_key *key = &keys[KEY_OOM];
    CLEANUP(mem_free_text) char *text = NULL;
    int64_t value = 0;
    struct error err = {0};
    size_t length = 0;

    if (procfile_read(target, "oom_score_adj", &text, &length, &err) &&
        oom_score_parse(text, length, &value, &err))
        (void)facts_put_integer(out, key, NULL, value);
    else
        (void)facts_put_unknown(out, key, NULL, err.text);
}

static void process_observe(const struct target *target, const struct observe_request *request,
                            struct facts *out)
{
    (void)request;
    observe_kernel(target, out);
    observe_personality(target, out);
    observe_oom(target, out);
}

const struct probe probe_process = {
    .name = "process",
    .summary = "what the process inherited: randomised addresses, its rank out of memory",
    .keys = keys,
    .key_count = KEY_COUNT,
    .is_for_rules = true,
    .observe = process_observe,
};
