/* What is wrong with a reader's form. */
#include <string.h>

#include "api/forms/mark.h"
#include "api/forms/words.h"
#include "api/http/language.h"
#include "api/readers/reader.h"
#include "templates/label.h"

/* The pages know few fields, each with one way to be wrong. */
static const struct {
    const char *field, *label;
} known[] = {{"what", "choose_something"}, {"timezone", "timezone_wrong"}, {"until", "until_wrong"},
    {"code", "code_wrong"}, {"message", "review_empty"}, {"incident", "claim_incident_wrong"},
    {"text", "claim_text_wrong"}, {"evidence", "claim_file_wrong"}, {"name", "account_name_wrong"}};

static const char *text_of(struct call *c, const struct form *form, const struct fault *fault)
{
    const char *locale = language_of(c->request, NULL)->tag;
    static const char *const address[] = {"address", "p256dh", "auth", NULL};
    if (shape_one_of(address, fault->field))
        return label_text(c->s, locale, "address_wrong", form_text(form, "channel", "email"));
    if (!strcmp(fault->field, "email"))
        return label_text(c->s, locale, "address_wrong", "email");
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (!strcmp(fault->field, known[i].field))
            return label_text(c->s, locale, "page", known[i].label);
    return form_sentence(c->s, fault->message);
}

struct reader_errors reader_errors(struct call *c, const struct form *form)
{
    struct form_error *errors = SCOPE_ARRAY(c->s, struct form_error, SCOPE_FAULTS + 1);
    size_t n = 0;
    const struct fault *one = c->s->fault.field ? &c->s->fault : NULL;
    for (; one && n < SCOPE_FAULTS; one = one->more)
        errors[n++] = (struct form_error){.field = one->field, .text = text_of(c, form, one)};
    return (struct reader_errors){.at = errors, .n = n};
}

void reader_mark(struct call *c, const struct form *form, struct reader_errors errors)
{
    const struct form_mark mark = {.typed = {.at = form->at, .n = form->n},
        .errors = errors.at,
        .n_errors = errors.n,
        .heading = label_text(c->s, language_of(c->request, NULL)->tag, "page", "correct_these")};
    form_mark(c->s, &mark, &c->reply.body);
}
