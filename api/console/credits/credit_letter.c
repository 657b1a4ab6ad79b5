/* /staff/credits/runs/{id}/letter: write, preview, test and send the letter. */
#include <sodium.h>
#include <string.h>

#include "api/readers/reader.h"
#include "api/console/credits/credits.h"
#include "api/access/staff.h"
#include "api/console/check.h"
#include "api/console/translated.h"
#include "api/http/language.h"
#include "core/json.h"
#include "templates/label.h"

static const char *const parts[] = {"subject", "body", NULL};
static const char *const typed[] = {
    "subject", "body", "expected_in_days", "per_minute", "account", "locale", NULL};
static const char *const merge_fields[] = {"{{contact.name}}", "{{account.name}}",
    "{{credit.amount_text}}", "{{credit.days}}", "{{credit.expected_by}}", "{{#credit.incidents}}",
    "{{title}}", "{{duration}}", "{{from_local}}", "{{url}}",
    "{{#postmortem_url}}{{postmortem_url}}{{/postmortem_url}}", "{{/credit.incidents}}", NULL};

static const char *of_form(struct call *c, const char *name)
{
    return c->form ? form_text(c->form, name, "") : "";
}

static json_t *letter_of(struct call *c)
{
    json_t *body = json_own(c->s, json_object());
    json_object_set_new(body, "subject", json_string(of_form(c, "subject")));
    json_object_set_new(body, "body", json_string(of_form(c, "body")));
    json_object_set_new(body, "variants", translated_typed(c, parts));
    credits_take_number(c, body, "expected_in_days");
    return body;
}

static json_t *fields_json(void)
{
    json_t *list = json_array();
    for (const char *const *field = merge_fields; *field; field++)
        json_array_append_new(list, json_string(*field));
    return list;
}

static json_t *holds(struct call *c)
{
    static const char *const seconds[] = {"600", "120", "3600", "0", NULL};
    json_t *list = json_array();
    for (const char *const *at = seconds; *at; at++) {
        json_t *one = json_pack("{s:s, s:b}", "staff_letter_hold", *at, "selected",
            !strcmp(*at, of_form(c, "hold_seconds")));
        json_object_set_new(one, "value", json_string(*at));
        json_array_append_new(list, console_label(c, one, "staff_letter_hold"));
    }
    return list;
}

/* What the letter says, so that only a letter that was previewed is sent. */
static const char *digest_of(struct call *c, const json_t *letter)
{
    unsigned char hash[16];
    char hex[sizeof(hash) * 2 + 1];
    const char *text = json_text(c->s, letter);
    crypto_generichash(hash, sizeof(hash), (const unsigned char *)text, strlen(text), NULL, 0);
    return scope_strdup(c->s, sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash)));
}

static json_t *starter(struct call *c, const char *locale)
{
    return json_pack("{s:s, s:s}", "subject", label_text(c->s, locale, "starter_letter", "subject"),
        "body", label_text(c->s, locale, "starter_letter", "body"));
}

/* The contacts of a preview by language: [{locale, count}]. */
static const json_t *readers_of(struct call *c, const json_t *preview)
{
    json_t *list = json_own(c->s, json_array()), *one;
    size_t i;
    json_array_foreach(json_object_get(preview, "languages"), i, one)
        json_array_append_new(list, json_pack("{s:s, s:O}", "locale", json_get_word(one, "locale"),
                                        "count", json_object_get(one, "contacts")));
    return list;
}

/* Before anything is typed: the starter letter in the person's language, and in each language of
 * the contacts in which there is one. */
static void start(struct call *c, struct translated *texts, json_t *context)
{
    json_t *letter = json_own(c->s, starter(c, texts->own)), *reply, *one;
    json_t *variants = json_own(c->s, json_object());
    size_t i;
    if (console_call(c, POST, credits_run_path(c, "/notices/preview"), letter, &reply))
        texts->readers = readers_of(c, reply);
    json_array_foreach(texts->readers, i, one)
    {
        const char *tag = json_get_word(one, "locale");
        for (const struct language *l = languages; l->tag; l++)
            if (!strncmp(tag, l->tag, strlen(l->tag)) && strcmp(l->tag, texts->own) != 0)
                json_object_set_new(variants, l->tag, starter(c, l->tag));
    }
    json_object_set(context, "subject", json_object_get(letter, "subject"));
    json_object_set(context, "body", json_object_get(letter, "body"));
    texts->start = variants;
}

