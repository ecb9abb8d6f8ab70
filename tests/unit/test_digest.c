#include "unit.h"

#include "base/digest.h"

#include <string.h>

static void base64_gives_the_bytes_back(void **state UNUSED)
{
    struct err err = {0};
    unsigned char bytes[256];
    for (size_t length = 0; length < sizeof bytes; length++) {
        bytes[length] = (unsigned char)(length * 89);
        AUTO_STRBUF struct strbuf text = STRBUF_INIT(512);
        AUTO_STRBUF struct strbuf back = STRBUF_INIT(512);
        base64_encode(&text, bytes, length);
        assert_succeeds(base64_decode(&back, strbuf_text(&text), text.length, &err), err);
        assert_int_equal(back.length, length);
        assert_memory_equal(strbuf_text(&back), bytes, length);
    }
}

/* RFC 4648, section 10. */
static void base64_is_that_of_its_standard(void **state UNUSED)
{
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"},
                                           {"foobar", "Zm9v\nYmFy\n"}};
    for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++) {
        struct err err = {0};
        AUTO_STRBUF struct strbuf back = STRBUF_INIT(64);
        assert_succeeds(base64_decode(&back, pairs[i][1], strlen(pairs[i][1]), &err), err);
        assert_string_equal(strbuf_text(&back), pairs[i][0]);
    }
}

static void base64_is_refused_where_it_is_none(void **state UNUSED)
{
    static const char *const texts[] = {"Z",    "Zg",   "Zg=",      "Zg===", "Z===",  "====",     "=",
                                        "Zh==", "Zm9=", "Zg==Zg==", "Zm-v",  "Zm 9v", "Zm9v\r\n", "Zm9v\x80"};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct err err = {0};
        AUTO_STRBUF struct strbuf back = STRBUF_INIT(64);
        if (base64_decode(&back, texts[i], strlen(texts[i]), &err) == 0)
            fail_msg("'%s' was taken", texts[i]);
        assert_int_equal(err.kind, ERR_DATA);
    }
    struct err err = {0};
    AUTO_STRBUF struct strbuf small = STRBUF_INIT(5);
    assert_int_equal(base64_decode(&small, "Zm9vYmFy", 8, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_gives_the_bytes_back),
        cmocka_unit_test(base64_is_that_of_its_standard),
        cmocka_unit_test(base64_is_refused_where_it_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
