#include "orchestrator/envelope.h"

#include "base/digest.h"
#include "base/parse.h"

#include <string.h>

char *envelope_wrap(const struct envelope *envelope, struct err *err)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(1 << 16);
    strbuf_addf(&text,
                "umask 077\n"
                "d=$(mktemp -d) || exit 98\n"
                "( while sleep %g && kill -0 $$; do echo %s >&2; done ) </dev/null >/dev/null & h=$!\n"
                "{ (\n%s\n); echo $? >\"$d/code\"; } | head -c %zu >\"$d/out\"\n"
                "kill $h 2>/dev/null\n"
                "cat \"$d/out\"\n"
                "printf '\\n%s %%s %%s\\n' \"$(cat \"$d/code\")\" \"$(sha256sum <\"$d/out\" | cut -c1-64)\"\n"
                "rm -rf \"$d\"\n",
                envelope->heartbeat_seconds, envelope->word, envelope->script, envelope->output_limit + 1,
                envelope->word);
    return strbuf_take(&text, "a remote script", err);
}

/* Where the last line begins (at the newline before it), or NULL. */
static const char *find_last_line(const struct strbuf *output, const char *word)
{
    if (output->length < 2 || output->data[output->length - 1] != '\n')
        return NULL;
    const char *start = memrchr(output->data, '\n', output->length - 1);
    size_t word_length = strlen(word);
    if (!start || (size_t)(output->data + output->length - start) < word_length + 2)
        return NULL;
    return memcmp(start + 1, word, word_length) == 0 && start[1 + word_length] == ' ' ? start : NULL;
}

bool envelope_complete(const struct strbuf *output, const char *word)
{
    return find_last_line(output, word) != NULL;
}

/* "CODE SHA256\n" */
static int parse_last_line(const char *text, const char *end, int *exit_code, char hex[SHA256_HEX_SIZE],
                           struct err *err)
{
    struct cursor cursor = {text, end};
    uint32_t code = 0;
    bool well_formed = cursor_number(&cursor, &code) && code <= 255 && cursor_skip(&cursor, ' ') &&
                       end - cursor.at == SHA256_HEX_SIZE;
    if (!well_formed)
        return err_set(err, ERR_REMOTE,
                       "the machine's last line is malformed: the script did not end by itself");
    memcpy(hex, cursor.at, SHA256_HEX_SIZE - 1);
    hex[SHA256_HEX_SIZE - 1] = '\0';
    *exit_code = (int)code;
    return 0;
}

int envelope_open(struct strbuf *output, const char *word, int *exit_code, struct err *err)
{
    const char *last = find_last_line(output, word);
    if (!last)
        return err_set(err, ERR_REMOTE, "the machine's answer ended without its last line");
    char claimed[SHA256_HEX_SIZE];
    char actual[SHA256_HEX_SIZE];
    size_t length = (size_t)(last - output->data);
    if (parse_last_line(last + 1 + strlen(word) + 1, output->data + output->length, exit_code, claimed, err) <
            0 ||
        sha256_hex(output->data, length, actual, err) < 0)
        return -1;
    if (strcmp(claimed, actual) != 0)
        return err_set(err, ERR_REMOTE, "what arrived is not what the machine sent: its SHA-256 differs");
    output->length = length;
    output->data[length] = '\0';
    return 0;
}

bool envelope_is_heartbeat(const char *line, size_t length, const char *word)
{
    return length == strlen(word) && memcmp(line, word, length) == 0;
}
