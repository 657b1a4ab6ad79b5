#pragma once
/* A picture of two costs over time: a pair of bars per month, or per year where there are many
 * months. Pure: amounts in, SVG out. The table of the page has the same numbers as text. */
#include <jansson.h>

#include "core/scope.h"
#include "core/strbuf.h"

/* months: [{"month": "2026-03", "amount_minor", "against_minor"}] in order, none twice. Returns
 * {"svg", "labels": [text]} with a label per pair, empty where there is no room; a new reference,
 * null without months. label: for screen readers, unescaped. Gaps between months are drawn. */
json_t *cost_bars(struct scope *s, const json_t *months, const char *label);
