/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan agreement: what was agreed with partners, in versions that both signed. */
#include "app/local.h"
#include "app/options.h"
#include "app/partner.h"
#include "app/person.h"
#include "app/sharing.h"
#include "base/clock.h"
#include "share/agreement.h"
#include "json/read.h"
#include "json/write.h"

#define ROW_MAX (1u << 20)

/* ---- What is shown ---- */

struct shown {
    struct agreement row;
    struct partner partner;
    struct agreement_version waiting;
    bool waits;
};

static struct err shown_of(struct local *local, const struct agreement *row, struct arena *arena, struct shown *shown)
{
    *shown = (struct shown){.row = *row};
    TRY(store_partner_get(local->db, row->partner, clock_now_us(), arena, &shown->partner));
    struct err err = share_agreement_waiting(local->db, row, arena, &shown->waiting);
    shown->waits = err.kind == ERR_NONE && row->state != AGREEMENT_ENDED;
    return err.kind == ERR_MISSING ? OK : err;
}

static void put_time(struct json_writer *w, slice key, int64_t us)
{
    json_write_key(w, key);
    json_write_time(w, us == 0 ? TIME_NONE : us);
}

static void put_json(const struct shown *shown, struct buf *buf)
{
    const struct agreement *row = &shown->row;
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    json_write_key_u64(&w, S("number"), (uint64_t)row->number);
    json_write_key_text(&w, S("partner"), shown->partner.name);
    json_write_key_text(&w, S("id"), row->id);
    json_write_key_text(&w, S("state"), slice_of(store_agreement_state_name(row->state)));
    json_write_key_text(&w, S("suspended_by"), slice_of(store_agreement_side_name(row->suspended)));
    json_write_key_u64(&w, S("version"), (uint64_t)row->version);
    json_write_key_u64(&w, S("generation"), (uint64_t)row->generation);
    put_time(&w, S("from"), row->from_us);
    put_time(&w, S("until"), row->until_us);
    json_write_key_text(&w, S("why"), row->why);
    json_write_key(&w, S("terms"));
    if (row->version > 0)
        json_write_raw(&w, row->terms);
    else
        json_write_null(&w);
    json_write_key(&w, S("waiting"));
    if (shown->waits) {
        json_write_object(&w);
        json_write_key_u64(&w, S("version"), (uint64_t)shown->waiting.version);
        json_write_key_text(&w, S("state"), slice_of(store_agreement_stage_name(shown->waiting.stage)));
        json_write_key(&w, S("narrows"));
        json_write_bool(&w, shown->waiting.narrows);
        json_write_key(&w, S("terms"));
        json_write_raw(&w, shown->waiting.terms);
        json_write_end(&w);
    } else {
        json_write_null(&w);
    }
    json_write_end(&w);
}

static void put_line(const struct shown *shown, struct buf *buf)
{
    const struct agreement *row = &shown->row;
    buf_printf(buf, "%.*s\t%s\tversion %lld\tuntil ", (int)shown->partner.name.len, shown->partner.name.ptr,
            store_agreement_state_name(row->state), (long long)row->version);
    if (row->until_us == 0)
        buf_put(buf, S("-"));
    else
        time_write(buf, row->until_us);
    if (shown->waits)
        buf_printf(buf, "\tversion %lld is %s", (long long)shown->waiting.version,
                store_agreement_stage_name(shown->waiting.stage));
}

static void put_whole(const struct shown *shown, struct buf *buf)
{
    const struct agreement *row = &shown->row;
    put_line(shown, buf);
    buf_printf(buf, "\nid         %.*s\ngeneration %lld", (int)row->id.len, row->id.ptr, (long long)row->generation);
    if (row->suspended != 0)
        buf_printf(buf, "\nsuspended  by %s", store_agreement_side_name(row->suspended));
    if (row->why.len > 0)
        buf_printf(buf, "\nwhy        %.*s", (int)row->why.len, row->why.ptr);
    if (row->version > 0)
        buf_printf(buf, "\nterms      %.*s", (int)row->terms.len, row->terms.ptr);
    if (shown->waits)
        buf_printf(buf, "\nwaiting    %.*s", (int)shown->waiting.terms.len, shown->waiting.terms.ptr);
}

static struct err show(const struct command_line *line, struct local *local, const struct agreement *row,
        struct arena *arena, void (*put)(const struct shown *shown, struct buf *buf))
{
    struct shown shown;
    struct buf buf = buf_make(ROW_MAX);
    TRY(shown_of(local, row, arena, &shown));
    (command_flag(line, "json") ? put_json : put)(&shown, &buf);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
    return OK;
}

