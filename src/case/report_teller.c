/* SPDX-License-Identifier: Apache-2.0 */
/* A mail says who sent it and not for whom: whose contact that may be is proposed to people of ours, and a person says
 * so. Nothing that leaves tells whether an address is known here. */
#include "base/arena.h"
#include "case/report_parts.h"
#include "store/contact.h"
#include "store/organisation.h"

/* Of these everybody may have an address: the domain says nothing of who writes. */
static const char *const for_everybody[] = {"gmail.com", "googlemail.com", "yahoo.com", "yahoo.co.id", "ymail.com",
        "rocketmail.com", "outlook.com", "outlook.co.id", "hotmail.com", "live.com", "msn.com", "icloud.com", "me.com",
        "mac.com", "aol.com", "proton.me", "protonmail.com", "gmx.com", "gmx.net", "mail.com", "zoho.com", "yandex.com",
        "mail.ru", "qq.com", "163.com", "126.com", "sina.com", "foxmail.com", "telkom.net", "plasa.com"};

static bool is_for_everybody(slice domain)
{
    for (size_t i = 0; i < COUNT_OF(for_everybody); i++)
        if (slice_eq(domain, slice_of(for_everybody[i])))
            return true;
    return false;
}

struct err case_report_teller_find(
        struct db *db, const struct report *row, struct arena *arena, struct case_report_teller *teller)
{
    struct report_person person;
    *teller = (struct case_report_teller){0};
    if (row->channel != REPORT_BY_MAIL || row->organisation != 0)
        return OK;
    TRY(store_report_person(db, row->number, arena, &person));
    slice domain = slice_from(person.mail, slice_find(person.mail, '@'));
    if (domain.len < 2)
        return OK;
    TRY(store_contact_of_mail(db, person.mail, &teller->organisation));
    if (teller->organisation != 0 || is_for_everybody(slice_from(domain, 1)))
        return OK;
    teller->by_domain = true;
    return store_contact_of_domain(db, slice_from(domain, 1), &teller->organisation);
}

struct err case_report_told_by(struct work *work, int64_t report, int64_t organisation)
{
    struct report row;
    struct organisation whose;
    struct case_report_teller teller = {.organisation = organisation};
    TRY(case_report_hold(work, report, &row));
    if (row.organisation != 0)
        return err_make(ERR_CONFLICT, "it is known already which organisation told it");
    if (organisation == 0)
        TRY(case_report_teller_find(work->db, &row, work->arena, &teller));
    if (teller.organisation == 0)
        return err_make(ERR_INPUT, "organisation: nobody is proposed; which one told it?");
    TRY(store_organisation_get(work->db, teller.organisation, work->arena, &whose));
    if (whose.relation != RELATION_CONSTITUENT || whose.state == ORGANISATION_CLOSED)
        return err_make(ERR_INPUT, "organisation: one of those that we serve");
    TRY(store_report_told_by(work, report, whose.number));
    row.organisation = whose.number;
    return case_report_tell(work, "report.told-by", &row, (struct desk_fact[]){{"organisation", whose.name}}, 1);
}
