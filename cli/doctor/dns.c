#include "cli/doctor/dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_MAX = 64 * 1024, DNS_PORT = 53, WAIT_S = 3 };

struct dns {
    struct __res_state state;
};

static void close_dns(void *arg)
{
    struct dns *dns = arg;
    res_nclose(&dns->state);
}

static enum rc use(struct scope *s, const char *resolver, struct dns *dns)
{
    char *host = scope_strdup(s, resolver), *colon = strchr(host, ':');
    if (colon)
        *colon = '\0';
    int port = colon ? atoi(colon + 1) : DNS_PORT;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (port < 1 || port > 65535 || inet_pton(AF_INET, host, &at.sin_addr) != 1)
        return fail_field(s, RC_INVALID, "resolver", "'%s' is not IPv4 or IPv4:PORT", resolver);
    dns->state.nscount = 1;
    dns->state.nsaddr_list[0] = at;
    return RC_OK;
}

enum rc dns_new(struct scope *s, const char *resolver, struct dns **ret)
{
    struct dns *dns = SCOPE_NEW(s, struct dns);
    if (res_ninit(&dns->state) != 0)
        return fail(s, RC_INTERNAL, "the resolver cannot be initialised");
    scope_defer(s, close_dns, dns);
    dns->state.retrans = WAIT_S;
    dns->state.retry = 1;
    if (resolver)
        TRY(use(s, resolver, dns));
    *ret = dns;
    return RC_OK;
}

/* The strings of a record, each preceded by its length in one octet. */
static const char *join(struct scope *s, const unsigned char *rdata, size_t len)
{
    char *text = scope_alloc(s, len + 1), *end = text;
    for (size_t at = 0; at < len; at += 1 + rdata[at]) {
        size_t n = rdata[at] < len - at ? rdata[at] : len - at - 1;
        end = mempcpy(end, rdata + at + 1, n);
    }
    *end = '\0';
    return text;
}

static enum rc parse(struct scope *s, const unsigned char *answer, int len, struct texts *ret)
{
    ns_msg message;
    if (ns_initparse(answer, len, &message) != 0)
        return fail(s, RC_RETRY, "the name server's answer cannot be read");
    int n = ns_msg_count(message, ns_s_an);
    const char **at = SCOPE_ARRAY(s, const char *, (size_t)n + 1);
    *ret = (struct texts){.at = at};
    for (int i = 0; i < n; i++) {
        ns_rr record;
        if (ns_parserr(&message, ns_s_an, i, &record) == 0 && ns_rr_type(record) == ns_t_txt)
            at[ret->n++] = join(s, ns_rr_rdata(record), ns_rr_rdlen(record));
    }
    return RC_OK;
}

enum rc dns_txt(struct scope *s, struct dns *dns, const char *name, struct texts *ret)
{
    unsigned char *answer = scope_alloc(s, ANSWER_MAX);
    int len = res_nquery(&dns->state, name, ns_c_in, ns_t_txt, answer, ANSWER_MAX);
    if (len >= 0)
        return parse(s, answer, len < ANSWER_MAX ? len : ANSWER_MAX, ret);
    int why = dns->state.res_h_errno;
    if (why != HOST_NOT_FOUND && why != NO_DATA)
        return fail(s, RC_RETRY, "no name server answers for %s", name);
    *ret = (struct texts){0};
    return RC_OK;
}
