/* SPDX-License-Identifier: Apache-2.0 */
#include "web/terms.h"

#include "base/arena.h"
#include "share/charter.h"
#include "share/terms.h"
#include "text/moment.h"
#include "web/outside.h"
#include "web/page.h"

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

/* ---- Groups ---- */

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
    point(&writing, "proposers", W("Who may propose"),
            list_of(ask, charter.proposers, charter.proposer_count, W("every member")));
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
