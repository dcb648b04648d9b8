/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan taxii: what a node shares by TAXII 2.1, and with whom, and what it gets from others. */
#include "app/taxii.h"

#include "app/options.h"
#include "app/person.h"
#include "app/sharing.h"
#include "app/taxii_client.h"

static const struct local_verb verbs[] = {
        {"collection", 2, taxii_collection},
        {"collection", 3, taxii_collection},
};

static int taxii(struct command_line *line)
{
    if (line->file_count > 0 && taxii_client_is(line->files[0]))
        return taxii_client_run(line);
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `taxii collection add TITLE`, `list`, or `show`, `grant`, `revoke`, `remove` and its id or title; "
            "`taxii ls|pull|push URL`; `taxii peer add NAME URL`, `list`, `run`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_PERSON,
        OPTION_REASON,
        OPTION_EMERGENCY,
        {0, "read", "WHO", "Who may read it: a user, an organisation, or everyone; may be repeated"},
        {0, "write", "WHO", "Who may write to it; may be repeated"},
        {0, "description", "TEXT", "What it is for, as partners read it"},
        OPTIONS_TAXII_CLIENT,
        OPTION_JSON,
};

const struct command command_taxii = {
        .name = "taxii",
        .arguments = "collection VERB, ls|pull|push URL, peer VERB",
        .about = "Share intelligence by TAXII 2.1",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = taxii,
};
