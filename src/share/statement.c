/* SPDX-License-Identifier: Apache-2.0 */
#include "share/statement.h"

#include <inttypes.h>
#include <sodium.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/uuid.h"
#include "share/keys.h"
#include "stix/id.h"
#include "store/ledger.h"
#include "store/partner.h"
#include "store/work.h"
#include "json/check.h"
#include "json/jcs.h"
#include "json/read.h"
#include "json/write.h"

#define FORM "kentongan/1"
/* What is signed begins with this, so that no signature of a node over anything else is taken for one of these. */
#define DOMAIN S("kentongan statement/1\n")
#define SIGNATURE_CHARACTERS 88 /* base64 (RFC 4648 section 4) of 64 bytes */
#define ID_MAX 128              /* bytes of the id of a STIX identity */
#define SHOWN_MAX 80            /* bytes of a text from outside in a sentence */

/* ---- Values of the head ---- */

static bool is_form(slice text)
{
    return slice_eq(text, S(FORM));
}

static bool is_uuid(slice text)
{
    struct uuid uuid;
    return uuid_parse(text, &uuid);
}

static bool is_uuid_or_empty(slice text)
{
    return text.len == 0 || is_uuid(text);
}

static bool is_type(slice text)
{
    bool good = text.len > 0 && text.len <= STATEMENT_TYPE_MAX;
    for (size_t i = 0; good && i < text.len; i++)
        good = (text.ptr[i] >= 'a' && text.ptr[i] <= 'z') || text.ptr[i] == '.' || text.ptr[i] == '-';
    return good;
}

static bool is_node(slice text)
{
    struct stix_id id;
    return text.len <= ID_MAX && stix_id_parse(text, &id) && slice_eq(id.type, S("identity"));
}

static bool is_reader(slice text)
{
    return text.len == 0 || is_uuid(text) || is_node(text);
}

static bool is_digest(slice text)
{
    struct sha256 digest;
    return slice_hex(text, digest.bytes, sizeof digest.bytes);
}

/* ---- The head ---- */

/* The head as it is written and read: all members, and no other. */
struct head {
    slice form, digest;
    struct share_letter letter;
};

enum kind { TEXT, NUMBER, TIME };
static const struct field {
    const char *name;
    enum kind kind;
    size_t at; /* in struct head: slice or int64_t */
    bool (*good)(slice text);
    const char *what; /* it has to be */
} fields[] = {
        {"agreement", TEXT, offsetof(struct head, letter.agreement), is_uuid_or_empty, "a UUID or empty"},
        {"agreement_version", NUMBER, offsetof(struct head, letter.agreement_version), NULL, "a whole number"},
        {"body", TEXT, offsetof(struct head, digest), is_digest, "a SHA-256, 64 hexadecimal digits"},
        {"expires", TIME, offsetof(struct head, letter.expires_us), NULL, "a time [RFC 3339 section 5.6]"},
        {"from", TEXT, offsetof(struct head, letter.from), is_node, "the id of a STIX identity"},
        {"id", TEXT, offsetof(struct head, letter.id), is_uuid, "a UUID"},
        {"issued", TIME, offsetof(struct head, letter.issued_us), NULL, "a time [RFC 3339 section 5.6]"},
        {"sequence", NUMBER, offsetof(struct head, letter.sequence), NULL, "a whole number"},
        {"statement", TEXT, offsetof(struct head, form), is_form, "\"" FORM "\""},
        {"to", TEXT, offsetof(struct head, letter.to), is_reader, "the id of a STIX identity, a UUID or empty"},
        {"type", TEXT, offsetof(struct head, letter.type), is_type, "a word of a-z, \".\" and \"-\""},
};
_Static_assert(COUNT_OF(fields) <= 32, "bits");

static struct err field_bad(const struct field *field, struct arena *arena)
{
    return err_format(arena, ERR_INPUT, "the statement's head.%s has to be %s", field->name, field->what);
}

static struct err number_check(const struct field *field, int64_t number, struct arena *arena)
{
    return number >= 0 && number <= STATEMENT_NUMBER_MAX ? OK : field_bad(field, arena);
}

