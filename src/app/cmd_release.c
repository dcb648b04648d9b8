/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan release: what leaves for partners, what stays and why, and what they ever received. */
#include "app/options.h"
#include "app/partner.h"
#include "app/person.h"
#include "app/release.h"
#include "share/preview.h"
#include "share/received.h"
#include "store/right.h"
#include "store/withheld.h"
#include "json/write.h"

#define ROW_MAX (128u << 20)
#define SHOWN 300 /* bytes of an id */

struct err release_partner(
        const struct command_line *line, struct local *local, const char *option, struct partner *partner)
{
    const char *name = command_text(line, option);
    *partner = (struct partner){0};
    return name == NULL ? OK : partner_named(line, local, name, partner);
}

struct err release_text(const struct command_line *line, const char *option, slice *text)
{
    const char *typed = command_text(line, option);
    if (typed == NULL)
        return err_format(line->arena, ERR_INPUT, "--%s is missing", option);
    *text = slice_of(typed);
    return OK;
}

static struct err partner_needed(
        const struct command_line *line, struct local *local, const char *option, struct partner *partner)
{
    slice name;
    TRY(release_text(line, option, &name));
    return release_partner(line, local, option, partner);
}

static void line_out(struct buf *buf)
{
    printf("%.*s\n", (int)buf->len, buf->ptr);
    buf_free(buf);
}

static const char *tlp_text(enum stix_tlp tlp)
{
    const char *name = stix_tlp_name(tlp);
    return name == NULL ? "" : name;
}

/* ---- What would leave ---- */

static void preview_json(const struct share_previewed *row, slice to, struct buf *buf)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    if (to.len > 0)
        json_write_key_text(&w, S("to"), to);
    json_write_key(&w, S("goes"));
    json_write_bool(&w, row->rule == NULL);
    json_write_key_text(&w, S("object"), row->object->id);
    json_write_key_text(&w, S("type"), row->object->type);
    if (row->rule != NULL) {
        json_write_key_text(&w, S("rule"), slice_of(row->rule));
        json_write_key_text(&w, S("why"), slice_of(row->why));
        json_write_key(&w, S("asks"));
        json_write_bool(&w, row->asks);
    } else {
        json_write_key_text(&w, S("id"), row->id);
        json_write_key_text(&w, S("version"), row->version);
        json_write_key_text(&w, S("tlp"), slice_of(tlp_text(row->tlp)));
        json_write_key(&w, S("derived"));
        json_write_bool(&w, row->derived);
        json_write_key(&w, S("bytes"));
        json_write_raw(&w, row->bytes);
    }
    json_write_end(&w);
}

static void preview_text(const struct share_previewed *row, struct buf *buf)
{
    int len = (int)(row->object->id.len < SHOWN ? row->object->id.len : SHOWN);
    if (row->rule != NULL) {
        buf_printf(buf, "stays\t%.*s\t%s\t%s%s", len, row->object->id.ptr, row->rule, row->why,
                row->asks ? " (somebody can agree)" : "");
        return;
    }
    buf_printf(buf, "goes\t%.*s\t%s\t%s\n", len, row->object->id.ptr, tlp_text(row->tlp),
            row->derived ? "a derived object" : "as it is");
    buf_put(buf, row->bytes);
}

struct previewing {
    bool json;
    slice to; /* whose it is, where there are several; or empty */
    uint64_t goes, stays;
};

static struct err preview_row(void *context, const struct share_previewed *row)
{
    struct previewing *previewing = context;
    struct buf buf = buf_make(ROW_MAX);
    if (previewing->json)
        preview_json(row, previewing->to, &buf);
    else
        preview_text(row, &buf);
    *(row->rule == NULL ? &previewing->goes : &previewing->stays) += 1;
    line_out(&buf);
    return OK;
}

