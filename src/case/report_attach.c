/* SPDX-License-Identifier: Apache-2.0 */
/* A file that hangs on a report which is no mail makes a mail of it: composed here, and kept as the original. */
#include "base/arena.h"
#include "case/report.h"
#include "text/mail.h"

#define FILE_NAME_MAX 100
#define HEADERS_MAX (64u << 10)

/* What a header of a mail can hold as it is. */
static const char *plain(struct arena *arena, slice text, const char *allowed, const char *otherwise)
{
    size_t len = text.len < FILE_NAME_MAX ? text.len : FILE_NAME_MAX;
    char *made = arena_take(arena, len + 1);
    for (size_t i = 0; i < len; i++) {
        char low = byte_lower(text.ptr[i]);
        bool fine = (low >= 'a' && low <= 'z') || byte_is_digit(low) || (low != '\0' && strchr(allowed, low) != NULL);
        made[i] = fine ? text.ptr[i] : '_';
    }
    made[len] = '\0';
    return len == 0 ? otherwise : made;
}

static bool type_is(slice type)
{
    size_t slash = slice_find(type, '/');
    return slash > 0 && slash + 1 < type.len && slice_find(slice_from(type, slash + 1), '/') == type.len - slash - 1;
}

struct err case_report_attach(
        struct case_report_put *put, const struct case_report_capture *capture, struct arena *arena)
{
    struct mailbox_mail *read = arena_new(arena, struct mailbox_mail, 1);
    const struct mail_file attached = {plain(arena, capture->name, ".-_", "file"),
            type_is(capture->type) ? plain(arena, capture->type, "/.+-", "") : "application/octet-stream",
            capture->bytes};
    const struct mail_body body = {.text = put->text, .files = &attached, .file_count = 1, .seed = put->text};
    struct buf mail = buf_make(2 * (capture->bytes.len + put->text.len) + HEADERS_MAX);
    mail_field_write(&mail, "Subject", put->subject);
    mail_date_write(&mail, clock_now_us());
    mail_body_write(&mail, &body);
    put->bytes = arena_copy(arena, buf_slice(&mail));
    struct err err = buf_check(&mail);
    buf_free(&mail);
    TRY(err);
    put->mail = read;
    return mailbox_mail_read(put->bytes, arena, read);
}
