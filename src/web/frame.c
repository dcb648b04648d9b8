/* SPDX-License-Identifier: Apache-2.0 */
#include "web/frame.h"

#include "base/arena.h"
#include "gate/gate.h"
#include "share/approve.h"
#include "web/files.h"

#define WAITING_COUNTED 100    /* approvals: beyond, the number would tell nobody more */
#define ADDRESS_BYTES_MAX 2000 /* of path and query, to come back to */

/* ---- The way around ---- */

/* Of a right that some have for their own organisation only. */
enum whose {
    WHOSE_ANY,
    WHOSE_ALL,   /* not for these */
    WHOSE_OWN,   /* for these alone */
    WHOSE_SECOND /* and for who may be a second person */
};

/* What the places are for, in the order of a day's work. */
enum area { AREA_WARNING, AREA_DESK, AREA_KNOWLEDGE, AREA_SHARING, AREA_HOUSE, AREAS };
static const char *const areas[AREAS] = {
        [AREA_WARNING] = W_C("Warning"),
        [AREA_DESK] = W_C("Casework"),
        [AREA_KNOWLEDGE] = W_C("Intelligence"),
        [AREA_SHARING] = W_C("Sharing"),
        [AREA_HOUSE] = W_C("This node"),
};

/* `verb`: the right without which a place would be empty; VERBS: whoever is signed in. `also`: what belongs to it. */
static const struct place {
    enum area area;
    const char *path, *text, *also;
    const char *letter; /* behind "g" on the keyboard; "": none */
    enum verb verb;
    enum whose whose;
} places[] = {
        {AREA_WARNING, "/today", W_C("Today"), NULL, "d", VERB_ANSWER_WARNINGS, WHOSE_OWN},
        {AREA_WARNING, "/board", W_C("Board"), "/warnings", "b", VERB_READ_EVENTS, WHOSE_ALL},
        {AREA_WARNING, "/hunt", W_C("Hunt"), NULL, "h", VERB_HUNT, WHOSE_ALL},
        {AREA_WARNING, "/statistics", W_C("Statistics"), NULL, "t", VERB_READ_EVENTS, WHOSE_ALL},
        {AREA_WARNING, "/streams", W_C("Streams"), NULL, "e", VERB_READ_EVENTS, WHOSE_ALL},
        {AREA_DESK, "/roster", W_C("On call"), NULL, "", VERB_READ_ROSTER, WHOSE_ANY},
        {AREA_DESK, "/reports", W_C("Reports"), NULL, "w", VERB_READ_REPORTS, WHOSE_ANY},
        {AREA_DESK, "/incidents", W_C("Incidents"), NULL, "c", VERB_READ_INCIDENTS, WHOSE_ANY},
        {AREA_DESK, "/tasks", W_C("Tasks"), NULL, "k", VERB_READ_INCIDENTS, WHOSE_ANY},
        {AREA_DESK, "/duties", W_C("Clocks of law"), NULL, "y", VERB_READ_INCIDENTS, WHOSE_ALL},
        {AREA_DESK, "/evidence", W_C("Evidence"), "/packages", "x", VERB_VERIFY_EVIDENCE, WHOSE_ANY},
        {AREA_DESK, "/evidence", W_C("Evidence"), "/packages", "x", VERB_RECEIVE_EVIDENCE, WHOSE_OWN},
        {AREA_DESK, "/takedowns", W_C("Take-downs"), NULL, "z", VERB_READ_INCIDENTS, WHOSE_ALL},
        {AREA_DESK, "/playbooks", W_C("Playbooks"), NULL, "", VERB_READ_INCIDENTS, WHOSE_ALL},
        {AREA_DESK, "/lessons", W_C("Lessons"), NULL, "", VERBS, WHOSE_ANY},
        {AREA_DESK, "/risks", W_C("Risks"), NULL, "", VERB_READ_FIGURES, WHOSE_ANY},
        {AREA_DESK, "/figures", W_C("Figures"), NULL, "g", VERB_READ_FIGURES, WHOSE_ANY},
        {AREA_KNOWLEDGE, "/intelligence", W_C("Intelligence"), "/objects", "i", VERB_READ_OBJECTS, WHOSE_ANY},
        {AREA_KNOWLEDGE, "/import", W_C("Import"), "/imports", "m", VERB_IMPORT, WHOSE_ANY},
        {AREA_KNOWLEDGE, "/feeds", W_C("Feeds"), NULL, "f", VERB_READ_FEEDS, WHOSE_ANY},
        {AREA_KNOWLEDGE, "/sources", W_C("Sources"), NULL, "s", VERB_READ_OBJECTS, WHOSE_ANY},
        {AREA_SHARING, "/partners", W_C("Partners"), "/agreements", "p", VERB_READ_SHARING, WHOSE_ANY},
        {AREA_SHARING, "/approvals", W_C("Approvals"), NULL, "v", VERB_READ_SHARING, WHOSE_SECOND},
        {AREA_SHARING, "/asks", W_C("Questions"), "/consents", "q", VERB_READ_SHARING, WHOSE_ANY},
        {AREA_SHARING, "/releases", W_C("Releases"), "/release-rules", "r", VERB_READ_SHARING, WHOSE_ANY},
        {AREA_SHARING, "/groups", W_C("Groups"), NULL, "n", VERB_READ_SHARING, WHOSE_ANY},
        {AREA_SHARING, "/ledger", W_C("Ledger"), "/logs", "l", VERB_READ_SHARING, WHOSE_ANY},
        {AREA_HOUSE, "/journal", W_C("Journal"), NULL, "j", VERB_READ_JOURNAL, WHOSE_ANY},
        {AREA_HOUSE, "/profile", W_C("Who we are"), NULL, "", VERB_READ_ORGANISATIONS, WHOSE_ALL},
        {AREA_HOUSE, "/users", W_C("Users"), NULL, "u", VERB_READ_USERS, WHOSE_ANY},
        {AREA_HOUSE, "/organisations", W_C("Organisations"), NULL, "o", VERB_READ_ORGANISATIONS, WHOSE_ANY},
        {AREA_HOUSE, "/account", W_C("Account"), NULL, "a", VERBS, WHOSE_ANY},
};

