#pragma once
/*
 * Bounces that people are to read: the text part of a report, or a bounce that is nothing but
 * text. Pure.
 *
 *     struct bounce_text text;
 *     if (bounce_text_is_notice(s, subject, body))
 *         bounce_text_read(s, body, &text);
 */
#include <stdbool.h>

#include "core/scope.h"

struct bounce_text {
    const char *status;     /* a Status line, or NULL */
    const char *diagnostic; /* the paragraph or field with the reason, as one line, or NULL */
    const char *recipient;  /* a Final-Recipient line, or NULL */
    bool delayed;           /* not failed (yet) */
};

/* Is it written by a mail server about a message that it cannot deliver? Judges text alone: the
 * caller has to see to the sender. */
bool bounce_text_is_notice(struct scope *s, const char *subject, const char *body);

/* The reason in the text before the copy of the message. */
void bounce_text_read(struct scope *s, const char *body, struct bounce_text *ret);

/* The value of the first line "Name: value" with its continuation lines; NULL without. */
const char *bounce_text_field(struct scope *s, const char *text, const char *name);

/* HTML as text: tags left out, lines broken where they break. */
const char *bounce_text_of_html(struct scope *s, const char *html);
