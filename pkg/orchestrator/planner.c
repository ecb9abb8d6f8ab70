#include "orchestrator/planner.h"

#include "aws/ec2.h"
#include "discovery/ami.h"
#include "discovery/select.h"

#include <string.h>

/* The images of the two architectures, each looked up when a type first needs it. */
struct images {
    struct ami found[2];
    size_t count;
};

int plan_check_words(const char *const *words, size_t count, struct err *err)
{
    if (count == 0)
        return err_set(err, ERR_USAGE,
                       "no instance types: name some, as in --instance-types m7i.large,c7g.large");
    for (size_t i = 0; i < count; i++) {
        struct instance_type_name name;
        for (size_t j = 0; j < i; j++)
            if (strcmp(words[i], words[j]) == 0)
                return err_set(err, ERR_USAGE, "'%s' is named twice: each type is measured once a run",
                               words[i]);
        if (is_type_pattern(words[i]))
            continue;
        if (instance_type_parse(words[i], &name, err) < 0) {
            suggest_instance_type(NULL, words[i], err);
            return -1;
        }
        if (!name.runnable)
            return err_set(err, ERR_USAGE, "'%s' can't be measured: %s", words[i], name.reason);
    }
    return 0;
}

static const struct ami *image_for(struct aws_client *client, const struct plan_request *request,
                                   enum architecture architecture, struct log *log, struct images *images,
                                   struct err *err)
{
    for (size_t i = 0; i < images->count; i++)
        if (images->found[i].architecture == architecture)
            return &images->found[i];
    if (images->count == ARRAY_LENGTH(images->found)) {
        err_set(err, ERR_INTERNAL, "more architectures than images");
        return NULL;
    }
    struct ami *ami = &images->found[images->count];
    int result = request->ami_id ? ami_use(client, request->ami_id, architecture, log, ami, err)
                                 : ami_find(client, architecture, ami, err);
    if (result < 0)
        return NULL;
    images->count++;
    return ami;
}

static int take_places(struct planned_job *job, const struct network_places *places, struct err *err)
{
    if (places->count == 0) {
        job->refused = places->why_none;
        return 0;
    }
    job->placements = calloc(places->count, sizeof *job->placements);
    if (!job->placements)
        return err_memory(err);
    for (size_t i = 0; i < places->count; i++) {
        struct placement *placement = &job->placements[i];
        snprintf(placement->zone, sizeof placement->zone, "%.31s", places->items[i].zone);
        snprintf(placement->zone_id, sizeof placement->zone_id, "%s", places->items[i].zone_id);
        snprintf(placement->subnet_id, sizeof placement->subnet_id, "%.31s", places->items[i].subnet_id);
    }
    job->placement_count = places->count;
    return 0;
}

static void take_facts(struct planned_job *job, const struct instance_facts *facts)
{
    const char *architecture = architecture_name(facts->architecture);
    const char *vendor = processor_vendor_name(facts->vendor);
    snprintf(job->instance_type, sizeof job->instance_type, "%s", facts->name.name);
    snprintf(job->family, sizeof job->family, "%s", facts->name.family);
    snprintf(job->architecture, sizeof job->architecture, "%s", architecture ? architecture : "");
    snprintf(job->processor_vendor, sizeof job->processor_vendor, "%s", vendor ? vendor : "");
    job->vcpus = facts->vcpus;
    job->memory_mib = facts->memory_mib;
}

static int fill_jobs(struct aws_client *client, const struct plan_request *request,
                     const struct selection *selection, const struct network_plan *network, struct log *log,
                     struct plan *plan, struct err *err)
{
    struct images images = {0};
    plan->jobs = calloc(selection->count, sizeof *plan->jobs);
    if (!plan->jobs)
        return err_memory(err);
    for (size_t i = 0; i < selection->count; i++) {
        struct planned_job *job = &plan->jobs[plan->job_count++];
        const struct instance_facts *facts = &selection->types[i];
        take_facts(job, facts);
        if (!facts->runnable) {
            err_set(&job->refused, ERR_UNSUPPORTED, "%s", facts->reason);
            continue;
        }
        const struct ami *ami = image_for(client, request, facts->architecture, log, &images, err);
        if (!ami || take_places(job, &network->types[i], err) < 0)
            return -1;
        snprintf(job->image_id, sizeof job->image_id, "%.31s", ami->image.id);
        snprintf(job->image_name, sizeof job->image_name, "%s", ami->image.name);
    }
    return 0;
}

static int check_key_pair(struct aws_client *client, const char *name, struct err *err)
{
    CLEANUP(ec2_key_pairs_free) struct ec2_key_pairs list = {0};
    if (!name)
        return 0;
    struct ec2_filter filter = EC2_FILTER("key-name", name);
    if (ec2_describe_key_pairs(client, &filter, 1, &list, err) < 0)
        return -1;
    if (list.count == 0)
        return err_set(err, ERR_CONFIG, "the region has no key pair '%s'", name);
    return 0;
}

static int make_network(struct aws_client *client, const struct plan_request *request,
                        const struct selection *selection, struct network_plan *network, struct err *err)
{
    AUTO_FREE const char **names = calloc(selection->count, sizeof *names);
    if (!names)
        return err_memory(err);
    for (size_t i = 0; i < selection->count; i++)
        names[i] = selection->types[i].name.name;
    return network_plan_make(client, &request->network, names, selection->count, network, err);
}

int plan_make(struct aws_client *client, const struct plan_request *request, double realtime, struct log *log,
              struct plan *plan, struct err *err)
{
    AUTO_CATALOG struct catalog catalog = {0};
    AUTO_SELECTION struct selection selection = {0};
    AUTO_NETWORK_PLAN struct network_plan network = {0};
    if (catalog_fetch_for(client, request->words, request->word_count, &catalog, err) < 0 ||
        select_for_run(&catalog, request->words, request->word_count, log, &selection, err) < 0 ||
        check_key_pair(client, request->key_pair, err) < 0 ||
        make_network(client, request, &selection, &network, err) < 0 ||
        fill_jobs(client, request, &selection, &network, log, plan, err) < 0 ||
        run_id_make(realtime, plan->run_id, err) < 0)
        return -1;
    bool real = aws_is_real(client->aws);
    snprintf(plan->region, sizeof plan->region, "%s", aws_region(client->aws));
    snprintf(plan->endpoint, sizeof plan->endpoint, "%s", aws_endpoint(client->aws, AWS_EC2));
    snprintf(plan->collection_method, sizeof plan->collection_method, "%s", real ? "automated" : "sandbox");
    snprintf(plan->vpc_id, sizeof plan->vpc_id, "%.31s", network.vpc_id);
    snprintf(plan->security_group_id, sizeof plan->security_group_id, "%.31s", network.security_group_id);
    snprintf(plan->ssh_cidr, sizeof plan->ssh_cidr, "%s", network.ssh_cidr);
    return 0;
}
