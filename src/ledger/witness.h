/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A witness (C2SP tlog-witness 1.0.0, add-checkpoint) as two pure functions. Who calls them parses the request, then in
 * one transaction reads what is stored of its origin, asks ledger_witness_decide, stores the new size and root (and the
 * checkpoint) if the answer says so, commits, and answers: so no two requests are decided on the same state.
 */
#include "ledger/checkpoint.h"

enum { LEDGER_WITNESS_LINES_MAX = 63 };

struct ledger_witness_request {
    uint64_t old;
    struct ledger_path path;
    slice bytes; /* of the checkpoint, signatures and all */
    struct ledger_note note;
    struct ledger_checkpoint checkpoint;
};

/* ERR_INPUT or ERR_LIMIT: to be answered with 400 and what is wrong. */
MUST_USE struct err ledger_witness_parse(slice body, struct arena *arena, struct ledger_witness_request *request);
/* What a log sends: the path leads from `old` to the checkpoint; nothing if old is 0 or the checkpoint's size. */
void ledger_witness_write(struct buf *out, uint64_t old, const struct ledger_path *path, slice checkpoint);

/* What a witness knows of a log. */
struct ledger_witness_log {
    const struct ledger_verifier *keys; /* of the log */
    size_t key_count;
    uint64_t size; /* of the last checkpoint that we cosigned; 0: none yet */
    struct sha256 root;
};

struct ledger_witness_answer {
    int status; /* of HTTP: 200, 400, 403, 404, 409, 422 */
    const char *type;
    slice body;      /* in the arena */
    bool to_store;   /* 200: size and root of the request's checkpoint are to be stored before it is answered */
    const char *why; /* for our log, NULL with 200 */
};

/*
 * `log` is NULL for an origin that we do not know. The witness signs with keys of type LEDGER_KEY_COSIGNATURE. Answers
 * that speak of a log that is not consistent (422) may be proof against it: the request is worth keeping.
 */
void ledger_witness_decide(struct ledger_witness_request *request, const struct ledger_witness_log *log,
        const struct ledger_signer *witness, size_t witness_count, int64_t now_us, struct arena *arena,
        struct ledger_witness_answer *answer);
