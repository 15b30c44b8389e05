/*
 * Writing files whole or not at all, and planning where reports go. Works in a folder of its own
 * below the temporary one.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/atomic_file.h"
#include "agent/core/mem.h"
#include "agent/output.h"

enum { SIZE = 8192 };

/* A new folder, which becomes the working one. */
static void enter_folder(void)
{
    char folder[] = "/tmp/watertight-test-XXXXXX";

    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void leave_folder(void)
{
    char *folder = getcwd(NULL, 0);
    struct dirent *entry = NULL;
    DIR *entries = opendir(".");

    cr_assert_not_null(folder);
    while (entries != NULL && (entry = readdir(entries)) != NULL)
        (void)unlink(entry->d_name);
    (void)closedir(entries);
    (void)rmdir(folder);
    free(folder);
}

static void put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
}

static void expect_content(const char *path, const char *text)
{
    char content[SIZE] = "";
    int fd = open(path, O_RDONLY);
    ssize_t count = fd < 0 ? -1 : read(fd, content, sizeof content - 1);

    cr_assert_geq(count, 0, "%s", path);
    (void)close(fd);
    cr_expect_str_eq(content, text);
}

/* How many files there are, hidden ones too: no temporary one may stay. */
static size_t count_files(void)
{
    size_t count = 0;
    DIR *entries = opendir(".");

    while (readdir(entries) != NULL)
        count++;
    (void)closedir(entries);
    return count - 2;
}

static bool write_text(const char *destination, const char *text, struct error *err)
{
    return output_write(destination, text, strlen(text), err);
}

TestSuite(output, .init = enter_folder, .fini = leave_folder);

Test(output, a_new_file_is_whole_and_has_the_mode_of_the_umask)
{
    struct stat status;
    struct error err = {0};

    (void)umask(027);
    cr_expect(write_text("new", "all of it", &err), "%s", err.text);
    expect_content("new", "all of it");
    cr_expect_eq(stat("new", &status), 0);
    cr_expect_eq(status.st_mode & 07777, 0640);
    cr_expect_eq(count_files(), 1);
}

Test(output, an_old_file_is_replaced_by_another_and_keeps_its_mode)
{
    struct stat before;
    struct stat after;
    struct error err = {0};

    put("old", "old and longer");
    cr_assert_eq(chmod("old", 0600), 0);
    cr_assert_eq(stat("old", &before), 0);
    cr_expect(write_text("old", "new", &err), "%s", err.text);
    cr_assert_eq(stat("old", &after), 0);
    expect_content("old", "new");
    cr_expect_neq(before.st_ino, after.st_ino, "it was written to, not replaced");
    cr_expect_eq(after.st_mode & 07777, 0600);
    cr_expect_eq(count_files(), 1);
}

Test(output, a_symbolic_link_stays_and_what_it_points_at_is_replaced)
{
    struct stat status;
    struct error err = {0};

    put("real", "old");
    cr_assert_eq(symlink("real", "link"), 0);
    cr_expect(write_text("link", "new", &err), "%s", err.text);
    cr_assert_eq(lstat("link", &status), 0);
    cr_expect(S_ISLNK(status.st_mode));
    expect_content("real", "new");
}

Test(output, a_file_that_cannot_be_written_whole_is_left_as_it_was)
{
    char big[SIZE];
    struct rlimit limit = {.rlim_cur = SIZE / 2, .rlim_max = RLIM_INFINITY};
    struct error err = {0};

    memset(big, 'x', sizeof big);
    put("old", "old");
    (void)signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_expect_not(output_write("old", big, sizeof big, &err));
    limit.rlim_cur = RLIM_INFINITY;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_expect_eq(err.code, EFBIG);
    expect_content("old", "old");
    cr_expect_eq(count_files(), 1);
}

Test(output, errors_say_what_and_why)
{
    static const struct {
        const char *destination, *message;
        int code;
    } cases[] = {
        {"/dev/full", "cannot write to /dev/full: No space left on device", ENOSPC},
        {"none/file", "cannot write none/file: cannot open its folder: No such file or directory",
         ENOENT},
        {".", "cannot open .: Is a directory", EISDIR},
        {"dangling", "cannot write dangling: No such file or directory", ENOENT},
        {"file/below", "cannot write file/below: Not a directory", ENOTDIR},
    };

    put("file", "");
    cr_assert_eq(symlink("nowhere", "dangling"), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        cr_expect_not(write_text(cases[i].destination, "text", &err), "case %zu", i);
        cr_expect_str_eq(err.text, cases[i].message);
        cr_expect_eq(err.code, cases[i].code);
    }
    cr_expect_eq(count_files(), 2);
}

Test(output, a_device_is_written_to_and_stays)
{
    struct stat status;
    struct error err = {0};

    cr_expect(write_text("/dev/null", "text", &err), "%s", err.text);
    cr_assert_eq(stat("/dev/null", &status), 0);
    cr_expect(S_ISCHR(status.st_mode));
}

