#include "unit.h"

#include "sample_results.h"
#include "signing.h"

#include "results/attestation.h"

/* With AWS's names, order and spaces; %s: type, region. */
#define IDENTITY                                                                                             \
    "{\n  \"accountId\" : \"123456789012\",\n  \"architecture\" : \"x86_64\",\n"                             \
    "  \"availabilityZone\" : \"us-east-1a\",\n  \"billingProducts\" : null,\n"                              \
    "  \"imageId\" : \"ami-0123456789abcdef0\",\n  \"instanceId\" : \"i-0123456789abcdef0\",\n"              \
    "  \"instanceType\" : \"%s\",\n  \"pendingTime\" : \"2026-11-20T15:29:45Z\",\n"                          \
    "  \"region\" : \"%s\",\n  \"version\" : \"2017-09-30\"\n}"

static char *identity_of(const char *type, const char *region)
{
    struct strbuf text = STRBUF_INIT(IDENTITY_MAX_BYTES);
    strbuf_addf(&text, IDENTITY, type, region);
    return strbuf_take(&text, "an identity document", NULL);
}

struct scene {
    struct inspector inspector;
    struct test_signer aws;
    struct test_signer other;
    struct signers *signers; /* aws alone */
};

static int open_scene(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    struct err err = {0};
    assert_non_null(scene);
    scene->aws = test_signer_make("AWS", 7);
    scene->other = test_signer_make("Other", 8);
    scene->signers = signers_new(&err);
    AUTO_FREE char *pem = test_certificate(&scene->aws);
    assert_succeeds(signers_add(scene->signers, pem, strlen(pem), &err), err);
    *state = scene;
    return inspector_init(&scene->inspector, &err);
}

static int close_scene(void **state)
{
    struct scene *scene = *state;
    inspector_free(&scene->inspector);
    test_signer_free(&scene->aws);
    test_signer_free(&scene->other);
    signers_free(scene->signers);
    free(scene);
    return 0;
}

struct found {
    size_t count;
    char last[1024];
};

static void keep(void *context, const char *rule, const char *message)
{
    struct found *found = context;
    if (strcmp(rule, "attestation") != 0)
        fail_msg("%s: %s", rule, message);
    found->count++;
    snprintf(found->last, sizeof found->last, "%s", message);
}

/* What is found in a sealed result that carries the two, by an inspector that looks at signatures or not. */
static struct found inspect(struct scene *scene, const char *identity, const char *signature, bool attested)
{
    struct found found = {0};
    struct document_facts facts = sample_facts();
    AUTO_DOCUMENT struct document document = {0};
    AUTO_JSON cJSON *tree = NULL;
    facts.identity_document = identity;
    facts.identity_signature = signature;
    sample_document("stream", &facts, &document);
    scene->inspector.signers = attested ? scene->signers : NULL;
    size_t count = inspect_result(&scene->inspector, document.text, document.length, &tree, keep, &found);
    assert_int_equal(count, found.count);
    return found;
}

static void assert_found(const struct found *found, const char *message)
{
    assert_int_equal(found->count, 1);
    assert_string_equal(found->last, message);
}

static void a_result_of_the_instance_that_is_signed_for_is_clean(void **state)
{
    struct scene *scene = *state;
    AUTO_FREE char *identity = identity_of("m7i.large", "us-east-1");
    AUTO_FREE char *signature = test_sign(&scene->aws, identity);
    assert_int_equal(inspect(scene, identity, signature, false).count, 0);
    assert_int_equal(inspect(scene, identity, signature, true).count, 0);
}

static void a_document_that_was_tampered_with_is_found(void **state)
{
    struct scene *scene = *state;
    AUTO_FREE char *slower = identity_of("m7i.large", "us-east-1");
    AUTO_FREE char *faster = identity_of("m7i.metal-24xl", "us-east-1");
    AUTO_FREE char *signature = test_sign(&scene->aws, faster);
    struct found found = inspect(scene, slower, signature, true);
    assert_found(&found, "the signature is that of another text");
}

static void a_signature_of_nobody_that_is_believed_is_found(void **state)
{
    struct scene *scene = *state;
    AUTO_FREE char *identity = identity_of("m7i.large", "us-east-1");
    AUTO_FREE char *signature = test_sign(&scene->other, identity);
    struct found found = inspect(scene, identity, signature, true);
    assert_found(&found, "the signature is by none of the certificates given");
    found = inspect(scene, identity, "AAAA", true);
    assert_found(&found, "the signature is no PKCS#7 signed data with its text in it");
    assert_int_equal(inspect(scene, identity, "AAAA", false).count, 0); /* nobody looks */
}

