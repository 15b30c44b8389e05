/*
 * All containers. See observe_all.h.
 */
#include "probes/observe_all.h"

#include <errno.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/containers.h"

static void add_note(struct observe_notes *notes, bool is_incomplete, char *text)
{
    strset_add(&notes->texts, text);
    mem_free_text(&text);
    notes->is_incomplete = notes->is_incomplete || is_incomplete;
}

/* What all containers are observed with. */
struct round {
    const struct target *self;
    const struct containers *containers;
    const struct observe_request *request;
    observe_one *one;
    observe_take *take;
    void *context;
    struct observe_notes *notes;
};

/* The first process of a container may end at any time: then the next one stands for it. */
static void observe_group(const struct round *round, const struct container_group *group)
{
    struct error err = {0};

    for (size_t i = 0; i < group->count; i++) {
        CLEANUP(facts_free) struct facts facts = {0};
        struct observed who = {0};
        pid_t pid = round->containers->rows[group->first + i].pid;
        if (round->one(round->self, pid, round->request, &facts, &who, round->context, &err)) {
            round->take(&who, &facts, round->context);
            return;
        }
        if (err.code != ESRCH)
            break;
    }
    if (err.code != ESRCH)
        add_note(round->notes, true,
                 mem_format("one container could not be looked at: %s", err.text));
}

static void note_left_out(const struct containers *containers, struct observe_notes *notes)
{
    size_t host = 0;

    for (size_t i = 0; i < containers->group_count; i++) {
        const struct container_group *group = &containers->groups[i];
        const struct process_row *row = &containers->rows[group->first];
        if (group->left_out == CONTAINER_OF_HOST)
            host += group->count;
        else if (group->left_out == CONTAINER_PAUSE)
            add_note(notes, false,
                     mem_format("left out: process %d (%s), which only holds a Pod's namespaces",
                                (int)row->pid, row->stat.name));
        else if (group->left_out == CONTAINER_SERVER)
            add_note(notes, false, mem_copy("left out: the container that watertight runs in"));
    }
    if (host > 0)
        add_note(notes, false, mem_format("left out: processes of the machine itself (%zu)", host));
}

static void note_doubts(const struct containers *containers, struct observe_notes *notes)
{
    if (!containers->has_links)
        add_note(notes, false,
                 mem_copy("grouped by control group and mounts: to follow the links of the "
                          "namespaces takes CAP_SYS_PTRACE"));
    if (containers->unreadable_count > 0)
        add_note(notes, true,
                 mem_format("%zu processes could not be assigned to a container: %s",
                            containers->unreadable_count, containers->unreadable.text));
}

bool observe_all(const struct observe_request *request, observe_one *one, observe_take *take,
                 void *context, struct observe_notes *notes, struct error *err)
{
    CLEANUP(target_close) struct target self;
    CLEANUP(containers_free) struct containers containers = {0};
    struct round round = {
        .self = &self,
        .containers = &containers,
        .request = request,
        .one = one,
        .take = take,
        .context = context,
        .notes = notes,
    };

    target_open_self(&self);
    if (!containers_find(&self, request->server, &containers, err))
        return false;
    notes->is_machine = containers.is_machine;
    note_left_out(&containers, notes);
    note_doubts(&containers, notes);
    for (size_t i = 0; i < containers.group_count; i++) {
        if (containers.groups[i].left_out == CONTAINER_TAKEN)
            observe_group(&round, &containers.groups[i]);
    }
    return true;
}

void observe_notes_free(struct observe_notes *notes)
{
    strset_free(&notes->texts);
}
