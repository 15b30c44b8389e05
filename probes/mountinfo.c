/*
 * The parser of mountinfo. See mountinfo.h.
 */
#include "probes/mountinfo.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/sort.h"
#include "agent/core/mem.h"
#include "probes/digits.h"

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* The kernel writes blanks, newlines, backslashes and '#' as a backslash and three octal digits. */
static void unescape(char *text)
{
    char *to = text;

    while (*text != '\0') {
        if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && is_octal(text[2]) &&
            is_octal(text[3])) {
            *to++ = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
            text += 4;
        } else {
            *to++ = *text++;
        }
    }
    *to = '\0';
}

/* The next word of the line as a terminated, unescaped text inside the buffer; NULL at its end. */
static char *take_text(struct span *line)
{
    struct span word;

    if (!span_word(line, &word))
        return NULL;
    /* The byte behind a word is a blank or the line's newline, which nothing reads again. */
    char *text = (char *)word.at;
    if (line->at < line->end)
        line->at++;
    text[word.end - word.at] = '\0';
    unescape(text);
    return text;
}

static bool take_number(struct span *line, uint64_t max, uint64_t *out)
{
    struct span word;

    return span_word(line, &word) && span_number(word, 10, max, out);
}

static bool take_device(struct span *line, struct mount_entry *entry)
{
    struct span word;
    uint64_t major = 0;
    uint64_t minor = 0;

    if (!span_word(line, &word))
        return false;
    const char *colon = memchr(word.at, ':', (size_t)(word.end - word.at));
    if (colon == NULL)
        return false;
    struct span left = {.at = word.at, .end = colon};
    struct span right = {.at = colon + 1, .end = word.end};
    if (!span_number(left, 10, UINT32_MAX, &major) || !span_number(right, 10, UINT32_MAX, &minor))
        return false;
    entry->major = (unsigned int)major;
    entry->minor = (unsigned int)minor;
    return true;
}

/* The optional fields, up to the "-" that ends them, as one terminated text. */
static char *take_propagation(struct span *line)
{
    struct span word;
    char *first = NULL;
    char *end = NULL;

    while (span_word(line, &word)) {
        if (span_is(word, "-")) {
            if (first == NULL)
                first = end = (char *)word.at;
            *end = '\0';
            return first;
        }
        if (first == NULL)
            first = (char *)word.at;
        end = (char *)word.end;
    }
    return NULL;
}

static bool parse_line(struct span line, struct mount_entry *entry)
{
    uint64_t id = 0;
    uint64_t parent = 0;
    struct span rest;

    if (!take_number(&line, INT32_MAX, &id) || !take_number(&line, INT32_MAX, &parent) ||
        !take_device(&line, entry))
        return false;
    entry->id = (int)id;
    entry->parent_id = (int)parent;
    entry->root = take_text(&line);
    entry->mount_point = take_text(&line);
    entry->options = take_text(&line);
    entry->propagation = take_propagation(&line);
    entry->type = take_text(&line);
    /* The kernel prints an empty source as nothing between two blanks, or "none". */
    struct span tail = line;
    entry->source = take_text(&line);
    entry->super_options = take_text(&line);
    if (entry->super_options == NULL && entry->source != NULL && tail.at[0] == ' ') {
        entry->super_options = entry->source;
        entry->source = entry->super_options + strlen(entry->super_options);
    }
    return entry->root != NULL && entry->mount_point != NULL && entry->options != NULL &&
           entry->propagation != NULL && entry->type != NULL && entry->super_options != NULL &&
           !span_word(&line, &rest);
}

bool mount_table_parse(char *text, size_t length, struct mount_table *out, struct error *err)
{
    struct span rest = {.at = text, .end = text + length};
    struct span line;

    out->text = text;
    while (span_line(&rest, &line)) {
        struct mount_entry entry = {0};
        if (memchr(line.at, '\0', (size_t)(line.end - line.at)) != NULL ||
            !parse_line(line, &entry)) {
            (void)error_set(err, "mountinfo: line %zu is malformed", out->count + 1);
            mount_table_free(out);
            return false;
        }
        out->entries = mem_grow(out->entries, out->count, &out->capacity, sizeof *out->entries);
        out->entries[out->count++] = entry;
    }
    return true;
}

/* Entries lie in one array, so their addresses are the kernel's order. */
static int compare_order(const struct mount_entry *left, const struct mount_entry *right)
{
    return (left > right) - (left < right);
}

static int compare_points(const void *a, const void *b)
{
    const struct mount_entry *left = *(const struct mount_entry *const *)a;
    const struct mount_entry *right = *(const struct mount_entry *const *)b;

    return strcmp(left->mount_point, right->mount_point);
}

