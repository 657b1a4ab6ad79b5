#include "api/imports/subscriber_stage.h"

#include <string.h>

#include "api/call/locale.h"
#include "api/imports/subscriber_line.h"
#include "api/subscribers/address.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/mail/mailaddr.h"
#include "core/push/push_message.h"

COPY_IN(import_stage_rows, "import_stage",
    "line, field, problem, channel, address, hash, sealed, secret, state, state_reason, letter,"
    " locale, timezone, verbosity, paused_until, account, chosen, muted, format, owner,"
    " consent_source, consent_at, consents, created_at");
STMT(import_clear, "TRUNCATE import_stage");
STMT(import_check,
    "UPDATE import_stage i SET field = 'account', problem = 'no account \"' || account || '\"'"
    " WHERE account IS NOT NULL AND problem IS NULL"
    " AND NOT EXISTS (SELECT FROM account a WHERE a.external_id = i.account)");

SHAPE_STATIC(struct consent_entry, consent_entry_shape, "ConsentEntry",
    FIELD(TEXT, action, .required = true, .max = 100, .doc = "confirmed, unsubscribed ..."),
    FIELD(TEXT, wording, .required = true, .max = 100, .doc = "Version of the wording."),
    FIELD(TEXT, source, .required = true, .max = 200, .doc = "Where."),
    FIELD(TIME, at, .required = true, .doc = "When."));

/* Append "component:12" for "component:pay", as an element of text[]. */
static enum rc add_word(struct scope *s, const struct import *import, const char *kind,
    const char *word, struct strbuf *b)
{
    int64_t id = import_word(s, import, kind, word);
    if (!id && !strcmp(kind, "component")) {
        char *lower = scope_strdup(s, word);
        for (char *p = lower; *p; p++)
            *p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
        id = import_word(s, import, "name", lower);
    }
    if (!id)
        return fail_field(
            s, RC_INVALID, scope_printf(s, "%ss", kind), "no %s \"%.100s\"", kind, word);
    strbuf_addf(b, "%c%s:%lld", b->len ? ',' : '{', kind, (long long)id);
    return RC_OK;
}

static enum rc add_words(struct scope *s, const struct import *import, const char *kind,
    struct texts words, struct strbuf *b)
{
    for (size_t i = 0; i < words.n; i++)
        TRY(add_word(s, import, kind, words.at[i], b));
    return RC_OK;
}

static enum rc add_muted(
    struct scope *s, const struct import *import, struct texts words, struct strbuf *b)
{
    for (size_t i = 0; i < words.n; i++) {
        const char *word = words.at[i], *colon = strchr(word, ':');
        const char *kind = colon ? scope_strndup(s, word, (size_t)(colon - word)) : "";
        if (strcmp(kind, "component") != 0 && strcmp(kind, "incident") != 0)
            return fail_field(
                s, RC_INVALID, "muted", "\"%.100s\" is not component:SLUG or incident:REF", word);
        TRY(add_word(s, import, kind, colon + 1, b));
    }
    return RC_OK;
}

static const char *as_array(struct scope *s, struct strbuf *b)
{
    if (!b->len)
        return NULL;
    strbuf_addch(b, '}');
    return strbuf_copy(b, s);
}

static enum rc check_consents(struct scope *s, const char *text)
{
    json_t *list = NULL, *entry;
    size_t i;
    struct consent_entry consent;
    if (json_parse(s, text, strlen(text), &list) != RC_OK || !json_is_array(list))
        return fail_field(s, RC_INVALID, "consents", "must be a list of consents");
    json_array_foreach(list, i, entry)
    {
        SCOPE(inner);
        if (shape_read(inner, &consent_entry_shape, entry, &consent) != RC_OK)
            return fail_field(s, RC_INVALID, "consents", "%s: %s",
                inner->fault.field ? inner->fault.field : "", inner->fault.message);
    }
    return RC_OK;
}

/* Most lines of a file have the same time zone as the line before. */
static enum rc check_zone(
    struct scope *s, struct subscriber_stage *stage, const struct subscriber_line *line)
{
    if (line->timezone && strcmp(stage->zone.buf, line->timezone) != 0) {
        TRY(locale_check(s, NULL, line->timezone));
        strbuf_clear(&stage->zone);
        strbuf_addstr(&stage->zone, line->timezone);
    }
    return locale_check(s, line->locale, NULL);
}

static bool is_redacted(const struct address *address)
{
    size_t len = strlen(address->normal);
    return address->secret && len > 4 && !strcmp(address->normal + len - 4, "/...");
}

