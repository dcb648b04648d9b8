/* SPDX-License-Identifier: Apache-2.0 */
#include "app/routes.h"

#include "app/status.h"
#include "gate/api.h"
#include "gate/face.h"
#include "share/introduction.h"
#include "share/statement.h"
#include "taxii/taxii.h"
#include "web/ingest.h"
#include "web/pages.h"
#include "web/push.h"
#include "web/report_in.h"
#include "web/web.h"

/* ---- Fields of forms ---- */

#define FORM (16u << 10)    /* bytes of a form of short fields */
#define FILED (4u << 20)    /* bytes of a form with what was filed, escaped */
#define SEALED (1u << 30)   /* bytes of a form with evidence */
#define PROSE (256u << 10)  /* bytes of a form with a text at length, escaped */
#define TERMS (200u << 10)  /* bytes of terms of reference */
#define HUNT (1u << 20)     /* bytes of a text with values to look for */
#define SCAN (16u << 20)    /* bytes of a form with the scan of a paper */
#define FORM (16u << 10)    /* bytes of a form of short fields */
#define TERMS (200u << 10)  /* bytes of terms of reference */
#define LESSON (100u << 10) /* bytes of a form with a lesson in one language */
#define HUNT (1u << 20)     /* bytes of a text with values to look for */
#define SCAN (16u << 20)    /* bytes of a form with the scan of a paper */
#define INTRODUCTION (2 * INTRODUCTION_BYTES_MAX)
#define WITNESS (600u << 10) /* bytes of a checkpoint with its proof */
#define TEXT (64u << 20)     /* bytes of intelligence that is pasted or sent as a file */

static const struct route_field in_language[] = {
        {"language", W_C("Tag of the language, \"id\""), true}, {"next", W_C("Path to go on to"), false}, {NULL}};
static const struct route_field in_sign_in[] = {{"name", W_C("Name of the user"), false},
        {"password", W_C("Password"), false},
        {"code", W_C("Code of the second factor, with half a session alone"), false},
        {"next", W_C("Path to go on to"), false}, {NULL}};
static const struct route_field in_link[] = {
        {"password", W_C("The new password"), true}, {"again", W_C("The same once more"), true}, {NULL}};
static const struct route_field in_notice[] = {
        {"token", W_C("As its page has it"), true}, {"answer", W_C("acknowledged, done or not-mine"), true}, {NULL}};
static const struct route_field in_password[] = {{"old", W_C("The password as it is"), true},
        {"password", W_C("The new one"), true}, {"again", W_C("The same once more"), true}, {NULL}};
static const struct route_field in_taste[] = {
        {"language", W_C("Tag of the language; empty: as the browser asks"), false},
        {"zone", W_C("Name of the time zone, \"Asia/Jakarta\""), false}, {NULL}};
static const struct route_field in_code[] = {{"code", W_C("Code of the second factor"), true}, {NULL}};
static const struct route_field in_token[] = {{"name", W_C("What the token is for"), true},
        {"scope", W_C("What it may do; once for each: read, write, taxii, match, metrics, events"), true},
        {"days", W_C("Days until it expires; 90 if not said"), false}, {NULL}};
static const struct route_field in_user[] = {{"name", W_C("Name of the user"), true},
        {"organisation", W_C("Name of the organisation; empty: our own"), false},
        {"role", W_C("A role; once for each"), true}, {"reason", W_C("Why, where a second person has to agree"), false},
        {NULL}};
static const struct route_field in_roles[] = {{"role", W_C("A role; once for each"), true},
        {"reason", W_C("Why, where a second person has to agree"), false}, {NULL}};
static const struct route_field in_state[] = {{"state", W_C("lock, unlock, close or no-second-factor"), true},
        {"reason", W_C("Why, where a second person has to agree"), false}, {NULL}};
static const struct route_field in_reset[] = {
        {"reason", W_C("Why, where a second person has to agree"), false}, {NULL}};
static const struct route_field in_live[] = {
        {"after", W_C("The position of the journal that is known already"), true}, {NULL}};
static const struct route_field in_list[] = {{"q", W_C("Words, values, ids"), false},
        {"type", W_C("Type of STIX, \"indicator\""), false}, {"source", W_C("Number of a source"), false},
        {"tag", W_C("A tag of ours"), false}, {"tlp", W_C("clear, green, amber, amber-strict, red or none"), false},
        {"state", W_C("valid, not-yet-valid, expired, revoked, false-positive or withdrawn"), false},
        {"since", W_C("Arrived in so many hours"), false}, {"ref", W_C("Id that is referred to"), false},
        {"from", W_C("Where the list goes on, as \"older\" says"), false},
        {"trail", W_C("The way back, as \"older\" says"), false}, {NULL}};
static const struct route_field in_act[] = {{"pick", W_C("Number of an object; once for each"), true},
        {"act", W_C("tag, untag, false-positive, not-false-positive, expire, unexpire, revoke or unrevoke"), true},
        {"confirm", W_C("yes; else what would be done is shown"), false}, {"tag", W_C("The tag"), false},
        {"reason", W_C("Why; of a judgement"), false}, {"at", W_C("From when; of expire"), false},
        {"all", W_C("yes: of every source that says it"), false}, {"back", W_C("Path to go back to"), false}, {NULL}};
static const struct route_field in_export[] = {{"pick", W_C("Number of an object; once for each"), true},
        {"kind", W_C("stix, misp, csv, rpz, suricata, suricata-rules, zeek or nft"), true},
        {"download", W_C("yes: the file itself"), false}, {"back", W_C("Path to go back to"), false}, {NULL}};
static const struct route_field in_find[] = {{"id", W_C("Id of a STIX object"), true}, {NULL}};
static const struct route_field in_import[] = {{"text", W_C("The text, if it is no file"), false},
        {"file", W_C("The text as a file"), false}, {"source", W_C("Name of the source; a new one is added"), false},
        {"form", W_C("stix, misp, csv, list or text; empty: by its looks"), false},
        {"tlp", W_C("TLP of what comes without: clear, green, amber, amber-strict or red"), false},
        {"creator", W_C("own: our organisation created it"), false}, {"now", W_C("yes: without a preview"), false},
        {NULL}};
static const struct route_field in_take[] = {{"waiting", W_C("What the preview called the text"), true},
        {"source", W_C("As in the preview"), false}, {"name", W_C("As in the preview"), false},
        {"kind", W_C("As in the preview"), false}, {"form", W_C("As in the preview"), false},
        {"tlp", W_C("As in the preview"), false}, {"creator", W_C("As in the preview"), false}, {NULL}};
static const struct route_field in_imports[] = {{"source", W_C("Number of a source"), false},
        {"before", W_C("Number before which the list goes on"), false}, {NULL}};
static const struct route_field in_reason[] = {{"reason", W_C("Why"), true}, {NULL}};
static const struct route_field in_feed[] = {{"location", W_C("Its address: https:// or http://"), true},
        {"name", W_C("Its name; empty: that of its host"), false}, {"form", W_C("As of an import"), false},
        {"every", W_C("Minutes from one fetch to the next; 60 if not said"), false},
        {"expire", W_C("yes: what vanishes from it expires"), false}, {"direct", W_C("yes: without the proxy"), false},
        {NULL}};
static const struct route_field in_feed_change[] = {
        {"name", W_C("Name of the feed"), true}, {"act", W_C("pause, resume, fetch or remove"), true}, {NULL}};
static const struct route_field in_report[] = {{"text", W_C("What happened"), true},
        {"money", W_C("yes: money was lost"), false}, {"file", W_C("A file"), false},
        {"url", W_C("Address of a post in social media"), false}, {"account", W_C("Who posted it"), false},
        {"platform", W_C("Where it was posted"), false}, {"captured", W_C("When the file was taken of it"), false},
        {"name", W_C("Who tells it"), false}, {"mail", W_C("Address of mail to answer to"), false},
        {"phone", W_C("Number to call back"), false}, {"website", W_C("Stays empty"), false}, {NULL}};
static const struct route_field in_call[] = {{"text", W_C("What happened"), true}, {"name", W_C("Who tells it"), false},
        {"mail", W_C("Address of mail to answer to"), false}, {"phone", W_C("Number to call back"), false},
        {"organisation", W_C("For whom, by name"), false},
        {"occurred", W_C("When it happened, as 2026-11-20T09:30"), false},
        {"url", W_C("Address of a post in social media"), false}, {"account", W_C("Who posted it"), false},
        {"platform", W_C("Where it was posted"), false}, {"captured", W_C("When the file was taken of it"), false},
        {"file", W_C("A file"), false}, {NULL}};
static const struct route_field in_reports[] = {
        {"q", W_C("Words, \"phrases\", beginnings*, a number or reference: the best first, in any state"), false},
        {"place", W_C("Where such a list goes on, as \"more\" says"), false},
        {"view", W_C("waiting, mine or all"), false}, {"pile", W_C("All of a pile that waits: its number"), false},
        {"after", W_C("Where the list goes on, as \"more\" says"), false}, {NULL}};
static const struct route_field in_report_act[] = {
        {"act",
                W_C("take, leave, class, link (if only an incident is said), unlink, open, merge, merge-all, "
                    "merge-pile, differ, told-by, advert, close, preview, answer or forget"),
                false},
        {"incident", W_C("Number of an incident; of link"), false},
        {"other", W_C("Number or reference of another report; of merge and differ"), false},
        {"organisation", W_C("Which organisation told it; of told-by; empty: as proposed"), false},
        {"class", W_C("A class of RSIT; of class"), false}, {"severity", W_C("How bad; of class"), false},
        {"title", W_C("Of the incident; of open"), false},
        {"answer", W_C("more, known, done or elsewhere; of answer and preview"), false},
        {"text", W_C("In own words; of answer and preview"), false}, {"reason", W_C("Why"), false},
        {"back", W_C("Path of the list to go back to"), false}, {NULL}};
static const struct route_field in_report_file[] = {
        {"pick", W_C("The letter or file, as its page names it"), true}, {"reason", W_C("Why"), true}, {NULL}};
static const struct route_field in_journal[] = {{"actor", W_C("Name of who acted"), false},
        {"act", W_C("As \"import.done\""), false}, {"subject", W_C("What it is about: an id, \"import/7\""), false},
        {"before", W_C("Number before which the list goes on"), false}, {NULL}};
static const struct route_field in_page[] = {{"after", W_C("Number behind which the list goes on"), false}, {NULL}};

static const struct route_field in_introduction[] = {{"file", W_C("The introduction as a file"), false},
        {"text", W_C("Or its text"), false}, {"name", W_C("What we call it; empty: as it calls itself"), false},
        {NULL}};
static const struct route_field in_partner_taxii[] = {{"name", W_C("What we call it"), true},
        {"country", W_C("Two letters, ISO 3166-1; of its law"), false},
        {"url", W_C("The collection there that we write to; empty: it fetches from us"), false},
        {"contact", W_C("Whom to call, and how"), false}, {NULL}};
static const struct route_field in_contact[] = {{"contact", W_C("Whom to call, and how"), false}, {NULL}};
static const struct route_field in_heard[] = {
        {"heard", W_C("The fingerprint as the other side read it out"), true}, {NULL}};
static const struct route_field in_partner[] = {{"act", W_C("suspend, resume, end, reread or forgive"), true},
        {"reason", W_C("Why"), true}, {"stolen", W_C("A key of theirs that was stolen; of end"), false},
        {"confirm", W_C("yes; else it is asked once more; of end"), false}, {NULL}};
static const struct route_field in_draft[] = {{"purpose", W_C("What for"), true},
        {"kind", W_C("A type of STIX that may leave; once for each"), true},
        {"highest", W_C("Up to which TLP, \"TLP:AMBER\""), true}, {"unmarked", W_C("TLP of what comes without"), true},
        {"sightings", W_C("yes: they are told"), false},
        {"affected", W_C("yes: those whom it concerns may be told"), false}, {"onward", W_C("no, ask or yes"), true},
        {"meant_least", W_C("Organisations that a sighting has to be about, at least"), false},
        {"residency", W_C("Where it has to stay; one note a line"), false},
        {"until", W_C("Last day, as 2027-12-31"), true}, {"after_end", W_C("keep, keep-not-forward or delete"), true},
        {NULL}};
