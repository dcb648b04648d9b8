/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/rule.h"

#include <inttypes.h>

#include "base/arena.h"
#include "event/rsit.h"
#include "store/approval.h"
#include "json/read.h"
#include "json/write.h"

#define SUBJECT "warning-rules" /* of which there will be one more */
#define RULE "warning-rule/"

/* ---- Which decides ---- */

/* 3: this very class, 2: its taxonomy, 1: any; 0: another. */
static unsigned class_narrow(slice wanted, slice class)
{
    bool taxonomy = wanted.len > 0 && wanted.ptr[wanted.len - 1] == '/';
    if (wanted.len == 0)
        return 1;
    if (taxonomy)
        return slice_starts(class, wanted) ? 2 : 0;
    return slice_eq(wanted, class) ? 3 : 0;
}

static unsigned word_narrow(slice wanted, slice word)
{
    return wanted.len == 0 ? 1 : slice_eq(wanted, word) ? 2 : 0;
}

unsigned desk_rule_narrow(const struct warning_rule *rule, const struct warning *warning, slice sector)
{
    const unsigned parts[] = {
            class_narrow(rule->class, warning->class), word_narrow(rule->sector, sector),
            word_narrow(rule->cause_kind, warning->cause_kind),
            warning->severity < rule->severity ? 0 : 1 + (unsigned)rule->severity,
            1 + (unsigned)rule->does, /* send, digest, hold: rising in how little goes out */
    };
    unsigned narrow = 0;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (parts[i] == 0)
            return 0;
        narrow = narrow << 4 | parts[i];
    }
    return narrow;
}

const struct warning_rule *desk_rule_find(
        const struct warning_rule *rules, size_t count, const struct warning *warning, slice sector)
{
    const struct warning_rule *found = NULL;
    unsigned narrowest = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned narrow = desk_rule_narrow(&rules[i], warning, sector);
        if (narrow > narrowest) {
            narrowest = narrow;
            found = &rules[i];
        }
    }
    return found;
}

/* ---- Two persons ---- */

/* taxonomy/type or taxonomy/ of RSIT; or empty. */
static bool is_class(slice class)
{
    size_t slash = slice_find(class, '/');
    slice taxonomy = slice_part(class, 0, slash), type = slice_from(class, slash < class.len ? slash + 1 : slash);
    if (class.len == 0)
        return true;
    for (const struct rsit_class *row = rsit_classes; row->type != NULL && slash < class.len; row++)
        if (slice_eq(taxonomy, slice_of(row->taxonomy)) && (type.len == 0 || slice_eq(type, slice_of(row->type))))
            return true;
    return false;
}

static struct err put_check(const struct warning_rule *put, struct arena *arena)
{
    if (!is_class(put->class))
        return err_format(arena, ERR_INPUT,
                "\"%.*s\" is no class of RSIT: taxonomy/type as in malicious-code/infected-system, or taxonomy/",
                (int)put->class.len, put->class.ptr);
    if (put->cause_kind.len > 0 && !slice_eq(put->cause_kind, S("indicator")) &&
            !slice_eq(put->cause_kind, S("report")))
        return err_make(ERR_INPUT, "the kind of a cause is indicator or report");
    return put->sector.len == 0 ? OK : store_text_check(arena, "sector", put->sector, STORE_NAME_MAX);
}

struct err desk_rule_propose(struct db *db, const struct actor *actor, const struct warning_rule *put, slice reason,
        struct arena *arena, struct share_proposal *proposal)
{
    struct buf detail = buf_make(APPROVAL_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    TRY(put_check(put, arena));
    TRY(store_text_check(arena, "reason", reason, STORE_TEXT_MAX));
    json_write_object(&w);
    json_write_key_text(&w, S("cause_kind"), put->cause_kind);
    json_write_key_text(&w, S("class"), put->class);
    json_write_key_text(&w, S("does"), slice_of(store_warning_does_name(put->does)));
    json_write_key_text(&w, S("sector"), put->sector);
    json_write_key_text(&w, S("severity"), slice_of(store_severity_name(put->severity)));
    json_write_key(&w, S("until"));
    json_write_time(&w, put->until_us);
    json_write_end(&w);
    slice text = arena_copy(arena, buf_slice(&detail));
    buf_free(&detail);
    return share_propose(db, actor, "warning.rule", S(SUBJECT), text, reason, arena, proposal);
}

/* The approval under which this runs; 0: who did it may alone. */
static struct err approval_of(struct work *work, slice subject, int64_t *number)
{
    struct approval *rows;
    size_t count;
    TRY(store_approval_about(work->db, subject, INT64_MAX, 1, work->arena, &rows, &count));
    *number = count > 0 ? rows[0].number : 0;
    return OK;
}

static slice word(slice detail, const char *key, struct arena *arena)
{
    return json_text(json_get(detail, slice_of(key)), arena);
}

struct err desk_rule_run(struct work *work, slice subject, slice detail)
{
    struct warning_rule rule = {.class = word(detail, "class", work->arena),
            .cause_kind = word(detail, "cause_kind", work->arena),
            .sector = word(detail, "sector", work->arena),
            .from_us = work->now_us,
            .until_us = TIME_NONE};
    slice until = word(detail, "until", work->arena);
    int64_t number;
    TRY(put_check(&rule, work->arena));
    if (!store_severity_find(word(detail, "severity", work->arena), &rule.severity) ||
            !store_warning_does_find(word(detail, "does", work->arena), &rule.does) ||
            (until.len > 0 && !time_parse(until, &rule.until_us)))
        return err_make(ERR_INPUT, "a rule says severity, does and until in words of the manual");
    TRY(approval_of(work, subject, &rule.approval));
    TRY(store_warning_rule_add(work, &rule, &number));
    return store_work_news(work, "rule.added", slice_of(arena_printf(work->arena, RULE "%" PRId64, number)), detail);
}

/* ---- The end of one ---- */

static slice subject_of(int64_t rule, struct arena *arena)
{
    return slice_of(arena_printf(arena, RULE "%" PRId64, rule));
}

struct err desk_rule_end_run(struct work *work, slice subject, slice detail)
{
    uint64_t number;
    if (!slice_starts(subject, S(RULE)) || !slice_u64(slice_from(subject, strlen(RULE)), INT64_MAX, &number))
        return err_make(ERR_INPUT, "an approval does not name the rule that ends");
    TRY(store_warning_rule_end(work, (int64_t)number));
    return store_work_news(work, "rule.ended", subject, detail);
}

struct ending {
    int64_t rule;
    slice reason;
};

static struct err end(struct work *work, void *context)
{
    const struct ending *ending = context;
    return desk_rule_end_run(
            work, subject_of(ending->rule, work->arena), store_work_reason(work->arena, ending->reason));
}

struct err desk_rule_end(struct db *db, const struct actor *actor, int64_t rule, slice reason, struct arena *arena,
        struct share_proposal *proposal)
{
    struct ending ending = {rule, reason};
    struct warning_rule row;
    bool second; /* who may let more out with a second person may let less out alone */
    TRY(store_text_check(arena, "reason", reason, STORE_TEXT_MAX));
    TRY(store_right_check(actor, VERB_WARNING_RULES, 0, arena, &second));
    TRY(store_warning_rule_get(db, rule, arena, &row));
    if (row.does != WARNING_SEND)
        return share_propose(db, actor, "warning.rule-end", subject_of(rule, arena), store_work_reason(arena, reason),
                reason, arena, proposal);
    *proposal = (struct share_proposal){.done = true};
    return store_work(db, actor, arena, end, &ending);
}
