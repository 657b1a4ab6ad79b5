/* /how-credits-work/{token}: what a version of a policy gives, in words generated from it, with a
 * worked example. The token names the version, so the page of a credit says what held for it. */
#include "api/readers/credit_how.h"

#include <pthread.h>
#include <string.h>

#include "api/call/page.h"
#include "api/credits/credits.h"
#include "api/credits/example_words.h"
#include "api/credits/policy_example.h"
#include "billing/words/words.h"
#include "api/http/language.h"
#include "api/readers/readers.h"
#include "core/clock.h"
#include "core/json.h"

SHAPE_STATIC(struct explained, explained_shape, "ExplainedPolicy", FIELD(TEXT, name),
    FIELD(INT, version), FIELD(RAW, document), FIELD(RAW, names));

STMT(how_policy,
    "SELECT name, version, document, (SELECT coalesce(json_object_agg(slug, k.name), '{}')"
    "   FROM component k WHERE slug IN (SELECT jsonb_array_elements_text(document->'components')))"
    "   AS names FROM policy WHERE id = $1",
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

/* Examples that were computed, since the page is public and a policy never changes. */
enum { KEPT = 32 };
static struct kept {
    int64_t policy, currency;
    json_t *example;
} kept[KEPT];
static size_t kept_next;
static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;

static json_t *find_kept(struct scope *s, const struct link_token *link)
{
    json_t *copy = NULL;
    pthread_mutex_lock(&kept_lock);
    for (size_t i = 0; i < KEPT; i++)
        if (kept[i].example && kept[i].policy == link->id && kept[i].currency == link->extra)
            copy = json_own(s, json_deep_copy(kept[i].example));
    pthread_mutex_unlock(&kept_lock);
    return copy;
}

static void keep(const struct link_token *link, const json_t *example)
{
    pthread_mutex_lock(&kept_lock);
    struct kept *place = &kept[kept_next++ % KEPT];
    json_decref(place->example);
    *place = (struct kept){link->id, link->extra, json_deep_copy(example)};
    pthread_mutex_unlock(&kept_lock);
}

static enum rc example_of(
    struct call *c, const struct link_token *link, const char *document, json_t **ret)
{
    enum { SECONDS = 13440 };
    struct example row;
    STRBUF(text, 1024 * 1024);
    if ((*ret = find_kept(c->s, link)))
        return RC_OK;
    struct example_ask ask = {.document = document,
        .currency = currency_named(c->s, link->extra),
        .price_minor = SHAPE_NONE,
        .seconds = SECONDS,
        .level = "major_outage"};
    TRY(policy_example_make(c->s, c->db, &ask, &row));
    shape_print(&text, &worked_example_shape, &row);
    TRY(json_parse(c->s, text.buf, text.len, ret));
    keep(link, *ret);
    return RC_OK;
}

enum rc page_credit_how(struct call *c)
{
    SCOPE(inner);
    struct link_token link;
    struct explained row;
    json_t *context = json_own(c->s, json_object()), *example, *document, *names;
    const char *locale = language_of(c->request, NULL)->tag;
    if (sign_link_open(inner, c->api->keys, SIGN_POLICY, c->param[0], clock_now(), &link) != RC_OK)
        return refuse(c, 404, "This link is invalid or has expired.");
    TRY(IF_NONE(db_one(c->s, c->db, &how_policy, PARAMS(P_INT(link.id)), &row),
        refuse(c, 404, "This link is invalid or has expired.")));
    TRY(json_parse(c->s, row.document, strlen(row.document), &document));
    TRY(json_parse(c->s, row.names, strlen(row.names), &names));
    TRY(example_of(c, &link, row.document, &example));
    json_object_set_new(context, "policy",
        json_string(scope_printf(c->s, "%s (%lld)", row.name, (long long)row.version)));
    json_object_set_new(context, "words",
        policy_words(&(struct policy_words){
            .s = c->s, .locale = locale, .document = document, .names = names}));
    json_object_set_new(context, "example", example_words(c->s, locale, example));
    return page_reply(c, "credit_how", "credit_how", context, true);
}
