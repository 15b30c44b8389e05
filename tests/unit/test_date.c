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
