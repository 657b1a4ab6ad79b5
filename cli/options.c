#include "cli/options.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/shell/suggest.h"
#include "core/strbuf.h"

enum { SHARED = 3, NO_LETTER = 256 };

struct reading {
    struct scope *s;
    struct invocation *in;
    struct command_option options[OPTIONS_MAX];
    size_t n;
    size_t max_args;
};

static const struct command_option *find_key(const struct reading *r, int key)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->options[i].key == key)
            return &r->options[i];
    return NULL;
}

size_t options_list(struct invocation *in, struct command_option ret[OPTIONS_MAX])
{
    const struct command_option shared[SHARED] = {
        OPTION(&in->config_file, .name = "config", .key = 'c', .arg = "FILE",
            .doc = "INI file with settings; AMENDS_* in the environment overrides it"),
        OPTION(&in->place, .name = "data", .key = 'd', .arg = "DIR",
            .doc = "Use the amends up that runs on DIR (default ./var), unless "
                   "AMENDS_DATABASE_URL is set"),
        OPTION(&in->output, .name = "output", .key = 'o', .arg = "json|table",
            .doc = "Output format (table)"),
    };
    size_t n = 0;
    for (const struct command_option *own = in->command->options; own && (own->name || own->doc);
         own++) {
        if (n == OPTIONS_MAX - SHARED)
            abort();
        ret[n++] = *own;
    }
    for (int i = 0; i < SHARED - (int)in->command->share; i++)
        ret[n++] = shared[i];
    for (size_t i = 0; i < n; i++)
        if (ret[i].name && !ret[i].key)
            ret[i].key = NO_LETTER + (int)i;
    return n;
}

/* Does "csv|ndjson" name the word? */
static bool is_choice(const char *choices, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = choices; at; at = strchr(at, '|')) {
        at += *at == '|';
        if (strcspn(at, "|") == len && !strncmp(at, word, len))
            return true;
    }
    return false;
}

/* "csv|ndjson": "csv or ndjson". */
static const char *choices_text(struct scope *s, const char *choices)
{
    STRBUF(b, 1000);
    for (const char *at = choices; *at; at++)
        if (*at == '|')
            strbuf_addstr(&b, " or ");
        else
            strbuf_addch(&b, *at);
    return strbuf_copy(&b, s);
}

static void check(const struct reading *r, const struct command_option *option, const char *arg,
    struct argp_state *state)
{
    if (strchr(option->arg, '|') && !is_choice(option->arg, arg))
        argp_error(state, "--%s must be %s", option->name, choices_text(r->s, option->arg));
    if (option->one_of && !shape_one_of(option->one_of, arg))
        argp_error(state, "unknown %s %s", option->name, arg);
    if (option->is_valid && !option->is_valid(arg))
        argp_error(state, "%s %s", arg, option->refusal);
    if (option->kind == OPTION_TEXT && option->max && strlen(arg) > option->max)
        argp_error(state, "--%s is too long", option->name);
}

static void add_text(const struct reading *r, const struct command_option *option, const char *arg,
    struct argp_state *state)
{
    struct texts *texts = option->to;
    if (option->max && texts->n == option->max)
        argp_error(state, "more than %zu %ss", option->max, option->name);
    const char **at =
        texts->at ? (const char **)texts->at : SCOPE_ARRAY(r->s, const char *, (size_t)state->argc);
    at[texts->n++] = arg;
    texts->at = at;
}

static void take(const struct reading *r, const struct command_option *option, const char *arg,
    struct argp_state *state)
{
    if (option->kind == OPTION_FLAG) {
        *(bool *)option->to = true;
        return;
    }
    check(r, option, arg, state);
    if (option->kind == OPTION_TEXTS)
        add_text(r, option, arg, state);
    else
        *(const char **)option->to = arg;
}

static void take_verb(struct reading *r, const char *name, struct argp_state *state)
{
    const struct command_verb *verb = r->in->command->verbs;
    struct suggestion near = {.typed = name};
    while (verb->name && strcmp(verb->name, name) != 0)
        suggest_try(&near, verb++->name);
    if (!verb->name)
        argp_error(state, "unknown action '%s'%s", name, suggest_text(r->s, &near, ""));
    r->in->verb = verb;
    if (verb->arg)
        r->max_args = strstr(verb->arg, "...") ? SIZE_MAX : 1;
}

static error_t take_arg(struct reading *r, const char *arg, struct argp_state *state)
{
    struct invocation *in = r->in;
    if (!in->verb) {
        take_verb(r, arg, state);
        return 0;
    }
    if (in->n == r->max_args)
        return ARGP_ERR_UNKNOWN;
    if (!in->n)
        in->args = SCOPE_ARRAY(r->s, const char *, (size_t)state->argc);
    ((const char **)in->args)[in->n++] = arg;
    in->arg = in->args[0];
    return 0;
}

static bool is_given(const struct command_option *option)
{
    if (option->kind == OPTION_FLAG)
        return *(const bool *)option->to;
    if (option->kind == OPTION_TEXTS)
        return ((const struct texts *)option->to)->n;
    const char *text = *(const char *const *)option->to;
    return text && *text;
}

