/* /staff/notices: a message to all subscribers, with preview. */
#include <stdlib.h>
#include <string.h>

#include "api/http/language.h"
#include "api/readers/reader.h"
#include "api/console/console.h"
#include "api/access/staff.h"
#include "api/console/translated.h"
#include "core/json.h"

static const char *const parts[] = {"subject", "body", NULL};
static const char *const hold_words[] = {"0", "30", "120", "900", NULL};

static const char *typed(const struct call *c, const char *name, const char *def)
{
    return c->form ? form_text(c->form, name, def) : def;
}

/* The preview, the problem, or the recipient of a test; each may be NULL. */
struct shown {
    json_t *preview, *problem;
    const char *tested;
};

/* Languages for the preview: those of the pages, and of the variants in the form. */
static json_t *locales_of(struct call *c)
{
    json_t *list = json_array(), *variants = json_own(c->s, translated_typed(c, parts));
    const char *chosen = typed(c, "locale", console_locale(c)), *tag;
    json_t *variant;
    for (const struct language *l = languages; l->tag; l++) {
        json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "value", l->tag, "label", l->name,
                                        "selected", !strcmp(chosen, l->tag)));
        json_object_del(variants, l->tag);
    }
    json_object_foreach(variants, tag, variant) json_array_append_new(list,
        json_pack("{s:s, s:s, s:b}", "value", tag, "label", tag, "selected", !strcmp(chosen, tag)));
    return list;
}

/* Recent notices and their progress. */
static enum rc put_recent(struct call *c, json_t *context)
{
    json_t *list;
    TRY(console_rows(c, "/v1/broadcasts?kind=notice&limit=20", &list));
    json_object_set(context, "recent", list);
    return RC_OK;
}

static enum rc show(struct call *c, struct shown shown)
{
    json_t *context = json_own(c->s, json_object());
    console_put_problem(c, context, shown.problem);
    json_object_set(
        context, "preview", shown.preview ? shown.preview : json_own(c->s, json_null()));
    json_object_set_new(context, "tested", shown.tested ? json_string(shown.tested) : json_null());
    json_object_set_new(context, "seen", json_boolean(shown.preview || shown.tested));
    json_object_set_new(context, "locales", locales_of(c));
    struct translated texts = {
        .parts = parts, .own = c->api->config->language, .form = c->form, .any = true};
    TRY(translated_readers(c, &texts.readers));
    translated_put(c, &texts, context);
    json_object_set_new(context, "subject", json_string(typed(c, "subject", "")));
    json_object_set_new(context, "body", json_string(typed(c, "body", "")));
    json_object_set_new(context, "per_minute", json_string(typed(c, "per_minute", "")));
    json_object_set_new(
        context, "holds", console_choices(c, hold_words, "staff_hold", typed(c, "hold", "120")));
    TRY(put_recent(c, context));
    return console_reply(c, "notices", context);
}

enum rc console_notice(struct call *c)
{
    return show(c, (struct shown){0});
}

static json_t *body_of(struct call *c)
{
    json_t *body = json_own(c->s, json_object());
    json_object_set_new(body, "subject", json_string(typed(c, "subject", "")));
    json_object_set_new(body, "body", json_string(typed(c, "body", "")));
    json_object_set_new(body, "variants", translated_typed(c, parts));
    return body;
}

static enum rc post(struct call *c, json_t *body)
{
    json_t *reply;
    long per_minute = strtol(typed(c, "per_minute", "0"), NULL, 10);
    json_object_set_new(
        body, "hold_seconds", json_integer(strtol(typed(c, "hold", "0"), NULL, 10)));
    if (per_minute > 0)
        json_object_set_new(body, "per_minute", json_integer(per_minute));
    if (!console_call(c, POST, "/v1/notices", body, &reply))
        return show(c, (struct shown){.problem = reply});
    return console_go(c, "/staff/broadcasts/%lld", json_get_int(reply, "broadcast"));
}

enum rc console_notice_post(struct call *c)
{
    json_t *reply, *body = body_of(c);
    if (!strcmp(typed(c, "do", ""), "send"))
        return post(c, body);
    bool test = !strcmp(typed(c, "do", ""), "test");
    const char *to = c->staff->email ? c->staff->email : "";
    json_object_set_new(body, "locale", json_string(typed(c, "locale", "en")));
    if (test)
        json_object_set_new(body, "to", json_string(to));
    if (!console_call(c, POST, test ? "/v1/notices/test" : "/v1/notices/preview", body, &reply))
        return show(c, (struct shown){.problem = reply});
    return show(c, test ? (struct shown){.tested = to} : (struct shown){.preview = reply});
}
