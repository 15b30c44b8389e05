/*
 * libevent's core refers to the resolver and to the list of network interfaces, for functions that
 * are not used here. Linked statically, they would double what libevent adds to the binary, and the
 * resolver would load shared libraries at run time. So these calls are wrapped at link time
 * (-Wl,--wrap=NAME) and answer that there is nothing.
 *
 * The linker gives the names (ld(1), --wrap).
 */
// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl51-cpp)
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <stddef.h>

int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                       struct addrinfo **out);
void __wrap_freeaddrinfo(struct addrinfo *list);
const char *__wrap_gai_strerror(int code);
struct servent *__wrap_getservbyname(const char *name, const char *protocol);
struct protoent *__wrap_getprotobynumber(int number);
int __wrap_getifaddrs(struct ifaddrs **out);
void __wrap_freeifaddrs(struct ifaddrs *list);
unsigned int __wrap_if_nametoindex(const char *name);

int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                       struct addrinfo **out)
{
    (void)node;
    (void)service;
    (void)hints;
    *out = NULL;
    return EAI_FAIL;
}

void __wrap_freeaddrinfo(struct addrinfo *list)
{
    (void)list;
}

const char *__wrap_gai_strerror(int code)
{
    (void)code;
    return "names are not resolved";
}

struct servent *__wrap_getservbyname(const char *name, const char *protocol)
{
    (void)name;
    (void)protocol;
    return NULL;
}

struct protoent *__wrap_getprotobynumber(int number)
{
    (void)number;
    return NULL;
}

int __wrap_getifaddrs(struct ifaddrs **out)
{
    *out = NULL;
    errno = ENOSYS;
    return -1;
}

void __wrap_freeifaddrs(struct ifaddrs *list)
{
    (void)list;
}

unsigned int __wrap_if_nametoindex(const char *name)
{
    (void)name;
    errno = ENOSYS;
    return 0;
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl51-cpp)
