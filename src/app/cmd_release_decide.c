/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of kentongan release by which people decide: questions, standing rules, consent, recalls. */
#include <string.h>

#include "app/partner.h"
#include "app/release.h"
#include "share/consent.h"
#include "share/recall.h"
#include "store/right.h"
#include "json/write.h"

#define AFFECTED "affected" /* --to: whom it concerns of those whom we serve */
#define ROW_MAX (1u << 20)

struct word {
    const char *name;
    struct err (*run)(const struct command_line *line, struct local *local);
};

/* The second word of `release WHAT WORD ...`. */
static struct err word_run(
        const struct command_line *line, struct local *local, const struct word *words, size_t count, const char *usage)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(line->files[1], words[i].name) == 0)
            return words[i].run(line, local);
    return err_make(ERR_INPUT, usage);
}

static struct err number_of(const struct command_line *line, size_t at, const char *what, int64_t *number)
{
    uint64_t read;
    *number = 0;
    if (line->file_count <= at || !slice_u64(slice_of(line->files[at]), INT64_MAX, &read))
        return err_format(line->arena, ERR_INPUT, "the number of %s is missing", what);
    *number = (int64_t)read;
    return OK;
}

static struct err until_of(const struct command_line *line, int64_t *until_us)
{
    const char *until = command_text(line, "until");
    *until_us = clock_now_us() + CONSENT_LIFE_US;
    if (until != NULL && !time_parse(slice_of(until), until_us))
        return err_format(line->arena, ERR_INPUT, "--until %s is no time as 2026-11-21T12:00:00Z (RFC 3339)", until);
    return OK;
}

static void proposal_tell(const struct share_proposal *proposal)
{
    if (proposal->done)
        printf("done\n");
    else
        printf("proposed as approval %lld: it waits for a second person\n", (long long)proposal->number);
}

static const char *partner_name(const struct command_line *line, struct local *local, int64_t number)
{
    struct partner partner;
    if (number == 0)
        return "-";
    if (number == CONSENT_AFFECTED)
        return AFFECTED;
    struct err err = store_partner_get(local->db, number, clock_now_us(), line->arena, &partner);
    return err.kind == ERR_NONE ? arena_cstr(line->arena, partner.name)
                                : arena_printf(line->arena, "partner %lld", (long long)number);
}

static slice tlp_text(enum stix_tlp tlp)
{
    const char *name = stix_tlp_name(tlp);
    return slice_of(name == NULL ? "" : name);
}

static void json_out(struct json_writer *w, struct buf *buf)
{
    json_write_end(w);
    printf("%.*s\n", (int)buf->len, buf->ptr);
    buf_free(buf);
}

/* ---- Questions ---- */

static void ask_put(const struct command_line *line, struct local *local, const struct ask_row *row)
{
    const char *to = partner_name(line, local, row->partner), *from = partner_name(line, local, row->originator);
    if (!command_flag(line, "json")) {
        printf("%lld\t%s\tto %s\tfrom %s\t%.*s\t%.*s\t%.*s\t%lld objects\n", (long long)row->number,
                store_ask_state_name(row->state), to, from, (int)row->type.len, row->type.ptr, (int)row->rule.len,
                row->rule.ptr, (int)tlp_text(row->highest).len, tlp_text(row->highest).ptr, (long long)row->count);
        return;
    }
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_u64(&w, S("number"), (uint64_t)row->number);
    json_write_key_text(&w, S("state"), slice_of(store_ask_state_name(row->state)));
    json_write_key_text(&w, S("to"), slice_of(to));
    json_write_key_text(&w, S("from"), slice_of(from));
    json_write_key_text(&w, S("type"), row->type);
    json_write_key_text(&w, S("rule"), row->rule);
    json_write_key_text(&w, S("highest"), tlp_text(row->highest));
    json_write_key_u64(&w, S("count"), (uint64_t)row->count);
    json_write_key(&w, S("expires"));
    json_write_time(&w, row->expires_us);
    json_out(&w, &buf);
}

static struct err asks_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct ask_row *rows;
    TRY(store_ask_list(local->db, command_flag(line, "all"), *after, STORE_PAGE_MAX, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        ask_put(line, local, &rows[i]);
        *after = rows[i].number;
    }
    return OK;
}

/* Which objects one is about: an id a line. */
static struct err ask_objects_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    int64_t *objects, number = 0;
    TRY(number_of(line, 1, "the question", &number));
    TRY(store_ask_objects(local->db, number, *after, STORE_PAGE_MAX, arena, &objects, count));
    for (size_t i = 0; i < *count; i++) {
        struct object object;
        struct err err = store_object_get(local->db, objects[i], arena, &object);
        if (err.kind == ERR_NONE)
            printf("%.*s\n", (int)object.id.len, object.id.ptr);
        else if (err.kind != ERR_MISSING)
            return err;
        *after = objects[i];
    }
    return OK;
}

