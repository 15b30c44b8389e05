/*
 * Whether what stands in a file is a credential, by the file's format. Pure; the content is only
 * looked at, and nothing of it is kept.
 */
#ifndef WATERTIGHT_PROBES_SECRET_CONTENT_H
#define WATERTIGHT_PROBES_SECRET_CONTENT_H

#include <stdbool.h>
#include <stddef.h>

enum secret_format {
    SECRET_PRIVATE_KEY, /* PEM (RFC 7468) or OpenSSH: a header that says PRIVATE KEY */
    SECRET_FIELDS, /* "name: value", "name = value" or "\"name\": \"value\"": JSON, YAML, INI */
    SECRET_NETRC,  /* the word password, and another (netrc(5)) */
    SECRET_URLS,   /* git-credentials: a URL with a password on a line */
    SECRET_PGPASS, /* host:port:database:user:password */
    SECRET_SHADOW, /* shadow(5): the hash of a password */
    SECRET_WORD    /* any line that is not empty */
};

enum { SECRET_NAMES_MAX = 6 };

/*
 * Whether the text, of length bytes and perhaps cut, holds a credential. names, of SECRET_FIELDS:
 * the fields that do, ended by NULL; a value that is empty, or that refers to a variable
 * ("${NPM_TOKEN}"), is none.
 */
bool secret_content_has(enum secret_format format, const char *const names[], const char *text,
                        size_t length);

#endif
