#include "billing/words/say.h"

#include <inttypes.h>
#include <string.h>

#include "core/json.h"
#include "core/money.h"
#include "templates/label.h"

const char *say(const struct policy_words *p, const char *label, json_t *values)
{
    const char *text = label_text(p->s, p->locale, "policy_words", label);
    return label_fill(p->s, text, json_own(p->s, values));
}

const char *say_count(const struct policy_words *p, const char *label, int64_t n)
{
    const char *form = n == 1 ? scope_printf(p->s, "%s_one", label) : label;
    return say(p, form, json_pack("{s:I}", "n", (json_int_t)n));
}

void add(json_t *list, const char *text)
{
    json_array_append_new(list, json_string(text));
}

const char *field(const json_t *of, const char *name, const char *otherwise)
{
    const char *value = json_get_text(of, name);
    return value ? value : otherwise;
}

const char *decimal(const struct policy_words *p, const char *number)
{
    return decimal_local(p->s, number, p->locale);
}

const char *percent(const struct policy_words *p, int64_t bp)
{
    const char *text = scope_printf(p->s, "%" PRId64 ".%02" PRId64, bp / 100, bp % 100);
    size_t len = strlen(text);
    while (text[len - 1] == '0')
        len--;
    len -= text[len - 1] == '.';
    return decimal(p, scope_strndup(p->s, text, len));
}

const char *money_words(const struct policy_words *p, const char *currency, int64_t minor)
{
    return label_money(p->s, minor, currency, p->locale);
}

const char *amounts(const struct policy_words *p, const json_t *object)
{
    const char *currency, *text = "";
    json_t *minor;
    json_object_foreach((json_t *)object, currency, minor) text = scope_printf(p->s, "%s%s%s", text,
        *text ? ", " : "", money_words(p, currency, json_integer_value(minor)));
    return text;
}

const char *joined(const struct policy_words *p, const json_t *texts, const char *separator)
{
    const char *text = "";
    json_t *one;
    size_t i;
    json_array_foreach(texts, i, one) text =
        scope_printf(p->s, "%s%s%s", text, i ? separator : "", json_string_value(one));
    return text;
}

const char *window(const struct policy_words *p, const char *phrase)
{
    const char *unit = field(json_object_get(p->document, "window"), "unit", "billing");
    return say(p, scope_printf(p->s, "%s_%s", phrase, unit), json_object());
}
