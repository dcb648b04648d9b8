/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Keys: what the one table of an index is asked for. A key is a kind, which keeps types apart, and bytes in normal form
 * (base/observable.h). One observable asks for several: itself, then everything that lies above it.
 *
 *     address   itself            prefix  the address with its host bits cleared, once per length that occurs
 *     name      itself as a host  name    every suffix of at most KEY_LABELS_MAX labels, as a domain
 *     url       itself            below   every shortening of the path at its first KEY_LEVELS_MAX cuts
 *     others    themselves
 *
 * key_hash() is the definition of a key's hash, written to be read. The sieve computes the same numbers by quicker
 * ways; the rules that both share:
 *
 * 1. Bytes are taken sixteen at a time, the last one to sixteen bytes as one step with the length: key_bytes_hash().
 * 2. Of a name the sixteens are taken from its end, and the rest at its front is the last step: so each suffix is one
 *    step away from a state on the way to the whole.
 * 3. A URL mixes the hash of its host, its port and the hash of its path, so that logs that keep them apart need no
 * copy.
 */
#include "base/hash.h"
#include "base/ip.h"
#include "base/observable.h"

enum key_kind {
    KEY_NONE,
    KEY_ADDRESS,
    KEY_PREFIX,
    KEY_NAME, /* hosts and domains: the type of the entry decides */
    KEY_URL,
    KEY_BELOW, /* a URL that stands for all below its path */
    KEY_PATH,  /* never in the table: a part of the two before */
    KEY_MD5,
    KEY_SHA1,
    KEY_SHA256,
    KEY_SHA512,
    KEY_EMAIL,
    KEY_JA3,
    KEY_USERAGENT,
    KEY_FILENAME,
    KEY_OTHER,
    KEY_KINDS,
};

enum {
    KEY_BYTES_MAX = 32768, /* a normal form: host, port and path of a URL, each bounded by observable_normal() */
    KEY_LABELS_MAX = 15,   /* domains of more labels meet their own name only; with the name itself 16 look-ups */
    KEY_LEVELS_MAX = 16,   /* slashes and question marks of a path, from the left, at which it may be cut */
    KEY_CUTS_MAX = 2 * KEY_LEVELS_MAX + 1,
    KEY_STEP = 16,
};

struct key {
    enum key_kind kind;
    slice name; /* KEY_OTHER: the type name */
    slice bytes;
};

/* The kind of a value of each type; a host or domain that is an address, and a URL marked below, are of another. */
extern const enum key_kind key_kind_of[OBSERVABLE_TYPES];

/* The hash key of an index, and the state from which each kind begins. */
struct key_hasher {
    struct hash_key key;
    uint64_t seed[KEY_KINDS];
};

void key_hasher_init(struct key_hasher *hasher, struct hash_key key);

/* The key that an observable, or with its flags an indicator, is itself. `normal` is reset and holds its bytes. */
bool key_make(const struct observable *observable, unsigned flags, struct buf *normal, struct key *key);
bool key_eq(const struct key *a, const struct key *b);
uint64_t key_hash(const struct key_hasher *hasher, const struct key *key);

/* The steps of rule 1, from a state. */
uint64_t key_bytes_hash(struct hash_key key, uint64_t state, slice bytes);
/* Rule 2, over the whole name or any suffix of it. */
uint64_t key_name_hash(const struct key_hasher *hasher, slice name);
/* Rule 3. */
uint64_t key_url_hash(const struct key_hasher *hasher, enum key_kind kind, uint64_t host, unsigned port, uint64_t path);

/* A URL in normal form apart again. */
struct key_url {
    slice host;
    unsigned port; /* 0: none said, or a default one */
    slice path;
};
struct key_url key_url_split(slice normal);

/*
 * The lengths, rising, to which a path may be cut so that a URL marked INDICATOR_BELOW with that path meets it: behind
 * a slash, before a slash or a question mark, and its full length. Returns how many.
 */
size_t key_cuts(slice path, size_t cuts[KEY_CUTS_MAX]);

/* An address in normal form as a struct again. */
struct ip key_ip(slice normal);
size_t key_labels(slice name);

/* The key of a prefix over an address; `space` holds its bytes. */
struct key key_prefix(const struct ip *ip, unsigned bits, char space[18]);
