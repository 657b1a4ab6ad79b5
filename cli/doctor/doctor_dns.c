#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "cli/doctor/dns.h"
#include "cli/doctor/doctor.h"
#include "core/mail/mailaddr.h"

/* Sizes of an RSA key as SubjectPublicKeyInfo: of 1024 bits, the minimum for receivers (RFC 8301),
 * and of 2048. */
enum { RSA_1024 = 160, RSA_2048 = 290, SPF_LOOKUPS = 10, SPF_DEPTH = 10 };

/* Records that begin with the version as a separate word. */
static size_t with_version(const struct texts *all, const char *version, const char **ret_first)
{
    size_t n = 0, len = strlen(version);
    for (size_t i = 0; i < all->n; i++)
        if (!strncasecmp(all->at[i], version, len) && strchr(" ;", all->at[i][len]) && !n++)
            *ret_first = all->at[i];
    return n;
}

/* Terms that cause a DNS lookup (RFC 7208, 4.6.4), including those of included records. */
static int lookups(struct scope *s, struct dns *dns, const char *record, int depth)
{
    int n = 0;
    char *rest = scope_strdup(s, record);
    for (char *term; (term = strsep(&rest, " "));) {
        term += strspn(term, "+-~?");
        const char *into = !strncasecmp(term, "include:", 8)    ? term + 8
                           : !strncasecmp(term, "redirect=", 9) ? term + 9
                                                                : NULL;
        bool costs = into || !strncasecmp(term, "exists:", 7) || !strcasecmp(term, "a") ||
                     !strncasecmp(term, "a:", 2) || !strncasecmp(term, "a/", 2) ||
                     !strcasecmp(term, "mx") || !strncasecmp(term, "mx:", 3) ||
                     !strncasecmp(term, "mx/", 3) || !strncasecmp(term, "ptr", 3);
        n += costs;
        struct texts found;
        const char *inner = NULL;
        if (into && depth && n <= SPF_LOOKUPS && dns_txt(s, dns, into, &found) == RC_OK &&
            with_version(&found, "v=spf1", &inner))
            n += lookups(s, dns, inner, depth - 1);
    }
    return n;
}

static void judge_spf(
    struct scope *s, struct doctor *doctor, struct dns *dns, const char *record, size_t n)
{
    if (n == 0) {
        doctor_row(s, doctor, "spf", HEALTH_FAIL,
            "publish TXT \"v=spf1 ip4:ADDRESS-OF-YOUR-RELAY -all\"", "no record");
        return;
    }
    if (n > 1) {
        doctor_row(s, doctor, "spf", HEALTH_FAIL, "merge them: receivers refuse more than one",
            "%zu records", n);
        return;
    }
    int cost = lookups(s, dns, record, SPF_DEPTH);
    const char *all = strcasestr(record, "all");
    if (cost > SPF_LOOKUPS)
        doctor_row(s, doctor, "spf", HEALTH_FAIL,
            "list addresses instead of includes: receivers give up after 10 lookups",
            "needs more than %d lookups", SPF_LOOKUPS);
    else if (all && all > record && (all[-1] == '+' || all[-1] == ' '))
        doctor_row(s, doctor, "spf", HEALTH_FAIL, "end it with -all or ~all",
            "allows every host to send: %s", record);
    else
        doctor_row(s, doctor, "spf", HEALTH_OK, NULL, "%s", record);
}

/* The value of a tag of "v=DKIM1; k=rsa; p=...", without blanks; NULL: absent. */
static const char *tag(struct scope *s, const char *record, char name)
{
    char *rest = scope_strdup(s, record);
    for (char *part; (part = strsep(&rest, ";"));) {
        part += strspn(part, " \t");
        if (part[0] != name || part[1 + strspn(part + 1, " \t")] != '=')
            continue;
        char *value = strchr(part, '=') + 1, *end = value;
        for (const char *c = value; *c; c++)
            if (!strchr(" \t", *c))
                *end++ = *c;
        *end = '\0';
        return value;
    }
    return NULL;
}