static const struct route_field in_agreement[] = {{"act", W_C("offer, accept, refuse, suspend, resume or end"), true},
        {"reason", W_C("Why"), true}, {"words", W_C("What a partner without keys said; of accept"), false},
        {"confirm", W_C("yes; else it is asked once more; of end"), false}, {NULL}};
static const struct route_field in_clear[] = {
        {"log", W_C("Name of the log, or clock"), true}, {"reason", W_C("Why"), true}, {NULL}};
static const struct route_field in_log[] = {
        {"before", W_C("Number of an entry before which the list goes on"), false}, {NULL}};
#define IN_CHARTER                                                                                                     \
    {"name", W_C("Name of the group"), false}, {"purpose", W_C("What for"), false},                                    \
            {"member", W_C("Id of a node; once for each member"), false},                                              \
            {"quorum", W_C("So many votes have to be cast"), false},                                                   \
            {"yes", W_C("Yes-votes that are needed: at least yes out of \"of\" of all members"), false},               \
            {"of", W_C("As \"yes\" says; more than a half"), false}, {"days", W_C("Days that a vote lasts"), false},   \
            {"proposer", W_C("Id of a node that may propose, once for each; none: every member"), false},              \
            {"marking", W_C("TLP of what comes without"), false}, {"meetings", W_C("Notes; one a line"), false},       \
            {"dissolved", W_C("yes: the group ends"), false},                                                          \
    {                                                                                                                  \
        "terms", W_C("Or all of that as a document, JSON"), false                                                      \
    }
static const struct route_field in_group[] = {IN_CHARTER, {"reason", W_C("Why"), true}, {NULL}};
static const struct route_field in_group_act[] = {{"act", W_C("propose, yes, no, accept or leave"), true},
        {"reason", W_C("Why"), true}, IN_CHARTER, {"motion", W_C("Id of the proposal; of yes and no"), false},
        {"sure", W_C("yes; of leave"), false}, {NULL}};
static const struct route_field in_approvals[] = {{"all", W_C("yes: those that were decided, too"), false},
        {"after", W_C("Number behind which the list goes on"), false}, {NULL}};
static const struct route_field in_approval[] = {
        {"answer", W_C("agree, refuse, or seen where it was an emergency"), true},
        {"digest", W_C("As the page says; of agree"), false}, {"reason", W_C("Why; of refuse"), false}, {NULL}};
static const struct route_field in_answer[] = {{"answer", W_C("these, kind or none"), true},
        {"reason", W_C("Why"), true}, {"days", W_C("Days that a yes holds; 365 if not said"), false}, {NULL}};
static const struct route_field in_reply[] = {{"answer", W_C("yes or no"), true}, {"reason", W_C("Why"), true}, {NULL}};
static const struct route_field in_consent[] = {
        {"originator", W_C("Number of the partner whose information it is; empty: who is no partner"), false},
        {"giver", W_C("Who gave it: a name and a function"), true},
        {"given", W_C("The day on the paper, as 2026-11-21"), true},
        {"paper", W_C("What it says, and where it lies"), true},
        {"file", W_C("Its scan, of which the SHA-256 is kept and nothing else"), false},
        {"scan", W_C("Or the SHA-256 of the scan"), false},
        {"ids", W_C("Ids of objects, between blanks; at most 100"), false},
        {"type", W_C("Or a type of STIX: all of it"), false},
        {"recipient", W_C("Number of a partner, or affected; empty: every partner"), false},
        {"until", W_C("Last day, as 2027-12-31"), true}, {"reason", W_C("Why"), true}, {NULL}};
static const struct route_field in_release_rule[] = {
        {"partner", W_C("Number of a partner; empty: every partner"), false},
        {"type", W_C("A type of STIX; empty: any"), false}, {"id", W_C("Or the id of one object"), false},
        {"highest", W_C("Up to which TLP, \"TLP:AMBER\""), true},
        {"days", W_C("How long it holds; 365 if not said"), false}, {"reason", W_C("Why"), true}, {NULL}};
static const struct route_field in_releases[] = {{"partner", W_C("Number of a partner"), false},
        {"terms", W_C("waiting: as if the version that waits held already"), false},
        {"ids", W_C("Ids of objects to preview, between blanks; empty: the newest"), false},
        {"after", W_C("Where the list of what was released goes on"), false}, {NULL}};
static const struct route_field in_recall[] = {{"id", W_C("Id of the object"), true},
        {"partner", W_C("Number of a partner; empty: everybody who has it"), false}, {"reason", W_C("Why"), true},
        {"confirm", W_C("yes; else it is asked once more"), false}, {NULL}};

static const struct route_field in_board[] = {{"hours", W_C("Hours since the shift began; 8 if not said"), false},
        {"before", W_C("Number before which the list goes on"), false}, {NULL}};
static const struct route_field in_playbooks[] = {{"state", W_C("draft, approved (if not said) or retired"), false},
        {"after", W_C("Number behind which the list goes on"), false}, {NULL}};
static const struct route_field in_playbook_add[] = {{"file", W_C("CACAO 2.0, as JSON"), true},
        {"class", W_C("For which incidents it is proposed: taxonomy/type of RSIT"), false}, {NULL}};
static const struct route_field in_playbook[] = {
        {"incident", W_C("Number of an incident in which it was started: with its tasks"), false},
        {"from", W_C("How many steps stand before"), false}, {NULL}};
static const struct route_field in_playbook_act[] = {{"act", W_C("approve, retire or start"), true},
        {"reason", W_C("Why it is approved or retired"), false},
        {"incident", W_C("Number of the incident in which it is started"), false}, {NULL}};
static const struct route_field in_organisation[] = {
        {"after", W_C("Where the list of what is theirs goes on, as \"more\" says"), false},
        {"suppliers", W_C("Number of a supplier behind which that list goes on"), false},
        {"customers", W_C("Number of a customer behind which that list goes on"), false}, {NULL}};
static const struct route_field in_supply[] = {
        {"way", W_C("by: the other supplies it; to: it supplies the other"), true},
        {"other", W_C("Name of the other organisation"), true}, {"what", W_C("What is supplied"), false},
        {"act", W_C("add, if not said, or end"), false}, {NULL}};
static const struct route_field in_takedowns[] = {{"incident", W_C("Number of an incident"), false},
        {"before", W_C("Number before which the list goes on"), false}, {NULL}};
static const struct route_field in_takedown_add[] = {{"incident", W_C("Number of the incident"), true},
        {"url", W_C("The page; empty: all that its reports tell of"), false},
        {"imitates", W_C("Name of an organisation"), false},
        {"pap", W_C("What may be done to look at it; PAP:GREEN if not said"), false}, {NULL}};
static const struct route_field in_takedown[] = {{"act", W_C("draft, approve, answer, look or give-up"), true},
        {"request", W_C("Number of a request; of approve and answer"), false},
        {"recipient", W_C("host, registrar, registry or platform; of draft"), false},
        {"address", W_C("Of mail or a form; of draft, empty: as the table has it"), false},
        {"language", W_C("en, id or zh; of draft"), false},
        {"state", W_C("sent, answered or refused; of look: gone, there or other, empty: the node looks"), false},
        {"text", W_C("What they said; of look: who saw it, and how"), false}, {"reason", W_C("Of give-up"), false},
        {NULL}};
static const struct route_field in_warning[] = {
        {"act", W_C("approve, hold, withdraw, acknowledged, done, not-mine or noise"), true},
        {"reason", W_C("Why, or who said it"), false}, {"back", W_C("/board: back to it"), false}, {NULL}};
static const struct route_field in_hunt[] = {{"values", W_C("Values, or a text in which they stand"), true}, {NULL}};
static const struct route_field in_rule[] = {{"class", W_C("taxonomy/type of RSIT; empty: any"), false},
        {"severity", W_C("info, low, medium, high or critical: at least"), true},
        {"cause_kind", W_C("indicator or report; empty: any"), false},
        {"sector", W_C("Of the constituent; empty: any"), false}, {"does", W_C("send, digest or hold"), true},
        {"days", W_C("How long it holds; empty: until it is ended"), false}, {"reason", W_C("Why"), true}, {NULL}};
static const struct route_field in_today[] = {
        {"act", W_C("acknowledged, done, not-mine or noise"), true}, {"reason", W_C("A word about it"), false}, {NULL}};
static const struct route_field in_contact_add[] = {{"name", W_C("A function: \"Ruang siaga\""), true},
        {"mail", W_C("Its mailbox"), false}, {"phone", W_C("Its telephone"), false},
        {"rank", W_C("1: is told first"), false}, {"languages", W_C("\"id en\": the preferred first"), false},
        {"hours", W_C("When it is read: always, or Mon-Fri 08:00-16:00 +07:00"), false}, {NULL}};
static const struct route_field in_team[] = {
        {"sector", W_C("The sector; empty: of none any more"), false}, {"reason", W_C("Why"), true}, {NULL}};
static const struct route_field in_contact_act[] = {{"act", W_C("ping, verify or close"), true},
        {"reason", W_C("Why, or who said it; of verify"), false}, {"back", W_C("/today: back to it"), false}, {NULL}};
static const struct route_field in_statistics[] = {
        {"months", W_C("How many months, this one included; 12 if not said"), false}, {NULL}};

static const struct route_field in_figures[] = {{"month", W_C("The month, as 2026-11; this one if not said"), false},
        {"as_of", W_C("As it stood at that moment, as 2026-12-05T00:00:00Z"), false}, {NULL}};
static const struct route_field in_account[] = {
        {"as", W_C("html, if not said, csv (the timeline) or json"), false}, {NULL}};
static const struct route_field in_lessons[] = {{"q", W_C("Words that they have, in either language"), false},
        {"before", W_C("Number before which the list goes on"), false}, {NULL}};
static const struct route_field in_lesson[] = {{"language", W_C("Of the text: en or id"), true},
        {"title", W_C("Its title"), true}, {"text", W_C("What it says"), true}, {NULL}};
static const struct route_field in_lesson_read[] = {
        {"sha256", W_C("Of the text that was read, as its page has it"), true}, {NULL}};
static const struct route_field in_lesson_share[] = {
        {"marking", W_C("TLP:CLEAR, TLP:GREEN or TLP:AMBER"), true}, {"reason", W_C("Why"), true}, {NULL}};

static const struct route_field in_risks[] = {{"show", W_C("closed: those instead of the others"), false},
        {"likelihood", W_C("Of those that are shown, with an impact"), false},
        {"impact", W_C("Of those that are shown, with a likelihood"), false},
        {"score", W_C("Where the list goes on, as more says"), false},
        {"before", W_C("Where the list goes on, as more says"), false}, {NULL}};
static const struct route_field in_risk[] = {{"before", W_C("Number before which its history goes on"), false}, {NULL}};
static const struct route_field in_risk_add[] = {{"asset", W_C("Class of assets, a word of the rule"), true},
        {"threat", W_C("Threat, a word of the rule"), true}, {"likelihood", W_C("1 to 5"), true},
        {"impact", W_C("1 to 5"), true}, {"reason", W_C("Why"), true},
        {"review", W_C("A day, as 2027-05-31; empty: as its level says"), false}, {NULL}};
static const struct route_field in_risk_treat[] = {{"treatment", W_C("avoid, reduce or transfer"), true},
        {"text", W_C("What is done"), true}, {"organisation", W_C("Name of who owns it; empty: we"), false},
        {"person", W_C("Name of a user, or empty"), false},
        {"review", W_C("A day, as 2027-05-31; empty: as its level says"), false}, {NULL}};
static const struct route_field in_risk_accept[] = {{"reason", W_C("Why it is borne"), true},
        {"review", W_C("A day, as 2027-05-31; empty: as its level says"), false}, {NULL}};
