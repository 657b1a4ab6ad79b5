#pragma once
/* A form while it is made (form.c): what its parts share. Slack asks for it anew when something is
 * chosen that changes it. */
#include "api/slack/inputs.h"

struct making {
    struct call *c;
    json_t *blocks;
    const json_t *view;  /* the open view that it takes the place of; NULL: none */
    const char *kind;    /* "incident" or "maintenance"; NULL: of no chosen incident yet */
    const json_t *about; /* the incident that it is about, or NULL */
    bool two_texts;      /* one of them for the affected */
    json_t *presets;     /* the templates to choose from, and the chosen one, or NULL */
    const json_t *preset;
    const char *of_preset; /* the mark of what a template begins; and it or the incident */
    const char *of_both;
};

static inline void making_add(
    const struct making *m, const struct slack_field *field, json_t *element)
{
    json_array_append_new(m->blocks, slack_input(m->c, field, m->view, element));
}
