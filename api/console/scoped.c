#include "api/console/scoped.h"

#include <string.h>

#include "api/call/auth.h"
#include "api/call/form.h"
#include "api/console/console.h"
#include "api/forms/quoted.h"
#include "core/json.h"

static const char *field_of(struct call *c, const struct scoped *of, const char *name)
{
    return scope_printf(c->s, "%s%s", name, of->suffix ? of->suffix : "");
}

/* NULL: the form has no such field. */
static const char *typed(struct call *c, const struct scoped *of, const char *name)
{
    return c->form ? form_get(c->form, field_of(c, of, name)) : NULL;
}

static json_t *lines_of(const char *at)
{
    json_t *list = json_array();
    while (*(at += strspn(at, " \t\r\n"))) {
        size_t n = strcspn(at, "\r\n"), end = n;
        while (strchr(" \t", at[end - 1]))
            end--;
        json_array_append_new(list, json_stringn(at, end));
        at += n;
    }
    return list;
}

json_t *scoped_lines(struct call *c, const char *field)
{
    return lines_of(c->form ? form_text(c->form, field, "") : "");
}

static bool is_same(struct scope *s, const char *a, const char *b)
{
    return json_equal(json_own(s, lines_of(a)), json_own(s, lines_of(b)));
}

/* The members of a scope as text, and back. */

static void add_label(struct call *c, struct strbuf *b, const char *key, const char *value)
{
    quoted_add(c->s, b, key, "=");
    strbuf_addch(b, '=');
    quoted_add(c->s, b, value, "");
    strbuf_addch(b, '\n');
}

static const char *labels_text(struct call *c, const json_t *labels)
{
    STRBUF(b, SIZE_MAX);
    const char *key;
    json_t *value, *one;
    size_t i;
    json_object_foreach((json_t *)labels, key, value)
    {
        if (json_is_string(value))
            add_label(c, &b, key, json_string_value(value));
        json_array_foreach(value, i, one) add_label(c, &b, key, json_string_value(one));
    }
    return strbuf_copy(&b, c->s);
}

