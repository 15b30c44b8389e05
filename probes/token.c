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

/* The claims that are kept, as they stand in the payload. */
struct claims {
    struct span issuer; /* empty when there is none, or it is no string */
    struct span subject;
    struct token *token;
    bool has_expiry;
    bool is_unread; /* an audience is there that cannot be read */
};

static bool has_escape(struct span string)
{
    return memchr(string.at, '\\', (size_t)(string.end - string.at)) != NULL;
}

static void add_audience(struct claims *claims, struct span string)
{
    CLEANUP(mem_free_text) char *text = mem_copy_n(string.at, (size_t)(string.end - string.at));

    if (has_escape(string))
        claims->is_unread = true;
    else
        strset_add(&claims->token->audiences, text);
}

/* One string, or a list of them. */
static void take_audiences(struct span json, struct claims *claims)
{
    struct span string;
    bool is_list = json.at < json.end && *json.at == '[';

    json.at += is_list;
    skip_blanks(&json);
    if (is_list && json.at < json.end && *json.at == ']')
        return;
    do {
        skip_blanks(&json);
        if (json.at >= json.end || *json.at != '"' || !take_string(&json, &string)) {
            claims->is_unread = true;
            return;
        }
        add_audience(claims, string);
        skip_blanks(&json);
    } while (is_list && json.at < json.end && *json.at++ == ',');
}

static void take_text(struct span json, struct span *out)
{
    struct span string;

    if (json.at < json.end && *json.at == '"' && take_string(&json, &string))
        *out = string;
}

/* The value of the claim `name` begins at json->at; only a number is gone past. */
static bool take_claim(struct span *json, struct span name, struct claims *claims)
{
    if (span_is(name, "aud"))
        take_audiences(*json, claims);
    else if (span_is(name, "iss"))
        take_text(*json, &claims->issuer);
    else if (span_is(name, "sub"))
        take_text(*json, &claims->subject);
    if (!span_is(name, "exp"))
        return true;
    /* Of two, a reader may take either. */
    if (claims->has_expiry || !take_expiry(json, &claims->token->expiry))
        return false;
    claims->has_expiry = true;
    return true;
}

/*
 * Walks over the object with no more understanding than is needed: strings, and how deep it is.
 * A string of the outermost object that a colon follows is a name.
 */
static bool find_claims(struct span json, struct claims *claims)
{
    struct span string;
    int depth = 0;

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
        if (depth != 1 || json.at >= json.end || *json.at != ':')
            continue;
        json.at++;
        skip_blanks(&json);
        if (!take_claim(&json, string, claims))
            return false;
    }
    skip_blanks(&json);
    return depth == 0 && json.at == json.end;
}

static bool begins_with(struct span span, const char *words)
{
    size_t length = strlen(words);

    return (size_t)(span.end - span.at) >= length && memcmp(span.at, words, length) == 0;
}

/* What the API server is called inside of every cluster; the domain behind it may be any. */
static const char server_name[] = "https://kubernetes.default";

static void conclude(const struct claims *claims)
{
    struct token *token = claims->token;

    token->is_service_account = begins_with(claims->subject, "system:serviceaccount:");
    token->is_for_api_server = claims->is_unread || token->audiences.count == 0;
    for (size_t i = 0; i < token->audiences.count; i++) {
        const char *audience = token->audiences.items[i];
        if (strncmp(audience, server_name, sizeof server_name - 1) == 0 ||
            span_is(claims->issuer, audience))
            token->is_for_api_server = true;
    }
}

bool token_read(const char *text, size_t length, struct token *out, struct error *err)
{
    struct span whole = {.at = text, .end = text + length};
    struct span payload = {0};
    struct claims claims = {.issuer = {text, text}, .subject = {text, text}, .token = out};

    *out = (struct token){.expiry = -1};
    while (whole.end > whole.at && strchr("\r\n ", whole.end[-1]) != NULL && whole.end[-1] != '\0')
        whole.end--;
    if (length > TOKEN_MAX || !find_payload(whole, &payload))
        return error_set(err, "it is not a JSON Web Token");
    size_t size = (size_t)(payload.end - payload.at) + 1;
    char *buffer = mem_new(size, 1);
    bool is_read = decode(&payload, buffer) && find_claims(payload, &claims);
    if (is_read)
        conclude(&claims);
    explicit_bzero(buffer, size);
    free(buffer);
    return is_read || error_set(err, "its payload cannot be read");
}

void token_free(struct token *token)
{
    strset_free(&token->audiences);
}
