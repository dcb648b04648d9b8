/* SPDX-License-Identifier: Apache-2.0 */
#include "web/terms.h"

#include "base/arena.h"
#include "base/clock.h"
#include "share/charter.h"
#include "share/consent.h"
#include "share/terms.h"
#include "store/partner.h"
#include "text/moment.h"
#include "web/outside.h"
#include "web/page.h"
#include "json/read.h"

#define VALUE_BYTES_MAX (64u << 10)
#define VALUES_SHOWN (20u << 10) /* of all points of a document */

/* One after the other into the points of the caller. */
struct writing {
    struct ask *ask;
    struct terms_point *points;
    size_t count;
};

static void point(struct writing *writing, const char *key, slice name, slice value)
{
    writing->points[writing->count++] = (struct terms_point){key, ask_text(writing->ask, name), value};
}

static slice finished(struct ask *ask, struct buf *buf)
{
    slice text = arena_copy(ask->arena, buf_slice(buf));
    buf_free(buf);
    return text;
}

static slice moment_of(struct ask *ask, int64_t us)
{
    struct buf buf = buf_make(128);
    moment_write(&buf, us, page_zone(ask), ask->language);
    return finished(ask, &buf);
}

static slice list_of(struct ask *ask, const slice *items, size_t count, slice none)
{
    struct buf buf = buf_make(VALUE_BYTES_MAX);
    for (size_t i = 0; i < count; i++) {
        buf_put(&buf, i == 0 ? S("") : S("; "));
        buf_put(&buf, items[i]);
    }
    return count == 0 ? (buf_free(&buf), ask_text(ask, none)) : finished(ask, &buf);
}

static slice tlp_of(enum stix_tlp tlp)
{
    const char *name = stix_tlp_name(tlp);
    return slice_of(name == NULL ? "" : name);
}

static slice yes_no(struct ask *ask, bool yes)
{
    return ask_text(ask, yes ? W("yes") : W("no"));
}

/* ---- Agreements ---- */

static slice parties_of(struct ask *ask, const struct share_party parties[2])
{
    struct buf buf = buf_make(VALUE_BYTES_MAX);
    for (size_t i = 0; i < 2; i++) {
        buf_printf(&buf, "%s%.*s", i == 0 ? "" : "; ", (int)parties[i].name.len, parties[i].name.ptr);
        if (parties[i].country.len > 0)
            buf_printf(&buf, " (%.*s)", (int)parties[i].country.len, parties[i].country.ptr);
    }
    return finished(ask, &buf);
}

static slice kinds_of(struct ask *ask, const struct share_terms *terms)
{
    struct buf buf = buf_make(VALUE_BYTES_MAX);
    for (size_t i = 0; i < terms->kind_count; i++) {
        buf_put(&buf, i == 0 ? S("") : S("; "));
        buf_put(&buf, outside_type(ask, terms->kinds[i]));
    }
    return finished(ask, &buf);
}

static slice countries_of(struct ask *ask, const struct share_document *document)
{
    struct buf buf = buf_make(VALUE_BYTES_MAX);
    for (size_t i = 0; i < document->jurisdiction_count; i++) {
        const struct share_country *row = &document->jurisdiction[i];
        slice law =
                ask_text(ask, row->discloses ? W("may have to pass things on by law") : W("passes nothing on by law"));
        buf_printf(&buf, "%s%.*s: %.*s", i == 0 ? "" : "; ", (int)row->country.len, row->country.ptr, (int)law.len,
                law.ptr);
    }
    return document->jurisdiction_count == 0 ? (buf_free(&buf), ask_text(ask, W("nothing said"))) : finished(ask, &buf);
}

static slice onward_of(struct ask *ask, enum share_onward onward)
{
    static const char *const texts[] = {[SHARE_ONWARD_NO] = W_C("no"),
            [SHARE_ONWARD_ASK] = W_C("only after we asked for each"),
            [SHARE_ONWARD_YES] = W_C("yes, within its marking")};
    return ask_text(ask, slice_of(texts[onward]));
}

