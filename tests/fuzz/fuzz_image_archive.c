/* The image archive: whatever stands in the tar, what is taken has digests that are digests and tags that a
 * shell takes as they are. */
#include "fuzz_tar.h"

#include "orchestrator/image_archive.h"

static bool is_digest(const char *text)
{
    return strncmp(text, "sha256:", 7) == 0 && strspn(text + 7, "0123456789abcdef") == 64 &&
           strlen(text) == 71;
}

static void check_platform(const struct image_archive *archive, const struct image_platform *platform)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@-";
    require(is_digest(platform->config_digest));
    require(platform->manifest_digest[0] == '\0' || is_digest(platform->manifest_digest));
    require(platform->tag[0] && strspn(platform->tag, plain) == strlen(platform->tag) &&
            platform->tag[0] != '-');
    require(image_archive_platform(archive, platform->architecture) != NULL);
}

static void check(const void *data, size_t size)
{
    struct err err = {0};
    struct image_archive archive;
    char *copy = malloc(size + 1);
    require(copy != NULL);
    if (size > 0)
        memcpy(copy, data, size);
    if (image_archive_parse(&archive, copy, size, &err) < 0) {
        require(err.message[0] && !archive.data && archive.platform_count == 0);
        return;
    }
    require(is_digest(archive.index_digest) && archive.platform_count <= IMAGE_PLATFORMS_MAX);
    require(strlen(archive.suites) < sizeof archive.suites);
    for (size_t i = 0; i < archive.platform_count; i++)
        check_platform(&archive, &archive.platforms[i]);
    image_archive_close(&archive);
}

/* Lines: the image's configuration, its tag, the index over the platforms, the type of that. */
static void check_with_true_digests(char *text)
{
    char config[SHA256_HEX_SIZE];
    char index[SHA256_HEX_SIZE];
    const char *line[4];
    for (size_t i = 0; i < ARRAY_LENGTH(line); i++)
        line[i] = fuzz_line(&text);
    if (!line[3])
        return;
    AUTO_STRBUF struct strbuf tar = STRBUF_INIT(1 << 20);
    AUTO_STRBUF struct strbuf manifest = STRBUF_INIT(1 << 20);
    AUTO_STRBUF struct strbuf top = STRBUF_INIT(1 << 20);
    add_blob(&tar, line[0], strlen(line[0]), config);
    add_blob(&tar, line[2], strlen(line[2]), index);
    strbuf_addf(&manifest, "[{\"Config\":\"blobs/sha256/%s\",\"RepoTags\":[\"%s\"]}]", config, line[1]);
    strbuf_addf(&top, "{\"manifests\":[{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\"}]}", line[3], index);
    add_file(&tar, "manifest.json", strbuf_text(&manifest), manifest.length);
    add_file(&tar, "index.json", strbuf_text(&top), top.length);
    require(!tar.failed);
    check(tar.data, tar.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1 << 16)
        return 0;
    check(data, size);
    AUTO_FREE char *text = fuzz_text(data, size);
    check_with_true_digests(text);
    return 0;
}
