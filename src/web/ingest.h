/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * POST /ingest: events as the body, in any format that we read, for a stream of the organisation of who sends them. The
 * answer is 202 when what was counted is kept, with the counts and the lines that are no event. Nothing waits in
 * memory: a long body lies in a file (http/body.h), and where more comes than can be taken the answer is 429 with
 * Retry-After.
 */
#include "gate/ask.h"

#define INGEST_STREAMS_MAX 64 /* that sending may make for an organisation; further ones are made by who serves it */
#define INGEST_LINES_TOLD_MAX 100 /* that are no event; more are counted */
#define INGEST_RETRY_S 1
#define INGEST_BODY_MAX (UINT64_C(1) << 30)

/*
 * ?stream=NAME: one that there is, else it is made as ORGANISATION/NAME ("ingest" if it is not said); ?format= as -f
 * takes it. Header Ingest-Id: what comes again with the same one changes nothing.
 */
struct err web_ingest(struct ask *ask);
