/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading mail, line by line, once: a stack of the boundaries of the multiparts that a line is in, and of the part at
 * hand what it is. A line that is a boundary of the stack ends all that is in it; every other line belongs to the part.
 */
#include <sodium.h>
#include <unistr.h>

#include "base/arena.h"
#include "text/mail.h"

#define FIELDS_MAX 1000 /* lines of all headers of a message */
#define BOUNDARY_MAX 70 /* RFC 2046 section 5.1.1 */

enum part_kind { PART_OTHER, PART_TEXT, PART_REPORT, PART_ORIGINAL, PART_MULTIPART };
enum encoding { ENCODING_NONE, ENCODING_QUOTED, ENCODING_BASE64 };

struct part {
    enum part_kind kind;
    enum encoding encoding;
    slice type;     /* lower case */
    slice boundary; /* of a multipart */
    bool latin;     /* its characters are of ISO 8859-1, or Windows 1252 */
    bool attached;
};

struct reading {
    struct arena *arena;
    struct mail_read *mail;
    slice boundaries[MAIL_READ_DEPTH_MAX];
    size_t depth, parts, fields;
    struct part part;
    bool in_header, at_top; /* at_top: the header is the message's own */
    struct buf field;       /* the one at hand, unfolded */
    struct buf text;        /* of the text part, still encoded */
    struct part text_part;
    bool has_text;
};

/* ---- Values of fields ---- */

