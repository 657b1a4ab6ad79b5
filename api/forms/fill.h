#pragma once
/* What was typed, back into the controls of a form: as HTML::FillInForm does. */
#include "api/forms/edits.h"
#include "api/forms/tags.h"
#include "api/http/request.h"

/* The fields of a form that was sent. */
struct form_typed {
    const struct request_pair *at;
    size_t n;
};

/* Is it a control that a person changes? Not a button, nor hidden. */
bool fill_is_control(struct scope *s, const struct tag *tag);

/* The form of the page, from its tag to its end tag, that was sent: the one with the same hidden
 * fields that has the most of the fields. False: none. */
bool fill_find(struct scope *s, const struct form_typed *typed, const char *page, const char **from,
    const char **to);

/* Changes that put what was typed into the form; not passwords, nor files. */
void fill_form(struct scope *s, const struct form_typed *typed, const char *from, const char *to,
    struct edits *edits);
