#pragma once
/* The receiving end of the sd_notify protocol (sd_notify(3)). */
#include <sys/types.h>

#include "cli/up/up_place.h"

/* A datagram socket next to the server's, writable for the roles' user. */
enum rc notify_open(struct scope *s, const struct place *place, const char **ret_path, int *ret_fd);

/* The pid, as reported by the kernel, of the next sender of READY=1; 0 without a message. */
pid_t notify_read(int fd);