struct err release_asks(const struct command_line *line, struct local *local)
{
    struct ask_row row;
    int64_t number;
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    if (line->file_count < 2)
        return local_pages(line, local, asks_page);
    TRY(store_right_check(&local->actor, VERB_READ_OBJECTS, 0, line->arena, NULL));
    TRY(number_of(line, 1, "the question", &number));
    TRY(store_ask_get(local->db, number, line->arena, &row));
    return local_pages(line, local, ask_objects_page);
}

struct err release_answer(const struct command_line *line, struct local *local)
{
    static const char *const replies[] = {
            [SHARE_REPLY_KIND] = "kind", [SHARE_REPLY_THESE] = "these", [SHARE_REPLY_NO] = "none"};
    struct share_proposal proposal;
    slice allow, reason;
    int64_t number = 0, until_us;
    size_t reply = 0;
    TRY(number_of(line, 1, "the question", &number));
    TRY(release_text(line, "allow", &allow));
    TRY(until_of(line, &until_us));
    while (reply < COUNT_OF(replies) && !slice_eq(allow, slice_of(replies[reply])))
        reply++;
    if (reply == COUNT_OF(replies))
        return err_make(ERR_INPUT, "--allow is kind (all of it from now on), these (the objects that asked) or none");
    TRY(release_text(line, "reason", &reason));
    TRY(share_ask_answer(
            local->db, &local->actor, number, (enum share_reply)reply, until_us, reason, line->arena, &proposal));
    proposal_tell(&proposal);
    return OK;
}

/* ---- Standing rules ---- */

static struct err rule_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct rule_row *rows;
    TRY(store_rule_list(local->db, 0, *after, STORE_PAGE_MAX, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        struct buf until = buf_make(64);
        time_write(&until, rows[i].ended_us != TIME_NONE ? rows[i].ended_us : rows[i].until_us);
        printf("%lld\t%s\tto %s\t%.*s\t%.*s\tapproval %lld\t%s %.*s\n", (long long)rows[i].number,
                rows[i].ended_us != TIME_NONE ? "ended" : "holds", partner_name(line, local, rows[i].partner),
                (int)(rows[i].id.len > 0 ? rows[i].id.len : rows[i].type.len),
                rows[i].id.len > 0 ? rows[i].id.ptr : rows[i].type.ptr, (int)tlp_text(rows[i].highest).len,
                tlp_text(rows[i].highest).ptr, (long long)rows[i].approval,
                rows[i].ended_us != TIME_NONE ? "at" : "until", (int)until.len, until.ptr);
        buf_free(&until);
        *after = rows[i].number;
    }
    return OK;
}

static struct err rule_list(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    return local_pages(line, local, rule_page);
}

static struct err tlp_of(slice typed, enum stix_tlp *tlp)
{
    for (*tlp = TLP_CLEAR; *tlp <= TLP_RED; (*tlp)++)
        if (slice_eq(typed, tlp_text(*tlp)))
            return OK;
    return err_make(ERR_INPUT, "--highest is one of TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT");
}

static slice text_or_none(const struct command_line *line, const char *option)
{
    const char *text = command_text(line, option);
    return slice_of(text == NULL ? "" : text);
}

static struct err rule_add(const struct command_line *line, struct local *local)
{
    struct share_rule_put put = {.type = text_or_none(line, "type"), .id = text_or_none(line, "object")};
    struct share_proposal proposal;
    struct partner partner;
    slice highest, reason;
    TRY(release_partner(line, local, "to", &partner));
    TRY(release_text(line, "highest", &highest));
    TRY(release_text(line, "reason", &reason));
    TRY(tlp_of(highest, &put.highest));
    TRY(until_of(line, &put.until_us));
    put.partner = partner.number;
    TRY(share_rule_propose(local->db, &local->actor, &put, reason, line->arena, &proposal));
    proposal_tell(&proposal);
    return OK;
}

static struct err rule_stop(const struct command_line *line, struct local *local)
{
    int64_t number = 0;
    slice reason;
    TRY(number_of(line, 2, "the rule", &number));
    TRY(release_text(line, "reason", &reason));
    return share_rule_stop(local->db, &local->actor, number, reason, line->arena);
}

