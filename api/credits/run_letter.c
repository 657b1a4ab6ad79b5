#include "api/credits/run_letter.h"

#include <string.h>

#include "api/credits/run.h"
#include "billing/words/letter.h"
#include "core/clock.h"
#include "core/json.h"
#include "messages/credit_letter.h"
#include "messages/look.h"
#include "templates/translation.h"

#define PAGE_US (90 * 86400 * CLOCK_SECOND)

static const struct shape addressee_shape = SHAPE("Addressee", struct addressee,
    FIELD(INT, contact), FIELD(TEXT, contact_name), FIELD(TEXT, locale), FIELD(TEXT, timezone),
    FIELD(TEXT, account_name), FIELD(TEXT, account_ref), FIELD(TEXT, currency),
    FIELD(TEXT, amounts), FIELD(TEXT, why), FIELD(TEXT, days), FIELD(TEXT, selection),
    FIELD(INT, credit_id), FIELD(INT, contacts), FIELD(TEXT, accounts));
STMT(run_notice_addressee,
    "SELECT k.id AS contact, k.name AS contact_name, k.locale, a.timezone, l.account_name,"
    "   l.account_ref, l.currency, l.amounts, l.why, l.days, l.selection, l.credit_id"
    " FROM (SELECT account_id FROM credit WHERE run_id = $1 AND state NOT IN ('void', 'reversed')"
    "     AND ($2::text IS NULL OR account_id = (SELECT id FROM account WHERE external_id = $2))"
    "     AND EXISTS (SELECT FROM account_contact x WHERE x.account_id = credit.account_id)"
    "     ORDER BY id LIMIT 1) c"
    "   JOIN account a ON a.id = c.account_id"
    "   JOIN LATERAL (SELECT * FROM account_contact WHERE account_id = a.id ORDER BY id LIMIT 1) k"
    "     ON true CROSS JOIN LATERAL amends.credit_letter($1, k.id) l",
    .row = &addressee_shape);
static const struct shape cause_shape = SHAPE("CreditCause", struct credit_cause, FIELD(INT, id),
    FIELD(TEXT, ref), FIELD(TEXT, title), FIELD(TEXT, title_in), FIELD(TIME, from_at),
    FIELD(TIME, to_at), FIELD(BOOL, postmortem), FIELD(BOOL, listed));
STMT(run_notice_causes, "SELECT * FROM amends.credit_causes($1)", .row = &cause_shape);

/* Letters that differ in their values' absence, each once, with its number of contacts. */
STMT(run_letter_kinds,
    "WITH kind AS ("
    "  SELECT min(k.id) AS contact, count(*) AS contacts,"
    "    array_to_string((array_agg(DISTINCT l.account_ref))[1:5], ', ') AS accounts"
    "  FROM credit c JOIN account_contact k USING (account_id)"
    "    CROSS JOIN LATERAL amends.credit_letter($1, k.id) l"
    "  WHERE c.run_id = $1 AND c.state NOT IN ('void', 'reversed')"
    "  GROUP BY k.locale, l.days IS NULL, l.selection)"
    " SELECT kind.contact, k.name AS contact_name, k.locale, a.timezone, l.*, kind.contacts,"
    "   kind.accounts"
    " FROM kind JOIN account_contact k ON k.id = kind.contact JOIN account a ON a.id = k.account_id"
    "   CROSS JOIN LATERAL amends.credit_letter($1, k.id) l ORDER BY kind.contact",
    .row = &addressee_shape);

SHAPE_STATIC(
    struct language, language_shape, "ContactLanguage", FIELD(TEXT, locale), FIELD(INT, contacts));
STMT(run_letter_locales,
    "SELECT k.locale, count(*) AS contacts FROM credit c JOIN account_contact k USING (account_id)"
    " WHERE c.run_id = $1 AND c.state NOT IN ('void', 'reversed')"
    " GROUP BY 1 ORDER BY 2 DESC, 1",
    .row = &language_shape);

json_t *run_letter_extra(struct scope *s, const struct run_letter *in)
{
    json_t *extra = json_own(s, json_object());
    if (in->variants)
        json_object_set(extra, "variants", (json_t *)in->variants);
    if (in->expected_in_days != SHAPE_NONE)
        json_object_set_new(extra, "expected_in_days", json_integer(in->expected_in_days));
    if (in->locale)
        json_object_set_new(extra, "locale", json_string(in->locale));
    if (in->to)
        json_object_set_new(extra, "to", json_string(in->to));
    return extra;
}

enum rc run_letter_addressee(
    struct call *c, int64_t run, const char *account, struct addressee *ret)
{
    struct run row;
    TRY(run_read(c->s, c->db, run, &row));
    return IF_NONE(
        db_one(c->s, c->db, &run_notice_addressee, PARAMS(P_INT(run), P_TEXT(account)), ret),
        fail_field(c->s, RC_INVALID, "account", "no credited account with a contact%s%.100s",
            account ? " is " : "", account ? account : ""));
}

