#include "orchestrator/image_archive.h"

#include "base/digest.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/text.h"
#include "orchestrator/tar.h"

#include <string.h>

#define LARGEST_ARCHIVE (256UL << 20)
#define LARGEST_JSON (1UL << 20)

static int find_member(const struct image_archive *archive, const char *name, struct tar_member *member,
                       struct err *err)
{
    return tar_find(archive->data, archive->length, name, "the image archive", member, err);
}

static cJSON *member_json(const struct image_archive *archive, const char *name, struct err *err)
{
    struct tar_member member;
    if (find_member(archive, name, &member, err) < 0)
        return NULL;
    cJSON *tree = json_parse(member.data, member.length, LARGEST_JSON, err);
    if (!tree)
        err_prepend(err, "'%s' in the image archive", name);
    return tree;
}

static bool is_digest(const char *text)
{
    return text_starts_with(text, "sha256:") && strlen(text) == IMAGE_DIGEST_SIZE - 1 &&
           strspn(text + strlen("sha256:"), "0123456789abcdef") == SHA256_HEX_SIZE - 1;
}

/* What a registry takes as a name and tag; a shell on the machine reads it as well. */
static bool is_reference(const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@-";
    return text[0] && text[0] != '-' && text[strspn(text, plain)] == '\0';
}

int image_archive_blob(const struct image_archive *archive, const char *digest, const char **data,
                       size_t *length, struct err *err)
{
    char name[96];
    char actual[SHA256_HEX_SIZE];
    struct tar_member member;
    if (!is_digest(digest))
        return err_set(err, ERR_DATA, "'%.80s' in the image archive is not a digest", digest);
    snprintf(name, sizeof name, "blobs/sha256/%s", digest + strlen("sha256:"));
    if (find_member(archive, name, &member, err) < 0 ||
        sha256_hex(member.data, member.length, actual, err) < 0)
        return -1;
    if (strcmp(actual, digest + strlen("sha256:")) != 0)
        return err_set(err, ERR_DATA, "'%s' in the image archive does not have the digest it is named by",
                       name);
    *data = member.data;
    *length = member.length;
    return 0;
}

cJSON *image_archive_json(const struct image_archive *archive, const char *digest, struct err *err)
{
    const char *data = NULL;
    size_t length = 0;
    if (image_archive_blob(archive, digest, &data, &length, err) < 0)
        return NULL;
    return json_parse(data, length, LARGEST_JSON, err);
}

/* OCI's names of architectures are Go's; ours are EC2's. */
static const char *ec2_architecture(const char *oci)
{
    if (strcmp(oci, "amd64") == 0)
        return "x86_64";
    return oci;
}

static void read_suites(struct image_archive *archive, const cJSON *config)
{
    const cJSON *labels = json_at(config, "config.Labels");
    const char *suites =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(labels, "aws-benchmark-collector.suites"));
    snprintf(archive->suites, sizeof archive->suites, "%s", suites ? suites : "");
}

static int read_platform(struct image_archive *archive, const cJSON *entry, struct err *err)
{
    const char *config = NULL;
    const char *architecture = NULL;
    if (json_get_string(entry, "Config", &config, err) < 0)
        return -1;
    const cJSON *tag = cJSON_GetArrayItem(json_at(entry, "RepoTags"), 0);
    if (!text_starts_with(config, "blobs/sha256/") || !cJSON_IsString(tag) ||
        !is_reference(tag->valuestring) || strlen(tag->valuestring) >= sizeof archive->platforms[0].tag ||
        archive->platform_count == IMAGE_PLATFORMS_MAX)
        return err_set(err, ERR_DATA, "manifest.json of the image archive is not as docker writes it");
    struct image_platform *platform = &archive->platforms[archive->platform_count];
    snprintf(platform->config_digest, sizeof platform->config_digest, "sha256:%s",
             config + strlen("blobs/sha256/"));
    snprintf(platform->tag, sizeof platform->tag, "%s", tag->valuestring);
    AUTO_JSON cJSON *blob = image_archive_json(archive, platform->config_digest, err);
    if (!blob || json_get_string(blob, "architecture", &architecture, err) < 0)
        return -1;
    snprintf(platform->architecture, sizeof platform->architecture, "%s", ec2_architecture(architecture));
    archive->platform_count++;
    read_suites(archive, blob);
    return 0;
}

/* Notes the manifest's digest with the platform that it is for. */
static int read_manifest_digests(struct image_archive *archive, const cJSON *index, struct err *err)
{
    const cJSON *entry;
    cJSON_ArrayForEach(entry, json_at(index, "manifests"))
    {
        const char *digest = NULL;
        const char *architecture = json_string_or(entry, "platform.architecture", "");
        if (json_get_string(entry, "digest", &digest, err) < 0)
            return -1;
        if (!is_digest(digest))
            return err_set(err, ERR_DATA, "'%.80s' in the image archive's index is not a digest", digest);
        for (size_t i = 0; i < archive->platform_count; i++) {
            struct image_platform *platform = &archive->platforms[i];
            if (strcmp(platform->architecture, ec2_architecture(architecture)) == 0)
                snprintf(platform->manifest_digest, sizeof platform->manifest_digest, "%s", digest);
        }
    }
    return 0;
}

/* The entry of index.json that stands for the image as a whole: the index over its platforms. */
static const char *index_digest(const cJSON *top)
{
    const cJSON *entry;
    cJSON_ArrayForEach(entry, json_at(top, "manifests"))
    {
        const char *type = json_string_or(entry, "mediaType", "");
        if (strcmp(type, "application/vnd.oci.image.index.v1+json") == 0)
            return json_string_or(entry, "digest", NULL);
    }
    return NULL;
}

static int read_index(struct image_archive *archive, struct err *err)
{
    AUTO_JSON cJSON *top = member_json(archive, "index.json", err);
    if (!top)
        return -1;
    const char *digest = index_digest(top);
    if (!digest)
        return err_set(err, ERR_DATA, "index.json of the image archive names no image index");
    snprintf(archive->index_digest, sizeof archive->index_digest, "%s", digest);
    AUTO_JSON cJSON *index = image_archive_json(archive, digest, err);
    return index ? read_manifest_digests(archive, index, err) : -1;
}

int image_archive_parse(struct image_archive *archive, char *data, size_t length, struct err *err)
{
    *archive = (struct image_archive){.data = data, .length = length};
    AUTO_JSON cJSON *manifest = member_json(archive, "manifest.json", err);
    if (!manifest) {
        image_archive_close(archive);
        return -1;
    }
    int result = 0;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, manifest)
    {
        result = read_platform(archive, entry, err);
        if (result < 0)
            break;
    }
    if (result == 0)
        result = read_index(archive, err);
    if (result < 0)
        image_archive_close(archive);
    return result;
}

int image_archive_open(struct image_archive *archive, const char *path, struct err *err)
{
    size_t length = 0;
    *archive = (struct image_archive){0};
    char *data = fs_read_file(path, LARGEST_ARCHIVE, &length, err);
    if (!data)
        return -1;
    return image_archive_parse(archive, data, length, err) < 0 ? err_prepend(err, "%s", path) : 0;
}

void image_archive_close(struct image_archive *archive)
{
    free(archive->data);
    *archive = (struct image_archive){0};
}

const struct image_platform *image_archive_platform(const struct image_archive *archive,
                                                    const char *architecture)
{
    for (size_t i = 0; i < archive->platform_count; i++)
        if (strcmp(archive->platforms[i].architecture, architecture) == 0)
            return &archive->platforms[i];
    return NULL;
}
