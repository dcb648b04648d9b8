/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/emergency.h"

#include "desk/notice.h"
#include "store/contact.h"
#include "store/organisation.h"

static struct err tell_one(struct work *work, const struct approval *approval, const struct contact *contact)
{
    const struct notice_make make = {.organisation = contact->organisation,
            .contact = contact->number,
            .kind = NOTICE_OF_EMERGENCY,
            .due_us = TIME_NONE,
            .emergency = approval};
    int64_t number;
    struct err err = desk_notice_make(work, &make, &number);
    return err.kind == ERR_MISSING ? OK : err; /* no [mail], or no address that it could go to */
}

struct err desk_emergency_tell(struct work *work, const struct approval *approval)
{
    struct contact *rows;
    int64_t own;
    size_t count;
    TRY(store_organisation_own(work->db, &own));
    TRY(store_contact_of(work->db, own, false, work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        TRY(tell_one(work, approval, &rows[i]));
    return OK;
}
