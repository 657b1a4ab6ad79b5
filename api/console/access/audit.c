/* /staff/access/audit: the audit log as sentences, each with its exact entry. */
#include <string.h>

#include "api/console/access/access.h"
#include "core/json.h"
#include "templates/label.h"

enum { TOTALS_MAX = 4096 };

/* What entries are about: the first part of their actions. */
static const char *const kinds[] = {"credit_run", "credit", "credit_review", "policy", "accounts",
    "account_list", "claim", "measurements", "measurement_source", "incident", "impacts",
    "postmortem", "held_post", "suggestion", "alert_rule", "alert_source", "post",
    "incident_template", "liability_alert", "component", "component_group", "broadcast", "notice",
    "delivery", "subscriber", "subscribers", "suppression", "bounce_rule", "staff", "key", "brand",
    NULL};

static const char *label(struct call *c, const char *set, const char *key)
{
    return label_text(c->s, console_locale(c), set, key);
}

/* Who: a person or key by name, or the command line and the like by a label. */
static const char *who_of(struct call *c, const json_t *row)
{
    const char *name = json_get_word(row, "actor_name");
    return strcmp(name, json_get_word(row, "actor")) ? name : label(c, "staff_audit_actor", name);
}

/* "(300 credits, 1,240.50 USD)", or "". */
static const char *totals_of(struct call *c, const json_t *row)
{
    const json_t *totals = json_object_get(row, "totals"), *one;
    STRBUF(amounts, TOTALS_MAX);
    long long credits = 0;
    size_t i;
    json_array_foreach(totals, i, one)
    {
        json_t *total = json_own(c->s, json_copy((json_t *)one));
        console_money(c, total, "amount_minor", "amount");
        strbuf_addf(&amounts, "%s%s", amounts.len ? ", " : "", json_get_word(total, "amount"));
        credits += json_get_int(one, "credits");
    }
    if (!credits)
        return "";
    json_t *values =
        json_own(c->s, json_pack("{s:I, s:s}", "n", (json_int_t)credits, "amounts", amounts.buf));
    return label_fill(
        c->s, label(c, "staff_audit_part", credits == 1 ? "totals_one" : "totals"), values);
}

/* ": reason", or "". */
static const char *reason_of(struct call *c, const json_t *row)
{
    const json_t *detail = json_object_get(row, "detail");
    const char *reason = json_get_text(detail, "reason");
    reason = reason ? reason : json_get_text(detail, "note");
    return reason ? scope_printf(c->s, ": %s", reason) : "";
}

/* The page of the object, or NULL. */
static const char *page_of(struct call *c, const json_t *row)
{
    static const struct {
        const char *action, *object, *page;
    } pages[] = {
        {"credit_run.", "credit_run:", "/staff/credits/runs/%s"},
        {"incident.", "", "/staff/incidents/%s"},
        {"impacts.", "", "/staff/incidents/%s/impacts"},
        {"postmortem.", "", "/staff/incidents/%s"},
        {"broadcast.", "", "/staff/broadcasts/%s"},
        {"notice.", "broadcast:", "/staff/broadcasts/%s"},
        {"subscriber.", "subscriber:", "/staff/subscribers/%s"},
    };
    const char *action = json_get_word(row, "action"), *object = json_get_word(row, "object");
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        size_t len = strlen(pages[i].object);
        if (strncmp(action, pages[i].action, strlen(pages[i].action)) != 0 ||
            strncmp(object, pages[i].object, len) != 0)
            continue;
        const char *at = strchr(pages[i].page, '%');
        return scope_printf(c->s, "%.*s%s%s", (int)(at - pages[i].page), pages[i].page,
            console_escaped(c, object + len), at + 2);
    }
    return NULL;
}

static void put_sentence(struct call *c, json_t *row)
{
    const char *action = json_get_word(row, "action");
    const char *pattern = label(c, "staff_audit", action);
    if (!strcmp(pattern, action))
        pattern = scope_printf(c->s, "{who}: %s {what}", action);
    json_t *values = json_own(c->s, json_pack("{s:s, s:s, s:s, s:s}", "who", who_of(c, row), "what",
                                        json_get_word(row, "object_name"), "totals",
                                        totals_of(c, row), "reason", reason_of(c, row)));
    json_t *detail = json_object_get(row, "detail");
    const char *page = page_of(c, row);
    const char *via = strcmp(json_get_word(detail, "via"), "slack")
                          ? ""
                          : label(c, "staff_audit_part", "via_slack");
    json_object_set_new(row, "sentence",
        json_string(scope_printf(c->s, "%s%s", label_fill(c->s, pattern, values), via)));
    json_object_set_new(row, "page", page ? json_string(page) : json_null());
    json_object_set_new(row, "detail_text",
        json_is_null(detail) ? json_null() : json_string(json_text(c->s, detail)));
}

/* People to choose from; whom the query names stays chosen, also a key. */
static enum rc put_people(struct call *c, const char *chosen, json_t *context)
{
    json_t *people = json_array(), *list, *one;
    size_t i;
    bool found = !*chosen;
    json_object_set_new(context, "people", people);
    TRY(console_all_rows(c, "/v1/staff", &list));
    json_array_foreach(list, i, one)
    {
        const char *value = scope_printf(c->s, "staff:%s", json_get_word(one, "login"));
        bool selected = !strcmp(value, chosen);
        found |= selected;
        json_array_append_new(people, json_pack("{s:s, s:O, s:b}", "value", value, "label",
                                          json_object_get(one, "name"), "selected", selected));
    }
    if (!found)
        json_array_append_new(
            people, json_pack("{s:s, s:s, s:b}", "value", chosen, "label", chosen, "selected", 1));
    return RC_OK;
}

enum rc console_audit(struct call *c)
{
    struct form form;
    json_t *context = json_own(c->s, json_object()), *rows = NULL, *one;
    static const char *const filters[] = {"actor", "action", "object", NULL};
    size_t i;
    TRY(form_read(c, &form));
    STRBUF(query, 4096);
    for (const char *const *name = filters; *name; name++)
        console_query(c, &query, *name, form_text(&form, *name, NULL));
    TRY(console_page_rows(
        c, context, scope_printf(c->s, "/v1/audit?limit=100%s", query.buf), &rows));
    json_array_foreach(rows, i, one) put_sentence(c, one);
    json_object_set(context, "rows", rows);
    json_object_set_new(context, "chosen", json_string(query.buf));
    json_object_set_new(context, "object", json_string(form_text(&form, "object", "")));
    json_object_set_new(context, "kinds",
        console_choices(c, kinds, "staff_audit_kind", form_text(&form, "action", "")));
    TRY(put_people(c, form_text(&form, "actor", ""), context));
    return console_reply(c, "access/audit", context);
}
