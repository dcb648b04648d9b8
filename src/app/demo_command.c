/* SPDX-License-Identifier: Apache-2.0 */
/* What is typed in the demo: as the one who owns the nodes' keys, and where two persons are needed as their managers.
 */
#include "app/demo.h"
#include "app/interrupt.h"
#include "base/clock.h"
#include "json/read.h"

#define WORDS_MAX 48
#define UNTIL_US (30 * SECOND_US) /* what takes milliseconds; more for a machine that has much else to do */
#define AGAIN_MS 10               /* at first, and a little less often each time */
#define AGAIN_MOST_MS 200

static struct err run(struct demo *demo, enum demo_place place, const char *const *words, const char *const *more,
        struct child_answer *answer)
{
    const char *all[WORDS_MAX] = {"-c", demo->nodes[place].folder};
    size_t count = 2;
    if (interrupt_came(NULL))
        return err_make(ERR_SYSTEM, "interrupted");
    for (size_t i = 0; words[i] != NULL && count < WORDS_MAX - 1; i++)
        all[count++] = words[i];
    for (size_t i = 0; more != NULL && more[i] != NULL && count < WORDS_MAX - 1; i++)
        all[count++] = more[i];
    return child_run(all, demo->arena, answer);
}

static struct err is_done(
        struct demo *demo, enum demo_place place, const char *const *words, const struct child_answer *answer)
{
    if (answer->status == 0)
        return OK;
    slice why = answer->error.len > 0 ? answer->error : S("it said nothing");
    while (slice_ends(why, S("\n")))
        why.len--;
    return err_format(demo->arena, ERR_SYSTEM, "%s: `kentongan %s %s` ended with %d: %.*s", demo->nodes[place].partner,
            words[0], words[1] == NULL ? "" : words[1], answer->status, (int)why.len, why.ptr);
}

struct err demo_command(struct demo *demo, enum demo_place place, const char *const *words, struct child_answer *answer)
{
    TRY(run(demo, place, words, NULL, answer));
    return is_done(demo, place, words, answer);
}

/* The manager, signed in with password and second factor. */
static struct err as_manager(struct demo *demo, enum demo_place place, const char *const *words)
{
    struct child_answer answer;
    struct demo_person *person = &demo->nodes[place].manager;
    if (person->used == DEMO_CODES)
        return err_format(demo->arena, ERR_LIMIT, "%s has no recovery code left", person->name);
    const char *const more[] = {"--person", person->name, "--person-password", person->password_file, "--code",
            person->codes[person->used++], NULL};
    TRY(run(demo, place, words, more, &answer));
    return is_done(demo, place, words, &answer);
}

/* The last of what waits for a second person; empty: nothing does. */
static struct err waiting(struct demo *demo, enum demo_place place, slice *row)
{
    struct child_answer answer;
    slice line;
    *row = S("");
    TRY(DEMO_TYPE(demo, place, &answer, "approval", "list", "--json"));
    while (slice_next(&answer.output, '\n', &line))
        if (line.len > 0)
            *row = line;
    return OK;
}

struct err demo_both(struct demo *demo, enum demo_place place, const char *const *words)
{
    struct child_answer answer;
    slice row;
    TRY(demo_command(demo, place, words, &answer));
    TRY(waiting(demo, place, &row));
    if (row.len == 0)
        return err_format(demo->arena, ERR_CONFLICT, "%s: `kentongan %s %s` wanted no second person",
                demo->nodes[place].partner, words[0], words[1]);
    const char *number = arena_cstr(demo->arena, json_get(row, S("number")));
    const char *digest = arena_cstr(demo->arena, json_text(json_get(row, S("digest")), demo->arena));
    const char *const agree[] = {"approval", "agree", number, digest, NULL};
    return as_manager(demo, place, agree);
}

struct err demo_until(struct demo *demo, enum demo_place place, const char *const *words, const char *text,
        struct child_answer *answer)
{
    int64_t end_us = clock_steady_us() + UNTIL_US;
    slice wanted = slice_of(text);
    for (long ms = AGAIN_MS;; ms = ms < AGAIN_MOST_MS ? ms + ms / 2 : AGAIN_MOST_MS) {
        TRY(run(demo, place, words, NULL, answer));
        if (answer->status == 0 && (wanted.len == 0 || slice_find_slice(answer->output, wanted) < answer->output.len))
            return OK;
        if (interrupt_came(NULL))
            return err_make(ERR_SYSTEM, "interrupted");
        if (clock_steady_us() > end_us)
            return err_format(demo->arena, ERR_REMOTE, "%s: `kentongan %s %s` had no \"%s\" for 30 seconds",
                    demo->nodes[place].partner, words[0], words[1] == NULL ? "" : words[1], text);
        nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
    }
}