/* Whether a path is this place or lies below it. */
static bool is_below(slice path, const char *place)
{
    if (place == NULL || !slice_starts(path, slice_of(place)))
        return false;
    size_t len = strlen(place);
    return path.len == len || path.ptr[len] == '/';
}

static bool decides(const struct ask *ask)
{
    return ask_may(ask, VERB_AGREE) || ask_may(ask, VERB_RELEASE) || ask_may(ask, VERB_CHANGE_KEYS);
}

/* Those that are there for who asks. */
static struct err count_waiting(const struct ask *ask, uint64_t *waiting)
{
    struct approval *open, *unseen;
    size_t open_count, unseen_count;
    TRY(store_approval_open(ask->db, 0, WAITING_COUNTED, ask->arena, &open, &open_count));
    TRY(store_approval_unseen(ask->db, 0, WAITING_COUNTED, ask->arena, &unseen, &unseen_count));
    TRY(share_approvals_sift(ask->db, &ask->who.actor, open, ask->arena, &open_count));
    TRY(share_approvals_sift(ask->db, &ask->who.actor, unseen, ask->arena, &unseen_count));
    *waiting = open_count + unseen_count;
    return OK;
}

/* How many wait; nothing beside what nobody waits for. What cannot be read now is not worth failing a page for. */
static void write_waiting(struct ask *ask, struct json_writer *json, const struct place *place)
{
    uint64_t waiting = 0;
    json_write_key(json, S("waiting"));
    if (place->whose != WHOSE_SECOND || !decides(ask) || ask->db == NULL ||
            count_waiting(ask, &waiting).kind != ERR_NONE || waiting == 0)
        json_write_null(json);
    else
        json_write_u64(json, waiting);
}

static void write_place(struct ask *ask, struct json_writer *json, const struct place *place)
{
    slice path = ask->request->path;
    json_write_object(json);
    json_write_key_text(json, S("path"), slice_of(place->path));
    json_write_key_text(json, S("text"), ask_text(ask, slice_of(place->text)));
    json_write_key_text(json, S("letter"), slice_of(place->letter));
    write_waiting(ask, json, place);
    json_write_key(json, S("current"));
    json_write_bool(json, is_below(path, place->path) || is_below(path, place->also));
    json_write_end(json);
}

