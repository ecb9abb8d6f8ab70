#include "unit.h"

#include "signing.h"

#include "base/signed_data.h"

static const char text[] = "{\n  \"instanceType\" : \"m7i.large\"\n}";

/* Keys take long to make: three for all tests. */
struct cast {
    struct test_signer aws;
    struct test_signer other;
    struct test_signer namesake; /* of aws: the same name and number, another key */
};

static int make_cast(void **state)
{
    struct cast *cast = calloc(1, sizeof *cast);
    assert_non_null(cast);
    cast->aws = test_signer_make("AWS", 7);
    cast->other = test_signer_make("Other", 8);
    cast->namesake = test_signer_make("AWS", 7);
    *state = cast;
    return 0;
}

static int free_cast(void **state)
{
    struct cast *cast = *state;
    test_signer_free(&cast->aws);
    test_signer_free(&cast->other);
    test_signer_free(&cast->namesake);
    free(cast);
    return 0;
}

static void add(struct signers *signers, const struct test_signer *signer)
{
    struct err err = {0};
    AUTO_FREE char *pem = test_certificate(signer);
    assert_succeeds(signers_add(signers, pem, strlen(pem), &err), err);
}

static struct signers *signers_of(const struct test_signer *signer)
{
    struct signers *signers = signers_new(NULL);
    assert_non_null(signers);
    add(signers, signer);
    return signers;
}

static void assert_refused(const struct signers *signers, const char *signature, const char *wanted,
                           const char *why)
{
    struct err err = {0};
    assert_fails(signed_data_verify(signers, signature, wanted, strlen(wanted), &err), err, ERR_DATA);
    if (!strstr(err.message, why))
        fail_msg("'%s' does not say '%s'", err.message, why);
}

static void what_a_signer_has_signed_is_taken(void **state)
{
    struct cast *cast = *state;
    struct err err = {0};
    AUTO_SIGNERS struct signers *signers = signers_of(&cast->aws);
    AUTO_FREE char *signature = test_sign(&cast->aws, text);
    assert_succeeds(signed_data_verify(signers, signature, text, strlen(text), &err), err);
}

static void another_text_is_refused(void **state)
{
    struct cast *cast = *state;
    AUTO_SIGNERS struct signers *signers = signers_of(&cast->aws);
    AUTO_FREE char *signature = test_sign(&cast->aws, text);
    assert_refused(signers, signature, "{\n  \"instanceType\" : \"m7i.metal\"\n}", "of another text");
    assert_refused(signers, signature, "", "of another text");
    AUTO_FREE char *longer = NULL;
    assert_true(asprintf(&longer, "%s\n", text) > 0);
    assert_refused(signers, signature, longer, "of another text");
}

/* The signature with the byte at that place of the data changed. */
static char *changed(const char *signature, size_t place, bool from_end)
{
    struct err err = {0};
    struct strbuf again = STRBUF_INIT(SIGNED_DATA_MAX);
    AUTO_STRBUF struct strbuf data = STRBUF_INIT(SIGNED_DATA_MAX);
    assert_succeeds(base64_decode(&data, signature, strlen(signature), &err), err);
    data.data[from_end ? data.length - place : place] ^= 1;
    base64_encode(&again, data.data, data.length);
    return strbuf_take(&again, "a signature", NULL);
}

/* The text inside is changed along with the one beside it; then the signature itself. */
static void a_signature_that_was_tampered_with_is_refused(void **state)
{
    struct cast *cast = *state;
    AUTO_SIGNERS struct signers *signers = signers_of(&cast->aws);
    AUTO_FREE char *signature = test_sign(&cast->aws, text);
    AUTO_STRBUF struct strbuf data = STRBUF_INIT(SIGNED_DATA_MAX);
    assert_int_equal(base64_decode(&data, signature, strlen(signature), NULL), 0);
    const char *inside = memmem(data.data, data.length, "m7i", 3);
    assert_non_null(inside);
    AUTO_FREE char *tampered = changed(signature, (size_t)(inside - data.data), false);
    AUTO_FREE char *tampered_text = strdup(text);
    *strstr(tampered_text, "m7i") ^= 1;
    assert_refused(signers, tampered, tampered_text, "by none of the certificates given");
    AUTO_FREE char *broken = changed(signature, 100, true);
    assert_refused(signers, broken, text, "by none of the certificates given");
}

/* Also where its certificate comes along, or is called as the right one is. */
static void another_signer_is_refused(void **state)
{
    struct cast *cast = *state;
    AUTO_SIGNERS struct signers *signers = signers_of(&cast->aws);
    AUTO_FREE char *other = test_sign(&cast->other, text);
    AUTO_FREE char *with_certificate = test_sign_with(&cast->other, text, 0);
    AUTO_FREE char *namesake = test_sign_with(&cast->namesake, text, 0);
    assert_refused(signers, other, text, "by none of");
    assert_refused(signers, with_certificate, text, "by none of");
    assert_refused(signers, namesake, text, "by none of");
}

