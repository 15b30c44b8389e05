/*
 * The one place where running out of memory ends the program. See agent/core/mem.h.
 */
#include "agent/core/mem.h"

#include <unistd.h>

#include "agent/commands.h"

_Noreturn void out_of_memory(void)
{
    static const char words[] = "watertight: out of memory\n";

    /* Nothing that allocates; and when even this cannot be said, the status says it. */
    if (write(STDERR_FILENO, words, sizeof words - 1) < 0)
        _exit(EXIT_INTERNAL);
    _exit(EXIT_INTERNAL);
}
