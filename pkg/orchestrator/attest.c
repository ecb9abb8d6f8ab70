#include "orchestrator/attest.h"

#include "base/digest.h"

#include <string.h>

/* Version 2 of the metadata service alone: a token first, which is asked for by PUT. Two lines, both in
 * Base64: the document, word for word, and the signature, which is Base64 by itself. What can't be had is an
 * empty line, and curl says why. */
static const char ask_metadata_service[] =
    "latest=http://169.254.169.254/latest\n"
    "ask() { curl -sSf --noproxy '*' --max-time 5 \"$@\" | head -c 4096; }\n"
    "t=$(ask -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $latest/api/token)\n"
    "identity() { ask -H \"X-aws-ec2-metadata-token: $t\" $latest/dynamic/instance-identity/$1; }\n"
    "if [ \"$t\" ]; then\n"
    "  identity document | base64 | tr -d '\\n'\n"
    "  echo\n"
    "  identity rsa2048 | tr -d '\\n'\n"
    "fi";

#define OUTPUT_MAX 16384

static int take_answer(const char *output, struct attestation *attestation, struct err *err)
{
    size_t length = strcspn(output, "\n");
    const char *signature = output + length + (output[length] == '\n');
    AUTO_STRBUF struct strbuf document = STRBUF_INIT(IDENTITY_MAX_BYTES);
    AUTO_STRBUF struct strbuf signed_data = STRBUF_INIT(SIGNED_DATA_MAX);
    if (length == 0 || !*signature)
        return err_set(err, ERR_DATA, "it gave none");
    if (base64_decode(&document, output, length, err) < 0 ||
        base64_decode(&signed_data, signature, strlen(signature), err) < 0)
        return -1;
    AUTO_JSON cJSON *identity = identity_parse(strbuf_text(&document), document.length, err);
    AUTO_FREE char *kept = identity ? strdup(signature) : NULL;
    if (!identity)
        return -1;
    if (!kept)
        return err_memory(err);
    attestation->document = strbuf_take(&document, "the instance identity document", err);
    if (!attestation->document)
        return -1;
    attestation->signature = TAKE(kept);
    return 0;
}

int attest_machine(const struct container_host *host, const struct remote_limits *limits,
                   struct attestation *attestation, struct err *err)
{
    AUTO_STRBUF struct strbuf output = STRBUF_INIT(OUTPUT_MAX);
    char last_words[LAST_WORDS_SIZE];
    struct err failure = {0};
    int exit_code = 0;
    if (host_run_script(host, ask_metadata_service, limits, &output, &exit_code, last_words, err) < 0)
        return err_prepend(err, "asking the machine's metadata service");
    if (take_answer(strbuf_text(&output), attestation, &failure) == 0)
        return 0;
    return err_set(err, ERR_REMOTE, "the machine's metadata service: %s%s%s", failure.message,
                   last_words[0] ? ": " : "", last_words);
}
