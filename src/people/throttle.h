/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * How long who failed has to wait. Failures are counted for a name from an address, for the address (of IPv6 its /64,
 * which one customer has), and for the name from anywhere, each with waits that double up to a longest one. A place
 * from which that name was right of late does not wait for what others do to the name, so that nobody is kept out of
 * their own account for good by who only knows what it is called. What strangers send that is kept (reports) is counted
 * the same way, each as if it had failed.
 *
 * One table of a fixed size with a random key, in memory: it forgets with the process, and, when it is full, first
 * those who failed least. Any thread.
 *
 * Private to this folder.
 */
#include "base/ip.h"

struct arena;
struct throttle;

#define THROTTLE_ROWS 32768                               /* of all together: 1 MiB */
#define THROTTLE_FORGET_US (INT64_C(3600) * 1000000)      /* a row without failures for so long begins anew */
#define THROTTLE_KNOWN_US (INT64_C(30) * 86400 * 1000000) /* how long a place is remembered that was right */

enum knock_kind { KNOCK_PASSWORD, KNOCK_CODE, KNOCK_REPORT, KNOCK_KINDS };

struct knock {
    enum knock_kind kind;
    slice name; /* as it was typed; of codes whose code it is; of reports empty */
    struct ip from;
};

struct throttle *throttle_open(struct arena *arena);
void throttle_close(struct throttle *throttle);
/* How long it has to wait still; 0: it may try. */
int64_t throttle_wait_us(struct throttle *throttle, const struct knock *knock, int64_t now_us);
void throttle_failed(struct throttle *throttle, const struct knock *knock, int64_t now_us);
void throttle_right(struct throttle *throttle, const struct knock *knock, int64_t now_us);
