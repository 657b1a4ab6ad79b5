#include "api/call/locale.h"
#include "api/imports/import_stage.h"

#include <string.h>

#include "api/subscribers/address.h"
#include "api/imports/import_line.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/lines.h"
#include "core/mail/mailaddr.h"

enum { ROWS_A_REPORT = 4096 };

COPY_IN(import_stage_rows, "import_stage",
    "line, channel, address, hash, sealed, secret, state, state_reason, letter, locale, timezone,"
    " verbosity, paused_until, account, chosen, muted, format, owner, consent_source, consent_at,"
    " consents, created_at, field, problem");

struct word {
    const char *kind; /* component, group, incident, or name: of a component */
    const char *word;
    int64_t id;
};
static const struct shape word_shape = SHAPE("CatalogueWord", struct word, FIELD(TEXT, kind),
    FIELD(TEXT, word, .max = 1000), FIELD(INT, id));

STMT(import_words,
    "SELECT 'component' AS kind, slug AS word, id FROM component UNION ALL"
    " SELECT 'name', lower(name), id FROM component UNION ALL"
    " SELECT 'group', slug, id FROM component_group UNION ALL"
    " SELECT 'incident', ref, id FROM incident",
    .row = &word_shape);

struct consent_entry {
    const char *action, *wording, *source;
    int64_t at;
};
static const struct shape consent_entry_shape = SHAPE("ConsentEntry", struct consent_entry,
    FIELD(TEXT, action, .required = true, .max = 100, .doc = "confirmed, unsubscribed ..."),
    FIELD(TEXT, wording, .required = true, .max = 100, .doc = "Version of the text."),
    FIELD(TEXT, source, .required = true, .max = 200, .doc = "Where."),
    FIELD(TIME, at, .required = true, .doc = "When."));

struct import_stage {
    const struct api *api;
    struct db_copy copy;
    json_t *words;      /* "kind:word" to id */
    struct strbuf zone; /* the last one that was right */
    struct import_stage_counts n;
};

/* "component:pay" to "component:12" in b, as an element of text[]. */
static enum rc add_word(struct scope *s, const struct import_stage *stage, const char *kind,
    const char *word, struct strbuf *b)
{
    const json_t *id = json_object_get(stage->words, scope_printf(s, "%s:%s", kind, word));
    if (!id && !strcmp(kind, "component")) {
        char *lower = scope_strdup(s, word);
        for (char *p = lower; *p; p++)
            *p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
        id = json_object_get(stage->words, scope_printf(s, "name:%s", lower));
    }
    if (!id)
        return fail_field(
            s, RC_INVALID, scope_printf(s, "%ss", kind), "no %s \"%.100s\"", kind, word);
    strbuf_addf(b, "%c%s:%lld", b->len ? ',' : '{', kind, (long long)json_integer_value(id));
    return RC_OK;
}

static enum rc add_words(struct scope *s, const struct import_stage *stage, const char *kind,
    struct texts words, struct strbuf *b)
{
    for (size_t i = 0; i < words.n; i++)
        TRY(add_word(s, stage, kind, words.at[i], b));
    return RC_OK;
}

