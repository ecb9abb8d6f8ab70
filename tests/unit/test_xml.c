#include "unit.h"

#include "aws/xml.h"
#include "aws/xml_fields.h"
#include "base/strbuf.h"

#include <string.h>

static void free_xml(struct xml **xml)
{
    xml_free(*xml);
}
#define AUTO_XML CLEANUP(free_xml)

static struct xml *parse(const char *text)
{
    struct err err = {0};
    struct xml *xml = xml_parse(text, strlen(text), &err);
    if (!xml)
        fail_msg("%s", err.message);
    return xml;
}

static void assert_refused(const char *text, size_t length, const char *why)
{
    struct err err = {0};
    assert_null(xml_parse(text, length, &err));
    assert_int_equal(err.kind, ERR_DATA);
    if (!strstr(err.message, why))
        fail_msg("'%s' does not say '%s'", err.message, why);
}

static void texts_are_found_by_path(void **state UNUSED)
{
    AUTO_XML struct xml *xml =
        parse("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a xmlns=\"urn:x\">\n <b>1</b>\n"
              " <b q='2'>&lt;2&amp;&#x20;<![CDATA[<3>]]></b><c><d/></c></a>");
    const struct xml_node *root = xml_root(xml);
    assert_string_equal(root->name, "a");
    assert_string_equal(root->text, "");
    assert_string_equal(xml_text(root, "b"), "1");
    assert_string_equal(xml_next(xml_at(root, "b"))->text, "<2& <3>");
    assert_null(xml_next(xml_next(xml_at(root, "b"))));
    assert_int_equal(xml_count(root, "b"), 2);
    assert_string_equal(xml_text(root, "c/d"), "");
    assert_non_null(xml_at(root, "c/d"));
    assert_null(xml_at(root, "c/d/e"));
    assert_null(xml_at(root, "bb"));
    assert_null(xml_at(NULL, "b"));
    assert_ptr_equal(xml_at(root, ""), root);
}

static void text_between_children_is_dropped(void **state UNUSED)
{
    AUTO_XML struct xml *xml = parse("<a>x<b>y</b>z</a>");
    assert_string_equal(xml_root(xml)->text, "");
    assert_string_equal(xml_text(xml_root(xml), "b"), "y");
}

static void a_document_type_is_refused_before_its_entities_count(void **state UNUSED)
{
    static const char laughs[] = "<!DOCTYPE a [<!ENTITY b \"xx\"><!ENTITY c \"&b;&b;&b;\">]><a>&c;</a>";
    static const char file[] = "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>";
    assert_refused(laughs, strlen(laughs), "document type");
    assert_refused(file, strlen(file), "document type");
    assert_refused("<a>&b;</a>", 10, "entity");
}

static void what_is_not_one_whole_document_is_refused(void **state UNUSED)
{
    static const char *const texts[] = {"",        "<a>",        "<a></b>",   "<a/><b/>",    "x",
                                        "<a/>x",   "<a",         "<a b=c/>",  "<a>\x01</a>", "<a>\xff</a>",
                                        "<a>&#0;", "{\"a\": 1}", "<a><b></a>"};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
        assert_refused(texts[i], strlen(texts[i]), "malformed XML");
    assert_refused("<a>x\0y</a>", 10, "malformed XML");
}

static void another_encoding_than_utf8_is_not_believed(void **state UNUSED)
{
    static const char latin1[] = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xe4</a>";
    assert_refused(latin1, strlen(latin1), "malformed XML");
}

static void depth_is_capped(void **state UNUSED)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(1u << 20);
    for (int i = 0; i < XML_MAX_DEPTH + 1; i++)
        strbuf_adds(&text, "<a>");
    assert_refused(strbuf_text(&text), text.length, "too deep");
}

static void the_number_of_elements_is_capped(void **state UNUSED)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(16u << 20);
    strbuf_adds(&text, "<a>");
    for (int i = 0; i < XML_MAX_NODES; i++)
        strbuf_adds(&text, "<b/>");
    strbuf_adds(&text, "</a>");
    assert_refused(strbuf_text(&text), text.length, "too many");
}