struct err release_rule(const struct command_line *line, struct local *local)
{
    static const struct word words[] = {{"list", rule_list}, {"add", rule_add}, {"stop", rule_stop}};
    return word_run(line, local, words, COUNT_OF(words),
            "what? `release rule list`, `rule add --to PARTNER --highest TLP --reason TEXT`, `rule stop N --reason "
            "TEXT`");
}

/* ---- Consent ---- */

static struct err consent_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct consent *rows;
    TRY(store_consent_list(local->db, *after, STORE_PAGE_MAX, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        const struct consent *row = &rows[i];
        printf("%lld\t%s\tof %s\tfor %s\t%.*s\t%.*s", (long long)row->number, store_consent_state_name(row->state),
                partner_name(line, local, row->originator), partner_name(line, local, row->recipient),
                (int)(row->id.len > 0 ? row->id.len : row->type.len), row->id.len > 0 ? row->id.ptr : row->type.ptr,
                (int)row->paper.len, row->paper.ptr);
        if (row->giver.len > 0)
            printf("\tgiven by %.*s", (int)row->giver.len, row->giver.ptr);
        if (row->scan.len > 0)
            printf("\tscan %.*s", (int)row->scan.len, row->scan.ptr);
        putchar('\n');
        *after = rows[i].number;
    }
    return OK;
}

static struct err consent_list(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    return local_pages(line, local, consent_page);
}

/* All of --object. */
static struct err ids_of(const struct command_line *line, struct share_consent_put *put)
{
    slice *ids = arena_new(line->arena, slice, CONSENT_IDS_MAX + 1);
    const char *id;
    size_t at = 0;
    while (put->id_count <= CONSENT_IDS_MAX && (id = command_each(line, "object", &at)) != NULL)
        ids[put->id_count++] = slice_of(id);
    put->ids = ids;
    return OK;
}

static struct err consent_propose(const struct command_line *line, struct local *local, const struct share_paper *paper)
{
    struct share_consent_put put = {.type = text_or_none(line, "type"), .paper = *paper};
    struct share_proposal proposal;
    struct partner from, to;
    slice reason;
    const char *named = command_text(line, "to");
    bool affected = named != NULL && strcmp(named, AFFECTED) == 0;
    TRY(release_partner(line, local, "from", &from));
    if (!affected)
        TRY(release_partner(line, local, "to", &to));
    TRY(release_text(line, "reason", &reason));
    TRY(until_of(line, &put.until_us));
    TRY(ids_of(line, &put));
    put.originator = from.number;
    put.recipient = affected ? CONSENT_AFFECTED : to.number;
    TRY(share_consent_propose(local->db, &local->actor, &put, reason, line->arena, &proposal));
    proposal_tell(&proposal);
    return OK;
}

static struct err consent_ask(const struct command_line *line, struct local *local)
{
    fprintf(stderr, "warning: sending this tells them that you have a hit\n");
    return consent_propose(line, local, &(struct share_paper){.words = S(""), .giver = S(""), .scan = S("")});
}

/* SHA-256 of a file, in pieces: a scan may be large. */
static struct err scan_of(const struct command_line *line, slice *scan)
{
    const char *name = command_text(line, "scan");
    char piece[64u << 10];
    *scan = S("");
    if (name == NULL)
        return OK;
    FILE *from = fopen(name, "re");
    if (from == NULL)
        return err_errno(line->arena, name);
    struct sha256_sum *sum = hash_sha256_begin();
    for (size_t got; (got = fread(piece, 1, sizeof piece, from)) > 0;)
        hash_sha256_put(sum, (slice){piece, got});
    struct sha256 digest = hash_sha256_end(sum);
    struct err err = ferror(from) != 0 ? err_errno(line->arena, name) : OK;
    fclose(from);
    *scan = arena_hex(line->arena, sha256_slice(&digest));
    return err;
}

static struct err consent_paper(const struct command_line *line, struct local *local)
{
    struct share_paper paper;
    slice given;
    TRY(release_text(line, "paper", &paper.words));
    TRY(release_text(line, "giver", &paper.giver));
    TRY(release_text(line, "given", &given));
    const char *day = arena_printf(line->arena, "%.*sT00:00:00Z", (int)given.len, given.ptr);
    if (!time_parse_strict(slice_of(day), &paper.given_us))
        return err_format(
                line->arena, ERR_INPUT, "--given takes a day, as 2026-11-21, not %.*s", (int)given.len, given.ptr);
    TRY(scan_of(line, &paper.scan));
    return consent_propose(line, local, &paper);
}

static struct err consent_stop(const struct command_line *line, struct local *local)
{
    int64_t number = 0;
    slice reason;
    TRY(number_of(line, 2, "the consent", &number));
    TRY(release_text(line, "reason", &reason));
    return share_consent_withdraw(local->db, &local->actor, number, reason, line->arena);
}

