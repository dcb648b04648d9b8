/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The verbs of `kentongan taxii` that speak to other servers: ls, pull and push (taxii_client.c), peer (taxii_peer.c).
 * The first three work without a node, too.
 */
#include "app/local.h"
#include "app/report.h"
#include "app/telling.h"
#include "taxii/push.h"

/* Rows for the options of the command. */
#define OPTIONS_TAXII_CLIENT                                                                                           \
    OPTION_OUTPUT, {0, "user", "NAME", "Who we are at the other server, with --password-file"},                        \
            {0, "password-file", "FILE", "The password in one line"},                                                  \
            {0, "token-file", "FILE", "Or a token in one line"},                                                       \
            {0, "certificate", "FILE", "Or a certificate (PEM), with --key"},                                          \
            {0, "key", "FILE", "Its key (PEM, without a password)"},                                                   \
            {0, "ca", "FILE", "Certificates (PEM) to trust there, instead of [feeds] ca or those of the system"},      \
            {0, "every", "TIME", "How often a peer is asked, as 5min or 1d (default: 5min)"},                          \
            {0, "type", "TYPE", "Push objects of this STIX type only"},                                                \
            {0, "source", "NAME", "Push what this source says, and no other"},                                         \
            {0, "since", "TIME", "Push what arrived at this time or later"},                                           \
    {                                                                                                                  \
        0, "all-versions", NULL, "Push every version of each object"                                                   \
    }

/* Whether the verb is one of these, and then all of it: the exit status. */
bool taxii_client_is(const char *verb);
int taxii_client_run(const struct command_line *line);
extern const char taxii_client_usage[];

/* ---- Shared by the two files ---- */

/* What verbs need beside a node; `local` NULL: there is none. */
struct taxii_call {
    const struct command_line *line;
    struct local *local;
    struct config *defaults; /* without a node */
    struct telling telling;
    struct taxii_fetch fetch;
    uint64_t failed;
};

void taxii_call_open(const struct command_line *line, struct local *local, struct taxii_call *call);
/* The options of what lets us in. */
struct taxii_files taxii_call_files(const struct command_line *line);
/* One line about a run, and *failed counted. */
void taxii_call_pulled(struct taxii_call *call, const struct taxii_pulled *pulled);
/* `taxii peer VERB ...` */
MUST_USE struct err taxii_peer_verb(struct taxii_call *call);
