#include "discovery/network.h"

#include "base/strbuf.h"

#include <stdio.h>
#include <string.h>

void network_plan_free(struct network_plan *plan)
{
    for (size_t i = 0; i < plan->type_count; i++)
        free(plan->types[i].items);
    free(plan->types);
    *plan = (struct network_plan){0};
}

/* --- which VPC ----------------------------------------------------------------------------------------- */

static int no_such(struct aws_client *client, const char *what, const char *id, struct err *err)
{
    return err_set(err, ERR_CONFIG, "%s has no %s %.64s that this account may see", aws_region(client->aws),
                   what, id);
}

/* EC2 answers an unknown id with an error, a filter with an empty list: both mean the same here. */
static bool is_found(int result, size_t count, const struct err *why)
{
    return result == 0 ? count > 0 : why->kind != ERR_NOT_FOUND;
}

static int find_group(struct aws_client *client, const char *id, struct ec2_security_group *group,
                      struct err *err)
{
    CLEANUP(ec2_security_groups_free) struct ec2_security_groups list = {0};
    const struct ec2_filter filter = EC2_FILTER("group-id", id);
    struct err why = {0};
    int result = ec2_describe_security_groups(client, &filter, 1, &list, &why);
    if (!is_found(result, list.count, &why))
        return no_such(client, "security group", id, err);
    if (result < 0)
        return err_copy(err, &why);
    *group = list.items[0];
    return 0;
}

static int find_subnet(struct aws_client *client, const char *id, struct ec2_subnet *subnet, struct err *err)
{
    CLEANUP(ec2_subnets_free) struct ec2_subnets list = {0};
    const struct ec2_filter filter = EC2_FILTER("subnet-id", id);
    struct err why = {0};
    int result = ec2_describe_subnets(client, &filter, 1, &list, &why);
    if (!is_found(result, list.count, &why))
        return no_such(client, "subnet", id, err);
    if (result < 0)
        return err_copy(err, &why);
    *subnet = list.items[0];
    return 0;
}

static int find_default_vpc(struct aws_client *client, char id[EC2_ID_SIZE], struct err *err)
{
    CLEANUP(ec2_vpcs_free) struct ec2_vpcs list = {0};
    const struct ec2_filter filter = EC2_FILTER("is-default", "true");
    if (ec2_describe_vpcs(client, &filter, 1, &list, err) < 0)
        return -1;
    if (list.count == 0)
        return err_set(err, ERR_CONFIG,
                       "%s has no default VPC: name a subnet with --subnet, or make the VPC with 'aws ec2 "
                       "create-default-vpc'",
                       aws_region(client->aws));
    snprintf(id, EC2_ID_SIZE, "%s", list.items[0].id);
    return 0;
}

/* What the user named, as far as it is named: empty ids where it is not. */
struct named {
    struct ec2_subnet subnet;
    struct ec2_security_group group;
};

static int find_named(struct aws_client *client, const struct network_request *request, struct named *named,
                      struct err *err)
{
    *named = (struct named){0};
    if (request->subnet_id && find_subnet(client, request->subnet_id, &named->subnet, err) < 0)
        return -1;
    if (request->security_group_id && find_group(client, request->security_group_id, &named->group, err) < 0)
        return -1;
    return 0;
}

static int check_subnet_and_group(const struct ec2_subnet *subnet, const struct ec2_security_group *group,
                                  struct err *err)
{
    if (!subnet->id[0] || !group->id[0] || strcmp(subnet->vpc_id, group->vpc_id) == 0)
        return 0;
    return err_set(err, ERR_CONFIG,
                   "subnet %s is in %s, but security group %s is in %s: they must be in one VPC", subnet->id,
                   subnet->vpc_id, group->id, group->vpc_id);
}

