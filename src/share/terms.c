/* SPDX-License-Identifier: Apache-2.0 */
#include "share/terms.h"

#include "base/arena.h"
#include "base/uuid.h"
#include "json/check.h"
#include "json/jcs.h"
#include "json/read.h"
#include "json/write.h"

#define DEPTH_MAX 4
#define KEYS_MAX 32 /* of one object */
#define NAME_MAX_BYTES 200
#define PURPOSE_MAX 4000
#define NOTE_MAX 1000
#define TYPE_MAX 250 /* STIX 2.1 section 2.2, the type of an object: 3 to 250 characters */
#define MEANT_LEAST 5

/* One document being read; `place` is where: "parties[1].country". */
struct reading {
    struct share_document *document;
    struct arena *arena;
    const char *place;
};

/* What a key may say and where it goes. */
struct key {
    const char *name;
    bool required;
    struct err (*read)(struct reading *reading, slice value, void *target);
};

static struct err wrong(const struct reading *reading, const char *what)
{
    return err_format(reading->arena, ERR_INPUT, "terms: %s: %s", reading->place, what);
}

static struct err too_many(const struct reading *reading, size_t most)
{
    return err_format(reading->arena, ERR_LIMIT, "terms: %s: at most %zu", reading->place, most);
}

/* ---- Words ---- */

static const char *const onwards[] = {[SHARE_ONWARD_NO] = "no", [SHARE_ONWARD_ASK] = "ask", [SHARE_ONWARD_YES] = "yes"};
static const char *const after_ends[] = {[SHARE_AFTER_KEEP] = "keep",
        [SHARE_AFTER_KEEP_NOT_FORWARD] = "keep-not-forward",
        [SHARE_AFTER_DELETE] = "delete"};

const char *share_onward_name(enum share_onward onward)
{
    return onwards[onward];
}

const char *share_after_end_name(enum share_after_end after_end)
{
    return after_ends[after_end];
}

/* The place of a word in a list; `count` if it is not there. */
static size_t word_find(slice word, const char *const *words, size_t count)
{
    size_t at = 0;
    while (at < count && !slice_eq(word, slice_of(words[at])))
        at++;
    return at;
}

/* ---- Plain values ---- */

static struct err read_text(struct reading *reading, slice value, size_t bytes_max, slice *text)
{
    if (json_kind(value) != JSON_STRING)
        return wrong(reading, "a text has to stand here");
    slice read = json_text(value, reading->arena);
    for (size_t i = 0; i < read.len; i++)
        if ((unsigned char)read.ptr[i] < ' ' || read.ptr[i] == 0x7f)
            return wrong(reading, "there is a control character in it");
    if (read.len == 0)
        return wrong(reading, "it is empty");
    if (read.len > bytes_max)
        return err_format(reading->arena, ERR_LIMIT, "terms: %s: at most %zu bytes", reading->place, bytes_max);
    *text = read;
    return OK;
}

static struct err read_bool(struct reading *reading, slice value, void *target)
{
    enum json_kind kind = json_kind(value);
    if (kind != JSON_TRUE && kind != JSON_FALSE)
        return wrong(reading, "true or false has to stand here");
    *(bool *)target = kind == JSON_TRUE;
    return OK;
}

static struct err read_time(struct reading *reading, slice value, void *target)
{
    slice text;
    TRY(read_text(reading, value, NAME_MAX_BYTES, &text));
    return time_parse_strict(text, target) ? OK : wrong(reading, "a time as RFC 3339 has it has to stand here");
}

static struct err read_number(struct reading *reading, slice value, int64_t most, int64_t *number)
{
    int64_t read;
    if (json_kind(value) != JSON_NUMBER || !json_i64(value, &read) || read < 1 || read > most)
        return err_format(reading->arena, ERR_INPUT, "terms: %s: a whole number from 1 to %lld has to stand here",
                reading->place, (long long)most);
    *number = read;
    return OK;
}

