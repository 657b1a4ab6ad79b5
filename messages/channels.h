#pragma once
/*
 * Reads the documents of channels: those of the executable (templates/channels/NAME.json) and those
 * of the installation (channels/NAME.json in templates_dir; templates/files.h, which is to be read
 * before). One of the installation replaces one of the same name. Call it once, before any thread
 * sends or answers.
 *
 *     TRY(channels_use(s));
 *     const struct provider *document = channel_document(channel_of("teams"));
 */
#include "core/config.h"
#include "core/scope.h"

/* RC_INVALID: a line per mistake, "FILE: FIELD: reason"; nothing has changed then. */
enum rc channels_use(struct scope *s);

/* Check the document of one file, without using it. */
enum rc channel_lint(struct scope *s, const char *path);

/* channels_use as a check of the roles (core/settings/checks.h). */
enum rc channels_setting(struct scope *s, const struct config *config);
