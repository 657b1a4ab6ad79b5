/* Why mail is refused, in the words of many servers: the table that replies in a session and
 * bounces share. */
#include "core/mail/refusal.h"

#include "core/mail/words.h"
#include "tests/unit/tap.h"

static const struct {
    enum refusal_reason reason;
    int code;
    const char *status, *text;
} cases[] = {
    {REFUSAL_MAILBOX, 550, "5.1.1", NULL},
    {REFUSAL_MAILBOX, 550, "5.1.10", "RESOLVER.ADR.RecipientNotFound; not found by SMTP lookup"},
    {REFUSAL_MAILBOX, 551, "5.1.6", "moved"},
    {REFUSAL_MAILBOX, 550, NULL, "User unknown"},
    {REFUSAL_MAILBOX, 550, NULL, "<ann@spam.example>: User unknown in virtual mailbox table"},
    {REFUSAL_MAILBOX, 550, NULL, "ann@reader.example no such user here"},
    {REFUSAL_MAILBOX, 550, NULL, "Requested action not taken: mailbox unavailable"},
    {REFUSAL_MAILBOX, 550, NULL, "The recipient name is not recognized"},
    {REFUSAL_MAILBOX, 550, NULL, "Rule imposed mailbox access for ann refused: user invalid"},
    {REFUSAL_MAILBOX, 551, NULL, "User not local; please try <ann@other.example>"},
    {REFUSAL_MAILBOX, 553, NULL, "Requested action not taken: mailbox name not allowed"},
    {REFUSAL_MAILBOX, 550, NULL, "Unknown or illegal alias: ann@reader.example"},
    {REFUSAL_MAILBOX, 550, NULL, "#5.1.0 Address rejected ann@reader.example"},
    {REFUSAL_MAILBOX, 550, NULL,
        "5.1.1 The email account that you tried to reach does not exist."
        " Please try double-checking the recipient's email address for "
        "typos or unnecessary spaces."},
    {REFUSAL_MAILBOX, 554, NULL,
        "delivery error: dd This user doesn't have a mail.example account"},
    {REFUSAL_MAILBOX, 550, NULL, "Account ann@reader.example does not exist"},
    {REFUSAL_MAILBOX, 550, NULL, "Mailbox does not exist"},
    {REFUSAL_MAILBOX, 550, NULL, "Recipient rejected: unknown user"},
    {REFUSAL_REPUTATION, 550, NULL,
        "The mail server could not deliver mail to ann@reader.example. "
        "The account or domain may not exist, they may be blacklisted, or "
        "missing the proper dns entries."},
    {REFUSAL_MAILBOX, 550, NULL, "No such person at this address"},
    {REFUSAL_MAILBOX, 554, NULL, "Recipient address does not exist"},
    {REFUSAL_MAILBOX, 550, NULL, "ann is not a known user"},
    {REFUSAL_MAILBOX, 550, NULL, "Invalid recipient: <ann@reader.example>"},
    {REFUSAL_MAILBOX, 550, NULL, "User ann@reader.example does not exist in our database"},
    {REFUSAL_MAILBOX, 550, NULL, "This address is no longer in service: no such mailbox"},
    {REFUSAL_MAILBOX, 550, NULL, "5.4.1 Recipient address rejected: Access denied. AS(201806281)"},
    {REFUSAL_MAILBOX, 550, NULL, "ann no longer works here"},
    {REFUSAL_MAILBOX, 550, NULL, "Recipient not found. <ann@reader.example>"},
    {REFUSAL_MAILBOX, 550, NULL, "User not listed in public Name & Address Book"},
    {REFUSAL_MAILBOX, 550, NULL, "Addressee unknown, relay=[192.0.2.9]"},
    {REFUSAL_MAILBOX, 550, NULL, "ann@reader.example: user not found"},
    {REFUSAL_MAILBOX, 550, NULL, "Verification failed: The user does not exist"},
    {REFUSAL_MAILBOX, 550, NULL, "Utilisateur inconnu"},
    {REFUSAL_MAILBOX, 550, NULL, "El usuario no existe"},
    {REFUSAL_HOST, 0, NULL, "Sorry, I couldn't find any host named reader.example."},
    {REFUSAL_HOST, 0, NULL, "Host or domain name not found. Name service error: Host not found"},
    {REFUSAL_HOST, 556, NULL, "Domain does not accept mail (nullMX)"},
    {REFUSAL_QUOTA, 552, NULL, "Requested mail action aborted: exceeded storage allocation"},
    {REFUSAL_QUOTA, 550, NULL, "5.1.1 user over quota"},
    {REFUSAL_QUOTA, 452, NULL, "4.2.2 The email account that you tried to reach is over quota."},
    {REFUSAL_QUOTA, 550, NULL, "Mailbox of ann has exceeded its limit"},
    {REFUSAL_QUOTA, 554, NULL, "5.2.2 mailbox full"},
    {REFUSAL_QUOTA, 422, NULL, "The recipient's mailbox has exceeded its storage limit"},
    {REFUSAL_QUOTA, 431, NULL, "Not enough space on the disk"},
    {REFUSAL_DEFERRED, 450, NULL, "4.2.0 Greylisted, see http://postgrey.example/help.html"},
    {REFUSAL_DEFERRED, 450, NULL,
        "The user you are trying to contact is receiving mail too quickly"},
    {REFUSAL_DEFERRED, 554, NULL, "This mailbox is disabled (554.30)"},
    {REFUSAL_DEFERRED, 554, NULL,
        "Sorry your message cannot be delivered. This account has been "
        "disabled or discontinued"},
    {REFUSAL_DEFERRED, 0, NULL, "connect to mx.reader.example[192.0.2.1]:25: Connection timed out"},
    {REFUSAL_DEFERRED, 0, "4.4.7", "delivery time expired"},
    {REFUSAL_DEFERRED, 451, NULL, "Temporary local problem - please try later"},
    {REFUSAL_DEFERRED, 0, "5.4.6", "too many hops"},
    {REFUSAL_RELAY, 550, NULL, "relay not permitted"},
    {REFUSAL_RELAY, 553, NULL, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"},
    {REFUSAL_RELAY, 550, NULL, "Relaying is prohibited"},
    {REFUSAL_RELAY, 551, NULL, "relaying denied"},
    {REFUSAL_RELAY, 554, NULL,
        "5.7.1 <ann@reader.example>: Recipient address rejected: Relay access "
        "denied"},
    {REFUSAL_RELAY, 550, NULL, "5.7.54 SMTP; Unable to relay recipient in non-accepted domain"},
    {REFUSAL_RELAY, 550, NULL, "We do not relay for reader.example"},
    {REFUSAL_RELAY, 550, NULL, "authentication required for relay"},
    {REFUSAL_SENDER, 550, "5.1.8", NULL},
    {REFUSAL_SENDER, 550, NULL, "Sender verify failed"},
    {REFUSAL_SENDER, 550, NULL, "5.1.0 <status@status.example> sender rejected"},
    {REFUSAL_SENDER, 550, NULL, "5.4.5 Daily user sending limit exceeded"},
    {REFUSAL_SENDER, 554, NULL, "Message rejected: Email address is not verified"},
    {REFUSAL_SENDER, 553, NULL, "Sender address rejected: not owned by user amends"},
    {REFUSAL_AUTH, 550, NULL, "SPF check failed"},
    {REFUSAL_AUTH, 550, NULL, "5.7.26 This mail is unauthenticated"},
    {REFUSAL_AUTH, 550, NULL, "Rejected by DMARC policy of status.example"},
    {REFUSAL_AUTH, 450, NULL, "4.7.25 Client host rejected: cannot find your hostname"},
    {REFUSAL_AUTH, 550, NULL, "No reverse DNS for 192.0.2.9"},
    {REFUSAL_REPUTATION, 550, NULL, "IP 192.0.2.9 is listed at spamhaus"},
    {REFUSAL_REPUTATION, 554, NULL,
        "5.7.1 Service unavailable; Client host [192.0.2.9] blocked using "
        "zen.spamhaus.org"},
    {REFUSAL_REPUTATION, 550, NULL,
        "5.7.1 Unfortunately, messages from [192.0.2.9] weren't sent. "
        "Please contact your provider since part of their network is on "
        "our block list"},
    {REFUSAL_REPUTATION, 554, NULL, "The IP address 192.0.2.9 is blacklisted"},
    {REFUSAL_REPUTATION, 550, NULL, "5.7.606 Access denied, banned sending IP [192.0.2.9]"},
    {REFUSAL_REPUTATION, 554, NULL,
        "Your access to this mail system has been rejected due to the "
        "sending MTA's poor reputation"},
    {REFUSAL_CONTENT, 550, NULL, "5.7.1 Spammers are NOT welcome here"},
    {REFUSAL_CONTENT, 554, NULL, "Message contains a virus"},
    {REFUSAL_CONTENT, 552, NULL, "Exceeded maximum inbound message size"},
    {REFUSAL_CONTENT, 552, "5.3.4", "too big"},
    {REFUSAL_CONTENT, 554, NULL, "5.7.1 The message contains prohibited content rejected"},
    {REFUSAL_POLICY, 550, NULL, "5.7.1 not today"},
    {REFUSAL_SENDER, 550, NULL, "5.7.1 You are not authorized to send here"},
    {REFUSAL_POLICY, 550, NULL, "Message REFUSED by peer"},
    {REFUSAL_POLICY, 554, NULL, "Transaction failed"},
    {REFUSAL_POLICY, 550, NULL, "Administrative prohibition"},
    {REFUSAL_POLICY, 550, NULL, "Access denied"},
    {REFUSAL_MAILBOX, 550, NULL, "unavailable mail user"},
    {REFUSAL_MAILBOX, 550, NULL, "local server don't exists that user"},
    {REFUSAL_MAILBOX, 553, NULL, "Bad recipient address syntax"},
    {REFUSAL_MAILBOX, 550, NULL, "recipient does not have an account"},
    {REFUSAL_MAILBOX, 550, NULL, "not user of this server"},
    {REFUSAL_MAILBOX, 550, NULL, "recipient no longer on server: ann@reader.example"},
    {REFUSAL_MAILBOX, 501, NULL, "#5.1.1 bad address ann@reader.example"},
    {REFUSAL_MAILBOX, 550, NULL, "User unknown in virtual alias table"},
    {REFUSAL_MAILBOX, 550, NULL, "Non-existent email address"},
    {REFUSAL_MAILBOX, 510, NULL, "Bad email address"},
    {REFUSAL_MAILBOX, 550, NULL, "The following recipients are unknown"},
    {REFUSAL_MAILBOX, 550, NULL, "Mailbox <ann@reader.example> not known"},
    {REFUSAL_MAILBOX, 550, NULL, "cuda_nsu No such user (ann)"},
    {REFUSAL_MAILBOX, 550, NULL, "Address verification failed: user does not exist"},
    {REFUSAL_MAILBOX, 550, NULL, "This user does not have an account here"},
    {REFUSAL_MAILBOX, 550, NULL,
        "That email address is not hosted on this server: no such address"},
    {REFUSAL_MAILBOX, 550, NULL, "RCPT TO:<ann@reader.example> User unknown"},
    {REFUSAL_MAILBOX, 550, NULL, "5.0.0 Address unknown"},
    {REFUSAL_MAILBOX, 554, NULL, "5.7.1 Recipient unknown in our directory"},
    {REFUSAL_DEFERRED, 550, NULL, "mailbox currently unavailable, temporarily"},
    {REFUSAL_DEFERRED, 550, NULL, "5.2.1 The email account that you tried to reach is disabled"},
    {REFUSAL_DEFERRED, 550, NULL, "This account has been temporarily suspended"},
    {REFUSAL_DEFERRED, 432, NULL, "4.3.2 STOREDRV.Deliver; recipient thread limit exceeded"},
    {REFUSAL_DEFERRED, 451, NULL, "4.4.2 Timeout - closing connection"},
    {REFUSAL_DEFERRED, 0, "4.4.7", "QUEUE.Expired; message expired"},
    {REFUSAL_REPUTATION, 421, NULL,
        "4.7.0 Our system has detected an unusual rate of unsolicited mail originating from your "
        "IP address"},
    {REFUSAL_REPUTATION, 550, NULL, "Rejected: 192.0.2.9 listed at bl.spamcop.example"},
    {REFUSAL_REPUTATION, 550, NULL, "Mail from 192.0.2.9 refused by our blackhole list"},
    {REFUSAL_REPUTATION, 554, NULL,
        "IP=[192.0.2.9] - Connection refused. Dynamic IP addresses are not accepted"},
    {REFUSAL_CONTENT, 550, NULL,
        "5.7.1 Our system has detected that this message is likely suspicious"},
    {REFUSAL_CONTENT, 554, NULL, "5.6.0 Message contains invalid header"},
    {REFUSAL_POLICY, 550, NULL, "5.7.1 This message violates reader.example email policy"},
    {REFUSAL_RELAY, 530, NULL,
        "5.7.57 Client was not authenticated to send anonymous mail during MAIL FROM"},
    {REFUSAL_RELAY, 554, NULL, "This server does not relay"},
    {REFUSAL_RELAY, 550, NULL, "5.7.1 Unable to relay for ann@reader.example"},
    {REFUSAL_UNKNOWN, 550, NULL, NULL},
    {REFUSAL_UNKNOWN, 550, "5.0.0", "no"},
    {REFUSAL_UNKNOWN, 553, NULL, "<no-such-user@user-unknown.example> http://h/user/unknown"},
};

static const struct {
    const char *status;
    int code;
    const char *text;
    bool permanent;
} lasting[] = {
    {"5.1.1", 0, NULL, true},
    {"4.1.1", 0, NULL, false},
    {"5.0.0", 0, "smtp; 450 4.1.1 user unknown", false},
    {"5.0.0", 0, "450 user unknown", false},
    {NULL, 0, "user unknown", true},
    {"4.4.7", 0, "550 5.1.1 user unknown", true},
};

static void check_words(void)
{
    SCOPE(s);
    const char *words = words_of(s, "550 <ann@x.example>:\r\n User's  un-known. See mx.no.such");
    ok(words_have(words, "users un known"), "words in spite of punctuation");
    ok(words_have(words, "x|550 .. see"), "alternatives and gaps");
    ok(words_have(words, "kno*|user*"), "the beginning of a word");
    ok(!words_have(words, "user|ann|such"), "no parts of words, no addresses, no hosts");
    ok(!words_have(words_of(s, ""), "a|b"), "nothing in nothing");
}

int main(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct refusal refusal = {
            .status = cases[i].status, .code = cases[i].code, .text = cases[i].text};
        enum refusal_reason got = refusal_read(&refusal);
        ok(got == cases[i].reason, "%d %s %s: %d, want %d", cases[i].code,
            cases[i].status ? cases[i].status : "", cases[i].text ? cases[i].text : "", (int)got,
            (int)cases[i].reason);
    }
    for (size_t i = 0; i < sizeof lasting / sizeof lasting[0]; i++) {
        struct refusal refusal = {
            .status = lasting[i].status, .code = lasting[i].code, .text = lasting[i].text};
        ok(refusal_is_permanent(&refusal) == lasting[i].permanent, "%s is %sfor good",
            lasting[i].text ? lasting[i].text : lasting[i].status,
            lasting[i].permanent ? "" : "not ");
    }
    check_words();
    return tap_end();
}
