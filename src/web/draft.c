/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form for terms: what holds, or what is usual, to be changed and drafted. Nothing holds by a draft; two persons
 * offer it, and the other side agrees.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "share/agreement.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "json/read.h"

#define DRAFT_BYTES_MAX (4u * TERMS_BYTES_MAX)
#define DAY_LEN 10 /* of "2027-12-31" */
#define PURPOSE_MAX 2000
#define RESIDENCY_MAX 4000

/* What can be ticked; others that the terms have already stay in them. */
static const char *const kinds[] = {"indicator", "sighting", "malware", "attack-pattern", "threat-actor",
        "intrusion-set", "campaign", "vulnerability", "course-of-action", "report", "relationship", "observed-data",
        "infrastructure", "tool", "identity", "incident", "note", "ipv4-addr", "ipv6-addr", "domain-name", "url",
        "file"};
static const char *const tlps[] = {"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"};
static const struct choice {
    const char *value, *text;
} onwards[] = {{"no", W_C("no")}, {"ask", W_C("only after asking for each")}, {"yes", W_C("yes, within its marking")}},
  ends[] = {{"keep", W_C("both keep what they have")}, {"keep-not-forward", W_C("both keep it and pass nothing on")},
          {"delete", W_C("both delete it")}};

/* ---- The form, filled in ---- */

static slice text_of(struct ask *ask, slice terms, const char *key, const char *otherwise)
{
    slice value = json_get(terms, slice_of(key));
    return json_kind(value) == JSON_STRING ? json_text(value, ask->arena) : slice_of(otherwise);
}

static bool has_kind(struct ask *ask, slice terms, const char *kind)
{
    struct json_elements elements = json_elements(json_get(terms, S("kinds")));
    slice element;
    if (terms.len == 0)
        return strcmp(kind, "indicator") == 0;
    while (json_element_next(&elements, &element))
        if (slice_eq(json_text(element, ask->arena), slice_of(kind)))
            return true;
    return false;
}

