/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One document after the other: its text without its times, and the key, are digested; where that is the digest of what
 * there is, and that is not a month old, nothing is done. Else it is written with today's times, checked, signed, kept.
 */
#include "desk/publish.h"

#include "base/arena.h"
#include "base/clock.h"
#include "desk/fact.h"
#include "desk/pgp.h"
#include "desk/security_text.h"

#define SECTIONS_MAX 64
#define WIDTH 76 /* columns of a line: RFC 2350 documents are read in mail, too */

const char *desk_publish_name(enum language language)
{
    static const char *const names[LANGUAGES] = {
            [LANGUAGE_ENGLISH] = "rfc2350.en", [LANGUAGE_INDONESIAN] = "rfc2350.id"};
    return names[language];
}

static slice day_text(int64_t us, struct arena *arena)
{
    return slice_part(time_text(us, arena), 0, strlen("2027-01-15"));
}

/* ---- RFC 2350 ---- */

struct sections {
    const struct profile_value *rows;
    size_t row_count;
    enum language language;
    const char *url;
    slice fingerprint;
    struct arena *arena;
    struct publish_section *all;
    size_t count;
};

static slice said(const struct sections *sections, slice text)
{
    return catalogue_text(catalogue_of(sections->language), text);
}

static void add(struct sections *sections, const char *number, slice title, slice text, bool heading)
{
    struct publish_section *last = sections->count == 0 ? NULL : &sections->all[sections->count - 1];
    if (last != NULL && slice_eq(last->number, slice_of(number))) { /* two fields of one section */
        last->text = slice_of(arena_printf(
                sections->arena, "%.*s\n%.*s", (int)last->text.len, last->text.ptr, (int)text.len, text.ptr));
        return;
    }
    if (sections->count < SECTIONS_MAX)
        sections->all[sections->count++] =
                (struct publish_section){slice_of(number), said(sections, title), text, heading};
}

static slice joined(struct arena *arena, slice one, slice other)
{
    const char *between = one.len > 0 && other.len > 0 ? "\n" : "";
    return slice_of(arena_printf(arena, "%.*s%s%.*s", (int)one.len, one.ptr, between, (int)other.len, other.ptr));
}

/* What the node knows by itself, before what was typed. */
static slice known(const struct sections *sections, const struct profile_field *field)
{
    struct arena *arena = sections->arena;
    if (strcmp(field->name, "keys") == 0 && sections->fingerprint.len > 0)
        return slice_of(arena_printf(arena, "%.*s: %.*s\n%skey.asc", (int)said(sections, W("Fingerprint")).len,
                said(sections, W("Fingerprint")).ptr, (int)sections->fingerprint.len, sections->fingerprint.ptr,
                sections->url));
    if (strcmp(field->name, "forms") == 0)
        return slice_of(arena_printf(arena, "%sreport", sections->url));
    return S("");
}

static void field_add(struct sections *sections, const struct profile_field *field)
{
    slice typed = desk_profile_value(sections->rows, sections->row_count, field, sections->language);
    slice text = joined(sections->arena, known(sections, field), typed);
    if (text.len > 0 || strcmp(field->name, "short-name") != 0)
        add(sections, field->section, slice_of(field->title), text.len > 0 ? text : said(sections, W("None.")), false);
}

static int64_t changed_us(const struct profile_value *rows, size_t count)
{
    int64_t last = TIME_NONE;
    for (size_t i = 0; i < count; i++)
        last = rows[i].changed_us > last ? rows[i].changed_us : last;
    return last;
}

/* Of those languages in which there is one. */
static slice places(const struct sections *sections)
{
    slice all = S("");
    for (enum language language = 0; language < LANGUAGES; language++)
        if (desk_profile_missing(sections->rows, sections->row_count, language, NULL) == NULL)
            all = joined(sections->arena, all,
                    slice_of(arena_printf(sections->arena, "%srfc2350/%s", sections->url, language_tag(language))));
    return all;
}

/* Headings that no field stands under by itself, before the first section that begins so. */
static const struct {
    const char *number, *title;
} headings[] = {{"1", W_C("Document information")}, {"2", W_C("Contact information")}, {"3", W_C("Charter")},
        {"4", W_C("Policies")}, {"5", W_C("Services")}, {"5.1", W_C("Incident response")}};

