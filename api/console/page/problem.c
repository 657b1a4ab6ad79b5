/* What is wrong with a form, or with a request for a page. */
#include <stdlib.h>
#include <string.h>

#include "api/call/page.h"
#include "api/console/console.h"
#include "api/forms/mark.h"
#include "api/forms/words.h"
#include "core/json.h"
#include "templates/label.h"

static json_t *worded(struct call *c, const char *field, const char *message)
{
    const struct form_words in = {
        .locale = console_locale(c), .set = "staff_wrong", .field = field};
    const char *text = form_words(c->s, &in, message);
    return json_string(text ? text : form_sentence(c->s, message));
}

static json_t *errors_of(struct call *c, json_t *problem)
{
    json_t *list = json_array(), *one;
    size_t i;
    json_array_foreach(json_object_get(problem, "errors"), i, one)
    {
        const char *field = json_get_text(one, "field");
        json_t *error = json_object();
        json_object_set(error, "field", json_object_get(one, "field"));
        /* Where the form's name differs, its own has been put beside it. */
        json_t *named = json_object_get(one, "control");
        if (named)
            json_object_set(error, "field", named);
        json_object_set_new(error, "text", worded(c, field, json_get_word(one, "detail")));
        json_array_append_new(list, error);
    }
    return list;
}

void console_put_problem(struct call *c, json_t *context, json_t *problem)
{
    if (!problem)
        return;
    json_t *errors = errors_of(c, problem), *shown = json_object();
    const char *detail = json_get_text(problem, "detail");
    detail = detail ? detail : json_get_word(problem, "title");
    json_object_set_new(
        shown, "detail", json_array_size(errors) ? json_null() : worded(c, NULL, detail));
    json_object_set_new(shown, "errors", errors);
    json_object_set_new(context, "problem", shown);
}

void console_put_error(struct call *c, json_t *context, const char *field, const char *label)
{
    const char *text = label_text(c->s, console_locale(c), "staff", label);
    json_object_set_new(context, "problem",
        json_pack("{s:n, s:[{s:s, s:s}]}", "detail", "errors", "field", field, "text", text));
}

json_t *console_fault(struct call *c)
{
    json_t *errors = json_array();
    const struct fault *first = &c->s->fault;
    for (const struct fault *one = first->field ? first : NULL; one; one = one->more)
        json_array_append_new(
            errors, json_pack("{s:s, s:s}", "field", one->field, "detail", one->message));
    return json_own(c->s, json_pack("{s:s, s:o}", "detail", first->message, "errors", errors));
}

void console_name_rows(struct call *c, json_t *problem, const char *list, struct texts keys)
{
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(problem, "errors"), i, one)
    {
        const char *field = json_get_word(one, "field");
        size_t len = strlen(list);
        if (strncmp(field, list, len) != 0 || field[len] != '[')
            continue;
        char *end;
        size_t row = strtoul(field + len + 1, &end, 10);
        if (row < keys.n && !strncmp(end, "].", 2))
            json_object_set_new(
                one, "control", json_string(scope_printf(c->s, "%s:%s", end + 2, keys.at[row])));
    }
}

void console_mark(struct call *c, const json_t *context)
{
    const json_t *problem = json_object_get(context, "problem"),
                 *list = json_object_get(problem, "errors");
    size_t n = json_array_size(list);
    struct form_error *errors = SCOPE_ARRAY(c->s, struct form_error, n + 1);
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(list, i);
        errors[i] = (struct form_error){
            .field = json_get_text(one, "field"), .text = json_get_word(one, "text")};
    }
    const struct form_mark mark = {
        .typed = {.at = c->form ? c->form->at : NULL, .n = c->form ? c->form->n : 0},
        .errors = errors,
        .n_errors = n,
        .heading = label_text(c->s, console_locale(c), "staff", "correct_these")};
    if (json_is_object(problem))
        form_mark(c->s, &mark, &c->reply.body);
}

enum rc console_failure(struct call *c, int status, const char *detail)
{
    json_t *context = json_own(c->s, json_object());
    if (!c->staff && c->api->staff->recognise(c) != RC_OK)
        c->staff = NULL;
    struct page_fault fault = page_fault_of(c, console_locale(c), status, detail);
    console_title(context, fault.title);
    json_object_set_new(context, "text", json_string(fault.text));
    json_object_set_new(context, "request_id", json_string(c->request->id));
    return console_reply(c, "failure", context);
}