static struct err read_word(struct reading *reading, slice value, const char *const *words, size_t count, size_t *found)
{
    slice text;
    TRY(read_text(reading, value, NAME_MAX_BYTES, &text));
    *found = word_find(text, words, count);
    if (*found < count)
        return OK;
    const char *list = "";
    for (size_t i = 0; i < count; i++)
        list = arena_printf(reading->arena, "%s%s%s", list, i == 0 ? "" : ", ", words[i]);
    return wrong(reading, arena_printf(reading->arena, "it is one of %s", list));
}

/* ---- What stands at the keys ---- */

static struct err read_version(struct reading *reading, slice value, void *target)
{
    return read_number(reading, value, TERMS_VERSION_MAX, target);
}

static struct err read_meant(struct reading *reading, slice value, void *target)
{
    int64_t number;
    TRY(read_number(reading, value, TERMS_MEANT_MAX, &number));
    *(unsigned *)target = (unsigned)number;
    return OK;
}

static struct err read_purpose(struct reading *reading, slice value, void *target)
{
    return read_text(reading, value, PURPOSE_MAX, target);
}

static struct err read_name(struct reading *reading, slice value, void *target)
{
    return read_text(reading, value, NAME_MAX_BYTES, target);
}

static struct err read_note(struct reading *reading, slice value, void *target)
{
    return read_text(reading, value, NOTE_MAX, target);
}

static struct err read_country(struct reading *reading, slice value, void *target)
{
    slice text;
    TRY(read_text(reading, value, NAME_MAX_BYTES, &text));
    bool good = text.len == 2 && text.ptr[0] >= 'A' && text.ptr[0] <= 'Z' && text.ptr[1] >= 'A' && text.ptr[1] <= 'Z';
    if (!good)
        return wrong(reading, "a country is two capital letters (ISO 3166-1)");
    *(slice *)target = text;
    return OK;
}

static struct err read_node(struct reading *reading, slice value, void *target)
{
    slice text;
    TRY(read_text(reading, value, NAME_MAX_BYTES, &text));
    struct uuid uuid;
    slice prefix = S("identity--");
    if (!slice_starts(text, prefix) || !uuid_parse(slice_from(text, prefix.len), &uuid))
        return wrong(reading, "a node is the id of a STIX identity");
    *(slice *)target = text;
    return OK;
}

static struct err read_type(struct reading *reading, slice value, void *target)
{
    slice text;
    TRY(read_text(reading, value, TYPE_MAX, &text));
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !byte_is_digit(c) && c != '-')
            return wrong(reading, "a STIX type is lower case letters, digits and hyphens (STIX 2.1 section 2.2)");
    }
    *(slice *)target = text;
    return OK;
}

static struct err read_tlp(struct reading *reading, slice value, void *target)
{
    const char *names[TLP_RED];
    size_t found;
    for (enum stix_tlp tlp = TLP_CLEAR; tlp <= TLP_RED; tlp++)
        names[tlp - TLP_CLEAR] = stix_tlp_name(tlp);
    TRY(read_word(reading, value, names, COUNT_OF(names), &found));
    *(enum stix_tlp *)target = (enum stix_tlp)(TLP_CLEAR + found);
    return OK;
}

static struct err read_onward(struct reading *reading, slice value, void *target)
{
    size_t found;
    TRY(read_word(reading, value, onwards, COUNT_OF(onwards), &found));
    *(enum share_onward *)target = (enum share_onward)found;
    return OK;
}

static struct err read_after_end(struct reading *reading, slice value, void *target)
{
    size_t found;
    TRY(read_word(reading, value, after_ends, COUNT_OF(after_ends), &found));
    *(enum share_after_end *)target = (enum share_after_end)found;
    return OK;
}

/* ---- Objects and lists ---- */

static const struct key *key_find(const struct key *keys, size_t count, slice raw)
{
    for (size_t i = 0; i < count; i++)
        if (json_key_is(raw, slice_of(keys[i].name)))
            return &keys[i];
    return NULL;
}

/* Each key of the table at most once (json_check saw to that), each required one, and no other. targets[i] is that of
 * keys[i]. */
