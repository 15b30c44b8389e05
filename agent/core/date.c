/*
 * Days of the calendar. See date.h.
 */
#include "agent/core/date.h"

#include <stdio.h>
#include <string.h>

enum { DAY_SECONDS = 86400, FIRST_YEAR = 1970, LAST_YEAR = 9999 };

/* 9999-12-31 23:59:59 UTC. */
static const int64_t last_second = 253402300799;

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

bool date_is_valid(struct date date)
{
    if (date.year < FIRST_YEAR || date.year > LAST_YEAR || date.month < 1 || date.month > 12)
        return false;
    return date.day >= 1 && date.day <= days_of_month(date.year, date.month);
}

int date_compare(struct date a, struct date b)
{
    if (a.year != b.year)
        return a.year - b.year;
    if (a.month != b.month)
        return a.month - b.month;
    return a.day - b.day;
}

static int64_t within_calendar(int64_t seconds)
{
    if (seconds < 0)
        return 0;
    return seconds > last_second ? last_second : seconds;
}

struct date date_of(int64_t seconds)
{
    int64_t days = within_calendar(seconds) / DAY_SECONDS;
    struct date date = {.year = FIRST_YEAR, .month = 1};

    for (; days >= (is_leap(date.year) ? 366 : 365); date.year++)
        days -= is_leap(date.year) ? 366 : 365;
    for (; days >= days_of_month(date.year, date.month); date.month++)
        days -= days_of_month(date.year, date.month);
    date.day = (int)days + 1;
    return date;
}

void date_time_format(int64_t seconds, char out[static DATE_TIME_MAX])
{
    struct date date = date_of(seconds);
    unsigned int rest = (unsigned int)(within_calendar(seconds) % DAY_SECONDS);

    (void)snprintf(out, DATE_TIME_MAX, "%04u-%02u-%02uT%02u:%02u:%02uZ",
                   (unsigned int)date.year % 10000, (unsigned int)date.month % 100,
                   (unsigned int)date.day % 100, rest / 3600 % 24, rest / 60 % 60, rest % 60);
}

/* The words are of one length and begin with the year, so they sort as the times do. */
bool date_time_parse(const char *text, int64_t *out)
{
    int64_t low = 0, high = last_second;
    char words[DATE_TIME_MAX];

    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        date_time_format(middle, words);
        if (strcmp(words, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    date_time_format(low, words);
    if (strcmp(words, text) != 0)
        return false;
    *out = low;
    return true;
}

void date_http_format(int64_t seconds, char out[static DATE_TIME_MAX])
{
    /* The calendar begins on a Thursday. */
    static const char *const weekdays[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct date date = date_of(seconds);
    int64_t time = within_calendar(seconds);
    unsigned int rest = (unsigned int)(time % DAY_SECONDS);

    (void)snprintf(out, DATE_TIME_MAX, "%s, %02u %s %04u %02u:%02u:%02u GMT",
                   weekdays[time / DAY_SECONDS % 7], (unsigned int)date.day % 100,
                   months[date.month - 1], (unsigned int)date.year % 10000, rest / 3600 % 24,
                   rest / 60 % 60, rest % 60);
}
