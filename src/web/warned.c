/* SPDX-License-Identifier: Apache-2.0 */
#include "web/warned.h"

#include "base/arena.h"
#include "detect/lists.h"
#include "gate/gate.h"
#include "store/met.h"
#include "store/organisation.h"
#include "store/stream.h"
#include "text/shown.h"
#include "web/page.h"
#include "web/row.h"
#include "json/read.h"

#define MET_ROWS 10 /* windows that are shown */
#define EXTRA_MEMBERS 8

/* ---- Rights ---- */

struct err warned_need(const struct ask *ask, enum verb verb)
{
    bool second;
    return store_right_check(&ask->who.actor, verb, 0, ask->arena, &second);
}

bool warned_may(const struct ask *ask, enum verb verb, int64_t organisation)
{
    bool second;
    return !ask->who.half &&
           store_right_check(&ask->who.actor, verb, organisation, ask->arena, &second).kind == ERR_NONE;
}

/* ---- Words ---- */

/* RSIT, version 1003, in the words of the field. */
static const struct {
    const char *class, *text;
} classes[] = {
        {"abusive-content/spam", W_C("Spam")},
        {"abusive-content/harmful-speech", W_C("Harmful speech")},
        {"abusive-content/violence", W_C("Sexual abuse of children, violence")},
        {"malicious-code/infected-system", W_C("Infected system")},
        {"malicious-code/c2-server", W_C("Command and control server")},
        {"malicious-code/malware-distribution", W_C("Malware distribution")},
        {"malicious-code/malware-configuration", W_C("Malware configuration")},
        {"information-gathering/scanner", W_C("Scanning")},
        {"information-gathering/sniffing", W_C("Sniffing")},
        {"information-gathering/social-engineering", W_C("Social engineering")},
        {"intrusion-attempts/ids-alert", W_C("Exploitation of a known vulnerability")},
        {"intrusion-attempts/brute-force", W_C("Login attempts")},
        {"intrusion-attempts/exploit", W_C("New attack signature")},
        {"intrusions/privileged-account-compromise", W_C("Compromised privileged account")},
        {"intrusions/unprivileged-account-compromise", W_C("Compromised account")},
        {"intrusions/application-compromise", W_C("Compromised application")},
        {"intrusions/system-compromise", W_C("Compromised system")},
        {"intrusions/burglary", W_C("Burglary")},
        {"availability/dos", W_C("Denial of service")},
        {"availability/ddos", W_C("Distributed denial of service")},
        {"availability/misconfiguration", W_C("Misconfiguration")},
        {"availability/sabotage", W_C("Sabotage")},
        {"availability/outage", W_C("Outage")},
        {"information-content-security/unauthorised-information-access", W_C("Unauthorised access to information")},
        {"information-content-security/unauthorised-information-modification",
                W_C("Unauthorised change of information")},
        {"information-content-security/data-loss", W_C("Data loss")},
        {"information-content-security/data-leak", W_C("Leak of confidential information")},
        {"fraud/unauthorised-use-of-resources", W_C("Unauthorised use of resources")},
        {"fraud/copyright", W_C("Copyright")},
        {"fraud/masquerade", W_C("Masquerade")},
        {"fraud/phishing", W_C("Phishing")},
        {"vulnerable/weak-crypto", W_C("Weak cryptography")},
        {"vulnerable/ddos-amplifier", W_C("Amplifier for denial of service")},
        {"vulnerable/potentially-unwanted-accessible", W_C("Service that should not be reachable")},
        {"vulnerable/information-disclosure", W_C("Information disclosure")},
        {"vulnerable/vulnerable-system", W_C("Vulnerable system")},
        {"other/other", W_C("Other")},
        {"other/undetermined", W_C("Not yet determined")},
        {"test/test", W_C("Test")},
        {"", W_C("without a class")},
};