static bool is_secret(struct scope *s, const struct address *address, const char *secret)
{
    struct push_keys keys;
    if (address->bot)
        return !strncmp(secret, "xoxb-", 5);
    if (!strcmp(address->channel, "push"))
        return push_keys_parse(s, secret, &keys) == RC_OK;
    return !strcmp(address->channel, "webhook") &&
           (!strncmp(secret, "whsec_", 6) || !strncmp(secret, "whsk_", 5));
}

static enum rc check_address(struct scope *s, const struct import *import,
    const struct subscriber_line *line, struct address *ret)
{
    TRY(address_check(s, import->api, line->channel, line->address, ret));
    if (is_redacted(ret))
        return fail_field(
            s, RC_INVALID, "address", "lacks its secret part: export with addresses=true");
    if (ret->bot && !line->secret)
        return fail_field(s, RC_INVALID, "secret", "is required: the token of the bot");
    if (!strcmp(line->channel, "push") && !line->secret)
        return fail_field(s, RC_INVALID, "secret", "is required: the keys of the browser");
    if (line->secret && !is_secret(s, ret, line->secret))
        return fail_field(s, RC_INVALID, "secret", "does not match the channel");
    if (line->paused_until != SHAPE_NONE && (!line->state || strcmp(line->state, "paused") != 0))
        return fail_field(s, RC_INVALID, "paused_until", "requires the state paused");
    if (line->owner) {
        SCOPE(inner);
        char *normal;
        if (mailaddr_normalise(inner, line->owner, &normal) != RC_OK)
            return fail_field(s, RC_INVALID, "owner", "%s", inner->fault.message);
    }
    return line->consents ? check_consents(s, line->consents) : RC_OK;
}

static void add_sealed(
    struct scope *s, struct import *import, const char *what, int64_t n, const char *text)
{
    unsigned char *sealed = NULL;
    size_t len = 0;
    if (text)
        sign_seal(s, import->api->keys, scope_printf(s, "import:%s:%lld", what, (long long)n), text,
            strlen(text), &sealed, &len);
    db_copy_bytes(&import->copy, sealed, len);
}

static enum rc take(struct scope *s, struct import *import, const void *read, int64_t number)
{
    struct subscriber_stage *stage = (struct subscriber_stage *)import;
    const struct subscriber_line *line = read;
    struct address address;
    STRBUF(chosen, CSV_FIELD_MAX);
    STRBUF(muted, CSV_FIELD_MAX);
    TRY(check_zone(s, stage, line));
    TRY(check_address(s, import, line, &address));
    TRY(add_words(s, import, "component", line->components, &chosen));
    TRY(add_words(s, import, "group", line->groups, &chosen));
    TRY(add_words(s, import, "incident", line->incidents, &chosen));
    TRY(add_muted(s, import, line->muted, &muted));
    bool asks = !line->confirmed && !line->state;
    import->to_check += line->account != NULL;
    stage->letters += asks;
    stage->sealed += address.secret || line->secret;
    struct db_copy *copy = import_row(import, number);
    db_copy_text(copy, line->channel);
    db_copy_text(copy, address.shown);
    db_copy_bytes(copy, address.hash, SIGN_HASH);
    add_sealed(s, import, "address", number, address.secret ? address.normal : NULL);
    add_sealed(s, import, "secret", number, line->secret);
    db_copy_text(copy, line->state ? line->state : asks ? "pending" : "active");
    db_copy_text(copy, line->state_reason);
    db_copy_bool(copy, asks);
    db_copy_text(copy, line->locale);
    db_copy_text(copy, line->timezone);
    db_copy_text(copy, line->verbosity);
    db_copy_time(copy, line->paused_until);
    db_copy_text(copy, line->account);
    db_copy_text(copy, as_array(s, &chosen));
    db_copy_text(copy, as_array(s, &muted));
    db_copy_text(copy, line->format);
    db_copy_text(copy, line->owner);
    db_copy_text(copy, line->consent_source);
    db_copy_time(copy, line->consent_at);
    db_copy_text(copy, line->consents);
    db_copy_time(copy, line->created_at);
    return RC_OK;
}

const struct import_kind subscriber_kind = {
    .line = &subscriber_line_shape,
    .detect = subscriber_foreign,
    .take = take,
    .table = "import_stage",
    .stage = &import_stage_rows,
    .check = &import_check,
    .clear = &import_clear,
    .lock = LOCK_SUBSCRIBER_STAGE,
};

enum rc subscriber_stage_open(struct scope *s, const struct api *api, const char *what,
    int64_t line, const char *hex, char **ret)
{
    *ret = NULL;
    if (!hex)
        return RC_OK;
    return sign_open_hex(
        s, api->keys, scope_printf(s, "import:%s:%lld", what, (long long)line), hex, ret);
}
