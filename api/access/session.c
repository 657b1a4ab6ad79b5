/* The console's sessions: cookie, forms, end. */
#include "api/call/session.h"

#include <string.h>

#include "api/access/staff.h"

const struct shape staff_row_shape = SHAPE("StaffSession", struct staff, FIELD(INT, id),
    FIELD(INT, key_id), FIELD(TEXT, login), FIELD(TEXT, name), FIELD(TEXT, email),
    FIELD(TEXT, phone), FIELD(TEXTS, alerts), FIELD(TEXT, locale), FIELD(TEXT, timezone),
    FIELD(TEXTS, roles), FIELD(BOOL, totp), FIELD(BOOL, password));

STMT(staff_session_find,
    "SELECT " STAFF_COLUMNS "  FROM staff_session t JOIN staff p ON p.id = t.staff_id"
    " WHERE t.token_hash = $1::bytea AND t.expires_at > now() AND p.disabled_at IS NULL",
    .row = &staff_row_shape);
STMT(staff_session_add, "INSERT INTO staff_session (token_hash, staff_id) VALUES ($1::bytea, $2)");
STMT(staff_seen, "UPDATE staff SET seen_at = now() WHERE id = $1");

void staff_act_as(struct call *c, const struct staff *staff)
{
    struct key *key = SCOPE_NEW(c->s, struct key);
    *key = (struct key){.id = staff->key_id,
        .public_id = scope_printf(c->s, "staff.%s", staff->login),
        .actor = scope_printf(c->s, "staff:%s", staff->login),
        .scopes = staff_scopes(c->s, &staff->roles)};
    c->staff = staff;
    c->key = key;
}

static enum rc recognise(struct call *c)
{
    unsigned char hash[SIGN_HASH];
    const char *token = session_token(c, STAFF_COOKIE);
    struct staff *staff = SCOPE_NEW(c->s, struct staff);
    if (!*token)
        return fail(c->s, RC_DENIED, "not signed in");
    session_hash(token, hash);
    TRY(IF_NONE(
        db_one(c->s, c->db, &staff_session_find, PARAMS(P_BYTES(hash, sizeof(hash))), staff),
        fail(c->s, RC_DENIED, "this session has expired")));
    staff->session = token;
    staff_act_as(c, staff);
    return RC_OK;
}

static enum rc ask_in(struct call *c)
{
    STRBUF(b, 4096);
    strbuf_addstr(&b, "/staff/login?next=");
    /* The input of the form is lost: redirect to the first page. */
    strbuf_addpercent(&b, c->route->verb == GET ? c->request->target : "/staff");
    return session_see_other(c, strbuf_copy(&b, c->s));
}

static enum rc check_form(struct call *c)
{
    struct form *form = SCOPE_NEW(c->s, struct form);
    TRY(form_read(c, form));
    TRY(session_check_form(c, c->staff->session, form));
    c->form = form;
    return RC_OK;
}

const struct staff_guard staff_guard = {
    .cookie = STAFF_COOKIE, .recognise = recognise, .ask_in = ask_in, .check_form = check_form};

enum rc staff_begin(struct call *c, int64_t staff_id)
{
    unsigned char hash[SIGN_HASH];
    const char *token = session_new_token(c->s);
    session_hash(token, hash);
    TRY(db_do(c->s, c->db, &staff_session_add, PARAMS(P_BYTES(hash, sizeof(hash)), P_INT(staff_id)),
        NULL));
    TRY(db_do(c->s, c->db, &staff_seen, PARAMS(P_INT(staff_id)), NULL));
    session_set(c, STAFF_COOKIE, token, STAFF_SESSION_SECONDS);
    return RC_OK;
}
