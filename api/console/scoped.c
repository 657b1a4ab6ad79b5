#include "api/console/scoped.h"

#include <string.h>

#include "api/call/auth.h"
#include "api/call/form.h"
#include "api/console/console.h"
#include "api/forms/quoted.h"
#include "core/json.h"

static const char *typed(const struct call *c, const char *name)
{
    return c->form ? form_text(c->form, name, "") : "";
}

json_t *scoped_lines(struct call *c, const char *field)
{
    json_t *list = json_array();
    const char *at = typed(c, field);
    while (*(at += strspn(at, " \t\r\n"))) {
        size_t n = strcspn(at, "\r\n"), end = n;
        while (strchr(" \t", at[end - 1]))
            end--;
        json_array_append_new(list, json_stringn(at, end));
        at += n;
    }
    return list;
}

static json_t *labels_typed(struct call *c)
{
    json_t *lines = json_own(c->s, scoped_lines(c, "scope_labels")), *line, *labels = json_object();
    size_t i;
    json_array_foreach(lines, i, line)
    {
        const char *at = json_string_value(line);
        const char *key = json_string_value(json_own(c->s, quoted_word(&at, "=")));
        if (!*at) {
            json_object_set_new(labels, key, json_null());
            continue;
        }
        at++;
        if (!json_is_array(json_object_get(labels, key)))
            json_object_set_new(labels, key, json_array());
        json_array_append_new(json_object_get(labels, key), quoted_word(&at, ""));
    }
    return labels;
}

void scoped_add_label(struct call *c, struct strbuf *b, const char *key, const char *value)
{
    quoted_add(c->s, b, key, "=");
    strbuf_addch(b, '=');
    quoted_add(c->s, b, value, "");
    strbuf_addch(b, '\n');
}

json_t *scoped_typed(struct call *c)
{
    json_t *scope = json_own(c->s, json_object()), *labels = json_own(c->s, labels_typed(c));
    json_t *lines = json_own(c->s, scoped_lines(c, "scope_accounts")), *line, *accounts;
    size_t i;
    if (json_object_size(labels))
        json_object_set(scope, "labels", labels);
    if (*typed(c, "scope_list"))
        json_object_set_new(scope, "list", json_string(typed(c, "scope_list")));
    if (!json_array_size(lines))
        return scope;
    json_object_set_new(scope, "accounts", accounts = json_array());
    json_array_foreach(lines, i, line)
        json_array_append_new(accounts, json_pack("{s:O}", "account", line));
    return scope;
}

/* Account lists to choose from: [{name, accounts, selected}]. */
static enum rc lists_of(struct call *c, json_t **ret)
{
    json_t *one;
    size_t i;
    *ret = json_own(c->s, json_array());
    if (!auth_may(c->key, "accounts:read"))
        return RC_OK;
    TRY(console_rows(c, "/v1/account-lists?limit=200", ret));
    json_array_foreach(*ret, i, one) json_object_set_new(
        one, "selected", json_boolean(!strcmp(json_get_word(one, "name"), typed(c, "scope_list"))));
    return RC_OK;
}

enum rc scoped_put(struct call *c, json_t *context)
{
    const char *labels = typed(c, "scope_labels"), *accounts = typed(c, "scope_accounts");
    json_t *lists;
    TRY(lists_of(c, &lists));
    json_object_set_new(context, "scope",
        json_pack("{s:s, s:s, s:O, s:b}", "labels", labels, "accounts", accounts, "lists", lists,
            "open", *labels || *accounts || *typed(c, "scope_list")));
    return RC_OK;
}

void scoped_name_errors(struct call *c, json_t *problem, const char *owner)
{
    static const char *const members[] = {"labels", "accounts", "list"};
    json_t *one;
    size_t i;
    json_array_foreach(json_object_get(problem, "errors"), i, one)
    {
        for (size_t k = 0; k < sizeof members / sizeof *members; k++) {
            const char *path = scope_printf(c->s, "%s.%s", owner, members[k]);
            if (!strncmp(json_get_word(one, "field"), path, strlen(path)))
                json_object_set_new(
                    one, "field", json_string(scope_printf(c->s, "scope_%s", members[k])));
        }
    }
}
