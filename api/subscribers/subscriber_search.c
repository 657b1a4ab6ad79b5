/* GET /v1/subscribers: pages of all subscribers, or of those matching a filter. */
#include <sodium.h>
#include <string.h>

#include "api/call/list_page.h"
#include "api/call/lookup.h"
#include "api/subscribers/subscribers.h"
#include "api/subscribers/subscriber.h"
#include "core/strbuf.h"

enum { PATTERN_MAX = 1024 };

struct subscriber_filter {
    struct list_page page;
    const char *channel, *state, *address, *part, *component, *account;
};
const struct shape subscriber_filter_shape =
    SHAPE("SubscriberFilter", struct subscriber_filter, PAGE_FIELDS("100", 1000),
        FIELD(TEXT, channel, .one_of = channel_name, .doc = "Filter by channel."),
        FIELD(TEXT, state, .one_of = subscriber_states, .doc = "Filter by state."),
        FIELD(TEXT, address, .max = 2000,
            .doc = "Filter by complete address in any notation, including a secret URL."),
        FIELD(TEXT, part, .min = 2, .max = 200,
            .doc = "Filter by part of the displayed address: name@, @company.example, +4917."),
        FIELD(TEXT, component, .max = 64,
            .doc = "Filter by component (slug): subscribed to it, its group or everything."),
        FIELD(TEXT, account, .max = 200, .doc = "Filter by account (external_id)."));

#define FILTERED \
    "   AND ($3::text IS NULL OR s.channel::text = $3)" \
    "   AND ($4::text IS NULL OR s.state::text = $4)" \
    "   AND ($5::text IS NULL OR s.address ILIKE $5)" \
    "   AND ($6::bigint IS NULL OR EXISTS (SELECT FROM subscription t JOIN component c" \
    "     ON c.id = $6 WHERE t.subscriber_id = s.id AND (t.kind = 'all' OR (t.kind = 'component'" \
    "       AND t.target_id = c.id) OR (t.kind = 'group' AND t.target_id = c.group_id))))" \
    "   AND ($7::text IS NULL OR a.external_id = $7) ORDER BY s.id LIMIT $2"

STMT(subscriber_some, SUBSCRIBER_SELECT "WHERE s.id > $1" FILTERED, .row = &subscriber_shape);
/* Always through the index, since every call of a customer looks up an address. */
STMT(subscriber_by_address,
    SUBSCRIBER_SELECT "JOIN unnest($8::text[], $9::text[]) AS x(channel, hash)"
                      "  ON s.channel = x.channel::channel AND s.address_hash = decode(x.hash, "
                      "'hex') WHERE s.id > $1" FILTERED,
    .row = &subscriber_shape);

/* The address as it would be on each possible channel. */
static enum rc hashes_of(struct call *c, const struct subscriber_filter *filter,
    struct texts *ret_channels, struct texts *ret_hashes)
{
    const char **channels = SCOPE_ARRAY(c->s, const char *, CHANNEL_COUNT);
    const char **hashes = SCOPE_ARRAY(c->s, const char *, CHANNEL_COUNT);
    size_t n = 0;
    for (const char *const *channel = channel_name; *channel && n < CHANNEL_COUNT; channel++) {
        SCOPE(s);
        struct address address;
        char hex[2 * SIGN_HASH + 1];
        if (filter->channel && strcmp(filter->channel, *channel) != 0)
            continue;
        /* A word alone is an address of a channel with a prefix only if the channel is named. */
        if (!filter->channel && channel_document(channel_of(*channel)) &&
            !strstr(filter->address, "://"))
            continue;
        if (address_check(s, c->api, *channel, filter->address, &address) != RC_OK)
            continue;
        sodium_bin2hex(hex, sizeof(hex), address.hash, SIGN_HASH);
        channels[n] = *channel;
        hashes[n++] = scope_strdup(c->s, hex);
    }
    if (!n)
        return fail_field(c->s, RC_INVALID, "address", "is not an address of %s",
            filter->channel ? filter->channel : "any channel");
    *ret_channels = (struct texts){.at = channels, .n = n};
    *ret_hashes = (struct texts){.at = hashes, .n = n};
    return RC_OK;
}

/* Literal text for ILIKE. */
static const char *pattern_of(struct scope *s, const char *part)
{
    if (!part)
        return NULL;
    STRBUF(b, PATTERN_MAX);
    strbuf_addch(&b, '%');
    for (; *part; part++) {
        if (strchr("%_\\", *part))
            strbuf_addch(&b, '\\');
        strbuf_addch(&b, *part);
    }
    strbuf_addch(&b, '%');
    return strbuf_copy(&b, s);
}

static enum rc component_of(struct call *c, const char *slug, int64_t *ret)
{
    struct texts one = {.at = &slug, .n = 1};
    int64_t *ids = NULL;
    *ret = SHAPE_NONE;
    if (!slug)
        return RC_OK;
    TRY(lookup_components(c->s, c->db, &one, "component", &ids));
    *ret = ids[0];
    return RC_OK;
}

static enum rc read_page(struct call *c, int64_t after, struct list *ret)
{
    const struct subscriber_filter *f = c->query;
    struct texts channels, hashes;
    int64_t component;
    TRY(component_of(c, f->component, &component));
#define FILTER \
    P_INT(after), P_INT(f->page.limit), P_TEXT(f->channel), P_TEXT(f->state), \
        P_TEXT(pattern_of(c->s, f->part)), P_INT(component), P_TEXT(f->account)
    if (!f->address)
        return db_all(c->s, c->db, &subscriber_some, PARAMS(FILTER), ret);
    TRY(hashes_of(c, f, &channels, &hashes));
    return db_all(c->s, c->db, &subscriber_by_address,
        PARAMS(FILTER, P_TEXTS(c->s, &channels), P_TEXTS(c->s, &hashes)), ret);
#undef FILTER
}

enum rc subscriber_list(struct call *c)
{
    int64_t after;
    struct list rows;
    TRY(page_open(c, "subscribers", &after));
    TRY(read_page(c, after, &rows));
    return reply_page(c, "subscribers", rows, offsetof(struct subscriber, id));
}
