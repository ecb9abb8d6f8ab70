#include "unit.h"

#include "orchestrator/cloud_ec2.h"

#include "scripted_aws.h"

#define FOUND                                                                                                \
    "<DescribeInstancesResponse><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId>"      \
    "<instanceState><name>running</name></instanceState></item></instancesSet></item></reservationSet>"      \
    "</DescribeInstancesResponse>"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_machine_is_looked_for_until_ec2_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
