/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan group: sharing groups, and how their members change them by vote. */
#include "app/local.h"
#include "app/options.h"
#include "app/partner.h"
#include "app/person.h"
#include "app/sharing.h"
#include "base/clock.h"
#include "share/group.h"
#include "json/read.h"
#include "json/write.h"

#define ROW_MAX (1u << 20)

/* ---- What is shown ---- */

static void put_json(const struct group *row, struct json_writer *w)
{
    json_write_key_u64(w, S("number"), (uint64_t)row->number);
    json_write_key_text(w, S("name"), row->name);
    json_write_key_text(w, S("id"), row->id);
    json_write_key_text(w, S("state"), slice_of(store_group_state_name(row->state)));
    json_write_key_u64(w, S("version"), (uint64_t)row->version);
    json_write_key_u64(w, S("accepted"), (uint64_t)row->accepted);
    json_write_key(w, S("terms"));
    if (row->accepted > 0)
        json_write_raw(w, row->terms);
    else
        json_write_null(w);
}

static void put_line(const struct group *row, struct buf *buf)
{
    buf_printf(buf, "%lld\t%.*s\t%s\tversion %lld", (long long)row->number, (int)row->name.len, row->name.ptr,
            store_group_state_name(row->state), (long long)row->accepted);
    if (row->accepted != row->version)
        buf_printf(buf, "\tversion %lld waits for our consent", (long long)row->version);
}

static void put(struct buf *buf)
{
    printf("%.*s\n", (int)buf->len, buf->ptr);
    buf_free(buf);
}

static void show(const struct command_line *line, const struct group *row)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    if (command_flag(line, "json")) {
        json_write_object(&w);
        put_json(row, &w);
        json_write_end(&w);
    } else {
        put_line(row, &buf);
    }
    put(&buf);
}

/* ---- Members and proposals of one ---- */

struct whole_group {
    const struct group *row;
    slice *members;
    size_t member_count;
    struct group_proposal *proposals;
    struct share_tally *tallies;
    size_t proposal_count;
};

static struct err whole_read(
        struct local *local, const struct group *row, struct arena *arena, struct whole_group *whole)
{
    *whole = (struct whole_group){.row = row};
    TRY(store_group_members(local->db, row->number, arena, &whole->members, &whole->member_count));
    TRY(store_proposal_list(local->db, row->number, row->version, arena, &whole->proposals, &whole->proposal_count));
    whole->tallies = arena_new(arena, struct share_tally, whole->proposal_count + 1);
    for (size_t i = 0; i < whole->proposal_count; i++)
        TRY(share_group_tally(local->db, &whole->proposals[i], arena, &whole->tallies[i]));
    return OK;
}

static void whole_json(const struct whole_group *whole, struct buf *buf)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    put_json(whole->row, &w);
    json_write_key(&w, S("members"));
    json_write_array(&w);
    for (size_t i = 0; i < whole->member_count; i++)
        json_write_text(&w, whole->members[i]);
    json_write_end(&w);
    json_write_key(&w, S("proposals"));
    json_write_array(&w);
    for (size_t i = 0; i < whole->proposal_count; i++) {
        const struct group_proposal *proposal = &whole->proposals[i];
        json_write_object(&w);
        json_write_key_text(&w, S("id"), proposal->id);
        json_write_key_text(&w, S("state"), slice_of(store_proposal_state_name(proposal->state)));
        json_write_key_text(&w, S("proposer"), proposal->proposer);
        json_write_key(&w, S("ends"));
        json_write_time(&w, proposal->ends_us);
        json_write_key_u64(&w, S("yes"), whole->tallies[i].yes);
        json_write_key_u64(&w, S("needed"), whole->tallies[i].needed);
        json_write_key_u64(&w, S("cast"), whole->tallies[i].cast);
        json_write_key(&w, S("terms"));
        json_write_raw(&w, proposal->terms);
        json_write_end(&w);
    }
    json_write_end(&w);
    json_write_end(&w);
}

static void whole_text(const struct whole_group *whole, struct buf *buf)
{
    const struct group *row = whole->row;
    put_line(row, buf);
    buf_printf(buf, "\nid       %.*s", (int)row->id.len, row->id.ptr);
    for (size_t i = 0; i < whole->member_count; i++)
        buf_printf(buf, "\nmember   %.*s", (int)whole->members[i].len, whole->members[i].ptr);
    if (row->accepted > 0)
        buf_printf(buf, "\nterms    %.*s", (int)row->terms.len, row->terms.ptr);
    for (size_t i = 0; i < whole->proposal_count; i++) {
        const struct group_proposal *proposal = &whole->proposals[i];
        const struct share_tally *tally = &whole->tallies[i];
        buf_printf(buf, "\nproposal %.*s\t%s\t%zu of %zu yes, %zu needed\tuntil ", (int)proposal->id.len,
                proposal->id.ptr, store_proposal_state_name(proposal->state), tally->yes, tally->electorate,
                tally->needed);
        time_write(buf, proposal->ends_us);
        buf_printf(buf, "\n         %.*s", (int)proposal->terms.len, proposal->terms.ptr);
    }
}

static struct err show_whole(const struct command_line *line, struct local *local, const struct group *row)
{
    struct whole_group whole;
    struct buf buf = buf_make(16u * ROW_MAX);
    TRY(whole_read(local, row, line->arena, &whole));
    (command_flag(line, "json") ? whole_json : whole_text)(&whole, &buf);
    put(&buf);
    return OK;
}

