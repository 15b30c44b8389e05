/*
 * Reads files of a procfs, whole and bounded. A file that something is mounted over is refused: by
 * openat2(2) with RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS, or, where that call is not to be had,
 * by comparing the file's device with that of the procfs.
 */
#ifndef WATERTIGHT_PROBES_PROCFILE_H
#define WATERTIGHT_PROBES_PROCFILE_H

#include <stddef.h>

#include "agent/core/error.h"

struct target;

enum { PROCFILE_MAX = 64 * 1024 * 1024 }; /* bytes; a larger file is refused, not cut */

/*
 * Reads the target's own file `name` ("status", "mountinfo") into *out: a terminated text of
 * *length bytes that the caller frees. On failure err says why, in words fit for a fact's reason;
 * err->code is EXDEV when something is mounted over the file.
 */
bool procfile_read(const struct target *target, const char *name, char **out, size_t *length,
                   struct error *err) MUST_USE;

/* The same for a file of the procfs root ("version", "cmdline", "sys/kernel/osrelease"). */
bool procfile_read_system(const struct target *target, const char *path, char **out, size_t *length,
                          struct error *err) MUST_USE;

/* The same for a file below directory_fd, which lies in a procfs. */
bool procfile_read_at(const struct target *target, int directory_fd, const char *path, char **out,
                      size_t *length, struct error *err) MUST_USE;

/*
 * The same for a file below sys/, which engines mount read-only from the same procfs: another mount
 * is accepted there, another file system is not.
 */
bool procfile_read_sysctl(const struct target *target, const char *path, char **out, size_t *length,
                          struct error *err) MUST_USE;

/* Opens what procfile_read_sysctl would read, with flags (open(2)). -1 and err on failure. */
int procfile_open_sysctl(const struct target *target, const char *path, int flags,
                         struct error *err) MUST_USE;

/*
 * Opens path below directory_fd, which lies in a procfs, with flags (open(2)). Returns -1 and sets
 * err on failure; EXDEV as above.
 */
int procfile_open(const struct target *target, int directory_fd, const char *path, int flags,
                  struct error *err) MUST_USE;

/* Where another process's file was refused (EACCES, EPERM): adds which right is missing (proc(5)).
 */
void procfile_name_right(const struct target *target, struct error *err);

/* Reads an open descriptor to its end, at most max bytes; terminated; the caller frees it. */
bool procfile_read_fd(int fd, size_t max, char **out, size_t *length, struct error *err) MUST_USE;

/* For CLEANUP(procfile_close) int fd = -1; */
void procfile_close(int *fd);

#endif
