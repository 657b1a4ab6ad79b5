#include "api/measurements/ratio.h"

/* Units of the picture; the page stretches it to its width. */
enum { WIDTH = 1000, HEIGHT = 100, WHOLE_BP = 10000, SVG_MAX = 1024 * 1024 };

int64_t ratio_bp(const struct ratio_step *step)
{
    return step->total > 0 ? (int64_t)((double)step->bad / (double)step->total * WHOLE_BP + 1e-6)
                           : 0;
}

int64_t ratio_top(const struct ratio *ratio)
{
    static const int64_t tops[] = {10, 20, 50, 100, 200, 500, 1000, 2000, 5000, WHOLE_BP};
    int64_t most = ratio->limit_bp + ratio->limit_bp / 4;
    size_t i = 0;
    for (size_t k = 0; k < ratio->n; k++)
        if (ratio_bp(&ratio->steps[k]) > most)
            most = ratio_bp(&ratio->steps[k]);
    while (i < sizeof tops / sizeof *tops - 1 && tops[i] < most)
        i++;
    return tops[i];
}

static double across(const struct ratio *ratio, int64_t at)
{
    at = at < ratio->from ? ratio->from : at > ratio->to ? ratio->to : at;
    return (double)(at - ratio->from) / (double)(ratio->to - ratio->from) * WIDTH;
}

static double up(int64_t bp, int64_t top)
{
    return (double)bp / (double)top * HEIGHT;
}

/* A part above 0 is never invisible. */
static void add_step(
    struct strbuf *b, const struct ratio *ratio, const struct ratio_step *one, int64_t top)
{
    double left = across(ratio, one->from), right = across(ratio, one->from + ratio->step);
    double high = up(ratio_bp(one), top), gap = (right - left) / 10;
    if (!one->bad || right <= left)
        return;
    high = high < 1 ? 1 : high;
    strbuf_addf(b, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
        ratio_bp(one) >= ratio->limit_bp ? "over" : "under", left, HEIGHT - high,
        right - left - gap, high);
}

const char *ratio_svg(struct scope *s, const struct ratio *ratio)
{
    int64_t top = ratio_top(ratio);
    STRBUF(b, SVG_MAX);
    strbuf_addf(&b,
        "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"", WIDTH,
        HEIGHT);
    strbuf_addhtml(&b, ratio->label);
    strbuf_addstr(&b, "\">");
    for (size_t i = 0; i < ratio->n_windows; i++)
        strbuf_addf(&b, "<rect class=\"window\" x=\"%.1f\" width=\"%.1f\" height=\"%d\"/>",
            across(ratio, ratio->windows[i].from),
            across(ratio, ratio->windows[i].to) - across(ratio, ratio->windows[i].from), HEIGHT);
    for (size_t i = 0; i < ratio->n; i++)
        add_step(&b, ratio, &ratio->steps[i], top);
    strbuf_addf(&b, "<rect class=\"limit\" y=\"%.1f\" width=\"%d\" height=\"1\"/></svg>",
        HEIGHT - up(ratio->limit_bp, top) - .5, WIDTH);
    return strbuf_copy(&b, s);
}
