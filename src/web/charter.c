/* SPDX-License-Identifier: Apache-2.0 */
#include "web/charter.h"

#include "base/arena.h"
#include "base/clock.h"
#include "gate/gate.h"
#include "share/keys.h"
#include "store/partner.h"
#include "web/page.h"
#include "web/shared.h"

#define PARTNERS_OFFERED 200
#define PURPOSE_MAX 2000
#define MEETINGS_MAX 4000
#define DAYS_USUAL 14 /* that a vote lasts */

static const char *const tlps[] = {"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"};

/* ---- Who can be in it ---- */

struct candidates {
    struct share_member rows[CHARTER_MEMBERS_MAX + PARTNERS_OFFERED + 1];
    size_t count;
};

static void candidate(struct candidates *all, slice node, slice name)
{
    for (size_t i = 0; i < all->count; i++)
        if (slice_eq(all->rows[i].node, node))
            return;
    all->rows[all->count++] = (struct share_member){node, name};
}

/* Who is in it now, under the name that the terms have; we; and partners with a node, whose signatures can be checked.
 */
static struct err candidates_read(struct ask *ask, const struct share_charter *now, struct candidates **candidates)
{
    struct candidates *all = arena_new(ask->arena, struct candidates, 1);
    struct partner *rows;
    size_t count;
    slice own;
    TRY(share_own_node(ask->db, ask->arena, &own));
    TRY(store_partner_list(ask->db, 0, PARTNERS_OFFERED, clock_now_us(), ask->arena, &rows, &count));
    for (size_t i = 0; now != NULL && i < now->member_count; i++)
        candidate(all, now->members[i].node, now->members[i].name);
    candidate(all, own, slice_of(ask->gate->options.parts->name));
    for (size_t i = 0; i < count; i++)
        if (rows[i].kind == PARTNER_NODE && rows[i].state != PARTNER_CANDIDATE && rows[i].state != PARTNER_ENDED)
            candidate(all, rows[i].node, rows[i].name);
    *candidates = all;
    return OK;
}

/* ---- Filled in ---- */

static bool is_typed(const struct ask *ask)
{
    return ask_form(ask, S("purpose")).len > 0;
}

static bool is_ticked(const struct ask *ask, slice field, slice node)
{
    slice value;
    for (size_t at = 0; ask_form_each(ask, field, &at, &value);)
        if (slice_eq(value, node))
            return true;
    return false;
}

/* Of a new group: we are in it. */
static bool was_member(struct ask *ask, const struct share_charter *now, slice node)
{
    slice own;
    if (now != NULL)
        return share_charter_has(now, node);
    return share_own_node(ask->db, ask->arena, &own).kind == ERR_NONE && slice_eq(own, node);
}

static bool was_proposer(const struct share_charter *now, slice node)
{
    for (size_t i = 0; now != NULL && i < now->proposer_count; i++)
        if (slice_eq(now->proposers[i], node))
            return true;
    return false;
}

/* As many as a group can have; whoever wants another of more partners than that writes the document. */
static void write_candidates(struct ask *ask, const struct share_charter *now, const struct candidates *all)
{
    static const char *const lists[] = {"members", "proposers"}, *const fields[] = {"member", "proposer"};
    bool typed = is_typed(ask);
    for (size_t list = 0; list < COUNT_OF(lists); list++) {
        struct outside outside = outside_begin(ask, OUTSIDE_PAGE / 2);
        json_write_key(&ask->json, slice_of(lists[list]));
        json_write_array(&ask->json);
        for (size_t i = 0; i < all->count && i < CHARTER_MEMBERS_MAX; i++) {
            slice node = all->rows[i].node;
            bool held = list == 0 ? was_member(ask, now, node) : was_proposer(now, node);
            json_write_object(&ask->json);
            outside_write(&outside, S("node"), node, OUTSIDE_NAME);
            outside_write(&outside, S("name"), all->rows[i].name, OUTSIDE_NAME);
            page_flag(ask, S("chosen"), typed ? is_ticked(ask, slice_of(fields[list]), node) : held);
            json_write_end(&ask->json);
        }
        json_write_end(&ask->json);
    }
}

