/* How a broadcast went: a sentence, a bar, the reasons of what failed and whom they concern. */
#include "api/console/outcome.h"

#include <string.h>

#include "api/console/console.h"
#include "core/json.h"
#include "templates/label.h"

/* The width of the bar's picture. */
enum { WIDTH = 1000 };

/* What people ask for, from the API's outcomes. */
struct tally {
    json_int_t delivered, failed, retried, unknown, suppressed, skipped, open, of;
};

static struct tally tally_of(json_t *broadcast)
{
    json_t *n = json_object_get(broadcast, "counts");
    return (struct tally){.delivered = json_get_int(n, "accepted") + json_get_int(n, "delivered"),
        .failed = json_get_int(n, "failed"),
        .retried = json_get_int(n, "retry"),
        .unknown = json_get_int(n, "unknown"),
        .suppressed = json_get_int(n, "suppressed"),
        .skipped = json_get_int(n, "superseded"),
        .open = json_get_int(broadcast, "open"),
        .of = json_get_int(broadcast, "audience")};
}

/* "1,180", or "1.180" in German. */
static const char *number(struct call *c, json_int_t n)
{
    const char *digits = scope_printf(c->s, "%lld", (long long)n);
    char point = strncmp(console_locale(c), "de", 2) != 0 ? ',' : '.';
    STRBUF(b, 64);
    for (size_t left = strlen(digits); left; left--, digits++) {
        strbuf_addch(&b, *digits);
        if (left > 1 && left % 3 == 1)
            strbuf_addch(&b, point);
    }
    return strbuf_copy(&b, c->s);
}

static const char *part(struct call *c, const char *key, json_int_t n, json_int_t of)
{
    json_t *values =
        json_own(c->s, json_pack("{s:s, s:s}", "n", number(c, n), "of", number(c, of)));
    return label_fill(c->s, label_text(c->s, console_locale(c), "staff_told", key), values);
}

static const char *sentence(struct call *c, const struct tally *t)
{
    const struct {
        const char *key;
        json_int_t n;
    } more[] = {{"failed", t->failed}, {"retry", t->retried}, {"unknown", t->unknown},
        {"suppressed", t->suppressed}, {"superseded", t->skipped}, {"open", t->open - t->retried}};
    STRBUF(b, 4096);
    strbuf_addstr(&b, part(c, t->of ? "delivered" : "nobody", t->delivered, t->of));
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
        if (more[i].n > 0)
            strbuf_addf(&b, "; %s", part(c, more[i].key, more[i].n, t->of));
    return strbuf_copy(&b, c->s);
}

/* Rectangles beside each other; a part that is not empty can be seen. */
static json_t *bar(const struct tally *t)
{
    const struct {
        const char *tone;
        json_int_t n;
    } parts[] = {{"operational", t->delivered}, {"major_outage", t->failed},
        {"degraded_performance", t->retried + t->unknown}, {"no_data", t->skipped + t->suppressed}};
    json_t *list = json_array();
    json_int_t of = t->of > 0 ? t->of : 1, x = 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        json_int_t width = parts[i].n * WIDTH / of;
        width = parts[i].n && width < 4 ? 4 : width;
        json_array_append_new(
            list, json_pack("{s:s, s:I, s:I}", "tone", parts[i].tone, "x", x, "width", width));
        x += width;
    }
    return list;
}

static const char *reason_text(struct call *c, const char *reason)
{
    return label_text(c->s, console_locale(c), "staff_reason", *reason ? reason : "none");
}

static enum rc put_reasons(struct call *c, json_t *broadcast, json_t *context)
{
    json_t *rows, *one;
    size_t i;
    TRY(console_rows(c,
        scope_printf(c->s, "/v1/broadcasts/%lld/reasons", json_get_int(broadcast, "id")), &rows));
    json_array_foreach(rows, i, one)
    {
        console_word(c, one, "state", "staff_outcome");
        json_object_set_new(one, "text", json_string(reason_text(c, json_get_word(one, "reason"))));
        json_object_set_new(one, "n", json_string(number(c, json_get_int(one, "count"))));
    }
    json_object_set(context, "reasons", rows);
    return RC_OK;
}

/* The recipients of one reason, a page of them. */
static enum rc put_people(
    struct call *c, json_t *broadcast, const struct form *query, json_t *context)
{
    json_t *rows, *one;
    size_t i;
    const char *reason = form_text(query, "reason", ""),
               *state = form_text(query, "state", "failed");
    json_object_set_new(
        context, "people_of", *reason ? json_string(reason_text(c, reason)) : json_null());
    json_object_set_new(context, "people_query",
        json_string(scope_printf(
            c->s, "state=%s&reason=%s", console_escaped(c, state), console_escaped(c, reason))));
    json_object_set_new(context, "people", json_array());
    json_object_set_new(context, "next_cursor", json_null());
    if (!*reason)
        return RC_OK;
    TRY(console_page_rows(c, context,
        scope_printf(c->s, "/v1/broadcasts/%lld/deliveries?limit=50&%s",
            json_get_int(broadcast, "id"), json_get_word(context, "people_query")),
        &rows));
    bool subscribers = strcmp(json_get_word(broadcast, "kind"), "credit_notice") != 0;
    json_array_foreach(rows, i, one)
    {
        bool known = subscribers && json_get_int(one, "recipient") > 0;
        json_object_set_new(one, "subscriber", json_boolean(known));
        console_label(c, one, "channel");
    }
    json_object_set(context, "people", rows);
    return RC_OK;
}

enum rc outcome_put(struct call *c, json_t *broadcast, json_t *context)
{
    struct tally tally = tally_of(broadcast);
    struct form query = {0};
    if (!c->form)
        TRY(form_read(c, &query));
    json_object_set_new(context, "told", json_string(sentence(c, &tally)));
    json_object_set_new(context, "bar", bar(&tally));
    json_object_set_new(context, "any_failed", json_boolean(tally.failed > 0));
    TRY(put_reasons(c, broadcast, context));
    return put_people(c, broadcast, &query, context);
}
