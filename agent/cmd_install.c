/*
 * install: copies this very binary, for init containers in images with no shell or cp.
 */
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/atomic_file.h"
#include "agent/commands.h"
#include "agent/core/mem.h"
#include "agent/options.h"
#include "agent/say.h"
#include "probes/target.h"

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

/* DEST, or watertight in it when it is a folder. The caller frees it. */
static char *file_of(const char *destination)
{
    struct stat status;

    if (stat(destination, &status) == 0 && S_ISDIR(status.st_mode))
        return mem_format("%s/watertight", destination);
    return mem_copy(destination);
}

static bool install_copy(int executable, const char *path, struct error *err)
{
    struct stat status;

    if (fstat(executable, &status) < 0)
        return error_sys(err, "cannot read the running program");
    if (!S_ISREG(status.st_mode) || status.st_size <= 0)
        return error_set(err, "cannot read the running program: it is no regular file");
    size_t length = (size_t)status.st_size;
    void *image = mmap(NULL, length, PROT_READ, MAP_PRIVATE, executable, 0);
    if (image == MAP_FAILED)
        return error_sys(err, "cannot read the running program");
    bool ok = atomic_file_write(path, image, length, 0755, err);
    (void)munmap(image, length);
    return ok;
}

static int install_run(const struct options *options)
{
    CLEANUP(mem_free_text) char *path = file_of(options->operand);
    CLEANUP(close_fd) int executable = target_open_executable();
    struct stat status;
    struct error err = {0};

    if (executable < 0) {
        (void)error_sys(&err, "cannot open the running program");
        say("%s", err.text);
        return EXIT_INTERNAL;
    }
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        say("%s exists and is no regular file", path);
        return EXIT_USAGE;
    }
    if (install_copy(executable, path, &err))
        return EXIT_WATERTIGHT;
    say("%s", err.text);
    return EXIT_OUTPUT;
}

const struct command command_install = {
    .id = COMMAND_INSTALL,
    .name = "install",
    .operand = "DEST",
    .summary = "copy this program to DEST, as one step",
    .notes = "DEST is a file, or a folder that gets the file \"watertight\". Its mode is 0755.\n"
             "What was at DEST is replaced whole or left as it was. Needs no shell and no cp:\n"
             "for an init container that shares a volume with the container to check.\n",
    .run = install_run,
};
