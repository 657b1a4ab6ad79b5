#pragma once
/*
 * A post from its form to its preview to what became of it. The preview says how many would hear
 * of it on which channel, and keeps nothing but the number of a draft; posting it twice posts once
 * (its Idempotency-Key is the draft). Replies to view_submission are Slack's response_action.
 */
#include "api/slack/form.h"

/* The submitted form of a payload's view: reply with its preview, or with its errors. */
enum rc slack_preview(struct call *c, enum slack_form form, const json_t *view);

/* The submitted preview: post it, and reply with what became of it. */
enum rc slack_post(struct call *c, const json_t *view);

/* "Undo" and "Publish now" of a held post in an open view, which then shows what became of it. */
enum rc slack_held(struct call *c, const char *act, const char *id, const char *view);

/* "Reaches 1204 subscribers: E-mail 1200, SMS 4", of a post and its preview by the API. */
const char *slack_audience(struct call *c, const json_t *post, const json_t *preview);

/* A view that says one thing, new reference: mrkdwn. */
json_t *slack_notice(struct call *c, const char *title, const char *mrkdwn);

/* {"response_action": "update", "view": view}, which it takes. */
enum rc slack_reply_view(struct call *c, const char *action, json_t *view);