static struct err field_read(const struct field *field, slice value, struct arena *arena, struct head *head)
{
    char *at = (char *)head + field->at;
    bool is_text = json_kind(value) == JSON_STRING;
    slice text = is_text ? json_text(value, arena) : S("");
    int64_t number = 0;
    if (field->kind == NUMBER) {
        if (!json_i64(value, &number))
            return field_bad(field, arena);
        TRY(number_check(field, number, arena));
    } else if (!is_text || (field->kind == TEXT ? !field->good(text) : !time_parse_strict(text, &number)))
        return field_bad(field, arena);
    if (field->kind == TEXT)
        *(slice *)(void *)at = text;
    else
        *(int64_t *)(void *)at = number;
    return OK;
}

static struct err head_read(slice text, struct arena *arena, struct head *head)
{
    struct json_members members = json_members(text);
    slice key, value;
    uint32_t seen = 0;
    while (json_member_next(&members, &key, &value)) {
        size_t i = 0;
        while (i < COUNT_OF(fields) && !json_key_is(key, slice_of(fields[i].name)))
            i++;
        if (i == COUNT_OF(fields))
            return err_format(arena, ERR_INPUT, "the statement's head has a member that is not known: %.*s",
                    (int)(key.len < SHOWN_MAX ? key.len : SHOWN_MAX), key.ptr);
        TRY(field_read(&fields[i], value, arena, head));
        seen |= 1u << i;
    }
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if ((seen >> i & 1) == 0)
            return err_format(arena, ERR_INPUT, "the statement's head.%s is missing", fields[i].name);
    return OK;
}

static void time_put(struct json_writer *w, int64_t us, struct arena *arena)
{
    struct buf text = buf_make(64);
    time_write(&text, us);
    json_write_text(w, arena_copy(arena, buf_slice(&text)));
    buf_free(&text);
}

static struct err field_write(
        struct json_writer *w, const struct field *field, const struct head *head, struct arena *arena)
{
    const char *at = (const char *)head + field->at;
    json_write_key(w, slice_of(field->name));
    if (field->kind == TEXT) {
        slice text = *(const slice *)(const void *)at;
        json_write_text(w, text);
        return field->good(text) ? OK : field_bad(field, arena);
    }
    int64_t number = *(const int64_t *)(const void *)at;
    if (field->kind == TIME) {
        time_put(w, number, arena);
        return OK;
    }
    json_write_i64(w, number);
    return number_check(field, number, arena);
}

/* ---- Canonical text, digests, signatures ---- */

static struct err canonical(slice json, struct arena *arena, slice *out)
{
    struct buf buf = buf_make(STATEMENT_BYTES_MAX);
    struct err err = json_canonical(json, arena, &buf);
    if (err.kind == ERR_NONE && buf_check(&buf).kind != ERR_NONE)
        err = err_format(arena, ERR_LIMIT, "a statement takes at most %u bytes", STATEMENT_BYTES_MAX);
    *out = err.kind == ERR_NONE ? arena_copy(arena, buf_slice(&buf)) : S("");
    buf_free(&buf);
    return err;
}

static slice digest_of(slice body, struct arena *arena)
{
    struct sha256 sum = hash_sha256(body);
    return arena_hex(arena, sha256_slice(&sum));
}

static slice to_sign(slice head, struct arena *arena)
{
    slice domain = DOMAIN;
    char *text = arena_take(arena, domain.len + head.len);
    memcpy(text, domain.ptr, domain.len);
    memcpy(text + domain.len, head.ptr, head.len);
    return (slice){text, domain.len + head.len};
}

static slice signature_text(const uint8_t signature[KEY_SIGNATURE_BYTES], struct arena *arena)
{
    char *text = arena_take(arena, SIGNATURE_CHARACTERS + 1);
    sodium_bin2base64(text, SIGNATURE_CHARACTERS + 1, signature, KEY_SIGNATURE_BYTES, sodium_base64_VARIANT_ORIGINAL);
    return (slice){text, SIGNATURE_CHARACTERS};
}

static bool signature_parse(slice text, uint8_t signature[KEY_SIGNATURE_BYTES])
{
    size_t len = 0;
    return text.len == SIGNATURE_CHARACTERS &&
           sodium_base642bin(signature, KEY_SIGNATURE_BYTES, text.ptr, text.len, NULL, &len, NULL,
                   sodium_base64_VARIANT_ORIGINAL) == 0 &&
           len == KEY_SIGNATURE_BYTES;
}

