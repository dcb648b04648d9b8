/* SPDX-License-Identifier: Apache-2.0 */
#include "web/reported.h"

#include <inttypes.h>

#include "base/arena.h"
#include "case/subject.h"
#include "store/organisation.h"
#include "store/user.h"
#include "web/page.h"
#include "web/shared.h"
#include "web/warned.h"

#define WHAT_MAX 110 /* bytes of a report in a list */

/* ---- Who sees what ---- */

struct err reported_need(const struct ask *ask, bool *own)
{
    *own = store_right_check(&ask->who.actor, VERB_READ_REPORTS, 0, ask->arena, NULL).kind != ERR_NONE;
    return *own ? outside_need(ask, VERB_READ_REPORTS) : OK;
}

struct err reported_get(struct ask *ask, struct report *row, enum case_sight *sight)
{
    bool own;
    int64_t number;
    TRY(reported_need(ask, &own));
    TRY(ask_part_number(ask, 0, &number));
    struct err err = store_report_get(ask->db, number, ask->arena, row);
    *sight = CASE_NOTHING;
    if (err.kind == ERR_NONE)
        TRY(case_report_sees(&ask->who.actor, row, ask->arena, sight));
    if (err.kind == ERR_MISSING || *sight == CASE_NOTHING)
        return err_make(ERR_MISSING, "there is no such report");
    return err;
}

struct err reported_typed(const struct ask *ask, slice name, int64_t *report)
{
    slice text = slice_trim(ask_form(ask, name));
    struct report row;
    uint64_t number;
    if (text.len == 0)
        return err_make(ERR_INPUT, W_C("which report? its number or its reference"));
    if (slice_u64(text, INT64_MAX, &number)) {
        *report = (int64_t)number;
        return OK;
    }
    TRY(store_report_find(ask->db, text, ask->arena, &row));
    *report = row.number;
    return OK;
}

bool reported_may_work(const struct ask *ask)
{
    return shared_may_act(ask, VERB_WORK_INCIDENTS);
}

/* ---- Words ---- */

struct label {
    const char *text, *look;
};

static const struct label states[REPORT_STATES] = {
        [REPORT_RECEIVED] = {W_C("waits for a receipt"), "warn"},
        [REPORT_ACKNOWLEDGED] = {W_C("waits for one of us"), "warn"},
        [REPORT_LINKED] = {W_C("belongs to an incident"), ""},
        [REPORT_ANSWERED] = {W_C("answered"), "good"},
        [REPORT_CLOSED] = {W_C("closed"), "off"},
};

/* For who told it: that others told the same, or what it belongs to, is nothing that they learn here. */
static const struct label told_states[REPORT_STATES] = {
        [REPORT_RECEIVED] = {W_C("we have it"), ""},
        [REPORT_ACKNOWLEDGED] = {W_C("we have it"), ""},
        [REPORT_LINKED] = {W_C("we are working on it"), ""},
        [REPORT_ANSWERED] = {W_C("answered"), "good"},
        [REPORT_CLOSED] = {W_C("closed"), "off"},
};

static const char *const channels[REPORT_CHANNELS] = {
        [REPORT_BY_MAIL] = W_C("mail"),
        [REPORT_BY_FORM] = W_C("form"),
        [REPORT_BY_PHONE] = W_C("telephone"),
        [REPORT_BY_API] = W_C("program"),
        [REPORT_OF_EVENT] = W_C("event"),
        [REPORT_OF_WARNING] = W_C("warning"),
        [REPORT_BY_PARTNER] = W_C("partner"),
};

static const struct {
    const char *name, *text, *look;
} flags[] = {
        {"clinical", W_C("patients"), "bad"},
        {"money-lost", W_C("money lost"), "bad"},
        {"personal-data", W_C("personal data"), "warn"},
        {"ransomware", W_C("ransomware"), "bad"},
        {"defacement", W_C("defacement"), "warn"},
        {"restricted", W_C("restricted"), "warn"},
        {"exercise", W_C("exercise"), ""},
        {"advert", W_C("advert"), "off"},
        {"opinion", W_C("opinion"), "off"},
};

static const struct {
    const char *why, *text;
} alikes[] = {
        {"subject", W_C("nearly the same words")},
        {"attachment", W_C("the same file")},
        {"url", W_C("the same URL")},
        {"host", W_C("the same name of a host")},
        {"domain", W_C("the same domain")},
        {"ipv4", W_C("the same address")},
        {"ipv6", W_C("the same address")},
        {"email", W_C("the same address of mail")},
};

void reported_state(struct ask *ask, const struct report *row, enum case_sight sight)
{
    static const struct label merged = {W_C("merged with another"), "off"};
    const struct label *label = sight != CASE_ALL   ? &told_states[row->state]
                                : row->same_as != 0 ? &merged
                                                    : &states[row->state];
    json_write_key_text(&ask->json, S("state"), slice_of(store_report_state_name(row->state)));
    json_write_key_text(&ask->json, S("state_text"), ask_text(ask, slice_of(label->text)));
    json_write_key_text(&ask->json, S("look"), slice_of(label->look));
}

slice reported_channel(const struct ask *ask, enum report_channel channel)
{
    return ask_text(ask, slice_of(channels[channel]));
}

