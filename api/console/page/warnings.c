#include "api/console/console.h"
#include "api/credits/warning_words.h"

json_t *console_warnings(struct call *c, json_t *list)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) warning_words(c->s, console_locale(c), one);
    return list;
}