/* ---- Reading ---- */

static struct err list_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct group *rows;
    TRY(store_group_list(local->db, *after, 100, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        show(line, &rows[i]);
        *after = rows[i].number;
    }
    return OK;
}

static struct err list(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    return local_pages(line, local, list_page);
}

/* By its number or its UUID: several may have one name. */
static struct err named(const struct command_line *line, struct local *local, struct group *row)
{
    slice name = slice_of(line->files[1]);
    uint64_t number;
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    struct err err = slice_u64(name, INT64_MAX, &number) ? store_group_get(local->db, (int64_t)number, line->arena, row)
                                                         : store_group_find(local->db, name, line->arena, row);
    return err.kind != ERR_MISSING ? err
                                   : err_format(line->arena, ERR_MISSING,
                                             "there is no group %s; `group list` shows their numbers", line->files[1]);
}

static struct err show_one(const struct command_line *line, struct local *local)
{
    struct group row;
    TRY(named(line, local, &row));
    return show_whole(line, local, &row);
}

/* ---- What two persons do ---- */

static struct err told(
        const struct command_line *line, struct local *local, int64_t number, const struct share_proposal *proposal)
{
    struct group row;
    sharing_tell(line, proposal);
    if (!proposal->done || number == 0)
        return OK;
    TRY(store_group_get(local->db, number, line->arena, &row));
    show(line, &row);
    return OK;
}

/* `group propose FILE`: a new one; `group propose N FILE`: other terms for one that there is. */
static struct err propose_terms(const struct command_line *line, struct local *local, slice group, const char *file)
{
    struct share_proposal proposal;
    slice text, reason;
    TRY(sharing_reason(line, &reason));
    TRY(partner_file(file, line->arena, &text));
    TRY(share_group_propose(local->db, &local->actor, group, text, reason, line->arena, &proposal));
    return told(line, local, 0, &proposal);
}

static struct err propose_new(const struct command_line *line, struct local *local)
{
    return propose_terms(line, local, S(""), line->files[1]);
}

static struct err propose_change(const struct command_line *line, struct local *local)
{
    struct group row;
    TRY(named(line, local, &row));
    return propose_terms(line, local, row.id, line->files[2]);
}

/* The terms that hold, with the word that ends it. */
static struct err dissolve(const struct command_line *line, struct local *local)
{
    struct group row;
    struct share_proposal proposal;
    slice reason;
    TRY(sharing_reason(line, &reason));
    TRY(named(line, local, &row));
    if (row.accepted == 0)
        return err_make(ERR_CONFLICT, "there is nothing yet to dissolve");
    const char *terms =
            arena_printf(line->arena, "{\"dissolved\":true,%.*s", (int)(row.terms.len - 1), row.terms.ptr + 1);
    TRY(share_group_propose(local->db, &local->actor, row.id, slice_of(terms), reason, line->arena, &proposal));
    return told(line, local, 0, &proposal);
}

static struct err vote(const struct command_line *line, struct local *local)
{
    const char *answer = line->files[2];
    struct group_proposal motion;
    struct share_proposal proposal;
    slice reason;
    bool yes = strcmp(answer, "yes") == 0;
    if (!yes && strcmp(answer, "no") != 0)
        return err_format(line->arena, ERR_INPUT, "the answer is yes or no, not %s", answer);
    TRY(sharing_reason(line, &reason));
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    TRY(store_proposal_get(local->db, slice_of(line->files[1]), line->arena, &motion));
    TRY(share_group_vote(local->db, &local->actor, motion.id, yes, reason, line->arena, &proposal));
    return told(line, local, motion.group, &proposal);
}

static struct err accept(const struct command_line *line, struct local *local)
{
    struct group row;
    struct share_proposal proposal;
    slice reason;
    TRY(sharing_reason(line, &reason));
    TRY(named(line, local, &row));
    TRY(share_group_accept(local->db, &local->actor, row.number, reason, line->arena, &proposal));
    return told(line, local, row.number, &proposal);
}

static struct err leave(const struct command_line *line, struct local *local)
{
    struct group row;
    struct share_proposal proposal;
    slice reason;
    TRY(sharing_reason(line, &reason));
    TRY(named(line, local, &row));
    TRY(share_group_leave(local->db, &local->actor, row.number, reason, line->arena, &proposal));
    return told(line, local, row.number, &proposal);
}

static const struct local_verb verbs[] = {
        {"list", 1, list},
        {"show", 2, show_one},
        {"propose", 2, propose_new},
        {"propose", 3, propose_change},
        {"vote", 3, vote},
        {"accept", 2, accept},
        {"leave", 2, leave},
        {"dissolve", 2, dissolve},
};

static int group(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `group list`, `show N`, `propose [N] FILE`, `vote PROPOSAL yes|no`, `accept N`, `leave N` or "
            "`dissolve N`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_PERSON,
        {0, "reason", "TEXT", "Why, for the second person and the journal"},
        OPTION_JSON,
};

const struct command command_group = {
        .name = "group",
        .arguments = "VERB [N|PROPOSAL] [FILE]",
        .about = "Share with several at once, under rules that all of them voted for",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = group,
};
