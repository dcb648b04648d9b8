/* SPDX-License-Identifier: Apache-2.0 */
#include "share/terms.h"

#include "base/arena.h"
#include "share/strict.h"
#include "json/read.h"
#include "json/write.h"

#define NOTE_MAX 1000
#define TYPE_MAX 250 /* STIX 2.1 section 2.2, the type of an object: 3 to 250 characters */
#define MEANT_LEAST 5

/* ---- Words ---- */

static const char *const onwards[] = {[SHARE_ONWARD_NO] = "no", [SHARE_ONWARD_ASK] = "ask", [SHARE_ONWARD_YES] = "yes"};
static const char *const after_ends[] = {[SHARE_AFTER_KEEP] = "keep",
        [SHARE_AFTER_KEEP_NOT_FORWARD] = "keep-not-forward",
        [SHARE_AFTER_DELETE] = "delete"};

/* ---- What stands at the keys ---- */

static struct err read_meant(struct strict *strict, slice value, void *target)
{
    int64_t number;
    TRY(strict_number(strict, value, TERMS_MEANT_MAX, &number));
    *(unsigned *)target = (unsigned)number;
    return OK;
}

static struct err read_note(struct strict *strict, slice value, void *target)
{
    return strict_text(strict, value, NOTE_MAX, target);
}

static struct err read_type(struct strict *strict, slice value, void *target)
{
    slice text;
    TRY(strict_text(strict, value, TYPE_MAX, &text));
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !byte_is_digit(c) && c != '-')
            return strict_wrong(strict, "a STIX type is lower case letters, digits and hyphens (STIX 2.1 section 2.2)");
    }
    *(slice *)target = text;
    return OK;
}

static struct err read_onward(struct strict *strict, slice value, void *target)
{
    size_t found;
    TRY(strict_word(strict, value, onwards, COUNT_OF(onwards), &found));
    *(enum share_onward *)target = (enum share_onward)found;
    return OK;
}

const char *share_after_end_name(enum share_after_end after_end)
{
    return after_ends[after_end];
}

static struct err read_after_end(struct strict *strict, slice value, void *target)
{
    size_t found;
    TRY(strict_word(strict, value, after_ends, COUNT_OF(after_ends), &found));
    *(enum share_after_end *)target = (enum share_after_end)found;
    return OK;
}

static struct err read_party(struct strict *strict, slice value, void *target)
{
    static const struct strict_key keys[] = {
            {"node", true, strict_node}, {"name", true, strict_name}, {"country", false, strict_country}};
    struct share_party *party = target;
    void *const targets[] = {&party->node, &party->name, &party->country};
    return strict_keys(strict, value, keys, COUNT_OF(keys), targets);
}

static struct err read_parties(struct strict *strict, slice value, void *target)
{
    static const struct strict_list two = {2, sizeof(struct share_party), read_party};
    struct share_party *parties = target;
    void *rows;
    size_t count;
    TRY(strict_list(strict, value, &two, &rows, &count));
    if (count != 2)
        return strict_wrong(strict, "there are two parties");
    memcpy(parties, rows, 2 * sizeof *parties);
    return slice_eq(parties[0].node, parties[1].node) ? strict_wrong(strict, "both are the same node") : OK;
}

static struct err read_kinds(struct strict *strict, slice value, void *target)
{
    static const struct strict_list types = {TERMS_KINDS_MAX, sizeof(slice), read_type};
    struct share_terms *terms = target;
    void *rows;
    TRY(strict_list(strict, value, &types, &rows, &terms->kind_count));
    terms->kinds = rows;
    for (size_t i = 0; i < terms->kind_count; i++)
        for (size_t j = 0; j < i; j++)
            if (slice_eq(terms->kinds[i], terms->kinds[j]))
                return strict_wrong(strict, "a type stands there twice");
    return terms->kind_count > 0 ? OK : strict_wrong(strict, "no type is named: then nothing may leave");
}

static struct err read_residency(struct strict *strict, slice value, void *target)
{
    static const struct strict_list notes = {TERMS_NOTES_MAX, sizeof(slice), read_note};
    struct share_document *document = target;
    void *rows;
    TRY(strict_list(strict, value, &notes, &rows, &document->residency_count));
    document->residency = rows;
    return OK;
}

static struct err read_law(struct strict *strict, slice value, void *target)
{
    static const struct strict_key keys[] = {{"country", true, strict_country}, {"discloses", true, strict_bool}};
    struct share_country *law = target;
    void *const targets[] = {&law->country, &law->discloses};
    return strict_keys(strict, value, keys, COUNT_OF(keys), targets);
}

static struct err read_jurisdiction(struct strict *strict, slice value, void *target)
{
    static const struct strict_list laws = {TERMS_COUNTRIES_MAX, sizeof(struct share_country), read_law};
    struct share_document *document = target;
    void *rows;
    TRY(strict_list(strict, value, &laws, &rows, &document->jurisdiction_count));
    document->jurisdiction = rows;
    return OK;
}

/* ---- The document ---- */

static const struct strict_key document_keys[] = {
        {"version", true, strict_version},
        {"parties", true, read_parties},
        {"purpose", true, strict_purpose},
        {"kinds", true, read_kinds},
        {"highest", true, strict_tlp},
        {"unmarked", true, strict_tlp},
        {"sightings", true, strict_bool},
        {"affected", true, strict_bool},
        {"onward", true, read_onward},
        {"from", true, strict_time},
        {"until", true, strict_time},
        {"after_end", true, read_after_end},
        {"meant_least", false, read_meant},
        {"residency", false, read_residency},
        {"jurisdiction", false, read_jurisdiction},
};

