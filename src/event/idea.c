/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/ip.h"
#include "event/document.h"
#include "event/fields.h"

/*
 * IDEA (IDEA0), as Warden and NERD exchange it. Nearly all is a list, and some write a single value where a list is
 * meant. An address may be a range ("192.0.2.1-192.0.2.9") or a prefix: a range as small as RANGE_MAX is met by each
 * address in it, a larger one by its ends.
 */

#define RANGE_MAX 256

enum { CATEGORY = 0, CATEGORY_ALONE, DETECT_TIME, CREATE_TIME };

static const struct event_field fields[] = {
        [CATEGORY] = {"Category[]"}, /* becomes the class, and stays in extra as it was */
        [CATEGORY_ALONE] = {"Category"},
        [DETECT_TIME] = {"DetectTime"}, /* when EventTime, the deduced begin, is not known */
        [CREATE_TIME] = {"CreateTime"},
        {"Source[].IP4[]", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"Source[].IP4", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"Source[].IP6[]", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"Source[].IP6", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"Target[].IP4[]", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"Target[].IP4", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"Target[].IP6[]", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"Target[].IP6", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"EventTime", ROLE_TIME},
        {"Node[].Name", ROLE_SENSOR},

        {"Source[].Port[]", ROLE_SOURCE_PORT},
        {"Source[].Port", ROLE_SOURCE_PORT},
        {"Source[].Hostname[]", ROLE_NONE, VALUE_NAME},
        {"Source[].Hostname", ROLE_NONE, VALUE_NAME},
        {"Source[].URL[]", ROLE_NONE, VALUE_URL},
        {"Source[].URL", ROLE_NONE, VALUE_URL},
        {"Source[].Email[]", ROLE_NONE, VALUE_EMAIL},
        {"Source[].Email", ROLE_NONE, VALUE_EMAIL},
        {"Source[].MAC[]", ROLE_NONE, VALUE_OTHER, "mac-addr"},
        {"Source[].MAC", ROLE_NONE, VALUE_OTHER, "mac-addr"},

        {"Target[].Port[]", ROLE_DESTINATION_PORT},
        {"Target[].Port", ROLE_DESTINATION_PORT},
        {"Target[].Hostname[]", ROLE_NONE, VALUE_NAME},
        {"Target[].Hostname", ROLE_NONE, VALUE_NAME},
        {"Target[].URL[]", ROLE_NONE, VALUE_URL},
        {"Target[].URL", ROLE_NONE, VALUE_URL},
        {"Target[].Email[]", ROLE_NONE, VALUE_EMAIL},
        {"Target[].Email", ROLE_NONE, VALUE_EMAIL},
        {"Target[].MAC[]", ROLE_NONE, VALUE_OTHER, "mac-addr"},
        {"Target[].MAC", ROLE_NONE, VALUE_OTHER, "mac-addr"},

        {"Attach[].FileName[]", ROLE_NONE, VALUE_FILENAME},
        {"Attach[].FileName", ROLE_NONE, VALUE_FILENAME},
        {"Attach[].Hash[]", ROLE_NONE, VALUE_HASH},
        {"Attach[].Hash", ROLE_NONE, VALUE_HASH},
        {"Attach[].ExternalURI[]", ROLE_NONE, VALUE_URL},
        {"Attach[].ExternalURI", ROLE_NONE, VALUE_URL},
        {"Note", ROLE_TEXT},
        EVENT_MADE_FIELDS,
};

/*
 * Categories that are one class of RSIT and no other. Left as IDEA calls them: bare first levels, kinds of malware (it
 * may lie there, run there or be sent from there), Recon.Searching, Attempt.NewSignature, Fraud.Scam,
 * Vulnerable.Config, Anomaly.*, Other. Availability is often misspelt as its document once was.
 */
static const struct rsit_word categories[] = {
        {"Abusive.Spam", "spam"},
        {"Abusive.Harassment", "harmful-speech"},
        {"Abusive.Child", "violence"},
        {"Abusive.Sexual", "violence"},
        {"Abusive.Violence", "violence"},
        {"Recon.Scanning", "scanner"},
        {"Recon.Sniffing", "sniffing"},
        {"Recon.SocialEngineering", "social-engineering"},
        {"Attempt.Exploit", "exploit"},
        {"Attempt.Login", "brute-force"},
        {"Intrusion.AdminCompromise", "privileged-account-compromise"},
        {"Intrusion.UserCompromise", "unprivileged-account-compromise"},
        {"Intrusion.AppCompromise", "application-compromise"},
        {"Intrusion.Botnet", "infected-system"},
        {"Availability.DoS", "dos"},
        {"Availability.DDoS", "ddos"},
        {"Availability.Sabotage", "sabotage"},
        {"Availability.Outage", "outage"},
        {"Availibility.DoS", "dos"},
        {"Availibility.DDoS", "ddos"},
        {"Availibility.Sabotage", "sabotage"},
        {"Availibility.Outage", "outage"},
        {"Information.UnauthorizedAccess", "unauthorised-information-access"},
        {"Information.UnauthorizedModification", "unauthorised-information-modification"},
        {"Fraud.UnauthorizedUsage", "unauthorised-use-of-resources"},
        {"Fraud.Copyright", "copyright"},
        {"Fraud.Masquerade", "masquerade"},
        {"Fraud.Phishing", "phishing"},
        {"Vulnerable.Open", "potentially-unwanted-accessible"},
        {"Test", "test"},
        {NULL, NULL},
};

