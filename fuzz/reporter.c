/* SPDX-License-Identifier: Apache-2.0 */
#include "case/reporter.h"

#include "base/arena.h"
#include "mailbox/mail.h"
#include "text/mail.h"

/*
 * Any bytes as a mail: who wrote it is nobody, or somebody to whom one can write, and does not stand in its text any
 * more. What is left has nothing to hide, unless the mark itself looks like the name.
 */

static bool is_in_mark(slice value)
{
    slice mark = S(REPORTER_MARK);
    for (size_t i = 0; value.len <= mark.len && i + value.len <= mark.len; i++)
        if (slice_eq_fold(slice_part(mark, i, i + value.len), value))
            return true;
    return false;
}

static void look(const struct mailbox_mail *mail, struct arena *arena)
{
    const struct report_person person = case_reporter_of(mail, arena);
    struct report_person read;
    if (person.mail.len > 0 && !mail_address_is(person.mail))
        abort();
    if (case_reporter_read(arena, &(struct report_person){S(""), person.mail, S("")}, &read).kind != ERR_NONE)
        abort();
    slice hidden = case_reporter_hide(&person, mail->text, arena);
    if (!is_in_mark(person.name) && !slice_eq(case_reporter_hide(&person, hidden, arena), hidden))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 256u << 20);
    struct mailbox_mail mail;
    if (mailbox_mail_read((slice){(const char *)data, size}, arena, &mail).kind == ERR_NONE)
        look(&mail, arena);
    arena_close(arena);
    return 0;
}
