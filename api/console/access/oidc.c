/* /staff/oidc/start and /staff/oidc/callback: staff sign in by OpenID Connect (oidc_flow.h). */
#include <string.h>

#include "api/call/audit_log.h"
#include "api/call/session.h"
#include "api/console/access/access.h"
#include "api/access/oidc_flow.h"
#include "api/access/staff.h"
#include "core/json.h"

enum { ROLES_MAX = 8 };

SHAPE_STATIC(struct known, known_shape, "OidcKnown", FIELD(INT, id), FIELD(TEXT, login),
    FIELD(BOOL, disabled));

STMT(oidc_by_subject,
    "SELECT id, login, disabled_at IS NOT NULL AS disabled FROM staff WHERE oidc_subject = $1",
    .row = &known_shape);
/* By e-mail address the first time, unless two people have it. */
STMT(oidc_bind,
    "UPDATE staff SET oidc_subject = $1 WHERE lower(email) = lower($2) AND oidc_subject IS NULL"
    "   AND disabled_at IS NULL"
    "   AND (SELECT count(*) FROM staff WHERE lower(email) = lower($2)) = 1"
    " RETURNING id, login, false AS disabled",
    .row = &known_shape);
STMT(oidc_set_subject, "UPDATE staff SET oidc_subject = $2 WHERE id = $1");
STMT(oidc_set_roles, "UPDATE staff SET roles = $2::text[] WHERE id = $1 AND roles <> $2::text[]");

static struct oidc_flow flow_of(struct call *c)
{
    const struct config *config = c->api->config;
    return (struct oidc_flow){.client = oidc_client_of(config),
        .scope = config->oidc_scope,
        .callback = scope_printf(c->s, "%s/staff/oidc/callback", c->api->public_url),
        .cookie = "oidc",
        .account = SHAPE_NONE};
}

static enum rc check_open(struct call *c)
{
    if (!oidc_is_open(c->api->config))
        return refuse(c, 404, "Signing in with OpenID Connect is not configured here.");
    return RC_OK;
}

enum rc console_oidc_start(struct call *c)
{
    const struct oidc_flow flow = flow_of(c);
    struct form form;
    TRY(check_open(c));
    TRY(form_read(c, &form));
    return oidc_flow_start(c, &flow, staff_next(&form));
}

static bool has_value(const json_t *claim, const char *value, size_t len)
{
    const json_t *one;
    size_t i;
    const char *text = json_string_value(claim);
    if (text && strlen(text) == len && !strncmp(text, value, len))
        return true;
    json_array_foreach(claim, i, one) if (has_value(one, value, len)) return true;
    return false;
}

/* The roles that oidc_roles ("ops=responder boss=approver") maps to the groups in the claim. */
static struct texts roles_of(struct call *c, const json_t *claims)
{
    const struct config *config = c->api->config;
    const json_t *claim = json_object_get(claims, config->oidc_roles_claim);
    const char **at = SCOPE_ARRAY(c->s, const char *, ROLES_MAX);
    size_t n = 0;
    char *rest = scope_strdup(c->s, config->oidc_roles);
    for (char *pair; (pair = strsep(&rest, " ")) && n < ROLES_MAX;) {
        char *equals = strrchr(pair, '=');
        if (equals && shape_one_of(staff_roles, equals + 1) &&
            has_value(claim, pair, (size_t)(equals - pair)))
            at[n++] = equals + 1;
    }
    return (struct texts){.at = at, .n = n};
}

struct entry {
    const json_t *claims;
    const char *subject, *email; /* email: verified, or NULL */
    struct texts roles;
    bool mapped; /* the provider's groups determine the roles */
    struct known person;
};

/* Adds a new person to whom the provider grants a role. */
static enum rc create(struct scope *s, struct db *db, struct entry *entry)
{
    if (!entry->mapped || !entry->email)
        return fail(s, RC_DENIED, "no person here has this account or its verified e-mail address");
    STRBUF(login, 128);
    for (const char *at = entry->email; *at; at++)
        strbuf_addch(&login, *at >= 'A' && *at <= 'Z' ? (char)(*at + 32) : *at);
    const char *name = json_get_text(entry->claims, "name");
    const struct new_staff new = {.login = strbuf_copy(&login, s),
        .name = name && *name ? name : entry->email,
        .email = entry->email,
        .roles = entry->roles};
    TRY(staff_add(s, db, &new, &entry->person.id));
    entry->person.login = new.login;
    TRY(staff_record(s, db, "oidc", "staff.create", entry->person.id, NULL));
    return db_do(
        s, db, &oidc_set_subject, PARAMS(P_INT(entry->person.id), P_TEXT(entry->subject)), NULL);
}

static enum rc find(struct scope *s, struct db *db, struct entry *entry)
{
    enum rc rc = db_one(s, db, &oidc_by_subject, PARAMS(P_TEXT(entry->subject)), &entry->person);
    if (rc == RC_NOT_FOUND && entry->email)
        rc = db_one(s, db, &oidc_bind, PARAMS(P_TEXT(entry->subject), P_TEXT(entry->email)),
            &entry->person);
    return rc == RC_NOT_FOUND ? create(s, db, entry) : rc;
}

static enum rc set_roles(struct scope *s, struct db *db, const struct entry *entry)
{
    int64_t n;
    TRY(db_do(
        s, db, &oidc_set_roles, PARAMS(P_INT(entry->person.id), P_TEXTS(s, &entry->roles)), &n));
    if (!n)
        return RC_OK;
    json_t *roles = json_array();
    for (size_t i = 0; i < entry->roles.n; i++)
        json_array_append_new(roles, json_string(entry->roles.at[i]));
    json_t *detail = json_own(s, json_pack("{s:o}", "roles", roles));
    return staff_record(s, db, "oidc", "staff.change", entry->person.id, json_text(s, detail));
}

static enum rc enter(struct scope *s, struct db *db, void *arg)
{
    struct entry *entry = arg;
    entry->person = (struct known){0};
    if (entry->mapped && !entry->roles.n)
        return fail(s, RC_DENIED, "none of the groups of this account has a role here");
    TRY(find(s, db, entry));
    if (entry->person.disabled)
        return fail(s, RC_DENIED, "this person is disabled");
    if (entry->mapped)
        TRY(set_roles(s, db, entry));
    return audit_add(s, db, scope_printf(s, "staff:%s", entry->person.login), "staff.sign_in",
        scope_printf(s, "staff:%lld", (long long)entry->person.id), "{\"by\":\"oidc\"}");
}

enum rc console_oidc_callback(struct call *c)
{
    const struct oidc_flow flow = flow_of(c);
    const char *next;
    struct entry entry = {.mapped = *c->api->config->oidc_roles_claim};
    TRY(check_open(c));
    enum rc rc = oidc_flow_finish(c, &flow, &entry.claims, &next);
    if (rc == RC_OK) {
        entry.subject =
            scope_printf(c->s, "%s %s", flow.client.issuer, json_get_text(entry.claims, "sub"));
        entry.email = oidc_verified_email(entry.claims);
        entry.roles = roles_of(c, entry.claims);
        rc = db_txn(c->s, c->db, enter, &entry);
        auth_forget(); /* the provider may have changed the roles */
    }
    if (rc == RC_DENIED)
        return oidc_flow_refused(c);
    TRY(rc);
    TRY(staff_begin(c, entry.person.id));
    return session_see_other(c, next);
}
