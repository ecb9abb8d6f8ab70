#include "orchestrator/cleanup.h"

#include "aws/ec2.h"
#include "aws/s3.h"

#include <math.h>
#include <string.h>

#define FIRST_PAUSE 0.5 /* seconds between two looks */
#define LONGEST_PAUSE 5.0
#define PAUSE_GROWTH 1.5

/* --- finding -------------------------------------------------------------------------------------------- */

static int look_at(const struct cleanup_place *place, struct leftovers *list, struct err *err)
{
    if (leftovers_find(place->client, list, err) < 0)
        return -1;
    return place->uploads ? leftovers_find_uploads(place->client, place->uploads, list, err) : 0;
}

/* All or nothing of a place: a decision about a part of it could take a live run for a dead one. */
static int add_place(const struct cleanup_place *place, struct leftovers *list, struct err *err)
{
    AUTO_LEFTOVERS struct leftovers found = {0};
    if (look_at(place, &found, err) < 0)
        return err_prepend(err, "%s", aws_region(place->client->aws));
    for (size_t i = 0; i < found.count; i++)
        if (leftovers_take(list, &found.items[i], err) < 0)
            return -1;
    return 0;
}

static bool is_in(const struct leftover *item, const struct cleanup_place *place)
{
    return strcmp(item->region, aws_region(place->client->aws)) == 0;
}

static bool has_some_of(const struct cleanup_place *place, const struct leftovers *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].fate == LEFTOVER_REMOVE && is_in(&list->items[i], place))
            return true;
    return false;
}

/* Where something of `wanted` is to be removed; NULL: everywhere. */
static int find(const struct cleanup_order *order, const struct leftovers *wanted, struct leftovers *list,
                struct err *err)
{
    int result = 0;
    for (size_t i = 0; i < order->place_count; i++) {
        struct err failure = {0};
        if ((wanted && !has_some_of(&order->places[i], wanted)) ||
            add_place(&order->places[i], list, &failure) == 0)
            continue;
        if (result == 0)
            err_copy(err, &failure);
        else
            log_line(order->log, LOG_ERROR, "%s", failure.message);
        result = -1;
        if (failure.kind == ERR_CANCELLED)
            break;
    }
    leftovers_decide(list, order->terms);
    return result;
}

int cleanup_find(const struct cleanup_order *order, struct leftovers *list, struct err *err)
{
    return find(order, NULL, list, err);
}

/* --- removing ------------------------------------------------------------------------------------------- */

static bool goes(const struct leftover *item, const struct cleanup_place *place, enum leftover_kind kind)
{
    return item->fate == LEFTOVER_REMOVE && item->kind == kind && is_in(item, place);
}

static void note_failure(struct leftover *item, const struct err *err)
{
    item->failure = err->kind;
    snprintf(item->why, sizeof item->why, "%.*s", (int)sizeof item->why - 1, err->message);
}

static bool is_to_end(const struct leftover *item, const struct cleanup_place *place)
{
    return goes(item, place, LEFTOVER_INSTANCE) && strcmp(item->state, "shutting-down") != 0;
}

/* To know which of them it is that can't be ended. */
static void terminate_singly(const struct cleanup_place *place, struct leftovers *list, struct err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        const char *id = list->items[i].id;
        struct err failure = {0};
        if (!is_to_end(&list->items[i], place) ||
            ec2_terminate_instances(place->client, &id, 1, &failure) == 0)
            continue;
        note_failure(&list->items[i], &failure);
        if (failure.kind == ERR_CANCELLED) {
            err_copy(err, &failure);
            return;
        }
    }
}

/* Asks for the end of all at once; that they have ended, the next look says. */
static void terminate_all(const struct cleanup_place *place, struct leftovers *list, struct err *err)
{
    AUTO_FREE const char **ids = calloc(list->count + 1, sizeof *ids);
    size_t count = 0;
    for (size_t i = 0; ids && i < list->count; i++)
        if (is_to_end(&list->items[i], place))
            ids[count++] = list->items[i].id;
    if (count > 0 && ec2_terminate_instances(place->client, ids, count, NULL) < 0)
        terminate_singly(place, list, err);
}

static int remove_one(const struct cleanup_place *place, const struct leftover *item, struct err *err)
{
    static const enum ec2_resource_kind kinds[] = {
        [LEFTOVER_SPOT_REQUEST] = EC2_SPOT_REQUEST,
        [LEFTOVER_NETWORK_INTERFACE] = EC2_NETWORK_INTERFACE,
        [LEFTOVER_VOLUME] = EC2_VOLUME,
        [LEFTOVER_SECURITY_GROUP] = EC2_SECURITY_GROUP,
        [LEFTOVER_KEY_PAIR] = EC2_KEY_PAIR,
    };
    if (item->kind == LEFTOVER_MULTIPART_UPLOAD)
        return s3_abort_multipart_upload(place->client, place->uploads->bucket, item->id, item->name, err);
    struct ec2_resource resource = {0};
    snprintf(resource.id, sizeof resource.id, "%s", item->id);
    snprintf(resource.name, sizeof resource.name, "%s", item->name ? item->name : "");
    return ec2_delete_resource(place->client, kinds[item->kind], &resource, err);
}

static void remove_all_of(const struct cleanup_place *place, enum leftover_kind kind, struct leftovers *list,
                          struct err *err)
{
    for (size_t i = 0; err->kind == ERR_NONE && i < list->count; i++) {
        struct leftover *item = &list->items[i];
        bool held = item->attached_to[0] && strcmp(item->state, "available") != 0;
        struct err failure = {0};
        if (!goes(item, place, kind) || held || remove_one(place, item, &failure) == 0 ||
            failure.kind == ERR_NOT_FOUND)
            continue;
        note_failure(item, &failure);
        if (failure.kind == ERR_CANCELLED)
            err_copy(err, &failure);
    }
}