static struct err read_keys(
        struct reading *reading, slice object, const struct key *keys, size_t count, void *const *targets)
{
    const char *place = reading->place, *dot = *place == '\0' ? "" : ".";
    struct json_members members = json_members(object);
    slice raw, value;
    uint64_t seen = 0;
    if (json_kind(object) != JSON_OBJECT)
        return wrong(reading, "an object has to stand here");
    while (json_member_next(&members, &raw, &value)) {
        const struct key *key = key_find(keys, count, raw);
        if (key == NULL)
            return err_format(reading->arena, ERR_INPUT, "terms: %s%s%.*s: no such key is known", place, dot,
                    (int)(raw.len < NAME_MAX_BYTES ? raw.len : NAME_MAX_BYTES), raw.ptr);
        seen |= UINT64_C(1) << (key - keys);
        reading->place = arena_printf(reading->arena, "%s%s%s", place, dot, key->name);
        TRY(key->read(reading, value, targets[key - keys]));
        reading->place = place;
    }
    for (size_t i = 0; i < count; i++)
        if (keys[i].required && (seen >> i & 1) == 0)
            return err_format(reading->arena, ERR_INPUT, "terms: %s%s%s: it is missing", place, dot, keys[i].name);
    return OK;
}

/* A list of `most` things of `size` bytes. */
struct listing {
    size_t most, size;
    struct err (*read)(struct reading *reading, slice value, void *target);
};

static struct err read_list(
        struct reading *reading, slice array, const struct listing *listing, void **rows, size_t *count)
{
    const char *place = reading->place;
    struct json_elements elements = json_elements(array);
    slice value;
    size_t found = 0;
    if (json_kind(array) != JSON_ARRAY)
        return wrong(reading, "a list has to stand here");
    char *made = arena_take_array(reading->arena, listing->most, listing->size);
    while (json_element_next(&elements, &value)) {
        if (found == listing->most)
            return too_many(reading, listing->most);
        reading->place = arena_printf(reading->arena, "%s[%zu]", place, found);
        TRY(listing->read(reading, value, made + found * listing->size));
        reading->place = place;
        found++;
    }
    *rows = made;
    *count = found;
    return OK;
}

static struct err read_party(struct reading *reading, slice value, void *target)
{
    static const struct key keys[] = {
            {"node", true, read_node}, {"name", true, read_name}, {"country", true, read_country}};
    struct share_party *party = target;
    void *const targets[] = {&party->node, &party->name, &party->country};
    return read_keys(reading, value, keys, COUNT_OF(keys), targets);
}

static struct err read_parties(struct reading *reading, slice value, void *target)
{
    static const struct listing two = {2, sizeof(struct share_party), read_party};
    struct share_party *parties = target;
    void *rows;
    size_t count;
    TRY(read_list(reading, value, &two, &rows, &count));
    if (count != 2)
        return wrong(reading, "there are two parties");
    memcpy(parties, rows, 2 * sizeof *parties);
    return slice_eq(parties[0].node, parties[1].node) ? wrong(reading, "both are the same node") : OK;
}

static struct err read_kinds(struct reading *reading, slice value, void *target)
{
    static const struct listing types = {TERMS_KINDS_MAX, sizeof(slice), read_type};
    struct share_terms *terms = target;
    void *rows;
    TRY(read_list(reading, value, &types, &rows, &terms->kind_count));
    terms->kinds = rows;
    for (size_t i = 0; i < terms->kind_count; i++)
        for (size_t j = 0; j < i; j++)
            if (slice_eq(terms->kinds[i], terms->kinds[j]))
                return wrong(reading, "a type stands there twice");
    return terms->kind_count > 0 ? OK : wrong(reading, "no type is named: then nothing may leave");
}

static struct err read_residency(struct reading *reading, slice value, void *target)
{
    static const struct listing notes = {TERMS_NOTES_MAX, sizeof(slice), read_note};
    struct share_document *document = target;
    void *rows;
    TRY(read_list(reading, value, &notes, &rows, &document->residency_count));
    document->residency = rows;
    return OK;
}

static struct err read_law(struct reading *reading, slice value, void *target)
{
    static const struct key keys[] = {{"country", true, read_country}, {"discloses", true, read_bool}};
    struct share_country *law = target;
    void *const targets[] = {&law->country, &law->discloses};
    return read_keys(reading, value, keys, COUNT_OF(keys), targets);
}

