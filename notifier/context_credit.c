#include <string.h>

#include "core/json.h"
#include "notifier/context_put.h"
#include "notifier/recipients.h"

static const char *field(enum merge n)
{
    return pieces_marker(HOLE_FIELD + (int)n);
}

/* A day for reading; NULL when the broadcast promises none. */
static const char *expected_by(struct scope *s, const struct broadcast *b, const json_t *extra)
{
    const json_t *days = json_object_get(extra, "expected_in_days");
    if (!json_is_integer(days))
        return json_string_value(json_object_get(extra, "expected_by"));
    int64_t at = b->not_before + json_integer_value(days) * 86400 * CLOCK_SECOND;
    return scope_strndup(s, clock_rfc3339(s, at), strlen("YYYY-MM-DD"));
}

/* pieces_marker is static storage that a second call may reuse, so each is copied at once
 * (json_string copies). */
void context_put_credit(struct scope *s, const struct context_spec *spec, json_t *root)
{
    json_t *account = json_object(), *contact = json_object(), *credit = json_object();
    json_t *causes = json_array(), *extra = NULL;
    const struct list *list = &spec->broadcast->story->causes;
    const struct story_cause *at = list->at;
    put(root, "account", account);
    put(root, "contact", contact);
    put(root, "credit", credit);
    put_text(contact, "name", field(MERGE_CONTACT_NAME));
    put_text(account, "name", field(MERGE_ACCOUNT_NAME));
    put_text(account, "external_id", field(MERGE_ACCOUNT_REF));
    put_text(credit, "id", field(MERGE_CREDIT_ID));
    put_text(credit, "amount_text", field(MERGE_AMOUNT_TEXT));
    put_text(credit, "currency", field(MERGE_CURRENCY));
    put_text(credit, "why_text", field(MERGE_WHY_TEXT));
    put(credit, "lines", json_array());
    put_text(credit, "statement_url", token_url(s, spec, "/credit/"));
    const char *text = spec->broadcast->extra;
    if (text && json_parse(s, text, strlen(text), &extra) != RC_OK)
        extra = NULL;
    put_text(credit, "expected_by", expected_by(s, spec->broadcast, extra));
    put_text(credit, "review_url", json_string_value(json_object_get(extra, "review_url")));
    put(credit, "incidents", causes);
    for (size_t i = 0; i < list->n; i++) {
        json_t *one = json_object();
        put_text(one, "title", at[i].title);
        put_text(one, "url", url(s, spec, scope_printf(s, "/incidents/%s", at[i].ref)));
        json_array_append_new(causes, one);
    }
}
