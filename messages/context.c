#include "messages/context.h"

#include <string.h>

#include "core/json.h"
#include "messages/card.h"
#include "messages/context_put.h"
#include "messages/transactional.h"
#include "messages/limits.h"
#include "messages/look.h"
#include "messages/credit_letter.h"
#include "templates/label.h"
#include "templates/engine/template.h"

/* LEVEL_CHARS: a level and the text around it. */
enum { LEVEL_CHARS = 30, DIGEST_MOST = 6 };

static bool is_affected(const struct context_spec *spec)
{
    return !strcmp(spec->selection, "affected");
}

static void put_common(struct scope *s, const struct context_spec *spec, json_t *root)
{
    const struct config *config = spec->config;
    bool subscribed = kinds[spec->broadcast->kind].listed;
    put_text(root, "brand", config->brand);
    put_text(root, "public_url", config->public_url);
    put(root, "site", look_site(s, spec->broadcast->facts->brand, config->public_url));
    put_text(root, "postal_address", *config->postal_address ? config->postal_address : NULL);
    put_text(root, "manage_url",
        subscribed && spec->channel != CHANNEL_SMS ? token_url(s, spec, "/p/") : NULL);
    put_text(root, "unsubscribe_url", subscribed ? token_url(s, spec, "/u/") : NULL);
}

/* An incident for the affected alone has no public page: a contact reads it on the page of the
 * account, other readers ask there for its link. A retracted one has none at all. */
static const char *incident_url(
    struct scope *s, const struct context_spec *spec, bool listed, const char *ref)
{
    if (spec->broadcast->kind == KIND_RETRACTION)
        return url(s, spec, "/");
    if (listed)
        return url(s, spec, scope_printf(s, "/incidents/%s", ref));
    return spec->opens_account ? account_url(s, spec, ref) : url(s, spec, "/account");
}

/* account.page_url, beside links to public pages. ref: an incident whose text for the affected
 * stands there, or NULL. */
static void put_account_page(
    struct scope *s, const struct context_spec *spec, json_t *root, bool listed, const char *ref)
{
    json_t *account = json_object();
    bool opens = listed && spec->opens_account;
    put_text(account, "page_url", opens ? account_url(s, spec, ref) : NULL);
    put(root, "account", account);
}

static json_t *components_json(struct scope *s, const struct context_spec *spec)
{
    const struct list *list = &spec->broadcast->facts->components;
    const struct facts_component *at = list->at;
    json_t *array = json_array();
    size_t most = (size_t)limits_of(spec->channel)->components, used = 0;
    for (size_t i = 0; i < list->n; i++) {
        const char *name = context_said(s, spec, at[i].name_in, "name", at[i].name).text;
        used += strlen(name) + LEVEL_CHARS;
        if (most && used > most)
            break;
        json_t *one = json_object();
        put_text(one, "slug", at[i].slug);
        put_text(one, "name", name);
        put_text(one, "translations", at[i].name_in);
        put_label(one, s, spec, "level", "level", at[i].level);
        json_array_append_new(array, one);
    }
    return array;
}

static enum rc put_timeline(struct scope *s, const struct context_spec *spec, json_t *root)
{
    const struct list *list = &spec->broadcast->facts->timeline;
    const struct facts_update *at = list->at;
    json_t *array = json_array();
    put(root, "timeline", array);
    if (spec->channel != CHANNEL_EMAIL || spec->broadcast->kind == KIND_RETRACTION)
        return RC_OK;
    for (size_t i = 0; i < list->n; i++) {
        json_t *one = json_object();
        json_array_append_new(array, one);
        put_label(one, s, spec, "state", "state", at[i].state);
        put_local(one, s, "posted_local", at[i].posted_at, spec);
        const struct context_words words = {.auto_text = at[i].auto_text,
            .body = at[i].body,
            .affected = is_affected(spec) ? at[i].affected : NULL,
            .body_in = at[i].body_in};
        TRY(context_put_spoken(s, spec, one, &words));
    }
    return RC_OK;
}

/* Statuspage's words for our levels. */
static const char *impact(const char *level)
{
    static const struct {
        const char *level, *impact;
    } words[] = {
        {.level = "degraded_performance", .impact = "minor"},
        {.level = "partial_outage", .impact = "major"},
        {.level = "major_outage", .impact = "critical"},
        {.level = "under_maintenance", .impact = "maintenance"},
    };
    for (size_t i = 0; level && i < sizeof words / sizeof words[0]; i++)
        if (!strcmp(words[i].level, level))
            return words[i].impact;
    return "none";
}

