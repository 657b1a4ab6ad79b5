#include "core/net/net.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "core/net/net_range.h"
#include "tests/unit/tap.h"

static const struct {
    const char *address;
    bool public, loopback;
} addresses[] = {
    {.address = "93.184.216.34", .public = true},
    {.address = "8.8.8.8", .public = true},
    {.address = "0.0.0.0"},
    {.address = "0.255.255.255"},
    {.address = "1.0.0.0", .public = true},
    {.address = "10.1.2.3"},
    {.address = "11.0.0.0", .public = true},
    {.address = "100.63.255.255", .public = true},
    {.address = "100.64.0.0"},
    {.address = "100.127.255.255"},
    {.address = "100.128.0.0", .public = true},
    {.address = "127.0.0.1", .loopback = true},
    {.address = "127.255.255.255", .loopback = true},
    {.address = "169.254.169.254"},
    {.address = "172.15.255.255", .public = true},
    {.address = "172.16.0.0"},
    {.address = "172.31.255.255"},
    {.address = "172.32.0.0", .public = true},
    {.address = "192.0.0.8"},
    {.address = "192.0.2.1"},
    {.address = "192.88.98.255", .public = true},
    {.address = "192.88.99.1"},
    {.address = "192.88.100.0", .public = true},
    {.address = "198.51.100.1"},
    {.address = "203.0.113.255"},
    {.address = "203.0.114.0", .public = true},
    {.address = "240.0.0.1"},
    {.address = "192.0.1.8", .public = true},
    {.address = "192.168.1.1"},
    {.address = "198.17.0.1", .public = true},
    {.address = "198.18.0.1"},
    {.address = "198.19.255.255"},
    {.address = "223.255.255.255", .public = true},
    {.address = "224.0.0.1"},
    {.address = "255.255.255.255"},
    {.address = "2606:2800:220:1::1", .public = true},
    {.address = "::"},
    {.address = "::1", .loopback = true},
    {.address = "::2"},
    {.address = "::7f00:1"},
    {.address = "::ffff:127.0.0.1"},
    {.address = "::ffff:8.8.8.8"},
    {.address = "64:ff9b::7f00:1"},
    {.address = "64:ff9b::a00:1"},
    {.address = "64:ff9b::a9fe:a9fe"},
    {.address = "64:ff9b::808:808", .public = true},
    {.address = "64:ff9b:0:0:0:1:808:808"},
    {.address = "64:ff9b:1::808:808"},
    {.address = "100::1"},
    {.address = "100:0:0:1::1"},
    {.address = "1fff:ffff::1"},
    {.address = "2001::1"},
    {.address = "2001:0:808:808::1"},
    {.address = "2001:1::1"},
    {.address = "2001:2::1"},
    {.address = "2001:10::1"},
    {.address = "2001:20::1"},
    {.address = "2001:1ff:ffff::1"},
    {.address = "2001:200::1", .public = true},
    {.address = "2001:db8::1"},
    {.address = "2001:4860:4860::8888", .public = true},
    {.address = "2002:808:808::1"},
    {.address = "2003::1", .public = true},
    {.address = "2a00:1450::1", .public = true},
    {.address = "3ffe:ffff::1", .public = true},
    {.address = "3fff::1"},
    {.address = "3fff:fff:ffff::1"},
    {.address = "3fff:1000::1", .public = true},
    {.address = "4000::1"},
    {.address = "5f00::1"},
    {.address = "fec0::1"},
    {.address = "::ffff:0:8.8.8.8"},
    {.address = "2002:7f00:1::1"},
    {.address = "fc00::1"},
    {.address = "fdff::1"},
    {.address = "fe80::1"},
    {.address = "febf::1"},
    {.address = "ff02::1"},
};

