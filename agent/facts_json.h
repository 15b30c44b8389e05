/*
 * Reads facts as JSON (schema watertight.facts/1): what `observe` wrote and `judge` judges again.
 */
#ifndef WATERTIGHT_AGENT_FACTS_JSON_H
#define WATERTIGHT_AGENT_FACTS_JSON_H

#include <stddef.h>

#include "agent/core/date.h"
#include "agent/core/error.h"
#include "agent/core/fact.h"

/* Which process the facts are of, and when they were observed. */
struct facts_origin {
    int pid;
    bool is_self;
    char name[256];              /* of another process; "": not known */
    char started[DATE_TIME_MAX]; /* "2026-11-23T18:00:00Z" */
};

/*
 * Reads a facts document (watertight.facts/1), or the facts in a report (watertight.report/1), from
 * length bytes of text; source is what messages call it. Keys are resolved in catalog, which must
 * outlive the facts. On failure err holds "FILE:LINE:COL: what is wrong" and out is empty.
 */
bool facts_parse(const char *text, size_t length, const char *source,
                 const struct fact_catalog *catalog, struct facts *out, struct facts_origin *origin,
                 struct error *err) MUST_USE;

/* The same from a file ("-": stdin). */
bool facts_load(const char *file, const struct fact_catalog *catalog, struct facts *out,
                struct facts_origin *origin, struct error *err) MUST_USE;

#endif
