/* SPDX-License-Identifier: Apache-2.0 */
/* The first part of the story: three organisations come to know each other, and agree. */
#include "app/demo.h"
#include "app/demo_acts.h"

/* ---- They are there ---- */

struct err demo_all_serve(struct demo *demo, const char **seen, bool *fine)
{
    unsigned count = 0;
    for (unsigned place = 0; place < DEMO_NODES; place++)
        count += child_lives(&demo->nodes[place].server);
    *seen = arena_printf(demo->arena, "%u of %u nodes serve", count, DEMO_NODES);
    *fine = count == DEMO_NODES;
    return OK;
}

/* Both ways, for each two of them. */
static struct err each_pair(struct demo *demo, struct err (*act)(struct demo *demo, unsigned who, unsigned whom))
{
    for (unsigned who = 0; who < DEMO_NODES; who++)
        for (unsigned whom = 0; whom < DEMO_NODES; whom++)
            if (who != whom)
                TRY(act(demo, who, whom));
    return OK;
}

/* ---- Introductions ---- */

static const char *introduction_of(const struct demo *demo, unsigned place)
{
    return arena_printf(demo->arena, "%s/%s.introduction", demo->folder, demo->nodes[place].partner);
}

static struct err add(struct demo *demo, unsigned who, unsigned whom)
{
    struct child_answer answer;
    return DEMO_TYPE(demo, who, &answer, "partner", "add", introduction_of(demo, whom));
}

struct err demo_introduce(struct demo *demo, const char **seen, bool *fine)
{
    struct child_answer answer;
    for (unsigned place = 0; place < DEMO_NODES; place++)
        TRY(DEMO_TYPE(demo, place, &answer, "partner", "introduce", "-o", introduction_of(demo, place)));
    TRY(each_pair(demo, add));
    *seen = "each holds the other two as candidates";
    *fine = true;
    return OK;
}

/* ---- Fingerprints ---- */

/* What one reads to the other on the telephone: the words behind "common" that it sees itself. */
static struct err words_read(struct demo *demo, unsigned who, unsigned of, const char **words)
{
    struct child_answer answer;
    slice line;
    TRY(DEMO_TYPE(demo, who, &answer, "partner", "show", demo->nodes[of].name));
    for (slice rest = answer.output; slice_next(&rest, '\n', &line);)
        if (slice_starts(line, S("common"))) {
            *words = arena_cstr(demo->arena, slice_trim(slice_from(line, strlen("common"))));
            return OK;
        }
    return err_format(demo->arena, ERR_SYSTEM, "%s shows no words for %s", demo->nodes[who].name, demo->nodes[of].name);
}

static struct err confirm(struct demo *demo, unsigned who, unsigned whom)
{
    struct child_answer answer;
    const char *words = NULL;
    TRY(words_read(demo, whom, who, &words));
    return DEMO_TYPE(demo, who, &answer, "partner", "confirm", demo->nodes[whom].name, words);
}

static struct err active(struct demo *demo, unsigned who, unsigned whom)
{
    struct child_answer answer;
    return DEMO_UNTIL(demo, who, "\"state\":\"active\"", &answer, "partner", "show", demo->nodes[whom].name, "--json");
}

struct err demo_confirm(struct demo *demo, const char **seen, bool *fine)
{
    TRY(each_pair(demo, confirm));
    TRY(each_pair(demo, active));
    *seen = "six confirmations; their servers said hello, all are active";
    *fine = true;
    return OK;
}

struct err demo_wrong_words(struct demo *demo, const char **seen, bool *fine)
{
    struct child_answer answer;
    const char *words = NULL;
    TRY(words_read(demo, DEMO_NATIONAL, DEMO_FOREIGN, &words)); /* those of somebody else */
    struct err err = DEMO_TYPE(demo, DEMO_SECTOR, &answer, "partner", "confirm", demo->nodes[DEMO_FOREIGN].name, words);
    *fine = err.kind != ERR_NONE && slice_find_slice(answer.error, S("not the fingerprint")) < answer.error.len;
    *seen = *fine ? "refused: this is not the fingerprint" : err.kind != ERR_NONE ? err.why : "they were taken";
    return OK;
}

