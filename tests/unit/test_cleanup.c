/* Removing what is left: in which order, until when, and what becomes of failures. */
#include "unit.h"

#include "scripted_aws.h"

#include "orchestrator/cleanup.h"

#define RUN "20270115T070000Z-abcdef"
#define TAGS                                                                                                 \
    "<tagSet><item><key>aws-benchmark-collector</key><value>1</value></item><item>"                          \
    "<key>aws-benchmark-collector:run-id</key><value>" RUN "</value></item></tagSet>"
#define INSTANCE(state)                                                                                      \
    "<R><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId><instanceState><name>" state   \
    "</name></instanceState>" TAGS "</item></instancesSet></item></reservationSet></R>"
#define VOLUME(state, instance)                                                                              \
    "<R><volumeSet><item><volumeId>vol-1</volumeId><status>" state                                           \
    "</status><attachmentSet><item><instanceId>" instance "</instanceId></item></attachmentSet>" TAGS        \
    "</item></volumeSet></R>"
#define GROUP "<R><securityGroupInfo><item><groupId>sg-1</groupId>" TAGS "</item></securityGroupInfo></R>"
#define SPOT(state)                                                                                          \
    "<R><spotInstanceRequestSet><item><spotInstanceRequestId>sir-1</spotInstanceRequestId><state>" state     \
    "</state>" TAGS "</item></spotInstanceRequestSet></R>"

static const struct leftover_terms terms = {.account = "123456789012", .now = (int64_t)SCRIPTED_TIME};

/* Finds, removes, and gives the list as it is then. */
static int clean(struct scripted_aws *scripted, double deadline, struct leftovers *list, struct err *err)
{
    struct cleanup_place place = {.client = &scripted->client};
    const struct cleanup_order order = {.places = &place,
                                        .place_count = 1,
                                        .terms = &terms,
                                        .deadline = deadline,
                                        .clock = scripted->clock,
                                        .cancel = &scripted->cancel,
                                        .log = &scripted->log};
    if (cleanup_find(&order, list, err) < 0)
        return -1;
    return cleanup_remove(&order, list, err);
}

/* Where in the requests the words stand for the first time. */
static size_t first(const struct scripted_aws *scripted, const char *words)
{
    for (size_t i = 0; i < scripted->server.request_count; i++)
        if (strstr(script_request(&scripted->server, i), words))
            return i;
    fail_msg("nobody asked for %s", words);
    return 0;
}

static size_t times(const struct scripted_aws *scripted, const char *words)
{
    size_t count = 0;
    for (size_t i = 0; i < scripted->server.request_count; i++)
        count += strstr(script_request(&scripted->server, i), words) != NULL;
    return count;
}

static void what_machines_hold_is_removed_when_they_have_ended(void **state UNUSED)
{
    WITH_SCRIPT({"Action=DescribeSpotInstanceRequests", 200, SPOT("active"), 1},
                {"Action=DescribeSpotInstanceRequests", 200, SPOT("cancelled")},
                {"Action=DescribeInstances", 200, INSTANCE("running"), 1},
                {"Action=DescribeInstances", 200, INSTANCE("shutting-down"), 2},
                {"Action=DescribeInstances", 200, INSTANCE("terminated")},
                {"Action=DescribeVolumes", 200, VOLUME("in-use", "i-1"), 4},
                {"Action=DescribeVolumes", 200, VOLUME("available", ""), 1},
                {"Action=DescribeSecurityGroups", 200, GROUP, 5},
                {"Action=DeleteSecurityGroup", 400, EC2_ERROR("DependencyViolation"), 1},
                {NULL, 200, "<R/>"});
    AUTO_LEFTOVERS struct leftovers list = {0};
    assert_succeeds(clean(&scripted, 600, &list, &err), err);
    assert_int_equal(leftovers_count(&list, LEFTOVER_REMOVE), 0);
    assert_int_equal(leftovers_count(&list, LEFTOVER_REMOVED), 4);
    assert_int_equal(times(&scripted, "Action=TerminateInstances"), 1);
    assert_int_equal(times(&scripted, "Action=DeleteSecurityGroup"), 2);
    assert_int_equal(times(&scripted, "Action=DeleteVolume"), 1);
    assert_true(first(&scripted, "Action=CancelSpotInstanceRequests") <
                first(&scripted, "Action=TerminateInstances"));
    assert_true(first(&scripted, "Action=TerminateInstances") <
                first(&scripted, "Action=DeleteSecurityGroup"));
}