static int check_wanted_vpc(const char *what, const char *id, const char *vpc_id, const char *wanted,
                            struct err *err)
{
    if (!id[0] || !wanted || strcmp(vpc_id, wanted) == 0)
        return 0;
    return err_set(err, ERR_CONFIG, "%s %s is in %s and not in %.64s", what, id, vpc_id, wanted);
}

static int choose_vpc(struct aws_client *client, const struct network_request *request,
                      const struct named *named, char vpc_id[EC2_ID_SIZE], struct err *err)
{
    const struct ec2_subnet *subnet = &named->subnet;
    const struct ec2_security_group *group = &named->group;
    const char *wanted = request->vpc_id;
    if (check_subnet_and_group(subnet, group, err) < 0 ||
        check_wanted_vpc("subnet", subnet->id, subnet->vpc_id, wanted, err) < 0 ||
        check_wanted_vpc("security group", group->id, group->vpc_id, wanted, err) < 0)
        return -1;
    const char *vpc = subnet->id[0] ? subnet->vpc_id : group->id[0] ? group->vpc_id : wanted;
    if (!vpc)
        return find_default_vpc(client, vpc_id, err);
    snprintf(vpc_id, EC2_ID_SIZE, "%s", vpc);
    return 0;
}

/* --- which subnets ------------------------------------------------------------------------------------- */

/* Best first: with free addresses, the zone's default, one that gives public addresses, the roomiest. */
static int compare_subnets(const void *left, const void *right)
{
    const struct ec2_subnet *a = left, *b = right;
    if ((a->free_addresses == 0) != (b->free_addresses == 0))
        return a->free_addresses == 0 ? 1 : -1;
    if (a->zone_default != b->zone_default)
        return a->zone_default ? -1 : 1;
    if (a->assigns_public_ip != b->assigns_public_ip)
        return a->assigns_public_ip ? -1 : 1;
    if (a->free_addresses != b->free_addresses)
        return a->free_addresses > b->free_addresses ? -1 : 1;
    return strcmp(a->id, b->id);
}

static int find_subnets(struct aws_client *client, const char *vpc_id, const char *subnet_id,
                        struct ec2_subnets *list, struct err *err)
{
    const struct ec2_filter filters[] = {EC2_FILTER("vpc-id", vpc_id), EC2_FILTER("state", "available"),
                                         EC2_FILTER("subnet-id", subnet_id)};
    if (ec2_describe_subnets(client, filters, subnet_id ? 3 : 2, list, err) < 0)
        return -1;
    if (list->count == 0)
        return err_set(err, ERR_CONFIG, "%s has no subnet that is available%s%s", vpc_id,
                       subnet_id ? " as " : "", subnet_id ? subnet_id : "");
    qsort(list->items, list->count, sizeof *list->items, compare_subnets);
    return 0;
}

/* --- where each type fits ------------------------------------------------------------------------------ */

static bool is_offered(const struct ec2_offerings *offerings, const char *type, const char *zone)
{
    for (size_t i = 0; i < offerings->count; i++)
        if (strcmp(offerings->items[i].type, type) == 0 && strcmp(offerings->items[i].zone, zone) == 0)
            return true;
    return false;
}

static bool has_zone(const struct network_places *places, const char *zone)
{
    for (size_t i = 0; i < places->count; i++)
        if (strcmp(places->items[i].zone, zone) == 0)
            return true;
    return false;
}

static void add_zones(struct strbuf *text, const struct ec2_offerings *offerings, const char *type)
{
    const char *separator = "";
    for (size_t i = 0; i < offerings->count; i++) {
        if (strcmp(offerings->items[i].type, type) != 0)
            continue;
        strbuf_addf(text, "%s%s", separator, offerings->items[i].zone);
        separator = ", ";
    }
}

