#include "billing/liability/liability.h"

#include <stdlib.h>
#include <string.h>

#include "billing/liability/forecast.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/log.h"

enum { BOOKS_MAX = 64 };

/* What changes accounts all the time makes groups anew at most this share of the time. */
enum { REST = 20 };
static const int64_t oldest = 600 * CLOCK_SECOND;

STMT(liability_lead, "SELECT amends.liability_lead() AS leads", .row = &row_bool);
STMT(liability_cohorts, "SELECT amends.cohort_refresh()");
STMT(liability_changes, "SELECT amends.liability_changes() AS n", .row = &row_int);

SHAPE_STATIC(struct burning, burning_shape, "LiabilityIncident", FIELD(INT, incident),
    FIELD(INT, revision), FIELD(BOOL, open));
STMT(liability_incidents, "SELECT incident, revision, open FROM amends.liability_incidents()",
    .row = &burning_shape);

SHAPE_STATIC(struct candidate, candidate_shape, "LiabilityPolicy", FIELD(INT, policy),
    FIELD(TEXT, name), FIELD(INT, version), FIELD(RAW, document));
STMT(liability_policies,
    "SELECT policy, name, version, document FROM amends.liability_policies($1)",
    .row = &candidate_shape);

/* Sums get the decimal places of their currency. */
STMT(liability_put,
    "WITH place AS (SELECT currency, max(exponent) AS n FROM cohort GROUP BY 1)"
    " SELECT amends.liability_put($1, $2, $3, $4, (SELECT coalesce(jsonb_agg(p || "
    "jsonb_build_object("
    "   'sums', (SELECT coalesce(jsonb_agg(x || jsonb_build_object('exponent',"
    "       coalesce((SELECT n FROM place WHERE currency = x->>'currency'), 2)) ORDER BY "
    "x->>'currency'), '[]')"
    "     FROM jsonb_array_elements(p->'sums') AS x),"
    "   'thresholds', (SELECT coalesce(jsonb_agg(x || jsonb_build_object('exponent',"
    "       coalesce((SELECT n FROM place WHERE currency = x->>'currency'), 2))"
    "       ORDER BY x->>'at', x->>'currency'), '[]')"
    "     FROM jsonb_array_elements(p->'thresholds') AS x)) ORDER BY p->>'policy'), '[]')"
    "   FROM jsonb_array_elements($5::jsonb) AS p))");

struct liability {
    zone_find *zones;
    bool (*stop)(void);
    struct book books[BOOKS_MAX];
};

struct liability *liability_new(zone_find *zones, bool (*stop)(void))
{
    struct liability *liability = calloc(1, sizeof *liability);
    if (!liability)
        abort();
    liability->zones = zones;
    liability->stop = stop;
    return liability;
}

static void forget(struct liability *liability)
{
    for (size_t i = 0; i < BOOKS_MAX; i++)
        book_release(&liability->books[i]);
}

void liability_free(struct liability *liability)
{
    if (!liability)
        return;
    forget(liability);
    free(liability);
}

/* The book of the incident and policy, or a free place; NULL: all are taken. */
static struct book *place_of(struct liability *liability, int64_t incident, int64_t policy)
{
    struct book *vacant = NULL;
    for (size_t i = 0; i < BOOKS_MAX; i++) {
        struct book *book = &liability->books[i];
        if (book->s && book->incident == incident && book->policy == policy)
            return book;
        if (!book->s && !vacant)
            vacant = book;
    }
    return vacant;
}

static bool is_fresh(const struct book *book, int64_t revision, int64_t changes)
{
    int64_t age = clock_monotonic() - book->made_at;
    return book->s && book->revision == revision && age < oldest &&
           (book->changes == changes || age < REST * book->took);
}

struct reading {
    zone_find *zones;
    const struct question *question;
    struct book book;
};

/* Committed at once: a run that needs the same cohorts waits until then. */
static enum rc assign_cohorts(struct scope *s, struct db *db, void *arg)
{
    (void)arg;
    TRY(db_unhurried(s, db)); /* a million accounts take seconds */
    return db_do(s, db, &liability_cohorts, NO_PARAMS, NULL);
}

static enum rc read_book(struct scope *s, struct db *db, void *arg)
{
    struct reading *reading = arg;
    TRY(db_unhurried(s, db));
    return book_read(s, db, reading->zones, reading->question, &reading->book);
}

