/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a mail that came in. GMime parses what was tamed; then the tree of parts is walked with a stack of our own:
 * what stands in line is text, everything else is a file, and a mail in the mail is both an original and a file.
 */
#include "mailbox/mail.h"

#include <gmime/gmime.h>
#include <pthread.h>

#include "base/arena.h"
#include "base/clock.h"
#include "mailbox/guess.h"
#include "mailbox/plain.h"
#include "mailbox/tame.h"

/* Whose text it is that stands in line. */
struct spoken {
    struct buf plain, html;
};

struct frame {
    GMimeObject *object; /* a multipart, of the tree */
    int next;
    struct spoken *spoken;
};

struct walk {
    struct arena *arena;
    struct mailbox_mail *mail;
    struct frame frames[MAILBOX_DEPTH_MAX];
    size_t depth, parts;
    size_t file_room;
    struct mailbox_file *files;
    struct mailbox_original originals[MAILBOX_ORIGINALS_MAX];
    struct spoken spoken[MAILBOX_ORIGINALS_MAX + 1]; /* the first is that of the mail itself */
    size_t wanted;                                   /* the part whose content is asked for; 0: none is */
    struct buf *content;
};

static void init_once(void)
{
    g_mime_init();
}

static void gmime_ready(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, init_once);
}

static void unread(struct mailbox_mail *mail, const char *why)
{
    for (size_t i = 0; i < mail->unread_count; i++)
        if (mail->unread[i] == why)
            return;
    if (mail->unread_count < MAILBOX_UNREAD_MAX)
        mail->unread[mail->unread_count++] = why;
}

/* ---- Values ---- */

static slice text_of(const char *text)
{
    slice all = text == NULL ? S("") : slice_of(text);
    return slice_part(all, 0, all.len < MAILBOX_VALUE_MAX ? all.len : MAILBOX_VALUE_MAX);
}

static slice value_clean(struct arena *arena, slice text)
{
    struct buf out = buf_make(4 * MAILBOX_VALUE_MAX);
    mailbox_plain_put(&out, text, false);
    slice value = slice_trim(arena_copy(arena, buf_slice(&out)));
    buf_free(&out);
    return value;
}

static slice value_read(struct arena *arena, const char *text)
{
    return value_clean(arena, text_of(text));
}

static slice file_name(struct arena *arena, const char *name, size_t part)
{
    struct buf out = buf_make(4 * MAILBOX_VALUE_MAX);
    mailbox_name_put(&out, text_of(name), part);
    slice value = arena_copy(arena, buf_slice(&out));
    buf_free(&out);
    return value;
}

/* A group is who is in it. */
static void people_add(struct walk *walk, InternetAddressList *list, struct mailbox_person *rows, size_t *count)
{
    for (int i = 0; list != NULL && i < internet_address_list_length(list); i++) {
        InternetAddress *row = internet_address_list_get_address(list, i);
        if (!INTERNET_ADDRESS_IS_MAILBOX(row))
            continue;
        if (*count == MAILBOX_PEOPLE_MAX) {
            unread(walk->mail, "a field names more than 100 addresses: the first 100 were read");
            return;
        }
        rows[(*count)++] = (struct mailbox_person){
                .name = value_read(walk->arena, internet_address_get_name(row)),
                .address = value_read(walk->arena, internet_address_mailbox_get_addr((InternetAddressMailbox *)row)),
        };
    }
}

static struct mailbox_people people_read(struct walk *walk, InternetAddressList *list)
{
    struct mailbox_person *rows = arena_new(walk->arena, struct mailbox_person, MAILBOX_PEOPLE_MAX);
    size_t count = 0;
    for (int i = 0; list != NULL && i < internet_address_list_length(list) && count < MAILBOX_PEOPLE_MAX; i++) {
        InternetAddress *row = internet_address_list_get_address(list, i);
        if (INTERNET_ADDRESS_IS_GROUP(row))
            people_add(walk, internet_address_group_get_members((InternetAddressGroup *)row), rows, &count);
    }
    people_add(walk, list, rows, &count);
    return (struct mailbox_people){rows, count};
}

