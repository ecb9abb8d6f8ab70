#include "unit.h"

#include "discovery/network.h"

#include "scripted_aws.h"

#define VPC(id)                                                                                              \
    "<DescribeVpcsResponse><vpcSet><item><vpcId>" id "</vpcId><isDefault>true</isDefault></item>"            \
    "</vpcSet></DescribeVpcsResponse>"
#define NO_VPC "<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>"

#define SUBNET_GIVING(public, id, vpc, zone, is_default, free_addresses)                                     \
    "<item><subnetId>" id "</subnetId><vpcId>" vpc "</vpcId><availabilityZone>" zone "</availabilityZone>"   \
    "<availabilityZoneId>id-of-" zone "</availabilityZoneId>"                                                \
    "<state>available</state><defaultForAz>" is_default "</defaultForAz>"                                    \
    "<mapPublicIpOnLaunch>" public "</mapPublicIpOnLaunch>"                                                  \
                                   "<availableIpAddressCount>" free_addresses                                \
                                   "</availableIpAddressCount></item>"
#define SUBNET(...) SUBNET_GIVING("true", __VA_ARGS__)
#define SUBNETS(items) "<DescribeSubnetsResponse><subnetSet>" items "</subnetSet></DescribeSubnetsResponse>"

#define GROUP(id, vpc)                                                                                       \
    "<DescribeSecurityGroupsResponse><securityGroupInfo><item><groupId>" id "</groupId><vpcId>" vpc          \
    "</vpcId></item></securityGroupInfo></DescribeSecurityGroupsResponse>"

#define OFFER(type, zone)                                                                                    \
    "<item><instanceType>" type                                                                              \
    "</instanceType><locationType>availability-zone</locationType><location>" zone "</location></item>"
#define OFFERINGS(items)                                                                                     \
    "<DescribeInstanceTypeOfferingsResponse><instanceTypeOfferingSet>" items                                 \
    "</instanceTypeOfferingSet></DescribeInstanceTypeOfferingsResponse>"

#define DEFAULT_VPC                                                                                          \
    {                                                                                                        \
        "Action=DescribeVpcs", 200, VPC("vpc-1"), 0                                                          \
    }
#define THREE_SUBNETS                                                                                        \
    {                                                                                                        \
        "Action=DescribeSubnets", 200,                                                                       \
            SUBNETS(SUBNET("subnet-own", "vpc-1", "us-east-1a", "false", "900")                              \
                        SUBNET("subnet-a", "vpc-1", "us-east-1a", "true", "90")                              \
                            SUBNET("subnet-b", "vpc-1", "us-east-1b", "true", "80")),                        \
            0                                                                                                \
    }
#define BOTH_OFFERED                                                                                         \
    {                                                                                                        \
        "Action=DescribeInstanceTypeOfferings", 200,                                                         \
            OFFERINGS(OFFER("m7i.large", "us-east-1a") OFFER("m7i.large", "us-east-1b")                      \
                          OFFER("c7g.large", "us-east-1b")),                                                 \
            0                                                                                                \
    }
#define CALLER                                                                                               \
    {                                                                                                        \
        "GET /who", 200, "127.0.0.1\n", 0                                                                    \
    }

static const char *const two_types[] = {"m7i.large", "c7g.large"};

/* Makes the plan; the request's address_url becomes /who of the server. Returns what network_plan_make did.
 */
static int plan_with(const struct script_rule *rules, size_t count, struct network_request request,
                     const char *const *types, size_t type_count, struct network_plan *plan,
                     struct scripted_aws *account, struct err *err)
{
    char url[128];
    scripted_aws_start(account, rules, count);
    snprintf(url, sizeof url, "%s/who", account->server.url);
    request.address_url = url;
    int result = network_plan_make(&account->client, &request, types, type_count, plan, err);
    scripted_aws_stop(account);
    return result;
}

static void assert_plan_fails(struct network_request request, enum err_kind kind, const char *says,
                              const struct script_rule *rules, size_t count)
{
    AUTO_NETWORK_PLAN struct network_plan plan = {0};
    struct scripted_aws account;
    struct err err = {0};
    assert_fails(plan_with(rules, count, request, two_types, 2, &plan, &account, &err), err, kind);
    if (!strstr(err.message, says))
        fail_msg("'%s' does not say '%s'", err.message, says);
}

