#include "unit.h"

#include "discovery/ami.h"

#include "scripted_aws.h"

#define PARAMETER(value) "{\"Parameter\":{\"Name\":\"n\",\"Type\":\"String\",\"Value\":\"" value "\"}}"
#define IMAGE(architecture, owner_alias, state)                                                              \
    "<DescribeImagesResponse><imagesSet><item><imageId>ami-0a1</imageId><name>al2023-ecs</name>"             \
    "<imageState>" state "</imageState><imageOwnerId>591542846629</imageOwnerId>"                            \
    "<imageOwnerAlias>" owner_alias "</imageOwnerAlias><architecture>" architecture "</architecture>"        \
    "<rootDeviceName>/dev/xvda</rootDeviceName></item></imagesSet></DescribeImagesResponse>"

static struct err find_error(const struct script_rule *rules, size_t count, enum err_kind kind)
{
    struct scripted_aws account;
    struct ami ami;
    struct err err = {0};
    scripted_aws_start(&account, rules, count);
    assert_fails(ami_find(&account.client, ARCH_ARM64, &ami, &err), err, kind);
    scripted_aws_stop(&account);
    return err;
}

#define FIND_FAILS(kind, ...)                                                                                \
    find_error((const struct script_rule[]){__VA_ARGS__},                                                    \
               ARRAY_LENGTH(((const struct script_rule[]){__VA_ARGS__})), kind)

static void the_image_of_each_architecture_has_a_parameter_of_its_own(void **state UNUSED)
{
    assert_string_equal(ami_parameter(ARCH_X86_64),
                        "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id");
    assert_string_equal(ami_parameter(ARCH_ARM64),
                        "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id");
    assert_null(ami_parameter(ARCH_ARM64_MAC));
}

static void a_confirmed_image_is_found(void **state UNUSED)
{
    SCRIPTED_AWS(account, {"amazon-linux-2023/arm64/recommended", 200, PARAMETER("ami-0a1"), 0},
                 {"Action=DescribeImages", 200, IMAGE("arm64", "amazon", "available"), 0});
    struct ami ami;
    struct err err = {0};
    assert_succeeds(ami_find(&account.client, ARCH_ARM64, &ami, &err), err);
    scripted_aws_stop(&account);
    assert_string_equal(ami.image.id, "ami-0a1");
    assert_string_equal(ami.image.root_device, "/dev/xvda");
    assert_non_null(strstr(account.server.asked, "ImageId.1=ami-0a1"));
}

static void an_image_of_another_owner_is_refused(void **state UNUSED)
{
    FIND_FAILS(ERR_SECURITY, {"GetParameter", 200, PARAMETER("ami-0a1"), 0},
               {"DescribeImages", 200, IMAGE("arm64", "aws-marketplace", "available"), 0});
    FIND_FAILS(ERR_SECURITY, {"GetParameter", 200, PARAMETER("ami-0a1"), 0},
               {"DescribeImages", 200, IMAGE("arm64", "", "available"), 0});
}

static void an_image_of_another_architecture_is_refused(void **state UNUSED)
{
    struct err err = FIND_FAILS(ERR_SECURITY, {"GetParameter", 200, PARAMETER("ami-0a1"), 0},
                                {"DescribeImages", 200, IMAGE("x86_64", "amazon", "available"), 0});
    assert_non_null(strstr(err.message, "is x86_64 and not arm64"));
}

static void an_image_that_is_not_available_is_refused(void **state UNUSED)
{
    FIND_FAILS(ERR_CONFIG, {"GetParameter", 200, PARAMETER("ami-0a1"), 0},
               {"DescribeImages", 200, IMAGE("arm64", "amazon", "deregistered"), 0});
    FIND_FAILS(ERR_CONFIG, {"GetParameter", 200, PARAMETER("ami-0a1"), 0},
               {"DescribeImages", 400, EC2_ERROR("InvalidAMIID.NotFound"), 0});
}

static void a_missing_parameter_says_what_to_do(void **state UNUSED)
{
    struct err err = FIND_FAILS(
        ERR_CONFIG, {"GetParameter", 400, "{\"__type\":\"ParameterNotFound\",\"message\":\"\"}", 0});
    assert_non_null(strstr(err.message, "--ami"));
}

static void a_missing_permission_stays_one(void **state UNUSED)
{
    struct err err =
        FIND_FAILS(ERR_AUTH, {"GetParameter", 400,
                              "{\"__type\":\"AccessDeniedException\",\"Message\":\"not authorized\"}", 0});
    assert_non_null(strstr(err.message, "GetParameter"));
}

static void a_parameter_that_holds_no_image_id_is_refused(void **state UNUSED)
{
    FIND_FAILS(ERR_DATA, {"GetParameter", 200, PARAMETER("{}"), 0});
    FIND_FAILS(ERR_DATA, {"GetParameter", 200, PARAMETER("ami-"), 0});
    FIND_FAILS(ERR_DATA, {"GetParameter", 200, PARAMETER("ami-0a1&ImageId.2=ami-0a2"), 0});
}

static void keep_line(void *context, enum log_level level UNUSED, const char *line)
{
    snprintf(context, 512, "%s", line);
}

static void the_users_own_image_is_used_with_a_warning(void **state UNUSED)
{
    SCRIPTED_AWS(account, {"DescribeImages", 200, IMAGE("x86_64", "", "available"), 0});
    char line[512] = "";
    struct log log;
    struct ami ami;
    struct err err = {0};
    log_init(&log, LOG_WARNING, keep_line, line);
    assert_succeeds(ami_use(&account.client, "ami-0a1", ARCH_X86_64, &log, &ami, &err), err);
    scripted_aws_stop(&account);
    log_destroy(&log);
    assert_null(ami.parameter);
    assert_non_null(strstr(line, "belongs to account 591542846629"));
}

static void the_users_own_image_must_be_of_the_architecture(void **state UNUSED)
{
    SCRIPTED_AWS(account, {"DescribeImages", 200, IMAGE("x86_64", "amazon", "available"), 0});
    struct ami ami;
    struct err err = {0};
    assert_fails(ami_use(&account.client, "ami-0a1", ARCH_ARM64, NULL, &ami, &err), err, ERR_CONFIG);
    assert_non_null(strstr(err.message, "ami-0a1 is x86_64, but an arm64 image"));
    assert_fails(ami_use(&account.client, "my-image", ARCH_ARM64, NULL, &ami, &err), err, ERR_USAGE);
    scripted_aws_stop(&account);
}

static int set_up(void **state UNUSED)
{
    return aws_global_init(NULL);
}

static int tear_down(void **state UNUSED)
{
    aws_global_cleanup();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_image_of_each_architecture_has_a_parameter_of_its_own),
        cmocka_unit_test(a_confirmed_image_is_found),
        cmocka_unit_test(an_image_of_another_owner_is_refused),
        cmocka_unit_test(an_image_of_another_architecture_is_refused),
        cmocka_unit_test(an_image_that_is_not_available_is_refused),
        cmocka_unit_test(a_missing_parameter_says_what_to_do),
        cmocka_unit_test(a_missing_permission_stays_one),
        cmocka_unit_test(a_parameter_that_holds_no_image_id_is_refused),
        cmocka_unit_test(the_users_own_image_is_used_with_a_warning),
        cmocka_unit_test(the_users_own_image_must_be_of_the_architecture),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
