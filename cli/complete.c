/*
 * amends complete WORD...: what completes the last of the words after `amends`, one per line with
 * its description behind a tab; nothing where a file is expected. deploy/completions/ asks it, for
 * bash, zsh and fish. Values that only the API knows (components, policies, incidents) come from it
 * where it is reachable.
 */
#include <stdio.h>
#include <string.h>

#include "api/incidents/incident_post.h"
#include "cli/command.h"
#include "core/json.h"

enum { API_SECONDS = 2 };

struct completing {
    struct scope *s;
    struct invocation in; /* of the command that is typed */
    struct command_option options[OPTIONS_MAX];
    size_t n;
    const char *word; /* to complete */
    size_t args;      /* typed after the verb */
    const char *place;
};

static void offer(
    const struct completing *c, const char *prefix, const char *value, const char *doc)
{
    const char *whole = scope_printf(c->s, "%s%s", prefix, value);
    if (!strncmp(whole, c->word, strlen(c->word)))
        printf("%s%s%s\n", whole, doc ? "\t" : "", doc ? doc : "");
}

/* from: "/v1/components slug". Silent where the API cannot be reached. */
static void offer_from(const struct completing *c, const char *prefix, const char *from)
{
    struct client client;
    const char *space = strchr(from, ' ');
    const char *name = space + 1;
    json_t *reply = NULL, *row;
    size_t i;
    const struct client_request request = {.verb = "GET",
        .path = scope_strndup(c->s, from, (size_t)(space - from)),
        .seconds = API_SECONDS};
    if (client_open(c->s, c->place, &client) != RC_OK ||
        client_call(c->s, &client, &request, &reply) != RC_OK)
        return;
    json_array_foreach(json_object_get(reply, "data"), i, row)
    {
        const char *doc = json_get_text(row, "title");
        const json_t *value = json_object_get(row, name);
        const char *text = json_is_integer(value)
                               ? scope_printf(c->s, "%lld", json_get_int(row, name))
                               : json_get_word(row, name);
        offer(c, prefix, text,
            doc                    ? doc
            : strcmp(name, "name") ? json_get_text(row, "name")
                                   : NULL);
    }
}

static void offer_words(const struct completing *c, const char *prefix, const char *choices)
{
    for (const char *at = choices; *at; at += strcspn(at, "|"), at += *at == '|')
        offer(c, prefix, scope_strndup(c->s, at, strcspn(at, "|")), NULL);
}

/* prefix: what stands before the value in the word, "--role=" or "". */
static void offer_values(
    const struct completing *c, const struct command_option *option, const char *prefix)
{
    const char *equals = strchr(c->word + strlen(prefix), '=');
    bool is_pair = strchr(option->arg, '=');
    if (is_pair && equals) {
        prefix = scope_strndup(c->s, c->word, (size_t)(equals - c->word) + 1);
        for (const char *const *level = post_levels; *level; level++)
            offer(c, prefix, *level, NULL);
        return;
    }
    if (strchr(option->arg, '|'))
        offer_words(c, prefix, option->arg);
    for (const char *const *word = option->one_of; word && *word; word++)
        offer(c, prefix, *word, NULL);
    if (option->from)
        offer_from(c, prefix, option->from);
}

static const struct command_option *find(const struct completing *c, const char *word)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct command_option *option = &c->options[i];
        size_t len = option->name ? strlen(option->name) : 0;
        bool is_long = len && !strncmp(word, "--", 2) && !strncmp(word + 2, option->name, len) &&
                       (!word[2 + len] || word[2 + len] == '=');
        if (is_long || (word[0] == '-' && word[1] == option->key && !word[2]))
            return option;
    }
    return NULL;
}

static void offer_options(const struct completing *c)
{
    const struct command_option *option = find(c, c->word);
    const char *equals = strchr(c->word, '=');
    if (equals && option && option->arg)
        offer_values(c, option, scope_strndup(c->s, c->word, (size_t)(equals - c->word) + 1));
    if (equals)
        return;
    for (size_t i = 0; i < c->n; i++)
        if (c->options[i].name)
            offer(c, "--", c->options[i].name, c->options[i].doc);
    offer(c, "--", "help", "Print the options");
}

static void offer_commands(const struct completing *c)
{
    for (size_t i = 0; commands[i]; i++)
        if (commands[i]->summary)
            offer(c, "", commands[i]->name, commands[i]->summary);
    offer(c, "", "help", "Print the options of a command");
}

static void take_verb(struct completing *c, const char *name)
{
    const struct command_verb *verb = c->in.command->verbs;
    while (verb->name && strcmp(verb->name, name) != 0)
        verb++;
    c->in.verb = verb->name ? verb : NULL;
}

/* The word is no option and not the value of one. */
static void offer_args(const struct completing *c)
{
    const struct command_verb *verb = c->in.verb;
    if (!verb)
        for (verb = c->in.command->verbs; verb->name; verb++)
            offer(c, "", verb->name, NULL);
    else if (verb->from && (!c->args || strstr(verb->arg, "...")))
        offer_from(c, "", verb->from);
}

static void complete(struct completing *c, const char *const *words, size_t n)
{
    const struct command_option *awaits = NULL; /* a value */
    c->n = options_list(&c->in, c->options);
    if (!*c->in.command->verbs->name)
        take_verb(c, "");
    for (size_t i = 1; i + 1 < n; i++) {
        if (awaits && !strcmp(awaits->name, "data"))
            c->place = words[i];
        const struct command_option *option = awaits ? NULL : find(c, words[i]);
        if (option && !strncmp(words[i], "--data=", 7))
            c->place = words[i] + 7;
        bool is_arg = !awaits && words[i][0] != '-';
        awaits = option && option->arg && !strchr(words[i], '=') ? option : NULL;
        if (is_arg && !c->in.verb)
            take_verb(c, words[i]);
        else if (is_arg)
            c->args++;
    }
    if (awaits)
        offer_values(c, awaits, "");
    else if (c->word[0] == '-')
        offer_options(c);
    else
        offer_args(c);
}

static enum rc run(struct scope *s, struct invocation *in)
{
    struct completing *c = SCOPE_NEW(s, struct completing);
    *c = (struct completing){.s = s, .word = in->args[in->n - 1], .place = in->place};
    bool is_help = in->n == 2 && !strcmp(in->args[0], "help");
    c->in.command = in->n > 1 ? command_find(in->args[0]) : NULL;
    if (in->n == 1 || is_help)
        offer_commands(c);
    else if (c->in.command)
        complete(c, in->args, in->n);
    return RC_OK;
}

static const struct command_verb verbs[] = {{.name = "", .arg = "WORD...", .run = run}, {0}};

const struct command command_complete = {.name = "complete",
    .doc = "Print what completes the last WORD of a command line; for the shells.",
    .verbs = verbs,
    .share = SHARE_NOTHING};