static void long_texts_and_names_stay_whole(void **state UNUSED)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(1u << 20);
    strbuf_adds(&text, "<a><b>");
    for (int i = 0; i < 100000; i++)
        strbuf_addc(&text, (char)('a' + i % 26));
    strbuf_adds(&text, "</b><c>end</c></a>");
    AUTO_XML struct xml *xml = parse(strbuf_text(&text));
    assert_int_equal(strlen(xml_text(xml_root(xml), "b")), 100000);
    assert_string_equal(xml_text(xml_root(xml), "c"), "end");
}

struct thing {
    char name[8];
    bool good;
    uint32_t small;
    uint64_t large;
};

static const struct xml_field thing_fields[] = {
    {"name", XML_FIELD(struct thing, name, XML_TEXT)},
    {"deep/good", XML_FIELD(struct thing, good, XML_BOOL)},
    {"small", XML_FIELD(struct thing, small, XML_U32)},
    {"large", XML_FIELD(struct thing, large, XML_U64)},
};

static int read_thing(const char *text, struct thing *thing, struct err *err)
{
    AUTO_XML struct xml *xml = parse(text);
    return xml_read_fields(xml_root(xml), thing_fields, ARRAY_LENGTH(thing_fields), thing, err);
}

static void fields_are_read_by_table(void **state UNUSED)
{
    struct err err;
    struct thing thing = {0};
    assert_succeeds(
        read_thing("<t><name>abcdefg</name><deep><good>true</good></deep><small>4294967295</small>"
                   "<large>18446744073709551615</large></t>",
                   &thing, &err),
        err);
    assert_string_equal(thing.name, "abcdefg");
    assert_true(thing.good && thing.small == UINT32_MAX && thing.large == UINT64_MAX);
    assert_succeeds(read_thing("<t><deep><good>TRUE</good></deep></t>", &thing, &err), err);
    assert_true(!thing.name[0] && !thing.good && thing.small == 0 && thing.large == 0);
}

static void fields_that_do_not_fit_are_errors(void **state UNUSED)
{
    struct err err;
    struct thing thing = {0};
    assert_fails(read_thing("<t><name>abcdefgh</name></t>", &thing, &err), err, ERR_DATA);
    assert_fails(read_thing("<t><small>4294967296</small></t>", &thing, &err), err, ERR_DATA);
    assert_fails(read_thing("<t><small>-1</small></t>", &thing, &err), err, ERR_DATA);
    assert_fails(read_thing("<t><large>1e3</large></t>", &thing, &err), err, ERR_DATA);
}

static void lists_of_texts_stop_at_their_cap(void **state UNUSED)
{
    struct err err;
    char rows[2][4];
    size_t count = 0;
    AUTO_XML struct xml *xml = parse("<t><i>abc</i><i>d</i><i>too long</i></t>");
    assert_succeeds(xml_read_texts(xml_root(xml), "i", rows[0], sizeof rows[0], 2, &count, &err), err);
    assert_int_equal(count, 2);
    assert_string_equal(rows[1], "d");
    AUTO_XML struct xml *bad = parse("<t><i>abcd</i></t>");
    assert_fails(xml_read_texts(xml_root(bad), "i", rows[0], sizeof rows[0], 2, &count, &err), err, ERR_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_found_by_path),
        cmocka_unit_test(text_between_children_is_dropped),
        cmocka_unit_test(a_document_type_is_refused_before_its_entities_count),
        cmocka_unit_test(what_is_not_one_whole_document_is_refused),
        cmocka_unit_test(another_encoding_than_utf8_is_not_believed),
        cmocka_unit_test(depth_is_capped),
        cmocka_unit_test(the_number_of_elements_is_capped),
        cmocka_unit_test(long_texts_and_names_stay_whole),
        cmocka_unit_test(fields_are_read_by_table),
        cmocka_unit_test(fields_that_do_not_fit_are_errors),
        cmocka_unit_test(lists_of_texts_stop_at_their_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