static struct err read_document(struct strict *strict, slice json, struct share_document *document)
{
    struct share_terms *terms = &document->terms;
    void *const targets[COUNT_OF(document_keys)] = {&document->version, document->parties, &document->purpose, terms,
            &terms->highest, &terms->unmarked, &terms->sightings, &terms->affected, &terms->onward, &terms->from_us,
            &terms->until_us, &document->after_end, &terms->meant_least, document, document};
    TRY(strict_keys(strict, json, document_keys, COUNT_OF(document_keys), targets));
    if (terms->until_us <= terms->from_us)
        return err_make(ERR_INPUT, "terms: until: it is not later than \"from\"");
    for (size_t party = 0; party < 2; party++)
        for (size_t i = 0; i < document->jurisdiction_count; i++)
            if (slice_eq(document->parties[party].country, document->jurisdiction[i].country))
                document->parties[party].discloses |= document->jurisdiction[i].discloses;
    return OK;
}

struct err share_document_read(slice json, struct arena *arena, struct share_document *document)
{
    struct share_document read = {.version = 0};
    struct strict strict = {"terms", arena, ""};
    TRY(strict_canonical(strict.about, json, TERMS_BYTES_MAX, arena, &read.text));
    TRY(read_document(&strict, read.text, &read));
    TRY(arena_check(arena));
    read.digest = hash_sha256(read.text);
    *document = read;
    return OK;
}

struct err share_terms_check(slice json, struct arena *arena)
{
    return strict_check("terms", json, TERMS_BYTES_MAX, arena);
}

struct err share_terms_read(slice json, struct arena *arena, struct share_terms *terms)
{
    struct share_document document;
    TRY(share_document_read(json, arena, &document));
    *terms = document.terms;
    return OK;
}

/* ---- Drafting ---- */

static void write_parties(struct json_writer *w, const struct share_party parties[2])
{
    json_write_key(w, S("parties"));
    json_write_array(w);
    for (size_t i = 0; i < 2; i++) {
        json_write_object(w);
        json_write_key_text(w, S("node"), parties[i].node);
        json_write_key_text(w, S("name"), parties[i].name);
        if (parties[i].country.len > 0)
            json_write_key_text(w, S("country"), parties[i].country);
        json_write_end(w);
    }
    json_write_end(w);
}

struct err share_terms_draft(
        slice from, const struct share_party parties[2], int64_t version, struct arena *arena, slice *text)
{
    struct buf out = buf_make(2u * TERMS_BYTES_MAX);
    struct json_writer w = json_writer(&out);
    struct share_document document;
    slice raw, value;
    TRY(strict_check("terms", from, TERMS_BYTES_MAX, arena));
    struct json_members members = json_members(from);
    json_write_object(&w);
    while (json_member_next(&members, &raw, &value)) {
        if (json_key_is(raw, S("parties")) || json_key_is(raw, S("version")))
            continue;
        json_write_key(&w, json_unescape(raw, arena));
        json_write_raw(&w, value);
    }
    write_parties(&w, parties);
    json_write_key_u64(&w, S("version"), (uint64_t)version);
    json_write_end(&w);
    struct err err = buf_check(&out);
    slice written = arena_copy(arena, buf_slice(&out));
    buf_free(&out);
    TRY(err);
    TRY(share_document_read(written, arena, &document));
    *text = document.text;
    return OK;
}

/* ---- Comparing ---- */

const struct share_party *share_document_other(const struct share_document *document, slice node)
{
    for (size_t i = 0; i < 2; i++)
        if (slice_eq(document->parties[i].node, node))
            return &document->parties[1 - i];
    return NULL;
}

static bool holds(const slice *rows, size_t count, slice row)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(rows[i], row))
            return true;
    return false;
}

static bool all_in(const slice *rows, size_t count, const slice *of, size_t of_count)
{
    for (size_t i = 0; i < count; i++)
        if (!holds(of, of_count, rows[i]))
            return false;
    return true;
}

static unsigned meant(const struct share_terms *terms)
{
    return terms->meant_least == 0 ? MEANT_LEAST : terms->meant_least;
}

/* One who discloses gets less: that may be said of more parties, never of fewer. */
static bool party_equal(const struct share_party *before, const struct share_party *now)
{
    return slice_eq(before->node, now->node) && slice_eq(before->name, now->name) &&
           slice_eq(before->country, now->country) && now->discloses >= before->discloses;
}

/* Whoever drafts stands first. */
static bool parties_equal(const struct share_party before[2], const struct share_party now[2])
{
    size_t first = slice_eq(before[0].node, now[0].node) ? 0 : 1;
    return party_equal(&before[0], &now[first]) && party_equal(&before[1], &now[1 - first]);
}

static bool terms_narrow(const struct share_terms *before, const struct share_terms *now)
{
    return all_in(now->kinds, now->kind_count, before->kinds, before->kind_count) && now->highest <= before->highest &&
           now->unmarked >= before->unmarked && now->sightings <= before->sightings &&
           now->affected <= before->affected && now->onward <= before->onward && meant(now) >= meant(before) &&
           now->from_us >= before->from_us && now->until_us <= before->until_us;
}

bool share_terms_narrow(const struct share_document *before, const struct share_document *now)
{
    return terms_narrow(&before->terms, &now->terms) && parties_equal(before->parties, now->parties) &&
           slice_eq(before->purpose, now->purpose) && now->after_end >= before->after_end &&
           all_in(before->residency, before->residency_count, now->residency, now->residency_count);
}