static bool is_place(const struct ask *ask, const struct place *place)
{
    bool second;
    if (place->verb == VERBS)
        return true;
    if (place->whose == WHOSE_SECOND)
        return ask_may(ask, place->verb) || decides(ask);
    bool all = store_right_check(&ask->who.actor, place->verb, 0, ask->arena, &second).kind == ERR_NONE;
    return ask_may(ask, place->verb) && (place->whose == WHOSE_ANY || all == (place->whose == WHOSE_ALL));
}

static size_t places_in(const struct ask *ask, enum area area)
{
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(places); i++)
        count += places[i].area == area && is_place(ask, &places[i]);
    return count;
}

static void write_area(struct ask *ask, struct json_writer *json, enum area area)
{
    json_write_object(json);
    json_write_key_text(json, S("title"), ask_text(ask, slice_of(areas[area])));
    json_write_key_u64(json, S("number"), area);
    json_write_key(json, S("places"));
    json_write_array(json);
    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (places[i].area == area && is_place(ask, &places[i]))
            write_place(ask, json, &places[i]);
    json_write_end(json);
    json_write_end(json);
}

static void write_areas(struct ask *ask, struct json_writer *json, bool signed_in)
{
    json_write_key(json, S("areas"));
    json_write_array(json);
    for (enum area area = 0; signed_in && area < AREAS; area++)
        if (places_in(ask, area) > 0)
            write_area(ask, json, area);
    json_write_end(json);
}

static void write_languages(struct ask *ask, struct json_writer *json)
{
    json_write_key(json, S("languages"));
    json_write_array(json);
    for (enum language language = 0; language < LANGUAGES; language++) {
        json_write_object(json);
        json_write_key_text(json, S("tag"), slice_of(language_tag(language)));
        json_write_key_text(json, S("name"), slice_of(language_name(language)));
        json_write_key(json, S("current"));
        json_write_bool(json, language == ask->language);
        json_write_end(json);
    }
    json_write_end(json);
}

/* ---- What was done ---- */

/* By the word that page_done puts behind "?done=". Whatever else stands there says nothing. */
static const struct done {
    const char *name, *text;
} dones[] = {
        {"saved", W_C("Saved.")},
        {"signed-out", W_C("You are signed out.")},
        {"session-ended", W_C("The session has ended.")},
        {"sessions-ended", W_C("All other sessions have ended.")},
        {"token-revoked", W_C("The token was revoked. Nobody gets in by it any more.")},
        {"second-factor-off", W_C("The second factor is off.")},
        {"welcome", W_C("Welcome. Your password is set; a second factor keeps the account yours even if it leaks.")},
        {"locked", W_C("The user is locked, and signed in nowhere any more.")},
        {"unlocked", W_C("The user may sign in again.")},
        {"closed", W_C("The user is closed for good.")},
        {"factor-removed", W_C("The second factor was taken away. The user signs in by password alone.")},
        {"roles", W_C("The roles were saved.")},
        {"password", W_C("The password was changed. Other sessions have ended.")},
        {"proposed", W_C("Proposed. It is done when a second person agrees, under Approvals.")},
        {"drafted", W_C("Drafted. Two persons have to offer it.")},
        {"answered", W_C("Answered.")},
        {"taken-back", W_C("Taken back. Nothing leaves by that consent any more.")},
        {"partner-added", W_C("Added. Make a token for its account, and draft terms with it.")},
        {"recalled", W_C("The recall is requested. What they say stands here.")},
        {"agreed", W_C("Agreed, and done.")},
        {"refused", W_C("Refused. Nothing was done.")},
        {"seen", W_C("Noted that you have seen it.")},
        {"introduced", W_C("Taken in. Now compare the fingerprints by telephone.")},
        {"approved", W_C("Approved. It goes out now, or with the day's digest.")},
        {"held", W_C("Held. It goes out when somebody approves it.")},
        {"withdrawn", W_C("Withdrawn. Whoever was warned of it gets a correction.")},
        {"begun", W_C("The incident is open.")},
        {"written", W_C("Written into the timeline.")},
        {"given", W_C("The task is given.")},
        {"started", W_C("The playbook is started: its steps are tasks now.")},
        {"clock-begun", W_C("The clock runs.")},
        {"sealed", W_C("Sealed. The digest of every byte is part of its custody.")},
        {"signed", W_C("The signature stands in the custody, beside ours.")},
        {"verified", W_C("The file is what was sealed, byte for byte, and the custody what was signed.")},
        {"filed", W_C("Noted: it was filed just now.")},
        {"thanks", W_C("Thank you. Your answer is noted.")},
        {"asked", W_C("A mail was written that asks whether this contact is still read.")},
        {"taken", W_C("It is yours.")},
        {"left", W_C("It waits in the queue again.")},
        {"linked", W_C("It belongs to that incident now.")},
        {"opened", W_C("An incident was opened for it.")},
        {"merged", W_C("Merged. Both are kept; one of them stays in the queue.")},
        {"report-closed", W_C("Closed.")},
        {"forgotten", W_C("Who told it is forgotten; what was told stays.")},
        {"reported", W_C("Taken. Give whoever called the reference.")},
        {"confirmed", W_C("The fingerprint is theirs. Sharing begins when they have compared ours.")},
};

