/* The program of an image: whatever its layer is, packed or not, what is opened is that layer's file, and for
 * this architecture. The rest of the archive is as it should be. */
#include "fuzz_tar.h"

#include "orchestrator/image_program.h"
#include "orchestrator/tar.h"

#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIG "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Entrypoint\":[\"/universal\"]}}"
#define INDEX_TYPE "application/vnd.oci.image.index.v1+json"

struct digests {
    char config[SHA256_HEX_SIZE], layer[SHA256_HEX_SIZE], manifest[SHA256_HEX_SIZE], index[SHA256_HEX_SIZE];
};

static void add_manifest(struct strbuf *tar, struct digests *digests)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(4096);
    strbuf_addf(&text, "{\"config\":{\"digest\":\"sha256:%s\"},\"layers\":[{\"digest\":\"sha256:%s\"}]}",
                digests->config, digests->layer);
    add_blob(tar, strbuf_text(&text), text.length, digests->manifest);
}

static void add_index(struct strbuf *tar, struct digests *digests)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(4096);
    strbuf_addf(&text,
                "{\"manifests\":[{\"digest\":\"sha256:%s\",\"platform\":"
                "{\"architecture\":\"amd64\",\"os\":\"linux\"}}]}",
                digests->manifest);
    add_blob(tar, strbuf_text(&text), text.length, digests->index);
}

static void add_tops(struct strbuf *tar, const struct digests *digests)
{
    AUTO_STRBUF struct strbuf manifest = STRBUF_INIT(4096);
    AUTO_STRBUF struct strbuf top = STRBUF_INIT(4096);
    strbuf_addf(&manifest, "[{\"Config\":\"blobs/sha256/%s\",\"RepoTags\":[\"a/universal:1-amd64\"]}]",
                digests->config);
    strbuf_addf(&top, "{\"manifests\":[{\"mediaType\":\"" INDEX_TYPE "\",\"digest\":\"sha256:%s\"}]}",
                digests->index);
    add_file(tar, "manifest.json", strbuf_text(&manifest), manifest.length);
    add_file(tar, "index.json", strbuf_text(&top), top.length);
}

/* What the kernel would start. */
static void check_program(int file)
{
    Elf64_Ehdr header;
    struct stat about;
    require(fstat(file, &about) == 0 && about.st_size >= (off_t)sizeof header);
    require(pread(file, &header, sizeof header, 0) == (ssize_t)sizeof header);
    require(memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_machine == EM_X86_64);
    require(pwrite(file, "x", 1, 0) < 0);
}

static void check(struct image_archive *archive)
{
    struct err err = {0};
    int file = image_program_open(archive, "x86_64", &err);
    if (file < 0) {
        require(err.message[0] && err.kind != ERR_INTERNAL);
        return;
    }
    check_program(file);
    close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1 << 16)
        return 0;
    AUTO_STRBUF struct strbuf tar = STRBUF_INIT(1 << 20);
    struct image_archive archive;
    struct digests digests;
    struct err err = {0};
    add_blob(&tar, CONFIG, strlen(CONFIG), digests.config);
    add_blob(&tar, data, size, digests.layer);
    add_manifest(&tar, &digests);
    add_index(&tar, &digests);
    add_tops(&tar, &digests);
    require(!tar.failed);
    char *copy = malloc(tar.length);
    require(copy != NULL);
    memcpy(copy, tar.data, tar.length);
    require_success(image_archive_parse(&archive, copy, tar.length, &err), &err);
    check(&archive);
    image_archive_close(&archive);
    return 0;
}