static enum rc add_muted(
    struct scope *s, const struct import_stage *stage, struct texts words, struct strbuf *b)
{
    for (size_t i = 0; i < words.n; i++) {
        const char *word = words.at[i], *colon = strchr(word, ':');
        const char *kind = colon ? scope_strndup(s, word, (size_t)(colon - word)) : "";
        if (strcmp(kind, "component") != 0 && strcmp(kind, "incident") != 0)
            return fail_field(
                s, RC_INVALID, "muted", "\"%.100s\" is not component:SLUG or incident:REF", word);
        TRY(add_word(s, stage, kind, colon + 1, b));
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

/* Most lines of a file have the same few. */
static enum rc check_reader(
    struct scope *s, struct import_stage *stage, const struct import_line *line)
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

static bool is_secret(const struct address *address, const char *secret)
{
    if (address->bot)
        return !strncmp(secret, "xoxb-", 5);
    return !strcmp(address->channel, "webhook") &&
           (!strncmp(secret, "whsec_", 6) || !strncmp(secret, "whsk_", 5));
}

static enum rc check_address(struct scope *s, const struct import_stage *stage,
    const struct import_line *line, struct address *ret)
{
    TRY(address_check(s, stage->api, line->channel, line->address, ret));
    if (is_redacted(ret))
        return fail_field(s, RC_INVALID, "address",
            "is shown without its secret part: export with addresses=true");
    if (ret->bot && !line->secret)
        return fail_field(s, RC_INVALID, "secret", "a bot needs its token");
    if (line->secret && !is_secret(ret, line->secret))
        return fail_field(s, RC_INVALID, "secret", "does not fit the channel");
    if (line->paused_until != SHAPE_NONE && (!line->state || strcmp(line->state, "paused") != 0))
        return fail_field(s, RC_INVALID, "paused_until", "goes with the state paused");
    if (line->owner) {
        SCOPE(inner);
        char *normal;
        if (mailaddr_normalise(inner, line->owner, &normal) != RC_OK)
            return fail_field(s, RC_INVALID, "owner", "%s", inner->fault.message);
    }
    return line->consents ? check_consents(s, line->consents) : RC_OK;
}

static void add_sealed(
    struct scope *s, struct import_stage *stage, const char *what, int64_t n, const char *text)
{
    unsigned char *sealed = NULL;
    size_t len = 0;
    if (text)
        sign_seal(s, stage->api->keys, scope_printf(s, "import:%s:%lld", what, (long long)n), text,
            strlen(text), &sealed, &len);
    db_copy_bytes(&stage->copy, sealed, len);
}

static enum rc add_line(
    struct scope *s, struct import_stage *stage, const struct import_line *line, int64_t n)
{
    struct address address;
    STRBUF(chosen, CSV_FIELD_MAX);
    STRBUF(muted, CSV_FIELD_MAX);
    TRY(check_reader(s, stage, line));
    TRY(check_address(s, stage, line, &address));
    TRY(add_words(s, stage, "component", line->components, &chosen));
    TRY(add_words(s, stage, "group", line->groups, &chosen));
    TRY(add_words(s, stage, "incident", line->incidents, &chosen));
    TRY(add_muted(s, stage, line->muted, &muted));
    bool letter = !line->confirmed && !line->state;
    stage->n.letters += letter;
    stage->n.accounts += line->account != NULL;
    stage->n.secrets += address.secret || line->secret;
    struct db_copy *copy = &stage->copy;
    db_copy_int(copy, n);
    db_copy_text(copy, line->channel);
    db_copy_text(copy, address.shown);
    db_copy_bytes(copy, address.hash, SIGN_HASH);
    add_sealed(s, stage, "address", n, address.secret ? address.normal : NULL);
    add_sealed(s, stage, "secret", n, line->secret);
    db_copy_text(copy, line->state ? line->state : letter ? "pending" : "active");
    db_copy_text(copy, line->state_reason);
    db_copy_bool(copy, letter);
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
    db_copy_text(copy, NULL);
    db_copy_text(copy, NULL);
    return RC_OK;
}

static void add_wrong(struct import_stage *stage, int64_t n, const struct fault *fault)
{
    enum { COLUMNS_BETWEEN = 21 };
    stage->n.wrong++;
    db_copy_int(&stage->copy, n);
    for (int i = 0; i < COLUMNS_BETWEEN; i++)
        db_copy_text(&stage->copy, NULL);
    db_copy_text(&stage->copy, fault->field ? fault->field : "");
    db_copy_text(&stage->copy, fault->message);
}

static enum rc take(struct scope *s, struct scope *inner, struct import_stage *stage, enum rc rc,
    const struct import_line *line, int64_t n)
{
    if (rc == RC_OK)
        rc = add_line(inner, stage, line, n);
    if (rc != RC_OK)
        add_wrong(stage, n, &inner->fault);
    return db_copy_row(s, &stage->copy);
}

static enum rc report(
    struct scope *s, struct import_stage *stage, const struct import_source *source)
{
    return stage->copy.n % ROWS_A_REPORT ? RC_OK : source->progress(s, stage->copy.n, source->arg);
}

/* After a broken quote nothing that follows means anything. */
static enum rc read_csv(
    struct scope *s, struct import_stage *stage, const struct import_source *source)
{
    struct csv csv;
    struct texts header, values;
    struct import_columns columns;
    csv_open(&csv, source->in);
    enum rc rc = csv_next(s, &csv, &header), read;
    if (rc == RC_NOT_FOUND)
        rc = fail(s, RC_INVALID, "there are no lines");
    if (rc == RC_OK)
        rc = import_columns_read(s, header, &columns);
    for (bool broken = false; rc == RC_OK && !broken;) {
        SCOPE(inner);
        struct import_line line;
        read = csv_next(inner, &csv, &values);
        if (read == RC_NOT_FOUND)
            break;
        broken = read != RC_OK;
        if (!broken)
            read = import_line_csv(inner, &columns, values, &line);
        rc = take(s, inner, stage, read, &line, csv.line);
        if (rc == RC_OK)
            rc = report(s, stage, source);
    }
    csv_close(&csv);
    return rc;
}

static enum rc read_ndjson(
    struct scope *s, struct import_stage *stage, const struct import_source *source)
{
    struct lines lines;
    enum rc rc = RC_OK;
    lines_open(&lines, source->in);
    while (rc == RC_OK) {
        SCOPE(inner);
        struct import_line line;
        enum rc read = lines_next(inner, &lines);
        if (read == RC_NOT_FOUND)
            break;
        if (read == RC_OK)
            read = import_line_json(inner, lines.text.buf, lines.text.len, &line);
        rc = take(s, inner, stage, read, &line, lines.line);
        if (rc == RC_OK)
            rc = report(s, stage, source);
    }
    lines_close(&lines);
    return rc;
}

static enum rc load_words(struct scope *s, struct db *db, struct import_stage *stage)
{
    struct list words;
    stage->words = json_own(s, json_object());
    TRY(db_all(s, db, &import_words, NO_PARAMS, &words));
    for (size_t i = 0; i < words.n; i++) {
        const struct word *word = (const struct word *)words.at + i;
        json_object_set_new(
            stage->words, scope_printf(s, "%s:%s", word->kind, word->word), json_integer(word->id));
    }
    return RC_OK;
}

enum rc import_stage_fill(struct scope *s, struct db *db, const struct api *api,
    const struct import_source *source, struct import_stage_counts *ret)
{
    struct import_stage stage = {.api = api, .zone = STRBUF_INIT(1000)};
    TRY(load_words(s, db, &stage));
    TRY(db_copy_begin(s, db, &import_stage_rows, &stage.copy));
    enum rc rc = (source->csv ? read_csv : read_ndjson)(s, &stage, source);
    if (rc == RC_OK && !stage.copy.n)
        rc = fail(s, RC_INVALID, "there are no lines");
    strbuf_release(&stage.zone);
    TRY(db_copy_end(s, &stage.copy, rc));
    stage.n.all = stage.copy.n;
    *ret = stage.n;
    return RC_OK;
}

enum rc import_stage_open(struct scope *s, const struct api *api, const char *what, int64_t line,
    const char *hex, char **ret)
{
    *ret = NULL;
    if (!hex)
        return RC_OK;
    return sign_open_hex(
        s, api->keys, scope_printf(s, "import:%s:%lld", what, (long long)line), hex, ret);
}
