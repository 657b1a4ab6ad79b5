#ifndef API_RESOURCES_H
#define API_RESOURCES_H
/* Handlers and shapes that the route table (routes.c) puts together; one file a resource. */
#include "billing/policy.h"
#include "core/shape.h"

struct call;

extern const struct shape component_shape, new_component_shape, component_change_shape;
enum rc component_list(struct call *c);
enum rc component_create(struct call *c);
enum rc component_change(struct call *c);

extern const struct shape incident_shape, new_incident_shape, incident_posted_shape;
extern const struct shape incident_filter_shape;
enum rc incident_list(struct call *c);
enum rc incident_create(struct call *c);
enum rc incident_get(struct call *c);
extern const struct shape post_preview_shape, incident_preview_shape, update_preview_shape;
extern const struct shape postmortem_preview_shape, credit_evidence_warning_shape;
enum rc incident_preview(struct call *c);
enum rc update_preview(struct call *c);
enum rc postmortem_preview(struct call *c);
enum rc incident_warning_list(struct call *c);
extern const struct shape incident_change_shape;
enum rc incident_change(struct call *c);
extern const struct shape update_change_shape;
enum rc update_change(struct call *c);
extern const struct shape incident_template_shape, new_incident_template_shape;
extern const struct shape incident_template_change_shape;
enum rc incident_template_list(struct call *c);
enum rc incident_template_create(struct call *c);
enum rc incident_template_change(struct call *c);
enum rc incident_template_delete(struct call *c);
extern const struct shape new_postmortem_shape, postmortem_posted_shape;
enum rc postmortem_create(struct call *c);
extern const struct shape promise_shape, promise_filter_shape;
enum rc promise_list(struct call *c);

extern const struct shape update_shape, new_update_shape;
enum rc update_create(struct call *c);

extern const struct shape impacts_shape, new_impacts_shape;
enum rc impact_get(struct call *c);
enum rc impact_replace(struct call *c);

extern const struct shape subscriber_shape, new_subscriber_shape, subscriber_change_shape;
extern const struct shape subscriber_filter_shape, subscriber_export_filter_shape;
extern const struct shape subscriber_end_shape, history_filter_shape, sent_shape, agreement_shape;
extern const struct shape import_line_shape, import_options_shape, apply_options_shape;
extern const struct shape subscriber_import_shape, import_filter_shape, import_line_filter_shape;
enum rc subscriber_list(struct call *c);
enum rc subscriber_create(struct call *c);
enum rc subscriber_get(struct call *c);
enum rc subscriber_change(struct call *c);
enum rc subscriber_delete(struct call *c);
enum rc subscriber_deliveries(struct call *c);
enum rc subscriber_consents(struct call *c);
enum rc subscriber_link(struct call *c);
enum rc subscriber_rotate(struct call *c);
enum rc subscriber_import(struct call *c);
enum rc subscriber_export(struct call *c);
enum rc import_list(struct call *c);
enum rc import_get(struct call *c);
enum rc import_line_list(struct call *c);
enum rc import_apply(struct call *c);
enum rc import_undo(struct call *c);

extern const struct shape suppression_shape, suppression_filter_shape, new_suppression_shape;
extern const struct shape suppression_end_shape, bounce_rule_shape;
enum rc suppression_list(struct call *c);
enum rc suppression_create(struct call *c);
enum rc suppression_delete(struct call *c);
enum rc bounce_rule_get(struct call *c);
enum rc bounce_rule_put(struct call *c);

extern const struct shape inbound_shape, mail_query_shape;
enum rc hook_mail(struct call *c);

extern const struct shape broadcast_shape, delivery_shape, delivery_filter_shape;
extern const struct shape broadcast_line_shape, broadcast_filter_shape;
enum rc broadcast_list(struct call *c);
enum rc broadcast_show(struct call *c);
enum rc broadcast_events(struct call *c);
enum rc broadcast_cancel(struct call *c);
enum rc broadcast_retry(struct call *c);
enum rc delivery_list(struct call *c);
enum rc delivery_replay(struct call *c);

