#include "command.h"

#include "base/text.h"

#include <string.h>

#define MOST_COMMANDS 64

static const char *const output_formats[] = {"table", "json", "csv", NULL};
static const char *const progress_modes[] = {"auto", "tty", "plain", "json", "none", NULL};

const struct option_spec common_option_specs[] = {
    {.name = "output",
     .letter = 'o',
     .type = OPTION_CHOICE,
     .choices = output_formats,
     .default_text = "table",
     .from_environment = true,
     .help = "The form of the data on stdout.",
     .offset = OPTION_AT(struct common_options, output)},
    {.name = "progress",
     .type = OPTION_CHOICE,
     .choices = progress_modes,
     .default_text = "auto",
     .from_environment = true,
     .help =
         "How progress is shown on stderr: a live table (tty), one line for each step (plain) or one JSON "
         "object a line (json). auto is tty on a terminal and plain elsewhere.",
     .offset = OPTION_AT(struct common_options, progress)},
    {.name = "quiet",
     .letter = 'q',
     .type = OPTION_FLAG,
     .help = "Say nothing but errors.",
     .offset = OPTION_AT(struct common_options, quiet)},
    {.name = "verbose",
     .letter = 'v',
     .type = OPTION_FLAG,
     .help = "Say every step.",
     .offset = OPTION_AT(struct common_options, verbose)},
    {.name = "help",
     .letter = 'h',
     .type = OPTION_FLAG,
     .help = "Print this help.",
     .offset = OPTION_AT(struct common_options, help)},
    {.name = "version",
     .letter = 'V',
     .type = OPTION_FLAG,
     .help = "Print the version.",
     .offset = OPTION_AT(struct common_options, version)},
};
const size_t common_option_count = ARRAY_LENGTH(common_option_specs);

const struct option_spec account_option_specs[] = {
    {.name = "region",
     .letter = 'r',
     .type = OPTION_STRING,
     .value_name = "REGION",
     .help = "AWS region. Without it AWS_REGION, AWS_DEFAULT_REGION or the profile says which.",
     .offset = OPTION_AT(struct account_options, region)},
    {.name = "profile",
     .type = OPTION_STRING,
     .value_name = "NAME",
     .help = "Profile in AWS's shared files. Without it AWS_PROFILE says which, or default.",
     .offset = OPTION_AT(struct account_options, profile)},
    {.name = "endpoint-url",
     .type = OPTION_STRING,
     .value_name = "URL",
     .help = "Where the requests to every AWS service go instead of AWS. Without it AWS_ENDPOINT_URL, or "
             "AWS_ENDPOINT_URL_SERVICE for one service, may say where.",
     .offset = OPTION_AT(struct account_options, endpoint_url)},
};
const size_t account_option_count = ARRAY_LENGTH(account_option_specs);

/* How many of the words the command's name takes: all its words must be there, in order. 0: it is another. */
static size_t words_named(const struct command *command, const char *const *words, size_t word_count)
{
    const char *name = command->name;
    for (size_t used = 0; used < word_count; used++) {
        size_t length = strcspn(name, " ");
        if (strlen(words[used]) != length || memcmp(words[used], name, length) != 0)
            return 0;
        if (!name[length])
            return used + 1;
        name += length + 1;
    }
    return 0;
}

/* Whether word is the first of a name of two ("discover"). */
static bool begins_name(const struct command *command, const char *word)
{
    size_t length = strlen(word);
    return text_starts_with(command->name, word) && command->name[length] == ' ';
}

bool command_begins(const struct command *const *commands, const char *word)
{
    for (size_t i = 0; commands[i]; i++)
        if (begins_name(commands[i], word))
            return true;
    return false;
}

/* "discover" alone, or with a second word that is none. */
static int second_word_wrong(const struct command *const *commands, const char *first, const char *second,
                             struct err *err)
{
    const char *names[MOST_COMMANDS];
    size_t count = 0;
    AUTO_STRBUF struct strbuf all = STRBUF_INIT(512);
    for (size_t i = 0; count < MOST_COMMANDS && commands[i]; i++) {
        if (!begins_name(commands[i], first))
            continue;
        names[count++] = commands[i]->name + strlen(first) + 1;
        strbuf_addf(&all, "%s%s", count > 1 ? ", " : "", names[count - 1]);
    }
    if (!count)
        return 0;
    const char *nearest = second ? text_nearest(second, names, count) : NULL;
    if (nearest)
        return err_set(err, ERR_USAGE, "unknown command '%s %.64s'; did you mean '%s %s'?", first, second,
                       first, nearest);
    return err_set(err, ERR_USAGE, "'%s' needs one of: %s", first, strbuf_text(&all));
}

static int first_word_wrong(const struct command *const *commands, const char *word, struct err *err)
{
    const char *names[MOST_COMMANDS];
    char firsts[MOST_COMMANDS][32];
    size_t count = 0;
    for (; count < MOST_COMMANDS && commands[count]; count++) {
        snprintf(firsts[count], sizeof firsts[count], "%.*s", (int)strcspn(commands[count]->name, " "),
                 commands[count]->name);
        names[count] = firsts[count];
    }
    const char *nearest = text_nearest(word, names, count);
    if (nearest)
        return err_set(err, ERR_USAGE, "unknown command '%.64s'; did you mean '%s'?", word, nearest);
    return err_set(err, ERR_USAGE, "unknown command '%.64s'; '%s help' lists what there is", word,
                   PROGRAM_NAME);
}

const struct command *command_find(const struct command *const *commands, const char *const *words,
                                   size_t word_count, size_t *used, struct err *err)
{
    for (size_t i = 0; commands[i]; i++) {
        *used = words_named(commands[i], words, word_count);
        if (*used)
            return commands[i];
    }
    if (!word_count)
        err_set(err, ERR_USAGE, "no command given; '%s help' lists what there is", PROGRAM_NAME);
    else if (second_word_wrong(commands, words[0], word_count > 1 ? words[1] : NULL, err) == 0)
        first_word_wrong(commands, words[0], err);
    return NULL;
}
