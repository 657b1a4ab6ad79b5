#include "api/policies/publication.h"

#include "api/call/audit_log.h"
#include "api/call/translations.h"
#include "core/money.h"

struct publication {
    int64_t version;
    const char *title, *currency;
    const json_t *translations;
};
SHAPE_EXTERN(struct publication_texts, publication_texts_shape, "PublicationTexts",
    FIELD(TEXT, title, .min = 1, .max = 100, .doc = "Heading on the page."));
const struct shape publication_shape = SHAPE("Publication", struct publication,
    FIELD(INT, version, .min = 1, .max = INT32_MAX, .doc = "Version; default: the newest."),
    FIELD(TEXT, title, .min = 1, .max = 100,
        .doc = "Heading on the page; default: the name of the policy."),
    TRANSLATIONS_FIELD(publication_texts_shape, "the heading (default: those so far)"),
    FIELD(TEXT, currency, .min = 3, .max = 3,
        .doc = "ISO 4217, of the worked example; default: that of most accounts."));

SHAPE_EXTERN(struct published_policy, published_policy_shape, "PublishedPolicy",
    FIELD(TEXT, name, .required = true, .doc = "Name of the policy."),
    FIELD(INT, version, .required = true, .doc = "The version that is shown."),
    FIELD(TEXT, title, .required = true, .doc = "Heading on the page."),
    TRANSLATIONS_REPLY(publication_texts_shape),
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217, of the worked example."),
    FIELD(TIME, published_at, .required = true, .doc = "Since when this version is shown."));

/* The example's currency is the one given, one in which the policy pays, or that of most accounts.
 */
STMT(publication_set,
    "INSERT INTO published_policy (name, policy_id, title, translations, currency)"
    " SELECT name, id, coalesce($3, name), coalesce($5::jsonb, '{}'), coalesce($4, (SELECT max(k) "
    "FROM"
    "   jsonb_path_query(document, 'strict $.**.amounts ? (@.type() == \"object\")') a,"
    "   jsonb_object_keys(a) k WHERE k <> 'DAY'), amends.usual_currency(), 'USD') FROM policy"
    "  WHERE name = $1 AND NOT helper AND ($2::int IS NULL OR version = $2)"
    "  ORDER BY version DESC LIMIT 1"
    " ON CONFLICT (name) DO UPDATE SET policy_id = excluded.policy_id, title = excluded.title,"
    "  translations = coalesce($5::jsonb, published_policy.translations),"
    "  currency = excluded.currency, published_at = now()"
    " RETURNING name, (SELECT version FROM policy WHERE id = policy_id) AS version, title, "
    "nullif(translations, '{}') AS translations, "
    "currency,"
    "  published_at",
    .row = &published_policy_shape);
STMT(publication_drop, "DELETE FROM published_policy WHERE name = $1");

struct publishing {
    const struct call *c;
    struct published_policy row;
};

static const char *subject(struct scope *s, const struct publishing *p)
{
    return scope_printf(s, "policy:%s", p->c->param[0]);
}

static enum rc publish(struct scope *s, struct db *db, void *arg)
{
    struct publishing *p = arg;
    const struct publication *in = p->c->body;
    const char *translations;
    TRY(translations_check(s, &publication_texts_shape, in->translations, &translations));
    TRY(IF_NONE(db_one(s, db, &publication_set,
                    PARAMS(P_TEXT(p->c->param[0]), P_INT(in->version), P_TEXT(in->title),
                        P_TEXT(in->currency), P_TEXT(translations)),
                    &p->row),
        fail(s, RC_NOT_FOUND, "no such policy, or no such version of it")));
    return audit_add(s, db, call_actor(p->c), "policy.publish", subject(s, p), NULL);
}

enum rc publication_put(struct call *c)
{
    struct publishing p = {.c = c};
    const struct publication *in = c->body;
    if (in->currency && money_exponent(in->currency) < 0)
        return fail_field(c->s, RC_INVALID, "currency", "must be an ISO 4217 code");
    TRY(db_txn(c->s, c->db, publish, &p));
    return reply_object(c, &p.row);
}

static enum rc withdraw(struct scope *s, struct db *db, void *arg)
{
    struct publishing *p = arg;
    int64_t gone;
    TRY(db_do(s, db, &publication_drop, PARAMS(P_TEXT(p->c->param[0])), &gone));
    if (!gone)
        return fail(s, RC_NOT_FOUND, "the policy is not published");
    return audit_add(s, db, call_actor(p->c), "policy.withdraw", subject(s, p), NULL);
}

enum rc publication_delete(struct call *c)
{
    struct publishing p = {.c = c};
    TRY(db_txn(c->s, c->db, withdraw, &p));
    return reply_nothing(c);
}
