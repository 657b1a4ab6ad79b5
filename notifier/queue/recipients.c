#include "notifier/queue/recipients.h"

#include <sodium.h>
#include <string.h>

#include "billing/words/letter.h"
#include "core/clock.h"
#include "core/log.h"
#include "messages/content.h"
#include "messages/context.h"
#include "messages/credit_letter.h"
#include "messages/provider.h"

const struct shape claimed_shape = SHAPE("ClaimedRow", struct claimed, FIELD(INT, batch_id),
    FIELD(INT, lease), FIELD(INT, broadcast_id), FIELD(BOOL, again), FIELD(INT, id),
    FIELD(TEXT, address), FIELD(TEXT, sealed), FIELD(TEXT, secret), FIELD(TEXT, locale),
    FIELD(TEXT, timezone), FIELD(TEXT, format), FIELD(INT, attempts, .def = "0"),
    FIELD(TIME, first_at), FIELD(BOOL, possible_duplicate), FIELD(TEXT, selection),
    FIELD(TEXT, contact_name), FIELD(TEXT, account_name), FIELD(TEXT, account_ref),
    FIELD(INT, credit_id), FIELD(TEXT, amounts), FIELD(TEXT, currency), FIELD(TEXT, why),
    FIELD(TEXT, days), FIELD(INT, claim_account), FIELD(INT, claim_contact),
    FIELD(TIME, claim_until), FIELD(TEXT, claim), FIELD(INT, page_contact));

/* The text of a sealed column in hex, or NULL. table: the first part of its associated data. */
static const char *open_sealed(
    struct scope *s, const struct sign *keys, const char *table, int64_t id, const char *hex)
{
    if (!hex)
        return NULL;
    size_t len = strlen(hex) / 2, got = 0;
    unsigned char *sealed = scope_alloc(s, len + 1);
    sodium_hex2bin(sealed, len, hex, 2 * len, NULL, &got, NULL);
    char *text = NULL;
    const char *aad = scope_printf(s, "%s%lld", table, (long long)id);
    return sign_open(s, keys, aad, sealed, got, &text) == RC_OK ? text : NULL;
}

static const char *copy(struct scope *s, const char *text)
{
    return scope_strdup(s, text ? text : "");
}

static const char *const *merge_fields(struct scope *s, const struct claimed *row)
{
    if (row->credit_id == SHAPE_NONE)
        return NULL;
    const char **fields = SCOPE_ARRAY(s, const char *, MERGE_COUNT);
    const char *name = row->contact_name ? row->contact_name : row->account_name;
    fields[MERGE_CONTACT_NAME] = copy(s, name);
    fields[MERGE_ACCOUNT_NAME] = copy(s, row->account_name);
    fields[MERGE_ACCOUNT_REF] = copy(s, row->account_ref);
    fields[MERGE_CREDIT_ID] = scope_printf(s, "%lld", (long long)row->credit_id);
    const char *locale = row->locale ? row->locale : "en";
    fields[MERGE_AMOUNT_TEXT] = credit_letter_amounts(s, row->amounts, locale);
    fields[MERGE_CURRENCY] = copy(s, row->currency);
    fields[MERGE_WHY_TEXT] = words_letter(s, row->why, locale);
    fields[MERGE_DAYS] = copy(s, row->days);
    return fields;
}

static void fill(
    struct batch *batch, const struct sign *keys, const struct claimed *row, struct recipient *r)
{
    static const struct content unreadable = {.trouble = "unreadable_address"};
    struct scope *s = batch->scope;
    *r = (struct recipient){
        .batch = batch,
        .id = row->id,
        .address = scope_strdup(s, row->address),
        .fields = merge_fields(s, row),
        .link_id = row->credit_id == SHAPE_NONE ? row->id : row->credit_id,
        .attempts = (int)row->attempts,
        .first_at = row->first_at == SHAPE_NONE ? 0 : row->first_at,
        .possible_duplicate = row->possible_duplicate,
        .claim_account = row->claim_account == SHAPE_NONE ? 0 : row->claim_account,
        .claim_contact = row->claim_contact == SHAPE_NONE ? 0 : row->claim_contact,
        .claim_until = row->claim_until == SHAPE_NONE ? 0 : row->claim_until,
        .page_contact = row->page_contact == SHAPE_NONE ? 0 : row->page_contact,
    };
    if (row->sealed)
        r->address = open_sealed(s, keys, "subscriber:address:", row->id, row->sealed);
    r->secret = open_sealed(s, keys, "subscriber:secret:", row->id, row->secret);
    if (!r->address || (row->secret && !r->secret))
        r->content = &unreadable;
}

static struct batch *batch_new(const struct recipients_spec *spec, size_t n)
{
    struct scope *own = scope_new();
    struct batch *batch = SCOPE_NEW(own, struct batch);
    batch->scope = own;
    batch->id = spec->batch_id;
    batch->lease = spec->lease;
    batch->broadcast = spec->broadcast;
    batch->channel = spec->channel;
    batch->again = spec->again;
    batch->orphan = spec->orphan;
    batch->made_at = clock_monotonic();
    batch->at = SCOPE_ARRAY(own, struct recipient, n);
    return batch;
}

SHAPE_STATIC(struct root, root_shape, "MessageRoot", FIELD(INT, id), FIELD(TEXT, root));

STMT(message_roots,
    "SELECT DISTINCT ON (d.recipient_id) d.recipient_id AS id, d.reference AS root"
    " FROM broadcast o JOIN delivery d ON d.broadcast_id = o.id"
    " WHERE o.kind = 'update' AND o.incident_id = $1 AND o.id < $2"
    " AND d.recipient_id = ANY ($3::bigint[]) AND d.channel = $4"
    " AND d.reference IS NOT NULL ORDER BY d.recipient_id, o.id",
    .row = &root_shape);

