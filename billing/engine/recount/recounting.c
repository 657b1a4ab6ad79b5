#include "billing/engine/recount/recounting.h"

#include <string.h>

#include "billing/engine/recount/outages.h"
#include "core/json.h"

bool stated_is_of(const json_t *json, const struct base *base)
{
    const char *product = json_get_text(json, "product");
    return base->product ? product && !strcmp(product, base->product) : !product;
}

enum rc stated_spans(
    struct recounting *c, const json_t *list, const struct base *base, struct spans *ret)
{
    const json_t *one;
    size_t i;
    json_array_foreach((json_t *)list, i, one)
    {
        struct span span;
        if (!stated_is_of(one, base))
            continue;
        TRY(outages_span(c->s, one, &span));
        spans_add(c->s, ret, span.from, span.to, span.weight);
    }
    return RC_OK;
}
