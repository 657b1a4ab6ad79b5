#include "notifier/http/http_message.h"

#include <stdlib.h>

#include "core/json.h"
#include "messages/broadcast.h"
#include "messages/content.h"
#include "notifier/handover/links.h"

enum { TOKEN_MAX = 512, CODE_MAX = 32, REQUEST_MAX = 1024 * 1024, REPLY_MAX = 16 * 1024 };

void http_request_init(struct http_request *request)
{
    *request = (struct http_request){0};
    strbuf_init(&request->body, REQUEST_MAX);
    strbuf_init(&request->reply, REPLY_MAX);
}

void http_request_end(struct http_request *request)
{
    curl_slist_free_all(TAKE(request->headers));
}

void http_request_release(struct http_request *request)
{
    http_request_end(request);
    curl_easy_cleanup(request->curl);
    strbuf_release(&request->body);
    strbuf_release(&request->reply);
}

void http_request_line(struct http_request *request, const char *line)
{
    struct curl_slist *list = curl_slist_append(request->headers, line);
    if (!list)
        abort();
    request->headers = list;
}

void http_request_header(
    struct scope *s, struct http_request *request, const char *name, const char *value)
{
    http_request_line(request, scope_printf(s, "%s: %s", name, value));
}

void http_request_id(const struct sender *sender, const struct recipient *r, struct strbuf *b)
{
    strbuf_addstr(b, "msg_");
    sign_message_id(sender->keys, r->batch->broadcast->id, r->id, b);
}

/* The values of a channel's message: its id and the parts of the address. */
static void put_to(const json_t *context, const char *values[PLACEHOLDER_MAX])
{
    const char *name;
    json_t *part;
    int n = PLACEHOLDER_FIELD;
    values[n++] = json_get_word(context, "id");
    json_object_foreach(json_object_get(context, "to"), name, part)
    {
        if (n < PLACEHOLDER_MAX)
            values[n++] = json_string_value(part);
    }
}

void http_request_fill(
    const struct sender *sender, const struct recipient *r, const json_t *context, struct strbuf *b)
{
    STRBUF(token, TOKEN_MAX);
    const char *values[PLACEHOLDER_MAX] = {[PLACEHOLDER_ADDRESS] = ""};
    STRBUF(code, CODE_MAX);
    links_token(sender->keys, r, &token);
    sign_code(sender->keys, r->batch->broadcast->id, r->link_id, &code);
    values[PLACEHOLDER_TOKEN] = token.buf;
    values[PLACEHOLDER_CODE] = code.buf;
    if (context)
        put_to(context, values);
    text_template_fill(&r->content->text, values, NULL, b);
}

void http_request_text(const struct sender *sender, const struct recipient *r, struct strbuf *b)
{
    http_request_fill(sender, r, NULL, b);
}

void http_request_use(
    struct scope *s, struct http_request *request, const struct provider_request *filled)
{
    curl_easy_setopt(request->curl, CURLOPT_URL, filled->url);
    for (size_t i = 0; i < filled->headers.n; i++)
        http_request_line(request, filled->headers.at[i]);
    if (filled->content_type)
        http_request_header(s, request, "Content-Type", filled->content_type);
    if (!filled->user)
        return;
    curl_easy_setopt(request->curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(request->curl, CURLOPT_USERNAME, filled->user);
    curl_easy_setopt(request->curl, CURLOPT_PASSWORD, filled->secret);
}