#define REQUEST(...) ((struct network_request){__VA_ARGS__})
#define PLAN_FAILS(request, kind, says, ...)                                                                 \
    assert_plan_fails(request, kind, says, (const struct script_rule[]){__VA_ARGS__},                        \
                      ARRAY_LENGTH(((const struct script_rule[]){__VA_ARGS__})))

static void the_default_vpc_and_the_callers_address_are_found(void **state UNUSED)
{
    static const struct script_rule rules[] = {DEFAULT_VPC, THREE_SUBNETS, BOTH_OFFERED, CALLER};
    AUTO_NETWORK_PLAN struct network_plan plan = {0};
    struct scripted_aws account;
    struct err err = {0};
    assert_succeeds(plan_with(rules, ARRAY_LENGTH(rules), REQUEST(0), two_types, 2, &plan, &account, &err),
                    err);
    assert_string_equal(plan.vpc_id, "vpc-1");
    assert_string_equal(plan.security_group_id, "");
    assert_string_equal(plan.ssh_cidr, "127.0.0.1/32");
    assert_non_null(strstr(account.server.asked, "Filter.1.Name=is-default&Filter.1.Value.1=true"));
}

static void each_type_gets_one_subnet_for_each_zone_that_offers_it(void **state UNUSED)
{
    static const struct script_rule rules[] = {DEFAULT_VPC, THREE_SUBNETS, BOTH_OFFERED, CALLER};
    AUTO_NETWORK_PLAN struct network_plan plan = {0};
    struct scripted_aws account;
    struct err err = {0};
    assert_succeeds(plan_with(rules, ARRAY_LENGTH(rules), REQUEST(0), two_types, 2, &plan, &account, &err),
                    err);
    assert_int_equal(plan.type_count, 2);
    assert_string_equal(plan.types[0].instance_type, "m7i.large");
    assert_int_equal(plan.types[0].count, 2);
    assert_string_equal(plan.types[0].items[0].subnet_id,
                        "subnet-a"); /* the zone's default, not the roomier */
    assert_string_equal(plan.types[0].items[1].zone, "us-east-1b");
    assert_string_equal(plan.types[0].items[1].zone_id, "id-of-us-east-1b");
    assert_int_equal(plan.types[1].count, 1);
    assert_string_equal(plan.types[1].items[0].subnet_id, "subnet-b");
}

static void a_full_subnet_is_tried_last(void **state UNUSED)
{
    static const struct script_rule rules[] = {
        DEFAULT_VPC,
        {"Action=DescribeSubnets", 200,
         SUBNETS(SUBNET("subnet-a", "vpc-1", "us-east-1a", "true", "0")
                     SUBNET("subnet-b", "vpc-1", "us-east-1b", "false", "1")),
         0},
        BOTH_OFFERED,
        CALLER,
    };
    AUTO_NETWORK_PLAN struct network_plan plan = {0};
    struct scripted_aws account;
    struct err err = {0};
    assert_succeeds(plan_with(rules, ARRAY_LENGTH(rules), REQUEST(0), two_types, 1, &plan, &account, &err),
                    err);
    assert_string_equal(plan.types[0].items[0].subnet_id, "subnet-b");
    assert_string_equal(plan.types[0].items[1].subnet_id, "subnet-a");
}

static void a_subnet_that_gives_public_addresses_goes_before_a_roomier_one(void **state UNUSED)
{
    static const struct script_rule rules[] = {
        DEFAULT_VPC,
        {"Action=DescribeSubnets", 200,
         SUBNETS(SUBNET_GIVING("false", "subnet-private", "vpc-1", "us-east-1a", "false", "900")
                     SUBNET("subnet-public", "vpc-1", "us-east-1a", "false", "9")),
         0},
        BOTH_OFFERED,
        CALLER,
    };
    AUTO_NETWORK_PLAN struct network_plan plan = {0};
    struct scripted_aws account;
    struct err err = {0};
    assert_succeeds(plan_with(rules, ARRAY_LENGTH(rules), REQUEST(0), two_types, 1, &plan, &account, &err),
                    err);
    assert_int_equal(plan.types[0].count, 1);
    assert_string_equal(plan.types[0].items[0].subnet_id, "subnet-public");
}