static enum rc renew(struct scope *s, struct db *db, zone_find *zones,
    const struct question *question, int64_t changes, struct book *book)
{
    struct reading reading = {.zones = zones, .question = question};
    int64_t began = clock_monotonic();
    book_release(book);
    TRY(db_txn(s, db, assign_cohorts, NULL));
    TRY(db_txn(s, db, read_book, &reading));
    *book = reading.book;
    book->changes = changes;
    book->made_at = clock_monotonic();
    book->took = book->made_at - began;
    log_event(LOG_INFO, "accounts grouped for an estimate", LOG_INT("incident", book->incident),
        LOG_TEXT("policy", book->name), LOG_INT("groups", (int64_t)book->n),
        LOG_INT("ms", book->took / 1000));
    return RC_OK;
}

struct refresh {
    struct liability *liability;
    const struct burning *incident;
    int64_t now, changes;
    json_t *policies;
};

/* A policy that cannot be estimated is left out, and logged. */
static void estimate(struct db *db, struct refresh *refresh, const struct candidate *one)
{
    SCOPE(s);
    const struct question question = {.incident = refresh->incident->incident,
        .revision = refresh->incident->revision,
        .policy = one->policy,
        .name = one->name,
        .version = one->version,
        .document = one->document};
    struct book *book = place_of(refresh->liability, question.incident, question.policy);
    json_t *policy;
    enum rc rc = book ? RC_OK : fail(s, RC_INVALID, "more than %d estimates at once", BOOKS_MAX);
    if (rc == RC_OK && !is_fresh(book, question.revision, refresh->changes))
        rc = renew(s, db, refresh->liability->zones, &question, refresh->changes, book);
    if (rc == RC_OK)
        rc = forecast_book(s, book, refresh->now, refresh->liability->stop, &policy);
    if (rc != RC_OK) {
        log_fault("an estimate is left out", s);
        return;
    }
    if (json_array_size(json_object_get(policy, "sums")))
        json_array_append(refresh->policies, policy);
    json_decref(policy);
}

static enum rc refresh_incident(struct scope *s, struct db *db, struct refresh *refresh)
{
    struct list list;
    TRY(db_all(s, db, &liability_policies, PARAMS(P_INT(refresh->incident->incident)), &list));
    const struct candidate *at = list.at;
    for (size_t i = 0; i < list.n; i++)
        estimate(db, refresh, &at[i]);
    return db_do(s, db, &liability_put,
        PARAMS(P_INT(refresh->incident->incident), P_INT(refresh->incident->revision),
            P_TIME(refresh->now), P_BOOL(refresh->incident->open),
            P_TEXT(json_text(s, refresh->policies))),
        NULL);
}

/* Of incidents that are over, and of versions that are not the newest. */
static void drop_old(struct liability *liability, const struct list *incidents)
{
    const struct burning *at = incidents->at;
    for (size_t i = 0; i < BOOKS_MAX; i++) {
        struct book *book = &liability->books[i];
        bool burns = false;
        for (size_t k = 0; k < incidents->n; k++)
            burns = burns || (at[k].open && at[k].incident == book->incident);
        if (book->s && (!burns || clock_monotonic() - book->made_at > oldest))
            book_release(book);
    }
}

enum rc liability_run(struct scope *s, struct db *db, struct liability *liability)
{
    struct list incidents;
    bool leads;
    int64_t changes;
    TRY(db_one(s, db, &liability_lead, NO_PARAMS, &leads));
    if (!leads) {
        forget(liability);
        return RC_OK;
    }
    TRY(db_all(s, db, &liability_incidents, NO_PARAMS, &incidents));
    drop_old(liability, &incidents);
    if (!incidents.n)
        return RC_OK;
    TRY(db_one(s, db, &liability_changes, NO_PARAMS, &changes));
    const struct burning *at = incidents.at;
    for (size_t i = 0; i < incidents.n; i++) {
        struct refresh refresh = {.liability = liability,
            .incident = &at[i],
            .now = clock_now() / CLOCK_SECOND * CLOCK_SECOND,
            .changes = changes,
            .policies = json_own(s, json_array())};
        TRY(refresh_incident(s, db, &refresh));
    }
    return RC_OK;
}
