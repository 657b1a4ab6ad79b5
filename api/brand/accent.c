#include "api/brand/accent.h"

#include <math.h>
#include <stdbool.h>

#include "core/colour.h"

enum { OVER = 15 /* percent, under the pointer */ };

static const struct colour white = {255, 255, 255}, black = {0, 0, 0};

enum rc accent_check(struct scope *s, const char *field, const char *text, bool dark)
{
    struct colour colour;
    if (!text)
        return RC_OK;
    if (!colour_read(text, &colour))
        return fail_field(s, RC_INVALID, field, "must be a colour such as #3b4fd8");
    double ratio = colour_contrast(colour, dark ? colour_dark_ground : colour_light_ground);
    if (ratio >= COLOUR_LEGIBLE)
        return RC_OK;
    return fail_field(s, RC_INVALID, field,
        "%s has a contrast of %.2f:1 on the %s page; text needs at least 4.5:1 (WCAG AA): choose a "
        "%s colour",
        text, floor(ratio * 100) / 100, dark ? "dark" : "light", dark ? "lighter" : "darker");
}

static void tokens(struct strbuf *out, struct colour c, struct colour over, const char *text)
{
    strbuf_addf(out,
        ":root{--accent:#%02x%02x%02x;--accent-over:#%02x%02x%02x;--on-accent:%s;"
        "--link:#%02x%02x%02x}",
        (unsigned)c.r, (unsigned)c.g, (unsigned)c.b, (unsigned)over.r, (unsigned)over.g,
        (unsigned)over.b, text, (unsigned)c.r, (unsigned)c.g, (unsigned)c.b);
}

void accent_css(struct strbuf *out, const char *light, const char *dark)
{
    struct colour colour, other;
    if (!light || !colour_read(light, &colour))
        return;
    if (!dark || !colour_read(dark, &other))
        other = colour_lightened(colour);
    tokens(out, colour, colour_mix(colour, black, OVER), "#fff");
    strbuf_addstr(out, "\n@media (prefers-color-scheme:dark){");
    tokens(out, other, colour_mix(other, white, OVER), "#0f1217");
    strbuf_addstr(out, "}\n");
}
