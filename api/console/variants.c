#include "api/console/variants.h"

#include "api/readers/reader.h"
#include "core/json.h"

enum { VARIANTS = 4 };

static const char *field(struct call *c, const char *part, int n)
{
    return c->form ? form_text(c->form, scope_printf(c->s, "%s:%d", part, n), "") : "";
}

static json_t *row(int n, const char *locale, const char *subject, const char *body)
{
    return json_pack("{s:i, s:s, s:s, s:s, s:b}", "n", n, "locale", locale, "subject", subject,
        "body", body, "blank", !*locale);
}

json_t *variants_rows(struct call *c, const json_t *start)
{
    json_t *rows = json_array(), *one;
    const char *key;
    int n = 1;
    if (!c->form)
        json_object_foreach((json_t *)start, key, one) if (n < VARIANTS) json_array_append_new(
            rows, row(n++, key, json_get_word(one, "subject"), json_get_word(one, "body")));
    for (; n <= VARIANTS; n++) {
        const char *locale = field(c, "locale", n);
        json_array_append_new(rows, row(n, locale, field(c, "subject", n), field(c, "body", n)));
        if (!*locale)
            break;
    }
    return rows;
}

json_t *variants_typed(struct call *c)
{
    json_t *variants = json_object();
    for (int n = 1; n <= VARIANTS; n++) {
        const char *locale = field(c, "locale", n);
        if (*locale)
            json_object_set_new(variants, locale,
                json_pack(
                    "{s:s, s:s}", "subject", field(c, "subject", n), "body", field(c, "body", n)));
    }
    return variants;
}
