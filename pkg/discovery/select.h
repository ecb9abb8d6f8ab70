/* From words (names of instance types, patterns such as "m7i.*" or "c?g.large") to instance types. */
#ifndef DISCOVERY_SELECT_H
#define DISCOVERY_SELECT_H

#include "base/log.h"
#include "discovery/catalog.h"

struct selection {
    struct instance_facts *types; /* in the words' order; those of a pattern in the catalogue's */
    size_t count;
};

#define AUTO_SELECTION CLEANUP(selection_free)
void selection_free(struct selection *selection);

/* Whether the word is a pattern (has '*' or '?'). */
bool is_type_pattern(const char *word);

/* The catalogue that the words need: from EC2, all of it only when a word is a pattern. Names that are
 * malformed are not asked for. */
int catalog_fetch_for(struct aws_client *client, const char *const *words, size_t count,
                      struct catalog *catalog, struct err *err);

/* Puts "did you mean …" behind the message when the catalogue (NULL: none was asked for), or the table that
 * the program carries, has a name like the word. */
void suggest_instance_type(const struct catalog *catalog, const char *word, struct err *err);

/* For a run: every word must be good. ERR_USAGE, naming the word: malformed, unknown to the catalogue (with
 * the name that was probably meant), named twice, not runnable, a pattern that matches nothing runnable.
 * Types that are not runnable are left out of a pattern with a warning, types that a pattern brings again are
 * taken once. A type that is named and about which EC2 and its name disagree is taken, but not runnable: the
 * plan refuses it alone, with its reason. The selection is empty after a failure. */
int select_for_run(const struct catalog *catalog, const char *const *words, size_t count, struct log *log,
                   struct selection *selection, struct err *err);

/* For a listing: all that can be told. A bad word is handed to reject and left out. Offline a well-formed
 * name that the table lacks is listed with what the name says. Without words: the whole catalogue. -1 only
 * when memory runs out; *rejected counts the bad words. */
typedef void (*select_reject)(void *context, const struct err *why);
int select_for_listing(const struct catalog *catalog, const char *const *words, size_t count,
                       select_reject reject, void *context, struct selection *selection, size_t *rejected,
                       struct err *err);

#endif
