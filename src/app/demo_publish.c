/* SPDX-License-Identifier: Apache-2.0 */
/* What organisations of the demo publish of their own: a file with one indicator, imported. */
#include <stdio.h>

#include "app/demo.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "stix/marks.h"
#include "json/write.h"

#define FILE_BYTES_MAX (64u << 10)

static slice id_new(const char *type, struct arena *arena)
{
    struct uuid uuid = uuid_v4();
    struct buf buf = buf_make(128);
    buf_put(&buf, slice_of(type));
    buf_put(&buf, S("--"));
    uuid_write(&buf, &uuid);
    slice id = arena_copy(arena, buf_slice(&buf));
    buf_free(&buf);
    return id;
}

/* The definition of TLP 2.0. */
static slice tlp_of(const char *name, struct arena *arena)
{
    enum stix_tlp tlp = TLP_NONE;
    slice id = S("");
    if (stix_tlp_find(slice_of(name), &tlp))
        for (size_t place = 0; stix_tlp_id(tlp, place, arena).len > 0; place++)
            id = stix_tlp_id(tlp, place, arena);
    return id;
}

static void write_tlp(struct json_writer *w, const char *tlp, struct arena *arena)
{
    json_write_key(w, S("object_marking_refs"));
    json_write_array(w);
    json_write_text(w, tlp_of(tlp, arena));
    json_write_end(w);
}

static void write_marks(struct json_writer *w, const struct demo_indicator *indicator, struct arena *arena)
{
    write_tlp(w, indicator->tlp, arena);
    if (indicator->secret == NULL)
        return;
    json_write_key_text(w, S("description"), slice_of(indicator->secret));
    json_write_key(w, S("granular_markings"));
    json_write_array(w);
    json_write_object(w);
    json_write_key_text(w, S("marking_ref"), tlp_of("TLP:RED", arena));
    json_write_key(w, S("selectors"));
    json_write_array(w);
    json_write_text(w, S("description"));
    json_write_end(w);
    json_write_end(w);
    json_write_end(w);
}

/* Of this day, and a later version of this moment: STIX has milliseconds. */
static void write_times(struct json_writer *w, bool again)
{
    int64_t now_us = clock_now_us() / 1000 * 1000, made_us = now_us / DAY_US * DAY_US;
    json_write_key(w, S("created"));
    json_write_time(w, made_us);
    json_write_key(w, S("modified"));
    json_write_time(w, again ? now_us : made_us);
}

/* Who made it: for everybody, so that whoever gets the indicator one day can read whose it is. */
static void write_organisation(struct json_writer *w, const struct demo_node *node, struct arena *arena)
{
    json_write_object(w);
    json_write_key_text(w, S("type"), S("identity"));
    json_write_key_text(w, S("spec_version"), S("2.1"));
    json_write_key_text(w, S("id"), slice_of(node->organisation));
    write_times(w, false);
    json_write_key_text(w, S("name"), slice_of(node->name));
    json_write_key_text(w, S("identity_class"), S("organization"));
    write_tlp(w, "TLP:CLEAR", arena);
    json_write_end(w);
}

static void write_indicator(struct json_writer *w, const char *organisation, const struct demo_indicator *indicator,
        slice id, bool again, struct arena *arena)
{
    json_write_object(w);
    json_write_key_text(w, S("type"), S("indicator"));
    json_write_key_text(w, S("spec_version"), S("2.1"));
    json_write_key_text(w, S("id"), id);
    json_write_key_text(w, S("created_by_ref"), slice_of(organisation));
    write_times(w, again);
    json_write_key(w, S("valid_from"));
    json_write_time(w, clock_now_us() / DAY_US * DAY_US);
    json_write_key_text(w, S("name"), slice_of(indicator->name));
    json_write_key_text(w, S("pattern"), slice_of(indicator->pattern));
    json_write_key_text(w, S("pattern_type"), S("stix"));
    if (again) {
        json_write_key(w, S("revoked"));
        json_write_bool(w, true);
    }
    write_marks(w, indicator, arena);
    json_write_end(w);
}

static struct err file_write(const char *file, slice text, struct arena *arena)
{
    FILE *out = fopen(file, "w");
    bool fine = out != NULL && fwrite(text.ptr, 1, text.len, out) == text.len;
    if (out != NULL && fclose(out) != 0)
        fine = false;
    return fine ? OK : err_errno(arena, file);
}

struct err demo_publish(
        struct demo *demo, enum demo_place place, const struct demo_indicator *indicator, const char **id)
{
    struct child_answer answer;
    struct demo_node *node = &demo->nodes[place];
    struct buf buf = buf_make(FILE_BYTES_MAX);
    struct json_writer w = json_writer(&buf);
    bool again = *id != NULL;
    const char *file = arena_printf(demo->arena, "%s/%s-says.json", demo->folder, node->partner);
    slice object = again ? slice_of(*id) : id_new("indicator", demo->arena);
    json_write_object(&w);
    json_write_key_text(&w, S("type"), S("bundle"));
    json_write_key_text(&w, S("id"), id_new("bundle", demo->arena));
    json_write_key(&w, S("objects"));
    json_write_array(&w);
    write_organisation(&w, node, demo->arena);
    write_indicator(&w, node->organisation, indicator, object, again, demo->arena);
    json_write_end(&w);
    json_write_end(&w);
    struct err err = buf_check(&buf);
    if (err.kind == ERR_NONE)
        err = file_write(file, buf_slice(&buf), demo->arena);
    buf_free(&buf);
    TRY(err);
    *id = arena_cstr(demo->arena, object);
    return DEMO_TYPE(demo, place, &answer, "import", "--source", "own analysis", file);
}
