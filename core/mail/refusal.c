#include "core/mail/refusal.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "core/mail/words.h"

/*
 * The first row that fits decides. status: a pattern of class, subject and detail. words: as
 * words_have reads them.
 *
 * Words that clear the address come first: it is worse to suppress a reader whose mailbox works
 * than to send once more to one who left.
 */
static const struct row {
    enum refusal_reason reason;
    const char *status, *words;
} rows[] = {
    /* IBM Domino; "listed in" alone means a blocklist. */
    {REFUSAL_MAILBOX, NULL, "not listed in .. directory|not listed in .. book"},
    {REFUSAL_SENDER, NULL,
        "sending quota|sending limit*|daily message quota|sending rate|messages per hour|"
        "messages per day|hourly limit|daily limit|sent too many|message rate"},
    {REFUSAL_QUOTA, "?.2.2", NULL},
    {REFUSAL_QUOTA, NULL,
        "quota*|overquota*|quotaexceeded*|mailbox full|mailboxfull|mailbox is full|"
        "mailbox .. is full|mailbox .. too full|inbox is full|inbox full|account is full|"
        "folder is full|mailfolder is full|maildir .. full|mailbox .. exceed*|"
        "mailbox size limit*|mailbox limit*|mailbox .. over .. limit|storage limit*|"
        "out of storage|out of space|storage allocation|insufficient .. storage|"
        "insufficient disk|insufficient space|not enough .. space|not enough storage|"
        "no space left|disk full|disk is full|space .. exhausted|receiving limit|"
        "postfach .. voll|boite .. pleine|buzon lleno|buzon .. lleno|casella piena"},
    {REFUSAL_RELAY, NULL,
        "rcpthosts|relay not permitted|relay access denied|relay denied|relaying .. denied|"
        "relaying .. prohibited|relaying .. not|relay .. prohibited|relay .. not allowed|"
        "relay .. not permitted|relay not|unable to relay|cannot relay|cant relay|"
        "not .. to relay|do not relay|dont relay|not relay*|wont relay|no relay*|not a relay|"
        "open relay|relay for|refuse to relay|authentication .. required|authentication needed|"
        "authenticate first|must authenticate|smtp auth*|pop before smtp|"
        "anonymous mail|anonymous user*|check .. mail before sending|must issue a starttls"},
    {REFUSAL_AUTH, "?.7.2[0-9]", NULL},
    {REFUSAL_AUTH, "?.7.515", NULL},
    {REFUSAL_AUTH, NULL,
        "spf|dkim*|dmarc*|sender policy framework|unauthenticated*|sender id|"
        "not authenticated|authentication .. fail*|authentication check*|"
        "lack .. authentication|reverse dns|rdns|ptr|reverse lookup|reverse hostname|"
        "reverse mapping|find your hostname|resolve your .. address"},
    {REFUSAL_REPUTATION, NULL,
        "spamhaus*|spamcop*|sorbs*|barracuda*|cloudmark*|senderscore|senderbase|uceprotect*|"
        "surbl*|uribl*|dnsbl*|rbl*|blacklist*|black list*|blocklist*|block list*|denylist*|"
        "blocked|is listed|are listed|listed at|listed in|listed by|listed on|reputation*|"
        "blackhole*|black hole*|dynamic ip*|dynamic address*|dynamically|dialup|dial "
        "up|residential|"
        "not in whitelist|banned|poor score|client host rejected|client host .. blocked|"
        "access denied .. client|ip address .. reject*|your ip|sending ip|ip .. not allowed|"
        "not accepted from|ptr record|part of their network|abuse|complaints|user complaints"},
    {REFUSAL_CONTENT, NULL,
        "spam*|antispam|virus*|malware*|infected|trojan|phish*|junk*|unsolicited|bulk mail|"
        "content rejected|content denied|message content|content filter*|content of .. message|"
        "rejected .. content|content .. not accept*|suspicious|attachment*|"
        "message size|message too large|message too big|message too long|message is too|message .. "
        "too large|message .. too big|"
        "size exceed*|exceeds .. size|exceeded .. message size|too large|line too long|"
        "header too|bare lf|bare newline*|rfc 2822|rfc 5322|rfc 2047|missing .. header|"
        "duplicate header*|invalid header*|bad header*|malformed|"
        "filtered"},
    {REFUSAL_CONTENT, "?.3.4", NULL},
    {REFUSAL_SENDER, "?.1.[78]", NULL},
    {REFUSAL_SENDER, NULL,
        "sender address*|sender reject*|sender denied|sender refused|sender verif*|"
        "sender not *|sender is not|sender unknown|sender domain*|sender .. callout|"
        "sender email|senders address|senders domain|unknown sender|invalid sender|bad sender|"
        "unverified sender|verify sender|accept .. sender|domain of sender*|from address|"
        "from header|envelope from|mail from|return path|envelope sender|address is not verified|"
        "not verified|not allowed to send|not authorized to send|not permitted to send|"
        "permission to send|sendernotauth*"},
    {REFUSAL_HOST, NULL,
        "host unknown|unknown host|host not found|no such host|no such domain|domain unknown|"
        "unknown domain|domain not found|domain name not found|domain .. not exist*|"
        "domain doesnt exist|domain invalid|invalid domain|bad domain|nonexistent domain|"
        "non existent domain|non existent host*|nonexistent host*|unrouteable mail domain|"
        "unroutable mail domain|find any host named|nxdomain|name or service not known|"
        "nullmx|null mx|does not accept mail|doesnt accept mail|domain isnt|domain .. expired|"
        "domain .. couldnt be found|no mail exchange*"},
    {REFUSAL_DEFERRED, NULL,
        "disabled|inactive|suspended|deactivated|not active|dormant|locked|on hold|"
        "temporar*|greylist*|graylist*|grey listed"},
    {REFUSAL_MAILBOX, NULL,
        "user unknown|unknown user*|userunknown|no such .. user|no such user*|nosuchuser*|"
        "user .. not found|user not known|user .. not exist*|user doesnt exist|user .. unknown|"
        "user doesnt have|invalid user*|user invalid|user .. no longer|unknown .. account|"
        "no such recipient*|no such mailbox*|no such address*|no such account*|no such person|"
        "no such email*|no such local|no such name|no such alias|no mailbox|no account|"
        "no user|nobody|mailbox .. not found|mailbox .. not exist*|mailbox doesnt exist|"
        "mailbox unknown|unknown mailbox|mailbox unavailable|mailbox not available|"
        "mailbox invalid|invalid mailbox|bad destination mailbox|bad destination email|"
        "unknown recipient*|recipient unknown|recipient .. unknown|recipient .. not found|"
        "recipient .. not exist*|recipient doesnt exist|recipients .. not "
        "exist*|recipientnotfound*|"
        "recipnotfound*|invalid recipient*|recipient invalid|recipient is invalid|"
        "recipient .. not valid|unknown address*|address .. unknown|address .. not exist*|"
        "address doesnt exist|address .. not found|address .. couldnt be found|"
        "address .. invalid|invalid address|invalid email*|"
        "address wasnt found|address no longer|account .. not exist*|account doesnt exist|"
        "account .. not found|account .. unavailable|account .. invalid|"
        "account .. deleted|account .. closed|account .. no longer|not a valid mailbox|"
        "not a valid user|not a valid recipient|not a valid email|not a valid address|"
        "not a known|not a registered|isnt a valid|no longer exist*|no longer valid|"
        "no longer available|no longer work*|no longer employ*|no longer with|no longer in use|"
        "no longer use*|unknown local*|unknown or illegal|unknown at|is unknown|not known here|"
        "not known at|unrouteable address|unroutable address|undeliverable address|"
        "not our customer|not recognized|not recognised|user not local|mailbox name not allowed|"
        "mailbox name .. invalid|addressee unknown|recipient address rejected undeliverable|has "
        "left|has moved|"
        "unbekannt*|existiert nicht|inconnu*|existe pas|no existe|desconocid*|sconosciut*|"
        "non esiste|inesistente|inexistente|nao existe|onbekend*|bestaat niet|nie istnieje|"
        "nonexist*|not on this system|not on this server|non exist*|never existed|exists that "
        "user|bad recipient|bad address|bad email|"
        "bad mailbox|bad user|not have .. account|no longer on|not known|are unknown|"
        "unavailable mail user|unavailable user|not user of|not a user|not our user|"
        "unrecognized recipient|unrecognized user|unrecognized address|unable to find .. user|"
        "unable to find .. recipient|find .. recipient|find .. mailbox|mailbox .. removed|"
        "mailbox .. deleted|mailbox .. closed|user .. removed|user .. deleted|"
        "account .. removed|account .. terminated|address .. retired|invalid .. recipient|"
        "invalid .. mailbox|invalid .. account|address is invalid|recipient .. no longer|"
        "mailbox .. no longer|address .. undeliverable|"
        "does not exist|doesnt exist|not exist|couldnt be found|wasnt found at|"
        "could not be found"},
    /* Exchange Online's directory-based edge blocking: the address is not in the directory. */
    {REFUSAL_MAILBOX, "5.4.1", "recipient address rejected access denied"},
    {REFUSAL_MAILBOX, "5.1.*", NULL},
    {REFUSAL_POLICY, "5.[67].*", NULL},
    {REFUSAL_POLICY, "5.2.3", NULL},
    {REFUSAL_DEFERRED, NULL,
        "try again|try later|retry later|again later|too many connections|too many messages|"
        "too many recipients|too many errors|too many sessions|too many concurrent|rate limit*|"
        "ratelimit*|throttl*|timed out|timeout|time out|connection refused|connection reset|"
        "connection dropped|lost connection|connection lost|connection closed|"
        "connection .. failed|couldnt connect|could not connect|cannot connect|"
        "unable to connect|establish an smtp connection|requests to connect|no route to host|"
        "network is unreachable|host unreachable|unreachable|expired|in the queue too long|"
        "gave up|not responding|too many hops|hop count|mail loop|loops back|loop detected|"
        "too quickly|too fast|discontinued|system resources|out of memory|busy|overload*|io "
        "error|system error|"
        "local error in processing|local configuration error|local problem|unavailable"},
    {REFUSAL_POLICY, NULL,
        "policy|policies|access denied|not authorized|not permitted|not allowed|permission*|"
        "prohibited|restricted|forbidden|administrative*|administrator|rejected by|message "
        "rejected|"
        "message refused|message .. rejected|transaction failed|delivery not authorized|helo|ehlo|"
        "notauthorized"},
    {REFUSAL_DEFERRED, "?.[234].*", NULL},
    {REFUSAL_POLICY, "5.5.*", NULL},
};

