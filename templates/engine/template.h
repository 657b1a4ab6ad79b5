#ifndef TEMPLATES_ENGINE_TEMPLATE_H
#define TEMPLATES_ENGINE_TEMPLATE_H
/*
 * Mustache (core specification), compiled once and rendered many times.
 *
 * Strict by default, for everything that we send: a variable or section that the
 * context does not have is an error (null and false are fine), partials must not
 * form a cycle, output has a ceiling. Lenient follows the specification to the
 * letter: unknown is empty, recursive partials work (depth capped).
 * A compiled template is read-only: any thread may render it, with its own scope.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/scope.h"
#include "core/strbuf.h"

/* What {{name}} escapes for; {{{name}}} and {{&name}} do not, but for the two marked below. */
enum escape {
    ESCAPE_TEXT,   /* nothing: plain text, SMS */
    ESCAPE_HTML,   /* & < > " ' as entities */
    ESCAPE_SLACK,  /* & < > only (mrkdwn) */
    ESCAPE_HEADER, /* CR, LF, NUL are an error, also from {{{name}}} */
    ESCAPE_JSON,   /* inside of a JSON string; hole markers (messages/text_template.h) stay as they
                      are */
    ESCAPE_SLACK_JSON, /* mrkdwn inside of a JSON string; here {{{name}}} leaves out the
                          Slack half only, for text that is mrkdwn already */
};

struct template;

/* Text of partial `name` owned by the scope or static, NULL when there is none. */
typedef const char *template_loader(struct scope *s, const char *name, void *ctx);

struct template_options {
    enum escape escape;
    bool lenient;
    template_loader *partials; /* NULL: none */
    void *ctx;
};

/* Syntax errors are RC_INVALID and name template, line and column. Owned by s. */
enum rc template_compile(struct scope *s, const char *name, const char *text,
    const struct template_options *options, struct template **ret);

/* Append to out (whose ceiling caps the output). Unknown variables: RC_INVALID. */
enum rc template_render(
    struct scope *s, const struct template *t, const json_t *context, struct strbuf *out);

/* A template that the executable carries: kind "email/update", suffix "html", and the
 * best locale there is: de-AT -> de -> en. Partials are looked up beside it in the same
 * way. Escaping follows the suffix and channel: html, txt, slack.json, subject.txt.
 * Files are templates/<channel>/<kind>.<locale>.<suffix>. */
enum rc template_load(struct scope *s, const char *kind, const char *locale, const char *suffix,
    struct template **ret);

/* Markdown (CommonMark through cmark, at most 32 KiB) to safe HTML: no raw HTML, no
 * images, links only https: and mailto:. And to plain text, links as "text (url)". */
enum rc markdown_html(struct scope *s, const char *markdown, char **ret);
enum rc markdown_text(struct scope *s, const char *markdown, char **ret);
/* And to Slack mrkdwn, escaped. */
enum rc markdown_slack(struct scope *s, const char *markdown, char **ret);

#endif
