/*
 * The Pod's names from the environment. See pod.h.
 */
#include "agent/pod.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 253 };

static bool is_alphanumeric(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9');
}

/* A DNS subdomain (RFC 1123), which the names of Pods are; those of namespaces and uids are too. */
static bool is_name(const char *text)
{
    size_t length = strlen(text);

    if (length == 0 || length > NAME_MAX_LENGTH)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool is_edge = i == 0 || i == length - 1 || text[i - 1] == '.' || text[i + 1] == '.';
        bool is_joint = (text[i] == '-' || text[i] == '.') && !is_edge;
        if (!is_alphanumeric(text[i]) && !is_joint)
            return false;
    }
    return true;
}

static const char *name_from(const char *variable)
{
    const char *text = getenv(variable);

    return text != NULL && is_name(text) ? text : NULL;
}

struct report_pod pod_from_environment(void)
{
    return (struct report_pod){
        .name = name_from("POD_NAME"),
        .namespace = name_from("POD_NAMESPACE"),
        .uid = name_from("POD_UID"),
    };
}
