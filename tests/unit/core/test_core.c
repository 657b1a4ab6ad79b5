/* scope, strbuf, shape, clock, sign. */
#include <stdlib.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/log.h"
#include "core/shape.h"
#include "core/sign.h"
#include "tests/unit/tap.h"

static void test_strbuf(void)
{
    STRBUF(b, 10);
    strbuf_addstr(&b, "12345");
    strbuf_addf(&b, "%d", 678);
    is_text(b.buf, "12345678", "strbuf grows");
    strbuf_addstr(&b, "abc");
    ok(b.overflow, "what passes the ceiling sets overflow");
    is_text(b.buf, "12345678", "and is dropped whole");
    strbuf_clear(&b);
    STRBUF(numbers, 64);
    strbuf_addint(&numbers, INT64_MIN);
    strbuf_addint(&numbers, 0);
    strbuf_addint(&numbers, INT64_MAX);
    is_text(numbers.buf, "-922337203685477580809223372036854775807", "strbuf counts");
    strbuf_addjson(&b, "a\"\n\x01", 4);
    ok(b.overflow || !strcmp(b.buf, "a\\\"\\n"), "JSON escapes");
}

static const char *counted(int *calls)
{
    return ++*calls ? "text" : NULL;
}

static void test_log(void)
{
    int calls = 0;
    struct log_pair pair = LOG_TEXT("key", counted(&calls));
    ok(calls == 1, "LOG_TEXT evaluates its value once");
    is_text(pair.text, "text", "and keeps it");
    is_text(LOG_TEXT("key", NULL).text, "-", "no value is a dash");
}

static enum rc count_rc(int *n)
{
    ++*n;
    return RC_DENIED;
}

/* No macro evaluates an argument twice. */
static void test_macros(void)
{
    SCOPE(s);
    int n = 0;
    ok(fail(s, count_rc(&n), "x") == RC_DENIED && n == 1, "fail evaluates its rc once");
    ok(fail_field(s, count_rc(&n), "f", "x") == RC_DENIED && n == 2, "so does fail_field");
    char *texts[] = {scope_strdup(s, "a"), scope_strdup(s, "b")};
    char **next = texts;
    is_text(TAKE(*next++), "a", "TAKE moves the value");
    ok(next == texts + 1 && !texts[0] && texts[1], "and evaluates its place once");
    ok(IF_NONE(count_rc(&n), RC_OK) == RC_DENIED && n == 3, "IF_NONE evaluates its call once");
}