static void put_webhook(struct scope *s, const struct context_spec *spec, json_t *incident)
{
    const struct facts *facts = spec->broadcast->facts;
    put_text(incident, "translations", facts->incident.title_in);
    const char *state = facts->incident.state;
    put_text(incident, "impact", impact(facts->incident.worst));
    put_text(incident, "impact_now", impact(look_worst(&facts->components)));
    put_time(incident, s, "started_at", facts->incident.started_at);
    put(incident, "ended",
        json_boolean(!strcmp(state, "resolved") || !strcmp(state, "completed") ||
                     !strcmp(state, "cancelled") || !strcmp(state, "postmortem") ||
                     !strcmp(state, "retracted")));
    put_text(incident, "statuspage_state", strcmp(state, "retracted") != 0 ? state : "resolved");
}

/* The scheduled window, until the maintenance is over. */
static void put_window(struct scope *s, const struct context_spec *spec, json_t *incident)
{
    const struct facts_incident *facts = &spec->broadcast->facts->incident;
    const char *window = NULL;
    put_time(incident, s, "scheduled_from", facts->scheduled_from);
    put_time(incident, s, "scheduled_until", facts->scheduled_until);
    bool over = !strcmp(facts->state, "completed") || !strcmp(facts->state, "cancelled") ||
                !strcmp(facts->state, "retracted");
    if (facts->scheduled_from != SHAPE_NONE && !over)
        window = label_time(s, spec->locale, facts->scheduled_from, spec->timezone);
    if (window && facts->scheduled_until != SHAPE_NONE)
        window = scope_printf(s, "%s – %s", window,
            label_time(s, spec->locale, facts->scheduled_until, spec->timezone));
    put_text(incident, "window", window);
}

/* What the reader can claim: one of until and time, or neither. */
static enum rc put_claim(struct scope *s, const struct context_spec *spec, json_t *root)
{
    json_t *said, *claim;
    int64_t until = SHAPE_NONE;
    put(root, "claim", NULL);
    if (!spec->claim || !*spec->claim)
        return RC_OK;
    TRY(json_parse(s, spec->claim, strlen(spec->claim), &said));
    const char *at = json_get_text(said, "until");
    json_t *days = json_object_get(said, "days");
    if (at && !clock_parse(at, &until))
        return fail(s, RC_INTERNAL, "\"%s\" is no instant", at);
    claim = json_object();
    put(root, "claim", claim);
    put_text(claim, "url",
        scope_printf(
            s, "%s/claims/%s", spec->config->public_url, text_template_marker(PLACEHOLDER_CLAIM)));
    put_local(claim, s, "until", until, spec);
    const char *words =
        label_text(s, spec->locale, "policy_words", json_integer_value(days) == 1 ? "day" : "days");
    put_text(claim, "time",
        days ? label_fill(s, words, json_own(s, json_pack("{s:O}", "n", days))) : NULL);
    put(claim, "after_period", json_boolean(!strcmp(json_get_word(said, "from"), "window_end")));
    put(claim, "any", json_boolean(until == SHAPE_NONE && !days));
    return RC_OK;
}

