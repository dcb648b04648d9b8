/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kentongan serve: a node at work. What it is made of is opened in an order in which each only needs what was opened
 * before, and closed in the other one: the node and its lock, its clock, the database, the live index, the memory, who
 * stands at the door, the gate, the server, and what is done in the background. Then the main thread does nothing but
 * listen to signals.
 */
#include <signal.h>
#include <unistd.h>

#include "app/background.h"
#include "app/classes.h"
#include "app/drill.h"
#include "app/duties.h"
#include "app/incident_responsible.h"
#include "app/intaking.h"
#include "app/local.h"
#include "app/manager.h"
#include "app/options.h"
#include "app/person.h"
#include "app/rates.h"
#include "app/risks.h"
#include "app/routes.h"
#include "app/takedowns.h"
#include "app/warner.h"
#include "base/log.h"
#include "detect/follow.h"
#include "detect/remember.h"
#include "gate/gate.h"
#include "web/importer.h"
#include "web/push.h"
#include "web/web.h"

#define REQUEST_BYTES_MAX ((size_t)256 << 20) /* of a request's arena */
#define STOP_WAIT_MS 10000                    /* for answers that are under way */
#define LISTEN_S 3600                         /* without a watchdog: how long to wait for a signal at a time */
#define US_PER_SECOND 1000000

struct serving {
    const struct command_line *line;
    struct local local;
    struct db_options db;
    struct follow *follow;
    struct remember *remember;
    struct lists *lists;
    struct push *push;
    struct doorkeeper *doorkeeper;
    struct share_release_options release;
    struct node_parts parts;
    struct gate *gate;
    struct intaking *intaking;
    struct http_server *server;
    struct background *background;
    struct drill_clock *clock;
};

/* ---- What it may be started with ---- */

static struct err check_tls(const struct serving *serving)
{
    const struct config *config = &serving->local.node.config;
    struct arena *arena = serving->local.arena;
    bool certificate = config->tls.certificate != NULL, key = config->tls.key != NULL;
    if (certificate != key)
        return err_format(arena, ERR_INPUT, "[tls] says %s and no %s; they belong together",
                certificate ? "certificate" : "key", certificate ? "key" : "certificate");
    if (!certificate && (config->tls.clients != NULL || config->tls.revoked != NULL))
        return err_make(ERR_INPUT, "[tls] clients and revoked mean nothing without a certificate of the node");
    if (config->tls.revoked != NULL && config->tls.clients == NULL)
        return err_make(ERR_INPUT, "[tls] revoked means nothing without clients, the authorities whose list it is");
    if (config->http.behind_proxy && config->http.url == NULL)
        return err_make(ERR_INPUT, "[http] behind-proxy wants url: what people type to reach the proxy");
    if (certificate || config->http.behind_proxy || node_is_loopback(config))
        return OK;
    return err_format(arena, ERR_INPUT,
            "%s can be reached by others, and without TLS they could read passwords and intelligence on the way. Get a "
            "certificate for its name from your authority (or by ACME, as certbot does), and write [tls] certificate "
            "and key; or have a proxy take TLS, and write [http] behind-proxy = yes; or listen on 127.0.0.1",
            config->listen.text);
}

/* ---- Opening, in order ---- */

static struct err open_node(struct serving *serving)
{
    TRY(check_tls(serving));
    TRY(node_lock(&serving->local.node, serving->local.arena));
    serving->db = (struct db_options){.where = serving->local.node.config.database};
    return OK;
}

/* Before anything that asks what time it is. */
static struct err open_clock(struct serving *serving)
{
    const char *socket = command_text(serving->line, "clock");
    TRY(drill_is(serving->local.db, serving->local.arena, &serving->parts.exercise));
    return socket == NULL ? OK
                          : drill_clock_open(
                                    socket, &serving->local.node, &serving->db, serving->local.arena, &serving->clock);
}

static struct err open_follow(struct serving *serving)
{
    const struct node *node = &serving->local.node;
    const struct follow_options options = {
            .db = serving->db,
            .path = node_path(node, "index/base", serving->local.arena),
    };
    return follow_open(&options, serving->local.arena, &serving->follow);
}

static struct err open_push(struct serving *serving)
{
    const struct push_options options = {
            .db = serving->db,
            .folder = node_path(&serving->local.node, "index", serving->local.arena),
    };
    return push_open(&options, &serving->push);
}

static struct err open_remember(struct serving *serving)
{
    const char *folder = node_path(&serving->local.node, "memory", serving->local.arena);
    return remember_open(folder, serving->local.arena, &serving->remember);
}

static struct err open_lists(struct serving *serving)
{
    return warner_lists(&serving->local.node.config, serving->local.arena, &serving->lists);
}

static struct err open_doorkeeper(struct serving *serving)
{
    return person_doorkeeper(&serving->local, &serving->doorkeeper);
}

