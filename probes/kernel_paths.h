/*
 * The paths by which a container reaches the kernel's own files: what engines mask or make
 * read-only, and what else has led out of containers.
 */
#ifndef WATERTIGHT_PROBES_KERNEL_PATHS_H
#define WATERTIGHT_PROBES_KERNEL_PATHS_H

#include <stddef.h>

enum kernel_place { PLACE_PROCFS, PLACE_SYSFS };

/* How the content is looked at. */
enum kernel_content {
    CONTENT_BYTES,   /* the first bytes of a file, the first entry of a directory */
    CONTENT_SYMBOLS, /* kallsyms: addresses, which the kernel gives as 0 to who may not know them */
    CONTENT_CONSUMED /* reading takes something away: only opened */
};

struct kernel_path {
    enum kernel_place place;
    const char *name; /* below the place's directory: "kcore"; "": the directory itself */
    enum kernel_content content;
    unsigned long filesystem; /* the type (statfs(2)) of the file system that it belongs to */
    const char *sample;       /* of a directory: the file in it that tells whether its files can be
                                 written; NULL: the directory itself */
};

/* The path at an index, or NULL past the end. Constants. */
const struct kernel_path *kernel_path_at(size_t index);

/* The whole path, with the directory of each enum kernel_place; the caller frees it. */
char *kernel_path_text(const struct kernel_path *path, const char *const places[2]);

#endif
