#include "results/seen.h"

#include "base/digest.h"

#include <string.h>

#define FIRST_CAPACITY 64

/* Digests, not texts: all entries have the same size. 128 bits each never meet by chance. */
struct seen_entry {
    unsigned char identity[16]; /* all zero: the entry is free */
    unsigned char content[16];
    uint32_t origin;
};

void seen_free(struct seen *seen)
{
    free(seen->entries);
    *seen = (struct seen){0};
}

static bool is_free(const struct seen_entry *entry)
{
    static const unsigned char nothing[sizeof entry->identity];
    return memcmp(entry->identity, nothing, sizeof nothing) == 0;
}

/* The entry of that identity, or the free one where it belongs. At least one is free. */
static struct seen_entry *find(const struct seen *seen, const unsigned char identity[16])
{
    uint64_t hash;
    memcpy(&hash, identity, sizeof hash);
    size_t at = (size_t)hash & (seen->capacity - 1);
    while (!is_free(&seen->entries[at]) && memcmp(seen->entries[at].identity, identity, 16) != 0)
        at = (at + 1) & (seen->capacity - 1);
    return &seen->entries[at];
}

static int make_room(struct seen *seen, struct err *err)
{
    if (seen->count < seen->capacity / 2)
        return 0;
    struct seen grown = {.capacity = seen->capacity ? seen->capacity * 2 : FIRST_CAPACITY,
                         .count = seen->count};
    grown.entries = calloc(grown.capacity, sizeof *grown.entries);
    if (!grown.entries)
        return err_memory(err);
    for (size_t i = 0; i < seen->capacity; i++)
        if (!is_free(&seen->entries[i]))
            *find(&grown, seen->entries[i].identity) = seen->entries[i];
    seen_free(seen);
    *seen = grown;
    return 0;
}

enum seen_verdict seen_note_from(struct seen *seen, const char *identity, const char *digest,
                                 uint32_t *origin, struct err *err)
{
    unsigned char who[SHA256_BYTES];
    unsigned char what[SHA256_BYTES];
    if (make_room(seen, err) < 0 || sha256(identity, strlen(identity), who, err) < 0 ||
        sha256(digest, strlen(digest), what, err) < 0)
        return SEEN_FAILED;
    struct seen_entry *entry = find(seen, who);
    if (!is_free(entry)) {
        *origin = entry->origin;
        return memcmp(entry->content, what, sizeof entry->content) == 0 ? SEEN_SAME : SEEN_OTHER;
    }
    memcpy(entry->identity, who, sizeof entry->identity);
    memcpy(entry->content, what, sizeof entry->content);
    entry->origin = *origin;
    seen->count++;
    return SEEN_NEW;
}

enum seen_verdict seen_note(struct seen *seen, const char *identity, const char *digest, struct err *err)
{
    uint32_t nobody = 0;
    return seen_note_from(seen, identity, digest, &nobody, err);
}
