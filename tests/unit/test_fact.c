/*
 * Facts as rows, and what makes them safe to print.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/core/fact_index.h"
#include "tests/unit/catalog.h"

static void check_clean(const char *raw, const char *expected)
{
    char *clean = fact_clean_text(raw);

    cr_expect_str_eq(clean, expected);
    free(clean);
}

Test(fact, valid_text_is_kept)
{
    check_clean("", "");
    check_clean("/tmp", "/tmp");
    check_clean("two\nlines", "two\nlines");
    check_clean("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xb3",
                "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xb3");
}

Test(fact, control_characters_are_escaped)
{
    check_clean("\033[31m", "\\x1b[31m");
    check_clean("a\rb\tc\x7f", "a\\x0db\\x09c\\x7f");
    check_clean("\xc2\x9b"
                "31m",
                "\\xc2\\x9b31m");
}

Test(fact, bytes_that_are_not_utf8_are_escaped)
{
    check_clean("\xff", "\\xff");
    check_clean("\xc3", "\\xc3");
    check_clean("\xc0\xaf", "\\xc0\\xaf");          /* overlong */
    check_clean("\xed\xa0\x80", "\\xed\\xa0\\x80"); /* surrogate */
    check_clean("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
    check_clean("\xe2\x82", "\\xe2\\x82");
}

Test(fact, cleaning_twice_changes_nothing)
{
    char *once = fact_clean_text("\xff\033 \\x1b");
    char *twice = fact_clean_text(once);

    cr_expect_str_eq(once, twice);
    free(once);
    free(twice);
}

Test(fact, a_row_is_found_by_key_and_subject)
{
    struct facts facts = {0};

    (void)facts_put_text(&facts, &key_path, "/b", "two");
    (void)facts_put_text(&facts, &key_path, "/a", "one");
    (void)facts_put_integer(&facts, &key_integer, NULL, 3);
    cr_expect_str_eq(facts_find(&facts, "test.path", "/a")->value.text, "one");
    cr_expect_null(facts_find(&facts, "test.path", "/c"));
    cr_expect_null(facts_find(&facts, "test.path", NULL));
    cr_expect_eq(facts_find(&facts, "test.integer", NULL)->value.integer, 3);
    facts_free(&facts);
}

Test(fact, the_index_finds_what_a_search_finds)
{
    struct facts facts = {0};
    size_t count = 0;

    for (int i = 0; i < 100; i++) {
        char subject[16];
        (void)snprintf(subject, sizeof subject, "/%d", i * 37 % 100);
        (void)facts_put_text(&facts, &key_path, subject, "x");
        (void)facts_put_integer(&facts, &key_everywhere, subject, i);
    }
    (void)facts_put_unknown(&facts, &key_path, NULL, "why");
    struct fact_index index = fact_index_build(&facts);
    for (int i = 0; i < 101; i++) {
        char subject[16];
        (void)snprintf(subject, sizeof subject, "/%d", i);
        cr_expect_eq(fact_index_find(&index, &key_path, subject),
                     facts_find(&facts, "test.path", subject));
    }
    cr_expect_eq(fact_index_find(&index, &key_path, NULL), facts_find(&facts, "test.path", NULL));
    (void)fact_index_rows(&index, &key_path, &count);
    cr_expect_eq(count, 101);
    (void)fact_index_rows(&index, &key_bool, &count);
    cr_expect_eq(count, 0);
    fact_index_free(&index);
    facts_free(&facts);
}

Test(fact, rows_are_replaced_where_their_keys_stand)
{
    static const struct fact_key keys[] = {
        {.name = "a", .type = VALUE_INTEGER},
        {.name = "b", .type = VALUE_INTEGER, .subjects = SUBJECTS_ALL},
        {.name = "c", .type = VALUE_INTEGER},
        {.name = "d", .type = VALUE_INTEGER},
    };
    static const struct {
        const char *key;
        int64_t value;
    } expected[] = {{"a", 1}, {"b", 20}, {"b", 21}, {"c", 30}};
    struct facts facts = {0};
    struct facts by = {0};

    (void)facts_put_integer(&facts, &keys[0], NULL, 1);
    (void)facts_put_integer(&facts, &keys[1], "x", 2);
    (void)facts_put_integer(&facts, &keys[1], "y", 3);
    (void)facts_put_integer(&facts, &keys[2], NULL, 4);
    (void)facts_put_integer(&by, &keys[1], "x", 20);
    (void)facts_put_integer(&by, &keys[1], "z", 21);
    (void)facts_put_integer(&by, &keys[2], NULL, 30);
    (void)facts_put_integer(&by, &keys[3], NULL, 40); /* stands nowhere: it is dropped */
    facts_replace(&facts, &by);
    cr_assert_eq(facts.count, 4);
    for (size_t i = 0; i < facts.count; i++) {
        cr_expect_str_eq(facts.rows[i].key->name, expected[i].key);
        cr_expect_eq(facts.rows[i].value.integer, expected[i].value);
    }
    cr_expect_eq(by.count, 0);
    facts_free(&facts);
}
