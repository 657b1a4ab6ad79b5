/* /claims/{token}, and /a/{token}/claims within the page of the account: an account's claims with
 * their answers, and the form for another one. The token is the authority, as on the statement, so
 * the form needs no CSRF token; a session is required besides on the page of the account. */
#include <stdlib.h>
#include <string.h>

#include "api/account/visit.h"
#include "api/readers/link.h"
#include "api/call/form.h"
#include "api/call/page.h"
#include "api/claims/claims_page.h"
#include "api/claims/evidence.h"
#include "api/http/language.h"
#include "api/readers/reader.h"
#include "api/readers/report_mail.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/utf8.h"
#include "templates/label.h"
#include "templates/translation.h"

enum { TEXT_MAX = 4000 };

SHAPE_STATIC(struct claimant, claimant_shape, "Claimant", FIELD(INT, account), FIELD(INT, contact),
    FIELD(TEXT, name), FIELD(TEXT, timezone));
STMT(claimant_read,
    "SELECT a.id AS account, c.id AS contact, a.name, a.timezone FROM account a"
    "   LEFT JOIN account_contact c ON c.id = $1 AND c.account_id = a.id"
    " WHERE a.id = amends.link_account($1, $2)",
    .row = &claimant_shape);

SHAPE_STATIC(struct claim_choice, choice_shape, "ClaimChoice", FIELD(INT, id), FIELD(TEXT, ref),
    FIELD(TEXT, title), FIELD(TEXT, title_in), FIELD(TIME, from_at), FIELD(TIME, until_at),
    FIELD(BOOL, late), FIELD(BOOL, hit), FIELD(BOOL, claimed), FIELD(INT, credit));
STMT(claims_choices,
    "SELECT id, ref, title, title_in, from_at, until_at, late, hit, claimed, credit"
    " FROM amends.claim_choices($1)",
    .row = &choice_shape);

SHAPE_STATIC(struct claim_made, made_shape, "ClaimMade", FIELD(INT, id), FIELD(TIME, at),
    FIELD(TEXT, text), FIELD(TEXT, state), FIELD(TEXT, answer), FIELD(TEXT, file),
    FIELD(RAW, incidents));
STMT(claims_made,
    "SELECT k.id, k.at, k.text, k.state,"
    "   CASE WHEN k.state IN ('declined', 'credited') THEN k.answer END AS answer,"
    "   (SELECT name FROM claim_evidence WHERE claim_id = k.id) AS file,"
    "   (SELECT coalesce(json_agg(json_build_object('title', i.title,"
    "     'in', i.translations::text) ORDER BY i.started_at, i.id), '[]') FROM claim_incident x"
    "     JOIN incident i ON i.id = x.incident_id WHERE x.claim_id = k.id) AS incidents"
    " FROM claim k WHERE k.account_id = $1 ORDER BY k.id DESC LIMIT 50",
    .row = &made_shape);

SHAPE_STATIC(struct claim_opened, opened_shape, "ClaimOpened", FIELD(INT, id), FIELD(TEXT, word));
STMT(claims_open,
    "SELECT out_claim AS id, out_word AS word FROM amends.claim_open($1, $2, $3::bigint[], $4)",
    .row = &opened_shape);

static void put(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, text ? json_string(text) : json_null());
}

static enum rc open_link(struct call *c, struct claimant *ret)
{
    struct link_token link;
    TRY(link_read(c, SIGN_CLAIM, &link));
    return IF_NONE(
        db_one(c->s, c->db, &claimant_read, PARAMS(P_INT(link.id), P_INT(link.extra)), ret),
        link_none(c));
}

/* The statement of a credit, where its review is requested (decision 152). */
static const char *statement_path(struct call *c, int64_t credit, const struct claimant *who)
{
    STRBUF(token, SIGN_TOKEN_MAX + 1);
    struct link_token link = {.id = credit, .extra = who->contact == SHAPE_NONE ? 0 : who->contact};
    sign_link(c->api->keys, SIGN_CREDIT, link, &token);
    return scope_printf(c->s, "/credit/%s", strbuf_copy(&token, c->s));
}

