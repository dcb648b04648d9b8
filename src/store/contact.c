/* SPDX-License-Identifier: Apache-2.0 */
#include "store/contact.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/observable.h"
#include "store/organisation.h"
#include "store/page.h"

#define PHONE_MAX 40
#define WEBHOOK_MAX 1000
#define LANGUAGES_MAX 40
#define HOURS_MAX 60
#define LOCAL_MAX 64 /* RFC 5321 section 4.5.3.1.1 */

static const char *const states[] = {
        [CONTACT_UNVERIFIED] = "unverified",
        [CONTACT_VERIFIED] = "verified",
        [CONTACT_STALE] = "stale",
        [CONTACT_CLOSED] = "closed",
};

const char *store_contact_state_name(enum contact_state state)
{
    return states[state];
}

bool store_contact_state_find(slice name, enum contact_state *state)
{
    for (size_t i = 0; i < COUNT_OF(states); i++)
        if (slice_eq(name, slice_of(states[i]))) {
            *state = (enum contact_state)i;
            return true;
        }
    return false;
}

/* ---- What a field may be ---- */

static bool all_of(slice text, const char *bytes)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\0' || strchr(bytes, text.ptr[i]) == NULL)
            return false;
    return true;
}

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* RFC 5321 section 4.1.2, Dot-string; quoted ones and those beyond ASCII are asked for by nobody who reads a mailbox
 * of a function. */
static bool is_local_part(slice text)
{
    slice piece;
    if (text.len == 0 || text.len > LOCAL_MAX || !all_of(text, LOWER UPPER DIGITS "!#$%&'*+-/=?^_`{|}~."))
        return false;
    while (slice_next(&text, '.', &piece))
        if (piece.len == 0)
            return false;
    return true;
}

static bool is_mail_domain(slice text)
{
    slice piece, rest = text;
    if (slice_find(text, '.') == text.len || !all_of(text, LOWER UPPER DIGITS "-."))
        return false;
    while (slice_next(&rest, '.', &piece))
        if (piece.len == 0 || piece.ptr[0] == '-' || piece.ptr[piece.len - 1] == '-')
            return false;
    return observable_wrong(OBSERVABLE_DOMAIN, text) == NULL;
}

static const char *wrong_mail(slice text)
{
    size_t at = slice_find(text, '@');
    bool good = at < text.len && is_local_part(slice_part(text, 0, at)) && is_mail_domain(slice_from(text, at + 1));
    return good ? NULL : "no mail address as NAME@DOMAIN, in ASCII";
}

static const char *wrong_phone(slice text)
{
    bool good = (text.ptr[0] == '+' || byte_is_digit(text.ptr[0])) && all_of(slice_from(text, 1), DIGITS " -().");
    return good ? NULL : "no telephone number: digits, as +62 21 5550 100";
}

static const char *wrong_webhook(slice text)
{
    slice host = slice_starts(text, S("https://")) ? slice_from(text, 8) : (slice){0};
    host.len = slice_find(host, '/');
    bool good = host.len > 0 && slice_find(host, '@') == host.len && slice_find(text, ' ') == text.len &&
                observable_wrong(OBSERVABLE_URL, text) == NULL;
    return good ? NULL : "no URL as https://HOST/PATH, without a password in it";
}

static const char *wrong_languages(slice text)
{
    slice word;
    while (slice_next(&text, ' ', &word))
        if (word.len < 2 || word.len > 3 || !all_of(word, LOWER))
            return "languages are words of two or three letters (ISO 639), as \"id en\"";
    return NULL;
}

static bool is_day(slice text)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    for (size_t i = 0; i < COUNT_OF(days); i++)
        if (slice_eq(text, slice_of(days[i])))
            return true;
    return false;
}

static bool is_days(slice text)
{
    size_t hyphen = slice_find(text, '-');
    return is_day(slice_part(text, 0, hyphen)) && (hyphen == text.len || is_day(slice_from(text, hyphen + 1)));
}

/* HH:MM, to 24:00. */
static bool is_clock(slice text)
{
    uint64_t hours, minutes;
    return text.len == 5 && text.ptr[2] == ':' && slice_u64(slice_part(text, 0, 2), 24, &hours) &&
           slice_u64(slice_from(text, 3), hours == 24 ? 0 : 59, &minutes);
}

static const char *wrong_hours(slice text)
{
    slice days, times, rest = text;
    if (slice_eq(text, S("always")))
        return NULL;
    bool good = slice_next(&rest, ' ', &days) && slice_next(&rest, ' ', &times) && is_days(days) && times.len == 11 &&
                times.ptr[5] == '-' && is_clock(slice_part(times, 0, 5)) && is_clock(slice_from(times, 6)) &&
                rest.len == 6 && (rest.ptr[0] == '+' || rest.ptr[0] == '-') && is_clock(slice_from(rest, 1));
    return good ? NULL : "hours are \"always\", or as \"Mon-Fri 08:00-16:00 +07:00\"";
}

