/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What arrived last, chosen by words and filters that live in the address of the page. A page looks at a bounded part
 * of the store (store/browse.h): one that ends early says so, and goes on from there.
 */
#include <inttypes.h>

#include "base/arena.h"
#include "base/clock.h"
#include "export/kinds.h"
#include "store/browse.h"
#include "store/right.h"
#include "store/search.h"
#include "store/source.h"
#include "web/acts.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/row.h"

#define ROWS 25
#define ROW_BYTES 330         /* of text from outside in a row, as HTML */
#define SOURCES_OFFERED 200   /* in the list to choose from; others are chosen from /sources */
#define SOURCES_TOLD 100      /* of one id that are counted */
#define DEFINITIONS_LOOKED 64 /* marking definitions that are asked whether they are the TLP looked for */
#define MARKS_MAX (DEFINITIONS_LOOKED + 8)
#define SCRATCH_ARENA_MAX ((size_t)192 << 20)
#define TRAIL_MAX 1500 /* bytes of the way back */

/* ---- What can be chosen ---- */

struct choice {
    const char *name, *text;
};

static const struct choice standings_offered[] = {
        {"valid", W_C("valid now")},
        {"not-yet-valid", W_C("not yet valid")},
        {"expired", W_C("expired, by its source or by us")},
        {"revoked", W_C("revoked by its creator")},
        {"false-positive", W_C("false positive, as we hold")},
        {"withdrawn", W_C("withdrawn here")},
        {NULL, NULL},
};

/* By standing: which bits of a summary, and what of it our judgements say, which have a way of their own. */
static const struct {
    unsigned standings;
    enum object_judged judged;
} standings_meant[] = {
        {1u << STANDING_VALID, 0},
        {1u << STANDING_NOT_YET, 0},
        {1u << STANDING_EXPIRED | 1u << STANDING_JUDGED_EXPIRED, 0},
        {1u << STANDING_REVOKED, 0},
        {1u << STANDING_FALSE_POSITIVE, OBJECT_FALSE_POSITIVE},
        {1u << STANDING_WITHDRAWN, OBJECT_WITHDRAWN},
};

static const struct choice tlps_offered[] = {
        {"clear", "TLP:CLEAR"},
        {"green", "TLP:GREEN"},
        {"amber", "TLP:AMBER"},
        {"amber-strict", "TLP:AMBER+STRICT"},
        {"red", "TLP:RED"},
        {"none", W_C("no TLP")},
        {NULL, NULL},
};
static const enum stix_tlp tlps_meant[] = {TLP_CLEAR, TLP_GREEN, TLP_AMBER, TLP_AMBER_STRICT, TLP_RED, TLP_NONE};

static const struct choice sinces_offered[] = {
        {"1", W_C("the last hour")},
        {"24", W_C("the last day")},
        {"168", W_C("the last week")},
        {"720", W_C("the last 30 days")},
        {NULL, NULL},
};

static const struct choice types_offered[] = {{"indicator", ""}, {"malware", ""}, {"threat-actor", ""},
        {"intrusion-set", ""}, {"campaign", ""}, {"attack-pattern", ""}, {"infrastructure", ""}, {"tool", ""},
        {"vulnerability", ""}, {"report", ""}, {"incident", ""}, {"identity", ""}, {"location", ""}, {"note", ""},
        {"sighting", ""}, {"relationship", ""}, {"observed-data", ""}, {"domain-name", ""}, {"ipv4-addr", ""},
        {"ipv6-addr", ""}, {"url", ""}, {"file", ""}, {"email-addr", ""}, {"marking-definition", ""}, {NULL, NULL}};

/* ---- What was asked ---- */

struct listing {
    struct ask *ask;
    struct browse browse;
    struct browse_place place;
    slice since, ref;  /* ref: those that refer to this id */
    int tlp, standing; /* rows of the tables; -1: whatever */
    struct summaries summaries;
    struct arena *scratch; /* of one row */
    struct row_sources sources;
    slice marks[MARKS_MAX];
};

static struct err choice_find(struct ask *ask, slice name, const struct choice *choices, int *found)
{
    slice value = ask_query(ask, name);
    *found = -1;
    for (int i = 0; choices[i].name != NULL; i++)
        if (slice_eq(value, slice_of(choices[i].name)))
            *found = i;
    return value.len == 0 || *found >= 0
                   ? OK
                   : err_format(ask->arena, ERR_INPUT, "%.*s has no such choice", (int)name.len, name.ptr);
}

static struct err since_get(struct listing *listing)
{
    uint64_t hours;
    TRY(ask_number(listing->ask, S("since"), 24 * 3660, 0, &hours));
    listing->browse.since_us = hours == 0 ? TIME_NONE : clock_now_us() - (int64_t)hours * HOUR_US;
    listing->since = ask_query(listing->ask, S("since"));
    return OK;
}

