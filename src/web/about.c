/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this node is, in which languages it speaks and by which licence; which version, for those who are known here:
 * strangers need not learn what to attack.
 */
#include "gate/gate.h"
#include "web/page.h"
#include "web/pages.h"

static void write_languages(struct json_writer *json)
{
    json_write_key(json, S("languages"));
    json_write_array(json);
    for (enum language language = 0; language < LANGUAGES; language++) {
        json_write_object(json);
        json_write_key_text(json, S("tag"), slice_of(language_tag(language)));
        json_write_key_text(json, S("name"), slice_of(language_name(language)));
        json_write_end(json);
    }
    json_write_end(json);
}

struct err web_about(struct ask *ask)
{
    struct json_writer *json = &ask->json;
    page_title(ask, ask_text(ask, W("About this node")));
    json_write_key_text(json, S("node"), slice_of(ask->gate->options.parts->name));
    json_write_key_text(json, S("licence"), S("Apache-2.0"));
    write_languages(json);
    if (ask->who.actor.how != ACTOR_NOBODY && !ask->who.half)
        json_write_key_text(json, S("version"), S(KENTONGAN_VERSION));
    return OK;
}