Test(output, a_file_that_is_open_for_us_is_gone_on_with)
{
    struct error err = {0};

    put("log", "before ");
    int fd = open("log", O_WRONLY | O_APPEND);
    cr_assert_geq(fd, 0);
    cr_expect(write_text("log", "after", &err), "%s", err.text);
    (void)close(fd);
    expect_content("log", "before after");
}

Test(output, a_closed_pipe_is_an_error)
{
    int ends[2];
    struct error err = {0};

    (void)signal(SIGPIPE, SIG_IGN);
    cr_assert_eq(pipe(ends), 0);
    (void)close(ends[0]);
    int saved = dup(STDOUT_FILENO);
    cr_assert_eq(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
    bool ok = write_text("-", "text", &err);
    (void)dup2(saved, STDOUT_FILENO);
    cr_expect_not(ok);
    cr_expect_str_eq(err.text, "cannot write to stdout: Broken pipe");
}

Test(output, a_pipe_that_does_not_block_gets_everything)
{
    enum { MUCH = 1 << 20 };
    char *much = mem_new(MUCH, 1);
    int ends[2];

    memset(much, 'x', MUCH);
    cr_assert_eq(pipe2(ends, O_NONBLOCK), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)close(ends[0]);
        _exit(atomic_file_write_all(ends[1], much, MUCH) ? 0 : 1);
    }
    (void)close(ends[1]);
    (void)fcntl(ends[0], F_SETFL, 0);
    size_t total = 0;
    ssize_t count = 0;
    while ((count = read(ends[0], much, MUCH)) > 0)
        total += (size_t)count;
    cr_expect_eq(total, MUCH);
    free(much);
}

Test(output, an_installed_file_has_exactly_its_mode_and_replaces_a_link)
{
    struct stat status;
    struct error err = {0};

    (void)umask(077);
    cr_assert_eq(symlink("/dev/null", "program"), 0);
    cr_expect(atomic_file_write("program", "bytes", 5, 0755, &err), "%s", err.text);
    cr_assert_eq(lstat("program", &status), 0);
    cr_expect(S_ISREG(status.st_mode));
    cr_expect_eq(status.st_mode & 07777, 0755);
    cr_expect_not(atomic_file_write("", "bytes", 5, 0755, &err));
    cr_expect_not(atomic_file_write("./", "bytes", 5, 0755, &err));
    cr_expect_eq(count_files(), 1);
}

/* --- planning ------------------------------------------------------------------------------- */

static const char *nth_format(size_t index)
{
    static const char *const names[] = {"text", "json", "tap"};

    return index < sizeof names / sizeof names[0] ? names[index] : NULL;
}

/* Plans for the one --format word, or for none. */
static bool plan(const char *word, struct outputs *outputs, struct error *err)
{
    struct options options = {0};
    char *arguments[] = {(char *)"watertight", (char *)"-f", (char *)word, NULL};

    *outputs = (struct outputs){0};
    cr_assert(options_parse(word == NULL ? 1 : 3, arguments, &options, err), "%s", err->text);
    bool ok = outputs_plan(&options, nth_format, outputs, err);
    options_free(&options);
    return ok;
}

Test(output, is_text_on_stdout_when_nothing_is_asked_for)
{
    struct outputs outputs;
    struct error err = {0};

    cr_assert(plan(NULL, &outputs, &err));
    cr_assert_eq(outputs.count, 1);
    cr_expect_eq(outputs.rows[0].format, 0);
    cr_expect(output_is_stdout(&outputs.rows[0]));
    outputs_free(&outputs);
}

Test(output, may_be_several_at_once)
{
    struct outputs outputs;
    struct error err = {0};

    cr_assert(plan("json=a=b.json,tap=-,text=c", &outputs, &err), "%s", err.text);
    cr_assert_eq(outputs.count, 3);
    cr_expect_eq(outputs.rows[0].format, 1);
    cr_expect_str_eq(outputs.rows[0].destination, "a=b.json");
    cr_expect(output_is_stdout(&outputs.rows[1]));
    cr_expect_str_eq(outputs.rows[2].destination, "c");
    outputs_free(&outputs);
}

Test(output, plans_that_lose_a_report_are_refused)
{
    static const struct {
        const char *word, *message;
    } cases[] = {
        {"jsn", "--format: unknown format \"jsn\"; did you mean json?"},
        {"yellow", "--format: unknown format \"yellow\""},
        {"json=", "--format: a file's name is missing behind \"json=\""},
        {"json,text", "--format: two outputs go to stdout"},
        {"json=-,text", "--format: two outputs go to stdout"},
        {"json=a,tap=./a", "--format: two outputs go to ./a"},
        {"json=real,tap=link", "--format: two outputs go to link"},
    };

    put("real", "");
    cr_assert_eq(symlink("real", "link"), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outputs outputs;
        struct error err = {0};
        cr_expect_not(plan(cases[i].word, &outputs, &err), "case %zu", i);
        cr_expect_str_eq(err.text, cases[i].message);
        outputs_free(&outputs);
    }
}
