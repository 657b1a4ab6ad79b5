#include "api/brand/custom_css.h"

#include <ctype.h>
#include <string.h>

#include "core/shape.h"

enum { NESTING_MAX = 32 };

/* Those that compute, draw or select: none takes an address. */
static const char *const functions[] = {"attr", "blur", "brightness", "calc", "circle", "clamp",
    "color", "color-mix", "conic-gradient", "contrast", "counter", "counters", "cubic-bezier",
    "drop-shadow", "ellipse", "env", "fit-content", "grayscale", "has", "hsl", "hsla", "hue-rotate",
    "hwb", "inset", "invert", "is", "lab", "lang", "lch", "light-dark", "linear", "linear-gradient",
    "matrix", "max", "min", "minmax", "not", "nth-child", "nth-last-child", "nth-last-of-type",
    "nth-of-type", "oklab", "oklch", "opacity", "polygon", "radial-gradient", "repeat",
    "repeating-conic-gradient", "repeating-linear-gradient", "repeating-radial-gradient", "rgb",
    "rgba", "rotate", "round", "saturate", "scale", "scalex", "scaley", "sepia", "skew", "skewx",
    "skewy", "steps", "translate", "translatex", "translatey", "var", "where", NULL};
static const char *const rules[] = {
    "container", "keyframes", "layer", "media", "page", "supports", NULL};

struct reading {
    struct scope *s;
    const char *at;
    int line;
    char open[NESTING_MAX]; /* the closing brackets that are expected */
    int open_line[NESTING_MAX];
    int depth;
};

#define refuse(r, ...) \
    fail_field((r)->s, RC_INVALID, "custom_css", "line %d: %s", (r)->line, \
        scope_printf((r)->s, __VA_ARGS__))

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_' || (unsigned char)c >= 0x80;
}

/* In lower case, as browsers compare them. */
static const char *take_word(struct reading *r)
{
    const char *from = r->at;
    while (is_word(*r->at))
        r->at++;
    char *word = scope_strndup(r->s, from, (size_t)(r->at - from));
    for (char *c = word; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return word;
}

static enum rc skip_comment(struct reading *r)
{
    const char *end = strstr(r->at + 2, "*/");
    if (!end)
        return refuse(r, "the comment is not closed");
    for (; r->at < end + 2; r->at++)
        r->line += *r->at == '\n';
    return RC_OK;
}

static enum rc skip_string(struct reading *r)
{
    size_t len = strcspn(r->at + 1, *r->at == '"' ? "\"\\\n\r\f" : "'\\\n\r\f");
    if (r->at[1 + len] == '\\')
        return refuse(r, "\\ is not allowed: write the character itself");
    if (r->at[1 + len] != *r->at)
        return refuse(r, "the string is not closed");
    r->at += len + 2;
    return RC_OK;
}

static enum rc open_bracket(struct reading *r)
{
    if (r->depth == NESTING_MAX)
        return refuse(r, "brackets nest too deep");
    r->open_line[r->depth] = r->line;
    r->open[r->depth++] = *r->at == '(' ? ')' : *r->at == '[' ? ']' : '}';
    r->at++;
    return RC_OK;
}

static enum rc close_bracket(struct reading *r)
{
    if (!r->depth || r->open[r->depth - 1] != *r->at)
        return refuse(r, "%c closes nothing", *r->at);
    r->depth--;
    r->at++;
    return RC_OK;
}

static enum rc take(struct reading *r)
{
    if (!strncmp(r->at, "/*", 2))
        return skip_comment(r);
    if (*r->at == '"' || *r->at == '\'')
        return skip_string(r);
    if (strchr("([{", *r->at))
        return open_bracket(r);
    if (strchr(")]}", *r->at))
        return close_bracket(r);
    if (*r->at == '\\')
        return refuse(r, "\\ is not allowed: write the character itself");
    if (*r->at == '@') {
        r->at++;
        const char *rule = take_word(r);
        return shape_one_of(rules, rule)
                   ? RC_OK
                   : refuse(r, "@%.40s is not allowed: the pages load nothing else", rule);
    }
    if (is_word(*r->at)) {
        const char *name = take_word(r);
        return *r->at != '(' || shape_one_of(functions, name)
                   ? RC_OK
                   : refuse(r, "%.40s() is not allowed: the pages load nothing else", name);
    }
    r->line += *r->at == '\n';
    r->at++;
    return RC_OK;
}

enum rc custom_css_check(struct scope *s, const char *css)
{
    struct reading r = {.s = s, .at = css ? css : "", .line = 1};
    while (*r.at)
        TRY(take(&r));
    if (!r.depth)
        return RC_OK;
    r.line = r.open_line[r.depth - 1];
    return refuse(&r, "the bracket is not closed");
}
