/* /staff/outbox: the messages kept instead of sent. /staff/outbox/{id}: one, drawn as its reader
 * would see it; /staff/outbox/{id}/html: the mail alone, for the frame on that page. */
#include <stdlib.h>
#include <string.h>

#include "api/console/console.h"
#include "api/console/drawing.h"
#include "api/outbox/outbox.h"
#include "api/subscribers/address.h"
#include "core/json.h"

enum rc console_outbox(struct call *c)
{
    static const char *const names[] = {"channel", "address", NULL};
    json_t *context = json_own(c->s, json_object()), *rows;
    struct form form;
    STRBUF(kept, 2048);
    bool on;
    TRY(form_read(c, &form));
    TRY(outbox_is_on(c->s, c->db, &on));
    for (const char *const *name = names; *name; name++) {
        json_object_set_new(context, *name, json_string(form_text(&form, *name, "")));
        console_query(c, &kept, *name, form_text(&form, *name, NULL));
    }
    const char *target = scope_printf(c->s, "/v1/outbox?limit=50%s", kept.buf);
    TRY(console_page_rows(c, context, target, &rows));
    size_t i;
    json_t *one;
    json_array_foreach(rows, i, one) console_word(c, one, "kind", "broadcast_kind");
    json_object_set(context, "messages", console_labelled(c, rows, "channel"));
    json_object_set_new(context, "kept", json_string(kept.buf));
    json_object_set_new(context, "is_on", json_boolean(on));
    json_object_set_new(context, "channels",
        console_choices(c, channel_name, "channel", form_text(&form, "channel", NULL)));
    return console_reply(c, "outbox/list", context);
}

static enum rc message_of(struct call *c, json_t **ret)
{
    return console_get(
        c, scope_printf(c->s, "/v1/outbox/%s", console_escaped(c, c->param[0])), ret);
}

static json_t *pretty(const char *body)
{
    json_t *json = json_loads(body, 0, NULL);
    char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;
    json_t *shown = json_string(text ? text : body);
    free(text);
    json_decref(json);
    return shown;
}

enum rc console_outbox_message(struct call *c)
{
    json_t *context = json_own(c->s, json_object()), *message;
    TRY(message_of(c, &message));
    const char *channel = json_get_word(message, "channel");
    bool mail = !strcmp(channel, "email"), sms = !strcmp(channel, "sms");
    const char *body = json_get_word(message, "body");
    console_label(c, message, "channel");
    console_word(c, message, "kind", "broadcast_kind");
    json_object_set_new(message, "is_mail", json_boolean(mail));
    json_object_set_new(message, "is_sms", json_boolean(sms));
    json_object_set_new(
        context, "drawn", mail || sms ? json_null() : drawing_of_post(c, channel, body));
    json_object_set_new(context, "json", mail || sms ? json_null() : pretty(body));
    json_object_set(context, "message", message);
    return console_reply(c, "outbox/one", context);
}

/* Links leave the frame, which may load nothing and run nothing. */
enum rc console_outbox_html(struct call *c)
{
    json_t *message;
    TRY(message_of(c, &message));
    const char *html = json_get_text(message, "html");
    if (!html || !*html)
        return fail(c->s, RC_NOT_FOUND, "not a mail with HTML");
    const char *head = strcasestr(html, "<head>");
    size_t at = head ? (size_t)(head - html) + strlen("<head>") : 0;
    c->reply.status = 200;
    c->reply.type = "text/html; charset=utf-8";
    reply_header(c, "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'none'; "
        "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox");
    reply_header(c, "Cache-Control", "no-store");
    reply_header(c, "Referrer-Policy", "no-referrer");
    strbuf_clear(&c->reply.body);
    strbuf_add(&c->reply.body, html, at);
    strbuf_addstr(&c->reply.body, "<base target=\"_blank\">");
    strbuf_addstr(&c->reply.body, html + at);
    return RC_OK;
}
