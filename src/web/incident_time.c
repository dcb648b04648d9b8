/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The timeline of an incident, the latest first: what the journal says of it, what people wrote, what became of its
 * tasks. Three rows of things, each in its own order, are merged by their times; a page ends with how far each was read
 * ("?before=US.ENTRY.SEQ.LEFT"), so that the next one goes on there whatever has come since. And who reads a note, and
 * the words of opinions.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "store/evidence.h"
#include "store/journal.h"
#include "store/organisation.h"
#include "store/user.h"
#include "web/incident.h"
#include "web/news.h"
#include "web/page.h"
#include "json/read.h"

#define ROWS 15
#define ENTRIES_LOOKED 500 /* of which who sees a part is shown some */
#define FACTS 8            /* that are shown of a row of the journal */
#define NAMES 12           /* of our own people, who read a note */

/* ---- What is merged ---- */

struct happening {
    int64_t us;
    const char *act; /* as the journal would say it */
    slice text;
    const char *path;
};

struct merged {
    struct incident_page *page;
    int64_t entry_us, entry, seq; /* before which each goes on */
    uint64_t left;                /* happenings that were not shown yet */
    struct incident_entry *entries;
    struct journal_row *news;
    struct happening *happenings; /* the earliest first */
    size_t entry_count, entry_at, news_count, news_at, happening_count;
    bool more_entries, more_news;
};

static bool before_read(struct merged *merged, slice before)
{
    uint64_t parts[4];
    slice word;
    size_t count = 0;
    for (; count < COUNT_OF(parts) && slice_next(&before, '.', &word); count++)
        if (!slice_u64(word, UINT64_MAX, &parts[count]))
            return false;
    if (count < COUNT_OF(parts) || parts[1] > INT64_MAX || parts[2] > INT64_MAX)
        return false;
    memcpy(&merged->entry_us, &parts[0], sizeof merged->entry_us); /* times before 1970, too */
    merged->entry = (int64_t)parts[1];
    merged->seq = (int64_t)parts[2];
    merged->left = parts[3];
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct happening *left = a, *right = b;
    if (left->us != right->us)
        return left->us < right->us ? -1 : 1;
    return strcmp(left->path, right->path);
}

static struct happening *happening_add(struct merged *merged, int64_t us, const char *act, slice text)
{
    struct happening *one = &merged->happenings[merged->happening_count++];
    *one = (struct happening){us, act, text, ""};
    return one;
}

static struct err tasks_gather(struct merged *merged)
{
    static const char *const ends[TASK_STATES] = {[TASK_DONE] = "task.done", [TASK_CANCELLED] = "task.cancelled"};
    struct incident_page *page = merged->page;
    struct ask *ask = page->ask;
    struct task *rows;
    size_t count;
    TRY(store_task_list(ask->db, page->row->number, ask->arena, &rows, &count));
    merged->happenings = arena_new(ask->arena, struct happening, 2 * count + 1);
    for (size_t i = 0; i < count; i++) {
        const char *path = outside_path(ask, "/tasks/", rows[i].number, "");
        if (page->sight != CASE_ALL && rows[i].organisation != ask->who.actor.organisation)
            continue;
        happening_add(merged, rows[i].made_us, "task.given", rows[i].title)->path = path;
        if (rows[i].done_us != TIME_NONE && ends[rows[i].state] != NULL)
            happening_add(merged, rows[i].done_us, ends[rows[i].state], rows[i].result)->path = path;
    }
    qsort(merged->happenings, merged->happening_count, sizeof *merged->happenings, by_time);
    merged->left = merged->left < merged->happening_count ? merged->left : merged->happening_count;
    return OK;
}

/* Entries for the eyes of who asks. */
static struct err entries_gather(struct merged *merged)
{
    struct incident_page *page = merged->page;
    struct ask *ask = page->ask;
    size_t kept = 0, most = page->sight == CASE_ALL ? ROWS + 1 : ENTRIES_LOOKED;
    TRY(store_entry_latest(ask->db, page->row->number, merged->entry_us, merged->entry, most, ask->arena,
            &merged->entries, &merged->entry_count));
    merged->more_entries = merged->entry_count == most;
    for (size_t i = 0; i < merged->entry_count; i++)
        if (case_entry_seen(&merged->entries[i], page->sight, ask->who.actor.organisation))
            merged->entries[kept++] = merged->entries[i];
    if (kept == 0 && merged->more_entries) { /* the next page looks further */
        merged->entry_us = merged->entries[merged->entry_count - 1].happened_us;
        merged->entry = merged->entries[merged->entry_count - 1].number;
    }
    merged->entry_count = kept;
    return OK;
}

