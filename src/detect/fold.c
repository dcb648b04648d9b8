/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/fold.h"

#include "base/arena.h"
#include "base/hash.h"
#include "event/rsit.h"

#define FOLD_BYTES_MAX ((size_t)1 << 30)
#define TABLE_LEAST 64

/* ---- Classes ---- */

/* How bad a class is in itself; an analyst may say otherwise of one warning. In the order of event/rsit.c. */
const struct fold_class fold_classes[FOLD_CLASSES] = {
        {"", SEVERITY_LOW},
        {"abusive-content/spam", SEVERITY_LOW},
        {"abusive-content/harmful-speech", SEVERITY_LOW},
        {"abusive-content/violence", SEVERITY_HIGH},
        {"malicious-code/infected-system", SEVERITY_HIGH},
        {"malicious-code/c2-server", SEVERITY_CRITICAL},
        {"malicious-code/malware-distribution", SEVERITY_HIGH},
        {"malicious-code/malware-configuration", SEVERITY_HIGH},
        {"information-gathering/scanner", SEVERITY_LOW},
        {"information-gathering/sniffing", SEVERITY_HIGH},
        {"information-gathering/social-engineering", SEVERITY_MEDIUM},
        {"intrusion-attempts/ids-alert", SEVERITY_MEDIUM},
        {"intrusion-attempts/brute-force", SEVERITY_MEDIUM},
        {"intrusion-attempts/exploit", SEVERITY_HIGH},
        {"intrusions/privileged-account-compromise", SEVERITY_CRITICAL},
        {"intrusions/unprivileged-account-compromise", SEVERITY_HIGH},
        {"intrusions/application-compromise", SEVERITY_CRITICAL},
        {"intrusions/system-compromise", SEVERITY_CRITICAL},
        {"intrusions/burglary", SEVERITY_HIGH},
        {"availability/dos", SEVERITY_HIGH},
        {"availability/ddos", SEVERITY_HIGH},
        {"availability/misconfiguration", SEVERITY_LOW},
        {"availability/sabotage", SEVERITY_CRITICAL},
        {"availability/outage", SEVERITY_MEDIUM},
        {"information-content-security/unauthorised-information-access", SEVERITY_HIGH},
        {"information-content-security/unauthorised-information-modification", SEVERITY_HIGH},
        {"information-content-security/data-loss", SEVERITY_HIGH},
        {"information-content-security/data-leak", SEVERITY_HIGH},
        {"fraud/unauthorised-use-of-resources", SEVERITY_MEDIUM},
        {"fraud/copyright", SEVERITY_LOW},
        {"fraud/masquerade", SEVERITY_MEDIUM},
        {"fraud/phishing", SEVERITY_HIGH},
        {"vulnerable/weak-crypto", SEVERITY_LOW},
        {"vulnerable/ddos-amplifier", SEVERITY_MEDIUM},
        {"vulnerable/potentially-unwanted-accessible", SEVERITY_MEDIUM},
        {"vulnerable/information-disclosure", SEVERITY_MEDIUM},
        {"vulnerable/vulnerable-system", SEVERITY_MEDIUM},
        {"other/other", SEVERITY_LOW},
        {"other/undetermined", SEVERITY_LOW},
        {"test/test", SEVERITY_INFO},
};

unsigned fold_class_find(slice type)
{
    const struct rsit_class *class = rsit_find(type);
    return class == NULL ? 0 : (unsigned)(class - rsit_classes) + 1;
}

#define ANY OBSERVABLE_NONE

/*
 * What an indicator means for who met it: by the word of its producer (STIX 2.1 section 10.6, indicator-type-ov) and
 * the way. Of several words the row that stands first holds; the last rows are for indicators without a known word,
 * which are taken for malicious, but with less certainty.
 */