static slice after_end_of(struct ask *ask, enum share_after_end after_end)
{
    static const char *const texts[] = {[SHARE_AFTER_KEEP] = W_C("both keep what they have"),
            [SHARE_AFTER_KEEP_NOT_FORWARD] = W_C("both keep it and pass nothing on"),
            [SHARE_AFTER_DELETE] = W_C("both delete it")};
    return ask_text(ask, slice_of(texts[after_end]));
}

static slice number_of(struct ask *ask, unsigned number)
{
    return slice_of(arena_printf(ask->arena, "%u", number));
}

struct err terms_points(struct ask *ask, slice text, struct terms_point points[TERMS_POINTS_MAX], size_t *count)
{
    struct writing writing = {ask, points, 0};
    struct share_document document;
    TRY(share_document_read(text, ask->arena, &document));
    const struct share_terms *terms = &document.terms;
    point(&writing, "parties", W("Between"), parties_of(ask, document.parties));
    point(&writing, "purpose", W("What for"), document.purpose);
    point(&writing, "kinds", W("Types of objects that may leave"), kinds_of(ask, terms));
    point(&writing, "highest", W("Up to which marking"), tlp_of(terms->highest));
    point(&writing, "unmarked", W("What is not marked counts as"), tlp_of(terms->unmarked));
    point(&writing, "sightings", W("Sightings are told"), yes_no(ask, terms->sightings));
    point(&writing, "affected", W("May be told to those whom it concerns"), yes_no(ask, terms->affected));
    point(&writing, "onward", W("May be passed on to others"), onward_of(ask, terms->onward));
    point(&writing, "meant_least", W("A sighting must be about at least so many organisations"),
            number_of(ask, terms->meant_least == 0 ? 5 : terms->meant_least));
    point(&writing, "residency", W("Where it has to stay"),
            list_of(ask, document.residency, document.residency_count, W("nothing said")));
    point(&writing, "jurisdiction", W("Law of the countries"), countries_of(ask, &document));
    point(&writing, "from", W("From"), moment_of(ask, terms->from_us));
    point(&writing, "until", W("Until"), moment_of(ask, terms->until_us));
    point(&writing, "after_end", W("After the end"), after_end_of(ask, document.after_end));
    *count = writing.count;
    return OK;
}

/* ---- What may leave ---- */

static slice text_of(struct ask *ask, slice detail, const char *key)
{
    return json_text(json_get(detail, slice_of(key)), ask->arena);
}

static slice partner_of(struct ask *ask, slice detail, const char *key, slice nobody)
{
    struct partner partner;
    int64_t number = 0;
    bool is_number = json_i64(json_get(detail, slice_of(key)), &number);
    if (is_number && number == CONSENT_AFFECTED)
        return ask_text(ask, W("those whom we serve and whom it concerns"));
    if (!is_number || number <= 0)
        return ask_text(ask, nobody);
    struct err err = store_partner_get(ask->db, number, clock_now_us(), ask->arena, &partner);
    return err.kind == ERR_NONE ? partner.name : number_of(ask, (unsigned)number);
}

static slice moment_in(struct ask *ask, slice detail, const char *key)
{
    int64_t us;
    return json_i64(json_get(detail, slice_of(key)), &us) && us > 0 ? moment_of(ask, us) : S("");
}

static slice objects_of(struct ask *ask, slice detail)
{
    struct json_elements elements = json_elements(json_get(detail, S("ids")));
    slice *ids = arena_new(ask->arena, slice, CONSENT_IDS_MAX), type = text_of(ask, detail, "type"), id;
    size_t count = 0;
    while (count < CONSENT_IDS_MAX && json_element_next(&elements, &id))
        ids[count++] = json_text(id, ask->arena);
    if (json_kind(json_get(detail, S("id"))) == JSON_STRING && text_of(ask, detail, "id").len > 0)
        ids[count++] = text_of(ask, detail, "id");
    if (count > 0)
        return list_of(ask, ids, count, S(""));
    return type.len > 0 ? outside_type(ask, type) : ask_text(ask, W("objects of any type"));
}

