/* SPDX-License-Identifier: Apache-2.0 */
#include "event/document.h"
#include "event/fields.h"

/*
 * n6 of CERT Polska, as its stream and its REST interface give events. `address` is whom the event is about, a list;
 * `dip` whom that one spoke to. `adip`, an address partly hidden, and `ip_network` are no addresses and stay in extra.
 */

enum { CATEGORY = 0 };

static const struct event_field fields[] = {
        [CATEGORY] = {"category"}, /* becomes the class, and stays in extra as it was */
        {"time", ROLE_TIME},
        {"source", ROLE_SENSOR},
        {"name", ROLE_CLASS_IDENTIFIER},
        {"address[].ip", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"address[].asn", ROLE_SOURCE_ASN},
        {"sport", ROLE_SOURCE_PORT},
        {"dip", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"dport", ROLE_DESTINATION_PORT},
        {"fqdn", ROLE_NONE, VALUE_NAME},
        {"url", ROLE_NONE, VALUE_URL},
        {"md5", ROLE_NONE, VALUE_MD5},
        {"sha1", ROLE_NONE, VALUE_SHA1},
        {"sha256", ROLE_NONE, VALUE_SHA256},
        {"x509fp_sha1", ROLE_NONE, VALUE_SHA1},
        {"x509issuer", ROLE_TEXT},
        {"x509subject", ROLE_TEXT},
        {"subject_common_name", ROLE_NONE, VALUE_NAME},
        {"filename", ROLE_NONE, VALUE_FILENAME},
        {"email", ROLE_NONE, VALUE_EMAIL},
        {"username", ROLE_NONE, VALUE_OTHER, "user-account"},
        {"user_agent", ROLE_NONE, VALUE_USERAGENT},
        {"mac_address", ROLE_NONE, VALUE_OTHER, "mac-addr"},
        {"referer", ROLE_NONE, VALUE_URL},
        {"proxy", ROLE_TEXT},
        EVENT_MADE_FIELDS,
};

/*
 * Categories that are one class of RSIT and no other. Left as n6 calls them: dns-query, flow, flow-anomaly, other,
 * proxy, tor (no incident, or none in particular), sandbox-url, malware-action, webinject (what a malware did, not
 * where it lies), dos-attacker and dos-victim (DoS or DDoS), server-exploit (attempted or done), fraud and scam
 * (several).
 */
static const struct rsit_word categories[] = {
        {"amplifier", "ddos-amplifier"},
        {"backdoor", "system-compromise"},
        {"bots", "infected-system"},
        {"cnc", "c2-server"},
        {"deface", "unauthorised-information-modification"},
        {"leak", "data-leak"},
        {"malurl", "malware-distribution"},
        {"phish", "phishing"},
        {"scanning", "scanner"},
        {"spam", "spam"},
        {"spam-url", "spam"},
        {"vulnerable", "vulnerable-system"},
        {NULL, NULL},
};

/* What it has that others that have a category do not. */
static const char *const own_keys[] = {"restriction", "confidence", "rid", "address", "adip", "dip"};

static int recognise(slice head)
{
    bool whole;
    slice object = event_document_begin(head, S(""), &whole);
    if (!event_document_has(object, whole, S("category")) || !event_document_has(object, whole, S("time")))
        return 0;
    int known = 0;
    for (size_t i = 0; i < COUNT_OF(own_keys); i++)
        known += event_document_has(object, whole, slice_of(own_keys[i]));
    return known >= 2 ? 95 : known == 1 ? 70 : 0;
}

static struct err n6_open(
        struct event_reader *reader, slice head, const struct event_options *options, struct arena *arena)
{
    (void)head, (void)options;
    reader->made_count = MADE_FIELDS;
    return event_json_open(reader, fields, COUNT_OF(fields) - MADE_FIELDS, arena);
}

static struct err n6_conclude(const struct event_reader *reader, struct arena *arena, struct json_picks *picks)
{
    (void)arena;
    slice category = event_pick_first(picks, CATEGORY);
    return category.len == 0 ? OK : event_class_put(reader, picks, categories, category);
}

const struct event_format event_n6 = {
        .name = "n6",
        .about = "events of n6 as JSON",
        .records_are_objects = true,
        .recognise = recognise,
        .open = n6_open,
        .record = event_document_record,
        .frame = event_document_frame,
        .pick = event_document_pick,
        .conclude = n6_conclude,
        .extra = event_document_extra,
};