/* ---- Reading ---- */

static struct err list_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct agreement *rows;
    TRY(store_agreement_list(local->db, *after, 100, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        TRY(show(line, local, &rows[i], arena, put_line));
        *after = rows[i].number;
    }
    return OK;
}

static struct err list(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    return local_pages(line, local, list_page);
}

/* The agreement with a partner that was named. */
static struct err named(const struct command_line *line, struct local *local, struct agreement *row)
{
    struct partner partner;
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    TRY(partner_named(line, local, line->files[1], &partner));
    struct err err = store_agreement_with(local->db, partner.number, line->arena, row);
    return err.kind != ERR_MISSING ? err
                                   : err_format(line->arena, ERR_MISSING,
                                             "there is no agreement with %s; `agreement "
                                             "draft %s` begins one",
                                             line->files[1], line->files[1]);
}

static struct err show_one(const struct command_line *line, struct local *local)
{
    struct agreement row;
    TRY(named(line, local, &row));
    return show(line, local, &row, line->arena, put_whole);
}

static void put_version(const struct command_line *line, const struct agreement_version *row)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    if (command_flag(line, "json")) {
        json_write_object(&w);
        json_write_key_u64(&w, S("version"), (uint64_t)row->version);
        json_write_key_text(&w, S("state"), slice_of(store_agreement_stage_name(row->stage)));
        json_write_key(&w, S("narrows"));
        json_write_bool(&w, row->narrows);
        put_time(&w, S("held"), row->held_us);
        json_write_key_text(&w, S("why"), row->why);
        json_write_key_text(&w, S("ours"), row->ours);
        json_write_key_text(&w, S("theirs"), row->theirs);
        json_write_key(&w, S("terms"));
        json_write_raw(&w, row->terms);
        json_write_end(&w);
    } else {
        buf_printf(&buf, "%lld\t%s\t%s\t%s%s\t%.*s", (long long)row->version, store_agreement_stage_name(row->stage),
                row->narrows ? "narrows" : "-", row->ours.len > 0 ? "ours " : "", row->theirs.len > 0 ? "theirs" : "",
                (int)row->why.len, row->why.ptr);
    }
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static struct err versions(const struct command_line *line, struct local *local)
{
    struct agreement row;
    struct agreement_version *rows;
    size_t count;
    TRY(named(line, local, &row));
    TRY(store_agreement_version_list(local->db, row.number, 0, STORE_PAGE_MAX, line->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        put_version(line, &rows[i]);
    return OK;
}

/* ---- Drafting: a file of terms, and options that say it otherwise ---- */

enum said { SAID_TEXT, SAID_TRUTH, SAID_NUMBER, SAID_LIST };

static const struct term {
    const char *option, *key;
    enum said said;
    const char *otherwise; /* JSON, where neither a file nor the option says it; NULL: not at all */
} terms[] = {
        {"purpose", "purpose", SAID_TEXT, NULL},
        {"kind", "kinds", SAID_LIST, "[\"indicator\"]"},
        {"highest", "highest", SAID_TEXT, "\"TLP:AMBER\""},
        {"unmarked", "unmarked", SAID_TEXT, "\"TLP:AMBER\""},
        {"sightings", "sightings", SAID_TRUTH, "false"},
        {"affected", "affected", SAID_TRUTH, "false"},
        {"onward", "onward", SAID_TEXT, "\"no\""},
        {"meant-least", "meant_least", SAID_NUMBER, NULL},
        {"residency", "residency", SAID_LIST, NULL},
        {"from", "from", SAID_TEXT, NULL},
        {"until", "until", SAID_TEXT, NULL},
        {"after-end", "after_end", SAID_TEXT, "\"keep\""},
};

static struct err write_truth(const struct command_line *line, struct json_writer *w, const char *name, slice text)
{
    bool yes = slice_eq(text, S("yes")), no = slice_eq(text, S("no"));
    json_write_bool(w, yes);
    return yes || no ? OK : err_format(line->arena, ERR_INPUT, "--%s is yes or no", name);
}

static struct err write_term(const struct command_line *line, struct json_writer *w, const struct term *term)
{
    const char *text = command_text(line, term->option);
    uint64_t number;
    size_t at = 0;
    switch (term->said) {
    case SAID_TRUTH:
        return write_truth(line, w, term->option, slice_of(text));
    case SAID_NUMBER:
        TRY(command_number(line, term->option, 1, TERMS_MEANT_MAX, 1, &number));
        json_write_u64(w, number);
        return OK;
    case SAID_LIST:
        json_write_array(w);
        while ((text = command_each(line, term->option, &at)) != NULL)
            json_write_text(w, slice_of(text));
        json_write_end(w);
        return OK;
    case SAID_TEXT:
        break;
    }
    json_write_text(w, slice_of(text));
    return OK;
}

/* What the file has and no option says otherwise. */
static void write_file(const struct command_line *line, struct json_writer *w, slice file)
{
    struct json_members members = json_members(file);
    slice raw, value;
    while (json_member_next(&members, &raw, &value)) {
        bool said = false;
        for (size_t i = 0; i < COUNT_OF(terms); i++)
            said |= json_key_is(raw, slice_of(terms[i].key)) && command_text(line, terms[i].option) != NULL;
        if (said)
            continue;
        json_write_key(w, json_unescape(raw, line->arena));
        json_write_raw(w, value);
    }
}

static void write_now(struct json_writer *w)
{
    json_write_key(w, S("from"));
    json_write_time(w, clock_now_us());
}

static struct err write_terms(const struct command_line *line, struct json_writer *w, slice file)
{
    bool given = file.len > 0;
    json_write_object(w);
    write_file(line, w, file);
    for (size_t i = 0; i < COUNT_OF(terms); i++) {
        if (command_text(line, terms[i].option) != NULL) {
            json_write_key(w, slice_of(terms[i].key));
            TRY(write_term(line, w, &terms[i]));
        } else if (!given && terms[i].otherwise != NULL) {
            json_write_key(w, slice_of(terms[i].key));
            json_write_raw(w, slice_of(terms[i].otherwise));
        }
    }
    if (!given && command_text(line, "from") == NULL)
        write_now(w);
    json_write_end(w);
    return OK;
}

/* A file, or the terms that hold, or nothing yet: what the options change. */
static struct err base_of(
        const struct command_line *line, struct local *local, const struct partner *partner, slice *text)
{
    const char *file = command_text(line, "terms");
    struct agreement row;
    *text = S("");
    if (file != NULL) {
        TRY(partner_file(file, line->arena, text));
        return share_terms_check(*text, line->arena);
    }
    struct err err = store_agreement_with(local->db, partner->number, line->arena, &row);
    if (err.kind == ERR_NONE && row.state != AGREEMENT_ENDED)
        *text = row.terms;
    return err.kind == ERR_MISSING ? OK : err;
}

static struct err draft(const struct command_line *line, struct local *local)
{
    struct partner partner;
    struct agreement row;
    struct buf buf = buf_make(4u * TERMS_BYTES_MAX);
    struct json_writer w = json_writer(&buf);
    slice base;
    int64_t number;
    TRY(partner_named(line, local, line->files[1], &partner));
    TRY(base_of(line, local, &partner, &base));
    struct err err = write_terms(line, &w, base);
    if (err.kind == ERR_NONE)
        err = buf_check(&buf);
    slice text = arena_copy(line->arena, buf_slice(&buf));
    buf_free(&buf);
    TRY(err);
    TRY(share_agreement_draft(local->db, &local->actor, partner.number, text, line->arena, &number));
    TRY(store_agreement_get(local->db, number, line->arena, &row));
    return show(line, local, &row, line->arena, put_whole);
}

/* ---- What one or two persons do ---- */

/* Whatever it was: that it waits for another person, or how the agreement is now. */
static struct err told(
        const struct command_line *line, struct local *local, int64_t number, const struct share_proposal *proposal)
{
    struct agreement row;
    sharing_tell(line, proposal);
    if (!proposal->done)
        return OK;
    TRY(store_agreement_get(local->db, number, line->arena, &row));
    return show(line, local, &row, line->arena, put_line);
}

typedef struct err agreement_verb(struct db *db, const struct actor *actor, int64_t number, slice reason,
        struct arena *arena, struct share_proposal *proposal);

static struct err do_to(const struct command_line *line, struct local *local, agreement_verb *verb)
{
    struct agreement row;
    struct share_proposal proposal;
    slice reason;
    TRY(sharing_reason(line, &reason));
    TRY(named(line, local, &row));
    TRY(verb(local->db, &local->actor, row.number, reason, line->arena, &proposal));
    return told(line, local, row.number, &proposal);
}

static struct err offer(const struct command_line *line, struct local *local)
{
    return do_to(line, local, share_agreement_offer);
}

static struct err accept(const struct command_line *line, struct local *local)
{
    const char *words = command_text(line, "words");
    struct agreement row;
    struct share_proposal proposal;
    slice reason;
    TRY(sharing_reason(line, &reason));
    TRY(named(line, local, &row));
    TRY(share_agreement_accept(local->db, &local->actor, row.number, slice_of(words == NULL ? "" : words), reason,
            line->arena, &proposal));
    return told(line, local, row.number, &proposal);
}

static struct err refuse(const struct command_line *line, struct local *local)
{
    return do_to(line, local, share_agreement_refuse);
}

static struct err suspend(const struct command_line *line, struct local *local)
{
    return do_to(line, local, share_agreement_suspend);
}

static struct err resume(const struct command_line *line, struct local *local)
{
    return do_to(line, local, share_agreement_resume);
}

static struct err end(const struct command_line *line, struct local *local)
{
    const char *at = command_text(line, "at");
    int64_t at_us = TIME_NONE;
    struct agreement row;
    struct share_proposal proposal;
    slice reason;
    if (at != NULL && !time_parse_strict(slice_of(at), &at_us))
        return err_format(
                line->arena, ERR_INPUT, "--at takes a time with its zone, as 2027-01-15T12:00:00+07:00, not %s", at);
    TRY(sharing_reason(line, &reason));
    TRY(named(line, local, &row));
    TRY(share_agreement_end(local->db, &local->actor, row.number, at_us, reason, line->arena, &proposal));
    return told(line, local, row.number, &proposal);
}

/* ---- By hand ---- */

static struct err export_all(const struct command_line *line, struct local *local)
{
    struct partner partner;
    TRY(partner_named(line, local, line->files[1], &partner));
    return sharing_export(line, local, partner.number);
}

static struct err import_file(const struct command_line *line, struct local *local)
{
    return sharing_import(line, local, line->files[1]);
}

static const struct local_verb verbs[] = {
        {"list", 1, list},
        {"show", 2, show_one},
        {"versions", 2, versions},
        {"draft", 2, draft},
        {"offer", 2, offer},
        {"accept", 2, accept},
        {"refuse", 2, refuse},
        {"suspend", 2, suspend},
        {"resume", 2, resume},
        {"end", 2, end},
        {"export", 2, export_all},
        {"import", 2, import_file},
};

static int agreement(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `agreement list`, `show NAME`, `versions NAME`, `draft NAME [--terms FILE]`, `offer NAME`, `accept "
            "NAME`, `refuse NAME`, `suspend NAME`, `resume NAME`, `end NAME`, `export NAME` or `import FILE`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_OUTPUT,
        OPTION_PERSON,
        {0, "terms", "FILE", "draft: the terms, as JSON; options say it otherwise (default: those that hold)"},
        {0, "purpose", "TEXT", "draft: what it is for"},
        {0, "kind", "TYPE", "draft: objects that may leave, a STIX type; may be repeated (default: indicator)"},
        {0, "highest", "TLP", "draft: the highest marking that may leave (default: TLP:AMBER)"},
        {0, "unmarked", "TLP", "draft: what an object without marking is taken for (default: TLP:AMBER)"},
        {0, "sightings", "WORD", "draft: yes or no (default): whether each tells the other of sightings"},
        {0, "affected", "WORD", "draft: yes or no (default): whether those whom it concerns may be told"},
        {0, "onward", "WORD", "draft: no (default), ask or yes: whether it may be given to others"},
        {0, "meant-least", "N", "draft: how many a sighting could be about at least (default: 5)"},
        {0, "residency", "TEXT", "draft: a note on where it may lie; may be repeated"},
        {0, "from", "TIME", "draft: since when (default: now)"},
        {0, "until", "TIME", "draft: until when"},
        {0, "after-end", "WORD", "draft: keep (default), keep-not-forward or delete what was given, after the end"},
        {0, "words", "TEXT", "accept: in these words a partner without keys agreed to what we offered"},
        {0, "at", "TIME", "end: when, as 2027-01-15T12:00:00+07:00 (default: now)"},
        {0, "reason", "TEXT", "Why, for the second person, the partner and the journal"},
        OPTION_JSON,
};

const struct command command_agreement = {
        .name = "agreement",
        .arguments = "VERB [NAME|FILE] [...]",
        .about = "Agree with partners on what may leave, suspend it, and end it",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = agreement,
};
