/*
 * Seccomp profiles, resolved and asked. See seccomp_profile.h.
 */
#include "agent/seccomp_profile.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/syscall_name.h"

/* --- which rules apply ---------------------------------------------------------------------- */

static const struct machine {
    const char *name;
    const char *docker; /* in "includes" and "excludes" */
    const char *native; /* in "architectures" and "archMap" */
} machines[] = {
    {"x86_64", "amd64", "SCMP_ARCH_X86_64"},
    {"aarch64", "arm64", "SCMP_ARCH_AARCH64"},
};

static const struct machine *find_machine(const char *name)
{
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
        if (strcmp(machines[i].name, name) == 0)
            return &machines[i];
    }
    return NULL;
}

/* "5.10.0-30-amd64" gives {5, 10}. */
static bool read_kernel(const char *text, int out[2])
{
    char *end = NULL;
    long major = strtol(text, &end, 10);

    if (end == text || *end != '.' || major < 0 || major > 1000)
        return false;
    text = end + 1;
    long minor = strtol(text, &end, 10);
    out[0] = (int)major;
    out[1] = (int)minor;
    return end != text && minor >= 0 && minor <= 1000;
}

/* Whether what a scope asks for is known of the host. */
static bool check_known(const struct seccomp_scope *scope, const struct seccomp_host *host,
                        struct error *err)
{
    int kernel[2];

    if (scope->capabilities.count > 0 && host->bounding == NULL)
        return error_set(err, "the profile depends on the bounding set, which is not known");
    if (scope->has_kernel && (host->kernel == NULL || !read_kernel(host->kernel, kernel)))
        return error_set(err, "the profile depends on the kernel's version, which is not known");
    return true;
}

static bool has_kernel(const struct seccomp_scope *scope, const struct seccomp_host *host)
{
    int kernel[2] = {0};

    (void)read_kernel(host->kernel, kernel);
    if (kernel[0] != scope->kernel[0])
        return kernel[0] > scope->kernel[0];
    return kernel[1] >= scope->kernel[1];
}

/* Everything that is included must be there. */
static bool is_included(const struct seccomp_scope *scope, const struct seccomp_host *host,
                        const struct machine *machine)
{
    for (size_t i = 0; i < scope->capabilities.count; i++) {
        if (!strset_has(host->bounding, scope->capabilities.items[i]))
            return false;
    }
    if (scope->machines.count > 0 && !strset_has(&scope->machines, machine->docker))
        return false;
    return !scope->has_kernel || has_kernel(scope, host);
}

/* One thing that is excluded is enough. */
static bool is_excluded(const struct seccomp_scope *scope, const struct seccomp_host *host,
                        const struct machine *machine)
{
    for (size_t i = 0; i < scope->capabilities.count; i++) {
        if (strset_has(host->bounding, scope->capabilities.items[i]))
            return true;
    }
    if (strset_has(&scope->machines, machine->docker))
        return true;
    return scope->has_kernel && has_kernel(scope, host);
}

static bool names_native(const struct seccomp_profile *profile, const struct machine *machine)
{
    for (size_t i = 0; i < profile->map_count; i++) {
        if (strcmp(profile->map[i].native, machine->native) == 0)
            return true;
    }
    return strset_has(&profile->architectures, machine->native);
}

/*
 * The highest number that the rules name, where runc puts its answer ENOSYS above it: for the
 * architectures that the profile lists, unless it lets through by default.
 */
static int find_newest(const struct seccomp_policy *policy, const struct machine *machine)
{
    const char *action = policy->profile->default_action;
    int newest = -1;

    if (strcmp(action, "allow") == 0 || strcmp(action, "log") == 0 ||
        !names_native(policy->profile, machine))
        return -1;
    for (size_t i = 0; i < policy->rule_count; i++) {
        const struct strset *names = &policy->rules[i]->names;
        for (size_t k = 0; k < names->count; k++) {
            int number = syscall_number(machine->name, names->items[k]);
            newest = number > newest ? number : newest;
        }
    }
    return newest > 0 ? newest : -1;
}

bool seccomp_profile_resolve(const struct seccomp_profile *profile, const struct seccomp_host *host,
                             struct seccomp_policy *out, struct error *err)
{
    const struct machine *machine = find_machine(host->machine == NULL ? "" : host->machine);

