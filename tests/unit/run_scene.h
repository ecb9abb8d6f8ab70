/* One run against the pretend cloud, with everything that it needs, for tests of what the engine decides. */
#ifndef RUN_SCENE_H
#define RUN_SCENE_H

#include "pretend_cloud.h"

#include "base/fs.h"
#include "orchestrator/run.h"
#include "results/suite_output.h"

#include <string.h>

#define IMAGE_HEX "1111111111111111111111111111111111111111111111111111111111111111"

struct scene {
    struct pretend_cloud pretend;
    struct image_archive archive;
    struct placement placements[2];
    struct planned_job jobs[8];
    struct plan plan;
    struct run_settings settings;
    struct cancel cancel;
    struct journal *journal;
    struct store spool;
    struct run_services services;
    struct run_outcome outcome;
    char directory[64];
    char *suite_output;
    size_t events;
    size_t notes;
    bool stopped;           /* the listener shows nothing before every machine has ended */
    double cancel_at_event; /* the number of the event that is answered by a Ctrl-C; 0: none */
};

static const char *const suites[] = {"stream"};

static UNUSED void plan_jobs(struct scene *scene, size_t count)
{
    snprintf(scene->plan.run_id, sizeof scene->plan.run_id, "20261120T153045Z-test");
    snprintf(scene->plan.region, sizeof scene->plan.region, "us-east-1");
    snprintf(scene->plan.collection_method, sizeof scene->plan.collection_method, "sandbox");
    scene->placements[0] = (struct placement){.zone = "us-east-1a", .subnet_id = "zone-a"};
    scene->placements[1] = (struct placement){.zone = "us-east-1b", .subnet_id = "zone-b"};
    for (size_t i = 0; i < count; i++) {
        struct planned_job *job = &scene->jobs[i];
        snprintf(job->instance_type, sizeof job->instance_type, "m%zui.large", 5 + i);
        snprintf(job->family, sizeof job->family, "m%zui", 5 + i);
        snprintf(job->architecture, sizeof job->architecture, "x86_64");
        snprintf(job->processor_vendor, sizeof job->processor_vendor, "intel");
        snprintf(job->image_id, sizeof job->image_id, "ami-1");
        job->placements = scene->placements;
        job->placement_count = 2;
    }
    scene->plan.jobs = scene->jobs;
    scene->plan.job_count = count;
}

static UNUSED struct scene *open_scene(size_t jobs)
{
    struct err err = {0};
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    pretend_cloud_init(&scene->pretend);
    snprintf(scene->directory, sizeof scene->directory, "/tmp/test-run-XXXXXX");
    assert_non_null(mkdtemp(scene->directory));
    scene->suite_output = fs_read_file("tests/data/suite-output/stream.json", SUITE_OUTPUT_MAX_BYTES,
                                       &scene->pretend.suite_output_length, &err);
    assert_non_null(scene->suite_output);
    scene->pretend.suite_output = scene->suite_output;
    scene->pretend.image_line = "sha256:" IMAGE_HEX " amd64";
    scene->archive.platform_count = 1;
    scene->archive.platforms[0] = (struct image_platform){
        .architecture = "x86_64", .tag = "universal:1-amd64", .config_digest = "sha256:" IMAGE_HEX};
    plan_jobs(scene, jobs);
    scene->settings = (struct run_settings){
        .max_concurrency = 3,
        .suites = suites,
        .suite_count = 1,
        .iterations = 1,
        .ssh_user = "ec2-user",
        .ssh_port = 22,
        .boot_seconds = 20,
        .grace_seconds = 20,
        .silence_seconds = 20,
        .margin_seconds = 20,
        .suite_seconds = 20,
        .teardown_seconds = 20,
        .store_seconds = 20,
        .lease_seconds = 600,
        .image = {.archive = &scene->archive},
        .image_reference = "universal:1",
    };
    assert_succeeds(cancel_init(&scene->cancel, &err), err);
    scene->journal = journal_open(scene->directory, scene->plan.run_id, &err);
    assert_non_null(scene->journal);
    assert_succeeds(store_open_directory(&scene->spool, scene->directory, &err), err);
    scene->services = (struct run_services){
        .cloud = pretend_cloud_as_cloud(&scene->pretend),
        .remote = pretend_cloud_as_remote(&scene->pretend),
        .journal = scene->journal,
        .spool = &scene->spool,
        .cancel = &scene->cancel,
    };
    return scene;
}

static UNUSED bool all_ended(struct pretend_cloud *pretend)
{
    pthread_mutex_lock(&pretend->lock);
    bool ended = pretend->count > 0 && pretend->alive == 0;
    pthread_mutex_unlock(&pretend->lock);
    return ended;
}

static UNUSED void take_event(void *context, const struct event *event)
{
    struct scene *scene = context;
    if (!event)
        return;
    scene->events++;
    scene->notes += event->kind == EVENT_NOTE;
    for (int i = 0; scene->stopped && i < 200 && !all_ended(&scene->pretend); i++)
        usleep(50000);
    if (scene->cancel_at_event > 0 && (double)scene->events >= scene->cancel_at_event)
        cancel_request(&scene->cancel, CANCEL_DRAIN, 2);
}

static UNUSED void execute(struct scene *scene)
{
    struct err err = {0};
    assert_succeeds(run_execute(&scene->plan, &scene->settings, &scene->services, take_event, scene,
                                &scene->outcome, &err),
                    err);
}

static UNUSED int count_file(void *context, const char *path UNUSED, struct err *err UNUSED)
{
    ++*(size_t *)context;
    return 0;
}

static UNUSED size_t stored_documents(const struct scene *scene)
{
    size_t count = 0;
    struct err err = {0};
    assert_succeeds(fs_walk(scene->directory, ".json", count_file, &count, &err), err);
    return count;
}

static UNUSED int remove_file(void *context UNUSED, const char *path, struct err *err UNUSED)
{
    return unlink(path);
}

static UNUSED void close_scene(struct scene *scene)
{
    assert_int_equal(scene->pretend.groups, 0);
    run_outcome_free(&scene->outcome);
    store_close(&scene->spool);
    journal_close(scene->journal);
    cancel_destroy(&scene->cancel);
    fs_walk(scene->directory, "", remove_file, NULL, NULL);
    free(scene->suite_output);
    free(scene);
}

#endif