static const struct {
    const char *word; /* NULL: any or none */
    enum observable_type type;
    enum fold_way way;
    struct fold_class class;
} meanings[] = {
        {"benign", ANY, WAY_OUT, {"other/other", SEVERITY_INFO}},
        {"benign", ANY, WAY_IN, {"other/other", SEVERITY_INFO}},
        {"benign", ANY, WAY_SEEN, {"other/other", SEVERITY_INFO}},
        {"malicious-activity", ANY, WAY_OUT, {"malicious-code/infected-system", SEVERITY_HIGH}},
        {"malicious-activity", ANY, WAY_IN, {"intrusion-attempts/exploit", SEVERITY_MEDIUM}},
        {"malicious-activity", OBSERVABLE_EMAIL, WAY_SEEN, {"fraud/phishing", SEVERITY_HIGH}},
        {"malicious-activity", ANY, WAY_SEEN, {"malicious-code/malware-distribution", SEVERITY_HIGH}},
        {"attribution", ANY, WAY_OUT, {"malicious-code/infected-system", SEVERITY_HIGH}},
        {"attribution", ANY, WAY_IN, {"intrusion-attempts/exploit", SEVERITY_HIGH}},
        {"attribution", ANY, WAY_SEEN, {"malicious-code/malware-distribution", SEVERITY_HIGH}},
        {"compromised", ANY, WAY_OUT, {"malicious-code/malware-distribution", SEVERITY_MEDIUM}},
        {"compromised", ANY, WAY_IN, {"intrusion-attempts/exploit", SEVERITY_MEDIUM}},
        {"compromised", ANY, WAY_SEEN, {"malicious-code/malware-distribution", SEVERITY_MEDIUM}},
        {"anomalous-activity", ANY, WAY_OUT, {"other/undetermined", SEVERITY_LOW}},
        {"anomalous-activity", ANY, WAY_IN, {"other/undetermined", SEVERITY_LOW}},
        {"anomalous-activity", ANY, WAY_SEEN, {"other/undetermined", SEVERITY_LOW}},
        {"anonymization", ANY, WAY_OUT, {"other/other", SEVERITY_LOW}},
        {"anonymization", ANY, WAY_IN, {"information-gathering/scanner", SEVERITY_LOW}},
        {"anonymization", ANY, WAY_SEEN, {"other/other", SEVERITY_LOW}},
        {NULL, ANY, WAY_OUT, {"malicious-code/infected-system", SEVERITY_MEDIUM}},
        {NULL, ANY, WAY_IN, {"intrusion-attempts/exploit", SEVERITY_LOW}},
        {NULL, OBSERVABLE_EMAIL, WAY_SEEN, {"fraud/phishing", SEVERITY_MEDIUM}},
        {NULL, ANY, WAY_SEEN, {"malicious-code/malware-distribution", SEVERITY_MEDIUM}},
};

static bool has_word(slice words, const char *word)
{
    char quoted[64];
    int len = snprintf(quoted, sizeof quoted, "\"%s\"", word);
    return slice_find_slice(words, (slice){quoted, (size_t)len}) < words.len;
}

const struct fold_class *fold_indicator_class(slice indicator_types, enum observable_type type, enum fold_way way)
{
    size_t i = 0;
    for (; i < COUNT_OF(meanings) - 1; i++) {
        bool word = meanings[i].word == NULL || has_word(indicator_types, meanings[i].word);
        if (word && meanings[i].way == way && (meanings[i].type == ANY || meanings[i].type == type))
            break;
    }
    return &meanings[i].class;
}

/* ---- Tables ---- */

/* Numbers of rows by the hash of their key; 0 is free, so they count from 1. */
struct table {
    uint32_t *slots;
    size_t size, count;
};

struct folded_detail {
    struct met_detail detail;
    uint64_t hash;
};

struct folded_met {
    struct fold_met key;
    uint64_t hash;
    int64_t window_us, first_us, last_us, events;
    struct folded_detail *details;
    size_t detail_count, detail_room;
};