slice warned_word(const struct ask *ask, slice word)
{
    struct buf buf = buf_make(4 * OUTSIDE_LINE);
    shown_text_write(&buf, store_text_keep(ask->arena, word, OUTSIDE_NAME), false);
    slice shown = arena_copy(ask->arena, buf_slice(&buf));
    buf_free(&buf);
    return shown;
}

const char *warned_class(size_t at)
{
    return at + 1 < COUNT_OF(classes) ? classes[at].class : NULL; /* the last has no name */
}

slice warned_class_text(const struct ask *ask, slice class)
{
    for (size_t i = 0; i < COUNT_OF(classes); i++)
        if (slice_eq(class, slice_of(classes[i].class)))
            return ask_text(ask, slice_of(classes[i].text));
    return warned_word(ask, class);
}

struct label {
    const char *text, *look;
};

static const struct label severities[SEVERITIES] = {
        [SEVERITY_INFO] = {W_C("information"), ""},
        [SEVERITY_LOW] = {W_C("low"), ""},
        [SEVERITY_MEDIUM] = {W_C("medium"), "warn"},
        [SEVERITY_HIGH] = {W_C("high"), "bad"},
        [SEVERITY_CRITICAL] = {W_C("critical"), "bad"},
};

slice warned_severity_text(const struct ask *ask, enum severity severity)
{
    return ask_text(ask, slice_of(severities[severity].text));
}

void warned_severity(struct ask *ask, enum severity severity)
{
    json_write_key_text(&ask->json, S("severity"), slice_of(store_severity_name(severity)));
    json_write_key_text(&ask->json, S("severity_text"), warned_severity_text(ask, severity));
    json_write_key_text(&ask->json, S("severity_look"), slice_of(severities[severity].look));
}

static const struct label states[WARNING_STATES] = {
        [WARNING_DRAFTED] = {W_C("drafted"), "warn"},
        [WARNING_APPROVED] = {W_C("approved, goes out"), ""},
        [WARNING_SENT] = {W_C("sent"), ""},
        [WARNING_DELIVERED] = {W_C("delivered"), ""},
        [WARNING_ACKNOWLEDGED] = {W_C("acknowledged"), "good"},
        [WARNING_NOT_MINE] = {W_C("not theirs, they say"), "warn"},
        [WARNING_DONE] = {W_C("done"), "good"},
        [WARNING_WITHDRAWN] = {W_C("withdrawn"), "off"},
};

void warned_state(struct ask *ask, const struct warning *warning)
{
    static const struct label held = {W_C("held"), "bad"};
    bool waits = warning->held.len > 0 && warning_is_open(warning);
    const struct label *label = waits ? &held : &states[warning->state];
    json_write_key_text(&ask->json, S("state"), slice_of(store_warning_state_name(warning->state)));
    json_write_key_text(&ask->json, S("state_text"), ask_text(ask, slice_of(label->text)));
    json_write_key_text(&ask->json, S("look"), slice_of(label->look));
}

/* ---- Who ---- */

static struct err name_of(struct ask *ask, struct warned_names *names, int64_t number, slice *name)
{
    struct organisation organisation;
    for (size_t i = 0; i < COUNT_OF(names->number); i++)
        if (names->number[i] == number) {
            *name = names->name[i];
            return OK;
        }
    TRY(store_organisation_get(ask->db, number, ask->arena, &organisation));
    size_t at = names->next++ % COUNT_OF(names->number);
    names->number[at] = number;
    names->name[at] = *name = organisation.name;
    return OK;
}

struct err warned_organisation(struct ask *ask, struct warned_names *names, slice key, int64_t organisation)
{
    struct outside outside = outside_begin(ask, 2 * OUTSIDE_NAME);
    slice name;
    json_write_key(&ask->json, key);
    if (organisation == 0) {
        json_write_null(&ask->json);
        return OK;
    }
    TRY(name_of(ask, names, organisation, &name));
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)organisation);
    outside_write(&outside, S("name"), name, OUTSIDE_NAME);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/organisations/", organisation, "")));
    json_write_end(&ask->json);
    return OK;
}

/* ---- A warning ---- */