extern const struct shape account_shape, account_line_shape;
extern const struct shape account_options_shape, account_outcome_shape;
enum rc account_import(struct call *c);
enum rc account_get(struct call *c);
extern const struct shape account_found_shape, account_filter_shape;
extern const struct shape account_entry_shape, account_ledger_filter_shape;
enum rc account_list(struct call *c);
enum rc account_ledger(struct call *c);

extern const struct shape stored_policy_shape;
enum rc policy_list(struct call *c);
enum rc policy_create(struct call *c);
extern const struct shape policy_trial_shape, policy_trial_cost_shape;
enum rc policy_trial(struct call *c);

extern const struct shape new_run_shape, run_shape, acknowledge_shape, run_notices_shape;
extern const struct shape run_preview_shape, run_test_shape;
extern const struct shape run_credit_filter_shape, created_broadcast_shape;
extern const struct shape run_filter_shape;
enum rc run_list(struct call *c);
enum rc run_create(struct call *c);
enum rc run_created(struct call *c);
enum rc run_get(struct call *c);
enum rc run_credits(struct call *c);
enum rc run_acknowledge(struct call *c);
enum rc run_approve(struct call *c);
enum rc run_void(struct call *c);
enum rc run_notices(struct call *c);

extern const struct shape review_shape, review_filter_shape, answer_shape;
enum rc review_list(struct call *c);
enum rc review_get(struct call *c);
enum rc review_answer(struct call *c);

enum rc run_notices_preview(struct call *c);
enum rc run_notices_test(struct call *c);
enum rc run_notices_proof(struct call *c);
extern const struct shape reconciliation_shape, reconcile_filter_shape;
enum rc run_reconcile(struct call *c);
extern const struct shape run_report_shape, run_export_filter_shape, ageing_shape;
enum rc run_report(struct call *c);
enum rc run_export(struct call *c);
enum rc credit_ageing(struct call *c);

extern const struct shape credit_shape, credit_filter_shape, acks_shape, acked_shape;
extern const struct shape reversal_shape;
enum rc credit_feed(struct call *c);
enum rc credit_get(struct call *c);
extern const struct shape credit_working_shape;
enum rc credit_workings(struct call *c);
enum rc credit_ack(struct call *c);
enum rc credit_reverse(struct call *c);

extern const struct shape new_notice_shape, seen_notice_shape, test_notice_shape, preview_shape;
enum rc notice_create(struct call *c);
enum rc notice_preview(struct call *c);
enum rc notice_test(struct call *c);

extern const struct shape listed_key_shape, new_key_shape, created_key_shape;
enum rc key_list(struct call *c);
enum rc key_create(struct call *c);
enum rc key_delete(struct call *c);

enum rc hook_sms_status(struct call *c);
enum rc hook_slack(struct call *c);
enum rc hook_sms_inbound(struct call *c);

enum rc health_get(struct call *c);
enum rc ready_get(struct call *c);
enum rc metrics_get(struct call *c);
enum rc openapi_get(struct call *c);
enum rc page_docs(struct call *c);

enum rc page_unsubscribe(struct call *c);
enum rc page_unsubscribe_do(struct call *c);
enum rc page_confirm(struct call *c);
enum rc page_confirm_do(struct call *c);
enum rc page_credit(struct call *c);
enum rc page_credit_do(struct call *c);
enum rc page_subscribe(struct call *c);
enum rc page_subscribe_do(struct call *c);
enum rc page_subscribe_check(struct call *c);
enum rc page_subscribe_code(struct call *c);
enum rc page_slack_callback(struct call *c);
enum rc page_manage(struct call *c);
enum rc page_manage_do(struct call *c);
enum rc page_manage_link(struct call *c);
enum rc page_manage_enter(struct call *c);
enum rc page_preferences(struct call *c);
enum rc page_preferences_do(struct call *c);
enum rc page_preferences_record(struct call *c);
enum rc static_get(struct call *c);

extern const struct shape person_shape, new_staff_shape, staff_change_shape;
extern const struct shape staff_invitation_shape;
enum rc staff_list(struct call *c);
enum rc staff_post(struct call *c);
enum rc staff_patch(struct call *c);
enum rc staff_invitation_post(struct call *c);

extern const struct shape audit_row_shape, audit_filter_shape;
enum rc audit_list(struct call *c);

#endif
