/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan approval: what one person proposed and waits for another. */
#include "app/acts.h"
#include "app/local.h"
#include "app/options.h"
#include "app/person.h"
#include "app/risks.h"
#include "app/sharing.h"
#include "base/clock.h"
#include "share/approve.h"
#include "json/check.h"
#include "json/read.h"
#include "json/write.h"

#define ROW_MAX (2u << 20)
#define DIGEST_DIGITS_MIN 16 /* of 64 that have to be typed: nobody makes another proposal that begins so */

static slice hex_of(const struct approval *row, struct arena *arena)
{
    struct sha256 digest = share_approval_digest(row);
    return arena_hex(arena, sha256_slice(&digest));
}

/* ---- What is shown ---- */

static void put_json(const struct approval *row, struct buf *buf, struct arena *arena)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    json_write_key_u64(&w, S("number"), (uint64_t)row->number);
    json_write_key_text(&w, S("act"), row->act);
    json_write_key_text(&w, S("subject"), row->subject);
    json_write_key_text(&w, S("state"), slice_of(store_approval_state_name(row->state)));
    json_write_key_text(&w, S("proposed_by"), row->proposed_by);
    json_write_key(&w, S("proposed"));
    json_write_time(&w, row->proposed_us);
    json_write_key(&w, S("expires"));
    json_write_time(&w, row->expires_us);
    json_write_key_text(&w, S("reason"), row->reason);
    json_write_key_text(&w, S("decided_by"), row->decided_by);
    json_write_key(&w, S("decided"));
    json_write_time(&w, row->decided_us);
    json_write_key_text(&w, S("why"), row->why);
    json_write_key_text(&w, S("digest"), hex_of(row, arena));
    json_write_key(&w, S("detail"));
    json_write_raw(&w, row->detail);
    json_write_end(&w);
}

static void put_line(const struct approval *row, struct buf *buf, struct arena *arena)
{
    (void)arena;
    buf_printf(buf, "%lld\t%s\t%.*s\t%.*s\tproposed by %.*s, until ", (long long)row->number,
            store_approval_state_name(row->state), (int)row->act.len, row->act.ptr, (int)row->subject.len,
            row->subject.ptr, (int)row->proposed_by.len, row->proposed_by.ptr);
    time_write(buf, row->expires_us);
}

static void put_whole(const struct approval *row, struct buf *buf, struct arena *arena)
{
    put_line(row, buf, arena);
    buf_printf(buf, "\nreason   %.*s", (int)row->reason.len, row->reason.ptr);
    if (row->decided_us != TIME_NONE) {
        buf_printf(buf, "\ndecided  by %.*s at ", (int)row->decided_by.len, row->decided_by.ptr);
        time_write(buf, row->decided_us);
    }
    if (row->why.len > 0)
        buf_printf(buf, "\nwhy      %.*s", (int)row->why.len, row->why.ptr);
    buf_put(buf, S("\ndigest   "));
    buf_put(buf, hex_of(row, arena));
    buf_printf(buf, "\ndetail   %.*s", (int)row->detail.len, row->detail.ptr);
}

static void show(const struct command_line *line, const struct approval *row, struct arena *arena,
        void (*put)(const struct approval *row, struct buf *buf, struct arena *arena))
{
    struct buf buf = buf_make(ROW_MAX);
    (command_flag(line, "json") ? put_json : put)(row, &buf, arena);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

/* ---- Verbs ---- */

/* The first that are listed: what was done without a second person, and nobody else has seen. */
static struct err list_unseen(const struct command_line *line, struct local *local)
{
    struct approval *rows;
    size_t count;
    TRY(store_approval_unseen(local->db, 0, STORE_PAGE_MAX, line->arena, &rows, &count));
    TRY(share_approvals_sift(local->db, &local->actor, rows, line->arena, &count));
    for (size_t i = 0; i < count; i++)
        show(line, &rows[i], line->arena, put_line);
    return OK;
}

static struct err list_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct approval *rows;
    size_t shown;
    if (command_flag(line, "all"))
        TRY(store_approval_list(local->db, *after, STORE_PAGE_MAX, arena, &rows, count));
    else
        TRY(store_approval_open(local->db, *after, STORE_PAGE_MAX, arena, &rows, count));
    *after = *count > 0 ? rows[*count - 1].number : *after;
    shown = *count;
    TRY(share_approvals_sift(local->db, &local->actor, rows, arena, &shown));
    for (size_t i = 0; i < shown; i++)
        show(line, &rows[i], arena, put_line);
    return OK;
}