/* Of the journal all but that something was written: what was stands beside it. */
static struct err news_gather(struct merged *merged)
{
    struct incident_page *page = merged->page;
    struct ask *ask = page->ask;
    slice subject = slice_of(arena_printf(ask->arena, CASE_SUBJECT "/%" PRId64, page->row->number));
    size_t kept = 0, most = 4 * ROWS;
    if (page->sight != CASE_ALL)
        return OK;
    TRY(store_journal_about(ask->db, subject, merged->seq, most, ask->arena, &merged->news, &merged->news_count));
    merged->more_news = merged->news_count == most;
    for (size_t i = 0; i < merged->news_count; i++)
        if (!slice_eq(merged->news[i].act, S("incident.entry")))
            merged->news[kept++] = merged->news[i];
        else
            merged->seq = kept == 0 ? merged->news[i].seq : merged->seq;
    merged->news_count = kept;
    return OK;
}

/* ---- Rows ---- */

/* Every row has every member: a template that misses one would find that of the page. */
static void nulls_write(struct ask *ask, const char *names)
{
    slice rest = slice_of(names), name;
    while (slice_next(&rest, ' ', &name)) {
        json_write_key(&ask->json, name);
        json_write_null(&ask->json);
    }
}

/* Who reads it, of those who have to do with the incident. */
static struct err audience_write(struct incident_page *page, int64_t audience)
{
    struct ask *ask = page->ask;
    struct organisation whom;
    const char *text = audience == AUDIENCE_OWN ? W_C("our own people") : W_C("all parties but liaisons");
    if (audience > 0) {
        TRY(store_organisation_get(ask->db, audience, ask->arena, &whom));
        outside_write(&page->outside, S("audience"), whom.name, OUTSIDE_NAME);
        return OK;
    }
    json_write_key_text(&ask->json, S("audience"), ask_text(ask, slice_of(text)));
    return OK;
}

/* ---- Opinions ---- */

/* In the order of case_opinion_word. */
static const char *const opinions[] = {W_C("disagrees strongly"), W_C("disagrees"), W_C("neither agrees nor disagrees"),
        W_C("agrees"), W_C("agrees strongly")};

static slice opinion_text(const struct ask *ask, slice word)
{
    for (size_t i = 0; i < COUNT_OF(opinions); i++)
        if (slice_eq(word, slice_of(case_opinion_word(i))))
            return ask_text(ask, slice_of(opinions[i]));
    return word;
}

