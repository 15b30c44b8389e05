/*
 * The kernel's version, from its own shared object. See kernel_version.h.
 */
#include "probes/kernel_version.h"

#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>

enum { NOTE_ALIGNMENT = 4 };

static size_t padded(size_t length)
{
    return (length + NOTE_ALIGNMENT - 1) / NOTE_ALIGNMENT * NOTE_ALIGNMENT;
}

/* Of the notes of a segment, the one of type 0 that is called "Linux": vdso/note.S of each
 * architecture. */
static unsigned int version_among(const char *notes, size_t size)
{
    static const char name[] = "Linux";
    ElfW(Nhdr) note;

    for (size_t at = 0; size - at >= sizeof note;) {
        memcpy(&note, notes + at, sizeof note);
        size_t length = sizeof note + padded(note.n_namesz) + padded(note.n_descsz);
        if (length > size - at)
            return 0;
        const char *text = notes + at + sizeof note;
        unsigned int version = 0;
        if (note.n_type == 0 && note.n_namesz == sizeof name && note.n_descsz == sizeof version &&
            memcmp(text, name, sizeof name) == 0) {
            memcpy(&version, text + padded(note.n_namesz), sizeof version);
            return version;
        }
        at += length;
    }
    return 0;
}

unsigned int kernel_version(void)
{
    /* The auxiliary vector gives its address, or 0. */
    const char *object =
        (const char *)getauxval(AT_SYSINFO_EHDR); // NOLINT(performance-no-int-to-ptr)
    ElfW(Ehdr) head;
    ElfW(Phdr) segment;
    unsigned int version = 0;

    if (object == NULL)
        return 0;
    memcpy(&head, object, sizeof head);
    if (memcmp(head.e_ident, ELFMAG, SELFMAG) != 0)
        return 0;
    for (size_t i = 0; i < head.e_phnum && version == 0; i++) {
        memcpy(&segment, object + head.e_phoff + i * head.e_phentsize, sizeof segment);
        if (segment.p_type == PT_NOTE)
            version = version_among(object + segment.p_offset, segment.p_filesz);
    }
    return version;
}
