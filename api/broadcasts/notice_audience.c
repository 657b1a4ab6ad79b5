#include "api/broadcasts/notice_audience.h"

#include <string.h>

#include "api/call/lookup.h"
#include "api/incidents/incidents.h"
#include "core/json.h"

struct notice_audience {
    const json_t *labels;
    struct texts accounts, plans, components;
    const char *list;
    int64_t credit_run;
};
const struct shape notice_audience_shape = SHAPE("NoticeAudience", struct notice_audience,
    FIELD(JSON, labels, .form = FORM_OBJECT,
        .doc = "Labels that an account must have, each with its value or a list of values."),
    FIELD(TEXTS, accounts, .max = 10000, .doc = "Or accounts by name."),
    FIELD(TEXT, list, .max = 100, .doc = "Or those of an account list."),
    FIELD(TEXTS, plans, .max = 100, .doc = "Only accounts with one of these plans."),
    FIELD(INT, credit_run, .doc = "Only accounts with an issued credit of this run."),
    FIELD(TEXTS, components, .max = 500,
        .doc = "Only subscribers of one of these components, by slug."));

STMT(notice_account_ids,
    "SELECT a.id FROM unnest($1::text[]) WITH ORDINALITY u(name, n)"
    "  LEFT JOIN account a ON a.external_id = u.name ORDER BY u.n",
    .row = &row_int);
STMT(notice_plan_unused,
    "SELECT p FROM unnest($1::text[]) p WHERE NOT EXISTS (SELECT FROM account WHERE plan = p)"
    " LIMIT 1",
    .row = &row_text);
STMT(notice_run_exists, "SELECT EXISTS (SELECT FROM credit_run WHERE id = $1)", .row = &row_bool);
STMT(notice_restrict, "SELECT amends.notice_restrict($1, $2::jsonb)", .row = &row_int);

struct notice_readers {
    const char *channel, *locale;
    int64_t count;
};
const struct shape notice_readers_shape = SHAPE("NoticeReaders", struct notice_readers,
    FIELD(TEXT, channel, .required = true, .doc = "Channel."),
    FIELD(TEXT, locale, .required = true, .doc = "Language tag."),
    FIELD(INT, count, .required = true, .doc = "Number of recipients."));
STMT(notice_readers,
    "SELECT s.channel::text, s.locale, count(*) FROM subscriber s WHERE s.state = 'active'"
    "  AND (NOT $2::boolean OR (s.channel, s.id) IN (SELECT t.channel, t.subscriber_id"
    "    FROM broadcast_scope t WHERE t.broadcast_id = $1))"
    "  AND NOT EXISTS (SELECT FROM suppression u WHERE u.address_hash = s.address_hash)"
    "  AND NOT EXISTS (SELECT FROM subscription x"
    "    WHERE x.subscriber_id = s.id AND x.kind = 'credits')"
    " GROUP BY 1, 2 ORDER BY 1, 2",
    .row = &notice_readers_shape);

static enum rc check_accounts(struct scope *s, struct db *db, const struct texts *names)
{
    struct list rows;
    TRY(db_all(s, db, &notice_account_ids, PARAMS(P_TEXTS(s, names)), &rows));
    const int64_t *ids = rows.at;
    for (size_t i = 0; i < rows.n; i++)
        if (ids[i] == SHAPE_NONE)
            return fail_field(s, RC_INVALID, scope_printf(s, "audience.accounts[%zu]", i),
                "no account \"%.100s\"", names->at[i]);
    return RC_OK;
}

static enum rc check_plans(struct scope *s, struct db *db, const struct texts *plans)
{
    const char *unused;
    enum rc rc = db_one(s, db, &notice_plan_unused, PARAMS(P_TEXTS(s, plans)), &unused);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    return fail_field(
        s, RC_INVALID, "audience.plans", "no account has the plan \"%.100s\"", unused);
}

