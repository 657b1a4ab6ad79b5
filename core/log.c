#include "core/log.h"

#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/strbuf.h"

enum { LINE_MAX_BYTES = 8192 };

/* Set once at start, before any thread; read-only afterwards. */
static const char *log_role = "amends";
static enum log_level log_least = LOG_INFO;
static bool log_json;

static _Thread_local struct log_pair log_about; /* key NULL: nothing */

static const char *const level_names[] = {
    [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ERROR] = "error"};

void log_open(const char *role, enum log_level least, bool json)
{
    log_role = role;
    log_least = least;
    log_json = json;
}

void log_context(struct log_pair pair)
{
    log_about = pair;
}

void log_context_end(void)
{
    log_about = (struct log_pair){0};
}

static void add_text(struct strbuf *b, const char *key, const char *text)
{
    bool bare = !log_json && *text && !text[strcspn(text, " \"=\\\t\r\n")];
    if (log_json)
        strbuf_addf(b, "%s\"%s\":", b->len > 1 ? "," : "", key);
    else
        strbuf_addf(b, "%s%s=", b->len ? " " : "", key);
    if (bare) {
        strbuf_addstr(b, text);
        return;
    }
    strbuf_addch(b, '"');
    strbuf_addjson(b, text, strlen(text));
    strbuf_addch(b, '"');
}

static void add_number(struct strbuf *b, const char *key, int64_t number)
{
    if (log_json)
        strbuf_addf(b, ",\"%s\":%lld", key, (long long)number);
    else
        strbuf_addf(b, " %s=%lld", key, (long long)number);
}

static void add_pair(struct strbuf *b, const struct log_pair *pair)
{
    if (pair->text)
        add_text(b, pair->key, pair->text);
    else
        add_number(b, pair->key, pair->number);
}

void log_write(enum log_level level, const char *msg, const struct log_pair *pairs, size_t n)
{
    if (level < log_least)
        return;
    SCOPE(s);
    STRBUF(b, LINE_MAX_BYTES);
    if (log_json)
        strbuf_addch(&b, '{');
    add_text(&b, "time", clock_rfc3339(s, clock_now()));
    add_text(&b, "level", level_names[level]);
    add_text(&b, "role", log_role);
    add_text(&b, "msg", msg);
    if (log_about.key)
        add_pair(&b, &log_about);
    for (size_t i = 0; i < n; i++)
        add_pair(&b, &pairs[i]);
    strbuf_addstr(&b, log_json ? "}\n" : "\n");
    /* The service goes on if its log cannot be written. */
    if (write(STDERR_FILENO, b.buf, b.len) < 0)
        return;
}

void log_fault(const char *msg, const struct scope *s)
{
    enum rc rc = s->fault.rc;
    log_event(rc == RC_RETRY || rc == RC_UPSTREAM ? LOG_WARN : LOG_ERROR, msg,
        LOG_TEXT("rc", rc_name(rc)), LOG_TEXT("field", s->fault.field),
        LOG_TEXT("error", s->fault.message));
}
