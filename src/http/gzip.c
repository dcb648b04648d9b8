/* SPDX-License-Identifier: Apache-2.0 */
#include "http/gzip.h"

#define PIECE_BYTES (64u << 10)

const char http_gzip_damaged[] = "the gzip data is damaged [RFC 1952]";

void http_gzip_begin(struct http_gzip *gzip)
{
    gzip->inside = gzip->any = false;
}

/* A file may be several members one after the other (section 2.2). */
static void member_begin(struct http_gzip *gzip)
{
    isal_inflate_init(&gzip->state);
    gzip->state.crc_flag = ISAL_GZIP;
    gzip->inside = gzip->any = true;
}

struct err http_gzip_put(
        struct http_gzip *gzip, slice bytes, struct err (*take)(void *context, slice unpacked), void *context)
{
    char piece[PIECE_BYTES];
    struct inflate_state *state = &gzip->state;
    bool more = bytes.len > 0; /* the state may hold more than fitted into a piece */
    while (more) {
        if (!gzip->inside)
            member_begin(gzip);
        state->next_in = (uint8_t *)(uintptr_t)bytes.ptr;
        state->avail_in = (uint32_t)bytes.len; /* libcurl gives far less than 4 GiB at once */
        state->next_out = (uint8_t *)piece;
        state->avail_out = sizeof piece;
        int answer = isal_inflate(state);
        if (answer != ISAL_DECOMP_OK && answer != ISAL_END_INPUT)
            return err_make(ERR_INPUT, http_gzip_damaged);
        if (state->avail_in == bytes.len && state->avail_out == sizeof piece &&
                state->block_state != ISAL_BLOCK_FINISH && bytes.len > 0)
            return err_make(ERR_INPUT, http_gzip_damaged); /* it neither takes nor gives, and never will */
        bytes = slice_from(bytes, bytes.len - state->avail_in);
        bool full = state->avail_out == 0;
        if (state->avail_out < sizeof piece)
            TRY(take(context, (slice){piece, sizeof piece - state->avail_out}));
        if (state->block_state == ISAL_BLOCK_FINISH)
            gzip->inside = false;
        more = bytes.len > 0 || (full && gzip->inside);
    }
    return OK;
}

bool http_gzip_is_whole(const struct http_gzip *gzip)
{
    return gzip->any && !gzip->inside;
}
