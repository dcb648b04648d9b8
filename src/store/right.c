/* SPDX-License-Identifier: Apache-2.0 */
#include "store/right.h"

#include "base/arena.h"

/*
 * Who may do what. A sysadmin keeps the node running and sees no content; an auditor sees every act and changes
 * nothing; a constituent's admin acts for its own organisation. `local` stands for who may read the node's keys on its
 * machine: whoever can do that could change the database by hand, and with it a node gets its first users.
 *
 *   + may    2 with a second person    o own organisation only    . no
 *   m the machine: alone while there is nobody who could be the second person, from then on with one
 *
 * `least`: how sure we have to be who it is; what it changes for all cannot be had with a token or a password alone.
 */
struct row {
    const char *name;
    enum actor_how least;
    const char answers[ROLES + 1];
};

#define ANY ACTOR_TOKEN
#define THEMSELVES ACTOR_PASSWORD
#define SURE ACTOR_SECOND_FACTOR

static const struct row table[VERBS] = {
        /* duty officer, analyst, coordinator, manager, liaison, constituent admin, exercise director, sysadmin,
         * auditor, local */
        [VERB_READ_OBJECTS] = {"read objects", ANY, "++++....++"},
        [VERB_IMPORT] = {"import", ANY, "+++......+"},
        [VERB_IMPORT_UNDO] = {"undo an import", ANY, "+2+......+"},
        [VERB_TAG] = {"tag objects", ANY, "+++......+"},
        [VERB_JUDGE] = {"judge objects", ANY, "+++......+"},
        [VERB_EXPORT] = {"export", ANY, "+++......+"},
        [VERB_MATCH] = {"match with our intelligence", ANY, "+++..+...+"},
        [VERB_READ_FEEDS] = {"read feeds", ANY, "++++...+++"},
        [VERB_CHANGE_FEEDS] = {"change feeds", ANY, "+2+....+.+"},
        [VERB_READ_ORGANISATIONS] = {"read organisations", ANY, "++++ooo+++"},
        [VERB_CHANGE_ORGANISATIONS] = {"change organisations", ANY, "..+2...2.+"},
        [VERB_READ_USERS] = {"read users", ANY, "oo++.o.+++"},
        [VERB_CHANGE_USERS] = {"change users", SURE, ".....o.2.m"},
        [VERB_OWN_ACCOUNT] = {"change the own account", THEMSELVES, "+++++++++."},
        [VERB_READ_ACCESS] = {"read sessions and tokens of others", THEMSELVES, ".....o.+++"},
        [VERB_STOP_USERS] = {"stop users", SURE, ".....o.+.+"},
        [VERB_READ_JOURNAL] = {"read the journal", ANY, "+.++....++"},
        [VERB_MEND_FOLLOWERS] = {"mend followers", SURE, ".......+.+"},
        [VERB_RETAIN] = {"remove what is past its time", SURE, "...2...2.+"},
        [VERB_BACKUP] = {"back up", SURE, ".......2.+"},
        [VERB_RESTORE] = {"restore", SURE, ".......2.+"},
        [VERB_CONFIGURE] = {"configure", SURE, ".......2.+"},
        [VERB_DOCTOR] = {"see the node's health", ANY, "+.++...+++"},
        [VERB_READ_COLLECTIONS] = {"read collections", ANY, "++++...+++"},
        [VERB_CHANGE_COLLECTIONS] = {"change collections", SURE, "..+2...2.m"},
        [VERB_READ_SHARING] = {"read partners and agreements", ANY, "++++...+++"},
        [VERB_CHANGE_PARTNERS] = {"change partners", SURE, "..++...2.+"},
        [VERB_STOP_SHARING] = {"stop sharing", THEMSELVES, "+.++...+.+"},
        [VERB_AGREE] = {"sign agreements and vote", SURE, "...2.....2"},
        [VERB_RELEASE] = {"release to partners", SURE, "2.22.....2"},
        [VERB_PREVIEW] = {"see what would leave", ANY, "++++....++"},
        [VERB_READ_LEDGER] = {"read the private log", THEMSELVES, "........++"},
        [VERB_CHANGE_KEYS] = {"change the node's keys", SURE, ".......2.m"},
        [VERB_MEND_LEDGER] = {"clear alarms and erase in the ledger", SURE, ".......2.2"},
        [VERB_READ_EVENTS] = {"see what was met", ANY, "++++.o..++"},
        [VERB_CHANGE_CONTACTS] = {"change contacts", ANY, "+.+..o...+"},
        [VERB_CHANGE_ASSETS] = {"change assets", ANY, "+.+......+"},
        [VERB_SEND_EVENTS] = {"send events", ANY, "+++..o...+"},
        [VERB_HUNT] = {"look into the past", ANY, "+++..o...+"},
        [VERB_WARN] = {"warn", ANY, "+2+......+"},
        [VERB_WARNING_RULES] = {"change what is warned of by itself", SURE, "2.22.....2"},
        [VERB_ANSWER_WARNINGS] = {"answer warnings", ANY, "+.+..o...+"},
        [VERB_REPORT] = {"report", ANY, "+++..o...+"},
        [VERB_READ_REPORTS] = {"read reports", ANY, "+++..o..++"},
        [VERB_READ_INCIDENTS] = {"read incidents", ANY, "+++..o..++"},
        [VERB_WORK_INCIDENTS] = {"work on incidents", ANY, "+++......+"},
        [VERB_CASE_FACTS] = {"change when an incident was known, its class, or close a critical one", SURE,
                "..22.....2"},
        [VERB_TASKS] = {"do tasks", ANY, "+++..o...+"},
        [VERB_FILE_DUTIES] = {"file what law demands", ANY, "+.+......+"},
        [VERB_WAIVE_DUTIES] = {"waive what law demands", SURE, "..22.....2"},
        [VERB_PLAYBOOKS] = {"change playbooks", ANY, "+2+......+"},
        [VERB_SHARE_INCIDENTS] = {"offer incidents to others", SURE, "2.22.....2"},
        [VERB_TAKE_EVIDENCE] = {"take evidence", THEMSELVES, "+++......+"},
        [VERB_HAND_EVIDENCE] = {"hand evidence over", SURE, "..2..o...2"},
        [VERB_KEEP_EVIDENCE] = {"hold or destroy evidence", SURE, "..22.....2"},
        [VERB_RECEIVE_EVIDENCE] = {"receive evidence", THEMSELVES, "....o....."},
        [VERB_VERIFY_EVIDENCE] = {"verify evidence", ANY, "+++.....++"},
        [VERB_TAKEDOWN] = {"ask for a take-down", ANY, "+++......+"},
        [VERB_LESSONS] = {"share lessons", ANY, "2222.....2"},
        [VERB_READ_FIGURES] = {"read figures of incidents", ANY, "++++....++"},
        [VERB_RISKS] = {"decide on risks", ANY, "..++.....+"},
        [VERB_ACCEPT_RISKS] = {"accept grave risks", SURE, "..22.....2"},
        [VERB_CHANGE_PROFILE] = {"change what we say of ourselves", SURE, "..++.....+"},
        [VERB_READ_ROSTER] = {"see who is on call", ANY, "++++....++"},
        [VERB_CHANGE_ROSTER] = {"change who is on call", ANY, "..++.....+"},
};

