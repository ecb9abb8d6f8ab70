#include "unit.h"

#include "orchestrator/cloud_ec2.h"

#include "scripted_aws.h"

#define FOUND                                                                                                \
    "<DescribeInstancesResponse><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId>"      \
    "<instanceState><name>running</name></instanceState></item></instancesSet></item></reservationSet>"      \
    "</DescribeInstancesResponse>"

#define OWN_GROUP                                                                                            \
    "<DescribeSecurityGroupsResponse><securityGroupInfo><item><groupId>sg-own</groupId><vpcId>vpc-1</vpcId>" \
    "</item></securityGroupInfo></DescribeSecurityGroupsResponse>"
#define AUTHORIZED                                                                                           \
    "<AuthorizeSecurityGroupIngressResponse><return>true</return></AuthorizeSecurityGroupIngressResponse>"

static void a_lost_machine_is_looked_for_until_ec2_answers(void **state UNUSED)
{
    WITH_SCRIPT({"Action=DescribeInstances", 503, EC2_ERROR("Unavailable"), 9},
                {"Action=DescribeInstances", 200, FOUND, 0});
    struct ec2_account account = {scripted.aws, &scripted.cancel};
    struct cloud cloud = cloud_ec2(&account);
    struct cloud_session *session = cloud.ops->open(cloud.context, &err);
    assert_non_null(session);
    const struct cloud_patience patience = {600, CANCEL_ABANDON};
    struct machine machine = {0};
    bool found = false;
    assert_succeeds(cloud.ops->find_by_token(session, "token", &patience, &found, &machine, &err), err);
    assert_true(found);
    assert_string_equal(machine.id, "i-1");
    cloud.ops->close(session);
}

static void a_security_group_whose_answers_are_lost_is_asked_for_until_its_id_is_known(void **state UNUSED)
{
    WITH_SCRIPT({"Action=CreateSecurityGroup", 503, EC2_ERROR("Unavailable"), 5},
                {"Action=CreateSecurityGroup", 400, EC2_ERROR("InvalidGroup.Duplicate"), 0},
                {"Action=DescribeSecurityGroups", 200, OWN_GROUP, 0},
                {"Action=AuthorizeSecurityGroupIngress", 200, AUTHORIZED, 0});
    struct ec2_account account = {scripted.aws, &scripted.cancel};
    struct cloud cloud = cloud_ec2(&account);
    struct cloud_session *session = cloud.ops->open(cloud.context, &err);
    assert_non_null(session);
    const struct cloud_patience patience = {60, CANCEL_ABANDON};
    char group[32];
    assert_succeeds(
        cloud.ops->open_access(session, "run-1", "vpc-1", "203.0.113.7/32", 22, &patience, group, &err), err);
    assert_string_equal(group, "sg-own");
    cloud.ops->close(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_machine_is_looked_for_until_ec2_answers),
        cmocka_unit_test(a_security_group_whose_answers_are_lost_is_asked_for_until_its_id_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
