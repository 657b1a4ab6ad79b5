#include "tests/sinks/smtp_client.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int64_t now_us;

static void reply(struct client *c, const char *text, int delay_ms)
{
    strbuf_addstr(&c->out, text);
    strbuf_addstr(&c->out, "\r\n");
    if (!delay_ms && !c->n_late) {
        c->sendable = c->out.len;
        return;
    }
    int64_t due = now_us + (int64_t)delay_ms * 1000;
    if (c->n_late && (due <= c->late[c->n_late - 1].due || c->n_late == CLIENT_LATE_MAX))
        c->late[c->n_late - 1].len = c->out.len;
    else
        c->late[c->n_late++] = (struct late){.due = due, .len = c->out.len};
}

/* --refuse-first: true when this one is refused. */
static bool is_refused(struct client *c, enum sink_stage stage)
{
    if (!sink_option.refuse_first[stage].left)
        return false;
    sink_option.refuse_first[stage].left--;
    sink_counts.deferred++;
    reply(c, sink_option.refuse_first[stage].reply, sink_option.delay_ms);
    return true;
}

/* ---- a mail ---- */

static void count_message_id(const char *body, size_t len)
{
    const char *end = memmem(body, len, "\r\n\r\n", 4);
    size_t head = end ? (size_t)(end - body) : len;
    for (const char *at = body; at && at < body + head;) {
        size_t left = (size_t)(body + head - at);
        const char *eol = memchr(at, '\n', left);
        size_t line = eol ? (size_t)(eol - at) : left;
        if (line > 11 && !strncasecmp(at, "message-id:", 11))
            sink_counts.repeats += !keyset_add(&sink_counts.message_ids, at, line);
        at = eol ? eol + 1 : NULL;
    }
}

/* RFC 5321 4.5.2: a leading dot is not part of the text. */
static void unstuff(struct strbuf *b, const char *body, size_t len)
{
    for (size_t at = 0; at < len;) {
        const char *eol = memmem(body + at, len - at, "\r\n", 2);
        size_t line = eol ? (size_t)(eol - body) + 2 - at : len - at;
        size_t skip = body[at] == '.';
        strbuf_add(b, body + at + skip, line - skip);
        at += line;
    }
}

static void keep_mail(const struct client *c, const char *body, size_t len, bool dotted)
{
    STRBUF(text, CLIENT_IN_MAX);
    STRBUF(line, CLIENT_IN_MAX);
    if (dotted)
        unstuff(&text, body, len);
    else
        strbuf_add(&text, body, len);
    strbuf_addstr(&line, "{\"from\":\"");
    strbuf_addjson(&line, c->from.buf, c->from.len);
    strbuf_addstr(&line, "\",\"to\":\"");
    strbuf_addjson(&line, c->to.buf, c->to.len);
    strbuf_addstr(&line, "\",\"data\":\"");
    strbuf_addjson(&line, text.buf, text.len);
    strbuf_addstr(&line, "\"}\n");
    fwrite(line.buf, 1, line.len, sink_option.keep);
}

static void end_of_mail(struct client *c, const char *body, size_t len, bool dotted)
{
    sink_counts.bodies++;
    c->mails++;
    bool refused = is_refused(c, SINK_END);
    if (!refused && sink_option.temp_every && sink_counts.bodies % sink_option.temp_every == 0) {
        sink_counts.deferred++;
        reply(c, "451 4.3.0 Try again later", sink_option.delay_ms + sink_option.dot_delay_ms);
    } else if (!refused) {
        sink_counts.accepted++;
        if (!sink_option.count_only) {
            keyset_add(&sink_counts.recipients, c->to.buf, c->to.len);
            count_message_id(body, len);
        }
        if (sink_option.keep)
            keep_mail(c, body, len, dotted);
        reply(c, "250 2.0.0 Ok", sink_option.delay_ms + sink_option.dot_delay_ms);
    }
    c->has_from = false;
    strbuf_clear(&c->to);
    if (sink_option.drop_after && c->mails == sink_option.drop_after)
        c->closing = true;
    if (sink_option.goodbye_after && c->mails == sink_option.goodbye_after) {
        reply(c, "421 4.7.0 Enough for one connection", 0);
        c->closing = true;
    }
}

/* ---- commands ---- */

static bool is_verb(const char *line, const char *verb)
{
    return !strncasecmp(line, verb, strlen(verb));
}

/* The path between < and >. */
static void read_path(struct strbuf *b, const char *line)
{
    const char *open = strchr(line, '<');
    const char *close = open ? strrchr(open, '>') : NULL;
    strbuf_clear(b);
    if (close)
        strbuf_add(b, open + 1, (size_t)(close - open - 1));
}

static void on_rcpt(struct client *c, const char *line)
{
    read_path(&c->to, line);
    if (!c->has_from) {
        reply(c, "503 5.5.1 MAIL first", sink_option.delay_ms);
        strbuf_clear(&c->to);
    } else if (is_refused(c, SINK_RCPT)) {
        strbuf_clear(&c->to);
    } else if (sink_option.refuse_reply && !regexec(&sink_option.refuse, c->to.buf, 0, NULL, 0)) {
        sink_counts.refused++;
        reply(c, sink_option.refuse_reply, sink_option.delay_ms);
        strbuf_clear(&c->to);
    } else {
        reply(c, "250 2.1.5 Ok", sink_option.delay_ms);
    }
}