static void a_type_that_no_zone_offers_stops_that_type_alone(void **state UNUSED)
{
    static const struct script_rule rules[] = {DEFAULT_VPC, THREE_SUBNETS, BOTH_OFFERED, CALLER};
    static const char *const types[] = {"p5.48xlarge", "m7i.large"};
    AUTO_NETWORK_PLAN struct network_plan plan = {0};
    struct scripted_aws account;
    struct err err = {0};
    assert_succeeds(plan_with(rules, ARRAY_LENGTH(rules), REQUEST(0), types, 2, &plan, &account, &err), err);
    assert_int_equal(plan.types[0].count, 0);
    assert_int_equal(plan.types[0].why_none.kind, ERR_UNSUPPORTED);
    assert_non_null(strstr(plan.types[0].why_none.message, "no zone of us-east-1 offers p5.48xlarge"));
    assert_int_equal(plan.types[1].count, 2);
}

static void a_named_subnet_in_a_zone_without_the_type_says_where_it_is_offered(void **state UNUSED)
{
    static const struct script_rule rules[] = {
        {"Action=DescribeSubnets", 200, SUBNETS(SUBNET("subnet-a", "vpc-1", "us-east-1a", "true", "90")), 0},
        BOTH_OFFERED,
        CALLER,
    };
    AUTO_NETWORK_PLAN struct network_plan plan = {0};
    struct scripted_aws account;
    struct err err = {0};
    assert_succeeds(plan_with(rules, ARRAY_LENGTH(rules), REQUEST(.subnet_id = "subnet-a"), two_types, 2,
                              &plan, &account, &err),
                    err);
    assert_int_equal(plan.types[0].count, 1);
    assert_int_equal(plan.types[1].count, 0);
    assert_string_equal(plan.types[1].why_none.message,
                        "c7g.large is offered in us-east-1b, but subnet subnet-a is in us-east-1a");
    assert_null(strstr(account.server.asked, "DescribeVpcs"));
}

static void a_named_group_needs_no_callers_address(void **state UNUSED)
{
    static const struct script_rule rules[] = {
        {"Action=DescribeSecurityGroups", 200, GROUP("sg-1", "vpc-1"), 0}, THREE_SUBNETS, BOTH_OFFERED};
    AUTO_NETWORK_PLAN struct network_plan plan = {0};
    struct scripted_aws account;
    struct err err = {0};
    assert_succeeds(plan_with(rules, ARRAY_LENGTH(rules), REQUEST(.security_group_id = "sg-1"), two_types, 2,
                              &plan, &account, &err),
                    err);
    assert_string_equal(plan.vpc_id, "vpc-1");
    assert_string_equal(plan.security_group_id, "sg-1");
    assert_string_equal(plan.ssh_cidr, "");
    assert_null(strstr(account.server.asked, "GET /who"));
}

static void a_named_network_is_not_asked_for(void **state UNUSED)
{
    static const struct script_rule rules[] = {DEFAULT_VPC, THREE_SUBNETS, BOTH_OFFERED};
    AUTO_NETWORK_PLAN struct network_plan plan = {0};
    struct scripted_aws account;
    struct err err = {0};
    assert_succeeds(plan_with(rules, ARRAY_LENGTH(rules), REQUEST(.ssh_cidr = "203.0.113.7"), two_types, 2,
                              &plan, &account, &err),
                    err);
    assert_string_equal(plan.ssh_cidr, "203.0.113.7/32");
    assert_null(strstr(account.server.asked, "GET /who"));
}

static void subnet_and_group_in_different_vpcs_are_both_named(void **state UNUSED)
{
    PLAN_FAILS(REQUEST(.subnet_id = "subnet-a", .security_group_id = "sg-2"), ERR_CONFIG,
               "subnet subnet-a is in vpc-1, but security group sg-2 is in vpc-2",
               {"DescribeSubnets", 200, SUBNETS(SUBNET("subnet-a", "vpc-1", "us-east-1a", "true", "9")), 0},
               {"DescribeSecurityGroups", 200, GROUP("sg-2", "vpc-2"), 0});
}