static struct err list(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    if (!command_flag(line, "all"))
        TRY(list_unseen(line, local));
    return local_pages(line, local, list_page);
}

static struct err named(const struct command_line *line, struct local *local, struct approval *row)
{
    uint64_t number;
    if (!slice_u64(slice_of(line->files[1]), INT64_MAX, &number))
        return err_format(line->arena, ERR_INPUT, "%s is no number of an approval", line->files[1]);
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    return share_approval_get(local->db, &local->actor, (int64_t)number, line->arena, row);
}

static struct err show_one(const struct command_line *line, struct local *local)
{
    struct approval row;
    TRY(named(line, local, &row));
    show(line, &row, line->arena, put_whole);
    return OK;
}

static struct err show_again(const struct command_line *line, struct local *local, int64_t number)
{
    struct approval row;
    TRY(store_approval_get(local->db, number, line->arena, &row));
    show(line, &row, line->arena, put_line);
    return OK;
}

typedef struct err approval_verb(
        struct db *db, const struct actor *actor, int64_t number, const struct sha256 *shown, struct arena *arena);

static struct err decide(const struct command_line *line, struct local *local, approval_verb *verb)
{
    struct approval row;
    slice typed = slice_of(line->files[2]);
    TRY(named(line, local, &row));
    slice hex = hex_of(&row, line->arena);
    if (typed.len < DIGEST_DIGITS_MIN || !slice_starts(hex, typed))
        return err_format(line->arena, ERR_CONFLICT,
                "that is not the digest of approval %lld: look at what it is by `approval show %lld`, and give at "
                "least %d digits of the digest there",
                (long long)row.number, (long long)row.number, DIGEST_DIGITS_MIN);
    struct sha256 digest = share_approval_digest(&row);
    if (slice_starts(row.act, S("risk.")))
        TRY(risks_open(&local->node.config, line->arena));
    TRY(verb(local->db, &local->actor, row.number, &digest, line->arena));
    return show_again(line, local, row.number);
}

static struct err agree(const struct command_line *line, struct local *local)
{
    return decide(line, local, share_approve);
}

static struct err seen(const struct command_line *line, struct local *local)
{
    return decide(line, local, share_emergency_see);
}

static struct err refuse(const struct command_line *line, struct local *local)
{
    const char *reason = command_text(line, "reason");
    struct approval row;
    if (reason == NULL)
        return err_make(ERR_INPUT, "why? --reason says it to who proposed it");
    TRY(named(line, local, &row));
    TRY(share_refuse(local->db, &local->actor, row.number, slice_of(reason), line->arena));
    return show_again(line, local, row.number);
}

/* What has no command or page of its own for who needs a second person: `approval propose ACT SUBJECT [DETAIL]`. */
static struct err propose(const struct command_line *line, struct local *local)
{
    slice reason, detail;
    struct share_proposal proposal;
    TRY(sharing_reason(line, &reason));
    detail = line->file_count > 3 ? slice_of(line->files[3]) : store_work_reason(line->arena, reason);
    if (json_check(detail, &json_limits_default, NULL).kind != ERR_NONE || json_kind(detail) != JSON_OBJECT)
        return err_make(ERR_INPUT, "what is to be done is told as a JSON object: '{\"roles\": [\"analyst\"]}'");
    TRY(share_propose(local->db, &local->actor, line->files[1], slice_of(line->files[2]), detail, reason, line->arena,
            &proposal));
    sharing_tell(line, &proposal);
    return OK;
}

