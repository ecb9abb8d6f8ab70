#include "orchestrator/image_program.h"

#include "base/fs.h"
#include "base/strbuf.h"
#include "orchestrator/tar.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <zlib.h>

#define LARGEST_LAYER (512UL << 20) /* bytes, unpacked */
#define MOST_LAYERS 64

#ifndef MFD_EXEC /* Linux 6.3 */
#define MFD_EXEC 0x0010U
#endif

/* --- from the index to the layers -------------------------------------------------------------- */

/* The index lists this manifest; docker's manifest.json names the configuration once more. They must mean the
 * same image: it is run by one of them, and named by the other. */
static cJSON *read_manifest(const struct image_archive *archive, const struct image_platform *platform,
                            struct err *err)
{
    AUTO_JSON cJSON *manifest = image_archive_json(archive, platform->manifest_digest, err);
    if (!manifest)
        return NULL;
    if (strcmp(json_string_or(manifest, "config.digest", ""), platform->config_digest) != 0) {
        err_set(err, ERR_DATA, "index.json and manifest.json of the image archive name different images");
        return NULL;
    }
    return TAKE(manifest);
}

/* "universal", in the layers' way of naming: without the slash. The caller free()s it. */
static char *find_entrypoint(const struct image_archive *archive, const struct image_platform *platform,
                             struct err *err)
{
    AUTO_JSON cJSON *config = image_archive_json(archive, platform->config_digest, err);
    if (!config)
        return NULL;
    const cJSON *words = json_at(config, "config.Entrypoint");
    const char *word = cJSON_GetStringValue(cJSON_GetArrayItem(words, 0));
    if (!word || cJSON_GetArraySize(words) != 1 || word[0] != '/' || !word[1]) {
        err_set(err, ERR_UNSUPPORTED, "its entry point is not the path of one program, without arguments");
        return NULL;
    }
    char *name = strdup(word + 1);
    if (!name)
        err_memory(err);
    return name;
}

/* --- unpacking --------------------------------------------------------------------------------- */

static int inflate_all(z_stream *stream, struct strbuf *out, struct err *err)
{
    char chunk[1 << 16];
    for (int status = Z_OK; status != Z_STREAM_END;) {
        stream->next_out = (Bytef *)chunk;
        stream->avail_out = sizeof chunk;
        status = inflate(stream, Z_NO_FLUSH);
        strbuf_add(out, chunk, sizeof chunk - stream->avail_out);
        if (strbuf_ok(out, "a layer of the image", err) < 0)
            return -1;
        bool stuck = status != Z_STREAM_END && stream->avail_in == 0 && stream->avail_out > 0;
        if ((status != Z_OK && status != Z_STREAM_END) || stuck)
            return err_set(err, ERR_DATA, "a layer of the image can't be unpacked: %s",
                           stream->msg ? stream->msg : "it is cut short");
    }
    return 0;
}

static int gunzip(const char *data, size_t length, struct strbuf *out, struct err *err)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)length};
    if (inflateInit2(&stream, 15 + 16) != Z_OK) /* the largest window, with gzip's header */
        return err_memory(err);
    int result = inflate_all(&stream, out, err);
    inflateEnd(&stream);
    return result;
}

/* A layer's tar, in the archive or, where it was packed, in unpacked. */
static int open_layer(const struct image_archive *archive, const char *digest, struct strbuf *unpacked,
                      struct tar_member *layer, struct err *err)
{
    if (image_archive_blob(archive, digest, &layer->data, &layer->length, err) < 0)
        return -1;
    bool gzip = layer->length > 2 && memcmp(layer->data, "\x1f\x8b", 2) == 0;
    if (!gzip)
        return 0;
    strbuf_reset(unpacked);
    if (gunzip(layer->data, layer->length, unpacked, err) < 0)
        return -1;
    *layer = (struct tar_member){strbuf_text(unpacked), unpacked->length};
    return 0;
}

