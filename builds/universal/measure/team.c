#include "measure/team.h"

#include "measure/barrier.h"
#include "topology/cpu_list.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#define STACK_BYTES ((size_t)256 << 10)

struct member {
    struct team *team;
    size_t index;
    pthread_t thread;
};

struct team {
    size_t size;
    struct member *members; /* [0], the caller, has no thread here */
    cpu_set_t *caller_mask;

    pthread_mutex_t lock; /* of the four below */
    pthread_cond_t job_given;
    uint64_t jobs;   /* given so far */
    team_work *work; /* NULL: go home */
    void *context;

    struct barrier barrier;
};

void team_barrier(struct team *team)
{
    barrier_wait(&team->barrier);
}

/* Waits for a job after number `seen`; NULL: go home. */
static team_work *next_job(struct team *team, uint64_t seen, void **context)
{
    pthread_mutex_lock(&team->lock);
    while (team->jobs == seen)
        pthread_cond_wait(&team->job_given, &team->lock);
    team_work *work = team->work;
    *context = team->context;
    pthread_mutex_unlock(&team->lock);
    return work;
}

static void *member_main(void *argument)
{
    struct member *member = argument;
    for (uint64_t seen = 0;; seen++) {
        void *context = NULL;
        team_work *work = next_job(member->team, seen, &context);
        if (!work)
            return NULL;
        work(context, member->index);
        team_barrier(member->team);
    }
}

static void give_job(struct team *team, team_work *work, void *context)
{
    pthread_mutex_lock(&team->lock);
    team->work = work;
    team->context = context;
    team->jobs++;
    pthread_cond_broadcast(&team->job_given);
    pthread_mutex_unlock(&team->lock);
}

void team_run(struct team *team, team_work *work, void *context)
{
    give_job(team, work, context);
    work(context, 0);
    team_barrier(team);
}

static int pin_caller(struct team *team, uint16_t cpu)
{
    size_t size = CPU_ALLOC_SIZE(CPUS_MAX);
    AUTO_FREE cpu_set_t *only = CPU_ALLOC(CPUS_MAX);
    team->caller_mask = CPU_ALLOC(CPUS_MAX);
    if (!only || !team->caller_mask)
        return ENOMEM;
    CPU_ZERO_S(size, team->caller_mask);
    CPU_ZERO_S(size, only);
    CPU_SET_S(cpu, size, only);
    if (sched_getaffinity(0, size, team->caller_mask) < 0 || sched_setaffinity(0, size, only) < 0)
        return errno;
    return 0;
}

static int start_member(struct member *member, uint16_t cpu)
{
    size_t size = CPU_ALLOC_SIZE(CPUS_MAX);
    AUTO_FREE cpu_set_t *only = CPU_ALLOC(CPUS_MAX);
    pthread_attr_t attributes;
    if (!only || pthread_attr_init(&attributes) != 0)
        return ENOMEM;
    CPU_ZERO_S(size, only);
    CPU_SET_S(cpu, size, only);
    int error = pthread_attr_setaffinity_np(&attributes, size, only);
    if (!error)
        error = pthread_attr_setstacksize(&attributes, STACK_BYTES);
    if (!error)
        error = pthread_create(&member->thread, &attributes, member_main, member);
    pthread_attr_destroy(&attributes);
    return error;
}

static struct team *new_team(size_t count)
{
    AUTO_FREE struct member *members = calloc(count, sizeof *members);
    struct team *team = calloc(1, sizeof *team);
    if (!team || !members) {
        free(team);
        return NULL;
    }
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->job_given, NULL);
    team->members = TAKE(members);
    return team;
}

struct team *team_start(const uint16_t *cpus, size_t count, struct err *err)
{
    AUTO_TEAM struct team *team = new_team(count);
    if (!team) {
        err_memory(err);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        struct member *member = &team->members[i];
        *member = (struct member){.team = team, .index = i};
        int error = i == 0 ? pin_caller(team, cpus[0]) : start_member(member, cpus[i]);
        if (error) {
            err_set(err, ERR_UNSUPPORTED, "a thread can't be pinned to CPU %d: %s", cpus[i], strerror(error));
            return NULL;
        }
        barrier_init(&team->barrier, ++team->size);
    }
    return TAKE(team);
}

void team_stop(struct team *team)
{
    if (!team)
        return;
    give_job(team, NULL, NULL);
    for (size_t i = 1; i < team->size; i++)
        pthread_join(team->members[i].thread, NULL);
    if (team->caller_mask)
        sched_setaffinity(0, CPU_ALLOC_SIZE(CPUS_MAX), team->caller_mask);
    CPU_FREE(team->caller_mask);
    pthread_cond_destroy(&team->job_given);
    pthread_mutex_destroy(&team->lock);
    free(team->members);
    free(team);
}

void team_cleanup(struct team **team)
{
    team_stop(*team);
}

size_t team_size(const struct team *team)
{
    return team->size;
}
