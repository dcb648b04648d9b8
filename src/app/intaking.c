/* SPDX-License-Identifier: Apache-2.0 */
#include "app/intaking.h"

#include "store/right.h"

#define ARENA_BYTES_MAX (16u << 20)
#define US_PER_MS 1000

struct intaking {
    struct intaking_options options;
    struct ingest *ingest;
    struct intake *intake;
    struct http_tls tls;
    /* Of the thread of the sockets, which asks whose certificates are. */
    struct db *db;
    struct arena *arena;
};

static struct err certificate_check(
        struct intaking *intaking, const struct http_certificate *certificate, int64_t organisation)
{
    const struct credentials credentials = {.certificate = &certificate->fingerprint};
    struct who who;
    TRY(people_who(intaking->db, intaking->options.doorkeeper, &credentials, intaking->arena, &who));
    return store_right_check(&who.actor, VERB_SEND_EVENTS, organisation, intaking->arena, NULL);
}

static bool may_send(void *context, const struct http_certificate *certificate, int64_t organisation)
{
    struct intaking *intaking = context;
    struct err err = certificate_check(intaking, certificate, organisation);
    arena_reset(intaking->arena);
    return err.kind == ERR_NONE;
}

static struct err open_ingest(struct intaking *intaking, struct arena *arena)
{
    const struct ingest_options options = {
            .db = intaking->options.db,
            .follow = intaking->options.follow,
            .memory = node_path(intaking->options.node, "memory", arena),
            .actor = {.organisation = intaking->options.organisation, .name = S("@intake"), .how = ACTOR_FOLLOWER},
            .threads = 1, /* streams are taken at the same time already */
    };
    return ingest_open(&options, arena, &intaking->ingest);
}

static struct err open_intake(struct intaking *intaking, struct arena *arena)
{
    const struct config *config = &intaking->options.node->config;
    intaking->tls =
            (struct http_tls){config->tls.certificate, config->tls.key, config->tls.clients, config->tls.revoked};
    const struct intake_options options = {
            .db = intaking->options.db,
            .ingest = intaking->ingest,
            .folder = node_path(intaking->options.node, "events", arena),
            .limits = {config->ingest.queue_bytes, config->ingest.spool_bytes,
                    (int64_t)config->ingest.patience_ms * US_PER_MS},
            .workers = (unsigned)config->ingest.workers,
            .posts_max = (unsigned)config->ingest.posts,
            .tls = &intaking->tls,
            .connections_max = (unsigned)config->ingest.connections,
            .idle_ms = (unsigned)config->ingest.idle_ms,
            .organisation = intaking->options.organisation,
            .context = intaking,
            .may_send = may_send,
    };
    return intake_open(&options, arena, &intaking->intake);
}

struct err intaking_open(const struct intaking_options *options, struct arena *arena, struct intaking **intaking)
{
    struct intaking *made = arena_new(arena, struct intaking, 1);
    made->options = *options;
    made->arena = arena_open("certificates of sensors", ARENA_WORK, ARENA_BYTES_MAX);
    struct err err = db_open(&options->db, arena, &made->db);
    if (err.kind == ERR_NONE)
        err = open_ingest(made, arena);
    if (err.kind == ERR_NONE)
        err = open_intake(made, arena);
    if (err.kind != ERR_NONE)
        intaking_close(made);
    else
        *intaking = made;
    return err;
}

void intaking_close(struct intaking *intaking)
{
    if (intaking == NULL)
        return;
    if (intaking->intake != NULL)
        intake_stop(intaking->intake);
    intake_close(intaking->intake);
    ingest_close(intaking->ingest);
    db_close(intaking->db);
    arena_close(intaking->arena);
}

struct intake *intaking_intake(const struct intaking *intaking)
{
    return intaking->intake;
}
