/* /subscribe and /manage: forms that anybody may send for any address. Both answer the
 * same for every address; what follows is settled afterwards (signup_desk.c). */
#include <string.h>

#include "api/address.h"
#include "api/language.h"
#include "api/lookup.h"
#include "api/page.h"
#include "api/reader.h"
#include "api/resources.h"
#include "core/json.h"

enum { PER_PEER = 20, EVERYBODY = 5000 }; /* an hour */

STMT(signup_add,
    "WITH hour AS (SELECT count(*) AS n, count(*) FILTER (WHERE peer_hash = $2::bytea) AS peer"
    "    FROM signup WHERE at > now() - interval '1 hour'),"
    " added AS (INSERT INTO signup (kind, peer_hash, address_hash, form)"
    "   SELECT $1, $2::bytea, $3::bytea, $4::jsonb FROM hour WHERE n < $5 AND peer < $6"
    "   RETURNING id)"
    " SELECT id, pg_notify('signup', '') FROM added");
STMT(signup_incident, "SELECT id FROM incident WHERE ref = $1", .row = &row_id_shape);

static enum rc show(struct call *c, const char *incident, const char *told, const char *wrong)
{
    json_t *context = json_own(c->s, json_object());
    struct row_id row;
    bool known =
        incident && db_one(c->s, c->db, &signup_incident, PARAMS(P_TEXT(incident)), &row) == RC_OK;
    json_object_set_new(context, "incident", known ? json_string(incident) : json_null());
    json_object_set_new(context, "told", json_boolean(told));
    json_object_set_new(context, "wrong", json_boolean(wrong));
    reader_put_verbosity(context, "every");
    TRY(reader_catalogue(c->s, c->db, 0, context));
    return page_reply(c, "subscribe", "subscribe", context, false);
}

enum rc page_subscribe(struct call *c)
{
    const char *incident = NULL;
    for (size_t i = 0; i < c->request->n_query; i++)
        if (!strcmp(c->request->query[i].name, "incident"))
            incident = c->request->query[i].value;
    return show(c, incident, NULL, NULL);
}

/* The same statement for every address, known or not. */
static enum rc keep(struct call *c, const char *kind, const struct address *address, json_t *form)
{
    unsigned char peer[SIGN_HASH];
    int64_t n = 0;
    sign_address_hash(c->api->keys, "peer", c->request->peer ? c->request->peer : "", peer);
    TRY(db_do(c->s, c->db, &signup_add,
        PARAMS(P_TEXT(kind), P_BYTES(peer, sizeof(peer)), P_BYTES(address->hash, SIGN_HASH),
            P_TEXT(json_text(c->s, form)), P_INT(EVERYBODY), P_INT(PER_PEER)),
        &n));
    return n ? RC_OK : refuse(c, 429, "Too many requests from here. Try again in an hour.");
}

static enum rc read_address(struct call *c, const struct form *form, struct address *ret)
{
    return address_check(c->s, c->api, "email", form_text(form, "address", ""), ret);
}

enum rc page_subscribe_do(struct call *c)
{
    struct form form = {0};
    struct address address;
    TRY(form_read(c, &form));
    const char *zone = form_text(&form, "timezone", "UTC");
    if (read_address(c, &form, &address) != RC_OK ||
        address_check_reader(c->s, NULL, zone) != RC_OK) {
        c->reply.status = 422;
        return show(c, form_get(&form, "incident"), NULL, "address");
    }
    json_t *wish = reader_chosen(c->s, &form);
    json_object_set_new(wish, "address", json_string(address.normal));
    json_object_set_new(wish, "locale", json_string(language_of(c->request, NULL)->tag));
    json_object_set_new(wish, "timezone", json_string(zone));
    json_object_set_new(wish, "verbosity", json_string(reader_verbosity(&form)));
    TRY(keep(c, "subscribe", &address, wish));
    return show(c, NULL, "told", NULL);
}

static enum rc show_manage(struct call *c, bool told, bool wrong)
{
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "told", json_boolean(told));
    json_object_set_new(context, "wrong", json_boolean(wrong));
    return page_reply(c, "manage", "manage", context, false);
}

enum rc page_manage(struct call *c)
{
    return show_manage(c, false, false);
}

enum rc page_manage_do(struct call *c)
{
    struct form form = {0};
    struct address address;
    TRY(form_read(c, &form));
    if (read_address(c, &form, &address) != RC_OK) {
        c->reply.status = 422;
        return show_manage(c, false, true);
    }
    TRY(keep(c, "manage", &address, json_own(c->s, json_object())));
    return show_manage(c, true, false);
}
