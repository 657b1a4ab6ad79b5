#include "billing/engine/recount/recount.h"

#include <stdlib.h>
#include <string.h>

#include "billing/engine/lines.h"
#include "billing/engine/recount/alone.h"
#include "billing/engine/recount/bound.h"
#include "billing/engine/recount/stated.h"
#include "core/json.h"

static enum rc settle(struct recounting *c, struct credit *ret)
{
    struct owed owed = owed_in(&c->r, &c->window, &c->incidents, c->moments);
    if (!c->whole)
        TRY(stated_exact(c, &owed.amount));
    ret->currency = c->line->currency;
    ret->lines = SCOPE_NEW(c->s, struct credit_line);
    ret->excess = SCOPE_NEW(c->s, struct excess);
    ret->unpaid = SCOPE_NEW(c->s, struct unpaid);
    return lines_settle(&c->r, &owed, ret);
}

static const char *word(struct scope *s, const json_t *value)
{
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    const char *kept = text ? scope_printf(s, "%.200s", text) : "missing";
    free(text);
    return kept;
}

/* The first place at which two values differ; NULL: none. */
static const char *differ(
    struct scope *s, const char *path, const json_t *stated, const json_t *made)
{
    const char *key, *found = NULL;
    json_t *value;
    size_t i;
    if (json_equal(stated, made))
        return NULL;
    if (json_is_object(made) && json_is_object(stated))
        json_object_foreach((json_t *)made, key, value)
        {
            found = differ(s, *path ? scope_printf(s, "%s.%s", path, key) : key,
                json_object_get(stated, key), value);
            if (found)
                return found;
        }
    if (json_is_array(made) && json_array_size(made) == json_array_size(stated))
        json_array_foreach((json_t *)made, i, value)
        {
            found =
                differ(s, scope_printf(s, "%s[%zu]", path, i), json_array_get(stated, i), value);
            if (found)
                return found;
        }
    /* What is stated beyond what is made: impacts, and the cap of an incident, which has its own
     * check. */
    if ((json_is_object(made) && json_is_object(stated)) ||
        (json_is_array(made) && json_array_size(made) == json_array_size(stated)))
        return NULL;
    return scope_printf(s, "%s is %s, recomputed %s", path, word(s, stated), word(s, made));
}

/* What depends on evidence or, where not all is computed, on what comes before the exact amount. */
static void leave_out(const struct recounting *c, json_t *made)
{
    static const char *const later[] = {"rounded_minor", "rounded_beyond", "cap_minor", "rounding",
        "min_credit_minor", "exact", NULL};
    const char *key;
    json_t *value;
    void *next;
    json_object_del(made, "impacts");
    json_object_del(made, "counting");
    json_object_del(made, "steps");
    json_object_foreach_safe(made, next, key, value)
    {
        bool keeps = c->whole;
        for (const char *const *name = later; *name; name++)
            keeps = keeps || !strcmp(*name, key);
        if (!keeps)
            json_object_del(made, key);
    }
}

static const json_t *step_of(const json_t *explain, const char *name)
{
    const json_t *steps = json_object_get(explain, "steps"), *one;
    size_t i;
    json_array_foreach((json_t *)steps, i, one)
    {
        if (!strcmp(json_get_word(one, "step"), name))
            return json_object_get(one, "value");
    }
    return NULL;
}

/* A line that needs a claim has one. */
static bool is_claimed(const struct recounting *c)
{
    const json_t *stated = step_of(c->line->explain, "claimed");
    return c->claim ? stated && !strcmp(json_string_value(stated), "yes") : !stated;
}

/* The word of a step that is none. */
static const char *unknown_step(struct recounting *c)
{
    static const char *const known[] = {"sum", "claimed", "caps_per_incident", "exact", "unraised",
        "rounded", "earlier", "bound", "cap", "taken", "amount", NULL};
    const json_t *one;
    size_t i;
    json_array_foreach(json_object_get(c->line->explain, "steps"), i, one)
    {
        const char *const *name = known;
        while (*name && strcmp(*name, json_get_word(one, "step")) != 0)
            name++;
        if (!*name)
            return scope_printf(c->s, "the step %.40s is unknown", json_get_word(one, "step"));
    }
    return NULL;
}

static const char *compare_steps(struct recounting *c, const json_t *made)
{
    static const char *const names[] = {"sum", "caps_per_incident", "exact", "unraised", "rounded",
        "earlier", "cap", "taken", "amount", NULL};
    enum { OF_WHOLE_LINES = 2 };
    const char *found = is_claimed(c) ? unknown_step(c) : "the step claimed is not yes";
    for (const char *const *name = names + (c->whole ? 0 : OF_WHOLE_LINES); *name && !found;
         name++) {
        const json_t *stated = step_of(c->line->explain, *name), *value = step_of(made, *name);
        if (stated || value)
            found = differ(c->s, *name, stated, value);
    }
    return found;
}

static enum rc compare(
    struct recounting *c, const struct rule *rule, const struct credit_line *line, const char **ret)
{
    json_t *made;
    TRY(json_parse(c->s, line->explain, strlen(line->explain), &made));
    const char *found = compare_steps(c, made);
    leave_out(c, made);
    const char *before = differ(c->s, "", c->line->explain, made);
    found = before ? before : found;
    if (!found && line->amount != c->line->amount)
        found = scope_printf(c->s, "amount_minor is %lld, recomputed %lld",
            (long long)c->line->amount, (long long)line->amount);
    *ret = found ? found : bound_fault(c->s, rule, c->line);
    return RC_OK;
}

enum rc recount_line(struct scope *s, const struct rule *rule, const struct recount *line,
    zone_find *zones, void *ctx, const char **ret)
{
    struct recounting c = {.s = s, .line = line, .rule = *rule};
    struct credit credit = {0};
    TRY(stated_read(&c, zones, ctx));
    *ret = NULL;
    if (c.whole)
        TRY(alone_settle_caps(&c, rule, ret));
    if (*ret)
        return RC_OK;
    TRY(settle(&c, &credit));
    if (!credit.n_lines) {
        *ret = "no line follows from it";
        return RC_OK;
    }
    return compare(&c, rule, &credit.lines[0], ret);
}