void incident_opinions(struct incident_page *page)
{
    struct ask *ask = page->ask;
    json_write_key(&ask->json, S("opinions"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < COUNT_OF(opinions); i++) {
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("name"), slice_of(case_opinion_word(i)));
        json_write_key_text(&ask->json, S("text"), ask_text(ask, slice_of(opinions[i])));
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

/* Members "opinion", "opinion_text", "about": the number of an entry, or a value; null for the incident. */
static struct err opinion_write(struct incident_page *page, const struct incident_entry *entry)
{
    struct ask *ask = page->ask;
    struct case_about found;
    if (entry->kind != ENTRY_OPINION) {
        nulls_write(ask, "opinion opinion_text about");
        return OK;
    }
    json_write_key_text(&ask->json, S("opinion"), entry->opinion);
    json_write_key_text(&ask->json, S("opinion_text"), opinion_text(ask, entry->opinion));
    TRY(case_about_get(&page->abouts, entry->about, &found));
    if (found.kind == CASE_ABOUT_INCIDENT)
        nulls_write(ask, "about");
    else if (found.kind == CASE_ABOUT_ENTRY)
        json_write_key_text(&ask->json, S("about"), slice_of(arena_printf(ask->arena, "%" PRId64, found.entry)));
    else
        outside_write_value(&page->outside, S("about"), found.value, OUTSIDE_LINE);
    return OK;
}

/* ---- Entries ---- */

/* What was taken back is struck out for who sees all of the incident and for who wrote it; others read no words. */
static void words_write(struct incident_page *page, const struct incident_entry *entry, bool theirs)
{
    struct ask *ask = page->ask;
    bool withdrawn = entry->withdrawn_us != TIME_NONE;
    page_moment(ask, S("withdrawn"), entry->withdrawn_us);
    if (!withdrawn && page->may_write && entry->home == page->writer)
        json_write_key_text(
                &ask->json, S("withdraw"), slice_of(outside_path(ask, "/incidents/", page->row->number, "/withdraw")));
    else
        nulls_write(ask, "withdraw");
    if (withdrawn && page->sight != CASE_ALL && !theirs) {
        nulls_write(ask, "words source");
        return;
    }
    outside_write_value(&page->outside, S("words"), entry->text, OUTSIDE_LINE * 2);
    outside_write_value(&page->outside, S("source"), entry->source, OUTSIDE_LINE);
}

static struct err entry_write(struct incident_page *page, const struct incident_entry *entry)
{
    struct ask *ask = page->ask;
    bool theirs = entry->home == ask->who.actor.organisation;
    page_moment(ask, S("time"), entry->happened_us);
    json_write_key_text(&ask->json, S("kind"), slice_of(store_entry_kind_name(entry->kind)));
    json_write_key_text(&ask->json, S("text"), worked_kind_text(ask, entry->kind));
    json_write_key_u64(&ask->json, S("number"), (uint64_t)entry->number);
    words_write(page, entry, theirs);
    TRY(opinion_write(page, entry));
    TRY(warned_organisation(ask, &page->names, S("home"), entry->home));
    if (page->sight == CASE_ALL || theirs)
        outside_write(&page->outside, S("actor"), entry->actor, OUTSIDE_NAME);
    else
        json_write_key_text(&ask->json, S("actor"), S("")); /* who of us wrote it is ours */
    page_moment(ask, S("written"), entry->written_us);
    page_moment(ask, S("due"), entry->due_us);
    json_write_key(&ask->json, S("answers"));
    if (entry->answers == 0)
        json_write_null(&ask->json);
    else
        json_write_u64(&ask->json, (uint64_t)entry->answers);
    nulls_write(ask, "path facts");
    if (page->sight == CASE_ALL || entry->audience == ask->who.actor.organisation)
        return audience_write(page, entry->audience);
    nulls_write(ask, "audience");
    return OK;
}

/* What rows of the journal tell, in words. */
static const struct {
    const char *name, *text;
} words[] = {
        {"after", W_C("after")},
        {"before", W_C("before")},
        {"class", W_C("class")},
        {"entry", W_C("entry")},
        {"field", W_C("what")},
        {"from", W_C("from")},
        {"high", W_C("at most")},
        {"kind", W_C("kind")},
        {"level", W_C("level")},
        {"local-after", W_C("sub-class after")},
        {"local-before", W_C("sub-class before")},
        {"low", W_C("at least")},
        {"marking", W_C("marking")},
        {"other", W_C("the other")},
        {"party", W_C("organisation")},
        {"proposer", W_C("proposed by")},
        {"role", W_C("role")},
        {"scale", W_C("scale")},
        {"severity", W_C("how bad")},
        {"title", W_C("title")},
        {"type", W_C("type")},
        {"unit", W_C("currency")},
        {"value", W_C("value")},
        {"what", W_C("what")},
        {"why", W_C("why")},
};

static slice word_of(const struct ask *ask, slice name)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (slice_eq(name, slice_of(words[i].name)))
            return ask_text(ask, slice_of(words[i].text));
    return name;
}

/* An amount of money stands there in hundredths. */
static bool is_money(slice detail, slice name)
{
    slice unit = json_get(detail, S("unit"));
    return json_kind(unit) == JSON_STRING && unit.len > 2 && (slice_eq(name, S("low")) || slice_eq(name, S("high")));
}

/* A moment in the zone of who asks; the number of a party is its name of today. */
static struct err fact_value(struct incident_page *page, slice detail, slice name, slice value, slice *text)
{
    struct organisation party;
    uint64_t number;
    int64_t us;
    *text = json_kind(value) == JSON_STRING ? json_text(value, page->ask->arena) : value;
    if (time_parse_strict(*text, &us))
        *text = worked_moment_text(page->ask, us);
    if (is_money(detail, name) && slice_u64(*text, INT64_MAX, &number))
        *text = slice_of(arena_printf(page->ask->arena, "%" PRIu64 ".%02d", number / 100, (int)(number % 100)));
    if (!slice_eq(name, S("party")) || !slice_u64(*text, INT64_MAX, &number))
        return OK;
    TRY(store_organisation_get(page->ask->db, (int64_t)number, page->ask->arena, &party));
    *text = party.name;
    return OK;
}

static struct err facts_write(struct incident_page *page, slice detail)
{
    struct ask *ask = page->ask;
    struct json_members members = json_members(detail);
    slice name, value, text;
    json_write_key(&ask->json, S("facts"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < FACTS && json_member_next(&members, &name, &value); i++) {
        if (slice_eq(name, S("organisation"))) /* of who acted */
            continue;
        TRY(fact_value(page, detail, name, value, &text));
        json_write_object(&ask->json);
        outside_write(&page->outside, S("name"), word_of(ask, name), OUTSIDE_NAME);
        outside_write_value(&page->outside, S("value"), text, OUTSIDE_LINE);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    return OK;
}

static struct err news_write(struct incident_page *page, const struct journal_row *row)
{
    struct ask *ask = page->ask;
    page_moment(ask, S("time"), row->time_us);
    json_write_key_text(&ask->json, S("kind"), row->act);
    json_write_key_text(&ask->json, S("text"), news_text(ask, row->act));
    outside_write(&page->outside, S("actor"), row->actor, OUTSIDE_NAME);
    json_write_key_text(&ask->json, S("source"), ask_text(ask, W("the journal")));
    nulls_write(
            ask, "number path words home written due answers audience opinion opinion_text about withdrawn withdraw");
    return facts_write(page, row->detail);
}

static void happening_write(struct incident_page *page, const struct happening *row)
{
    struct ask *ask = page->ask;
    page_moment(ask, S("time"), row->us);
    json_write_key_text(&ask->json, S("kind"), slice_of(row->act));
    json_write_key_text(&ask->json, S("text"), news_text(ask, slice_of(row->act)));
    outside_write_value(&page->outside, S("words"), row->text, OUTSIDE_LINE);
    json_write_key_text(&ask->json, S("path"), slice_of(row->path));
    nulls_write(ask, "number facts actor source home written due answers audience opinion opinion_text about withdrawn "
                     "withdraw");
}

/* ---- All of it ---- */

/* The latest of the three heads; false: there is none. */
static struct err next_write(struct merged *merged, bool *any)
{
    const struct incident_entry *entry =
            merged->entry_at < merged->entry_count ? &merged->entries[merged->entry_at] : NULL;
    const struct journal_row *news = merged->news_at < merged->news_count ? &merged->news[merged->news_at] : NULL;
    const struct happening *happening = merged->left > 0 ? &merged->happenings[merged->left - 1] : NULL;
    struct json_writer *json = &merged->page->ask->json;
    int64_t entry_us = entry == NULL ? INT64_MIN : entry->happened_us;
    int64_t news_us = news == NULL ? INT64_MIN : news->time_us;
    int64_t happening_us = happening == NULL ? INT64_MIN : happening->us;
    struct err err = OK;
    *any = entry != NULL || news != NULL || happening != NULL;
    if (!*any)
        return OK;
    json_write_object(json);
    if (happening != NULL && happening_us >= entry_us && happening_us >= news_us) {
        happening_write(merged->page, happening);
        merged->left--;
    } else if (entry != NULL && entry_us >= news_us) {
        err = entry_write(merged->page, entry);
        merged->entry_us = entry->happened_us;
        merged->entry = entry->number;
        merged->entry_at++;
    } else {
        err = news_write(merged->page, news);
        merged->seq = news->seq;
        merged->news_at++;
    }
    json_write_end(json);
    return err;
}

static void more_write(struct merged *merged)
{
    struct ask *ask = merged->page->ask;
    uint64_t us;
    bool more = merged->entry_at < merged->entry_count || merged->news_at < merged->news_count || merged->left > 0 ||
                merged->more_entries || merged->more_news;
    memcpy(&us, &merged->entry_us, sizeof us);
    json_write_key(&ask->json, S("timeline_more"));
    if (!more)
        json_write_null(&ask->json);
    else
        json_write_text(&ask->json,
                slice_of(arena_printf(ask->arena,
                        "/incidents/%" PRId64 "?before=%" PRIu64 ".%" PRId64 ".%" PRId64 ".%" PRIu64 "#timeline",
                        merged->page->row->number, us, merged->entry, merged->seq, merged->left)));
}

struct err incident_timeline(struct incident_page *page)
{
    struct ask *ask = page->ask;
    struct merged merged = {
            .page = page, .entry_us = INT64_MAX, .entry = INT64_MAX, .seq = INT64_MAX, .left = UINT64_MAX};
    slice before = ask_query(ask, S("before"));
    bool any = true;
    if (before.len > 0 && !before_read(&merged, before))
        return err_make(ERR_INPUT, W_C("before: where the timeline goes on, as the page before says it"));
    TRY(tasks_gather(&merged));
    TRY(entries_gather(&merged));
    TRY(news_gather(&merged));
    json_write_key(&ask->json, S("timeline"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < ROWS && any; i++)
        TRY(next_write(&merged, &any));
    json_write_end(&ask->json);
    more_write(&merged);
    page_flag(ask, S("timeline_later"), before.len > 0);
    return OK;
}

/* ---- Who reads a note ---- */

static bool reads_all(const struct user *user, int64_t own, struct arena *arena)
{
    const struct actor actor = {own, user->number, user->name, user->roles, ACTOR_SECOND_FACTOR};
    return user->organisation == own && user->state == USER_ACTIVE &&
           store_right_check(&actor, VERB_READ_INCIDENTS, 0, arena, NULL).kind == ERR_NONE;
}

static void name_add(struct buf *names, slice name)
{
    buf_put(names, names->len > 0 ? S(", ") : S(""));
    buf_put(names, name);
}

/* Our own people who may read incidents, by name; of a restricted one who has it. */
static struct err own_names(struct incident_page *page, struct buf *names)
{
    struct ask *ask = page->ask;
    struct user *rows;
    size_t count, shown = 0, others = 0;
    TRY(store_user_list(ask->db, 0, STORE_PAGE_MAX, ask->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        bool restricted = slice_find_slice(page->row->flags, S("restricted")) < page->row->flags.len;
        bool may = restricted ? rows[i].number == page->row->holder || (rows[i].roles >> ROLE_AUDITOR & 1) != 0 : true;
        if (!may || !reads_all(&rows[i], page->own, ask->arena))
            continue;
        if (shown < NAMES) {
            name_add(names, rows[i].name);
            shown++;
        } else {
            others++;
        }
    }
    if (others > 0)
        buf_printf(names, " +%zu", others);
    return OK;
}

static void audience_offer(struct incident_page *page, slice name, slice text, slice who)
{
    struct ask *ask = page->ask;
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("name"), name);
    outside_write(&page->outside, S("text"), text, OUTSIDE_NAME);
    outside_write(&page->outside, S("who"), who, OUTSIDE_LINE * 2);
    page_flag(ask, S("chosen"), slice_eq(name, S("own")));
    json_write_end(&ask->json);
}

/* Each party that sees its part once, whatever roles it has. */
static struct err parties_offer(struct incident_page *page, slice own, struct buf *all)
{
    struct ask *ask = page->ask;
    struct party *rows;
    size_t count, offered = 0;
    TRY(store_party_list(ask->db, page->row->number, ask->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        bool met = (PARTY_SEEING >> rows[i].role & 1) == 0 || rows[i].until_us != TIME_NONE ||
                   rows[i].organisation == page->own;
        for (size_t at = 0; at < i && !met; at++)
            met = rows[at].organisation == rows[i].organisation && rows[at].until_us == TIME_NONE &&
                  (PARTY_SEEING >> rows[at].role & 1) != 0;
        if (met)
            continue;
        name_add(all, rows[i].name);
        if (offered++ < NAMES)
            audience_offer(page, slice_of(outside_path(ask, "", rows[i].organisation, "")), rows[i].name,
                    slice_of(arena_printf(
                            ask->arena, "%.*s; %.*s", (int)rows[i].name.len, rows[i].name.ptr, (int)own.len, own.ptr)));
    }
    return OK;
}

/* Of a partner's incident the partner is all its parties. */
static struct err home_offer(struct incident_page *page, slice own)
{
    struct ask *ask = page->ask;
    struct organisation home;
    TRY(store_organisation_get(ask->db, page->row->home, ask->arena, &home));
    audience_offer(page, slice_of(outside_path(ask, "", home.number, "")), home.name,
            slice_of(arena_printf(ask->arena, "%.*s; %.*s", (int)home.name.len, home.name.ptr, (int)own.len, own.ptr)));
    return OK;
}

struct err incident_audiences(struct incident_page *page)
{
    struct ask *ask = page->ask;
    struct buf names = buf_make(2 * OUTSIDE_TEXT), all = buf_make(STORE_NAME_MAX * INCIDENT_ROWS_MAX);
    bool restricted = slice_find_slice(page->row->flags, S("restricted")) < page->row->flags.len;
    struct err err = page->may_write ? own_names(page, &names) : OK;
    slice own = arena_copy(ask->arena, buf_slice(&names));
    json_write_key(&ask->json, S("audiences"));
    json_write_array(&ask->json);
    if (err.kind == ERR_NONE && page->may_write)
        audience_offer(page, S("own"), ask_text(ask, W("our own people")), own);
    if (err.kind == ERR_NONE && page->may_write && !restricted)
        err = page->row->home == page->own ? parties_offer(page, own, &all) : home_offer(page, own);
    if (err.kind == ERR_NONE && all.len > 0) {
        buf_put(&all, S("; "));
        buf_put(&all, own);
        audience_offer(page, S("parties"), ask_text(ask, W("all parties but liaisons")), buf_slice(&all));
    }
    json_write_end(&ask->json);
    buf_free(&names);
    buf_free(&all);
    return err;
}
