/* SPDX-License-Identifier: Apache-2.0 */
/* Forms about contacts, on the page of an organisation and in the portal of those who are there. */
#include "base/arena.h"
#include "desk/contact.h"
#include "desk/notice.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/warned.h"

struct asking {
    int64_t contact, notice;
};

static struct err ask_work(struct work *work, void *context)
{
    struct asking *asking = context;
    return desk_contact_ask(work, asking->contact, &asking->notice);
}

/* By mail; where it has none it is asked by telephone, and somebody notes that. */
static struct err ping(struct ask *ask, int64_t contact)
{
    struct contact row;
    TRY(store_contact_get(ask->db, contact, ask->arena, &row));
    bool second;
    TRY(store_right_check(&ask->who.actor, VERB_CHANGE_CONTACTS, row.organisation, ask->arena, &second));
    return store_work(ask->db, &ask->who.actor, ask->arena, ask_work, &(struct asking){.contact = contact});
}

static struct contact_put typed(const struct ask *ask)
{
    slice hours = slice_trim(ask_form(ask, S("hours"))), languages = slice_trim(ask_form(ask, S("languages")));
    uint64_t rank = 1;
    slice_u64(ask_form(ask, S("rank")), CONTACT_RANK_MAX, &rank);
    return (struct contact_put){.name = slice_trim(ask_form(ask, S("name"))),
            .rank = (int64_t)rank,
            .mail = slice_trim(ask_form(ask, S("mail"))),
            .phone = slice_trim(ask_form(ask, S("phone"))),
            .languages = languages.len > 0 ? languages : S("id en"),
            .hours = hours.len > 0 ? hours : S("always")};
}

struct err web_contact_add(struct ask *ask)
{
    struct shared_form form = {.done = "saved", .field = "name", .page = web_organisation};
    const struct contact_put put = typed(ask);
    int64_t organisation, number;
    TRY(ask_part_number(ask, 0, &organisation));
    form.path = outside_path(ask, "/organisations/", organisation, "");
    struct err err = desk_contact_add(ask->db, &ask->who.actor, organisation, &put, ask->arena, &number);
    if (err.kind == ERR_DENIED || err.kind == ERR_AUTH)
        return err;
    if (err.kind == ERR_NONE && put.mail.len > 0 && ping(ask, number).kind == ERR_NONE)
        form.done = "asked";
    return shared_end(ask, &form, err);
}

static struct err verify(struct ask *ask, int64_t contact)
{
    return desk_contact_verify(ask->db, &ask->who.actor, contact, slice_trim(ask_form(ask, S("reason"))), ask->arena);
}

static struct err close_it(struct ask *ask, int64_t contact)
{
    slice reason = slice_trim(ask_form(ask, S("reason")));
    return desk_contact_close(ask->db, &ask->who.actor, contact, reason.len > 0 ? reason : S("console"), ask->arena);
}

static const struct {
    const char *name, *done;
    struct err (*run)(struct ask *ask, int64_t contact);
} acts[] = {{"ping", "asked", ping}, {"verify", "saved", verify}, {"close", "saved", close_it}};

struct err web_contact_act(struct ask *ask)
{
    slice act = ask_form(ask, S("act"));
    struct contact contact;
    int64_t number;
    TRY(ask_part_number(ask, 0, &number));
    TRY(store_contact_get(ask->db, number, ask->arena, &contact));
    const char *page = outside_path(ask, "/organisations/", contact.organisation, "");
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (slice_eq(act, slice_of(acts[i].name))) {
            TRY(acts[i].run(ask, number));
            page_done(ask, slice_eq(ask_form(ask, S("back")), S("/today")) ? "/today" : page, acts[i].done);
            return OK;
        }
    return err_make(ERR_INPUT, W_C("what is to be done with the contact? act is ping, verify or close"));
}