/* ---- Agreements ---- */

/* What is between each two of them, whoever offers it. */
static const struct terms {
    enum demo_place offers, accepts;
    const char *purpose, *highest, *onward;
    bool cases; /* they work on incidents, too */
} agreements[] = {
        {DEMO_SECTOR, DEMO_FOREIGN, "Protecting hospitals", "TLP:AMBER", "ask", false},
        {DEMO_SECTOR, DEMO_NATIONAL, "What hits hospitals may hit others", "TLP:AMBER", "no", true},
        {DEMO_FOREIGN, DEMO_NATIONAL, "Between national teams", "TLP:GREEN", "no", false},
};

#define REASON "--reason", "as talked over"

static struct err offer(struct demo *demo, const struct terms *terms)
{
    struct child_answer answer;
    const char *with = demo->nodes[terms->accepts].name;
    const char *const words[] = {"agreement", "draft", with, "--purpose", terms->purpose, "--highest", terms->highest,
            "--onward", terms->onward, "--affected", "yes", "--until", "2099-12-31T23:59:59Z", "--kind", "indicator",
            terms->cases ? "--kind" : NULL, "incident", "--kind", "report", "--kind", "note", "--kind", "task",
            "--kind", "event", "--kind", "impact", "--kind", "relationship", "--kind", "domain-name", NULL};
    TRY(demo_command(demo, terms->offers, words, &answer));
    return DEMO_BOTH(demo, terms->offers, "agreement", "offer", with, REASON);
}

static struct err accept(struct demo *demo, const struct terms *terms)
{
    struct child_answer answer;
    const char *with = demo->nodes[terms->offers].name;
    TRY(DEMO_UNTIL(demo, terms->accepts, "\"state\":\"offered\"", &answer, "agreement", "show", with, "--json"));
    return DEMO_BOTH(demo, terms->accepts, "agreement", "accept", with, REASON);
}

static struct err in_force(struct demo *demo, enum demo_place who, enum demo_place with)
{
    struct child_answer answer;
    return DEMO_UNTIL(
            demo, who, "\"state\":\"in-force\"", &answer, "agreement", "show", demo->nodes[with].name, "--json");
}

struct err demo_agree(struct demo *demo, const char **seen, bool *fine)
{
    for (size_t i = 0; i < COUNT_OF(agreements); i++)
        TRY(offer(demo, &agreements[i]));
    for (size_t i = 0; i < COUNT_OF(agreements); i++)
        TRY(accept(demo, &agreements[i]));
    for (size_t i = 0; i < COUNT_OF(agreements); i++) {
        TRY(in_force(demo, agreements[i].offers, agreements[i].accepts));
        TRY(in_force(demo, agreements[i].accepts, agreements[i].offers));
    }
    *seen = "three agreements in force on both sides";
    *fine = true;
    return OK;
}

/* ---- Standing rules ---- */

static struct err rule(struct demo *demo, enum demo_place who, enum demo_place to, const char *highest)
{
    return DEMO_BOTH(demo, who, "release", "rule", "add", "--to", demo->nodes[to].name, "--highest", highest, REASON);
}

struct err demo_rules(struct demo *demo, const char **seen, bool *fine)
{
    struct child_answer answer;
    TRY(DEMO_TYPE(demo, DEMO_FOREIGN, &answer, "release", "rule", "list"));
    bool none = answer.output.len == 0;
    for (size_t i = 0; i < COUNT_OF(agreements); i++) {
        const struct terms *terms = &agreements[i];
        TRY(rule(demo, terms->offers, terms->accepts, terms->highest));
        TRY(rule(demo, terms->accepts, terms->offers, terms->highest));
    }
    TRY(DEMO_TYPE(demo, DEMO_FOREIGN, &answer, "release", "rule", "list"));
    *seen = "six rules, each agreed to by two persons";
    *fine = none && answer.output.len > 0;
    return OK;
}