struct folded_count {
    int64_t day, organisation, events, hits, doubles;
    unsigned class;
    uint64_t hash;
};

struct fold {
    struct arena *arena;
    struct hash_key key;
    struct table count_table, met_table;
    struct folded_count *counts;
    size_t count_count, count_room;
    struct folded_met *mets;
    size_t met_count, met_room;
    size_t details;
    uint32_t last; /* count that was counted last, from 1 */
};

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

static void table_grow(
        struct table *table, uint64_t (*hash_of)(const struct fold *fold, uint32_t number), const struct fold *fold)
{
    size_t size = table->size == 0 ? TABLE_LEAST : table->size * 2;
    uint32_t *slots = must(calloc(size, sizeof *slots));
    for (size_t i = 0; i < table->size; i++) {
        if (table->slots[i] == 0)
            continue;
        size_t at = hash_of(fold, table->slots[i]) & (size - 1);
        while (slots[at] != 0)
            at = (at + 1) & (size - 1);
        slots[at] = table->slots[i];
    }
    free(table->slots);
    table->slots = slots;
    table->size = size;
}

static void table_reset(struct table *table)
{
    if (table->count > 0)
        memset(table->slots, 0, table->size * sizeof *table->slots);
    table->count = 0;
}

struct fold *fold_open(void)
{
    struct fold *fold = must(calloc(1, sizeof *fold));
    fold->arena = arena_open("fold of a batch", ARENA_WORK, FOLD_BYTES_MAX);
    fold->key = hash_key_random();
    return fold;
}

void fold_close(struct fold *fold)
{
    if (fold == NULL)
        return;
    arena_close(fold->arena);
    free(fold->count_table.slots);
    free(fold->met_table.slots);
    free(fold->counts);
    free(fold->mets);
    free(fold);
}

void fold_reset(struct fold *fold)
{
    arena_reset(fold->arena);
    table_reset(&fold->count_table);
    table_reset(&fold->met_table);
    fold->count_count = fold->met_count = fold->details = 0;
    fold->last = 0;
}

bool fold_empty(const struct fold *fold)
{
    return fold->count_count == 0 && fold->met_count == 0;
}

size_t fold_size(const struct fold *fold)
{
    return fold->count_count + fold->met_count + fold->details;
}

size_t fold_bytes(const struct fold *fold)
{
    return arena_used(fold->arena);
}

/* ---- Counts ---- */

static uint64_t count_hash_of(const struct fold *fold, uint32_t number)
{
    return fold->counts[number - 1].hash;
}

static bool count_is(const struct folded_count *row, int64_t day, int64_t organisation, unsigned class)
{
    return row->day == day && row->organisation == organisation && row->class == class;
}

static uint32_t count_row(struct fold *fold, int64_t day, int64_t organisation, unsigned class)
{
    struct table *table = &fold->count_table;
    uint64_t hash =
            hash_mix(hash_mix((uint64_t)day ^ fold->key.a, (uint64_t)organisation ^ fold->key.b) ^ class, fold->key.a);
    if (2 * (table->count + 1) > table->size)
        table_grow(table, count_hash_of, fold);
    size_t at = hash & (table->size - 1);
    for (; table->slots[at] != 0; at = (at + 1) & (table->size - 1))
        if (count_is(&fold->counts[table->slots[at] - 1], day, organisation, class))
            return table->slots[at];
    if (fold->count_count == fold->count_room) {
        fold->count_room = fold->count_room == 0 ? TABLE_LEAST : 2 * fold->count_room;
        fold->counts = must(realloc(fold->counts, fold->count_room * sizeof *fold->counts));
    }
    fold->counts[fold->count_count++] =
            (struct folded_count){.day = day, .organisation = organisation, .class = class, .hash = hash};
    table->count++;
    return table->slots[at] = (uint32_t)fold->count_count;
}