static bool lies_below(slice section, slice heading)
{
    return slice_starts(section, heading) && section.len > heading.len && section.ptr[heading.len] == '.';
}

static void headings_add(struct sections *sections, slice section)
{
    for (size_t i = 0; i < COUNT_OF(headings); i++) {
        slice number = slice_of(headings[i].number);
        bool is_new = lies_below(section, number);
        for (size_t j = 0; is_new && j < sections->count; j++)
            is_new = !slice_eq(sections->all[j].number, number);
        if (is_new)
            add(sections, headings[i].number, slice_of(headings[i].title), S(""), true);
    }
}

static void document_add(struct sections *sections)
{
    slice day = day_text(changed_us(sections->rows, sections->row_count), sections->arena);
    headings_add(sections, S("1.1"));
    add(sections, "1.1", W("Date of last update"), day, false);
}

struct err desk_publish_sections(const struct profile_value *rows, size_t count, enum language language,
        const char *url, slice fingerprint, struct arena *arena, struct publish_section **sections,
        size_t *section_count)
{
    struct sections made = {rows, count, language, url, fingerprint, arena, NULL, 0};
    made.all = arena_new(arena, struct publish_section, SECTIONS_MAX);
    document_add(&made);
    for (const struct profile_field *field = profile_fields; field->name != NULL; field++) {
        if (!byte_is_digit(field->section[0]))
            continue;
        headings_add(&made, slice_of(field->section));
        field_add(&made, field);
        if (strcmp(field->section, "1.2") == 0)
            add(&made, "1.3", W("Locations where this document may be found"), places(&made), false);
    }
    *sections = made.all;
    *section_count = made.count;
    return arena_check(arena);
}

/* A line is broken between words; a word that is longer stays whole. */
static void prose_write(struct buf *out, slice text)
{
    slice lines = text, line, word;
    while (lines.ptr != NULL && slice_next(&lines, '\n', &line)) {
        size_t at = 0;
        while (line.ptr != NULL && slice_next(&line, ' ', &word)) {
            if (word.len == 0)
                continue;
            if (at > 0 && at + 1 + word.len > WIDTH) {
                buf_byte(out, '\n');
                at = 0;
            }
            buf_put(out, at == 0 ? S("   ") : S(" "));
            buf_put(out, word);
            at += (at == 0 ? 3 : 1) + word.len;
        }
        buf_byte(out, '\n');
    }
}

static struct err rfc2350_write(struct sections *sections, struct buf *out)
{
    struct publish_section *rows;
    size_t count;
    const struct profile_field *name = desk_profile_field(S("name"));
    slice team = desk_profile_value(sections->rows, sections->row_count, name, sections->language);
    TRY(desk_publish_sections(sections->rows, sections->row_count, sections->language, sections->url,
            sections->fingerprint, sections->arena, &rows, &count));
    buf_put(out, S("RFC 2350 - "));
    buf_put(out, team);
    buf_byte(out, '\n');
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "\n%.*s. %.*s\n", (int)rows[i].number.len, rows[i].number.ptr, (int)rows[i].title.len,
                rows[i].title.ptr);
        if (!rows[i].heading) {
            buf_byte(out, '\n');
            prose_write(out, rows[i].text);
        }
    }
    return buf_check(out);
}

/* ---- security.txt ---- */

static slice value_of(const struct sections *sections, const char *name)
{
    const struct profile_field *field = desk_profile_field(slice_of(name));
    return desk_profile_value(sections->rows, sections->row_count, field, LANGUAGE_ENGLISH);
}

/* RFC 3966: a number of the whole world begins with "+"; what only people read is left out. */
static void phone_write(struct buf *out, slice phone)
{
    if (!slice_starts(phone, S("+")))
        return;
    buf_put(out, S("Contact: tel:+"));
    for (size_t i = 1; i < phone.len; i++)
        if (byte_is_digit(phone.ptr[i]))
            buf_byte(out, phone.ptr[i]);
    buf_byte(out, '\n');
}

static void url_write(struct buf *out, const char *name, const char *url, const char *path)
{
    if (strncmp(url, "https://", strlen("https://")) == 0) /* section 2.5: pages are told by https alone */
        buf_printf(out, "%s: %s%s\n", name, url, path);
}

