/* Formats amounts for pages. */
#include <string.h>

#include "api/console/console.h"
#include "core/json.h"
#include "core/money.h"
#include "templates/label.h"

void console_money(struct call *c, json_t *object, const char *member, const char *as)
{
    const json_t *minor = json_object_get(object, member);
    const char *currency = json_get_text(object, "currency");
    json_object_set_new(object, as,
        json_is_integer(minor) && currency
            ? json_string(label_money(c->s, json_integer_value(minor), currency, console_locale(c)))
            : json_null());
}

void console_money_all(struct call *c, json_t *list, const char *member, const char *as)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) console_money(c, one, member, as);
}

json_t *console_basis_points(const char *text)
{
    static const char digits[] = "0123456789";
    size_t whole = strspn(text, digits), part = 0, n = 0;
    json_int_t bp = 0;
    for (; n < whole; n++)
        bp = bp * 10 + (text[n] - '0');
    if (text[n] == '.' || text[n] == ',')
        part = strspn(text + ++n, digits);
    if (!whole || whole > 5 || part > 2 || text[n + part] || (n > whole && !part))
        return json_string(text);
    for (size_t i = 0; i < 2; i++)
        bp = bp * 10 + (i < part ? text[n + i] - '0' : 0);
    return json_integer(bp);
}

const char *console_percent(struct call *c, const json_t *bp)
{
    const char *text = money_amount(c->s, json_integer_value(bp), 2);
    size_t len = strlen(text);
    return !strcmp(text + len - 3, ".00") ? scope_strndup(c->s, text, len - 3) : text;
}