static json_t *choice_json(
    struct call *c, const struct claim_choice *row, const struct claimant *who, const char *locale)
{
    json_t *json = json_object();
    bool dated = row->until_at != SHAPE_NONE;
    put(json, "ref", row->ref);
    put(json, "title", translation_of(c->s, row->title_in, locale, "title", row->title).text);
    put(json, "from", label_time(c->s, locale, row->from_at, who->timezone));
    put(json, "until", dated ? label_time(c->s, locale, row->until_at, who->timezone) : NULL);
    put(json, "statement", row->credit == SHAPE_NONE ? NULL : statement_path(c, row->credit, who));
    json_object_set_new(json, "late", json_boolean(row->late));
    json_object_set_new(json, "hit", json_boolean(row->hit));
    json_object_set_new(json, "claimed", json_boolean(row->claimed));
    return json;
}

static enum rc made_json(struct call *c, const struct claim_made *row, const struct claimant *who,
    const char *locale, json_t **ret)
{
    static const char *const pills[] = {"declined", "credited", NULL};
    json_t *incidents, *one, *titles = json_array();
    size_t i;
    TRY(json_parse(c->s, row->incidents, strlen(row->incidents), &incidents));
    json_array_foreach(incidents, i, one)
    {
        const char *title = json_get_text(one, "title");
        json_array_append_new(titles,
            json_string(
                translation_of(c->s, json_get_text(one, "in"), locale, "title", title).text));
    }
    *ret = json_object();
    put(*ret, "at", label_time(c->s, locale, row->at, who->timezone));
    put(*ret, "text", row->text);
    put(*ret, "answer", row->answer);
    put(*ret, "file", row->file);
    json_object_set_new(*ret, "titles", titles);
    for (size_t k = 0; pills[k]; k++)
        json_object_set_new(*ret, pills[k], json_boolean(!strcmp(row->state, pills[k])));
    return RC_OK;
}

/* The claimant of either page; *ret_entered false: the reply is made. */
static enum rc open_page(
    struct call *c, struct claimant *ret, struct account_visit *ret_visit, bool *ret_entered)
{
    *ret_entered = true;
    if (strncmp(c->route->path, "/a/", 3) != 0)
        return open_link(c, ret);
    TRY(account_visit(c, ret_visit, ret_entered));
    *ret = (struct claimant){.account = ret_visit->account,
        .contact = ret_visit->contact,
        .name = ret_visit->name,
        .timezone = ret_visit->timezone};
    return RC_OK;
}

/* word: of claim_open, or NULL. visit->base is NULL outside the page of the account. */
static enum rc show(
    struct call *c, const struct claimant *who, const struct account_visit *visit, const char *word)
{
    static const char *const words[] = {"opened", "known", "many", NULL};
    const char *locale = language_of(c->request, NULL)->tag;
    json_t *context = json_own(c->s, json_object()), *list = json_array(), *one;
    struct list choices, made;
    TRY(db_all(c->s, c->db, &claims_choices, PARAMS(P_INT(who->account)), &choices));
    TRY(db_all(c->s, c->db, &claims_made, PARAMS(P_INT(who->account)), &made));
    json_object_set_new(context, "made", list);
    for (size_t i = 0; i < made.n; i++) {
        TRY(made_json(c, (const struct claim_made *)made.at + i, who, locale, &one));
        json_array_append_new(list, one);
    }
    bool some_late = false;
    json_object_set_new(context, "choices", list = json_array());
    for (size_t i = 0; i < choices.n; i++) {
        const struct claim_choice *choice = (const struct claim_choice *)choices.at + i;
        some_late = some_late || choice->late;
        json_array_append_new(list, choice_json(c, choice, who, locale));
    }
    json_object_set_new(context, "some_late", json_boolean(some_late));
    put(context, "report",
        report_mail_path(c->s, c->api->keys,
            (struct link_token){.id = who->contact == SHAPE_NONE ? 0 : who->contact,
                .extra = who->contact == SHAPE_NONE ? who->account : 0}));
    put(context, "account", who->name);
    put(context, "zone", who->timezone);
    put(context, "action", c->request->target);
    json_object_set_new(context, "visit", json_null());
    if (visit->base)
        account_visit_put(visit, "claims", context);
    for (size_t i = 0; words[i]; i++)
        json_object_set_new(context, scope_printf(c->s, "answer_%s", words[i]),
            json_boolean(word && !strcmp(word, words[i])));
    return page_reply(c, "claims", "claims_title", context, true);
}