void fold_count(struct fold *fold, int64_t day, int64_t organisation, unsigned class, int64_t events, int64_t hits,
        int64_t doubles)
{
    if (fold->last == 0 || !count_is(&fold->counts[fold->last - 1], day, organisation, class))
        fold->last = count_row(fold, day, organisation, class);
    struct folded_count *row = &fold->counts[fold->last - 1];
    row->events += events;
    row->hits += hits;
    row->doubles += doubles;
}

/* ---- What was met ---- */

static uint64_t met_hash_of(const struct fold *fold, uint32_t number)
{
    return fold->mets[number - 1].hash;
}

static bool met_is(const struct folded_met *row, const struct fold_met *met, int64_t window_us)
{
    return row->window_us == window_us && row->key.organisation == met->organisation && row->key.class == met->class &&
           row->key.way == met->way && row->key.type == met->type && slice_eq(row->key.cause, met->cause) &&
           slice_eq(row->key.cause_kind, met->cause_kind);
}

static struct folded_met *met_row(struct fold *fold, const struct fold_met *met, int64_t window_us)
{
    struct table *table = &fold->met_table;
    uint64_t hash = hash_bytes(fold->key, met->cause);
    hash = hash_mix(hash ^ (uint64_t)met->organisation, fold->key.a ^ (uint64_t)window_us ^ met->class << 8 ^ met->way);
    if (2 * (table->count + 1) > table->size)
        table_grow(table, met_hash_of, fold);
    size_t at = hash & (table->size - 1);
    for (; table->slots[at] != 0; at = (at + 1) & (table->size - 1))
        if (met_is(&fold->mets[table->slots[at] - 1], met, window_us))
            return &fold->mets[table->slots[at] - 1];
    if (fold->met_count == fold->met_room) {
        fold->met_room = fold->met_room == 0 ? TABLE_LEAST : 2 * fold->met_room;
        fold->mets = must(realloc(fold->mets, fold->met_room * sizeof *fold->mets));
    }
    struct folded_met *row = &fold->mets[fold->met_count++];
    *row = (struct folded_met){.key = *met, .hash = hash, .window_us = window_us};
    row->key.cause = arena_copy(fold->arena, met->cause);
    row->key.cause_kind = arena_copy(fold->arena, met->cause_kind);
    row->key.detail = (struct met_detail){0};
    row->key.extra = NULL;
    row->first_us = INT64_MAX;
    row->last_us = INT64_MIN;
    table->count++;
    table->slots[at] = (uint32_t)fold->met_count;
    return row;
}

static uint64_t detail_hash(const struct fold *fold, const struct met_detail *detail)
{
    uint64_t hash = hash_bytes(fold->key, detail->own) ^ (uint64_t)detail->own_port;
    return hash_mix(hash, hash_bytes(fold->key, detail->peer) ^ (uint64_t)detail->peer_port);
}

static bool detail_is(const struct met_detail *a, const struct met_detail *b)
{
    return slice_eq(a->own, b->own) && a->own_port == b->own_port && slice_eq(a->peer, b->peer) &&
           a->peer_port == b->peer_port;
}

static void detail_grow(struct met_detail *row, const struct met_detail *by)
{
    row->first_us = by->first_us < row->first_us ? by->first_us : row->first_us;
    row->last_us = by->last_us > row->last_us ? by->last_us : row->last_us;
    row->events += by->events;
}