int refusal_code(const char *text)
{
    for (const char *at = text; *at; at++) {
        bool begins = at == text || strchr(" :;('\"", at[-1]);
        if (begins && strchr("45", *at) && strchr("012345", at[1]) && at[1] &&
            isdigit((unsigned char)at[2]) && !isalnum((unsigned char)at[3]) && at[3] != '.')
            return atoi(at);
    }
    return 0;
}

/* Length of class.subject.detail at text, or 0. */
static size_t status_len(const char *text)
{
    if (!*text || !strchr("245", *text) || text[1] != '.' || !isdigit((unsigned char)text[2]) ||
        text[3] != '.')
        return 0;
    size_t detail = strspn(text + 4, "0123456789"), len = 4 + detail;
    bool continues = text[len] == '.' && isdigit((unsigned char)text[len + 1]);
    return !detail || detail > 3 || continues ? 0 : len;
}

const char *refusal_status(struct scope *s, const char *text)
{
    for (const char *at = text; *at; at++) {
        bool begins = at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '.');
        size_t len = begins ? status_len(at) : 0;
        if (len)
            return scope_strndup(s, at, len);
    }
    return NULL;
}

static bool has_meaning(const char *status)
{
    return status && *status && strcmp(status + 1, ".0.0") != 0;
}

/* The status that counts, or NULL. */
static const char *find_status(struct scope *s, const struct refusal *refusal)
{
    const char *said = refusal->text ? refusal_status(s, refusal->text) : NULL;
    if (has_meaning(said) && *said != '2')
        return said;
    return has_meaning(refusal->status) ? refusal->status : NULL;
}

bool refusal_is_permanent(const struct refusal *refusal)
{
    SCOPE(s);
    const char *said = refusal->text ? refusal_status(s, refusal->text) : NULL;
    int code = refusal->code || !refusal->text ? refusal->code : refusal_code(refusal->text);
    if (has_meaning(said) && *said != '2')
        return *said == '5';
    if (code >= 400)
        return code >= 500;
    return !refusal->status || *refusal->status == '5';
}

enum refusal_reason refusal_read(const struct refusal *refusal)
{
    SCOPE(s);
    const char *status = find_status(s, refusal);
    const char *words = words_of(s, refusal->text ? refusal->text : "");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if ((!rows[i].status || (status && !fnmatch(rows[i].status, status, 0))) &&
            (!rows[i].words || words_have(words, rows[i].words)))
            return rows[i].reason;
    return REFUSAL_UNKNOWN;
}
