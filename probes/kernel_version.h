/*
 * Which Linux this is, without a system call, for which a filter might kill.
 */
#ifndef WATERTIGHT_PROBES_KERNEL_VERSION_H
#define WATERTIGHT_PROBES_KERNEL_VERSION_H

/* As the kernel's macro KERNEL_VERSION makes it. */
#define KERNEL_VERSION_OF(major, minor) ((unsigned int)(major) << 16 | (unsigned int)(minor) << 8)

/*
 * LINUX_VERSION_CODE, by the note that the kernel puts into the shared object that it gives every
 * process (vdso(7)); 0 where there is none, as in other systems that run Linux's programs.
 */
unsigned int kernel_version(void);

#endif