struct err release_preview(const struct command_line *line, struct local *local, const struct partner *partner,
        const struct share_preview_of *of)
{
    const struct share_release_options options = node_release_options(&local->node.config);
    struct previewing previewing = {
            .json = command_flag(line, "json"), .to = of->supposed_count > 0 ? partner->name : S("")};
    TRY(share_preview(local->db, &local->actor, of, &options, preview_row, &previewing, line->arena));
    fprintf(stderr, "%llu would go to %.*s, %llu would stay\n", (unsigned long long)previewing.goes,
            (int)partner->name.len, partner->name.ptr, (unsigned long long)previewing.stays);
    return OK;
}

static struct err preview(const struct command_line *line, struct local *local)
{
    struct partner partner;
    slice *ids = arena_new(line->arena, slice, line->file_count);
    TRY(partner_needed(line, local, "to", &partner));
    for (size_t i = 1; i < line->file_count; i++)
        ids[i - 1] = slice_of(line->files[i]);
    const struct share_preview_of of = {.partner = partner.number,
            .ids = ids,
            .count = line->file_count - 1,
            .waiting = command_flag(line, "waiting")};
    return release_preview(line, local, &partner, &of);
}

/* ---- What left ---- */

static void released_put_json(const struct released *row, bool valid, struct buf *buf)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    json_write_key_text(&w, S("id"), row->id);
    json_write_key_text(&w, S("type"), row->type);
    json_write_key_text(&w, S("version"), row->version);
    json_write_key(&w, S("added"));
    json_write_time(&w, row->added_us);
    json_write_key_u64(&w, S("entry"), (uint64_t)row->entry);
    json_write_key_u64(&w, S("leaf"), (uint64_t)row->leaf);
    json_write_key_hex(&w, S("digest"), sha256_slice(&row->digest));
    json_write_key(&w, S("derived"));
    json_write_bool(&w, row->derived);
    json_write_key(&w, S("valid"));
    json_write_bool(&w, valid);
    json_write_end(&w);
}

static void released_put_text(const struct released *row, bool valid, struct buf *buf)
{
    buf_printf(buf, "%s\t%.*s\t%.*s\tentry %lld, leaf %lld\t%s\tadded ", valid ? "served" : "over", (int)row->id.len,
            row->id.ptr, (int)row->version.len, row->version.ptr, (long long)row->entry, (long long)row->leaf,
            row->derived ? "derived" : "as it is");
    time_write(buf, row->added_us);
}

static struct err agreement_list(const struct command_line *line, struct local *local, const struct side *side)
{
    int64_t after_us = INT64_MIN, now_us = clock_now_us();
    for (size_t count = STORE_PAGE_MAX; count == STORE_PAGE_MAX;) {
        struct arena *arena = arena_open("released", ARENA_WORK, 64u << 20);
        struct released *rows;
        struct err err =
                store_released_list(local->db, side->agreement, after_us, STORE_PAGE_MAX, arena, &rows, &count);
        for (size_t i = 0; i < count && err.kind == ERR_NONE; i++) {
            struct buf buf = buf_make(ROW_MAX);
            bool valid = rows[i].until_us > now_us && rows[i].generation == side->generation && side->active;
            (command_flag(line, "json") ? released_put_json : released_put_text)(&rows[i], valid, &buf);
            line_out(&buf);
            after_us = rows[i].added_us;
        }
        arena_close(arena);
        TRY(err);
    }
    return OK;
}

static struct err list(const struct command_line *line, struct local *local)
{
    struct partner partner;
    struct side *sides;
    slice own;
    size_t count;
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    TRY(release_partner(line, local, "to", &partner));
    TRY(share_own_node(local->db, line->arena, &own));
    TRY(store_side_list(local->db, own, line->arena, &sides, &count));
    for (size_t i = 0; i < count; i++)
        if (partner.number == 0 || sides[i].partner == partner.number)
            TRY(agreement_list(line, local, &sides[i]));
    return OK;
}

/* ---- One object: with whom it is, and why with nobody else ---- */

