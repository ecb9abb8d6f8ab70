#include "unit.h"

#include "orchestrator/planner.h"

#include "scripted_aws.h"

#define TYPE(name, architecture)                                                                             \
    "<item><instanceType>" name "</instanceType><processorInfo><supportedArchitectures><item>" architecture  \
    "</item></supportedArchitectures></processorInfo></item>"
#define OFFER(type) "<item><instanceType>" type "</instanceType><location>us-east-1a</location></item>"

static const struct script_rule account_rules[] = {
    {"Action=DescribeInstanceTypes&", 200,
     "<DescribeInstanceTypesResponse><instanceTypeSet>" TYPE("m7i.large", "arm64")
         TYPE("m7a.large", "x86_64") "</instanceTypeSet></DescribeInstanceTypesResponse>",
     0},
    {"Action=DescribeSubnets", 200,
     "<DescribeSubnetsResponse><subnetSet><item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>"
     "<availabilityZone>us-east-1a</availabilityZone></item></subnetSet></DescribeSubnetsResponse>",
     0},
    {"Action=DescribeInstanceTypeOfferings", 200,
     "<DescribeInstanceTypeOfferingsResponse><instanceTypeOfferingSet>" OFFER("m7i.large")
         OFFER("m7a.large") "</instanceTypeOfferingSet></DescribeInstanceTypeOfferingsResponse>",
     0},
    {"GetParameter", 200, "{\"Parameter\":{\"Value\":\"ami-0a1\"}}", 0},
    {"Action=DescribeImages", 200,
     "<DescribeImagesResponse><imagesSet><item><imageId>ami-0a1</imageId><imageState>available</imageState>"
     "<imageOwnerAlias>amazon</imageOwnerAlias><architecture>x86_64</architecture></item></imagesSet>"
     "</DescribeImagesResponse>",
     0},
};

static void a_type_about_which_ec2_and_its_name_disagree_is_refused_alone(void **state UNUSED)
{
    static const char *const words[] = {"m7i.large", "m7a.large"};
    const struct plan_request request = {
        .words = words,
        .word_count = ARRAY_LENGTH(words),
        .network = {.subnet_id = "subnet-1", .ssh_cidr = "203.0.113.7"},
    };
    struct scripted_aws account;
    CLEANUP(plan_free) struct plan plan = {0};
    struct err err = {0};
    scripted_aws_start(&account, account_rules, ARRAY_LENGTH(account_rules));
    assert_succeeds(plan_make(&account.client, &request, 0, NULL, &plan, &err), err);
    scripted_aws_stop(&account);
    assert_int_equal(plan.job_count, 2);
    assert_int_equal(plan.jobs[0].refused.kind, ERR_UNSUPPORTED);
    assert_non_null(strstr(plan.jobs[0].refused.message, "EC2 says that m7i.large is arm64"));
    assert_int_equal(plan.jobs[1].refused.kind, ERR_NONE);
    assert_string_equal(plan.jobs[1].image_id, "ami-0a1");
    assert_null(strstr(account.server.asked, "arm64")); /* no image was looked for on its behalf */
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
        cmocka_unit_test(a_type_about_which_ec2_and_its_name_disagree_is_refused_alone),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