static json_t *labels_read(struct call *c, const char *text, const json_t *stored)
{
    json_t *lines = json_own(c->s, lines_of(text)), *line, *labels = json_object();
    size_t i;
    (void)stored;
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

static const char *accounts_text(struct call *c, const json_t *accounts)
{
    STRBUF(b, SIZE_MAX);
    json_t *one;
    size_t i;
    json_array_foreach((json_t *)accounts, i, one)
        strbuf_addf(&b, "%s\n", json_get_word(one, "account"));
    return strbuf_copy(&b, c->s);
}

static json_t *accounts_read(struct call *c, const char *text, const json_t *stored)
{
    json_t *lines = json_own(c->s, lines_of(text)), *line, *one;
    json_t *accounts = json_array(), *known = json_own(c->s, json_object());
    size_t i;
    json_array_foreach((json_t *)stored, i, one)
        json_object_set(known, json_get_word(one, "account"), one);
    json_array_foreach(lines, i, line)
    {
        json_t *old = json_object_get(known, json_string_value(line));
        json_array_append_new(
            accounts, old ? json_incref(old) : json_pack("{s:O}", "account", line));
    }
    return accounts;
}

static const char *list_text(struct call *c, const json_t *list)
{
    (void)c;
    return json_is_string(list) ? json_string_value(list) : "";
}

static json_t *list_read(struct call *c, const char *text, const json_t *stored)
{
    (void)c, (void)stored;
    return json_string(text);
}

static const char *share_text(struct call *c, const json_t *share)
{
    return json_is_integer(share) ? console_percent(c, share) : "";
}

static json_t *share_read(struct call *c, const char *text, const json_t *stored)
{
    (void)c, (void)stored;
    return console_basis_points(text);
}

enum { LABELS, ACCOUNTS, LIST, SHARE, PARTS };
static const struct {
    const char *member, *field;
    const char *(*text)(struct call *c, const json_t *stored);
    json_t *(*read)(struct call *c, const char *text, const json_t *stored);
} parts[PARTS] = {
    [LABELS] = {"labels", "scope_labels", labels_text, labels_read},
    [ACCOUNTS] = {"accounts", "scope_accounts", accounts_text, accounts_read},
    [LIST] = {"list", "scope_list", list_text, list_read},
    [SHARE] = {"share_bp", "scope_share", share_text, share_read},
};

static const char *shown(struct call *c, const struct scoped *of, size_t i)
{
    const char *text = typed(c, of, parts[i].field);
    return text ? text : parts[i].text(c, json_object_get(of->stored, parts[i].member));
}

/* The part as typed or stored; NULL: none. Owned by c->s. */
static json_t *part_of(struct call *c, const struct scoped *of, size_t i)
{
    json_t *stored = json_object_get(of->stored, parts[i].member);
    const char *text = typed(c, of, parts[i].field);
    if (!text || is_same(c->s, text, parts[i].text(c, stored)))
        return json_is_null(stored) ? NULL : stored;
    return text[strspn(text, " \t\r\n")] ? json_own(c->s, parts[i].read(c, text, stored)) : NULL;
}

/* A form without the share of a scope does not make one of everybody. */
static bool keeps_share(const struct scoped *of, const json_t *scope)
{
    const json_t *stored = of->stored;
    return of->shares || json_object_size(scope) ||
           !(json_object_get(stored, "labels") || json_object_get(stored, "accounts") ||
               json_object_get(stored, "list"));
}

json_t *scoped_typed(struct call *c, const struct scoped *of)
{
    json_t *scope = json_own(c->s, json_object());
    for (size_t i = 0; i < PARTS; i++) {
        json_t *part = part_of(c, of, i);
        if (part && (i != SHARE || keeps_share(of, scope)))
            json_object_set(scope, parts[i].member, part);
    }
    return scope;
}

enum rc scoped_lists(struct call *c, json_t **ret_lists)
{
    if (auth_may(c->key, "accounts:read"))
        return console_rows(c, "/v1/account-lists?limit=200", ret_lists);
    *ret_lists = json_own(c->s, json_array());
    return RC_OK;
}

/* Account lists to choose from: [{name, accounts, selected}]. */
static json_t *choices_of(json_t *lists, const char *chosen)
{
    json_t *choices = json_array(), *one;
    size_t i;
    json_array_foreach(lists, i, one) json_array_append_new(
        choices, json_pack("{s:O, s:O, s:b}", "name", json_object_get(one, "name"), "accounts",
                     json_object_get(one, "accounts"), "selected",
                     !strcmp(json_get_word(one, "name"), chosen)));
    return choices;
}

void scoped_put(struct call *c, const struct scoped *of, json_t *lists, json_t *context)
{
    const char *text[PARTS];
    bool open = false;
    for (size_t i = 0; i < PARTS; i++) {
        text[i] = shown(c, of, i);
        open |= *text[i] != '\0';
    }
    json_object_set_new(context, "scope",
        json_pack("{s:s, s:s, s:s, s:o, s:s, s:b, s:b}", "suffix", of->suffix ? of->suffix : "",
            "labels", text[LABELS], "accounts", text[ACCOUNTS], "lists",
            choices_of(lists, text[LIST]), "share", text[SHARE], "shares", of->shares, "open",
            open));
}

void scoped_name_errors(struct call *c, const struct scoped *of, json_t *problem, const char *owner)
{
    json_t *one;
    size_t i;
    json_array_foreach(json_object_get(problem, "errors"), i, one)
    {
        for (size_t k = 0; k < PARTS; k++) {
            const char *path = scope_printf(c->s, "%s.%s", owner, parts[k].member);
            if (strncmp(json_get_word(one, "field"), path, strlen(path)) != 0)
                continue;
            json_object_set_new(one, "field", json_string(parts[k].field));
            json_object_set_new(one, "control", json_string(field_of(c, of, parts[k].field)));
        }
    }
}
