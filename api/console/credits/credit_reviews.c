/* /staff/credits/reviews: credit reviews and their answers. */
#include <string.h>

#include "api/credits/credit_lines.h"
#include "api/readers/reader.h"
#include "api/console/confirm.h"
#include "api/console/credits/credits.h"
#include "core/json.h"
#include "core/money.h"

static const char *const typed[] = {"decision", "message", "amount", NULL};

enum rc console_reviews(struct call *c)
{
    json_t *context = json_own(c->s, json_object()), *open, *answered;
    TRY(console_get(c, "/v1/reviews?state=open&limit=200", &open));
    TRY(console_page_rows(
        c, context, "/v1/reviews?state=answered&newest=true&limit=50", &answered));
    console_money_all(c, json_object_get(open, "data"), "amount_minor", "amount");
    console_money_all(c, answered, "amount_minor", "amount");
    credits_states(c, answered);
    json_object_set(context, "open_reviews", json_object_get(open, "data"));
    json_object_set(context, "answered", answered);
    return console_reply(c, "credits/reviews", context);
}

static enum rc put_credit(struct call *c, json_t *context, json_t *review)
{
    json_t *workings, *ledger;
    json_int_t id = json_get_int(review, "credit");
    const char *account = json_get_text(review, "account");
    TRY(console_get(c, scope_printf(c->s, "/v1/credits/%lld/workings", (long long)id), &workings));
    TRY(console_get(c,
        scope_printf(c->s, "/v1/credits?limit=100&account=%s", console_escaped(c, account)),
        &ledger));
    console_money_all(c, json_object_get(ledger, "data"), "amount_minor", "amount");
    credits_states(c, json_object_get(ledger, "data"));
    json_object_set(context, "statement", json_object_get(ledger, "data"));
    json_object_set_new(context, "lines",
        credit_lines(&(struct credit_lines){.s = c->s,
            .locale = console_locale(c),
            .currency = json_get_text(review, "currency"),
            .lines = json_text(c->s, json_object_get(workings, "lines"))}));
    return RC_OK;
}

static const char *of_review(struct call *c, const char *tail)
{
    return scope_printf(c->s, "/v1/reviews/%s%s", console_escaped(c, c->param[0]), tail);
}

static enum rc show(struct call *c, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *review;
    TRY(console_get(c, of_review(c, ""), &review));
    console_put_problem(c, context, problem);
    const char *state = json_get_text(review, "state");
    const char *decision = c->form ? form_text(c->form, "decision", "") : "";
    console_money(c, review, "amount_minor", "amount");
    credits_state(c, review);
    credits_typed(c, context, typed);
    json_object_set(context, "review", review);
    json_object_set_new(context, "may_answer", json_boolean(!strcmp(state, "open")));
    json_object_set_new(context, "further", json_boolean(!strcmp(decision, "further_credit")));
    TRY(credits_policies(c, context, c->form ? form_get(c->form, "policy") : NULL));
    TRY(put_credit(c, context, review));
    return console_reply(c, "credits/review", context);
}

enum rc console_review(struct call *c)
{
    return show(c, NULL);
}

/* The amount as typed; anything else is passed on as text, for the API to refuse. */
static enum rc put_amount(struct call *c, json_t *body)
{
    const char *amount = form_text(c->form, "amount", "");
    json_t *review;
    int64_t minor;
    SCOPE(inner);
    if (!*amount)
        return RC_OK;
    TRY(console_get(c, of_review(c, ""), &review));
    const char *currency = json_get_text(review, "currency");
    bool plain = money_parse(inner, amount, currency, &minor) == RC_OK;
    json_object_set_new(body, "amount_minor", plain ? json_integer(minor) : json_string(amount));
    return RC_OK;
}

static enum rc ask(struct call *c)
{
    json_t *review;
    TRY(console_get(c, of_review(c, ""), &review));
    return confirm_ask(c, "decline",
        json_pack("{s:s}", "account", json_get_word(review, "account")),
        scope_printf(c->s, "/staff/credits/reviews/%s", console_escaped(c, c->param[0])));
}

enum rc console_review_post(struct call *c)
{
    json_t *body = json_own(c->s, json_object()), *reply;
    const char *decision = form_text(c->form, "decision", "");
    const char *message = form_text(c->form, "message", "");
    if (!strcmp(decision, "declined") && *message && !confirm_given(c))
        return ask(c);
    json_object_set_new(body, "decision", json_string(decision));
    json_object_set_new(body, "message", json_string(message));
    if (strcmp(decision, "declined") != 0) {
        TRY(put_amount(c, body));
        credits_take(c, body, "policy");
    }
    if (!console_call(c, POST, of_review(c, "/answer"), body, &reply))
        return show(c, reply);
    return console_go(c, "/staff/credits/reviews/%s", console_escaped(c, c->param[0]));
}
