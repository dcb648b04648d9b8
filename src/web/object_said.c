/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who says what of an id: the sources, their versions, what this version changed, what we ourselves hold of it, and
 * what was done about it.
 */
#include "base/arena.h"
#include "store/browse.h"
#include "store/journal.h"
#include "store/judgement.h"
#include "store/tag.h"
#include "web/object.h"
#include "web/page.h"
#include "json/read.h"

#define VERSIONS_READ STORE_PAGE_MAX
#define VERSION_SHOWN 40                  /* bytes of `modified` as it came */
#define DIFFERENCE_BYTES_MAX (128u << 10) /* of a version that is compared */
#define DIFFERENCE_KEYS_MAX 200           /* keys that are; looking one up reads the whole object */

/* ---- Versions ---- */

static struct err write_version(struct viewing *viewing, const struct object *row)
{
    struct ask *ask = viewing->ask;
    struct json_writer *json = &ask->json;
    json_write_object(json);
    json_write_key_u64(json, S("number"), (uint64_t)row->number);
    json_write_key_text(json, S("path"), slice_of(outside_path(ask, "/objects/", row->number, "")));
    outside_write(&viewing->shown, S("version"), row->version, VERSION_SHOWN);
    json_write_key_u64(json, S("variant"), (uint64_t)row->variant);
    page_flag(ask, S("is_variant"), row->variant > 0);
    TRY(row_write_source(ask, &viewing->sources, row->source));
    json_write_key_u64(json, S("import"), (uint64_t)row->import);
    page_moment(ask, S("arrived"), row->added_us);
    page_moment(ask, S("modified"), row->modified_us);
    page_flag(ask, S("revoked"), row->revoked);
    page_flag(ask, S("newest"), row->newest);
    page_flag(ask, S("shown"), row->number == viewing->object.number);
    json_write_end(json);
    return OK;
}

/* The one that counts of each source. */
static struct err write_sources(struct viewing *viewing, const struct object *rows, size_t count)
{
    struct json_writer *json = &viewing->ask->json;
    size_t written = 0, more = 0;
    json_write_key(json, S("says"));
    json_write_array(json);
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].newest)
            continue;
        if (written++ < VIEW_ROWS)
            TRY(write_version(viewing, &rows[i]));
        else
            more++;
    }
    json_write_end(json);
    if (more > 0)
        json_write_key_u64(json, S("says_more"), more);
    page_flag(viewing->ask, S("several"), written > 1);
    return OK;
}

/* Of the source of the object at hand, the latest first. */
static struct err write_versions(struct viewing *viewing, const struct object *rows, size_t count)
{
    struct json_writer *json = &viewing->ask->json;
    size_t written = 0;
    json_write_key(json, S("versions"));
    json_write_array(json);
    for (size_t i = count; i-- > 0;)
        if (rows[i].source == viewing->object.source && written++ < VIEW_VERSIONS)
            TRY(write_version(viewing, &rows[i]));
    json_write_end(json);
    if (written > VIEW_VERSIONS)
        json_write_key_u64(json, S("versions_more"), written - VIEW_VERSIONS);
    page_flag(viewing->ask, S("has_versions"), written > 1);
    return OK;
}

/* ---- What changed ---- */

static void write_change(struct viewing *viewing, slice key, slice before, slice after)
{
    struct json_writer *json = &viewing->ask->json;
    struct arena *arena = viewing->ask->arena;
    json_write_object(json);
    outside_write(&viewing->shown, S("key"), json_unescape(key, arena), OUTSIDE_NAME / 2);
    outside_write_value(&viewing->shown, S("before"), before, OUTSIDE_NAME);
    outside_write_value(&viewing->shown, S("after"), after, OUTSIDE_NAME);
    json_write_end(json);
}

/* Keys of one that the other has otherwise, or not; `both`: those that both have, too. */
static void write_changes(struct viewing *viewing, slice now, slice then, bool both, size_t *count)
{
    struct json_members members = json_members(now);
    slice key, value;
    for (size_t keys = 0; keys < DIFFERENCE_KEYS_MAX && json_member_next(&members, &key, &value); keys++) {
        slice other = json_get(then, json_unescape(key, viewing->ask->arena));
        if (slice_eq(value, other) || (!both && other.len > 0) || json_key_is(key, S("modified")))
            continue;
        if ((*count)++ < VIEW_ROWS)
            write_change(viewing, key, both ? other : value, both ? value : S(""));
    }
}

