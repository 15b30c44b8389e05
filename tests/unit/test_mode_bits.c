/*
 * What owner, group and mode decide alone.
 */
#include <criterion/criterion.h>

#include "probes/mode_bits.h"

enum { DAC_OVERRIDE = 1 << 1, DAC_READ_SEARCH = 1 << 2, CHOWN = 1 };

static const struct {
    const char *words;
    struct mode_bits bits;
    uint64_t effective;
    unsigned int wanted;
    bool is_denied;
} cases[] = {
    {"the owner's bits count for the owner", {1000, 5, 0755, false}, 0, 3, false},
    {"also where the others' are wider", {1000, 5, 0077, false}, 0, 2, true},
    {"and an access list does not change them", {1000, 5, 0577, true}, 0, 2, true},
    {"the group's bits count for its members", {1, 1000, 0705, false}, 0, 2, true},
    {"and for supplementary ones", {1, 24, 0707, false}, 0, 2, true},
    {"who may write", {1, 24, 0730, false}, 0, 3, false},
    {"others have the last bits", {0, 0, 0755, false}, 0, 3, true},
    {"which may let them write", {0, 0, 0777, false}, 0, 3, false},
    {"write alone is not enough for a directory", {0, 0, 0002, false}, 0, 3, true},
    {"an access list may let somebody in", {0, 0, 0755, true}, 0, 3, false},
    {"a capability overrides", {0, 0, 0000, false}, DAC_OVERRIDE, 3, false},
    {"another does not", {0, 0, 0755, false}, CHOWN, 3, true},
    {"one lets search, not write", {0, 0, 0755, false}, DAC_READ_SEARCH, 3, true},
    {"but search", {0, 0, 0, false}, DAC_READ_SEARCH, 1, false},
};

Test(mode_bits, only_what_is_surely_denied_is)
{
    gid_t groups[] = {24, 7};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct credentials credentials = {
            .uid = {0, 0, 0, 1000}, /* the file system's id is the one that counts */
            .gid = {0, 0, 0, 1000},
            .group_count = 2,
            .groups = groups,
            .effective = cases[i].effective,
        };
        cr_expect_eq(mode_bits_deny(&credentials, &cases[i].bits, cases[i].wanted),
                     cases[i].is_denied, "%s", cases[i].words);
    }
}