static const struct {
    const char *range, *inside, *outside; /* without inside it is none */
} ranges[] = {
    {.range = "10.0.0.0/8", .inside = "10.255.0.1", .outside = "11.0.0.0"},
    {.range = "10.9.9.9/8", .inside = "10.0.0.1", .outside = "9.255.255.255"},
    {.range = "192.0.2.64/27", .inside = "192.0.2.95", .outside = "192.0.2.96"},
    {.range = "192.0.2.1", .inside = "::ffff:192.0.2.1", .outside = "192.0.2.2"},
    {.range = "fd00::/9", .inside = "fd7f::1", .outside = "fd80::1"},
    {.range = "::1", .inside = "::1", .outside = "127.0.0.1"},
    {.range = "0.0.0.0/0", .inside = "8.8.8.8", .outside = "2001:db8::1"},
    {.range = "::/0", .inside = "8.8.8.8", .outside = ""},
    {.range = "10.0.0.0/33"},
    {.range = "::/129"},
    {.range = "10.0.0.0/"},
    {.range = "10.0.0.0/-1"},
    {.range = "10.0.0.0/8x"},
    {.range = "10.0.0.0/99999999999999999999"},
    {.range = "10.0.0"},
    {.range = "proxy.example.com"},
    {.range = ""},
};

static void judge_range(size_t i)
{
    struct net_range range, address;
    bool is = net_range_read(ranges[i].range, &range);
    ok(is == !!ranges[i].inside, "\"%s\" is %sa network", ranges[i].range, is ? "" : "not ");
    if (!is)
        return;
    ok(net_range_read(ranges[i].inside, &address) && net_range_holds(&range, address.prefix),
        "%s is in it", ranges[i].inside);
    ok(!net_range_read(ranges[i].outside, &address) || !net_range_holds(&range, address.prefix),
        "%s is not", ranges[i].outside);
}

static const struct {
    const char *url;
    bool strict, loopback; /* accepted without and with allow_loopback */
} urls[] = {
    {.url = "https://hooks.example.com/x", .strict = true, .loopback = true},
    {.url = "https://hooks.example.com:8443/x", .strict = true, .loopback = true},
    {.url = "https://hooks.example.com:8080/x"},
    {.url = "http://hooks.example.com/x"},
    {.url = "https://user@hooks.example.com/x"},
    {.url = "https://user:pass@hooks.example.com/x"},
    {.url = "ftp://hooks.example.com/x"},
    {.url = "file:///etc/passwd"},
    {.url = "http://127.0.0.1:8080/x", .loopback = true},
    {.url = "http://127.1.2.3:8080/x", .loopback = true},
    {.url = "http://localhost:8080/x", .loopback = true},
    {.url = "https://[::1]:9/x", .loopback = true},
    {.url = "http://127.0.0.1:80\\@evil.example/"},
    {.url = "http://0x7f.1/", .loopback = true},
    {.url = "hooks.example.com"},
    {.url = "//hooks.example.com/x"},
    {.url = ""},
    {.url = "not a url"},
};

static void test_address(const char *text, bool public, bool loopback)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    const struct sockaddr *address = (const struct sockaddr *)&in;
    if (inet_pton(AF_INET, text, &in.sin_addr) != 1) {
        inet_pton(AF_INET6, text, &in6.sin6_addr);
        address = (const struct sockaddr *)&in6;
    }
    ok(net_is_public(address) == public, "%s public: %d", text, public);
    ok(net_is_loopback(address) == loopback, "%s loopback: %d", text, loopback);
}

int main(void)
{
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
        test_address(addresses[i].address, addresses[i].public, addresses[i].loopback);
    struct sockaddr other = {.sa_family = AF_UNIX};
    ok(!net_is_public(&other), "a Unix socket is not public");
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        SCOPE(s);
        ok((net_url_check(s, urls[i].url, false) == RC_OK) == urls[i].strict, "strict: %s",
            urls[i].url);
        ok((net_url_check(s, urls[i].url, true) == RC_OK) == urls[i].loopback,
            "loopback allowed: %s", urls[i].url);
    }
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        judge_range(i);
    return tap_end();
}
