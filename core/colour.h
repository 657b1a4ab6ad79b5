#pragma once
/* Colours of sRGB and their contrast (WCAG 2.2, "contrast ratio" and "relative luminance"). */
#include <stdbool.h>

#include "core/scope.h"

/* Contrast of text with its ground (WCAG 2.2, 1.4.3). */
#define COLOUR_LEGIBLE 4.5

struct colour {
    int r, g, b; /* 0 to 255 */
};

/* Read "#rrggbb"; false: anything else. */
bool colour_read(const char *text, struct colour *ret);

/* From 1 to 21. */
double colour_contrast(struct colour a, struct colour b);

/* The colour, lightened until text of it is legible (4.5:1) on a dark page or mail: "#rrggbb".
 * Another text is returned as it is. */
const char *colour_on_dark(struct scope *s, const char *text);
struct colour colour_lightened(struct colour colour);

/* --sunken of api/static/page.css, the ground nearest to text in each scheme. */
extern const struct colour colour_light_ground, colour_dark_ground;

/* A mix of a and b, per channel; percent: the share of b, 0 to 100. */
struct colour colour_mix(struct colour a, struct colour b, int percent);
