/* Texts of staff in a context: in the reader's language, and as the channel takes them. */
#include <string.h>

#include "core/json.h"
#include "core/strbuf.h"
#include "messages/context_put.h"
#include "messages/limits.h"
#include "templates/engine/template.h"

enum { COVERS_MAX = 32 * 1024 };

struct translation context_said(struct scope *s, const struct context_spec *spec,
    const char *translations, const char *member, const char *text)
{
    return translation_of(s, translations, spec->locale, member, text);
}

/* As NAME the language of a text that is not that of the message, else null. */
static void put_lang(struct scope *s, const struct context_spec *spec, json_t *object,
    const char *name, const struct translation *text)
{
    const char *message = label_text(s, spec->locale, "mail", "lang");
    put_text(object, name, translation_foreign(text, spec->config->language, message));
}

void context_put_sentences(struct scope *s, const struct context_spec *spec, json_t *detail)
{
    json_t *keys = json_object_get(detail, "sentences"), *key;
    size_t i;
    if (!json_is_array(keys))
        return;
    STRBUF(b, COVERS_MAX);
    json_array_foreach(keys, i, key)
    {
        const char *words = label_text(s, spec->locale, "staff_letter", json_string_value(key));
        strbuf_addf(&b, "%s%s", i ? " " : "", label_fill(s, words, detail));
    }
    put_text(detail, "sentences", strbuf_copy(&b, s));
}

enum rc context_put_body(
    struct scope *s, const struct context_spec *spec, json_t *object, const char *markdown)
{
    char *text;
    if (spec->channel == CHANNEL_SLACK) {
        TRY(markdown_slack(s, markdown, &text));
        put_text(object, "body_slack",
            limits_cut_mrkdwn(s, text, (size_t)limits_of(CHANNEL_SLACK)->body));
        return RC_OK;
    }
    if (spec->channel == CHANNEL_EMAIL) {
        TRY(markdown_html(s, markdown, &text));
        put_text(object, "body_html", text);
    }
    if (channel_document(spec->channel)) { /* which cuts and converts it: chat_message.h */
        put_text(object, "body_markdown", markdown);
        return RC_OK;
    }
    size_t most = (size_t)limits_of(spec->channel)->body;
    if (most)
        markdown = limits_cut_markdown(s, markdown, most);
    TRY(markdown_text(s, markdown, &text));
    put_text(object, "body_text", text);
    put_text(object, "body_markdown", markdown);
    return RC_OK;
}

/* "This post-mortem covers: A, B", each with its link, as a paragraph above the text; "" without.
 */
static const char *covers_text(struct scope *s, const struct context_spec *spec, const char *covers)
{
    STRBUF(b, COVERS_MAX);
    json_t *list, *one;
    size_t i;
    if (!covers || json_parse(s, covers, strlen(covers), &list) != RC_OK)
        return "";
    strbuf_addstr(&b, label_text(s, spec->locale, "mail", "postmortem_covers"));
    json_array_foreach(list, i, one)
    {
        struct translation title =
            context_said(s, spec, json_get_text(one, "in"), "title", json_get_text(one, "title"));
        strbuf_addf(&b, "%s[%s](%s)", i ? ", " : " ", limits_literal(s, title.text),
            url(s, spec, scope_printf(s, "/incidents/%s", json_get_word(one, "ref"))));
    }
    strbuf_addstr(&b, "\n\n");
    return strbuf_copy(&b, s);
}

/* The member of the translations that the reader gets. */
static const char *member_of(const struct context_words *words)
{
    return words->affected ? "affected_body" : "body";
}

enum rc context_put_spoken(struct scope *s, const struct context_spec *spec, json_t *object,
    const struct context_words *words)
{
    struct translation text = context_said(
        s, spec, words->body_in, member_of(words), words->affected ? words->affected : words->body);
    if (words->auto_text)
        text = (struct translation){.text = label_text(s, spec->locale, "auto", words->auto_text),
            .language = label_text(s, spec->locale, "mail", "lang")};
    put_lang(s, spec, object, "body_lang", &text);
    return context_put_body(
        s, spec, object, scope_printf(s, "%s%s", covers_text(s, spec, words->covers), text.text));
}

const char *context_cut_title(struct scope *s, const struct context_spec *spec, const char *text)
{
    if (spec->channel == CHANNEL_SLACK)
        return limits_cut_slack(s, text, spec->title_chars);
    return limits_cut(s, text, spec->title_chars);
}

void context_put_title(struct scope *s, const struct context_spec *spec, json_t *incident,
    const char *title, const char *title_in)
{
    struct translation text = context_said(s, spec, title_in, "title", title);
    put_text(incident, "title", context_cut_title(s, spec, text.text));
    if (channel_document(spec->channel))
        put_text(
            incident, "title_markdown", limits_literal(s, context_cut_title(s, spec, text.text)));
    put_lang(s, spec, incident, "title_lang", &text);
}

enum rc context_put_bodies(struct scope *s, json_t *update, const struct context_words *words)
{
    json_t *all, *own, *bodies = json_own(s, json_object());
    const char *language;
    TRY(json_parse(s, words->body_in, strlen(words->body_in), &all));
    json_object_foreach(all, language, own)
    {
        const char *markdown = json_get_text(own, member_of(words));
        char *text;
        if (!markdown)
            continue;
        TRY(markdown_text(s, markdown, &text));
        json_object_set_new(
            bodies, language, json_pack("{s:s, s:s}", "body", text, "body_markdown", markdown));
    }
    put_text(update, "translations", json_text(s, bodies));
    return RC_OK;
}
