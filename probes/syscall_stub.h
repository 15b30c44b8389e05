/*
 * The places from which system calls are asked about, one for each way into the kernel. A seccomp
 * filter sees the address behind the instruction that calls, so that a filter of our own can answer
 * here and nowhere else.
 */
#ifndef WATERTIGHT_PROBES_SYSCALL_STUB_H
#define WATERTIGHT_PROBES_SYSCALL_STUB_H

/* Makes the call; gives what the kernel gives: a result, or a negative errno value. */
long syscall_stub(long number, long a, long b, long c, long d, long e, long f);

/* Where the kernel returns to: seccomp_data.instruction_pointer of a call from the stub. */
extern const char syscall_stub_return[];

#if defined(__x86_64__)
/*
 * The same by int $0x80, the way of 32-bit programs: numbers and meanings are those of i386, and
 * arguments lose their upper halves. SIGSEGV, where the kernel does not have it.
 */
long syscall_stub_i386(long number, long a, long b, long c, long d, long e, long f);
extern const char syscall_stub_i386_return[];
#endif

#endif
