/* SPDX-License-Identifier: Apache-2.0 */
#include "mailbox/mail.h"

#include "base/arena.h"

/* Any bytes, read as a mail that came in: what was read is text without control characters, and its files are there. */

static void is_text(slice text, bool lines)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == 0x7F || (c < ' ' && !(lines && (c == '\n' || c == '\t'))))
            abort();
    }
}

static void is_file(slice bytes, const struct mailbox_file *file)
{
    struct buf content = buf_make(MAILBOX_BYTES_MAX);
    is_text(file->name, false);
    if (file->name.len == 0 || slice_find(file->name, '/') < file->name.len || file->name.ptr[0] == '.')
        abort();
    if (mailbox_file_get(bytes, file->part, &content).kind != ERR_NONE || content.len != file->bytes)
        abort();
    struct sha256 digest = hash_sha256(buf_slice(&content));
    if (!slice_eq(sha256_slice(&digest), sha256_slice(&file->digest)))
        abort();
    buf_free(&content);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice bytes = {(const char *)data, size};
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 256u << 20);
    struct mailbox_mail mail;
    if (mailbox_mail_read(bytes, arena, &mail).kind == ERR_NONE) {
        is_text(mail.subject, false);
        is_text(mail.message_id, false);
        is_text(mail.text, true);
        for (size_t i = 0; i < mail.from.count; i++)
            is_text(mail.from.rows[i].address, false);
        for (size_t i = 0; i < mail.original_count; i++)
            is_text(mail.originals[i].subject, false);
        for (size_t i = 0; i < mail.file_count && i < 10; i++)
            is_file(bytes, &mail.files[i]);
    }
    arena_close(arena);
    return 0;
}
