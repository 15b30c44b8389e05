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

/* Bytes; a longer one is refused. All formats of a container's report are some 120 KB. */
enum { RESULT_MAX = 4 * 1024 * 1024, RESULT_MAX_ALL = 64 * 1024 * 1024 };

struct result_check {
    const char *id;
    const char *subject; /* NULL without */
    const char *message;
    enum status status;
    enum severity severity;
};

/* The checks of one container stand together. */
struct result_container {
    int pid;
    const char *name;    /* of its main process, or NULL; as the two below */
    const char *runtime; /* NULL: not known, also below */
    const char *id;      /* that the engine gave it */
    enum verdict verdict;
    struct result_check *checks; /* lent by the result; in the policy's order */
    size_t check_count;
};

struct result_page {
    const char *data; /* terminated too; NULL: the format holds no such report */
    size_t length;
};

struct result {
    size_t references; /* result_keep, result_release */
    char *memory;      /* owned: all texts below lie in it */
    size_t length;     /* bytes of memory */
    bool is_all;       /* of --all: there may be any number of containers; else just one */
    bool has_unseen;   /* there may be a container that was not looked at */
    enum verdict verdict;
    enum severity fail_on;               /* failures below it leave the verdict as it is */
    const char *started;                 /* "2026-11-23T18:00:00Z" */
    struct result_container *containers; /* owned; in the order of their pids */
    size_t container_count;
    struct result_check *checks; /* owned; of all containers */
    size_t check_count;
    struct result_page *pages; /* owned; by the index of reporter_at */
    size_t page_count;
};

/* Writes a judged report to out, in each format. */
void result_encode(const struct report *report, FILE *out);
/* The same of those of all containers, in each format that holds several. */
void result_encode_all(const struct report_set *set, FILE *out);

/*
 * Reads length bytes, which it takes over, also on failure: anything but a whole result with a page
 * for each format is an error. *out is then released by result_release.
 */
bool result_decode(char *data, size_t length, struct result **out, struct error *err) MUST_USE;

/* Whether a check keeps the verdict from being pass. */
bool result_counts(const struct result *result, const struct result_check *check);

/*
 * For a child that has no use for it: gives back what it has inherited of the memory, since every
 * child of its own would inherit that, too, page by page. NULL is nobody's.
 */
void result_disinherit(const struct result *result);

/* One more user of it. */
struct result *result_keep(struct result *result);
/* One less; the last one frees it. NULL is nobody's. */
void result_release(struct result *result);

#endif