static void write_kinds(struct ask *ask, slice terms)
{
    json_write_key(&ask->json, S("kinds"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("name"), slice_of(kinds[i]));
        json_write_key_text(&ask->json, S("text"), outside_type(ask, slice_of(kinds[i])));
        page_flag(ask, S("chosen"), has_kind(ask, terms, kinds[i]));
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

static void write_tlps(struct ask *ask, slice key, slice chosen)
{
    json_write_key(&ask->json, key);
    json_write_array(&ask->json);
    for (size_t i = 0; i < COUNT_OF(tlps); i++) {
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("name"), slice_of(tlps[i]));
        page_flag(ask, S("chosen"), slice_eq(chosen, slice_of(tlps[i])));
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

static void write_choices(struct ask *ask, slice key, const struct choice *choices, size_t count, slice chosen)
{
    json_write_key(&ask->json, key);
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("name"), slice_of(choices[i].value));
        json_write_key_text(&ask->json, S("text"), ask_text(ask, slice_of(choices[i].text)));
        page_flag(ask, S("chosen"), slice_eq(chosen, slice_of(choices[i].value)));
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

/* One a line. */
static void write_residency(struct ask *ask, struct outside *outside, slice terms)
{
    struct json_elements elements = json_elements(json_get(terms, S("residency")));
    struct buf lines = buf_make(TERMS_BYTES_MAX);
    slice element;
    while (json_element_next(&elements, &element)) {
        buf_put(&lines, json_text(element, ask->arena));
        buf_byte(&lines, '\n');
    }
    outside_write(outside, S("residency"), buf_slice(&lines), RESIDENCY_MAX);
    buf_free(&lines);
}

static struct err base_of(struct ask *ask, int64_t partner, slice *terms)
{
    struct agreement row;
    struct err err = store_agreement_with(ask->db, partner, ask->arena, &row);
    *terms = err.kind == ERR_NONE && row.state != AGREEMENT_ENDED ? row.terms : S("");
    return err.kind == ERR_MISSING ? OK : err;
}

static struct err write_page(struct ask *ask, int64_t partner)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    slice terms, least;
    TRY(base_of(ask, partner, &terms));
    least = json_get(terms, S("meant_least"));
    slice until = text_of(ask, terms, "until", "");
    page_title(ask, ask_text(ask, W("Draft terms")));
    TRY(shared_partner_write(ask, S("partner"), partner));
    outside_write(&outside, S("purpose"), text_of(ask, terms, "purpose", ""), PURPOSE_MAX);
    write_kinds(ask, terms);
    write_tlps(ask, S("highest"), text_of(ask, terms, "highest", "TLP:AMBER"));
    write_tlps(ask, S("unmarked"), text_of(ask, terms, "unmarked", "TLP:AMBER"));
    page_flag(ask, S("sightings"), slice_eq(json_get(terms, S("sightings")), S("true")));
    page_flag(ask, S("affected"), slice_eq(json_get(terms, S("affected")), S("true")));
    write_choices(ask, S("onward"), onwards, COUNT_OF(onwards), text_of(ask, terms, "onward", "no"));
    write_choices(ask, S("after_end"), ends, COUNT_OF(ends), text_of(ask, terms, "after_end", "keep"));
    json_write_key_text(&ask->json, S("meant_least"), least);
    json_write_key_text(&ask->json, S("until"), until.len < DAY_LEN ? S("") : slice_part(until, 0, DAY_LEN));
    write_residency(ask, &outside, terms);
    page_flag(ask, S("renews"), terms.len > 0);
    page_flag(ask, S("may_draft"), outside_may(ask, VERB_CHANGE_PARTNERS));
    return OK;
}

struct err web_draft(struct ask *ask)
{
    int64_t number;
    TRY(outside_need(ask, VERB_READ_SHARING));
    TRY(ask_part_number(ask, 0, &number));
    return write_page(ask, number);
}

/* ---- What was filled in ---- */

static void put_text(struct ask *ask, struct json_writer *w, const char *key)
{
    json_write_key_text(w, slice_of(key), slice_trim(ask_form(ask, slice_of(key))));
}

static void put_truth(struct ask *ask, struct json_writer *w, const char *key)
{
    json_write_key(w, slice_of(key));
    json_write_bool(w, slice_eq(ask_form(ask, slice_of(key)), S("yes")));
}

static void put_kinds(struct ask *ask, struct json_writer *w, slice before)
{
    struct json_elements elements = json_elements(json_get(before, S("kinds")));
    slice kind, element;
    size_t at = 0;
    json_write_key(w, S("kinds"));
    json_write_array(w);
    while (ask_form_each(ask, S("kind"), &at, &kind))
        json_write_text(w, kind);
    while (json_element_next(&elements, &element)) {
        bool offered = false;
        kind = json_text(element, ask->arena);
        for (size_t i = 0; i < COUNT_OF(kinds); i++)
            offered |= slice_eq(kind, slice_of(kinds[i]));
        if (!offered)
            json_write_text(w, kind);
    }
    json_write_end(w);
}

static void put_residency(struct ask *ask, struct json_writer *w)
{
    slice rest = slice_trim(ask_form(ask, S("residency"))), line;
    if (rest.len == 0)
        return;
    json_write_key(w, S("residency"));
    json_write_array(w);
    while (slice_next(&rest, '\n', &line))
        if (slice_trim(line).len > 0)
            json_write_text(w, slice_trim(line));
    json_write_end(w);
}

static struct err put_least(struct ask *ask, struct json_writer *w)
{
    uint64_t least;
    slice typed = slice_trim(ask_form(ask, S("meant_least")));
    if (typed.len == 0)
        return OK;
    if (!slice_u64(typed, TERMS_MEANT_MAX, &least) || least == 0)
        return err_make(ERR_INPUT, W_C("how many organisations is a whole number, from 1 to 1000"));
    json_write_key_u64(w, S("meant_least"), least);
    return OK;
}

/* What the form does not ask for stays as it is; it begins now, if it did not before. */
static void put_kept(struct ask *ask, struct json_writer *w, slice before)
{
    slice from = json_get(before, S("from")), law = json_get(before, S("jurisdiction"));
    (void)ask;
    json_write_key(w, S("from"));
    if (from.len > 0)
        json_write_raw(w, from);
    else
        json_write_time(w, clock_now_us());
    if (law.len == 0)
        return;
    json_write_key(w, S("jurisdiction"));
    json_write_raw(w, law);
}

static struct err write_terms(struct ask *ask, struct json_writer *w, slice before)
{
    const char *until = arena_cstr(ask->arena, slice_trim(ask_form(ask, S("until"))));
    int64_t us;
    json_write_object(w);
    put_text(ask, w, "purpose");
    put_kinds(ask, w, before);
    put_text(ask, w, "highest");
    put_text(ask, w, "unmarked");
    put_truth(ask, w, "sightings");
    put_truth(ask, w, "affected");
    put_text(ask, w, "onward");
    put_text(ask, w, "after_end");
    put_residency(ask, w);
    put_kept(ask, w, before);
    slice end = slice_of(arena_printf(ask->arena, "%sT23:59:59Z", until));
    if (strlen(until) != DAY_LEN || !time_parse_strict(end, &us))
        return err_make(ERR_INPUT, W_C("until when? A day as 2027-12-31"));
    json_write_key_text(w, S("until"), end);
    TRY(put_least(ask, w));
    json_write_end(w);
    return OK;
}

static struct err draft(struct ask *ask, int64_t partner, int64_t *number)
{
    struct buf buf = buf_make(DRAFT_BYTES_MAX);
    struct json_writer w = json_writer(&buf);
    slice before;
    TRY(base_of(ask, partner, &before));
    struct err err = write_terms(ask, &w, before);
    if (err.kind == ERR_NONE)
        err = buf_check(&buf);
    slice terms = arena_copy(ask->arena, buf_slice(&buf));
    buf_free(&buf);
    TRY(err);
    return share_agreement_draft(ask->db, &ask->who.actor, partner, terms, ask->arena, number);
}

struct err web_draft_put(struct ask *ask)
{
    int64_t partner, number = 0;
    TRY(ask_part_number(ask, 0, &partner));
    struct err err = draft(ask, partner, &number);
    const struct shared_form form = {outside_path(ask, "/agreements/", number, ""), "drafted", NULL, NULL, web_draft};
    return shared_end(ask, &form, err);
}