static void what_stays_in_use_is_left_at_the_deadline_with_the_reason(void **state UNUSED)
{
    WITH_SCRIPT({"Action=DescribeSecurityGroups", 200, GROUP},
                {"Action=DeleteSecurityGroup", 400, EC2_ERROR("DependencyViolation")}, {NULL, 200, "<R/>"});
    AUTO_LEFTOVERS struct leftovers list = {0};
    assert_succeeds(clean(&scripted, 30, &list, &err), err);
    assert_int_equal(list.items[0].fate, LEFTOVER_REMOVE);
    assert_non_null(strstr(list.items[0].why, "DependencyViolation"));
    assert_true(scripted.now > 20 && scripted.now <= 30);
}

static void what_no_other_try_would_remove_is_not_waited_for(void **state UNUSED)
{
    WITH_SCRIPT({"Action=DescribeInstances", 200, INSTANCE("running")},
                {"Action=TerminateInstances", 403, EC2_ERROR("UnauthorizedOperation")}, {NULL, 200, "<R/>"});
    AUTO_LEFTOVERS struct leftovers list = {0};
    assert_succeeds(clean(&scripted, 600, &list, &err), err);
    assert_int_equal(leftovers_count(&list, LEFTOVER_REMOVE), 1);
    assert_non_null(strstr(list.items[0].why, "UnauthorizedOperation"));
    assert_true(scripted.now < 10);
}

static void what_is_gone_already_is_removed(void **state UNUSED)
{
    WITH_SCRIPT({"Action=DescribeSecurityGroups", 200, GROUP, 1},
                {"Action=DeleteSecurityGroup", 400, EC2_ERROR("InvalidGroup.NotFound")}, {NULL, 200, "<R/>"});
    AUTO_LEFTOVERS struct leftovers list = {0};
    assert_succeeds(clean(&scripted, 600, &list, &err), err);
    assert_int_equal(leftovers_count(&list, LEFTOVER_REMOVED), 1);
    assert_string_equal(list.items[0].why, "");
}

static void a_place_that_can_not_be_looked_at_is_not_touched(void **state UNUSED)
{
    WITH_SCRIPT({"Action=DescribeInstances", 200, INSTANCE("running")},
                {"Action=DescribeKeyPairs", 403, EC2_ERROR("UnauthorizedOperation")}, {NULL, 200, "<R/>"});
    AUTO_LEFTOVERS struct leftovers list = {0};
    assert_fails(clean(&scripted, 600, &list, &err), err, ERR_AUTH);
    assert_non_null(strstr(err.message, "us-east-1"));
    assert_int_equal(list.count, 0);
    assert_int_equal(times(&scripted, "Action=TerminateInstances"), 0);
}

static void an_interruption_leaves_the_rest_for_the_next_time(void **state UNUSED)
{
    WITH_SCRIPT({"Action=DescribeInstances", 200, INSTANCE("running")}, {NULL, 200, "<R/>"});
    AUTO_LEFTOVERS struct leftovers list = {0};
    struct cleanup_place place = {.client = &scripted.client};
    const struct cleanup_order order = {&place,       1, &terms, 600, scripted.clock, &scripted.cancel,
                                        &scripted.log};
    assert_succeeds(cleanup_find(&order, &list, &err), err);
    cancel_request(&scripted.cancel, CANCEL_DRAIN, 2);
    assert_fails(cleanup_remove(&order, &list, &err), err, ERR_CANCELLED);
    assert_int_equal(leftovers_count(&list, LEFTOVER_REMOVE), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_machines_hold_is_removed_when_they_have_ended),
        cmocka_unit_test(what_stays_in_use_is_left_at_the_deadline_with_the_reason),
        cmocka_unit_test(what_no_other_try_would_remove_is_not_waited_for),
        cmocka_unit_test(what_is_gone_already_is_removed),
        cmocka_unit_test(a_place_that_can_not_be_looked_at_is_not_touched),
        cmocka_unit_test(an_interruption_leaves_the_rest_for_the_next_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
