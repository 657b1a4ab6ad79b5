/*
 * posts: the bare loop to which webhooks are compared: POST a body of BYTES to URL,
 * COUNT times over CONNECTIONS kept-alive connections of one curl multi handle, signed as
 * ours are. Prints requests a second, and the CPU time of one in us.
 *
 *     posts URL COUNT CONNECTIONS BYTES
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/net/net.h"
#include "core/sign.h"
#include "core/strbuf.h"

enum { CONNECTIONS_MAX = 256, BODY_MAX = 1024 * 1024 };

struct posts {
    const char *url;
    long left;
    size_t bytes;
    char *body;
    CURLM *multi;
    struct curl_slist *headers[CONNECTIONS_MAX];
    CURL *curl[CONNECTIONS_MAX];
};

static size_t ignore(char *bytes, size_t size, size_t n, void *arg)
{
    (void)bytes;
    (void)arg;
    return size * n;
}

static struct curl_slist *signed_headers(struct posts *p)
{
    unsigned char key[24] = {1}, mac[32];
    STRBUF(line, 512);
    sign_hmac_sha256(key, sizeof key, p->body, p->bytes, mac);
    strbuf_addstr(&line, "webhook-signature: v1,");
    sign_base64(&line, mac, sizeof mac);
    struct curl_slist *list = curl_slist_append(NULL, "Content-Type: application/json");
    list = curl_slist_append(list, "Expect:");
    return curl_slist_append(list, line.buf);
}

static void begin(struct posts *p, size_t i)
{
    CURL *curl = p->curl[i];
    curl_easy_reset(curl);
    curl_slist_free_all(p->headers[i]);
    p->headers[i] = signed_headers(p);
    curl_easy_setopt(curl, CURLOPT_URL, p->url);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, p->headers[i]);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, p->body);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)p->bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, (char *)i);
    if (curl_multi_add_handle(p->multi, curl) != CURLM_OK)
        abort();
    p->left--;
}

static int finish_some(struct posts *p)
{
    int done = 0, queued;
    for (CURLMsg *msg; (msg = curl_multi_info_read(p->multi, &queued)); done++) {
        char *place;
        CURL *curl = msg->easy_handle;
        if (msg->data.result != CURLE_OK) {
            fprintf(stderr, "posts: %s\n", curl_easy_strerror(msg->data.result));
            exit(1);
        }
        curl_easy_getinfo(curl, CURLINFO_PRIVATE, &place);
        curl_multi_remove_handle(p->multi, curl);
        if (p->left > 0)
            begin(p, (size_t)place);
    }
    return done;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: posts URL COUNT CONNECTIONS BYTES\n");
        return 64;
    }
    net_start();
    long count = atol(argv[2]), connections = atol(argv[3]);
    struct posts p = {.url = argv[1], .left = count, .bytes = (size_t)atol(argv[4])};
    if (count < 1 || connections < 1 || connections > CONNECTIONS_MAX || p.bytes > BODY_MAX)
        return 64;
    p.body = malloc(p.bytes + 1);
    p.multi = curl_multi_init();
    if (!p.body || !p.multi)
        abort();
    memset(p.body, 'x', p.bytes);
    int64_t start = clock_monotonic();
    for (long i = 0; i < connections && p.left > 0; i++) {
        p.curl[i] = curl_easy_init();
        begin(&p, (size_t)i);
    }
    for (long done = 0; done < count;) {
        int running;
        curl_multi_perform(p.multi, &running);
        int some = finish_some(&p);
        done += some;
        if (!some)
            curl_multi_poll(p.multi, NULL, 0, 1000, NULL);
    }
    int64_t took = clock_monotonic() - start;
    double cpu = (double)clock() / CLOCKS_PER_SEC * CLOCK_SECOND;
    printf("%.0f %.1f\n", (double)count * CLOCK_SECOND / (double)took, cpu / (double)count);
    return 0;
}
