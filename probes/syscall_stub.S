/* One system call instruction an entry, with a known address behind it. See syscall_stub.h. */

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
    .size syscall_stub, . - syscall_stub

    .globl syscall_stub_i386, syscall_stub_i386_return
    .hidden syscall_stub_i386, syscall_stub_i386_return
    .type syscall_stub_i386, %function
/* The arguments go into ebx, ecx, edx, esi, edi and ebp; rbx and rbp are the caller's. */
syscall_stub_i386:
    endbr64
    push %rbp
    push %rbx
    mov %edi, %eax
    mov %esi, %ebx
    mov %ecx, %r10d
    mov %edx, %ecx
    mov %r10d, %edx
    mov %r8d, %esi
    mov %r9d, %edi
    mov 24(%rsp), %ebp
    int $0x80
syscall_stub_i386_return:
    cltq
    pop %rbx
    pop %rbp
    ret
    .size syscall_stub_i386, . - syscall_stub_i386
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
    .size syscall_stub, . - syscall_stub
#else
#error "no system call stub for this architecture"
#endif

    .section .note.GNU-stack, "", %progbits
