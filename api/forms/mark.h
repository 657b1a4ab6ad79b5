#pragma once
/*
 * A refused form, shown again: in a page that was rendered as usual, the form that was sent gets
 * back what was typed, and each wrong field its message. So every form of every page tells errors
 * in one way, without a line in its template:
 *
 *     <input name="to" aria-invalid="true" aria-describedby="wrong-1" autofocus ...>
 *     <span class="wrong" id="wrong-1">End must be after start.</span>
 *
 * The first wrong field has the focus; a disclosure around one is open. Several, or one that is not
 * on the page, are listed on top with links to them.
 */
#include "api/forms/fill.h"
#include "core/strbuf.h"

/* field: the name of a control, or the value of its data-field where the API calls it otherwise;
 * NULL: of none. text: one sentence, in the language of the page. */
struct form_error {
    const char *field;
    const char *text;
};

struct form_mark {
    struct form_typed typed;
    const struct form_error *errors;
    size_t n_errors;
    const char *heading; /* of the list on top */
};

/* Rewrite the page in b. */
void form_mark(struct scope *s, const struct form_mark *mark, struct strbuf *b);
