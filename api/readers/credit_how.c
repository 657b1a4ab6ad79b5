/* /how-credits-work/{token}: what a version of a policy gives, in words generated from it, with a
 * worked example. The token names the version, so the page of a credit says what held for it. */
#include "api/readers/credit_how.h"
#include "api/readers/link.h"

#include <string.h>

#include "api/call/page.h"
#include "api/credits/credit_lines.h"
#include "api/http/language.h"
#include "api/readers/readers.h"
#include "billing/words/example.h"
#include "core/clock.h"
#include "core/json.h"

SHAPE_STATIC(struct explained, explained_shape, "ExplainedPolicy", FIELD(TEXT, name),
    FIELD(INT, version), FIELD(RAW, document), FIELD(RAW, names), FIELD(TEXT, component));

STMT(how_policy,
    "SELECT name, version, document, (SELECT coalesce(json_object_agg(slug, k.name), '{}')"
    "   FROM component k WHERE slug IN (SELECT jsonb_array_elements_text(document->'components')))"
    "   AS names, coalesce((SELECT k.name FROM component k WHERE k.archived_at IS NULL"
    "   ORDER BY k.position, k.id LIMIT 1), 'API') AS component FROM policy WHERE id = $1",
    .row = &explained_shape);

/* Three letters in a number, which the token holds. */
static int64_t currency_number(const char *currency)
{
    int64_t n = 0;
    for (; *currency; currency++)
        n = n * 256 + (unsigned char)*currency;
    return n;
}

static const char *currency_named(struct scope *s, int64_t n)
{
    return n ? scope_printf(s, "%c%c%c", (int)(n >> 16 & 127), (int)(n >> 8 & 127), (int)(n & 127))
             : NULL;
}

const char *credit_how_path(
    struct scope *s, const struct sign *keys, int64_t policy, const char *currency)
{
    STRBUF(b, SIGN_TOKEN_MAX + 64);
    strbuf_addstr(&b, "/how-credits-work/");
    sign_link(keys, SIGN_POLICY,
        (struct link_token){.id = policy, .extra = currency_number(currency)}, &b);
    return strbuf_copy(&b, s);
}

static enum rc example_of(
    const struct policy_words *p, const char *component, const char *currency, json_t **ret)
{
    struct example example;
    TRY(words_example(
        p, &(struct example_ask){.component = component, .currency = currency}, &example));
    *ret = json_own(p->s, json_pack("{s:s, s:o}", "text", example.text, "lines",
                              credit_lines(&(struct credit_lines){.s = p->s,
                                  .locale = p->locale,
                                  .currency = example.credit_currency,
                                  .bare = true,
                                  .lines = example.lines})));
    return RC_OK;
}

enum rc page_credit_how(struct call *c)
{
    struct link_token link;
    struct explained row;
    json_t *context = json_own(c->s, json_object()), *example, *document, *names;
    const char *locale = language_of(c->request, NULL)->tag;
    TRY(link_read(c, SIGN_POLICY, &link));
    TRY(IF_NONE(db_one(c->s, c->db, &how_policy, PARAMS(P_INT(link.id)), &row), link_none(c)));
    TRY(json_parse(c->s, row.document, strlen(row.document), &document));
    TRY(json_parse(c->s, row.names, strlen(row.names), &names));
    struct policy_words p = {.s = c->s, .locale = locale, .document = document, .names = names};
    TRY(example_of(&p, row.component, currency_named(c->s, link.extra), &example));
    json_object_set_new(context, "policy",
        json_string(scope_printf(c->s, "%s (%lld)", row.name, (long long)row.version)));
    json_object_set_new(context, "words", policy_words(&p));
    json_object_set(context, "example", example);
    return page_reply(c, "credit_how", "credit_how", context, true);
}
