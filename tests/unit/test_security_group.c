#include "unit.h"

#include "discovery/security_group.h"

#include "scripted_aws.h"

#define CREATED                                                                                              \
    "<CreateSecurityGroupResponse><return>true</return><groupId>sg-1</groupId></"                            \
    "CreateSecurityGroupResponse>"
#define AUTHORIZED                                                                                           \
    "<AuthorizeSecurityGroupIngressResponse><return>true</return></AuthorizeSecurityGroupIngressResponse>"
#define DELETED "<DeleteSecurityGroupResponse><return>true</return></DeleteSecurityGroupResponse>"
#define OWN                                                                                                  \
    "<DescribeSecurityGroupsResponse><securityGroupInfo><item><groupId>sg-own</groupId><vpcId>vpc-1</vpcId>" \
    "</item></securityGroupInfo></DescribeSecurityGroupsResponse>"
#define NONE "<DescribeSecurityGroupsResponse><securityGroupInfo/></DescribeSecurityGroupsResponse>"

static int create(struct scripted_aws *account, char id[EC2_ID_SIZE], struct err *err)
{
    const struct security_group_order order = {"run-7", "vpc-1", "203.0.113.7/32", 2222,
                                               "2026-11-20T15:30:45Z"};
    int result = security_group_create(&account->client, &order, id, err);
    scripted_aws_stop(account);
    return result;
}

static void assert_asked(const struct scripted_aws *account, const char *words)
{
    if (!strstr(account->server.asked, words))
        fail_msg("'%s' was not asked: %s", words, account->server.asked);
}

static void it_lets_in_one_network_to_one_port_and_is_tagged(void **state UNUSED)
{
    SCRIPTED_AWS(account, {"Action=CreateSecurityGroup", 200, CREATED, 0},
                 {"Action=AuthorizeSecurityGroupIngress", 200, AUTHORIZED, 0});
    char id[EC2_ID_SIZE];
    struct err err = {0};
    assert_succeeds(create(&account, id, &err), err);
    assert_string_equal(id, "sg-1");
    assert_asked(&account, "GroupName=aws-benchmark-collector-run-7");
    assert_asked(&account, "VpcId=vpc-1");
    assert_asked(&account, "Key=aws-benchmark-collector%3Arun-id");
    assert_asked(&account, "Value=run-7");
    assert_asked(&account, "CidrIp=203.0.113.7%2F32");
    assert_asked(&account, "FromPort=2222");
    assert_asked(&account, "ToPort=2222");
    assert_int_equal(account.server.request_count, 2);
}

static void a_group_whose_answer_was_lost_is_taken(void **state UNUSED)
{
    SCRIPTED_AWS(account, {"Action=CreateSecurityGroup", 400, EC2_ERROR("InvalidGroup.Duplicate"), 0},
                 {"Action=DescribeSecurityGroups", 200, OWN, 0},
                 {"Action=AuthorizeSecurityGroupIngress", 400, EC2_ERROR("InvalidPermission.Duplicate"), 0});
    char id[EC2_ID_SIZE];
    struct err err = {0};
    assert_succeeds(create(&account, id, &err), err);
    assert_string_equal(id, "sg-own");
    assert_asked(&account, "tag%3Aaws-benchmark-collector%3Arun-id");
}

static void a_group_of_that_name_that_is_not_the_runs_is_not_touched(void **state UNUSED)
{
    SCRIPTED_AWS(account, {"Action=CreateSecurityGroup", 400, EC2_ERROR("InvalidGroup.Duplicate"), 0},
                 {"Action=DescribeSecurityGroups", 200, NONE, 0});
    char id[EC2_ID_SIZE];
    struct err err = {0};
    assert_fails(create(&account, id, &err), err, ERR_EXISTS);
    assert_string_equal(id, "");
}

static void a_group_that_could_not_be_opened_is_named(void **state UNUSED)
{
    SCRIPTED_AWS(account, {"Action=CreateSecurityGroup", 200, CREATED, 0},
                 {"Action=AuthorizeSecurityGroupIngress", 403, EC2_ERROR("UnauthorizedOperation"), 0});
    char id[EC2_ID_SIZE];
    struct err err = {0};
    assert_fails(create(&account, id, &err), err, ERR_AUTH);
    assert_string_equal(id, "sg-1");
    assert_non_null(strstr(err.message, "sg-1 was made but not opened"));
}

static void a_group_that_is_not_seen_at_once_is_waited_for(void **state UNUSED)
{
    SCRIPTED_AWS(account, {"Action=CreateSecurityGroup", 200, CREATED, 0},
                 {"Action=AuthorizeSecurityGroupIngress", 400, EC2_ERROR("InvalidGroup.NotFound"), 1},
                 {"Action=AuthorizeSecurityGroupIngress", 200, AUTHORIZED, 0});
    char id[EC2_ID_SIZE];
    struct err err = {0};
    assert_succeeds(create(&account, id, &err), err);
    assert_int_equal(account.server.request_count, 3);
}