static void a_subnet_outside_the_wanted_vpc_is_refused(void **state UNUSED)
{
    PLAN_FAILS(REQUEST(.subnet_id = "subnet-a", .vpc_id = "vpc-9"), ERR_CONFIG, "vpc-1 and not in vpc-9",
               {"DescribeSubnets", 200, SUBNETS(SUBNET("subnet-a", "vpc-1", "us-east-1a", "true", "9")), 0});
}

static void without_a_default_vpc_it_says_what_to_do(void **state UNUSED)
{
    PLAN_FAILS(REQUEST(0), ERR_CONFIG, "create-default-vpc", {"DescribeVpcs", 200, NO_VPC, 0});
}

static void unknown_ids_are_named(void **state UNUSED)
{
    PLAN_FAILS(REQUEST(.subnet_id = "subnet-x"), ERR_CONFIG, "no subnet subnet-x",
               {"DescribeSubnets", 400, EC2_ERROR("InvalidSubnetID.NotFound"), 0});
    PLAN_FAILS(REQUEST(.subnet_id = "subnet-x"), ERR_CONFIG, "no subnet subnet-x",
               {"DescribeSubnets", 200, SUBNETS(""), 0});
    PLAN_FAILS(REQUEST(.security_group_id = "sg-x"), ERR_CONFIG, "no security group sg-x",
               {"DescribeSecurityGroups", 400, EC2_ERROR("InvalidGroup.NotFound"), 0});
}

static void a_missing_permission_stays_one(void **state UNUSED)
{
    PLAN_FAILS(REQUEST(.subnet_id = "subnet-x"), ERR_AUTH, "DescribeSubnets",
               {"DescribeSubnets", 403, EC2_ERROR("UnauthorizedOperation"), 0});
}

static void a_vpc_without_subnets_is_refused(void **state UNUSED)
{
    PLAN_FAILS(REQUEST(0), ERR_CONFIG, "vpc-1 has no subnet", DEFAULT_VPC,
               {"DescribeSubnets", 200, SUBNETS(""), 0});
}

static void an_answer_that_is_no_address_is_refused(void **state UNUSED)
{
    PLAN_FAILS(REQUEST(0), ERR_CONFIG, "--ssh-cidr", DEFAULT_VPC, THREE_SUBNETS, BOTH_OFFERED,
               {"GET /who", 200, "<html>10.0.0.1</html>", 0});
    PLAN_FAILS(REQUEST(0), ERR_CONFIG, "a private address", DEFAULT_VPC, THREE_SUBNETS, BOTH_OFFERED,
               {"GET /who", 200, "10.0.0.1", 0});
    PLAN_FAILS(REQUEST(0), ERR_NETWORK, "--ssh-cidr", DEFAULT_VPC, THREE_SUBNETS, BOTH_OFFERED,
               {"GET /who", 500, "", 0});
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
        cmocka_unit_test(the_default_vpc_and_the_callers_address_are_found),
        cmocka_unit_test(each_type_gets_one_subnet_for_each_zone_that_offers_it),
        cmocka_unit_test(a_full_subnet_is_tried_last),
        cmocka_unit_test(a_subnet_that_gives_public_addresses_goes_before_a_roomier_one),
        cmocka_unit_test(a_type_that_no_zone_offers_stops_that_type_alone),
        cmocka_unit_test(a_named_subnet_in_a_zone_without_the_type_says_where_it_is_offered),
        cmocka_unit_test(a_named_group_needs_no_callers_address),
        cmocka_unit_test(a_named_network_is_not_asked_for),
        cmocka_unit_test(subnet_and_group_in_different_vpcs_are_both_named),
        cmocka_unit_test(a_subnet_outside_the_wanted_vpc_is_refused),
        cmocka_unit_test(without_a_default_vpc_it_says_what_to_do),
        cmocka_unit_test(unknown_ids_are_named),
        cmocka_unit_test(a_missing_permission_stays_one),
        cmocka_unit_test(a_vpc_without_subnets_is_refused),
        cmocka_unit_test(an_answer_that_is_no_address_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
