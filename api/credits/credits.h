#ifndef API_CREDITS_CREDITS_H
#define API_CREDITS_CREDITS_H
/* Accounts, policies, credit runs, credits and reviews. */
#include "api/call/call.h"
#include "billing/policy.h"

extern const struct route_list credit_routes;

extern const struct shape account_shape, account_found_shape, account_filter_shape;
extern const struct shape account_entry_shape;
extern const struct shape stored_policy_shape, policy_trial_shape;
extern const struct shape policy_trial_cost_shape;
extern const struct shape new_run_shape, run_shape, acknowledge_shape, run_notices_shape;
extern const struct shape run_preview_shape, run_test_shape;
extern const struct shape run_filter_shape;
extern const struct shape review_shape, review_filter_shape, answer_shape, reconciliation_shape;
extern const struct shape reconcile_filter_shape, run_report_shape, run_export_filter_shape;
extern const struct shape ageing_shape;
extern const struct shape credit_shape, credit_filter_shape, acks_shape, acked_shape;
extern const struct shape reversal_shape, credit_working_shape;
enum rc account_get(struct call *c);
enum rc account_list(struct call *c);
enum rc account_ledger(struct call *c);
enum rc policy_list(struct call *c);
enum rc policy_create(struct call *c);
enum rc policy_trial(struct call *c);
enum rc run_list(struct call *c);
enum rc run_create(struct call *c);
enum rc run_created(struct call *c);
enum rc run_get(struct call *c);
enum rc run_credits(struct call *c);
enum rc run_acknowledge(struct call *c);
enum rc run_approve(struct call *c);
enum rc run_void(struct call *c);
enum rc run_notices(struct call *c);
enum rc review_list(struct call *c);
enum rc review_get(struct call *c);
enum rc review_answer(struct call *c);
enum rc run_notices_preview(struct call *c);
enum rc run_notices_test(struct call *c);
enum rc run_notices_proof(struct call *c);
enum rc run_reconcile(struct call *c);
enum rc run_report(struct call *c);
enum rc run_export(struct call *c);
enum rc credit_ageing(struct call *c);
enum rc credit_feed(struct call *c);
enum rc credit_get(struct call *c);
enum rc credit_workings(struct call *c);
enum rc credit_ack(struct call *c);
enum rc credit_reverse(struct call *c);

#endif
