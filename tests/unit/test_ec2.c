/* EC2's requests as they are sent, and its answers as they are read. */
#include "unit.h"

#include "scripted_aws.h"

#include "aws/ec2.h"

static const struct ec2_tag tags[] = {{"tool", "bench"}, {"run id", "1&2"}};

static struct ec2_launch example_launch(void)
{
    static const char *const groups[] = {"sg-1", "sg-2"};
    return (struct ec2_launch){
        .image_id = "ami-1",
        .instance_type = "m7i.large",
        .client_token = "token-1",
        .subnet_id = "subnet-1",
        .security_group_ids = groups,
        .security_group_count = 2,
        .user_data = "#cloud-config\n",
        .user_data_length = 14,
        .tags = tags,
        .tag_count = 2,
    };
}

static void a_launch_is_encoded_byte_for_byte(void **state UNUSED)
{
    struct err err;
    AUTO_STRBUF struct strbuf body = STRBUF_INIT(65536);
    struct ec2_launch launch = example_launch();
    launch.tag_count = 1;
    assert_succeeds(ec2_run_instances_encode(&launch, &body, &err), err);
    assert_string_equal(strbuf_text(&body),
                        "Action=RunInstances&Version=2016-11-15&ClientToken=token-1&MinCount=1&MaxCount=1"
                        "&ImageId=ami-1&InstanceType=m7i.large&SubnetId=subnet-1"
                        "&SecurityGroupId.1=sg-1&SecurityGroupId.2=sg-2"
                        "&InstanceInitiatedShutdownBehavior=terminate&MetadataOptions.HttpTokens=required"
                        "&MetadataOptions.HttpPutResponseHopLimit=1"
                        "&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=tool"
                        "&TagSpecification.1.Tag.1.Value=bench"
                        "&TagSpecification.2.ResourceType=volume&TagSpecification.2.Tag.1.Key=tool"
                        "&TagSpecification.2.Tag.1.Value=bench"
                        "&TagSpecification.3.ResourceType=network-interface&TagSpecification.3.Tag.1.Key=tool"
                        "&TagSpecification.3.Tag.1.Value=bench"
                        "&UserData=I2Nsb3VkLWNvbmZpZwo%3D");
}

static void the_same_launch_gives_the_same_bytes(void **state UNUSED)
{
    struct err err;
    AUTO_STRBUF struct strbuf first = STRBUF_INIT(65536), second = STRBUF_INIT(65536);
    struct ec2_launch launch = example_launch();
    assert_succeeds(ec2_run_instances_encode(&launch, &first, &err), err);
    assert_succeeds(ec2_run_instances_encode(&launch, &second, &err), err);
    assert_string_equal(strbuf_text(&first), strbuf_text(&second));
    assert_non_null(strstr(strbuf_text(&first), "Tag.2.Key=run%20id&TagSpecification.1.Tag.2.Value=1%262"));
}

static void impossible_launches_are_refused_before_they_are_sent(void **state UNUSED)
{
    static char user_data[EC2_USER_DATA_MAX + 1];
    struct err err;
    AUTO_STRBUF struct strbuf body = STRBUF_INIT(65536);
    struct ec2_launch launch = example_launch();
    launch.client_token = "0123456789012345678901234567890123456789012345678901234567890123";
    assert_succeeds(ec2_run_instances_encode(&launch, &body, &err), err);
    launch.client_token = "01234567890123456789012345678901234567890123456789012345678901234";
    assert_fails(ec2_run_instances_encode(&launch, &body, &err), err, ERR_USAGE);
    launch.client_token = "to ken";
    assert_fails(ec2_run_instances_encode(&launch, &body, &err), err, ERR_USAGE);
    launch = example_launch();
    launch.image_id = NULL;
    assert_fails(ec2_run_instances_encode(&launch, &body, &err), err, ERR_USAGE);
    launch = example_launch();
    launch.user_data = user_data;
    launch.user_data_length = sizeof user_data;
    assert_fails(ec2_run_instances_encode(&launch, &body, &err), err, ERR_USAGE);
}

#define INSTANCE(id, state)                                                                                  \
    "<item><instanceId>" id "</instanceId><instanceState><code>16</code><name>" state                        \
    "</name></instanceState><instanceType>m7i.large</instanceType>"                                          \
    "<launchTime>2027-01-15T08:00:00.000Z</launchTime><placement><availabilityZone>us-east-1a"               \
    "</availabilityZone></placement><privateIpAddress>10.0.0.4</privateIpAddress><stateReason>"              \
    "<code>Server.InsufficientInstanceCapacity</code><message>none</message></stateReason>"                  \
    "<clientToken>token-1</clientToken><tagSet><item><key>tool</key><value>bench</value></item>"             \
    "<item><key>Name</key><value/></item></tagSet></item>"

