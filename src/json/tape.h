/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A value as a tape: one pass over its bytes checks the grammar and lays down one token for each key and value, in the
 * order of the text. Behind it code walks tokens and looks at bytes only where a value matters.
 *
 *     {"a":[1,true]}    object, key a, array, number, true
 *
 * The tape is the fast road; json_check() is the definition. What the tape takes the check takes, and the other way
 * round, but for objects of many keys and keys with escapes, where only the check can tell a doubled key:
 * json_tape_read says no, the check decides, and JSON_TAPE_CHECKED reads it again. A tape belongs to one thread; its
 * owner frees it.
 */
#include "json/read.h"

struct buf;

#define JSON_TAPE_TOKENS_MAX (4u << 20) /* of one value */
#define JSON_TAPE_BYTES_MAX (1u << 30)  /* of one value */

enum json_token_flag {
    JSON_TOKEN_KEY = 1,     /* a key; its value is the next token */
    JSON_TOKEN_ESCAPES = 2, /* the string holds a backslash */
    JSON_TOKEN_WHOLE = 4,   /* a number without fraction and exponent */
};

struct json_token {
    uint32_t at;   /* where it begins in the text; of a string, behind its quote */
    uint32_t len;  /* of a string, between its quotes; else of all of it */
    uint32_t next; /* the token behind it and all it holds; of a key, its hash */
    uint8_t kind;  /* enum json_kind; JSON_STRING for a key */
    uint8_t flags;
    uint16_t count; /* members or elements; UINT16_MAX: that many or more */
};

enum json_tape_mode { JSON_TAPE_STRICT, JSON_TAPE_CHECKED };

struct json_tape {
    struct json_token *tokens;
    size_t count;
    size_t room;
    const char *text;
    size_t end; /* of the value in the text; where reading stopped, if it did */
    bool full;  /* it stopped at a ceiling, or without memory */
};

/*
 * The first value of the text, which may be followed by anything. False: ask json_check(), unless the tape is full. A
 * number at the very end is not taken, since it may go on.
 */
bool json_tape_read(struct json_tape *tape, slice text, enum json_tape_mode mode);
void json_tape_free(struct json_tape *tape);

static inline slice json_tape_slice(const struct json_tape *tape, const struct json_token *token)
{
    return (slice){tape->text + token->at, token->len};
}

/* Appends a token and all it holds without blanks: every key and value in the spelling of the text. */
void json_tape_write(const struct json_tape *tape, size_t token, struct buf *out);

/* The same number for the same bytes: for tables of names that tokens are looked up in, and for nothing hostile. */
uint32_t json_tape_hash(slice key);
