/* Remote text on its way to a terminal or into JSON, and words on their way to a suggestion. */
#include "fuzz.h"

#include "base/json.h"
#include "base/text.h"

static void check_printable(const char *text, size_t length)
{
    AUTO_STRBUF struct strbuf once = STRBUF_INIT(1 << 20);
    AUTO_STRBUF struct strbuf twice = STRBUF_INIT(1 << 20);
    text_add_printable(&once, text, length);
    require(!once.failed && once.length <= length && text_is_utf8(strbuf_text(&once), once.length));
    require(text_columns(strbuf_text(&once), once.length) <= length);
    for (size_t i = 0; i < once.length; i++)
        require((unsigned char)once.data[i] >= 0x20 && once.data[i] != 0x7F);
    text_add_printable(&twice, strbuf_text(&once), once.length);
    require(once.length == twice.length && memcmp(strbuf_text(&once), strbuf_text(&twice), once.length) == 0);
}

/* Whatever a text holds, the document that it stands in can be read again. */
static void check_json(const char *text)
{
    struct err err = {0};
    AUTO_JSON cJSON *object = cJSON_CreateObject();
    require_success(json_add_string(object, "text", text, &err), &err);
    AUTO_FREE char *printed = json_print(object, false, &err);
    AUTO_JSON cJSON *again = printed ? json_parse(printed, strlen(printed), SIZE_MAX, &err) : NULL;
    require_success(again ? 0 : -1, &err);
    const char *kept = json_string_or(again, "text", "");
    require(strcmp(kept, text) == 0 || !text_is_utf8(text, strlen(text)));
}

static void check_words(const char *a, const char *b)
{
    const char *const candidates[] = {a, b};
    size_t distance = text_distance(a, b);
    require(distance == text_distance(b, a) && text_distance(a, a) == (strlen(a) > 63 ? distance : 0));
    require((distance == 0) == (strcmp(a, b) == 0 && strlen(a) <= 63));
    const char *nearest = text_nearest(a, candidates, ARRAY_LENGTH(candidates));
    require(!nearest || nearest == a || nearest == b);
    require(text_matches("*", a) || !text_is_utf8(a, strlen(a)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 4096)
        return 0;
    AUTO_FREE char *text = fuzz_text(data, size);
    check_printable(text, size);
    check_json(text);
    char *at = text;
    const char *first = fuzz_line(&at);
    const char *second = fuzz_line(&at);
    check_words(first, second ? second : "");
    return 0;
}