static void shown_put(const struct command_line *line, const struct side *side, const char *what, slice detail)
{
    struct buf buf = buf_make(ROW_MAX);
    if (command_flag(line, "json")) {
        struct json_writer w = json_writer(&buf);
        json_write_object(&w);
        json_write_key_text(&w, S("partner"), side->name);
        json_write_key_text(&w, S("state"), slice_of(what));
        json_write_key_text(&w, S("detail"), detail);
        json_write_end(&w);
    } else {
        buf_printf(&buf, "%.*s\t%s\t%.*s", (int)side->name.len, side->name.ptr, what, (int)detail.len, detail.ptr);
    }
    line_out(&buf);
}

static struct err object_shown(
        const struct command_line *line, struct local *local, const struct side *side, const struct object *object)
{
    struct released *rows;
    struct withheld withheld;
    size_t count;
    TRY(store_released_valid(local->db, side->agreement, object->number, false, line->arena, &rows, &count));
    if (count > 0) {
        shown_put(line, side, "released",
                slice_of(arena_printf(line->arena, "as %.*s, entry %lld", (int)rows[0].id.len, rows[0].id.ptr,
                        (long long)rows[0].entry)));
        return OK;
    }
    struct err err = store_withheld_get(local->db, side->partner, object->number, line->arena, &withheld);
    if (err.kind == ERR_MISSING) {
        shown_put(line, side, "undecided", S("the follower has not come to it yet"));
        return OK;
    }
    TRY(err);
    const char *why = share_rule_why(withheld.rule);
    shown_put(line, side, "stays",
            slice_of(arena_printf(line->arena, "%.*s: %s", (int)withheld.rule.len, withheld.rule.ptr,
                    why == NULL ? "see kentongan-release(1)" : why)));
    return OK;
}

static struct err show(const struct command_line *line, struct local *local)
{
    struct object *objects;
    struct side *sides;
    size_t count, side_count;
    slice own;
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    TRY(share_own_node(local->db, line->arena, &own));
    TRY(store_object_versions(local->db, slice_of(line->files[1]), line->arena, &objects, &count));
    TRY(store_side_list(local->db, own, line->arena, &sides, &side_count));
    if (count == 0)
        return err_format(line->arena, ERR_MISSING, "%s: nothing is here of that id", line->files[1]);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < side_count && objects[i].newest; j++)
            TRY(object_shown(line, local, &sides[j], &objects[i]));
    return OK;
}

/* ---- Everything that a partner ever received ---- */

static void path_write(struct json_writer *w, const struct ledger_path *path)
{
    json_write_key(w, S("path"));
    json_write_array(w);
    for (size_t i = 0; i < path->count; i++)
        json_write_hex(w, sha256_slice(&path->hashes[i]));
    json_write_end(w);
}

static void received_json(const struct share_received *received, struct buf *buf)
{
    const struct released *row = received->row;
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    json_write_key_text(&w, S("id"), row->id);
    json_write_key_text(&w, S("version"), row->version);
    json_write_key_text(&w, S("tlp"), slice_of(tlp_text(received->tlp)));
    json_write_key(&w, S("added"));
    json_write_time(&w, row->added_us);
    json_write_key_text(&w, S("log"), received->log);
    json_write_key_u64(&w, S("entry"), (uint64_t)row->entry);
    json_write_key_u64(&w, S("leaf"), (uint64_t)row->leaf);
    json_write_key_u64(&w, S("count"), received->count);
    json_write_key_text(&w, S("leaf_bytes"), received->leaf);
    path_write(&w, received->path);
    json_write_key_hex(&w, S("root"), sha256_slice(&received->root));
    json_write_key(&w, S("proven"));
    json_write_bool(&w, received->proven);
    if (received->bytes.len > 0) {
        json_write_key(&w, S("bytes"));
        json_write_raw(&w, received->bytes);
    }
    json_write_end(&w);
}