struct err terms_release_points(
        struct ask *ask, slice detail, struct terms_point points[TERMS_POINTS_MAX], size_t *count)
{
    struct writing writing = {ask, points, 0};
    bool consent = json_kind(json_get(detail, S("ids"))) == JSON_ARRAY;
    slice paper = text_of(ask, detail, "paper");
    point(&writing, "objects", W("What may leave"), objects_of(ask, detail));
    point(&writing, "recipient", W("May go to"),
            partner_of(ask, detail, consent ? "recipient" : "partner", W("every partner")));
    if (!consent)
        point(&writing, "highest", W("Up to which marking"), text_of(ask, detail, "highest"));
    if (consent)
        point(&writing, "originator", W("Whose information it is"),
                partner_of(ask, detail, "originator", W("somebody who is no partner")));
    if (paper.len > 0) {
        point(&writing, "paper", W("Paper"), paper);
        point(&writing, "giver", W("Who gave the consent"), text_of(ask, detail, "giver"));
        point(&writing, "given", W("On which day"), moment_in(ask, detail, "given"));
        point(&writing, "scan", W("The SHA-256 of its scan"), text_of(ask, detail, "scan"));
    }
    point(&writing, "until", W("Until"), moment_in(ask, detail, "until"));
    *count = writing.count;
    return OK;
}

/* ---- Groups ---- */

static slice proposers_of(struct ask *ask, const struct share_charter *charter)
{
    slice names[CHARTER_MEMBERS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < charter->member_count; i++)
        if (share_charter_may_propose(charter, charter->members[i].node))
            names[count++] = charter->members[i].name;
    return list_of(ask, names, charter->proposer_count == 0 ? 0 : count, W("every member"));
}

static slice members_of(struct ask *ask, const struct share_charter *charter)
{
    struct buf buf = buf_make(VALUE_BYTES_MAX);
    for (size_t i = 0; i < charter->member_count; i++)
        buf_printf(&buf, "%s%.*s", i == 0 ? "" : "; ", (int)charter->members[i].name.len, charter->members[i].name.ptr);
    return finished(ask, &buf);
}

struct err terms_charter_points(struct ask *ask, slice text, struct terms_point points[TERMS_POINTS_MAX], size_t *count)
{
    struct writing writing = {ask, points, 0};
    struct share_charter charter;
    TRY(share_charter_read(text, ask->arena, &charter));
    point(&writing, "name", W("Name"), charter.name);
    point(&writing, "purpose", W("What for"), charter.purpose);
    point(&writing, "members", W("Members"), members_of(ask, &charter));
    point(&writing, "quorum", W("Votes that have to be cast"), number_of(ask, (unsigned)charter.quorum));
    point(&writing, "carried", W("Share of all members that has to say yes"),
            slice_of(arena_printf(ask->arena, "%lld/%lld", (long long)charter.yes, (long long)charter.of)));
    point(&writing, "days", W("Days that a vote lasts"), number_of(ask, (unsigned)charter.days));
    point(&writing, "proposers", W("Who may propose"), proposers_of(ask, &charter));
    point(&writing, "marking", W("What is not marked counts as"), tlp_of(charter.marking));
    point(&writing, "meetings", W("Meetings"),
            list_of(ask, charter.meetings, charter.meeting_count, W("nothing said")));
    point(&writing, "dissolved", W("The group is dissolved"), yes_no(ask, charter.dissolved));
    *count = writing.count;
    return OK;
}

/* ---- Showing them ---- */

void terms_write(
        struct ask *ask, slice key, const struct terms_point *points, const struct terms_point *before, size_t count)
{
    struct outside outside = outside_begin(ask, VALUES_SHOWN);
    json_write_key(&ask->json, key);
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        bool changed = before != NULL && !slice_eq(points[i].value, before[i].value);
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("key"), slice_of(points[i].key));
        json_write_key_text(&ask->json, S("name"), points[i].name);
        outside_write(&outside, S("value"), points[i].value, OUTSIDE_TEXT);
        page_flag(ask, S("changed"), changed);
        outside_write(&outside, S("before"), changed ? before[i].value : S(""), OUTSIDE_TEXT);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}
