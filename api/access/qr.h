#pragma once
/* A QR code as SVG, dark on white with the quiet zone that scanners need, also on a dark page.
 * Pure; libqrencode draws it. */
#include "core/strbuf.h"

/* Append the code; screen readers read label, which must not contain markup. Appends nothing if the
 * text is too long for a QR code (about 2,300 bytes). */
void qr_svg(const char *text, const char *label, struct strbuf *b);
