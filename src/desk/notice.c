/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/notice.h"

#include "base/arena.h"
#include "base/buf.h"
#include "desk/compose.h"
#include "desk/contact.h"
#include "desk/fact.h"
#include "desk/pgp.h"
#include "desk/roster.h"
#include "desk/words.h"
#include "store/button.h"
#include "text/mail.h"

#define MET_AT_ONCE 200

static const struct desk_notice_options *options;

void desk_notice_open(const struct desk_notice_options *given)
{
    options = given;
}

const struct desk_notice_options *desk_notice_options(void)
{
    return options;
}

/* ---- Who is told ---- */

static bool can_be_told(const struct contact *contact)
{
    bool mail = options != NULL && options->from != NULL && contact->is.mail.len > 0;
    return contact->state != CONTACT_CLOSED && (mail || contact->is.webhook.len > 0);
}

/* Of those that are told first, one that is known to read it; else one of which nobody knows. */
static struct err contact_choose(struct work *work, const struct notice_make *make, struct contact *chosen)
{
    const enum contact_state order[] = {CONTACT_VERIFIED, CONTACT_UNVERIFIED, CONTACT_STALE};
    struct contact *rows;
    size_t count;
    if (make->address.len > 0) {
        *chosen =
                (struct contact){.organisation = make->organisation, .is = {.name = make->name, .mail = make->address}};
        return options->from != NULL ? OK : err_make(ERR_MISSING, "this node sends no mail ([mail] from)");
    }
    if (make->contact > 0) {
        TRY(store_contact_get(work->db, make->contact, work->arena, chosen));
        return chosen->organisation == make->organisation && can_be_told(chosen)
                       ? OK
                       : err_make(ERR_MISSING, "this contact cannot be told by mail or webhook");
    }
    TRY(store_contact_of(work->db, make->organisation, false, work->arena, &rows, &count));
    for (size_t state = 0; state < COUNT_OF(order); state++)
        for (size_t i = 0; i < count; i++)
            if (rows[i].state == order[state] && can_be_told(&rows[i])) {
                *chosen = rows[i];
                return OK;
            }
    return err_make(ERR_MISSING, "nobody there can be told by mail or webhook; add a contact (kentongan contact add)");
}

/* ---- What is told ---- */

/* From the widest to the strictest (TLP 2.0); what is none of them is stricter than all. */
static size_t strictness(slice marking)
{
    static const char *const labels[] = {"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"};
    for (size_t i = 0; i < COUNT_OF(labels); i++)
        if (slice_eq(marking, slice_of(labels[i])))
            return i;
    return COUNT_OF(labels);
}

/* Rows of all warnings, one behind the other. */
struct seen {
    struct met_detail rows[COMPOSE_DETAILS_MAX];
    size_t count;
};

/* As many of one that was met as the notice still has room for. */
static struct err details_gather(struct work *work, const struct met *met, struct compose *compose, struct seen *seen)
{
    struct met_detail *rows;
    size_t count = 0;
    if (seen->count < COMPOSE_DETAILS_MAX)
        TRY(store_met_details(work->db, met->number, work->arena, &rows, &count));
    size_t room = COMPOSE_DETAILS_MAX - seen->count, taken = count < room ? count : room;
    if (taken > 0)
        memcpy(seen->rows + seen->count, rows, taken * sizeof *rows);
    seen->count += taken;
    compose->left_out += met->details > (int64_t)taken ? (uint64_t)met->details - taken : 0;
    return OK;
}

/* Stream 0: the memory found it. */
static void past_add(struct compose_warning *warning, const struct met *met)
{
    if (met->stream != 0)
        return;
    bool first = warning->past_from_us == TIME_NONE;
    warning->past_from_us = first || met->first_us < warning->past_from_us ? met->first_us : warning->past_from_us;
    warning->past_until_us = first || met->last_us > warning->past_until_us ? met->last_us : warning->past_until_us;
}