const char *store_verb_name(enum verb verb)
{
    return table[verb].name;
}

enum right store_right_of(enum verb verb, enum role role)
{
    switch (table[verb].answers[role]) {
    case '+':
        return RIGHT_YES;
    case '2':
    case 'm':
        return RIGHT_SECOND;
    case 'o':
        return RIGHT_OWN;
    default:
        return RIGHT_NO;
    }
}

/* Whether anybody else could do it or agree to it, for no organisation in particular. */
static bool has_second(const struct actor *actor, enum verb verb)
{
    for (enum role role = 0; role < ROLE_LOCAL; role++)
        if ((actor->others >> role & 1) != 0 && store_right_of(verb, role) >= RIGHT_SECOND)
            return true;
    return false;
}

bool store_right_waits(const struct actor *actor, enum verb verb)
{
    return table[verb].answers[ROLE_LOCAL] == 'm' && !actor->emergency && has_second(actor, verb);
}

bool store_restricted(slice flags)
{
    return slice_find_slice(flags, S("restricted")) < flags.len;
}

bool store_restricted_seen(const struct actor *actor, slice flags, int64_t holder)
{
    bool theirs = holder != 0 && holder == actor->user;
    return !store_restricted(flags) || theirs || actor_is(actor, ROLE_AUDITOR) || actor->how >= ACTOR_MACHINE;
}

