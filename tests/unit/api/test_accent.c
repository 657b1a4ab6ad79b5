/* Contrast as WCAG's own examples have it, and accents that are legible on both pages. */
#include <math.h>
#include <string.h>

#include "api/brand/accent.h"
#include "core/colour.h"
#include "tests/unit/tap.h"

static double contrast(const char *a, const char *b)
{
    struct colour one = {0}, other = {0};
    ok(colour_read(a, &one) && colour_read(b, &other), "%s and %s are colours", a, b);
    return colour_contrast(one, other);
}

static void check_contrast(void)
{
    static const struct {
        const char *a, *b;
        double ratio;
    } cases[] = {{"#000000", "#ffffff", 21}, {"#ffffff", "#ffffff", 1},
        {"#767676", "#ffffff", 4.54}, {"#ffffff", "#777777", 4.48}, {"#ff0000", "#FFFFFF", 4.00}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double ratio = contrast(cases[i].a, cases[i].b);
        ok(fabs(ratio - cases[i].ratio) < 0.005, "%s on %s: %.3f", cases[i].a, cases[i].b, ratio);
    }
}

static void check_reading(void)
{
    static const char *const bad[] = {
        "", "#", "#fff", "#12345g", "123456", "#1234567", "#-12345", "# 12345"};
    struct colour colour;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ok(!colour_read(bad[i], &colour), "\"%s\" is no colour", bad[i]);
}

/* Every accent that passes in light has a legible one for dark pages. */
static void check_derived(void)
{
    static const char *const accents[] = {"#000000", "#0000ff", "#9b1c31", "#3b4fd8", "#6b6b00"};
    for (size_t i = 0; i < sizeof(accents) / sizeof(accents[0]); i++) {
        SCOPE(s);
        STRBUF(b, 4096);
        char dark[8];
        ok(accent_check(s, "accent", accents[i], false) == RC_OK, "%s is legible", accents[i]);
        accent_css(&b, accents[i], NULL);
        const char *at = strstr(b.buf, "dark){:root{--accent:");
        snprintf(dark, sizeof(dark), "%s", at ? at + strlen("dark){:root{--accent:") : "");
        ok(accent_check(s, "accent_dark", dark, true) == RC_OK, "%s becomes %s", accents[i], dark);
        ok(contrast(dark, "#0f1217") > 4.5, "and dark text on it is");
    }
}

int main(void)
{
    check_contrast();
    check_reading();
    check_derived();
    return tap_end();
}
