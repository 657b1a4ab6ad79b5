/* The cases of the Mustache core specification: interpolation, sections, inverted,
 * comments, delimiters, partials. */
#include "core/json.h"
#include "templates/engine/template.h"
#include "tests/unit/templates/mustache_others.h"
#include "tests/unit/templates/mustache_sections.h"
#include "tests/unit/tap.h"

static const char *partial(struct scope *s, const char *name, void *ctx, const char **ret_file)
{
    (void)ret_file;
    (void)s;
    return json_string_value(json_object_get(ctx, name));
}

static json_t *parse(struct scope *s, const char *text)
{
    return json_own(s, json_loads(text, JSON_DECODE_ANY, NULL));
}

static void check(const struct mustache_case *spec)
{
    SCOPE(s);
    STRBUF(out, 4096);
    json_t *partials = spec->partials ? parse(s, spec->partials) : NULL;
    struct template_options options = {
        .escape = ESCAPE_HTML, .lenient = true, .partials = partial, .ctx = partials};
    struct template *t;
    enum rc rc = template_compile(s, "spec", spec->text, &options, &t);
    if (rc == RC_OK)
        rc = template_render(s, t, parse(s, spec->context), &out);
    is_text(rc == RC_OK ? out.buf : s->fault.message, spec->want, spec->name);
}

int main(void)
{
    for (size_t i = 0; i < sizeof mustache_others / sizeof *mustache_others; i++)
        check(&mustache_others[i]);
    for (size_t i = 0; i < sizeof mustache_sections / sizeof *mustache_sections; i++)
        check(&mustache_sections[i]);
    return tap_end();
}
