/* POST /hooks/slack/commands: /amends STATUS|..., answered within Slack's three seconds by a
 * message that only its user sees (Slack, "Implementing slash commands"). */
#include <string.h>
#include <strings.h>

#include "api/call/form.h"
#include "api/slack/ask.h"
#include "api/slack/blocks.h"
#include "api/slack/caller.h"
#include "api/slack/form.h"
#include "api/slack/link.h"
#include "api/slack/slack.h"
#include "api/slack/status.h"
#include "api/slack/web.h"
#include "core/json.h"
#include "messages/limits.h"
#include "templates/label.h"

enum { WORD_SHOWN = 40 };

struct asked {
    const struct form *form;
    const char *word, *rest; /* "update", "2026-11-29-abc"; "open", "API is down" */
};

/* A message for the user alone, of one text or of blocks, which it takes. */
static enum rc whisper(struct call *c, const char *mrkdwn, json_t *blocks)
{
    if (!blocks)
        blocks = json_pack("[o]", blocks_section(c->s, mrkdwn));
    return slack_reply(c, json_pack("{s:s, s:s, s:o}", "response_type", "ephemeral", "text", mrkdwn,
                              "blocks", blocks));
}

static enum rc help(struct call *c, const struct asked *asked)
{
    (void)asked;
    return whisper(c, slack_word(c, "help"), NULL);
}

static enum rc unknown(struct call *c, const struct asked *asked)
{
    const char *word = blocks_escape(c->s, limits_cut(c->s, asked->word, WORD_SHOWN));
    json_t *values = json_own(c->s, json_pack("{s:s}", "word", word));
    const char *text = label_fill(c->s, slack_word(c, "help_unknown"), values);
    return whisper(c, scope_printf(c->s, "%s\n%s", text, slack_word(c, "help")), NULL);
}

static enum rc status(struct call *c, const struct asked *asked)
{
    json_t *blocks;
    (void)asked;
    const char *trouble = slack_status(c, &blocks);
    return trouble ? whisper(c, blocks_escape(c->s, trouble), NULL)
                   : whisper(c, slack_word(c, "status_title"), blocks);
}

/* A form opens by the Web API; if Slack does not open it, the answer says so. */
static enum rc open_form(struct call *c, const struct asked *asked)
{
    size_t form = 0;
    const char *trouble = NULL;
    while (strcasecmp(slack_form_name[form], asked->word) != 0)
        form++;
    bool of_one = form == SLACK_UPDATE || form == SLACK_RESOLVE;
    const char *rest = *asked->rest ? asked->rest : NULL;
    struct slack_start start = {.ref = of_one ? rest : NULL, .title = of_one ? NULL : rest};
    json_t *view = slack_form_view(c, (enum slack_form)form, &start, &trouble);
    if (!view)
        return whisper(c, blocks_escape(c->s, trouble), NULL);
    const char *error = slack_view_open(c, form_text(asked->form, "trigger_id", ""), view);
    if (!error)
        return slack_reply(c, NULL);
    json_t *values = json_own(c->s, json_pack("{s:s}", "error", error));
    return whisper(
        c, blocks_escape(c->s, label_fill(c->s, slack_word(c, "not_opened"), values)), NULL);
}

static const struct {
    const char *word;
    enum rc (*run)(struct call *c, const struct asked *asked);
} commands[] = {{"status", status}, {"", status}, {"help", help}, {"open", open_form},
    {"update", open_form}, {"resolve", open_form}, {"schedule", open_form}};

/* A command, and what it is about, without spaces around it. */
static struct asked read_text(struct call *c, const struct form *form)
{
    char *text = scope_strdup(c->s, form_text(form, "text", ""));
    char *word = text + strspn(text, " ");
    char *rest = word + strcspn(word, " ");
    if (*rest)
        *rest++ = '\0';
    rest += strspn(rest, " ");
    for (size_t n = strlen(rest); n && rest[n - 1] == ' '; n--)
        rest[n - 1] = '\0';
    return (struct asked){.form = form, .word = word, .rest = rest};
}

static enum rc ask_to_link(struct call *c, const struct slack_caller *caller)
{
    const char *text;
    TRY(slack_link_words(c, caller, &text));
    return whisper(c, text, NULL);
}

enum rc hook_slack_command(struct call *c)
{
    struct form form = {0};
    bool known;
    TRY(slack_check(c));
    TRY(form_read(c, &form));
    if (form_get(&form, "ssl_check"))
        return slack_reply(c, NULL);
    struct slack_caller caller = {.team = form_text(&form, "team_id", ""),
        .user = form_text(&form, "user_id", ""),
        .team_name = form_text(&form, "team_domain", ""),
        .user_name = form_text(&form, "user_name", "")};
    TRY(slack_recognise(c, &caller, &known));
    if (!known)
        return ask_to_link(c, &caller);
    struct asked asked = read_text(c, &form);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (!strcasecmp(commands[i].word, asked.word))
            return commands[i].run(c, &asked);
    return unknown(c, &asked);
}
