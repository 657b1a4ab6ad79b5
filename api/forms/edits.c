#include "api/forms/edits.h"

#include <stdlib.h>
#include <string.h>

void edits_add(struct edits *edits, const char *at, size_t drop, const char *text)
{
    if (edits->n < EDITS_MAX)
        edits->at[edits->n++] = (struct edit){.at = at, .drop = drop, .text = text};
}

void edits_apply(struct edits *edits, const char *text, struct strbuf *out)
{
    /* By insertion, which is stable: they come nearly in order. */
    for (size_t i = 1; i < edits->n; i++)
        for (size_t k = i; k && edits->at[k].at < edits->at[k - 1].at; k--) {
            struct edit swap = edits->at[k];
            edits->at[k] = edits->at[k - 1];
            edits->at[k - 1] = swap;
        }
    for (size_t i = 0; i < edits->n; i++) {
        const struct edit *edit = &edits->at[i];
        if (edit->at < text)
            continue;
        strbuf_add(out, text, (size_t)(edit->at - text));
        strbuf_addstr(out, edit->text);
        text = edit->at + edit->drop;
    }
    strbuf_addstr(out, text);
}
