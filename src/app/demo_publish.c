/* SPDX-License-Identifier: Apache-2.0 */
/* What organisations of the demo publish of their own: a file with one indicator, imported. */
#include <stdio.h>

#include "app/demo.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "stix/marks.h"
#include "json/write.h"

#define DEMO_EVENTS "10000"
#define DEMO_INDICATORS "200"
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

/* A later version is of this moment: STIX has milliseconds. */
static void write_times(struct json_writer *w, const struct demo *demo, bool again)
{
    json_write_key(w, S("created"));
    json_write_time(w, demo->began_us);
    json_write_key(w, S("modified"));
    json_write_time(w, again ? clock_now_us() / 1000 * 1000 : demo->began_us);
}

/* Who made it: for everybody, so that whoever gets the indicator one day can read whose it is. */
static void write_organisation(struct json_writer *w, const struct demo *demo, const struct demo_node *node)
{
    json_write_object(w);
    json_write_key_text(w, S("type"), S("identity"));
    json_write_key_text(w, S("spec_version"), S("2.1"));
    json_write_key_text(w, S("id"), slice_of(node->organisation));
    write_times(w, demo, false);
    json_write_key_text(w, S("name"), slice_of(node->name));
    json_write_key_text(w, S("identity_class"), S("organization"));
    write_tlp(w, "TLP:CLEAR", demo->arena);
    json_write_end(w);
}

static void write_indicator(struct json_writer *w, const struct demo *demo, const struct demo_node *node,
        const struct demo_indicator *indicator, const char *id, bool again)
{
    json_write_object(w);
    json_write_key_text(w, S("type"), S("indicator"));
    json_write_key_text(w, S("spec_version"), S("2.1"));
    json_write_key_text(w, S("id"), slice_of(id));
    json_write_key_text(w, S("created_by_ref"), slice_of(node->organisation));
    write_times(w, demo, again);
    json_write_key(w, S("valid_from"));
    json_write_time(w, demo->began_us);
    json_write_key_text(w, S("name"), slice_of(indicator->name));
    json_write_key_text(w, S("pattern"), slice_of(indicator->pattern));
    json_write_key_text(w, S("pattern_type"), S("stix"));
    if (again) {
        json_write_key(w, S("revoked"));
        json_write_bool(w, true);
    }
    write_marks(w, indicator, demo->arena);
    json_write_end(w);
}

static void write_bundle(struct buf *buf, const struct demo *demo, const struct demo_node *node,
        const struct demo_indicator *indicator, const char *id, bool again)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    json_write_key_text(&w, S("type"), S("bundle"));
    json_write_key_text(&w, S("id"), id_new("bundle", demo->arena));
    json_write_key(&w, S("objects"));
    json_write_array(&w);
    write_organisation(&w, demo, node);
    write_indicator(&w, demo, node, indicator, id, again);
    json_write_end(&w);
    json_write_end(&w);
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
    const struct demo_node *node = &demo->nodes[place];
    struct buf buf = buf_make(FILE_BYTES_MAX);
    bool again = *id != NULL;
    const char *file = arena_printf(demo->arena, "%s/%s-says.json", demo->folder, node->partner);
    const char *object = again ? *id : arena_cstr(demo->arena, id_new("indicator", demo->arena));
    write_bundle(&buf, demo, node, indicator, object, again);
    struct err err = buf_check(&buf);
    if (err.kind == ERR_NONE)
        err = file_write(file, buf_slice(&buf), demo->arena);
    buf_free(&buf);
    TRY(err);
    *id = object;
    return DEMO_TYPE(demo, place, &answer, "import", "--source", "own analysis", file);
}

struct err demo_publish_another(struct demo *demo, enum demo_place place, uint64_t number)
{
    const char *id = NULL;
    const struct demo_indicator another = {
            .name = arena_printf(demo->arena, "Gaharu scanner %llu", (unsigned long long)number),
            .pattern = arena_printf(
                    demo->arena, "[domain-name:value = 'gaharu-%llu.example']", (unsigned long long)number),
            .tlp = "TLP:AMBER",
    };
    return demo_publish(demo, place, &another, &id);
}

/* ---- Made up, and many ---- */

static const char *const campaigns[] = {"Cendana loader", "Meranti phishing kit", "Bakau stealer", "Kenari botnet",
        "Rotan ransomware", "Gaharu scanner"};
static const char *const uses[] = {"control server", "landing page", "second stage", "drop zone"};

/* The bundle as it is, and to each indicator a name. */
static void name_them(FILE *from, FILE *to)
{
    char *line = NULL;
    size_t room = 0, number = 0;
    for (ssize_t len; (len = getline(&line, &room, from)) > 0;) {
        slice text = {line, (size_t)len};
        size_t at = slice_find_slice(text, S("\"indicator_types\""));
        fwrite(text.ptr, 1, at, to);
        if (at < text.len) {
            number++;
            fprintf(to, "\"name\":\"%s, %s %zu\",", campaigns[number % COUNT_OF(campaigns)],
                    uses[number % COUNT_OF(uses)], number);
        }
        fwrite(text.ptr + at, 1, text.len - at, to);
    }
    free(line);
}

static struct err named(const char *from_name, const char *to_name, struct arena *arena)
{
    FILE *from = fopen(from_name, "r"), *to = fopen(to_name, "w");
    bool fine = from != NULL && to != NULL;
    if (fine)
        name_them(from, to);
    if (fine)
        fine = !ferror(from) && !ferror(to);
    if (from != NULL)
        fclose(from);
    if (to != NULL && fclose(to) != 0)
        fine = false;
    return fine ? OK : err_errno(arena, to_name);
}

struct err demo_simulate(struct demo *demo, enum demo_place place, const char *seed, const char **file)
{
    struct child_answer answer;
    const char *partner = demo->nodes[place].partner;
    const char *plain = arena_printf(demo->arena, "%s/%s-plain.json", demo->folder, partner);
    const char *events = arena_printf(demo->arena, "%s/%s-day.json", demo->folder, partner);
    *file = arena_printf(demo->arena, "%s/%s-known.json", demo->folder, partner);
    const char *const words[] = {"simulate", "--seed", seed, "--events", DEMO_EVENTS, "--indicators", DEMO_INDICATORS,
            "--intel", plain, "-o", events, NULL};
    TRY(child_run(words, demo->arena, &answer));
    if (answer.status != 0)
        return err_format(
                demo->arena, ERR_SYSTEM, "`kentongan simulate`: %.*s", (int)answer.error.len, answer.error.ptr);
    TRY(named(plain, *file, demo->arena));
    return DEMO_TYPE(demo, place, &answer, "import", "--source", "own analysis", *file);
}
