/* amends ledger verify | anchor [FILE] | key | adopt */
#include "cli/command.h"
#include "cli/ledger/anchor.h"
#include "cli/ledger/verify.h"

static struct {
    struct verify_given verify;
    bool mail;
} given;

static const struct command_option options[] = {
    OPTION(&given.verify.anchor, .name = "anchor", .arg = "FILE",
        .doc = "Verify: an anchor of before, which finds a tail that was cut; its timestamp is "
               "FILE.tsr"),
    OPTION(&given.verify.keys, .name = "key", .key = 'k', .arg = "KEY", .max = 50,
        .doc = "Verify: trust this key, as amends ledger key prints it, beside the key file's"),
    OPTION(&given.mail, .name = "mail", .key = 'm',
        .doc = "Anchor: also send it to the addresses of staff_email"),
    {0}};

static enum rc verify(struct scope *s, struct invocation *in)
{
    return ledger_verify(s, in, &given.verify);
}

static enum rc anchor(struct scope *s, struct invocation *in)
{
    return ledger_anchor(s, in, given.mail);
}

static const struct command_verb verbs[] = {
    {.name = "verify", .needs = NEED_DATABASE, .busy = "Verifying the books", .run = verify},
    {.name = "anchor", .arg = "[FILE]", .needs = NEED_DATABASE, .run = anchor},
    {.name = "key", .needs = NEED_DATABASE, .run = ledger_key},
    {.name = "adopt", .needs = NEED_DATABASE, .run = ledger_take_over}, {0}};

const struct command command_ledger = {.name = "ledger",
    .summary = "Prove ledger, audit and credits",
    .doc = "verify recomputes the books and compares every row with the signed chain: the hash "
           "chain of the audit log, the sums of the ledger, each credit from its lines, each line "
           "from its stored explanation, and each pinned column with its entry. It exits with 1 "
           "if something is wrong and names the rows, and with 3 if nothing is but no given key "
           "proves it. anchor prints the head of the chain, signed, to keep elsewhere, or writes "
           "it to a new FILE, with FILE.tsr beside it where ledger_tsa_url is set. key prints the "
           "public keys of the key file, by which others verify without it. adopt goes on under "
           "the present key file after the key of the head was lost.",
    .options = options,
    .verbs = verbs};
