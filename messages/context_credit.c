#include <string.h>

#include "core/json.h"
#include "messages/context_put.h"
#include "messages/credit_letter.h"

/* text_template_marker is static storage that a second call may reuse. */
static const char *field(struct scope *s, enum merge n)
{
    return scope_strdup(s, text_template_marker(PLACEHOLDER_FIELD + (int)n));
}

json_t *context_extra(struct scope *s, const struct broadcast *b)
{
    json_t *extra = NULL;
    if (!b->extra || json_parse(s, b->extra, strlen(b->extra), &extra) != RC_OK)
        return NULL;
    return extra;
}

void context_put_credit(struct scope *s, const struct context_spec *spec, json_t *root)
{
    const struct broadcast *b = spec->broadcast;
    const char *statement = token_url(s, spec, "/credit/");
    const char *page = account_url(s, spec, NULL);
    struct credit_letter letter = {
        .page_url = b->kind == KIND_CREDIT_NOTICE && spec->channel == CHANNEL_EMAIL ? page : NULL,
        .public_url = spec->config->public_url,
        .locale = spec->locale,
        .timezone = spec->timezone,
        .contact_name = field(s, MERGE_CONTACT_NAME),
        .account_name = field(s, MERGE_ACCOUNT_NAME),
        .account_ref = field(s, MERGE_ACCOUNT_REF),
        .credit_id = field(s, MERGE_CREDIT_ID),
        .amount_text = field(s, MERGE_AMOUNT_TEXT),
        .currency = field(s, MERGE_CURRENCY),
        .days = field(s, MERGE_DAYS),
        .why_text = field(s, MERGE_WHY_TEXT),
        .statement_url = statement,
        .review_url = scope_printf(s, "%s#review", statement),
        .expected_by = credit_letter_expected(s, context_extra(s, b), b->not_before),
        .causes = b->facts->causes.at,
        .n_causes = b->facts->causes.n,
        .selection = spec->selection,
    };
    credit_letter_put(s, &letter, root);
}