bool share_key_parse(slice hex, struct key_public *key)
{
    return slice_hex(hex, key->bytes, sizeof key->bytes);
}

slice share_key_text(const struct key_public *key, struct arena *arena)
{
    return arena_hex(arena, (slice){(const char *)key->bytes, sizeof key->bytes});
}

slice share_uuid_new(struct arena *arena)
{
    struct uuid uuid = uuid_v4();
    struct buf text = buf_make(36);
    uuid_write(&text, &uuid);
    slice id = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return id;
}

/* ---- Writing ---- */

static struct err head_write(const struct head *head, struct arena *arena, slice *out)
{
    struct buf buf = buf_make(STATEMENT_BYTES_MAX);
    struct json_writer w = json_writer(&buf);
    struct err err = OK;
    json_write_object(&w);
    for (size_t i = 0; i < COUNT_OF(fields) && err.kind == ERR_NONE; i++)
        err = field_write(&w, &fields[i], head, arena);
    if (err.kind == ERR_NONE) {
        json_write_end(&w);
        err = canonical(buf_slice(&buf), arena, out);
    }
    buf_free(&buf);
    return err;
}

static struct err whole_write(slice head, slice body, const struct key_pair *key, struct arena *arena, slice *out)
{
    uint8_t signature[KEY_SIGNATURE_BYTES];
    struct buf buf = buf_make(STATEMENT_BYTES_MAX);
    struct json_writer w = json_writer(&buf);
    key_sign(key, to_sign(head, arena), signature);
    json_write_object(&w);
    json_write_key(&w, S("body"));
    json_write_raw(&w, body);
    json_write_key(&w, S("head"));
    json_write_raw(&w, head);
    json_write_key_text(&w, S("key"), share_key_text(&key->public, arena));
    json_write_key_text(&w, S("signature"), signature_text(signature, arena));
    json_write_end(&w);
    struct err err = buf_check(&buf).kind == ERR_NONE
                             ? canonical(buf_slice(&buf), arena, out)
                             : err_format(arena, ERR_LIMIT, "a statement takes at most %u bytes", STATEMENT_BYTES_MAX);
    buf_free(&buf);
    return err;
}

struct err share_statement_write(
        const struct share_letter *letter, const struct key_pair *key, struct arena *arena, slice *out)
{
    struct head head = {.form = S(FORM), .letter = *letter};
    slice body, text, whole;
    if (head.letter.id.len == 0)
        head.letter.id = share_uuid_new(arena);
    TRY(canonical(letter->body, arena, &body));
    head.digest = digest_of(body, arena);
    TRY(head_write(&head, arena, &text));
    TRY(whole_write(text, body, key, arena, &whole));
    TRY(arena_check(arena));
    *out = whole;
    return OK;
}

/* ---- Reading ---- */

static const struct json_limits limits = {
        .bytes_max = STATEMENT_BYTES_MAX, .depth_max = STATEMENT_DEPTH_MAX, .keys_max = STATEMENT_KEYS_MAX};

struct whole {
    slice head, body, key, signature;
};

static struct err whole_read(slice text, struct arena *arena, struct whole *whole)
{
    const struct {
        const char *name;
        slice *value;
        enum json_kind kind;
    } members[] = {{"head", &whole->head, JSON_OBJECT}, {"body", &whole->body, JSON_OBJECT},
            {"key", &whole->key, JSON_STRING}, {"signature", &whole->signature, JSON_STRING}};
    TRY(share_body_only(text, "head body key signature", arena));
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        *members[i].value = json_get(text, slice_of(members[i].name));
        if (json_kind(*members[i].value) != members[i].kind)
            return err_format(arena, ERR_INPUT, "the statement's %s is missing, or no %s", members[i].name,
                    members[i].kind == JSON_OBJECT ? "object" : "text");
    }
    return OK;
}

static struct err json_read(slice text, struct arena *arena)
{
    size_t offset = 0, line = 0, column = 0;
    if (text.len > STATEMENT_BYTES_MAX)
        return err_format(arena, ERR_LIMIT, "a statement takes at most %u bytes", STATEMENT_BYTES_MAX);
    struct err err = json_check(text, &limits, &offset);
    if (err.kind == ERR_NONE)
        return OK;
    json_place(text, offset, &line, &column);
    return err_format(
            arena, err.kind, "the statement is no JSON that is taken: line %zu, byte %zu: %s", line, column, err.why);
}

