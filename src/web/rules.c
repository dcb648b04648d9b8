/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Standing rules of warning: what goes out by itself, what with the digest, what waits. One person proposes, another
 * agrees, under Approvals; ending one makes more wait, so one person does.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "desk/rule.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/warned.h"

#define ROWS 50

/* ---- The list ---- */

static const struct {
    const char *text, *look;
} does_texts[WARNING_DOES] = {
        [WARNING_SEND] = {W_C("goes out at once"), "warn"},
        [WARNING_DIGEST] = {W_C("goes with the day's digest"), ""},
        [WARNING_HOLD] = {W_C("waits for one of us"), "good"},
};

static void write_rule(struct outside *outside, const struct warning_rule *rule)
{
    struct ask *ask = outside->ask;
    bool over = rule->until_us != TIME_NONE && rule->until_us <= clock_now_us();
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)rule->number);
    json_write_key_text(&ask->json, S("class"), rule->class);
    json_write_key_text(&ask->json, S("class_text"),
            rule->class.len == 0 ? ask_text(ask, W("any class")) : warned_class_text(ask, rule->class));
    json_write_key_text(&ask->json, S("cause_kind"), rule->cause_kind);
    outside_write(outside, S("sector"), rule->sector, OUTSIDE_NAME);
    warned_severity(ask, rule->severity);
    json_write_key_text(&ask->json, S("does"), slice_of(store_warning_does_name(rule->does)));
    json_write_key_text(&ask->json, S("does_text"), ask_text(ask, slice_of(does_texts[rule->does].text)));
    json_write_key_text(&ask->json, S("look"), slice_of(does_texts[rule->does].look));
    page_moment(ask, S("from"), rule->from_us);
    page_moment(ask, S("until"), rule->until_us);
    page_flag(ask, S("over"), over);
    json_write_key(&ask->json, S("approval"));
    if (rule->approval == 0)
        json_write_null(&ask->json);
    else
        json_write_i64(&ask->json, rule->approval);
    json_write_end(&ask->json);
}

static struct err write_rules(struct ask *ask)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct warning_rule *rows;
    uint64_t after;
    size_t count;
    TRY(ask_number(ask, S("after"), INT64_MAX, 0, &after));
    TRY(store_warning_rule_list(ask->db, (int64_t)after, ROWS, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++)
        write_rule(&outside, &rows[i]);
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), count == 0);
    page_more(ask, count == ROWS ? rows[count - 1].number : 0);
    return OK;
}

/* ---- The form ---- */

static void write_classes(struct ask *ask)
{
    json_write_key(&ask->json, S("classes"));
    json_write_array(&ask->json);
    for (size_t i = 0; warned_class(i) != NULL; i++) {
        slice class = slice_of(warned_class(i));
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("name"), class);
        json_write_key_text(&ask->json, S("text"), warned_class_text(ask, class));
        page_flag(ask, S("chosen"), slice_eq(ask_form(ask, S("class")), class));
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

static void write_severities(struct ask *ask)
{
    json_write_key(&ask->json, S("severities"));
    json_write_array(&ask->json);
    for (enum severity severity = 0; severity < SEVERITIES; severity++) {
        json_write_object(&ask->json);
        warned_severity(ask, severity);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

struct err web_warning_rules(struct ask *ask)
{
    TRY(warned_need(ask, VERB_READ_EVENTS));
    page_title(ask, ask_text(ask, W("Standing rules of warning")));
    TRY(write_rules(ask));
    page_flag(ask, S("may_propose"), warned_may(ask, VERB_WARNING_RULES, 0));
    if (!warned_may(ask, VERB_WARNING_RULES, 0)) {
        page_why_not(ask, VERB_WARNING_RULES, 0);
        return OK;
    }
    write_classes(ask);
    write_severities(ask);
    return OK;
}

/* ---- Proposing, and ending ---- */

static struct err rule_typed(const struct ask *ask, struct warning_rule *rule)
{
    *rule = (struct warning_rule){.class = ask_form(ask, S("class")),
            .cause_kind = ask_form(ask, S("cause_kind")),
            .sector = slice_trim(ask_form(ask, S("sector"))),
            .until_us = TIME_NONE};
    if (!store_severity_find(ask_form(ask, S("severity")), &rule->severity))
        return err_make(ERR_INPUT, W_C("how bad it has to be at least: info, low, medium, high or critical"));
    if (!store_warning_does_find(ask_form(ask, S("does")), &rule->does))
        return err_make(ERR_INPUT, W_C("what happens to it: send, digest or hold"));
    return slice_trim(ask_form(ask, S("days"))).len == 0 ? OK : shared_until(ask, 0, &rule->until_us);
}

struct err web_warning_rule_propose(struct ask *ask)
{
    struct share_proposal proposal = {.done = true};
    struct warning_rule rule;
    slice reason;
    const struct shared_form form = {"/warning-rules", "saved", NULL, &proposal, web_warning_rules};
    struct err err = rule_typed(ask, &rule);
    if (err.kind == ERR_NONE)
        err = shared_reason(ask, &reason);
    if (err.kind == ERR_NONE)
        err = desk_rule_propose(ask->db, &ask->who.actor, &rule, reason, ask->arena, &proposal);
    return shared_end(ask, &form, err);
}

struct err web_warning_rule_end(struct ask *ask)
{
    struct share_proposal proposal = {.done = true};
    const struct shared_form form = {"/warning-rules", "saved", NULL, &proposal, web_warning_rules};
    int64_t number;
    slice reason;
    TRY(ask_part_number(ask, 0, &number));
    struct err err = shared_reason(ask, &reason);
    if (err.kind == ERR_NONE)
        err = desk_rule_end(ask->db, &ask->who.actor, number, reason, ask->arena, &proposal);
    return shared_end(ask, &form, err);
}