static void the_signer_is_found_among_several(void **state)
{
    struct cast *cast = *state;
    struct err err = {0};
    AUTO_SIGNERS struct signers *signers = signers_of(&cast->other);
    add(signers, &cast->namesake);
    AUTO_FREE char *signature = test_sign(&cast->aws, text);
    assert_refused(signers, signature, text, "by none of the certificates given");
    add(signers, &cast->aws);
    assert_succeeds(signed_data_verify(signers, signature, text, strlen(text), &err), err);
}

static char *with_byte_behind(const char *signature)
{
    struct err err = {0};
    struct strbuf longer = STRBUF_INIT(SIGNED_DATA_MAX);
    AUTO_STRBUF struct strbuf data = STRBUF_INIT(SIGNED_DATA_MAX);
    assert_succeeds(base64_decode(&data, signature, strlen(signature), &err), err);
    strbuf_addc(&data, '\0');
    base64_encode(&longer, data.data, data.length);
    return strbuf_take(&longer, "a signature", NULL);
}

static void garbage_is_refused(void **state)
{
    struct cast *cast = *state;
    AUTO_SIGNERS struct signers *signers = signers_of(&cast->aws);
    static const char *const texts[] = {"AAAA", "MIAGCSqGSIb3DQEHAqCA", "MAsGCSqGSIb3DQEHAg=="};
    assert_refused(signers, "", text, "no PKCS#7");
    assert_refused(signers, "-----BEGIN PKCS7-----", text, "not Base64");
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
        assert_refused(signers, texts[i], text, "no PKCS#7");
    AUTO_FREE char *signature = test_sign(&cast->aws, text);
    AUTO_FREE char *longer = with_byte_behind(signature);
    assert_refused(signers, longer, text, "no PKCS#7");
    AUTO_FREE char *detached = test_sign_with(&cast->aws, text, PKCS7_NOCERTS | PKCS7_DETACHED);
    assert_refused(signers, detached, text, "with its text in it");
    AUTO_FREE char *endless = malloc(SIGNED_DATA_MAX + 2);
    memset(endless, 'A', SIGNED_DATA_MAX + 1);
    endless[SIGNED_DATA_MAX + 1] = '\0';
    assert_refused(signers, endless, text, "longer than");
}

static void a_file_without_certificates_is_refused(void **state)
{
    struct cast *cast = *state;
    struct err err = {0};
    AUTO_SIGNERS struct signers *signers = signers_new(&err);
    static const char broken[] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    static const char locked[] = "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n"
                                 "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAA\n"
                                 "-----END CERTIFICATE-----\n";
    assert_fails(signers_add(signers, "", 0, &err), err, ERR_DATA);
    assert_fails(signers_add(signers, "nothing", 7, &err), err, ERR_DATA);
    assert_fails(signers_add(signers, broken, strlen(broken), &err), err, ERR_DATA);
    assert_fails(signers_add(signers, locked, strlen(locked), &err), err, ERR_DATA);
    AUTO_FREE char *good = test_certificate(&cast->aws);
    AUTO_FREE char *both = NULL;
    assert_true(asprintf(&both, "us-east-1\n%s\n%s", good, broken) > 0);
    assert_fails(signers_add(signers, both, strlen(both), &err), err, ERR_DATA);
}

static void several_certificates_may_stand_in_one_file(void **state)
{
    struct cast *cast = *state;
    struct err err = {0};
    AUTO_SIGNERS struct signers *signers = signers_new(&err);
    AUTO_FREE char *first = test_certificate(&cast->other);
    AUTO_FREE char *second = test_certificate(&cast->aws);
    AUTO_FREE char *both = NULL;
    assert_true(asprintf(&both, "us-east-1\n%s\nus-west-2\n%s", first, second) > 0);
    assert_succeeds(signers_add(signers, both, strlen(both), &err), err);
    AUTO_FREE char *signature = test_sign(&cast->aws, text);
    assert_succeeds(signed_data_verify(signers, signature, text, strlen(text), &err), err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_signer_has_signed_is_taken),
        cmocka_unit_test(another_text_is_refused),
        cmocka_unit_test(a_signature_that_was_tampered_with_is_refused),
        cmocka_unit_test(another_signer_is_refused),
        cmocka_unit_test(the_signer_is_found_among_several),
        cmocka_unit_test(garbage_is_refused),
        cmocka_unit_test(a_file_without_certificates_is_refused),
        cmocka_unit_test(several_certificates_may_stand_in_one_file),
    };
    return cmocka_run_group_tests(tests, make_cast, free_cast);
}
