/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Signed notes (C2SP signed-note 1.0.0): a text, an empty line, and lines with signatures. A note is believed only if a
 * key that we know signed it; a signature by a known key that does not verify makes the whole note invalid; those of
 * others are ignored. Which kinds of keys there are is a table in note.c. Pure; slices point into the note or the
 * arena.
 */
#include "base/buf.h"
#include "base/key.h"

struct arena;

enum {
    LEDGER_NOTE_MAX = 512 << 10,     /* bytes: 64 signatures, the largest of today's kinds have 5 KB */
    LEDGER_NOTE_SIGNATURES_MAX = 64, /* the text demands that 16 are accepted */
    LEDGER_NAME_MAX = 255,           /* bytes of a key's name, and of a log's origin (tlog-cosignature) */
};

/* The signature type identifier bytes of signed-note that we can use; all others are unknown keys. */
enum ledger_key_type {
    LEDGER_KEY_ED25519 = 0x01,     /* of a log */
    LEDGER_KEY_COSIGNATURE = 0x04, /* of a witness: cosignature/v1, with a time */
    LEDGER_KEY_ML_DSA_44 = 0x06,   /* recognised, not built: Debian 12 has no library for it */
};

/* A key that verifies: what a vkey says. */
struct ledger_verifier {
    slice name;
    uint32_t id;
    enum ledger_key_type type;
    struct key_public key;
};

/* A key that signs. */
struct ledger_signer {
    slice name;
    enum ledger_key_type type;
    const struct key_pair *pair;
};

/* "NAME+HASH+BASE64": ERR_INPUT says what of it is wrong, or which type we do not know. */
MUST_USE struct err ledger_note_key_parse(slice vkey, struct arena *arena, struct ledger_verifier *verifier);
void ledger_note_key_write(struct buf *out, const struct ledger_verifier *verifier);
/* What verifies the signatures of a signer. */
struct ledger_verifier ledger_note_key_of(const struct ledger_signer *signer);
/* Whether it can name a key: not empty, UTF-8, no Unicode spaces, no plus, at most LEDGER_NAME_MAX bytes. */
bool ledger_note_is_name(slice name);

struct ledger_signature {
    slice name;
    uint32_t id;
    slice bytes;                      /* behind the id */
    const struct ledger_verifier *by; /* who made it, after ledger_note_verify; NULL: a key that we do not know */
};

struct ledger_note {
    slice text; /* with its last newline */
    struct ledger_signature *signatures;
    size_t count;
};

/* ERR_INPUT, ERR_LIMIT. Nothing is verified. */
MUST_USE struct err ledger_note_parse(slice bytes, struct arena *arena, struct ledger_note *note);
/*
 * ERR_DENIED if no known key signed it, or a signature by a known key does not verify; says which. Sets `by` of each
 * signature to one of `known`.
 */
MUST_USE struct err ledger_note_verify(
        struct ledger_note *note, const struct ledger_verifier *known, size_t known_count, struct arena *arena);

/* A note is its text, an empty line, and lines: begin, then sign once or often. The text ends in a newline. */
void ledger_note_begin(struct buf *out, slice text);
/* Appends the line of a signature of this text; a note that is there already gets one more in the same way. */
void ledger_note_sign(struct buf *out, slice text, const struct ledger_signer *signer, int64_t time_us);
