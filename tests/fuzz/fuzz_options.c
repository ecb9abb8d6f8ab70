/* The command line: words separated by NUL go to the options of every command; nothing may crash, leak, or be
 * refused without a reason. */
#include "fuzz.h"

#include "commands.h"
#include "options.h"

#define MOST_WORDS 64

static void parse(const struct command *command, int count, char **words)
{
    struct common_options common = {0};
    struct account_options account = {0};
    struct err err = {0};
    AUTO_OPERANDS struct operands operands = {0};
    AUTO_FREE void *own = calloc(1, command->options_size + 1);
    require(own != NULL);
    const struct option_group groups[] = {
        {NULL, command->options, command->option_count, own},
        {NULL, common_option_specs, common_option_count, &common},
        {NULL, account_option_specs, account_option_count, &account},
    };
    if (options_parse(groups, ARRAY_LENGTH(groups), count, words, &operands, &err) == 0)
        require(operands.count <= (size_t)count && common.output >= 0 && common.output <= OUTPUT_CSV);
    else
        require(err.kind == ERR_USAGE && err.message[0]);
    options_free(groups, ARRAY_LENGTH(groups));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = fuzz_text(data, size);
    char *words[MOST_WORDS + 1] = {NULL};
    int count = 0;
    for (size_t at = 0; at < size && count < MOST_WORDS; at += strlen(text + at) + 1)
        words[count++] = text + at;
    for (size_t i = 0; all_commands[i]; i++)
        parse(all_commands[i], count, words);
    return 0;
}
