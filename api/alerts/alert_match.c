#include "api/alerts/alert_match.h"

#include <string.h>

#include "core/json.h"

static const char *const ops[] = {"=", "!=", "=~", "!~", "in", NULL};

SHAPE_EXTERN(struct alert_matcher, alert_matcher_shape, "AlertMatcher",
    FIELD(TEXT, label, .required = true, .min = 1, .max = 200, .doc = "Name of the label."),
    FIELD(TEXT, op, .one_of = ops, .def = "=",
        .doc = "=, !=, =~, !~ (regular expression of the whole value) or in."),
    FIELD(TEXT, value, .min = -1, .max = 1000, .doc = "Value; a label that is missing is empty."),
    FIELD(TEXTS, values, .max = 1000, .doc = "Values of in."));

STMT(alert_match_regex, "SELECT amends.alert_regex_fault($1)", .row = &row_text);

static enum rc check_one(
    struct scope *s, struct db *db, const char *where, const struct alert_matcher *matcher)
{
    const char *fault = NULL, *value = scope_printf(s, "%s.value", where);
    if (!strcmp(matcher->op, "in"))
        return matcher->values.n ? RC_OK
                                 : fail_field(s, RC_INVALID, scope_printf(s, "%s.values", where),
                                       "is required by in");
    if (!matcher->value)
        return fail_field(s, RC_INVALID, value, "is required");
    if (strchr(matcher->op, '~'))
        TRY(db_one(s, db, &alert_match_regex, PARAMS(P_TEXT(matcher->value)), &fault));
    return fault ? fail_field(s, RC_INVALID, value, "is no regular expression: %s", fault) : RC_OK;
}

enum rc alert_match_check(struct scope *s, struct db *db, const char *field,
    const struct list *matchers, const char **ret_json)
{
    const struct alert_matcher *at = matchers->at;
    json_t *match = json_own(s, json_array());
    for (size_t i = 0; i < matchers->n; i++) {
        TRY(check_one(s, db, scope_printf(s, "%s[%zu]", field, i), &at[i]));
        json_array_append(match, shape_json(s, &alert_matcher_shape, &at[i]));
    }
    *ret_json = json_text(s, match);
    return RC_OK;
}
