/*
 * Observing, judging and reporting in one go. See assessment.h.
 */
#include "agent/assessment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/adjust.h"
#include "agent/assess_entered.h"
#include "agent/commands.h"
#include "agent/core/judge.h"
#include "agent/core/mem.h"
#include "agent/pod.h"
#include "agent/policy_json.h"
#include "agent/say.h"
#include "agent/seccomp_compare.h"
#include "agent/seccomp_profile_json.h"
#include "agent/terminal.h"
#include "probes/enter_cgroup.h"
#include "probes/observe.h"
#include "report/reporter.h"

enum { FILE_WIDTH = 80 };

const char *assessment_format(size_t index)
{
    const struct reporter *reporter = reporter_at(index);

    return reporter == NULL ? NULL : reporter->name;
}

/* The profile that the policy or an option names. */
static bool read_profile(struct assessment *assessment, struct error *err)
{
    const char *file = policy_seccomp_profile(&assessment->policy);

    if (file == NULL)
        return true;
    if (!seccomp_profile_load(file, &assessment->profile, err))
        return false;
    assessment->has_profile = true;
    CLEANUP(strset_free) struct strset unknown = seccomp_profile_unknown(&assessment->profile);
    CLEANUP(mem_free_text) char *names = strset_join(&unknown, ", ");
    if (unknown.count > 0)
        say("%s: no Linux has a system call of these names: %s", file, names);
    return true;
}

static bool open_with(const struct options *options, const char *(*format_at)(size_t index),
                      bool is_brief, struct assessment *out, struct error *err)
{
    const char *policy = options_word(options, OPTION_POLICY, "hardened");
    bool is_facts_stdin = options->operand != NULL && strcmp(options->operand, "-") == 0;

    *out = (struct assessment){.options = options, .catalog = observe_catalog()};
    assessment_restart(out);
    if (is_facts_stdin && strcmp(policy, "-") == 0)
        return error_set(err, "the facts and the policy cannot both come from standard input");
    if (!outputs_plan(options, format_at, &out->outputs, err))
        return false;
    for (size_t i = 0; i < out->outputs.count && format_at == assessment_format; i++) {
        const struct reporter *reporter = reporter_at(out->outputs.rows[i].format);
        out->wants_all |= reporter->prints_facts;
        is_brief &= !reporter->prints_prose;
    }
    return (is_brief ? policy_load_brief : policy_load)(policy, &out->catalog, &out->policy, err) &&
           adjust_policy(options, &out->catalog, &out->policy, err) && read_profile(out, err);
}

bool assessment_open(const struct options *options, const char *(*format_at)(size_t index),
                     struct assessment *out, struct error *err)
{
    return open_with(options, format_at, true, out, err);
}

bool assessment_open_for_all(const struct options *options, struct assessment *out,
                             struct error *err)
{
    return open_with(options, assessment_format, false, out, err);
}

void assessment_compare(struct assessment *assessment)
{
    seccomp_compare(assessment->has_profile ? &assessment->profile : NULL, &assessment->catalog,
                    &assessment->facts);
}

void assessment_restart(struct assessment *assessment)
{
    facts_free(&assessment->facts);
    (void)clock_gettime(CLOCK_MONOTONIC, &assessment->begun);
    (void)clock_gettime(CLOCK_REALTIME, &assessment->now);
}

struct observe_request assessment_request(const struct assessment *assessment)
{
    return (struct observe_request){
        .keys = policy_keys(&assessment->policy),
        .write_paths = policy_subjects(&assessment->policy, "filesystem.write"),
        .is_fast = options_has(assessment->options, OPTION_FAST),
        .is_survey = assessment->is_survey,
        /* A profile is compared with all that the filters answer. */
        .wants_all = assessment->is_survey || assessment->wants_all || assessment->has_profile,
    };
}

void assessment_set_origin(struct assessment *assessment, const struct observed *who)
{
    struct facts_origin *origin = &assessment->origin;
    CLEANUP(mem_free_text) char *name = fact_clean_text(who->name);

    date_time_format(assessment->now.tv_sec, origin->started);
    origin->pid = who->pid;
    origin->is_self = who->is_self;
    (void)snprintf(origin->name, sizeof origin->name, "%s", name);
}

/* The process of --pid, or this one. */
static bool observe(struct assessment *assessment, const struct observe_request *request,
                    struct error *err)
{
    const char *word = options_word(assessment->options, OPTION_PID, NULL);
    bool is_entered = options_has(assessment->options, OPTION_ENTER);
    struct observed who = {.pid = getpid(), .is_self = true};
    bool ok = true;

