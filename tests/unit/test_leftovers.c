/* What is found of earlier runs, and which of it may be removed. */
#include "unit.h"

#include "scripted_aws.h"

#include "orchestrator/leftovers.h"

#define RUN "20270115T070000Z-abcdef" /* an hour before SCRIPTED_TIME */
#define OTHER_RUN "20270115T070000Z-other0"
#define NOW ((int64_t)SCRIPTED_TIME)

#define TAG(key, value) "<item><key>" key "</key><value>" value "</value></item>"
#define TAGS(run, more)                                                                                      \
    "<tagSet>" TAG("aws-benchmark-collector", "0.1.0") TAG("aws-benchmark-collector:run-id", run) more       \
        "</tagSet>"
#define LEASE(time) TAG("aws-benchmark-collector:lease-until", time)
#define DEADLINE(time) TAG("aws-benchmark-collector:deadline", time)

#define INSTANCE(id, state, tags)                                                                            \
    "<item><instanceId>" id "</instanceId><instanceState><name>" state "</name></instanceState>"             \
    "<launchTime>2027-01-15T07:30:00Z</launchTime><clientToken>t-" id "</clientToken>" tags "</item>"
#define INSTANCES(items)                                                                                     \
    "<R><reservationSet><item><instancesSet>" items "</instancesSet></item></reservationSet></R>"
#define VOLUME(id, state, instance, tags)                                                                    \
    "<item><volumeId>" id "</volumeId><status>" state                                                        \
    "</status><createTime>2027-01-15T07:30:00Z</createTime><attachmentSet><item><instanceId>" instance       \
    "</instanceId></item></attachmentSet>" tags "</item>"
#define VOLUMES(items) "<R><volumeSet>" items "</volumeSet></R>"
#define GROUP(id, owner, tags) "<item><groupId>" id "</groupId><ownerId>" owner "</ownerId>" tags "</item>"
#define GROUPS(items) "<R><securityGroupInfo>" items "</securityGroupInfo></R>"
#define OURS "123456789012"

#define NOTHING_ELSE                                                                                         \
    {                                                                                                        \
        NULL, 200, "<R/>", 0                                                                                 \
    }

static const struct leftover_terms no_terms = {.account = OURS, .now = NOW};

static int find(struct scripted_aws *scripted, struct leftovers *list, const struct leftover_terms *terms,
                struct err *err)
{
    if (leftovers_find(&scripted->client, list, err) < 0)
        return -1;
    leftovers_decide(list, terms);
    return 0;
}

static const struct leftover *item(const struct leftovers *list, const char *id)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].id, id) == 0)
            return &list->items[i];
    fail_msg("%s was not found", id);
    return NULL;
}

static enum leftover_fate fate(const struct leftovers *list, const char *id)
{
    return item(list, id)->fate;
}

static void what_a_dead_run_has_left_is_to_be_removed(void **state UNUSED)
{
    WITH_SCRIPT({"Action=DescribeInstances", 200,
                 INSTANCES(INSTANCE("i-1", "running", TAGS(RUN, LEASE("2027-01-15T07:59:59Z"))) INSTANCE(
                     "i-2", "terminated", TAGS(RUN, "")) INSTANCE("i-3", "stopped", TAGS(RUN, "")))},
                {"Action=DescribeVolumes", 200, VOLUMES(VOLUME("vol-1", "available", "", TAGS(RUN, "")))},
                {"Action=DescribeSecurityGroups", 200, GROUPS(GROUP("sg-1", OURS, TAGS(RUN, "")))},
                NOTHING_ELSE);
    AUTO_LEFTOVERS struct leftovers list = {0};
    assert_succeeds(find(&scripted, &list, &no_terms, &err), err);
    assert_int_equal(list.count, 5);
    assert_int_equal(fate(&list, "i-1"), LEFTOVER_REMOVE);
    assert_int_equal(fate(&list, "i-2"), LEFTOVER_OVER);
    assert_int_equal(fate(&list, "i-3"), LEFTOVER_REMOVE);
    assert_int_equal(fate(&list, "vol-1"), LEFTOVER_REMOVE);
    assert_int_equal(fate(&list, "sg-1"), LEFTOVER_REMOVE);
    assert_int_equal(item(&list, "i-1")->created, NOW - 1800);
    assert_int_equal(item(&list, "sg-1")->created, NOW - 3600);
    assert_string_equal(item(&list, "i-1")->token, "t-i-1");
    assert_non_null(strstr(script_request(&scripted.server, 0),
                           "Name=tag-key&Filter.1.Value.1=aws-benchmark-collector&"));
}

