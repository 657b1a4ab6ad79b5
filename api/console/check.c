#include "api/console/check.h"

#include <stdlib.h>
#include <string.h>

#include "api/readers/reader.h"
#include "api/console/console.h"
#include "api/console/translated.h"
#include "api/access/staff.h"
#include "core/json.h"
#include "templates/label.h"

#define MAIL "mail:"

static const char *asked(struct call *c)
{
    return form_text(c->form, "do", "");
}

bool check_is_asked(struct call *c)
{
    const char *what = asked(c);
    return !strcmp(what, "check") || !strcmp(what, "test") || !strncmp(what, MAIL, strlen(MAIL));
}

/* Recipients by channel, language and text, regardless of their frequency. */
static json_t *counts(struct call *c, json_t *audience)
{
    json_t *list = json_array(), *one;
    const char *channel = "", *locale = "";
    bool affected = false;
    size_t i;
    json_array_foreach(audience, i, one)
    {
        const char *its = json_get_text(one, "channel");
        const char *tag = json_get_text(one, "locale");
        json_t *last = json_array_get(list, json_array_size(list) - 1);
        bool hit = json_is_true(json_object_get(one, "affected"));
        json_int_t n = json_get_int(one, "count");
        if (!strcmp(its, channel) && !strcmp(tag, locale) && hit == affected) {
            json_t *sum = json_object_get(last, "n");
            json_integer_set(sum, json_integer_value(sum) + n);
            continue;
        }
        channel = its;
        locale = tag;
        affected = hit;
        json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:I}", "channel_label",
                                        label_text(c->s, console_locale(c), "channel", its),
                                        "locale", tag, "affected", hit, "n", n));
    }
    return list;
}

/* The languages of people who get it in another; webhooks are programs. */
static json_t *missing(struct call *c, const json_t *audience, const json_t *translations)
{
    json_t *people = json_own(c->s, json_array()), *one;
    size_t i;
    json_array_foreach(audience, i, one) if (strcmp(json_get_word(one, "channel"), "webhook") != 0)
        json_array_append(people, one);
    static const char *const parts[] = {"body", NULL};
    struct translated texts = {.parts = parts, .own = c->api->config->language, .readers = people};
    return translated_missing(c, &texts, translations);
}

static void put_payload(json_t *message)
{
    json_t *payload = json_object_get(message, "payload");
    char *text = payload ? json_dumps(payload, JSON_INDENT(2)) : NULL;
    if (text)
        json_object_set_new(message, "text", json_string(text));
    free(text);
    json_object_set_new(message, "is_mail", json_boolean(json_object_get(message, "html") != NULL));
}

/* Templates require every name to be present. */
static void complete(json_t *message)
{
    static const char *const names[] = {"format", "trouble", "subject", "text", "segments", NULL};
    for (const char *const *name = names; *name; name++)
        if (!json_object_get(message, *name))
            json_object_set_new(message, *name, json_null());
}

enum rc check_ask(
    struct call *c, const char *target, json_t *body, json_t **ret_check, json_t **ret_problem)
{
    json_t *reply, *one;
    size_t i;
    bool test = !strcmp(asked(c), "test") && c->staff->email;
    *ret_check = *ret_problem = NULL;
    if (test) {
        json_object_set_new(body, "test_to", json_string(c->staff->email));
        json_object_set_new(body, "test_locale", json_string(console_locale(c)));
    }
    if (!console_call(c, POST, target, body, &reply)) {
        *ret_problem = reply;
        return RC_OK;
    }
    json_t *messages = json_object_get(reply, "messages");
    json_array_foreach(messages, i, one)
    {
        put_payload(one);
        complete(one);
        console_label(c, one, "channel");
    }
    json_t *audience = json_object_get(reply, "audience");
    *ret_check =
        json_own(c->s, json_pack("{s:o, s:o, s:O, s:b}", "counts", counts(c, audience), "missing",
                           missing(c, audience, json_object_get(body, "translations")), "messages",
                           messages, "tested", test));
    return RC_OK;
}

void check_reply_html(struct call *c, const char *html)
{
    c->reply.status = 200;
    c->reply.type = "text/html; charset=utf-8";
    reply_header(c, "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'; "
        "sandbox");
    reply_header(c, "Cache-Control", "no-store");
    strbuf_clear(&c->reply.body);
    strbuf_addstr(&c->reply.body, html);
}

bool check_reply_mail(struct call *c, const json_t *check)
{
    const char *what = asked(c);
    size_t i;
    json_t *one;
    if (strncmp(what, MAIL, strlen(MAIL)) != 0)
        return false;
    json_array_foreach(json_object_get(check, "messages"), i, one)
    {
        const char *html = json_get_text(one, "html");
        const char *suffix = json_is_true(json_object_get(one, "affected")) ? ":affected" : "";
        const char *own = scope_printf(c->s, MAIL "%s%s", json_get_word(one, "locale"), suffix);
        if (!html || strcmp(own, what) != 0)
            continue;
        check_reply_html(c, html);
        return true;
    }
    return false;
}

void check_put(struct call *c, json_t *check, json_t *context)
{
    json_object_set(context, "check", check ? check : json_own(c->s, json_null()));
    json_object_set_new(
        context, "may_test", c->staff->email ? json_string(c->staff->email) : json_null());
}