slice reported_alike_why(const struct ask *ask, slice why)
{
    for (size_t i = 0; i < COUNT_OF(alikes); i++)
        if (slice_eq(why, slice_of(alikes[i].why)))
            return ask_text(ask, slice_of(alikes[i].text));
    return ask_text(ask, W("the same value"));
}

/* ---- A row ---- */

static void write_flags(struct ask *ask, slice words)
{
    json_write_key(&ask->json, S("flags"));
    json_write_array(&ask->json);
    for (slice word; words.len > 0 && shared_word_next(&words, &word);)
        for (size_t i = 0; i < COUNT_OF(flags); i++) {
            if (!slice_eq(word, slice_of(flags[i].name)))
                continue;
            json_write_object(&ask->json);
            json_write_key_text(&ask->json, S("name"), word);
            json_write_key_text(&ask->json, S("text"), ask_text(ask, slice_of(flags[i].text)));
            json_write_key_text(&ask->json, S("look"), slice_of(flags[i].look));
            json_write_end(&ask->json);
        }
    json_write_end(&ask->json);
}

static struct err write_holder(struct outside *outside, int64_t person)
{
    struct ask *ask = outside->ask;
    struct user user;
    page_flag(ask, S("is_mine"), person != 0 && person == ask->who.actor.user);
    json_write_key(&ask->json, S("holder"));
    if (person == 0) {
        json_write_null(&ask->json);
        return OK;
    }
    TRY(store_user_get(ask->db, person, ask->arena, &user));
    json_write_text(&ask->json, outside_text(outside, user.name, OUTSIDE_NAME, NULL));
    return OK;
}

/* One that who asks does not see is none. */
static struct err write_incident(struct ask *ask, int64_t incident)
{
    slice subject = slice_of(arena_printf(ask->arena, CASE_SUBJECT "/%" PRId64, incident));
    bool seen = false;
    if (incident != 0)
        TRY(case_subject_seen(ask->db, &ask->who.actor, subject, ask->arena, &seen));
    json_write_key(&ask->json, S("incident"));
    if (!seen) {
        json_write_null(&ask->json);
        return OK;
    }
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)incident);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/incidents/", incident, "")));
    json_write_end(&ask->json);
    return OK;
}

/* The subject, or how the text begins. */
static void write_what(struct outside *outside, const struct report *row)
{
    slice line = slice_part(row->text, 0, slice_find(row->text, '\n'));
    outside_write_value(outside, S("what"), row->subject.len > 0 ? row->subject : line, WHAT_MAX);
}

/* Whose contact may have sent a mail; one of ours decides. */
static struct err write_teller(struct outside *outside, const struct report *row)
{
    struct ask *ask = outside->ask;
    struct case_report_teller teller;
    struct organisation whose;
    TRY(case_report_teller_find(ask->db, row, ask->arena, &teller));
    json_write_key(&ask->json, S("teller"));
    if (teller.organisation == 0) {
        json_write_null(&ask->json);
        return OK;
    }
    TRY(store_organisation_get(ask->db, teller.organisation, ask->arena, &whose));
    json_write_object(&ask->json);
    outside_write(outside, S("name"), whose.name, OUTSIDE_NAME);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/organisations/", teller.organisation, "")));
    json_write_key_text(&ask->json, S("by"),
            teller.by_domain ? ask_text(ask, W("by the domain of the sender"))
                             : ask_text(ask, W("by the address of the sender")));
    json_write_key_text(&ask->json, S("form"), slice_of(outside_path(ask, "/reports/", row->number, "")));
    json_write_end(&ask->json);
    return OK;
}

static struct err write_ours(struct outside *outside, const struct report *row)
{
    struct ask *ask = outside->ask;
    bool waits = row->state <= REPORT_ACKNOWLEDGED && row->same_as == 0;
    json_write_key_text(&ask->json, S("class"), row->class);
    json_write_key_text(&ask->json, S("class_text"), warned_class_text(ask, row->class));
    json_write_key_text(&ask->json, S("class_rule"), row->class_rule);
    warned_severity(ask, row->severity);
    write_flags(ask, row->flags);
    page_flag(ask, S("is_late"), waits && clock_now_us() - row->received_us > CASE_REPORT_LATE_US);
    TRY(write_incident(ask, row->incident));
    TRY(write_teller(outside, row));
    return write_holder(outside, row->holder);
}

struct err reported_write(struct outside *outside, const struct report *row, enum case_sight sight)
{
    struct ask *ask = outside->ask;
    json_write_key_u64(&ask->json, S("number"), (uint64_t)row->number);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/reports/", row->number, "")));
    json_write_key_text(&ask->json, S("reference"), row->reference);
    write_what(outside, row);
    json_write_key_text(&ask->json, S("channel"), slice_of(store_report_channel_name(row->channel)));
    json_write_key_text(&ask->json, S("channel_text"), reported_channel(ask, row->channel));
    reported_state(ask, row, sight);
    page_moment(ask, S("received"), row->received_us);
    outside_ago(ask, S("age"), row->received_us);
    page_moment(ask, S("answered"), row->answered_us);
    return sight == CASE_ALL ? write_ours(outside, row) : OK;
}

void reported_other(struct outside *outside, const struct report *row)
{
    struct ask *ask = outside->ask;
    json_write_key_u64(&ask->json, S("number"), (uint64_t)row->number);
    json_write_key_text(&ask->json, S("reference"), row->reference);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/reports/", row->number, "")));
    write_what(outside, row);
}