static struct err write_difference(struct viewing *viewing)
{
    struct ask *ask = viewing->ask;
    struct object before;
    size_t count = 0;
    arena_reset(viewing->scratch);
    struct err err = store_browse_before(ask->db, &viewing->object, viewing->scratch, &before);
    if (err.kind == ERR_MISSING || err.kind == ERR_LIMIT)
        return OK;
    TRY(err);
    json_write_key(&ask->json, S("changed"));
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)before.number);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/objects/", before.number, "")));
    bool fits = viewing->object.bytes.len <= DIFFERENCE_BYTES_MAX && before.bytes.len <= DIFFERENCE_BYTES_MAX;
    page_flag(ask, S("too_large"), !fits);
    json_write_key(&ask->json, S("fields"));
    json_write_array(&ask->json);
    if (fits) {
        write_changes(viewing, viewing->object.bytes, before.bytes, true, &count);
        write_changes(viewing, before.bytes, viewing->object.bytes, false, &count);
    }
    json_write_end(&ask->json);
    if (count > VIEW_ROWS)
        json_write_key_u64(&ask->json, S("changed_more"), count - VIEW_ROWS);
    json_write_end(&ask->json);
    return OK;
}

/* ---- What we hold of it ---- */

static struct err write_tags(struct viewing *viewing)
{
    struct ask *ask = viewing->ask;
    struct tag *rows;
    size_t count;
    TRY(store_tag_rows(ask->db, viewing->object.source, viewing->object.id, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("tags"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && i < VIEW_LIST; i++) {
        json_write_object(&ask->json);
        outside_write(&viewing->shown, S("tag"), rows[i].tag, OUTSIDE_NAME);
        outside_write(&viewing->shown, S("actor"), rows[i].actor, OUTSIDE_NAME / 2);
        page_moment(ask, S("made"), rows[i].made_us);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    if (count > VIEW_LIST)
        json_write_key_u64(&ask->json, S("tags_more"), count - VIEW_LIST);
    page_flag(ask, S("any_tag"), count > 0);
    return OK;
}

static slice judged_text(const struct ask *ask, enum object_judged kind)
{
    return ask_text(ask, kind == OBJECT_FALSE_POSITIVE ? W("false positive")
                         : kind == OBJECT_EXPIRED      ? W("expired")
                                                       : W("withdrawn"));
}

static void write_judgement(struct viewing *viewing, const struct judgement *row)
{
    struct ask *ask = viewing->ask;
    struct outside *shown = &viewing->shown;
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("kind"), slice_of(store_judgement_name(row->kind)));
    json_write_key_text(&ask->json, S("text"), judged_text(ask, row->kind));
    page_flag(ask, S("holds"), row->undone_us == TIME_NONE);
    page_moment(ask, S("at"), row->at_us);
    outside_write(shown, S("actor"), row->actor, OUTSIDE_NAME / 2);
    outside_write(shown, S("reason"), row->reason, OUTSIDE_LINE);
    page_moment(ask, S("made"), row->made_us);
    page_moment(ask, S("undone"), row->undone_us);
    outside_write(shown, S("undone_by"), row->undone_by, OUTSIDE_NAME / 2);
    outside_write(shown, S("undone_reason"), row->undone_reason, OUTSIDE_LINE);
    json_write_end(&ask->json);
}

static struct err write_judgements(struct viewing *viewing)
{
    struct ask *ask = viewing->ask;
    struct judgement *rows;
    size_t count;
    TRY(store_judgement_list(
            ask->db, viewing->object.source, viewing->object.id, 0, STORE_PAGE_MAX, viewing->scratch, &rows, &count));
    page_flag(ask, S("any_judgement"), count > 0);
    json_write_key(&ask->json, S("judgements"));
    json_write_array(&ask->json);
    for (size_t i = count; i-- > 0;)
        if (count - i <= VIEW_ROWS)
            write_judgement(viewing, &rows[i]);
    json_write_end(&ask->json);
    if (count > VIEW_ROWS)
        json_write_key_u64(&ask->json, S("judgements_more"), count - VIEW_ROWS);
    return OK;
}

/* ---- The journal, for those who may read it ---- */

static struct err write_journal(struct viewing *viewing)
{
    struct ask *ask = viewing->ask;
    struct journal_row *rows;
    size_t count;
    if (!outside_may(ask, VERB_READ_JOURNAL))
        return OK;
    TRY(store_journal_about(ask->db, viewing->object.id, INT64_MAX, VIEW_ROWS, viewing->scratch, &rows, &count));
    page_flag(ask, S("journal_known"), count > 0);
    json_write_key(&ask->json, S("journal"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        json_write_key_u64(&ask->json, S("seq"), (uint64_t)rows[i].seq);
        page_moment(ask, S("time"), rows[i].time_us);
        outside_write(&viewing->shown, S("actor"), rows[i].actor, OUTSIDE_NAME / 2);
        outside_write(&viewing->shown, S("act"), rows[i].act, OUTSIDE_NAME / 2);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    return OK;
}

struct err object_write_said(struct viewing *viewing)
{
    struct object *rows;
    size_t count;
    TRY(write_difference(viewing));
    arena_reset(viewing->scratch);
    TRY(store_browse_versions(viewing->ask->db, viewing->object.id, VERSIONS_READ, viewing->scratch, &rows, &count));
    TRY(row_sift(viewing->ask, rows, &count));
    TRY(write_sources(viewing, rows, count));
    TRY(write_versions(viewing, rows, count));
    TRY(write_tags(viewing));
    TRY(write_judgements(viewing));
    return write_journal(viewing);
}
