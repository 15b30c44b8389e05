/*
 * Values that show a secret. See secret_value.h.
 */
#include "probes/secret_value.h"

#include <ctype.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";

/* scheme://user:password@host */
static bool has_url_password(const char *value)
{
    const char *authority = strstr(value, "://");

    if (authority == NULL)
        return false;
    authority += 3;
    size_t length = strcspn(authority, "/?# ");
    const char *at = memrchr(authority, '@', length);
    const char *colon = at == NULL ? NULL : memchr(authority, ':', (size_t)(at - authority));
    return colon != NULL && colon + 1 < at;
}

/* "…;Password=x;…", "AccountKey=x" */
static bool has_field(const char *value)
{
    static const char *const fields[] = {"password=", "pwd=", "accountkey=", "accesskey="};

    for (size_t i = 0; i < COUNT(fields); i++) {
        const char *field = strcasestr(value, fields[i]);
        if (field != NULL && strchr("; &", field[strlen(fields[i])]) == NULL)
            return true;
    }
    return false;
}

/* A member of a JSON object that is a string and not empty, as Docker's config.json has "auth". */
static bool has_member(const char *value)
{
    static const char *const names[] = {
        "\"auth\"",          "\"password\"",     "\"secret\"",        "\"token\"",
        "\"identitytoken\"", "\"access_token\"", "\"client_secret\"", "\"refresh_token\"",
    };
    static const char blanks[] = " \t\r\n";

    for (size_t i = 0; i < COUNT(names); i++) {
        const char *at = strstr(value, names[i]);
        if (at == NULL)
            continue;
        at += strlen(names[i]);
        at += strspn(at, blanks);
        if (*at != ':')
            continue;
        at += 1 + strspn(at + 1, blanks);
        if (at[0] == '"' && at[1] != '"' && at[1] != '\0')
            return true;
    }
    return false;
}

/* What these services put in front of their tokens, so that they are found where they leaked. */
static bool is_marked(const char *value)
{
    static const char *const marks[] = {
        "ghp_",   "gho_",    "ghu_",  "ghs_",      "ghr_",     "github_pat_",
        "glpat-", "xoxb-",   "xoxp-", "xapp-",     "sk_live_", "rk_live_",
        "hvs.",   "dop_v1_", "npm_",  "pypi-AgEI", "sk-ant-",  "sk-proj-",
    };
    enum { TOKEN_MIN = 20 };

    for (size_t i = 0; i < COUNT(marks); i++) {
        size_t length = strlen(marks[i]);
        if (strncmp(value, marks[i], length) == 0 && strspn(value + length, base64) >= TOKEN_MIN)
            return true;
    }
    return false;
}

/* Three parts in base64url, of which the first begins with {" (RFC 7519). */
static bool is_web_token(const char *value)
{
    if (strncmp(value, "eyJ", 3) != 0)
        return false;
    for (int part = 0; part < 3; part++) {
        size_t length = strspn(value, base64);
        if (length == 0 || value[length] != (part < 2 ? '.' : '\0'))
            return false;
        value += length + 1;
    }
    return true;
}

static bool has_private_key(const char *value)
{
    const char *pem = strstr(value, "-----BEGIN ");

    return pem != NULL && strstr(pem, "PRIVATE KEY-----") != NULL;
}

bool secret_value_shows(const char *value)
{
    return has_private_key(value) || has_field(value) || has_url_password(value) ||
           has_member(value) || is_marked(value) || is_web_token(value);
}

bool secret_value_is_random(const char *value)
{
    enum { RANDOM_MIN = 16 };
    size_t length = strspn(value, base64);
    bool has_lower = false;
    bool has_upper = false;
    bool has_digit = false;

    if (length < RANDOM_MIN || value[length + strspn(value + length, "=")] != '\0')
        return false;
    for (size_t i = 0; i < length; i++) {
        has_lower |= islower((unsigned char)value[i]) != 0;
        has_upper |= isupper((unsigned char)value[i]) != 0;
        has_digit |= isdigit((unsigned char)value[i]) != 0;
    }
    return has_lower && has_upper && has_digit;
}