static const struct route_field in_risk_review[] = {{"reason", W_C("What was found"), true},
        {"likelihood", W_C("1 to 5; 0: as the rule says; empty: as it was"), false},
        {"impact", W_C("1 to 5; 0: as the rule says; empty: as it was"), false},
        {"review", W_C("A day, as 2027-05-31; empty: as its level says"), false}, {NULL}};
static const struct route_field in_risk_close[] = {{"reason", W_C("Why"), true}, {NULL}};

static const struct route_field in_streams[] = {{"after", W_C("Number behind which the list goes on"), false}, {NULL}};
static const struct route_field in_stream[] = {
        {"batch", W_C("Number of the batch of which is shown what was put aside; the newest that has any"), false},
        {"before", W_C("Number of the batch before which the list goes on"), false},
        {"only", W_C("1: batches with something put aside"), false}, {NULL}};
static const struct route_field in_stream_csv[] = {
        {"batch", W_C("Number of a batch; all of the stream if not said"), false}, {NULL}};

static const struct route_field in_tasks[] = {{"show", W_C("all, if not said, late or mine"), false},
        {"organisation", W_C("Name of an organisation; empty: the board of all"), false},
        {"after", W_C("Where the list goes on, as next says"), false}, {NULL}};
static const struct route_field in_task_state[] = {{"state", W_C("to-do, doing, waiting, done or cancelled"), true},
        {"result", W_C("What came of it; done and cancelled want one"), false}, {NULL}};
static const struct route_field in_task_agree[] = {{"reason", W_C("Who agreed, and how that was said"), true}, {NULL}};
static const struct route_field in_task_set[] = {{"title", W_C("In a line"), false}, {"text", W_C("At length"), false},
        {"due", W_C("A moment, or empty"), false},
        {"every", W_C("It comes again that long after it was done, as 4h, or empty"), false},
        {"person", W_C("Name of a user of ours, or empty"), false},
        {"organisation", W_C("Name of who is to do it"), false}, {NULL}};
static const struct route_field in_duties[] = {{"due", W_C("Where the list goes on, as next says"), false},
        {"after", W_C("Where the list goes on, as next says"), false},
        {"late_before", W_C("Number before which the late ones go on"), false},
        {"met_before", W_C("Number before which those in time go on"), false},
        {"waived_before", W_C("Number before which the waived ones go on"), false}, {NULL}};
static const struct route_field in_duty_file[] = {{"form", W_C("What was sent, word for word"), false},
        {"file", W_C("Or that as a file"), false}, {"reference", W_C("The number that the recipient gave"), true},
        {"reason", W_C("Why it is late"), false}, {NULL}};
static const struct route_field in_evidence[] = {{"incident", W_C("Number of an incident; of all if not said"), false},
        {"after", W_C("Number behind which the list goes on"), false},
        {"packages", W_C("Number behind which the list of packages goes on"), false}, {NULL}};
static const struct route_field in_evidence_take[] = {{"incident", W_C("Number of the incident"), true},
        {"file", W_C("What is taken"), true}, {"what", W_C("What it is, in words"), true},
        {"place", W_C("Where it was taken"), true}, {"tool", W_C("With what, its version and settings"), true},
        {"basis", W_C("The basis in law"), true}, {"person", W_C("Who took it; empty: who asks"), false},
        {"acquired", W_C("When; empty: now"), false}, {"keep-until", W_C("It is to be destroyed then"), false},
        {"name", W_C("What it is called; empty: as the file"), false}, {NULL}};
static const struct route_field in_evidence_sign[] = {{"number", W_C("Number of the evidence"), true},
        {"step", W_C("Of its custody: an entry handed-over or received"), true},
        {"file", W_C("The signature of that entry, 64 bytes (Ed25519)"), true},
        {"public", W_C("The public key, in PEM"), true}, {NULL}};
static const struct route_field in_evidence_act[] = {{"pick", W_C("Number of evidence; once for each"), true},
        {"act", W_C("hand, hold or destroy"), true}, {"reason", W_C("Why; of destroying the basis in law"), true},
        {"organisation", W_C("Hand: to whom, its name"), false},
        {"reference", W_C("Hand: number of the case there"), false},
        {"until", W_C("Hold: until when; empty: no hold any more"), false},
        {"incident", W_C("Number of the incident whose list is shown"), false}, {NULL}};
static const struct route_field in_incidents[] = {
        {"q", W_C("Words, \"phrases\", beginnings*, a number: the best first, in any state"), false},
        {"place", W_C("Where such a list goes on, as \"older\" says"), false},
        {"show", W_C("work, if not said, mine, all, or a state"), false},
        {"class", W_C("taxonomy/type of RSIT"), false},
        {"organisation", W_C("Name of an organisation that has to do with it"), false},
        {"before", W_C("Number before which the list goes on"), false}, {NULL}};
static const struct route_field in_incident[] = {{"title", W_C("In a line, which every party reads"), true},
        {"class", W_C("taxonomy/type of RSIT"), false}, {"severity", W_C("info, low, medium, high or critical"), false},
        {"known", W_C("Since when it is known, which starts the clocks of law"), false},
        {"victim", W_C("Name of the organisation that it hit"), false},
        {"text", W_C("What is known: the first note, for our own people"), false},
        {"local-class", W_C("A sub-class of ours"), false}, {"sector", W_C("A word"), false},
        {"marking", W_C("A TLP label; TLP:AMBER if not said"), false}, {"criticality", W_C("0 to 100"), false},
        {"occurred", W_C("Since when it happens"), false}, {"detected", W_C("When it was detected"), false},
        {"vital", W_C("yes: vital information infrastructure is concerned"), false},
        {"personal-data", W_C("yes: personal data is concerned"), false},
        {"restricted", W_C("yes: only who has it and auditors see it"), false},
        {"exercise", W_C("yes: it is an exercise"), false}, {NULL}};
static const struct route_field in_incident_page[] = {{"of", W_C("Name of a list of the page, as observables"), false},
        {"from", W_C("From which of its rows on that list is shown"), false},
        {"before", W_C("Where the timeline goes on, as timeline_more says"), false}, {NULL}};
static const struct route_field in_incident_state[] = {
        {"state", W_C("triaged, open, contained, recovered, closed, not-an-incident or transferred"), true},
        {"reason", W_C("Why"), false}, {NULL}};
static const struct route_field in_incident_set[] = {{"title", W_C("In a line"), false},
        {"severity", W_C("info, low, medium, high or critical"), false}, {"criticality", W_C("0 to 100"), false},
        {"determination", W_C("suspected, blocked, failed-attempt, false-positive, low-value or successful-attempt"),
                false},
        {"marking", W_C("A TLP label, narrower than before"), false}, {"sector", W_C("A word"), false},
        {"vital", W_C("yes or no"), false}, {"personal-data", W_C("yes or no"), false},
        {"holder", W_C("Name of the user who has it"), false},
        {"class", W_C("taxonomy/type of RSIT, while it has none"), false},
        {"local-class", W_C("A sub-class of ours, while it has none"), false},
        {"assets",
                W_C("Classes of assets that it hit, words of the rule of risks; once for each, or with blanks between"),
                false},
        {"occurred", W_C("A moment that is not told yet; so do the other times"), false},
        {"detected", W_C("A moment"), false}, {"known", W_C("A moment; starts the clocks of law"), false},
        {"reported", W_C("A moment"), false}, {"acknowledged", W_C("A moment"), false},
        {"contained", W_C("A moment"), false}, {"recovered", W_C("A moment"), false}, {"reason", W_C("Why"), false},
        {NULL}};
static const struct route_field in_incident_merge[] = {
        {"into", W_C("Number of the other incident"), true}, {"reason", W_C("Why"), true}, {NULL}};
static const struct route_field in_incident_party[] = {{"organisation", W_C("Its name"), true},
        {"role", W_C("victim, supplier, lead, support, informed or liaison"), true},
        {"act", W_C("add, if not said, or end"), false}, {"reason", W_C("Why"), true}, {NULL}};
static const struct route_field in_incident_share[] = {
        {"observables", W_C("yes or no; if not said, as it is shared"), false},
        {"from", W_C("How many parties stand before"), false}, {NULL}};
static const struct route_field in_incident_share_do[] = {{"act", W_C("share, if not said, or end"), false},
        {"observables", W_C("yes: what was seen, too"), false}, {"reason", W_C("Why"), true}, {NULL}};
static const struct route_field in_incident_reports[] = {
        {"report", W_C("Its number or its reference"), true}, {"act", W_C("add, if not said, or end"), false}, {NULL}};
static const struct route_field in_incident_observable[] = {{"value", W_C("As it is, or defanged"), true},
        {"type", W_C("domain, ipv4, url ...; empty: by its looks"), false}, {NULL}};
static const struct route_field in_incident_impact[] = {
        {"kind",
                W_C("loss, records, persons, devices, outage-hours, patients-diverted, procedures-postponed, "
                    "results-delayed or patients-harmed"),
                true},
        {"least", W_C("A whole number, of money in its units; empty: not known"), false},
        {"most", W_C("The same; empty: as least"), false},
        {"currency", W_C("Of a loss: three letters, ISO 4217"), false},
        {"basis", W_C("Of what it was reckoned"), false}, {"confidence", W_C("low, medium or high"), true},
        {"organisation", W_C("To whom: its name; empty: to all"), false}, {"at", W_C("When; empty: now"), false},
        {NULL}};
static const struct route_field in_incident_scale[] = {
        {"level", W_C("Scale and level, \"uk-ncsc C3\""), true}, {"reason", W_C("Who said so, and why"), true}, {NULL}};
static const struct route_field in_incident_link[] = {{"other", W_C("Number of the other incident"), true},
        {"kind", W_C("same-campaign, caused-by or related"), true}, {NULL}};
static const struct route_field in_incident_note[] = {{"text", W_C("What"), true},
        {"kind", W_C("note, if not said, event, question or answer"), false},
        {"audience", W_C("own, if not said, parties, or the number of an organisation"), false},
        {"source", W_C("Where it is known from"), false}, {"happened", W_C("When; empty: now"), false},
        {"due", W_C("Of a question: until when an answer is wanted"), false},
        {"answers", W_C("Of an answer: number of the question"), false}, {NULL}};
static const struct route_field in_incident_opinion[] = {
        {"opinion", W_C("strongly-disagree, disagree, neutral, agree or strongly-agree"), true},
        {"about", W_C("Number of an entry, a value that was seen, or id of an indicator; empty: the incident"), false},
        {"text", W_C("Why"), false},
        {"audience", W_C("own, if not said, parties, or the number of an organisation"), false}, {NULL}};
static const struct route_field in_incident_withdraw[] = {
        {"entry", W_C("Number of the entry"), true}, {"reason", W_C("Why"), false}, {NULL}};
static const struct route_field in_incident_task[] = {{"title", W_C("What is to be done, in a line"), true},
        {"text", W_C("At length"), false}, {"organisation", W_C("Name of who is to do it; empty: we"), false},
        {"person", W_C("Name of a user of ours"), false}, {"due", W_C("Until when"), false},
        {"every", W_C("It comes again that long after it was done, as 4h, or empty"), false},
        {"after", W_C("Numbers of tasks that come first, between blanks"), false},
        {"agreed_by", W_C("Whose word it waits for"), false}, {NULL}};
static const struct route_field in_incident_playbook[] = {{"playbook", W_C("Number of the playbook"), true}, {NULL}};
static const struct route_field in_incident_duty[] = {{"rule", W_C("Name of the rule"), true},
        {"organisation", W_C("Of which party; empty: of ourselves"), false},
        {"at", W_C("When it was demanded; empty: now"), false}, {NULL}};
static const struct route_field in_incident_time[] = {
        {"what", W_C("occurred, detected, known, reported, acknowledged, contained, recovered or closed"), true},
        {"at", W_C("The moment; empty: not known after all"), false}, {"reason", W_C("Why"), true}, {NULL}};