static slice first_id(struct arena *arena, const char *text)
{
    GMimeReferences *ids = text == NULL ? NULL : g_mime_references_parse(NULL, text);
    slice id = ids == NULL || g_mime_references_length(ids) == 0
                       ? S("")
                       : value_read(arena, g_mime_references_get_message_id(ids, 0));
    if (ids != NULL)
        g_mime_references_free(ids);
    return id;
}

static void references_read(struct walk *walk, const char *text)
{
    GMimeReferences *ids = text == NULL ? NULL : g_mime_references_parse(NULL, text);
    int all = ids == NULL ? 0 : g_mime_references_length(ids);
    int from = all > MAILBOX_REFERENCES_MAX ? all - MAILBOX_REFERENCES_MAX : 0;
    slice *rows = arena_new(walk->arena, slice, (size_t)(all - from) + 1);
    for (int i = from; i < all; i++)
        rows[i - from] = value_read(walk->arena, g_mime_references_get_message_id(ids, i));
    walk->mail->references = rows;
    walk->mail->reference_count = (size_t)(all - from);
    if (from > 0)
        unread(walk->mail, "the mail refers to more than 100 others: the last 100 were read");
    if (ids != NULL)
        g_mime_references_free(ids);
}

static bool is_automatic(GMimeObject *message)
{
    GMimeHeaderList *list = g_mime_object_get_header_list(message);
    bool automatic = false;
    for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
        GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
        automatic |= mail_field_automatic(
                slice_of(g_mime_header_get_name(header)), slice_trim(text_of(g_mime_header_get_raw_value(header))));
    }
    return automatic;
}

static void header_read(struct walk *walk, GMimeMessage *message)
{
    struct mailbox_mail *mail = walk->mail;
    GMimeObject *object = (GMimeObject *)message;
    GDateTime *date = g_mime_message_get_date(message);
    mail->message_id = value_read(walk->arena, g_mime_message_get_message_id(message));
    mail->in_reply_to = first_id(walk->arena, g_mime_object_get_header(object, "In-Reply-To"));
    references_read(walk, g_mime_object_get_header(object, "References"));
    mail->from = people_read(walk, g_mime_message_get_from(message));
    mail->reply_to = people_read(walk, g_mime_message_get_reply_to(message));
    mail->to = people_read(walk, g_mime_message_get_to(message));
    mail->cc = people_read(walk, g_mime_message_get_cc(message));
    mail->subject = value_read(walk->arena, g_mime_message_get_subject(message));
    mail->date_us = date == NULL ? TIME_NONE : g_date_time_to_unix(date) * SECOND_US;
    mail->automatic = is_automatic(object);
}

/* ---- Contents ---- */

/* Without its transfer encoding; of damaged base64, what can be read. The caller unrefs it. */
static GByteArray *content_of(GMimeObject *part)
{
    GMimeStream *memory = g_mime_stream_mem_new();
    GMimeDataWrapper *content = GMIME_IS_PART(part) ? g_mime_part_get_content((GMimePart *)part) : NULL;
    if (content != NULL)
        (void)g_mime_data_wrapper_write_to_stream(content, memory);
    else if (GMIME_IS_MESSAGE_PART(part) && g_mime_message_part_get_message((GMimeMessagePart *)part) != NULL)
        (void)g_mime_object_write_to_stream(
                (GMimeObject *)g_mime_message_part_get_message((GMimeMessagePart *)part), NULL, memory);
    GByteArray *bytes = g_mime_stream_mem_get_byte_array((GMimeStreamMem *)memory);
    g_mime_stream_mem_set_owner((GMimeStreamMem *)memory, FALSE); /* it is the caller's now */
    g_object_unref(memory);
    return bytes;
}

