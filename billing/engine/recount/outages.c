#include "billing/engine/recount/outages.h"

#include <string.h>

#include "billing/engine/evidence/read_member.h"
#include "billing/engine/weight/weight.h"
#include "core/json.h"

enum rc outages_span(struct scope *s, const json_t *json, struct span *ret)
{
    const char *exact = json_get_text(json, "weight");
    mpq_srcptr weight;
    int64_t bp;
    TRY(member_time(s, json, "windows", "from", &ret->from));
    TRY(member_time(s, json, "windows", "to", &ret->to));
    TRY(member_int(s, json, "windows", "weight_bp", 0, 10000, 0, &bp));
    if (ret->from >= ret->to)
        return fail_field(s, RC_INVALID, "windows", "must last some time");
    ret->weight = bp * 10000;
    if (exact &&
        (!rat_parse(s, exact, &weight) || !rat_int(rat_times(s, weight, 10000), &ret->weight)))
        return fail_field(s, RC_INVALID, "windows.weight", "must be a number of basis points");
    return RC_OK;
}

/* The instant from which an incident counts: INT64_MIN without grace. */
static enum rc grace_of(
    struct rating *r, const json_t *counting, const char *incident, int64_t *ret)
{
    const json_t *list = json_object_get(counting, "grace"), *one;
    int64_t from;
    size_t i;
    *ret = INT64_MIN;
    json_array_foreach((json_t *)list, i, one)
    {
        if (strcmp(json_get_word(one, "incident"), incident) != 0)
            continue;
        TRY(member_time(r->s, one, "grace", "from", &from));
        TRY(member_time(r->s, one, "grace", "to", ret));
        if (*ret != grace_ends(r, from))
            return fail_field(r->s, RC_INVALID, "grace.to", "does not follow from grace.from");
        return RC_OK;
    }
    return r->rule->grace.given
               ? fail_field(r->s, RC_INVALID, "grace", "must be stated for each incident")
               : RC_OK;
}

enum rc outages_weight(
    struct rating *r, const struct base *base, const json_t *counting, struct weight *ret)
{
    const json_t *list = json_object_get(counting, "stretches"), *one;
    struct spans all = {0};
    size_t i;
    json_array_foreach((json_t *)list, i, one)
    {
        struct span span;
        int64_t start;
        TRY(outages_span(r->s, one, &span));
        TRY(grace_of(r, counting, json_get_word(one, "incident"), &start));
        start = start > span.from ? start : span.from;
        if (start < span.to)
            spans_add(r->s, &all, start, span.to, span.weight);
    }
    *ret = weight_join(r, base, &all);
    return RC_OK;
}
