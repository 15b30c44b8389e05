/*
 * Credentials in files. See secret_content.h.
 */
#include "probes/secret_content.h"

#include <string.h>

#include "probes/digits.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct span trim(struct span text)
{
    while (text.at < text.end && is_blank(*text.at))
        text.at++;
    while (text.end > text.at && is_blank(text.end[-1]))
        text.end--;
    return text;
}

static size_t span_length(struct span text)
{
    return (size_t)(text.end - text.at);
}

static const char *span_find(struct span text, const char *words)
{
    return memmem(text.at, span_length(text), words, strlen(words));
}

/* The header stands on a line of its own; in JSON the line has what surrounds it. */
static bool has_private_key(struct span text)
{
    struct span line;

    while (span_line(&text, &line)) {
        const char *begin = span_find(line, "-----BEGIN ");
        if (begin == NULL)
            continue;
        struct span rest = {.at = begin, .end = line.end};
        if (span_find(rest, "PRIVATE KEY-----") != NULL)
            return true;
    }
    return false;
}

/* --- fields --------------------------------------------------------------------------------- */

static bool is_name_part(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

/* What is no credential though it stands where one would. */
static bool is_stand_in(struct span value, bool is_quoted)
{
    bool is_long = span_length(value) > 1;

    if (value.at == value.end || *value.at == '<') /* "<your token>" */
        return true;
    if (is_long && value.at[0] == '$' && (value.at[1] == '{' || value.at[1] == '('))
        return true;
    return !is_quoted &&
           (*value.at == '{' || *value.at == '[' || span_is(value, "null") || span_is(value, "~"));
}

/* Whether a value begins here, perhaps in quotes. */
static bool is_value(struct span rest)
{
    bool is_quoted = false;

    rest = trim(rest);
    const char *end = rest.at;
    if (rest.at < rest.end && (*rest.at == '"' || *rest.at == '\'')) {
        is_quoted = true;
        end = memchr(rest.at + 1, *rest.at, span_length(rest) - 1);
        rest.at++;
        end = end == NULL ? rest.end : end;
    }
    while (!is_quoted && end < rest.end && *end != ',' && !is_blank(*end))
        end++;
    return !is_stand_in((struct span){.at = rest.at, .end = end}, is_quoted);
}

/* Whether the name that ends before `behind` is followed by a value: `": "x"`, `: x`, ` = x`. */
static bool is_given(struct span line, const char *behind)
{
    struct span rest = {.at = behind, .end = line.end};

    if (rest.at < rest.end && (*rest.at == '"' || *rest.at == '\''))
        rest.at++;
    rest = trim(rest);
    if (rest.at >= rest.end || (*rest.at != ':' && *rest.at != '='))
        return false;
    rest.at++;
    return is_value(rest);
}

static bool is_comment(struct span line)
{
    line = trim(line);
    return line.at < line.end && (*line.at == '#' || *line.at == ';');
}

static bool has_field(struct span line, const char *name)
{
    size_t length = strlen(name);
    struct span rest = line;
    const char *found = NULL;

    while ((found = span_find(rest, name)) != NULL) {
        bool begins = found == line.at || !is_name_part(found[-1]);
        bool ends = found + length == line.end || !is_name_part(found[length]);
        if (begins && ends && is_given(line, found + length))
            return true;
        rest.at = found + length;
    }
    return false;
}

static bool has_fields(struct span text, const char *const names[])
{
    struct span line;

    while (span_line(&text, &line)) {
        for (size_t i = 0; !is_comment(line) && names[i] != NULL; i++) {
            if (has_field(line, names[i]))
                return true;
        }
    }
    return false;
}

/* --- other formats -------------------------------------------------------------------------- */

static bool has_netrc_password(struct span text)
{
    struct span line;
    struct span word;
    bool is_next = false;

    while (span_line(&text, &line)) {
        if (is_comment(line))
            continue;
        while (span_word(&line, &word)) {
            if (is_next)
                return true;
            is_next = span_is(word, "password");
        }
    }
    return false;
}

/* "https://user:password@host/path" */
static bool is_url_with_password(struct span line)
{
    const char *scheme = span_find(line, "://");

    if (scheme == NULL)
        return false;
    struct span rest = {.at = scheme + 3, .end = line.end};
    const char *path = memchr(rest.at, '/', span_length(rest));
    rest.end = path == NULL ? rest.end : path;
    const char *at = memchr(rest.at, '@', span_length(rest));
    if (at == NULL)
        return false;
    const char *colon = memchr(rest.at, ':', (size_t)(at - rest.at));
    return colon != NULL && colon + 1 < at;
}

static bool has_url(struct span text)
{
    struct span line;

    while (span_line(&text, &line)) {
        if (!is_comment(line) && is_url_with_password(line))
            return true;
    }
    return false;
}

/* The field of that number, from 0, between unescaped colons; "" when there are not as many. */
static struct span colon_field(struct span line, size_t number)
{
    struct span field = {.at = line.at, .end = line.at};

    for (;; field.at = ++field.end, number--) {
        while (field.end < line.end && *field.end != ':')
            field.end += *field.end == '\\' && line.end - field.end > 1 ? 2 : 1;
        if (number == 0)
            return field;
        if (field.end >= line.end)
            return (struct span){.at = line.end, .end = line.end};
    }
}

static bool has_pgpass(struct span text)
{
    struct span line;

    while (span_line(&text, &line)) {
        if (!is_comment(line) && span_length(trim(colon_field(line, 4))) > 0)
            return true;
    }
    return false;
}

/* "*", "!" and what begins with them let nobody in; "x" refers to elsewhere; "" needs none. */
static bool has_hash(struct span text)
{
    struct span line;

    while (span_line(&text, &line)) {
        struct span hash = colon_field(line, 1);
        if (span_length(hash) > 12 && *hash.at != '*' && *hash.at != '!')
            return true;
    }
    return false;
}

static bool has_word(struct span text)
{
    struct span line;

    while (span_line(&text, &line)) {
        if (!is_comment(line) && span_length(trim(line)) > 0)
            return true;
    }
    return false;
}

bool secret_content_has(enum secret_format format, const char *const names[], const char *text,
                        size_t length)
{
    struct span all = {.at = text, .end = text + length};

    switch (format) {
    case SECRET_PRIVATE_KEY:
        return has_private_key(all);
    case SECRET_FIELDS:
        return has_fields(all, names);
    case SECRET_NETRC:
        return has_netrc_password(all);
    case SECRET_URLS:
        return has_url(all);
    case SECRET_PGPASS:
        return has_pgpass(all);
    case SECRET_SHADOW:
        return has_hash(all);
    case SECRET_WORD:
        return has_word(all);
    }
    return false;
}