static int recognise(slice head)
{
    bool whole;
    slice object = event_document_begin(head, S(""), &whole);
    if (whole && slice_eq(json_get(object, S("Format")), S("\"IDEA0\"")))
        return 100;
    bool known = event_document_has(object, whole, S("DetectTime")) && event_document_has(object, whole, S("Category"));
    return !known ? 0 : event_document_has(object, whole, S("ID")) ? 95 : 80;
}

static struct err idea_open(
        struct event_reader *reader, slice head, const struct event_options *options, struct arena *arena)
{
    (void)head, (void)options;
    reader->made_count = MADE_FIELDS;
    return event_json_open(reader, fields, COUNT_OF(fields) - MADE_FIELDS, arena);
}

/* ---- Ranges ---- */

struct range {
    struct ip first, last;
};

/* All bits behind the prefix set. */
static struct ip prefix_last(const struct prefix *prefix)
{
    struct ip ip = prefix->ip;
    for (unsigned bit = prefix->bits; bit < (ip.family == 4 ? 32u : 128u); bit++)
        ip.bytes[bit / 8] |= (uint8_t)(0x80u >> bit % 8);
    return ip;
}

/* False for what is an address alone, or nothing of the kind. */
static bool range_parse(slice text, struct range *range)
{
    size_t dash = slice_find(text, '-');
    struct prefix prefix;
    if (dash < text.len)
        return ip_parse(slice_trim(slice_part(text, 0, dash)), &range->first) &&
               ip_parse(slice_trim(slice_from(text, dash + 1)), &range->last) &&
               range->first.family == range->last.family &&
               memcmp(range->first.bytes, range->last.bytes, sizeof range->first.bytes) <= 0;
    if (slice_find(text, '/') == text.len || !prefix_parse(text, &prefix))
        return false;
    range->first = prefix.ip;
    range->last = prefix_last(&prefix);
    return true;
}

static void ip_next(struct ip *ip)
{
    for (size_t i = ip->family == 4 ? 4 : 16; i > 0 && ++ip->bytes[i - 1] == 0; i--)
        ;
}

static bool ip_same(const struct ip *a, const struct ip *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* Whether no more than RANGE_MAX addresses lie in it. */
static bool is_small(const struct range *range)
{
    struct ip at = range->first;
    for (unsigned i = 1; i <= RANGE_MAX; i++, ip_next(&at))
        if (ip_same(&at, &range->last))
            return true;
    return false;
}

static struct err put_ip(struct json_picks *picks, size_t path, const struct ip *ip, struct arena *arena)
{
    struct buf text = buf_make(64);
    ip_write(&text, ip);
    slice copy = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return event_pick_put(picks, path, copy);
}

/* The range itself stays: it is what the event names as its end. */
static struct err range_spread(struct json_picks *picks, const struct json_pick *pick, struct arena *arena)
{
    struct range range;
    uint16_t path = pick->path;
    if (pick->kind != JSON_STRING || !range_parse((slice){pick->ptr, pick->len}, &range))
        return OK;
    struct ip at = range.first;
    for (bool each = is_small(&range); each && !ip_same(&at, &range.last); ip_next(&at))
        TRY(put_ip(picks, path, &at, arena));
    if (!is_small(&range))
        TRY(put_ip(picks, path, &range.first, arena));
    return put_ip(picks, path, &range.last, arena);
}

static struct err ranges_spread(struct json_picks *picks, struct arena *arena)
{
    size_t count = picks->count;
    for (size_t i = 0; i < count; i++) {
        struct json_pick pick = picks->rows[i];
        if (fields[pick.path].role == ROLE_SOURCE_ADDRESS || fields[pick.path].role == ROLE_DESTINATION_ADDRESS)
            TRY(range_spread(picks, &pick, arena));
    }
    return OK;
}

/* ---- The members of the format ---- */

/* "sha1:0011...": the name of the algorithm is not needed, the length tells. */
static void hashes_bare(struct json_picks *picks)
{
    for (size_t i = 0; i < picks->count; i++) {
        struct json_pick *pick = &picks->rows[i];
        slice value = {pick->ptr, pick->len};
        size_t colon = slice_find(value, ':');
        if (fields[pick->path].value != VALUE_HASH || pick->kind != JSON_STRING || colon < 3 || colon == value.len)
            continue;
        pick->ptr += colon + 1;
        pick->len -= (uint32_t)(colon + 1);
    }
}

/* The first category that is a class of RSIT, or else the first. */
static slice category_choose(const struct json_picks *picks)
{
    for (size_t i = 0; i < picks->count; i++) {
        slice word = {picks->rows[i].ptr, picks->rows[i].len};
        if (picks->rows[i].path <= CATEGORY_ALONE && rsit_map(categories, word) != NULL)
            return word;
    }
    slice first = event_pick_first(picks, CATEGORY);
    return first.len > 0 ? first : event_pick_first(picks, CATEGORY_ALONE);
}

static struct err idea_conclude(const struct event_reader *reader, struct arena *arena, struct json_picks *picks)
{
    hashes_bare(picks);
    slice category = category_choose(picks);
    if (category.len > 0)
        TRY(event_class_put(reader, picks, categories, category));
    TRY(event_time_otherwise(reader, picks, DETECT_TIME));
    TRY(event_time_otherwise(reader, picks, CREATE_TIME));
    return ranges_spread(picks, arena);
}

const struct event_format event_idea = {
        .name = "idea",
        .about = "IDEA events as JSON",
        .records_are_objects = true,
        .recognise = recognise,
        .open = idea_open,
        .record = event_document_record,
        .frame = event_document_frame,
        .pick = event_document_pick,
        .conclude = idea_conclude,
        .extra = event_document_extra,
};
