/*
 * The kernel's version, against what uname(2) says.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "probes/kernel_version.h"
#include "tests/unit/fixture.h"

Test(kernel_version, is_what_the_kernel_says)
{
    struct utsname name;
    char *end = NULL;

    cr_assert_eq(uname(&name), 0);
    unsigned long major = strtoul(name.release, &end, 10);
    cr_assert_eq(*end, '.');
    unsigned long minor = strtoul(end + 1, NULL, 10);
    unsigned int version = kernel_version();
    if (fixture_is_under_valgrind()) { /* the kernel's object is hidden there */
        cr_expect_eq(version, 0);
        return;
    }
    cr_expect_geq(version, KERNEL_VERSION_OF(major, minor));
    cr_expect_lt(version, KERNEL_VERSION_OF(major, minor + 1));
}
