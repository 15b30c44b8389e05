/*
 * Files under tests/fixtures/. See fixture.h.
 */
#include "tests/unit/fixture.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/file_read.h"

char *fixture_read(const char *name, size_t *length)
{
    char *path = mem_format("tests/fixtures/%s", name);
    char *text = NULL;
    struct error err = {0};

    cr_assert(file_read(path, 1 << 20, &text, length, &err), "%s", err.text);
    free(path);
    return text;
}

bool fixture_is_under_valgrind(void)
{
    const char *preloaded = getenv("LD_PRELOAD");

    return preloaded != NULL && strstr(preloaded, "vgpreload") != NULL;
}
