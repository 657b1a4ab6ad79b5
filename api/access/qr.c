#include "api/access/qr.h"

#include <qrencode.h>

#include "core/scope.h"

enum { QUIET = 4 };

static void free_code(QRcode **code)
{
    QRcode_free(*code);
}

void qr_svg(const char *text, const char *label, struct strbuf *b)
{
    CLEANUP(free_code) QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    if (!code)
        return;
    int width = code->width, whole = width + 2 * QUIET;
    strbuf_addf(b,
        "<svg class=\"qr\" role=\"img\" aria-label=\"%s\" viewBox=\"0 0 %d %d\" "
        "xmlns=\"http://www.w3.org/2000/svg\" shape-rendering=\"crispEdges\">"
        "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/><path fill=\"#000\" d=\"",
        label, whole, whole, whole, whole);
    for (int i = 0; i < width * width; i++)
        if (code->data[i] & 1)
            strbuf_addf(b, "M%d %dh1v1h-1z", i % width + QUIET, i / width + QUIET);
    strbuf_addstr(b, "\"/></svg>");
}