static void a_launch_answers_with_its_instance(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200,
                 .body = "<RunInstancesResponse><instancesSet>" INSTANCE(
                     "i-1", "pending") "</instancesSet>"
                                       "</RunInstancesResponse>"});
    struct ec2_instance instance;
    assert_succeeds(ec2_run_instances_send(&scripted.client, "Action=RunInstances", 19, &instance, &err),
                    err);
    assert_string_equal(instance.id, "i-1");
    assert_int_equal(instance.state, EC2_PENDING);
    assert_int_equal(instance.launch_time, 1800000000);
    assert_string_equal(instance.zone, "us-east-1a");
    assert_string_equal(instance.private_ip, "10.0.0.4");
    assert_string_equal(instance.public_ip, "");
    assert_string_equal(instance.state_reason_code, "Server.InsufficientInstanceCapacity");
    assert_string_equal(ec2_tag_value(&instance.tags, "tool"), "bench");
    assert_string_equal(ec2_tag_value(&instance.tags, "Name"), "");
    assert_null(ec2_tag_value(&instance.tags, "other"));
    ec2_instance_free(&instance);
}

static void a_launch_that_names_no_instance_is_an_error(void **state UNUSED)
{
    WITH_SCRIPT(
        {.status = 200, .body = "<RunInstancesResponse><instancesSet/></RunInstancesResponse>"},
        {.status = 200, .body = "<R><instancesSet><item><imageId>ami</imageId></item></instancesSet></R>"});
    struct ec2_instance instance;
    assert_fails(ec2_run_instances_send(&scripted.client, "A=B", 3, &instance, &err), err, ERR_DATA);
    assert_fails(ec2_run_instances_send(&scripted.client, "A=B", 3, &instance, &err), err, ERR_DATA);
}

static void instances_are_listed_page_after_page(void **state UNUSED)
{
    WITH_SCRIPT(
        {.status = 200,
         .body = "<R><reservationSet><item><instancesSet>" INSTANCE("i-1", "running")
             INSTANCE("i-2", "terminated") "</instancesSet></item><item><instancesSet>" INSTANCE(
                 "i-3",
                 "shutting-down") "</instancesSet></item></reservationSet><nextToken>n=1</nextToken></R>"},
        {.status = 200,
         .body = "<R><reservationSet><item><instancesSet>" INSTANCE(
             "i-4", "brand-new") "</instancesSet></item></reservationSet></R>"});
    const struct ec2_filter filters[] = {EC2_FILTER("tag:run id", "1&2"),
                                         EC2_FILTER("instance-state-name", "pending", "running")};
    const struct ec2_instance_query query = {.filters = filters, .filter_count = 2};
    CLEANUP(ec2_instances_free) struct ec2_instances list = {0};
    assert_succeeds(ec2_describe_instances(&scripted.client, &query, &list, &err), err);
    assert_int_equal(list.count, 4);
    assert_string_equal(list.items[2].id, "i-3");
    assert_int_equal(list.items[2].state, EC2_SHUTTING_DOWN);
    assert_int_equal(list.items[3].state, EC2_STATE_UNKNOWN);
    assert_non_null(
        strstr(script_request(&scripted.server, 0),
               "&Filter.1.Name=tag%3Arun%20id&Filter.1.Value.1=1%262&Filter.2.Name=instance-state-name"
               "&Filter.2.Value.1=pending&Filter.2.Value.2=running&MaxResults=1000"));
    assert_null(strstr(script_request(&scripted.server, 0), "NextToken"));
    assert_non_null(strstr(script_request(&scripted.server, 1), "&NextToken=n%3D1"));
}

static void ids_are_asked_for_without_paging(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200, .body = "<R><reservationSet/></R>"});
    const char *const ids[] = {"i-1", "i-2"};
    const struct ec2_instance_query query = {.ids = ids, .id_count = 2};
    CLEANUP(ec2_instances_free) struct ec2_instances list = {0};
    assert_succeeds(ec2_describe_instances(&scripted.client, &query, &list, &err), err);
    assert_int_equal(list.count, 0);
    assert_non_null(strstr(script_request(&scripted.server, 0), "&InstanceId.1=i-1&InstanceId.2=i-2"));
    assert_null(strstr(script_request(&scripted.server, 0), "MaxResults"));
}

