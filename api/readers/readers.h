#pragma once
/* Pages behind links in messages, and the forms to subscribe. */
#include "api/call/call.h"

extern const struct route_list reader_routes;
extern const struct shape push_known_shape;

route_fn page_unsubscribe, page_unsubscribe_post, page_confirm, page_confirm_post, page_credit,
    page_credit_post, page_sla_report, page_credit_how, page_report_mail, page_report_mail_post,
    page_subscribe, page_subscribe_post, page_subscribe_check, statuspage_subscribe,
    page_subscribe_code, page_slack_callback, page_manage, page_manage_post, page_manage_link,
    page_manage_enter, page_preferences, page_preferences_post, page_preferences_record,
    page_preferences_link, page_preferences_link_post, push_worker, push_icon, push_manifest,
    push_check, push_manage, push_end, push_change;
