#include "unit.h"

#include "run_scene.h"

#include "base/digest.h"
#include "base/json.h"
#include "results/document.h"

static const char identity[] = "{\"instanceType\": \"m5i.large\", \"region\": \"us-east-1\",\n \"imageId\": "
                               "\"ami-1\", \"instanceId\": \"i-0\","
                               " \"architecture\": \"x86_64\", \"availabilityZone\": \"us-east-1a\"}";

static int compare_attestation(void *context, const char *path, struct err *err)
{
    const char *const *wanted = context; /* document and signature */
    size_t length = 0;
    AUTO_FREE char *text = fs_read_file(path, RESULT_MAX_BYTES, &length, err);
    AUTO_JSON cJSON *tree = text ? json_parse(text, length, RESULT_MAX_BYTES, err) : NULL;
    assert_non_null(tree);
    const cJSON *attestation = json_at(tree, "attestation");
    assert_string_equal(json_string_or(attestation, "instance_identity_document", "none"), wanted[0]);
    assert_string_equal(json_string_or(attestation, "signature", "none"), wanted[1]);
    assert_true(cJSON_IsNull(json_at(attestation, "verified")));
    return 0;
}

/* Measures twice on a machine that says this of itself, and looks at both results. */
static void execute_attested(struct scene *scene, const char *metadata, const char *document,
                             const char *signature)
{
    const char *wanted[] = {document, signature};
    struct err err = {0};
    scene->settings.attestation = true;
    scene->settings.iterations = 2;
    scene->pretend.metadata = metadata;
    execute(scene);
    assert_true(scene->outcome.jobs[0].succeeded);
    assert_int_equal(stored_documents(scene), 2);
    assert_succeeds(fs_walk(scene->directory, ".json", compare_attestation, wanted, &err), err);
    assert_int_equal(scene->pretend.metadata_asked, 1);
}

static void results_carry_what_the_machine_says_of_itself(void **state UNUSED)
{
    struct scene *scene = open_scene(1);
    AUTO_STRBUF struct strbuf lines = STRBUF_INIT(4096);
    base64_encode(&lines, identity, strlen(identity));
    strbuf_adds(&lines, "\nAAAA");
    execute_attested(scene, strbuf_text(&lines), identity, "AAAA");
    assert_int_equal(scene->notes, 0);
    close_scene(scene);
}

/* Nothing, half of it, and what is neither a document nor a signature. */
static void a_machine_that_says_nothing_of_itself_is_measured_all_the_same(void **state UNUSED)
{
    static const char *const answers[] = {"", "\n", "\nAAAA", "e30=\nAAAA", "e30=", "{}\nAAAA", "AAAA\nA"};
    for (size_t i = 0; i < ARRAY_LENGTH(answers); i++) {
        struct scene *scene = open_scene(1);
        execute_attested(scene, answers[i], "none", "none");
        assert_int_equal(scene->notes, 1);
        close_scene(scene);
    }
}

static void a_machine_is_not_asked_where_attestation_is_not_wanted(void **state UNUSED)
{
    struct scene *scene = open_scene(1);
    execute(scene);
    assert_int_equal(scene->pretend.metadata_asked, 0);
    close_scene(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_carry_what_the_machine_says_of_itself),
        cmocka_unit_test(a_machine_that_says_nothing_of_itself_is_measured_all_the_same),
        cmocka_unit_test(a_machine_is_not_asked_where_attestation_is_not_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
