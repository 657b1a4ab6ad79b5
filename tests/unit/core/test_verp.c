#include "core/mail/verp.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/mail/mailaddr.h"
#include "tests/unit/tap.h"

static const struct verp cases[] = {
    {.broadcast = 1, .recipient = 1, .channel = 0},
    {.broadcast = 127, .recipient = 128, .channel = 1},
    {.broadcast = 123456789, .recipient = 987654321, .channel = 0},
    {.broadcast = INT64_C(99999999999999), .recipient = INT64_C(99999999999999), .channel = 1},
};

static void check_case(struct scope *s, const struct sign *keys, const struct verp *verp)
{
    STRBUF(b, 512);
    struct verp opened = {0};
    char *normal = NULL;
    ok(verp_address(s, keys, "status.example.com", verp, &b) == RC_OK &&
            mailaddr_normalise(s, b.buf, &normal) == RC_OK,
        "a valid address");
    ok(verp_open(s, keys, b.buf, &opened) == RC_OK && opened.broadcast == verp->broadcast &&
            opened.recipient == verp->recipient && opened.channel == verp->channel,
        "and back");
    bool denied = true;
    size_t len = strcspn(b.buf, "@");
    for (size_t i = strlen("bounces+"); i < len; i++) {
        char was = b.buf[i];
        b.buf[i] = was == 'A' ? 'B' : 'A';
        denied = denied && verp_open(s, keys, b.buf, &opened) == RC_DENIED;
        b.buf[i] = was;
    }
    ok(denied, "no octet of it can be changed");
}

int main(void)
{
    SCOPE(s);
    char *folder = scope_strdup(s, "/tmp/test_verp.XXXXXX");
    struct sign *keys = NULL, *others = NULL;
    if (!mkdtemp(folder))
        abort();
    char *path = scope_printf(s, "%s/keys", folder);
    char *path_of_others = scope_printf(s, "%s/others", folder);
    ok(sign_load(s, path, true, &keys) == RC_OK &&
            sign_load(s, path_of_others, true, &others) == RC_OK,
        "keys");
    for (size_t i = 0; keys && i < sizeof cases / sizeof cases[0]; i++)
        check_case(s, keys, &cases[i]);
    STRBUF(b, 512);
    struct verp opened;
    ok(verp_address(s, others, "status.example.com", &cases[0], &b) == RC_OK &&
            verp_open(s, keys, b.buf, &opened) == RC_DENIED,
        "another's key opens nothing");
    strbuf_clear(&b);
    sign_token(keys, SIGN_UNSUBSCRIBE, "\x01\x01\x00", 3, &b);
    ok(verp_open(s, keys, scope_printf(s, "bounces+%s@a.example", b.buf), &opened) == RC_DENIED,
        "nor does a token of another purpose");
    static const char *const foreign[] = {"", "bounces", "bounces+", "bounces+@a", "bounces+x.y@a"};
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        ok(verp_open(s, keys, foreign[i], &opened) == RC_DENIED, "not ours: \"%s\"", foreign[i]);
    sign_free(keys);
    sign_free(others);
    unlink(path);
    unlink(path_of_others);
    rmdir(folder);
    return tap_end();
}