static void the_latest_lease_of_a_run_keeps_all_of_it(void **state UNUSED)
{
    WITH_SCRIPT({"Action=DescribeInstances", 200,
                 INSTANCES(INSTANCE("i-1", "terminated", TAGS(RUN, LEASE("2027-01-15T08:00:01Z")))
                               INSTANCE("i-2", "running", TAGS(RUN, LEASE("2027-01-15T07:50:00Z")))
                                   INSTANCE("i-3", "running", TAGS(OTHER_RUN, "")))},
                {"Action=DescribeSecurityGroups", 200, GROUPS(GROUP("sg-1", OURS, TAGS(RUN, "")))},
                NOTHING_ELSE);
    AUTO_LEFTOVERS struct leftovers list = {0};
    struct leftover_terms terms = no_terms;
    assert_succeeds(find(&scripted, &list, &terms, &err), err);
    assert_int_equal(fate(&list, "i-2"), LEFTOVER_KEEP);
    assert_string_equal(item(&list, "i-2")->why, "its run may be live until 2027-01-15T08:00:01Z");
    assert_int_equal(fate(&list, "sg-1"), LEFTOVER_KEEP);
    assert_int_equal(fate(&list, "i-3"), LEFTOVER_REMOVE);
    terms.now += 2;
    leftovers_decide(&list, &terms);
    assert_int_equal(fate(&list, "i-2"), LEFTOVER_REMOVE);
    assert_int_equal(fate(&list, "sg-1"), LEFTOVER_REMOVE);
}

static void without_a_lease_the_deadline_stands_for_it(void **state UNUSED)
{
    WITH_SCRIPT({"Action=DescribeInstances", 200,
                 INSTANCES(INSTANCE("i-1", "running", TAGS(RUN, DEADLINE("2027-01-15T09:00:00Z"))) INSTANCE(
                     "i-2", "running",
                     TAGS(OTHER_RUN, DEADLINE("2027-01-15T09:00:00Z") LEASE("2027-01-15T07:00:00Z"))))},
                NOTHING_ELSE);
    AUTO_LEFTOVERS struct leftovers list = {0};
    assert_succeeds(find(&scripted, &list, &no_terms, &err), err);
    assert_int_equal(fate(&list, "i-1"), LEFTOVER_KEEP);
    assert_int_equal(fate(&list, "i-2"), LEFTOVER_REMOVE);
}

static void a_run_that_is_named_loses_its_lease_and_others_are_not_spoken_of(void **state UNUSED)
{
    WITH_SCRIPT({"Action=DescribeInstances", 200,
                 INSTANCES(INSTANCE("i-1", "running", TAGS(RUN, LEASE("2027-01-15T08:10:00Z")))
                               INSTANCE("i-2", "running", TAGS(OTHER_RUN, "")))},
                NOTHING_ELSE);
    AUTO_LEFTOVERS struct leftovers list = {0};
    struct leftover_terms terms = no_terms;
    terms.only_run = RUN;
    assert_succeeds(find(&scripted, &list, &terms, &err), err);
    assert_int_equal(fate(&list, "i-1"), LEFTOVER_REMOVE);
    assert_int_equal(fate(&list, "i-2"), LEFTOVER_OVER);
}

static enum run_here say_where(void *context UNUSED, const char *run_id)
{
    return strcmp(run_id, RUN) == 0 ? RUN_DEAD_HERE : RUN_LIVE_HERE;
}

static void a_journal_here_counts_more_than_a_lease(void **state UNUSED)
{
    WITH_SCRIPT({"Action=DescribeInstances", 200,
                 INSTANCES(INSTANCE("i-1", "running", TAGS(RUN, LEASE("2027-01-15T08:10:00Z")))
                               INSTANCE("i-2", "running", TAGS(OTHER_RUN, "")))},
                NOTHING_ELSE);
    AUTO_LEFTOVERS struct leftovers list = {0};
    struct leftover_terms terms = no_terms;
    terms.run_here = say_where;
    assert_succeeds(find(&scripted, &list, &terms, &err), err);
    assert_int_equal(fate(&list, "i-1"), LEFTOVER_REMOVE);
    assert_int_equal(fate(&list, "i-2"), LEFTOVER_KEEP);
    terms.only_run = OTHER_RUN;
    leftovers_decide(&list, &terms);
    assert_int_equal(fate(&list, "i-2"), LEFTOVER_KEEP);
}

static void what_is_not_known_to_be_ours_is_kept(void **state UNUSED)
{
    WITH_SCRIPT(
        {"Action=DescribeInstances", 200,
         INSTANCES(INSTANCE("i-1", "running", "<tagSet>" TAG("aws-benchmark-collector", "") "</tagSet>")
                       INSTANCE("i-2", "running", TAGS("../etc", ""))
                           INSTANCE("i-3", "running", TAGS("production", "")))},
        {"Action=DescribeVolumes", 200, VOLUMES(VOLUME("vol-1", "in-use", "i-stranger", TAGS(RUN, "")))},
        {"Action=DescribeSecurityGroups", 200,
         GROUPS(GROUP("sg-1", "210987654321", TAGS(RUN, "")) GROUP("sg-2", "", TAGS(RUN, "")))},
        NOTHING_ELSE);
    AUTO_LEFTOVERS struct leftovers list = {0};
    assert_succeeds(find(&scripted, &list, &no_terms, &err), err);
    assert_int_equal(fate(&list, "i-1"), LEFTOVER_KEEP);
    assert_int_equal(fate(&list, "i-2"), LEFTOVER_KEEP);
    assert_int_equal(fate(&list, "i-3"), LEFTOVER_KEEP);
    assert_int_equal(fate(&list, "vol-1"), LEFTOVER_KEEP);
    assert_non_null(strstr(item(&list, "vol-1")->why, "i-stranger"));
    assert_int_equal(fate(&list, "sg-1"), LEFTOVER_KEEP);
    assert_int_equal(fate(&list, "sg-2"), LEFTOVER_REMOVE);
}

