#include "api/console/variants.h"

#include "api/readers/reader.h"

enum { VARIANTS = 4 };

static const char *field(struct call *c, const char *part, int n)
{
    return c->form ? form_text(c->form, scope_printf(c->s, "%s:%d", part, n), "") : "";
}

json_t *variants_rows(struct call *c)
{
    json_t *rows = json_array();
    for (int n = 1; n <= VARIANTS; n++) {
        const char *locale = field(c, "locale", n);
        json_array_append_new(
            rows, json_pack("{s:i, s:s, s:s, s:s, s:b}", "n", n, "locale", locale, "subject",
                      field(c, "subject", n), "body", field(c, "body", n), "blank", !*locale));
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