static slice bytes_slice(const GByteArray *bytes)
{
    return bytes->len == 0 ? S("") : (slice){(const char *)bytes->data, bytes->len};
}

static bool is_utf8(const char *charset)
{
    static const char *const names[] = {"utf-8", "utf8", "us-ascii", "ascii"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (slice_eq_fold(slice_of(charset), slice_of(names[i])))
            return true;
    return false;
}

/* Appends a text in its characters; a set of them that nobody knows is read as UTF-8. */
static void characters_put(struct walk *walk, slice text, const char *charset, struct buf *out)
{
    GMimeFilter *filter = charset == NULL || is_utf8(charset) ? NULL : g_mime_filter_charset_new(charset, "utf-8");
    if (charset != NULL && !is_utf8(charset) && filter == NULL)
        unread(walk->mail, "a text is in characters that nobody knows: it was read as UTF-8");
    if (filter != NULL) {
        char *converted;
        size_t len, prespace;
        /* Its names of parameters are not const; it does not write there. */
        g_mime_filter_complete(filter, (char *)(uintptr_t)text.ptr, text.len, 0, &converted, &len, &prespace);
        mailbox_plain_put(out, (slice){converted, len}, true);
        g_object_unref(filter);
    } else
        mailbox_plain_put(out, text, true);
}

static void text_take(struct walk *walk, GMimeObject *part, struct spoken *spoken)
{
    bool html = g_mime_content_type_is_type(g_mime_object_get_content_type(part), "text", "html");
    struct buf *out = html ? &spoken->html : &spoken->plain;
    GByteArray *bytes = content_of(part);
    slice text = bytes_slice(bytes);
    if (text.len > MAILBOX_TEXT_MAX) {
        text.len = MAILBOX_TEXT_MAX;
        unread(walk->mail, "a text is longer than 256 KiB: its beginning was read");
    }
    if (out->len > 0 && out->ptr[out->len - 1] != '\n')
        buf_byte(out, '\n');
    characters_put(walk, text, g_mime_object_get_content_type_parameter(part, "charset"), out);
    if (out->full)
        unread(walk->mail, "the texts are longer than 256 KiB together: their beginning was read");
    g_byte_array_unref(bytes);
}

static void file_put(struct walk *walk, const struct mailbox_file *file)
{
    if (walk->mail->file_count == walk->file_room) {
        walk->file_room = walk->file_room == 0 ? 8 : 2 * walk->file_room;
        struct mailbox_file *more = arena_new(walk->arena, struct mailbox_file, walk->file_room);
        if (walk->mail->file_count > 0)
            memcpy(more, walk->files, walk->mail->file_count * sizeof *more);
        walk->files = more;
    }
    walk->files[walk->mail->file_count++] = *file;
}

static void file_take(struct walk *walk, GMimeObject *part)
{
    const char *name = GMIME_IS_PART(part) ? g_mime_part_get_filename((GMimePart *)part) : NULL;
    GByteArray *bytes = content_of(part);
    char *type = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(part));
    file_put(walk, &(struct mailbox_file){
                           .part = walk->parts,
                           .name = file_name(walk->arena, name, walk->parts),
                           .type = value_read(walk->arena, type),
                           .bytes = bytes->len,
                           .digest = hash_sha256(bytes_slice(bytes)),
                   });
    g_free(type);
    g_byte_array_unref(bytes);
}

/* ---- What is signed or encrypted: noted, never checked ---- */

static const struct {
    const char *type, *subtype;
    enum mailbox_signature signature;
    bool encrypted;
} seals[] = {
        {"application", "pgp-signature", MAILBOX_OPENPGP, false},
        {"application", "pgp-encrypted", MAILBOX_UNSIGNED, true},
        {"application", "pkcs7-signature", MAILBOX_SMIME, false},
        {"application", "x-pkcs7-signature", MAILBOX_SMIME, false},
};

