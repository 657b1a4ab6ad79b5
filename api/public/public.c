#include "api/public/public.h"

#include <string.h>

#include "api/call/page.h"
#include "core/clock.h"
#include "core/json.h"
#include "templates/label.h"
#include "templates/engine/template.h"

enum { HTML_MAX = 512 * 1024 };

const struct shape public_row_shape = SHAPE("PublicRow", struct public_row, FIELD(INT, id),
    FIELD(TEXT, ref), FIELD(TEXT, title), FIELD(TEXT, title_in), FIELD(TEXT, body_in),
    FIELD(TEXT, kind), FIELD(TEXT, state), FIELD(TIME, at), FIELD(TEXT, body),
    FIELD(TEXT, auto_text), FIELD(TEXT, covers), FIELD(TIME, edited_at), FIELD(TIME, promised_at),
    FIELD(TIME, from_at), FIELD(TIME, to_at), FIELD(TIME, resolved_at), FIELD(TEXT, components));

STMT(public_indicator_now, "SELECT indicator AS word FROM amends.statuspage_status(now())",
    .row = &row_text);

enum rc public_indicator(const struct cached_page_job *job, const char **ret)
{
    return db_one(job->s, job->db, &public_indicator_now, NO_PARAMS, ret);
}

static void put_text(json_t *json, const char *name, const char *text)
{
    json_object_set_new(json, name, text ? json_string(text) : json_null());
}

/* NAME for machines and NAME_text for people; null if absent. */
static void put_time(const struct cached_page_job *job, json_t *json, const char *name, int64_t at)
{
    struct scope *s = job->s;
    bool none = at == SHAPE_NONE;
    put_text(json, name, none ? NULL : clock_rfc3339(s, at));
    put_text(json, scope_printf(s, "%s_text", name),
        none ? NULL : label_time(s, job->locale, at, job->zone));
    put_text(json, scope_printf(s, "%s_rfc5322", name), none ? NULL : clock_rfc5322(s, at));
}

/* "1 h 4 min" from its start to its resolution, in whole minutes; null while it is open. */
static json_t *duration(const struct cached_page_job *job, const struct public_row *row)
{
    enum { MINUTE = 60 };
    if (row->resolved_at == SHAPE_NONE || row->resolved_at < row->at)
        return json_null();
    int64_t minutes = (row->resolved_at - row->at) / CLOCK_SECOND / MINUTE;
    return json_string(label_span(job->s, job->locale, (minutes ? minutes : 1) * MINUTE));
}

struct translation public_row_title(const struct cached_page_job *job, const struct public_row *row)
{
    return translation_of(job->s, row->title_in, job->locale, "title", row->title);
}

struct translation public_row_text(const struct cached_page_job *job, const struct public_row *row)
{
    if (!row->auto_text)
        return translation_of(job->s, row->body_in, job->locale, "body", row->body);
    return (struct translation){
        .text = label_text(job->s, job->locale, "auto", row->auto_text), .language = job->locale};
}

void public_put_said(const struct cached_page_job *job, json_t *json, const char *name,
    const struct translation *said)
{
    put_text(json, name, said->text);
    put_text(json, scope_printf(job->s, "%s_lang", name),
        translation_foreign(said, job->api->config->language, job->locale));
}

/* "API, Login": the names of [{name, in}] for the job's reader, each once. */
static const char *names_of(const struct cached_page_job *job, const char *components)
{
    json_t *list, *one;
    size_t i;
    const char *names = NULL, *last = NULL;
    if (!components || json_parse(job->s, components, strlen(components), &list) != RC_OK)
        return NULL;
    json_array_foreach(list, i, one)
    {
        const char *own = json_get_text(one, "name");
        if (last && !strcmp(last, own))
            continue;
        last = own;
        struct translation name =
            translation_of(job->s, json_get_text(one, "in"), job->locale, "name", own);
        names = names ? scope_printf(job->s, "%s, %s", names, name.text) : name.text;
    }
    return names;
}