static void write_done(struct ask *ask, struct json_writer *json)
{
    slice name = ask_query(ask, S("done"));
    json_write_key(json, S("done"));
    for (size_t i = 0; i < COUNT_OF(dones); i++)
        if (slice_eq(name, slice_of(dones[i].name))) {
            json_write_text(json, ask_text(ask, slice_of(dones[i].text)));
            return;
        }
    json_write_null(json);
}

/* ---- All of it ---- */

static bool can_be_got(const struct ask *ask, slice path)
{
    return route_find(ask->gate->options.routes, HTTP_GET, path, ask->arena).route != NULL;
}

/* What a form was sent to is often no page; then the place that it belongs to is, or the start. */
static slice place_of_form(const struct ask *ask)
{
    slice path = ask->request->target;
    size_t end = path.len > 1 ? 1 + slice_find(slice_from(path, 1), '/') : path.len;
    if (can_be_got(ask, path))
        return path;
    return can_be_got(ask, slice_part(path, 0, end)) ? slice_part(path, 0, end) : S("/");
}

slice web_frame_address(const struct ask *ask)
{
    const struct http_request *request = ask->request;
    if (request->method == HTTP_POST)
        return place_of_form(ask);
    if (request->query.len == 0 || ask_query(ask, S("done")).len > 0 ||
            request->target.len + request->query.len > ADDRESS_BYTES_MAX)
        return request->target;
    return slice_of(arena_printf(ask->arena, "%.*s?%.*s", (int)request->target.len, request->target.ptr,
            (int)request->query.len, request->query.ptr));
}

static void write_files(struct ask *ask, struct json_writer *json)
{
    json_write_key_text(json, S("css"), slice_of(web_static_path("kentongan.css", ask->arena)));
    json_write_key_text(json, S("js"), slice_of(web_static_path("kentongan.js", ask->arena)));
    json_write_key_text(json, S("mark"), slice_of(web_static_path("mark.svg", ask->arena)));
}

static void write_who(struct ask *ask, struct json_writer *json, bool signed_in)
{
    json_write_key(json, S("signed_in"));
    json_write_bool(json, signed_in);
    json_write_key(json, S("half"));
    json_write_bool(json, ask->who.half);
    json_write_key_text(json, S("name"), signed_in ? ask->who.actor.name : S(""));
    json_write_key_text(json, S("key"), ask_form_key(ask));
}

void web_frame_write(struct ask *ask, struct json_writer *json)
{
    bool signed_in = ask->who.actor.how != ACTOR_NOBODY && !ask->who.half;
    json_write_key(json, S("frame"));
    json_write_object(json);
    json_write_key_text(json, S("node"), slice_of(ask->gate->options.parts->name));
    json_write_key(json, S("exercise"));
    json_write_bool(json, ask->gate->options.parts->exercise);
    json_write_key_text(json, S("lang"), slice_of(language_tag(ask->language)));
    json_write_key_text(json, S("address"), web_frame_address(ask));
    write_files(ask, json);
    write_who(ask, json, signed_in);
    write_areas(ask, json, signed_in);
    write_languages(ask, json);
    write_done(ask, json);
    json_write_end(json);
}