static void languages_write(const struct sections *sections, struct buf *out)
{
    const char *between = "Preferred-Languages: ";
    for (enum language language = LANGUAGES; language-- > 0;)
        if (desk_profile_missing(sections->rows, sections->row_count, language, NULL) == NULL) {
            buf_printf(out, "%s%s", between, language_tag(language));
            between = ", ";
        }
    buf_put(out, between[0] == ',' ? S("\n") : S(""));
}

static void security_write(const struct sections *sections, slice expires, struct buf *out)
{
    const char *url = sections->url;
    slice policy = value_of(sections, "policy-url"), thanks = value_of(sections, "acknowledgments-url");
    slice mail = value_of(sections, "mail");
    buf_put(out, S("Contact: mailto:"));
    buf_uri(out, mail, "@");
    buf_byte(out, '\n');
    url_write(out, "Contact", url, "report");
    phone_write(out, value_of(sections, "telephone"));
    buf_printf(out, "Expires: %.*sT00:00:00Z\n", (int)expires.len, expires.ptr);
    if (sections->fingerprint.len > 0)
        url_write(out, "Encryption", url, "key.asc");
    if (thanks.len > 0)
        buf_printf(out, "Acknowledgments: %.*s\n", (int)thanks.len, thanks.ptr);
    languages_write(sections, out);
    url_write(out, "Canonical", url, ".well-known/security.txt");
    if (policy.len > 0)
        buf_printf(out, "Policy: %.*s\n", (int)policy.len, policy.ptr);
    else
        url_write(out, "Policy", url, "rfc2350");
}

/* ---- One document ---- */

struct making {
    struct work *work;
    const struct publishing *publishing;
    struct sections sections;
    struct published *published;
};

static bool is_security(const char *name)
{
    return strcmp(name, PUBLISH_SECURITY) == 0;
}

static struct err text_write(struct making *making, const char *name, int64_t day_us, struct buf *out)
{
    if (!is_security(name))
        return rfc2350_write(&making->sections, out);
    security_write(&making->sections, day_text(day_us + PUBLISH_EXPIRES_US, making->work->arena), out);
    return buf_check(out);
}

/* A document that is not signed is worth more than none: why it is not is told in the journal, and by the doctor. */
static struct err signed_text(struct making *making, slice plain, struct profile_document *document)
{
    const char *key = making->publishing->key_file;
    struct arena *arena = making->work->arena;
    struct err err = key == NULL ? OK : desk_pgp_clear_sign(key, plain, arena, &document->text);
    document->fingerprint = key != NULL && err.kind == ERR_NONE ? making->sections.fingerprint : S("");
    if (document->fingerprint.len == 0)
        document->text = plain;
    if (err.kind != ERR_NONE)
        making->published->why = err.why;
    return arena_check(arena);
}

/* Ours is held to the same rules as that of others. */
static struct err security_check(struct making *making, const struct profile_document *document)
{
    struct security_fault *faults;
    size_t count;
    TRY(desk_security_check(document->text, S(""), making->work->now_us, making->work->arena, &faults, &count));
    return count == 0
                   ? OK
                   : err_format(making->work->arena, ERR_INPUT, "security.txt would break section %s of RFC 9116: %s",
                             faults[0].section, faults[0].why);
}

static struct err document_keep(struct making *making, const char *name, slice plain, struct profile_document *document)
{
    struct work *work = making->work;
    TRY(signed_text(making, plain, document));
    if (is_security(name))
        TRY(security_check(making, document));
    TRY(store_profile_document_put(work, document));
    making->published->made++;
    const struct desk_fact facts[] = {{"name", document->name}, {"fingerprint", document->fingerprint},
            {"unsigned", making->published->why == NULL ? S("") : slice_of(making->published->why)}};
    return desk_fact_tell(work, "profile.published", "profile", 0, work->actor->organisation, facts, COUNT_OF(facts));
}

static struct sha256 source_of(const struct making *making, slice plain)
{
    struct sha256_sum *sum = hash_sha256_begin();
    hash_sha256_put(sum, plain);
    hash_sha256_put(sum, making->sections.fingerprint);
    return hash_sha256_end(sum);
}