static struct err open_intaking(struct serving *serving)
{
    const struct intaking_options options = {
            .db = serving->db,
            .node = &serving->local.node,
            .follow = serving->follow,
            .organisation = serving->local.actor.organisation,
            .doorkeeper = serving->doorkeeper,
    };
    TRY(intaking_open(&options, serving->local.arena, &serving->intaking));
    serving->parts.intake = intaking_intake(serving->intaking);
    return OK;
}

/* The rules of the node, as they are when it starts. */
static struct err open_rules(struct serving *serving)
{
    struct plan_duties *duties = arena_new(serving->local.arena, struct plan_duties, 1);
    struct plan_responsibility *responsibility = arena_new(serving->local.arena, struct plan_responsibility, 1);
    TRY(duties_of_node(&serving->local.node.config, serving->local.arena, duties));
    TRY(responsible_table(&serving->local, responsibility));
    serving->parts.duties = duties;
    serving->parts.responsibility = responsibility;
    TRY(rates_of_node(&serving->local.node.config, serving->local.arena, &serving->parts.rates));
    return takedowns_of_node(&serving->local.node.config, serving->local.arena, &serving->parts.takedowns);
}

static struct err open_gate(struct serving *serving)
{
    const struct config *config = &serving->local.node.config;
    struct node_parts *parts = &serving->parts;
    parts->name = config->name;
    parts->url = node_url(config, serving->local.arena);
    parts->folder = config->folder;
    parts->secure = strncmp(parts->url, "https:", 6) == 0;
    parts->behind_proxy = config->http.behind_proxy;
    parts->follow = serving->follow;
    parts->remember = serving->remember;
    parts->lists = serving->lists;
    parts->reach_max = config->warning.reach_max;
    parts->push = serving->push;
    parts->server = (const struct http_server *const *)&serving->server;
    parts->taxii = &config->taxii;
    serving->release = node_release_options(config);
    parts->release = &serving->release;
    parts->config = config;
    const struct gate_options options = {
            .routes = routes,
            .db = serving->db,
            .parts = parts,
            .doorkeeper = serving->doorkeeper,
            .otherwise = &web_face,
            .body_max = config->http.body_max,
    };
    gate_open(&options, serving->local.arena, &serving->gate);
    return OK;
}

static void trouble(void *context, const char *why)
{
    (void)context;
    const struct log_field fields[] = {{"why", slice_of(why), 0}};
    log_line(LOG_WARN, "http.trouble", fields, COUNT_OF(fields));
}

static struct http_server_options server_options(const struct serving *serving)
{
    const struct config *config = &serving->local.node.config;
    return (struct http_server_options){
            .ip = config->listen.ip,
            .port = config->listen.port,
            .tls = {config->tls.certificate, config->tls.key, config->tls.clients, config->tls.revoked},
            .threads = (unsigned)config->http.threads,
            .workers = (unsigned)config->http.workers,
            .per_address_max =
                    config->http.behind_proxy ? HTTP_CONNECTIONS_MAX : (unsigned)config->http.per_address_max,
            .arena_bytes = REQUEST_BYTES_MAX,
            .context = serving->gate,
            .head = gate_head,
            .worker_open = gate_worker_open,
            .worker_close = gate_worker_close,
            .answer = gate_answer,
            .folder = node_path(&serving->local.node, "events", serving->local.arena),
            .trouble = trouble,
    };
}

static struct err open_server(struct serving *serving)
{
    const struct config *config = &serving->local.node.config;
    struct config reached = *config;
    struct http_server_options options = server_options(serving);
    TRY(manager_socket(&options.listening));
    TRY(http_server_open(&options, serving->local.arena, &serving->server));
    if (config->listen.port != 0 || config->http.url != NULL)
        return OK;
    /* Nobody knows the port yet, so nobody has asked for the address. */
    slice host = slice_of(config->listen.text);
    host.len -= 2; /* ":0" */
    reached.listen.port = http_server_port(serving->server);
    reached.listen.text = arena_printf(serving->local.arena, "%.*s:%u", (int)host.len, host.ptr, reached.listen.port);
    serving->parts.url = node_url(&reached, serving->local.arena);
    return OK;
}

static struct err open_background(struct serving *serving)
{
    const struct background_options options = {
            .db = serving->db,
            .config = &serving->local.node.config,
            .keys = node_path(&serving->local.node, "keys", serving->local.arena),
            .url = serving->parts.url,
            .organisation = serving->local.actor.organisation,
            .lists = serving->lists,
            .duties = serving->parts.duties,
    };
    return background_open(&options, serving->local.arena, &serving->background);
}

static struct err open_classes(struct serving *serving)
{
    return classes_open(&serving->local.node.config, serving->local.arena);
}

static struct err open_risks(struct serving *serving)
{
    return risks_open(&serving->local.node.config, serving->local.arena);
}

static struct err open_all(struct serving *serving)
{
    static struct err (*const steps[])(struct serving * serving) = {open_node, open_clock, open_classes, open_risks,
            open_follow, open_remember, open_lists, open_push, open_doorkeeper, open_intaking, open_rules, open_gate,
            open_server, open_background};
    for (size_t i = 0; i < COUNT_OF(steps); i++)
        TRY(steps[i](serving));
    return OK;
}

