/*
 * Small files of a procfs. See process_text.h.
 */
#include "probes/process_text.h"

#include <string.h>

#include "probes/digits.h"
#include "probes/limit_text.h"

enum { OOM_SCORE_MAX = 1000, PERSONALITY_DIGITS = 8 };

/* The only line of the text, without its newline. */
static struct span only_line(const char *text, size_t length)
{
    struct span line = {.at = text, .end = text + length};

    if (length > 0 && text[length - 1] == '\n')
        line.end--;
    return line;
}

bool randomization_parse(const char *text, size_t length, enum randomization *out,
                         struct error *err)
{
    uint64_t value = 0;

    if (!span_number(only_line(text, length), 10, RANDOMIZATION_FULL, &value))
        return error_set(err, "sys/kernel/randomize_va_space in the procfs is malformed");
    *out = (enum randomization)value;
    return true;
}

bool personality_parse(const char *text, size_t length, uint64_t *out, struct error *err)
{
    struct span line = only_line(text, length);

    if (line.end - line.at == PERSONALITY_DIGITS && span_number(line, 16, UINT32_MAX, out))
        return true;
    return error_set(err, "personality in the procfs is malformed");
}

bool oom_score_parse(const char *text, size_t length, int64_t *out, struct error *err)
{
    return (limit_text_signed(text, length, out, NULL) && *out >= -OOM_SCORE_MAX &&
            *out <= OOM_SCORE_MAX) ||
           error_set(err, "oom_score_adj in the procfs is malformed");
}