static enum rc check_run(struct scope *s, struct db *db, int64_t run)
{
    bool exists;
    TRY(db_one(s, db, &notice_run_exists, PARAMS(P_INT(run)), &exists));
    if (!exists)
        return fail_field(
            s, RC_INVALID, "audience.credit_run", "no credit run %lld", (long long)run);
    return RC_OK;
}

static json_t *named(const struct texts *names)
{
    json_t *list = json_array();
    for (size_t i = 0; i < names->n; i++)
        json_array_append_new(list, json_pack("{s:s}", "account", names->at[i]));
    return list;
}

static json_t *texts(const struct texts *given)
{
    json_t *list = json_array();
    for (size_t i = 0; i < given->n; i++)
        json_array_append_new(list, json_string(given->at[i]));
    return list;
}

static json_t *numbers(const int64_t *ids, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_integer(ids[i]));
    return list;
}

/* As amends.notice_restrict reads it. */
static enum rc resolve(
    struct scope *s, struct db *db, const struct notice_audience *in, json_t *ret)
{
    int64_t *components;
    TRY(impact_labels_check(s, "audience.labels", in->labels));
    TRY(check_accounts(s, db, &in->accounts));
    TRY(check_plans(s, db, &in->plans));
    TRY(lookup_components(s, db, &in->components, "audience.components[%zu]", &components));
    if (in->credit_run != SHAPE_NONE) {
        TRY(check_run(s, db, in->credit_run));
        json_object_set_new(ret, "credit_run", json_integer(in->credit_run));
    }
    if (in->list)
        json_object_set_new(ret, "list", json_string(in->list));
    TRY(impact_scope_find(s, db, "audience", ret));
    if (json_object_size(in->labels))
        json_object_set(ret, "labels", (json_t *)in->labels);
    if (in->accounts.n)
        json_object_set_new(ret, "accounts", named(&in->accounts));
    if (in->plans.n)
        json_object_set_new(ret, "plans", texts(&in->plans));
    if (in->components.n)
        json_object_set_new(ret, "components", numbers(components, in->components.n));
    return RC_OK;
}

enum rc notice_audience_read(struct scope *s, struct db *db, const json_t *audience, json_t **ret)
{
    struct notice_audience read;
    const char *word = json_string_value(audience);
    *ret = NULL;
    if (!audience || (word && !strcmp(word, "all")))
        return RC_OK;
    if (!json_is_object(audience))
        return fail_field(s, RC_INVALID, "audience", "must be \"all\" or an object");
    if (shape_read(s, &notice_audience_shape, audience, &read) != RC_OK)
        return fail_field(s, RC_INVALID,
            scope_printf(s, "audience.%s", s->fault.field ? s->fault.field : ""), "%s",
            s->fault.message);
    json_t *resolved = json_own(s, json_object());
    TRY(resolve(s, db, &read, resolved));
    if (!json_object_size(resolved))
        return fail_field(s, RC_INVALID, "audience", "names nobody: say \"all\" for everybody");
    *ret = resolved;
    return RC_OK;
}

enum rc notice_audience_apply(
    struct scope *s, struct db *db, int64_t broadcast, const json_t *audience)
{
    int64_t count;
    if (!audience)
        return RC_OK;
    TRY(db_one(
        s, db, &notice_restrict, PARAMS(P_INT(broadcast), P_TEXT(json_text(s, audience))), &count));
    if (!count)
        return fail_field(s, RC_INVALID, "audience", "no subscriber is in it");
    return RC_OK;
}

enum rc notice_audience_count(
    struct scope *s, struct db *db, int64_t broadcast, const json_t *audience, json_t **ret)
{
    struct list rows;
    TRY(db_all(s, db, &notice_readers, PARAMS(P_INT(broadcast), P_BOOL(audience != NULL)), &rows));
    const struct notice_readers *at = rows.at;
    *ret = json_own(s, json_array());
    for (size_t i = 0; i < rows.n; i++)
        json_array_append_new(*ret, json_pack("{s:s, s:s, s:I}", "channel", at[i].channel, "locale",
                                        at[i].locale, "count", (json_int_t)at[i].count));
    return RC_OK;
}