enum rc page_claims(struct call *c)
{
    struct claimant who;
    struct account_visit visit = {0};
    bool entered;
    TRY(open_page(c, &who, &visit, &entered));
    return entered ? show(c, &who, &visit, NULL) : RC_OK;
}

struct claiming {
    struct call *c;
    const struct form *form;
    const struct claimant *who;
    const char *word;
};

/* Only incidents that the page offers; each of them may be named. */
static enum rc read_incidents(struct scope *s, struct db *db, const struct claiming *claiming,
    int64_t **ret_ids, size_t *ret_n)
{
    struct list choices;
    TRY(db_all(s, db, &claims_choices, PARAMS(P_INT(claiming->who->account)), &choices));
    const struct claim_choice *at = choices.at;
    *ret_ids = SCOPE_ARRAY(s, int64_t, choices.n + 1);
    *ret_n = 0;
    for (size_t i = 0; i < choices.n; i++) {
        bool named = false;
        for (size_t k = 0; k < claiming->form->n; k++)
            named = named || (!strcmp(claiming->form->at[k].name, "incident") &&
                                 !strcmp(claiming->form->at[k].value, at[i].ref));
        if (named)
            (*ret_ids)[(*ret_n)++] = at[i].id;
    }
    return *ret_n ? RC_OK : fail_field(s, RC_INVALID, "incident", "name an incident of the page");
}

static enum rc keep_file(struct scope *s, struct db *db, struct call *c, int64_t claim)
{
    char *bytes = scope_alloc(s, EVIDENCE_MAX + 1);
    size_t len = fread(bytes, 1, EVIDENCE_MAX + 1, c->request->upload);
    const struct evidence file = {.name = c->request->upload_name, .bytes = bytes, .len = len};
    return len ? evidence_keep(s, db, c->api->keys, claim, &file) : RC_OK;
}

static enum rc claim(struct scope *s, struct db *db, void *arg)
{
    struct claiming *claiming = arg;
    const char *text = form_text(claiming->form, "text", "");
    int64_t contact = claiming->who->contact, *ids;
    struct claim_opened opened;
    size_t n;
    rewind(claiming->c->request->upload); /* the transaction may be repeated */
    TRY(read_incidents(s, db, claiming, &ids, &n));
    if (!text[strspn(text, " \t\r\n")] || utf8_count(text) > TEXT_MAX)
        return fail_field(s, RC_INVALID, "text", "is missing or too long");
    TRY(db_one(s, db, &claims_open,
        PARAMS(P_INT(claiming->who->account), P_INT(contact), P_INTS(s, ids, n), P_TEXT(text)),
        &opened));
    claiming->word = opened.word;
    return opened.id == SHAPE_NONE ? RC_OK : keep_file(s, db, claiming->c, opened.id);
}

enum rc page_claims_post(struct call *c)
{
    struct claimant who;
    struct account_visit visit = {0};
    struct form form = {0};
    bool entered;
    TRY(open_page(c, &who, &visit, &entered));
    if (!entered)
        return RC_OK;
    TRY(form_read(c, &form));
    struct claiming claiming = {.c = c, .form = &form, .who = &who};
    enum rc rc = db_txn(c->s, c->db, claim, &claiming);
    if (rc == RC_INVALID && c->s->fault.field) {
        struct reader_errors errors = reader_errors(c, &form);
        c->reply.status = 422;
        TRY(show(c, &who, &visit, NULL));
        reader_mark(c, &form, errors);
        return RC_OK;
    }
    TRY(rc);
    if (!strcmp(claiming.word, "many"))
        c->reply.status = 429;
    return show(c, &who, &visit, claiming.word);
}