static void write_times(struct ask *ask, const struct warning *warning)
{
    bool is_due = warning->due_us != TIME_NONE && warning_is_open(warning);
    page_moment(ask, S("first"), warning->first_us);
    page_moment(ask, S("last"), warning->last_us);
    page_moment(ask, S("drafted"), warning->drafted_us);
    outside_ago(ask, S("age"), warning->drafted_us);
    page_moment(ask, S("due"), warning->due_us);
    if (is_due)
        outside_ago(ask, S("due_in"), warning->due_us);
    page_flag(ask, S("is_due"), is_due);
    page_flag(ask, S("is_overdue"), is_due && warning->due_us < clock_now_us());
    page_moment(ask, S("told"), warning->told_us);
}

static void write_marking(struct ask *ask, slice marking)
{
    enum stix_tlp tlp = TLP_NONE;
    stix_tlp_find(marking, &tlp);
    row_write_tlp(ask, tlp);
}

/* "rule: the sentence about it": in the language of who asks, whole or behind the rule. */
slice warned_why(const struct ask *ask, slice why)
{
    size_t colon = slice_find_slice(why, S(": "));
    slice text = ask_text(ask, why);
    if (!slice_eq(text, why) || colon == why.len)
        return text;
    text = ask_text(ask, slice_from(why, colon + 2));
    return slice_of(arena_printf(ask->arena, "%.*s: %.*s", (int)colon, why.ptr, (int)text.len, text.ptr));
}

struct err warned_write(struct outside *outside, struct warned_names *names, const struct warning *warning)
{
    struct ask *ask = outside->ask;
    struct json_writer *json = &ask->json;
    json_write_key_u64(json, S("number"), (uint64_t)warning->number);
    json_write_key_text(json, S("path"), slice_of(outside_path(ask, "/warnings/", warning->number, "")));
    TRY(warned_organisation(ask, names, S("organisation"), warning->organisation));
    json_write_key_text(json, S("class"), warning->class);
    json_write_key_text(json, S("class_text"), warned_class_text(ask, warning->class));
    warned_severity(ask, warning->severity);
    warned_state(ask, warning);
    page_flag(ask, S("open"), warning_is_open(warning));
    outside_write_value(outside, S("held"), warned_why(ask, warning->held), OUTSIDE_LINE);
    page_flag(ask, S("is_held"), warning->held.len > 0 && warning_is_open(warning));
    json_write_key_text(json, S("does"), slice_of(store_warning_does_name(warning->does)));
    write_marking(ask, warning->marking);
    page_count(ask, S("events"), (uint64_t)warning->events);
    write_times(ask, warning);
    page_count(ask, S("chased"), (uint64_t)warning->chased);
    return OK;
}

struct hunt_noise warned_noise(const struct ask *ask)
{
    const struct node_parts *parts = ask->gate->options.parts;
    return (struct hunt_noise){parts->reach_max, lists_take(parts->lists)};
}

void warned_noise_leave(const struct ask *ask, const struct hunt_noise *noise)
{
    lists_leave(ask->gate->options.parts->lists, noise->lists);
}

void warned_sector(struct outside *outside, const struct warning *warning)
{
    page_moment(outside->ask, S("sector_told"), warning->sector_us);
    outside_write_value(outside, S("sector_why"), warned_why(outside->ask, warning->sector_why), OUTSIDE_LINE);
}

/* ---- What was met ---- */

