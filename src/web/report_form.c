/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form by which anybody tells us something: no account, no script, in two languages, on a phone. It gives the
 * reference at once and says what happens next; it shows nothing of what others told. Programs that fill in whatever
 * they find fill in a field that people do not see. From one address only so many are taken (people/throttle.h).
 *
 * Who is signed in for a constituent tells for it. Whoever else uses it acts as a part of the node.
 */
#include "base/arena.h"
#include "gate/gate.h"
#include "web/outside.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/report_in.h"

#define HIDDEN_FIELD S("website") /* a word that programs know */

static void write_form(struct ask *ask)
{
    page_title(ask, ask_text(ask, W("Tell us about an incident")));
    json_write_key_u64(&ask->json, S("file_bytes_max"), REPORT_FILE_MAX);
}

struct err web_report_form(struct ask *ask)
{
    write_form(ask);
    return OK;
}

static struct err again(struct ask *ask, const char *field, struct err err)
{
    TRY(page_again(ask, field, err));
    write_form(ask);
    return OK;
}

static struct err too_often(struct ask *ask, unsigned wait_s)
{
    TRY(again(ask, NULL,
            err_format(ask->arena, ERR_LIMIT,
                    "many reports came from your address; come again in %u seconds. What you typed is still here",
                    wait_s)));
    ask->status = STATUS_OFTEN;
    http_reply_header(ask->reply, S("Retry-After"), slice_of(arena_printf(ask->arena, "%u", wait_s)));
    return OK;
}

/* Those of a constituent act as themselves; a person of ours who tries the form does not tell for anybody. */
static struct actor actor_of(const struct ask *ask, const struct case_report_put *put)
{
    return put->organisation != 0 && put->organisation == ask->who.actor.organisation
                   ? ask->who.actor
                   : (struct actor){.name = S("@form"), .how = ACTOR_FOLLOWER};
}

static void write_taken(struct ask *ask, const struct case_report_put *put, const struct case_report_taken *taken)
{
    page_title(ask, ask_text(ask, W("Thank you. We have your report.")));
    json_write_key(&ask->json, S("taken"));
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("reference"), taken->reference);
    page_flag(ask, S("receipt"), taken->receipt == NULL);
    page_flag(ask, S("money"), put->flags.len > 0);
    page_flag(ask, S("refused"), taken->advice.len > 0);
    json_write_key_text(&ask->json, S("advice"), taken->advice);
    json_write_end(&ask->json);
    ask->status = 201;
}

struct err web_report_form_send(struct ask *ask)
{
    struct doorkeeper *doorkeeper = ask->gate->options.doorkeeper;
    const struct ip from = ask_from(ask);
    struct case_report_put put = {.channel = REPORT_BY_FORM};
    struct case_report_taken taken = {0};
    const char *field = NULL;
    unsigned wait_s = people_report_wait_s(doorkeeper, &from);
    if (wait_s > 0)
        return too_often(ask, wait_s);
    if (ask_form(ask, HIDDEN_FIELD).len > 0)
        return again(
                ask, NULL, err_make(ERR_INPUT, W_C("leave the field that is for nobody empty, and send it again")));
    struct err err = report_in_read(ask, REPORT_BY_FORM, &put, &field);
    if (err.kind == ERR_NONE) {
        const struct actor actor = actor_of(ask, &put);
        err = report_in_take(ask, &actor, &put, &taken, &field);
    }
    if (err.kind != ERR_NONE)
        return again(ask, field, err);
    people_report_taken(doorkeeper, &from);
    write_taken(ask, &put, &taken);
    return OK;
}
