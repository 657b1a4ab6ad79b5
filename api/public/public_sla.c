/* /sla and /sla.json: what the published policies give, in words generated from them, each with an
 * example that the engine computes. */
#include <string.h>

#include "api/public/public.h"
#include "billing/words/example.h"
#include "core/clock.h"
#include "core/json.h"
#include "templates/label.h"

SHAPE_STATIC(struct promise, promise_shape, "PublishedPromise", FIELD(TEXT, name),
    FIELD(INT, version), FIELD(TEXT, title), FIELD(TEXT, translations), FIELD(TEXT, currency),
    FIELD(TIME, published_at), FIELD(TEXT, document), FIELD(TEXT, names), FIELD(TEXT, component));

/* $1: the language of the names of components. */
STMT(sla_policies,
    "SELECT p.name, v.version, p.title, p.translations, p.currency, p.published_at, "
    "v.document::text,"
    " (SELECT coalesce(json_object_agg(k.slug, coalesce(k.translations->$1->>'name', k.name)), "
    "'{}')"
    "    FROM component k WHERE k.slug IN (SELECT "
    "jsonb_array_elements_text(v.document->'components'"
    "      )))::text AS names,"
    " coalesce((SELECT coalesce(k.translations->$1->>'name', k.name) FROM component k"
    "   WHERE k.archived_at IS NULL ORDER BY k.position, k.id LIMIT 1), 'API') AS component"
    "  FROM published_policy p JOIN policy v ON v.id = p.policy_id ORDER BY p.title, p.name",
    .row = &promise_shape);

static enum rc promise_json(
    const struct cached_page_job *job, const struct promise *row, json_t **ret)
{
    json_t *document, *names;
    struct example example;
    TRY(json_parse(job->s, row->document, strlen(row->document), &document));
    TRY(json_parse(job->s, row->names, strlen(row->names), &names));
    struct policy_words p = {
        .s = job->s, .locale = job->locale, .document = document, .names = names};
    TRY(words_example(&p,
        &(struct example_ask){.currency = row->currency, .component = row->component}, &example));
    struct translation title =
        translation_of(job->s, row->translations, job->locale, "title", row->title);
    *ret = json_pack("{s:s, s:s, s:I, s:s, s:O, s:o, s:s}", "name", row->name, "title", title.text,
        "version", (json_int_t)row->version, "published_at",
        clock_rfc3339(job->s, row->published_at), "document", document, "words", policy_words(&p),
        "example", example.text);
    public_put_said(job, *ret, "title", &title);
    return RC_OK;
}

/* {policies: [...]}; RC_NOT_FOUND without any. */
static enum rc published(const struct cached_page_job *job, json_t **ret)
{
    struct list rows;
    json_t *list = json_array(), *one;
    *ret = json_own(job->s, json_pack("{s:o}", "policies", list));
    TRY(db_all(job->s, job->db, &sla_policies, PARAMS(P_TEXT(job->locale)), &rows));
    for (size_t i = 0; i < rows.n; i++) {
        TRY(promise_json(job, (const struct promise *)rows.at + i, &one));
        json_array_append_new(list, one);
    }
    return rows.n ? RC_OK : fail(job->s, RC_NOT_FOUND, "No policy is published.");
}

static enum rc render_page(struct cached_page_job *job)
{
    json_t *context, *one;
    size_t i;
    TRY(published(job, &context));
    json_array_foreach(json_object_get(context, "policies"), i, one)
    {
        const char *day = scope_strndup(job->s, json_get_word(one, "published_at"), 10);
        json_object_set_new(one, "day", json_string(day));
        json_object_set_new(one, "day_text", json_string(label_day(job->s, job->locale, day)));
    }
    return public_page(job, "sla", "sla", context);
}
const struct cached_page_kind public_sla = {
    .type = "text/html; charset=utf-8", .page = true, .render = render_page};

static enum rc render_json(struct cached_page_job *job)
{
    json_t *document;
    TRY(published(job, &document));
    json_object_set_new(document, "lang", json_string(job->locale));
    strbuf_addstr(job->out, json_text(job->s, document));
    return RC_OK;
}
const struct cached_page_kind public_sla_json = {
    .type = "application/json; charset=utf-8", .localised = true, .render = render_json};
