/*
 * Days of the Gregorian calendar, in UTC. The C library's own functions are not used: even
 * gmtime_r(3) reads the time zone's file (tzset(3)), which in a container may be anything.
 */
#ifndef WATERTIGHT_AGENT_CORE_DATE_H
#define WATERTIGHT_AGENT_CORE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/core/error.h"

struct date {
    int year, month, day; /* from 1 on */
};

enum { DATE_TIME_MAX = 32 };

/* Whether the date exists: the month's days, leap years; years 1970 to 9999. */
bool date_is_valid(struct date date);

/* Below, at or above 0, as a is before, equal to or after b. */
int date_compare(struct date a, struct date b);

/*
 * The day of a time in seconds since 1970-01-01 00:00 UTC (time(2)); the first or last one that is
 * valid, where the clock is wrong beyond that.
 */
struct date date_of(int64_t seconds);

/* The same time as RFC 3339 has it: "2026-11-23T18:00:00Z". */
void date_time_format(int64_t seconds, char out[static DATE_TIME_MAX]);

/* The reverse: false, and *out untouched, for what date_time_format never writes. */
bool date_time_parse(const char *text, int64_t *out) MUST_USE;

/* The same as HTTP has it (RFC 9110, 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT". */
void date_http_format(int64_t seconds, char out[static DATE_TIME_MAX]);

#endif
