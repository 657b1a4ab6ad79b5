#include "api/call/dispatch.h"

#include <string.h>

#include "api/call/etag.h"
#include "api/call/idempotency.h"
#include "api/call/measure.h"
#include "api/call/session.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/log.h"

enum { BODY_MAX = 1024 * 1024 };

size_t dispatch_ceiling(const struct call *c)
{
    return c->route && c->route->max_body ? c->route->max_body : BODY_MAX;
}

static enum rc find_route(struct call *c, struct request *request)
{
    if (request_target(c->s, request->target, request) != RC_OK) {
        c->refusal = 400;
        return RC_INVALID;
    }
    struct route_match match = route_find(request);
    if (!match.route && !match.allowed)
        return refuse(c, 404, "this path does not exist");
    if (!match.route) {
        reply_header(c, "Allow", route_allow(c->s, match.allowed));
        return refuse(c, 405, "this path does not support %.20s", request->verb);
    }
    if (request->internal && !match.route->internal)
        return refuse(c, 404, "metrics_listen serves only metrics and health");
    c->route = match.route;
    memcpy(c->param, match.param, sizeof(c->param));
    return RC_OK;
}

/* Authenticates by the key in the request. A browser that is signed in to the console may read
 * without a key: another site can make it send its cookie, which is harmless for requests that
 * change nothing. */
static enum rc authenticate(struct call *c)
{
    const char *given = c->request->authorization;
    if (!given && c->route->verb == GET && *session_token(c, c->api->staff->cookie))
        return c->api->staff->recognise(c);
    return auth_key(c->s, c->db, given, &c->key);
}

static enum rc authorise(struct call *c)
{
    if (c->route->staff)
        TRY(c->api->staff->recognise(c));
    if (!c->route->scope || c->request->internal)
        return RC_OK;
    enum rc rc = c->key ? RC_OK : authenticate(c);
    if (rc == RC_DENIED) {
        c->refusal = 401;
        reply_header(c, "WWW-Authenticate", "Bearer realm=\"amends\"");
    }
    TRY(rc);
    if (c->key->account && strncmp(c->route->scope, "account:", 8) != 0)
        return fail(c->s, RC_DENIED,
            "the key is bound to an account: it opens /v1/account and the paths below it alone");
    if (!auth_may(c->key, c->route->scope))
        return fail(c->s, RC_DENIED, "%s the scope %s",
            c->staff ? "none of your roles has" : "the key lacks", c->route->scope);
    return RC_OK;
}

enum rc dispatch_head(struct call *c, int64_t content_length)
{
    TRY(find_route(c, (struct request *)c->request));
    TRY(authorise(c));
    if (content_length > (int64_t)dispatch_ceiling(c))
        return refuse(c, 413, "the body may have at most %zu bytes", dispatch_ceiling(c));
    return RC_OK;
}

/* RFC 9110 15.5.16. A body without a Content-Type is taken for JSON. */
static enum rc check_media(struct call *c)
{
    const char *type = c->request->content_type;
    size_t len = type ? strcspn(type, "; \t") : 0;
    bool json = (len == 16 && !strncasecmp(type, "application/json", len)) ||
                (len > 17 && !strncasecmp(type, "application/", 12) &&
                    !strncasecmp(type + len - 5, "+json", 5));
    if (!len || json || !c->request->len)
        return RC_OK;
    reply_header(c, "Accept", "application/json");
    return refuse(
        c, 415, "the body must be application/json, not %.*s", (int)(len < 100 ? len : 100), type);
}

static enum rc read_body(struct call *c)
{
    const struct request *r = c->request;
    if (r->n_parts && !c->route->page)
        return fail_field(c->s, RC_INVALID, r->part[0].name,
            "is not a file: pass options in the query of the URL");
    if (!c->route->body || c->route->raw)
        return RC_OK;
    TRY(check_media(c));
    json_t *json = NULL;
    /* An absent body counts as an empty object, so that the error names the required fields. */
    enum rc rc = json_parse(c->s, r->len ? r->body : "{}", r->len ? r->len : 2, &json);
    if (rc == RC_INVALID)
        c->refusal = 400;
    TRY(rc);
    void *body = scope_alloc(c->s, c->route->body->size);
    TRY(shape_read(c->s, c->route->body, json, body));
    c->body = body;
    return RC_OK;
}