struct err share_statement_read(slice text, struct arena *arena, struct share_letter *letter)
{
    struct whole whole;
    struct head head = {0};
    TRY(json_read(text, arena));
    TRY(canonical(text, arena, &text));
    TRY(whole_read(text, arena, &whole));
    TRY(head_read(whole.head, arena, &head));
    if (!slice_eq_fold(head.digest, digest_of(whole.body, arena)))
        return err_make(ERR_INPUT, "the statement's body was altered: its digest is not that of head.body");
    head.letter.body = whole.body;
    head.letter.head = whole.head;
    head.letter.text = text;
    if (!share_key_parse(json_text(whole.key, arena), &head.letter.key))
        return err_make(ERR_INPUT, "the statement's key is no Ed25519 key in 64 hexadecimal digits");
    if (!signature_parse(json_text(whole.signature, arena), head.letter.signature))
        return err_make(ERR_INPUT, "the statement's signature is not the base64 of 64 bytes");
    TRY(arena_check(arena));
    *letter = head.letter;
    return OK;
}

bool share_statement_signed(const struct share_letter *letter)
{
    struct arena *arena = arena_open("statement", ARENA_WORK, 2 * STATEMENT_BYTES_MAX);
    bool good = key_verify(&letter->key, to_sign(letter->head, arena),
            (slice){(const char *)letter->signature, sizeof letter->signature});
    arena_close(arena);
    return good;
}

/* ---- Whether it is good for us ---- */

/* Which key signs what, and in which states of the partner it is taken; the first row that fits. A partner that left
 * may still say what became of what it was asked to give back. */
#define AT_WORK (1u << PARTNER_CONFIRMED | 1u << PARTNER_ACTIVE | 1u << PARTNER_SUSPENDED)
static const struct kind_of_statement {
    slice begins;
    enum share_purpose purpose;
    unsigned states; /* bits of enum partner_state */
} kinds[] = {
        {{"key.reported", 12}, SHARE_MESSAGE, AT_WORK},
        {{"key.", 4}, SHARE_IDENTITY, AT_WORK},
        {{"introduction", 12}, SHARE_IDENTITY, 0}, /* a file, never taken from afar */
        {{"recall.", 7}, SHARE_MESSAGE, AT_WORK | 1u << PARTNER_ENDED},
        {{"", 0}, SHARE_MESSAGE, AT_WORK},
};

static const struct kind_of_statement *kind_of(slice type)
{
    const struct kind_of_statement *kind = kinds;
    while (!slice_starts(type, kind->begins))
        kind++;
    return kind;
}

static struct err times_check(const struct share_letter *letter, int64_t now_us)
{
    if (letter->issued_us > now_us + STATEMENT_AHEAD_US)
        return err_make(ERR_AUTH, "the statement was issued more than 10 minutes in our future: whose clock is wrong?");
    if (letter->expires_us <= now_us)
        return err_make(ERR_AUTH, "the statement has expired");
    bool about_keys = kind_of(letter->type)->purpose == SHARE_IDENTITY; /* good as long as its key */
    if (!about_keys && letter->expires_us - now_us > STATEMENT_LIFE_US + STATEMENT_AHEAD_US)
        return err_make(ERR_AUTH, "the statement expires more than 31 days from now: nobody remembers it that long");
    return OK;
}

static struct err reader_check(struct db *db, const struct share_letter *letter, slice own_node)
{
    bool ours = slice_eq(letter->to, own_node);
    if (!ours && letter->to.len == 0) /* to everybody: of keys alone */
        ours = kind_of(letter->type)->purpose == SHARE_IDENTITY;
    else if (!ours && is_uuid(letter->to))
        TRY(store_partner_group_is_known(db, letter->to, &ours));
    return ours ? OK : err_make(ERR_AUTH, "the statement is not for us, nor for a group that we know");
}

