#include "unit.h"

#include "discovery/address.h"

#include <string.h>

static void assert_cidr(const char *text, const char *wanted)
{
    char cidr[CIDR_SIZE];
    struct err err = {0};
    assert_succeeds(cidr_parse(text, cidr, &err), err);
    assert_string_equal(cidr, wanted);
}

static void networks_and_single_addresses_are_taken(void **state UNUSED)
{
    assert_cidr("203.0.113.0/24", "203.0.113.0/24");
    assert_cidr("203.0.113.7", "203.0.113.7/32");
    assert_cidr("2001:DB8::/64", "2001:db8::/64");
    assert_cidr("2001:db8::1", "2001:db8::1/128");
    assert_cidr("10.0.0.0/8", "10.0.0.0/8");
    assert_cidr("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128");
}

static void what_is_no_network_is_refused(void **state UNUSED)
{
    static const char *const texts[] = {
        "",
        "/",
        "/24",
        "203.0.113.0/",
        "203.0.113.0/33",
        "203.0.113.0/-1",
        "203.0.113",
        "2001:db8::/129",
        "203.0.113.0/2x",
        "203.0.113.0/24/1",
        "203.0.113.256",
        " 203.0.113.7",
        "localhost",
        "203.0.113.7\n",
        "0x7f.1",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        char cidr[CIDR_SIZE];
        struct err err = {0};
        if (cidr_parse(texts[i], cidr, &err) == 0)
            fail_msg("'%s' was taken for a network", texts[i]);
        assert_int_equal(err.kind, ERR_USAGE);
    }
}

static void ssh_is_never_opened_to_the_whole_internet(void **state UNUSED)
{
    char cidr[CIDR_SIZE];
    struct err err = {0};
    assert_fails(cidr_parse("0.0.0.0/0", cidr, &err), err, ERR_USAGE);
    assert_fails(cidr_parse("::/0", cidr, &err), err, ERR_USAGE);
}

static void assert_caller(const char *told, bool loopback_allowed, const char *wanted)
{
    char cidr[CIDR_SIZE];
    struct err err = {0};
    assert_succeeds(cidr_of_caller(told, loopback_allowed, cidr, &err), err);
    assert_string_equal(cidr, wanted);
}

static void the_callers_address_becomes_a_network_of_one(void **state UNUSED)
{
    assert_caller("198.51.100.7\n", false, "198.51.100.7/32");
    assert_caller("198.51.100.7", true, "198.51.100.7/32");
    assert_caller("2600:1f00::7\r\n", false, "2600:1f00::7/128");
    assert_caller("127.0.0.1\n", true, "127.0.0.1/32");
    assert_caller("::1", true, "::1/128");
}

static void addresses_nobody_has_on_the_internet_are_refused(void **state UNUSED)
{
    static const char *const told[] = {
        "10.1.2.3",        "172.16.0.1",      "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1",      "127.0.0.1",      "0.0.0.0",
        "224.0.0.1",       "255.255.255.255", "198.18.0.1",     "::1",
        "fe80::1",         "fd00::1",         "ff02::1",        "::",
        "::ffff:8.8.8.8",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(told); i++) {
        char cidr[CIDR_SIZE];
        struct err err = {0};
        if (cidr_of_caller(told[i], false, cidr, &err) == 0)
            fail_msg("'%s' was taken", told[i]);
        assert_int_equal(err.kind, ERR_CONFIG);
    }
    assert_caller("172.15.0.1", false, "172.15.0.1/32");
    assert_caller("172.32.0.1", false, "172.32.0.1/32");
    assert_caller("100.128.0.1", false, "100.128.0.1/32");
}

static void a_page_is_not_an_address(void **state UNUSED)
{
    static const char *const told[] = {
        "",
        "\n",
        "<html>198.51.100.7</html>",
        "198.51.100.7 198.51.100.8",
        "198.51.100.7/8",
        "198.51.100.7\nx",
        " 198.51.100.7",
        "198.51.100.007",
        "1111111111111111111111111111111111111111111111111111111111111111111111",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(told); i++) {
        char cidr[CIDR_SIZE];
        struct err err = {0};
        if (cidr_of_caller(told[i], true, cidr, &err) == 0)
            fail_msg("'%s' was taken", told[i]);
        assert_int_equal(err.kind, ERR_CONFIG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_and_single_addresses_are_taken),
        cmocka_unit_test(what_is_no_network_is_refused),
        cmocka_unit_test(ssh_is_never_opened_to_the_whole_internet),
        cmocka_unit_test(the_callers_address_becomes_a_network_of_one),
        cmocka_unit_test(addresses_nobody_has_on_the_internet_are_refused),
        cmocka_unit_test(a_page_is_not_an_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
