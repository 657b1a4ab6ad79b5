#ifndef CLI_UP_UP_NOTIFY_H
#define CLI_UP_UP_NOTIFY_H
/* The receiving end of the sd_notify protocol (sd_notify(3)). */
#include <sys/types.h>

#include "cli/up/up_place.h"

/* A datagram socket beside the server's, which the roles' user may write to. */
enum rc notify_open(struct scope *s, const struct place *place, const char **ret_path, int *ret_fd);

/* The pid, told by the kernel, of the next sender of READY=1; 0: nobody waits. */
pid_t notify_read(int fd);

#endif
