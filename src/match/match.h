/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The index over indicators: which of millions does this value meet? It is one read-only image of bytes, the same in
 * memory and on disk; build.h makes it. Any number of threads may ask at once. The owner closes it when nobody asks.
 *
 * An address meets itself and every prefix that holds it, a name meets itself as a host and every domain it lies in or
 * is, a URL meets itself and every URL that is marked INDICATOR_BELOW above its path; everything else meets its equal
 * (observable_normal in base/observable.h says what equal means).
 */
#include "base/observable.h"

struct match_index;

/* Maps a compiled index. ERR_INPUT with what is wrong (not an index, another version, damaged); `arena` keeps why. */
MUST_USE struct err match_open(const char *path, struct arena *arena, struct match_index **index);
/* Whether a file begins as a compiled index does. */
bool match_is_image(slice head);
void match_close(struct match_index *index); /* NULL is allowed */

uint64_t match_count(const struct match_index *index);    /* indicators, patterns among them */
uint64_t match_records(const struct match_index *index);  /* what match_find can answer: values and hints */
uint64_t match_patterns(const struct match_index *index); /* numbered from 0 */
uint64_t match_resident(const struct match_index *index); /* bytes of buckets and maps, all that most look-ups touch */
uint64_t match_position(const struct match_index *index); /* match_build_position; 0: none */

/* What the index keeps about one indicator; slices point into the image. */
struct match_entry {
    enum observable_type type;
    unsigned flags;
    slice name;  /* OBSERVABLE_OTHER: type name */
    slice value; /* as its source wrote it */
    slice id;    /* empty: called source:line */
    slice label;
    slice source; /* the file it came from */
    uint32_t line;
    uint32_t pattern; /* INDICATOR_HINT: the number of the pattern that it is a hint of */
    int64_t from_us, until_us, modified_us;
};
void match_entry(const struct match_index *index, uint32_t number, struct match_entry *entry);
/*
 * A STIX pattern that no table can answer, in the order they were added: its value is its text. The index keeps it and
 * finds nothing for it by itself; whoever evaluates it may have put values into the index that are hints of it.
 */
void match_pattern(const struct match_index *index, uint32_t number, struct match_entry *entry);
/* The indicator that an entry was made of, for whoever builds another index; its slices point into the image. */
struct indicator match_entry_indicator(const struct match_entry *entry);

/*
 * Every indicator that one observable meets, in the order: exact, then prefixes from the longest, domains from the
 * longest, URLs from the longest path. Calls `found` for each; always right and obvious: the slow twin of the sieve.
 */
typedef void match_found(void *context, uint32_t tag, uint32_t number);
void match_find(const struct match_index *index, const struct observable *observable, uint32_t tag, match_found *found,
        void *context);
/* The same of several indexes, as if they were one that was built of all in this order; the tag says which it was. */
void match_find_in(const struct match_index *const *indexes, size_t count, const struct observable *observable,
        match_found *found, void *context);

/*
 * The sieve: which of very many observables may meet an indicator, with the memory latency of all of them in parallel.
 * It reports the tag of every observable that match_find finds something for, perhaps more than once, and by chance a
 * very few others; whoever must know asks match_find about those. A sieve belongs to one thread; an observable and its
 * slices need live only until the call returns.
 */
typedef void match_may_meet(void *context, uint32_t tag);
struct match_sieve;
struct match_sieve *match_sieve_open(const struct match_index *index, match_may_meet *met, void *context);
void match_sieve_close(struct match_sieve *sieve); /* NULL is allowed */
/* May report what was added before. */
void match_sieve_add(struct match_sieve *sieve, const struct observable *observable, uint32_t tag);
/*
 * The same for texts as they stand in a log, of which only the kind is known: cheaper, since many of a kind are read in
 * one go. A text that is not of its usual form (a host with a port, a URL with a user) is reported, too: who
 * knows the log must look at it. The text must live until the sieve is run.
 */
enum match_text {
    MATCH_NOTHING, /* no value of interest: offered so that the caller need not branch */
    MATCH_ADDRESS,
    MATCH_NAME, /* of a host, or its address */
    MATCH_URL,  /* and its host */
    MATCH_MD5,
    MATCH_SHA1,
    MATCH_SHA256,
    MATCH_JA3,
    MATCH_USERAGENT,
    MATCH_FILENAME, /* and its last part */
    MATCH_TEXTS,
};
void match_sieve_offer(struct match_sieve *sieve, enum match_text kind, slice text, uint32_t tag);
/* Reports all that is left. */
void match_sieve_run(struct match_sieve *sieve);