/* As it would be of the first day of all, for its digest; then as of today. */
static struct err document_make(struct making *making, const char *name)
{
    struct work *work = making->work;
    struct profile_document document = {.name = slice_of(name), .made_us = work->now_us}, before = {0};
    struct buf out = buf_make(PROFILE_DOCUMENT_MAX);
    struct err err = text_write(making, name, 0, &out);
    document.source = source_of(making, buf_slice(&out));
    if (err.kind == ERR_NONE)
        err = store_profile_document_get(work->db, document.name, work->arena, &before);
    bool is_there = err.kind == ERR_NONE && before.made_us > work->now_us - PUBLISH_AGAIN_US &&
                    memcmp(&before.source, &document.source, sizeof before.source) == 0;
    if ((err.kind == ERR_NONE && !is_there) || err.kind == ERR_MISSING) {
        buf_reset(&out);
        err = text_write(making, name, work->now_us / DAY_US * DAY_US, &out);
        if (err.kind == ERR_NONE)
            err = document_keep(making, name, arena_copy(work->arena, buf_slice(&out)), &document);
    }
    buf_free(&out);
    return err;
}

static struct err document_drop(struct making *making, const char *name)
{
    struct profile_document before;
    struct err err = store_profile_document_get(making->work->db, slice_of(name), making->work->arena, &before);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    making->published->dropped++;
    TRY(store_profile_document_drop(making->work, slice_of(name)));
    const struct desk_fact facts[] = {{"name", slice_of(name)}};
    return desk_fact_tell(
            making->work, "profile.withdrawn", "profile", 0, making->work->actor->organisation, facts, COUNT_OF(facts));
}

/* Not signed itself: whoever has it compares the fingerprint by another way. */
static struct err key_make(struct making *making)
{
    struct work *work = making->work;
    struct profile_document document = {.name = S(PUBLISH_KEY), .made_us = work->now_us}, before = {0};
    if (making->sections.fingerprint.len == 0)
        return document_drop(making, PUBLISH_KEY);
    TRY(desk_pgp_public(making->publishing->key_file, work->arena, &document.text));
    document.fingerprint = making->sections.fingerprint;
    document.source = hash_sha256(document.text);
    struct err err = store_profile_document_get(work->db, document.name, work->arena, &before);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    return err.kind == ERR_NONE && memcmp(&before.source, &document.source, sizeof before.source) == 0
                   ? OK
                   : store_profile_document_put(work, &document);
}

/* ---- All of them ---- */

struct publish {
    const struct publishing *publishing;
    struct published *published;
};

static struct err publish(struct work *work, void *context)
{
    struct publish *publish = context;
    struct making making = {.work = work, .publishing = publish->publishing, .published = publish->published};
    struct profile_value *rows;
    const char *fingerprint = "";
    *publish->published = (struct published){0};
    TRY(store_profile_list(work->db, work->arena, &rows, &making.sections.row_count));
    if (publish->publishing->key_file != NULL &&
            desk_pgp_fingerprint(publish->publishing->key_file, work->arena, &fingerprint).kind != ERR_NONE)
        fingerprint = "";
    making.sections.rows = rows;
    making.sections.url = publish->publishing->url;
    making.sections.fingerprint = slice_of(fingerprint);
    making.sections.arena = work->arena;
    TRY(key_make(&making));
    const struct profile_field *mail = desk_profile_field(S("mail"));
    TRY(desk_profile_row(rows, making.sections.row_count, mail, LANGUAGE_ENGLISH) != NULL
                    ? document_make(&making, PUBLISH_SECURITY)
                    : document_drop(&making, PUBLISH_SECURITY));
    for (enum language language = 0; language < LANGUAGES; language++) {
        making.sections.language = language;
        TRY(desk_profile_missing(rows, making.sections.row_count, language, NULL) == NULL
                        ? document_make(&making, desk_publish_name(language))
                        : document_drop(&making, desk_publish_name(language)));
    }
    return OK;
}

static struct err passed(void *context, struct work *work, const struct journal_row *row)
{
    (void)context;
    (void)work;
    (void)row;
    return OK;
}

struct follower desk_publish_follower(void)
{
    static const char *const acts[] = {"profile.changed", NULL};
    return (struct follower){.name = "@profile-news", .row = passed, .acts = acts};
}

struct err desk_publish(struct db *db, const struct actor *actor, const struct publishing *publishing,
        struct arena *arena, struct published *published)
{
    struct publish context = {publishing, published};
    return desk_fact_kept(store_work(db, actor, arena, publish, &context), arena);
}
