/* What is found again by its tags: EC2's lists of it, its removal, and tags that are put on later. */
#include "unit.h"

#include "scripted_aws.h"

#include "aws/ec2.h"

#define TAGS "<tagSet><item><key>tool</key><value>1</value></item></tagSet>"
#define CREATED "<createTime>2027-01-15T08:00:00.000Z</createTime>"

static const struct ec2_filter tagged = EC2_FILTER("tag-key", "tool");

/* Lists the kind, which the script answers with one item, and checks that the item can be told by its tag. */
static struct ec2_resource only_item(struct scripted_aws *scripted, enum ec2_resource_kind kind)
{
    struct err err = {0};
    CLEANUP(ec2_resources_free) struct ec2_resources list = {0};
    assert_succeeds(ec2_describe_resources(&scripted->client, kind, &tagged, 1, &list, &err), err);
    assert_int_equal(list.count, 1);
    assert_string_equal(ec2_tag_value(&list.items[0].tags, "tool"), "1");
    assert_null(ec2_tag_value(&list.items[0].tags, "other"));
    struct ec2_resource item = list.items[0];
    item.tags = (struct ec2_tags){0};
    return item;
}

static void volumes_tell_state_time_and_who_has_them(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200,
                 .body = "<R><volumeSet><item><volumeId>vol-1</volumeId><status>in-use</status>" CREATED
                         "<attachmentSet><item><instanceId>i-1</instanceId></item></attachmentSet>" TAGS
                         "</item></volumeSet></R>"});
    struct ec2_resource volume = only_item(&scripted, EC2_VOLUME);
    assert_string_equal(volume.id, "vol-1");
    assert_string_equal(volume.state, "in-use");
    assert_string_equal(volume.attached_to, "i-1");
    assert_int_equal(volume.created, 1800000000);
    assert_non_null(strstr(script_request(&scripted.server, 0),
                           "Action=DescribeVolumes&Version=2016-11-15&Filter.1.Name=tag-key"
                           "&Filter.1.Value.1=tool&MaxResults=1000"));
    assert_succeeds(ec2_delete_resource(&scripted.client, EC2_VOLUME, &volume, &err), err);
    assert_non_null(strstr(script_request(&scripted.server, 1), "Action=DeleteVolume&"));
    assert_non_null(strstr(script_request(&scripted.server, 1), "&VolumeId=vol-1"));
}

static void interfaces_tell_owner_state_and_who_has_them(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200,
                 .body = "<R><networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId>"
                         "<ownerId>123456789012</ownerId><status>available</status><groupSet><item><groupId>"
                         "sg-1</groupId></item></groupSet><attachment><instanceId>i-1</instanceId>"
                         "</attachment>" TAGS "</item></networkInterfaceSet></R>"});
    struct ec2_resource interface = only_item(&scripted, EC2_NETWORK_INTERFACE);
    assert_string_equal(interface.id, "eni-1");
    assert_string_equal(interface.owner_id, "123456789012");
    assert_string_equal(interface.state, "available");
    assert_string_equal(interface.attached_to, "i-1");
    assert_int_equal(interface.created, 0);
    assert_succeeds(ec2_delete_resource(&scripted.client, EC2_NETWORK_INTERFACE, &interface, &err), err);
    assert_non_null(strstr(script_request(&scripted.server, 1), "Action=DeleteNetworkInterface&"));
    assert_non_null(strstr(script_request(&scripted.server, 1), "&NetworkInterfaceId=eni-1"));
}

static void spot_requests_are_cancelled(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200,
                 .body = "<R><spotInstanceRequestSet><item><spotInstanceRequestId>sir-1"
                         "</spotInstanceRequestId><state>open</state>" CREATED TAGS
                         "</item></spotInstanceRequestSet></R>"});
    struct ec2_resource request = only_item(&scripted, EC2_SPOT_REQUEST);
    assert_string_equal(request.id, "sir-1");
    assert_string_equal(request.state, "open");
    assert_string_equal(request.attached_to, "");
    assert_succeeds(ec2_delete_resource(&scripted.client, EC2_SPOT_REQUEST, &request, &err), err);
    assert_non_null(strstr(script_request(&scripted.server, 1), "Action=CancelSpotInstanceRequests&"));
    assert_non_null(strstr(script_request(&scripted.server, 1), "&SpotInstanceRequestId.1=sir-1"));
}