static struct err read_jurisdiction(struct reading *reading, slice value, void *target)
{
    static const struct listing laws = {TERMS_COUNTRIES_MAX, sizeof(struct share_country), read_law};
    struct share_document *document = target;
    void *rows;
    TRY(read_list(reading, value, &laws, &rows, &document->jurisdiction_count));
    document->jurisdiction = rows;
    return OK;
}

/* ---- The document ---- */

static const struct key document_keys[] = {
        {"version", true, read_version},
        {"parties", true, read_parties},
        {"purpose", true, read_purpose},
        {"kinds", true, read_kinds},
        {"highest", true, read_tlp},
        {"unmarked", true, read_tlp},
        {"sightings", true, read_bool},
        {"affected", true, read_bool},
        {"onward", true, read_onward},
        {"from", true, read_time},
        {"until", true, read_time},
        {"after_end", true, read_after_end},
        {"meant_least", false, read_meant},
        {"residency", false, read_residency},
        {"jurisdiction", false, read_jurisdiction},
};

static struct err read_document(struct reading *reading, slice json)
{
    struct share_document *document = reading->document;
    struct share_terms *terms = &document->terms;
    void *const targets[COUNT_OF(document_keys)] = {&document->version, document->parties, &document->purpose, terms,
            &terms->highest, &terms->unmarked, &terms->sightings, &terms->affected, &terms->onward, &terms->from_us,
            &terms->until_us, &document->after_end, &terms->meant_least, document, document};
    TRY(read_keys(reading, json, document_keys, COUNT_OF(document_keys), targets));
    if (terms->until_us <= terms->from_us)
        return err_make(ERR_INPUT, "terms: until: it is not later than \"from\"");
    for (size_t party = 0; party < 2; party++)
        for (size_t i = 0; i < document->jurisdiction_count; i++)
            if (slice_eq(document->parties[party].country, document->jurisdiction[i].country))
                document->parties[party].discloses |= document->jurisdiction[i].discloses;
    return OK;
}

static struct err checked(slice json, struct arena *arena)
{
    static const struct json_limits limits = {
            .bytes_max = TERMS_BYTES_MAX, .depth_max = DEPTH_MAX, .keys_max = KEYS_MAX};
    size_t offset = 0, line, column;
    struct err err = json_check(json, &limits, &offset);
    if (err.kind == ERR_NONE)
        return OK;
    json_place(json, offset, &line, &column);
    return err_format(arena, err.kind, "terms: line %zu, column %zu: %s", line, column, err.why);
}

static struct err canonical(slice json, struct arena *arena, slice *text)
{
    struct buf out = buf_make(TERMS_BYTES_MAX);
    struct err err = json_canonical(json, arena, &out);
    if (err.kind == ERR_NONE)
        err = buf_check(&out);
    *text = arena_copy(arena, buf_slice(&out));
    buf_free(&out);
    return err;
}

struct err share_document_read(slice json, struct arena *arena, struct share_document *document)
{
    struct share_document read = {.version = 0};
    struct reading reading = {&read, arena, ""};
    TRY(checked(json, arena));
    TRY(canonical(json, arena, &read.text));
    TRY(read_document(&reading, read.text));
    TRY(arena_check(arena));
    read.digest = hash_sha256(read.text);
    *document = read;
    return OK;
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
    TRY(checked(from, arena));
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
static bool parties_equal(const struct share_party *before, const struct share_party *now)
{
    return slice_eq(before->node, now->node) && slice_eq(before->name, now->name) &&
           slice_eq(before->country, now->country) && now->discloses >= before->discloses;
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
    return terms_narrow(&before->terms, &now->terms) && parties_equal(&before->parties[0], &now->parties[0]) &&
           parties_equal(&before->parties[1], &now->parties[1]) && slice_eq(before->purpose, now->purpose) &&
           now->after_end >= before->after_end &&
           all_in(before->residency, before->residency_count, now->residency, now->residency_count);
}
