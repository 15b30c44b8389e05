/*
 * What one run of the checks gave: made by the child that ran them, sent as bytes, read by the
 * server. The reports arrive as they are to be sent, so that the server formats nothing and its
 * memory does not grow with what is observed.
 */
#ifndef WATERTIGHT_AGENT_SERVE_RESULT_H
#define WATERTIGHT_AGENT_SERVE_RESULT_H

#include <stddef.h>
#include <stdio.h>

#include "agent/core/error.h"
#include "agent/core/report.h"

enum { RESULT_MAX = 4 * 1024 * 1024 }; /* bytes; a longer one is refused */

struct result_check {
    const char *id;
    const char *subject; /* NULL without */
    const char *message;
    enum status status;
    enum severity severity;
};

struct result_page {
    const char *data; /* terminated too */
    size_t length;
};

struct result {
    size_t references; /* result_keep, result_release */
    char *memory;      /* owned: all texts below lie in it */
    enum verdict verdict;
    enum severity fail_on;       /* failures below it leave the verdict as it is */
    const char *started;         /* "2026-11-23T18:00:00Z" */
    struct result_check *checks; /* owned; in the policy's order */
    size_t check_count;
    struct result_page *pages; /* owned; by the index of reporter_at */
    size_t page_count;
};

/* Writes a judged report to out, in each format. */
void result_encode(const struct report *report, FILE *out);

/*
 * Reads length bytes, which it takes over, also on failure: anything but a whole result with a page
 * for each format is an error. *out is then released by result_release.
 */
bool result_decode(char *data, size_t length, struct result **out, struct error *err) MUST_USE;

/* Whether a check keeps the verdict from being pass. */
bool result_counts(const struct result *result, const struct result_check *check);

/* One more user of it. */
struct result *result_keep(struct result *result);
/* One less; the last one frees it. NULL is nobody's. */
void result_release(struct result *result);

#endif
