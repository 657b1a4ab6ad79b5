/* /staff/credits/alerts: the amounts from which the estimate of an open incident is reported. */
#include <ctype.h>
#include <string.h>

#include "api/console/credits/credits.h"
#include "core/json.h"
#include "core/money.h"

#define PAGE_PATH "/staff/credits/alerts"

/* A refusal: of the API, or a field of the form with the label of what is wrong. */
struct wrong {
    json_t *problem;
    const char *field, *label;
};

/* The alert to change, as the form has it: {"currency", "amount"}. */
static void put_edited(struct call *c, json_t *alerts, const char *currency, json_t *context)
{
    json_t *one;
    size_t i;
    json_object_set_new(context, "edited", json_null());
    json_array_foreach(alerts, i, one)
    {
        int64_t minor = json_get_int(one, "amount_minor");
        int exponent = money_exponent(json_get_word(one, "currency"));
        if (!strcmp(json_get_word(one, "currency"), currency))
            json_object_set_new(context, "edited",
                json_pack("{s:s, s:s}", "currency", currency, "amount",
                    money_amount(c->s, minor, exponent < 0 ? 0 : exponent)));
    }
}

static enum rc show(struct call *c, const char *edited, const struct wrong *wrong)
{
    json_t *context = json_own(c->s, json_object()), *alerts;
    TRY(console_rows(c, "/v1/liability-alerts", &alerts));
    console_money_all(c, alerts, "amount_minor", "amount");
    put_edited(c, alerts, edited, context);
    json_object_set(context, "alerts", alerts);
    console_put_problem(c, context, wrong->problem);
    if (wrong->field) {
        console_put_error(c, context, wrong->field, wrong->label);
        c->reply.status = 422;
    }
    return console_reply(c, "credits/alerts", context);
}

enum rc console_alerts(struct call *c)
{
    struct form form;
    TRY(form_read(c, &form));
    return show(c, form_text(&form, "edit", ""), &(struct wrong){0});
}

/* As typed, in capitals. */
static const char *currency_of(struct call *c)
{
    char *text = scope_strdup(c->s, form_text(c->form, "currency", ""));
    for (char *at = text; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    return text;
}

enum rc console_alerts_post(struct call *c)
{
    SCOPE(inner);
    int64_t minor = 0;
    const char *currency = currency_of(c);
    bool drop = !strcmp(form_text(c->form, "do", ""), "delete");
    struct wrong wrong = {0};
    if (money_exponent(currency) < 0)
        wrong = (struct wrong){.field = "currency", .label = "alert_currency_wrong"};
    else if (!drop &&
             (money_parse(inner, form_text(c->form, "amount", ""), currency, &minor) != RC_OK ||
                 minor <= 0))
        wrong = (struct wrong){.field = "amount", .label = "alert_amount_wrong"};
    if (wrong.field)
        return show(c, currency, &wrong);
    json_t *body =
        drop ? NULL : json_own(c->s, json_pack("{s:I}", "amount_minor", (json_int_t)minor));
    const char *path = scope_printf(c->s, "/v1/liability-alerts/%s", currency);
    if (!console_call(c, drop ? DELETE : PUT, path, body, &wrong.problem))
        return show(c, currency, &wrong);
    return console_go(c, PAGE_PATH);
}
