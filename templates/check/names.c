#include "templates/check/names.h"

#include <string.h>

#include "core/json.h"
#include "templates/files.h"

#define LABELS "templates/labels/"
#define CHANNELS "templates/channels/"

static void add(struct strbuf *faults, const char *line)
{
    strbuf_addf(faults, "%s%s", faults->len ? "\n" : "", line);
}

static void add_locale(json_t *locales, const char *locale)
{
    size_t i;
    const json_t *known;
    json_array_foreach(locales, i, known)
    {
        if (!strcmp(json_string_value(known), locale))
            return;
    }
    json_array_append_new(locales, json_string(locale));
}

static unsigned line_of(const char *text, const char *at)
{
    unsigned line = 1;
    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

/* Does a template of the installation include the partial? */
static bool is_included(struct scope *s, const char *name)
{
    size_t n;
    const struct embed *files = template_files(&n);
    const char *tight = scope_printf(s, "{{>%s}}", name);
    const char *loose = scope_printf(s, "{{> %s}}", name);
    for (size_t i = 0; i < n; i++)
        if (strstr(files[i].text, tight) || strstr(files[i].text, loose))
            return true;
    return false;
}

static const char *check_template(
    struct scope *s, const struct embed *file, const char *path, json_t *locales)
{
    const char *name = strrchr(path, '/') + 1;
    size_t kind = strcspn(name, ".");
    const char *locale = name + kind + (name[kind] == '.');
    size_t len = strcspn(locale, ".");
    if (!template_files_may(path) || !len || !locale[len])
        return scope_printf(
            s, "%s: replaces no template (amends template list shows them)", file->path);
    const char *built_in =
        scope_printf(s, "%.*s.en%s", (int)(name - path + (long)kind), path, locale + len);
    if (!embed_find(built_in) && !is_included(s, scope_strndup(s, name, kind)))
        return scope_printf(s,
            "%s: replaces no template, and no template includes {{>%.*s}} (amends template list "
            "shows them)",
            file->path, (int)kind, name);
    add_locale(locales, scope_strndup(s, locale, len));
    return NULL;
}

/* Every {name} of the label must be one of the English label. */
static const char *unknown_place(struct scope *s, const char *label, const char *english)
{
    for (const char *open = label; (open = strchr(open, '{')); open++) {
        size_t len = strcspn(open, "}") + 1;
        const char *place = scope_strndup(s, open, len);
        if (open[1] != '{' && (open == label || open[-1] != '{') && !strstr(english, place))
            return place;
    }
    return NULL;
}

static void check_label(struct scope *s, const struct embed *file, const char *set, const char *key,
    const json_t *label, const json_t *english, struct strbuf *faults)
{
    const char *at = strstr(file->text, scope_printf(s, "\"%s\"", key));
    const char *known = json_get_text(english, key), *place = NULL;
    const char *where =
        scope_printf(s, "%s:%u", file->path, line_of(file->text, at ? at : file->text));
    if (!known)
        add(faults, scope_printf(s, "%s: no label %s.%s", where, set, key));
    else if (!json_is_string(label))
        add(faults, scope_printf(s, "%s: %s.%s must be a text", where, set, key));
    else if ((place = unknown_place(s, json_string_value(label), known)))
        add(faults, scope_printf(s, "%s: %s.%s cannot contain %s", where, set, key, place));
}

static void check_labels(struct scope *s, const struct embed *file, struct strbuf *faults)
{
    const struct embed *english = embed_find(LABELS "en.json");
    json_error_t error;
    const char *set, *key;
    json_t *own = json_loadb(file->text, file->len, JSON_REJECT_DUPLICATES, &error), *labels;
    json_t *known = json_own(s, json_loadb(english->text, english->len, 0, NULL)), *label;
    if (!json_is_object(own)) {
        add(faults, scope_printf(s, "%s:%d:%d: %s", file->path, own ? 1 : error.line,
                        own ? 1 : error.column, own ? "must be an object of sets" : error.text));
        json_decref(own);
        return;
    }
    json_own(s, own);
    json_object_foreach(own, set, labels)
    {
        const json_t *sets = json_object_get(known, set);
        if (!sets || !json_is_object(labels))
            add(faults, scope_printf(s, "%s: no set of labels \"%s\"", file->path, set));
        else
            json_object_foreach(labels, key, label)
                check_label(s, file, set, key, label, sets, faults);
    }
}

static bool is_labels(const char *name)
{
    size_t len = strcspn(name, ".");
    return len && !strcmp(name + len, ".json");
}

void template_names_check(struct scope *s, json_t *locales, struct strbuf *faults)
{
    size_t n;
    const struct embed *files = template_files(&n);
    for (size_t i = 0; i < n; i++) {
        const char *path = template_files_path(s, &files[i]), *fault = NULL;
        if (!strncmp(path, CHANNELS, strlen(CHANNELS)))
            continue; /* messages/channels.h checks these */
        if (strncmp(path, LABELS, strlen(LABELS)) != 0) {
            fault = check_template(s, &files[i], path, locales);
        } else if (is_labels(path + strlen(LABELS))) {
            check_labels(s, &files[i], faults);
            add_locale(locales,
                scope_strndup(s, path + strlen(LABELS), strcspn(path + strlen(LABELS), ".")));
        } else {
            fault = scope_printf(s, "%s: must be named like de.json", files[i].path);
        }
        if (fault)
            add(faults, fault);
    }
}