static void received_text(const struct share_received *received, struct buf *buf)
{
    const struct released *row = received->row;
    buf_printf(buf, "%s\t%.*s\t%.*s\t%s\tentry %lld of %.*s, leaf %lld of %llu",
            received->proven ? "proven" : "NOT PROVEN", (int)row->id.len, row->id.ptr, (int)row->version.len,
            row->version.ptr, tlp_text(received->tlp), (long long)row->entry, (int)received->log.len, received->log.ptr,
            (long long)row->leaf, (unsigned long long)received->count);
}

struct receiving {
    bool json;
    uint64_t all, unproven;
};

static struct err received_row(void *context, const struct share_received *received)
{
    struct receiving *receiving = context;
    struct buf buf = buf_make(ROW_MAX);
    (receiving->json ? received_json : received_text)(received, &buf);
    receiving->all++;
    receiving->unproven += !received->proven;
    line_out(&buf);
    return OK;
}

static struct err received(const struct command_line *line, struct local *local)
{
    struct receiving receiving = {.json = command_flag(line, "json")};
    struct partner partner;
    TRY(partner_needed(line, local, "by", &partner));
    TRY(share_received_by(local->db, &local->actor, partner.number, received_row, &receiving, line->arena));
    fprintf(stderr, "%llu objects, %llu not proven\n", (unsigned long long)receiving.all,
            (unsigned long long)receiving.unproven);
    return receiving.unproven == 0 ? OK : err_make(ERR_CONFLICT, "the log does not prove all of it");
}

/* ---- The command ---- */

static const struct local_verb verbs[] = {
        {"preview", 1, preview, WEIGH_OBJECTS_MAX},
        {"list", 1, list},
        {"show", 2, show},
        {"received", 1, received},
        {"asks", 1, release_asks, 1},
        {"answer", 2, release_answer},
        {"rule", 2, release_rule, 1},
        {"consent", 2, release_consent, 1},
        {"recall", 2, release_recall, 1},
};

static int release(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `release preview --to PARTNER [ID...]`, `list`, `show ID`, `received --by PARTNER`, `asks [N]`, "
            "`answer N --allow kind|these|none`, `rule list|add|stop`, `consent list|ask|paper|requests|reply|stop`, "
            "or "
            "`recall list|heard|agree N|ID --reason TEXT`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_PERSON,
        {0, "to", "PARTNER", "The partner that gets it"},
        {0, "by", "PARTNER", "received: the partner that has it"},
        {0, "from", "PARTNER", "consent: the originator (default: somebody outside)"},
        {0, "all", NULL, "asks: those that were answered, too"},
        {0, "waiting", NULL, "preview: as if the version of the agreement that waits held already"},
        {0, "missing", NULL, "recall list: those that were not answered"},
        {0, "allow", "WHAT", "answer: kind, these or none; consent reply: yes or no"},
        {0, "type", "TYPE", "rule, consent: objects of this type (default: of all)"},
        {0, "object", "ID", "rule, consent: this one object; of consent it may be repeated"},
        {0, "highest", "TLP", "rule add: up to this TLP, as TLP:AMBER"},
        {0, "until", "TIME", "rule, answer, consent: it holds until then (default: a year)"},
        {0, "paper", "TEXT", "consent paper: its words, and where the paper is"},
        {0, "giver", "TEXT", "consent paper: who gave it, a name and a function"},
        {0, "given", "DAY", "consent paper: the day on it, as 2026-11-21"},
        {0, "scan", "FILE", "consent paper: its scan, of which the SHA-256 is kept and nothing else"},
        {0, "reason", "TEXT", "Why, for the second person and the journal"},
        OPTION_JSON,
};

const struct command command_release = {
        .name = "release",
        .arguments = "preview, list, show ID, received, asks, answer N, rule, consent, recall",
        .about = "See and decide what leaves for partners, and recall it",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = release,
};
