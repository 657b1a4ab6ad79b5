#pragma once
/*
 * Slack's Block Kit (https://docs.slack.dev/reference/block-kit): objects with their limits in
 * characters. All texts are cut to them. mrkdwn is escaped text: of plain text by blocks_escape, of
 * Markdown by blocks_markdown; nothing in it can mention anybody. All functions return new
 * references, unless they say otherwise.
 */
#include <jansson.h>
#include <stdint.h>

#include "core/scope.h"

enum {
    BLOCKS_HEADER = 150,
    BLOCKS_TEXT = 3000,
    BLOCKS_LABEL = 75,      /* of a button or an option */
    BLOCKS_VIEW_TITLE = 24, /* and of the buttons of a view */
    BLOCKS_OPTIONS = 100,   /* of a select, or of a group of options */
    BLOCKS_INPUT_LABEL = 2000
};

const char *blocks_escape(struct scope *s, const char *text);
const char *blocks_markdown(struct scope *s, const char *markdown);
/* A moment as Slack shows it in the zone of each reader; fallback: locale and zone. */
const char *blocks_time(struct scope *s, const char *rfc3339, const char *locale, const char *zone);

json_t *blocks_plain(struct scope *s, const char *text, size_t chars);
json_t *blocks_header(struct scope *s, const char *text);
json_t *blocks_section(struct scope *s, const char *mrkdwn);
json_t *blocks_context(struct scope *s, const char *mrkdwn);

/* style: "primary", "danger" or NULL. value at most 2000 characters. */
json_t *blocks_button(
    struct scope *s, const char *action, const char *text, const char *value, const char *style);
/* Ask before the button acts; steals no reference. */
void blocks_confirm(struct scope *s, json_t *button, const char *title, const char *text,
    const char *yes, const char *no);
/* An empty row of buttons; append to its "elements". */
json_t *blocks_actions(void);
