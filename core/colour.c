#include "core/colour.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool colour_read(const char *text, struct colour *ret)
{
    if (strlen(text) != strlen("#rrggbb") || *text != '#')
        return false;
    for (const char *at = text + 1; *at; at++)
        if (!isxdigit((unsigned char)*at))
            return false;
    long all = strtol(text + 1, NULL, 16);
    *ret = (struct colour){(int)(all >> 16), (int)(all >> 8 & 255), (int)(all & 255)};
    return true;
}

static double linear(int channel)
{
    double c = channel / 255.0;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(struct colour c)
{
    return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}

double colour_contrast(struct colour a, struct colour b)
{
    double one = luminance(a) + 0.05, other = luminance(b) + 0.05;
    return one > other ? one / other : other / one;
}

static int mix(int a, int b, int percent)
{
    return (a * (100 - percent) + b * percent) / 100;
}

struct colour colour_mix(struct colour a, struct colour b, int percent)
{
    return (struct colour){mix(a.r, b.r, percent), mix(a.g, b.g, percent), mix(a.b, b.b, percent)};
}

const struct colour colour_light_ground = {0xf1, 0xf3, 0xf6};
const struct colour colour_dark_ground = {0x1e, 0x23, 0x2c};

struct colour colour_lightened(struct colour colour)
{
    static const struct colour white = {255, 255, 255};
    struct colour now = colour;
    for (int percent = 0; colour_contrast(now, colour_dark_ground) < COLOUR_LEGIBLE; percent++)
        now = colour_mix(colour, white, percent);
    return now;
}

const char *colour_on_dark(struct scope *s, const char *text)
{
    struct colour colour;
    if (!colour_read(text, &colour))
        return text;
    colour = colour_lightened(colour);
    return scope_printf(
        s, "#%02x%02x%02x", (unsigned)colour.r, (unsigned)colour.g, (unsigned)colour.b);
}