/* Of equal details the first one's further columns stay. */
static struct met_detail *detail_put(struct fold *fold, struct folded_met *met, const struct met_detail *detail)
{
    uint64_t hash = detail_hash(fold, detail);
    for (size_t i = 0; i < met->detail_count; i++)
        if (met->details[i].hash == hash && detail_is(&met->details[i].detail, detail)) {
            detail_grow(&met->details[i].detail, detail);
            return NULL;
        }
    if (met->detail_count == MET_DETAILS_MAX)
        return NULL; /* it is in the row's count */
    if (met->detail_count == met->detail_room) {
        size_t room = met->detail_room == 0 ? 2 : 4 * met->detail_room;
        room = room < MET_DETAILS_MAX ? room : MET_DETAILS_MAX;
        struct folded_detail *grown = arena_new(fold->arena, struct folded_detail, room);
        if (met->detail_count > 0)
            memcpy(grown, met->details, met->detail_count * sizeof *grown);
        met->details = grown;
        met->detail_room = room;
    }
    struct folded_detail *row = &met->details[met->detail_count++];
    *row = (struct folded_detail){*detail, hash};
    row->detail.own = arena_copy(fold->arena, detail->own);
    row->detail.peer = arena_copy(fold->arena, detail->peer);
    row->detail.extra = arena_copy(fold->arena, detail->extra);
    fold->details++;
    return &row->detail;
}

static struct folded_met *met_grow(
        struct fold *fold, const struct fold_met *met, int64_t window_us, int64_t first_us, int64_t last_us)
{
    struct folded_met *row = met_row(fold, met, window_us);
    row->first_us = first_us < row->first_us ? first_us : row->first_us;
    row->last_us = last_us > row->last_us ? last_us : row->last_us;
    row->events += met->events;
    row->key.severity = met->severity > row->key.severity ? met->severity : row->key.severity;
    return row;
}

void fold_met(struct fold *fold, const struct fold_met *met)
{
    int64_t day = met->time_us / MET_WINDOW_US - (met->time_us % MET_WINDOW_US < 0);
    struct met_detail detail = met->detail;
    detail.first_us = detail.last_us = met->time_us;
    detail.events = met->events;
    struct folded_met *row = met_grow(fold, met, day * MET_WINDOW_US, met->time_us, met->time_us);
    struct met_detail *kept = detail_put(fold, row, &detail);
    if (kept != NULL && met->extra != NULL)
        kept->extra = met->extra(met->context, fold->arena);
}

void fold_merge(struct fold *to, const struct fold *from)
{
    for (size_t i = 0; i < from->count_count; i++) {
        const struct folded_count *row = &from->counts[i];
        fold_count(to, row->day, row->organisation, row->class, row->events, row->hits, row->doubles);
    }
    for (size_t i = 0; i < from->met_count; i++) {
        const struct folded_met *row = &from->mets[i];
        struct fold_met met = row->key;
        met.events = row->events;
        struct folded_met *grown = met_grow(to, &met, row->window_us, row->first_us, row->last_us);
        for (size_t j = 0; j < row->detail_count; j++)
            detail_put(to, grown, &row->details[j].detail);
    }
}

/* ---- Rows ---- */

static slice detail_digest(const struct met_detail *detail, struct arena *arena)
{
    struct buf text = buf_make(1u << 20);
    buf_put(&text, detail->own);
    buf_printf(&text, "\n%lld\n", (long long)detail->own_port);
    buf_put(&text, detail->peer);
    buf_printf(&text, "\n%lld", (long long)detail->peer_port);
    struct sha256 sum = hash_sha256(buf_slice(&text));
    buf_free(&text);
    return arena_copy(arena, slice_part(sha256_slice(&sum), 0, 16));
}

static void counts_make(const struct fold *fold, int64_t stream, struct arena *arena, struct fold_rows *rows)
{
    rows->counts = arena_new(arena, struct event_count, fold->count_count + 1);
    rows->count_count = fold->count_count;
    for (size_t i = 0; i < fold->count_count; i++) {
        const struct folded_count *row = &fold->counts[i];
        rows->counts[i] = (struct event_count){row->day, row->organisation, stream,
                slice_of(fold_classes[row->class].name), row->events, row->hits, row->doubles};
    }
}

static struct err class_of(
        const struct folded_met *row, fold_types *types, void *context, struct arena *arena, struct fold_class *class)
{
    slice words = S("");
    *class = fold_classes[row->key.class];
    if (row->key.class != 0 || !slice_eq(row->key.cause_kind, S(CAUSE_INDICATOR)))
        return OK;
    TRY(types(context, row->key.cause, arena, &words));
    *class = *fold_indicator_class(words, row->key.type, row->key.way);
    return OK;
}

