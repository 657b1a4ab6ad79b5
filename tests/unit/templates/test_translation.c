/* Which translation a reader gets, and which language a document must mark. */
#include <string.h>

#include "core/json.h"
#include "templates/translation.h"
#include "tests/unit/tap.h"

struct row {
    const char *name, *all, *locale, *want; /* want: a language; NULL: the text itself */
};

#define MANY \
    "{\"de\":{\"t\":\"x\"},\"de-AT\":{\"t\":\"x\"},\"pt-BR\":{\"t\":\"x\"},\"fr\":{\"u\":\"x\"}}"

static const struct row rows[] = {
    {"the tag", MANY, "de", "de"},
    {"with a region", MANY, "de-AT", "de-AT"},
    {"in any case", MANY, "DE-at", "de-AT"},
    {"as a POSIX locale", MANY, "de_AT", "de"},
    {"a wider tag", MANY, "de-CH", "de"},
    {"another of the language", MANY, "pt", "pt-BR"},
    {"another region", MANY, "pt-PT", "pt-BR"},
    {"a longer one", MANY, "pt-BR-x-web", "pt-BR"},
    {"no prefix of a word", MANY, "den", NULL},
    {"nor a shorter word", MANY, "d", NULL},
    {"another language", MANY, "ja", NULL},
    {"without the member", MANY, "fr", NULL},
    {"none", "{}", "de", NULL},
    {"NULL", NULL, "de", NULL},
    {"not JSON", "{", "de", NULL},
};

struct mark {
    const char *name, *language, *own, *locale, *want;
};

static const struct mark marks[] = {
    {"a translation", "de", "en", "de", NULL},
    {"of a region", "de-AT", "en", "de", NULL},
    {"the text in the document's language", NULL, "en", "en", NULL},
    {"the text in another", NULL, "en", "ja", "en"},
    {"no English text", NULL, "de", "en", "de"},
};

int main(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        SCOPE(s);
        const struct row *row = &rows[i];
        struct translation t = translation_of(s, row->all, row->locale, "t", "own");
        bool right = row->want ? t.language && !strcmp(t.language, row->want) : !t.language;
        ok(right && !strcmp(t.text, row->want ? "x" : "own"), "%s: %s", row->name,
            t.language ? t.language : "itself");
    }
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        const struct mark *mark = &marks[i];
        struct translation t = {.text = "x", .language = mark->language};
        const char *is = translation_foreign(&t, mark->own, mark->locale);
        ok(mark->want ? is && !strcmp(is, mark->want) : !is, "%s", mark->name);
    }
    return tap_end();
}
