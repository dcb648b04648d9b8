/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/contact.h"

#include "base/arena.h"
#include "desk/fact.h"
#include "desk/notice.h"
#include "store/right.h"

#define ROTTEN_AT_ONCE 200

struct changing {
    const struct contact_put *put;
    int64_t organisation, contact, notice;
    slice reason;
    size_t count;
};

/* A contact may be a person: its name stays in the table, where it can be changed. */
static struct err tell(struct work *work, const char *act, const struct contact *contact, slice reason)
{
    const struct desk_fact facts[] = {{"reason", reason}};
    return desk_fact_tell(work, act, "contact", contact->number, contact->organisation, facts, COUNT_OF(facts));
}

/* The contact, if the actor may change those of its organisation. */
static struct err may(struct work *work, int64_t number, struct contact *contact)
{
    struct err err = store_contact_get(work->db, number, work->arena, contact);
    int64_t organisation = err.kind == ERR_NONE ? contact->organisation : 0;
    TRY(store_right_check(work->actor, VERB_CHANGE_CONTACTS, organisation, work->arena, NULL));
    return err;
}

static struct err add(struct work *work, void *context)
{
    struct changing *changing = context;
    struct contact contact;
    TRY(store_right_check(work->actor, VERB_CHANGE_CONTACTS, changing->organisation, work->arena, NULL));
    TRY(store_contact_add(work, changing->organisation, changing->put, &changing->contact));
    TRY(store_contact_get(work->db, changing->contact, work->arena, &contact));
    return tell(work, "contact.added", &contact, S(""));
}

static struct err change(struct work *work, void *context)
{
    const struct changing *changing = context;
    struct contact contact;
    TRY(may(work, changing->contact, &contact));
    TRY(store_contact_change(work, changing->contact, changing->put));
    return tell(work, "contact.changed", &contact, S(""));
}

static struct err verify(struct work *work, void *context)
{
    const struct changing *changing = context;
    struct contact contact;
    TRY(may(work, changing->contact, &contact));
    TRY(store_text_check(work->arena, "reason", changing->reason, STORE_TEXT_MAX));
    return desk_contact_heard(work, changing->contact, work->now_us, changing->reason);
}

static struct err shut(struct work *work, void *context)
{
    const struct changing *changing = context;
    struct contact contact;
    TRY(may(work, changing->contact, &contact));
    TRY(store_text_check(work->arena, "reason", changing->reason, STORE_TEXT_MAX));
    TRY(store_contact_close(work, changing->contact));
    return tell(work, "contact.closed", &contact, changing->reason);
}

struct err desk_contact_add(struct db *db, const struct actor *actor, int64_t organisation,
        const struct contact_put *put, struct arena *arena, int64_t *number)
{
    struct changing changing = {.put = put, .organisation = organisation};
    TRY(desk_fact_kept(store_work(db, actor, arena, add, &changing), arena));
    *number = changing.contact;
    return OK;
}

struct err desk_contact_change(
        struct db *db, const struct actor *actor, int64_t contact, const struct contact_put *put, struct arena *arena)
{
    struct changing changing = {.put = put, .contact = contact};
    return desk_fact_kept(store_work(db, actor, arena, change, &changing), arena);
}

struct err desk_contact_verify(
        struct db *db, const struct actor *actor, int64_t contact, slice reason, struct arena *arena)
{
    struct changing changing = {.contact = contact, .reason = reason};
    return desk_fact_kept(store_work(db, actor, arena, verify, &changing), arena);
}

struct err desk_contact_close(
        struct db *db, const struct actor *actor, int64_t contact, slice reason, struct arena *arena)
{
    struct changing changing = {.contact = contact, .reason = reason};
    return desk_fact_kept(store_work(db, actor, arena, shut, &changing), arena);
}

static struct err ping(struct work *work, void *context)
{
    struct changing *changing = context;
    struct contact contact;
    TRY(may(work, changing->contact, &contact));
    return desk_contact_ask(work, changing->contact, &changing->notice);
}

struct err desk_contact_ping(
        struct db *db, const struct actor *actor, int64_t contact, struct arena *arena, int64_t *notice)
{
    struct changing changing = {.contact = contact};
    TRY(desk_fact_kept(store_work(db, actor, arena, ping, &changing), arena));
    *notice = changing.notice;
    return OK;
}

struct err desk_contact_heard(struct work *work, int64_t number, int64_t asked_us, slice how)
{
    struct contact contact;
    TRY(store_contact_get(work->db, number, work->arena, &contact));
    if (asked_us < contact.changed_us)
        return err_make(ERR_CONFLICT, "the contact has been reached in another way since that was asked");
    TRY(store_contact_verify(work, number));
    return tell(work, "contact.verified", &contact, how);
}

struct err desk_contact_lost(struct work *work, int64_t number, slice why)
{
    struct contact contact;
    TRY(store_contact_get(work->db, number, work->arena, &contact));
    if (contact.state == CONTACT_STALE || contact.state == CONTACT_CLOSED)
        return OK;
    TRY(store_contact_lost(work, number));
    return tell(work, "contact.stale", &contact, why);
}

struct err desk_contact_asked(struct work *work, int64_t number)
{
    struct contact contact;
    TRY(store_contact_get(work->db, number, work->arena, &contact));
    TRY(store_contact_asked(work, number));
    return tell(work, "contact.asked", &contact, S(""));
}

/* ---- The job ---- */

static struct err rot(struct work *work, void *context)
{
    struct changing *changing = context;
    struct contact *rows;
    TRY(store_contact_rot(work, ROTTEN_AT_ONCE, &rows, &changing->count));
    for (size_t i = 0; i < changing->count; i++)
        TRY(tell(work, "contact.stale", &rows[i], S("")));
    return OK;
}

struct err desk_contacts_rot(struct db *db, const struct actor *actor, struct arena *arena, size_t *count)
{
    struct changing changing = {.count = ROTTEN_AT_ONCE};
    *count = 0;
    TRY(store_right_check(actor, VERB_CHANGE_CONTACTS, 0, arena, NULL));
    while (changing.count == ROTTEN_AT_ONCE) {
        arena_reset(arena);
        TRY(store_work(db, actor, arena, rot, &changing));
        *count += changing.count;
    }
    return OK;
}

struct sha256 desk_webhook_key(slice node_secret)
{
    return hash_hmac_sha256(node_secret, S("kentongan webhooks"));
}