static void what_a_machine_has_goes_with_it(void **state UNUSED)
{
    WITH_SCRIPT(
        {"Action=DescribeInstances", 200,
         INSTANCES(INSTANCE("i-1", "running", TAGS(RUN, "")) INSTANCE("i-2", "terminated", TAGS(RUN, "")))},
        {"Action=DescribeVolumes", 200,
         VOLUMES(VOLUME("vol-1", "in-use", "i-1", TAGS(RUN, "")) VOLUME(
             "vol-2", "in-use", "i-2", TAGS(RUN, "")) VOLUME("vol-3", "deleting", "", TAGS(RUN, "")))},
        NOTHING_ELSE);
    AUTO_LEFTOVERS struct leftovers list = {0};
    assert_succeeds(find(&scripted, &list, &no_terms, &err), err);
    assert_int_equal(fate(&list, "vol-1"), LEFTOVER_OVER);
    assert_int_equal(fate(&list, "vol-2"), LEFTOVER_REMOVE); /* its machine has ended and left it */
    assert_int_equal(fate(&list, "vol-3"), LEFTOVER_OVER);
}

static void age_is_counted_from_the_making(void **state UNUSED)
{
    WITH_SCRIPT({"Action=DescribeInstances", 200, INSTANCES(INSTANCE("i-1", "running", TAGS(RUN, "")))},
                {"Action=DescribeSecurityGroups", 200, GROUPS(GROUP("sg-1", OURS, TAGS(RUN, "")))},
                NOTHING_ELSE);
    AUTO_LEFTOVERS struct leftovers list = {0};
    struct leftover_terms terms = no_terms;
    terms.older_than = 1801;
    assert_succeeds(find(&scripted, &list, &terms, &err), err);
    assert_int_equal(fate(&list, "i-1"), LEFTOVER_KEEP);
    assert_int_equal(fate(&list, "sg-1"), LEFTOVER_REMOVE);
    terms.older_than = 1800;
    leftovers_decide(&list, &terms);
    assert_int_equal(fate(&list, "i-1"), LEFTOVER_REMOVE);
}

static void a_list_that_fails_in_the_middle_is_an_error(void **state UNUSED)
{
    WITH_SCRIPT({"Action=DescribeVolumes", 403, EC2_ERROR("UnauthorizedOperation")}, NOTHING_ELSE);
    AUTO_LEFTOVERS struct leftovers list = {0};
    assert_fails(leftovers_find(&scripted.client, &list, &err), err, ERR_AUTH);
}

#define PLACE "p/results/v1.0/region=us-east-1/instance_type=m7i.large/suite=stream/date=2027-01-15/"
#define UPLOAD(key, initiated)                                                                               \
    "<Upload><Key>" key "</Key><UploadId>u</UploadId><Initiated>" initiated "</Initiated></Upload>"

static void uploads_are_ours_by_their_key_and_may_be_under_way_for_an_hour(void **state UNUSED)
{
    WITH_SCRIPT({NULL, 200,
                 "<R>" UPLOAD(PLACE RUN "-1-0123456789ab.json", "2027-01-15T06:59:59Z")
                     UPLOAD(PLACE OTHER_RUN "-1-0123456789ab.json", "2027-01-15T07:30:00Z")
                         UPLOAD("p/results/v1.0/notes.txt", "2027-01-15T06:00:00Z") "</R>"});
    const struct s3_location location = {"bucket", "p/"};
    AUTO_LEFTOVERS struct leftovers list = {0};
    assert_succeeds(leftovers_find_uploads(&scripted.client, &location, &list, &err), err);
    leftovers_decide(&list, &no_terms);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[0].run_id, RUN);
    assert_string_equal(list.items[0].name, "u");
    assert_int_equal(list.items[0].fate, LEFTOVER_REMOVE);
    assert_int_equal(list.items[1].fate, LEFTOVER_KEEP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_dead_run_has_left_is_to_be_removed),
        cmocka_unit_test(the_latest_lease_of_a_run_keeps_all_of_it),
        cmocka_unit_test(without_a_lease_the_deadline_stands_for_it),
        cmocka_unit_test(a_run_that_is_named_loses_its_lease_and_others_are_not_spoken_of),
        cmocka_unit_test(a_journal_here_counts_more_than_a_lease),
        cmocka_unit_test(what_is_not_known_to_be_ours_is_kept),
        cmocka_unit_test(what_a_machine_has_goes_with_it),
        cmocka_unit_test(age_is_counted_from_the_making),
        cmocka_unit_test(a_list_that_fails_in_the_middle_is_an_error),
        cmocka_unit_test(uploads_are_ours_by_their_key_and_may_be_under_way_for_an_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
