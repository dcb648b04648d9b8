/* SPDX-License-Identifier: Apache-2.0 */
#include "web/session.h"

#include "base/arena.h"
#include "base/clock.h"
#include "gate/gate.h"

struct people_place session_place(const struct ask *ask)
{
    return (struct people_place){ask_from(ask), http_header(ask->request, S("user-agent"), NULL)};
}

struct err session_begin(struct ask *ask, const struct signed_in *signed_in)
{
    if (signed_in->session == 0)
        return OK;
    slice secret = arena_copy(ask->arena, slice_of(signed_in->secret.text));
    const struct credentials credentials = {.session = secret, .from = ask_from(ask)};
    ask_session_set(ask, secret, (signed_in->ends_us - clock_now_us()) / SECOND_US);
    return people_who(ask->db, ask->gate->options.doorkeeper, &credentials, ask->arena, &ask->who);
}
