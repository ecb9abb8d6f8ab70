/* An instance identity document with its signature: the input is signed data (DER or BER), a line "--", and
 * the document. Nobody has the key of the certificate any more: what verifies is the one text that it signed.
 */
#include "fuzz.h"

#include "base/digest.h"
#include "results/attestation.h"

static const char certificate[] = "-----BEGIN CERTIFICATE-----\n"
                                  "MIICsTCCAZmgAwIBAgIBBzANBgkqhkiG9w0BAQsFADAbMRkwFwYDVQQDDBBmdXp6\n"
                                  "X2F0dGVzdGF0aW9uMCAXDTI2MTEyMDAwMDAwMFoYDzIxMjYxMDI3MDAwMDAwWjAb\n"
                                  "MRkwFwYDVQQDDBBmdXp6X2F0dGVzdGF0aW9uMIIBIjANBgkqhkiG9w0BAQEFAAOC\n"
                                  "AQ8AMIIBCgKCAQEAjBzX/+w2m+U4bRxKFhagAbW56DI4GHdXoghBCSxGHTd0s686\n"
                                  "EdySlkvKLxx8HAJIC+CeogJ+Ld2ScpWtWFnkaHr+VfMDCDpzYJ8oDtPiAqXDA0tc\n"
                                  "+q1Gr1bbzxZ/tK4jagzXsE0ljysiz2YLH+8IpEqqf0Q44pKttHkHA48naVnty1sR\n"
                                  "Wnw16KLT+AtR4O/fYeMXf5Ukb2OjbQB1O1/sLdtmjNdDDfxpXv8P2de5dD+ceLCL\n"
                                  "2BRLh7cIbCSCIP84ix2EXeCSbd7ZyQAe+KF1ZXrww1Ycdd3pI9a2SLuRXc916O34\n"
                                  "UQdtE0Ri/+HY+XFxboktGFPmeGu6pqrg8uddOwIDAQABMA0GCSqGSIb3DQEBCwUA\n"
                                  "A4IBAQA7ztSGba6z6JZiwn8PAD3PlK9Q8VXbHXhB1DoPaDvw8E+AUKQ6o5sMCaCd\n"
                                  "KWDsPzZg11LxgkucWkr+76C1rCZfWCj0UzVaHwYH0i9Z4KSn7VnBoAa0gB0+yTpJ\n"
                                  "8W8tFfLCYZxagQpv71OY82MYHfKB3OUsZnWsV/kkBgaNrZnHHZXnCZbZOwytqEHr\n"
                                  "xsARPVgGwUaqQOKCd5ML7L/TmyJYwK4xXzd7m2Pn0ITdrYz65qg9nQ5qgREqb7QS\n"
                                  "zwEzvMi7TiNyI53ATZEfHFyYZhKvqxVUNewGuOEg9rJQss9rXfFhVu1gXrGzo0J2\n"
                                  "zglO1iG3vSs9e+ACjf3XgPhMmeEo\n"
                                  "-----END CERTIFICATE-----\n";
static const char signed_text_sha256[] = "f1d51468e260fa6936331b503e8f36931d89cb28d8c99404c7f7bc9b51e00bea";

static const char separator[] = "\n--\n";

static struct signers *load_signers(void)
{
    struct err err = {0};
    struct signers *signers = signers_new(&err);
    require(signers != NULL);
    require_success(signers_add(signers, certificate, strlen(certificate), &err), &err);
    return signers;
}

static void check_finding(void *context UNUSED, const char *rule, const char *message)
{
    require(strcmp(rule, "attestation") == 0 && *message && !strchr(message, '\n'));
}

/* The text that was signed, or none. */
static void check_verdict(const struct signers *signers, const char *signature, const char *text,
                          size_t length)
{
    struct err err = {0};
    char digest[SHA256_HEX_SIZE];
    if (signed_data_verify(signers, signature, text, length, &err) < 0) {
        require(err.kind == ERR_DATA && err.message[0]);
        return;
    }
    require_success(sha256_hex(text, length, digest, &err), &err);
    require(strcmp(digest, signed_text_sha256) == 0);
}

static void check_result(const struct signers *signers, const char *signature, const char *text)
{
    struct err err = {0};
    AUTO_JSON cJSON *document = cJSON_CreateObject();
    cJSON *attestation = json_child(document, "attestation", &err);
    require(attestation != NULL);
    require_success(json_add_string(attestation, "instance_identity_document", text, &err), &err);
    require_success(json_add_string(attestation, "signature", signature, &err), &err);
    check_attestation(document, NULL, check_finding, NULL);
    check_attestation(document, signers, check_finding, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct signers *signers; /* made once */
    if (!signers)
        signers = load_signers();
    const uint8_t *end = memmem(data, size, separator, strlen(separator));
    if (!end)
        return 0;
    const uint8_t *document = end + strlen(separator);
    size_t length = size - (size_t)(document - data);
    AUTO_STRBUF struct strbuf signature = STRBUF_INIT(2 * SIGNED_DATA_MAX);
    AUTO_STRBUF struct strbuf back = STRBUF_INIT(2 * SIGNED_DATA_MAX);
    AUTO_FREE char *text = fuzz_text(document, length);
    struct err err = {0};
    base64_encode(&signature, data, (size_t)(end - data));
    if (strbuf_ok(&signature, "signature", &err) < 0)
        return 0;
    require_success(base64_decode(&back, strbuf_text(&signature), signature.length, &err), &err);
    require(back.length == (size_t)(end - data) && memcmp(strbuf_text(&back), data, back.length) == 0);
    AUTO_JSON cJSON *identity = identity_parse(text, length, &err);
    require(identity || err.kind == ERR_DATA);
    check_verdict(signers, strbuf_text(&signature), text, length);
    check_result(signers, strbuf_text(&signature), text);
    return 0;
}
