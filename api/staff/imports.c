/* /staff/subscribers/imports: bring subscribers in. What would change comes first; the lines
 * stay in the form until they are imported, so nothing of them is kept here. */
#include <stdio.h>
#include <string.h>

#include "api/reader.h"
#include "api/staff/desk.h"
#include "core/json.h"
#include "templates/label.h"

static void close_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

static json_t *worded(struct call *c, json_t *import)
{
    size_t i;
    json_t *one;
    desk_word(c, import, "state", "import_state");
    json_array_foreach(json_object_get(import, "groups"), i, one)
        desk_word(c, one, "outcome", "import_outcome");
    return import;
}

static void put_outcomes(struct call *c, json_t *context)
{
    json_object_set(context, "o", label_set(c->s, desk_locale(c), "import_outcome"));
}

/* The form with the list; import: what was looked at, or NULL. */
static enum rc show_all(struct call *c, json_t *import, json_t *problem)
{
    struct form form = {0};
    json_t *context = json_own(c->s, json_object()), *list, *one;
    size_t i;
    if (!c->form)
        TRY(form_read(c, &form));
    STRBUF(more, 512);
    desk_query(c, &more, "cursor", form_text(&form, "cursor", NULL));
    TRY(desk_get(c, scope_printf(c->s, "/v1/imports?limit=50%s", strbuf_copy(&more, c->s)), &list));
    json_array_foreach(json_object_get(list, "data"), i, one) worded(c, one);
    if (problem)
        desk_put_problem(c, context, problem);
    put_outcomes(c, context);
    json_object_set(context, "imports", json_object_get(list, "data"));
    json_object_set(context, "next_cursor", json_object_get(list, "next_cursor"));
    json_object_set(context, "import", import ? worded(c, import) : json_own(c->s, json_null()));
    json_object_set_new(
        context, "lines", json_string(c->form ? form_text(c->form, "lines", "") : ""));
    return desk_reply(c, "subscribers_imports", context);
}

enum rc desk_imports(struct call *c)
{
    return show_all(c, NULL, NULL);
}

static enum rc show_one(struct call *c, json_t *import, json_t *problem)
{
    json_t *context = json_own(c->s, json_object());
    const char *state = json_string_value(json_object_get(import, "state"));
    bool dry = json_is_true(json_object_get(import, "dry_run"));
    if (problem)
        desk_put_problem(c, context, problem);
    json_object_set_new(context, "undoable", json_boolean(!dry && !strcmp(state, "done")));
    json_object_set_new(context, "undone", json_boolean(!strcmp(state, "undone")));
    put_outcomes(c, context);
    json_object_set(context, "import", worded(c, import));
    return desk_reply(c, "subscribers_import", context);
}

/* The lines of the form as the body of an import. */
static enum rc send(struct call *c, const char *options, bool *ret_good, json_t **ret_reply)
{
    const char *lines = form_text(c->form, "lines", "");
    CLEANUP(close_file) FILE *file = tmpfile();
    if (!file || fwrite(lines, 1, strlen(lines), file) != strlen(lines) || fflush(file) != 0)
        return fail(c->s, RC_INTERNAL, "no temporary file for the lines: %m");
    rewind(file);
    const char *target = scope_printf(c->s, "/v1/subscribers/import?%s", options);
    *ret_good = desk_upload(c, target, file, ret_reply);
    return RC_OK;
}

enum rc desk_imports_do(struct call *c)
{
    json_t *reply;
    bool good, look = strcmp(form_text(c->form, "do", ""), "import") != 0;
    bool skip = *form_text(c->form, "skip", "");
    TRY(send(c,
        look   ? "dry_run=true"
        : skip ? "skip_invalid=true"
               : "skip_invalid=false",
        &good, &reply));
    if (!good)
        return show_all(c, NULL, reply);
    return look ? show_all(c, reply, NULL) : show_one(c, reply, NULL);
}

static const char *of_import(struct call *c, const char *tail)
{
    return scope_printf(c->s, "/v1/imports/%s%s", desk_escaped(c, c->param[0]), tail);
}

enum rc desk_import(struct call *c)
{
    json_t *import;
    TRY(desk_get(c, of_import(c, ""), &import));
    const char *state = json_string_value(json_object_get(import, "state"));
    if (!strcmp(state, "waiting") || strstr(state, "ing"))
        reply_header(c, "Refresh", "2");
    return show_one(c, import, NULL);
}

enum rc desk_import_do(struct call *c)
{
    json_t *reply, *import;
    if (desk_do(c, POST, of_import(c, "/undo"), NULL, &reply))
        return desk_go(c, "/staff/subscribers/imports/%s", desk_escaped(c, c->param[0]));
    TRY(desk_get(c, of_import(c, ""), &import));
    return show_one(c, import, reply);
}