/* ---- The table of acts ---- */

/* "coordinator, sysadmin (with a second person)". */
static void put_who(struct buf *buf, enum verb verb)
{
    const char *between = "";
    for (enum role role = 0; role < ROLES; role++) {
        enum right right = store_right_of(verb, role);
        if (right == RIGHT_NO)
            continue;
        buf_printf(buf, "%s%s%s", between, store_role_name(role),
                right == RIGHT_YES   ? " (alone)"
                : right == RIGHT_OWN ? " (own organisation)"
                                     : "");
        between = ", ";
    }
}

static void act_json(struct buf *buf, const struct share_act *act)
{
    struct json_writer w = json_writer(buf);
    struct buf who = buf_make(ROW_MAX);
    put_who(&who, act->verb);
    json_write_object(&w);
    json_write_key_text(&w, S("act"), slice_of(act->name));
    json_write_key_text(&w, S("right"), slice_of(store_verb_name(act->verb)));
    json_write_key_text(&w, S("who"), buf_slice(&who));
    json_write_key_text(&w, S("proposed"), slice_of(act->stored));
    json_write_key_text(&w, S("does"), slice_of(act->text));
    json_write_key_text(&w, S("then"), slice_of(act->then));
    json_write_end(&w);
    buf_free(&who);
}

static void act_text(struct buf *buf, const struct share_act *act)
{
    buf_printf(buf, "%s\t%s: ", act->name, store_verb_name(act->verb));
    put_who(buf, act->verb);
    buf_printf(buf, "\t%s\t%s. %s", act->stored, act->text, act->then);
}

/* A right with a second person that no act asks for. */
static void put_none(const struct command_line *line, enum verb verb)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    if (command_flag(line, "json")) {
        json_write_object(&w);
        json_write_key(&w, S("act"));
        json_write_null(&w);
        json_write_key_text(&w, S("right"), slice_of(store_verb_name(verb)));
        json_write_key_text(&w, S("why"), slice_of(acts_none(verb)));
        json_write_end(&w);
    } else {
        buf_printf(&buf, "-\t%s\t%s", store_verb_name(verb), acts_none(verb));
    }
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static struct err list_acts(const struct command_line *line, struct local *local)
{
    const struct share_act *act;
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    for (size_t at = 0; (act = share_act_at(at)) != NULL; at++) {
        struct buf buf = buf_make(ROW_MAX);
        (command_flag(line, "json") ? act_json : act_text)(&buf, act);
        printf("%.*s\n", (int)buf.len, buf.ptr);
        buf_free(&buf);
    }
    for (enum verb verb = 0; verb < VERBS; verb++)
        if (acts_none(verb) != NULL)
            put_none(line, verb);
    return OK;
}

static const struct local_verb verbs[] = {
        {"list", 1, list},
        {"propose", 3, propose},
        {"propose", 4, propose},
        {"show", 2, show_one},
        {"agree", 3, agree},
        {"seen", 3, seen},
        {"acts", 1, list_acts},
        {"refuse", 2, refuse},
};

static int approval(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `approval list [--all]`, `approval show N`, `approval agree|seen N DIGEST`, `approval acts`, "
            "`approval refuse N --reason "
            "TEXT` or `approval propose ACT SUBJECT [DETAIL] --reason TEXT`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_PERSON,
        {0, "all", NULL, "list: those that were decided, too"},
        {0, "reason", "TEXT", "refuse, propose: why"},
        OPTION_JSON,
};

const struct command command_approval = {
        .name = "approval",
        .arguments = "list, acts, show N, agree|seen N DIGEST, refuse N, propose ACT SUBJECT [DETAIL]",
        .about = "See what waits for a second person, and agree to it or refuse",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = approval,
};
