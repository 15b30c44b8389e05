/*
 * Names and values of the environment that give a secret away. See secret_name.h.
 */
#include "probes/secret_name.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "probes/secret_value.h"

enum { WORDS_MAX = 16, WORD_MAX = 32 };

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The name's parts between '_', '-' and '.', in capitals; a longer one is cut. */
struct words {
    char text[WORDS_MAX][WORD_MAX];
    size_t count;
};

static void split(const char *name, size_t length, struct words *out)
{
    size_t used = 0;

    *out = (struct words){.count = 1};
    for (size_t i = 0; i < length; i++) {
        if (strchr("_-.", name[i]) != NULL) {
            if (used > 0 && out->count == WORDS_MAX)
                return;
            out->count += used > 0;
            used = 0;
        } else if (used + 1 < WORD_MAX) {
            out->text[out->count - 1][used++] = (char)toupper((unsigned char)name[i]);
        }
    }
}

/* Words that mean a secret wherever they stand within a part: PGPASSWORD, CLIENTSECRET. */
static bool has_telling_part(const char *word)
{
    static const char *const parts[] = {"PASSWORD", "PASSWD", "PASSPHRASE",
                                        "SECRET",   "APIKEY", "CREDENTIAL"};

    for (size_t i = 0; i < COUNT(parts); i++) {
        if (strstr(word, parts[i]) != NULL)
            return true;
    }
    return false;
}

/* Words that mean one by themselves, or before KEY. TOKENS and TOKENIZERS are counts and tools. */
static bool is_telling(const struct words *words, size_t index)
{
    static const char *const whole[] = {"TOKEN", "PAT", "PASS", "PASSCODE", "JWT", "CREDS"};
    static const char *const before_key[] = {
        "API",  "PRIVATE", "ACCESS", "ENCRYPTION", "SIGNING", "MASTER", "ACCOUNT",
        "AUTH", "STORAGE", "APP",    "ENC",        "FERNET",  "SSH",    "TLS",
        "SSL",  "OPENAI",  "STRIPE", "CLIENT",     "SERVER",
    };
    const char *word = words->text[index];

    for (size_t i = 0; i < COUNT(whole); i++) {
        if (strcmp(word, whole[i]) == 0)
            return true;
    }
    if (strcmp(word, "PWD") == 0)
        return index > 0; /* MYSQL_PWD; PWD itself is the working directory */
    size_t letters = strlen(word);
    if (letters > 3 && strcmp(word + letters - 3, "PWD") == 0)
        return strcmp(word, "OLDPWD") != 0; /* DBPWD */
    for (size_t i = 0; i < COUNT(before_key); i++) {
        bool has_key = index + 1 < words->count && strcmp(words->text[index + 1], "KEY") == 0;
        if (has_key && strcmp(word, before_key[i]) == 0)
            return true;
    }
    return has_telling_part(word);
}

static bool is_public(const struct words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        if (strcmp(words->text[i], "PUBLIC") == 0)
            return true;
    }
    return false;
}

/* The last word may say that the variable speaks of the secret and does not hold it. */
static bool is_about(const char *last)
{
    static const char *const words[] = {
        "FILE",      "PATH",     "DIR",        "FOLDER", "TTL",      "LENGTH", "SIZE",   "TIMEOUT",
        "EXPIRY",    "EXPIRES",  "EXPIRATION", "POLICY", "NAME",     "TYPE",   "URL",    "URI",
        "ENABLED",   "ISSUER",   "HEADER",     "ID",     "ENDPOINT", "HOST",   "PORT",   "AUDIENCE",
        "ALGORITHM", "PROVIDER", "MIN",        "MAX",    "REQUIRED", "ARN",    "REGION", "VERSION",
    };

    for (size_t i = 0; i < COUNT(words); i++) {
        if (strcmp(last, words[i]) == 0)
            return true;
    }
    return false;
}

/* Not a secret: nothing, or a switch. */
static bool is_plain(const char *value)
{
    static const char *const words[] = {"",   "0",  "1",   "true", "false", "yes",
                                        "no", "on", "off", "none", "null"};

    for (size_t i = 0; i < COUNT(words); i++) {
        if (strcasecmp(value, words[i]) == 0)
            return true;
    }
    return false;
}

enum secret_kind secret_name_kind(const char *entry, size_t *length)
{
    const char *equals = strchr(entry, '=');
    struct words words;

    if (equals == NULL || equals == entry)
        return SECRET_NONE;
    const char *value = equals + 1;
    *length = (size_t)(equals - entry);
    if (secret_value_shows(value))
        return SECRET_VALUE;
    split(entry, *length, &words);
    if (is_plain(value) || is_about(words.text[words.count - 1]) || is_public(&words))
        return SECRET_NONE;
    bool is_path = value[0] == '/' || strncmp(value, "file:/", 6) == 0;
    for (size_t i = 0; i < words.count; i++) {
        if (is_telling(&words, i))
            return is_path ? SECRET_PATH : SECRET_VALUE;
    }
    /* NPM_AUTH; the same word may name a method or a switch. */
    if (strcmp(words.text[words.count - 1], "AUTH") == 0 && secret_value_is_random(value))
        return SECRET_VALUE;
    return SECRET_NONE;
}