static void seal_note(struct walk *walk, GMimeObject *part)
{
    GMimeContentType *type = g_mime_object_get_content_type(part);
    for (size_t i = 0; i < COUNT_OF(seals); i++)
        if (g_mime_content_type_is_type(type, seals[i].type, seals[i].subtype)) {
            walk->mail->encrypted |= seals[i].encrypted;
            if (walk->mail->signature == MAILBOX_UNSIGNED)
                walk->mail->signature = seals[i].signature;
        }
    /* One type for both (RFC 8551 section 3.2). */
    if (g_mime_content_type_is_type(type, "application", "pkcs7-mime") ||
            g_mime_content_type_is_type(type, "application", "x-pkcs7-mime")) {
        const char *kind = g_mime_content_type_get_parameter(type, "smime-type");
        bool is_signed = kind != NULL && slice_eq_fold(slice_of(kind), S("signed-data"));
        walk->mail->encrypted |= !is_signed;
        if (is_signed)
            walk->mail->signature = MAILBOX_SMIME;
    }
}

/* Signed within the text (RFC 9580 section 7), as many write to teams. */
static void armour_note(struct mailbox_mail *mail)
{
    mail->encrypted |= slice_find_slice(mail->text, S("-----BEGIN PGP MESSAGE-----")) < mail->text.len;
    if (slice_find_slice(mail->text, S("-----BEGIN PGP SIGNED MESSAGE-----")) < mail->text.len)
        mail->signature = MAILBOX_OPENPGP;
}

/* ---- Parts ---- */

static bool is_in_line(GMimeObject *part)
{
    GMimeContentDisposition *disposition = g_mime_object_get_content_disposition(part);
    GMimeContentType *type = g_mime_object_get_content_type(part);
    bool text = g_mime_content_type_is_type(type, "text", "plain") || g_mime_content_type_is_type(type, "text", "html");
    return text && GMIME_IS_PART(part) && g_mime_part_get_filename((GMimePart *)part) == NULL &&
           (disposition == NULL || !g_mime_content_disposition_is_attachment(disposition));
}

static void push(struct walk *walk, GMimeObject *object, struct spoken *spoken)
{
    if (walk->depth == MAILBOX_DEPTH_MAX)
        unread(walk->mail, "parts lie more than 16 deep in each other: what is deeper was not read");
    else
        walk->frames[walk->depth++] = (struct frame){.object = object, .spoken = spoken};
}

/* Of a mail in the mail: what it says of itself; its parts are looked at as those around it. */
static void original_take(struct walk *walk, GMimeMessage *message)
{
    struct mailbox_mail *mail = walk->mail;
    if (mail->original_count == MAILBOX_ORIGINALS_MAX) {
        unread(mail, "the mail has more than 20 mails in it: the first 20 were read");
        return;
    }
    GMimeObject *object = (GMimeObject *)message, *body = g_mime_message_get_mime_part(message);
    walk->originals[mail->original_count++] = (struct mailbox_original){
            .attached = true,
            .from = value_read(walk->arena, g_mime_object_get_header(object, "From")),
            .to = value_read(walk->arena, g_mime_object_get_header(object, "To")),
            .subject = value_read(walk->arena, g_mime_message_get_subject(message)),
            .date = value_read(walk->arena, g_mime_object_get_header(object, "Date")),
            .message_id = value_read(walk->arena, g_mime_message_get_message_id(message)),
    };
    struct spoken *spoken = &walk->spoken[mail->original_count];
    if (body != NULL)
        push(walk, body, spoken);
}

static bool parts_left(struct walk *walk)
{
    if (walk->parts >= MAILBOX_PARTS_MAX)
        unread(walk->mail, "the mail has more than 10,000 parts: the first 10,000 were read");
    return walk->parts < MAILBOX_PARTS_MAX;
}

