/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/letter.h"

#include "base/arena.h"
#include "base/buf.h"
#include "desk/compose.h"
#include "desk/fact.h"
#include "desk/pgp.h"
#include "text/mail.h"

#define LETTER_TEXT_MAX (1u << 20)

/* ---- To whom none goes ---- */

/* Programs have these; what comes back from them would only come to us again. */
static bool is_of_program(slice address)
{
    static const char *const names[] = {"mailer-daemon", "postmaster", "no-reply", "noreply", "do-not-reply",
            "donotreply", "bounce", "bounces", "nobody"};
    slice name = slice_part(address, 0, slice_find(address, '@'));
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (slice_eq_fold(name, slice_of(names[i])))
            return true;
    return false;
}

static bool is_same(slice address, const char *our)
{
    return our != NULL && slice_eq_fold(address, slice_of(our));
}

bool desk_letter_is_ours(slice address)
{
    const struct desk_notice_options *options = desk_notice_options();
    return options != NULL && (is_same(address, options->from) || is_same(address, options->reply));
}

const char *desk_letter_cannot(slice address)
{
    const struct desk_notice_options *options = desk_notice_options();
    if (options == NULL || options->from == NULL)
        return "this node has no address in section [mail] of its configuration";
    if (!mail_address_is(address))
        return "there is no plain address of mail";
    if (desk_letter_is_ours(address))
        return "the address is our own";
    return is_of_program(address) ? "nobody reads mail at that address" : NULL;
}

/* ---- What it says ---- */

/* What a stranger called a Message-ID: one word that can neither end its field nor another's. */
static bool is_id(slice id)
{
    if (id.len == 0 || id.len > DESK_LETTER_ID_BYTES)
        return false;
    for (size_t i = 0; i < id.len; i++)
        if (id.ptr[i] <= ' ' || id.ptr[i] > '~' || id.ptr[i] == '<' || id.ptr[i] == '>')
            return false;
    return true;
}

/* RFC 5322 section 3.6.4: all of the thread, and what it answers. One line each, folded between the ids. */
static void thread_put(const struct desk_letter *letter, struct buf *out)
{
    size_t named = 0,
           from = letter->thread_count > DESK_LETTER_IDS_MAX ? letter->thread_count - DESK_LETTER_IDS_MAX : 0;
    slice last = {0};
    for (size_t i = from; i < letter->thread_count; i++) {
        slice id = letter->thread[i];
        if (!is_id(id))
            continue;
        buf_printf(out, "%s <%.*s>", named++ == 0 ? "References:" : "\r\n", (int)id.len, id.ptr);
        last = id;
    }
    if (named > 0)
        buf_printf(out, "\r\nIn-Reply-To: <%.*s>\r\n", (int)last.len, last.ptr);
}

static void head_put(struct work *work, const struct desk_letter *letter, slice message_id, struct buf *out)
{
    const struct desk_notice_options *options = desk_notice_options();
    mail_address_write(out, "From", slice_of(options->name), slice_of(options->from));
    mail_address_write(out, "To", letter->name, letter->address);
    if (options->reply != NULL)
        mail_address_write(out, "Reply-To", S(""), slice_of(options->reply));
    mail_field_write(out, "Subject", letter->subject);
    mail_date_write(out, work->now_us);
    buf_printf(out, "Message-ID: <%.*s>\r\n", (int)message_id.len, message_id.ptr);
    thread_put(letter, out);
    if (letter->automatic) /* RFC 3834 section 5: no program answers it */
        buf_put(out, S("Auto-Submitted: auto-replied\r\n"));
    mail_field_write(out, "X-Kentongan-Kind", slice_of(store_notice_kind_name(NOTICE_OF_LETTER)));
    buf_put(out, S("MIME-Version: 1.0\r\n"));
}

static void text_put(const struct desk_letter *letter, struct buf *out)
{
    const struct desk_notice_options *options = desk_notice_options();
    buf_put(out, letter->text);
    buf_printf(out, "\n\n-- \n%s\n", options->name);
    if (options->phone != NULL)
        buf_printf(out, "%s\n", options->phone);
}

/* One that cannot be signed is worth more than none. */
static struct err body_put(struct work *work, slice text, slice reference, struct buf *out)
{
    const struct desk_notice_options *options = desk_notice_options();
    const struct mail_body body = {.text = text, .seed = reference};
    struct buf entity = buf_make(NOTICE_BYTES_MAX);
    slice signature = {0};
    mail_body_write(&entity, &body);
    if (options->pgp_key != NULL &&
            desk_pgp_sign(options->pgp_key, buf_slice(&entity), work->arena, &signature).kind == ERR_NONE)
        mail_signed_write(out, buf_slice(&entity), signature, reference);
    else
        buf_put(out, buf_slice(&entity));
    struct err err = buf_check(&entity);
    buf_free(&entity);
    return err;
}

static struct err message_put(
        struct work *work, const struct desk_letter *letter, slice reference, slice message_id, struct buf *out)
{
    struct buf text = buf_make(LETTER_TEXT_MAX);
    head_put(work, letter, message_id, out);
    text_put(letter, &text);
    struct err err = buf_check(&text);
    if (err.kind == ERR_NONE)
        err = body_put(work, buf_slice(&text), reference, out);
    buf_free(&text);
    return err.kind == ERR_NONE ? buf_check(out) : err;
}

/* ---- Stored ---- */

/* Neither to whom it goes nor what it says. */
static struct err made_tell(struct work *work, const struct desk_letter *letter, int64_t notice)
{
    const struct desk_fact facts[] = {{"kind", slice_of(store_notice_kind_name(NOTICE_OF_LETTER))},
            {"channel", slice_of(store_notice_channel_name(NOTICE_MAIL))}};
    return desk_fact_tell(work, "notice.made", "notice", notice, letter->organisation, facts, COUNT_OF(facts));
}

struct err desk_letter_make(struct work *work, const struct desk_letter *letter, struct desk_letter_made *made)
{
    const char *why = desk_letter_cannot(letter->address);
    if (why != NULL)
        return err_make(ERR_MISSING, why);
    slice reference = store_notice_reference(work->arena), domain = slice_of(desk_notice_options()->from);
    domain = slice_from(domain, slice_find(domain, '@') + 1);
    made->message_id = slice_of(
            arena_printf(work->arena, "%.*s@%.*s", (int)reference.len, reference.ptr, (int)domain.len, domain.ptr));
    struct buf message = buf_make(NOTICE_BYTES_MAX);
    struct err err = message_put(work, letter, reference, made->message_id, &message);
    made->bytes = arena_copy(work->arena, buf_slice(&message));
    const struct notice_put put = {.organisation = letter->organisation,
            .address = letter->address,
            .channel = NOTICE_MAIL,
            .kind = NOTICE_OF_LETTER,
            .language = letter->language,
            .reference = reference,
            .message = made->bytes,
            .next_us = work->now_us};
    if (err.kind == ERR_NONE)
        err = store_notice_add(work, &put, &made->notice);
    buf_free(&message);
    TRY(err);
    return made_tell(work, letter, made->notice);
}
