/*
 * Names of capabilities. See capname.h.
 */
#include "probes/capname.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/capability.h>

/*
 * The capabilities that libcap was built to name. cap_max_bits(3) would say how many this kernel
 * has, by the call that libcap_start.c keeps from being made.
 */
enum { NAMED = CAP_LAST_CAP + 1, BITS = 64 };

static bool capname_nth(size_t index, char out[static VOCABULARY_WORD_MAX])
{
    if (index >= BITS)
        return false;
    char *name = index < NAMED ? cap_to_name((cap_value_t)index) : NULL;
    if (name == NULL || strncmp(name, "cap_", 4) != 0) {
        (void)snprintf(out, VOCABULARY_WORD_MAX, "CAP_%zu", index);
    } else {
        size_t length = strnlen(name, VOCABULARY_WORD_MAX - 1);
        for (size_t i = 0; i < length; i++)
            out[i] = (char)toupper((unsigned char)name[i]);
        out[length] = '\0';
    }
    if (name != NULL)
        (void)cap_free(name);
    return true;
}

static bool capname_normalize(const char *word, char out[static VOCABULARY_WORD_MAX])
{
    const char *bare = strncasecmp(word, "cap_", 4) == 0 ? word + 4 : word;
    char name[VOCABULARY_WORD_MAX];
    cap_value_t number = 0;

    (void)snprintf(name, sizeof name, "cap_%s", bare);
    if (cap_from_name(name, &number) == 0)
        return capname_nth((size_t)number, out);
    for (size_t i = NAMED; capname_nth(i, out); i++) {
        if (strcasecmp(out + 4, bare) == 0)
            return true;
    }
    return false;
}

struct strset capname_set(uint64_t bits)
{
    char name[VOCABULARY_WORD_MAX];
    struct strset set = {0};

    for (size_t i = 0; i < BITS; i++) {
        if ((bits >> i & 1) != 0 && capname_nth(i, name))
            strset_add(&set, name);
    }
    return set;
}

const struct vocabulary capname_vocabulary = {
    .name = "capability",
    .prefix = "CAP_",
    .normalize = capname_normalize,
    .nth = capname_nth,
};
