/* Request targets, queries and form escapes: splitting and refusals. */
#include "api/http/request.h"
#include "tests/unit/tap.h"

static const struct {
    const char *target;
    const char *want; /* segments joined by |, then ?name=value; NULL: refused */
} targets[] = {
    {.target = "/", .want = ""},
    {.target = "/v1/components", .want = "v1|components"},
    {.target = "/v1/components/", .want = "v1|components"},
    {.target = "//v1", .want = "|v1"},
    {.target = "/a%20b/c%C3%A9", .want = "a b|c\xC3\xA9"},
    {.target = "/a+b", .want = "a+b"},
    {.target = "/a?x=1&y=a+b%26c", .want = "a?x=1?y=a b&c"},
    {.target = "/a?x", .want = "a?x="},
    {.target = "/a?x=&&y==", .want = "a?x=?y=="},
    {.target = "/a?", .want = "a"},
    {.target = "/a/...", .want = "a|..."},
    {.target = "", .want = NULL},
    {.target = "*", .want = NULL},
    {.target = "http://x/", .want = NULL},
    {.target = "/a%00b", .want = NULL},
    {.target = "/a%2fb", .want = NULL},
    {.target = "/a%2Fb", .want = NULL},
    {.target = "/a%5cb", .want = NULL},
    {.target = "/a\\b", .want = NULL},
    {.target = "/a%0d%0ab", .want = NULL},
    {.target = "/a\tb", .want = NULL},
    {.target = "/a b", .want = NULL},
    {.target = "/\xC3\xA9", .want = NULL},
    {.target = "/a%", .want = NULL},
    {.target = "/a%4", .want = NULL},
    {.target = "/a%4g", .want = NULL},
    {.target = "/a%ff", .want = NULL},
    {.target = "/a%c0%af", .want = NULL},
    {.target = "/a%ed%a0%80", .want = NULL},
    {.target = "/a/../b", .want = NULL},
    {.target = "/a/%2e%2e/b", .want = NULL},
    {.target = "/a/./b", .want = NULL},
    {.target = "/a?x=%00", .want = NULL},
    {.target = "/a?x=%0a", .want = NULL},
    {.target = "/a?x=%f", .want = NULL},
};

static void check_targets(void)
{
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        SCOPE(s);
        struct request r = {0};
        STRBUF(b, 4096);
        bool good = request_target(s, targets[i].target, &r) == RC_OK;
        for (size_t k = 0; k < r.n_segments; k++)
            strbuf_addf(&b, "%s%s", k ? "|" : "", r.segment[k]);
        for (size_t k = 0; k < r.n_query; k++)
            strbuf_addf(&b, "?%s=%s", r.query[k].name, r.query[k].value);
        is_text(good ? b.buf : NULL, targets[i].want, targets[i].target);
    }
}

struct filter {
    int64_t limit;
    const char *word;
};
static const struct shape filter_shape =
    SHAPE("Filter", struct filter, FIELD(INT, limit, .min = 1, .max = 10, .def = "5"),
        FIELD(TEXT, word, .required = true, .max = 5));

static const struct {
    const char *target;
    const char *field; /* of the error; NULL: none */
    int64_t limit;
} queries[] = {
    {.target = "/?word=a", .limit = 5},
    {.target = "/?word=a&limit=10", .limit = 10},
    {.target = "/?limit=1", .field = "word"},
    {.target = "/?word=a&limit=11", .field = "limit"},
    {.target = "/?word=a&limit=x", .field = "limit"},
    {.target = "/?word=a&word=b", .field = "word"},
    {.target = "/?word=a&colour=b", .field = "colour"},
    {.target = "/?word=toolong", .field = "word"},
};

static void check_queries(void)
{
    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
        SCOPE(s);
        struct request r = {0};
        struct filter filter;
        bool good = request_target(s, queries[i].target, &r) == RC_OK &&
                    request_query(s, &r, &filter_shape, &filter) == RC_OK;
        is_text(good ? NULL : s->fault.field, queries[i].field, queries[i].target);
        if (good)
            is_int(filter.limit, queries[i].limit, "limit");
    }
}

int main(void)
{
    check_targets();
    check_queries();
    return tap_end();
}