static const struct route_field in_incident_class[] = {{"class", W_C("taxonomy/type of RSIT"), false},
        {"local-class", W_C("A sub-class of ours"), false}, {"reason", W_C("Why"), true}, {NULL}};
static const struct route_field in_incident_widen[] = {
        {"marking", W_C("A TLP label"), true}, {"reason", W_C("Why"), true}, {NULL}};

static const struct route_field in_profile[] = {
        {"mail", W_C("A field that is the same in all languages, by its name; the page names them"), false},
        {"mission.en", W_C("A field in a language, en or id; the page names them"), false}, {NULL}};
static const struct route_field in_roster[] = {
        {"week", W_C("A day of the week that is shown, as 2026-11-23; today if not said"), false}, {NULL}};
static const struct route_field in_shift[] = {{"user", W_C("Name of one of our own people"), true},
        {"from", W_C("A moment"), true}, {"until", W_C("A moment"), true},
        {"rank", W_C("first, if not said, or second"), false}, {NULL}};
static const struct route_field in_shift_act[] = {{"shift", W_C("Number of the shift"), true},
        {"act", W_C("give or drop"), true}, {"user", W_C("Give: name of who gets it"), false}, {NULL}};
static const struct route_field in_hand_over[] = {
        {"user", W_C("Name of who takes over, and gets what who asks has; empty: nobody"), false},
        {"note", W_C("In own words"), false}, {NULL}};
static const struct route_field in_shift_person[] = {
        {"mail", W_C("Address of mail; empty: none"), false}, {"phone", W_C("Number; empty: none"), false}, {NULL}};

static const struct route_field in_heads[] = {
        {"node", W_C("Id of another partner's node; empty: of who asks"), false}, {NULL}};

static const struct route_field in_kept[] = {{"origin", W_C("Of a log of the node that asks"), true},
        {"from", W_C("Number of the first entry"), true}, {NULL}};
static const struct route_field in_held[] = {{"origin", W_C("Of a log of the node that asks"), true},
        {"seq", W_C("Number of the entry"), true}, {"leaf", W_C("The first of its objects"), true}, {NULL}};