static void groups_tell_their_owner(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200,
                 .body = "<R><securityGroupInfo><item><groupId>sg-1</groupId><groupName>name</groupName>"
                         "<ownerId>123456789012</ownerId>" TAGS "</item></securityGroupInfo></R>"},
                {.status = 400, .body = EC2_ERROR("DependencyViolation")});
    struct ec2_resource group = only_item(&scripted, EC2_SECURITY_GROUP);
    assert_string_equal(group.id, "sg-1");
    assert_string_equal(group.name, "name");
    assert_string_equal(group.owner_id, "123456789012");
    assert_fails(ec2_delete_resource(&scripted.client, EC2_SECURITY_GROUP, &group, &err), err, ERR_EXISTS);
    assert_non_null(strstr(script_request(&scripted.server, 1), "&GroupId=sg-1"));
}

static void key_pairs_come_unpaged_and_go_by_name(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200,
                 .body = "<R><keySet><item><keyPairId>key-1</keyPairId><keyName>a b</keyName>" CREATED TAGS
                         "</item></keySet></R>"});
    struct ec2_resource key = only_item(&scripted, EC2_KEY_PAIR);
    assert_string_equal(key.id, "key-1");
    assert_int_equal(key.created, 1800000000);
    assert_null(strstr(script_request(&scripted.server, 0), "MaxResults"));
    assert_succeeds(ec2_delete_resource(&scripted.client, EC2_KEY_PAIR, &key, &err), err);
    assert_non_null(strstr(script_request(&scripted.server, 1), "&KeyName=a%20b"));
}

static void resources_are_listed_page_after_page_or_not_at_all(void **state UNUSED)
{
    WITH_SCRIPT(
        {.status = 200,
         .body = "<R><volumeSet><item><volumeId>vol-1</volumeId>" TAGS "</item></volumeSet>"
                 "<nextToken>more</nextToken></R>"},
        {.status = 200, .body = "<R><volumeSet><item><volumeId>vol-2</volumeId></item></volumeSet></R>"},
        {.status = 200,
         .body = "<R><volumeSet><item><status>available</status>" TAGS "</item></volumeSet></R>"});
    CLEANUP(ec2_resources_free) struct ec2_resources list = {0};
    assert_succeeds(ec2_describe_resources(&scripted.client, EC2_VOLUME, NULL, 0, &list, &err), err);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[1].id, "vol-2");
    assert_int_equal(list.items[1].tags.count, 0);
    ec2_resources_free(&list);
    assert_fails(ec2_describe_resources(&scripted.client, EC2_VOLUME, NULL, 0, &list, &err), err, ERR_DATA);
    assert_null(list.items);
}

static void tags_are_put_on_what_is_still_there(void **state UNUSED)
{
    WITH_SCRIPT({.status = 400, .body = EC2_ERROR("InvalidInstanceID.NotFound")},
                {.status = 400, .body = EC2_ERROR("InvalidInstanceID.NotFound")},
                {.status = 200, .body = "<R/>"});
    const char *const ids[] = {"i-gone", "sg-1"};
    const struct ec2_tag tags[] = {{"a:b", "1&2"}};
    assert_fails(ec2_create_tags(&scripted.client, ids, 2, tags, 1, &err), err, ERR_NOT_FOUND);
    assert_int_equal(scripted.server.request_count, 3);
    assert_non_null(strstr(script_request(&scripted.server, 0),
                           "Action=CreateTags&Version=2016-11-15&ResourceId.1=i-gone&ResourceId.2=sg-1"
                           "&Tag.1.Key=a%3Ab&Tag.1.Value=1%262"));
    assert_non_null(strstr(script_request(&scripted.server, 2), "&ResourceId.1=sg-1&Tag.1.Key"));
    assert_succeeds(ec2_create_tags(&scripted.client, ids, 2, tags, 1, &err), err);
}

static void the_accounts_regions_are_listed(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200,
                 .body = "<R><regionInfo><item><regionName>us-east-1</regionName></item><item><regionName>"
                         "eu-west-1</regionName></item></regionInfo></R>"});
    CLEANUP(ec2_regions_free) struct ec2_regions list = {0};
    assert_succeeds(ec2_describe_regions(&scripted.client, &list, &err), err);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[1].name, "eu-west-1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(volumes_tell_state_time_and_who_has_them),
        cmocka_unit_test(interfaces_tell_owner_state_and_who_has_them),
        cmocka_unit_test(spot_requests_are_cancelled),
        cmocka_unit_test(groups_tell_their_owner),
        cmocka_unit_test(key_pairs_come_unpaged_and_go_by_name),
        cmocka_unit_test(resources_are_listed_page_after_page_or_not_at_all),
        cmocka_unit_test(tags_are_put_on_what_is_still_there),
        cmocka_unit_test(the_accounts_regions_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
