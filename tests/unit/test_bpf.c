/*
 * The interpreter of seccomp's BPF: each instruction, and what the kernel would refuse.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "probes/bpf.h"

#define ANSWER_A BPF_STMT(BPF_RET | BPF_A, 0)
#define SIZE(code) (sizeof(code) / sizeof(code)[0])

static const struct seccomp_data data = {
    .nr = 7,
    .arch = 0xC000003E,
    .instruction_pointer = 0x1122334455667788,
    .args = {0xAABBCCDD00000005, 2},
};

/* The programs end at an instruction of zeros: BPF_LD | BPF_IMM of 0 stands in none of them. */
static const struct {
    const char *words;
    uint32_t answer;
    struct sock_filter code[8];
} cases[] = {
    {"a constant", 42, {BPF_STMT(BPF_RET | BPF_K, 42)}},
    {"the number", 7, {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), ANSWER_A}},
    {"the architecture", 0xC000003E, {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4), ANSWER_A}},
    {"the pointer's high half", 0x11223344, {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 12), ANSWER_A}},
    {"an argument's low half", 5, {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16), ANSWER_A}},
    {"its high half", 0xAABBCCDD, {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 20), ANSWER_A}},
    {"the length", 64, {BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), ANSWER_A}},
    {"the length in X",
     64,
     {BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_MISC | BPF_TXA, 0), ANSWER_A}},
    {"memory",
     9,
     {BPF_STMT(BPF_LD | BPF_IMM, 9), BPF_STMT(BPF_ST, 3), BPF_STMT(BPF_LD | BPF_IMM, 1),
      BPF_STMT(BPF_LD | BPF_MEM, 3), ANSWER_A}},
    {"memory by X",
     8,
     {BPF_STMT(BPF_LDX | BPF_IMM, 8), BPF_STMT(BPF_STX, 15), BPF_STMT(BPF_LD | BPF_IMM, 1),
      BPF_STMT(BPF_LDX | BPF_MEM, 15), BPF_STMT(BPF_MISC | BPF_TXA, 0), ANSWER_A}},
    {"a sum of A and X",
     12,
     {BPF_STMT(BPF_LD | BPF_IMM, 5), BPF_STMT(BPF_MISC | BPF_TAX, 0), BPF_STMT(BPF_LD | BPF_IMM, 7),
      BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0), ANSWER_A}},
    {"a difference below zero",
     0xFFFFFFFF,
     {BPF_STMT(BPF_LD | BPF_IMM, 1), BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 2), ANSWER_A}},
    {"a product, cut",
     0xFFFFFFFE,
     {BPF_STMT(BPF_LD | BPF_IMM, 0xFFFFFFFF), BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 2), ANSWER_A}},
    {"a quotient",
     3,
     {BPF_STMT(BPF_LD | BPF_IMM, 13), BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 4), ANSWER_A}},
    {"a quotient by an X of 0 ends the program",
     0,
     {BPF_STMT(BPF_LD | BPF_IMM, 13), BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0), ANSWER_A}},
    {"and, or, xor",
     0x5B,
     {BPF_STMT(BPF_LD | BPF_IMM, 0xF3), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x0F),
      BPF_STMT(BPF_ALU | BPF_OR | BPF_K, 0x50), BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 0x08),
      ANSWER_A}},
    {"shifts",
     0x40,
     {BPF_STMT(BPF_LD | BPF_IMM, 1), BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 8),
      BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 2), ANSWER_A}},
    {"a negation",
     0xFFFFFFFD,
     {BPF_STMT(BPF_LD | BPF_IMM, 3), BPF_STMT(BPF_ALU | BPF_NEG, 0), ANSWER_A}},
    {"a jump over",
     2,
     {BPF_STMT(BPF_JMP | BPF_JA, 1), BPF_STMT(BPF_RET | BPF_K, 1), BPF_STMT(BPF_RET | BPF_K, 2)}},
    {"equal",
     1,
     {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 7, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 1), BPF_STMT(BPF_RET | BPF_K, 2)}},
    {"not greater than itself",
     2,
     {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 7, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 1), BPF_STMT(BPF_RET | BPF_K, 2)}},
    {"but at least",
     1,
     {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 7, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 1), BPF_STMT(BPF_RET | BPF_K, 2)}},
    {"comparisons have no sign",
     1,
     {BPF_STMT(BPF_LD | BPF_IMM, 0x80000000), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 1, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 1), BPF_STMT(BPF_RET | BPF_K, 2)}},
    {"some bit set, by X",
     1,
     {BPF_STMT(BPF_LDX | BPF_IMM, 6), BPF_STMT(BPF_LD | BPF_IMM, 2),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_X, 0, 0, 1), BPF_STMT(BPF_RET | BPF_K, 1),
      BPF_STMT(BPF_RET | BPF_K, 2)}},
};

static size_t length_of(const struct sock_filter *code)
{
    static const struct sock_filter end;
    size_t length = 0;

    while (length < 8 && memcmp(&code[length], &end, sizeof end) != 0)
        length++;
    return length;
}

Test(bpf, every_instruction_does_what_the_kernel_does)
{
    for (size_t i = 0; i < SIZE(cases); i++) {
        size_t length = length_of(cases[i].code);
        cr_assert(bpf_is_valid(cases[i].code, length), "%s", cases[i].words);
        cr_expect_eq(bpf_run(cases[i].code, length, &data), cases[i].answer, "%s: %#x",
                     cases[i].words, bpf_run(cases[i].code, length, &data));
    }
}

Test(bpf, what_the_kernel_refuses_is_not_valid)
{
    static const struct {
        const char *words;
        struct sock_filter first;
    } refused[] = {
        {"a load beyond the data", BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64)},
        {"a load between words", BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2)},
        {"a load of a byte", BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0)},
        {"an indirect load", BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0)},
        {"memory that there is not", BPF_STMT(BPF_ST, 16)},
        {"a division by 0", BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0)},
        {"a shift of 32", BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32)},
        {"a remainder", BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3)},
        {"a jump beyond the end", BPF_STMT(BPF_JMP | BPF_JA, 1)},
        {"a far jump", BPF_STMT(BPF_JMP | BPF_JA, 0xFFFFFFFF)},
        {"a condition that jumps beyond", BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1)},
        {"an instruction of no class", BPF_STMT(0xFFFF, 0)},
    };

    for (size_t i = 0; i < SIZE(refused); i++) {
        struct sock_filter code[] = {refused[i].first, BPF_STMT(BPF_RET | BPF_K, 0)};
        cr_expect_not(bpf_is_valid(code, 2), "%s", refused[i].words);
    }
    struct sock_filter endless[] = {BPF_STMT(BPF_LD | BPF_IMM, 0)};
    cr_expect_not(bpf_is_valid(endless, 1));
    cr_expect_not(bpf_is_valid(endless, 0));
}