static const struct field {
    const char *name;
    size_t at;
    size_t bytes_max;
    const char *(*wrong)(slice text);
    bool needed;
} fields[] = {
        {"name", offsetof(struct contact_put, name), STORE_NAME_MAX, NULL, true},
        {"mail", offsetof(struct contact_put, mail), CONTACT_MAIL_MAX, wrong_mail, false},
        {"phone", offsetof(struct contact_put, phone), PHONE_MAX, wrong_phone, false},
        {"webhook", offsetof(struct contact_put, webhook), WEBHOOK_MAX, wrong_webhook, false},
        {"languages", offsetof(struct contact_put, languages), LANGUAGES_MAX, wrong_languages, true},
        {"hours", offsetof(struct contact_put, hours), HOURS_MAX, wrong_hours, true},
};

static struct err field_check(struct arena *arena, const struct field *field, slice text)
{
    if (text.len == 0 && !field->needed)
        return OK;
    TRY(store_text_check(arena, field->name, text, field->bytes_max));
    const char *why = field->wrong == NULL ? NULL : field->wrong(text);
    return why == NULL ? OK
                       : err_format(arena, ERR_INPUT, "%s \"%.*s\": %s", field->name, (int)text.len, text.ptr, why);
}

struct err store_contact_field_check(struct arena *arena, const char *name, slice text)
{
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (strcmp(fields[i].name, name) == 0)
            return field_check(arena, &fields[i], text);
    return OK;
}

static struct err put_check(struct arena *arena, const struct contact_put *put)
{
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        TRY(field_check(arena, &fields[i], *(const slice *)((const char *)put + fields[i].at)));
    if (put->rank < 1 || put->rank > CONTACT_RANK_MAX)
        return err_format(arena, ERR_INPUT, "the rank of a contact is from 1 (told first) to %d", CONTACT_RANK_MAX);
    if (put->mail.len + put->phone.len + put->webhook.len == 0)
        return err_make(ERR_INPUT, "a contact needs a mail address, a telephone number or a webhook");
    if (put->pgp_key.len > CONTACT_KEY_MAX || put->webhook_secret.len > CONTACT_SECRET_MAX)
        return err_format(arena, ERR_LIMIT, "the OpenPGP certificate is larger than %d bytes", CONTACT_KEY_MAX);
    return OK;
}

/* ---- Reading ---- */

#define COLUMNS                                                                                                        \
    "SELECT number, organisation, name, rank, mail, phone, webhook, webhook_secret, languages, hours, pgp_key, "       \
    "state, "                                                                                                          \
    "added_us, verified_us, asked_us, closed_us, changed_us FROM contact "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct contact *contact = row;
    *contact = (struct contact){
            .number = db_number(rows, 0),
            .organisation = db_number(rows, 1),
            .is = {.name = arena_copy(arena, db_slice(rows, 2)),
                    .rank = db_number(rows, 3),
                    .mail = arena_copy(arena, db_slice(rows, 4)),
                    .phone = arena_copy(arena, db_slice(rows, 5)),
                    .webhook = arena_copy(arena, db_slice(rows, 6)),
                    .webhook_secret = arena_copy(arena, db_slice(rows, 7)),
                    .languages = arena_copy(arena, db_slice(rows, 8)),
                    .hours = arena_copy(arena, db_slice(rows, 9)),
                    .pgp_key = arena_copy(arena, db_slice(rows, 10))},
            .state = CONTACT_CLOSED,
            .added_us = db_number(rows, 12),
            .verified_us = page_time(rows, 13),
            .asked_us = page_time(rows, 14),
            .closed_us = page_time(rows, 15),
            .changed_us = db_number(rows, 16),
    };
    (void)store_contact_state_find(db_slice(rows, 11), &contact->state);
}

struct err store_contact_get(struct db *db, int64_t number, struct arena *arena, struct contact *contact)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct contact, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, contact, "there is no such contact");
}

/* One more than an organisation can have: those of several are never taken for those of one. */
#define OWNER(key)                                                                                                     \
    "SELECT CASE WHEN MIN(part.organisation) = MAX(part.organisation) THEN MIN(part.organisation) ELSE 0 END FROM "    \
    "(SELECT organisation FROM contact WHERE " key " = $1 AND mail <> '' AND state <> 'closed' LIMIT 1001) part "      \
    "CROSS JOIN organisation o WHERE o.number = part.organisation AND o.relation = 'constituent' AND "                 \
    "o.state <> 'closed'"
#define DOMAIN_OF_MAIL "lower(substr(mail, length(rtrim(mail, replace(mail, '@', ''))) + 1))"