    if (is_entered)
        enter_cgroups_prepare();
    if (word == NULL && is_entered)
        ok = error_set(err, "--enter needs --pid or --all");
    else if (word == NULL)
        observe_self(request, &assessment->facts);
    else
        ok = observe_process(word, request, is_entered ? assess_entered : observe_opened,
                             assessment, &assessment->facts, &who, err);
    if (ok)
        assessment_set_origin(assessment, &who);
    return ok;
}

bool assessment_observe(struct assessment *assessment, struct error *err)
{
    struct observe_request request = assessment_request(assessment);

    assessment->pod = pod_from_environment();
    bool ok = observe(assessment, &request, err);
    assessment_compare(assessment);
    observe_request_free(&request);
    return ok;
}

bool assessment_load(struct assessment *assessment, struct error *err)
{
    if (!facts_load(assessment->options->operand, &assessment->catalog, &assessment->facts,
                    &assessment->origin, err))
        return false;
    assessment_compare(assessment);
    return true;
}

static double milliseconds_since(const struct timespec *begun)
{
    struct timespec now = *begun;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - begun->tv_sec) * 1e3 +
           (double)(now.tv_nsec - begun->tv_nsec) / 1e6;
}

struct report assessment_report(const struct assessment *assessment)
{
    return (struct report){
        .tool_version = WATERTIGHT_VERSION,
        .policy = &assessment->policy,
        .facts = &assessment->facts,
        .pid = assessment->origin.pid,
        .is_self = assessment->origin.is_self,
        .pod = assessment->pod,
        .name = assessment->origin.name[0] == '\0' ? NULL : assessment->origin.name,
        .started = assessment->origin.started,
        .duration_ms = milliseconds_since(&assessment->begun),
    };
}

static struct report_style style_of(const struct options *options, const struct output *output)
{
    const char *color = options_word(options, OPTION_COLOR, "auto");
    bool is_auto = strcmp(color, "auto") == 0;

    if (!output_is_stdout(output))
        return (struct report_style){.color = strcmp(color, "always") == 0, .width = FILE_WIDTH};
    return (struct report_style){
        .color = is_auto ? terminal_has_color() : strcmp(color, "always") == 0,
        .width = terminal_width(),
    };
}

static void write_one(const struct reporter *reporter, const void *subject,
                      const struct report_style *style, FILE *out)
{
    reporter->write(subject, style, out);
}

static void write_set(const struct reporter *reporter, const void *subject,
                      const struct report_style *style, FILE *out)
{
    reporter->write_all(subject, style, out);
}

/* Writes what can be written, whatever became of the one before. */
static bool write_outputs(const struct assessment *assessment,
                          void (*write)(const struct reporter *reporter, const void *subject,
                                        const struct report_style *style, FILE *out),
                          const void *subject)
{
    bool is_quiet = options_has(assessment->options, OPTION_QUIET);
    bool is_whole = true;
    struct error err = {0};

    for (size_t i = 0; i < assessment->outputs.count; i++) {
        const struct output *output = &assessment->outputs.rows[i];
        struct report_style style = style_of(assessment->options, output);
        struct output_buffer buffer;
        if (is_quiet && output_is_stdout(output))
            continue;
        output_buffer_open(&buffer);
        write(reporter_at(output->format), subject, &style, buffer.stream);
        if (output_buffer_send(&buffer, output->destination, &err))
            continue;
        say("%s", err.text);
        is_whole = false;
    }
    return is_whole;
}

struct report assessment_conclude(const struct assessment *assessment, struct findings *out)
{
    judge(&assessment->facts, &assessment->policy, date_of(assessment->now.tv_sec), out);
    struct report report = assessment_report(assessment);
    report.findings = out;
    report.headline = findings_headline(out);
    report.verdict = findings_verdict(out, assessment->policy.fail_on);
    return report;
}

static int exit_status(enum verdict verdict)
{
    static const int statuses[] = {
        [VERDICT_PASS] = EXIT_WATERTIGHT,
        [VERDICT_FAIL] = EXIT_FINDINGS,
        [VERDICT_INCOMPLETE] = EXIT_INCOMPLETE,
    };

    return statuses[verdict];
}

int assessment_judge(const struct assessment *assessment)
{
    CLEANUP(findings_free) struct findings findings = {0};
    struct report report = assessment_conclude(assessment, &findings);

    if (!write_outputs(assessment, write_one, &report))
        return EXIT_OUTPUT;
    return exit_status(report.verdict);
}

int assessment_write_all(const struct assessment *assessment, const struct report_set *set)
{
    if (!write_outputs(assessment, write_set, set))
        return EXIT_OUTPUT;
    return exit_status(set->verdict);
}

void assessment_free(struct assessment *assessment)
{
    outputs_free(&assessment->outputs);
    facts_free(&assessment->facts);
    seccomp_profile_free(&assessment->profile);
    policy_free(&assessment->policy);
    fact_catalog_free(&assessment->catalog);
}