static struct err asked(struct listing *listing)
{
    struct ask *ask = listing->ask;
    struct browse *browse = &listing->browse;
    slice from = ask_query(ask, S("from"));
    uint64_t source;
    TRY(outside_asked(ask, S("ref"), OBJECT_ID_MAX, &listing->ref));
    TRY(outside_asked(ask, S("q"), SEARCH_QUERY_MAX, &browse->query));
    TRY(outside_asked(ask, S("tag"), STORE_NAME_MAX, &browse->tag));
    TRY(outside_asked(ask, S("type"), OBJECT_ID_MAX, &browse->type));
    TRY(ask_number(ask, S("source"), INT64_MAX, 0, &source));
    TRY(choice_find(ask, S("tlp"), tlps_offered, &listing->tlp));
    TRY(choice_find(ask, S("state"), standings_offered, &listing->standing));
    TRY(since_get(listing));
    browse->source = (int64_t)source;
    browse->judged = listing->standing < 0 ? 0 : standings_meant[listing->standing].judged;
    return from.len == 0 ? OK : store_browse_place(from, &listing->place);
}

/* ---- TLP: by what it is looked for ---- */

struct defining {
    struct listing *listing;
    enum stix_tlp tlp;
};

/* A definition of this node's own making or of a partner's, that says the same. */
static struct err definition_visit(void *context, const struct object *object, bool *taken)
{
    struct defining *defining = context;
    struct listing *listing = defining->listing;
    struct arena *arena = listing->ask->arena;
    slice list = slice_of(arena_printf(arena, "[\"%.*s\"]", (int)object->id.len, object->id.ptr));
    TRY(stix_definitions_add(listing->summaries.definitions, object->bytes, listing->scratch));
    struct stix_marks marks =
            stix_marks_of(listing->summaries.definitions, &(struct stix_marked){.refs = list}, listing->scratch);
    *taken = marks.tlp == defining->tlp && listing->browse.mark_count < MARKS_MAX;
    if (*taken)
        listing->marks[listing->browse.mark_count++] = arena_copy(arena, object->id);
    return OK;
}

static struct err marks_get(struct listing *listing)
{
    static const struct {
        enum stix_tlp tlp;
        const char *label; /* as words of a label */
    } labels[] = {{TLP_CLEAR, "tlp clear"}, {TLP_CLEAR, "tlp white"}, {TLP_GREEN, "tlp green"},
            {TLP_AMBER, "tlp amber"}, {TLP_AMBER_STRICT, "tlp amber strict"}, {TLP_RED, "tlp red"}};
    struct ask *ask = listing->ask;
    enum stix_tlp tlp = listing->tlp < 0 ? TLP_NONE : tlps_meant[listing->tlp];
    struct browse *browse = &listing->browse;
    browse->marks = listing->marks;
    if (listing->ref.len > 0)
        listing->marks[browse->mark_count++] = listing->ref;
    if (tlp == TLP_NONE || listing->ref.len > 0)
        return OK;
    for (size_t i = 0; i < COUNT_OF(labels); i++)
        if (labels[i].tlp == tlp)
            listing->marks[browse->mark_count++] = slice_of(labels[i].label);
    slice id = stix_tlp_id(tlp, 0, ask->arena);
    for (size_t place = 1; id.len > 0; id = stix_tlp_id(tlp, place++, ask->arena))
        listing->marks[browse->mark_count++] = id;
    struct defining defining = {listing, tlp};
    struct browse definitions = {
            .type = S("marking-definition"), .since_us = TIME_NONE, .context = &defining, .visit = definition_visit};
    struct browse_place place = {0};
    return store_browse(ask->db, &definitions, &place, DEFINITIONS_LOOKED, ask->arena);
}

/* ---- One row ---- */

static bool is_meant(const struct listing *listing, const struct summary *summary)
{
    bool tlp = listing->tlp < 0 || summary->marks.tlp == tlps_meant[listing->tlp];
    bool standing = listing->standing < 0 || (summary->standings & standings_meant[listing->standing].standings) != 0;
    return tlp && standing;
}

static struct err write_one(struct listing *listing, const struct object *object, const struct summary *summary)
{
    struct ask *ask = listing->ask;
    struct outside shown = outside_begin(ask, ROW_BYTES);
    int64_t sources;
    json_write_object(&ask->json);
    row_write(&shown, object, summary);
    TRY(row_write_source(ask, &listing->sources, object->source));
    TRY(row_write_tags(&shown, object->source, object->id));
    TRY(store_browse_sources(ask->db, object->id, SOURCES_TOLD, &sources));
    json_write_key_u64(&ask->json, S("sources"), (uint64_t)sources);
    page_flag(ask, S("several"), sources > 1);
    page_moment(ask, S("arrived"), object->added_us);
    outside_ago(ask, S("ago"), object->added_us);
    json_write_end(&ask->json);
    return OK;
}

