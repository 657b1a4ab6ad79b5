#pragma once
/*
 * Views and their inputs (https://docs.slack.dev/reference/block-kit/blocks/input-block), and what
 * was typed. The block of an input has the name of the API's field, so that its errors find it.
 * Behind "~" it may have a mark: Slack keeps what was typed in a block while the view changes, and
 * one with another mark begins anew.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "api/call/call.h"

#define SLACK_TYPED "typed" /* the action_id of every input */

/* A modal without blocks: append to its "blocks". submit NULL: it has no button for that. */
json_t *slack_view(struct call *c, const char *callback, const char *title, const char *submit);

struct slack_field {
    const char *name;
    const char *mark;  /* NULL: none */
    const char *label; /* NULL: that of staff_slack for the name */
    const char *hint;  /* NULL: none */
    bool optional;
    bool asks; /* Slack reports at once what is chosen in it */
};

/* An input around an element, which it takes. With a view that it is to replace (NULL: none), it
 * begins with what was typed there. */
json_t *slack_input(
    struct call *c, const struct slack_field *field, const json_t *view, json_t *element);

/* Elements. value: what it begins with; NULL or "": nothing. */
json_t *slack_input_text(struct call *c, const char *value, bool multiline, int most);
json_t *slack_input_moment(void);

/* Options of a select: {text, value}; and a select of options, which it takes. With more options
 * than Slack allows it has groups. */
json_t *slack_option(struct call *c, const char *text, const char *value);
/* words (NULL-terminated) with their labels of a set. */
json_t *slack_options(struct call *c, const char *const *words, const char *set);
json_t *slack_select(struct call *c, json_t *options, const char *value);
/* values: it begins with those; borrowed. */
json_t *slack_multi_select(struct call *c, json_t *options, const json_t *values);
json_t *slack_checkbox(struct call *c, json_t *option);

/* Whether a view has this input, and its block_id (NULL: it has none), owned by the view. */
bool slack_has_input(const json_t *view, const char *field, const char *mark);
const char *slack_block_of(const json_t *view, const char *field);

/* What was typed in a view of a payload: "" for nothing but spaces. */
const char *slack_typed(const json_t *view, const char *field);
/* Of a multi-select or checkboxes: the nth value, NULL after the last. */
const char *slack_typed_at(const json_t *view, const char *field, size_t n);
/* Seconds since 1970; 0: nothing. */
int64_t slack_typed_moment(const json_t *view, const char *field);
