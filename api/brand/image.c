#include "api/brand/image.h"

#include <stdint.h>
#include <string.h>

#include "api/brand/svg.h"

enum { SIDE_MAX = 4096, SIGNATURE = 8, CHUNK = 12 /* length, type and CRC */, HEADER = 13 };

static const char signature[] = "\x89PNG\r\n\x1a\n";

static uint32_t number(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

const char *image_type(const char *bytes, size_t len)
{
    if (len > SIGNATURE && !memcmp(bytes, signature, SIGNATURE))
        return "png";
    return len && memmem(bytes, len, "<svg", strlen("<svg")) ? "svg" : NULL;
}

static bool has_side(uint32_t side)
{
    return side >= 1 && side <= SIDE_MAX;
}

static enum rc check_png(struct scope *s, const char *bytes, size_t len)
{
    size_t at = SIGNATURE;
    bool first = true;
    while (len - at >= CHUNK) {
        uint32_t size = number(bytes + at);
        const char *type = bytes + at + 4;
        if (size > len - at - CHUNK || (first && (memcmp(type, "IHDR", 4) != 0 || size != HEADER)))
            break;
        if (first && (!has_side(number(type + 4)) || !has_side(number(type + 8))))
            return fail(s, RC_INVALID, "the image is larger than %d pixels a side", SIDE_MAX);
        at += CHUNK + size;
        first = false;
        if (!memcmp(type, "IEND", 4))
            return at == len ? RC_OK : fail(s, RC_INVALID, "data follows the end of the image");
    }
    return fail(s, RC_INVALID, "the PNG is damaged");
}

enum rc image_check(struct scope *s, const char *type, const char *bytes, size_t len)
{
    return !strcmp(type, "png") ? check_png(s, bytes, len) : svg_check(s, bytes, len);
}
