/* POST /api/v2/subscribers.json of Statuspage: a form or JSON with subscriber[email],
 * subscriber[phone_number] and [phone_country], or subscriber[endpoint], and [component_id],
 * [component_ids][] or [incident_id]. It is a request like that of /subscribe: nobody gets more
 * than the message that asks for confirmation, and the answer is the same for every address. */
#include <string.h>

#include "api/readers/readers.h"
#include "api/readers/signup.h"
#include "api/subscribers/national.h"
#include "core/json.h"

STMT(statuspage_signup_page, "SELECT amends.statuspage_page($1, $2)::text AS text",
    .row = &row_text);

/* Statuspage's names and ours; a component_id may be that of a group. */
static const struct {
    const char *theirs, *ours;
} fields[] = {{"email", "email"}, {"phone_number", "phone_number"},
    {"phone_country", "phone_country"}, {"endpoint", "endpoint"}, {"component_id", "component"},
    {"component_ids", "component"}, {"component_id", "group"}, {"component_ids", "group"},
    {"incident_id", "incident"}};

static void add(struct form *form, const char *name, const char *value)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (!strcmp(fields[i].theirs, name) && form->n < FORM_FIELDS)
            form->at[form->n++] = (struct request_pair){.name = fields[i].ours, .value = value};
}

/* "subscriber[email]" and "subscriber[component_ids][]". */
static void add_bracketed(struct scope *s, struct form *form, const struct request_pair *pair)
{
    static const char prefix[] = "subscriber[";
    const char *name = pair->name;
    if (!strncmp(name, prefix, strlen(prefix)))
        name += strlen(prefix);
    add(form, scope_printf(s, "%.*s", (int)strcspn(name, "[]"), name), pair->value);
}

static void add_members(struct form *form, json_t *subscriber)
{
    const char *name;
    json_t *value, *one;
    size_t i;
    json_object_foreach(subscriber, name, value)
    {
        if (json_is_string(value))
            add(form, name, json_string_value(value));
        json_array_foreach(value, i, one) if (json_is_string(one))
            add(form, name, json_string_value(one));
    }
}

static enum rc read_subscriber(struct call *c, struct form *ret)
{
    struct form flat;
    json_t *json = NULL;
    *ret = (struct form){0};
    TRY(form_read(c, &flat));
    for (size_t i = 0; i < flat.n; i++)
        add_bracketed(c->s, ret, &flat.at[i]);
    if (json_parse(c->s, c->request->body, c->request->len, &json) == RC_OK)
        add_members(ret, json_object_get(json, "subscriber"));
    else
        c->s->fault = (struct fault){0};
    return RC_OK;
}

/* Adds the fields of the form of /subscribe. field: the name of theirs that has the address. */
static enum rc translate(struct call *c, struct form *form, const char **ret_field)
{
    const char *email = form_text(form, "email", NULL);
    const char *endpoint = form_text(form, "endpoint", NULL);
    const char *number = form_text(form, "phone_number", NULL);
    const char *channel = endpoint ? "webhook" : number ? "sms" : "email";
    *ret_field = endpoint ? "endpoint" : number ? "phone_number" : "email";
    if (number && !endpoint)
        TRY(national_number(c->s, number, form_text(form, "phone_country", "us"), &number));
    const char *address = endpoint ? endpoint : number ? number : email;
    const struct request_pair more[] = {{"channel", channel}, {"address", address ? address : ""},
        {"format", endpoint ? "statuspage" : "amends"}};
    if (form->n + sizeof(more) / sizeof(more[0]) > FORM_FIELDS)
        return fail(c->s, RC_INVALID, "more than %d fields", FORM_FIELDS);
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
        form->at[form->n++] = more[i];
    return RC_OK;
}

static enum rc answer(struct call *c, const struct form *form)
{
    const char *text = NULL, *channel = form_get(form, "channel");
    json_t *page, *json = json_own(c->s, json_object());
    TRY(db_one(c->s, c->db, &statuspage_signup_page,
        PARAMS(P_TEXT(c->api->config->brand), P_TEXT(c->api->public_url)), &text));
    TRY(json_parse(c->s, text, strlen(text), &page));
    bool webhook = !strcmp(channel, "webhook");
    const char *member = webhook ? "webhook" : !strcmp(channel, "sms") ? "phone" : "email";
    json_object_set(json, "page", page);
    json_object_set_new(json, "mode", json_string(webhook ? "webhook" : "email_sms"));
    json_object_set_new(json, member, json_string(form_get(form, "address")));
    json_object_set_new(json, "can_select_components", json_true());
    c->reply.status = 200;
    c->reply.type = "application/json; charset=utf-8";
    strbuf_addstr(&c->reply.body, json_text(c->s, json));
    return RC_OK;
}

/* The error of a field under Statuspage's name. */
static enum rc their_name(struct call *c, const char *field, enum rc rc)
{
    const char *own = c->s->fault.field;
    if (rc != RC_INVALID || c->refusal || !own)
        return rc;
    const char *name = !strcmp(own, "what") ? "component_id" : own;
    name = !strcmp(own, "address") || !strcmp(own, "channel") ? field : name;
    return fail_field(
        c->s, rc, scope_printf(c->s, "subscriber[%s]", name), "%s", c->s->fault.message);
}

enum rc statuspage_subscribe(struct call *c)
{
    struct form form;
    struct address address;
    json_t *wish = NULL;
    const char *field = "email";
    TRY(read_subscriber(c, &form));
    enum rc rc = translate(c, &form, &field);
    if (rc == RC_OK)
        rc = signup_address(c, &form, &address);
    if (rc == RC_OK)
        rc = signup_wish(c, &form, &wish);
    if (rc != RC_OK)
        return their_name(c, field, rc);
    TRY(signup_keep(c, "subscribe", &address, wish, NULL));
    return answer(c, &form);
}
