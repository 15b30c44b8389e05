/*
 * The device nodes that the process finds in /dev, and where else engines put them. Whether the
 * control group's list of devices lets it open them is not asked: opening a device can have
 * effects.
 */
#include <string.h>

#include "agent/core/mem.h"
#include "probes/device_walk.h"
#include "probes/looks.h"
#include "probes/manager.h"
#include "probes/probe.h"
#include "probes/target.h"

static const struct fact_key keys[] = {{
    .name = "device.nodes",
    .type = VALUE_SET,
    .summary = "\"c 1:3 /dev/null\"; of a pseudo-terminal without its number: "
               "\"c 136:* /dev/pts/*\"; also mounted ones, and those near the root directory; "
               "\"c 10:200 /dev/net/tun of systemd-nspawn\": one that it makes itself",
}};

/* Unix98 pseudo-terminals (Documentation/admin-guide/devices.txt). */
enum { PTS_MAJOR_FIRST = 136, PTS_MAJOR_LAST = 143 };

/* What some nodes stand for, for who reads the report. */
static const struct {
    bool is_block;
    unsigned int major, minor;
    const char *words;
} known[] = {
    {false, 1, 1, "the machine's memory"},
    {false, 1, 2, "the kernel's memory"},
    {false, 1, 4, "the machine's I/O ports"},
    {false, 1, 11, "the kernel's log"},
    {false, 5, 1, "the machine's console"},
    {false, 10, 200, "network tunnels"},
    {false, 10, 229, "FUSE"},
    {false, 10, 232, "virtual machines"},
    {false, 10, 237, "loop devices"},
};

static bool is_terminal(const struct device_node *node)
{
    return !node->is_block && node->major >= PTS_MAJOR_FIRST && node->major <= PTS_MAJOR_LAST;
}

static bool is_misc(const struct device_node *node, unsigned int minor, const char *path)
{
    return !node->is_block && node->major == 10 && node->minor == minor &&
           strcmp(node->path, path) == 0;
}

/* The folder or the start of a name by which LXC shows the container's terminals, or NULL. */
static const char *lxc_terminal(const struct device_node *node)
{
    static const char *const starts[] = {"/dev/lxc/", "/dev/tty"};

    for (size_t i = 0; i < sizeof starts / sizeof starts[0] && is_terminal(node); i++) {
        if (strncmp(node->path, starts[i], strlen(starts[i])) == 0)
            return starts[i];
    }
    return NULL;
}

/*
 * What a manager makes in every container, and an engine does not, is told apart, so that a policy
 * can allow the one and not the other: NULL where it is nobody's own. gVisor's are of its own
 * kernel; a node of the host that is bound there has the number 0:0, and cannot be opened.
 */
static char *own_text(const struct target *target, const struct device_node *node)
{
    enum manager manager = mount_table_manager(&target->mounts);
    bool is_tun = is_misc(node, 200, "/dev/net/tun");
    const char *start = lxc_terminal(node);

    if (target_is_gvisor(target) && (is_tun || is_misc(node, 229, "/dev/fuse")))
        return mem_format("c 10:%u %s of gvisor", node->minor, node->path);
    if (manager == MANAGER_NSPAWN && is_tun)
        return mem_format("c 10:200 %s of %s", node->path, manager_name(manager));
    if (manager == MANAGER_LXC && start != NULL)
        return mem_format("c %d:* %s* of %s", PTS_MAJOR_FIRST, start, manager_name(manager));
    return NULL;
}

/*
 * Which of the terminals a container got is chance, so that a policy could not name it: their
 * numbers are left out.
 */
static char *node_text(const struct device_node *node)
{
    static const char pts[] = "/dev/pts/";

    if (!is_terminal(node))
        return mem_format("%c %u:%u %s", node->is_block ? 'b' : 'c', node->major, node->minor,
                          node->path);
    if (strncmp(node->path, pts, sizeof pts - 1) == 0)
        return mem_format("c %d:* %s*", PTS_MAJOR_FIRST, pts);
    return mem_format("c %d:* %s", PTS_MAJOR_FIRST, node->path);
}

static const char *node_words(const struct device_node *node)
{
    if (node->is_block)
        return "a block device";
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].major == node->major && known[i].minor == node->minor)
            return known[i].words;
    }
    return NULL;
}

static void put_nodes(const struct target *target, const struct device_nodes *nodes,
                      struct facts *out)
{
    struct strset set = {0};
    struct strset named = {0};

    for (size_t i = 0; i < nodes->count; i++) {
        CLEANUP(mem_free_text) char *own = own_text(target, &nodes->nodes[i]);
        CLEANUP(mem_free_text) char *text = node_text(&nodes->nodes[i]);
        const char *words = node_words(&nodes->nodes[i]);
        strset_add(&set, own != NULL ? own : text);
        if (words == NULL || own != NULL)
            continue;
        CLEANUP(mem_free_text) char *name = mem_format("%s: %s", nodes->nodes[i].path, words);
        strset_add(&named, name);
    }
    struct fact *fact = facts_put_set(out, &keys[0], NULL, &set);
    CLEANUP(mem_free_text) char *detail = strset_join_some(&named, ", ", 6);
    if (detail[0] != '\0')
        fact_set_detail(fact, detail);
    strset_free(&named);
}

static char *problem_words(const struct device_nodes *nodes)
{
    char name[16];

    if (nodes->is_cut)
        return mem_format("there is more in %s than is looked through", nodes->problem);
    return mem_format("cannot look at %s: %s", nodes->problem, error_name(nodes->code, name));
}

static void put_walk(const struct target *target, const struct device_nodes *nodes,
                     struct step_result result, struct facts *out)
{
    char words[96];

    if (result.end != STEP_DONE) {
        (void)facts_put_unknown(out, &keys[0], NULL, step_words(result, words));
        return;
    }
    if (nodes->problem[0] != '\0') {
        CLEANUP(mem_free_text) char *problem = problem_words(nodes);
        (void)facts_put_unknown(out, &keys[0], NULL, problem);
        return;
    }
    put_nodes(target, nodes, out);
}

static void devices_observe(const struct target *target, const struct observe_request *request,
                            struct facts *out)
{
    const struct look *look = &target->looks->devices;
    struct error err = {0};

    (void)request;
    target_explain_root(target, &err);
    if (target->root_fd < 0)
        (void)facts_put_unknown(out, &keys[0], NULL, err.text);
    else if (target->mounts_problem.text[0] != '\0') /* any file may be a node that is mounted */
        (void)facts_put_unknown(out, &keys[0], NULL, target->mounts_problem.text);
    else if (look->seen == NULL)
        (void)facts_put_unknown(out, &keys[0], NULL, "no memory can be shared with a child");
    else
        put_walk(target, look->seen, look->job.results[0], out);
}

const struct probe probe_devices = {
    .name = "devices",
    .summary = "the device nodes of /dev, of mount points and near the root directory",
    .keys = keys,
    .key_count = sizeof keys / sizeof keys[0],
    .is_for_rules = true,
    .observe = devices_observe,
};
