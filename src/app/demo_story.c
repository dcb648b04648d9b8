/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The story: what three organisations do with each other, one row a step. A step that needs what an earlier one made
 * fails by itself when that is not there, and the others go on.
 */
#include "app/demo.h"

#include "json/read.h"

/* Runs a command on one node; the words end by themselves. */
#define TYPE(demo, place, answer, ...) demo_command(demo, place, (const char *const[]){__VA_ARGS__, NULL}, answer)

/* ---- They are there ---- */

static struct err all_serve(struct demo *demo, const char **seen, bool *fine)
{
    unsigned count = 0;
    for (unsigned place = 0; place < DEMO_NODES; place++)
        count += child_lives(&demo->nodes[place].server);
    *seen = arena_printf(demo->arena, "%u of %u nodes serve", count, DEMO_NODES);
    *fine = count == DEMO_NODES;
    return OK;
}

/* ---- They know each other ---- */

static const char *introduction_of(const struct demo *demo, unsigned place)
{
    return arena_printf(demo->arena, "%s/%s.introduction", demo->folder, demo->nodes[place].partner);
}

/* What one reads to the other on the phone: the words behind "common" that it sees itself. */
static struct err words_read(struct demo *demo, unsigned who, unsigned of, const char **words)
{
    struct child_answer answer;
    slice line;
    TRY(TYPE(demo, who, &answer, "partner", "show", demo->nodes[of].name));
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
    return TYPE(demo, who, &answer, "partner", "confirm", demo->nodes[whom].name, words);
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

static struct err add(struct demo *demo, unsigned who, unsigned whom)
{
    struct child_answer answer;
    return TYPE(demo, who, &answer, "partner", "add", introduction_of(demo, whom));
}

static struct err all_introduced(struct demo *demo, const char **seen, bool *fine)
{
    struct child_answer answer;
    for (unsigned place = 0; place < DEMO_NODES; place++)
        TRY(TYPE(demo, place, &answer, "partner", "introduce", "-o", introduction_of(demo, place)));
    TRY(each_pair(demo, add));
    *seen = "each holds the other two as candidates";
    *fine = true;
    return OK;
}

static struct err all_confirmed(struct demo *demo, const char **seen, bool *fine)
{
    TRY(each_pair(demo, confirm));
    *seen = "each typed what the other read";
    *fine = true;
    return OK;
}

static struct err wrong_words(struct demo *demo, const char **seen, bool *fine)
{
    struct child_answer answer;
    const struct demo_node *foreign = &demo->nodes[DEMO_FOREIGN];
    struct err err = TYPE(demo, DEMO_SECTOR, &answer, "partner", "confirm", foreign->name,
            "babibu babibu babibu babibu babibu babibu babibu babibu");
    *fine = err.kind != ERR_NONE && answer.status != 0;
    *seen = err.kind != ERR_NONE ? err.why : "they were taken";
    return OK;
}

const struct demo_step demo_steps[] = {
        {"three organisations, a node each", "3 of 3 nodes serve", all_serve},
        {"they exchange introductions", "each holds the other two as candidates", all_introduced},
        {"somebody who is not the partner reads words on the phone", "refused", wrong_words},
        {"the partners read theirs", "each typed what the other read", all_confirmed},
};
const size_t demo_step_count = COUNT_OF(demo_steps);
