/*
 * Messages on stderr. See say.h.
 */
#include "agent/say.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "agent/core/fact.h"
#include "agent/core/mem.h"

void say(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    CLEANUP(mem_free_text) char *words = mem_vformat(format, arguments);
    va_end(arguments);
    /* Words may quote an argument or a file: they must not steer a terminal. */
    CLEANUP(mem_free_text) char *clean = fact_clean_text(words);
    CLEANUP(mem_free_text) char *line = mem_format("watertight: %s\n", clean);
    ssize_t ignored = write(STDERR_FILENO, line, strlen(line));
    (void)ignored;
}
