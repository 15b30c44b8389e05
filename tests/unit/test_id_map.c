/*
 * The parser of uid_map.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "probes/id_map.h"

static void check_map(const char *text, const char *expected)
{
    char *map = NULL;
    struct error err = {0};

    cr_assert(id_map_fold(text, strlen(text), &map, &err), "%s", err.text);
    cr_expect_str_eq(map, expected);
    free(map);
}

Test(id_map, blanks_are_folded)
{
    check_map("         0          0 4294967295\n", "0 0 4294967295");
    check_map("         0       1000          1\n         1     100000      65536\n",
              "0 1000 1\n1 100000 65536");
    check_map("", "");
}

Test(id_map, an_id_is_found_outside_or_is_not_there)
{
    static const char map[] = "1 100000 65536\n0 1000 1\n4294967294 7 1";
    static const struct {
        uint32_t inside;
        bool is_there;
        uint32_t outside;
    } cases[] = {
        {0, true, 1000},   {1, true, 100000},     {65536, true, 165535},
        {65537, false, 0}, {4294967294, true, 7}, {4294967295, false, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t outside = 0;
        cr_expect_eq(id_map_outside(map, cases[i].inside, &outside), cases[i].is_there);
        cr_expect_eq(outside, cases[i].outside);
    }
    uint32_t outside = 5;
    cr_expect(id_map_outside("0 0 4294967295", 0, &outside));
    cr_expect_eq(outside, 0);
    cr_expect_not(id_map_outside("", 0, &outside));
}

Test(id_map, ids_outside_are_told_as_they_are_inside)
{
    static const char map[] =
        "         0     100000      65536\n     70000          5          2\n";
    static const struct {
        uint32_t outside;
        bool is_there;
        uint32_t inside;
    } cases[] = {
        {100000, true, 0}, {101000, true, 1000}, {165535, true, 65535}, {165536, false, 0},
        {99999, false, 0}, {5, true, 70000},     {6, true, 70001},      {7, false, 0},
        {0, false, 0},     {65534, false, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t inside = 0;
        cr_expect_eq(id_map_inside(map, strlen(map), cases[i].outside, &inside), cases[i].is_there,
                     "%u", cases[i].outside);
        cr_expect(!cases[i].is_there || inside == cases[i].inside, "%u", cases[i].outside);
    }
}

Test(id_map, ids_are_not_told_from_a_malformed_map_or_beyond_32_bits)
{
    static const char *const maps[] = {"", "0 0\n", "x 0 1\n", "4294967295 0 2\n"};
    uint32_t inside = 0;

    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++)
        cr_expect_not(id_map_inside(maps[i], strlen(maps[i]), 0, &inside), "%s", maps[i]);
}

Test(id_map, malformed_lines_are_named)
{
    static const struct {
        const char *text;
        const char *error;
    } cases[] = {
        {"0 0\n", "the map of ids: line 1 is not three numbers"},
        {"0 0 1\n0 0 1 1\n", "the map of ids: line 2 is not three numbers"},
        {"0 0 -1\n", "the map of ids: line 1 is not three numbers"},
        {"0 0 4294967296\n", "the map of ids: line 1 is not three numbers"},
        {"0 0 1\n\n", "the map of ids: line 2 is not three numbers"},
        {"a b c\n", "the map of ids: line 1 is not three numbers"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *map = NULL;
        struct error err = {0};
        cr_expect_not(id_map_fold(cases[i].text, strlen(cases[i].text), &map, &err));
        cr_expect_str_eq(err.text, cases[i].error);
    }
}