static void on_mail(struct client *c, const char *line)
{
    if (c->has_from) {
        reply(c, "503 5.5.1 Nested MAIL", sink_option.delay_ms);
        return;
    }
    if (is_refused(c, SINK_MAIL))
        return;
    read_path(&c->from, line);
    c->has_from = true;
    reply(c, "250 2.1.0 Ok", sink_option.delay_ms);
}

static void on_data(struct client *c)
{
    if (!c->to.len) {
        reply(c, "554 5.5.1 No valid recipients", sink_option.delay_ms);
        return;
    }
    if (is_refused(c, SINK_DATA))
        return;
    c->in_body = true;
    c->scanned = 0;
    reply(c, "354 End with a dot", sink_option.delay_ms);
}

/* RFC 3030 2. The octets are read whatever becomes of them (except by a relay that does not
 * know the command). */
static void on_bdat(struct client *c, const char *line)
{
    char *end;
    if (sink_option.refuse_bdat) {
        reply(c, sink_option.refuse_bdat, sink_option.delay_ms);
        return;
    }
    c->chunk = strtoul(line + 4, &end, 10);
    c->last_chunk = !strcasecmp(end, " LAST");
    c->in_chunk = true;
}

static void end_of_chunk(struct client *c, const char *octets)
{
    c->in_chunk = false;
    sink_counts.chunks++;
    if (!c->to.len) { /* like Exim, not like Postfix: the transaction goes on */
        reply(c, "503 5.5.1 Valid RCPT must precede BDAT", sink_option.delay_ms);
    } else if (!c->last_chunk) {
        strbuf_add(&c->text, octets, c->chunk);
        reply(c, "250 2.0.0 Ok, go on", sink_option.delay_ms);
    } else if (!c->text.len) {
        end_of_mail(c, octets, c->chunk, false);
    } else {
        strbuf_add(&c->text, octets, c->chunk);
        end_of_mail(c, c->text.buf, c->text.len, false);
    }
    if (c->last_chunk)
        strbuf_clear(&c->text);
}

static void on_command(struct client *c, const char *line)
{
    int delay = sink_option.delay_ms;
    if (is_verb(line, "EHLO")) {
        reply(c, "250-sink.example", delay);
        if (!sink_option.no_pipelining)
            reply(c, "250-PIPELINING", delay);
        if (!sink_option.no_chunking)
            reply(c, "250-CHUNKING", delay);
        reply(c, "250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SMTPUTF8", delay);
    } else if (is_verb(line, "HELO")) {
        reply(c, "250 sink.example", delay);
    } else if (is_verb(line, "MAIL FROM:")) {
        on_mail(c, line);
    } else if (is_verb(line, "RCPT TO:")) {
        on_rcpt(c, line);
    } else if (is_verb(line, "DATA")) {
        on_data(c);
    } else if (is_verb(line, "BDAT ")) {
        on_bdat(c, line);
    } else if (is_verb(line, "RSET")) {
        c->has_from = false;
        strbuf_clear(&c->to);
        strbuf_clear(&c->text);
        reply(c, "250 2.0.0 Ok", delay);
    } else if (is_verb(line, "NOOP")) {
        reply(c, "250 2.0.0 Ok", delay);
    } else if (is_verb(line, "QUIT")) {
        reply(c, "221 2.0.0 Bye", 0);
        c->closing = true;
    } else {
        reply(c, "502 5.5.2 Unknown command", delay);
    }
}

/* --drop-in-body: true when this one is cut off here. */
static bool is_cut(struct client *c, size_t len)
{
    if (!sink_option.drop_in_body || (sink_counts.bodies + 1) % sink_option.drop_in_body != 0 ||
        len <= 100)
        return false;
    sink_counts.bodies++;
    c->dropped = true;
    return true;
}

static size_t eat_command(struct client *c, char *bytes, size_t len)
{
    char *eol = memchr(bytes, '\n', len);
    if (!eol)
        return 0;
    *eol = '\0';
    if (eol > bytes && eol[-1] == '\r')
        eol[-1] = '\0';
    on_command(c, bytes);
    return (size_t)(eol - bytes) + 1;
}

/* One command, body or chunk out of what has come; how many octets it took, 0: too few. */
static size_t eat(struct client *c, char *bytes, size_t len)
{
    if (!c->in_body && !c->in_chunk)
        return eat_command(c, bytes, len);
    if (is_cut(c, len))
        return 0;
    if (c->in_chunk) {
        if (len < c->chunk)
            return 0;
        end_of_chunk(c, bytes);
        return c->chunk;
    }
    if (len >= 3 && !memcmp(bytes, ".\r\n", 3)) {
        c->in_body = false;
        end_of_mail(c, bytes, 0, true);
        return 3;
    }
    size_t from = c->scanned > 4 ? c->scanned - 4 : 0;
    char *end = memmem(bytes + from, len - from, "\r\n.\r\n", 5);
    c->scanned = len;
    if (!end)
        return 0;
    c->in_body = false;
    end_of_mail(c, bytes, (size_t)(end - bytes) + 2, true);
    return (size_t)(end - bytes) + 5;
}

void client_answer(struct client *c, int64_t now)
{
    size_t at = 0, used = 1;
    now_us = now;
    while (!c->dropped && !c->closing && at < c->in.len && used) {
        used = eat(c, c->in.buf + at, c->in.len - at);
        at += used;
    }
    strbuf_drop(&c->in, at);
}

void client_greet(struct client *c, int64_t now)
{
    now_us = now;
    if (sink_option.goodbye) {
        reply(c, "421 4.3.2 Shutting down", 0);
        c->closing = true;
    } else if (!sink_option.mute) {
        reply(c, "220 sink.example ESMTP", sink_option.delay_ms);
    }
}
