#include "discovery/select.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

void selection_free(struct selection *selection)
{
    free(selection->types);
    *selection = (struct selection){0};
}

bool is_type_pattern(const char *word)
{
    return strpbrk(word, "*?") != NULL;
}

static int selection_add(struct selection *selection, const struct instance_facts *facts, struct err *err)
{
    size_t count = selection->count;
    if ((count & (count - 1)) == 0) { /* a power of two is full */
        size_t capacity = count ? 2 * count : 1;
        struct instance_facts *types = reallocarray(selection->types, capacity, sizeof *types);
        if (!types)
            return err_memory(err);
        selection->types = types;
    }
    selection->types[selection->count++] = *facts;
    return 0;
}

static bool selection_has(const struct selection *selection, const char *name)
{
    for (size_t i = 0; i < selection->count; i++)
        if (strcmp(selection->types[i].name.name, name) == 0)
            return true;
    return false;
}

static void to_lower(const char *word, char *out, size_t size)
{
    snprintf(out, size, "%s", word);
    for (char *at = out; *at; at++)
        *at = *at >= 'A' && *at <= 'Z' ? (char)(*at + ('a' - 'A')) : *at;
}

void suggest_instance_type(const struct catalog *catalog, const char *word, struct err *err)
{
    AUTO_CATALOG struct catalog carried = {0};
    if (catalog_load(&carried, NULL) < 0)
        return;
    size_t count = 0;
    AUTO_FREE const char **names = calloc((catalog ? catalog->count : 0) + carried.count + 1, sizeof *names);
    if (!names)
        return;
    for (size_t i = 0; catalog && i < catalog->count; i++)
        names[count++] = catalog->types[i].name.name;
    for (size_t i = 0; i < carried.count; i++)
        names[count++] = carried.types[i].name.name;
    char lower[2 * INSTANCE_TYPE_SIZE];
    to_lower(word, lower, sizeof lower);
    const char *nearest = text_nearest(lower, names, count);
    if (!nearest || strcmp(nearest, word) == 0)
        return;
    size_t length = strlen(err->message);
    snprintf(err->message + length, sizeof err->message - length, "; did you mean '%s'?", nearest);
}

/* The facts of the type that the word names. */
static int look_up(const struct catalog *catalog, const char *word, struct instance_facts *facts,
                   struct err *err)
{
    struct instance_type_name name;
    struct err why = {0};
    const struct instance_facts *found = catalog_find(catalog, word);
    if (found)
        *facts = *found;
    else if (instance_type_parse(word, &name, &why) == 0 && !catalog->online)
        *facts = instance_facts_from_name(&name);
    else if (why.kind == ERR_NONE)
        err_set(&why, ERR_USAGE, "'%s' is no instance type that EC2 offers here (%s)", word, catalog->source);
    if (why.kind == ERR_NONE)
        return 0;
    suggest_instance_type(catalog, word, &why);
    return err_set(err, why.kind, "%s", why.message);
}

/* --- for a run ----------------------------------------------------------------------------------------- */

/* Whether EC2 and the name disagree: that type is taken all the same, for the plan to refuse it alone. */
static bool is_disputed(const struct instance_facts *facts)
{
    return facts->name.architecture != facts->architecture;
}

static int take_pattern(const struct catalog *catalog, const char *pattern, struct log *log,
                        struct selection *selection, struct err *err)
{
    size_t matches = 0;
    for (size_t i = 0; i < catalog->count; i++) {
        const struct instance_facts *facts = &catalog->types[i];
        if (!text_matches(pattern, facts->name.name))
            continue;
        if (!facts->runnable) {
            log_line(log, LOG_WARNING, "%s is left out: %s", facts->name.name, facts->reason);
            continue;
        }
        matches++;
        if (!selection_has(selection, facts->name.name) && selection_add(selection, facts, err) < 0)
            return -1;
    }
    if (matches == 0)
        return err_set(err, ERR_USAGE, "no instance type that can be run matches '%.64s'", pattern);
    return 0;
}

static int take_name(const struct catalog *catalog, const char *word, struct selection *selection,
                     struct err *err)
{
    struct instance_facts facts = {0};
    if (look_up(catalog, word, &facts, err) < 0)
        return -1;
    if (!facts.runnable && !is_disputed(&facts))
        return err_set(err, ERR_USAGE, "%s cannot be run: %s", word, facts.reason);
    if (selection_has(selection, word)) /* a pattern brought it */
        return 0;
    return selection_add(selection, &facts, err);
}

static int refuse_duplicates(const char *const *words, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(words[i], words[j]) == 0)
                return err_set(err, ERR_USAGE, "'%.64s' is named twice: one machine of each type is measured",
                               words[i]);
    return 0;
}

static int take_words(const struct catalog *catalog, const char *const *words, size_t count, struct log *log,
                      struct selection *selection, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        int result = is_type_pattern(words[i]) ? take_pattern(catalog, words[i], log, selection, err)
                                               : take_name(catalog, words[i], selection, err);
        if (result < 0)
            return -1;
    }
    return 0;
}

int select_for_run(const struct catalog *catalog, const char *const *words, size_t count, struct log *log,
                   struct selection *selection, struct err *err)
{
    *selection = (struct selection){0};
    if (refuse_duplicates(words, count, err) == 0 &&
        take_words(catalog, words, count, log, selection, err) == 0)
        return 0;
    selection_free(selection);
    return -1;
}

/* --- for a listing ------------------------------------------------------------------------------------- */

static int list_pattern(const struct catalog *catalog, const char *pattern, struct selection *selection,
                        struct err *why, struct err *err)
{
    size_t before = selection->count;
    for (size_t i = 0; i < catalog->count; i++)
        if (text_matches(pattern, catalog->types[i].name.name) &&
            selection_add(selection, &catalog->types[i], err) < 0)
            return -1;
    if (selection->count == before)
        err_set(why, ERR_USAGE, "no instance type matches '%.64s'", pattern);
    return 0;
}

/* A bad word leaves its reason in why; -1 only when memory runs out. */
static int list_word(const struct catalog *catalog, const char *word, struct selection *selection,
                     struct err *why, struct err *err)
{
    if (is_type_pattern(word))
        return list_pattern(catalog, word, selection, why, err);
    struct instance_facts facts = {0};
    return look_up(catalog, word, &facts, why) < 0 ? 0 : selection_add(selection, &facts, err);
}

static int list_all(const struct catalog *catalog, struct selection *selection, struct err *err)
{
    for (size_t i = 0; i < catalog->count; i++)
        if (selection_add(selection, &catalog->types[i], err) < 0)
            return -1;
    return 0;
}

int select_for_listing(const struct catalog *catalog, const char *const *words, size_t count,
                       select_reject reject, void *context, struct selection *selection, size_t *rejected,
                       struct err *err)
{
    *selection = (struct selection){0};
    *rejected = 0;
    if (count == 0)
        return list_all(catalog, selection, err);
    for (size_t i = 0; i < count; i++) {
        struct err why = {0};
        if (list_word(catalog, words[i], selection, &why, err) < 0)
            return -1;
        if (why.kind == ERR_NONE)
            continue;
        (*rejected)++;
        reject(context, &why);
    }
    return 0;
}
