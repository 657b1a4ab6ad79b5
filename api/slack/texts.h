#pragma once
/* The texts of a form: title, body, the text for the affected, and each of them in other
 * languages ("body:de"), beginning with those of its template. */
#include "api/slack/making.h"

enum { TEXTS_TITLE_MAX = 250, TEXTS_BODY_MAX = 3000 }; /* 3000: of Slack's plain_text_input */

/* Whether {body, affected_body, translations} are short enough to be edited. */
bool texts_fit(const json_t *of);

/* value: what it begins with unless a template is chosen; NULL: nothing. */
void texts_add_title(const struct making *m, const char *value);
void texts_add_body(const struct making *m, const char *value);
void texts_add_affected(const struct making *m);
/* The languages to choose, and the texts in those that are chosen. whole: with titles. */
void texts_add_languages(const struct making *m, bool whole);

/* Body, text for the affected and translations of a submitted form into body. */
void texts_read(struct call *c, const json_t *view, json_t *body);

/* "Also in: Deutsch, Français", of a body's translations; "" without any. */
const char *texts_languages_line(struct call *c, const json_t *body);
