/* SPDX-License-Identifier: Apache-2.0 */
#include "app/local.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/drill.h"
#include "app/notices.h"
#include "app/person.h"
#include "case/evidence.h"
#include "case/round.h"
#include "intel/ingest.h"
#include "store/organisation.h"
#include "store/user.h"

#define ACCOUNT_BYTES_MAX 4096
#define US_PER_MS 1000
#define PAGE_BYTES_MAX ((size_t)256 << 20) /* a page of a list */

/* The name of the account, with a slash before it that no user's name has. */
static slice account_name(struct arena *arena)
{
    char room[ACCOUNT_BYTES_MAX];
    struct passwd account, *found = NULL;
    if (getpwuid_r(geteuid(), &account, room, sizeof room, &found) == 0 && found != NULL)
        return slice_of(arena_printf(arena, "local/%s", found->pw_name));
    return slice_of(arena_printf(arena, "local/%lu", (unsigned long)geteuid()));
}

struct actor local_actor(int64_t organisation, struct arena *arena)
{
    return (struct actor){
            .organisation = organisation,
            .name = store_text_keep(arena, account_name(arena), STORE_NAME_MAX),
            .roles = UINT32_C(1) << ROLE_LOCAL,
            .how = ACTOR_MACHINE,
    };
}

/* What SQLite makes belongs to its owner alone, whatever the account's mask. */
struct err local_database(const struct config *config, bool create, struct arena *arena, struct db **db)
{
    const struct db_options options = {.where = config->database, .create = create};
    mode_t mask = umask(077);
    struct err err = store_open(&options, arena, db);
    umask(mask);
    return err;
}

/* Others on the machine see what stands on a command line. */
struct err local_url_check(const char *url)
{
    const char *host = url == NULL ? NULL : strstr(url, "://");
    if (host == NULL)
        return OK;
    host += 3;
    size_t authority = strcspn(host, "/?#");
    const char *at = memrchr(host, '@', authority);
    bool has = at != NULL && memchr(host, ':', (size_t)(at - host)) != NULL;
    if (has || strcasestr(url, "password=") != NULL)
        return err_make(ERR_INPUT,
                "others can read a password on the command line; leave it out here, and write it into "
                "~/.pgpass of the account");
    return OK;
}

/* Whoever can read the key could also sign as the node: that is what makes them `local`. */
static struct err is_local(const struct node *node, struct arena *arena)
{
    struct key_pair pair;
    TRY(node_key(node, arena, &pair));
    case_evidence_open(node->folder, &pair);
    key_forget(&pair);
    return OK;
}

/* A database that was emptied, or is not the one that init filled: to go on would hide the loss. */
static struct err nothing_there(const struct config *config, struct arena *arena)
{
    const char *where = config->database;
    return err_format(arena, ERR_MISSING,
            "%s holds nothing of this node, not even its organisation; look at [node] database in its node.conf, or "
            "restore a backup",
            strstr(where, "://") == NULL ? where : "the PostgreSQL database");
}

/* To open an empty file would make tables in it, and whoever looks after that would find a sound database. */
static struct err file_check(const struct config *config, struct arena *arena)
{
    struct stat stat_of;
    bool empty = strstr(config->database, "://") == NULL && stat(config->database, &stat_of) == 0 &&
                 S_ISREG(stat_of.st_mode) && stat_of.st_size == 0;
    return empty ? nothing_there(config, arena) : OK;
}

static struct err own_organisation(const struct config *config, struct db *db, struct arena *arena, int64_t *number)
{
    struct err err = store_organisation_own(db, number);
    return err.kind == ERR_MISSING ? nothing_there(config, arena) : err;
}

struct err local_open(const struct command_line *line, struct local *local)
{
    struct local opened = {.arena = line->arena};
    int64_t own = 0;
    TRY(node_open(command_text(line, "config"), line->arena, &opened.node));
    TRY(is_local(&opened.node, line->arena));
    TRY(file_check(&opened.node.config, line->arena));
    TRY(notices_open(&opened.node.config, line->arena));
    case_round_open((int64_t)opened.node.config.incident.clinical_ms * US_PER_MS);
    TRY(drill_clock_take(&opened.node, line->arena));
    TRY(local_database(&opened.node.config, false, line->arena, &opened.db));
    struct err err = own_organisation(&opened.node.config, opened.db, line->arena, &own);
    opened.actor = local_actor(own, line->arena);
    if (err.kind == ERR_NONE)
        err = store_user_sure(opened.db, 0, &opened.actor.others);
    *local = opened;
    if (err.kind != ERR_NONE)
        local_close(local);
    return err;
}

static struct err clear_away(struct work *work, void *context)
{
    uint64_t count;
    (void)context;
    TRY(store_import_recover(work, &count));
    return store_import_sweep(work, INTEL_SWEEP_STEP, &count);
}

struct err local_open_to_change(const struct command_line *line, struct local *local)
{
    struct import_left left;
    TRY(local_open(line, local));
    struct err err = store_import_left(local->db, local->arena, &left);
    if (err.kind == ERR_NONE && left.dead + left.unswept > 0)
        err = store_work(local->db, &local->actor, local->arena, clear_away, NULL);
    if (err.kind != ERR_NONE)
        fprintf(stderr, "kentongan %s: what imports left that did not end could not be cleared away: %s\n",
                line->command->name, err.why);
    return OK;
}

void local_close(struct local *local)
{
    person_leave(local);
    db_close(local->db);
    node_close(&local->node);
}

static struct err run_verb(
        const struct command_line *line, const struct local_verb *verbs, size_t count, const char *usage)
{
    struct local local;
    for (size_t i = 0; line->file_count > 0 && i < count; i++) {
        if (strcmp(line->files[0], verbs[i].name) != 0 || line->file_count < verbs[i].words ||
                line->file_count > verbs[i].words + verbs[i].more)
            continue;
        TRY(local_open_to_change(line, &local));
        struct err err = person_enter(line, &local);
        if (err.kind == ERR_NONE)
            err = verbs[i].run(line, &local);
        local_close(&local);
        return err;
    }
    return err_make(ERR_INPUT, usage);
}

int local_run(const struct command_line *line, const struct local_verb *verbs, size_t count, const char *usage)
{
    struct err err = run_verb(line, verbs, count, usage);
    if (err.kind == ERR_NONE && !command_written())
        err = err_errno(line->arena, "standard output");
    return err.kind == ERR_NONE ? 0 : command_fail(line, err);
}

struct err local_pages(const struct command_line *line, struct local *local, local_page *page)
{
    struct arena *arena = arena_open("page", ARENA_WORK, PAGE_BYTES_MAX);
    struct err err = OK;
    size_t count = 1;
    for (int64_t after = 0; err.kind == ERR_NONE && count > 0;) {
        arena_reset(arena);
        err = page(line, local, arena, &after, &count);
    }
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(line->arena, slice_of(err.why));
    arena_close(arena);
    return err;
}