/* In the uppermost layer that has it. */
static int find_program(const struct image_archive *archive, const cJSON *layers, const char *name,
                        struct strbuf *unpacked, struct tar_member *program, struct err *err)
{
    int count = cJSON_GetArraySize(layers);
    if (count > MOST_LAYERS)
        return err_set(err, ERR_UNSUPPORTED, "it has more than %d layers", MOST_LAYERS);
    for (int i = count; i-- > 0;) {
        struct tar_member layer;
        struct err missing = {0};
        const char *digest = json_string_or(cJSON_GetArrayItem(layers, i), "digest", "");
        if (open_layer(archive, digest, unpacked, &layer, err) < 0)
            return -1;
        if (tar_find(layer.data, layer.length, name, "a layer of the image", program, &missing) == 0)
            return 0;
        if (missing.kind != ERR_NOT_FOUND)
            return err_copy(err, &missing);
    }
    return err_set(err, ERR_UNSUPPORTED, "its entry point '/%.80s' is not a regular file of any layer", name);
}

/* --- the program ------------------------------------------------------------------------------- */

/* ELF-64 for the machine, that asks for no interpreter: the kernel alone can start it. */
static int check_program(const struct tar_member *program, const char *architecture, struct err *err)
{
    Elf64_Ehdr header;
    unsigned machine = strcmp(architecture, "arm64") == 0 ? EM_AARCH64 : EM_X86_64;
    if (program->length < sizeof header || memcmp(program->data, ELFMAG, SELFMAG) != 0 ||
        program->data[EI_CLASS] != ELFCLASS64)
        return err_set(err, ERR_UNSUPPORTED, "its entry point is not a program (ELF, 64 bits)");
    memcpy(&header, program->data, sizeof header);
    if (header.e_machine != machine)
        return err_set(err, ERR_UNSUPPORTED, "its program is not for %s, as the archive says", architecture);
    for (size_t i = 0; i < header.e_phnum; i++) {
        Elf64_Phdr part;
        size_t at = i * sizeof part;
        if (header.e_phoff > program->length || program->length - header.e_phoff < at + sizeof part)
            return err_set(err, ERR_UNSUPPORTED, "its program is cut short");
        memcpy(&part, program->data + header.e_phoff + at, sizeof part);
        if (part.p_type == PT_INTERP)
            return err_set(err, ERR_UNSUPPORTED,
                           "its program is not statically linked: it needs other files of the image");
    }
    return 0;
}

static int fill_file(int file, const struct tar_member *program, struct err *err)
{
    if (fs_write_all(file, program->data, program->length, err) < 0)
        return -1;
    if (fcntl(file, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
        return err_errno(err, "the program's file can't be sealed");
    return 0;
}

static int make_file(const struct tar_member *program, struct err *err)
{
    int file = memfd_create("benchmark", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
    if (file < 0) /* a kernel that does not know the last flag needs none */
        file = memfd_create("benchmark", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file < 0)
        return err_errno(err, "the kernel gives no file in memory");
    if (fill_file(file, program, err) == 0)
        return file;
    close(file);
    return -1;
}

static int open_program(const struct image_archive *archive, const struct image_platform *platform,
                        struct err *err)
{
    AUTO_STRBUF struct strbuf unpacked = STRBUF_INIT(LARGEST_LAYER);
    AUTO_JSON cJSON *manifest = read_manifest(archive, platform, err);
    AUTO_FREE char *name = manifest ? find_entrypoint(archive, platform, err) : NULL;
    struct tar_member program;
    if (!name || find_program(archive, json_at(manifest, "layers"), name, &unpacked, &program, err) < 0 ||
        check_program(&program, platform->architecture, err) < 0)
        return -1;
    return make_file(&program, err);
}

int image_program_open(const struct image_archive *archive, const char *architecture, struct err *err)
{
    const struct image_platform *platform = image_archive_platform(archive, architecture);
    if (!platform)
        return err_set(err, ERR_NOT_FOUND, "the image archive has no image for %s, which this machine is",
                       architecture);
    int file = open_program(archive, platform, err);
    return file < 0 ? err_prepend(err, "the image can't be run without a container engine") : file;
}