static void met_make(const struct folded_met *row, const struct fold_class *class, int64_t stream, struct arena *arena,
        struct met_put *put)
{
    struct met_detail *details = arena_new(arena, struct met_detail, row->detail_count + 1);
    for (size_t i = 0; i < row->detail_count; i++) {
        details[i] = row->details[i].detail;
        details[i].digest = detail_digest(&details[i], arena);
    }
    *put = (struct met_put){
            .met = {.organisation = row->key.organisation,
                    .cause_kind = row->key.cause_kind,
                    .cause = row->key.cause,
                    .class = slice_of(class->name),
                    .stream = stream,
                    .window_us = row->window_us,
                    .first_us = row->first_us,
                    .last_us = row->last_us,
                    .events = row->events,
                    .severity = row->key.severity == 0 ? class->severity : (enum severity)(row->key.severity - 1)},
            .details = details,
            .detail_count = row->detail_count};
}

static int put_order(const void *a, const void *b)
{
    const struct met *one = &((const struct met_put *)a)->met, *other = &((const struct met_put *)b)->met;
    int order = slice_order(one->cause, other->cause);
    if (order == 0)
        order = (one->organisation > other->organisation) - (one->organisation < other->organisation);
    if (order == 0)
        order = (one->window_us > other->window_us) - (one->window_us < other->window_us);
    if (order == 0)
        order = slice_order(one->class, other->class);
    return order != 0 ? order : slice_order(one->cause_kind, other->cause_kind);
}

/* Equal details of the two are one. */
static void put_join(struct met_put *to, const struct met_put *from, struct arena *arena)
{
    struct met_detail *details = arena_new(arena, struct met_detail, to->detail_count + from->detail_count + 1);
    size_t count = to->detail_count;
    if (count > 0)
        memcpy(details, to->details, count * sizeof *details);
    for (size_t i = 0; i < from->detail_count; i++) {
        size_t at = 0;
        while (at < count && !slice_eq(details[at].digest, from->details[i].digest))
            at++;
        if (at < count)
            detail_grow(&details[at], &from->details[i]);
        else
            details[count++] = from->details[i];
    }
    to->details = details;
    to->detail_count = count;
    to->met.events += from->met.events;
    to->met.first_us = from->met.first_us < to->met.first_us ? from->met.first_us : to->met.first_us;
    to->met.last_us = from->met.last_us > to->met.last_us ? from->met.last_us : to->met.last_us;
    to->met.severity = from->met.severity > to->met.severity ? from->met.severity : to->met.severity;
}

/* Two ways may come to one class: then they are one row. */
static size_t puts_join(struct met_put *puts, size_t count, struct arena *arena)
{
    size_t kept = 0;
    qsort(puts, count, sizeof *puts, put_order);
    for (size_t i = 0; i < count; i++)
        if (kept > 0 && put_order(&puts[kept - 1], &puts[i]) == 0)
            put_join(&puts[kept - 1], &puts[i], arena);
        else
            puts[kept++] = puts[i];
    return kept;
}

struct err fold_rows(const struct fold *fold, int64_t stream, fold_types *types, void *context, struct arena *arena,
        struct fold_rows *rows)
{
    struct fold_rows made = {0};
    TRY(arena_check(fold->arena));
    counts_make(fold, stream, arena, &made);
    made.mets = arena_new(arena, struct met_put, fold->met_count + 1);
    for (size_t i = 0; i < fold->met_count; i++) {
        struct fold_class class;
        TRY(class_of(&fold->mets[i], types, context, arena, &class));
        met_make(&fold->mets[i], &class, stream, arena, &made.mets[i]);
    }
    made.met_count = puts_join(made.mets, fold->met_count, arena);
    TRY(arena_check(arena));
    *rows = made;
    return OK;
}
