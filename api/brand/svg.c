#include "api/brand/svg.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/shape.h"
#include "core/utf8.h"

enum { NAME_MAX_LEN = 64 };

/* SVG 2 without script, foreignObject, image, animation (it can change links) and links. */
static const char *const elements[] = {"svg", "g", "defs", "symbol", "use", "title", "desc", "path",
    "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "style",
    "linearGradient", "radialGradient", "stop", "clipPath", "mask", "pattern", "filter",
    "feGaussianBlur", "feOffset", "feBlend", "feFlood", "feComposite", "feColorMatrix", "feMerge",
    "feMergeNode", "feDropShadow", NULL};

static bool begins(const char *text, const char *with)
{
    return !strncmp(text, with, strlen(with));
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || strchr(":-_.", c);
}

/* The name at *at, which goes past it. "" if there is none. */
static const char *name_at(struct scope *s, const char **at)
{
    const char *from = *at;
    while (**at && is_name(**at) && *at - from < NAME_MAX_LEN)
        ++*at;
    return scope_strndup(s, from, (size_t)(*at - from));
}

static void skip_space(const char **at)
{
    while (**at && strchr(" \t\r\n", **at))
        ++*at;
}

/* CSS in an attribute or a style element: url() only of the file's own parts; no @import, no
 * escapes and no comments, by which both could be written otherwise. */
static bool is_calm(const char *css)
{
    for (const char *at = css; (at = strcasestr(at, "url")); at++) {
        const char *in = at + strlen("url");
        skip_space(&in);
        if (*in == '(' && !begins(in, "(#") && !begins(in, "('#") && !begins(in, "(\"#"))
            return false;
    }
    return !strpbrk(css, "\\@") && !strcasestr(css, "image-set") && !strstr(css, "/*");
}

static enum rc check_attribute(struct scope *s, const char *name, const char *value)
{
    const char *local = strrchr(name, ':') ? strrchr(name, ':') + 1 : name;
    if (!strncasecmp(local, "on", 2))
        return fail(s, RC_INVALID, "the SVG has an event handler (%s)", name);
    if ((!strcasecmp(local, "href") || !strcasecmp(local, "src")) && *value != '#')
        return fail(s, RC_INVALID, "the SVG links to something outside of it (%s)", name);
    if (!strcasecmp(local, "base") || !is_calm(value))
        return fail(s, RC_INVALID, "the SVG loads something from outside (%s)", name);
    return RC_OK;
}

static enum rc take_attribute(struct scope *s, const char **at)
{
    const char *name = name_at(s, at);
    skip_space(at);
    if (!*name || **at != '=')
        return fail(s, RC_INVALID, "the SVG is malformed");
    ++*at;
    skip_space(at);
    char quote = **at;
    const char *from = *at + 1, *to = quote == '"' || quote == '\'' ? strchr(from, quote) : NULL;
    if (!to || memchr(from, '<', (size_t)(to - from)))
        return fail(s, RC_INVALID, "the SVG is malformed");
    *at = to + 1;
    return check_attribute(s, name, scope_strndup(s, from, (size_t)(to - from)));
}

/* From after "<" to after ">". */
static enum rc take_tag(struct scope *s, const char **at, const char **ret_name)
{
    *at += **at == '/';
    const char *name = name_at(s, at);
    *ret_name = name;
    if (!shape_one_of(elements, name))
        return fail(s, RC_INVALID, "the SVG has a <%s>: save it as plain SVG, shapes only", name);
    for (skip_space(at); **at && **at != '>' && !begins(*at, "/>"); skip_space(at))
        TRY(take_attribute(s, at));
    if (!**at)
        return fail(s, RC_INVALID, "the SVG is malformed");
    *at += **at == '/' ? 2 : 1;
    return RC_OK;
}

/* A comment, or the declaration at the start. False: neither. */
static bool skip_quiet(const char **at, const char *start)
{
    bool comment = begins(*at, "<!--"), xml = *at == start && begins(*at, "<?xml ");
    const char *end = comment ? strstr(*at + 4, "-->") : xml ? strstr(*at, "?>") : NULL;
    if (end)
        *at = end + (comment ? 3 : 2);
    return end;
}

static enum rc check_markup(struct scope *s, const char *text)
{
    const char *at = text, *name = "";
    bool root = false, styled = false;
    while (*at) {
        if (*at == '<' && skip_quiet(&at, text))
            continue;
        if (*at == '<') {
            at++;
            TRY(take_tag(s, &at, &name));
            if (!root && strcmp(name, "svg") != 0)
                return fail(s, RC_INVALID, "the file does not begin with <svg>");
            root = true;
            styled |= !strcmp(name, "style");
            continue;
        }
        size_t n = strcspn(at, "<");
        const char *content = scope_strndup(s, at, n);
        if (styled && !is_calm(content)) /* whatever element it seems to be in */
            return fail(s, RC_INVALID, "the style of the SVG loads something from outside");
        at += n;
    }
    return root ? RC_OK : fail(s, RC_INVALID, "this is not an SVG");
}

enum rc svg_check(struct scope *s, const char *bytes, size_t len)
{
    if (memchr(bytes, '\0', len) || !utf8_is_valid(bytes, len))
        return fail(s, RC_INVALID, "the SVG is not UTF-8");
    const char *text = scope_strndup(s, bytes, len);
    if (begins(text, "\xef\xbb\xbf"))
        text += 3;
    /* An entity could write anything in another way. */
    if (strchr(text, '&'))
        return fail(s, RC_INVALID, "the SVG has an entity (&)");
    return check_markup(s, text);
}
