/*
 * The listening socket. See serve_listen.h.
 */
#include "agent/serve_listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 511, PATH_MASK = 0117 /* leaves 0660 */ };

static const char *path_of(const struct sockaddr_storage *address)
{
    return ((const struct sockaddr_un *)address)->sun_path;
}

static int new_socket(const struct serve_options *options, struct error *err)
{
    int fd = socket(options->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        (void)error_sys(err, "cannot make a socket");
    return fd;
}

/* Whether somebody answers there. A socket whose owner has died refuses: unix(7). */
static bool is_alive(const struct serve_options *options)
{
    int fd = new_socket(options, NULL);
    int status =
        fd < 0 ? -1
               : connect(fd, (const struct sockaddr *)&options->address, options->address_length);
    bool is_refused = status < 0 && errno == ECONNREFUSED;

    if (fd >= 0)
        (void)close(fd);
    return !is_refused;
}

static bool remove_stale(const struct serve_options *options, struct error *err)
{
    const char *path = path_of(&options->address);
    struct stat status;

    if (lstat(path, &status) < 0)
        return true; /* bind(2) will say what is wrong, if anything is */
    if (!S_ISSOCK(status.st_mode))
        return error_set(err, "cannot listen on %s: it is there and not a socket", path);
    if (is_alive(options))
        return error_set(err, "cannot listen on %s: somebody else does", path);
    if (unlink(path) < 0 && errno != ENOENT)
        return error_sys(err, "cannot remove %s, which nobody listens on", path);
    return true;
}

static bool bind_path(const struct serve_options *options, struct listener *out, struct error *err)
{
    const char *path = path_of(&options->address);
    struct stat status;

    if (!remove_stale(options, err))
        return false;
    mode_t mask = umask(PATH_MASK);
    int code = bind(out->fd, (const struct sockaddr *)&options->address, options->address_length);
    (void)umask(mask);
    if (code < 0)
        return error_sys(err, "cannot listen on %s", path);
    if (lstat(path, &status) == 0) {
        out->device = status.st_dev;
        out->inode = status.st_ino;
    }
    return true;
}

static bool bind_port(const struct serve_options *options, struct listener *out, struct error *err)
{
    socklen_t length = sizeof out->address;
    char words[ADDRESS_TEXT_MAX];
    int on = 1;
    int off = 0;

    (void)setsockopt(out->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    /* [::] is every address, those of IPv4 too, whatever the machine's default. */
    if (options->address.ss_family == AF_INET6)
        (void)setsockopt(out->fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(out->fd, (const struct sockaddr *)&options->address, options->address_length) < 0)
        return error_sys(err, "cannot listen on %s", address_words(&options->address, words));
    (void)getsockname(out->fd, (struct sockaddr *)&out->address, &length);
    return true;
}

bool listener_open(const struct serve_options *options, struct listener *out, struct error *err)
{
    char words[ADDRESS_TEXT_MAX];
    bool is_path = options->address.ss_family == AF_UNIX;

    *out = (struct listener){.fd = new_socket(options, err), .address = options->address};
    if (out->fd < 0)
        return false;
    bool ok = is_path ? bind_path(options, out, err) : bind_port(options, out, err);
    if (ok && listen(out->fd, BACKLOG) < 0)
        ok = error_sys(err, "cannot listen on %s", address_words(&out->address, words));
    if (!ok)
        listener_close(out);
    return ok;
}

void listener_close(struct listener *listener)
{
    struct stat status;

    if (listener->fd < 0)
        return;
    (void)close(listener->fd);
    listener->fd = -1;
    if (listener->address.ss_family != AF_UNIX || listener->inode == 0)
        return;
    const char *path = path_of(&listener->address);
    if (lstat(path, &status) == 0 && status.st_dev == listener->device &&
        status.st_ino == listener->inode)
        (void)unlink(path);
}
