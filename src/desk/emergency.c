/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/emergency.h"

#include "desk/notice.h"
#include "store/contact.h"
#include "store/organisation.h"

struct err desk_emergency_tell(struct work *work, const struct approval *approval)
{
    struct notice_make make = {.kind = NOTICE_OF_EMERGENCY, .due_us = TIME_NONE, .emergency = approval};
    struct contact *rows;
    int64_t number;
    size_t count;
    TRY(store_organisation_own(work->db, &make.organisation));
    TRY(store_contact_of(work->db, make.organisation, false, work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        make.contact = rows[i].number;
        struct err err = desk_notice_make(work, &make, &number);
        if (err.kind != ERR_NONE && err.kind != ERR_MISSING) /* no [mail], or no address that it could go to */
            return err;
    }
    return desk_notice_on_call(work, &make);
}