/* What was refused since the journal was told is told now; where that fails, nobody is left to do it better. */
static void close_doorkeeper(struct serving *serving)
{
    struct err err = OK;
    if (serving->doorkeeper != NULL)
        err = people_doorkeeper_tell(serving->doorkeeper, serving->local.db, serving->local.arena);
    if (err.kind != ERR_NONE)
        trouble(serving, err.why);
    people_doorkeeper_close(serving->doorkeeper);
}

static void close_all(struct serving *serving)
{
    push_stop(serving->push); /* streams do not end by themselves */
    http_server_close(serving->server, STOP_WAIT_MS);
    push_close(serving->push);
    intaking_close(serving->intaking);
    importer_close();
    background_close(serving->background);
    remember_close(serving->remember);
    lists_close(serving->lists);
    close_doorkeeper(serving);
    follow_close(serving->follow);
    drill_clock_close(serving->clock);
    local_close(&serving->local);
}

/* ---- Signals ---- */

static const int signals[] = {SIGTERM, SIGINT, SIGHUP};

static void signals_of(sigset_t *set)
{
    sigemptyset(set);
    for (size_t i = 0; i < COUNT_OF(signals); i++)
        sigaddset(set, signals[i]);
}

static void log_outcome(const char *event, struct err err)
{
    const struct log_field fields[] = {{"why", slice_of(err.why == NULL ? "" : err.why), 0}};
    log_line(err.kind == ERR_NONE ? LOG_INFO : LOG_ERROR, event, fields, err.kind == ERR_NONE ? 0 : 1);
}

static void reload(struct serving *serving)
{
    struct arena *arena = arena_open("reload", ARENA_WORK, REQUEST_BYTES_MAX);
    manager_tell("RELOADING=1");
    struct err err = http_server_reload(serving->server, arena);
    if (err.kind == ERR_NONE)
        err = intake_reload(intaking_intake(serving->intaking), arena);
    lists_look(serving->lists);
    log_outcome(err.kind == ERR_NONE ? "serve.reloaded" : "serve.reload.failed", err);
    manager_tell("READY=1");
    arena_close(arena);
}

/* Half of the time after which the manager would take us for dead. */
static struct timespec patience(void)
{
    int64_t us = manager_watchdog_us() / 2;
    if (us == 0)
        return (struct timespec){.tv_sec = LISTEN_S};
    return (struct timespec){.tv_sec = us / US_PER_SECOND, .tv_nsec = us % US_PER_SECOND * 1000};
}

/* Until one asks us to end. */
static void listen_to_signals(struct serving *serving)
{
    const struct timespec wait = patience();
    sigset_t set;
    signals_of(&set);
    for (;;) {
        int came = sigtimedwait(&set, NULL, &wait);
        if (came == SIGTERM || came == SIGINT)
            break;
        if (came == SIGHUP)
            reload(serving);
        manager_tell("WATCHDOG=1");
    }
    /* Whoever does not want to wait for the end asks a second time. */
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* ---- The command ---- */

/* A person is told what to do next; the rest is a log. */
static void tell_next(const struct serving *serving)
{
    if (isatty(STDERR_FILENO) == 0)
        return;
    fprintf(stderr,
            "Open %s in a browser. Who has no account yet takes the set-up link that `init` or `user add` printed.\n"
            "Ctrl-C ends it.\n",
            serving->parts.url);
}

static struct err serve_until_told(struct serving *serving)
{
    sigset_t set;
    signals_of(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL); /* of all threads, which inherit it */
    TRY(open_all(serving));
    printf("listening on %s\n", serving->parts.url);
    fflush(stdout); /* a reader that went away is no reason to end */
    tell_next(serving);
    const struct log_field fields[] = {{"url", slice_of(serving->parts.url), 0}};
    log_line(LOG_INFO, "serve.ready", fields, COUNT_OF(fields));
    manager_tell("READY=1");
    listen_to_signals(serving);
    manager_tell("STOPPING=1");
    log_outcome("serve.stopping", OK);
    return OK;
}

static int serve(struct command_line *line)
{
    struct serving serving = {.line = line};
    if (line->file_count > 0)
        return command_fail(line, err_make(ERR_INPUT, "takes no files; the node is named by -c CONF"));
    struct err err = local_open_to_change(line, &serving.local);
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    err = serve_until_told(&serving);
    if (err.kind != ERR_NONE) /* its sentence may be of what is closed now */
        err.why = arena_cstr(line->arena, slice_of(err.why));
    close_all(&serving);
    return err.kind == ERR_NONE ? 0 : command_fail(line, err);
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        {0, "clock", "SOCKET", "On a node made for exercises: the time of day is set at this Unix socket"},
};

const struct command command_serve = {
        .name = "serve",
        .arguments = "",
        .about = "Run a node: its pages, its API, its feeds, until it is told to end",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = serve,
};