static struct err state_check(const struct share_letter *letter, const struct partner *partner, struct arena *arena)
{
    if ((kind_of(letter->type)->states >> partner->state & 1) != 0)
        return OK;
    if (partner->state == PARTNER_CANDIDATE)
        return err_make(ERR_CONFLICT, "nobody here has compared your fingerprint yet");
    return err_format(arena, ERR_DENIED, "%.*s is taken from no partner that is %s", (int)letter->type.len,
            letter->type.ptr, store_partner_state_name(partner->state));
}

struct err share_statement_check(struct db *db, const struct share_letter *letter, slice own_node, int64_t now_us,
        struct arena *arena, int64_t *partner)
{
    struct partner row;
    int64_t least_us; /* a clock that was set back makes no key good again */
    TRY(store_now_us(db, &least_us));
    now_us = now_us < least_us ? least_us : now_us;
    TRY(times_check(letter, now_us));
    TRY(reader_check(db, letter, own_node));
    struct err err = store_partner_find_node(db, letter->from, now_us, arena, &row);
    if (err.kind == ERR_MISSING)
        return err_make(ERR_AUTH, "the statement is from no partner of ours");
    TRY(err);
    TRY(share_key_check(db, &row, kind_of(letter->type)->purpose, &letter->key, now_us, arena));
    if (!share_statement_signed(letter))
        return err_make(ERR_AUTH, "the statement's signature is not by the key that it names");
    TRY(state_check(letter, &row, arena));
    *partner = row.number;
    return OK;
}

struct err share_statement_clock(struct db *db, const struct share_letter *letter, slice own_node, int64_t now_us,
        struct arena *arena, struct partner *partner, int64_t *behind_us)
{
    *behind_us = 0;
    if (times_check(letter, now_us).kind == ERR_NONE)
        return OK;
    TRY(reader_check(db, letter, own_node));
    TRY(store_partner_find_node(db, letter->from, now_us, arena, partner));
    TRY(share_key_check(db, partner, kind_of(letter->type)->purpose, &letter->key, now_us, arena));
    if (share_statement_signed(letter))
        *behind_us = now_us - letter->issued_us;
    return OK;
}

struct err share_statement_take(struct work *work, const struct share_letter *letter, slice own_node, int64_t *partner)
{
    int64_t whose;
    bool fresh = true;
    TRY(share_statement_check(work->db, letter, own_node, work->now_us, work->arena, &whose));
    if (kind_of(letter->type)->purpose != SHARE_IDENTITY)
        TRY(store_statement_seen(
                work, whose, &(struct statement_seen){letter->id, letter->sequence, letter->expires_us}, &fresh));
    if (!fresh)
        return err_make(ERR_DENIED, "the statement was taken already: a replay");
    *partner = whose;
    return OK;
}

/* ---- For the bodies ---- */

struct err share_body_text(slice body, const char *name, size_t bytes_max, struct arena *arena, slice *text)
{
    slice value = json_get(body, slice_of(name));
    if (json_kind(value) != JSON_STRING)
        return err_format(arena, ERR_INPUT, "the body's %s is missing, or no text", name);
    slice read = json_text(value, arena);
    if (read.len > bytes_max)
        return err_format(arena, ERR_LIMIT, "the body's %s is longer than %zu bytes", name, bytes_max);
    *text = read;
    return OK;
}

struct err share_body_time(slice body, const char *name, struct arena *arena, int64_t *us)
{
    slice text = S("");
    TRY(share_body_text(body, name, 64, arena, &text));
    return time_parse_strict(text, us)
                   ? OK
                   : err_format(arena, ERR_INPUT, "the body's %s is no time [RFC 3339 section 5.6]", name);
}

/* Whether one of the names between blanks is this key. */
static bool is_one_of(slice key, slice names)
{
    slice name;
    while (slice_next(&names, ' ', &name))
        if (json_key_is(key, name))
            return true;
    return false;
}

struct err share_body_only(slice body, const char *names, struct arena *arena)
{
    struct json_members members = json_members(body);
    slice key, value;
    if (json_kind(body) != JSON_OBJECT)
        return err_format(arena, ERR_INPUT, "an object with %s is wanted", names);
    while (json_member_next(&members, &key, &value))
        if (!is_one_of(key, slice_of(names)))
            return err_format(arena, ERR_INPUT, "a member that is not known: %.*s (known: %s)",
                    (int)(key.len < SHOWN_MAX ? key.len : SHOWN_MAX), key.ptr, names);
    return OK;
}
