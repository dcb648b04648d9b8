/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The words of a STIX pattern (STIX 2.1 sections 9.2 and 9.4 and the published grammar): names, constants, operators,
 * keywords. Private to this folder; tokens are slices of the text. A mistake is sticky: behind it there is only the
 * end.
 */
#include "base/err.h"

enum stix_token_kind {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_HYPHEN_NAME, /* allowed as an object type only */
    TOKEN_STRING,
    TOKEN_INTEGER,
    TOKEN_FLOAT,
    TOKEN_BINARY,
    TOKEN_HEX,
    TOKEN_TIME,
    TOKEN_BOOLEAN,
    TOKEN_EQ,
    TOKEN_NE,
    TOKEN_LT,
    TOKEN_LE,
    TOKEN_GT,
    TOKEN_GE,
    TOKEN_IN,
    TOKEN_LIKE,
    TOKEN_MATCHES,
    TOKEN_ISSUBSET,
    TOKEN_ISSUPERSET,
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_NOT,
    TOKEN_EXISTS,
    TOKEN_FOLLOWEDBY,
    TOKEN_WITHIN,
    TOKEN_SECONDS,
    TOKEN_REPEATS,
    TOKEN_TIMES,
    TOKEN_START,
    TOKEN_STOP,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_OPEN_SQUARE,
    TOKEN_CLOSE_SQUARE,
    TOKEN_COLON,
    TOKEN_DOT,
    TOKEN_COMMA,
    TOKEN_STAR,
};

#define TOKEN_BIT(kind) (UINT64_C(1) << (kind))

struct stix_token {
    enum stix_token_kind kind;
    slice text;   /* of a string or another quoted constant: what is between the quotes */
    size_t at;    /* where it begins */
    bool escaped; /* a string with a backslash */
};

struct stix_tokens {
    slice text;
    size_t at;  /* behind the token */
    size_t end; /* behind the token before it */
    struct stix_token token;
    struct err err;
    size_t err_at;
};

/* At the first token. */
struct stix_tokens stix_token_begin(slice text);
void stix_token_next(struct stix_tokens *tokens);
/* Remembers the first mistake and ends the text. */
void stix_token_fail(struct stix_tokens *tokens, size_t at, enum err_kind kind, const char *why);

/* Whether a timestamp as STIX 2.1 section 2.16 has it; the ranges of its fields are checked, not the calendar. */
bool stix_token_is_time(slice text);
/* A letter, a digit, _ or -: what a name without quotes may hold. */
bool stix_token_is_name(char c);
