/*
 * The interpreter. See bpf.h.
 */
#include "probes/bpf.h"

#include <string.h>

struct machine {
    uint32_t a, x;
    uint32_t memory[BPF_MEMWORDS];
    const struct seccomp_data *data;
};

static bool is_jump_valid(const struct sock_filter *code, size_t length, size_t at)
{
    const struct sock_filter *step = &code[at];
    size_t left = length - at - 1; /* instructions behind this one */

    if (step->code == (BPF_JMP | BPF_JA))
        return step->k < left;
    return step->jt < left && step->jf < left;
}

static bool is_step_valid(const struct sock_filter *code, size_t length, size_t at)
{
    const struct sock_filter *step = &code[at];

    switch (step->code) {
    case BPF_LD | BPF_W | BPF_ABS:
        return step->k < sizeof(struct seccomp_data) && step->k % 4 == 0;
    case BPF_LD | BPF_MEM:
    case BPF_LDX | BPF_MEM:
    case BPF_ST:
    case BPF_STX:
        return step->k < BPF_MEMWORDS;
    case BPF_ALU | BPF_DIV | BPF_K:
        return step->k != 0;
    case BPF_ALU | BPF_LSH | BPF_K:
    case BPF_ALU | BPF_RSH | BPF_K:
        return step->k < 32;
    case BPF_JMP | BPF_JA:
    case BPF_JMP | BPF_JEQ | BPF_K:
    case BPF_JMP | BPF_JEQ | BPF_X:
    case BPF_JMP | BPF_JGE | BPF_K:
    case BPF_JMP | BPF_JGE | BPF_X:
    case BPF_JMP | BPF_JGT | BPF_K:
    case BPF_JMP | BPF_JGT | BPF_X:
    case BPF_JMP | BPF_JSET | BPF_K:
    case BPF_JMP | BPF_JSET | BPF_X:
        return is_jump_valid(code, length, at);
    case BPF_LD | BPF_W | BPF_LEN:
    case BPF_LDX | BPF_W | BPF_LEN:
    case BPF_LD | BPF_IMM:
    case BPF_LDX | BPF_IMM:
    case BPF_MISC | BPF_TAX:
    case BPF_MISC | BPF_TXA:
    case BPF_RET | BPF_K:
    case BPF_RET | BPF_A:
    case BPF_ALU | BPF_NEG:
    case BPF_ALU | BPF_XOR | BPF_K:
    case BPF_ALU | BPF_XOR | BPF_X:
        return true;
    default: /* the others from BPF_ADD to BPF_RSH, of a constant or X */
        return BPF_CLASS(step->code) == BPF_ALU && (step->code & ~0xFFU) == 0 &&
               BPF_OP(step->code) <= BPF_RSH;
    }
}

bool bpf_is_valid(const struct sock_filter *code, size_t length)
{
    if (length == 0 || length > BPF_MAXINSNS || BPF_CLASS(code[length - 1].code) != BPF_RET)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!is_step_valid(code, length, i))
            return false;
    }
    return true;
}

static uint32_t load(const struct seccomp_data *data, uint32_t offset)
{
    uint32_t word = 0;

    memcpy(&word, (const char *)data + offset, sizeof word);
    return word;
}

/* The operand is checked by bpf_is_valid when it is a constant; X is as the kernel treats it. */
static bool calculate(struct machine *machine, uint16_t code, uint32_t operand)
{
    switch (BPF_OP(code)) {
    case BPF_ADD:
        machine->a += operand;
        return true;
    case BPF_SUB:
        machine->a -= operand;
        return true;
    case BPF_MUL:
        machine->a *= operand;
        return true;
    case BPF_DIV:
        if (operand == 0)
            return false; /* the program ends with 0 */
        machine->a /= operand;
        return true;
    case BPF_OR:
        machine->a |= operand;
        return true;
    case BPF_AND:
        machine->a &= operand;
        return true;
    case BPF_XOR:
        machine->a ^= operand;
        return true;
    case BPF_LSH:
        machine->a <<= operand & 31;
        return true;
    case BPF_RSH:
        machine->a >>= operand & 31;
        return true;
    default:
        machine->a = -machine->a;
        return true;
    }
}

static bool compare(uint16_t code, uint32_t a, uint32_t operand)
{
    switch (BPF_OP(code)) {
    case BPF_JEQ:
        return a == operand;
    case BPF_JGT:
        return a > operand;
    case BPF_JGE:
        return a >= operand;
    default:
        return (a & operand) != 0;
    }
}

static void move(struct machine *machine, const struct sock_filter *step)
{
    switch (step->code) {
    case BPF_LD | BPF_W | BPF_ABS:
        machine->a = load(machine->data, step->k);
        break;
    case BPF_LD | BPF_W | BPF_LEN:
        machine->a = sizeof(struct seccomp_data);
        break;
    case BPF_LDX | BPF_W | BPF_LEN:
        machine->x = sizeof(struct seccomp_data);
        break;
    case BPF_LD | BPF_IMM:
        machine->a = step->k;
        break;
    case BPF_LDX | BPF_IMM:
        machine->x = step->k;
        break;
    case BPF_LD | BPF_MEM:
        machine->a = machine->memory[step->k];
        break;
    case BPF_LDX | BPF_MEM:
        machine->x = machine->memory[step->k];
        break;
    case BPF_ST:
        machine->memory[step->k] = machine->a;
        break;
    case BPF_STX:
        machine->memory[step->k] = machine->x;
        break;
    case BPF_MISC | BPF_TAX:
        machine->x = machine->a;
        break;
    default: /* BPF_MISC | BPF_TXA */
        machine->a = machine->x;
        break;
    }
}

uint32_t bpf_run(const struct sock_filter *code, size_t length, const struct seccomp_data *data)
{
    struct machine machine = {.data = data};

    for (size_t at = 0; at < length; at++) {
        const struct sock_filter *step = &code[at];
        uint32_t operand = BPF_SRC(step->code) == BPF_X ? machine.x : step->k;
        switch (BPF_CLASS(step->code)) {
        case BPF_RET:
            return BPF_RVAL(step->code) == BPF_A ? machine.a : step->k;
        case BPF_ALU:
            if (!calculate(&machine, step->code, operand))
                return 0;
            break;
        case BPF_JMP:
            if (BPF_OP(step->code) == BPF_JA)
                at += step->k;
            else
                at += compare(step->code, machine.a, operand) ? step->jt : step->jf;
            break;
        default:
            move(&machine, step);
            break;
        }
    }
    return 0;
}
