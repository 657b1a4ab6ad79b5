#include "templates/label.h"

#include <pthread.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/money.h"
#include "core/strbuf.h"
#include "templates/files.h"
#include "templates/locale.h"

enum { LABEL_MAX = 64 * 1024 };

const char *locale_wider(struct scope *s, const char *locale)
{
    size_t cut = strlen(locale);
    while (cut && locale[cut] != '-' && locale[cut] != '_')
        cut--;
    if (cut)
        return scope_strndup(s, locale, cut);
    return strcmp(locale, "en") ? "en" : NULL;
}

/* The labels of a file, parsed once and kept; read-only afterwards. */
static const json_t *labels_of(const struct embed *file)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static json_t *all;
    if (!file)
        return NULL;
    pthread_mutex_lock(&lock);
    if (!all)
        all = json_object();
    json_t *labels = json_object_get(all, file->path);
    if (!labels) {
        labels = json_loadb(file->text, file->len, 0, NULL);
        json_object_set_new(all, file->path, labels);
    }
    pthread_mutex_unlock(&lock);
    return labels;
}

/* A set of a language: the installation's, then the executable's; either may be NULL. */
static void sets_of(struct scope *s, const char *locale, const char *set, const json_t *ret_sets[2])
{
    if (!strcmp(locale, "pt")) /* the one Portuguese there is */
        locale = "pt-BR";
    const char *path = scope_printf(s, "templates/labels/%s.json", locale);
    ret_sets[0] = json_object_get(labels_of(template_files_own(path)), set);
    ret_sets[1] = json_object_get(labels_of(embed_find(path)), set);
}

static const char *label_in(struct scope *s, const char *locale, const char *set, const char *key)
{
    const json_t *sets[2];
    sets_of(s, locale, set, sets);
    const char *label = json_get_text(sets[0], key);
    return label ? label : json_get_text(sets[1], key);
}

static json_t *added; /* {SET: {KEY: TEXT}} */

void label_add(const char *set, const char *key, const char *text)
{
    if (!added)
        added = json_object();
    if (!json_object_get(added, set))
        json_object_set_new(added, set, json_object());
    json_object_set_new(json_object_get(added, set), key, json_string(text));
}

const char *label_text(struct scope *s, const char *locale, const char *set, const char *key)
{
    if (!key)
        return NULL;
    for (locale = locale && *locale ? locale : "en"; locale; locale = locale_wider(s, locale)) {
        const char *label = label_in(s, locale, set, key);
        if (label)
            return label;
    }
    const char *label = json_get_text(json_object_get(added, set), key);
    return scope_strdup(s, label ? label : key);
}

/* Append the named value; false if there is none. */
static bool add_value(struct strbuf *b, const json_t *value)
{
    if (json_is_integer(value))
        strbuf_addf(b, "%lld", (long long)json_integer_value(value));
    else if (json_is_string(value))
        strbuf_addstr(b, json_string_value(value));
    else
        return false;
    return true;
}

const char *label_fill(struct scope *s, const char *label, const json_t *values)
{
    STRBUF(b, LABEL_MAX);
    for (const char *open; (open = strchr(label, '{'));) {
        const char *close = strchr(open, '}');
        if (!close)
            break;
        strbuf_add(&b, label, (size_t)(open - label));
        const char *name = scope_strndup(s, open + 1, (size_t)(close - open - 1));
        if (!add_value(&b, json_object_get(values, name)))
            strbuf_add(&b, open, (size_t)(close + 1 - open));
        label = close + 1;
    }
    strbuf_addstr(&b, label);
    return strbuf_copy(&b, s);
}

static void add_missing(json_t *all, const json_t *set)
{
    const char *key;
    json_t *label;
    json_object_foreach((json_t *)set, key, label)
    {
        if (!json_object_get(all, key))
            json_object_set_new(all, key, json_string(json_string_value(label)));
    }
}

json_t *label_set(struct scope *s, const char *locale, const char *set)
{
    json_t *all = json_own(s, json_object());
    for (locale = locale && *locale ? locale : "en"; locale; locale = locale_wider(s, locale)) {
        const json_t *sets[2];
        sets_of(s, locale, set, sets);
        add_missing(all, sets[0]);
        add_missing(all, sets[1]);
    }
    return all;
}

/* The locale if there are labels in its language, else English. */
static const char *locale_of_times(struct scope *s, const char *locale)
{
    const char *known = locale;
    while (strcmp(known, "en") != 0 && !label_in(s, known, "state", "resolved"))
        known = locale_wider(s, known);
    return !strncmp(locale, known, strlen(known)) ? locale : known;
}

const char *label_time(struct scope *s, const char *locale, int64_t us, const char *zone)
{
    return clock_text(s, us, zone, locale_of_times(s, locale));
}

const char *label_time_seconds(struct scope *s, const char *locale, int64_t us, const char *zone)
{
    return clock_text_seconds(s, us, zone, locale_of_times(s, locale));
}

const char *label_day(struct scope *s, const char *locale, const char *day)
{
    return clock_text_day(s, day, locale_of_times(s, locale));
}

const char *label_times(
    struct scope *s, const char *locale, int64_t from, int64_t to, const char *zone)
{
    return clock_text_span(s, from, to, zone, locale_of_times(s, locale));
}

const char *label_money(struct scope *s, int64_t minor, const char *currency, const char *locale)
{
    if (strcmp(currency, "DAY") != 0)
        return money_local(s, minor, currency, locale);
    const char *text = money_amount(s, minor, 2);
    size_t len = strlen(text);
    while (text[len - 1] == '0')
        len--;
    len -= text[len - 1] == '.';
    const char *n = decimal_local(s, scope_strndup(s, text, len), locale);
    return label_fill(s, label_text(s, locale, "policy_words", minor == 100 ? "day" : "days"),
        json_own(s, json_pack("{s:s}", "n", n)));
}

const char *label_span(struct scope *s, const char *locale, int64_t seconds)
{
    static const struct {
        const char *unit;
        int64_t seconds;
    } units[] = {{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}};
    const char *text = "";
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        int64_t n = seconds / units[i].seconds;
        seconds %= units[i].seconds;
        if (!n && (*text || units[i].seconds > 1))
            continue;
        json_t *values = json_own(s, json_pack("{s:I}", "n", (json_int_t)n));
        const char *unit = label_text(s, locale, "credit_unit", units[i].unit);
        text = scope_printf(s, "%s%s%s", text, *text ? " " : "", label_fill(s, unit, values));
    }
    return text;
}
