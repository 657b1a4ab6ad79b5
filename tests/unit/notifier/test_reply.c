#include "notifier/smtp/reply.h"

#include "core/strbuf.h"
#include "tests/unit/tap.h"

static const struct {
    const char *name, *bytes;
    enum reply_state state;
    int code, enhanced[3];
    const char *text;
    const char *rest;
} cases[] = {
    {"plain", "250 Ok\r\n", REPLY_WHOLE, 250, {0, 0, 0}, "Ok", ""},
    {"enhanced", "550 5.1.1 No such user\r\n", REPLY_WHOLE, 550, {5, 1, 1}, "5.1.1 No such user",
        ""},
    {"three digits of detail", "550 5.7.515 no\r\n", REPLY_WHOLE, 550, {5, 7, 515}, "5.7.515 no",
        ""},
    {"enhanced alone", "250 2.0.0\r\n", REPLY_WHOLE, 250, {2, 0, 0}, "2.0.0", ""},
    {"class that contradicts", "550 2.1.1 odd\r\n", REPLY_WHOLE, 550, {0, 0, 0}, "2.1.1 odd", ""},
    {"four digits", "550 5.1.1000 odd\r\n", REPLY_WHOLE, 550, {0, 0, 0}, "5.1.1000 odd", ""},
    {"a version is no code", "220 2.1 ESMTP\r\n", REPLY_WHOLE, 220, {0, 0, 0}, "2.1 ESMTP", ""},
    {"code alone", "250\r\n", REPLY_WHOLE, 250, {0, 0, 0}, "", ""},
    {"bare LF", "250 Ok\n", REPLY_WHOLE, 250, {0, 0, 0}, "Ok", ""},
    {"several lines", "550-5.1.1 one\r\n550-5.1.1 two\r\n550 5.1.1 three\r\nrest", REPLY_WHOLE, 550,
        {5, 1, 1}, "5.1.1 one", "rest"},
    {"codes differ: the last counts", "250-one\r\n451 4.3.0 two\r\n", REPLY_WHOLE, 451, {4, 3, 0},
        "one", ""},
    {"two replies", "250 a\r\n354 b\r\n", REPLY_WHOLE, 250, {0, 0, 0}, "a", "354 b\r\n"},
    {"nothing", "", REPLY_PART, 0, {0}, NULL, NULL},
    {"half a line", "250 O", REPLY_PART, 0, {0}, NULL, NULL},
    {"half a reply", "250-a\r\n250", REPLY_PART, 0, {0}, NULL, NULL},
    {"CR without LF", "250 Ok\r", REPLY_PART, 0, {0}, NULL, NULL},
    {"no reply", "hello\r\n", REPLY_BROKEN, 0, {0}, NULL, NULL},
    {"code too low", "150 x\r\n", REPLY_BROKEN, 0, {0}, NULL, NULL},
    {"code too high", "650 x\r\n", REPLY_BROKEN, 0, {0}, NULL, NULL},
    {"no separator", "250Ok\r\n", REPLY_BROKEN, 0, {0}, NULL, NULL},
    {"empty line", "\r\n", REPLY_BROKEN, 0, {0}, NULL, NULL},
};

static void run_case(size_t i)
{
    struct reply reply = {0};
    size_t used = 0;
    enum reply_state state = reply_read(cases[i].bytes, strlen(cases[i].bytes), &reply, &used);
    bool good = state == cases[i].state && reply.code == cases[i].code;
    if (good && state == REPLY_WHOLE)
        good = !memcmp(reply.enhanced, cases[i].enhanced, sizeof reply.enhanced) &&
               reply.text_len == strlen(cases[i].text) &&
               !memcmp(reply.text, cases[i].text, reply.text_len) &&
               !strcmp(cases[i].bytes + used, cases[i].rest);
    ok(good, "%s", cases[i].name);
}

/* Any cut of a reply is a part of it, never broken and never whole. */
static void check_cuts(void)
{
    const char *text = "550-5.1.1 one\r\n550 5.1.1 two\r\n";
    bool good = true;
    struct reply reply;
    size_t used;
    for (size_t n = 0; n < strlen(text); n++)
        good = good && reply_read(text, n, &reply, &used) == REPLY_PART;
    ok(good, "every proper head is a part");
}

static void check_endless(void)
{
    STRBUF(line, 1 << 20);
    STRBUF(lines, 1 << 20);
    while (line.len <= REPLY_LINE_MAX)
        strbuf_addstr(&line, "250 xxxxxxxxxxxxxxxx");
    while (lines.len <= REPLY_MAX)
        strbuf_addstr(&lines, "250-xxxxxxxxxxxxxxxx\r\n");
    struct reply reply;
    size_t used;
    ok(reply_read(line.buf, line.len, &reply, &used) == REPLY_BROKEN, "endless line");
    ok(reply_read(lines.buf, lines.len, &reply, &used) == REPLY_BROKEN, "endless reply");
}

int main(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        run_case(i);
    check_cuts();
    check_endless();
    return tap_end();
}
