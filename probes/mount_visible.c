/*
 * Which mounts are seen. See mount_visible.h.
 */
#include "probes/mount_visible.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/core/sort.h"
#include "probes/mount_kind.h"

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

const struct mount_entry **mount_visible(const struct mount_entry *all, size_t all_count,
                                         size_t *count)
{
    const struct mount_entry **entries = mem_new(all_count, sizeof *entries);
    /* Those seen at the folders on the way to the point. */
    const struct mount_entry **way = mem_new(all_count, sizeof *way);
    size_t depth = 0;
    size_t first = 0;

    *count = 0;
    for (size_t i = 0; i < all_count; i++)
        entries[i] = &all[i];
    sort(entries, all_count, sizeof *entries, compare_places);
    for (size_t i = 1; i <= all_count; i++) {
        const char *point = entries[first]->mount_point;
        if (i < all_count && strcmp(point, entries[i]->mount_point) == 0)
            continue;
        while (depth > 0 && !path_is_below(point, way[depth - 1]->mount_point))
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