    *out = (struct seccomp_policy){.profile = profile, .machine = host->machine};
    if (machine == NULL)
        return error_set(err, "the machine's architecture is not known");
    for (size_t i = 0; i < profile->rule_count; i++) {
        const struct seccomp_rule *rule = &profile->rules[i];
        if (!check_known(&rule->includes, host, err) || !check_known(&rule->excludes, host, err))
            return false;
        if (is_excluded(&rule->excludes, host, machine) ||
            !is_included(&rule->includes, host, machine))
            continue;
        out->rules = mem_grow(out->rules, out->rule_count, &out->rule_capacity,
                              sizeof(struct seccomp_rule *));
        out->rules[out->rule_count++] = rule;
    }
    out->newest = find_newest(out, machine);
    return true;
}

/* --- what they answer ----------------------------------------------------------------------- */

static bool condition_holds(const struct seccomp_condition *condition, const long *arguments)
{
    uint64_t argument = (uint64_t)arguments[condition->index];

    switch (condition->op) {
    case SECCOMP_NE:
        return argument != condition->value;
    case SECCOMP_LT:
        return argument < condition->value;
    case SECCOMP_LE:
        return argument <= condition->value;
    case SECCOMP_EQ:
        return argument == condition->value;
    case SECCOMP_GE:
        return argument >= condition->value;
    case SECCOMP_GT:
        return argument > condition->value;
    case SECCOMP_MASKED_EQ:
        return (argument & condition->value) == condition->value_two;
    }
    return false;
}

static bool is_alternative(const struct seccomp_rule *rule)
{
    unsigned seen = 0;

    for (size_t i = 0; i < rule->condition_count; i++) {
        unsigned bit = 1U << rule->conditions[i].index;
        if ((seen & bit) != 0)
            return true;
        seen |= bit;
    }
    return false;
}

static bool rule_matches_arguments(const struct seccomp_rule *rule, const long *arguments)
{
    size_t held = 0;

    for (size_t i = 0; i < rule->condition_count; i++)
        held += condition_holds(&rule->conditions[i], arguments) ? 1 : 0;
    return is_alternative(rule) ? held > 0 : held == rule->condition_count;
}

const char *seccomp_policy_answer(const struct seccomp_policy *policy, const char *name,
                                  const long arguments[static SECCOMP_ARGUMENTS],
                                  struct strset *accepted)
{
    const char *usual = policy->profile->default_action;
    const char *conditional = NULL;

    for (size_t i = 0; i < policy->rule_count; i++) {
        const struct seccomp_rule *rule = policy->rules[i];
        if (strcmp(rule->action, usual) == 0 || !strset_has(&rule->names, name) ||
            !rule_matches_arguments(rule, arguments))
            continue;
        if (rule->condition_count == 0) {
            strset_free(accepted);
            strset_add(accepted, rule->action);
            return rule->action;
        }
        strset_add(accepted, rule->action);
        conditional = conditional == NULL ? rule->action : conditional;
    }
    if (conditional != NULL)
        return conditional;
    strset_add(accepted, usual);
    if (policy->newest >= 0 && syscall_number(policy->machine, name) > policy->newest)
        strset_add(accepted, "errno(ENOSYS)");
    return usual;
}

struct strset seccomp_profile_unknown(const struct seccomp_profile *profile)
{
    struct strset unknown = {0};

    for (size_t i = 0; i < profile->rule_count; i++) {
        const struct strset *names = &profile->rules[i].names;
        for (size_t k = 0; k < names->count; k++) {
            if (!syscall_is_known(names->items[k]))
                strset_add(&unknown, names->items[k]);
        }
    }
    return unknown;
}

/* --- their memory --------------------------------------------------------------------------- */

void seccomp_policy_free(struct seccomp_policy *policy)
{
    free(policy->rules);
    *policy = (struct seccomp_policy){0};
}

static void rule_release(struct seccomp_rule *rule)
{
    strset_free(&rule->names);
    strset_free(&rule->includes.capabilities);
    strset_free(&rule->includes.machines);
    strset_free(&rule->excludes.capabilities);
    strset_free(&rule->excludes.machines);
    free(rule->action);
    free(rule->conditions);
}

void seccomp_profile_free(struct seccomp_profile *profile)
{
    for (size_t i = 0; i < profile->rule_count; i++)
        rule_release(&profile->rules[i]);
    for (size_t i = 0; i < profile->map_count; i++) {
        free(profile->map[i].native);
        strset_free(&profile->map[i].others);
    }
    strset_free(&profile->architectures);
    free(profile->default_action);
    free(profile->rules);
    free(profile->map);
    *profile = (struct seccomp_profile){0};
}
