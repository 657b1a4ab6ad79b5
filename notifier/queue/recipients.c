#include "notifier/queue/recipients.h"

#include <sodium.h>
#include <string.h>

#include "core/clock.h"
#include "messages/content.h"
#include "messages/context.h"
#include "messages/credit_letter.h"
#include "notifier/queue/slack_roots.h"
#include "notifier/queue/sms_budget.h"

/* Hex of a sealed column -> its text, or NULL. table: the AAD's first part. */
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

static const char *const *merge_fields(struct scope *s, const struct audience_row *row)
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
    fields[MERGE_WHY_TEXT] = credit_letter_why(s, row->why, locale);
    fields[MERGE_DAYS] = copy(s, row->days);
    return fields;
}

static void fill(struct batch *batch, const struct sign *keys, const struct audience_row *row,
    struct recipient *r)
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

enum rc recipients_batch(struct scope *s, struct db *db, struct broadcasts *all,
    const struct recipients_spec *spec, const struct list *rows, struct batch **ret)
{
    struct batch *batch = batch_new(spec, rows->n);
    const struct audience_row *at = rows->at;
    for (size_t i = 0; i < rows->n; i++) {
        if (at[i].settled)
            continue;
        struct recipient *r = &batch->at[batch->n++];
        struct content_for reader = {at[i].locale, at[i].timezone, at[i].selection, at[i].format};
        fill(batch, all->keys, &at[i], r);
        enum rc rc = r->content ? RC_OK
                                : content_get(s, db, all, spec->broadcast, spec->channel, &reader,
                                      &r->content);
        if (rc != RC_OK) {
            scope_free(batch->scope);
            return rc;
        }
    }
    enum rc rc = spec->channel == CHANNEL_SLACK ? slack_roots_read(s, db, batch)
                 : spec->channel == CHANNEL_SMS ? sms_budget_take(s, db, all->config, batch)
                                                : RC_OK;
    if (rc != RC_OK) {
        scope_free(batch->scope);
        return rc;
    }
    *ret = batch;
    return RC_OK;
}