static enum rc put_update(struct scope *s, const struct context_spec *spec, json_t *root)
{
    const struct facts_incident *facts = &spec->broadcast->facts->incident;
    json_t *incident = json_object(), *update = json_object();
    put(root, "incident", incident);
    put(root, "update", update);
    put_text(incident, "ref", facts->ref);
    context_put_title(s, spec, incident, facts->title, facts->title_in);
    put_text(incident, "kind", facts->kind);
    put_label(incident, s, spec, "state", "state", facts->state);
    struct look_tag tag = look_tag(spec->broadcast->facts);
    put_text(incident, "tag", label_text(s, spec->locale, tag.set, tag.word));
    put_text(incident, "colour", tag.colour);
    put_text(incident, "url", incident_url(s, spec, facts->listed, facts->ref));
    put_account_page(s, spec, root, facts->listed, is_affected(spec) ? facts->ref : NULL);
    put(incident, "components", components_json(s, spec));
    put_window(s, spec, incident);
    if (spec->channel == CHANNEL_WEBHOOK)
        put_webhook(s, spec, incident);
    put(update, "id", json_integer(facts->update_id));
    put_label(update, s, spec, "state", "state", facts->state);
    bool reminder = spec->broadcast->kind == KIND_REMINDER;
    bool retraction = spec->broadcast->kind == KIND_RETRACTION;
    put_text(root, "event",
        reminder     ? "maintenance.reminder"
        : retraction ? "incident.retracted"
                     : "incident.updated");
    if (reminder)
        put_text(update, "state_label", label_text(s, spec->locale, "auto", "reminder"));
    put_time(update, s, "posted_at", facts->posted_at);
    put_local(update, s, "posted_local", facts->posted_at, spec);
    put_slack(update, s, "posted_slack", facts->posted_at, spec);
    put_time(root, s, "next_update_at", facts->next_update_at);
    put_local(root, s, "next_update_local", facts->next_update_at, spec);
    put_slack(root, s, "next_update_slack", facts->next_update_at, spec);
    const struct context_words words = {.auto_text = facts->auto_text,
        .body = facts->body,
        .affected = is_affected(spec) ? facts->affected : NULL,
        .body_in = facts->body_in,
        .covers = facts->covers};
    if (spec->channel == CHANNEL_WEBHOOK)
        TRY(context_put_bodies(s, update, &words));
    TRY(context_put_spoken(s, spec, update, &words));
    TRY(put_claim(s, spec, root));
    return put_timeline(s, spec, root);
}

/* suffix: "a" for the incidents with texts for the affected. */
static bool is_selected(struct scope *s, const char *selection, int64_t id, const char *suffix)
{
    return strstr(
        scope_printf(s, ",%s,", selection), scope_printf(s, ",%lld%s,", (long long)id, suffix));
}

static json_t *digest_incident(
    struct scope *s, const struct context_spec *spec, const struct facts_news *news)
{
    json_t *incident = json_object();
    put_text(incident, "ref", news->ref);
    context_put_title(s, spec, incident, news->title, news->title_in);
    put_text(incident, "kind", news->kind);
    put_label(incident, s, spec, "state", "state", news->now);
    put_text(incident, "url", incident_url(s, spec, news->listed, news->ref));
    put(incident, "updates", json_array());
    return incident;
}

static enum rc put_news(struct scope *s, const struct context_spec *spec, json_t *incident,
    const struct facts_news *news)
{
    json_t *one = json_object();
    json_array_append_new(json_object_get(incident, "updates"), one);
    put_label(one, s, spec, "state", "state", news->state);
    put_time(one, s, "posted_at", news->posted_at);
    put_local(one, s, "posted_local", news->posted_at, spec);
    bool affected = is_selected(s, spec->selection, news->incident_id, "a");
    const struct context_words words = {.auto_text = news->auto_text,
        .body = news->body,
        .affected = affected ? news->affected : NULL,
        .body_in = news->body_in};
    return context_put_spoken(s, spec, one, &words);
}

/* If a message has limits, it only counts the remaining incidents. */
static enum rc put_digest(struct scope *s, const struct context_spec *spec, json_t *root)
{
    const struct list *list = &spec->broadcast->facts->news;
    const struct facts_news *at = list->at;
    json_t *digest = json_object(), *incidents = json_array(), *incident = NULL;
    size_t left_out = 0;
    bool limited = spec->channel != CHANNEL_EMAIL && spec->channel != CHANNEL_WEBHOOK;
    put(root, "digest", digest);
    put_account_page(s, spec, root, true, NULL);
    put_text(digest, "day", spec->broadcast->digest_day);
    put_text(digest, "timezone", spec->broadcast->digest_zone);
    put_text(digest, "url", url(s, spec, "/history"));
    put(digest, "incidents", incidents);
    for (size_t i = 0; i < list->n; i++) {
        if (!is_selected(s, spec->selection, at[i].incident_id, "") &&
            !is_selected(s, spec->selection, at[i].incident_id, "a"))
            continue;
        bool another = !i || at[i].incident_id != at[i - 1].incident_id;
        if (another && limited && json_array_size(incidents) == DIGEST_MOST)
            incident = NULL;
        else if (another)
            json_array_append_new(incidents, incident = digest_incident(s, spec, &at[i]));
        left_out += another && !incident;
        if (incident)
            TRY(put_news(s, spec, incident, &at[i]));
    }
    put(digest, "more", left_out ? json_integer((json_int_t)left_out) : NULL);
    return RC_OK;
}