static struct err requests_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct consent_request *rows;
    TRY(store_consent_request_list(local->db, false, *after, STORE_PAGE_MAX, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        printf("%lld\t%s asks\tfor %.*s\n%.*s\n", (long long)rows[i].number, partner_name(line, local, rows[i].partner),
                (int)rows[i].recipient.len, rows[i].recipient.ptr, (int)rows[i].ids.len, rows[i].ids.ptr);
        *after = rows[i].number;
    }
    return OK;
}

static struct err consent_requests(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    return local_pages(line, local, requests_page);
}

static struct err consent_reply(const struct command_line *line, struct local *local)
{
    struct share_proposal proposal;
    slice allow, reason;
    int64_t number = 0;
    TRY(number_of(line, 2, "the request", &number));
    TRY(release_text(line, "allow", &allow));
    TRY(release_text(line, "reason", &reason));
    bool yes = slice_eq(allow, S("yes"));
    if (!yes && !slice_eq(allow, S("no")))
        return err_make(ERR_INPUT, "--allow is yes or no");
    TRY(share_consent_reply(local->db, &local->actor, number, yes, reason, line->arena, &proposal));
    proposal_tell(&proposal);
    return OK;
}

struct err release_consent(const struct command_line *line, struct local *local)
{
    static const struct word words[] = {{"list", consent_list}, {"ask", consent_ask}, {"paper", consent_paper},
            {"requests", consent_requests}, {"reply", consent_reply}, {"stop", consent_stop}};
    return word_run(line, local, words, COUNT_OF(words),
            "what? `release consent list`, `consent ask` or `consent paper` with --from, --to, --object or --type, "
            "`consent requests`, `consent reply N --allow yes|no`, `consent stop N`");
}

/* ---- Recalls ---- */

static struct err recall_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    static const char *const told[] = {
            [RECALL_UNTOLD] = "not sent yet", [RECALL_TOLD] = "requested", [RECALL_CANNOT] = "cannot acknowledge"};
    struct recall *rows;
    struct partner partner;
    TRY(release_partner(line, local, "to", &partner));
    TRY(store_recall_list(
            local->db, partner.number, command_flag(line, "missing"), *after, STORE_PAGE_MAX, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        printf("%lld\t%s\t%.*s\t%.*s\t%.*s\t%s\t%.*s%s%.*s\n", (long long)rows[i].number,
                partner_name(line, local, rows[i].partner), (int)rows[i].id.len, rows[i].id.ptr,
                (int)rows[i].version.len, rows[i].version.ptr, (int)rows[i].cause.len, rows[i].cause.ptr,
                told[rows[i].told], (int)rows[i].answer.len, rows[i].answer.ptr,
                rows[i].passed_on.len > 0 ? ", passed on to " : "", (int)rows[i].passed_on.len, rows[i].passed_on.ptr);
        *after = rows[i].number;
    }
    return OK;
}

static struct err recall_list(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    return local_pages(line, local, recall_page);
}

static struct err heard_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct recall_heard *rows;
    TRY(store_recall_heard_list(local->db, false, *after, STORE_PAGE_MAX, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        printf("%lld\t%s asks us to stop using\t%.*s\n%.*s\n", (long long)rows[i].number,
                partner_name(line, local, rows[i].partner), (int)rows[i].cause.len, rows[i].cause.ptr,
                (int)rows[i].ids.len, rows[i].ids.ptr);
        *after = rows[i].number;
    }
    return OK;
}

static struct err recall_heard(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    return local_pages(line, local, heard_page);
}

static struct err recall_agree(const struct command_line *line, struct local *local)
{
    int64_t number = 0;
    TRY(number_of(line, 2, "the recall", &number));
    return share_recall_agree(local->db, &local->actor, number, line->arena);
}

static struct err recall_by_hand(const struct command_line *line, struct local *local)
{
    struct partner partner;
    slice reason;
    size_t count;
    TRY(release_partner(line, local, "to", &partner));
    TRY(release_text(line, "reason", &reason));
    TRY(share_recall(local->db, &local->actor, partner.number, slice_of(line->files[1]), reason, line->arena, &count));
    printf("requested of %zu that have it; what they say stands in `release recall list`\n", count);
    return OK;
}

struct err release_recall(const struct command_line *line, struct local *local)
{
    static const struct word words[] = {{"list", recall_list}, {"heard", recall_heard}, {"agree", recall_agree}};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(line->files[1], words[i].name) == 0)
            return words[i].run(line, local);
    return recall_by_hand(line, local);
}