enum rc run_letter_context(struct call *c, int64_t run, const struct addressee *addressee,
    const char *locale, const struct run_letter *in, json_t **ret)
{
    struct scope *s = c->s;
    const struct config *config = c->api->config;
    struct list causes;
    const char *published;
    json_t *root = json_own(s, json_object());
    TRY(db_all(s, c->db, &run_notice_causes, PARAMS(P_INT(run)), &causes));
    TRY(facts_brand(s, c->db, &published));
    STRBUF(url, 1024);
    strbuf_addf(&url, "%s/credit/", c->api->public_url);
    sign_link(c->api->keys, SIGN_CREDIT,
        (struct link_token){.id = addressee->credit_id, .extra = addressee->contact}, &url);
    STRBUF(page, 1024);
    strbuf_addf(&page, "%s/a/", c->api->public_url);
    sign_link(c->api->keys, SIGN_ACCOUNT,
        (struct link_token){.id = addressee->contact, .expires = clock_now() + PAGE_US}, &page);
    struct credit_letter letter = {
        .page_url = addressee->contact > 0 ? strbuf_copy(&page, s) : NULL,
        .public_url = c->api->public_url,
        .locale = locale,
        .timezone = addressee->timezone,
        .contact_name = addressee->contact_name ? addressee->contact_name : addressee->account_name,
        .account_name = addressee->account_name,
        .account_ref = addressee->account_ref,
        .credit_id = scope_printf(s, "%lld", (long long)addressee->credit_id),
        .amount_text = credit_letter_amounts(s, addressee->amounts, locale),
        .currency = addressee->currency,
        .days = addressee->days,
        .why_text = words_letter(s, addressee->why, locale),
        .statement_url = strbuf_copy(&url, s),
        .review_url = scope_printf(s, "%s#review", url.buf),
        .expected_by = credit_letter_expected(s, run_letter_extra(s, in), clock_now()),
        .causes = causes.at,
        .n_causes = causes.n,
        .selection = addressee->selection,
    };
    json_object_set_new(root, "brand", json_string(config->brand));
    json_object_set_new(root, "public_url", json_string(c->api->public_url));
    json_object_set_new(root, "postal_address",
        *config->postal_address ? json_string(config->postal_address) : json_null());
    json_object_set_new(root, "site", look_site(s, published, c->api->public_url));
    json_object_set_new(root, "manage_url", json_null());
    json_object_set_new(root, "unsubscribe_url", json_null());
    credit_letter_put(s, &letter, root);
    *ret = root;
    return RC_OK;
}

/* The key of the variant for a language; NULL: the letter's own text. */
static const char *variant_of(const struct run_letter *in, const char *locale)
{
    return translation_find(in->variants, locale, NULL);
}

static enum rc check_text(struct call *c, const struct addressee *to, const char *field,
    const char *text, const json_t *root)
{
    SCOPE(inner);
    if (letter_full(inner, text, root) == RC_OK)
        return RC_OK;
    const char *what = inner->fault.message, *name = scope_strdup(c->s, what);
    int len = (int)strcspn(name, "}");
    return fail_field(c->s, RC_INVALID, field,
        "%s in the letters to %lld contacts (accounts %.200s). Put it into a section, "
        "{{#%.*s}}...{{/%.*s}}, or remove it",
        name, (long long)to->contacts, to->accounts, len - 2, name + 2, len - 2, name + 2);
}

static enum rc check_letter(
    struct call *c, int64_t run, const struct run_letter *in, const struct addressee *to)
{
    json_t *root = NULL;
    const char *locale = to->locale ? to->locale : "en", *variant = variant_of(in, locale);
    const char *subject = in->subject, *body = in->body;
    const char *prefix = variant ? scope_printf(c->s, "variants.%s.", variant) : "";
    TRY(run_letter_context(c, run, to, locale, in, &root));
    json_object_set_new(root, "notice", json_null());
    credit_letter_choose(run_letter_extra(c->s, in), locale, &subject, &body);
    TRY(check_text(c, to, scope_printf(c->s, "%ssubject", prefix), subject, root));
    return check_text(c, to, scope_printf(c->s, "%sbody", prefix), body, root);
}

/* Whether every text is full even for a contact of whom the least is known. */
static bool is_full_at_worst(
    struct call *c, int64_t run, const struct run_letter *in, const struct addressee *first)
{
    SCOPE(inner);
    struct addressee worst = *first;
    json_t *root = NULL, *variant;
    const char *key;
    worst.days = worst.selection = NULL;
    if (run_letter_context(c, run, &worst, "en", in, &root) != RC_OK ||
        letter_full(inner, in->subject, root) != RC_OK ||
        letter_full(inner, in->body, root) != RC_OK)
        return false;
    json_object_foreach((json_t *)in->variants, key, variant)
    {
        if (letter_full(inner, json_get_word(variant, "subject"), root) != RC_OK ||
            letter_full(inner, json_get_word(variant, "body"), root) != RC_OK)
            return false;
    }
    return true;
}

enum rc run_letter_holes(struct call *c, int64_t run, const struct run_letter *in)
{
    struct addressee first;
    struct list rows;
    TRY(run_letter_addressee(c, run, NULL, &first));
    if (is_full_at_worst(c, run, in, &first))
        return RC_OK;
    TRY(db_all(c->s, c->db, &run_letter_kinds, PARAMS(P_INT(run)), &rows));
    for (size_t i = 0; i < rows.n; i++)
        TRY(check_letter(c, run, in, (const struct addressee *)rows.at + i));
    return RC_OK;
}

enum rc run_letter_languages(
    struct call *c, int64_t run, const struct run_letter *in, const char **ret)
{
    struct list rows;
    json_t *list = json_own(c->s, json_array());
    TRY(db_all(c->s, c->db, &run_letter_locales, PARAMS(P_INT(run)), &rows));
    for (size_t i = 0; i < rows.n; i++) {
        const struct language *row = (const struct language *)rows.at + i;
        json_array_append_new(
            list, json_pack("{s:s, s:I, s:b}", "locale", row->locale, "contacts",
                      (json_int_t)row->contacts, "written", variant_of(in, row->locale) != NULL));
    }
    *ret = json_text(c->s, list);
    return RC_OK;
}