static void a_list_without_an_end_is_given_up(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200, .body = "<R><vpcSet/><nextToken>again</nextToken></R>"});
    CLEANUP(ec2_vpcs_free) struct ec2_vpcs list = {0};
    assert_fails(ec2_describe_vpcs(&scripted.client, NULL, 0, &list, &err), err, ERR_DATA);
    assert_non_null(strstr(err.message, "no end"));
}

static void items_that_do_not_fit_fail_the_list_and_leave_nothing(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200,
                 .body = "<R><vpcSet><item><vpcId>vpc-1</vpcId></item><item><vpcId>"
                         "vpc-0123456789012345678901234567890123456789</vpcId></item></vpcSet></R>"});
    CLEANUP(ec2_vpcs_free) struct ec2_vpcs list = {0};
    assert_fails(ec2_describe_vpcs(&scripted.client, NULL, 0, &list, &err), err, ERR_DATA);
    assert_null(list.items);
    assert_int_equal(list.count, 0);
}

static void one_bad_id_does_not_keep_the_others_alive(void **state UNUSED)
{
    WITH_SCRIPT(
        {.status = 400, .body = EC2_ERROR("InvalidInstanceID.NotFound")}, {.status = 200, .body = "<R/>"},
        {.status = 400, .body = EC2_ERROR("InvalidInstanceID.NotFound")}, {.status = 200, .body = "<R/>"});
    const char *const ids[] = {"i-1", "i-bad", "i-3"};
    assert_fails(ec2_terminate_instances(&scripted.client, ids, 3, &err), err, ERR_NOT_FOUND);
    assert_int_equal(scripted.server.request_count, 4);
    assert_non_null(
        strstr(script_request(&scripted.server, 0), "&InstanceId.1=i-1&InstanceId.2=i-bad&InstanceId.3=i-3"));
    assert_non_null(strstr(script_request(&scripted.server, 3), "&InstanceId.1=i-3"));
}

static void instances_are_terminated_in_batches(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200, .body = "<R/>"});
    const char *ids[250];
    for (size_t i = 0; i < ARRAY_LENGTH(ids); i++)
        ids[i] = "i-1";
    assert_succeeds(ec2_terminate_instances(&scripted.client, ids, ARRAY_LENGTH(ids), &err), err);
    assert_int_equal(scripted.server.request_count, 3);
    assert_succeeds(ec2_terminate_instances(&scripted.client, ids, 0, &err), err);
    assert_int_equal(scripted.server.request_count, 3);
}

static void types_are_read_with_all_their_architectures(void **state UNUSED)
{
    WITH_SCRIPT(
        {.status = 200,
         .body =
             "<R><instanceTypeSet><item><instanceType>t2.micro</instanceType>"
             "<currentGeneration>true</currentGeneration><bareMetal>false</bareMetal>"
             "<hypervisor>xen</hypervisor><processorInfo><supportedArchitectures><item>i386</item>"
             "<item>x86_64</item></supportedArchitectures><sustainedClockSpeedInGhz>2.5"
             "</sustainedClockSpeedInGhz><manufacturer>Intel</manufacturer></processorInfo>"
             "<vCpuInfo><defaultVCpus>1</defaultVCpus><defaultCores>1</defaultCores>"
             "<defaultThreadsPerCore>1</defaultThreadsPerCore></vCpuInfo>"
             "<memoryInfo><sizeInMiB>1024</sizeInMiB></memoryInfo><supportedUsageClasses>"
             "<item>on-demand</item><item>spot</item></supportedUsageClasses></item></instanceTypeSet></R>"});
    const char *const names[] = {"t2.micro"};
    CLEANUP(ec2_types_free) struct ec2_types list = {0};
    assert_succeeds(ec2_describe_instance_types(&scripted.client, names, 1, &list, &err), err);
    assert_int_equal(list.count, 1);
    const struct ec2_type *type = &list.items[0];
    assert_int_equal(type->architecture_count, 2);
    assert_string_equal(type->architectures[1], "x86_64");
    assert_string_equal(type->usage_classes[1], "spot");
    assert_true(type->current_generation && !type->bare_metal && type->clock_ghz == 2.5);
    assert_true(type->vcpus == 1 && type->memory_mib == 1024);
    assert_non_null(strstr(script_request(&scripted.server, 0),
                           "&Filter.1.Name=instance-type&Filter.1.Value.1=t2.micro"));
}

