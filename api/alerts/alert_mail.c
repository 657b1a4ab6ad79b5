#include "api/alerts/alert_mail.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "api/alerts/alerts.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/mail/mail_read.h"
#include "core/mail/mailaddr.h"
#include "core/strbuf.h"

static const char before[] = "alerts+";

bool alert_mail_is(const char *recipient)
{
    return recipient && !strncasecmp(recipient, before, strlen(before));
}

const char *alert_mail_address(
    struct scope *s, const char *name, const char *token, const char *mail_from)
{
    char *who, *address;
    const char *at = NULL;
    if (mailaddr_split_mailbox(s, mail_from, &who, &address) == RC_OK)
        at = strrchr(address, '@');
    return scope_printf(s, "%s%s.%s%s", before, name, token, at ? at : "@localhost");
}

static bool is_among(const struct texts *words, const char *word)
{
    for (size_t i = 0; i < words->n; i++)
        if (!strcasecmp(words->at[i], word))
            return true;
    return false;
}

static size_t word_length(const char *at)
{
    size_t n = 0;
    while (isalnum((unsigned char)at[n]) || (unsigned char)at[n] >= 0x80)
        n++;
    return n;
}

/* The first word that the format knows, and the others, in small letters. A number beside such a
 * word is a count. */
static void read_subject(struct scope *s, const struct alert_format *format, const char *subject,
    const char **ret_state, const char **ret_cause)
{
    STRBUF(cause, 2048);
    bool known = false;
    *ret_state = "firing";
    bool found = false;
    for (const char *at = subject; *at;) {
        size_t n = word_length(at);
        if (!n) {
            at++;
            continue;
        }
        char *word = scope_printf(s, "%.*s", (int)n, at);
        at += n;
        bool counts = known && strspn(word, "0123456789") == n;
        known = is_among(&format->firing, word) || is_among(&format->resolved, word);
        if (known && !found)
            *ret_state = word;
        found = found || known;
        for (char *c = word; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        if (!known && !counts)
            strbuf_addf(&cause, "%s%s", cause.len ? " " : "", word);
    }
    *ret_cause = cause.len ? strbuf_copy(&cause, s) : "mail";
}

static const char *header_of(struct scope *s, const char *headers, const char *name)
{
    size_t len = strlen(name);
    for (const char *line = headers; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (!strncasecmp(line, name, len) && line[len] == ':')
            return scope_printf(s, "%.*s", (int)strcspn(line + len + 2, "\n"), line + len + 2);
    }
    return "";
}

static enum rc read_mail(struct scope *s, const struct alert_format *format, const char *message,
    size_t len, const char **ret)
{
    struct mail_read mail;
    const char *state, *cause;
    json_t *alerts;
    TRY(mail_read(s, message, len, &mail));
    read_subject(s, format, mail.subject, &state, &cause);
    json_t *json = json_own(s,
        json_pack("{s:s, s:s, s:s, s:s, s:s}", "subject", mail.subject, "from",
            header_of(s, mail.headers, "From"), "text", mail.text, "state", state, "cause", cause));
    if (!json)
        return fail(s, RC_INVALID, "not a mail");
    TRY(alert_format_read(s, format, json, clock_now(), &alerts));
    *ret = json_text(s, alerts);
    return RC_OK;
}

struct coming {
    const struct alert_source *source;
    const char *alerts, *public_url;
};

static enum rc receive(struct scope *s, struct db *db, void *arg)
{
    const struct coming *coming = arg;
    return alerts_receive(s, db, coming->source->id, coming->alerts, coming->public_url);
}

/* "mon.3f2a" of the recipient, as the name of a source and its token. */
static void split(struct scope *s, const char *recipient, const char **ret_name, char **ret_token)
{
    char *local = scope_strdup(s, recipient + strlen(before));
    local[strcspn(local, "@")] = '\0';
    for (char *c = local; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    char *dot = strchr(local, '.');
    *ret_token = dot ? dot + 1 : local + strlen(local);
    if (dot)
        *dot = '\0';
    *ret_name = local;
}

enum rc alert_mail_take(struct scope *s, struct db *db, const struct sign *keys,
    const char *public_url, const char *recipient, const char *message, size_t len,
    const char **ret)
{
    struct alert_source source;
    struct coming coming = {.source = &source, .public_url = public_url};
    const char *name;
    char *token;
    bool allowed;
    SCOPE(inner);
    split(s, recipient, &name, &token);
    enum rc rc = alert_source_find(inner, db, keys, name, &source);
    *ret = "unknown";
    if (rc == RC_NOT_FOUND || (rc == RC_OK && strcmp(source.format->auth->type, "mail") != 0))
        return RC_OK;
    TRY(rc);
    *ret = "forged";
    if (!hook_secret_is(&source.secret, token))
        return RC_OK;
    TRY(alert_source_counts(s, db, source.id, &allowed));
    if (!allowed)
        return fail(s, RC_RETRY, "too many mails of this source in this minute");
    *ret = "ignored";
    if (read_mail(inner, source.format, message, len, &coming.alerts) != RC_OK)
        return RC_OK;
    *ret = "received";
    return db_txn(s, db, receive, &coming);
}