static void write_number(struct ask *ask, const char *key, int64_t otherwise)
{
    slice typed = slice_trim(ask_form(ask, slice_of(key)));
    slice held = otherwise == 0 ? S("") : slice_of(arena_printf(ask->arena, "%lld", (long long)otherwise));
    json_write_key_text(&ask->json, slice_of(key), is_typed(ask) ? typed : held);
}

static void write_markings(struct ask *ask, const struct share_charter *now)
{
    slice held = now == NULL ? S("TLP:AMBER") : slice_of(stix_tlp_name(now->marking));
    slice typed = ask_form(ask, S("marking"));
    json_write_key(&ask->json, S("markings"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < COUNT_OF(tlps); i++) {
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("name"), slice_of(tlps[i]));
        page_flag(ask, S("chosen"), slice_eq(slice_of(tlps[i]), typed.len > 0 ? typed : held));
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

/* One a line. */
static slice meetings_of(struct ask *ask, const struct share_charter *now)
{
    struct buf lines = buf_make(CHARTER_BYTES_MAX);
    for (size_t i = 0; now != NULL && i < now->meeting_count; i++) {
        buf_put(&lines, now->meetings[i]);
        buf_byte(&lines, '\n');
    }
    slice text = arena_copy(ask->arena, buf_slice(&lines));
    buf_free(&lines);
    return text;
}

struct err charter_form_write(struct ask *ask, const struct share_charter *now)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct candidates *all;
    bool typed = is_typed(ask);
    TRY(candidates_read(ask, now, &all));
    json_write_key(&ask->json, S("form"));
    json_write_object(&ask->json);
    outside_write(&outside, S("name"),
            typed         ? ask_form(ask, S("name"))
            : now == NULL ? S("")
                          : now->name,
            OUTSIDE_LINE);
    outside_write(&outside, S("purpose"),
            typed         ? ask_form(ask, S("purpose"))
            : now == NULL ? S("")
                          : now->purpose,
            PURPOSE_MAX);
    write_number(ask, "quorum", now == NULL ? 0 : now->quorum);
    write_number(ask, "yes", now == NULL ? 2 : now->yes);
    write_number(ask, "of", now == NULL ? 3 : now->of);
    write_number(ask, "days", now == NULL ? DAYS_USUAL : now->days);
    outside_write(&outside, S("meetings"), typed ? ask_form(ask, S("meetings")) : meetings_of(ask, now), MEETINGS_MAX);
    write_markings(ask, now);
    write_candidates(ask, now, all);
    page_flag(ask, S("too_many"), all->count > CHARTER_MEMBERS_MAX);
    json_write_end(&ask->json);
    return OK;
}

/* ---- Read ---- */

static struct err put_number(struct ask *ask, struct json_writer *w, const char *key)
{
    uint64_t number;
    slice typed = slice_trim(ask_form(ask, slice_of(key)));
    if (!slice_u64(typed, INT32_MAX, &number))
        return err_make(ERR_INPUT, W_C("quorum, majority and days are whole numbers"));
    json_write_key_u64(w, slice_of(key), number);
    return OK;
}

static struct err put_members(struct ask *ask, struct json_writer *w, const struct candidates *all)
{
    slice node;
    json_write_key(w, S("members"));
    json_write_array(w);
    for (size_t at = 0; ask_form_each(ask, S("member"), &at, &node);) {
        size_t i = 0;
        while (i < all->count && !slice_eq(all->rows[i].node, node))
            i++;
        if (i == all->count) /* the terms name each member, and nobody else knows its name */
            return err_make(ERR_INPUT, W_C("a member is a partner with a node, or in the group already"));
        json_write_object(w);
        json_write_key_text(w, S("node"), node);
        json_write_key_text(w, S("name"), all->rows[i].name);
        json_write_end(w);
    }
    json_write_end(w);
    return OK;
}

static struct err put_rules(struct ask *ask, struct json_writer *w)
{
    size_t at = 0;
    slice node;
    json_write_key(w, S("rules"));
    json_write_object(w);
    TRY(put_number(ask, w, "quorum"));
    json_write_key(w, S("majority"));
    json_write_object(w);
    TRY(put_number(ask, w, "yes"));
    TRY(put_number(ask, w, "of"));
    json_write_end(w);
    TRY(put_number(ask, w, "days"));
    if (ask_form(ask, S("proposer")).len > 0) {
        json_write_key(w, S("proposers"));
        json_write_array(w);
        while (ask_form_each(ask, S("proposer"), &at, &node))
            json_write_text(w, node);
        json_write_end(w);
    }
    json_write_end(w);
    return OK;
}

static void put_meetings(struct ask *ask, struct json_writer *w)
{
    slice rest = slice_trim(ask_form(ask, S("meetings"))), line;
    if (rest.len == 0)
        return;
    json_write_key(w, S("meetings"));
    json_write_array(w);
    while (slice_next(&rest, '\n', &line))
        if (slice_trim(line).len > 0)
            json_write_text(w, slice_trim(line));
    json_write_end(w);
}

static struct err put_fields(struct ask *ask, struct json_writer *w, const struct candidates *all)
{
    json_write_object(w);
    json_write_key_text(w, S("name"), slice_trim(ask_form(ask, S("name"))));
    json_write_key_text(w, S("purpose"), slice_trim(ask_form(ask, S("purpose"))));
    json_write_key_text(w, S("marking"), ask_form(ask, S("marking")));
    TRY(put_members(ask, w, all));
    TRY(put_rules(ask, w));
    put_meetings(ask, w);
    if (slice_eq(ask_form(ask, S("dissolved")), S("yes"))) {
        json_write_key(w, S("dissolved"));
        json_write_bool(w, true);
    }
    json_write_end(w);
    return OK;
}

/* What people mistake most, in their own language; all else the terms themselves refuse (share/charter.c). */
static struct err sense_check(struct ask *ask)
{
    uint64_t quorum, yes, of;
    size_t members = 0, at = 0;
    slice node;
    while (ask_form_each(ask, S("member"), &at, &node))
        members++;
    if (members < 2)
        return err_make(ERR_INPUT, W_C("a group has two members at least: tick them"));
    if (slice_u64(slice_trim(ask_form(ask, S("quorum"))), INT32_MAX, &quorum) && quorum > members)
        return err_make(ERR_INPUT, W_C("more votes would have to be cast than there are members: lower the quorum"));
    if (slice_u64(slice_trim(ask_form(ask, S("yes"))), INT32_MAX, &yes) &&
            slice_u64(slice_trim(ask_form(ask, S("of"))), INT32_MAX, &of) && (yes * 2 <= of || yes > of))
        return err_make(ERR_INPUT, W_C("yes-votes have to be more than a half of the members, and no more than all"));
    return OK;
}

struct err charter_form_read(struct ask *ask, const struct share_charter *now, slice *terms)
{
    struct buf buf = buf_make(2u * CHARTER_BYTES_MAX);
    struct json_writer w = json_writer(&buf);
    struct candidates *all;
    *terms = slice_trim(ask_form(ask, S("terms")));
    if (terms->len > 0)
        return OK;
    struct err err = sense_check(ask);
    if (err.kind == ERR_NONE)
        err = candidates_read(ask, now, &all);
    if (err.kind == ERR_NONE)
        err = put_fields(ask, &w, all);
    if (err.kind == ERR_NONE)
        err = buf_check(&buf);
    *terms = arena_copy(ask->arena, buf_slice(&buf));
    buf_free(&buf);
    return err;
}
