/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of the story in which somebody telephones: what is told becomes an incident, its clocks of law run, and two
 * teams work on it, each at its own node.
 */
#include "app/demo.h"
#include "app/demo_acts.h"
#include "base/buf.h"
#include "base/clock.h"
#include "json/read.h"

#define HOSPITAL "RS Contoh"
#define CASE "Ransomware di RS Contoh"
#define KNOWN_US (7 * HOUR_US) /* for so long they know of it */
#define OWN "The director is on leave"
#define FOR_ALL "The backup of Sunday is whole"
#define RESULT "Two images, one key: the family of spring"
#define REASON "--reason", "as talked over"

/* ---- It is told ---- */

struct err demo_told(struct demo *demo, const char **seen, bool *fine)
{
    struct child_answer answer;
    TRY(DEMO_TYPE(demo, DEMO_SECTOR, &answer, "org", "add", HOSPITAL, "--kind", "hospital", "--sector", "health",
            "--country", "ID"));
    TRY(DEMO_TYPE(demo, DEMO_SECTOR, &answer, "report", "take", "--org", HOSPITAL, "--subject", CASE, "--text",
            "Semua berkas terenkripsi, dan ada catatan tebusan dari pay.evil.example", "--json"));
    slice reference = json_text(json_get(answer.output, S("reference")), demo->arena);
    slice rule = json_text(json_get(answer.output, S("class_rule")), demo->arena);
    *seen = arena_printf(
            demo->arena, "%.*s, by the rule %.*s", (int)reference.len, reference.ptr, (int)rule.len, rule.ptr);
    *fine = reference.len > 0 && slice_eq(rule, S("ransomware"));
    return OK;
}

/* ---- It is an incident ---- */

static const char *known_field(struct arena *arena)
{
    char text[40];
    struct buf time = {.ptr = text, .cap = sizeof text, .max = sizeof text};
    time_write(&time, clock_now_us() - KNOWN_US);
    return arena_printf(arena, "known=%.*s", (int)time.len, time.ptr);
}

/* The first clock that runs out: whom to tell, and until when. */
struct err demo_opened(struct demo *demo, const char **seen, bool *fine)
{
    struct child_answer answer;
    TRY(DEMO_TYPE(demo, DEMO_SECTOR, &answer, "report", "open", "1"));
    TRY(DEMO_TYPE(demo, DEMO_SECTOR, &answer, "incident", "party", "1", "victim", HOSPITAL, REASON));
    TRY(DEMO_TYPE(demo, DEMO_SECTOR, &answer, "incident", "set", "1", "vital=yes", "personal-data=yes",
            known_field(demo->arena)));
    TRY(DEMO_UNTIL(demo, DEMO_SECTOR, "id-pdp-body", &answer, "duty", "list", "--incident", "1", "--json"));
    slice line, first = S(""), rest = answer.output;
    size_t running = 0;
    for (; slice_next(&rest, '\n', &line); running += line.len > 0)
        first = running == 0 ? line : first;
    slice rule = json_text(json_get(first, S("rule")), demo->arena),
          due = json_text(json_get(first, S("due")), demo->arena);
    *seen = arena_printf(
            demo->arena, "%zu clocks run; %.*s until %.*s", running, (int)rule.len, rule.ptr, (int)due.len, due.ptr);
    *fine = running > 1 && due.len > 0;
    return OK;
}

/* ---- Two teams work on it ---- */

struct err demo_worked(struct demo *demo, const char **seen, bool *fine)
{
    struct child_answer answer;
    const char *nusa = demo->nodes[DEMO_NATIONAL].name;
    TRY(DEMO_TYPE(demo, DEMO_SECTOR, &answer, "incident", "party", "1", "support", nusa, REASON));
    TRY(DEMO_TYPE(demo, DEMO_SECTOR, &answer, "incident", "note", "1", OWN));
    TRY(DEMO_TYPE(demo, DEMO_SECTOR, &answer, "incident", "note", "1", FOR_ALL, "--for", "parties"));
    TRY(DEMO_TYPE(demo, DEMO_SECTOR, &answer, "task", "add", "1", "Take the image apart", "--org", nusa));
    TRY(DEMO_BOTH(demo, DEMO_SECTOR, "incident", "share", "1", "--observables", REASON));
    TRY(DEMO_UNTIL(demo, DEMO_NATIONAL, FOR_ALL, &answer, "incident", "show", "1"));
    *fine = slice_find_slice(answer.output, S(OWN)) == answer.output.len;
    *seen = *fine ? "Nusa has the case and what is for it, nothing else" : "Nusa reads what is for Melati alone";
    return OK;
}

struct err demo_answered(struct demo *demo, const char **seen, bool *fine)
{
    struct child_answer answer;
    TRY(DEMO_UNTIL(demo, DEMO_NATIONAL, "Take the image apart", &answer, "task", "list"));
    TRY(DEMO_TYPE(demo, DEMO_NATIONAL, &answer, "task", "state", "1", "done", "--result", RESULT));
    TRY(DEMO_BOTH(demo, DEMO_NATIONAL, "incident", "share", "1", REASON));
    TRY(DEMO_UNTIL(demo, DEMO_SECTOR, RESULT, &answer, "incident", "show", "1", "--json"));
    *seen = "the result stands in the case at Melati";
    *fine = true;
    return OK;
}

/* ---- What is over becomes a risk ---- */

struct err demo_risk(struct demo *demo, const char **seen, bool *fine)
{
    static const char *const states[] = {"open", "contained", "closed"};
    struct child_answer answer;
    TRY(DEMO_TYPE(demo, DEMO_SECTOR, &answer, "incident", "open", "Malware di ruang baca", "--class",
            "malicious-code/infected-system", "--severity", "high", "--json"));
    const char *which = arena_cstr(demo->arena, json_get(answer.output, S("number")));
    TRY(DEMO_TYPE(demo, DEMO_SECTOR, &answer, "incident", "set", which, "assets=workstations"));
    for (size_t i = 0; i < COUNT_OF(states); i++)
        TRY(DEMO_TYPE(demo, DEMO_SECTOR, &answer, "incident", "state", which, states[i], REASON));
    TRY(DEMO_UNTIL(demo, DEMO_SECTOR, "workstations", &answer, "risk", "list", "--json"));
    slice level = json_text(json_get(answer.output, S("level")), demo->arena);
    *seen = arena_printf(demo->arena, "malware on workstations is %.*s", (int)level.len, level.ptr);
    *fine = slice_eq(level, S("high"));
    return OK;
}