static bool any_goes(const struct leftovers *list, const struct cleanup_place *place, enum leftover_kind kind)
{
    for (size_t i = 0; i < list->count; i++)
        if (goes(&list->items[i], place, kind))
            return true;
    return false;
}

/* What can be asked for now. -1: interrupted. */
static int remove_in_place(const struct cleanup_place *place, struct leftovers *list)
{
    struct err err = {0};
    remove_all_of(place, LEFTOVER_SPOT_REQUEST, list, &err);
    if (err.kind == ERR_NONE)
        terminate_all(place, list, &err);
    if (!any_goes(list, place, LEFTOVER_INSTANCE))
        for (int kind = LEFTOVER_NETWORK_INTERFACE; kind <= LEFTOVER_MULTIPART_UPLOAD; kind++)
            remove_all_of(place, (enum leftover_kind)kind, list, &err);
    return err.kind == ERR_NONE ? 0 : -1;
}

/* What a new look says of what was to be removed: it is gone, or as it is now; or it is somebody's again,
 * whose lease was renewed, and stays. */
static void compare(struct leftovers *list, const struct leftovers *now)
{
    for (size_t i = 0; i < list->count; i++) {
        struct leftover *item = &list->items[i];
        const struct leftover *same = leftovers_same(now, item);
        if (item->fate != LEFTOVER_REMOVE)
            continue;
        if (!same || same->ended) {
            item->fate = LEFTOVER_REMOVED;
            item->why[0] = '\0';
            continue;
        }
        memcpy(item->state, same->state, sizeof item->state);
        memcpy(item->attached_to, same->attached_to, sizeof item->attached_to);
        if (same->fate == LEFTOVER_KEEP) {
            item->fate = LEFTOVER_KEEP;
            memcpy(item->why, same->why, sizeof item->why);
        }
    }
}

/* What was hidden by an instance and is to be removed by itself now. */
static int add_new(struct leftovers *list, struct leftovers *now, struct err *err)
{
    for (size_t i = 0; i < now->count; i++) {
        struct leftover *item = &now->items[i];
        if (item->fate != LEFTOVER_REMOVE)
            continue;
        struct leftover *known = leftovers_same(list, item);
        if (known && known->fate == LEFTOVER_OVER)
            known->fate = LEFTOVER_REMOVE;
        else if (!known && leftovers_take(list, item, err) < 0)
            return -1;
    }
    return 0;
}

/* Each place with something to remove is looked at again. */
static int look_again(const struct cleanup_order *order, struct leftovers *list, struct err *err)
{
    AUTO_LEFTOVERS struct leftovers now = {0};
    if (find(order, list, &now, err) < 0)
        return -1;
    compare(list, &now);
    return add_new(list, &now, err);
}

/* Whether another try can change anything. */
static bool is_hopeful(const struct leftover *item)
{
    switch (item->failure) {
    case ERR_AUTH:
    case ERR_CONFIG:
    case ERR_USAGE:
    case ERR_INTERNAL:
        return false;
    default:
        return true;
    }
}

static bool is_worth_waiting(const struct leftovers *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].fate == LEFTOVER_REMOVE && is_hopeful(&list->items[i]))
            return true;
    return false;
}

static int remove_everywhere(const struct cleanup_order *order, struct leftovers *list, struct err *err)
{
    for (size_t i = 0; i < list->count; i++)
        list->items[i].failure = ERR_NONE;
    for (size_t i = 0; i < order->place_count; i++)
        if (remove_in_place(&order->places[i], list) < 0)
            return cancel_check(order->cancel, CANCEL_DRAIN, err);
    return 0;
}

static const struct leftover *first_left(const struct leftovers *list)
{
    size_t i = 0;
    while (list->items[i].fate != LEFTOVER_REMOVE)
        i++;
    return &list->items[i];
}

/* What is waited for, said anew when it has changed; told is what was said last. */
static void tell_what_is_left(struct log *log, const struct leftovers *list, char told[512])
{
    char text[512];
    size_t count = leftovers_count(list, LEFTOVER_REMOVE);
    if (count == 0)
        return;
    const struct leftover *item = first_left(list);
    const char *how = item->why[0] ? item->why : item->state;
    snprintf(text, sizeof text, "%zu left to remove, first of them %s %s%s%s", count,
             leftover_kind_name(item->kind), item->id, how[0] ? ": " : "", how);
    if (strcmp(text, told) != 0)
        log_line(log, LOG_INFO, "%s", text);
    memcpy(told, text, sizeof text);
}

int cleanup_remove(const struct cleanup_order *order, struct leftovers *list, struct err *err)
{
    char told[512] = "";
    for (double pause = FIRST_PAUSE; leftovers_count(list, LEFTOVER_REMOVE) > 0;
         pause = fmin(pause * PAUSE_GROWTH, LONGEST_PAUSE)) {
        if (remove_everywhere(order, list, err) < 0 || look_again(order, list, err) < 0)
            return -1;
        tell_what_is_left(order->log, list, told);
        if (!is_worth_waiting(list) || clock_monotonic(&order->clock) + pause >= order->deadline)
            return 0;
        if (clock_sleep(&order->clock, pause, order->cancel, CANCEL_DRAIN, err) < 0)
            return -1;
    }
    return 0;
}
