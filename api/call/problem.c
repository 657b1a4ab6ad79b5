/* Failures as application/problem+json (RFC 9457), or as a page for people. */
#include <string.h>

#include "api/call/problem.h"

#include "api/call/call.h"
#include "api/call/page.h"
#include "core/log.h"

SHAPE_STATIC(struct problem_error, problem_error_shape, "ProblemError",
    FIELD(INT, line, .doc = "Line of an import."),
    FIELD(TEXT, field, .doc = "Path of the field: components[0].level."),
    FIELD(TEXT, detail, .required = true, .doc = "The error of this field."));
SHAPE_EXTERN(struct problem, problem_shape, "Problem",
    FIELD(TEXT, type, .required = true, .doc = "urn:amends:problem:, then a word for programs."),
    FIELD(TEXT, title, .required = true, .doc = "The same for people."),
    FIELD(INT, status, .required = true, .doc = "Status code of the response."),
    FIELD(TEXT, detail, .required = true, .doc = "Reason, for people."),
    FIELD(TEXT, instance, .required = true, .doc = "Target of the request."),
    FIELD(TEXT, request_id, .required = true, .doc = "X-Request-Id, also in the log."),
    FIELD(RAW, errors, .form = FORM_LIST, .of = &problem_error_shape, .doc = "Invalid fields."));

static const struct problem_kind problems[] = {
    {.status = 400, .type = "malformed", .title = "Malformed request"},
    {.status = 401, .type = "unauthenticated", .title = "API key required"},
    {.status = 403, .type = "denied", .title = "Not allowed"},
    {.status = 404, .type = "not-found", .title = "Not found"},
    {.status = 405, .type = "method", .title = "Method not allowed"},
    {.status = 409, .type = "conflict", .title = "Conflict with the current state"},
    {.status = 413, .type = "too-large", .title = "Body too large"},
    {.status = 415, .type = "media-type", .title = "Unsupported media type"},
    {.status = 422, .type = "invalid", .title = "A field is invalid"},
    {.status = 429, .type = "too-many", .title = "Too many requests"},
    {.status = 500, .type = "internal", .title = "Internal error"},
    {.status = 502, .type = "upstream", .title = "An external service failed"},
    {.status = 503, .type = "retry", .title = "Temporarily unavailable"},
};

const struct problem_kind *problem_kind_at(size_t n)
{
    return n < sizeof(problems) / sizeof(problems[0]) ? &problems[n] : NULL;
}

static size_t problem_of(int status)
{
    for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++)
        if (problems[i].status == status)
            return i;
    return 10;
}

/* Of the fields in the fault; the first has this detail. */
static const char *field_errors(struct scope *s, const char *detail)
{
    STRBUF(b, 64 * 1024);
    strbuf_addch(&b, '[');
    for (const struct fault *one = &s->fault; one; one = one->more) {
        const struct problem_error error = {.line = SHAPE_NONE,
            .field = one->field,
            .detail = one == &s->fault ? detail : one->message};
        if (one != &s->fault)
            strbuf_addch(&b, ',');
        shape_print(&b, &problem_error_shape, &error);
    }
    strbuf_addch(&b, ']');
    return strbuf_copy(&b, s);
}

/* A person's browser at a page, or at an address that is none; programs are told as JSON. */
static bool wants_page(const struct call *c)
{
    static const char *const programs[] = {"/v1/", "/api/", "/hooks/", NULL};
    const char *target = c->request->target ? c->request->target : "";
    if (c->route)
        return c->route->page;
    for (const char *const *one = programs; *one; one++)
        if (!strncmp(target, *one, strlen(*one)))
            return false;
    return c->request->accept && strstr(c->request->accept, "text/html");
}

void reply_problem(struct call *c, enum rc rc)
{
    int status = c->refusal ? c->refusal : rc_http_status(rc);
    size_t p = problem_of(status);
    const char *detail = c->s->fault.message, *field = c->s->fault.field;
    if (status >= 500) {
        field = NULL;
        log_fault("request failed", c->s);
        detail = "The log of the service has the cause under this request_id.";
    }
    if (!detail)
        detail = problems[p].title;
    strbuf_clear(&c->reply.body);
    if (c->reply.file)
        fclose(TAKE(c->reply.file));
    c->reply.status = status;
    if (status == 503)
        reply_header(c, "Retry-After", "1");
    if (wants_page(c)) {
        page_failure(c, status, detail);
        return;
    }
    c->reply.type = "application/problem+json";
    const char *errors = c->errors ? c->errors : field ? field_errors(c->s, detail) : NULL;
    const struct problem problem = {
        .type = scope_printf(c->s, "urn:amends:problem:%s", problems[p].type),
        .title = problems[p].title,
        .status = status,
        .detail = field && !c->errors ? scope_printf(c->s, "%s: %s", field, detail) : detail,
        .instance = c->request->target ? c->request->target : "",
        .request_id = c->request->id,
        .errors = errors};
    shape_print(&c->reply.body, &problem_shape, &problem);
}
