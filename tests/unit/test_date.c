/*
 * Dates: which exist, and which one a time belongs to.
 */
#include <criterion/criterion.h>

#include "agent/core/date.h"

Test(date, months_and_leap_years_are_known)
{
    cr_expect(date_is_valid((struct date){2028, 2, 29}));
    cr_expect(date_is_valid((struct date){2000, 2, 29}));
    cr_expect_not(date_is_valid((struct date){2100, 2, 29}));
    cr_expect_not(date_is_valid((struct date){2026, 4, 31}));
    cr_expect_not(date_is_valid((struct date){2026, 13, 1}));
    cr_expect_not(date_is_valid((struct date){2026, 0, 1}));
    cr_expect_not(date_is_valid((struct date){2026, 1, 0}));
}

/* What `date --utc --date=@SECONDS` prints. */
Test(date, a_time_is_written_as_the_system_writes_it)
{
    static const struct {
        int64_t seconds;
        const char *words;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z"},
        {951782399, "2000-02-28T23:59:59Z"},
        {951782400, "2000-02-29T00:00:00Z"},
        {1798761599, "2026-12-31T23:59:59Z"},
        {1801440000, "2027-02-01T00:00:00Z"},
        {4107542400, "2100-03-01T00:00:00Z"},
        {253402300799, "9999-12-31T23:59:59Z"},
        {253402300800, "9999-12-31T23:59:59Z"},
        {-1, "1970-01-01T00:00:00Z"},
        {INT64_MAX, "9999-12-31T23:59:59Z"},
        {INT64_MIN, "1970-01-01T00:00:00Z"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char words[DATE_TIME_MAX];
        date_time_format(rows[i].seconds, words);
        cr_expect_str_eq(words, rows[i].words);
        cr_expect(date_is_valid(date_of(rows[i].seconds)));
    }
}

Test(date, a_time_that_was_written_is_read_back)
{
    static const int64_t times[] = {0,          1,          951782399,   951782400,
                                    1795478400, 4107542400, 253402300799};

    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        char words[DATE_TIME_MAX];
        int64_t seconds = -1;
        date_time_format(times[i], words);
        cr_expect(date_time_parse(words, &seconds), "%s", words);
        cr_expect_eq(seconds, times[i]);
    }
}

Test(date, what_is_no_time_is_not_read)
{
    static const char *const wrong[] = {
        "",
        "s",
        "2026-11-24",
        "2026-11-24T00:00:00",
        " 2026-11-24T00:00:00Z",
        "2026-11-24T00:00:00Zx",
        "2026-11-24t00:00:00z",
        "2026-1-2T3:4:5Z",
        "2026-02-30T00:00:00Z",
        "2026-11-24T24:00:00Z",
        "2026-11-24T00:00:60Z",
        "2026-11-24T00:00:00+01:00",
        "1969-12-31T23:59:59Z",
        "99999-01-01T00:00:00Z",
        "\xff",
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int64_t seconds = -1;
        cr_expect_not(date_time_parse(wrong[i], &seconds), "%s", wrong[i]);
        cr_expect_eq(seconds, -1);
    }
}

Test(date, prints_times_of_http)
{
    static const struct {
        int64_t seconds;
        const char *words;
    } rows[] = {
        {0, "Thu, 01 Jan 1970 00:00:00 GMT"},         {784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},
        {951782400, "Tue, 29 Feb 2000 00:00:00 GMT"}, {1798761599, "Thu, 31 Dec 2026 23:59:59 GMT"},
        {INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT"}, {INT64_MIN, "Thu, 01 Jan 1970 00:00:00 GMT"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char words[DATE_TIME_MAX];
        date_http_format(rows[i].seconds, words);
        cr_expect_str_eq(words, rows[i].words);
    }
}