static void part_take(struct walk *walk, GMimeObject *part, struct spoken *spoken)
{
    if (GMIME_IS_MULTIPART(part)) {
        push(walk, part, spoken);
        return;
    }
    if (!parts_left(walk))
        return;
    walk->parts++;
    if (walk->wanted != 0) {
        if (walk->parts == walk->wanted) {
            GByteArray *bytes = content_of(part);
            buf_put(walk->content, bytes_slice(bytes));
            g_byte_array_unref(bytes);
        }
    } else if (is_in_line(part)) {
        text_take(walk, part, spoken);
    } else {
        seal_note(walk, part);
        file_take(walk, part);
    }
    if (GMIME_IS_MESSAGE_PART(part) && g_mime_message_part_get_message((GMimeMessagePart *)part) != NULL)
        original_take(walk, g_mime_message_part_get_message((GMimeMessagePart *)part));
}

static void parts_walk(struct walk *walk, GMimeMessage *message)
{
    GMimeObject *body = g_mime_message_get_mime_part(message);
    if (body != NULL)
        part_take(walk, body, &walk->spoken[0]);
    while (walk->depth > 0) {
        struct frame *frame = &walk->frames[walk->depth - 1];
        bool multipart = GMIME_IS_MULTIPART(frame->object);
        int count = multipart ? g_mime_multipart_get_count((GMimeMultipart *)frame->object) : 1;
        bool over = walk->wanted != 0 && walk->parts >= walk->wanted;
        if (over || frame->next >= count || !parts_left(walk)) {
            walk->depth--;
            continue;
        }
        int next = frame->next++;
        GMimeObject *part =
                multipart ? g_mime_multipart_get_part((GMimeMultipart *)frame->object, next) : frame->object;
        part_take(walk, part, frame->spoken);
    }
}

/* ---- The whole ---- */

static GMimeMessage *parse(slice bytes, struct mailbox_tamed *tamed)
{
    gmime_ready();
    struct buf tame = buf_make((size_t)MAILBOX_BYTES_MAX + 1);
    mailbox_tame(bytes, &tame, tamed);
    GMimeStream *memory = g_mime_stream_mem_new_with_buffer(tame.ptr == NULL ? "" : tame.ptr, tame.len);
    buf_free(&tame);
    GMimeParser *parser = g_mime_parser_new_with_stream(memory);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    g_object_unref(parser);
    g_object_unref(memory);
    return message;
}

static void tamed_note(struct mailbox_mail *mail, const struct mailbox_tamed *tamed)
{
    const struct {
        bool met;
        const char *why;
    } rows[] = {
            {tamed->header, "the header is longer than 256 KiB: its beginning was read"},
            {tamed->fields, "the headers have more than 100,000 lines: what follows was not read"},
            {tamed->edges, "more than 30,000 lines could begin a part: what follows was not read"},
            {tamed->separators, "a field has more than 1,000 addresses or parameters: its beginning was read"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].met)
            unread(mail, rows[i].why);
}

static slice spoken_end(struct spoken *spoken, struct arena *arena)
{
    struct buf text = buf_make(4 * MAILBOX_TEXT_MAX);
    slice said = buf_slice(&spoken->plain);
    if (spoken->html.len > 0 && (said.len == 0 || slice_trim(said).len == 0)) {
        mailbox_html_put(&text, buf_slice(&spoken->html));
        said = buf_slice(&text);
    }
    slice copy = arena_copy(arena, said);
    buf_free(&text);
    buf_free(&spoken->plain);
    buf_free(&spoken->html);
    return copy;
}

/* A report of what was not delivered is small, or none that we can use. */
static void report_read(struct walk *walk, slice bytes, GMimeObject *body)
{
    const char *type = body == NULL ? NULL : g_mime_object_get_content_type_parameter(body, "report-type");
    struct mail_read read;
    if (type == NULL || !slice_eq_fold(slice_of(type), S("delivery-status")))
        return;
    if (mail_read(bytes, walk->arena, &read).kind == ERR_NONE)
        walk->mail->report = read.report;
    else
        unread(walk->mail, "the report on delivery is none that can be read");
}

