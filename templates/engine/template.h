#pragma once
/*
 * Mustache (core specification), compiled once and rendered many times.
 *
 * Strict by default, for all messages: a variable or section that the context lacks is an error
 * (null and false are fine), partials must not form a cycle, output has a ceiling. Lenient mode
 * follows the specification exactly: unknown names are empty, recursive partials work (to a maximum
 * depth). A compiled template is read-only: any thread may render it, with its own scope.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/scope.h"
#include "core/strbuf.h"

/* The escaping of {{name}}; {{{name}}} and {{&name}} are not escaped, except as noted below. */
enum escape {
    ESCAPE_TEXT,   /* nothing: plain text, SMS */
    ESCAPE_HTML,   /* & < > " ' as entities */
    ESCAPE_MAIL,   /* the same, and a line break is <br>: Outlook knows no white-space: pre-line */
    ESCAPE_SLACK,  /* & < > only (mrkdwn) */
    ESCAPE_HEADER, /* CR, LF and NUL are an error, also in {{{name}}} */
    ESCAPE_JSON,   /* inside a JSON string; keeps placeholder markers (messages/text_template.h) */
    ESCAPE_SLACK_JSON, /* mrkdwn inside a JSON string; {{{name}}} is escaped only for JSON, for text
                          that is mrkdwn already */
};

struct template;

/* Text of partial `name` owned by the scope or static, NULL if it does not exist; *ret_file is its
 * name in messages, if it has another. {{@name}} asks for "@name", a label: a phrase in the
 * language of the rendering, itself Mustache, which is put into its line. */
typedef const char *template_loader(
    struct scope *s, const char *name, void *ctx, const char **ret_file);

struct template_options {
    enum escape escape;
    bool lenient;
    bool full; /* a value that is null or "" is RC_INVALID, too: a letter must have no holes */
    bool
        every; /* render every section, whatever its value: finds the unknown names of a template */
    template_loader *partials; /* NULL: none */
    void *ctx;
};

/* Compile a template, owned by s. Syntax errors are RC_INVALID and name template, line and column.
 */
enum rc template_compile(struct scope *s, const char *name, const char *text,
    const struct template_options *options, struct template **ret);

/* Append the output to out, whose ceiling limits it. Unknown variables are RC_INVALID. */
enum rc template_render(
    struct scope *s, const struct template *t, const json_t *context, struct strbuf *out);

/* Load a template, the installation's or the embedded one (templates/files.h): kind "email/update",
 * suffix "html", in the best available locale: de-AT -> de -> en. Looks up partials beside it in
 * the same way. The suffix and channel determine the escaping: html, txt, slack.json, subject.txt.
 * Files are templates/<channel>/<kind>.<locale>.<suffix>. */
enum rc template_load(struct scope *s, const char *kind, const char *locale, const char *suffix,
    struct template **ret);
/* The same with every section rendered, to find unknown names. */
enum rc template_load_every(struct scope *s, const char *kind, const char *locale,
    const char *suffix, struct template **ret);

/* Convert Markdown (CommonMark and tables through cmark-gfm, at most 32 KiB) to safe HTML, where
 * tags are text, images are their text and only https: and mailto: are links; and to plain text,
 * with links as "text (url)". */
enum rc markdown_html(struct scope *s, const char *markdown, char **ret);
enum rc markdown_text(struct scope *s, const char *markdown, char **ret);
/* Convert it to escaped Slack mrkdwn. */
enum rc markdown_slack(struct scope *s, const char *markdown, char **ret);
