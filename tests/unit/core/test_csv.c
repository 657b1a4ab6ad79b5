/* CSV and lines from streams: splitting, refusals, round trips. */
#include <stdlib.h>
#include <string.h>

#include "core/csv.h"
#include "core/lines.h"
#include "tests/unit/tap.h"

static const struct {
    const char *text;
    const char *want; /* fields joined by |, records by #; NULL: refused */
} tables[] = {
    {.text = "", .want = ""},
    {.text = "a,b\r\n1,2\r\n", .want = "a|b#1|2#"},
    {.text = "a,b\n\n1,2", .want = "a|b#1|2#"},
    {.text = "\xEF\xBB\xBF"
             "a\n",
        .want = "a#"},
    {.text = "\"a,\"\"b\"\"\",\"c\nd\"\n", .want = "a,\"b\"|c\nd#"},
    {.text = ",\n", .want = "|#"},
    {.text = "\"a", .want = NULL},
    {.text = "\"a\"b\n", .want = NULL},
    {.text = "a\xFF\n", .want = NULL},
    {.text = "a\r,b\r\n", .want = "a\r|b#"},
    {.text = "a\r", .want = "a#"},
    {.text = "a,", .want = "a|#"},
    {.text = "\"\",\"\"\"\"", .want = "|\"#"},
};

static FILE *stream(const char *text, size_t len)
{
    FILE *in = tmpfile();
    if (!in || fwrite(text, 1, len, in) != len)
        abort();
    rewind(in);
    return in;
}

static void check_csv(void)
{
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        SCOPE(s);
        struct csv csv;
        struct texts fields;
        STRBUF(b, 4096);
        enum rc rc;
        FILE *in = stream(tables[i].text, strlen(tables[i].text));
        csv_open(&csv, in);
        while ((rc = csv_next(s, &csv, &fields)) == RC_OK) {
            for (size_t k = 0; k < fields.n; k++)
                strbuf_addf(&b, "%s%s", k ? "|" : "", fields.at[k]);
            strbuf_addch(&b, '#');
        }
        is_text(rc == RC_NOT_FOUND ? b.buf : NULL, tables[i].want, tables[i].text);
        csv_close(&csv);
        fclose(in);
    }
}

static void check_csv_output(void)
{
    static const char *const pairs[][2] = {{"a", "a,"}, {"a,b", "\"a,b\","},
        {"a\"b", "\"a\"\"b\","}, {"=1+1", "\"'=1+1\","}, {"+49151", "\"'+49151\","},
        {"@x", "\"'@x\","}, {"", ","}, {NULL, ","}, {"a\nb", "\"a\nb\","}, {"'", "',"},
        {"'=x", "\"''=x\","}, {"'x", "'x,"}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        STRBUF(b, 100);
        csv_add(&b, pairs[i][0], false);
        is_text(b.buf, pairs[i][1], "a CSV field");
    }
}

static void check_long_fields(void)
{
    static const struct {
        size_t len;
        enum rc rc;
    } cases[] = {
        {.len = CSV_FIELD_MAX, .rc = RC_OK},
        {.len = CSV_FIELD_MAX + 1, .rc = RC_INVALID},
        {.len = CSV_RECORD_MAX + 1, .rc = RC_INVALID},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        SCOPE(s);
        struct csv csv;
        struct texts fields;
        char *text = scope_alloc(s, cases[i].len + 1);
        memset(text, 'x', cases[i].len);
        FILE *in = stream(text, cases[i].len);
        csv_open(&csv, in);
        ok(csv_next(s, &csv, &fields) == cases[i].rc, "a field of %zu octets", cases[i].len);
        csv_close(&csv);
        fclose(in);
    }
}

static void check_lines(void)
{
    SCOPE(s);
    struct lines lines;
    STRBUF(b, 4096);
    char *text = scope_alloc(s, LINES_MAX + 100);
    size_t len = (size_t)sprintf(text, "one\r\n \n\n");
    memset(text + len, 'x', LINES_MAX + 1);
    len += LINES_MAX + 1;
    len += (size_t)sprintf(text + len, "\nthree");
    FILE *in = stream(text, len);
    lines_open(&lines, in);
    enum rc rc;
    while ((rc = lines_next(s, &lines)) != RC_NOT_FOUND)
        strbuf_addf(&b, "%lld:%s ", (long long)lines.line, rc == RC_OK ? lines.text.buf : "long");
    is_text(b.buf, "1:one\r 4:long 5:three ", "lines");
    lines_close(&lines);
    fclose(in);
}

/* A table written by csv_add reads back unchanged, whatever its fields contain. */
static void check_round_trip(void)
{
    static const char alphabet[] = "a,\"'=+-@\t\r\n ";
    srandom(4711);
    bool same = true;
    for (int i = 0; i < 20000 && same; i++) {
        SCOPE(s);
        char text[8] = "";
        size_t len = 1 + (size_t)random() % 6;
        for (size_t k = 0; k < len; k++)
            text[k] = alphabet[(size_t)random() % (sizeof(alphabet) - 1)];
        STRBUF(b, 1000);
        csv_add(&b, "x", false);
        csv_add(&b, text, true);
        struct csv csv;
        struct texts fields;
        FILE *in = fmemopen(b.buf, b.len, "r");
        if (!in)
            abort();
        csv_open(&csv, in);
        same = csv_next(s, &csv, &fields) == RC_OK && fields.n == 2 &&
               !strcmp(csv_unguard(fields.at[1]), text);
        if (!same)
            printf("# \"%s\" as %s", text, b.buf);
        csv_close(&csv);
        fclose(in);
    }
    ok(same, "20,000 random fields come back as they were");
}

int main(void)
{
    check_csv();
    check_csv_output();
    check_long_fields();
    check_lines();
    check_round_trip();
    return tap_end();
}
