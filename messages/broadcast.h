#pragma once
/*
 * The broadcasts being sent, in memory: read once, with their contents compiled once per channel x
 * locale x zone. The database thread adds and drops them; a sender thread only reads those of its
 * batch.
 */
#include <stdbool.h>
#include <stdint.h>

#include "core/config.h"
#include "core/db/db.h"
#include "core/sign.h"
#include "messages/channel.h"
#include "messages/kind.h"

struct content;
struct facts;

struct broadcast {
    int64_t id, priority;
    enum kind kind;
    int64_t incident_id, update_id, credit_run_id, subscriber_id;
    const char *subject, *body, *extra;
    const char *incidents; /* bigint[]: the incidents whose readers receive an update */
    bool milestone;
    const char *digest_zone, *digest_day;
    int64_t not_before; /* us: the Date of its mails */
    const char *kind_name;
    /* not in the row: */
    struct scope *scope;
    const struct facts *facts; /* facts.h, read when first needed */
    struct content *contents;
    int batches;     /* in flight */
    int64_t used_at; /* us, monotonic */
    struct broadcast *following;
};

struct broadcasts {
    const struct config *config;
    const struct sign *keys;
    struct broadcast *first;
};

/* An update, or a reminder of one: for the readers of its incident. */
bool broadcast_is_of_incident(const struct broadcast *b);

/* A letter about the credits of a run, or a test of one. */
bool broadcast_is_of_credits(const struct broadcast *b);

/* Get one from memory or the database. It stays while it has batches, and a minute longer. */
enum rc broadcast_get(
    struct scope *s, struct db *db, struct broadcasts *all, int64_t id, struct broadcast **ret);
/* Drop broadcasts unused for a minute, or, if every is true, all without a batch. */
void broadcasts_evict(struct broadcasts *all, int64_t now, bool every);