/* "This post-mortem covers: Logins fail, API down", each with a link to its page. */
static void add_covers(
    const struct cached_page_job *job, const struct public_row *row, struct strbuf *b)
{
    json_t *list, *one;
    size_t i;
    if (!row->covers || json_parse(job->s, row->covers, strlen(row->covers), &list) != RC_OK)
        return;
    strbuf_addstr(b, "<p>");
    strbuf_addhtml(b, label_text(job->s, job->locale, "mail", "postmortem_covers"));
    json_array_foreach(list, i, one)
    {
        struct translation title = translation_of(
            job->s, json_get_text(one, "in"), job->locale, "title", json_get_text(one, "title"));
        strbuf_addf(b, "%s<a href=\"%s/incidents/%s\">", i ? ", " : " ", job->api->public_url,
            json_get_word(one, "ref"));
        strbuf_addhtml(b, title.text);
        strbuf_addstr(b, "</a>");
    }
    strbuf_addstr(b, "</p>\n");
}

const char *public_row_html(
    const struct cached_page_job *job, const struct public_row *row, const char *markdown)
{
    STRBUF(b, HTML_MAX);
    char *html = NULL;
    if (!markdown || markdown_html(job->s, markdown, &html) != RC_OK)
        return NULL;
    add_covers(job, row, &b);
    strbuf_addstr(&b, html);
    return strbuf_copy(&b, job->s);
}

json_t *public_row_json(const struct cached_page_job *job, const struct public_row *row)
{
    struct scope *s = job->s;
    json_t *json = json_object();
    struct translation title = public_row_title(job, row), text = public_row_text(job, row);
    text.text = public_row_html(job, row, text.text);
    json_object_set_new(json, "id", json_integer(row->id));
    put_text(json, "ref", row->ref);
    public_put_said(job, json, "title", &title);
    put_text(json, "state", row->state);
    put_text(json, "state_label", label_text(s, job->locale, "state", row->state));
    public_put_said(job, json, "body_html", &text);
    put_time(job, json, "at", row->at);
    put_time(job, json, "promised_at", row->promised_at);
    put_time(job, json, "edited_at", row->edited_at);
    bool promised = row->promised_at != SHAPE_NONE;
    json_object_set_new(json, "overdue", json_boolean(promised && row->promised_at <= clock_now()));
    put_time(job, json, "from_at", row->from_at);
    put_time(job, json, "to_at", row->to_at);
    put_time(job, json, "resolved_at", row->resolved_at);
    put_text(json, "components", names_of(job, row->components));
    json_object_set_new(json, "duration", duration(job, row));
    return json;
}

json_t *public_rows_json(const struct cached_page_job *job, const struct list *rows)
{
    json_t *list = json_array();
    for (size_t i = 0; i < rows->n; i++)
        json_array_append_new(list, public_row_json(job, (const struct public_row *)rows->at + i));
    return list;
}

/* For links that are shared: the status now, in words (https://ogp.me). */
static enum rc put_summary(const struct cached_page_job *job, json_t *context)
{
    const char *indicator = "none";
    TRY(public_indicator(job, &indicator));
    json_object_set_new(context, "og",
        json_pack("{s:s}", "description", label_text(job->s, job->locale, "indicator", indicator)));
    return RC_OK;
}

enum rc public_page(
    struct cached_page_job *job, const char *name, const char *title, json_t *context)
{
    struct page page = {.api = job->api,
        .locale = job->locale,
        .chosen = job->chosen,
        .name = name,
        .title = title,
        .site = job->site};
    TRY(put_summary(job, context));
    return page_render(job->s, &page, context, job->out);
}

enum rc public_document(
    struct cached_page_job *job, const char *name, const char *suffix, json_t *context)
{
    struct template *template;
    put_text(context, "brand", job->api->config->brand);
    put_text(context, "public_url", job->api->public_url);
    put_text(context, "lang", job->locale);
    put_text(context, "ask", job->chosen ? scope_printf(job->s, "?lang=%s", job->locale) : "");
    put_text(context, "feed_history", label_text(job->s, job->locale, "page", "feed_history"));
    const char *kind = scope_printf(job->s, "page/%s", name);
    TRY(template_load(job->s, kind, job->locale, suffix, &template));
    return template_render(job->s, template, context, job->out);
}
