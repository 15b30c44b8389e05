/* One system call instruction with a known address behind it. See syscall_stub.h. */

    .text
    .globl syscall_stub, syscall_stub_return
    .hidden syscall_stub, syscall_stub_return
    .type syscall_stub, %function

#if defined(__x86_64__)
syscall_stub:
    endbr64
    mov %rdi, %rax
    mov %rsi, %rdi
    mov %rdx, %rsi
    mov %rcx, %rdx
    mov %r8, %r10
    mov %r9, %r8
    mov 8(%rsp), %r9
    syscall
syscall_stub_return:
    ret
#elif defined(__aarch64__)
syscall_stub:
    mov x8, x0
    mov x0, x1
    mov x1, x2
    mov x2, x3
    mov x3, x4
    mov x4, x5
    mov x5, x6
    svc #0
syscall_stub_return:
    ret
#else
#error "no system call stub for this architecture"
#endif
    .size syscall_stub, . - syscall_stub

    .section .note.GNU-stack, "", %progbits