static struct err seen_gather(
        struct work *work, struct compose *compose, struct compose_warning *warning, struct seen *seen)
{
    size_t before = seen->count, count = MET_AT_ONCE;
    warning->past_from_us = warning->past_until_us = TIME_NONE;
    for (int64_t after = 0; count == MET_AT_ONCE;) {
        struct met *rows;
        TRY(store_met_of_warning(work->db, warning->is.number, after, MET_AT_ONCE, work->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            TRY(details_gather(work, &rows[i], compose, seen));
            past_add(warning, &rows[i]);
            after = rows[i].number;
        }
    }
    warning->seen = seen->rows + before;
    warning->seen_count = seen->count - before;
    return OK;
}

/* What others are told of a warning: under which reference it was told and, if all may know, what it was of. */
static struct err first_gather(struct work *work, struct compose_warning *warning)
{
    struct notice *rows;
    size_t count;
    TRY(store_notice_of_warning(work->db, warning->is.number, 0, 1, work->arena, &rows, &count));
    warning->reference = count > 0 ? rows[0].reference : S("");
    warning->first_us = count > 0 ? rows[0].made_us : warning->is.told_us;
    warning->is_for_all = strictness(warning->is.marking) <= strictness(S("TLP:GREEN"));
    return OK;
}

static struct err warnings_gather(struct work *work, const struct notice_make *make, struct compose *compose)
{
    struct seen *seen = arena_new(work->arena, struct seen, 1);
    compose->warnings = arena_new(work->arena, struct compose_warning, make->warning_count);
    compose->warning_count = make->warning_count;
    compose->due_us = make->due_us;
    for (size_t i = 0; i < make->warning_count; i++) {
        struct compose_warning *warning = &compose->warnings[i];
        TRY(store_warning_get(work->db, make->warnings[i], work->arena, &warning->is));
        if (warning->is.organisation != (make->about == 0 ? make->organisation : make->about))
            return err_make(ERR_INPUT, "a notice tells an organisation of another's warning");
        TRY(make->about == 0 ? seen_gather(work, compose, warning, seen) : first_gather(work, warning));
        if (i == 0 || strictness(warning->is.marking) > strictness(compose->marking))
            compose->marking = warning->is.marking;
        if (i == 0 || warning->is.severity > compose->severity)
            compose->severity = warning->is.severity;
        if (make->due_us == TIME_NONE && warning->is.due_us != TIME_NONE &&
                (compose->due_us == TIME_NONE || warning->is.due_us < compose->due_us))
            compose->due_us = warning->is.due_us;
    }
    return arena_check(work->arena);
}

/* ---- Messages ---- */

static enum language language_of(const struct contact *contact)
{
    slice rest = contact->is.languages, word;
    enum language language;
    while (rest.ptr != NULL && slice_next(&rest, ' ', &word))
        if (language_find(word, &language))
            return language;
    return LANGUAGE_INDONESIAN;
}

/* The part behind "@" of our address: where the reference is unique. */
static slice domain_of(const char *address)
{
    slice text = slice_of(address);
    size_t at = slice_find(text, '@');
    return at < text.len ? slice_from(text, at + 1) : text;
}

/* What people of the same matter see as one thread: the first notice that told of the first warning. */
static struct err thread_put(struct work *work, const struct compose *compose, struct buf *out)
{
    struct notice *rows;
    size_t count = 0;
    slice domain = domain_of(options->from);
    if (compose->warning_count > 0 && compose->about.number == 0)
        TRY(store_notice_of_warning(work->db, compose->warnings[0].is.number, 0, 1, work->arena, &rows, &count));
    if (count > 0)
        buf_printf(out, "In-Reply-To: <%.*s@%.*s>\r\nReferences: <%.*s@%.*s>\r\n", (int)rows[0].reference.len,
                rows[0].reference.ptr, (int)domain.len, domain.ptr, (int)rows[0].reference.len, rows[0].reference.ptr,
                (int)domain.len, domain.ptr);
    return OK;
}

static struct err head_put(struct work *work, const struct compose *compose, enum language language, struct buf *out)
{
    struct buf subject = buf_make(4096);
    slice domain = domain_of(options->from);
    compose_subject(&subject, compose, language);
    mail_address_write(out, "From", slice_of(options->name), slice_of(options->from));
    mail_address_write(out, "To", compose->contact.is.name, compose->contact.is.mail);
    if (options->reply != NULL)
        mail_address_write(out, "Reply-To", S(""), slice_of(options->reply));
    mail_field_write(out, "Subject", buf_slice(&subject));
    buf_free(&subject);
    mail_date_write(out, work->now_us);
    buf_printf(out, "Message-ID: <%.*s@%.*s>\r\n", (int)compose->reference.len, compose->reference.ptr, (int)domain.len,
            domain.ptr);
    TRY(thread_put(work, compose, out));
    buf_put(out, S("Auto-Submitted: auto-generated\r\n")); /* RFC 3834: no holiday answers it */
    mail_field_write(out, "X-Kentongan-Marking", compose->marking);
    mail_field_write(out, "X-Kentongan-Kind", slice_of(store_notice_kind_name(compose->kind)));
    buf_put(out, S("MIME-Version: 1.0\r\n"));
    return OK;
}

/* The text in the language of the contact, and behind it in the others. */
static void texts_put(const struct compose *compose, enum language first, struct buf *out)
{
    compose_text(out, compose, first);
    for (enum language language = 0; language < LANGUAGES; language++)
        if (language != first) {
            buf_printf(out, "\n----------------------------------------\n%s\n\n", language_name(language));
            compose_text(out, compose, language);
        }
}

/* A warning that cannot be signed is worth more than none: why it is not signed is told in the journal. */
static struct err body_put(struct work *work, struct compose *compose, const struct mail_body *body, struct buf *out)
{
    struct buf entity = buf_make(NOTICE_BYTES_MAX);
    slice signature = {0};
    mail_body_write(&entity, body);
    struct err err = OK;
    if (compose->fingerprint != NULL)
        err = desk_pgp_sign(options->pgp_key, buf_slice(&entity), work->arena, &signature);
    compose->unsigned_why = err.kind == ERR_NONE ? compose->unsigned_why : err.why;
    if (signature.len > 0)
        mail_signed_write(out, buf_slice(&entity), signature, compose->reference);
    else
        buf_put(out, buf_slice(&entity));
    err = buf_check(&entity);
    buf_free(&entity);
    return err;
}

static struct err mail_write(struct work *work, struct compose *compose, enum language language, struct buf *out)
{
    struct buf csv = buf_make(2 * COMPOSE_FILE_MAX), json = buf_make(2 * COMPOSE_FILE_MAX);
    struct buf text = buf_make(COMPOSE_FILE_MAX);
    uint64_t csv_left = 0, json_left = 0;
    compose_csv(&csv, compose, &csv_left);
    compose_json(&json, compose, false, &json_left);
    compose->left_out += csv_left > json_left ? csv_left : json_left;
    texts_put(compose, language, &text);
    const struct mail_file files[] = {
            {arena_printf(work->arena, "%.*s.csv", (int)compose->reference.len, compose->reference.ptr),
                    "text/csv; charset=utf-8", buf_slice(&csv)},
            {arena_printf(work->arena, "%.*s.json", (int)compose->reference.len, compose->reference.ptr),
                    "application/json", buf_slice(&json)}};
    const struct mail_body body = {.text = buf_slice(&text),
            .link = compose->link,
            .files = files,
            .file_count = compose->warning_count > 0 && compose->about.number == 0 ? COUNT_OF(files) : 0,
            .seed = compose->reference};
    struct err err = head_put(work, compose, language, out);
    const struct buf *all[] = {&csv, &json, &text};
    for (size_t i = 0; i < COUNT_OF(all) && err.kind == ERR_NONE; i++)
        err = buf_check(all[i]);
    if (err.kind == ERR_NONE)
        err = body_put(work, compose, &body, out);
    buf_free(&csv);
    buf_free(&json);
    buf_free(&text);
    return err;
}

/* ---- Stored ---- */

/* Names and numbers for who follows the journal, and nothing of what the notice says. */
static struct err made_tell(
        struct work *work, const struct compose *compose, const struct notice_put *put, int64_t number)
{
    const struct desk_fact facts[] = {{"kind", slice_of(store_notice_kind_name(put->kind))},
            {"channel", slice_of(store_notice_channel_name(put->channel))}, {"contact", compose->contact.is.name},
            {"marking", compose->marking}, {"reference", put->reference}};
    return desk_fact_tell(work, "notice.made", "notice", number, put->organisation, facts, COUNT_OF(facts));
}

struct channel {
    enum notice_channel is;
    enum language language;
    const struct notice_make *make;
};

static struct err message_write(
        struct work *work, struct compose *compose, const struct channel *channel, struct buf *message)
{
    uint64_t left_out = 0;
    if (channel->is == NOTICE_MAIL)
        TRY(mail_write(work, compose, channel->language, message));
    else
        compose_json(message, compose, true, &left_out);
    return buf_check(message);
}

static struct err channel_make(
        struct work *work, struct compose *compose, const struct channel *channel, int64_t *number)
{
    const struct notice_make *make = channel->make;
    bool contact = make->kind == NOTICE_OF_CONTACT;
    slice secret = store_button_secret(work->arena);
    struct buf message = buf_make(NOTICE_BYTES_MAX);
    uint64_t left_out = compose->left_out;
    compose->reference = store_notice_reference(work->arena);
    if (options->url != NULL && desk_words_of_kind(make->kind)->answers)
        compose->link = slice_of(arena_printf(work->arena, "%sw/%.*s", options->url, (int)secret.len, secret.ptr));
    struct err err = message_write(work, compose, channel, &message);
    const struct notice_put put = {.organisation = make->organisation,
            .contact = compose->contact.number,
            .address = make->address,
            .channel = channel->is,
            .kind = make->kind,
            .language = slice_of(language_tag(channel->language)),
            .reference = compose->reference,
            .message = buf_slice(&message),
            .next_us = make->next_us,
            .warnings = make->warnings,
            .warning_count = make->warning_count};
    if (err.kind == ERR_NONE)
        err = store_notice_add(work, &put, number);
    if (err.kind == ERR_NONE && compose->link.len > 0)
        err = store_button_add(work, secret, contact ? BUTTON_CONTACT : BUTTON_WARNING,
                contact ? compose->contact.number : *number, work->now_us + BUTTON_DAYS * DAY_US);
    if (err.kind == ERR_NONE)
        err = made_tell(work, compose, &put, *number);
    compose->left_out = left_out;
    buf_free(&message);
    return err;
}

struct err desk_notice_make(struct work *work, const struct notice_make *make, int64_t *number)
{
    struct compose compose = {.options = options,
            .kind = make->kind,
            /* what tells of neither a warning nor an incident tells only of the contact itself */
            .marking = make->duty != NULL   ? make->duty->marking
                       : make->task != NULL ? make->task->marking
                                            : S("TLP:GREEN"),
            .due_us = TIME_NONE,
            .now_us = work->now_us,
            .emergency = make->emergency,
            .duty = make->duty,
            .task = make->task};
    int64_t second;
    if (options == NULL || options->name == NULL)
        return err_make(ERR_MISSING, "this node has no section [mail] in its configuration, and so tells nobody");
    TRY(contact_choose(work, make, &compose.contact));
    TRY(store_organisation_get(work->db, make->organisation, work->arena, &compose.organisation));
    if (make->about != 0)
        TRY(store_organisation_get(work->db, make->about, work->arena, &compose.about));
    TRY(warnings_gather(work, make, &compose));
    const struct contact_put *is = &compose.contact.is;
    if (options->pgp_key != NULL) {
        struct err err = desk_pgp_fingerprint(options->pgp_key, work->arena, &compose.fingerprint);
        compose.unsigned_why = err.kind == ERR_NONE ? NULL : err.why;
    }
    bool mail = options->from != NULL && is->mail.len > 0,
         hook = is->webhook.len > 0 && make->kind != NOTICE_OF_CONTACT;
    struct channel channel = {NOTICE_MAIL, language_of(&compose.contact), make};
    if (mail)
        TRY(channel_make(work, &compose, &channel, number));
    channel.is = NOTICE_WEBHOOK;
    if (hook)
        TRY(channel_make(work, &compose, &channel, mail ? &second : number));
    return mail || hook ? OK : err_make(ERR_MISSING, "this contact has no address of mail that could be asked");
}

static bool is_read_by(const struct contact *rows, size_t count, slice mail)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq_fold(rows[i].is.mail, mail))
            return true;
    return false;
}

struct err desk_notice_on_call(struct work *work, const struct notice_make *make)
{
    struct roster_now now;
    struct contact *rows;
    size_t count;
    int64_t number;
    TRY(desk_roster_now(work->db, work->now_us, work->arena, &now));
    TRY(store_contact_of(work->db, make->organisation, false, work->arena, &rows, &count));
    for (size_t i = 0; i < now.count; i++) {
        struct notice_make one = *make;
        one.contact = 0;
        one.name = now.now[i].name;
        one.address = now.now[i].mail;
        if (one.address.len == 0 || is_read_by(rows, count, one.address))
            continue;
        struct err err = desk_notice_make(work, &one, &number);
        if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
            return err;
    }
    return OK;
}

struct err desk_contact_ask(struct work *work, int64_t contact, int64_t *number)
{
    struct contact row;
    TRY(store_contact_get(work->db, contact, work->arena, &row));
    const struct notice_make make = {
            .organisation = row.organisation, .contact = contact, .kind = NOTICE_OF_CONTACT, .due_us = TIME_NONE};
    TRY(desk_notice_make(work, &make, number));
    return desk_contact_asked(work, contact);
}
