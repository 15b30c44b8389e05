/*
 * Finding processes in the procfs. See target_find.h.
 */
#include "probes/target_find.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/core/mem.h"
#include "agent/core/sort.h"
#include "probes/digits.h"
#include "probes/process_stat.h"
#include "probes/procfile.h"

enum { COMM_MAX = 15, CANDIDATES_SHOWN = 8 };

static int compare_pids(const void *a, const void *b)
{
    pid_t first = *(const pid_t *)a;
    pid_t second = *(const pid_t *)b;

    return (first > second) - (first < second);
}

bool target_list(const struct target *self, pid_t **out, size_t *count, struct error *err)
{
    size_t capacity = 0;
    int fd = procfile_open(self, self->procfs_fd, ".", O_RDONLY | O_DIRECTORY, err);

    *out = NULL;
    *count = 0;
    if (fd < 0)
        return false;
    DIR *directory = fdopendir(fd);
    if (directory == NULL) {
        (void)close(fd);
        return error_sys(err, "cannot list the processes");
    }
    errno = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        struct span name = {.at = entry->d_name, .end = entry->d_name + strlen(entry->d_name)};
        uint64_t number = 0;
        if (!span_number(name, 10, INT_MAX, &number))
            continue;
        *out = mem_grow(*out, *count, &capacity, sizeof **out);
        (*out)[(*count)++] = (pid_t)number;
    }
    bool ok = errno == 0 || error_sys(err, "cannot list the processes");
    (void)closedir(directory);
    if (*count > 0)
        sort(*out, *count, sizeof **out, compare_pids);
    return ok;
}

/* The executable's file name into out, as the link tells it; false where it may not be followed. */
static bool read_executable(const struct target *self, pid_t pid, char out[static PATH_MAX])
{
    static const char gone[] = " (deleted)";
    char link[32];

    (void)snprintf(link, sizeof link, "%d/exe", (int)pid);
    ssize_t length = readlinkat(self->procfs_fd, link, out, PATH_MAX - 1);
    if (length <= 0)
        return false;
    out[length] = '\0';
    size_t tail = sizeof gone - 1;
    if ((size_t)length > tail && strcmp(out + length - tail, gone) == 0)
        out[(size_t)length - tail] = '\0';
    const char *slash = strrchr(out, '/');
    if (slash != NULL)
        memmove(out, slash + 1, strlen(slash));
    return true;
}

/* Of a longer name, comm has the beginning: that counts where the executable is not to be seen. */
static bool is_called(const struct target *self, pid_t pid, const char *comm, const char *word)
{
    char executable[PATH_MAX];
    bool has_executable = read_executable(self, pid, executable);

    if (strcmp(comm, word) == 0 || (has_executable && strcmp(executable, word) == 0))
        return true;
    return !has_executable && strlen(comm) == COMM_MAX && strncmp(comm, word, COMM_MAX) == 0;
}

/* What is gone in the meantime has no name. */
static bool has_name(const struct target *self, pid_t pid, const char *word,
                     char name[static PROCESS_NAME_MAX])
{
    CLEANUP(mem_free_text) char *text = NULL;
    size_t length = 0;
    struct process_stat stat;
    struct error ignored = {0};
    char path[32];

    (void)snprintf(path, sizeof path, "%d/stat", (int)pid);
    if (!procfile_read_system(self, path, &text, &length, &ignored) ||
        !process_stat_parse(text, length, &stat, &ignored) || process_stat_has_ended(&stat))
        return false;
    memcpy(name, stat.name, PROCESS_NAME_MAX);
    return is_called(self, pid, stat.name, word);
}

static bool find_name(const struct target *self, const char *word, pid_t *out, struct error *err)
{
    pid_t *pids = NULL;
    size_t count = 0;
    size_t found = 0;
    pid_t own = target_own_number(self);
    bool ok = target_list(self, &pids, &count, err);
    CLEANUP(mem_free_text) char *candidates = mem_copy("");

    for (size_t i = 0; ok && i < count; i++) {
        char name[PROCESS_NAME_MAX];
        if (pids[i] == own || !has_name(self, pids[i], word, name))
            continue;
        *out = pids[i];
        if (found++ >= CANDIDATES_SHOWN)
            continue;
        char *longer =
            mem_format("%s%s%d (%s)", candidates, found > 1 ? ", " : "", (int)pids[i], name);
        free(candidates);
        candidates = longer;
    }
    free(pids);
    if (!ok || found == 1)
        return ok;
    if (found == 0)
        return error_set(err, "no process is called \"%s\" in this PID namespace", word);
    return error_set(err, "%zu processes are called \"%s\": %s%s; give one's number", found, word,
                     candidates, found > CANDIDATES_SHOWN ? ", ..." : "");
}

bool target_find(const struct target *self, const char *word, pid_t *out, struct error *err)
{
    struct span span = {.at = word, .end = word + strlen(word)};
    uint64_t number = 0;

    if (self->procfs_fd < 0)
        return error_set(err, "there is no trustworthy procfs: %s", self->procfs_detail.text);
    if (!span_number(span, 10, INT_MAX, &number))
        return find_name(self, word, out, err);
    *out = (pid_t)number;
    return number > 0 || error_set(err, "no process has the number %s", word);
}
