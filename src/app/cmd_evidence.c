/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan evidence: what was secured in the incidents of a node, in whose hands it was, and what is handed over. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "app/options.h"
#include "app/person.h"
#include "app/sharing.h"
#include "app/typed.h"
#include "base/arena.h"
#include "base/file.h"
#include "case/evidence.h"
#include "case/incident.h"
#include "case/package.h"
#include "store/organisation.h"
#include "text/shown.h"
#include "json/write.h"

#define ROW_MAX (1u << 20)
#define ITEMS_MORE 200 /* numbers that one command names */

static struct err organisation_of(const struct command_line *line, struct local *local, int64_t *number)
{
    const char *name = command_text(line, "org");
    if (name == NULL)
        return err_make(ERR_INPUT, "to whom? --org NAME says it");
    struct err err = store_organisation_find(local->db, slice_of(name), number);
    return err.kind != ERR_MISSING ? err : err_format(line->arena, ERR_MISSING, "there is no organisation %s", name);
}

/* ---- What is told: a line of columns, or an object ---- */

struct column {
    const char *key;
    slice text;
};

static void told(const struct command_line *line, const struct column *columns, size_t count)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    bool json = command_flag(line, "json");
    if (json)
        json_write_object(&w);
    for (size_t i = 0; i < count; i++) {
        if (json) {
            json_write_key_text(&w, slice_of(columns[i].key), columns[i].text);
            continue;
        }
        buf_put(&buf, i > 0 ? S("\t") : S(""));
        shown_text_write(&buf, columns[i].text, false);
    }
    if (json)
        json_write_end(&w);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static slice number_text(struct arena *arena, int64_t number)
{
    return slice_of(arena_printf(arena, "%" PRId64, number));
}

static void item_tell(const struct command_line *line, const struct evidence *row, struct arena *arena)
{
    const struct column columns[] = {{"number", number_text(arena, row->number)},
            {"incident", number_text(arena, row->incident)},
            {"state", row->seal.len > 0 ? S("sealed") : S("destroyed")},
            {"acquired", time_text(row->acquired_us, arena)}, {"bytes", number_text(arena, row->bytes)},
            {"sha256", arena_hex(arena, row->digest)}, {"name", row->name}, {"what", row->what},
            {"hold_until", time_text(row->hold_until_us, arena)}, {"keep_until", time_text(row->keep_until_us, arena)}};
    told(line, columns, COUNT_OF(columns));
}

static struct err item_show(const struct command_line *line, struct local *local, int64_t number)
{
    struct evidence row;
    TRY(store_evidence_get(local->db, number, line->arena, &row));
    TRY(case_evidence_seen(local->db, &local->actor, row.incident, line->arena));
    item_tell(line, &row, line->arena);
    return OK;
}

/* ---- Taking ---- */

struct reading {
    struct arena *arena;
    const char *name;
    int fd;
};

/* The bytes as they lie there: nothing is unpacked. */
static struct err reading_read(void *context, char *to, size_t room, size_t *got)
{
    const struct reading *reading = context;
    ssize_t now;
    do
        now = read(reading->fd, to, room);
    while (now < 0 && errno == EINTR);
    if (now < 0)
        return err_errno(reading->arena, reading->name);
    *got = (size_t)now;
    return OK;
}

static struct err put_read(const struct command_line *line, struct case_evidence_put *put)
{
    const char *slash = strrchr(line->files[2], '/');
    const char *last = slash == NULL ? line->files[2] : slash + 1;
    uint64_t error_ms;
    *put = (struct case_evidence_put){.name = typed_or(line, "name", last),
            .what = typed_or(line, "what", ""),
            .place = typed_or(line, "place", ""),
            .person = typed_or(line, "by", ""),
            .tool = typed_or(line, "tool", ""),
            .basis = typed_or(line, "basis", ""),
            .clock_error_us = TIME_NONE};
    TRY(typed_number(line, line->files[1], "an incident", &put->incident));
    TRY(typed_moment(line, "acquired", &put->acquired_us));
    TRY(typed_moment(line, "keep-until", &put->keep_until_us));
    TRY(command_number(line, "clock-ahead", 0, 1000000000, 0, &error_ms));
    if (command_text(line, "clock-ahead") != NULL)
        put->clock_error_us = (int64_t)error_ms * 1000;
    TRY(command_number(line, "clock-behind", 0, 1000000000, 0, &error_ms));
    if (command_text(line, "clock-behind") != NULL)
        put->clock_error_us = -(int64_t)error_ms * 1000;
    return OK;
}

