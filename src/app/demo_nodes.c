/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/demo.h"
#include "app/local.h"
#include "app/person.h"
#include "base/base32.h"
#include "base/clock.h"
#include "base/token.h"
#include "base/totp.h"
#include "people/factor.h"
#include "people/link.h"
#include "json/read.h"

static const struct {
    const char *name, *country, *partner, *manager, *address;
} places[DEMO_NODES] = {
        [DEMO_SECTOR] = {"Melati Health CERT", "ID", "melati", "sari", "127.0.0.1"},
        [DEMO_NATIONAL] = {"Nusa National CERT", "ID", "nusa", "bima", "127.0.0.2"},
        [DEMO_FOREIGN] = {"Albion CERT", "GB", "albion", "grace", "127.0.0.3"},
};

/* Who gets a link at each node. */
static const struct person {
    const char *name, *role, *also;
} people[DEMO_INVITED_MAX] = {
        {"ayu", "duty-officer", NULL},
        {"budi", "analyst", "coordinator"},
};

/* ---- People ---- */

static struct err secret_write(const char *file, const char *text, struct arena *arena)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool fine = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    struct err err = fine ? OK : err_errno(arena, file);
    if (fd >= 0)
        close(fd);
    return err;
}

/* The code of this moment for a secret as it is shown. */
static struct err code_of(slice shown, struct arena *arena, slice *code)
{
    uint8_t secret[TOTP_SECRET_BYTES];
    size_t len = 0;
    struct buf plain = buf_make(shown.len + 1);
    for (size_t i = 0; i < shown.len; i++)
        if (shown.ptr[i] != ' ')
            buf_byte(&plain, shown.ptr[i]);
    bool fine = base32_read(buf_slice(&plain), secret, sizeof secret, &len);
    buf_free(&plain);
    if (!fine)
        return err_make(ERR_INPUT, "the secret of a second factor is not base 32");
    uint32_t number = totp_code((slice){(const char *)secret, len}, totp_step(clock_now_us()));
    *code = slice_of(arena_printf(arena, "%06u", number));
    return OK;
}

/* Turns a second factor on for who is signed in. */
static struct err factor_begin(struct demo *demo, struct demo_person *person, struct local *local,
        struct doorkeeper *doorkeeper, const struct signed_in *in)
{
    struct who who;
    struct people_factor_offer offer;
    struct people_recovery recovery;
    struct signed_in again;
    slice code;
    const struct credentials shown = {.session = slice_of(in->secret.text)};
    const struct people_place place = {.agent = S("kentongan demo")};
    TRY(people_who(local->db, doorkeeper, &shown, demo->arena, &who));
    TRY(people_factor_offer(local->db, doorkeeper, &who.actor, demo->arena, &offer));
    TRY(code_of(offer.secret, demo->arena, &code));
    TRY(people_factor_confirm(local->db, doorkeeper, &who, code, &place, demo->arena, &recovery, &again));
    for (size_t i = 0; i < DEMO_CODES; i++)
        person->codes[i] = arena_cstr(demo->arena, slice_of(recovery.codes[i]));
    return OK;
}

/* Invited by `local`; chooses a password by the link, as everybody does. */
static struct err manager_begin(
        struct demo *demo, enum demo_place place, struct local *local, struct doorkeeper *doorkeeper)
{
    struct child_answer invited;
    struct signed_in in;
    struct demo_person *person = &demo->nodes[place].manager;
    const char *const words[] = {"user", "add", person->name, "--role", "manager", NULL};
    TRY(demo_command(demo, place, words, &invited));
    slice secret = slice_from(invited.output, slice_find_slice(invited.output, S("/set-up/")) + S("/set-up/").len);
    secret.len = secret.len < TOKEN_CHARACTERS ? secret.len : TOKEN_CHARACTERS;
    const struct people_link_use use = {
            .secret = secret, .password = slice_of(person->password), .agent = S("kentongan demo")};
    TRY(people_link_use(local->db, doorkeeper, &use, demo->arena, &in));
    TRY(secret_write(person->password_file, person->password, demo->arena));
    return factor_begin(demo, person, local, doorkeeper, &in);
}

