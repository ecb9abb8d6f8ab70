#include "suites/cache_plateaus.h"

#include "base/attributes.h"
#include "measure/latency_curve.h"
#include "measure/statistics.h"

#include <math.h>
#include <stdint.h>

#define POINTS_MIN 3
#define FLAT_FACTOR 1.28
#define STEP_FACTOR 1.6

/* A curve must be so many times as long as a cache is large to show where the cache ends. */
#define CURVE_PER_CACHE 4
#define SIZE_FACTOR 2

#define LINE_ASSUMED 64

_Static_assert(CURVE_POINTS_MAX <= STATISTICS_MAX, "statistics take all points of a plateau");

/* A stretch of points, and the median of their latencies. */
struct stretch {
    size_t first, last;
    double level;
};

static double smoothed(const struct size_latency *points, size_t count, size_t i)
{
    if (i == 0 || i + 1 == count)
        return points[i].nanoseconds;
    double three[] = {points[i - 1].nanoseconds, points[i].nanoseconds, points[i + 1].nanoseconds};
    return median_of(three, ARRAY_LENGTH(three));
}

/* The longest flat stretch from `first` on. */
static struct stretch grow_stretch(const double *latency, size_t count, size_t first)
{
    double least = latency[first], most = latency[first];
    size_t last = first;
    while (last + 1 < count) {
        least = fmin(least, latency[last + 1]);
        most = fmax(most, latency[last + 1]);
        if (most > FLAT_FACTOR * least)
            break;
        last++;
    }
    return (struct stretch){first, last, median_of(latency + first, last - first + 1)};
}

static bool belongs_to(const struct stretch *earlier, const struct stretch *later)
{
    double limit = later->first == earlier->last + 1 ? STEP_FACTOR : FLAT_FACTOR;
    return later->level < limit * earlier->level;
}

static size_t find_stretches(const double *latency, size_t count, struct stretch rows[PLATEAUS_MAX])
{
    struct stretch newest = {0}; /* the last one that the last row is made of */
    size_t found = 0;
    for (size_t i = 0; i < count;) {
        struct stretch stretch = grow_stretch(latency, count, i);
        if (stretch.last - stretch.first + 1 < POINTS_MIN) {
            i++;
            continue;
        }
        if (found > 0 && belongs_to(&newest, &stretch))
            rows[found - 1].last = stretch.last;
        else if (found < PLATEAUS_MAX)
            rows[found++] = stretch;
        newest = stretch;
        i = stretch.last + 1;
    }
    for (size_t i = 0; i < found; i++)
        rows[i].level = median_of(latency + rows[i].first, rows[i].last - rows[i].first + 1);
    return found;
}

/* The last point from the end of a plateau on that is nearer to it than to the next one. */
static size_t last_below_middle(const double *latency, const struct stretch *plateau,
                                const struct stretch *next)
{
    double middle = sqrt(plateau->level * next->level);
    size_t last = plateau->last;
    while (last + 1 < next->first && latency[last + 1] <= middle)
        last++;
    return last;
}

void plateaus_find(const struct size_latency *points, size_t count, struct plateaus *plateaus)
{
    double latency[CURVE_POINTS_MAX];
    struct stretch rows[PLATEAUS_MAX];
    for (size_t i = 0; i < count; i++)
        latency[i] = smoothed(points, count, i);
    plateaus->count = find_stretches(latency, count, rows);
    for (size_t i = 0; i < plateaus->count; i++) {
        bool last = i + 1 == plateaus->count;
        size_t capacity = last ? rows[i].last : last_below_middle(latency, &rows[i], &rows[i + 1]);
        plateaus->rows[i] = (struct plateau){
            .first_bytes = points[rows[i].first].bytes,
            .last_bytes = points[rows[i].last].bytes,
            .capacity_bytes = points[capacity].bytes,
            .nanoseconds = rows[i].level,
        };
    }
}

/* --- what is told --------------------------------------------------------------------------------------- */

static bool within_factor(uint64_t a, uint64_t b)
{
    return a <= SIZE_FACTOR * b && b <= SIZE_FACTOR * a;
}

static void take_from_curve(const struct plateaus *plateaus, struct cache_verdict *verdict)
{
    for (size_t i = 0; i + 1 < plateaus->count && i < ARRAY_LENGTH(verdict->seen); i++)
        verdict->caches.rows[verdict->caches.count++] = (struct cache){
            .level = (unsigned)i + 1,
            .type = i == 0 ? CACHE_DATA : CACHE_UNIFIED,
            .size_bytes = plateaus->rows[i].capacity_bytes,
            .line_bytes = LINE_ASSUMED,
            .instances = 1,
        };
}

/* Holds one level that was told to what the curve shows of it. */
static void compare(struct cache *cache, size_t seen, size_t curve_end, struct cache_verdict *verdict)
{
    if (curve_end / CURVE_PER_CACHE < cache->size_bytes || (seen && within_factor(seen, cache->size_bytes)))
        return;
    verdict->disputed = true;
    if (seen > verdict->last_level_bytes)
        verdict->last_level_bytes = seen;
    if (seen && seen < cache->size_bytes)
        cache->size_bytes = seen;
}

void cache_verdict_reach(const struct caches *told, const struct plateaus *plateaus, size_t curve_end,
                         struct cache_verdict *verdict)
{
    *verdict = (struct cache_verdict){.caches = *told};
    const struct cache *last = caches_last(told);
    bool shows_memory = !last || curve_end / CURVE_PER_CACHE >= last->size_bytes;
    size_t shown = plateaus->count;
    /* What reaches the end of the curve is memory, or a level whose end is not in sight. */
    if (shown > 0 && (shows_memory || plateaus->rows[shown - 1].last_bytes == curve_end))
        shown--;
    for (size_t i = 0; i < shown && i < ARRAY_LENGTH(verdict->seen); i++) {
        verdict->seen[i] = plateaus->rows[i].capacity_bytes;
        verdict->flat[i] = plateaus->rows[i].last_bytes;
    }
    if (!last)
        take_from_curve(plateaus, verdict);
    last = caches_last(&verdict->caches);
    verdict->last_level_bytes = last ? last->size_bytes : 0;
    for (size_t i = 0; i < told->count; i++) {
        unsigned level = told->rows[i].level;
        size_t seen = level >= 1 && level <= ARRAY_LENGTH(verdict->seen) ? verdict->seen[level - 1] : 0;
        compare(&verdict->caches.rows[i], seen, curve_end, verdict);
    }
    if (told->count > 0 && shows_memory && shown != told->count)
        verdict->disputed = true;
}
