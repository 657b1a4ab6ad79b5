/* /staff/subscribers/imports: import subscribers from a file or pasted lines. A dry run previews
 * the changes and keeps the lines; then exactly these lines are imported. */
#include <stdio.h>
#include <string.h>

#include "api/readers/reader.h"
#include "api/console/confirm.h"
#include "api/console/console.h"
#include "core/json.h"
#include "templates/label.h"

/* Do not wait for longer imports: a page shows their progress. */
enum { WAIT_OCTETS = 256 * 1024, WAIT_ROWS = 5000 };

static bool is_state(json_t *import, const char *state)
{
    return !strcmp(json_get_text(import, "state"), state);
}

static bool is_running(json_t *import)
{
    static const char *const running[] = {
        "waiting", "reading", "comparing", "writing", "undoing", NULL};
    return shape_one_of(running, json_get_text(import, "state"));
}

static json_t *worded(struct call *c, json_t *import)
{
    size_t i;
    json_t *one;
    console_word(c, import, "state", "import_state");
    json_array_foreach(json_object_get(import, "groups"), i, one)
    {
        const char *outcome = json_get_text(one, "outcome");
        json_object_set_new(one, "wrong", json_boolean(!strcmp(outcome, "invalid")));
        console_word(c, one, "outcome", "import_outcome");
    }
    return import;
}

/* The form with the list. */
static enum rc show_all(struct call *c, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *imports, *one;
    size_t i;
    TRY(console_page_rows(c, context, "/v1/imports?limit=50", &imports));
    json_array_foreach(imports, i, one) worded(c, one);
    console_put_problem(c, context, problem);
    json_object_set(context, "imports", imports);
    json_object_set_new(
        context, "lines", json_string(c->form ? form_text(c->form, "lines", "") : ""));
    return console_reply(c, "subscribers/imports", context);
}

enum rc console_imports(struct call *c)
{
    return show_all(c, NULL);
}

static void put(json_t *context, const char *name, bool value)
{
    json_object_set_new(context, name, json_boolean(value));
}

static enum rc show_one(struct call *c, json_t *import, json_t *problem)
{
    json_t *context = json_own(c->s, json_object());
    bool dry = json_is_true(json_object_get(import, "dry_run")), done = is_state(import, "done");
    bool kept = !json_is_null(json_object_get(import, "kept_until"));
    bool used = !json_is_null(json_object_get(import, "imported_as"));
    console_put_problem(c, context, problem);
    put(context, "undoable", !dry && done);
    put(context, "looked", dry && done);
    put(context, "undone", is_state(import, "undone"));
    put(context, "appliable", dry && done && kept);
    put(context, "gone", dry && done && !kept && !used);
    put(context, "live", is_running(import));
    put(context, "undoing", is_state(import, "undoing"));
    put(context, "more", json_get_int(import, "unlisted") > 0);
    json_object_set(context, "o", label_set(c->s, console_locale(c), "import_outcome"));
    json_object_set(context, "import", worded(c, import));
    return console_reply(c, "subscribers/import", context);
}

static enum rc go_to(struct call *c, json_t *import)
{
    long long id = json_get_int(import, "id");
    return console_go(c, "/staff/subscribers/imports/%lld", id);
}

/* The selected file, or without one, the pasted lines. */
static enum rc gather(struct call *c, off_t *ret_size)
{
    FILE *file = c->request->upload;
    const char *lines = form_text(c->form, "lines", "");
    if (fseeko(file, 0, SEEK_END) != 0)
        return fail(c->s, RC_RETRY, "cannot read the file: %m");
    if (ftello(file) == 0 && fwrite(lines, 1, strlen(lines), file) != strlen(lines))
        return fail(c->s, RC_RETRY, "cannot keep the lines: %m");
    *ret_size = ftello(file);
    rewind(file);
    return RC_OK;
}

enum rc console_imports_post(struct call *c)
{
    json_t *reply;
    off_t size = 0;
    TRY(gather(c, &size));
    const char *target = scope_printf(c->s, "/v1/subscribers/import?dry_run=true&keep=true&wait=%s",
        size <= WAIT_OCTETS ? "true" : "false");
    c->keeps_upload = true;
    return console_upload(c, target, c->request->upload, &reply) ? go_to(c, reply)
                                                                 : show_all(c, reply);
}

static const char *of_import(struct call *c, const char *tail)
{
    return scope_printf(c->s, "/v1/imports/%s%s", console_escaped(c, c->param[0]), tail);
}

static enum rc show_again(struct call *c, json_t *problem)
{
    json_t *import;
    TRY(console_get(c, of_import(c, ""), &import));
    return show_one(c, import, problem);
}

enum rc console_import(struct call *c)
{
    return show_again(c, NULL);
}

/* Show a finished import at once: its page contains the secrets of new webhooks, only once. */
static enum rc apply(struct call *c)
{
    json_t *reply, *import;
    TRY(console_get(c, of_import(c, ""), &import));
    bool skip = *form_text(c->form, "skip", "");
    bool waits = json_get_int(import, "rows") <= WAIT_ROWS;
    const char *target = scope_printf(
        c->s, "/apply?skip_invalid=%s&wait=%s", skip ? "true" : "false", waits ? "true" : "false");
    if (!console_call(c, POST, of_import(c, target), NULL, &reply))
        return show_one(c, import, reply);
    return waits ? show_one(c, reply, NULL) : go_to(c, reply);
}

enum rc console_import_post(struct call *c)
{
    json_t *reply;
    const char *what = form_text(c->form, "do", "");
    if (!strcmp(what, "import"))
        return apply(c);
    if (strcmp(what, "cancel") != 0 && !confirm_given(c))
        return confirm_ask(c, "import_undo", json_object(),
            scope_printf(c->s, "/staff/subscribers/imports/%s", console_escaped(c, c->param[0])));
    TRY(console_get(c, of_import(c, ""), &reply));
    const char *tail = !strcmp(what, "cancel")                    ? "/cancel"
                       : json_get_int(reply, "rows") <= WAIT_ROWS ? "/undo"
                                                                  : "/undo?wait=false";
    if (console_call(c, POST, of_import(c, tail), NULL, &reply))
        return console_go(c, "/staff/subscribers/imports/%s", console_escaped(c, c->param[0]));
    return show_again(c, reply);
}
