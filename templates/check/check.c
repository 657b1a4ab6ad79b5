#include "templates/check/check.h"

#include <string.h>

#include "core/json.h"
#include "core/strbuf.h"
#include "templates/check/names.h"
#include "templates/engine/template.h"
#include "templates/files.h"

#define SAMPLES "templates/samples/"
enum { OUTPUT_MAX = 1 << 20, FAULTS_MAX = 64 * 1024 };

const struct message_part message_parts[] = {
    {.channel = "email", .suffix = "subject.txt"},
    {.channel = "email", .suffix = "txt"},
    {.channel = "email", .suffix = "html"},
    {.channel = "sms", .suffix = "txt"},
    {.channel = "slack", .suffix = "slack.json"},
    {.channel = "chat", .suffix = "json"},
    {.channel = "push", .suffix = "json"},
    {.channel = "webhook", .suffix = "json"},
    {.channel = "page", .suffix = "html"},
    {0},
};

/* What a message must keep saying if the built-in one says it: the law (RFC 8058, the footer), or
 * the purpose of the message. */
static const struct {
    const char *object; /* NULL: the context itself */
    const char *member;
} required[] = {
    {.member = "unsubscribe_url"},
    {.member = "manage_url"},
    {.member = "postal_address"},
    {.member = "confirm_url"},
    {.member = "confirm_code"},
    {.member = "token"},
    {.member = "enter_url"},
    {.member = "statement_url"},
    {.object = "credit", .member = "amount_text"},
    {.object = "credit", .member = "statement_url"},
};
enum { REQUIRED = sizeof required / sizeof *required };

/* What may be null or empty. */
static const struct {
    const char *object;
    const char *member;
    bool list;
} optional[] = {
    {.member = "postal_address"},
    {.member = "manage_url"},
    {.member = "unsubscribe_url"},
    {.object = "site", .member = "logo"},
    {.object = "site", .member = "logo_dark"},
    {.object = "site", .member = "support_url"},
    {.member = "timeline", .list = true},
    {.member = "next_update_at"},
    {.member = "next_update_local"},
    {.member = "next_update_slack"},
    {.object = "incident", .member = "components", .list = true},
    {.object = "incident", .member = "window"},
    {.object = "incident", .member = "scheduled_from"},
    {.object = "incident", .member = "scheduled_until"},
    {.object = "digest", .member = "more"},
    {.object = "credit", .member = "why_text"},
    {.object = "credit", .member = "expected_by"},
    {.object = "credit", .member = "statement_url"},
    {.object = "credit", .member = "review_url"},
    {.object = "credit", .member = "incidents", .list = true},
};

/* A message with one of its samples. */
struct message {
    const char *kind, *suffix, *locale;
    const char *sample; /* its JSON */
    const struct embed *file;
};

struct checking {
    json_t *says; /* per message of the executable: the bits of what it says; NULL while filling */
    bool filling;
    struct strbuf *faults;
};

void message_make_bare(json_t *context)
{
    for (size_t i = 0; i < sizeof optional / sizeof *optional; i++) {
        json_t *object =
            optional[i].object ? json_object_get(context, optional[i].object) : context;
        if (json_object_get(object, optional[i].member))
            json_object_set_new(
                object, optional[i].member, optional[i].list ? json_array() : json_null());
    }
}

static json_t *context_of(struct scope *s, const struct message *m)
{
    json_t *context = NULL;
    if (json_parse(s, m->sample, strlen(m->sample), &context) != RC_OK)
        abort(); /* a sample of ours */
    return context;
}

static enum rc render_every(struct scope *s, const struct message *m)
{
    struct template *t;
    STRBUF(out, OUTPUT_MAX);
    TRY(template_load_every(s, m->kind, m->locale, m->suffix, &t));
    return template_render(s, t, context_of(s, m), &out);
}

static enum rc render(
    struct scope *s, const struct message *m, const json_t *context, struct strbuf *out)
{
    struct template *t;
    json_t *json;
    strbuf_clear(out);
    TRY(template_load(s, m->kind, m->locale, m->suffix, &t));
    TRY(template_render(s, t, context, out));
    if (strstr(m->suffix, "json") && json_parse(s, out->buf, out->len, &json) != RC_OK)
        return fail(s, RC_INVALID, "%s: renders to JSON with a mistake: %s", m->file->path,
            s->fault.message);
    if (!strcmp(m->suffix, "subject.txt") && (!out->len || strpbrk(out->buf, "\r\n")))
        return fail(s, RC_INVALID, "%s: a subject must be one line", m->file->path);
    return RC_OK;
}

