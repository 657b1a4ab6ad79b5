#pragma once
/* The inputs of a context, and writers of its members; a missing value is null. */
#include <jansson.h>
#include <stdlib.h>

#include "core/clock.h"
#include "templates/label.h"
#include "templates/translation.h"
#include "messages/text_template.h"
#include "messages/facts.h"

struct context_spec {
    const struct config *config;
    const struct broadcast *broadcast; /* with its facts loaded */
    enum channel channel;
    const char *locale, *timezone;
    /* Of a digest: "3,17a", its incidents, "a" with the texts for the affected; of an update
     * "affected": that text. */
    const char *selection;
    const char *claim;  /* of an update, as of content.h; "" or NULL: none */
    bool opens_account; /* of a mail about incidents: has the link to the account's page */
    bool card;          /* of a message to staff: with buttons */
    size_t title_chars; /* limit of a title; longer ones are cut and end with "..." */
};

/* Merge fields of a credit notice: PLACEHOLDER_FIELD + n. */
enum merge {
    MERGE_CONTACT_NAME,
    MERGE_ACCOUNT_NAME,
    MERGE_ACCOUNT_REF,
    MERGE_CREDIT_ID,
    MERGE_AMOUNT_TEXT,
    MERGE_CURRENCY,
    MERGE_WHY_TEXT,
    MERGE_DAYS,
    MERGE_COUNT
};

static inline void put(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value ? value : json_null()) != 0)
        abort();
}

static inline void put_text(json_t *object, const char *key, const char *text)
{
    put(object, key, text ? json_string(text) : NULL);
}

static inline void put_time(json_t *object, struct scope *s, const char *key, int64_t us)
{
    put_text(object, key, us == SHAPE_NONE ? NULL : clock_rfc3339(s, us));
}

static inline void put_local(
    json_t *object, struct scope *s, const char *key, int64_t us, const struct context_spec *spec)
{
    put_text(
        object, key, us == SHAPE_NONE ? NULL : label_time(s, spec->locale, us, spec->timezone));
}

/* Slack shows it in the zone of each reader ("Date formatting", api.slack.com). */
static inline void put_slack(
    json_t *object, struct scope *s, const char *key, int64_t us, const struct context_spec *spec)
{
    if (us == SHAPE_NONE)
        return put(object, key, NULL);
    put_text(object, key,
        scope_printf(s, "<!date^%lld^{date_short_pretty}, {time}|%s>",
            (long long)(us / CLOCK_SECOND), label_time(s, spec->locale, us, spec->timezone)));
}

static inline void put_label(json_t *object, struct scope *s, const struct context_spec *spec,
    const char *key, const char *set, const char *word)
{
    put_text(object, key, word);
    put_text(object, scope_printf(s, "%s_label", key), label_text(s, spec->locale, set, word));
}

static inline const char *url(struct scope *s, const struct context_spec *spec, const char *path)
{
    return scope_printf(s, "%s%s", spec->config->public_url, path);
}

static inline const char *token_url(
    struct scope *s, const struct context_spec *spec, const char *path)
{
    return scope_printf(
        s, "%s%s%s", spec->config->public_url, path, text_template_marker(PLACEHOLDER_TOKEN));
}

/* Of the incident on the page of the reader's account; ref NULL: of the page. Owned by s. */
static inline const char *account_url(
    struct scope *s, const struct context_spec *spec, const char *ref)
{
    return scope_printf(s, "%s/a/%s%s%s", spec->config->public_url,
        text_template_marker(PLACEHOLDER_ACCOUNT), ref ? "/incidents/" : "", ref ? ref : "");
}

/* The broadcast's extra, owned by s; NULL when there is none. */
json_t *context_extra(struct scope *s, const struct broadcast *b);

/* The text in the reader's language, or else as it was written (context_text.c). */
struct translation context_said(struct scope *s, const struct context_spec *spec,
    const char *translations, const char *member, const char *text);

/* title, and title_lang: its language if that is not the message's, else null. */
void context_put_title(struct scope *s, const struct context_spec *spec, json_t *incident,
    const char *title, const char *title_in);

/* A title, cut to the limits of the channel. */
const char *context_cut_title(struct scope *s, const struct context_spec *spec, const char *text);

/* "sentences" of a letter to staff: keys of staff_letter become the text that they make. */
void context_put_sentences(struct scope *s, const struct context_spec *spec, json_t *detail);

/* body_html, body_text ...: Markdown converted for the channel's template. */
enum rc context_put_body(
    struct scope *s, const struct context_spec *spec, json_t *object, const char *markdown);

/* What an update says. */
struct context_words {
    const char *auto_text; /* the label that replaces the body, or NULL */
    const char *body, *body_in;
    const char *affected; /* read instead of the body; NULL: the body is read */
    const char *covers;   /* the incidents of a post-mortem of several, JSON; or NULL */
};

/* The same of an update, and body_lang. */
enum rc context_put_spoken(struct scope *s, const struct context_spec *spec, json_t *object,
    const struct context_words *words);

/* translations, for a webhook: {LANGUAGE: {body, body_markdown}}, as the members of the update. */
enum rc context_put_bodies(struct scope *s, json_t *update, const struct context_words *words);

/* account, contact, credit (context_credit.c). */
void context_put_credit(struct scope *s, const struct context_spec *spec, json_t *root);