/* A language in which the letter is not written, unless it is the author's own. */
static void put_languages(struct call *c, json_t *preview)
{
    json_t *one;
    size_t i;
    const char *own = console_locale(c);
    json_array_foreach(json_object_get(preview, "languages"), i, one)
    {
        bool mine = !strncmp(json_get_word(one, "locale"), own, strlen(own));
        bool written = json_is_true(json_object_get(one, "written"));
        json_object_set_new(one, "missing", json_boolean(!written && !mine));
    }
}

/* Further content of the page: a preview, or the recipient of a test. */
struct shown {
    json_t *problem, *preview;
    const char *tested;
    bool changed; /* since the preview */
};

static enum rc show(struct call *c, struct shown shown)
{
    json_t *context = json_own(c->s, json_object()), *run, *letters;
    TRY(console_get(c, credits_run_path(c, ""), &run));
    const char *id = console_escaped(c, c->param[0]);
    TRY(console_get(c, scope_printf(c->s, "/v1/broadcasts?limit=20&credit_run=%s", id), &letters));
    console_put_problem(c, context, shown.problem);
    credits_typed(c, context, typed);
    json_object_set(context, "run", run);
    json_object_set(
        context, "letters", console_broadcasts_worded(c, json_object_get(letters, "data")));
    struct translated texts = {.parts = parts,
        .own = console_locale(c),
        .form = c->form,
        .any = true,
        .readers = readers_of(c, shown.preview)};
    if (!c->form)
        start(c, &texts, context);
    translated_put(c, &texts, context);
    json_object_set_new(context, "changed", json_boolean(shown.changed));
    put_languages(c, shown.preview);
    json_object_set_new(
        context, "seen", shown.preview ? json_string(digest_of(c, letter_of(c))) : json_null());
    json_object_set_new(context, "holds", holds(c));
    json_object_set_new(context, "fields", fields_json());
    json_object_set(
        context, "preview", shown.preview ? shown.preview : json_own(c->s, json_null()));
    json_object_set_new(context, "tested", shown.tested ? json_string(shown.tested) : json_null());
    json_object_set_new(
        context, "issued", json_boolean(!strcmp(json_get_text(run, "state"), "issued")));
    return console_reply(c, "credits/letter", context);
}

enum rc console_letter(struct call *c)
{
    return show(c, (struct shown){0});
}

static enum rc preview(struct call *c, json_t *body)
{
    json_t *reply;
    credits_take(c, body, "account");
    credits_take(c, body, "locale");
    if (!console_call(c, POST, credits_run_path(c, "/notices/preview"), body, &reply))
        return show(c, (struct shown){.problem = reply});
    if (!strcmp(form_text(c->form, "do", ""), "mail")) {
        check_reply_html(c, json_get_word(reply, "html"));
        return RC_OK;
    }
    bool sending = !strcmp(form_text(c->form, "do", ""), "send");
    return show(c, (struct shown){.preview = reply, .changed = sending});
}

static enum rc test(struct call *c, json_t *body)
{
    json_t *reply;
    const char *to = c->staff->email ? c->staff->email : "";
    credits_take(c, body, "account");
    credits_take(c, body, "locale");
    json_object_set_new(body, "to", json_string(to));
    if (!console_call(c, POST, credits_run_path(c, "/notices/test"), body, &reply))
        return show(c, (struct shown){.problem = reply});
    return show(c, (struct shown){.tested = to});
}

enum rc console_letter_post(struct call *c)
{
    json_t *body = letter_of(c), *reply;
    const char *what = form_text(c->form, "do", "");
    if (!strcmp(what, "preview") || !strcmp(what, "mail"))
        return preview(c, body);
    if (!strcmp(what, "test"))
        return test(c, body);
    if (strcmp(form_text(c->form, "seen", ""), digest_of(c, body)) != 0)
        return preview(c, body);
    credits_take_number(c, body, "hold_seconds");
    credits_take_number(c, body, "per_minute");
    if (!console_call(c, POST, credits_run_path(c, "/notices"), body, &reply))
        return show(c, (struct shown){.problem = reply});
    return console_go(c, "/staff/broadcasts/%lld", json_get_int(reply, "broadcast"));
}
