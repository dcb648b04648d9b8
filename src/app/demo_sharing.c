/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second part of the story: what crosses, what stays and by which rule, what is taken back, and what proves it.
 * Each node is asked by its own commands; whatever a partner has was sent by the other node's server.
 */
#include <stdio.h>

#include "app/demo.h"
#include "app/demo_acts.h"
#include "base/buf.h"
#include "base/clock.h"
#include "json/read.h"

#define CONTROL "203.0.113.77"
#define WARD "seen first at ward 7"
#define DAY_TRY_MS 50
#define DAY_TRIES 200             /* until all of it has crossed */
#define BEFORE_US (SECOND_US / 2) /* what would come within milliseconds did not */

static const struct demo_indicator control = {
        "Rotan ransomware, control server", "[ipv4-addr:value = '" CONTROL "']", "TLP:AMBER", NULL};
static const struct demo_indicator source_known = {
        "Meranti phishing kit, drop zone", "[domain-name:value = 'meranti-drop.example']", "TLP:RED", NULL};
static const struct demo_indicator ward = {
        "Bakau stealer, second stage", "[domain-name:value = 'bakau-stage.example']", "TLP:AMBER", WARD};
static const struct demo_indicator later = {
        "Kenari botnet, control server", "[domain-name:value = 'kenari.example']", "TLP:AMBER", NULL};

/* ---- Helpers of the steps ---- */

/* Until a node has an object; how long that took since `began_us`. */
static struct err arrives(struct demo *demo, enum demo_place place, const char *id, int64_t began_us, const char **seen)
{
    struct child_answer answer;
    TRY(DEMO_UNTIL(demo, place, "", &answer, "indicator", "show", id));
    *seen = arena_printf(demo->arena, "there after %.2f s", (double)(clock_steady_us() - began_us) / 1e6);
    return OK;
}

/* Whether a node has it at this moment. */
static bool has(struct demo *demo, enum demo_place place, const char *id)
{
    struct child_answer answer;
    return DEMO_TYPE(demo, place, &answer, "indicator", "show", id).kind == ERR_NONE;
}

static slice line_with(slice text, const char *word)
{
    slice line;
    while (slice_next(&text, '\n', &line))
        if (slice_find_slice(line, slice_of(word)) < line.len)
            return line;
    return S("");
}

/* What stands behind "as " in `release show`: the id under which somebody has it. */
static const char *id_given(slice line, struct arena *arena)
{
    slice id = slice_from(line, slice_find_slice(line, S("\tas ")) + strlen("\tas "));
    return arena_cstr(arena, slice_part(id, 0, slice_find(id, ',')));
}

/* Until one has decided that an object stays for another, by which rule. */
static struct err stays(struct demo *demo, enum demo_place who, enum demo_place to, const char *id, const char *rule,
        const char **seen, bool *fine)
{
    struct child_answer answer;
    TRY(DEMO_UNTIL(demo, who, arena_printf(demo->arena, "%s\tstays\t%s:", demo->nodes[to].name, rule), &answer,
            "release", "show", id));
    slice line = line_with(answer.output, demo->nodes[to].name);
    *fine = !has(demo, to, id);
    *seen = *fine ? arena_cstr(demo->arena, line) : "it is there";
    return OK;
}

/* ---- Crossing ---- */

struct err demo_cross(struct demo *demo, const char **seen, bool *fine)
{
    int64_t began_us = clock_steady_us();
    TRY(demo_publish(demo, DEMO_FOREIGN, &control, &demo->crossed));
    TRY(arrives(demo, DEMO_SECTOR, demo->crossed, began_us, seen));
    *fine = true;
    return OK;
}

/* Two lines of a log, of this moment. */
static struct err log_write(const char *file, struct arena *arena)
{
    struct buf now = buf_make(64);
    FILE *out = fopen(file, "w");
    time_write(&now, clock_now_us());
    bool fine =
            out != NULL && fprintf(out, "%.*s fw permit 192.0.2.10 -> 198.51.100.9\n%.*s fw permit 192.0.2.10 -> %s\n",
                                   (int)now.len, now.ptr, (int)now.len, now.ptr, CONTROL) > 0;
    if (out != NULL && fclose(out) != 0)
        fine = false;
    buf_free(&now);
    return fine ? OK : err_errno(arena, file);
}

struct err demo_match(struct demo *demo, const char **seen, bool *fine)
{
    struct child_answer answer;
    const char *file = arena_printf(demo->arena, "%s/firewall.log", demo->folder);
    TRY(log_write(file, demo->arena));
    TRY(DEMO_TYPE(demo, DEMO_SECTOR, &answer, "match", "-f", "lines", file));
    slice row, rest = answer.output;
    *fine = slice_next(&rest, '\n', &row) && rest.len == 0 && slice_eq(json_get(row, S("line")), S("2")) &&
            slice_eq(json_text(json_get(row, S("indicator")), demo->arena), slice_of(demo->crossed));
    *seen = *fine ? "a hit in line 2 of 2, by the indicator of the partner"
                  : arena_cstr(demo->arena, slice_part(answer.output, 0, 300));
    return OK;
}

