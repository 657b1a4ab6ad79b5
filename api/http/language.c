#include "api/http/language.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct language languages[] = {
    {.tag = "en", .name = "English", .console = true},
    {.tag = "de", .name = "Deutsch", .console = true},
    {.tag = "es", .name = "Español"},
    {.tag = "fr", .name = "Français"},
    {.tag = "ja", .name = "日本語", .console = true},
    {.tag = "pt-BR", .name = "Português (Brasil)"},
    {.tag = NULL},
};

/* "de-AT" also requests "de", and "pt" and "pt-PT" the one Portuguese there is. */
static const struct language *find(const char *range, size_t len)
{
    size_t primary = strcspn(range, "-_");
    primary = primary < len ? primary : len;
    for (const struct language *l = languages; l->tag; l++)
        if (strcspn(l->tag, "-") == primary && !strncasecmp(l->tag, range, primary))
            return l;
    return NULL;
}

static double quality(const char *item, size_t len)
{
    const char *mark = memchr(item, ';', len);
    const char *q = mark ? strchr(mark, '=') : NULL;
    return q && q < item + len ? strtod(q + 1, NULL) : 1;
}

static const struct language *best_accepted(const char *header)
{
    const struct language *best = languages;
    double best_quality = 0;
    while (header && *header) {
        header += strspn(header, " \t,");
        size_t len = strcspn(header, ",");
        const struct language *language = find(header, strcspn(header, "; \t,"));
        double q = language ? quality(header, len) : 0;
        if (q > best_quality) {
            best = language;
            best_quality = q;
        }
        header += len;
    }
    return best;
}

const struct language *language_of(const struct request *r, bool *ret_chosen)
{
    const struct language *chosen = NULL;
    for (size_t i = 0; i < r->n_query; i++)
        if (!strcmp(r->query[i].name, "lang"))
            chosen = find(r->query[i].value, strlen(r->query[i].value));
    if (ret_chosen)
        *ret_chosen = chosen;
    return chosen ? chosen : best_accepted(r->accept_language);
}