/* method, path, name, face, function, access, right, scope, bytes of a body, about, fields */
const struct route routes[] = {
        /* ---- TAXII 2.1: which account sees which collection is for its grants to say ---- */
        {HTTP_GET, "/taxii2/", "taxii-discovery", &taxii_face, taxii_discovery, ROUTE_MEMBER, VERBS, SCOPE_TAXII, 0,
                W_C("TAXII: the server and its API root"), NULL},
        {HTTP_GET, "/taxii2/{root}/", "taxii-root", &taxii_face, taxii_root, ROUTE_MEMBER, VERBS, SCOPE_TAXII, 0,
                W_C("TAXII: what the API root takes"), NULL},
        {HTTP_GET, "/taxii2/{root}/status/{status}/", "taxii-status", &taxii_face, taxii_status, ROUTE_MEMBER, VERBS,
                SCOPE_TAXII, 0, W_C("TAXII: what became of objects that you added"), NULL},
        {HTTP_GET, "/taxii2/{root}/collections/", "taxii-collections", &taxii_face, taxii_collections, ROUTE_MEMBER,
                VERBS, SCOPE_TAXII, 0, W_C("TAXII: the collections that are open to you"), NULL},
        {HTTP_GET, "/taxii2/{root}/collections/{collection}/", "taxii-collection", &taxii_face, taxii_collection_one,
                ROUTE_MEMBER, VERBS, SCOPE_TAXII, 0, W_C("TAXII: one collection"), NULL},
        {HTTP_GET, "/taxii2/{root}/collections/{collection}/manifest/", "taxii-manifest", &taxii_face, taxii_manifest,
                ROUTE_MEMBER, VERBS, SCOPE_TAXII, 0, W_C("TAXII: what is in a collection, without the objects"), NULL},
        {HTTP_GET, "/taxii2/{root}/collections/{collection}/objects/", "taxii-objects", &taxii_face, taxii_objects,
                ROUTE_MEMBER, VERBS, SCOPE_TAXII, 0, W_C("TAXII: the objects of a collection"), NULL},
        {HTTP_POST, "/taxii2/{root}/collections/{collection}/objects/", "taxii-add", &taxii_face, taxii_add,
                ROUTE_MEMBER, VERBS, SCOPE_TAXII, TAXII_BODY_MAX, W_C("TAXII: add objects to a collection"), NULL},
        {HTTP_GET, "/taxii2/{root}/collections/{collection}/objects/{object}/", "taxii-object", &taxii_face,
                taxii_object, ROUTE_MEMBER, VERBS, SCOPE_TAXII, 0, W_C("TAXII: one object"), NULL},
        {HTTP_DELETE, "/taxii2/{root}/collections/{collection}/objects/{object}/", "taxii-delete", &taxii_face,
                taxii_delete, ROUTE_MEMBER, VERBS, SCOPE_TAXII, 0, W_C("TAXII: take an object out of a collection"),
                NULL},
        {HTTP_GET, "/taxii2/{root}/collections/{collection}/objects/{object}/versions/", "taxii-versions", &taxii_face,
                taxii_versions, ROUTE_MEMBER, VERBS, SCOPE_TAXII, 0, W_C("TAXII: the versions of an object"), NULL},

        /* ---- Nodes of partners ---- */
        {HTTP_POST, "/partner/statement", "partner-statement", &taxii_face, taxii_statement, ROUTE_OPEN, VERBS, 0,
                STATEMENT_BYTES_MAX, W_C("Takes a statement that another node signed"), NULL},

        /* ---- Logs: which of them there are for whom is for src/taxii/ledger.c to say ---- */
        {HTTP_GET, "/ledger/", "ledger-logs", &gate_plain, taxii_ledger_logs, ROUTE_MEMBER, VERBS, SCOPE_TAXII, 0,
                W_C("The logs of this node that you may read"), NULL},
        {HTTP_GET, "/ledger/{log}/checkpoint", "ledger-checkpoint", &gate_plain, taxii_ledger_checkpoint, ROUTE_MEMBER,
                VERBS, SCOPE_TAXII, 0, W_C("The signed head of a log"), NULL},
        {HTTP_GET, "/ledger/{log}/tile/{tile*}", "ledger-tile", &gate_plain, taxii_ledger_tile, ROUTE_MEMBER, VERBS,
                SCOPE_TAXII, 0, W_C("A tile of a log, or a bundle of its entries"), NULL},
        {HTTP_GET, "/ledger/{log}/opening/{entry}", "ledger-opening", &gate_plain, taxii_ledger_opening, ROUTE_MEMBER,
                VERBS, SCOPE_TAXII, 0, W_C("What an entry of a log says, as far as it was not erased"), NULL},
        {HTTP_GET, "/ledger/{log}/entries/{entry}", "ledger-entries", &gate_plain, taxii_ledger_entries, ROUTE_MEMBER,
                VERBS, SCOPE_TAXII, 0, W_C("Entries of a log from that number on, with what they say today"), NULL},
        {HTTP_GET, "/ledger/{log}/anchor", "ledger-anchor", &gate_plain, taxii_ledger_anchor, ROUTE_MEMBER, VERBS,
                SCOPE_TAXII, 0, W_C("That the node log commits to the head of a log"), NULL},
        {HTTP_GET, "/ledger/witness/heads", "ledger-heads", &gate_plain, taxii_ledger_heads, ROUTE_MEMBER, VERBS,
                SCOPE_TAXII, 0, W_C("The latest heads of a partner's logs that this node has seen"), in_heads},
        {HTTP_GET, "/ledger/witness/kept", "ledger-kept", &gate_plain, taxii_ledger_kept, ROUTE_MEMBER, VERBS,
                SCOPE_TAXII, 0, W_C("Entries of a partner's own log that this node has kept of it"), in_kept},
        {HTTP_GET, "/ledger/witness/held", "ledger-held", &gate_plain, taxii_ledger_held, ROUTE_MEMBER, VERBS,
                SCOPE_TAXII, 0, W_C("Objects that an entry of a partner's own log released to this node"), in_held},
        {HTTP_POST, "/ledger/witness/add-checkpoint", "ledger-witness", &gate_plain, taxii_ledger_witness, ROUTE_MEMBER,
                VERBS, SCOPE_TAXII, WITNESS, W_C("Cosigns the head of a partner's node log"), NULL},

        /* ---- For who watches the node ---- */
        {HTTP_GET, "/health", "health", &gate_plain, status_health, ROUTE_OPEN, VERBS, 0, 0,
                W_C("Whether the node works: ok, or one word for what does not"), NULL},
        {HTTP_GET, "/metrics", "metrics", &gate_plain, status_metrics, ROUTE_MEMBER, VERB_DOCTOR, SCOPE_METRICS, 0,
                W_C("How the node does, for Prometheus"), NULL},

        /* ---- Pages: what there is ---- */
        {HTTP_GET, "/api", "api", &web_face, gate_api, ROUTE_MEMBER, VERBS, SCOPE_READ, 0,
                W_C("This list: the pages and forms that you may use"), NULL},
        {HTTP_GET, "/about", "about", &web_face, web_about, ROUTE_OPEN, VERBS, SCOPE_READ, 0,
                W_C("What this node is, and in which version"), NULL},
        {HTTP_GET, "/static/{file}", "static", &web_face, web_static, ROUTE_OPEN, VERBS, SCOPE_READ, 0,
                W_C("What pages are drawn with"), NULL},

        /* ---- Pages: the door ---- */
        {HTTP_GET, "/sign-in", "sign-in", &web_face, web_sign_in, ROUTE_OPEN, VERBS, SCOPE_READ, 0,
                W_C("The form to sign in"), NULL},
        {HTTP_POST, "/sign-in", "sign-in", &web_face, web_sign_in_do, ROUTE_OPEN, VERBS, 0, FORM,
                W_C("Signs in: sets the cookie of a session"), in_sign_in},
        {HTTP_POST, "/sign-out", "sign-out", &web_face, web_sign_out, ROUTE_HALF, VERBS, 0, FORM,
                W_C("Ends this session"), NULL},
        {HTTP_GET, "/set-up/{secret}", "link", &web_face, web_link, ROUTE_OPEN, VERBS, SCOPE_READ, 0,
                W_C("The form behind a one-time link, of who was invited"), NULL},
        {HTTP_POST, "/set-up/{secret}", "link", &web_face, web_link_use, ROUTE_OPEN, VERBS, 0, FORM,
                W_C("Uses the link up: the password holds, and a session begins"), in_link},
        {HTTP_GET, "/password/{secret}", "link", &web_face, web_link, ROUTE_OPEN, VERBS, SCOPE_READ, 0,
                W_C("The form behind a one-time link to choose a new password"), NULL},
        {HTTP_POST, "/password/{secret}", "link", &web_face, web_link_use, ROUTE_OPEN, VERBS, 0, FORM,
                W_C("Uses the link up: the password holds, and a session begins"), in_link},
        {HTTP_GET, "/w/{secret}", "answer", &web_face, web_answer, ROUTE_OPEN, VERBS, SCOPE_READ, 0,
                W_C("The page behind the link of a notice; looking at it answers nothing"), NULL},
        {HTTP_POST, "/w/{secret}", "answer", &web_face, web_answer_give, ROUTE_OPEN, VERBS, 0, FORM,
                W_C("Answers a notice"), in_notice},
        {HTTP_GET, "/report", "report-form", &web_face, web_report_form, ROUTE_OPEN, VERBS, SCOPE_READ, 0,
                W_C("The form by which anybody tells us something"), NULL},
        {HTTP_POST, "/report", "report-form", &web_face, web_report_form_send, ROUTE_OPEN, VERBS, 0, REPORT_FORM_MAX,
                W_C("Takes a report from anybody"), in_report},
        {HTTP_GET, "/rfc2350", "rfc2350", &web_face, web_rfc2350, ROUTE_OPEN, VERBS, SCOPE_READ, 0,
                W_C("Who the team of this node is, by RFC 2350"), NULL},
        {HTTP_GET, "/rfc2350/{language}", "rfc2350-text", &gate_plain, web_rfc2350_text, ROUTE_OPEN, VERBS, SCOPE_READ,
                0, W_C("The same as text, as it was signed: en or id"), NULL},
        {HTTP_GET, "/.well-known/security.txt", "security-txt", &gate_plain, web_security_txt, ROUTE_OPEN, VERBS,
                SCOPE_READ, 0, W_C("Whom to tell of vulnerabilities, by RFC 9116"), NULL},
        {HTTP_GET, "/security.txt", "security-txt-moved", &gate_plain, web_security_txt_moved, ROUTE_OPEN, VERBS,
                SCOPE_READ, 0, W_C("Leads to /.well-known/security.txt"), NULL},
        {HTTP_GET, "/key.asc", "team-key", &gate_plain, web_team_key, ROUTE_OPEN, VERBS, SCOPE_READ, 0,
                W_C("The public OpenPGP key of the team"), NULL},
        {HTTP_POST, "/language", "language", &web_face, web_language, ROUTE_OPEN, VERBS, 0, FORM,
                W_C("The language of the pages"), in_language},

        /* ---- Pages: start and account ---- */
        {HTTP_GET, "/", "start", &web_face, web_start, ROUTE_MEMBER, VERBS, SCOPE_READ, 0,
                W_C("What waits, and what is new"), NULL},
        {HTTP_GET, "/account", "account", &web_face, web_account, ROUTE_MEMBER, VERB_OWN_ACCOUNT, SCOPE_READ, 0,
                W_C("Your account, sessions and tokens"), NULL},
        {HTTP_POST, "/account", "account", &web_face, web_account_taste, ROUTE_MEMBER, VERB_OWN_ACCOUNT, 0, FORM,
                W_C("Your language and time zone"), in_taste},
        {HTTP_POST, "/account/password", "account", &web_face, web_account_password, ROUTE_MEMBER, VERB_OWN_ACCOUNT, 0,
                FORM, W_C("A new password; other sessions end"), in_password},
        {HTTP_POST, "/account/second-factor", "second-factor", &web_face, web_factor_offer, ROUTE_MEMBER,
                VERB_OWN_ACCOUNT, 0, FORM, W_C("Offers the secret of a second factor"), NULL},
        {HTTP_POST, "/account/second-factor/confirm", "second-factor", &web_face, web_factor_confirm, ROUTE_MEMBER,
                VERB_OWN_ACCOUNT, 0, FORM, W_C("Turns the second factor on; gives recovery codes"), in_code},
        {HTTP_POST, "/account/second-factor/codes", "second-factor", &web_face, web_factor_codes, ROUTE_MEMBER,
                VERB_OWN_ACCOUNT, 0, FORM, W_C("New recovery codes"), in_code},
        {HTTP_POST, "/account/second-factor/off", "account", &web_face, web_factor_off, ROUTE_MEMBER, VERB_OWN_ACCOUNT,
                0, FORM, W_C("Turns the second factor off"), in_code},
        {HTTP_POST, "/account/sessions/end", "account", &web_face, web_sessions_end, ROUTE_MEMBER, VERB_OWN_ACCOUNT, 0,
                FORM, W_C("Ends your other sessions"), NULL},
        {HTTP_POST, "/account/sessions/{number}/end", "account", &web_face, web_session_end, ROUTE_MEMBER,
                VERB_OWN_ACCOUNT, 0, FORM, W_C("Ends a session"), NULL},
        {HTTP_POST, "/account/tokens", "account", &web_face, web_token_add, ROUTE_MEMBER, VERB_OWN_ACCOUNT, 0, FORM,
                W_C("Makes a token; shown this once"), in_token},
        {HTTP_POST, "/account/tokens/{number}/revoke", "account", &web_face, web_token_revoke, ROUTE_MEMBER,
                VERB_OWN_ACCOUNT, 0, FORM, W_C("Revokes a token"), NULL},

        /* ---- Pages: users and organisations ---- */
        {HTTP_GET, "/profile", "profile", &web_face, web_profile, ROUTE_MEMBER, VERB_READ_ORGANISATIONS, SCOPE_READ, 0,
                W_C("Who we are, field by field, and what is missing"), NULL},
        {HTTP_POST, "/profile", "profile", &web_face, web_profile_set, ROUTE_MEMBER, VERB_CHANGE_PROFILE, 0, PROSE,
                W_C("Changes what we say of ourselves: the fields that are sent"), in_profile},
        {HTTP_GET, "/roster", "roster", &web_face, web_roster, ROUTE_MEMBER, VERB_READ_ROSTER, SCOPE_READ, 0,
                W_C("Who is on call in a week, and when nobody is"), in_roster},
        {HTTP_POST, "/roster", "roster", &web_face, web_roster_put, ROUTE_MEMBER, VERB_CHANGE_ROSTER, SCOPE_WRITE, FORM,
                W_C("Puts a shift"), in_shift},
        {HTTP_POST, "/roster/shift", "roster", &web_face, web_roster_shift, ROUTE_MEMBER, VERB_READ_ROSTER, SCOPE_WRITE,
                FORM, W_C("Gives a shift to somebody else, or takes it away"), in_shift_act},
        {HTTP_POST, "/roster/hand-over", "roster", &web_face, web_roster_hand_over, ROUTE_MEMBER, VERB_WORK_INCIDENTS,
                SCOPE_WRITE, PROSE, W_C("Ends a shift: the note for who takes over, and what goes to them"),
                in_hand_over},
        {HTTP_POST, "/roster/person", "roster", &web_face, web_roster_person, ROUTE_MEMBER, VERB_READ_ROSTER,
                SCOPE_WRITE, FORM, W_C("Says how who asks is reached while on call"), in_shift_person},
        {HTTP_GET, "/users", "users", &web_face, web_users, ROUTE_MEMBER, VERB_READ_USERS, SCOPE_READ, 0,
                W_C("The users that you may see"), in_page},
        {HTTP_POST, "/users", "users", &web_face, web_users_add, ROUTE_MEMBER, VERB_CHANGE_USERS, 0, FORM,
                W_C("Adds a user; gives the link for the password"), in_user},
        {HTTP_GET, "/users/{number}", "user", &web_face, web_user, ROUTE_MEMBER, VERB_READ_USERS, SCOPE_READ, 0,
                W_C("A user"), NULL},
        {HTTP_POST, "/users/{number}/roles", "user", &web_face, web_user_roles, ROUTE_MEMBER, VERB_CHANGE_USERS, 0,
                FORM, W_C("The roles of a user"), in_roles},
        {HTTP_POST, "/users/{number}/state", "user", &web_face, web_user_state, ROUTE_MEMBER, VERB_STOP_USERS, 0, FORM,
                W_C("Locks, unlocks or closes a user"), in_state},
        {HTTP_POST, "/users/{number}/reset", "user", &web_face, web_user_reset, ROUTE_MEMBER, VERB_CHANGE_USERS, 0,
                FORM, W_C("Gives a link for a new password"), in_reset},
        {HTTP_POST, "/users/{number}/sessions/end", "user", &web_face, web_user_sessions_end, ROUTE_MEMBER,
                VERB_STOP_USERS, 0, FORM, W_C("Ends all sessions of a user"), NULL},
        {HTTP_GET, "/organisations", "organisations", &web_face, web_organisations, ROUTE_MEMBER,
                VERB_READ_ORGANISATIONS, SCOPE_READ, 0, W_C("The organisations that you may see"), in_page},
        {HTTP_GET, "/organisations/{number}", "organisation", &web_face, web_organisation, ROUTE_MEMBER,
                VERB_READ_ORGANISATIONS, SCOPE_READ, 0, W_C("An organisation and the names it had"), in_organisation},

        /* ---- For who matches elsewhere ---- */
        {HTTP_GET, "/index", "index", &gate_plain, push_index, ROUTE_MEMBER, VERB_MATCH, SCOPE_MATCH, 0,
                W_C("The compiled index to match with, as far as your organisation may have it"), NULL},
        {HTTP_GET, "/live", "live", &gate_plain, push_live, ROUTE_MEMBER, VERB_MATCH, SCOPE_MATCH, 0,
                W_C("What changes of it after a position, as server-sent events"), in_live},
        /* ---- Events ---- */
        {HTTP_POST, "/ingest", "ingest", &gate_document, web_ingest, ROUTE_MEMBER, VERB_SEND_EVENTS, SCOPE_EVENTS,
                INGEST_BODY_MAX, W_C("Takes in events for a stream of your organisation (?stream=, ?format=)"), NULL},
        /* ---- Pages: intelligence ---- */
        {HTTP_GET, "/intelligence", "intelligence", &web_face, web_intelligence, ROUTE_MEMBER, VERB_READ_OBJECTS,
                SCOPE_READ, 0, W_C("What arrived last, searched and filtered"), in_list},
        {HTTP_POST, "/intelligence/act", "act", &web_face, web_act, ROUTE_MEMBER, VERB_READ_OBJECTS, SCOPE_WRITE, FORM,
                W_C("Tags, judges or revokes objects, or takes that back"), in_act},
        {HTTP_POST, "/intelligence/export", "export", &web_face, web_export, ROUTE_MEMBER, VERB_EXPORT, SCOPE_READ,
                FORM, W_C("Objects in a form that defenders load"), in_export},
        {HTTP_GET, "/object", "object-find", &web_face, web_object_find, ROUTE_MEMBER, VERB_READ_OBJECTS, SCOPE_READ, 0,
                W_C("Leads to the object of an id"), in_find},
        {HTTP_GET, "/objects/{number}", "object", &web_face, web_object, ROUTE_MEMBER, VERB_READ_OBJECTS, SCOPE_READ, 0,
                W_C("An object: what it says, who says it, what we hold of it"), NULL},
        {HTTP_GET, "/objects/{number}/raw", "object-raw", &web_face, web_object_raw, ROUTE_MEMBER, VERB_READ_OBJECTS,
                SCOPE_READ, 0, W_C("The beginning of an object as it came"), NULL},
        {HTTP_GET, "/objects/{number}/download", "object-download", &web_face, web_object_download, ROUTE_MEMBER,
                VERB_READ_OBJECTS, SCOPE_READ, 0, W_C("An object byte for byte"), NULL},
        {HTTP_GET, "/reports", "reports", &web_face, web_reports, ROUTE_MEMBER, VERB_READ_REPORTS, SCOPE_READ, 0,
                W_C("What was told us and waits, the oldest first; of an organisation its own"), in_reports},
        {HTTP_POST, "/reports", "report-new", &web_face, web_report_take, ROUTE_MEMBER, VERB_REPORT, SCOPE_WRITE,
                REPORT_FORM_MAX, W_C("Takes a report, as JSON or as a form"), NULL},
        {HTTP_GET, "/reports/new", "report-new", &web_face, web_report_new, ROUTE_MEMBER, VERB_REPORT, SCOPE_READ, 0,
                W_C("The form for what somebody tells by telephone"), NULL},
        {HTTP_POST, "/reports/new", "report-new", &web_face, web_report_new_take, ROUTE_MEMBER, VERB_REPORT,
                SCOPE_WRITE, REPORT_FORM_MAX, W_C("Takes what somebody told by telephone"), in_call},
        {HTTP_GET, "/reports/{number}", "report", &web_face, web_report, ROUTE_MEMBER, VERB_READ_REPORTS, SCOPE_READ, 0,
                W_C("A report with its thread, and what can be done with it"), NULL},
        {HTTP_POST, "/reports/{number}", "report", &web_face, web_report_act, ROUTE_MEMBER, VERB_READ_REPORTS,
                SCOPE_WRITE, REPORT_FORM_MAX, W_C("Does something with a report"), in_report_act},
        {HTTP_POST, "/reports/{number}/evidence", "report", &web_face, web_report_evidence, ROUTE_MEMBER,
                VERB_TAKE_EVIDENCE, SCOPE_WRITE, FORM,
                W_C("Seals a letter or file of a report as evidence of its incident"), in_report_file},
        {HTTP_POST, "/reports/{number}/file", "report", &web_face, web_report_file, ROUTE_MEMBER, VERB_READ_REPORTS,
                SCOPE_WRITE, FORM, W_C("A letter or file of a report as it came; who takes it is kept"),
                in_report_file},
        {HTTP_GET, "/import", "import", &web_face, web_import, ROUTE_MEMBER, VERB_IMPORT, SCOPE_READ, 0,
                W_C("The form for an import"), NULL},
        {HTTP_POST, "/import", "import", &web_face, web_import_post, ROUTE_MEMBER, VERB_IMPORT, SCOPE_WRITE, TEXT,
                W_C("What a text would bring, or the import itself"), in_import},
        {HTTP_POST, "/import/take", "import", &web_face, web_import_take, ROUTE_MEMBER, VERB_IMPORT, SCOPE_WRITE, FORM,
                W_C("Imports a text that was shown"), in_take},
        {HTTP_GET, "/imports", "imports", &web_face, web_imports, ROUTE_MEMBER, VERB_READ_OBJECTS, SCOPE_READ, 0,
                W_C("The imports, the latest first"), in_imports},
        {HTTP_GET, "/imports/{number}", "import-one", &web_face, web_import_one, ROUTE_MEMBER, VERB_READ_OBJECTS,
                SCOPE_READ, 0, W_C("An import: what it brought, refused and left behind"), NULL},
        {HTTP_GET, "/imports/{number}/original", "import-original", &web_face, web_import_original, ROUTE_MEMBER,
                VERB_READ_OBJECTS, SCOPE_READ, 0, W_C("The text of an import as it came, where it is kept"), NULL},
        {HTTP_POST, "/imports/{number}/undo", "import-one", &web_face, web_import_undo, ROUTE_MEMBER, VERB_IMPORT_UNDO,
                SCOPE_WRITE, FORM, W_C("Hides what only this import brought"), in_reason},
        {HTTP_GET, "/feeds", "feeds", &web_face, web_feeds, ROUTE_MEMBER, VERB_READ_FEEDS, SCOPE_READ, 0,
                W_C("The feeds and how they do"), NULL},
        {HTTP_POST, "/feeds", "feeds", &web_face, web_feed_add, ROUTE_MEMBER, VERB_CHANGE_FEEDS, SCOPE_WRITE, FORM,
                W_C("Adds a feed"), in_feed},
        {HTTP_POST, "/feeds/change", "feeds", &web_face, web_feed_change, ROUTE_MEMBER, VERB_CHANGE_FEEDS, SCOPE_WRITE,
                FORM, W_C("Pauses, resumes, hurries or removes a feed"), in_feed_change},
        {HTTP_GET, "/sources", "sources", &web_face, web_sources, ROUTE_MEMBER, VERB_READ_OBJECTS, SCOPE_READ, 0,
                W_C("The sources and how much there is of each"), in_page},

        /* ---- Pages: sharing ---- */
        {HTTP_GET, "/partners", "partners", &web_face, web_partners, ROUTE_MEMBER, VERB_READ_SHARING, SCOPE_READ, 0,
                W_C("The partners, and how each does"), in_page},
        {HTTP_POST, "/partners", "partners", &web_face, web_partner_add, ROUTE_MEMBER, VERB_CHANGE_PARTNERS, 0,
                INTRODUCTION, W_C("Takes in a partner by its introduction"), in_introduction},
        {HTTP_POST, "/taxii-partner", "partners", &web_face, web_partner_add_taxii, ROUTE_MEMBER, VERB_CHANGE_PARTNERS,
                0, FORM, W_C("Adds a partner that has TAXII and no node"), in_partner_taxii},
        {HTTP_POST, "/introduction", "partners", &web_face, web_partner_introduce, ROUTE_MEMBER, VERB_CHANGE_PARTNERS,
                0, FORM, W_C("The introduction of this node, as a file"), in_contact},
        {HTTP_GET, "/partners/{number}", "partner", &web_face, web_partner, ROUTE_MEMBER, VERB_READ_SHARING, SCOPE_READ,
                0, W_C("A partner: who it is, what was agreed, given and received"), NULL},
        {HTTP_POST, "/partners/{number}/confirm", "partner", &web_face, web_partner_confirm, ROUTE_MEMBER,
                VERB_CHANGE_PARTNERS, 0, FORM, W_C("Its fingerprint was compared"), in_heard},
        {HTTP_POST, "/partners/{number}/state", "partner", &web_face, web_partner_act, ROUTE_MEMBER, VERB_READ_SHARING,
                0, FORM, W_C("Suspends, resumes or ends a partner, or lets sharing go on"), in_partner},
        {HTTP_POST, "/partners/{number}/claims/{claim}", "partner", &web_face, web_claim_settle, ROUTE_MEMBER,
                VERB_STOP_SHARING, 0, FORM, W_C("Somebody looked at what a partner claims"), in_reason},
        {HTTP_GET, "/partners/{number}/draft", "draft", &web_face, web_draft, ROUTE_MEMBER, VERB_READ_SHARING,
                SCOPE_READ, 0, W_C("The form for terms with a partner"), NULL},
        {HTTP_POST, "/partners/{number}/draft", "draft", &web_face, web_draft_put, ROUTE_MEMBER, VERB_CHANGE_PARTNERS,
                0, FORM, W_C("Drafts terms; nothing holds by them yet"), in_draft},
        {HTTP_GET, "/agreements", "agreements", &web_face, web_agreements, ROUTE_MEMBER, VERB_READ_SHARING, SCOPE_READ,
                0, W_C("The agreements with partners"), in_page},
        {HTTP_GET, "/agreements/{number}", "agreement", &web_face, web_agreement, ROUTE_MEMBER, VERB_READ_SHARING,
                SCOPE_READ, 0, W_C("An agreement: terms, versions, who signed"), NULL},
        {HTTP_POST, "/agreements/{number}/act", "agreement", &web_face, web_agreement_act, ROUTE_MEMBER,
                VERB_READ_SHARING, 0, FORM, W_C("Offers, accepts, refuses, suspends, resumes or ends"), in_agreement},
        {HTTP_GET, "/approvals", "approvals", &web_face, web_approvals, ROUTE_MEMBER, VERBS, SCOPE_READ, 0,
                W_C("What waits for a second person"), in_approvals},
        {HTTP_GET, "/approvals/{number}", "approval", &web_face, web_approval, ROUTE_MEMBER, VERBS, SCOPE_READ, 0,
                W_C("What was proposed, word for word"), NULL},
        {HTTP_POST, "/approvals/{number}", "approval", &web_face, web_approval_decide, ROUTE_MEMBER, VERBS, 0, FORM,
                W_C("Agrees to what was proposed, or refuses it"), in_approval},
        {HTTP_GET, "/asks", "asks", &web_face, web_asks, ROUTE_MEMBER, VERB_READ_SHARING, SCOPE_READ, 0,
                W_C("Questions before something leaves, ours and those of partners"), in_approvals},
        {HTTP_POST, "/asks/{number}", "asks", &web_face, web_ask_answer, ROUTE_MEMBER, VERB_RELEASE, 0, FORM,
                W_C("Answers a question; a yes needs a second person"), in_answer},
        {HTTP_POST, "/asks/requests/{number}", "asks", &web_face, web_ask_reply, ROUTE_MEMBER, VERB_RELEASE, 0, FORM,
                W_C("Answers a partner that asks to pass on what is ours"), in_reply},
        {HTTP_GET, "/consents", "consents", &web_face, web_consents, ROUTE_MEMBER, VERB_READ_SHARING, SCOPE_READ, 0,
                W_C("Who agreed that what is theirs goes on, and on which paper"), in_page},
        {HTTP_POST, "/consents", "consents", &web_face, web_consent_propose, ROUTE_MEMBER, VERB_RELEASE, 0, SCAN,
                W_C("Notes a consent on paper; two persons"), in_consent},
        {HTTP_POST, "/consents/{number}/end", "consents", &web_face, web_consent_end, ROUTE_MEMBER, VERB_STOP_SHARING,
                0, FORM, W_C("A consent was taken back: nothing leaves by it any more"), in_reason},
        {HTTP_GET, "/release-rules", "release-rules", &web_face, web_release_rules, ROUTE_MEMBER, VERB_READ_SHARING,
                SCOPE_READ, 0, W_C("What leaves without a question, since two persons agreed to it"), in_page},
        {HTTP_POST, "/release-rules", "release-rules", &web_face, web_release_rule_propose, ROUTE_MEMBER, VERB_RELEASE,
                0, FORM, W_C("Proposes a standing rule; two persons"), in_release_rule},
        {HTTP_POST, "/release-rules/{number}/end", "release-rules", &web_face, web_release_rule_end, ROUTE_MEMBER,
                VERB_STOP_SHARING, 0, FORM, W_C("Ends a standing rule: from then on it is asked again"), in_reason},
        {HTTP_GET, "/releases", "releases", &web_face, web_releases, ROUTE_MEMBER, VERB_READ_SHARING, SCOPE_READ, 0,
                W_C("What would leave, what left, and what was recalled"), in_releases},
        {HTTP_POST, "/releases/recall", "releases", &web_face, web_recall, ROUTE_MEMBER, VERB_STOP_SHARING, 0, FORM,
                W_C("Requests a recall of what was released"), in_recall},
        {HTTP_POST, "/releases/heard/{number}", "releases", &web_face, web_recall_heard, ROUTE_MEMBER, VERB_JUDGE, 0,
                FORM, W_C("Stops using what a partner recalled"), NULL},
        {HTTP_GET, "/groups", "groups", &web_face, web_groups, ROUTE_MEMBER, VERB_READ_SHARING, SCOPE_READ, 0,
                W_C("The sharing groups"), in_page},
        {HTTP_POST, "/groups", "groups", &web_face, web_group_propose, ROUTE_MEMBER, VERB_AGREE, 0, TERMS,
                W_C("Proposes a new sharing group; two persons"), in_group},
        {HTTP_GET, "/groups/{number}", "group", &web_face, web_group, ROUTE_MEMBER, VERB_READ_SHARING, SCOPE_READ, 0,
                W_C("A sharing group: members, terms, votes"), NULL},
        {HTTP_GET, "/groups/{number}/terms", "group-terms", &web_face, web_group_terms, ROUTE_MEMBER, VERB_READ_SHARING,
                SCOPE_READ, 0, W_C("The terms of reference that hold, as a file"), NULL},
        {HTTP_POST, "/groups/{number}/act", "group", &web_face, web_group_act, ROUTE_MEMBER, VERB_READ_SHARING, 0,
                TERMS, W_C("Proposes, votes, accepts or leaves"), in_group_act},
        {HTTP_GET, "/ledger", "ledger", &web_face, web_ledger, ROUTE_MEMBER, VERB_READ_SHARING, SCOPE_READ, 0,
                W_C("Our logs, who saw them, and what is wrong"), in_page},
        {HTTP_POST, "/ledger/clear", "ledger", &web_face, web_ledger_clear, ROUTE_MEMBER, VERB_MEND_LEDGER, 0, FORM,
                W_C("Proposes that a log goes on after an alarm"), in_clear},
        {HTTP_GET, "/ledger/splits/{number}", "split-proof", &web_face, web_split_proof, ROUTE_MEMBER,
                VERB_READ_SHARING, SCOPE_READ, 0, W_C("The proof that a log has two faces"), NULL},
        {HTTP_GET, "/logs/{number}", "log", &web_face, web_log, ROUTE_MEMBER, VERB_READ_SHARING, SCOPE_READ, 0,
                W_C("The entries of a log, as far as you may read them"), in_log},
        {HTTP_GET, "/logs/{number}/{entry}", "log-entry", &web_face, web_log_entry, ROUTE_MEMBER, VERB_READ_SHARING,
                SCOPE_READ, 0, W_C("An entry of a log"), NULL},
        {HTTP_GET, "/logs/{number}/{entry}/proof", "log-proof", &web_face, web_log_proof, ROUTE_MEMBER,
                VERB_READ_SHARING, SCOPE_READ, 0, W_C("The proof of an entry, as a file (tlog-proof)"), NULL},

        /* ---- Pages: warning those we serve ---- */
        {HTTP_GET, "/board", "board", &web_face, web_board, ROUTE_MEMBER, VERB_READ_EVENTS, SCOPE_READ, 0,
                W_C("Warnings that wait for a person, that nobody answered, and all that are open"), in_board},
        {HTTP_GET, "/warnings/{number}", "warning", &web_face, web_warning, ROUTE_MEMBER, VERB_READ_EVENTS, SCOPE_READ,
                0, W_C("A warning: its life, what was met, what was told to whom"), NULL},
        {HTTP_POST, "/warnings/{number}", "warning", &web_face, web_warning_act, ROUTE_MEMBER, VERB_READ_EVENTS,
                SCOPE_WRITE, FORM, W_C("Approves, holds or withdraws a warning, or notes what they answered"),
                in_warning},
        {HTTP_GET, "/playbooks", "playbooks", &web_face, web_playbooks, ROUTE_MEMBER, VERB_READ_INCIDENTS, SCOPE_READ,
                0, W_C("Playbooks by their state"), in_playbooks},
        {HTTP_POST, "/playbooks", "playbooks", &web_face, web_playbook_add, ROUTE_MEMBER, VERB_PLAYBOOKS, SCOPE_WRITE,
                FILED, W_C("Takes in a playbook, as a draft"), in_playbook_add},
        {HTTP_GET, "/playbooks/{number}", "playbook", &web_face, web_playbook, ROUTE_MEMBER, VERB_READ_INCIDENTS,
                SCOPE_READ, 0, W_C("A playbook, step by step"), in_playbook},
        {HTTP_POST, "/playbooks/{number}", "playbook", &web_face, web_playbook_act, ROUTE_MEMBER, VERB_READ_INCIDENTS,
                SCOPE_WRITE, FORM, W_C("Approves or retires a playbook, or starts it in an incident"), in_playbook_act},
        {HTTP_GET, "/playbooks/{number}/file", "playbook-file", &web_face, web_playbook_file, ROUTE_MEMBER,
                VERB_READ_INCIDENTS, SCOPE_READ, 0, W_C("A playbook as it came, byte for byte"), NULL},
        {HTTP_GET, "/takedowns", "takedowns", &web_face, web_takedowns, ROUTE_MEMBER, VERB_READ_INCIDENTS, SCOPE_READ,
                0, W_C("Pages that are to be taken down"), in_takedowns},
        {HTTP_POST, "/takedowns", "takedowns", &web_face, web_takedown_add, ROUTE_MEMBER, VERB_WORK_INCIDENTS,
                SCOPE_WRITE, FORM, W_C("Adds a page, or all that reports of an incident tell of"), in_takedown_add},
        {HTTP_GET, "/takedowns/{number}", "takedown", &web_face, web_takedown, ROUTE_MEMBER, VERB_READ_INCIDENTS,
                SCOPE_READ, 0, W_C("A page, whom we asked to take it down, and what was found there"), NULL},
        {HTTP_POST, "/takedowns/{number}", "takedown", &web_face, web_takedown_act, ROUTE_MEMBER, VERB_WORK_INCIDENTS,
                SCOPE_WRITE, FORM, W_C("Drafts or approves a request, notes an answer, looks, or gives up"),
                in_takedown},
        {HTTP_GET, "/notices/{number}/message", "notice-message", &web_face, web_notice_message, ROUTE_MEMBER,
                VERB_READ_EVENTS, SCOPE_READ, 0, W_C("A notice byte for byte as it leaves"), NULL},
        {HTTP_GET, "/today", "today", &web_face, web_today, ROUTE_MEMBER, VERB_ANSWER_WARNINGS, SCOPE_READ, 0,
                W_C("What the organisation of who asks has to do"), NULL},
        {HTTP_POST, "/today/{number}", "today", &web_face, web_today_answer, ROUTE_MEMBER, VERB_ANSWER_WARNINGS,
                SCOPE_WRITE, FORM, W_C("Answers a warning that was told"), in_today},
        {HTTP_POST, "/organisations/{number}/contacts", "organisation", &web_face, web_contact_add, ROUTE_MEMBER,
                VERB_CHANGE_CONTACTS, SCOPE_WRITE, FORM, W_C("Adds a contact, and asks whether it is read"),
                in_contact_add},
        {HTTP_POST, "/organisations/{number}/supply", "organisation", &web_face, web_organisation_supply, ROUTE_MEMBER,
                VERB_CHANGE_ASSETS, SCOPE_WRITE, FORM, W_C("Says who supplies whom with it, or that it ended"),
                in_supply},
        {HTTP_POST, "/organisations/{number}/team", "organisation", &web_face, web_sector_team, ROUTE_MEMBER,
                VERB_WARNING_RULES, 0, FORM, W_C("Names the team of a sector, or ends that; two persons name one"),
                in_team},
        {HTTP_POST, "/contacts/{number}", "contact", &web_face, web_contact_act, ROUTE_MEMBER, VERB_CHANGE_CONTACTS,
                SCOPE_WRITE, FORM, W_C("Asks a contact by mail, notes that it is read, or closes it"), in_contact_act},
        {HTTP_GET, "/warning-rules", "warning-rules", &web_face, web_warning_rules, ROUTE_MEMBER, VERB_READ_EVENTS,
                SCOPE_READ, 0, W_C("What goes out by itself, and what waits"), in_page},
        {HTTP_POST, "/warning-rules", "warning-rules", &web_face, web_warning_rule_propose, ROUTE_MEMBER,
                VERB_WARNING_RULES, 0, FORM, W_C("Proposes a standing rule; two persons"), in_rule},
        {HTTP_POST, "/warning-rules/{number}/end", "warning-rules", &web_face, web_warning_rule_end, ROUTE_MEMBER,
                VERB_WARNING_RULES, 0, FORM, W_C("Ends a standing rule: from then on more waits"), in_reason},
        /* ---- Pages: casework ---- */
        {HTTP_GET, "/incidents", "incidents", &web_face, web_incidents, ROUTE_MEMBER, VERB_READ_INCIDENTS, SCOPE_READ,
                0, W_C("The incidents; of who sees those of their own organisation, these"), in_incidents},
        {HTTP_GET, "/incidents/new", "incident-new", &web_face, web_incident_new, ROUTE_MEMBER, VERB_WORK_INCIDENTS,
                SCOPE_READ, 0, W_C("The form that opens an incident"), NULL},
        {HTTP_POST, "/incidents", "incident-new", &web_face, web_incident_open, ROUTE_MEMBER, VERB_WORK_INCIDENTS,
                SCOPE_WRITE, PROSE, W_C("Opens an incident"), in_incident},
        {HTTP_GET, "/incidents/{number}", "incident", &web_face, web_incident, ROUTE_MEMBER, VERB_READ_INCIDENTS,
                SCOPE_READ, 0, W_C("An incident; of a party's people, their part of it"), in_incident_page},
        {HTTP_POST, "/incidents/{number}/state", "incident", &web_face, web_incident_act, ROUTE_MEMBER,
                VERB_WORK_INCIDENTS, SCOPE_WRITE, FORM, W_C("Brings an incident into another state"),
                in_incident_state},
        {HTTP_POST, "/incidents/{number}/set", "incident", &web_face, web_incident_act, ROUTE_MEMBER,
                VERB_WORK_INCIDENTS, SCOPE_WRITE, FORM, W_C("Sets fields of an incident: those that are sent"),
                in_incident_set},
        {HTTP_POST, "/incidents/{number}/merge", "incident", &web_face, web_incident_act, ROUTE_MEMBER,
                VERB_WORK_INCIDENTS, SCOPE_WRITE, FORM, W_C("Merges an incident into another"), in_incident_merge},
        {HTTP_POST, "/incidents/{number}/party", "incident", &web_face, web_incident_act, ROUTE_MEMBER,
                VERB_WORK_INCIDENTS, SCOPE_WRITE, FORM, W_C("Adds a party of an incident, or ends its part"),
                in_incident_party},
        {HTTP_POST, "/incidents/{number}/responsible", "incident", &web_face, web_incident_act, ROUTE_MEMBER,
                VERB_WORK_INCIDENTS, SCOPE_WRITE, FORM,
                W_C("Enters the parties that the responsibility table proposes"), NULL},
        {HTTP_POST, "/incidents/{number}/reports", "incident", &web_face, web_incident_act, ROUTE_MEMBER,
                VERB_WORK_INCIDENTS, SCOPE_WRITE, FORM, W_C("Says that a report belongs to an incident, or does not"),
                in_incident_reports},
        {HTTP_POST, "/incidents/{number}/observable", "incident", &web_face, web_incident_act, ROUTE_MEMBER,
                VERB_WORK_INCIDENTS, SCOPE_WRITE, FORM, W_C("Adds a value that was seen in an incident"),
                in_incident_observable},
        {HTTP_POST, "/incidents/{number}/impact", "incident", &web_face, web_incident_act, ROUTE_MEMBER,
                VERB_WORK_INCIDENTS, SCOPE_WRITE, FORM, W_C("Tells what an incident costs"), in_incident_impact},
        {HTTP_POST, "/incidents/{number}/scale", "incident", &web_face, web_incident_act, ROUTE_MEMBER,
                VERB_WORK_INCIDENTS, SCOPE_WRITE, FORM, W_C("Notes how bad others call an incident"),
                in_incident_scale},
        {HTTP_POST, "/incidents/{number}/link", "incident", &web_face, web_incident_act, ROUTE_MEMBER,
                VERB_WORK_INCIDENTS, SCOPE_WRITE, FORM, W_C("Links an incident with another"), in_incident_link},
        {HTTP_POST, "/incidents/{number}/note", "incident", &web_face, web_incident_act, ROUTE_MEMBER,
                VERB_READ_INCIDENTS, SCOPE_WRITE, PROSE, W_C("Writes into the timeline of an incident"),
                in_incident_note},
        {HTTP_POST, "/incidents/{number}/opinion", "incident", &web_face, web_incident_act, ROUTE_MEMBER,
                VERB_READ_INCIDENTS, SCOPE_WRITE, PROSE,
                W_C("Says how far one agrees with an incident, an entry or a value of it"), in_incident_opinion},
        {HTTP_POST, "/incidents/{number}/withdraw", "incident", &web_face, web_incident_act, ROUTE_MEMBER,
                VERB_READ_INCIDENTS, SCOPE_WRITE, FORM,
                W_C("Takes an entry of the timeline back: it stays, struck out"), in_incident_withdraw},
        {HTTP_POST, "/incidents/{number}/task", "incident", &web_face, web_incident_act, ROUTE_MEMBER,
                VERB_WORK_INCIDENTS, SCOPE_WRITE, PROSE, W_C("Gives a task in an incident"), in_incident_task},
        {HTTP_POST, "/incidents/{number}/playbook", "incident", &web_face, web_incident_act, ROUTE_MEMBER,
                VERB_WORK_INCIDENTS, SCOPE_WRITE, FORM, W_C("Starts a playbook in an incident: its steps become tasks"),
                in_incident_playbook},
        {HTTP_POST, "/incidents/{number}/duty", "incident", &web_face, web_incident_act, ROUTE_MEMBER,
                VERB_WORK_INCIDENTS, SCOPE_WRITE, FORM, W_C("Begins a clock of law that somebody demanded"),
                in_incident_duty},
        {HTTP_POST, "/incidents/{number}/close", "incident", &web_face, web_incident_act, ROUTE_MEMBER, VERB_CASE_FACTS,
                0, FORM, W_C("Proposes to close a critical incident"), in_reason},
        {HTTP_POST, "/incidents/{number}/time", "incident", &web_face, web_incident_act, ROUTE_MEMBER, VERB_CASE_FACTS,
                0, FORM, W_C("Proposes to change a time of an incident"), in_incident_time},
        {HTTP_POST, "/incidents/{number}/class", "incident", &web_face, web_incident_act, ROUTE_MEMBER, VERB_CASE_FACTS,
                0, FORM, W_C("Proposes another class of an incident"), in_incident_class},
        {HTTP_POST, "/incidents/{number}/widen", "incident", &web_face, web_incident_act, ROUTE_MEMBER, VERB_RELEASE, 0,
                FORM, W_C("Proposes a wider marking of an incident"), in_incident_widen},
        {HTTP_GET, "/incidents/{number}/share", "incident-share", &web_face, web_incident_share, ROUTE_MEMBER,
                VERB_READ_INCIDENTS, SCOPE_READ, 0, W_C("What each party would see of an incident that is shared"),
                in_incident_share},
        {HTTP_POST, "/incidents/{number}/share", "incident-share", &web_face, web_incident_share_do, ROUTE_MEMBER,
                VERB_SHARE_INCIDENTS, 0, FORM, W_C("Proposes to share an incident with its parties, or ends that"),
                in_incident_share_do},
        {HTTP_GET, "/tasks", "tasks", &web_face, web_tasks, ROUTE_MEMBER, VERB_READ_INCIDENTS, SCOPE_READ, 0,
                W_C("What organisations have to do until when; of who sees their own only, theirs"), in_tasks},
        {HTTP_GET, "/tasks/{number}", "task", &web_face, web_task, ROUTE_MEMBER, VERB_READ_INCIDENTS, SCOPE_READ, 0,
                W_C("A task"), NULL},
        {HTTP_POST, "/tasks/{number}/state", "task", &web_face, web_task_act, ROUTE_MEMBER, VERB_TASKS, SCOPE_WRITE,
                PROSE, W_C("Says how far a task is"), in_task_state},
        {HTTP_POST, "/tasks/{number}/agree", "task", &web_face, web_task_act, ROUTE_MEMBER, VERB_TASKS, SCOPE_WRITE,
                FORM, W_C("Notes the word that a task waits for"), in_task_agree},
        {HTTP_POST, "/tasks/{number}/set", "task", &web_face, web_task_act, ROUTE_MEMBER, VERB_WORK_INCIDENTS,
                SCOPE_WRITE, PROSE, W_C("Changes a task: the fields that are sent"), in_task_set},
        {HTTP_GET, "/duties", "duties", &web_face, web_duties, ROUTE_MEMBER, VERB_READ_INCIDENTS, SCOPE_READ, 0,
                W_C("Clocks of law: running, late, met, waived"), in_duties},
        {HTTP_GET, "/duties/{number}", "duty", &web_face, web_duty, ROUTE_MEMBER, VERB_READ_INCIDENTS, SCOPE_READ, 0,
                W_C("A clock of law, and what is to be filed"), NULL},
        {HTTP_GET, "/duties/{number}/form", "duty-form", &web_face, web_duty_form, ROUTE_MEMBER, VERB_READ_INCIDENTS,
                SCOPE_READ, 0, W_C("What was filed, byte for byte, or what is to be, as a file"), NULL},
        {HTTP_POST, "/duties/{number}/file", "duty", &web_face, web_duty_file, ROUTE_MEMBER, VERB_FILE_DUTIES,
                SCOPE_WRITE, FILED, W_C("Says that what law demands was filed just now"), in_duty_file},
        {HTTP_POST, "/duties/{number}/waive", "duty", &web_face, web_duty_waive, ROUTE_MEMBER, VERB_WAIVE_DUTIES, 0,
                FORM, W_C("Proposes to waive a duty"), in_reason},
        {HTTP_GET, "/evidence", "evidence", &web_face, web_evidence, ROUTE_MEMBER, VERBS, SCOPE_READ, 0,
                W_C("What was secured; of who receives packages, those for them"), in_evidence},
        {HTTP_POST, "/evidence", "evidence", &web_face, web_evidence_take, ROUTE_MEMBER, VERB_TAKE_EVIDENCE,
                SCOPE_WRITE, SEALED, W_C("Takes evidence: hashed, sealed and entered"), in_evidence_take},
        {HTTP_POST, "/evidence/act", "evidence", &web_face, web_evidence_act, ROUTE_MEMBER, VERB_VERIFY_EVIDENCE, 0,
                FORM, W_C("Proposes to hand evidence over, to hold or to destroy it"), in_evidence_act},
        {HTTP_POST, "/evidence/sign", "evidence", &web_face, web_evidence_sign, ROUTE_MEMBER, VERBS, SCOPE_WRITE, FORM,
                W_C("Who took evidence signs an entry of its custody"), in_evidence_sign},
        {HTTP_GET, "/evidence/{number}", "evidence-one", &web_face, web_evidence_one, ROUTE_MEMBER,
                VERB_VERIFY_EVIDENCE, SCOPE_READ, 0, W_C("An item of evidence, and its custody"), NULL},
        {HTTP_POST, "/evidence/{number}/verify", "evidence-one", &web_face, web_evidence_verify, ROUTE_MEMBER,
                VERB_VERIFY_EVIDENCE, SCOPE_WRITE, FORM, W_C("Looks whether file and custody are what was sealed"),
                NULL},
        {HTTP_POST, "/evidence/{number}/copy", "evidence-one", &web_face, web_evidence_copy, ROUTE_MEMBER,
                VERB_TAKE_EVIDENCE, SCOPE_WRITE, FORM, W_C("A copy, which is entered into the custody"), in_reason},
        {HTTP_POST, "/packages/{number}/take", "package", &web_face, web_package_take, ROUTE_MEMBER, VERBS, SCOPE_WRITE,
                FORM, W_C("A package as an archive, which is entered into the custody"), NULL},

        /* ---- Pages: what was met ---- */
        {HTTP_GET, "/hunt", "hunt", &web_face, web_hunt, ROUTE_MEMBER, VERB_HUNT, SCOPE_READ, 0,
                W_C("The form to look into the past"), NULL},
        {HTTP_POST, "/hunt", "hunt", &web_face, web_hunt_do, ROUTE_MEMBER, VERB_HUNT, SCOPE_READ, HUNT,
                W_C("Who met a value, when, and how often"), in_hunt},
        {HTTP_GET, "/statistics", "statistics", &web_face, web_statistics, ROUTE_MEMBER, VERB_READ_EVENTS, SCOPE_READ,
                0, W_C("What was counted, by month, class and sector"), in_statistics},
        {HTTP_GET, "/statistics/csv", "statistics-csv", &web_face, web_statistics_csv, ROUTE_MEMBER, VERB_READ_EVENTS,
                SCOPE_READ, 0, W_C("The same as CSV"), in_statistics},
        {HTTP_GET, "/figures", "figures", &web_face, web_figures, ROUTE_MEMBER, VERB_READ_FIGURES, SCOPE_READ, 0,
                W_C("Casework of a month in numbers, each with what it counts"), in_figures},
        {HTTP_GET, "/figures/csv", "figures-csv", &web_face, web_figures_csv, ROUTE_MEMBER, VERB_READ_FIGURES,
                SCOPE_READ, 0, W_C("The same as CSV"), in_figures},
        {HTTP_GET, "/incidents/{number}/report", "incident-report", &web_face, web_incident_report, ROUTE_MEMBER,
                VERB_READ_INCIDENTS, SCOPE_READ, 0, W_C("All that is known of an incident, as a file"), in_account},
        {HTTP_POST, "/incidents/{number}/lesson", "lessons", &web_face, web_lesson_draft, ROUTE_MEMBER,
                VERB_WORK_INCIDENTS, SCOPE_WRITE, FORM, W_C("Drafts the lesson of a closed incident"), NULL},
        {HTTP_GET, "/lessons", "lessons", &web_face, web_lessons, ROUTE_MEMBER, VERBS, SCOPE_READ, 0,
                W_C("What closed incidents taught"), in_lessons},
        {HTTP_GET, "/lessons/{number}", "lesson", &web_face, web_lesson, ROUTE_MEMBER, VERBS, SCOPE_READ, 0,
                W_C("One lesson, in the language of who asks"), NULL},
        {HTTP_POST, "/lessons/{number}/write", "lesson", &web_face, web_lesson_write, ROUTE_MEMBER, VERB_WORK_INCIDENTS,
                SCOPE_WRITE, PROSE, W_C("Writes a lesson in one language"), in_lesson},
        {HTTP_POST, "/lessons/{number}/review", "lesson", &web_face, web_lesson_review, ROUTE_MEMBER,
                VERB_WORK_INCIDENTS, SCOPE_WRITE, FORM, W_C("Says that a second person has read it"), in_lesson_read},
        {HTTP_POST, "/lessons/{number}/share", "lesson", &web_face, web_lesson_share, ROUTE_MEMBER, VERB_LESSONS, 0,
                FORM, W_C("Proposes to share a lesson; two persons"), in_lesson_share},
        {HTTP_GET, "/risks", "risks", &web_face, web_risks, ROUTE_MEMBER, VERB_READ_FIGURES, SCOPE_READ, 0,
                W_C("The register of risks"), in_risks},
        {HTTP_GET, "/risks/csv", "risks-csv", &web_face, web_risks_csv, ROUTE_MEMBER, VERB_READ_FIGURES, SCOPE_READ, 0,
                W_C("All of it as CSV, with the incidents that count"), NULL},
        {HTTP_GET, "/risks/rule", "risks-rule", &web_face, web_risks_rule, ROUTE_MEMBER, VERB_READ_FIGURES, SCOPE_READ,
                0, W_C("The rule by which incidents become risks"), NULL},
        {HTTP_GET, "/risks/{number}", "risk", &web_face, web_risk, ROUTE_MEMBER, VERB_READ_FIGURES, SCOPE_READ, 0,
                W_C("One risk: by which incidents and line of the rule, and how it stood"), in_risk},
        {HTTP_POST, "/risks", "risks", &web_face, web_risk_add, ROUTE_MEMBER, VERB_RISKS, SCOPE_WRITE, FORM,
                W_C("Adds a risk that no incident shows"), in_risk_add},
        {HTTP_POST, "/risks/{number}/treat", "risk", &web_face, web_risk_treat, ROUTE_MEMBER, VERB_RISKS, SCOPE_WRITE,
                FORM, W_C("Says what is done about a risk, and who owns it"), in_risk_treat},
        {HTTP_POST, "/risks/{number}/accept", "risk", &web_face, web_risk_accept, ROUTE_MEMBER, VERB_RISKS, 0, FORM,
                W_C("Accepts a risk; two persons where its level is high"), in_risk_accept},
        {HTTP_POST, "/risks/{number}/review", "risk", &web_face, web_risk_review, ROUTE_MEMBER, VERB_RISKS, SCOPE_WRITE,
                FORM, W_C("Says that somebody looked at a risk again"), in_risk_review},
        {HTTP_POST, "/risks/{number}/close", "risk", &web_face, web_risk_close, ROUTE_MEMBER, VERB_RISKS, SCOPE_WRITE,
                FORM, W_C("Closes a risk"), in_risk_close},
        {HTTP_GET, "/streams", "streams", &web_face, web_streams, ROUTE_MEMBER, VERB_READ_EVENTS, SCOPE_READ, 0,
                W_C("Where events come from, and what was met of nobody that we know"), in_streams},
        {HTTP_GET, "/streams/{number}", "stream", &web_face, web_stream, ROUTE_MEMBER, VERB_READ_EVENTS, SCOPE_READ, 0,
                W_C("One stream: its batches, inputs, and records that were put aside"), in_stream},
        {HTTP_GET, "/streams/{number}/csv", "stream-csv", &web_face, web_stream_csv, ROUTE_MEMBER, VERB_READ_EVENTS,
                SCOPE_READ, 0, W_C("What was put aside, as CSV"), in_stream_csv},

        {HTTP_GET, "/journal", "journal", &web_face, web_journal, ROUTE_MEMBER, VERB_READ_JOURNAL, SCOPE_READ, 0,
                W_C("What happened, the latest first"), in_journal},
        {.path = NULL},
};