static void explain_none(const struct ec2_offerings *offerings, const struct ec2_subnets *subnets,
                         const char *region, struct network_places *places)
{
    const char *type = places->instance_type;
    AUTO_STRBUF struct strbuf zones = STRBUF_INIT(512);
    add_zones(&zones, offerings, type);
    if (zones.length == 0)
        err_set(&places->why_none, ERR_UNSUPPORTED, "no zone of %s offers %s", region, type);
    else if (subnets->count == 1)
        err_set(&places->why_none, ERR_UNSUPPORTED, "%s is offered in %s, but subnet %s is in %s", type,
                strbuf_text(&zones), subnets->items[0].id, subnets->items[0].zone);
    else
        err_set(&places->why_none, ERR_UNSUPPORTED, "%s is offered in %s, where %s has no subnet", type,
                strbuf_text(&zones), subnets->items[0].vpc_id);
}

static int find_places(const struct ec2_offerings *offerings, const struct ec2_subnets *subnets,
                       const char *region, struct network_places *places, struct err *err)
{
    places->items = calloc(subnets->count, sizeof *places->items);
    if (!places->items)
        return err_memory(err);
    for (size_t i = 0; i < subnets->count; i++) {
        const struct ec2_subnet *subnet = &subnets->items[i];
        if (!is_offered(offerings, places->instance_type, subnet->zone) || has_zone(places, subnet->zone))
            continue;
        struct network_place *place = &places->items[places->count++];
        snprintf(place->zone, sizeof place->zone, "%s", subnet->zone);
        snprintf(place->zone_id, sizeof place->zone_id, "%s", subnet->zone_id);
        snprintf(place->subnet_id, sizeof place->subnet_id, "%s", subnet->id);
    }
    if (places->count == 0)
        explain_none(offerings, subnets, region, places);
    return 0;
}

static int place_types(struct aws_client *client, const char *const *types, size_t type_count,
                       const struct ec2_subnets *subnets, struct network_plan *plan, struct err *err)
{
    CLEANUP(ec2_offerings_free) struct ec2_offerings offerings = {0};
    plan->types = calloc(type_count + 1, sizeof *plan->types);
    if (!plan->types)
        return err_memory(err);
    if (type_count && ec2_describe_offerings(client, types, type_count, &offerings, err) < 0)
        return -1;
    for (size_t i = 0; i < type_count; i++) {
        struct network_places *places = &plan->types[plan->type_count++];
        snprintf(places->instance_type, sizeof places->instance_type, "%s", types[i]);
        if (find_places(&offerings, subnets, aws_region(client->aws), places, err) < 0)
            return -1;
    }
    return 0;
}

/* --- the plan ------------------------------------------------------------------------------------------ */

static int choose_access(struct aws_client *client, const struct network_request *request,
                         struct network_plan *plan, struct err *err)
{
    if (request->security_group_id) {
        snprintf(plan->security_group_id, sizeof plan->security_group_id, "%s", request->security_group_id);
        return 0;
    }
    if (request->ssh_cidr)
        return cidr_parse(request->ssh_cidr, plan->ssh_cidr, err);
    return caller_cidr(client, request->address_url, plan->ssh_cidr, err);
}

static int make(struct aws_client *client, const struct network_request *request, const char *const *types,
                size_t type_count, struct network_plan *plan, struct err *err)
{
    struct named named;
    CLEANUP(ec2_subnets_free) struct ec2_subnets subnets = {0};
    if (find_named(client, request, &named, err) < 0 ||
        choose_vpc(client, request, &named, plan->vpc_id, err) < 0 ||
        find_subnets(client, plan->vpc_id, request->subnet_id, &subnets, err) < 0 ||
        place_types(client, types, type_count, &subnets, plan, err) < 0)
        return -1;
    return choose_access(client, request, plan, err);
}

int network_plan_make(struct aws_client *client, const struct network_request *request,
                      const char *const *types, size_t type_count, struct network_plan *plan, struct err *err)
{
    *plan = (struct network_plan){0};
    if (make(client, request, types, type_count, plan, err) == 0)
        return 0;
    network_plan_free(plan);
    return -1;
}
