/* SPDX-License-Identifier: Apache-2.0 */
#include "web/row.h"

#include "base/arena.h"
#include "store/part.h"
#include "store/source.h"
#include "store/tag.h"
#include "web/page.h"

#define TAG_SHOWN 40 /* bytes of a tag in a list */
#define ID_SHOWN 80

struct err row_hidden(struct ask *ask, const struct object *object, bool *hidden)
{
    return store_part_hidden(ask->db, &ask->who.actor, object->source, object->id, ask->arena, hidden);
}

struct err row_sift(struct ask *ask, struct object *rows, size_t *count)
{
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        bool hidden;
        TRY(row_hidden(ask, &rows[i], &hidden));
        if (!hidden)
            rows[kept++] = rows[i];
    }
    *count = kept;
    return OK;
}

struct err row_get(struct ask *ask, int64_t number, struct arena *arena, struct object *object)
{
    bool hidden;
    TRY(store_object_get(ask->db, number, arena, object));
    TRY(row_hidden(ask, object, &hidden));
    return hidden ? err_make(ERR_MISSING, "there is no such object") : OK;
}

/* Words beside shapes, never by colour alone. */
static const struct {
    const char *text, *look;
} standings[STANDINGS] = {
        [STANDING_VALID] = {W_C("valid"), "good"},
        [STANDING_NOT_YET] = {W_C("not yet valid"), "warn"},
        [STANDING_EXPIRED] = {W_C("expired"), "off"},
        [STANDING_REVOKED] = {W_C("revoked by its creator"), "bad"},
        [STANDING_FALSE_POSITIVE] = {W_C("false positive, as we hold"), "bad"},
        [STANDING_JUDGED_EXPIRED] = {W_C("expired, as we hold"), "off"},
        [STANDING_WITHDRAWN] = {W_C("withdrawn here"), "bad"},
        [STANDING_WILL_EXPIRE] = {W_C("will expire, as we hold"), "warn"},
};

static void write_states(struct ask *ask, unsigned bits)
{
    struct json_writer *json = &ask->json;
    json_write_key(json, S("states"));
    json_write_array(json);
    for (enum standing standing = 0; standing < STANDINGS; standing++) {
        if ((bits >> standing & 1) == 0)
            continue;
        json_write_object(json);
        json_write_key_text(json, S("name"), slice_of(summary_standing_name(standing)));
        json_write_key_text(json, S("text"), ask_text(ask, slice_of(standings[standing].text)));
        json_write_key_text(json, S("look"), slice_of(standings[standing].look));
        json_write_end(json);
    }
    json_write_end(json);
}

static void write_label(struct ask *ask, slice key, const char *label, const char *look)
{
    struct json_writer *json = &ask->json;
    json_write_key(json, key);
    if (label == NULL) {
        json_write_null(json);
        return;
    }
    json_write_object(json);
    json_write_key_text(json, S("label"), slice_of(label));
    json_write_key_text(json, S("look"), slice_of(look));
    json_write_end(json);
}

void row_write_tlp(struct ask *ask, enum stix_tlp tlp)
{
    static const char *const looks[] = {"", "clear", "green", "amber", "amber", "red"};
    write_label(ask, S("tlp"), stix_tlp_name(tlp), looks[tlp]);
}

void row_write_pap(struct ask *ask, enum stix_pap pap)
{
    static const char *const looks[] = {"", "clear", "green", "amber", "red"};
    write_label(ask, S("pap"), stix_pap_name(pap), looks[pap]);
}

void row_write(struct outside *shown, const struct object *object, const struct summary *summary)
{
    struct ask *ask = shown->ask;
    struct json_writer *json = &ask->json;
    if (object->number != 0) { /* else it is only shown, and nowhere yet */
        json_write_key_u64(json, S("number"), (uint64_t)object->number);
        json_write_key_text(json, S("path"), slice_of(outside_path(ask, "/objects/", object->number, "")));
    }
    outside_write(shown, S("id"), object->id, ID_SHOWN + 16);
    outside_write(shown, S("type"), object->type, ID_SHOWN);
    outside_write(shown, S("what"), outside_type(ask, object->type), ID_SHOWN);
    row_write_tlp(ask, summary->marks.tlp);
    row_write_pap(ask, summary->marks.pap);
    page_flag(ask, S("unknown_marking"), summary->marks.unknown);
    page_flag(ask, S("marked"),
            summary->marks.tlp != TLP_NONE || summary->marks.pap != PAP_NONE || summary->marks.unknown);
    outside_write_value(shown, S("value"), summary->value, OUTSIDE_NAME);
    outside_write_value(shown, S("name"), summary->name, OUTSIDE_NAME);
    json_write_key_u64(json, S("more"), summary->more);
    page_flag(ask, S("has_more"), summary->more > 0);
    page_flag(ask, S("is_pattern"), summary->is_pattern);
    page_flag(ask, S("named"), summary->name.len > 0);
    write_states(ask, summary->standings);
    page_flag(ask, S("stated"), summary->standings != 0 || summary->until_us != TIME_NONE);
    page_moment(ask, S("valid_from"), summary->from_us);
    page_moment(ask, S("valid_until"), summary->until_us);
}

static struct err source_name(struct ask *ask, struct row_sources *sources, int64_t number, slice *name)
{
    struct source source;
    for (size_t i = 0; i < COUNT_OF(sources->number); i++)
        if (sources->number[i] == number && number != 0) {
            *name = sources->name[i];
            return OK;
        }
    TRY(store_source_get(ask->db, number, ask->arena, &source));
    size_t at = sources->next++ % COUNT_OF(sources->number);
    sources->number[at] = number;
    sources->name[at] = source.name;
    *name = source.name;
    return OK;
}

struct err row_write_source(struct ask *ask, struct row_sources *sources, int64_t number)
{
    struct outside shown = outside_begin(ask, 2 * OUTSIDE_NAME);
    slice name;
    TRY(source_name(ask, sources, number, &name));
    json_write_key(&ask->json, S("source"));
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)number);
    outside_write(&shown, S("name"), name, OUTSIDE_NAME);
    json_write_end(&ask->json);
    return OK;
}

struct err row_write_tags(struct outside *shown, int64_t source, slice id)
{
    struct ask *ask = shown->ask;
    slice *tags;
    size_t count;
    TRY(store_tag_list(ask->db, source, id, ask->arena, &tags, &count));
    json_write_key(&ask->json, S("tags"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++)
        json_write_text(&ask->json, outside_text(shown, tags[i], TAG_SHOWN, NULL));
    json_write_end(&ask->json);
    return OK;
}
