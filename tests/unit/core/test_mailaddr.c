#include "core/mail/mailaddr.h"

#include "tests/unit/tap.h"

#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A64 A63 "a"

static const struct {
    const char *address, *normal; /* NULL: refused */
} cases[] = {
    {"ann@example.com", "ann@example.com"},
    {"Ann.Lee+x@EXAMPLE.Com", "Ann.Lee+x@example.com"},
    {"o'neil@example.com", "o'neil@example.com"},
    {"a@b@example.com", NULL},
    {"ann@b\xc3\xbc"
     "cher.example",
        "ann@xn--bcher-kva.example"},
    {"ann@B\xc3\x9c"
     "CHER.example",
        "ann@xn--bcher-kva.example"},
    {"ann@XN--BCHER-KVA.example", "ann@xn--bcher-kva.example"},
    {"ann@fa\xc3\x9f.example", "ann@xn--fa-hia.example"},
    {"ann@xn--a.example", NULL},
    {"\xc3\xa4nn@example.com", "\xc3\xa4nn@example.com"},
    {"\"ann lee\"@example.com", "\"ann lee\"@example.com"},
    {"\"a\\\"b\"@example.com", "\"a\\\"b\"@example.com"},
    {"\"a\"b\"@example.com", NULL},
    {"\"a\nb\"@example.com", NULL},
    {"\"ab\\\"@example.com", NULL},
    {"\"\"@example.com", NULL},
    {A64 "@example.com", A64 "@example.com"},
    {A64 "a@example.com", NULL},
    {"a@" A63 ".example", "a@" A63 ".example"},
    {"a@" A64 ".example", NULL},
    {A64 "@" A63 "." A63 "." A63, NULL},
    {"", NULL},
    {"ann", NULL},
    {"@example.com", NULL},
    {"ann@", NULL},
    {"ann@example", NULL},
    {"ann@example.com.", NULL},
    {"ann@.example.com", NULL},
    {"ann@example..com", NULL},
    {"ann@-example.com", NULL},
    {"ann@example-.com", NULL},
    {"ann@exa_mple.com", NULL},
    {"ann@exa mple.com", NULL},
    {"ann@[127.0.0.1]", NULL},
    {"ann@127.0.0.1", NULL},
    {".ann@example.com", NULL},
    {"ann.@example.com", NULL},
    {"an..n@example.com", NULL},
    {"an n@example.com", NULL},
    {" ann@example.com", NULL},
    {"ann@example.com ", NULL},
    {"ann@example.com\r\nBcc: x@example.com", NULL},
    {"ann\r\n@example.com", NULL},
    {"<ann@example.com>", NULL},
    {"ann,bob@example.com", NULL},
    {"\xff@example.com", NULL},
    {"a\xc0\x80@example.com", NULL},
    {"a\x7f@example.com", NULL},
    {"ann@example\xe3\x80\x82"
     "com",
        NULL},
    {"ann@exam\xe2\x84\x80ple.com", NULL},
};

static const struct {
    const char *mailbox, *name, *address; /* NULL: refused */
} mailboxes[] = {
    {"ann@example.com", "", "ann@example.com"},
    {"<ann@example.com>", "", "ann@example.com"},
    {"Ann Lee <ann@Example.com>", "Ann Lee", "ann@example.com"},
    {"\"Lee, Ann\" <ann@example.com>", "Lee, Ann", "ann@example.com"},
    {"\"Ann \\\"A\\\" Lee\" <ann@example.com>", "Ann \"A\" Lee", "ann@example.com"},
    {"Z\xc3\xbcrich Status <s@example.com>", "Z\xc3\xbcrich Status", "s@example.com"},
    {"Ann\r\nBcc: x <ann@example.com>", NULL, NULL},
    {"Ann <ann@example.com", NULL, NULL},
    {"ann@example.com>", NULL, NULL},
    {"", NULL, NULL},
};

int main(void)
{
    SCOPE(s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *normal = NULL;
        enum rc rc = mailaddr_normalise(s, cases[i].address, &normal);
        if (!is_text(normal, cases[i].normal, scope_printf(s, "address %zu", i)))
            printf("# of: %s\n", cases[i].address);
        if (rc != RC_OK && (rc != RC_INVALID || !s->fault.message))
            ok(false, "fault of %s", cases[i].address);
    }
    for (size_t i = 0; i < sizeof mailboxes / sizeof mailboxes[0]; i++) {
        char *name = NULL, *address = NULL;
        mailaddr_split_mailbox(s, mailboxes[i].mailbox, &name, &address);
        is_text(name, mailboxes[i].name, scope_printf(s, "name %zu", i));
        is_text(address, mailboxes[i].address, scope_printf(s, "mailbox %zu", i));
    }
    is_text(mailaddr_unique(s, "Ann@example.com"), "ann@example.com", "unique form");
    return tap_end();
}
