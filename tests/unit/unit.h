/* What every unit test includes: cmocka with the headers it wants before it, and checks for `struct err`. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"

/* The call succeeded; its message is printed when it did not. */
#define assert_succeeds(call, err)                                                                           \
    do {                                                                                                     \
        err_clear(&(err));                                                                                   \
        if ((call) != 0)                                                                                     \
            fail_msg("%s failed: %s", #call, (err).message);                                                 \
    } while (0)

/* The call failed with this kind of error. */
#define assert_fails(call, err, wanted_kind)                                                                 \
    do {                                                                                                     \
        err_clear(&(err));                                                                                   \
        assert_int_equal((call), -1);                                                                        \
        if ((err).kind != (wanted_kind))                                                                     \
            fail_msg("%s: kind %s, wanted %s (%s)", #call, err_kind_name((err).kind),                        \
                     err_kind_name(wanted_kind), (err).message);                                             \
    } while (0)

#endif