static void many_names_are_asked_for_in_portions(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200,
                 .body = "<R><instanceTypeOfferingSet><item><instanceType>a1.large</instanceType>"
                         "<location>us-east-1a</location></item></instanceTypeOfferingSet></R>"});
    const char *names[101];
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        names[i] = "a1.large";
    CLEANUP(ec2_offerings_free) struct ec2_offerings list = {0};
    assert_succeeds(ec2_describe_offerings(&scripted.client, names, ARRAY_LENGTH(names), &list, &err), err);
    assert_int_equal(scripted.server.request_count, 2);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[1].zone, "us-east-1a");
    assert_non_null(strstr(script_request(&scripted.server, 1),
                           "LocationType=availability-zone&Filter.1.Name=instance-type"
                           "&Filter.1.Value.1=a1.large&MaxResults=1000"));
}

static void an_image_that_is_not_there_is_not_found(void **state UNUSED)
{
    WITH_SCRIPT(
        {.status = 200, .body = "<R><imagesSet/></R>"},
        {.status = 200, .body = "<R><imagesSet><item><imageId>ami-other</imageId></item></imagesSet></R>"},
        {.status = 200,
         .body = "<R><imagesSet><item><imageId>ami-1</imageId><imageOwnerAlias>amazon</imageOwnerAlias>"
                 "<architecture>arm64</architecture></item></imagesSet></R>"});
    struct ec2_image image;
    assert_fails(ec2_describe_image(&scripted.client, "ami-1", &image, &err), err, ERR_NOT_FOUND);
    assert_fails(ec2_describe_image(&scripted.client, "ami-1", &image, &err), err, ERR_NOT_FOUND);
    assert_succeeds(ec2_describe_image(&scripted.client, "ami-1", &image, &err), err);
    assert_string_equal(image.architecture, "arm64");
    assert_string_equal(image.owner_alias, "amazon");
}

static void a_security_group_is_opened_to_one_network(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200, .body = "<R><groupId>sg-1</groupId></R>"}, {.status = 200, .body = "<R/>"});
    char id[EC2_ID_SIZE];
    const struct ec2_security_group_request request = {"name", "what for", "vpc-1", tags, 1};
    assert_succeeds(ec2_create_security_group(&scripted.client, &request, id, &err), err);
    assert_string_equal(id, "sg-1");
    assert_non_null(strstr(script_request(&scripted.server, 0),
                           "&GroupDescription=what%20for&VpcId=vpc-1"
                           "&TagSpecification.1.ResourceType=security-group"));
    assert_succeeds(ec2_authorize_ingress(&scripted.client, id, 22, "203.0.113.7/32", &err), err);
    assert_non_null(strstr(script_request(&scripted.server, 1),
                           "&IpPermissions.1.FromPort=22&IpPermissions.1.ToPort=22"
                           "&IpPermissions.1.IpRanges.1.CidrIp=203.0.113.7%2F32"));
    assert_succeeds(ec2_authorize_ingress(&scripted.client, id, 2022, "2001:db8::1/128", &err), err);
    assert_non_null(
        strstr(script_request(&scripted.server, 2), "Ipv6Ranges.1.CidrIpv6=2001%3Adb8%3A%3A1%2F128"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_launch_is_encoded_byte_for_byte),
        cmocka_unit_test(the_same_launch_gives_the_same_bytes),
        cmocka_unit_test(impossible_launches_are_refused_before_they_are_sent),
        cmocka_unit_test(a_launch_answers_with_its_instance),
        cmocka_unit_test(a_launch_that_names_no_instance_is_an_error),
        cmocka_unit_test(instances_are_listed_page_after_page),
        cmocka_unit_test(ids_are_asked_for_without_paging),
        cmocka_unit_test(a_list_without_an_end_is_given_up),
        cmocka_unit_test(items_that_do_not_fit_fail_the_list_and_leave_nothing),
        cmocka_unit_test(one_bad_id_does_not_keep_the_others_alive),
        cmocka_unit_test(instances_are_terminated_in_batches),
        cmocka_unit_test(types_are_read_with_all_their_architectures),
        cmocka_unit_test(many_names_are_asked_for_in_portions),
        cmocka_unit_test(an_image_that_is_not_there_is_not_found),
        cmocka_unit_test(a_security_group_is_opened_to_one_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