/* ---- Policy ---- */

struct err demo_cut(struct demo *demo, const char **seen, bool *fine)
{
    TRY(demo_publish(demo, DEMO_FOREIGN, &source_known, &demo->red));
    return stays(demo, DEMO_FOREIGN, DEMO_SECTOR, demo->red, "tlp", seen, fine);
}

struct err demo_derive(struct demo *demo, const char **seen, bool *fine)
{
    struct child_answer answer;
    const char *of = NULL, *nation = demo->nodes[DEMO_NATIONAL].name;
    TRY(demo_publish(demo, DEMO_SECTOR, &ward, &of));
    TRY(DEMO_UNTIL(
            demo, DEMO_SECTOR, arena_printf(demo->arena, "%s\treleased", nation), &answer, "release", "show", of));
    demo->derived = id_given(line_with(answer.output, nation), demo->arena);
    TRY(DEMO_UNTIL(demo, DEMO_NATIONAL, "", &answer, "indicator", "show", demo->derived, "--json"));
    bool told = slice_find_slice(answer.output, S(WARD)) < answer.output.len;
    *fine = !told && strcmp(of, demo->derived) != 0 && !has(demo, DEMO_NATIONAL, of);
    *seen = arena_printf(demo->arena, "%s the description, %s id", told ? "with" : "without",
            strcmp(of, demo->derived) == 0 ? "the same" : "another");
    return OK;
}

struct err demo_onward(struct demo *demo, const char **seen, bool *fine)
{
    return stays(demo, DEMO_SECTOR, DEMO_NATIONAL, demo->crossed, "originator", seen, fine);
}

struct err demo_consent(struct demo *demo, const char **seen, bool *fine)
{
    struct child_answer answer;
    int64_t began_us = clock_steady_us();
    TRY(DEMO_UNTIL(demo, DEMO_FOREIGN, demo->crossed, &answer, "release", "consent", "requests"));
    slice line, rest = answer.output;
    const char *number = "";
    while (slice_next(&rest, '\n', &line) && !slice_eq(line, slice_of(demo->crossed)))
        if (slice_find_slice(line, S(" asks\t")) < line.len)
            number = arena_cstr(demo->arena, slice_part(line, 0, slice_find(line, '\t')));
    TRY(DEMO_BOTH(
            demo, DEMO_FOREIGN, "release", "consent", "reply", number, "--allow", "yes", "--reason", "they need it"));
    TRY(arrives(demo, DEMO_NATIONAL, demo->crossed, began_us, seen));
    *fine = true;
    return OK;
}

/* ---- Taking back ---- */

struct err demo_revoke(struct demo *demo, const char **seen, bool *fine)
{
    struct child_answer answer;
    int64_t began_us = clock_steady_us();
    TRY(demo_publish(demo, DEMO_FOREIGN, &control, &demo->crossed));
    for (unsigned place = DEMO_SECTOR; place <= DEMO_NATIONAL; place++)
        TRY(DEMO_UNTIL(demo, place, "\"revoked\":true", &answer, "indicator", "show", demo->crossed, "--json"));
    *seen = arena_printf(
            demo->arena, "both have the revoked version after %.2f s", (double)(clock_steady_us() - began_us) / 1e6);
    const char *file = arena_printf(demo->arena, "%s/firewall.log", demo->folder);
    struct err err = DEMO_TYPE(demo, DEMO_SECTOR, &answer, "match", "-f", "lines", file);
    *fine = err.kind != ERR_NONE && answer.status == 1;
    if (!*fine)
        *seen = "it is matched still";
    return OK;
}

struct err demo_recall(struct demo *demo, const char **seen, bool *fine)
{
    struct child_answer answer;
    TRY(DEMO_TYPE(demo, DEMO_SECTOR, &answer, "release", "recall", demo->derived, "--reason", "it was harmless"));
    TRY(DEMO_UNTIL(demo, DEMO_SECTOR, "by-hand\trequested\tstopped", &answer, "release", "recall", "list"));
    *fine = slice_find_slice(line_with(answer.output, "by-hand"), slice_of(demo->derived)) < answer.output.len;
    *seen = "requested of Nusa, which says: stopped";
    return OK;
}

/* ---- A day of it ---- */

static size_t lines_in(slice text)
{
    size_t count = 0;
    for (slice line; slice_next(&text, '\n', &line);)
        count += line.len > 0;
    return count;
}

/* How many hits a day's events have with Albion's file itself: as many as the node has to find without it. */
static struct err hits_with_file(struct demo *demo, const char *file, const char *events, size_t *hits)
{
    struct child_answer answer;
    const char *const words[] = {"match", "-i", file, events, NULL};
    TRY(child_run(words, demo->arena, &answer));
    *hits = lines_in(answer.output);
    return OK;
}