/* The label of a letter to staff with its values, or the letter's own text. */
static const char *staff_words(struct scope *s, const struct context_spec *spec, json_t *detail,
    const char *part, const char *own)
{
    const char *what = json_get_text(detail, "what");
    const char *key = what ? scope_printf(s, "%s_%s", what, part) : "";
    const char *words = label_text(s, spec->locale, "staff_letter", key);
    return strcmp(words, key) != 0 ? label_fill(s, words, detail) : own;
}

/* [{minor, currency}] as text; of none "0". */
static const char *amounts_of(struct scope *s, const json_t *amounts, const char *locale)
{
    const char *text = credit_letter_amounts(s, json_text(s, amounts), locale);
    return *text ? text : "0";
}

/* The instant of a member, if it has one, in the reader's words. */
static void put_instant(
    json_t *detail, struct scope *s, const char *name, const struct context_spec *spec)
{
    const char *text = json_get_text(detail, name);
    int64_t at;
    if (text && clock_parse(text, &at))
        put_local(detail, s, name, at, spec);
}

/* It may contain a customer's text, so it is not a template. */
static enum rc put_staff(struct scope *s, const struct context_spec *spec, json_t *root)
{
    const struct broadcast *b = spec->broadcast;
    json_t *notice = json_object(), *detail = context_extra(s, b);
    if (b->kind == KIND_INVITATION) {
        put_text(detail, "url", token_url(s, spec, "/staff/welcome/"));
        put_text(detail, "brand", spec->config->brand);
    }
    put_instant(detail, s, "at", spec);
    put_instant(detail, s, "publish_at", spec);
    context_put_sentences(s, spec, detail);
    json_t *amounts = json_object_get(detail, "amounts");
    if (json_is_array(amounts))
        put_text(detail, "amounts", amounts_of(s, amounts, spec->locale));
    put(root, "notice", notice);
    put_text(notice, "url", json_get_text(detail, "url"));
    put(notice, "buttons", spec->card ? card_buttons(s, spec->locale, detail) : json_array());
    put_text(notice, "subject",
        context_cut_title(s, spec, staff_words(s, spec, detail, "subject", b->subject)));
    return context_put_body(s, spec, notice, staff_words(s, spec, detail, "body", b->body));
}

static enum rc put_notice(struct scope *s, const struct context_spec *spec, json_t *root)
{
    const struct broadcast *b = spec->broadcast;
    if (!json_object_get(root, "account")) {
        put(root, "account", NULL);
        put(root, "contact", NULL);
    }
    const char *subject = b->subject, *body = b->body;
    credit_letter_choose(context_extra(s, b), spec->locale, &subject, &body);
    if (!subject || !body) {
        put(root, "notice", NULL);
        return RC_OK;
    }
    json_t *notice = json_object();
    put(root, "notice", notice);
    TRY(letter_text(s, "subject", subject, ESCAPE_HEADER, root, &subject));
    TRY(letter_text(s, "body", body, ESCAPE_TEXT, root, &body));
    if (b->kind == KIND_CREDIT_TEST)
        subject = scope_printf(s, "[Test] %s", subject);
    put(notice, "id", json_integer(b->id));
    put_text(notice, "subject", context_cut_title(s, spec, subject));
    return context_put_body(s, spec, notice, body);
}

enum rc context_make(struct scope *s, const struct context_spec *spec, json_t **ret)
{
    json_t *root = json_own(s, json_object());
    put_common(s, spec, root);
    const struct broadcast *b = spec->broadcast;
    if (b->kind == KIND_CONFIRMATION) {
        put_text(root, "confirm_url", token_url(s, spec, "/confirm/"));
        put_text(root, "confirm_code", text_template_marker(PLACEHOLDER_CODE));
        put_text(root, "token", text_template_marker(PLACEHOLDER_TOKEN));
    } else if (b->kind == KIND_MANAGE) {
        put_text(root, "enter_url", token_url(s, spec, "/manage/"));
    } else if (kinds[b->kind].transactional) {
        TRY(transactional_put(s, spec, root));
    } else if (b->kind == KIND_STAFF || b->kind == KIND_INVITATION) {
        TRY(put_staff(s, spec, root));
    } else if (broadcast_is_of_incident(b)) {
        TRY(put_update(s, spec, root));
    } else if (b->kind == KIND_DIGEST) {
        TRY(put_digest(s, spec, root));
    } else {
        if (broadcast_is_of_credits(b))
            context_put_credit(s, spec, root);
        TRY(put_notice(s, spec, root));
    }
    *ret = root;
    return RC_OK;
}