STMT(slack_card_roots,
    "SELECT d.recipient_id AS id, d.reference AS root"
    " FROM broadcast o JOIN delivery d ON d.broadcast_id = o.id"
    " WHERE o.kind = 'staff' AND o.about = $1::jsonb->>'card' AND o.id < $2"
    " AND d.recipient_id = ANY ($3::bigint[]) AND d.channel = 'slack'"
    " AND d.reference IS NOT NULL",
    .row = &root_shape);

/* The roots of its incident, or the card that a message to staff takes the place of. */
static enum rc read_roots(struct scope *s, struct db *db, const struct batch *batch,
    const int64_t *ids, size_t n, struct list *ret)
{
    const struct broadcast *b = batch->broadcast;
    if (b->kind == KIND_STAFF)
        return db_all(s, db, &slack_card_roots,
            PARAMS(P_TEXT(b->extra), P_INT(b->id), P_INTS(s, ids, n)), ret);
    return db_all(s, db, &message_roots,
        PARAMS(P_INT(b->incident_id), P_INT(b->id), P_INTS(s, ids, n),
            P_TEXT(channel_name[batch->channel])),
        ret);
}

/* Do later messages of an incident refer to its first one: a bot's of Slack (slack.h), or by the
 * document? */
static bool has_root(const struct recipient *r)
{
    if (!r->address || r->batch->channel == CHANNEL_SLACK)
        return r->address && address_is_slack_bot(r->address);
    return channel_document(r->batch->channel)->channel->actions.n;
}

static enum rc add_roots(struct scope *s, struct db *db, struct batch *batch)
{
    const struct broadcast *b = batch->broadcast;
    int64_t *ids = SCOPE_ARRAY(s, int64_t, batch->n);
    size_t n = 0;
    for (size_t i = 0; i < batch->n; i++)
        if (has_root(&batch->at[i]))
            ids[n++] = batch->at[i].id;
    if (!n || (b->kind != KIND_UPDATE && b->kind != KIND_STAFF))
        return RC_OK;
    struct list roots;
    TRY(read_roots(s, db, batch, ids, n, &roots));
    const struct root *at = roots.at;
    for (size_t i = 0; i < roots.n; i++)
        for (size_t j = 0; j < batch->n; j++)
            if (batch->at[j].id == at[i].id)
                batch->at[j].root = scope_strdup(batch->scope, at[i].root);
    return RC_OK;
}

SHAPE_STATIC(struct granted, granted_shape, "GrantedSegments", FIELD(INT, n));

STMT(sms_budget, "SELECT amends.sms_take($1, $2) AS n", .row = &granted_shape);

/* Take the segments of the batch's texts from the month's budget (sms_month_segments), which all
 * notifiers share. Recipients for whom nothing is left get a content that is never sent; staff are
 * notified once a month. Segments that are taken and not sent are not given back. */
static enum rc take_sms_budget(
    struct scope *s, struct db *db, const struct config *config, struct batch *batch)
{
    static const struct content over_budget = {.trouble = "over_budget"};
    struct granted granted;
    int64_t wanted = 0, refused = 0;
    for (size_t i = 0; i < batch->n; i++)
        wanted += batch->at[i].content->segments;
    if (!wanted)
        return RC_OK;
    TRY(db_one(
        s, db, &sms_budget, PARAMS(P_INT(wanted), P_INT(config->sms_month_segments)), &granted));
    for (size_t i = 0; i < batch->n; i++) {
        struct recipient *r = &batch->at[i];
        if (r->content->segments <= granted.n) {
            granted.n -= r->content->segments;
            continue;
        }
        refused++;
        r->content = &over_budget;
    }
    if (refused)
        log_event(LOG_ERROR, "SMS are over the month's budget",
            LOG_INT("broadcast", batch->broadcast->id), LOG_INT("not_sent", refused),
            LOG_INT("segments", config->sms_month_segments));
    return RC_OK;
}

static enum rc add_recipients(struct scope *s, struct db *db, struct broadcasts *all,
    const struct list *rows, struct batch *batch)
{
    const struct claimed *at = rows->at;
    for (size_t i = 0; i < rows->n; i++) {
        struct recipient *r = &batch->at[batch->n++];
        struct content_for reader = {at[i].locale, at[i].timezone, at[i].selection, at[i].format,
            at[i].claim, at[i].page_contact != SHAPE_NONE};
        fill(batch, all->keys, &at[i], r);
        if (r->id < 0 && r->address && address_is_slack_bot(r->address))
            r->secret = all->config->slack_bot_token;
        if (!r->content)
            TRY(content_get(s, db, all, batch->broadcast, batch->channel, &reader, &r->content));
    }
    if (batch->channel == CHANNEL_SLACK || channel_document(batch->channel))
        return add_roots(s, db, batch);
    return batch->channel == CHANNEL_SMS ? take_sms_budget(s, db, all->config, batch) : RC_OK;
}

enum rc recipients_batch(struct scope *s, struct db *db, struct broadcasts *all,
    const struct recipients_spec *spec, const struct list *rows, struct batch **ret)
{
    struct batch *batch = batch_new(spec, rows->n);
    enum rc rc = add_recipients(s, db, all, rows, batch);
    if (rc == RC_OK)
        *ret = batch;
    else
        scope_free(batch->scope);
    return rc;
}
