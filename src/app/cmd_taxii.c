/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan taxii: what a node gets from other servers, and gives to them. */
#include "app/options.h"
#include "app/taxii_client.h"

static int taxii(struct command_line *line)
{
    return taxii_client_run(line);
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTIONS_TAXII_CLIENT,
        OPTION_JSON,
};

const struct command command_taxii = {
        .name = "taxii",
        .arguments = "ls|pull|push URL, peer VERB",
        .about = "Share intelligence by TAXII 2.1",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = taxii,
};
