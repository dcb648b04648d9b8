/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/record.h"

#include "base/arena.h"
#include "store/store.h"

/* ---- When, and of which class ---- */

static int64_t time_plausible(int64_t time_us, int64_t now_us)
{
    return time_us < RECORD_OLDEST_US || time_us > now_us + RECORD_AHEAD_US ? now_us : time_us;
}

static unsigned class_of(slice type, struct record_class *last)
{
    if (type.len == 0)
        return 0;
    if (slice_eq(type, (slice){last->type, last->len}))
        return last->class;
    unsigned class = fold_class_find(type);
    if (type.len <= sizeof last->type) {
        memcpy(last->type, type.ptr, type.len);
        last->len = type.len;
        last->class = class;
    }
    return class;
}

struct record record_read(const struct sift_seen *seen, int64_t now_us, struct record_class *last)
{
    const struct event_field *fields = seen->reader->fields;
    slice type = seen->reader->class.type;
    int64_t time_us = TIME_NONE;
    bool said = false;
    for (size_t i = 0; i < seen->picks->count; i++) {
        const struct json_pick *pick = &seen->picks->rows[i];
        enum event_role role = fields[pick->path].role;
        if (role == ROLE_TIME && time_us == TIME_NONE) {
            if (!time_parse((slice){pick->ptr, pick->len}, &time_us))
                time_us = TIME_NONE;
        } else if (role == ROLE_CLASS_TYPE && !said && pick->kind == JSON_STRING) {
            type = (slice){pick->ptr, pick->len};
            said = true;
        }
    }
    return (struct record){time_plausible(time_us, now_us), class_of(type, last)};
}

struct record record_of(const struct event *event, int64_t now_us, struct record_class *last)
{
    return (struct record){time_plausible(event->time_us, now_us), class_of(event->class.type, last)};
}

/* ---- Whose ---- */

static int64_t whose_address(const struct owners_view *view, slice address, int64_t time_us)
{
    struct ip ip;
    return view != NULL && ip_parse(address, &ip) ? owners_of_address(view, &ip, time_us) : 0;
}

static bool is_name(const struct observable *observable)
{
    return observable->type == OBSERVABLE_HOST || observable->type == OBSERVABLE_DOMAIN;
}

int64_t record_whose_address(const struct owners_view *view, const struct event *event, int64_t time_us)
{
    return whose_address(view, event->source.address, time_us);
}

int64_t record_whose(const struct owners_view *view, const struct event *event, int64_t time_us)
{
    int64_t whose = whose_address(view, event->source.address, time_us);
    for (size_t i = 0; i < event->observable_count && whose == 0 && view != NULL; i++)
        if (is_name(&event->observables[i]))
            whose = owners_of_name(view, event->observables[i].value, time_us);
    if (whose == 0 && view != NULL && event->source_asn != 0)
        whose = owners_of_asn(view, event->source_asn, time_us);
    return whose;
}

/* ---- A hit ---- */

static slice observable_text(const struct observable *observable, struct arena *arena)
{
    struct buf text = buf_make(STORE_TEXT_MAX);
    const char *type = observable_type_name(observable->type);
    buf_put(&text, type == NULL ? observable->name : slice_of(type));
    buf_byte(&text, ' ');
    if (observable->type == OBSERVABLE_URL)
        event_url_write(observable, &text);
    else
        buf_put(&text, observable->value);
    slice kept = store_text_keep(arena, buf_slice(&text), STORE_TEXT_MAX);
    buf_free(&text);
    return kept;
}

/* The type and value of an end, as those of an observable. */
static slice end_text(const struct event_end *end, struct arena *arena)
{
    struct ip ip;
    if (!ip_parse(end->address, &ip))
        return store_text_keep(arena, end->address, STORE_NAME_MAX);
    slice type = ip.family == 4 ? S("ipv4 ") : S("ipv6 ");
    char *text = arena_take(arena, type.len + end->address.len);
    memcpy(text, type.ptr, type.len);
    memcpy(text + type.len, end->address.ptr, end->address.len);
    return (slice){text, type.len + end->address.len};
}

static bool is_end(const struct event_end *end, const struct observable *observable)
{
    return end->address.len > 0 && slice_eq(end->address, observable->value);
}

/* An address of a site's own (RFC 1918, RFC 4193). */
static bool is_private(slice address)
{
    static const char *const private[] = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"};
    struct ip ip;
    struct prefix prefix;
    for (size_t i = 0; i < COUNT_OF(private) && ip_parse(address, &ip); i++)
        if (prefix_parse(slice_of(private[i]), &prefix) && prefix_holds(&prefix, &ip))
            return true;
    return false;
}

