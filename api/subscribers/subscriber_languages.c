/* GET /v1/subscribers/languages. */
#include "api/call/call.h"
#include "api/subscribers/subscribers.h"

SHAPE_STATIC(struct language, subscriber_language_shape, "SubscriberLanguage",
    FIELD(TEXT, locale, .required = true, .doc = "Language tag."),
    FIELD(INT, count, .required = true, .doc = "Active subscribers, without webhooks."));

SHAPE_EXTERN(struct subscriber_languages, subscriber_languages_shape, "SubscriberLanguages",
    FIELD(RAW, languages, .required = true, .form = FORM_LIST, .of = &subscriber_language_shape,
        .doc = "Most subscribers first; an estimate of large lists."));

STMT(subscriber_languages_count,
    "SELECT coalesce(json_agg(json_build_object('locale', l.locale, 'count', l.count)), '[]')"
    "   AS languages FROM amends.subscriber_languages() l",
    .row = &subscriber_languages_shape);

enum rc subscriber_languages_get(struct call *c)
{
    struct subscriber_languages row;
    TRY(db_one(c->s, c->db, &subscriber_languages_count, NO_PARAMS, &row));
    return reply_object(c, &row);
}