static struct err take(const struct command_line *line, struct local *local)
{
    struct case_evidence_put put;
    struct reading reading = {line->arena, line->files[2], STDIN_FILENO};
    const struct evidence_source source = {&reading, reading_read};
    bool is_file = strcmp(line->files[2], "-") != 0;
    int64_t number;
    TRY(put_read(line, &put));
    if (is_file && (reading.fd = open(line->files[2], O_RDONLY | O_CLOEXEC)) < 0)
        return err_errno(line->arena, line->files[2]);
    struct err err = case_evidence_take(local->db, &local->actor, &put, &source, line->arena, &number);
    if (is_file)
        close(reading.fd);
    return err.kind == ERR_NONE ? item_show(line, local, number) : err;
}

/* ---- Reading ---- */

static struct err list_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct evidence *rows;
    int64_t incident = 0;
    if (line->file_count > 1)
        TRY(typed_number(line, line->files[1], "an incident", &incident));
    TRY(store_evidence_list(local->db, incident, *after, STORE_PAGE_MAX, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        struct err err = case_evidence_seen(local->db, &local->actor, rows[i].incident, arena);
        *after = rows[i].number;
        if (err.kind == ERR_NONE)
            item_tell(line, &rows[i], arena);
        else if (err.kind != ERR_MISSING)
            return err;
    }
    return OK;
}

static struct err list(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_VERIFY_EVIDENCE, 0, line->arena, NULL));
    return local_pages(line, local, list_page);
}