static struct err owner_find(struct db *db, const char *sql, slice key, int64_t *organisation)
{
    return db_one(db, sql, (struct db_value[]){db_text(key)}, 1, 0, organisation);
}

struct err store_contact_of_mail(struct db *db, slice mail, int64_t *organisation)
{
    static const char FIND[] = OWNER("lower(mail)");
    return owner_find(db, FIND, mail, organisation);
}

struct err store_contact_of_domain(struct db *db, slice domain, int64_t *organisation)
{
    static const char FIND[] = OWNER(DOMAIN_OF_MAIL);
    return owner_find(db, FIND, domain, organisation);
}

struct err store_contact_find(
        struct db *db, int64_t organisation, slice name, struct arena *arena, struct contact *contact)
{
    static const char FIND[] = COLUMNS "WHERE organisation = $1 AND name = $2 AND state <> 'closed'";
    struct page page = page_of(struct contact, FIND, row_read, 1);
    const struct db_value values[] = {db_i64(organisation), db_text(name)};
    return page_get(
            db, &page, values, COUNT_OF(values), arena, contact, "the organisation has no contact of that name");
}

struct err store_contact_of(
        struct db *db, int64_t organisation, bool closed, struct arena *arena, struct contact **rows, size_t *row_count)
{
    static const char OF[] = COLUMNS "WHERE organisation = $1 AND (state <> 'closed' OR $2 = 1) "
                                     "ORDER BY rank, number LIMIT $3";
    struct page page = page_of(struct contact, OF, row_read, CONTACT_OF_MAX);
    const struct db_value values[] = {db_i64(organisation), db_i64(closed)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_contact_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct contact **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE number > $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct contact, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

struct err store_contact_list_state(struct db *db, enum contact_state state, int64_t after, size_t count,
        struct arena *arena, struct contact **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE state = $1 AND number > $2 ORDER BY number LIMIT $3";
    struct page page = page_of(struct contact, LIST, row_read, count);
    const struct db_value values[] = {db_text(slice_of(states[state])), db_i64(after)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

/* ---- Changing ---- */

static struct err name_free(struct work *work, int64_t organisation, slice name, int64_t number)
{
    struct contact other;
    struct err err = store_contact_find(work->db, organisation, name, work->arena, &other);
    if (err.kind == ERR_MISSING || (err.kind == ERR_NONE && other.number == number))
        return OK;
    TRY(err);
    return err_format(
            work->arena, ERR_CONFLICT, "the organisation has a contact \"%.*s\" already", (int)name.len, name.ptr);
}

static struct err organisation_check(struct work *work, int64_t number)
{
    struct organisation organisation;
    TRY(store_organisation_get(work->db, number, work->arena, &organisation));
    return organisation.state != ORGANISATION_CLOSED ? OK
                                                     : err_format(work->arena, ERR_CONFLICT, "%.*s is closed",
                                                               (int)organisation.name.len, organisation.name.ptr);
}

/* So that a list of them is whole. */
static struct err room_check(struct work *work, int64_t organisation)
{
    static const char COUNT[] = "SELECT count(*) FROM contact WHERE organisation = $1";
    int64_t count;
    TRY(db_one(work->db, COUNT, (struct db_value[]){db_i64(organisation)}, 1, 0, &count));
    return count < CONTACT_OF_MAX
                   ? OK
                   : err_format(work->arena, ERR_LIMIT, "an organisation has %d contacts at the most, closed ones too",
                             CONTACT_OF_MAX);
}

struct err store_contact_add(struct work *work, int64_t organisation, const struct contact_put *put, int64_t *number)
{
    static const char ADD[] =
            "INSERT INTO contact (number, organisation, name, rank, mail, phone, webhook, webhook_secret, languages, "
            "hours, pgp_key, state, added_us, changed_us) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'unverified', $12, $12)";
    int64_t fresh;
    TRY(put_check(work->arena, put));
    TRY(organisation_check(work, organisation));
    TRY(store_number(work->db, "contact", 1, &fresh));
    TRY(name_free(work, organisation, put->name, 0));
    TRY(room_check(work, organisation));
    const struct db_value values[] = {db_i64(fresh), db_i64(organisation), db_text(put->name), db_i64(put->rank),
            db_text(put->mail), db_text(put->phone), db_text(put->webhook), db_bytes(put->webhook_secret),
            db_text(put->languages), db_text(put->hours), db_bytes(put->pgp_key), db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    *number = fresh;
    return OK;
}

static struct err open_get(struct work *work, int64_t number, struct contact *contact)
{
    TRY(store_contact_get(work->db, number, work->arena, contact));
    return contact->state != CONTACT_CLOSED ? OK : err_make(ERR_CONFLICT, "the contact is closed");
}

/* What was verified, or asked, of another way to reach them says nothing of this one. */
static struct err reach_changed(struct work *work, int64_t number)
{
    static const char CHANGED[] = "UPDATE contact SET state = 'unverified', changed_us = $2, verified_us = NULL, "
                                  "asked_us = NULL WHERE number = $1";
    return db_run(work->db, CHANGED, (struct db_value[]){db_i64(number), db_i64(work->now_us)}, 2, NULL);
}

struct err store_contact_change(struct work *work, int64_t number, const struct contact_put *put)
{
    static const char CHANGE[] =
            "UPDATE contact SET name = $2, rank = $3, mail = $4, phone = $5, webhook = $6, webhook_secret = $7, "
            "languages = $8, hours = $9, pgp_key = $10 WHERE number = $1";
    struct contact was;
    TRY(put_check(work->arena, put));
    TRY(open_get(work, number, &was));
    TRY(name_free(work, was.organisation, put->name, number));
    const struct db_value values[] = {db_i64(number), db_text(put->name), db_i64(put->rank), db_text(put->mail),
            db_text(put->phone), db_text(put->webhook), db_bytes(put->webhook_secret), db_text(put->languages),
            db_text(put->hours), db_bytes(put->pgp_key)};
    TRY(db_run(work->db, CHANGE, values, COUNT_OF(values), NULL));
    bool same = slice_eq(was.is.mail, put->mail) && slice_eq(was.is.phone, put->phone) &&
                slice_eq(was.is.webhook, put->webhook);
    return same ? OK : reach_changed(work, number);
}

struct err store_contact_verify(struct work *work, int64_t number)
{
    static const char VERIFY[] = "UPDATE contact SET state = 'verified', verified_us = $2 WHERE number = $1";
    struct contact contact;
    TRY(open_get(work, number, &contact));
    return db_run(work->db, VERIFY, (struct db_value[]){db_i64(number), db_i64(work->now_us)}, 2, NULL);
}

struct err store_contact_asked(struct work *work, int64_t number)
{
    static const char ASKED[] = "UPDATE contact SET asked_us = $2 WHERE number = $1";
    struct contact contact;
    TRY(open_get(work, number, &contact));
    return db_run(work->db, ASKED, (struct db_value[]){db_i64(number), db_i64(work->now_us)}, 2, NULL);
}

struct err store_contact_close(struct work *work, int64_t number)
{
    static const char CLOSE[] = "UPDATE contact SET state = 'closed', closed_us = $2 WHERE number = $1";
    struct contact contact;
    TRY(open_get(work, number, &contact));
    return db_run(work->db, CLOSE, (struct db_value[]){db_i64(number), db_i64(work->now_us)}, 2, NULL);
}

struct err store_contact_close_all(struct work *work, int64_t organisation, uint64_t *count)
{
    static const char CLOSE[] =
            "UPDATE contact SET state = 'closed', closed_us = $2 WHERE organisation = $1 AND state <> 'closed'";
    return db_run(work->db, CLOSE, (struct db_value[]){db_i64(organisation), db_i64(work->now_us)}, 2, count);
}

/* ---- Contacts rot ---- */

/* The last sign of life is too old, or they were asked and did not answer. */
static struct err rotten_list(struct work *work, size_t most, struct contact **rows, size_t *row_count)
{
    static const char ROTTEN[] =
            COLUMNS "WHERE state IN ('unverified', 'verified') AND (COALESCE(verified_us, changed_us) <= $1 "
                    "OR (asked_us <= $2 AND (verified_us IS NULL OR verified_us < asked_us))) LIMIT $3";
    struct page page = page_of(struct contact, ROTTEN, row_read, most);
    const struct db_value values[] = {
            db_i64(work->now_us - CONTACT_STALE_DAYS * DAY_US), db_i64(work->now_us - CONTACT_ANSWER_DAYS * DAY_US)};
    return page_read(work->db, &page, values, COUNT_OF(values), work->arena, (void **)rows, row_count);
}

struct err store_contact_rot(struct work *work, size_t most, struct contact **rows, size_t *row_count)
{
    static const char ROT[] = "UPDATE contact SET state = 'stale' WHERE number = $1 AND state <> 'closed'";
    struct contact *found;
    size_t count;
    TRY(rotten_list(work, most, &found, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(db_run(work->db, ROT, (struct db_value[]){db_i64(found[i].number)}, 1, NULL));
        found[i].state = CONTACT_STALE;
    }
    *rows = found;
    *row_count = count;
    return OK;
}

struct err store_contact_lost(struct work *work, int64_t number)
{
    static const char LOST[] = "UPDATE contact SET state = 'stale' WHERE number = $1 AND state <> 'closed'";
    return db_run(work->db, LOST, (struct db_value[]){db_i64(number)}, 1, NULL);
}