static void test_clock(void)
{
    static const struct {
        const char *in;
        const char *out; /* NULL: refused */
    } table[] = {
        {"2013-01-15T05:06:00Z", "2013-01-15T05:06:00Z"},
        {"2013-01-15T05:06:00.5Z", "2013-01-15T05:06:00.500000Z"},
        {"2013-01-15T05:06:00+01:00", "2013-01-15T04:06:00Z"},
        {"2012-02-29T00:00:00-08:00", "2012-02-29T08:00:00Z"},
        {"1969-12-31T23:59:59.25Z", "1969-12-31T23:59:59.250000Z"},
        {"2013-02-29T00:00:00Z", NULL},
        {"2013-01-15 05:06:00Z", NULL},
        {"2013-01-15T05:06:00", NULL},
        {"2013-01-15T24:00:00Z", NULL},
        {"2013-01-15T05:06:00Zx", NULL},
        {"2013-01-15T05:06:00.1234567Z", NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        SCOPE(s);
        int64_t us;
        bool good = clock_parse(table[i].in, &us);
        if (table[i].out && good)
            is_text(clock_rfc3339(s, us), table[i].out, table[i].in);
        else
            ok(good == !!table[i].out, "%s is %s", table[i].in, table[i].out ? "read" : "refused");
    }
    SCOPE(s);
    int64_t us = 0;
    ok(clock_parse_sql("2013-01-15 05:06:00.5+00", &us), "SQL time");
    is_text(clock_rfc5322(s, us), "Tue, 15 Jan 2013 05:06:00 +0000", "RFC 5322 date");
    is_text(clock_local(s, us, "Asia/Kathmandu"), "2013-01-15 10:51 +05:45", "local time");
    is_text(clock_local(s, us, "No/Where"), "2013-01-15 05:06 +00:00", "unknown zone is UTC");
    is_text(clock_text(s, us, "Asia/Kathmandu", "en"), "Jan 15, 2013, 10:51 AM GMT+5:45",
        "in words, and ASCII, for SMS");
    is_text(clock_text(s, us, "No/Where", "de"), "15. Jan. 2013, 05:06 UTC", "in German");
    is_text(clock_text(s, us, "Asia/Tokyo", "ja"), "2013年1月15日 14:06 GMT+9", "in Japanese");
    is_text(clock_text_day(s, "2013-01-15", "en"), "Jan 15, 2013", "a date");
    is_text(clock_text_day(s, "2013-01-15", "de"), "15. Jan. 2013", "in German");
    is_text(clock_text_day(s, "2013-01-15", "ja"), "2013年1月15日", "in Japanese");
    is_text(clock_text_day(s, "soon", "en"), "soon", "no date stays as it is");
    ok(clock_is_zone("Australia/Lord_Howe"), "zone");
    ok(!clock_is_zone("../zoneinfo/UTC") && !clock_is_zone("tzdata.zi") && !clock_is_zone(""),
        "no zones");
}

struct part {
    const char *component;
    int64_t n;
};
static const struct shape part_shape = SHAPE("Part", struct part,
    FIELD(TEXT, component, .required = true), FIELD(INT, n, .min = 1, .max = 9, .def = "3"));

static const char *const kinds[] = {"incident", "maintenance", NULL};
struct sample {
    const char *title;
    const char *kind;
    int64_t at;
    bool notify;
    const char *day;
    const char *percent;
    struct texts slugs;
    struct list parts;
    const struct part *one;
};
static const struct shape sample_shape =
    SHAPE("Sample", struct sample, FIELD(TEXT, title, .required = true, .max = 20),
        FIELD(TEXT, kind, .one_of = kinds, .def = "incident"), FIELD(TIME, at),
        FIELD(BOOL, notify, .def = "true"), FIELD(DATE, day), FIELD(DECIMAL, percent),
        FIELD(TEXTS, slugs), FIELD(LIST, parts, .of = &part_shape),
        FIELD(OBJECT, one, .of = &part_shape));

static void test_shape(void)
{
    static const struct {
        const char *json;
        const char *field; /* NULL: parses, and prints as out */
        const char *out;
    } table[] = {
        {"{\"title\":\"a\"}", NULL, "{\"title\":\"a\",\"kind\":\"incident\",\"notify\":true}"},
        {"{\"title\":\"a\",\"notify\":false,\"at\":\"2013-01-15T05:06:00+01:00\",\"day\":"
         "\"2012-02-29\",\"percent\":\"99.9\",\"slugs\":[],\"parts\":[{\"component\":\"x\"}],"
         "\"one\":{\"component\":\"y\",\"n\":9}}",
            NULL,
            "{\"title\":\"a\",\"kind\":\"incident\",\"at\":\"2013-01-15T04:06:00Z\",\"notify\":"
            "false,\"day\":\"2012-02-29\",\"percent\":\"99.9\",\"slugs\":[],\"parts\":[{"
            "\"component\":\"x\",\"n\":3}],\"one\":{\"component\":\"y\",\"n\":9}}"},
        {"{}", "title", NULL},
        {"{\"title\":1}", "title", NULL},
        {"{\"title\":\"\"}", "title", NULL},
        {"{\"title\":\"a\\r\\nb\"}", "title", NULL},
        {"{\"title\":\"123456789012345678901\"}", "title", NULL},
        {"{\"title\":\"ääääääääääääääääääää\"}", NULL,
            "{\"title\":\"ääääääääääääääääääää\",\"kind\":\"incident\","
            "\"notify\":true}"},
        {"{\"title\":\"äääääääääääääääääääää\"}", "title", NULL},
        {"{\"title\":\"a\",\"x\":1}", "x", NULL},
        {"{\"title\":\"a\",\"kind\":\"oops\"}", "kind", NULL},
        {"{\"title\":\"a\",\"day\":\"2013-02-29\"}", "day", NULL},
        {"{\"title\":\"a\",\"percent\":\"1e3\"}", "percent", NULL},
        {"{\"title\":\"a\",\"percent\":99.9}", "percent", NULL},
        {"{\"title\":\"a\",\"at\":\"yesterday\"}", "at", NULL},
        {"{\"title\":\"a\",\"slugs\":[1]}", "slugs[0]", NULL},
        {"{\"title\":\"a\",\"parts\":[{\"component\":\"x\"},{\"n\":2}]}", "parts[1].component",
            NULL},
        {"{\"title\":\"a\",\"parts\":[{\"component\":\"x\",\"n\":1.5}]}", "parts[0].n", NULL},
        {"{\"title\":\"a\",\"one\":{\"component\":\"x\",\"n\":10}}", "one.n", NULL},
        {"{\"title\":\"a\",\"title\":\"b\"}", "", NULL},
        {"{\"title\":\"a\"} x", "", NULL},
        {"[]", "", NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        SCOPE(s);
        struct sample sample;
        enum rc rc = shape_parse(s, &sample_shape, table[i].json, strlen(table[i].json), &sample);
        if (table[i].field) {
            is_text(s->fault.field ? s->fault.field : "", table[i].field, table[i].json);
            is_int(rc, RC_INVALID, "is invalid");
            continue;
        }
        STRBUF(b, 4096);
        if (ok(rc == RC_OK, "%s is read", table[i].json))
            shape_print(&b, &sample_shape, &sample);
        is_text(b.buf, table[i].out, "and printed");
    }
    SCOPE(s);
    STRBUF(b, 65536);
    shape_schema(&b, &sample_shape, true);
    json_t *schema = NULL;
    ok(json_parse(s, b.buf, b.len, &schema) == RC_OK, "the schema is JSON");
    is_int((int64_t)json_array_size(json_object_get(schema, "required")), 1, "one is required");
}

static void test_sign(void)
{
    SCOPE(s);
    char dir[] = "/tmp/amends-test-XXXXXX";
    const char *path = scope_printf(s, "%s/key", mkdtemp(dir));
    struct sign *keys = NULL;
    is_int(sign_load(s, path, false, &keys), RC_INVALID, "a missing key file is refused");
    is_int(sign_load(s, path, true, &keys), RC_OK, "or made");
    STRBUF(token, 300);
    struct link_token link = {.id = 123456789, .extra = 7, .expires = 1000};
    sign_link(keys, SIGN_CONFIRM, link, &token);
    ok(token.len < 64, "a token is short: %zu", token.len);
    struct link_token got = {0};
    is_int(sign_link_open(s, keys, SIGN_CONFIRM, token.buf, 999, &got), RC_OK, "opens");
    ok(got.id == link.id && got.extra == 7, "with what went in");
    is_int(sign_link_open(s, keys, SIGN_CONFIRM, token.buf, 1001, &got), RC_DENIED, "expires");
    is_int(sign_link_open(s, keys, SIGN_MANAGE, token.buf, 1, &got), RC_DENIED,
        "a token of one purpose fails at another");
    int opened = 0;
    for (size_t i = 0; i < token.len; i++) {
        char old = token.buf[i];
        token.buf[i] = old == 'A' ? 'B' : 'A';
        opened += sign_link_open(s, keys, SIGN_CONFIRM, token.buf, 1, &got) == RC_OK;
        token.buf[i] = old;
    }
    is_int(opened, 0, "no changed byte passes");
    unsigned char *sealed;
    size_t len;
    char *plain = NULL;
    sign_seal(s, keys, "subscriber:address:1", "https://x", 9, &sealed, &len);
    is_int(sign_open(s, keys, "subscriber:address:1", sealed, len, &plain), RC_OK, "unseals");
    is_text(plain, "https://x", "what was sealed");
    is_int(sign_open(s, keys, "subscriber:address:2", sealed, len, &plain), RC_INTERNAL,
        "not in another row");
    sign_free(keys);
    remove(path);
    remove(dir);
}

int main(void)
{
    test_strbuf();
    test_log();
    test_macros();
    test_clock();
    test_shape();
    test_sign();
    return tap_end();
}