/* A clock that only sleeping moves on. */
struct test_clock {
    double now;
    struct cancel *cancel; /* is requested by the first sleep; or NULL */
};

static double test_now(void *context)
{
    return ((struct test_clock *)context)->now;
}

static int test_sleep(void *context, double seconds, const struct cancel *cancel, enum cancel_level from,
                      struct err *err)
{
    struct test_clock *clock = context;
    clock->now += seconds;
    if (clock->cancel)
        cancel_request(clock->cancel, CANCEL_ABANDON, 0);
    return cancel ? cancel_check(cancel, from, err) : 0;
}

static int delete_group(struct scripted_aws *account, struct test_clock *time, double deadline,
                        struct err *err)
{
    const struct clock clock = {test_now, test_now, test_sleep, time};
    account->client.policy.stop_at = CANCEL_ABANDON;
    account->client.policy.deadline = deadline;
    int result = security_group_delete(&account->client, "sg-1", &clock, time->cancel, err);
    scripted_aws_stop(account);
    return result;
}

static void a_group_in_use_is_deleted_when_it_is_free(void **state UNUSED)
{
    SCRIPTED_AWS(account, {"Action=DeleteSecurityGroup", 400, EC2_ERROR("DependencyViolation"), 5},
                 {"Action=DeleteSecurityGroup", 200, DELETED, 0});
    struct test_clock time = {.now = 1};
    struct err err = {0};
    assert_succeeds(delete_group(&account, &time, 0, &err), err);
    assert_int_equal(account.server.request_count, 6);
    assert_asked(&account, "GroupId=sg-1");
}

static void a_group_that_is_gone_is_a_success(void **state UNUSED)
{
    SCRIPTED_AWS(account, {"Action=DeleteSecurityGroup", 400, EC2_ERROR("InvalidGroup.NotFound"), 0});
    struct test_clock time = {.now = 1};
    struct err err = {0};
    assert_succeeds(delete_group(&account, &time, 0, &err), err);
}

static void waiting_ends_at_the_deadline(void **state UNUSED)
{
    SCRIPTED_AWS(account, {"Action=DeleteSecurityGroup", 400, EC2_ERROR("DependencyViolation"), 0});
    struct clock machine = clock_system();
    double now = clock_monotonic(&machine);
    struct test_clock time = {.now = now};
    struct err err = {0};
    assert_fails(delete_group(&account, &time, now + 100, &err), err, ERR_EXISTS);
    assert_true(time.now <= now + 100 && time.now > now + 80);
    assert_non_null(strstr(err.message, "sg-1"));
    assert_string_equal(err.code, "DependencyViolation");
}

static void what_waiting_does_not_help_is_told_at_once(void **state UNUSED)
{
    SCRIPTED_AWS(account, {"Action=DeleteSecurityGroup", 403, EC2_ERROR("UnauthorizedOperation"), 0});
    struct test_clock time = {.now = 1};
    struct err err = {0};
    assert_fails(delete_group(&account, &time, 0, &err), err, ERR_AUTH);
    assert_int_equal(account.server.request_count, 1);
}

static void waiting_ends_when_the_user_abandons(void **state UNUSED)
{
    SCRIPTED_AWS(account, {"Action=DeleteSecurityGroup", 400, EC2_ERROR("DependencyViolation"), 0});
    struct cancel cancel;
    struct err err = {0};
    assert_succeeds(cancel_init(&cancel, &err), err);
    struct test_clock time = {.now = 1, .cancel = &cancel};
    assert_fails(delete_group(&account, &time, 0, &err), err, ERR_CANCELLED);
    assert_non_null(strstr(err.message, "sg-1 is still in use"));
    cancel_destroy(&cancel);
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
        cmocka_unit_test(it_lets_in_one_network_to_one_port_and_is_tagged),
        cmocka_unit_test(a_group_whose_answer_was_lost_is_taken),
        cmocka_unit_test(a_group_of_that_name_that_is_not_the_runs_is_not_touched),
        cmocka_unit_test(a_group_that_could_not_be_opened_is_named),
        cmocka_unit_test(a_group_that_is_not_seen_at_once_is_waited_for),
        cmocka_unit_test(a_group_in_use_is_deleted_when_it_is_free),
        cmocka_unit_test(a_group_that_is_gone_is_a_success),
        cmocka_unit_test(waiting_ends_at_the_deadline),
        cmocka_unit_test(what_waiting_does_not_help_is_told_at_once),
        cmocka_unit_test(waiting_ends_when_the_user_abandons),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
