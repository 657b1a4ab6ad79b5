#include "templates/files.h"
#include "templates/locale.h"
#include "templates/engine/template.h"
#include "templates/label.h"

#include <string.h>

enum { LABEL_MAX = 16 * 1024 };

/* Where the partials of an embedded template are: in its folder, or in one above. */
struct shelf {
    const char *folder; /* below templates/ */
    const char *locale;
    const char *suffix;
};

static const struct embed *shelf_find(struct scope *s, const struct shelf *shelf, const char *kind)
{
    const struct embed *file = NULL;
    int len = (int)strlen(shelf->folder);
    for (const char *slash; !file && len; len = slash ? (int)(slash - shelf->folder) : 0) {
        for (const char *locale = shelf->locale; !file && locale; locale = locale_wider(s, locale))
            file = template_files_find(scope_printf(
                s, "templates/%.*s/%s.%s.%s", len, shelf->folder, kind, locale, shelf->suffix));
        slash = memrchr(shelf->folder, '/', (size_t)len);
    }
    return file;
}

/* A phrase of the set "mail", escaped for where it stands; its tags are left. */
static const char *shelf_label(struct scope *s, const struct shelf *shelf, const char *name)
{
    const char *label = label_text(s, shelf->locale, "mail", name);
    if (!strcmp(label, name))
        return NULL;
    STRBUF(b, LABEL_MAX);
    for (; *label; label++)
        if (!strstr(shelf->suffix, "txt") && !strstr(shelf->suffix, "json") &&
            strchr("&<>", *label))
            strbuf_addf(&b, "&#%d;", *label);
        else if (strstr(shelf->suffix, "json") && strchr("\"\\", *label))
            strbuf_addf(&b, "\\%c", *label);
        else
            strbuf_addch(&b, *label);
    return strbuf_copy(&b, s);
}

static const char *shelf_partial(
    struct scope *s, const char *name, void *ctx, const char **ret_file)
{
    const struct shelf *shelf = ctx;
    if (*name == '@') {
        *ret_file = scope_printf(s, "label mail.%s (%s)", name + 1, shelf->locale);
        return shelf_label(s, shelf, name + 1);
    }
    const struct embed *file = shelf_find(s, shelf, name);
    if (!file)
        return NULL;
    *ret_file = file->path;
    return file->text;
}

static enum escape escape_of(const char *folder, const char *suffix)
{
    static const struct {
        const char *suffix;
        enum escape escape;
    } table[] = {
        {.suffix = "html", .escape = ESCAPE_HTML},
        {.suffix = "txt", .escape = ESCAPE_TEXT},
        {.suffix = "subject.txt", .escape = ESCAPE_HEADER},
        {.suffix = "slack.json", .escape = ESCAPE_SLACK_JSON},
        {.suffix = "json", .escape = ESCAPE_JSON},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!strcmp(table[i].suffix, suffix))
            return i || strcmp(folder, "email") != 0 ? table[i].escape : ESCAPE_MAIL;
    return ESCAPE_HTML;
}

static enum rc load(struct scope *s, const char *kind, const char *locale, const char *suffix,
    bool every, struct template **ret)
{
    const char *slash = strrchr(kind, '/');
    if (!slash)
        return fail(s, RC_NOT_FOUND, "no template %s", kind);
    struct shelf shelf = {.folder = scope_strndup(s, kind, (size_t)(slash - kind)),
        .locale = locale && *locale ? locale : "en",
        .suffix = suffix};
    const struct embed *file = shelf_find(s, &shelf, slash + 1);
    if (!file)
        return fail(s, RC_NOT_FOUND, "no template %s.%s", kind, suffix);
    struct template_options options = {.escape = escape_of(shelf.folder, suffix),
        .every = every,
        .partials = shelf_partial,
        .ctx = &shelf};
    return template_compile(s, file->path, file->text, &options, ret);
}

enum rc template_load(struct scope *s, const char *kind, const char *locale, const char *suffix,
    struct template **ret)
{
    return load(s, kind, locale, suffix, false, ret);
}

enum rc template_load_every(struct scope *s, const char *kind, const char *locale,
    const char *suffix, struct template **ret)
{
    return load(s, kind, locale, suffix, true, ret);
}
