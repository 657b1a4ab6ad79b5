#include "api/account/account.h"
#include "api/claims/claims.h"
#include "api/claims/claims_page.h"
#include "api/claims/evidence.h"
#include "api/credits/credits.h"

enum { FORM_MAX = 64 * 1024 }; /* the other fields of the form, and what is between them */

/* The claims of an account, and the form for another. */
#define CLAIMS_PAGE(at) \
    {.verb = GET, \
        .path = at, \
        .page = true, \
        .slow = true, \
        .media = "text/html", \
        .run = page_claims, \
        .doc = "An account's claims, and the form for another; changes nothing."}, \
    { \
        .verb = POST, .path = at, .page = true, .raw = true, .upload = true, .slow = true, \
        .max_body = EVIDENCE_MAX + FORM_MAX, .media = "text/html", .run = page_claims_post, \
        .doc = "Claim credit for incidents (multipart/form-data)." \
    }

static const struct route rows[] = {
    {.verb = GET,
        .path = "/v1/claims",
        .id = "listClaims",
        .scope = "accounts:read",
        .slow = true,
        .query = &claim_filter_shape,
        .reply = &customer_claim_shape,
        .media = "text/csv",
        .list = true,
        .run = claim_list,
        .doc = "What customers claimed, newest first; those that wait, oldest first."},
    {.verb = POST,
        .path = "/v1/claims",
        .id = "createClaim",
        .scope = "accounts:write",
        .status = 201,
        .body = &new_claim_shape,
        .reply = &customer_claim_shape,
        .run = claim_create,
        .doc = "Record that a customer claims credit for incidents. Policies with claim pay only "
               "those who claimed in time; a declined claim does not count."},
    {.verb = POST,
        .path = "/v1/claims/run",
        .id = "createClaimRun",
        .scope = "credit-runs:write",
        .status = 201,
        .body = &claim_run_shape,
        .reply = &run_shape,
        .run = claim_run,
        .doc = "Draft one run for the incidents and accounts of accepted claims."},
    {.verb = GET,
        .path = "/v1/claims/{id}",
        .id = "getClaim",
        .scope = "accounts:read",
        .reply = &customer_claim_shape,
        .run = claim_get,
        .doc = "One claim, with the outage windows of its account."},
    {.verb = GET,
        .path = "/v1/claims/{id}/trial",
        .id = "estimateClaim",
        .scope = "policies:read",
        .slow = true,
        .query = &claim_trial_filter_shape,
        .reply = &claim_trial_shape,
        .run = claim_trial,
        .doc = "What a policy would give for the claim now; writes nothing."},
    {.verb = POST,
        .path = "/v1/claims/{id}/decision",
        .id = "answerClaim",
        .scope = "credit-runs:write",
        .body = &claim_decision_shape,
        .reply = &customer_claim_shape,
        .run = claim_decide,
        .doc = "Accept a claim, for a run to pay, or decline it with a reason, which is sent to "
               "the customer."},
    {.verb = PUT,
        .path = "/v1/claims/{id}/evidence",
        .id = "replaceClaimEvidence",
        .scope = "accounts:write",
        .raw = true,
        .takes = "application/octet-stream",
        .max_body = EVIDENCE_MAX,
        .query = &claim_evidence_query_shape,
        .reply = &customer_claim_shape,
        .run = claim_evidence_put,
        .doc = "Keep a file with the claim, sealed: a PDF, PNG, JPEG or plain text, at most 5 MiB. "
               "The body is the file."},
    {.verb = GET,
        .path = "/v1/claims/{id}/evidence",
        .id = "getClaimEvidence",
        .scope = "accounts:read",
        .slow = true,
        .media = "application/octet-stream",
        .run = claim_evidence_get,
        .doc = "The file, as an attachment."},
    {.verb = POST,
        .path = "/v1/accounts/{external_id}/claim-link",
        .id = "createClaimLink",
        .scope = "accounts:write",
        .status = 201,
        .body = &new_account_link_shape,
        .reply = &account_link_shape,
        .run = claim_link_create,
        .doc = "A link to the page on which the account claims, for a customer without a mail "
               "that has one; it works for 90 days."},
    {.verb = GET,
        .path = "/v1/account/claims",
        .id = "listOwnClaims",
        .scope = "account:read",
        .slow = true,
        .query = &own_claim_filter_shape,
        .reply = &customer_claim_shape,
        .media = "text/csv",
        .list = true,
        .run = own_claim_list,
        .doc = "The claims of the account, newest first; those that wait, oldest first."},
    {.verb = POST,
        .path = "/v1/account/claims",
        .id = "createOwnClaim",
        .scope = "account:claim",
        .slow = true,
        .status = 201,
        .body = &own_claim_shape,
        .reply = &customer_claim_shape,
        .run = own_claim_create,
        .doc = "Claim credit for incidents that affected the account; at most five claims a day."},
    CLAIMS_PAGE("/claims/{token}"),
    CLAIMS_PAGE("/a/{token}/claims"),
};
const struct route_list claim_routes = ROUTE_LIST(rows);
