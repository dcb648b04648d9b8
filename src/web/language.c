/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The language of the pages: of this browser, and of the account of whoever is signed in, which goes before.
 */
#include "base/arena.h"
#include "people/account.h"
#include "web/page.h"
#include "web/pages.h"

struct err web_language(struct ask *ask)
{
    enum language language;
    slice next = ask_form(ask, S("next"));
    if (!language_find(ask_form(ask, S("language")), &language))
        return err_make(ERR_INPUT, "language: this node does not speak it; /about names those that it speaks");
    if (ask->who.actor.user != 0 && !ask->who.half)
        TRY(people_account_taste(
                ask->db, &ask->who.actor, slice_of(language_tag(language)), ask->who.zone, ask->arena));
    ask_language_set(ask, language);
    ask_see(ask, arena_cstr(ask->arena, next));
    return OK;
}
