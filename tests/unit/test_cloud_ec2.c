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
    const struct access_order order = {"run-1", "vpc-1", "203.0.113.7/32", 22, 600};
    assert_succeeds(cloud.ops->open_access(session, &order, &patience, group, &err), err);
    assert_string_equal(group, "sg-own");
    cloud.ops->close(session);
}

/* What follows the tag's name in the request of that number: its value. */
static const char *lease_tag(const struct scripted_aws *scripted, size_t number)
{
    const char *key =
        strstr(script_request(&scripted->server, number), "aws-benchmark-collector%3Alease-until");
    assert_non_null(key);
    return strstr(key, "Value=");
}

static void a_lease_is_on_machines_and_group_until_they_have_ended(void **state UNUSED)
{
    WITH_SCRIPT({"Action=DescribeInstances", 200, FOUND, 0},
                {"Action=CreateTags", 400, EC2_ERROR("InvalidInstanceID.NotFound"), 2},
                {"Action=CreateTags", 200, "<R/>", 2},
                {"Action=CreateTags", 400, EC2_ERROR("UnauthorizedOperation"), 0});
    struct ec2_account account = {scripted.aws, &scripted.cancel};
    struct cloud cloud = cloud_ec2(&account);
    struct cloud_session *session = cloud.ops->open(cloud.context, &err);
    assert_non_null(session);
    const struct cloud_patience patience = {600, CANCEL_ABANDON};
    assert_succeeds(cloud.ops->renew_lease(session, "run-1", "sg-1", 600, &patience, &err), err);
    assert_non_null(strstr(script_request(&scripted.server, 1), "&ResourceId.1=i-1&ResourceId.2=sg-1&Tag.1"));
    assert_int_equal(strncmp(lease_tag(&scripted, 1), "Value=2027-01-15T08%3A10%3A00Z", 30), 0);
    assert_non_null(strstr(script_request(&scripted.server, 3), "&ResourceId.1=sg-1&Tag.1"));
    assert_succeeds(cloud.ops->renew_lease(session, "run-1", "", 600, &patience, &err), err);
    assert_null(strstr(script_request(&scripted.server, 5), "ResourceId.2"));
    assert_fails(cloud.ops->renew_lease(session, "run-1", "", 600, &patience, &err), err, ERR_AUTH);
    cloud.ops->close(session);
}

static void a_launch_and_a_group_begin_with_a_lease(void **state UNUSED)
{
    WITH_SCRIPT({"Action=CreateSecurityGroup", 200, "<R><groupId>sg-1</groupId></R>", 0},
                {"Action=AuthorizeSecurityGroupIngress", 200, AUTHORIZED, 0});
    struct ec2_account account = {scripted.aws, &scripted.cancel};
    struct cloud cloud = cloud_ec2(&account);
    struct cloud_session *session = cloud.ops->open(cloud.context, &err);
    assert_non_null(session);
    const struct cloud_patience patience = {600, CANCEL_ABANDON};
    const struct access_order access = {"run-1", "vpc-1", "203.0.113.7/32", 22, 60};
    const struct launch_order launch = {.run_id = "run-1",
                                        .token = "t",
                                        .name = "n",
                                        .instance_type = "m7i.large",
                                        .image_id = "ami-1",
                                        .subnet_id = "subnet-1",
                                        .security_group_id = "sg-1",
                                        .user_data = "#",
                                        .deadline = "2027-01-15T09:00:00Z",
                                        .lease_seconds = 90};
    char group[32];
    AUTO_STRBUF struct strbuf request = STRBUF_INIT(65536);
    assert_succeeds(cloud.ops->open_access(session, &access, &patience, group, &err), err);
    assert_int_equal(strncmp(lease_tag(&scripted, 0), "Value=2027-01-15T08%3A01%3A00Z", 30), 0);
    assert_succeeds(cloud.ops->encode_launch(session, &launch, &request, &err), err);
    size_t tagged = 0;
    for (const char *at = strbuf_text(&request); (at = strstr(at, "lease-until")); at++, tagged++)
        assert_int_equal(strncmp(strstr(at, "Value="), "Value=2027-01-15T08%3A01%3A30Z", 30), 0);
    assert_int_equal(tagged, 3); /* instance, volumes, interfaces */
    cloud.ops->close(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_machine_is_looked_for_until_ec2_answers),
        cmocka_unit_test(a_security_group_whose_answers_are_lost_is_asked_for_until_its_id_is_known),
        cmocka_unit_test(a_lease_is_on_machines_and_group_until_they_have_ended),
        cmocka_unit_test(a_launch_and_a_group_begin_with_a_lease),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