struct err demo_day(struct demo *demo, const char **seen, bool *fine)
{
    static const char *const seeds[DEMO_NODES] = {"7", "8", "9"};
    struct child_answer answer;
    const char *files[DEMO_NODES];
    size_t wanted, hits = 0;
    for (unsigned place = 0; place < DEMO_NODES; place++)
        TRY(demo_simulate(demo, place, seeds[place], &files[place]));
    const char *events = arena_printf(demo->arena, "%s/%s-day.json", demo->folder, demo->nodes[DEMO_FOREIGN].partner);
    TRY(hits_with_file(demo, files[DEMO_FOREIGN], events, &wanted));
    for (int tries = 0; tries < DAY_TRIES && hits < wanted; tries++) {
        struct err err = DEMO_TYPE(demo, DEMO_SECTOR, &answer, "match", events);
        if (err.kind != ERR_NONE && answer.status != 1)
            return err;
        hits = lines_in(answer.output);
        nanosleep(&(struct timespec){.tv_nsec = DAY_TRY_MS * 1000000L}, NULL);
    }
    *seen = arena_printf(demo->arena, "%zu hits, %zu with the file itself", hits, wanted);
    *fine = wanted > 0 && hits == wanted;
    return OK;
}

/* ---- Proof ---- */

/* Until one holds every entry of the other's log, and nothing is wrong with it. */
static struct err log_held(struct demo *demo, unsigned who, unsigned of, int64_t *entries)
{
    struct child_answer answer;
    TRY(DEMO_UNTIL(demo, who, "\"without_receipt\":0", &answer, "partner", "post", demo->nodes[of].name));
    struct json_elements logs = json_elements(json_get(answer.output, S("logs")));
    slice log;
    int64_t count = 0;
    while (json_element_next(&logs, &log)) {
        slice wrong = json_text(json_get(log, S("wrong")), demo->arena);
        if (wrong.len > 0)
            return err_format(demo->arena, ERR_CONFLICT, "%s says of the log of %s: %.*s", demo->nodes[who].name,
                    demo->nodes[of].name, (int)wrong.len, wrong.ptr);
        if (json_i64(json_get(log, S("entries")), &count))
            *entries += count;
    }
    return OK;
}

struct err demo_ledger(struct demo *demo, const char **seen, bool *fine)
{
    struct child_answer answer;
    int64_t entries = 0;
    for (unsigned who = 0; who < DEMO_NODES; who++)
        TRY(DEMO_TYPE(demo, who, &answer, "ledger", "verify"));
    for (unsigned who = 0; who < DEMO_NODES; who++)
        for (unsigned of = 0; of < DEMO_NODES; of++)
            if (who != of)
                TRY(log_held(demo, who, of, &entries));
    *seen = arena_printf(demo->arena, "all logs are whole; %lld entries checked by partners", (long long)entries);
    *fine = entries > 0;
    return OK;
}

struct err demo_received(struct demo *demo, const char **seen, bool *fine)
{
    struct child_answer answer;
    TRY(DEMO_TYPE(demo, DEMO_FOREIGN, &answer, "release", "received", "--by", demo->nodes[DEMO_SECTOR].name));
    *seen = arena_cstr(demo->arena, slice_trim(answer.error));
    *fine = slice_find_slice(answer.output, slice_of(demo->crossed)) < answer.output.len &&
            slice_find_slice(answer.output, slice_of(demo->red)) == answer.output.len;
    return OK;
}

/* ---- Suspension ---- */

struct err demo_suspend(struct demo *demo, const char **seen, bool *fine)
{
    struct child_answer answer;
    const char *sector = demo->nodes[DEMO_SECTOR].name;
    TRY(DEMO_TYPE(demo, DEMO_FOREIGN, &answer, "partner", "suspend", sector, "--reason", "for the demo"));
    TRY(demo_publish(demo, DEMO_FOREIGN, &later, &demo->onward));
    nanosleep(&(struct timespec){.tv_nsec = BEFORE_US * 1000}, NULL);
    return stays(demo, DEMO_FOREIGN, DEMO_SECTOR, demo->onward, "recipient", seen, fine);
}

struct err demo_resume(struct demo *demo, const char **seen, bool *fine)
{
    struct child_answer answer;
    const char *sector = demo->nodes[DEMO_SECTOR].name;
    int64_t began_us = clock_steady_us();
    TRY(DEMO_TYPE(demo, DEMO_FOREIGN, &answer, "partner", "resume", sector, "--reason", "for the demo"));
    TRY(arrives(demo, DEMO_SECTOR, demo->onward, began_us, seen));
    *fine = true;
    return OK;
}

struct err demo_doctor(struct demo *demo, const char **seen, bool *fine)
{
    struct child_answer answer;
    for (unsigned place = 0; place < DEMO_NODES; place++)
        TRY(DEMO_TYPE(demo, place, &answer, "doctor"));
    *seen = "three nodes, nothing wrong";
    *fine = true;
    return OK;
}