static void write_extra(struct outside *outside, slice extra)
{
    struct ask *ask = outside->ask;
    struct json_members members = json_members(extra);
    slice name, value;
    page_flag(ask, S("has_extra"), extra.len > 2); /* more than "{}" */
    json_write_key(&ask->json, S("extra"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < EXTRA_MEMBERS && json_member_next(&members, &name, &value); i++) {
        json_write_object(&ask->json);
        outside_write(outside, S("name"), name, OUTSIDE_NAME);
        outside_write_value(outside, S("value"), json_kind(value) == JSON_STRING ? json_text(value, ask->arena) : value,
                OUTSIDE_NAME);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

static void write_port(struct ask *ask, slice key, int64_t port)
{
    json_write_key(&ask->json, key);
    if (port == 0)
        json_write_null(&ask->json);
    else
        json_write_i64(&ask->json, port);
}

/* "url http://evil.example/": its type is known, so it is defanged whatever else is in it. */
static void write_peer(struct outside *outside, slice peer)
{
    size_t blank = slice_find(peer, ' ');
    slice value = slice_from(peer, blank < peer.len ? blank + 1 : blank);
    enum observable_type type = observable_type_find(slice_part(peer, 0, blank));
    struct buf buf = buf_make(OUTSIDE_TEXT);
    shown_value_write(&buf, type, store_text_keep(outside->ask->arena, value, OUTSIDE_NAME));
    outside_write(outside, S("peer"), buf_slice(&buf), OUTSIDE_TEXT);
    buf_free(&buf);
}

static void write_detail(struct outside *outside, const struct met_detail *detail)
{
    struct ask *ask = outside->ask;
    json_write_object(&ask->json);
    page_moment(ask, S("first"), detail->first_us);
    page_moment(ask, S("last"), detail->last_us);
    page_count(ask, S("events"), (uint64_t)detail->events);
    outside_write(outside, S("own"), detail->own, OUTSIDE_NAME);
    write_port(ask, S("own_port"), detail->own_port);
    write_peer(outside, detail->peer);
    write_port(ask, S("peer_port"), detail->peer_port);
    write_extra(outside, detail->extra);
    json_write_end(&ask->json);
}

static struct err write_stream(struct ask *ask, struct outside *outside, int64_t number)
{
    struct stream stream;
    json_write_key(&ask->json, S("in_memory"));
    json_write_bool(&ask->json, number == 0);
    if (number == 0 || warned_need(ask, VERB_READ_EVENTS).kind != ERR_NONE)
        return OK; /* by what we learn of it is not for who is warned */
    TRY(store_stream_get(ask->db, number, ask->arena, &stream));
    outside_write(outside, S("stream"), stream.name, OUTSIDE_NAME);
    return OK;
}

static struct err write_met(struct outside *outside, const struct met *met, size_t *left)
{
    struct ask *ask = outside->ask;
    struct met_detail *rows;
    size_t count;
    TRY(store_met_details(ask->db, met->number, ask->arena, &rows, &count));
    json_write_object(&ask->json);
    page_moment(ask, S("first"), met->first_us);
    page_moment(ask, S("last"), met->last_us);
    page_count(ask, S("events"), (uint64_t)met->events);
    TRY(write_stream(ask, outside, met->stream));
    json_write_key(&ask->json, S("details"));
    json_write_array(&ask->json);
    size_t shown = count < *left ? count : *left;
    int64_t events = 0;
    for (size_t i = 0; i < shown; i++) {
        write_detail(outside, &rows[i]);
        events += rows[i].events;
    }
    json_write_end(&ask->json);
    page_flag(ask, S("cut"), events < met->events);
    json_write_end(&ask->json);
    *left -= shown;
    return OK;
}

struct err warned_met(struct outside *outside, int64_t warning, size_t details)
{
    struct ask *ask = outside->ask;
    struct met *rows;
    size_t count, left = details;
    TRY(store_met_of_warning(ask->db, warning, 0, MET_ROWS + 1, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("met"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && i < MET_ROWS; i++)
        TRY(write_met(outside, &rows[i], &left));
    json_write_end(&ask->json);
    page_flag(ask, S("any_met"), count > 0);
    page_flag(ask, S("more_met"), count > MET_ROWS);
    return OK;
}

/* ---- Forms ---- */

struct err warned_reason(const struct ask *ask, slice *reason)
{
    *reason = slice_trim(ask_form(ask, S("reason")));
    return reason->len == 0 ? OK : store_text_check(ask->arena, "reason", *reason, WARNED_REASON_MAX);
}