static void another_instance_s_document_is_found_whoever_signed_it(void **state)
{
    struct scene *scene = *state;
    AUTO_FREE char *identity = identity_of("m7i.metal-24xl", "us-east-1");
    AUTO_FREE char *signature = test_sign(&scene->aws, identity);
    struct found found = inspect(scene, identity, signature, false);
    assert_found(&found, "the instance identity document says instanceType m7i.metal-24xl, "
                         "metadata.instance_type is m7i.large");
    found = inspect(scene, identity, signature, true);
    assert_int_equal(found.count, 1);
    AUTO_FREE char *elsewhere = identity_of("m7i.large", "eu-central-1");
    found = inspect(scene, elsewhere, signature, false);
    assert_found(&found,
                 "the instance identity document says region eu-central-1, metadata.region is us-east-1");
}

/* Each field that both have, one after another. */
static void every_claim_is_compared(void **state)
{
    struct scene *scene = *state;
    static const char *const values[] = {"\"x86_64\"",    "\"us-east-1a\"", "\"ami-0123456789abcdef0\"",
                                         "\"m7i.large\"", "\"us-east-1\"",  "\"i-0123456789abcdef0\""};
    for (size_t i = 0; i < ARRAY_LENGTH(values); i++) {
        AUTO_FREE char *identity = identity_of("m7i.large", "us-east-1");
        char *value = strstr(identity, values[i]);
        assert_non_null(value);
        value[strlen(values[i]) - 2] = '#';
        struct found found = inspect(scene, identity, "AAAA", false);
        if (found.count != 1 || !strchr(found.last, '#'))
            fail_msg("%s: %zu findings, %s", values[i], found.count, found.last);
    }
}

static void attested_results_must_have_both(void **state)
{
    struct scene *scene = *state;
    AUTO_FREE char *identity = identity_of("m7i.large", "us-east-1");
    struct found found = inspect(scene, NULL, NULL, true);
    assert_found(&found, "there is no instance identity document");
    assert_int_equal(inspect(scene, NULL, NULL, false).count, 0);
    static const char half[] = "of instance identity document and signature one is there without the other";
    found = inspect(scene, identity, NULL, false);
    assert_found(&found, half);
    found = inspect(scene, NULL, "AAAA", true);
    assert_found(&found, half);
}

static void what_is_no_identity_document_is_found(void **state)
{
    struct scene *scene = *state;
    static const char *const texts[] = {"",
                                        "{",
                                        "[]",
                                        "\"m7i.large\"",
                                        "{}",
                                        "{\"instanceType\": 7}",
                                        "{\"instanceType\": \"\"}",
                                        "{\"a\n\": 1, \"a\n\": 2}"};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct found found = inspect(scene, texts[i], "AAAA", false);
        assert_int_equal(found.count, 1);
        assert_null(strchr(found.last, '\n'));
        assert_non_null(strstr(found.last, "the instance identity document: "));
    }
}

static void a_document_must_not_be_larger_than_any_of_aws_s(void **state UNUSED)
{
    struct err err = {0};
    AUTO_FREE char *identity = identity_of("m7i.large", "us-east-1");
    AUTO_FREE char *padded = NULL;
    assert_true(asprintf(&padded, "%s%*s", identity, IDENTITY_MAX_BYTES, "") > 0);
    assert_null(identity_parse(padded, strlen(padded), &err));
    assert_int_equal(err.kind, ERR_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_of_the_instance_that_is_signed_for_is_clean),
        cmocka_unit_test(a_document_that_was_tampered_with_is_found),
        cmocka_unit_test(a_signature_of_nobody_that_is_believed_is_found),
        cmocka_unit_test(another_instance_s_document_is_found_whoever_signed_it),
        cmocka_unit_test(every_claim_is_compared),
        cmocka_unit_test(attested_results_must_have_both),
        cmocka_unit_test(what_is_no_identity_document_is_found),
        cmocka_unit_test(a_document_must_not_be_larger_than_any_of_aws_s),
    };
    return cmocka_run_group_tests(tests, open_scene, close_scene);
}