static slice lower(struct arena *arena, slice text)
{
    char *copy = arena_take(arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        copy[i] = byte_lower(text.ptr[i]);
    return (slice){copy, text.len};
}

/* A parameter of a field (RFC 2045 section 5.1), quotes taken off; empty: there is none. */
static slice parameter(slice value, const char *name, struct arena *arena)
{
    slice rest = value, piece;
    while (slice_next(&rest, ';', &piece)) {
        piece = slice_trim(piece);
        size_t at = slice_find(piece, '=');
        if (at == piece.len || !slice_eq_fold(slice_trim(slice_part(piece, 0, at)), slice_of(name)))
            continue;
        slice found = slice_trim(slice_from(piece, at + 1));
        if (found.len >= 2 && found.ptr[0] == '"' && found.ptr[found.len - 1] == '"')
            found = slice_part(found, 1, found.len - 1);
        return arena_copy(arena, found);
    }
    return S("");
}

/* What stands between the last "<" and ">", or all of it; comments are left as they are. */
static slice address_of(slice value)
{
    for (size_t i = value.len; i > 0; i--)
        if (value.ptr[i - 1] == '<') {
            slice rest = slice_from(value, i);
            return slice_trim(slice_part(rest, 0, slice_find(rest, '>')));
        }
    return slice_trim(value);
}

static int hex_pair(slice text, size_t at)
{
    if (at + 2 > text.len)
        return -1;
    int high = byte_hex(text.ptr[at]), low = byte_hex(text.ptr[at + 1]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Quoted-printable; `word`: of RFC 2047, where "_" is a blank. */
static void quoted_read(slice text, bool word, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        int byte = text.ptr[i] == '=' ? hex_pair(text, i + 1) : -1;
        if (byte >= 0) {
            buf_byte(out, (char)byte);
            i += 2;
        } else if (text.ptr[i] == '=' && !word && i + 1 < text.len && text.ptr[i + 1] == '\n')
            i++;
        else
            buf_byte(out, word && text.ptr[i] == '_' ? ' ' : text.ptr[i]);
    }
}

static void base64_read(slice text, struct buf *out)
{
    size_t len = 0;
    if (!buf_reserve(out, text.len + 4))
        return;
    /* What cannot be read ends it; what came before is kept. */
    (void)sodium_base642bin((unsigned char *)out->ptr + out->len, text.len + 4, text.ptr, text.len, "\r\n \t=", &len,
            NULL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    out->len += len;
}

/* As UTF-8: Latin 1 by its table, of all else what is no UTF-8 as U+FFFD. */
static void characters_put(struct buf *out, slice bytes, bool latin)
{
    for (size_t i = 0; i < bytes.len;) {
        ucs4_t c = (unsigned char)bytes.ptr[i];
        int len = 1;
        if (!latin) {
            len = u8_mbtoucr(&c, (const uint8_t *)bytes.ptr + i, bytes.len - i);
            c = len < 1 ? 0xFFFD : c;
            len = len < 1 ? 1 : len;
        }
        uint8_t utf8[6];
        int room = u8_uctomb(utf8, c, sizeof utf8);
        buf_put(out, (slice){(const char *)utf8, room > 0 ? (size_t)room : 0});
        i += (size_t)len;
    }
}

static bool is_latin(slice charset)
{
    return slice_eq_fold(charset, S("iso-8859-1")) || slice_eq_fold(charset, S("windows-1252")) ||
           slice_eq_fold(charset, S("iso-8859-15"));
}

/* One "=?charset?B?...?=" at the front of the text; its length, or 0. */
static size_t word_read(slice text, struct buf *out)
{
    size_t charset = slice_find(slice_from(text, 2), '?') + 2;
    if (charset + 3 >= text.len || text.ptr[charset + 2] != '?')
        return 0;
    char how = byte_lower(text.ptr[charset + 1]);
    slice rest = slice_from(text, charset + 3);
    size_t end = slice_find_slice(rest, S("?="));
    if (end == rest.len || (how != 'q' && how != 'b'))
        return 0;
    struct buf bytes = buf_make(MAIL_READ_FIELD_MAX);
    if (how == 'q')
        quoted_read(slice_part(rest, 0, end), true, &bytes);
    else
        base64_read(slice_part(rest, 0, end), &bytes);
    characters_put(out, buf_slice(&bytes), is_latin(slice_part(text, 2, charset)));
    buf_free(&bytes);
    return charset + 3 + end + 2;
}

/* Text with encoded words (RFC 2047); blanks between two of them go. */
static slice words_read(slice text, struct arena *arena)
{
    struct buf out = buf_make(4 * MAIL_READ_FIELD_MAX);
    bool after_word = false;
    for (size_t i = 0; i < text.len;) {
        slice rest = slice_from(text, i);
        size_t blanks = 0;
        while (blanks < rest.len && byte_is_blank(rest.ptr[blanks]))
            blanks++;
        bool word = slice_starts(slice_from(rest, blanks), S("=?"));
        size_t before = out.len;
        if (!(word && after_word))
            characters_put(&out, slice_part(rest, 0, blanks), false);
        size_t len = word ? word_read(slice_from(rest, blanks), &out) : 0;
        after_word = len > 0;
        if (len == 0) {
            out.len = before;
            len = blanks < rest.len ? blanks + 1 : blanks;
            while (len < rest.len && !byte_is_blank(rest.ptr[len]))
                len++;
            characters_put(&out, slice_part(rest, 0, len), false);
            i += len;
        } else
            i += blanks + len;
    }
    slice read = arena_copy(arena, buf_slice(&out));
    buf_free(&out);
    return read;
}

/* ---- Fields of a message ---- */

static void take_from(struct reading *reading, slice value)
{
    reading->mail->from = arena_copy(reading->arena, address_of(value));
}

static void take_subject(struct reading *reading, slice value)
{
    reading->mail->subject = words_read(value, reading->arena);
}

static void take_in_reply_to(struct reading *reading, slice value)
{
    reading->mail->in_reply_to = arena_copy(reading->arena, value);
}

static void take_references(struct reading *reading, slice value)
{
    reading->mail->references = arena_copy(reading->arena, value);
}

/* RFC 3834 section 5; older programs say so in a field of their own. */
static bool says_submitted(slice value)
{
    return value.len < 2 || !slice_eq_fold(slice_part(value, 0, 2), S("no"));
}

static bool says_anything(slice value)
{
    (void)value;
    return true;
}

static bool says_many(slice value)
{
    return slice_eq_fold(value, S("bulk")) || slice_eq_fold(value, S("junk")) || slice_eq_fold(value, S("list")) ||
           slice_eq_fold(value, S("auto_reply"));
}

/* The null sender is that of reports (RFC 5321 section 4.5.5). */
static bool says_nobody(slice value)
{
    return address_of(value).len == 0;
}

bool mail_field_automatic(slice name, slice value)
{
    static const struct {
        const char *name;
        bool (*says)(slice value);
    } rows[] = {
            {"auto-submitted", says_submitted},
            {"x-autoreply", says_anything},
            {"x-autorespond", says_anything},
            {"list-id", says_anything},
            {"precedence", says_many},
            {"return-path", says_nobody},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (slice_eq_fold(name, slice_of(rows[i].name)))
            return rows[i].says(value);
    return false;
}

static const struct field_row {
    const char *name;
    void (*take)(struct reading *reading, slice value);
} message_fields[] = {
        {"from", take_from},
        {"subject", take_subject},
        {"in-reply-to", take_in_reply_to},
        {"references", take_references},
};

/* ---- Fields of a part ---- */

static enum part_kind kind_of(slice type)
{
    static const struct {
        const char *type;
        enum part_kind kind;
    } kinds[] = {
            {"text/plain", PART_TEXT},
            {"message/delivery-status", PART_REPORT},
            {"message/global-delivery-status", PART_REPORT},
            {"text/rfc822-headers", PART_ORIGINAL},
            {"message/rfc822", PART_ORIGINAL},
            {"message/global", PART_ORIGINAL},
            {"message/global-headers", PART_ORIGINAL},
    };
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (slice_eq(type, slice_of(kinds[i].type)))
            return kinds[i].kind;
    return slice_starts(type, S("multipart/")) ? PART_MULTIPART : PART_OTHER;
}

static void take_type(struct reading *reading, slice value)
{
    struct part *part = &reading->part;
    part->type = lower(reading->arena, slice_trim(slice_part(value, 0, slice_find(value, ';'))));
    part->kind = kind_of(part->type);
    part->boundary = parameter(value, "boundary", reading->arena);
    part->latin = is_latin(parameter(value, "charset", reading->arena));
    if (reading->at_top && slice_eq(part->type, S("multipart/report")))
        reading->mail->report.is = slice_eq_fold(parameter(value, "report-type", reading->arena), S("delivery-status"));
}

static void take_encoding(struct reading *reading, slice value)
{
    slice word = lower(reading->arena, slice_trim(value));
    reading->part.encoding = slice_eq(word, S("quoted-printable")) ? ENCODING_QUOTED
                             : slice_eq(word, S("base64"))         ? ENCODING_BASE64
                                                                   : ENCODING_NONE;
}

static void take_disposition(struct reading *reading, slice value)
{
    reading->part.attached = slice_starts(lower(reading->arena, slice_trim(value)), S("attachment"));
}

static const struct field_row part_fields[] = {
        {"content-type", take_type},
        {"content-transfer-encoding", take_encoding},
        {"content-disposition", take_disposition},
};

/* ---- Fields of a report (RFC 3464 section 2.3), and of the message that it is about ---- */

/* "rfc822; user@example.org": what is behind the type. */
static slice behind_type(slice value)
{
    size_t at = slice_find(value, ';');
    return slice_trim(at == value.len ? value : slice_from(value, at + 1));
}

static void keep_once(struct reading *reading, slice *target, slice value)
{
    if (target->len == 0)
        *target = arena_copy(reading->arena, value);
}

static void take_recipient(struct reading *reading, slice value)
{
    keep_once(reading, &reading->mail->report.recipient, behind_type(value));
}

static void take_action(struct reading *reading, slice value)
{
    keep_once(reading, &reading->mail->report.action, lower(reading->arena, slice_trim(value)));
}

static void take_status(struct reading *reading, slice value)
{
    keep_once(reading, &reading->mail->report.status, slice_trim(value));
}

static void take_why(struct reading *reading, slice value)
{
    keep_once(reading, &reading->mail->report.why, behind_type(value));
}

static void take_about(struct reading *reading, slice value)
{
    keep_once(reading, &reading->mail->report.about, address_of(value));
}

static const struct field_row report_fields[] = {
        {"final-recipient", take_recipient},
        {"action", take_action},
        {"status", take_status},
        {"diagnostic-code", take_why},
};
static const struct field_row original_fields[] = {{"message-id", take_about}};

static bool field_split(slice field, slice *name, slice *value)
{
    size_t colon = slice_find(field, ':');
    if (colon == field.len)
        return false;
    *name = slice_trim(slice_part(field, 0, colon));
    *value = slice_trim(slice_from(field, colon + 1));
    return true;
}

static void field_take(struct reading *reading, const struct field_row *rows, size_t count, slice field)
{
    slice name, value;
    if (!field_split(field, &name, &value))
        return;
    for (size_t i = 0; i < count; i++)
        if (slice_eq_fold(name, slice_of(rows[i].name)))
            rows[i].take(reading, value);
}

static void message_field_take(struct reading *reading, slice field)
{
    slice name, value;
    field_take(reading, message_fields, COUNT_OF(message_fields), field);
    reading->mail->automatic |= field_split(field, &name, &value) && mail_field_automatic(name, value);
}

/* The field at hand is whole. */
static void field_end(struct reading *reading)
{
    slice field = buf_slice(&reading->field);
    if (field.len > 0 && reading->in_header) {
        field_take(reading, part_fields, COUNT_OF(part_fields), field);
        if (reading->at_top)
            message_field_take(reading, field);
    } else if (field.len > 0 && reading->part.kind == PART_REPORT)
        field_take(reading, report_fields, COUNT_OF(report_fields), field);
    else if (field.len > 0 && reading->part.kind == PART_ORIGINAL)
        field_take(reading, original_fields, COUNT_OF(original_fields), field);
    buf_reset(&reading->field);
}

/* A line of fields: it goes on the one before, or begins another. */
static struct err field_line(struct reading *reading, slice line)
{
    bool goes_on = line.ptr[0] == ' ' || line.ptr[0] == '\t';
    if (++reading->fields > FIELDS_MAX)
        return err_make(ERR_LIMIT, "the headers of the mail have more than 1000 lines");
    if (!goes_on)
        field_end(reading);
    buf_put(&reading->field, line);
    return OK;
}

/* ---- Parts ---- */

static void part_begin(struct reading *reading)
{
    field_end(reading);
    reading->part = (struct part){.kind = PART_TEXT}; /* RFC 2045 section 5.2 */
    reading->in_header = true;
    reading->at_top = false;
}

static struct err header_end(struct reading *reading)
{
    struct part *part = &reading->part;
    field_end(reading);
    reading->in_header = reading->at_top = false;
    if (++reading->parts > MAIL_READ_PARTS_MAX)
        return err_make(ERR_LIMIT, "the mail has more than 100 parts");
    if (part->kind == PART_TEXT && !part->attached && !reading->has_text) {
        reading->has_text = true;
        reading->text_part = *part;
    } else if (part->kind == PART_TEXT)
        part->kind = PART_OTHER;
    if (part->kind != PART_MULTIPART)
        return OK;
    if (part->boundary.len == 0 || part->boundary.len > BOUNDARY_MAX)
        return err_make(ERR_INPUT, "a multipart of the mail has no boundary (RFC 2046 section 5.1.1)");
    if (reading->depth == MAIL_READ_DEPTH_MAX)
        return err_make(ERR_LIMIT, "the parts of the mail lie more than 8 deep in each other");
    reading->boundaries[reading->depth++] = part->boundary;
    return OK;
}

/* Whether the line is a boundary: the innermost that it is. */
static bool boundary_meet(struct reading *reading, slice line)
{
    if (!slice_starts(line, S("--")))
        return false;
    slice rest = slice_trim(slice_from(line, 2));
    for (size_t i = reading->depth; i > 0; i--) {
        slice boundary = reading->boundaries[i - 1];
        if (!slice_starts(rest, boundary))
            continue;
        slice behind = slice_from(rest, boundary.len);
        bool ends = slice_eq(behind, S("--"));
        if (!ends && behind.len > 0)
            continue;
        part_begin(reading);
        reading->depth = ends ? i - 1 : i;
        if (ends) /* what stands behind the last part is nobody's */
            reading->in_header = false;
        reading->part.kind = ends ? PART_OTHER : PART_TEXT;
        return true;
    }
    return false;
}

static struct err body_line(struct reading *reading, slice line)
{
    switch (reading->part.kind) {
    case PART_TEXT:
        if (reading->text.len + line.len < MAIL_READ_TEXT_MAX) {
            buf_put(&reading->text, line);
            buf_byte(&reading->text, '\n');
        }
        return OK;
    case PART_REPORT:
    case PART_ORIGINAL:
        if (line.len > 0)
            return field_line(reading, line);
        field_end(reading);
        if (reading->part.kind == PART_ORIGINAL)
            reading->part.kind = PART_OTHER; /* its body tells nothing */
        return OK;
    default:
        return OK;
    }
}

static struct err line_take(struct reading *reading, slice line)
{
    if (slice_ends(line, S("\r")))
        line.len--;
    if (boundary_meet(reading, line))
        return OK;
    if (!reading->in_header)
        return body_line(reading, line);
    return line.len == 0 ? header_end(reading) : field_line(reading, line);
}

/* The text as UTF-8, without its encoding. */
static slice text_read(struct reading *reading)
{
    struct buf bytes = buf_make(2 * MAIL_READ_TEXT_MAX), text = buf_make(8 * MAIL_READ_TEXT_MAX);
    slice raw = buf_slice(&reading->text);
    if (reading->text_part.encoding == ENCODING_QUOTED)
        quoted_read(raw, false, &bytes);
    else if (reading->text_part.encoding == ENCODING_BASE64)
        base64_read(raw, &bytes);
    else
        buf_put(&bytes, raw);
    characters_put(&text, buf_slice(&bytes), reading->text_part.latin);
    slice read = arena_copy(reading->arena, buf_slice(&text));
    buf_free(&bytes);
    buf_free(&text);
    return read;
}

static struct err lines_take(struct reading *reading, slice message)
{
    slice line;
    while (slice_next(&message, '\n', &line))
        TRY(line_take(reading, line));
    if (reading->in_header && reading->at_top)
        TRY(header_end(reading)); /* a message without a body */
    field_end(reading);
    return OK;
}

struct err mail_read(slice message, struct arena *arena, struct mail_read *mail)
{
    struct mail_read read = {0};
    struct reading reading = {.arena = arena, .mail = &read, .in_header = true, .at_top = true};
    if (message.len > MAIL_READ_MAX)
        return err_make(ERR_LIMIT, "the mail is larger than 4 MiB");
    if (message.len == 0)
        return err_make(ERR_INPUT, "the mail is empty");
    reading.part.kind = PART_TEXT;
    reading.field = buf_make(MAIL_READ_FIELD_MAX);
    reading.text = buf_make(2 * MAIL_READ_TEXT_MAX);
    /* Mailboxes of Unix begin with a line of their own. */
    if (slice_starts(message, S("From ")))
        message = slice_from(message, slice_find(message, '\n'));
    if (slice_starts(message, S("\n")))
        message = slice_from(message, 1);
    struct err err = lines_take(&reading, message);
    if (err.kind == ERR_NONE) {
        read.text = text_read(&reading);
        *mail = read;
    }
    buf_free(&reading.field);
    buf_free(&reading.text);
    return err;
}