static struct err show(const struct command_line *line, struct local *local)
{
    struct custody *rows;
    int64_t number;
    size_t count;
    TRY(store_right_check(&local->actor, VERB_VERIFY_EVIDENCE, 0, line->arena, NULL));
    TRY(typed_number(line, line->files[1], "evidence", &number));
    TRY(item_show(line, local, number));
    TRY(store_custody_list(local->db, number, line->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        const struct column columns[] = {{"step", number_text(line->arena, rows[i].step)}, {"act", rows[i].act},
                {"time", time_text(rows[i].time_us, line->arena)}, {"actor", rows[i].actor}, {"to", rows[i].to_whom},
                {"why", rows[i].why}, {"taker", arena_hex(line->arena, rows[i].other_key)}};
        told(line, columns, COUNT_OF(columns));
    }
    return OK;
}

static struct err piece_put(void *context, slice piece)
{
    const struct reading *to = context;
    return file_write(to->fd, piece) ? OK : err_errno(to->arena, to->name);
}

static struct err copy(const struct command_line *line, struct local *local)
{
    struct reading to = {.arena = line->arena, .name = line->files[2]};
    const struct evidence_sink sink = {&to, piece_put};
    slice why;
    int64_t number;
    TRY(typed_number(line, line->files[1], "evidence", &number));
    TRY(sharing_reason(line, &why));
    to.fd = open(to.name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to.fd < 0)
        return err_errno(line->arena, to.name);
    struct err err = case_evidence_copy(local->db, &local->actor, number, why, &sink, line->arena);
    if (err.kind == ERR_NONE && fsync(to.fd) != 0)
        err = err_errno(line->arena, to.name);
    close(to.fd);
    if (err.kind != ERR_NONE)
        unlink(to.name);
    return err;
}

/* What who took it made with openssl of an entry in their package. */
static struct err sign(const struct command_line *line, struct local *local)
{
    char bytes[KEY_SIGNATURE_BYTES + 1];
    const char *file = command_text(line, "key");
    struct key_public key;
    int64_t number, step;
    if (file == NULL)
        return err_make(ERR_INPUT, "by whose key? --key FILE is their public key in PEM");
    TRY(typed_number(line, line->files[1], "evidence", &number));
    TRY(typed_number(line, line->files[2], "an entry of custody", &step));
    TRY(key_public_read(file, line->arena, &key));
    int fd = open(line->files[3], O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(line->arena, line->files[3]);
    ssize_t len = read(fd, bytes, sizeof bytes);
    close(fd);
    if (len != KEY_SIGNATURE_BYTES)
        return err_format(
                line->arena, ERR_INPUT, "%s has not the 64 bytes of an Ed25519 signature (RFC 8032)", line->files[3]);
    return case_evidence_sign(local->db, &local->actor, number, step, (slice){bytes, (size_t)len}, &key, line->arena);
}

/* One that does not hold is told, and the others are looked at all the same. */
static struct err one_verify(
        const struct command_line *line, struct local *local, int64_t number, struct arena *arena, bool *holds)
{
    struct err err = case_evidence_verify(local->db, &local->actor, number, arena);
    if (err.kind != ERR_NONE && err.kind != ERR_CONFLICT && err.kind != ERR_MISSING)
        return err;
    *holds &= err.kind == ERR_NONE;
    const struct column columns[] = {
            {"number", number_text(arena, number)}, {"verified", slice_of(err.kind == ERR_NONE ? "yes" : err.why)}};
    told(line, columns, COUNT_OF(columns));
    return OK;
}

static struct err all_verify(const struct command_line *line, struct local *local, bool *holds)
{
    struct evidence *rows;
    size_t count;
    int64_t after = 0;
    do {
        TRY(store_evidence_list(local->db, 0, after, STORE_PAGE_MAX, line->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            struct arena *arena = arena_open("verify", ARENA_WORK, 64u << 20);
            struct err seen = case_evidence_seen(local->db, &local->actor, rows[i].incident, arena);
            struct err err = seen.kind == ERR_NONE ? one_verify(line, local, rows[i].number, arena, holds) : OK;
            if (err.kind != ERR_NONE)
                err.why = arena_printf(line->arena, "%s", err.why);
            arena_close(arena);
            TRY(err);
            after = rows[i].number;
        }
    } while (count == STORE_PAGE_MAX);
    return OK;
}

static struct err verify(const struct command_line *line, struct local *local)
{
    bool holds = true;
    int64_t number;
    TRY(store_right_check(&local->actor, VERB_VERIFY_EVIDENCE, 0, line->arena, NULL));
    if (line->file_count == 1) {
        TRY(case_evidence_tidy(local->db, line->arena));
        TRY(all_verify(line, local, &holds));
    }
    for (size_t i = 1; i < line->file_count; i++) {
        TRY(typed_number(line, line->files[i], "evidence", &number));
        TRY(one_verify(line, local, number, line->arena, &holds));
    }
    return holds ? OK : err_make(ERR_CONFLICT, "not all of it is what was sealed");
}

/* ---- What takes two persons ---- */

/* The items that were named, and the incident of the first. */
static struct err act_read(const struct command_line *line, struct local *local, struct case_evidence_act *act)
{
    int64_t *numbers = arena_new(line->arena, int64_t, ITEMS_MORE + 1);
    struct evidence row;
    struct incident incident;
    *act = (struct case_evidence_act){.items = numbers, .count = line->file_count - 1};
    for (size_t i = 0; i < act->count; i++)
        TRY(typed_number(line, line->files[i + 1], "evidence", &numbers[i]));
    TRY(sharing_reason(line, &act->why));
    TRY(store_evidence_get(local->db, numbers[0], line->arena, &row));
    act->incident = row.incident;
    struct err err = case_incident_reach(local->db, &local->actor, row.incident, line->arena, &incident);
    return err.kind == ERR_MISSING ? err_make(ERR_MISSING, "there is no such evidence") : err;
}

static struct err hand(const struct command_line *line, struct local *local)
{
    struct case_evidence_act act;
    struct share_proposal proposal;
    int64_t organisation;
    TRY(act_read(line, local, &act));
    TRY(organisation_of(line, local, &organisation));
    TRY(case_evidence_hand(
            local->db, &local->actor, &act, organisation, typed_or(line, "reference", ""), line->arena, &proposal));
    sharing_tell(line, &proposal);
    return OK;
}

static struct err hold(const struct command_line *line, struct local *local)
{
    struct case_evidence_act act;
    struct share_proposal proposal;
    int64_t until_us;
    TRY(act_read(line, local, &act));
    TRY(typed_moment(line, "until", &until_us));
    TRY(case_evidence_hold(local->db, &local->actor, &act, until_us, line->arena, &proposal));
    sharing_tell(line, &proposal);
    return OK;
}

static struct err destroy(const struct command_line *line, struct local *local)
{
    struct case_evidence_act act;
    struct share_proposal proposal;
    TRY(act_read(line, local, &act));
    TRY(case_evidence_destroy(local->db, &local->actor, &act, line->arena, &proposal));
    sharing_tell(line, &proposal);
    return case_evidence_tidy(local->db, line->arena);
}

/* ---- Packages ---- */

static struct err packages_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct evidence_package *rows;
    struct organisation whom;
    TRY(case_package_list(local->db, &local->actor, *after, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        *after = rows[i].number;
        bool theirs = rows[i].organisation == local->actor.organisation;
        struct err seen = theirs ? OK : case_evidence_seen(local->db, &local->actor, rows[i].incident, arena);
        if (seen.kind == ERR_MISSING)
            continue;
        TRY(seen);
        TRY(store_organisation_get(local->db, rows[i].organisation, arena, &whom));
        const struct column columns[] = {{"package", number_text(arena, rows[i].number)},
                {"handed_over", time_text(rows[i].made_us, arena)}, {"to", whom.name},
                {"their_reference", rows[i].their_reference}, {"taken", time_text(rows[i].taken_us, arena)},
                {"taken_by", rows[i].taken_by}};
        told(line, columns, COUNT_OF(columns));
    }
    return OK;
}

static struct err package(const struct command_line *line, struct local *local)
{
    int64_t number;
    if (line->file_count == 1)
        return local_pages(line, local, packages_page);
    TRY(typed_number(line, line->files[1], "a package", &number));
    if (line->file_count < 3)
        return err_make(ERR_INPUT, "into which folder? `evidence package N FOLDER`");
    return case_package_write(local->db, &local->actor, number, line->files[2],
            node_path(&local->node, "ledger", line->arena), line->arena);
}

/* ---- The command ---- */

static const struct local_verb verbs[] = {
        {"take", 3, take, 0},
        {"list", 1, list, 1},
        {"show", 2, show, 0},
        {"copy", 3, copy, 0},
        {"sign", 4, sign, 0},
        {"verify", 1, verify, ITEMS_MORE},
        {"hand", 2, hand, ITEMS_MORE},
        {"hold", 2, hold, ITEMS_MORE},
        {"destroy", 2, destroy, ITEMS_MORE},
        {"package", 1, package, 2},
};

static int evidence(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `evidence take INCIDENT FILE`, `evidence list`, `evidence show N`, `evidence copy N FILE`, "
            "`evidence "
            "verify`, `evidence hand N... --org NAME`, `evidence package N FOLDER`, `evidence sign N STEP FILE --key "
            "FILE`, `evidence hold N...` or `evidence "
            "destroy N...`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_PERSON,
        {0, "name", "NAME", "take: what it is called (default: the name of the file)"},
        {0, "what", "TEXT", "take: what it is, in words"},
        {0, "place", "TEXT", "take: where it was taken"},
        {0, "by", "WHO", "take: who took it (default: who enters it)"},
        {0, "tool", "TEXT", "take: with what, its version and settings"},
        {0, "basis", "TEXT", "take: the basis in law"},
        {0, "acquired", "TIME", "take: when (default: now)"},
        {0, "clock-ahead", "MS", "take: so far the clock of what it was taken from is ahead"},
        {0, "clock-behind", "MS", "take: so far it is behind"},
        {0, "keep-until", "TIME", "take: it is to be destroyed then"},
        {0, "org", "NAME", "hand: to this organisation"},
        {0, "reference", "TEXT", "hand: the number of the case there"},
        {0, "key", "FILE", "sign: the public key of who took it, in PEM"},
        {0, "until", "TIME", "hold: not destroyed before (default: the hold ends)"},
        {0, "reason", "TEXT", "copy, hand, hold, destroy: why; for destroying the basis in law"},
        OPTION_JSON,
};

const struct command command_evidence = {
        .name = "evidence",
        .arguments = "take INCIDENT FILE, list, show N, copy N FILE, verify, hand|hold|destroy N..., package",
        .about = "Keep what was secured in incidents, with its custody, and hand it over",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = evidence,
};