static unsigned said(const json_t *context, const char *text)
{
    unsigned bits = 0;
    for (unsigned i = 0; i < REQUIRED; i++) {
        const json_t *object =
            required[i].object ? json_object_get(context, required[i].object) : context;
        const char *value = json_get_text(object, required[i].member);
        if (value && strstr(text, value))
            bits |= 1U << i;
    }
    return bits;
}

/* The same message in English is the measure, as the executable has it. */
static enum rc check_said(
    struct scope *s, const struct message *m, const struct checking *c, unsigned bits)
{
    const char *key = scope_printf(s, "%s.%s", m->kind, m->suffix);
    if (c->filling) {
        json_object_set_new(c->says, key, json_integer(bits | json_get_int(c->says, key)));
        return RC_OK;
    }
    unsigned lacks = (unsigned)json_get_int(c->says, key) & ~bits;
    for (unsigned i = 0; i < REQUIRED; i++)
        if (lacks & 1U << i)
            return fail(s, RC_INVALID, "%s: must contain {{%s%s%s}} (language %s)", m->file->path,
                required[i].object ? required[i].object : "", required[i].object ? "." : "",
                required[i].member, m->locale);
    return RC_OK;
}

static enum rc check_message(struct scope *s, const struct message *m, const struct checking *c)
{
    STRBUF(out, OUTPUT_MAX);
    json_t *context = context_of(s, m);
    if (!c->filling)
        TRY(render_every(s, m));
    TRY(render(s, m, context, &out));
    TRY(check_said(s, m, c, said(context, out.buf)));
    message_make_bare(context);
    return render(s, m, context, &out);
}

static void add_fault(struct strbuf *faults, const char *line)
{
    if (!strstr(faults->buf, line))
        strbuf_addf(faults, "%s%s", faults->len ? "\n" : "", line);
}

static void check_part(const struct message *given, const char *channel, const char *kind,
    const json_t *locales, const struct checking *c)
{
    SCOPE(s);
    size_t i;
    const json_t *locale;
    struct message m = *given;
    const char *path = scope_printf(s, "templates/%s/%s", channel, kind);
    m.kind = path + strlen("templates/");
    if (!embed_find(scope_printf(s, "%s.en.%s", path, m.suffix)) || !template_files_may(path))
        return;
    json_array_foreach(locales, i, locale)
    {
        SCOPE(one);
        m.locale = json_string_value(locale);
        m.file = template_files_find(scope_printf(one, "%s.%s.%s", path, m.locale, m.suffix));
        if (!m.file)
            m.file = template_files_find(scope_printf(one, "%s.en.%s", path, m.suffix));
        if (check_message(one, &m, c) != RC_OK)
            add_fault(c->faults, one->fault.message);
    }
}

static void check_sample(
    const struct embed *sample, const json_t *locales, const struct checking *c)
{
    SCOPE(s);
    struct message m = {.sample = sample->text};
    const char *name = sample->path + strlen(SAMPLES);
    const json_t *context = context_of(s, &m);
    const char *shared = json_get_text(context, "template");
    const char *kind = shared ? shared : scope_strndup(s, name, strcspn(name, "."));
    for (const struct message_part *part = message_parts; part->channel; part++) {
        m.suffix = part->suffix;
        check_part(&m, part->channel, kind, locales, c);
        if (json_object_get(context, "statuspage"))
            check_part(&m, part->channel, scope_printf(s, "statuspage_%s", kind), locales, c);
    }
}

static void check_samples(const json_t *locales, const struct checking *c)
{
    for (size_t i = 0; i < embed_count; i++)
        if (!strncmp(embed_files[i].path, SAMPLES, strlen(SAMPLES)))
            check_sample(&embed_files[i], locales, c);
}

enum rc templates_use(struct scope *s, const char *dir)
{
    STRBUF(faults, FAULTS_MAX);
    struct checking c = {.says = json_own(s, json_object()), .filling = true, .faults = &faults};
    json_t *locales = json_own(s, json_array());
    TRY(template_files_read(s, ""));
    if (!*dir)
        return RC_OK;
    json_array_append_new(locales, json_string("en"));
    check_samples(locales, &c);
    TRY(template_files_read(s, dir));
    template_names_check(s, locales, &faults);
    c.filling = false;
    if (!faults.len)
        check_samples(locales, &c);
    return faults.len ? fail(s, RC_INVALID, "%s", faults.buf) : RC_OK;
}

enum rc templates_setting(struct scope *s, const struct config *config)
{
    return templates_use(s, config->templates_dir);
}
