/*
 * The parser of devices.list. See device_rules.h.
 */
#include "probes/device_rules.h"

#include <string.h>

/* A number or "*". */
static bool read_number(const char *at, const char *end, int64_t *out)
{
    struct span text = {.at = at, .end = end};
    uint64_t number = 0;

    *out = DEVICE_RULE_ANY;
    if (span_is(text, "*"))
        return true;
    if (!span_number(text, 10, UINT32_MAX, &number))
        return false;
    *out = (int64_t)number;
    return true;
}

/* MAJOR:MINOR */
static bool read_numbers(struct span word, struct device_rule *out)
{
    const char *colon = memchr(word.at, ':', (size_t)(word.end - word.at));

    return colon != NULL && read_number(word.at, colon, &out->major) &&
           read_number(colon + 1, word.end, &out->minor);
}

static bool read_access(struct span word, struct device_rule *out)
{
    out->can_open = false;
    for (const char *at = word.at; at < word.end; at++) {
        if (*at != 'r' && *at != 'w' && *at != 'm')
            return false;
        out->can_open |= *at != 'm';
    }
    return true;
}

bool device_rule_parse(struct span line, struct device_rule *out, struct error *err)
{
    struct span type;
    struct span numbers;
    struct span access;
    struct span more;

    if (span_word(&line, &type) && span_word(&line, &numbers) && span_word(&line, &access) &&
        !span_word(&line, &more) && type.end - type.at == 1 &&
        (*type.at == 'a' || *type.at == 'b' || *type.at == 'c') && read_numbers(numbers, out) &&
        read_access(access, out)) {
        out->type = *type.at;
        return true;
    }
    return error_set(err, "a line is not a type, two numbers and an access");
}