/* Those that stand in the text; a value of one is of one line, and a text may have tabs. */
static void originals_find(struct walk *walk)
{
    struct mailbox_original *rows = walk->originals + walk->mail->original_count;
    size_t count = mailbox_originals_find(walk->mail->text, rows, MAILBOX_ORIGINALS_MAX - walk->mail->original_count);
    for (size_t i = 0; i < count; i++) {
        slice *const values[] = {&rows[i].from, &rows[i].to, &rows[i].subject, &rows[i].date, &rows[i].message_id};
        for (size_t j = 0; j < COUNT_OF(values); j++)
            *values[j] = value_clean(walk->arena, *values[j]);
    }
    walk->mail->original_count += count;
}

static void whole_read(struct walk *walk, slice bytes, GMimeMessage *message)
{
    struct mailbox_mail *mail = walk->mail;
    for (size_t i = 0; i < COUNT_OF(walk->spoken); i++)
        walk->spoken[i] = (struct spoken){buf_make(4 * MAILBOX_TEXT_MAX), buf_make(4 * MAILBOX_TEXT_MAX)};
    header_read(walk, message);
    parts_walk(walk, message);
    mail->text = spoken_end(&walk->spoken[0], walk->arena);
    for (size_t i = 0; i < MAILBOX_ORIGINALS_MAX; i++) /* of no original: empty */
        walk->originals[i].text = spoken_end(&walk->spoken[i + 1], walk->arena);
    mail->files = walk->files;
    mail->language = mailbox_language_guess(mail->text);
    armour_note(mail);
    originals_find(walk);
    struct mailbox_original *originals = arena_new(walk->arena, struct mailbox_original, MAILBOX_ORIGINALS_MAX);
    memcpy(originals, walk->originals, sizeof walk->originals);
    mail->originals = originals;
    report_read(walk, bytes, g_mime_message_get_mime_part(message));
}

static struct err size_check(slice bytes)
{
    if (bytes.len == 0)
        return err_make(ERR_INPUT, "the mail is empty");
    if (bytes.len > MAILBOX_BYTES_MAX)
        return err_make(ERR_LIMIT, "the mail is larger than 64 MiB");
    return OK;
}

struct err mailbox_mail_read(slice bytes, struct arena *arena, struct mailbox_mail *mail)
{
    struct mailbox_mail read = {.digest = {{0}}, .date_us = TIME_NONE, .language = ""};
    struct mailbox_tamed tamed;
    TRY(size_check(bytes));
    read.digest = hash_sha256(bytes);
    struct walk *walk = arena_new(arena, struct walk, 1);
    walk->arena = arena;
    walk->mail = &read;
    GMimeMessage *message = parse(bytes, &tamed);
    if (message != NULL) {
        whole_read(walk, bytes, message);
        g_object_unref(message);
    } else
        unread(&read, "it has no header of a mail: nothing of it was read");
    tamed_note(&read, &tamed);
    *mail = read;
    return OK;
}

struct err mailbox_file_get(slice bytes, size_t part, struct buf *out)
{
    struct mailbox_mail unused = {.language = ""};
    struct mailbox_tamed tamed;
    TRY(size_check(bytes));
    struct arena *arena = arena_open("a file of a mail", ARENA_WORK, 16u << 20);
    struct walk *walk = arena_new(arena, struct walk, 1);
    *walk = (struct walk){.arena = arena, .mail = &unused, .wanted = part, .content = out};
    GMimeMessage *message = part == 0 ? NULL : parse(bytes, &tamed);
    if (message != NULL) {
        parts_walk(walk, message);
        g_object_unref(message);
    }
    bool found = part > 0 && walk->parts >= part;
    arena_close(arena);
    return found ? buf_check(out) : err_make(ERR_MISSING, "the mail has no such part");
}

const char *mailbox_signature_name(enum mailbox_signature signature)
{
    static const char *const names[] = {"", "openpgp", "smime"};
    return names[signature];
}
