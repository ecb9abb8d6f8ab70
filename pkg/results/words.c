#include "results/words.h"

#include <string.h>

void words_free(struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->items[i]);
    free(words->items);
    *words = (struct words){0};
}

int words_add(struct words *words, const char *word, struct err *err)
{
    if (!word || !*word)
        return 0;
    size_t at = 0;
    while (at < words->count && strcmp(words->items[at], word) < 0)
        at++;
    if (at < words->count && strcmp(words->items[at], word) == 0)
        return 0;
    char **grown = reallocarray(words->items, words->count + 1, sizeof *grown);
    if (!grown)
        return err_memory(err);
    words->items = grown;
    char *copy = strdup(word);
    if (!copy)
        return err_memory(err);
    memmove(grown + at + 1, grown + at, (words->count - at) * sizeof *grown);
    grown[at] = copy;
    words->count++;
    return 0;
}

int words_add_all(struct words *words, const struct words *others, struct err *err)
{
    for (size_t i = 0; i < others->count; i++)
        if (words_add(words, others->items[i], err) < 0)
            return -1;
    return 0;
}

cJSON *words_json(const struct words *words)
{
    if (words->count == 0)
        return cJSON_CreateArray(); /* cJSON makes no array of no strings */
    return cJSON_CreateStringArray((const char *const *)words->items, (int)words->count);
}