static void judge_key(
    struct scope *s, struct doctor *doctor, const char *selector, const char *record)
{
    const char *check = scope_printf(s, "dkim %s", selector);
    const char *key = tag(s, record, 'p'), *kind = tag(s, record, 'k');
    size_t size = key ? strlen(key) / 4 * 3 : 0, len = 0;
    unsigned char *bytes = scope_alloc(s, size + 3);
    if (!key || !*key)
        doctor_row(s, doctor, check, HEALTH_FAIL,
            "publish the public key in p=", key ? "the key was revoked" : "the record has no key");
    else if (sodium_base642bin(bytes, size + 3, key, strlen(key), NULL, &len, NULL,
                 sodium_base64_VARIANT_ORIGINAL) != 0)
        doctor_row(s, doctor, check, HEALTH_FAIL, "publish it exactly as your signer printed it",
            "the key is not base64");
    else if (kind && strcasecmp(kind, "rsa") != 0)
        doctor_row(s, doctor, check, HEALTH_OK, NULL, "a key of type %s", kind);
    else if (len < RSA_2048)
        doctor_row(s, doctor, check, len < RSA_1024 ? HEALTH_FAIL : HEALTH_WARN,
            "generate a key of 2048 bits", "an RSA key of less than %d bits",
            len < RSA_1024 ? 1024 : 2048);
    else
        doctor_row(s, doctor, check, HEALTH_OK, NULL, "an RSA key of 2048 bits or more");
}

static void unanswered(struct scope *s, struct doctor *doctor, const char *check)
{
    doctor_row(s, doctor, check, HEALTH_WARN, "retry when DNS answers (or pass --resolver)", "%s",
        s->fault.message);
}

static void check_spf(struct scope *s, struct doctor *doctor, struct dns *dns, const char *domain)
{
    struct texts found;
    const char *record = NULL;
    if (dns_txt(s, dns, domain, &found) != RC_OK) {
        unanswered(s, doctor, "spf");
        return;
    }
    size_t n = with_version(&found, "v=spf1", &record);
    judge_spf(s, doctor, dns, record, n);
}

static void check_dkim(struct scope *s, struct doctor *doctor, struct dns *dns, const char *domain)
{
    char *rest = scope_strdup(s, doctor->config->dkim_selectors);
    int n = 0;
    for (char *selector; (selector = strsep(&rest, " "));) {
        if (!*selector)
            continue;
        n++;
        const char *name = scope_printf(s, "%s._domainkey.%s", selector, domain);
        const char *check = scope_printf(s, "dkim %s", selector);
        struct texts found;
        if (dns_txt(s, dns, name, &found) != RC_OK)
            unanswered(s, doctor, check);
        else if (!found.n)
            doctor_row(s, doctor, check, HEALTH_FAIL,
                "publish the public key of your relay's signer", "no record at %s", name);
        else
            judge_key(s, doctor, selector, found.at[0]);
    }
    if (!n)
        doctor_row(s, doctor, "dkim", HEALTH_WARN,
            "set dkim_selectors to what your relays sign with, to have their keys looked up",
            "not checked");
}

/* The domain's own record, or that of the organizational domain. */
static void check_dmarc(struct scope *s, struct doctor *doctor, struct dns *dns, const char *domain)
{
    for (const char *at = domain; at && strchr(at, '.');) {
        struct texts found;
        const char *record = NULL;
        if (dns_txt(s, dns, scope_printf(s, "_dmarc.%s", at), &found) != RC_OK) {
            unanswered(s, doctor, "dmarc");
            return;
        }
        if (with_version(&found, "v=DMARC1", &record)) {
            bool good = tag(s, record, 'p') != NULL;
            doctor_row(s, doctor, "dmarc", good ? HEALTH_OK : HEALTH_FAIL,
                good ? NULL : "set p=none, quarantine or reject", "at %s: %s", at, record);
            return;
        }
        at = strchr(at, '.') + 1;
    }
    doctor_row(s, doctor, "dmarc", HEALTH_FAIL,
        scope_printf(
            s, "publish TXT \"v=DMARC1; p=none\" at _dmarc.%s: large providers require it", domain),
        "no record");
}

void doctor_dns(struct scope *s, struct doctor *doctor)
{
    char *name, *address;
    struct dns *dns;
    if (mailaddr_split_mailbox(s, doctor->config->mail_from, &name, &address) != RC_OK)
        return; /* doctor_settings has the row */
    const char *domain = strrchr(address, '@') + 1;
    if (!strchr(domain, '.')) { /* localhost: a trial installation */
        doctor_row(s, doctor, "mail_from", HEALTH_WARN, "set mail_from to an address of yours",
            "%s: not a DNS domain", doctor->config->mail_from);
        return;
    }
    doctor_row(s, doctor, "mail_from", HEALTH_OK, NULL, "mail is sent from %s", domain);
    if (dns_new(s, doctor->resolver, &dns) != RC_OK) {
        doctor_row(s, doctor, "dns", HEALTH_FAIL, "pass --resolver  ", "%s", s->fault.message);
        return;
    }
    check_spf(s, doctor, dns, domain);
    check_dkim(s, doctor, dns, domain);
    check_dmarc(s, doctor, dns, domain);
}
