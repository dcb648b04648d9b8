/* SPDX-License-Identifier: Apache-2.0 */
#include "case/reporter.h"

#include "base/arena.h"
#include "base/buf.h"
#include "mailbox/mail.h"
#include "text/mail.h"

#define LEAST 3 /* bytes of what is looked for: shorter ones stand in every text */
#define PHONE_MAX 64

static slice small(slice text, struct arena *arena)
{
    char *made = arena_take_array(arena, text.len + 1, 1);
    for (size_t i = 0; i < text.len; i++)
        made[i] = byte_lower(text.ptr[i]);
    return (slice){made, text.len};
}

struct err case_reporter_read(struct arena *arena, const struct report_person *put, struct report_person *person)
{
    struct report_person read = {slice_trim(put->name), small(slice_trim(put->mail), arena), slice_trim(put->phone)};
    if (read.name.len > 0)
        TRY(store_text_check(arena, "name", read.name, STORE_NAME_MAX));
    if (read.phone.len > 0)
        TRY(store_text_check(arena, "phone", read.phone, PHONE_MAX));
    if (read.mail.len > 0 && (read.mail.len > STORE_NAME_MAX || !mail_address_is(read.mail)))
        return err_make(ERR_INPUT, "mail: one plain address, as budi@example.org");
    *person = read;
    return OK;
}

struct report_person case_reporter_of(const struct mailbox_mail *mail, struct arena *arena)
{
    const struct mailbox_people *who = mail->reply_to.count > 0 ? &mail->reply_to : &mail->from;
    struct report_person person = {S(""), S(""), S("")};
    if (who->count == 0)
        return person;
    slice address = small(slice_trim(who->rows[0].address), arena);
    slice name = mail->from.count > 0 ? mail->from.rows[0].name : who->rows[0].name;
    person.name = store_text_keep(arena, slice_trim(name), STORE_NAME_MAX);
    if (address.len <= STORE_NAME_MAX && mail_address_is(address))
        person.mail = address;
    return person;
}

/* ---- Hiding ---- */

static bool is_of_word(char c)
{
    char small_c = byte_lower(c);
    return (small_c >= 'a' && small_c <= 'z') || byte_is_digit(c) || (c & 0x80) != 0;
}

static bool stands_at(slice text, size_t at, slice what)
{
    if (what.len < LEAST || what.len > text.len - at || !slice_eq_fold(slice_part(text, at, at + what.len), what))
        return false;
    bool begins = at == 0 || !is_of_word(text.ptr[at - 1]);
    return begins && (at + what.len == text.len || !is_of_word(text.ptr[at + what.len]));
}

slice case_reporter_hide(const struct report_person *person, slice text, struct arena *arena)
{
    const slice values[] = {person->mail, person->name, person->phone};
    struct buf out = buf_make(text.len * (sizeof REPORTER_MARK) + 1);
    size_t from = 0;
    for (size_t at = 0, len; at < text.len; at += len) {
        len = 0;
        for (size_t i = 0; i < COUNT_OF(values) && len == 0; i++)
            len = stands_at(text, at, values[i]) ? values[i].len : 0;
        if (len > 0) {
            buf_put(&out, slice_part(text, from, at));
            buf_put(&out, S(REPORTER_MARK));
            from = at + len;
        }
        len = len == 0 ? 1 : len;
    }
    slice hidden = text;
    if (from > 0) {
        buf_put(&out, slice_from(text, from));
        hidden = arena_copy(arena, buf_slice(&out));
    }
    buf_free(&out);
    return hidden;
}