static enum rc read_query(struct call *c)
{
    const struct shape *shape = c->route->query;
    void *query = shape ? scope_alloc(c->s, shape->size) : NULL;
    /* Shared links may have tracking parameters. */
    if (shape || !(c->route->page || c->route->any_query))
        TRY(request_query(c->s, c->request, shape, query));
    c->query = query;
    return RC_OK;
}

static enum rc act(struct call *c)
{
    TRY(c->route->run(c));
    if (c->reply.body.overflow)
        return fail(c->s, RC_INTERNAL, "the reply is larger than %zu bytes", c->reply.body.max);
    return RC_OK;
}

/* The change is committed: the reply may now wait for its consequences. */
static enum rc conclude(struct call *c, bool keyed)
{
    if (!c->route->then || c->reply.status >= 400)
        return RC_OK;
    strbuf_clear(&c->reply.body);
    TRY(c->route->then(c));
    if (keyed)
        idempotency_keep(c);
    return RC_OK;
}

static enum rc run(struct call *c)
{
    TRY(read_query(c));
    TRY(read_body(c));
    if (c->route->staff && c->route->verb != GET)
        TRY(c->api->staff->check_form(c));
    if (c->route->page && !c->route->staff && !c->route->any_site && c->route->verb == POST)
        TRY(session_check_site(c));
    bool keyed = idempotency_applies(c), replayed = false;
    TRY(keyed ? idempotency_run(c, act, &replayed) : act(c));
    return replayed ? RC_OK : conclude(c, keyed);
}

void dispatch_answer(struct call *c, enum rc head)
{
    int64_t began = clock_monotonic();
    log_context(LOG_TEXT("request_id", c->request->id));
    enum rc rc = head == RC_OK ? run(c) : head;
    if (rc == RC_DENIED && c->route && c->route->staff && !c->staff)
        rc = c->api->staff->ask_in(c);
    if (rc != RC_OK)
        reply_problem(c, rc);
    etag_apply(c);
    int64_t took = clock_monotonic() - began;
    measure_request(c->route, c->reply.status, took);
    log_event(LOG_DEBUG, "request", LOG_TEXT("verb", c->request->verb),
        LOG_TEXT("route", c->route ? c->route->path : NULL), LOG_INT("status", c->reply.status),
        LOG_INT("us", took));
    log_context_end();
}

/* Run a request with the permissions of c->key; the reply goes to ret. */
static enum rc within(struct call *c, struct request *request, struct call *ret)
{
    *ret = (struct call){.s = c->s,
        .db = c->db,
        .api = c->api,
        .streams = c->streams,
        .importer = c->importer,
        .request = request,
        .staff = c->staff,
        .key = c->key,
        .reply.body = STRBUF_INIT(c->reply.body.max)};
    enum rc rc = find_route(ret, request);
    if (rc == RC_OK && !(ret->route->scope && auth_may(c->key, ret->route->scope)))
        rc = fail(c->s, RC_DENIED, "none of your roles has the scope %s", ret->route->scope);
    if (rc == RC_OK)
        rc = run(ret);
    if (rc != RC_OK)
        reply_problem(ret, rc);
    return ret->reply.status < 400 ? RC_OK : RC_INVALID;
}

enum rc dispatch_within(struct call *c, enum verb verb, const char *target, const char *body,
    const char *once, struct call *ret)
{
    struct request *request = SCOPE_NEW(c->s, struct request);
    *request = (struct request){.id = c->request->id,
        .verb = verb_name(verb),
        .target = scope_strdup(c->s, target),
        .content_type = "application/json",
        .idempotency_key = once,
        .peer = c->request->peer,
        .network = c->request->network,
        .body = body ? body : "",
        .len = body ? strlen(body) : 0};
    return within(c, request, ret);
}

enum rc dispatch_upload(struct call *c, const char *target, FILE *upload, struct call *ret)
{
    struct request *request = SCOPE_NEW(c->s, struct request);
    *request = (struct request){.id = c->request->id,
        .verb = verb_name(POST),
        .target = scope_strdup(c->s, target),
        .peer = c->request->peer,
        .network = c->request->network,
        .body = "",
        .upload = upload};
    enum rc rc = within(c, request, ret);
    if (!ret->keeps_upload)
        fclose(upload);
    return rc;
}
