/* SPDX-License-Identifier: Apache-2.0 */
#include "mailbox/session.h"

/* Any bytes, said to the server of LMTP: in pieces of any length it answers and keeps the same. */

struct kept {
    struct buf out, mails;
};

static struct err take(void *context, slice bytes, struct arena *work)
{
    struct kept *kept = context;
    (void)work;
    buf_put(&kept->mails, bytes);
    buf_byte(&kept->mails, '|');
    return OK;
}

static struct kept say(slice bytes, size_t piece)
{
    struct kept kept = {buf_make(MAILBOX_SESSION_ANSWERS_MAX), buf_make(64u << 20)};
    const struct mailbox_taker taker = {.context = &kept, .take = take};
    struct mailbox_session *session = mailbox_session_open("node.example", &taker);
    bool goes_on = true;
    while (goes_on && bytes.len > 0) {
        size_t len = piece < bytes.len ? piece : bytes.len;
        goes_on = mailbox_session_feed(session, slice_part(bytes, 0, len), &kept.out);
        bytes = slice_from(bytes, len);
    }
    mailbox_session_close(session);
    return kept;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice bytes = {(const char *)data, size};
    struct kept whole = say(bytes, SIZE_MAX), pieces = say(bytes, 1 + size % 7);
    if (!slice_eq(buf_slice(&whole.out), buf_slice(&pieces.out)) ||
            !slice_eq(buf_slice(&whole.mails), buf_slice(&pieces.mails)))
        abort();
    buf_free(&whole.out);
    buf_free(&whole.mails);
    buf_free(&pieces.out);
    buf_free(&pieces.mails);
    return 0;
}
