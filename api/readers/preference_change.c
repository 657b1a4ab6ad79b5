#include <string.h>

#include "api/call/locale.h"
#include "api/subscribers/address.h"
#include "api/readers/preferences.h"
#include "api/readers/reader.h"
#include "api/readers/signup.h"
#include "api/subscribers/subscriber.h"
#include "core/clock.h"
#include "core/json.h"

/* Choosing "de" keeps a more specific tag such as de-AT. */
STMT(reader_save,
    "UPDATE subscriber SET verbosity = $2::verbosity, timezone = $4, changed_at = now(),"
    "   locale = CASE WHEN split_part(locale, '-', 1) = $3 THEN locale ELSE $3 END,"
    "   format = CASE WHEN channel = 'webhook' THEN coalesce($5, format) ELSE format END"
    " WHERE id = $1");
STMT(reader_choice, "SELECT amends.reader_choose($1, $2::jsonb)");
/* Unmutes topics that are no longer selected. */
STMT(reader_unmute,
    "DELETE FROM mute m WHERE subscriber_id = $1 AND NOT (m.kind || ':' || coalesce("
    "   (SELECT ref FROM incident i WHERE m.kind = 'incident' AND i.id = m.target_id),"
    "   (SELECT slug FROM component k WHERE m.kind = 'component' AND k.id = m.target_id), '')"
    "  ) = ANY ($2::text[])");
/* Until midnight in the reader's zone. */
STMT(reader_pause,
    "UPDATE subscriber SET state = 'paused', changed_at = now(),"
    "   paused_until = $2::date::timestamp AT TIME ZONE timezone"
    " WHERE id = $1 AND state IN ('active', 'paused')"
    "   AND $2::date::timestamp AT TIME ZONE timezone > now()"
    "   AND $2::date < now() + interval '5 years' RETURNING id",
    .row = &row_int);
STMT(reader_resume, "UPDATE subscriber SET state = 'active', paused_until = NULL,"
                    " changed_at = now() WHERE id = $1 AND state = 'paused'");

struct saving {
    struct call *c;
    const struct preferences *p;
    const struct form *form;
    const json_t *chosen;
    struct texts muted;
};

static enum rc save_all(struct scope *s, struct db *db, void *arg)
{
    const struct saving *saving = arg;
    const struct form *form = saving->form;
    struct param id = P_INT(saving->p->id);
    TRY(db_do(s, db, &reader_save,
        PARAMS(id, P_TEXT(reader_verbosity(form)), P_TEXT(form_text(form, "locale", "en")),
            P_TEXT(form_text(form, "timezone", "UTC")), P_TEXT(form_text(form, "format", NULL))),
        NULL));
    TRY(db_do(s, db, &reader_choice, PARAMS(id, P_TEXT(json_text(s, saving->chosen))), NULL));
    TRY(db_do(s, db, &reader_unmute, PARAMS(id, P_TEXTS(s, &saving->muted)), NULL));
    return reader_consent(s, db, saving->p->id, "changed", "page");
}

static struct texts values(struct scope *s, const struct form *form, const char *name)
{
    const char **at = SCOPE_ARRAY(s, const char *, form->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < form->n; i++)
        if (!strcmp(form->at[i].name, name))
            at[n++] = form->at[i].value;
    return (struct texts){.at = at, .n = n};
}

static enum rc save(struct call *c, struct preferences *p, const struct form *form)
{
    const char *format = form_text(form, "format", "amends");
    struct saving saving = {.c = c, .p = p, .form = form};
    TRY(locale_check(c->s, form_text(form, "locale", "en"), form_text(form, "timezone", "UTC")));
    if (strcmp(format, "amends") != 0 && strcmp(format, "statuspage") != 0)
        return fail_field(c->s, RC_INVALID, "format", "must be amends or statuspage");
    saving.chosen = reader_chosen(c->s, form);
    saving.muted = values(c->s, form, "mute");
    TRY(reader_check_chosen(c->s, c->db, form, saving.chosen));
    p->done = "saved";
    return db_txn(c->s, c->db, save_all, &saving);
}

static enum rc pause_until(struct call *c, struct preferences *p, const struct form *form)
{
    const char *until = form_text(form, "until", "");
    int64_t id;
    TRY(IF_NONE(clock_is_date(until)
                    ? db_one(c->s, c->db, &reader_pause, PARAMS(P_INT(p->id), P_TEXT(until)), &id)
                    : RC_NOT_FOUND,
        fail_field(c->s, RC_INVALID, "until", "must be a future day")));
    p->done = "is_paused";
    return reader_consent(c->s, c->db, p->id, "paused", "page");
}

static enum rc resume(struct call *c, struct preferences *p, const struct form *form)
{
    (void)form;
    TRY(db_do(c->s, c->db, &reader_resume, PARAMS(P_INT(p->id)), NULL));
    p->done = "resumed";
    return reader_consent(c->s, c->db, p->id, "resumed", "page");
}

/* The subscription moves once the new address is confirmed. */
static enum rc move(struct call *c, struct preferences *p, const struct form *form)
{
    struct subscriber row;
    struct address address;
    struct form own = {.at = {{"address", form_text(form, "address", "")}}, .n = 2};
    TRY(subscriber_read(c->s, c->db, p->id, &row));
    own.at[1] = (struct request_pair){.name = "channel", .value = row.channel};
    TRY(signup_address(c, &own, &address));
    json_t *wish = json_own(c->s, json_object());
    json_object_set_new(wish, "subscriber", json_integer(p->id));
    if (address.secret)
        json_object_set_new(wish, "moved",
            json_string(address_seal(c->s, c->api, "address", p->id, address.normal)));
    TRY(signup_keep(c, "move", &address, wish, NULL));
    p->done = "move_sent";
    return reader_consent(c->s, c->db, p->id, "move asked", "page");
}

static enum rc rotate(struct call *c, struct preferences *p, const struct form *form)
{
    (void)form;
    char *shown;
    TRY(subscriber_secret_rotate(c, p->id, &shown));
    p->done = "rotated";
    return RC_OK;
}

enum rc preferences_change(struct call *c, struct preferences *p, const struct form *form)
{
    static const struct {
        const char *word;
        enum rc (*run)(struct call *c, struct preferences *p, const struct form *form);
    } acts[] = {{"save", save}, {"pause", pause_until}, {"resume", resume}, {"move", move},
        {"rotate", rotate}};
    const char *act = form_text(form, "do", "save");
    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
        if (!strcmp(acts[i].word, act))
            return acts[i].run(c, p, form);
    return fail_field(c->s, RC_INVALID, "do", "\"%.20s\" is not an action", act);
}
