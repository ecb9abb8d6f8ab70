/* The last line of a far script. Any output may come without it being believed; a true one gives back exactly
 * what was printed and the code, and no change of a byte before the last line is believed. */
#include "fuzz.h"

#include "base/digest.h"
#include "orchestrator/envelope.h"

static const char word[] = "0123456789abcdefghijklmnopqrstuv";

/* The input is all that the machine sent. */
static void check_claim(const uint8_t *data, size_t size)
{
    struct err err = {0};
    AUTO_STRBUF struct strbuf output = STRBUF_INIT(size + 1);
    int code = -1;
    char hex[SHA256_HEX_SIZE];
    strbuf_add(&output, data, size);
    bool complete = envelope_complete(&output, word);
    if (envelope_open(&output, word, &code, &err) < 0) {
        require(err.kind == ERR_REMOTE && err.message[0]);
        return;
    }
    require(complete && code >= 0 && code <= 255 && output.length < size);
    require_success(sha256_hex(output.data, output.length, hex, &err), &err);
    require(memmem(data + output.length, size - output.length, hex, sizeof hex - 1) != NULL);
}

static void add_last_line(struct strbuf *output, unsigned code)
{
    char hex[SHA256_HEX_SIZE];
    struct err err = {0};
    require_success(sha256_hex(output->data, output->length, hex, &err), &err);
    strbuf_addf(output, "\n%s %u %s\n", word, code, hex);
}

/* The input is what a script printed; its first byte is the exit code. */
static void check_truth(const uint8_t *data, size_t size)
{
    struct err err = {0};
    AUTO_STRBUF struct strbuf output = STRBUF_INIT(size + ENVELOPE_LAST_LINE_MAX);
    AUTO_STRBUF struct strbuf changed = STRBUF_INIT(size + ENVELOPE_LAST_LINE_MAX);
    int code = -1;
    strbuf_add(&output, data, size);
    add_last_line(&output, data[0]);
    require_success(strbuf_ok(&output, "the output", &err), &err);
    strbuf_add(&changed, output.data, output.length);
    changed.data[data[0] % size] ^= 1;
    require_success(envelope_open(&output, word, &code, &err), &err);
    require(code == data[0] && output.length == size && memcmp(output.data, data, size) == 0);
    require(envelope_open(&changed, word, &code, &err) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_claim(data, size);
    if (size > 0)
        check_truth(data, size);
    require(envelope_is_heartbeat((const char *)data, size, word) ==
            (size == strlen(word) && memcmp(data, word, size) == 0));
    return 0;
}
