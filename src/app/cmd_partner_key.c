/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan partner key: the keys of the node, and those that partners are known by. */
#include "app/partner.h"
#include "app/sharing.h"
#include "store/right.h"
#include "json/write.h"

#define ROW_MAX (64u << 10)

/* ---- What is shown ---- */

static const char *state_of(const struct node_key *row, int64_t now_us)
{
    if (row->revoked_us != TIME_NONE && row->revoked_us <= now_us)
        return "revoked";
    return now_us < row->from_us ? "later" : now_us < row->until_us ? "good" : "expired";
}

static void show_json(struct buf *buf, const struct node_key *row, const char *state, slice key)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    json_write_key_text(&w, S("purpose"), row->purpose);
    json_write_key_text(&w, S("key"), key);
    json_write_key_text(&w, S("state"), slice_of(state));
    json_write_key(&w, S("from"));
    json_write_time(&w, row->from_us);
    json_write_key(&w, S("until"));
    json_write_time(&w, row->until_us);
    json_write_key(&w, S("revoked"));
    json_write_time(&w, row->revoked_us);
    json_write_end(&w);
}

static void show_text(struct buf *buf, const struct node_key *row, const char *state, slice key)
{
    buf_printf(buf, "%.*s\t%.*s\t%s\tuntil ", (int)row->purpose.len, row->purpose.ptr, (int)key.len, key.ptr, state);
    time_write(buf, row->until_us);
}

static struct err show_keys(const struct command_line *line, struct local *local, int64_t partner)
{
    struct node_key *rows;
    size_t count;
    TRY(store_node_key_list(local->db, partner, line->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        struct buf buf = buf_make(ROW_MAX);
        (command_flag(line, "json") ? show_json : show_text)(
                &buf, &rows[i], state_of(&rows[i], clock_now_us()), share_key_text(&rows[i].key, line->arena));
        printf("%.*s\n", (int)buf.len, buf.ptr);
        buf_free(&buf);
    }
    return OK;
}

/* ---- Verbs ---- */

struct asked {
    const struct command_line *line;
    struct local *local;
    const char *folder, *identity, *word; /* word: behind the verb, or NULL */
};

/* Who acts, with the reason, where there has to be one. */
static struct err begin(
        const struct asked *asked, const char *act, struct actor *actor, struct share_key_asking *asking)
{
    *asking = (struct share_key_asking){.identity = asked->identity};
    return sharing_who(asked->line, asked->local, act, S("node"), S("{}"), actor, &asking->reason);
}

/* What became of it: it waits, or the keys as they are now. */
static struct err end(const struct asked *asked, const struct share_key_asking *asking)
{
    sharing_tell(asked->line, &asking->proposal);
    return asking->proposal.done ? show_keys(asked->line, asked->local, 0) : OK;
}

static struct err make(const struct asked *asked)
{
    struct share_key_asking asking;
    struct actor actor;
    TRY(begin(asked, "key.make", &actor, &asking));
    TRY(share_keys_make(asked->local->db, &actor, asked->folder, &asking, asked->line->arena));
    return end(asked, &asking);
}

static struct err list(const struct asked *asked)
{
    struct partner partner = {.number = 0};
    TRY(store_right_check(&asked->local->actor, VERB_READ_SHARING, 0, asked->line->arena, NULL));
    if (asked->word != NULL)
        TRY(partner_named(asked->line, asked->local, asked->word, &partner));
    return show_keys(asked->line, asked->local, partner.number);
}

typedef struct err key_verb(struct db *db, const struct actor *actor, const char *folder,
        struct share_key_asking *asking, enum share_purpose purpose, struct arena *arena);

static struct err replace(const struct asked *asked, const char *act, key_verb *verb)
{
    enum share_purpose purpose = share_purpose_find(slice_of(asked->word));
    struct share_key_asking asking;
    struct actor actor;
    TRY(begin(asked, act, &actor, &asking));
    TRY(verb(asked->local->db, &actor, asked->folder, &asking, purpose, asked->line->arena));
    if (asking.proposal.done && purpose != SHARE_MESSAGE)
        fprintf(stderr,
                "kentongan partner: a server that is at work signs with the old key until it is started anew\n");
    return end(asked, &asking);
}

static struct err rotate(const struct asked *asked)
{
    return replace(asked, "key.rotate", share_key_rotate);
}

/* All keys: partners have to be introduced anew, and fingerprints compared. */
static struct err revoke_identity(const struct asked *asked)
{
    struct share_key_asking asking;
    struct actor actor;
    bool told;
    TRY(begin(asked, "key.identity", &actor, &asking));
    TRY(share_identity_revoke(asked->local->db, &actor, asked->folder, &asking, &told, asked->line->arena));
    if (!told)
        fprintf(stderr, "kentongan partner: the old identity key is not at hand: give partners identity.revocation.*, "
                        "which was made with it\n");
    if (asking.proposal.done)
        fprintf(stderr, "kentongan partner: start the server anew, and introduce the node to each partner once more\n");
    return end(asked, &asking);
}

static struct err revoke(const struct asked *asked)
{
    if (share_purpose_find(slice_of(asked->word)) == SHARE_IDENTITY)
        return revoke_identity(asked);
    return replace(asked, "key.revoke", share_key_revoke);
}

/* The certificate of the server, in a file of PEM: the one that [tls] certificate names. */
static struct err tls(const struct asked *asked)
{
    struct certificate certificate;
    struct share_key_asking asking;
    struct actor actor;
    TRY(certificate_read(asked->word, asked->line->arena, &certificate));
    TRY(begin(asked, "key.tls", &actor, &asking));
    TRY(share_key_tls(asked->local->db, &actor, asked->folder, &asking, &certificate, asked->line->arena));
    return end(asked, &asking);
}

static struct err revoked(const struct asked *asked)
{
    struct arena *arena = asked->line->arena;
    slice text;
    int64_t partner;
    TRY(partner_file(asked->word, arena, &text));
    TRY(share_partner_revocation(asked->local->db, &asked->local->actor, text, arena, &partner));
    return show_keys(asked->line, asked->local, partner);
}

struct err partner_key(const struct command_line *line, struct local *local)
{
    static const struct {
        const char *name;
        size_t words;
        struct err (*run)(const struct asked *asked);
    } rows[] = {{"make", 2, make}, {"list", 2, list}, {"list", 3, list}, {"rotate", 3, rotate}, {"revoke", 3, revoke},
            {"revoked", 3, revoked}, {"tls", 3, tls}};
    const struct asked asked = {line, local, node_path(&local->node, "keys", line->arena),
            command_text(line, "identity"), line->file_count > 2 ? line->files[2] : NULL};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(line->files[1], rows[i].name) == 0 && line->file_count == rows[i].words)
            return rows[i].run(&asked);
    return err_make(ERR_INPUT,
            "what? `partner key make`, `list`, `list NAME`, `rotate PURPOSE`, `revoke PURPOSE`, "
            "`tls FILE` or `revoked FILE`; a purpose is log, witness or message; identity can be revoked");
}
