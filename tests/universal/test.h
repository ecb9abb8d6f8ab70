/* What every unit test of the benchmark program needs of cmocka, in the order that it needs it. */
#ifndef TESTS_UNIVERSAL_TEST_H
#define TESTS_UNIVERSAL_TEST_H

#include "base/attributes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TEST(name) static void name(void **state UNUSED)

#endif
