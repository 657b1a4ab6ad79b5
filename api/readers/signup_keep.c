#include <string.h>

#include "api/call/locale.h"
#include "api/http/language.h"
#include "api/readers/channel_options.h"
#include "api/readers/reader.h"
#include "api/readers/signup.h"
#include "api/subscribers/subscriber.h"
#include "core/json.h"

/* Per hour. SMS cost money, and fraudsters profit from SMS to premium-rate numbers. */
enum { PER_PEER = 20, EVERYBODY = 5000, SMS_PER_PEER = 5, SMS_EVERYBODY = 500 };

STMT(signup_number, "SELECT nextval(pg_get_serial_sequence('subscriber', 'id')) AS id",
    .row = &row_int);
STMT(signup_add,
    "WITH hour AS (SELECT count(*) AS n, count(*) FILTER (WHERE peer_hash = $2::bytea) AS peer"
    "    FROM signup WHERE at > now() - interval '1 hour'"
    "     AND (channel = 'sms' OR $7::channel <> 'sms')),"
    " added AS (INSERT INTO signup (kind, channel, peer_hash, address_hash, form)"
    "   SELECT $1, $7::channel, $2::bytea, $3::bytea, $4::jsonb FROM hour WHERE n < $5"
    "     AND peer < $6 RETURNING id)"
    " SELECT id, pg_notify('signup', '')::text AS notified FROM added",
    .row = NULL);
STMT(signup_last, "SELECT currval(pg_get_serial_sequence('signup', 'id')) AS id", .row = &row_int);

enum rc signup_address(struct call *c, const struct form *form, struct address *ret)
{
    const char *channel = form_text(form, "channel", "email");
    TRY(channel_options_check(c->s, c->api->config, channel));
    TRY(address_check(c->s, c->api, channel, form_text(form, "address", ""), ret));
    TRY(address_keys(c->s, form_get(form, "p256dh"), form_get(form, "auth"), ret));
    if (ret->bot)
        return fail_field(c->s, RC_INVALID, "address", "is no URL");
    if (!strcmp(channel, "sms") && !channel_options_reaches(c->api->config, ret->normal))
        return fail_field(c->s, RC_INVALID, "address", "we send no SMS to this country");
    return RC_OK;
}

/* Also for a known address, so that the response time does not reveal it. */
static enum rc put_address(struct call *c, const struct address *address, json_t *form)
{
    int64_t id;
    TRY(db_one(c->s, c->db, &signup_number, NO_PARAMS, &id));
    json_object_set_new(form, "id", json_integer(id));
    json_object_set_new(form, "address", json_string(address->shown));
    if (address->secret)
        json_object_set_new(form, "sealed",
            json_string(address_seal(c->s, c->api, "address", id, address->normal)));
    if (!strcmp(address->channel, "webhook"))
        json_object_set_new(form, "secret",
            json_string(address_seal(c->s, c->api, "secret", id, subscriber_secret(c->s))));
    if (address->keys)
        json_object_set_new(
            form, "secret", json_string(address_seal(c->s, c->api, "secret", id, address->keys)));
    return RC_OK;
}

enum rc signup_keep(
    struct call *c, const char *kind, const struct address *address, json_t *form, int64_t *ret_id)
{
    unsigned char peer[SIGN_HASH];
    int64_t n = 0;
    bool sms = !strcmp(address->channel, "sms");
    if (address->normal)
        TRY(put_address(c, address, form));
    sign_address_hash(c->api->keys, "peer", c->request->network ? c->request->network : "", peer);
    TRY(db_do(c->s, c->db, &signup_add,
        PARAMS(P_TEXT(kind), P_BYTES(peer, sizeof(peer)), P_BYTES(address->hash, SIGN_HASH),
            P_TEXT(json_text(c->s, form)), P_INT(sms ? SMS_EVERYBODY : EVERYBODY),
            P_INT(sms ? SMS_PER_PEER : PER_PEER), P_TEXT(address->channel)),
        &n));
    if (!n)
        return refuse(c, 429, "Too many requests from your network. Try again in an hour.");
    return ret_id ? db_one(c->s, c->db, &signup_last, NO_PARAMS, ret_id) : RC_OK;
}

static bool is_format(const char *format)
{
    return !strcmp(format, "amends") || !strcmp(format, "statuspage");
}

enum rc signup_wish(struct call *c, const struct form *form, json_t **ret)
{
    const char *zone = form_text(form, "timezone", "UTC");
    const char *format = form_text(form, "format", "amends");
    json_t *wish = reader_chosen(c->s, form);
    enum rc chosen = reader_check_chosen(c->s, c->db, form, wish);
    TRY(locale_check(c->s, NULL, zone));
    TRY(chosen);
    if (!is_format(format))
        return fail_field(c->s, RC_INVALID, "format", "must be amends or statuspage");
    json_object_set_new(wish, "locale", json_string(language_of(c->request, NULL)->tag));
    json_object_set_new(wish, "timezone", json_string(zone));
    json_object_set_new(wish, "verbosity", json_string(reader_verbosity(form)));
    json_object_set_new(wish, "format", json_string(format));
    *ret = wish;
    return RC_OK;
}