static struct err visit(void *context, const struct object *object, bool *taken)
{
    struct listing *listing = context;
    struct summary summary;
    bool hidden = false;
    arena_reset(listing->scratch);
    TRY(summary_of(&listing->summaries, object, &summary));
    *taken = is_meant(listing, &summary);
    if (*taken)
        TRY(row_hidden(listing->ask, object, &hidden));
    *taken = *taken && !hidden;
    return *taken ? write_one(listing, object, &summary) : OK;
}

/* ---- The rest of the page ---- */

/*
 * Places are known forwards only, so the way back goes along in the address: the places of the pages before, with "~"
 * between them. Where it gets too long its beginning is forgotten.
 */
static slice trail_add(struct ask *ask, slice trail, slice from)
{
    slice whole = slice_of(arena_printf(
            ask->arena, "%.*s%s%.*s", (int)trail.len, trail.ptr, trail.len > 0 ? "~" : "", (int)from.len, from.ptr));
    while (whole.len > TRAIL_MAX) {
        slice piece;
        slice_next(&whole, '~', &piece);
    }
    return whole;
}

/* Takes the last place off. */
static slice trail_last(slice *trail)
{
    size_t at = trail->len;
    while (at > 0 && trail->ptr[at - 1] != '~')
        at--;
    slice last = slice_from(*trail, at);
    *trail = slice_part(*trail, 0, at > 0 ? at - 1 : 0);
    return last;
}

/* The address of this list, from a place on; empty: from its beginning. */
static const char *address_of(const struct listing *listing, slice from, slice trail)
{
    static const char *const names[] = {"q", "ref", "type", "source", "tag", "tlp", "state", "since"};
    struct buf buf = buf_make(8 * (SEARCH_QUERY_MAX + STORE_NAME_MAX + OBJECT_ID_MAX + BROWSE_CURSOR_MAX + TRAIL_MAX));
    buf_put(&buf, S("/intelligence"));
    for (size_t i = 0; i < COUNT_OF(names); i++)
        outside_query(&buf, slice_of(names[i]), ask_query(listing->ask, slice_of(names[i])));
    outside_query(&buf, S("from"), from);
    outside_query(&buf, S("trail"), trail);
    const char *address = arena_cstr(listing->ask->arena, buf_slice(&buf));
    buf_free(&buf);
    return address;
}

static void write_choice(struct ask *ask, slice name, slice text, bool selected)
{
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("name"), name);
    json_write_key_text(&ask->json, S("text"), text);
    page_flag(ask, S("selected"), selected);
    json_write_end(&ask->json);
}

static void write_choices(struct ask *ask, slice key, const struct choice *choices, slice chosen)
{
    bool known = chosen.len == 0;
    json_write_key(&ask->json, key);
    json_write_array(&ask->json);
    for (size_t i = 0; choices[i].name != NULL; i++) {
        slice name = slice_of(choices[i].name), text = slice_of(choices[i].text);
        known = known || slice_eq(name, chosen);
        write_choice(ask, name, text.len > 0 ? ask_text(ask, text) : outside_type(ask, name), slice_eq(name, chosen));
    }
    if (!known) { /* a type of nobody's standard, or another number of hours */
        struct outside shown = outside_begin(ask, OUTSIDE_NAME);
        slice text = outside_text(&shown, chosen, OUTSIDE_NAME, NULL);
        write_choice(ask, text, text, true);
    }
    json_write_end(&ask->json);
}

