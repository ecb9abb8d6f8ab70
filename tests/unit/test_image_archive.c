#include "unit.h"

#include "base/digest.h"
#include "base/strbuf.h"
#include "orchestrator/image_archive.h"

#include <string.h>

/* Appends a file to a tar in the making. */
static void add_member(struct strbuf *tar, const char *name, const char *data, size_t length)
{
    char header[512] = {0};
    snprintf(header, 100, "%s", name);
    snprintf(header + 124, 12, "%011o", (unsigned)length & 0x7FFFFFF);
    header[156] = '0';
    strbuf_add(tar, header, sizeof header);
    strbuf_add(tar, data, length);
    static const char zeros[512];
    strbuf_add(tar, zeros, (512 - length % 512) % 512);
}

static void add_blob(struct strbuf *tar, const char *data, char hex[SHA256_HEX_SIZE])
{
    char name[160];
    assert_int_equal(sha256_hex(data, strlen(data), hex, NULL), 0);
    snprintf(name, sizeof name, "blobs/sha256/%s", hex);
    add_member(tar, name, data, strlen(data));
}

#define MANIFEST_DIGEST "sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"

/* A small archive for one architecture. */
struct recipe {
    const char *config_blob;
    const char *claimed_config; /* NULL: the blob's own digest */
    const char *tag;
    const char *manifest_digest;
};

#define GOOD_CONFIG "{\"architecture\": \"arm64\"}"

static const struct recipe good = {GOOD_CONFIG, NULL, "bench:1-arm64", MANIFEST_DIGEST};

static void make_archive(struct strbuf *tar, const struct recipe *recipe)
{
    char config[SHA256_HEX_SIZE], index[SHA256_HEX_SIZE];
    char text[2048];
    add_blob(tar, recipe->config_blob, config);
    const char *named = recipe->claimed_config ? recipe->claimed_config : config;
    snprintf(text, sizeof text,
             "{\"manifests\": [{\"digest\": \"%s\", \"platform\": {\"architecture\": \"arm64\"}}]}",
             recipe->manifest_digest);
    add_blob(tar, text, index);
    snprintf(text, sizeof text,
             "{\"manifests\": [{\"digest\": \"sha256:2222\", \"mediaType\": \"manifest\"}, {\"digest\": "
             "\"sha256:%s\", \"mediaType\": \"application/vnd.oci.image.index.v1+json\"}]}",
             index);
    add_member(tar, "index.json", text, strlen(text));
    snprintf(text, sizeof text, "[{\"Config\": \"blobs/sha256/%s\", \"RepoTags\": [\"%s\"], \"Layers\": []}]",
             named, recipe->tag);
    add_member(tar, "manifest.json", text, strlen(text));
    static const char end[1024];
    strbuf_add(tar, end, sizeof end);
}

static int parse(const struct strbuf *tar, struct image_archive *archive, struct err *err)
{
    char *copy = malloc(tar->length);
    memcpy(copy, tar->data, tar->length);
    return image_archive_parse(archive, copy, tar->length, err);
}

static void names_the_platforms_with_tags_and_digests(void **state UNUSED)
{
    struct err err = {0};
    struct image_archive archive;
    AUTO_STRBUF struct strbuf tar = STRBUF_INIT(1 << 20);
    make_archive(&tar, &good);
    assert_succeeds(parse(&tar, &archive, &err), err);
    const struct image_platform *platform = image_archive_platform(&archive, "arm64");
    assert_non_null(platform);
    assert_string_equal(platform->tag, "bench:1-arm64");
    assert_string_equal(platform->manifest_digest, MANIFEST_DIGEST);
    assert_null(image_archive_platform(&archive, "x86_64"));
    image_archive_close(&archive);
}

static void a_blob_that_is_not_what_its_name_says_is_refused(void **state UNUSED)
{
    struct err err = {0};
    struct image_archive archive;
    AUTO_STRBUF struct strbuf tar = STRBUF_INIT(1 << 20);
    char hex[SHA256_HEX_SIZE], name[160];
    sha256_hex("{}", 2, hex, NULL);
    snprintf(name, sizeof name, "blobs/sha256/%s", hex);
    static const char other[] = "{\"architecture\": \"arm64\"}";
    add_member(&tar, name, other, strlen(other));
    make_archive(&tar, &(struct recipe){"[]", hex, good.tag, good.manifest_digest});
    assert_fails(parse(&tar, &archive, &err), err, ERR_DATA);
}

/* The tag goes into a script, the digest into results. */
static void tags_and_digests_are_plain_words(void **state UNUSED)
{
    static const struct recipe bad[] = {
        {GOOD_CONFIG, NULL, "bench:1'; reboot; '", MANIFEST_DIGEST},
        {GOOD_CONFIG, NULL, "", MANIFEST_DIGEST},
        {GOOD_CONFIG, NULL, "--help", MANIFEST_DIGEST},
        {GOOD_CONFIG, NULL, "bench:1", "sha256:1111"},
        {GOOD_CONFIG, NULL, "bench:1", "sha256:ZZ"},
    };
    struct err err = {0};
    struct image_archive archive;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        AUTO_STRBUF struct strbuf tar = STRBUF_INIT(1 << 20);
        make_archive(&tar, &bad[i]);
        assert_fails(parse(&tar, &archive, &err), err, ERR_DATA);
    }
}

static void what_is_cut_or_no_tar_is_refused(void **state UNUSED)
{
    struct err err = {0};
    struct image_archive archive;
    AUTO_STRBUF struct strbuf tar = STRBUF_INIT(1 << 20);
    make_archive(&tar, &good);
    for (size_t length = 1; length + 1024 + 512 < tar.length; length += 97) {
        char *copy = malloc(length);
        memcpy(copy, tar.data, length);
        assert_int_equal(image_archive_parse(&archive, copy, length, &err), -1);
    }
    memset(tar.data, 'x', 512);
    assert_int_equal(parse(&tar, &archive, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_platforms_with_tags_and_digests),
        cmocka_unit_test(a_blob_that_is_not_what_its_name_says_is_refused),
        cmocka_unit_test(tags_and_digests_are_plain_words),
        cmocka_unit_test(what_is_cut_or_no_tar_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
