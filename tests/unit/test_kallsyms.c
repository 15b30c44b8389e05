/*
 * Addresses in kallsyms, as the kernel prints them to who may and who may not know them.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "probes/kallsyms.h"

Test(kallsyms, only_a_real_address_counts)
{
    static const struct {
        const char *text;
        bool has_address;
    } cases[] = {
        {"0000000000000000 A fixed_percpu_data\n0000000000000000 T _text\n", false},
        {"0000000000000000 A fixed_percpu_data\nffffffff81000000 T startup_64\n", true},
        {"0000000000001000 A cpu_debug_store\n0000000000002000 A irq_stack\n", true},
        {"ffff800010000000 t _head\n", true},
        {"ffffffff8100", false}, /* the read ended within the line */
        {"ffffffff81000000 T", false},
        {"(null) T _text\n", false},
        {"", false},
        {"\n\n", false},
        {"ffffffffffffffffff T x\n", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_eq(kallsyms_has_address(cases[i].text, strlen(cases[i].text)),
                     cases[i].has_address, "%s", cases[i].text);
}
