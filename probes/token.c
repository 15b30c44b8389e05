/*
 * JSON Web Tokens. See token.h.
 */
#include "probes/token.h"

#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/digits.h"

static int base64url_value(char c)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *found = c == '\0' ? NULL : strchr(alphabet, c);

    return found == NULL ? -1 : (int)(found - alphabet);
}

/* Decodes base64url without padding (RFC 7515, 2) into buffer; false for any other byte. */
static bool decode(struct span *text, char *buffer)
{
    unsigned int bits = 0;
    unsigned int held = 0;
    char *end = buffer;

    for (const char *at = text->at; at < text->end; at++) {
        int value = base64url_value(*at);
        if (value < 0)
            return false;
        bits = (bits << 6 | (unsigned int)value) & 0xFFFFU;
        held += 6;
        if (held < 8)
            continue;
        held -= 8;
        *end++ = (char)(bits >> held & 0xFFU);
    }
    *text = (struct span){.at = buffer, .end = end};
    return true;
}

/* The middle one of three parts between dots. */
static bool find_payload(struct span token, struct span *payload)
{
    const char *first = memchr(token.at, '.', (size_t)(token.end - token.at));

    if (first == NULL)
        return false;
    const char *second = memchr(first + 1, '.', (size_t)(token.end - first - 1));
    if (second == NULL || second == first + 1)
        return false;
    *payload = (struct span){.at = first + 1, .end = second};
    return true;
}

/* Behind the string that begins at *at; its content in *out. False when it does not end. */
static bool take_string(struct span *json, struct span *out)
{
    out->at = ++json->at;
    while (json->at < json->end && *json->at != '"') {
        bool is_escape = *json->at == '\\' && json->end - json->at > 1;
        json->at += is_escape ? 2 : 1;
    }
    if (json->at >= json->end)
        return false;
    out->end = json->at++;
    return true;
}

static void skip_blanks(struct span *json)
{
    while (json->at < json->end && strchr(" \t\r\n", *json->at) != NULL && *json->at != '\0')
        json->at++;
}

/* The number behind "exp": whole seconds, or a fraction of which the whole is taken. */
static bool take_expiry(struct span *json, int64_t *expiry)
{
    struct span number = {.at = json->at};
    uint64_t seconds = 0;

    while (json->at < json->end && *json->at >= '0' && *json->at <= '9')
        json->at++;
    number.end = json->at;
    if (!span_number(number, 10, INT64_MAX, &seconds))
        return false;
    *expiry = (int64_t)seconds;
    return true;
}

/*
 * Walks over the object with no more understanding than is needed: strings, and how deep it is.
 * A string of the outermost object that a colon follows is a name.
 */
static bool find_expiry(struct span json, int64_t *expiry)
{
    struct span string;
    int depth = 0;
    bool is_found = false;

    skip_blanks(&json);
    if (json.at >= json.end || *json.at != '{')
        return false;
    while (json.at < json.end) {
        char c = *json.at;
        if (c != '"') {
            depth += (c == '{' || c == '[') - (c == '}' || c == ']');
            json.at++;
            if (depth == 0)
                break;
            continue;
        }
        if (!take_string(&json, &string))
            return false;
        skip_blanks(&json);
        if (depth != 1 || json.at >= json.end || *json.at != ':' || !span_is(string, "exp"))
            continue;
        json.at++;
        skip_blanks(&json);
        /* Of two, a reader may take either. */
        if (is_found || !take_expiry(&json, expiry))
            return false;
        is_found = true;
    }
    skip_blanks(&json);
    return depth == 0 && json.at == json.end;
}

bool token_expiry(const char *text, size_t length, int64_t *expiry, struct error *err)
{
    struct span token = {.at = text, .end = text + length};
    struct span payload = {0};

    *expiry = -1;
    while (token.end > token.at && strchr("\r\n ", token.end[-1]) != NULL && token.end[-1] != '\0')
        token.end--;
    if (length > TOKEN_MAX || !find_payload(token, &payload))
        return error_set(err, "it is not a JSON Web Token");
    size_t size = (size_t)(payload.end - payload.at) + 1;
    char *buffer = mem_new(size, 1);
    bool is_read = decode(&payload, buffer) && find_expiry(payload, expiry);
    explicit_bzero(buffer, size);
    free(buffer);
    return is_read || error_set(err, "its payload cannot be read");
}
