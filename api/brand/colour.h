#pragma once
/* Colours of sRGB and their contrast (WCAG 2.2, "contrast ratio" and "relative luminance"). */
#include <stdbool.h>

struct colour {
    int r, g, b; /* 0 to 255 */
};

/* Read "#rrggbb"; false: anything else. */
bool colour_read(const char *text, struct colour *ret);

/* From 1 to 21. */
double colour_contrast(struct colour a, struct colour b);

/* A mix of a and b, per channel; percent: the share of b, 0 to 100. */
struct colour colour_mix(struct colour a, struct colour b, int percent);
