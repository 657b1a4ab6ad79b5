/*
 * Compile and render any input. A case is text: a line "ESCAPE LENIENT"
 * (digits), then template, context and the text of partial p, parted by lines "%%".
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "templates/engine/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { OUTPUT_MAX = 4096 };

static const char *partial(struct scope *s, const char *name, void *ctx, const char **ret_file)
{
    (void)ret_file;
    (void)s;
    return strcmp(name, "p") ? NULL : ctx;
}

/* Cut off the text before the next separator; *rest is the text after it. */
static char *take(char **rest)
{
    static const char separator[] = "\n%%\n";
    char *text = *rest, *end = strstr(text, separator);
    if (end) {
        *end = '\0';
        *rest = end + strlen(separator);
    } else {
        *rest = text + strlen(text);
    }
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    SCOPE(s);
    if (size < 4 || size > 64 * 1024)
        return 0;
    char *rest = scope_strndup(s, (const char *)bytes + 4, size - 4);
    const char *text = take(&rest), *context = take(&rest);
    struct template_options options = {
        .escape = bytes[0] % 6, .lenient = bytes[2] & 1, .partials = partial, .ctx = take(&rest)};
    json_t *json = json_loads(context, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    json_own(s, json ? json : json_object());
    struct template *t;
    STRBUF(out, OUTPUT_MAX);
    enum rc rc = template_compile(s, "t", text, &options, &t);
    if (rc == RC_OK)
        rc = template_render(s, t, json, &out);
    /* A failure has a message; a header never gets a second line from its values. */
    if (rc != RC_OK && (rc != RC_INVALID || !s->fault.message))
        abort();
    if (rc == RC_OK && options.escape == ESCAPE_HEADER && !strpbrk(text, "\r\n") &&
        !strpbrk(options.ctx, "\r\n") && strpbrk(out.buf, "\r\n"))
        abort();
    return 0;
}
