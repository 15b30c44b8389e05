/*
 * The parser of /proc/PID/uid_map. See id_map.h.
 */
#include "probes/id_map.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/digits.h"

/* Exactly three numbers of 32 bits. */
static bool read_line(struct span line, uint64_t numbers[3])
{
    struct span word;

    for (size_t i = 0; i < 3; i++) {
        if (!span_word(&line, &word) || !span_number(word, 10, UINT32_MAX, &numbers[i]))
            return false;
    }
    return !span_word(&line, &word);
}

bool id_map_fold(const char *text, size_t length, char **out, struct error *err)
{
    struct span rest = {.at = text, .end = text + length};
    struct span line;
    CLEANUP(mem_free_text) char *map = mem_copy("");

    for (size_t number = 1; span_line(&rest, &line); number++) {
        uint64_t numbers[3] = {0};
        if (!read_line(line, numbers))
            return error_set(err, "the map of ids: line %zu is not three numbers", number);
        char *longer = mem_format("%s%s%" PRIu64 " %" PRIu64 " %" PRIu64, map,
                                  number > 1 ? "\n" : "", numbers[0], numbers[1], numbers[2]);
        free(map);
        map = longer;
    }
    *out = map;
    map = NULL;
    return true;
}

bool id_map_outside(const char *map, uint32_t inside, uint32_t *out)
{
    struct span rest = {.at = map, .end = map + strlen(map)};
    struct span line;
    uint64_t numbers[3] = {0};

    while (span_line(&rest, &line)) {
        if (!read_line(line, numbers) || inside < numbers[0] || inside - numbers[0] >= numbers[2])
            continue;
        *out = (uint32_t)(numbers[1] + (inside - numbers[0]));
        return true;
    }
    return false;
}

bool id_map_inside(const char *text, size_t length, uint32_t outside, uint32_t *out)
{
    struct span rest = {.at = text, .end = text + length};
    struct span line;

    while (span_line(&rest, &line)) {
        uint64_t numbers[3] = {0};
        if (!read_line(line, numbers))
            return false;
        if (outside < numbers[1] || outside - numbers[1] >= numbers[2])
            continue;
        uint64_t inside = numbers[0] + (outside - numbers[1]);
        *out = (uint32_t)inside;
        return inside < UINT32_MAX;
    }
    return false;
}