/* What one role's answer is worth to this actor for something of that organisation. */
static enum right answer(const struct actor *actor, enum verb verb, enum role role, int64_t organisation)
{
    enum right right = store_right_of(verb, role);
    if (table[verb].answers[role] == 'm')
        return store_right_waits(actor, verb) ? RIGHT_SECOND : RIGHT_YES;
    if (right != RIGHT_OWN)
        return right;
    return actor->organisation != 0 && actor->organisation == organisation ? RIGHT_YES : RIGHT_NO;
}

static enum right widest(const struct actor *actor, enum verb verb, int64_t organisation)
{
    enum right right = RIGHT_NO;
    for (enum role role = 0; role < ROLES; role++) {
        /* Nobody is local from afar, whatever a row of the table of users says. */
        if (!actor_is(actor, role) || (role == ROLE_LOCAL && actor->how != ACTOR_MACHINE))
            continue;
        enum right here = answer(actor, verb, role, organisation);
        right = here > right ? here : right;
    }
    return right;
}

/* "duty-officer, analyst (with a second person)". */
static const char *who_may(enum verb verb, struct arena *arena)
{
    static const char *const notes[] = {
            [RIGHT_OWN] = " (of its own organisation)", [RIGHT_SECOND] = " (with a second person)", [RIGHT_YES] = ""};
    const char *list = "";
    for (enum role role = 0; role < ROLES; role++) {
        enum right right = store_right_of(verb, role);
        if (right != RIGHT_NO)
            list = arena_printf(
                    arena, "%s%s%s%s", list, list[0] == '\0' ? "" : ", ", store_role_name(role), notes[right]);
    }
    return list;
}

static struct err denied(const struct actor *actor, enum verb verb, const char *but, struct arena *arena)
{
    return err_format(arena, ERR_DENIED, "%.*s may not %s%s; who may: %s", (int)actor->name.len, actor->name.ptr,
            table[verb].name, but, who_may(verb, arena));
}

struct err store_right_check(
        const struct actor *actor, enum verb verb, int64_t organisation, struct arena *arena, bool *second)
{
    if (actor->how == ACTOR_NOBODY)
        return err_format(arena, ERR_AUTH, "nobody is logged in who could %s", table[verb].name);
    if (actor->how == ACTOR_FOLLOWER) { /* a part of the node: it does what the node was told to do */
        if (second != NULL)
            *second = false;
        return OK;
    }
    enum right right = widest(actor, verb, organisation);
    if (right == RIGHT_NO)
        return denied(actor, verb, "", arena);
    if (actor->how < table[verb].least)
        return denied(actor, verb,
                table[verb].least > ACTOR_PASSWORD ? " known by a password or token alone" : " known by a token alone",
                arena);
    if (right == RIGHT_SECOND && second == NULL)
        return denied(actor, verb, " alone", arena);
    if (second != NULL)
        *second = right == RIGHT_SECOND;
    return OK;
}

struct err store_right_give(
        const struct actor *actor, uint32_t roles, int64_t organisation, struct arena *arena, bool *second)
{
    if (roles >> ROLE_LOCAL != 0)
        return err_make(ERR_DENIED, "the role local cannot be given: it is whoever may read the node's keys");
    struct actor without = *actor;
    if ((roles & ~(1u << ROLE_CONSTITUENT_ADMIN)) != 0)
        without.roles &= ~(1u << ROLE_CONSTITUENT_ADMIN);
    return store_right_check(&without, VERB_CHANGE_USERS, organisation, arena, second);
}