/*
 * Which end is theirs: not the one that was met; else the one whose owner they are; else the one that is private; else
 * the source, since sensors stand where connections begin.
 */
static bool is_source_own(
        const struct owners_view *view, const struct sift_hit *hit, int64_t organisation, int64_t time_us)
{
    const struct event *event = hit->event;
    if (hit->observable != NULL && is_end(&event->source, hit->observable))
        return is_end(&event->destination, hit->observable);
    if (hit->observable != NULL && is_end(&event->destination, hit->observable))
        return true;
    if (organisation != 0 && whose_address(view, event->source.address, time_us) == organisation)
        return true;
    if (organisation != 0 && whose_address(view, event->destination.address, time_us) == organisation)
        return false;
    return is_private(event->source.address) || !is_private(event->destination.address);
}

static enum fold_way way_of(const struct sift_hit *hit, bool source_own)
{
    static const enum fold_way ways[OBSERVABLE_TYPES] = {
            [OBSERVABLE_MD5] = WAY_SEEN,
            [OBSERVABLE_SHA1] = WAY_SEEN,
            [OBSERVABLE_SHA256] = WAY_SEEN,
            [OBSERVABLE_SHA512] = WAY_SEEN,
            [OBSERVABLE_EMAIL] = WAY_SEEN,
            [OBSERVABLE_FILENAME] = WAY_SEEN,
            [OBSERVABLE_OTHER] = WAY_SEEN,
    };
    enum observable_type type = hit->observable == NULL ? hit->entry->type : hit->observable->type;
    return ways[type] == WAY_SEEN ? WAY_SEEN : source_own ? WAY_OUT : WAY_IN;
}

void record_hit(const struct owners_view *view, const struct sift_hit *hit, int64_t organisation, int64_t time_us,
        struct arena *arena, struct fold_met *met)
{
    const struct event *event = hit->event;
    bool source_own = is_source_own(view, hit, organisation, time_us);
    const struct event_end *own = source_own ? &event->source : &event->destination;
    const struct event_end *peer = source_own ? &event->destination : &event->source;
    *met = (struct fold_met){
            .organisation = organisation,
            .cause_kind = S(CAUSE_INDICATOR),
            .cause = hit->entry->id,
            .way = way_of(hit, source_own),
            .type = hit->observable == NULL ? hit->entry->type : hit->observable->type,
            .time_us = time_us,
            .events = 1,
    };
    met->detail.own = store_text_keep(arena, own->address, STORE_NAME_MAX);
    met->detail.own_port = own->port;
    met->detail.peer = hit->observable == NULL ? end_text(peer, arena) : observable_text(hit->observable, arena);
    met->detail.peer_port = peer->port;
}

/* ---- A report ---- */

/* What the report is called: the identifier of its kind (open-telnet), its class, or its format. */
static slice report_type(const struct event *event, const struct event_reader *reader)
{
    if (event->class.identifier.len > 0)
        return event->class.identifier;
    return event->class.type.len > 0 ? event->class.type : slice_of(reader->format->name);
}

static slice reported_name(const struct event *event)
{
    for (size_t i = 0; i < event->observable_count; i++)
        if (is_name(&event->observables[i]))
            return event->observables[i].value;
    return S("");
}

void record_report(
        const struct event *event, const struct event_reader *reader, struct arena *arena, struct fold_met *met)
{
    bool address = event->source.address.len > 0;
    enum severity severity;
    *met = (struct fold_met){
            .cause_kind = S(CAUSE_REPORT),
            .cause = store_text_keep(arena, report_type(event, reader), STORE_NAME_MAX),
            .events = 1,
    };
    met->detail.own = store_text_keep(arena, address ? event->source.address : reported_name(event), STORE_NAME_MAX);
    if (store_severity_find(event->severity, &severity))
        met->severity = (unsigned)severity + 1;
    met->detail.own_port = event->source.port;
    met->detail.peer = event->destination.address.len > 0 ? end_text(&event->destination, arena) : S("");
    met->detail.peer_port = event->destination.port;
}

uint64_t record_digest(struct hash_key key, const struct fold_met *report)
{
    uint64_t hash = hash_bytes(key, report->cause) ^ report->class;
    hash = hash_mix(hash ^ key.a, hash_bytes(key, report->detail.own) ^ (uint64_t)report->detail.own_port);
    return hash_mix(hash ^ key.b, hash_bytes(key, report->detail.peer) ^ (uint64_t)report->detail.peer_port);
}