/* A slash before all other bytes, so that a folder comes right before what lies below it. */
static int compare_places(const void *a, const void *b)
{
    const struct mount_entry *left = *(const struct mount_entry *const *)a;
    const struct mount_entry *right = *(const struct mount_entry *const *)b;
    const unsigned char *x = (const unsigned char *)left->mount_point;
    const unsigned char *y = (const unsigned char *)right->mount_point;

    while (*x != '\0' && *x == *y) {
        x++;
        y++;
    }
    int i = *x == '/' ? 1 : *x == '\0' ? 0 : 1 + *x;
    int k = *y == '/' ? 1 : *y == '\0' ? 0 : 1 + *y;
    return i != k ? (i > k) - (i < k) : compare_order(left, right);
}

static int compare_parents(const void *a, const void *b)
{
    const struct mount_entry *left = *(const struct mount_entry *const *)a;
    const struct mount_entry *right = *(const struct mount_entry *const *)b;
    int order = (left->parent_id > right->parent_id) - (left->parent_id < right->parent_id);

    return order != 0 ? order : compare_order(left, right);
}

/* The last of the stack, which is sorted by parents, that is mounted on the one of that id. */
static const struct mount_entry *mounted_on(const struct mount_entry *const *stack, size_t count,
                                            int id)
{
    size_t low = 0;

    for (size_t high = count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (stack[middle]->parent_id > id)
            high = middle;
        else
            low = middle + 1;
    }
    return low > 0 && stack[low - 1]->parent_id == id ? stack[low - 1] : NULL;
}

static const struct mount_entry *climb(const struct mount_entry *const *stack, size_t count,
                                       const struct mount_entry *from)
{
    const struct mount_entry *top = from;

    for (size_t i = 0; i < count && from != NULL; i++) {
        top = from;
        from = mounted_on(stack, count, from->id);
    }
    return top;
}

/*
 * Of several mounts at one point, the one that is seen: on top of what is mounted on the mount that
 * is seen below, `folder`. Others at the point may lie on a mount that is covered: where mounts are
 * shared among each other, as systemd-nspawn has them, one mount(2) leaves several. Sorted, since a
 * hostile stack may be 50,000 deep.
 */
static const struct mount_entry *topmost(const struct mount_entry **stack, size_t count,
                                         const struct mount_entry *folder)
{
    const struct mount_entry *top = NULL;

    if (count == 1)
        return stack[0];
    sort(stack, count, sizeof *stack, compare_parents);
    if (folder != NULL && mounted_on(stack, count, folder->id) != NULL)
        return climb(stack, count, mounted_on(stack, count, folder->id));
    /* What it is mounted on is not in the table, as below a changed root: one without any on it. */
    for (size_t i = 0; i < count; i++) {
        bool is_covered = mounted_on(stack, count, stack[i]->id) != NULL;
        if (!is_covered && (top == NULL || compare_order(stack[i], top) > 0))
            top = stack[i];
    }
    return top != NULL ? top : stack[count - 1];
}

static bool is_below(const char *path, const char *folder)
{
    size_t length = strcmp(folder, "/") == 0 ? 0 : strlen(folder);

    return strncmp(path, folder, length) == 0 && path[length] == '/';
}

const struct mount_entry **mount_table_visible(const struct mount_table *table, size_t *count)
{
    const struct mount_entry **entries = mem_new(table->count, sizeof *entries);
    /* Those seen at the folders on the way to the point. */
    const struct mount_entry **way = mem_new(table->count, sizeof *way);
    size_t depth = 0;
    size_t first = 0;

    *count = 0;
    for (size_t i = 0; i < table->count; i++)
        entries[i] = &table->entries[i];
    sort(entries, table->count, sizeof *entries, compare_places);
    for (size_t i = 1; i <= table->count; i++) {
        const char *point = entries[first]->mount_point;
        if (i < table->count && strcmp(point, entries[i]->mount_point) == 0)
            continue;
        while (depth > 0 && !is_below(point, way[depth - 1]->mount_point))
            depth--;
        const struct mount_entry *top =
            topmost(entries + first, i - first, depth > 0 ? way[depth - 1] : NULL);
        way[depth++] = top;
        entries[(*count)++] = top;
        first = i;
    }
    free(way);
    sort(entries, *count, sizeof *entries, compare_points);
    return entries;
}

const struct mount_entry *mount_table_find(const struct mount_table *table, const char *mount_point)
{
    const struct mount_entry *found = NULL;
    size_t count = 0;
    const struct mount_entry **visible = mount_table_visible(table, &count);

    for (size_t i = 0; i < count && found == NULL; i++) {
        if (strcmp(visible[i]->mount_point, mount_point) == 0)
            found = visible[i];
    }
    free(visible);
    return found;
}

void mount_table_free(struct mount_table *table)
{
    free(table->entries);
    free(table->text);
    *table = (struct mount_table){0};
}
