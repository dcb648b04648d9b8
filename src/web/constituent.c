/* SPDX-License-Identifier: Apache-2.0 */
#include "web/constituent.h"

#include "base/arena.h"
#include "base/clock.h"
#include "store/asset.h"
#include "store/count.h"
#include "store/service.h"
#include "web/chart.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/warned.h"

#define ASSETS_SHOWN 50
#define WARNINGS_SHOWN 15

/* ---- Contacts ---- */

static const struct {
    const char *text, *look;
} contact_states[] = {
        [CONTACT_UNVERIFIED] = {W_C("not confirmed yet"), "warn"},
        [CONTACT_VERIFIED] = {W_C("confirmed"), "good"},
        [CONTACT_STALE] = {W_C("nobody answered for long"), "bad"},
        [CONTACT_CLOSED] = {W_C("closed"), "off"},
};

static void write_contact(struct outside *outside, const struct contact *contact)
{
    struct ask *ask = outside->ask;
    struct json_writer *json = &ask->json;
    json_write_object(json);
    json_write_key_u64(json, S("number"), (uint64_t)contact->number);
    outside_write(outside, S("name"), contact->is.name, OUTSIDE_NAME);
    json_write_key_u64(json, S("rank"), (uint64_t)contact->is.rank);
    outside_write(outside, S("mail"), contact->is.mail, CONTACT_MAIL_MAX);
    outside_write(outside, S("phone"), contact->is.phone, OUTSIDE_NAME);
    outside_write_value(outside, S("webhook"), contact->is.webhook, OUTSIDE_NAME);
    outside_write(outside, S("languages"), contact->is.languages, OUTSIDE_NAME);
    outside_write(outside, S("hours"), contact->is.hours, OUTSIDE_NAME);
    page_flag(ask, S("has_key"), contact->is.pgp_key.len > 0);
    json_write_key_text(json, S("state"), slice_of(store_contact_state_name(contact->state)));
    json_write_key_text(json, S("state_text"), ask_text(ask, slice_of(contact_states[contact->state].text)));
    json_write_key_text(json, S("look"), slice_of(contact_states[contact->state].look));
    page_flag(ask, S("asks"), contact->state != CONTACT_VERIFIED);
    page_moment(ask, S("verified"), contact->verified_us);
    page_moment(ask, S("asked"), contact->asked_us);
    json_write_end(json);
}

struct err constituent_contacts(struct ask *ask, int64_t organisation)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct contact *rows;
    size_t count;
    TRY(store_contact_of(ask->db, organisation, false, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("contacts"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++)
        write_contact(&outside, &rows[i]);
    json_write_end(&ask->json);
    page_flag(ask, S("any_contacts"), count > 0);
    return OK;
}

/* ---- What is theirs ---- */

static const char *const asset_kinds[ASSET_KINDS] = {
        [ASSET_PREFIX] = W_C("Addresses"),
        [ASSET_ASN] = W_C("Autonomous system"),
        [ASSET_DOMAIN] = W_C("Domain"),
        [ASSET_SITE] = W_C("Place"),
};

static void write_asset(struct outside *outside, const struct asset *asset)
{
    struct ask *ask = outside->ask;
    int64_t now_us = clock_now_us();
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)asset->number);
    json_write_key_text(&ask->json, S("kind"), slice_of(store_asset_kind_name(asset->kind)));
    json_write_key_text(&ask->json, S("kind_text"), ask_text(ask, slice_of(asset_kinds[asset->kind])));
    outside_write(outside, S("value"), asset->value, OUTSIDE_NAME);
    page_moment(ask, S("from"), asset->from_us == ASSET_EVER ? TIME_NONE : asset->from_us);
    page_moment(ask, S("until"), asset->until_us);
    page_flag(ask, S("over"), asset->until_us != TIME_NONE && asset->until_us <= now_us);
    outside_write(outside, S("said_by"), asset->said_by, OUTSIDE_NAME);
    json_write_end(&ask->json);
}

struct err constituent_assets(struct ask *ask, int64_t organisation, int64_t after)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct asset *rows;
    size_t count;
    TRY(store_asset_list(ask->db, organisation, after, ASSETS_SHOWN, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("assets"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++)
        write_asset(&outside, &rows[i]);
    json_write_end(&ask->json);
    page_flag(ask, S("any_asset"), count > 0);
    page_more(ask, count == ASSETS_SHOWN ? rows[count - 1].number : 0);
    return OK;
}

/* ---- What is open ---- */

/* Who is warned sees what was told, and nothing of what may never be. */
static bool is_shown(const struct warning *warning, bool all)
{
    return all || warning->told_us != TIME_NONE;
}

static struct err write_warnings(struct ask *ask, int64_t organisation, bool all)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct warned_names names = {0};
    struct warning *rows;
    size_t count, shown = 0;
    TRY(store_warning_latest(ask->db, WARNING_OPEN, organisation, INT64_MAX, all ? WARNINGS_SHOWN : STORE_PAGE_MAX,
            ask->arena, &rows, &count));
    json_write_key(&ask->json, S("warnings"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && shown < WARNINGS_SHOWN; i++) {
        if (!is_shown(&rows[i], all))
            continue;
        if (!all)
            rows[i].held = S(""); /* why we wait with more is ours */
        json_write_object(&ask->json);
        TRY(warned_write(&outside, &names, &rows[i]));
        json_write_end(&ask->json);
        shown++;
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_warning"), shown > 0);
    return OK;
}

/* ---- How many events ---- */

/* One look-up a day: of so few days each is read quickly, and no class of any of them is left out. */
static struct err write_chart(struct ask *ask, int64_t organisation)
{
    int64_t today = clock_now_us() / DAY_US, first = today - CHART_PERIODS_MAX + 1;
    struct chart_count *rows = arena_new(ask->arena, struct chart_count, CHART_PERIODS_MAX * STORE_PAGE_MAX);
    size_t count = 0;
    for (int64_t day = first; day <= today; day++) {
        struct count_sum *sums;
        size_t sum_count;
        TRY(store_count_of(ask->db, organisation, day, ask->arena, &sums, &sum_count));
        for (size_t i = 0; i < sum_count; i++)
            rows[count++] = (struct chart_count){day, sums[i].class, (uint64_t)sums[i].events};
    }
    chart_write(ask, S("chart"), &(struct chart){first, today, chart_day_text, warned_class_text, rows, count});
    return OK;
}

/* ---- All of it ---- */

struct err constituent_write(struct ask *ask, const struct organisation *organisation)
{
    int64_t number = organisation->number, days;
    uint64_t after;
    bool served = organisation->relation == RELATION_CONSTITUENT || organisation->relation == RELATION_OWN;
    bool all = warned_may(ask, VERB_READ_EVENTS, 0);
    served = served && warned_may(ask, VERB_READ_EVENTS, number);
    page_flag(ask, S("is_served"), served);
    if (!served)
        return OK;
    TRY(ask_number(ask, S("after"), INT64_MAX, 0, &after));
    TRY(store_service_days(ask->db, number, clock_now_us(), &days));
    page_count(ask, S("memory_days"), (uint64_t)days);
    TRY(constituent_contacts(ask, number));
    page_flag(ask, S("may_contact"), warned_may(ask, VERB_CHANGE_CONTACTS, number));
    TRY(constituent_assets(ask, number, (int64_t)after));
    page_flag(ask, S("sees_all"), all);
    TRY(write_warnings(ask, number, all));
    return write_chart(ask, number);
}
