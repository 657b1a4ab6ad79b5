#include "billing/words/letter.h"

#include <stdlib.h>
#include <string.h>

#include "billing/words/working_numbers.h"
#include "core/json.h"
#include "templates/label.h"
#include "core/strbuf.h"
#include "templates/translation.h"

enum { TEXT_MAX = 256 * 1024 };

/* {ref: title} in the locale. */
static json_t *titles_in(struct scope *s, const json_t *titles, const char *locale)
{
    json_t *names = json_own(s, json_object()), *one;
    const char *ref;
    json_object_foreach((json_t *)titles, ref, one)
    {
        struct translation title = translation_of(
            s, json_get_text(one, "in"), locale, "title", json_get_text(one, "title"));
        json_object_set_new(names, ref, json_string(title.text));
    }
    return names;
}

static void put_line(const struct words_working *w, const json_t *line, struct strbuf *b)
{
    json_t *sentences = words_working(w), *one;
    size_t i;
    strbuf_addf(b, "%s%s \u2013 %s: %s", b->len ? "\n\n" : "",
        label_day(w->s, w->locale, json_get_word(line, "from")),
        label_day(w->s, w->locale, json_get_word(line, "to")),
        working_money(w, json_get_int(line, "minor")));
    json_array_foreach(sentences, i, one) strbuf_addf(b, "\n\u2022 %s", json_string_value(one));
    json_decref(sentences);
}

const char *words_letter(struct scope *s, const char *why, const char *locale)
{
    json_t *all = NULL, *line;
    size_t i;
    STRBUF(b, TEXT_MAX);
    /* Of our own SQL. */
    if (why && json_parse(s, why, strlen(why), &all) != RC_OK)
        abort();
    const json_t *titles = titles_in(s, json_object_get(all, "titles"), locale);
    json_array_foreach(json_object_get(all, "lines"), i, line)
    {
        const json_t *explain = json_object_get(line, "explain");
        put_line(&(struct words_working){.s = s,
                     .locale = locale,
                     .currency = json_get_word(line, "currency"),
                     .timezone = json_get_word(explain, "timezone"),
                     .explain = explain,
                     .titles = titles,
                     .brief = true},
            line, &b);
    }
    return strbuf_copy(&b, s);
}