static struct err manager_make(struct demo *demo, enum demo_place place)
{
    struct local local;
    struct doorkeeper *doorkeeper = NULL;
    struct command_line line = {.arena = demo->arena};
    line.given =
            &(struct option_given){&(const struct option_row){'c', "config", "CONF", ""}, demo->nodes[place].folder};
    line.given_count = 1;
    TRY(local_open(&line, &local));
    struct err err = person_doorkeeper(&local, &doorkeeper);
    if (err.kind == ERR_NONE)
        err = manager_begin(demo, place, &local, doorkeeper);
    if (err.kind != ERR_NONE) /* its sentence may be of the database that is closed now */
        err.why = arena_cstr(demo->arena, slice_of(err.why));
    people_doorkeeper_close(doorkeeper);
    local_close(&local);
    return err;
}

/* The link that a command printed. */
static const char *link_in(slice said, struct arena *arena)
{
    slice line;
    while (slice_next(&said, '\n', &line))
        if (slice_find_slice(line, S("/set-up/")) < line.len)
            return arena_cstr(arena, slice_from(line, slice_find_slice(line, S("http"))));
    return NULL;
}

static struct err invite(struct demo *demo, enum demo_place place, size_t number)
{
    struct child_answer answer;
    const struct person *person = &people[number];
    const char *more = person->also == NULL ? NULL : "--role";
    TRY(DEMO_TYPE(demo, place, &answer, "user", "add", person->name, "--role", person->role, more, person->also));
    demo->nodes[place].invited[number].name = person->name;
    demo->nodes[place].invited[number].role = person->role;
    demo->nodes[place].invited[number].link = link_in(answer.output, demo->arena);
    return OK;
}

/* ---- Nodes ---- */

/* As the others will know it. */
static struct err organisation_read(struct demo *demo, enum demo_place place)
{
    struct child_answer answer;
    slice line;
    TRY(DEMO_TYPE(demo, place, &answer, "org", "list", "--json"));
    if (!slice_next(&answer.output, '\n', &line))
        return err_format(demo->arena, ERR_SYSTEM, "%s has no organisation", demo->nodes[place].name);
    demo->nodes[place].organisation = arena_cstr(demo->arena, json_text(json_get(line, S("identity")), demo->arena));
    return OK;
}

static struct err people_make(struct demo *demo, enum demo_place place)
{
    TRY(manager_make(demo, place));
    for (size_t i = 0; i < COUNT_OF(people); i++)
        TRY(invite(demo, place, i));
    return organisation_read(demo, place);
}

static struct err node_init(struct demo *demo, struct demo_node *node)
{
    struct child_answer made;
    const char *listen = arena_printf(demo->arena, "%s:%u", node->address, node->port);
    const char *const words[] = {"init", node->folder, "--name", node->name, "--listen", listen, NULL};
    TRY(child_run(words, demo->arena, &made));
    if (made.status != 0)
        return err_format(demo->arena, ERR_SYSTEM, "%s: %.*s", node->name, (int)made.error.len, made.error.ptr);
    node->administrator = link_in(made.output, demo->arena);
    return OK;
}

static struct err node_make_one(struct demo *demo, enum demo_place place, unsigned port)
{
    struct demo_node *node = &demo->nodes[place];
    struct arena *arena = demo->arena;
    struct token password = token_new();
    const char *files = arena_printf(arena, "%s/%s", demo->folder, places[place].partner);
    *node = (struct demo_node){
            .name = places[place].name,
            .country = places[place].country,
            .partner = places[place].partner,
            .folder = files,
            .log = arena_printf(arena, "%s.log", files),
            .address = places[place].address,
            .port = port,
            .manager = {.name = places[place].manager,
                    .password = arena_cstr(arena, slice_of(password.text)),
                    .password_file = arena_printf(arena, "%s.password", files)},
    };
    TRY(child_port(node->address, arena, &node->port));
    TRY(node_init(demo, node));
    return people_make(demo, place);
}

struct err demo_nodes_make(struct demo *demo, unsigned port)
{
    demo->began_us = clock_now_us() / 1000 * 1000;
    for (unsigned place = 0; place < DEMO_NODES; place++)
        TRY(node_make_one(demo, (enum demo_place)place, port));
    return OK;
}

struct err demo_nodes_serve(struct demo *demo)
{
    for (unsigned place = 0; place < DEMO_NODES; place++) {
        struct demo_node *node = &demo->nodes[place];
        TRY(child_serve(node->folder, node->log, demo->arena, &node->server));
    }
    return OK;
}

void demo_nodes_stop(struct demo *demo)
{
    for (unsigned place = 0; place < DEMO_NODES; place++)
        child_stop(&demo->nodes[place].server);
}
