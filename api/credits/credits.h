#pragma once
/* Accounts, credit runs, credits and reviews. */
#include "api/call/call.h"

extern const struct route_list credit_routes;

extern const struct shape account_shape, account_found_shape, account_filter_shape;
extern const struct shape account_entry_shape;
extern const struct shape working_shape, run_credits_filter_shape;
extern const struct shape left_out_shape, left_out_filter_shape;
extern const struct shape new_run_shape, run_shape, approve_query_shape, acknowledge_shape,
    run_notices_shape;
extern const struct shape run_preview_shape, run_test_shape, letter_preview_shape;
extern const struct shape run_filter_shape;
extern const struct shape review_shape, review_filter_shape, answer_shape, reconciliation_shape;
extern const struct shape reconcile_filter_shape, run_report_shape, run_export_filter_shape;
extern const struct shape ageing_shape;
extern const struct shape credit_shape, credit_filter_shape, acks_shape, acked_shape;
extern const struct shape reversal_shape, credit_working_shape;
route_fn account_get, account_list, account_ledger, run_list, run_create, run_created, run_get,
    run_credits, run_left_out, run_acknowledge, run_approve, run_void, run_notices, review_list,
    review_get, review_answer, run_notices_preview, run_notices_test, run_notices_proof,
    run_reconcile, run_report, run_export, credit_ageing, credit_feed, credit_get, credit_workings,
    credit_ack, credit_reverse;
