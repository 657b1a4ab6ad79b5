/* amends policy library [NAME] */
#include <stdio.h>

#include "billing/library.h"
#include "cli/policy/policy.h"
#include "core/json.h"
#include "core/strbuf.h"

enum { LINE_MAX_OCTETS = 1000 };

/* "Okta, Auth0"; "-" where the policy is nobody's in particular. */
static const char *companies(struct scope *s, const json_t *entry)
{
    STRBUF(text, LINE_MAX_OCTETS);
    size_t i;
    json_t *name;
    json_array_foreach(json_object_get(entry, "companies"), i, name)
        strbuf_addf(&text, "%s%s", i ? ", " : "", json_string_value(name));
    return text.len ? strbuf_copy(&text, s) : "-";
}

static enum rc show(struct scope *s, struct invocation *in)
{
    json_t *entry;
    TRY(library_find(s, in->arg, &entry));
    if (in->json)
        puts(json_text(s, entry));
    else
        json_dumpf(json_object_get(entry, "policy"), stdout, JSON_INDENT(2)), putchar('\n');
    return RC_OK;
}

enum rc policy_library(struct scope *s, struct invocation *in)
{
    if (in->arg)
        return show(s, in);
    size_t i;
    const json_t *all = library_list();
    json_t *entry;
    if (in->json) {
        puts(json_text(s, all));
        return RC_OK;
    }
    json_array_foreach(all, i, entry) printf("%-30s %-24s %s\n", json_get_text(entry, "name"),
        companies(s, entry), json_get_text(entry, "shape"));
    return RC_OK;
}
