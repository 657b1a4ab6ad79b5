#include "messages/credit_letter.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/money.h"
#include "core/shape.h"
#include "templates/label.h"
#include "templates/translation.h"

enum { TEXT_MAX = 64 * 1024 };

static void put(json_t *object, const char *key, const char *text)
{
    if (json_object_set_new(object, key, text ? json_string(text) : json_null()) != 0)
        abort();
}

static bool is_selected(struct scope *s, const char *selection, int64_t id)
{
    return !selection || !*selection ||
           strstr(scope_printf(s, ",%s,", selection), scope_printf(s, ",%lld,", (long long)id));
}

/* An incident for the affected alone has no public page, but stands on that of the account: of one
 * of the accounts of the contact, so the link is not to the incident. */
static const char *cause_url(
    struct scope *s, const struct credit_letter *letter, const struct credit_cause *cause)
{
    if (cause->listed)
        return scope_printf(s, "%s/incidents/%s", letter->public_url, cause->ref);
    return letter->page_url ? letter->page_url : scope_printf(s, "%s/account", letter->public_url);
}

static json_t *cause_json(
    struct scope *s, const struct credit_letter *letter, const struct credit_cause *cause)
{
    json_t *one = json_object();
    bool begun = cause->from_at != SHAPE_NONE, over = begun && cause->to_at != SHAPE_NONE;
    const char *url = cause_url(s, letter, cause);
    put(one, "title",
        translation_of(s, cause->title_in, letter->locale, "title", cause->title).text);
    put(one, "url", url);
    put(one, "postmortem_url", cause->postmortem ? url : NULL);
    put(one, "from_local",
        begun ? label_time(s, letter->locale, cause->from_at, letter->timezone) : NULL);
    put(one, "to_local",
        over ? label_time(s, letter->locale, cause->to_at, letter->timezone) : NULL);
    put(one, "duration",
        over ? label_span(s, letter->locale, (cause->to_at - cause->from_at) / CLOCK_SECOND)
             : NULL);
    return one;
}

void credit_letter_put(struct scope *s, const struct credit_letter *letter, json_t *root)
{
    json_t *account = json_object(), *contact = json_object(), *credit = json_object();
    json_t *causes = json_array();
    json_object_set_new(root, "account", account);
    json_object_set_new(root, "contact", contact);
    json_object_set_new(root, "credit", credit);
    put(contact, "name", letter->contact_name);
    put(account, "name", letter->account_name);
    put(account, "external_id", letter->account_ref);
    put(account, "page_url", letter->page_url);
    put(credit, "id", letter->credit_id);
    put(credit, "amount_text", letter->amount_text);
    put(credit, "currency", letter->currency);
    put(credit, "days", letter->days);
    put(credit, "why_text", letter->why_text);
    put(credit, "statement_url", letter->statement_url);
    put(credit, "review_url", letter->review_url);
    put(credit, "expected_by",
        letter->expected_by ? label_day(s, letter->locale, letter->expected_by) : NULL);
    json_object_set_new(credit, "incidents", causes);
    for (size_t i = 0; i < letter->n_causes; i++)
        if (is_selected(s, letter->selection, letter->causes[i].id))
            json_array_append_new(causes, cause_json(s, letter, &letter->causes[i]));
}

/* Of our own SQL; NULL is an empty list. */
static const json_t *list_of(struct scope *s, const char *text)
{
    json_t *list = NULL;
    if (text && json_parse(s, text, strlen(text), &list) != RC_OK)
        abort();
    return list;
}

static const char *money_of(struct scope *s, const json_t *one, const char *locale)
{
    return label_money(s, json_get_int(one, "minor"), json_get_word(one, "currency"), locale);
}

char *credit_letter_amounts(struct scope *s, const char *amounts, const char *locale)
{
    const json_t *list = list_of(s, amounts), *one;
    char *out = scope_strdup(s, "");
    size_t i;
    json_array_foreach(list, i, one) out =
        scope_printf(s, "%s%s%s", out, i ? " + " : "", money_of(s, one, locale));
    return out;
}

void credit_letter_choose(
    const json_t *extra, const char *locale, const char **subject, const char **body)
{
    const json_t *variants = json_object_get(extra, "variants");
    const char *language = translation_find(variants, locale, NULL);
    if (!language)
        return;
    const json_t *found = json_object_get(variants, language);
    *subject = json_get_text(found, "subject");
    *body = json_get_text(found, "body");
}

const char *credit_letter_expected(struct scope *s, const json_t *extra, int64_t from)
{
    const json_t *days = json_object_get(extra, "expected_in_days");
    if (!json_is_integer(days))
        return NULL;
    int64_t at = from + json_integer_value(days) * 86400 * CLOCK_SECOND;
    return scope_strndup(s, clock_rfc3339(s, at), strlen("YYYY-MM-DD"));
}

enum rc letter_text(struct scope *s, const char *name, const char *text, enum escape escape,
    const json_t *root, const char **ret)
{
    struct template_options options = {.escape = escape};
    struct template *template;
    STRBUF(b, TEXT_MAX);
    TRY(template_compile(s, name, text, &options, &template));
    TRY(template_render(s, template, root, &b));
    if (b.overflow)
        return fail(s, RC_INVALID, "the %s is too large", name);
    *ret = strbuf_copy(&b, s);
    return RC_OK;
}

enum rc letter_full(struct scope *s, const char *text, const json_t *root)
{
    struct template_options options = {.escape = ESCAPE_TEXT, .full = true};
    struct template *template;
    STRBUF(b, TEXT_MAX);
    TRY(template_compile(s, "letter", text, &options, &template));
    return template_render(s, template, root, &b);
}

static json_t *sample(struct scope *s, bool credit, bool full)
{
    static const struct credit_cause cause = {
        .id = 1, .ref = "x", .title = "x", .to_at = 1, .postmortem = true, .listed = true};
    json_t *root = json_own(s, json_object());
    const char *x = full ? "x" : NULL;
    struct credit_letter letter = {.public_url = "https://x",
        .locale = "en",
        .timezone = "UTC",
        .contact_name = "x",
        .account_name = "x",
        .account_ref = "x",
        .credit_id = "1",
        .amount_text = "x",
        .currency = "x",
        .days = x,
        .why_text = x,
        .statement_url = x,
        .review_url = x,
        .page_url = x,
        .expected_by = x,
        .causes = &cause,
        .n_causes = full};
    put(root, "brand", "x");
    put(root, "public_url", "https://x");
    put(root, "postal_address", x);
    put(root, "manage_url", x);
    put(root, "unsubscribe_url", x);
    put(root, "account", NULL);
    put(root, "contact", NULL);
    if (credit)
        credit_letter_put(s, &letter, root);
    return root;
}

static enum rc check_text(
    struct scope *s, const char *field, const char *text, enum escape escape, bool credit)
{
    for (int full = 0; full < 2; full++) {
        SCOPE(inner);
        const char *ignored;
        if (letter_text(inner, field, text, escape, sample(inner, credit, full), &ignored) != RC_OK)
            return fail_field(s, RC_INVALID, scope_strdup(s, field), "%s", inner->fault.message);
    }
    return RC_OK;
}

enum rc letter_check(
    struct scope *s, const char *prefix, const char *subject, const char *body, bool credit)
{
    TRY(check_text(s, scope_printf(s, "%ssubject", prefix), subject, ESCAPE_HEADER, credit));
    return check_text(s, scope_printf(s, "%sbody", prefix), body, ESCAPE_TEXT, credit);
}
