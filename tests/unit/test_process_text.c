/*
 * Small files of a procfs: what real kernels print, and what none prints.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "probes/process_text.h"

Test(process_text, the_kernels_degree_of_randomisation_is_read)
{
    static const char *const texts[] = {"0\n", "1\n", "2\n"};
    static const char *const malformed[] = {"",     "\n",   "3\n",   "-1\n",
                                            " 2\n", "2 \n", "2\n\n", "x\n"};
    enum randomization degree = RANDOMIZATION_OFF;
    struct error err = {0};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        cr_expect(randomization_parse(texts[i], strlen(texts[i]), &degree, &err));
        cr_expect_eq((size_t)degree, i);
    }
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++)
        cr_expect_not(randomization_parse(malformed[i], strlen(malformed[i]), &degree, &err),
                      "\"%s\"", malformed[i]);
}

Test(process_text, the_bits_of_a_personality_are_read)
{
    static const struct {
        const char *text;
        uint64_t bits;
    } cases[] = {{"00000000\n", 0}, {"00040000\n", 0x40000}, {"ffffffff\n", 0xFFFFFFFF}};
    static const char *const malformed[] = {"",           "0\n",        "0004000\n", "000400000\n",
                                            "0004000x\n", "00040000 \n"};
    uint64_t bits = 0;
    struct error err = {0};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect(personality_parse(cases[i].text, strlen(cases[i].text), &bits, &err));
        cr_expect_eq(bits, cases[i].bits);
    }
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++)
        cr_expect_not(personality_parse(malformed[i], strlen(malformed[i]), &bits, &err), "\"%s\"",
                      malformed[i]);
}

Test(process_text, a_rank_out_of_memory_is_read)
{
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {{"0\n", 0}, {"-1000\n", -1000}, {"-997\n", -997}, {"1000\n", 1000}};
    static const char *const malformed[] = {"",        "-\n",  "--1\n", "1001\n",
                                            "-1001\n", "+1\n", "1 \n",  "0x1\n"};
    int64_t value = 0;
    struct error err = {0};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect(oom_score_parse(cases[i].text, strlen(cases[i].text), &value, &err));
        cr_expect_eq(value, cases[i].value);
    }
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++)
        cr_expect_not(oom_score_parse(malformed[i], strlen(malformed[i]), &value, &err), "\"%s\"",
                      malformed[i]);
}
