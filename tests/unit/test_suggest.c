/*
 * Near matches.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/suggest.h"
#include "probes/capname.h"

static const char *nth_option(size_t index, const void *context)
{
    static const char *const words[] = {"policy", "format", "only", "skip", "read-only"};

    (void)context;
    return index < sizeof words / sizeof words[0] ? words[index] : NULL;
}

static const char *nearest(const char *word)
{
    const char *near = suggest_nearest(word, nth_option, NULL);

    return near == NULL ? "none" : near;
}

Test(suggest, finds_one_edit_of_each_kind)
{
    cr_expect_str_eq(nearest("polic"), "policy");
    cr_expect_str_eq(nearest("pollicy"), "policy");
    cr_expect_str_eq(nearest("bolicy"), "policy");
    cr_expect_str_eq(nearest("oplicy"), "policy");
    cr_expect_str_eq(nearest("POLICY"), "policy");
}

Test(suggest, says_nothing_of_what_is_far)
{
    cr_expect_str_eq(nearest("zebra"), "none");
    cr_expect_str_eq(nearest("x"), "none");
    cr_expect_str_eq(nearest(""), "none");
}

Test(suggest, takes_the_nearer_of_two)
{
    cr_expect_str_eq(nearest("onl"), "only");
    cr_expect_str_eq(nearest("readonly"), "read-only");
}

Test(suggest, survives_a_very_long_word)
{
    char word[5000];

    memset(word, 'a', sizeof word);
    word[sizeof word - 1] = '\0';
    cr_expect_str_eq(nearest(word), "none");
}

Test(suggest, finds_capabilities_with_and_without_their_prefix)
{
    CLEANUP(mem_free_text) char *bare = suggest_word(&capname_vocabulary, "NET_BIND_SERVCE");
    CLEANUP(mem_free_text) char *whole = suggest_word(&capname_vocabulary, "CAP_CHWON");

    cr_expect_str_eq(bare, "CAP_NET_BIND_SERVICE");
    cr_expect_str_eq(whole, "CAP_CHOWN");
}