static bool is_given_by_name(const struct reading *r, const char *name)
{
    for (size_t i = 0; name && i < r->n; i++)
        if (r->options[i].name && !strcmp(r->options[i].name, name))
            return is_given(&r->options[i]);
    return false;
}

static void check_required(
    const struct reading *r, const struct command_option *option, struct argp_state *state)
{
    bool required = option->required && is_choice(option->required, r->in->verb->name);
    if (!required || is_given(option) || is_given_by_name(r, option->instead))
        return;
    argp_error(state, "--%s is missing%s%s", option->name, option->instead ? ", or --" : "",
        option->instead ? option->instead : "");
}

static void finish(struct reading *r, struct argp_state *state)
{
    struct invocation *in = r->in;
    if (!in->verb) {
        argp_usage(state); /* exits */
        return;
    }
    if (in->verb->arg && *in->verb->arg != '[' && !in->n)
        argp_error(state, "%s is missing", in->verb->arg);
    for (size_t i = 0; i < r->n; i++)
        check_required(r, &r->options[i], state);
    char *end = NULL;
    errno = 0;
    in->id = in->verb->number ? strtoll(in->arg, &end, 10) : 0;
    if (in->verb->number && (in->id < 1 || errno || *end))
        argp_error(state, "%s must be a number, not '%s'", in->verb->arg, in->arg);
    in->json = in->output && !strcmp(in->output, "json");
}

/* Whether a long option, without dashes and "=value", is known or the beginning of one. */
static bool is_known(const struct reading *r, const char *word, struct suggestion *near)
{
    static const char *const of_argp[] = {"help", "usage", "version"};
    bool known = false;
    size_t len = strlen(word);
    for (size_t i = 0; i < r->n + 3; i++) {
        const char *name = i < r->n ? r->options[i].name : of_argp[i - r->n];
        if (!name)
            continue;
        known = known || !strncmp(name, word, len);
        suggest_try(near, name);
    }
    return known;
}

/* Does the word need the next one as its value: "--body", "-b"? */
static bool takes_next(const struct reading *r, const char *word)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct command_option *option = &r->options[i];
        bool is_long = option->name && !strncmp(word, "--", 2) && !strcmp(word + 2, option->name);
        if (option->arg && (is_long || (word[1] == option->key && word[0] == '-' && !word[2])))
            return true;
    }
    return false;
}

/* getopt would only say that it does not know an option. */
static void check_names(const struct reading *r, struct argp_state *state)
{
    for (int i = 1; i < state->argc && strcmp(state->argv[i], "--") != 0; i++) {
        const char *word = state->argv[i];
        if (takes_next(r, word)) {
            i++;
            continue;
        }
        if (strncmp(word, "--", 2) != 0)
            continue;
        struct suggestion near = {.typed = scope_strndup(r->s, word + 2, strcspn(word + 2, "="))};
        if (!is_known(r, near.typed, &near))
            argp_error(
                state, "unknown option '--%s'%s", near.typed, suggest_text(r->s, &near, "--"));
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct reading *r = state->input;
    if (key == ARGP_KEY_INIT) {
        state->name = (char *)r->in->name; /* argp sets it later */
        check_names(r, state);
    }
    if (key == ARGP_KEY_ARG)
        return take_arg(r, arg, state);
    if (key == ARGP_KEY_END)
        finish(r, state);
    const struct command_option *option = find_key(r, key);
    if (option)
        take(r, option, arg, state);
    return option || key == ARGP_KEY_END || key == ARGP_KEY_INIT ? 0 : ARGP_ERR_UNKNOWN;
}

/* A line per verb, with its argument and the options that it must have. */
static const char *arguments_text(const struct reading *r)
{
    STRBUF(b, 8192);
    for (const struct command_verb *verb = r->in->command->verbs; verb->name; verb++) {
        strbuf_addf(&b, "%s%s%s%s", b.len ? "\n" : "", verb->name,
            *verb->name && verb->arg ? " " : "", verb->arg ? verb->arg : "");
        for (size_t i = 0; i < r->n; i++) {
            const struct command_option *option = &r->options[i];
            if (option->required && is_choice(option->required, verb->name))
                strbuf_addf(&b, " --%s%s%s%s", option->name, option->arg ? "=" : "",
                    option->arg ? option->arg : "", option->kind == OPTION_TEXTS ? "..." : "");
        }
    }
    return b.len ? strbuf_copy(&b, r->s) : NULL;
}

void options_read(struct scope *s, int argc, char **argv, struct invocation *in)
{
    struct reading r = {.s = s, .in = in};
    struct argp_option rows[OPTIONS_MAX + 1] = {0};
    r.n = options_list(in, r.options);
    for (size_t i = 0; i < r.n; i++)
        rows[i] = (struct argp_option){.name = r.options[i].name,
            .key = r.options[i].key,
            .arg = r.options[i].arg,
            .doc = r.options[i].doc};
    if (!*in->command->verbs->name)
        take_verb(&r, "", NULL);
    const struct argp argp = {.options = r.n ? rows : NULL, /* argp leaks empty ones */
        .parser = parse,
        .args_doc = arguments_text(&r),
        .doc = in->command->doc};
    argp_parse(&argp, argc, argv, 0, NULL, &r);
}
