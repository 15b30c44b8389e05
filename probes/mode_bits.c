/*
 * Owner, group and mode. See mode_bits.h.
 */
#include "probes/mode_bits.h"

enum { SEARCH = 1, CAP_DAC_OVERRIDE_BIT = 1, CAP_DAC_READ_SEARCH_BIT = 2 };

static bool is_in_group(const struct credentials *credentials, gid_t group)
{
    if (credentials->gid[3] == group)
        return true;
    for (size_t i = 0; i < credentials->group_count; i++) {
        if (credentials->groups[i] == group)
            return true;
    }
    return false;
}

bool mode_bits_deny(const struct credentials *credentials, const struct mode_bits *bits,
                    unsigned int wanted)
{
    unsigned int granted = bits->mode & 7U;

    if ((credentials->effective & UINT64_C(1) << CAP_DAC_OVERRIDE_BIT) != 0)
        return false;
    if ((credentials->effective & UINT64_C(1) << CAP_DAC_READ_SEARCH_BIT) != 0)
        wanted &= ~(unsigned int)SEARCH;
    if (credentials->uid[3] == bits->owner)
        granted = bits->mode >> 6 & 7U;
    else if (bits->may_have_acl)
        return false;
    else if (is_in_group(credentials, bits->group))
        granted = bits->mode >> 3 & 7U;
    return (granted & wanted) != wanted;
}
