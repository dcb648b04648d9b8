/* SPDX-License-Identifier: Apache-2.0 */
#include "text/mail.h"

#include "base/arena.h"

/* Any bytes, read as a mail; what was read is within its memory, and written again as a field it is one field. */

static volatile size_t touched;

static void touch(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        touched += (unsigned char)s.ptr[i];
}

/* No line of a field begins without a blank but the first. */
static void one_field(slice text)
{
    struct buf out = buf_make(1u << 20);
    mail_field_write(&out, "Subject", text);
    slice rest = buf_slice(&out), line;
    bool first = true;
    while (rest.ptr != NULL && slice_next(&rest, '\n', &line)) {
        if (!first && line.len > 0 && line.ptr[0] != ' ')
            abort();
        first = false;
    }
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 64u << 20);
    struct mail_read mail;
    if (mail_read((slice){(const char *)data, size}, arena, &mail).kind == ERR_NONE) {
        const slice texts[] = {mail.from, mail.subject, mail.in_reply_to, mail.references, mail.text,
                mail.report.recipient, mail.report.action, mail.report.status, mail.report.why, mail.report.about};
        for (size_t i = 0; i < COUNT_OF(texts); i++)
            touch(texts[i]);
        one_field(mail.subject);
    }
    arena_close(arena);
    return 0;
}