static struct err write_sources(struct listing *listing)
{
    struct ask *ask = listing->ask;
    struct outside shown = outside_begin(ask, OUTSIDE_PAGE / 2);
    struct source *rows;
    size_t count;
    TRY(store_source_list(ask->db, 0, SOURCES_OFFERED, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("source_choices"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && shown.left > 2 * OUTSIDE_NAME; i++)
        write_choice(ask, slice_of(outside_path(ask, "", rows[i].number, "")),
                outside_text(&shown, rows[i].name, OUTSIDE_NAME / 2, NULL), rows[i].number == listing->browse.source);
    json_write_end(&ask->json);
    return OK;
}

static void write_asked(struct listing *listing)
{
    struct ask *ask = listing->ask;
    struct outside shown = outside_begin(ask, 6 * (SEARCH_QUERY_MAX + STORE_NAME_MAX));
    json_write_key(&ask->json, S("asked"));
    json_write_object(&ask->json);
    outside_write(&shown, S("q"), listing->browse.query, SEARCH_QUERY_MAX);
    outside_write(&shown, S("tag"), listing->browse.tag, STORE_NAME_MAX);
    outside_write(&shown, S("ref"), listing->ref, OBJECT_ID_MAX);
    json_write_end(&ask->json);
    write_choices(ask, S("type_choices"), types_offered, listing->browse.type);
    write_choices(ask, S("tlp_choices"), tlps_offered, ask_query(ask, S("tlp")));
    write_choices(ask, S("state_choices"), standings_offered, ask_query(ask, S("state")));
    write_choices(ask, S("since_choices"), sinces_offered, listing->since);
}

/* The filters fold away on a phone unless one of them is used. */
static bool is_filtered(const struct listing *listing)
{
    return listing->browse.type.len > 0 || listing->browse.source != 0 || listing->browse.tag.len > 0 ||
           listing->tlp >= 0 || listing->standing >= 0 || listing->since.len > 0;
}

static void write_link(struct ask *ask, slice key, const char *address)
{
    json_write_key(&ask->json, key);
    if (address == NULL)
        json_write_null(&ask->json);
    else
        json_write_text(&ask->json, slice_of(address));
}

static void write_way(struct listing *listing, size_t rows)
{
    struct ask *ask = listing->ask;
    const struct browse_place *place = &listing->place;
    slice from = ask_query(ask, S("from")), said = ask_query(ask, S("trail")), none = S("");
    slice trail = said.len > TRAIL_MAX ? none : said, back = trail;
    slice cursor = store_browse_cursor(place, ask->arena);
    slice before = trail_last(&back);
    write_link(ask, S("here"), address_of(listing, from, trail));
    write_link(ask, S("newest"), from.len > 0 ? address_of(listing, none, none) : NULL);
    write_link(ask, S("newer"), before.len > 0 ? address_of(listing, before, back) : NULL);
    write_link(ask, S("older"),
            place->end ? NULL : address_of(listing, cursor, from.len > 0 ? trail_add(ask, trail, from) : none));
    page_flag(ask, S("partial"), !place->end && rows < ROWS);
    page_flag(ask, S("empty"), rows == 0 && place->end);
    page_flag(ask, S("filtered"), is_filtered(listing));
}

struct counting {
    struct listing *listing;
    size_t rows;
};

static struct err count_visit(void *context, const struct object *object, bool *taken)
{
    struct counting *counting = context;
    TRY(visit(counting->listing, object, taken));
    counting->rows += *taken;
    return OK;
}

static struct err listing_run(struct listing *listing)
{
    struct ask *ask = listing->ask;
    struct counting counting = {listing, 0};
    TRY(marks_get(listing));
    listing->browse.context = &counting;
    listing->browse.visit = count_visit;
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    struct err err = store_browse(ask->db, &listing->browse, &listing->place, ROWS, ask->arena);
    bool typed =
            counting.rows == 0 && listing->browse.query.len > 0 && (err.kind == ERR_INPUT || err.kind == ERR_LIMIT);
    if (err.kind != ERR_NONE && !typed)
        return err;
    json_write_end(&ask->json);
    listing->place.end = listing->place.end || typed;
    write_way(listing, counting.rows);
    return typed ? page_again(ask, "q", err) : OK;
}

static void write_forms(struct ask *ask)
{
    acts_write(ask);
    json_write_key(&ask->json, S("kinds"));
    json_write_array(&ask->json);
    for (size_t i = 0; export_kinds[i] != NULL && outside_may(ask, VERB_EXPORT); i++)
        json_write_text(&ask->json, slice_of(export_kinds[i]->name));
    json_write_end(&ask->json);
    page_flag(ask, S("may_export"), outside_may(ask, VERB_EXPORT));
    page_flag(ask, S("any_act"), outside_may(ask, VERB_TAG) || outside_may(ask, VERB_JUDGE));
    page_flag(ask, S("may_pick"),
            outside_may(ask, VERB_EXPORT) || outside_may(ask, VERB_TAG) || outside_may(ask, VERB_JUDGE));
}

struct err web_intelligence(struct ask *ask)
{
    struct listing *listing = arena_new(ask->arena, struct listing, 1);
    listing->ask = ask;
    TRY(outside_need(ask, VERB_READ_OBJECTS));
    TRY(asked(listing));
    page_title(ask, ask_text(ask, W("Intelligence")));
    write_asked(listing);
    TRY(write_sources(listing));
    write_forms(ask);
    listing->scratch = arena_open("a row of a list", ARENA_WORK, SCRATCH_ARENA_MAX);
    listing->summaries = summaries_open(ask->db, listing->scratch);
    struct err err = listing_run(listing);
    summaries_close(&listing->summaries);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(ask->arena, slice_of(err.why));
    arena_close(listing->scratch);
    return err;
}
