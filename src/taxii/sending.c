/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/sending.h"

#include "base/arena.h"

#define CALL_ARENA_MAX (64u << 20)
#define WAITING_ARENA_MAX (256u << 20)
#define FRAME "{\"objects\":[]}"
#define POLL_MS_MAX 5000

struct taxii_sending {
    struct taxii_sending_options options;
    struct taxii_client *client;
    struct arena *arena;   /* the caller's */
    struct arena *waiting; /* the items */
    struct arena *call;    /* one envelope's way */
    struct taxii_item *items;
    size_t count, bytes;
    struct buf envelope;
    struct outgoing_refused *refused; /* of these items */
    size_t refused_count;
    uint64_t envelopes;
};

/* ---- One envelope ---- */

static void envelope_write(struct taxii_sending *sending, size_t from, size_t to)
{
    buf_reset(&sending->envelope);
    buf_put(&sending->envelope, S("{\"objects\":["));
    for (size_t i = from; i < to; i++) {
        if (i > from)
            buf_byte(&sending->envelope, ',');
        buf_put(&sending->envelope, sending->items[i].bytes);
    }
    buf_put(&sending->envelope, S("]}"));
}

static void refuse(struct taxii_sending *sending, const struct taxii_item *item, slice why)
{
    const struct taxii_sending_options *options = &sending->options;
    struct outgoing_refused *refused = &sending->refused[sending->refused_count++];
    why = store_text_keep(sending->waiting, why, PEER_REASON_MAX);
    *refused = (struct outgoing_refused){.object = item->number, .id = item->id, .version = item->version, .why = why};
    if (options->refused != NULL)
        options->refused(options->context, item->id, why);
}

/* Which of ours a server speaks of: its version may be spelt otherwise, or left out. */
static const struct taxii_item *item_of(
        const struct taxii_sending *sending, size_t from, size_t to, const struct taxii_failure *failure)
{
    const struct taxii_item *found = NULL;
    for (size_t i = from; i < to; i++) {
        const struct taxii_item *item = &sending->items[i];
        if (!slice_eq(item->id, failure->id))
            continue;
        if (found == NULL || slice_starts(failure->version, item->version))
            found = item;
    }
    return found;
}

/* A server that names more failures than there were objects is heard up to there. */
static void failures_note(struct taxii_sending *sending, size_t from, size_t to, const struct taxii_status *status)
{
    for (size_t i = 0; i < status->failure_count && sending->refused_count < sending->count; i++) {
        const struct taxii_item *item = item_of(sending, from, to, &status->failures[i]);
        slice why = status->failures[i].message;
        if (item != NULL)
            refuse(sending, item, why.len > 0 ? why : S("the server does not say why"));
    }
}

static struct err envelope_wait(struct taxii_sending *sending, struct taxii_status *status)
{
    struct taxii_client *client = sending->client;
    const char *root = sending->options.root;
    int64_t end_us = clock_steady_us() + INT64_C(1000) * (int64_t)sending->options.wait_ms;
    slice id = status->id;
    for (uint64_t ms = 100; !status->complete; ms = ms * 2 < POLL_MS_MAX ? ms * 2 : POLL_MS_MAX) {
        if (clock_steady_us() > end_us)
            return err_format(sending->call, ERR_REMOTE,
                    "%s: status %.*s is still pending after %d s; what was sent is not taken for received, the next "
                    "push sends it again",
                    http_url_shown(root, sending->call), (int)id.len, id.ptr, (int)(sending->options.wait_ms / 1000));
        TRY(taxii_client_wait(client, ms));
        TRY(taxii_client_status(client, root, id, sending->call, status));
    }
    return OK;
}

/* The highest entry of our log that says of something in it that it leaves; who gets it checks that it holds all. */
static const char *sequence_of(const struct taxii_sending *sending, size_t from, size_t to)
{
    int64_t highest = TAXII_ENTRY_NONE;
    for (size_t i = from; i < to; i++)
        highest = sending->items[i].entry > highest ? sending->items[i].entry : highest;
    return highest == TAXII_ENTRY_NONE ? NULL
                                       : arena_printf(sending->call, TAXII_SEQUENCE ": %lld", (long long)highest);
}

static struct err envelope_send(struct taxii_sending *sending, size_t from, size_t to)
{
    struct taxii_status status;
    arena_reset(sending->call);
    envelope_write(sending, from, to);
    TRY(buf_check(&sending->envelope));
    sending->client->header = sequence_of(sending, from, to);
    struct err err = taxii_client_post(
            sending->client, sending->options.collection, buf_slice(&sending->envelope), sending->call, &status);
    sending->client->header = NULL;
    TRY(err);
    TRY(envelope_wait(sending, &status));
    failures_note(sending, from, to, &status);
    sending->envelopes++;
    return OK;
}

/* Whether it was the envelope itself that the server would not have: too large, or one of its objects is not valid. */
static bool is_refused(const struct taxii_sending *sending)
{
    unsigned status = sending->client->status;
    return status == 400 || status == 413 || status == 422;
}

/* All that waits; what is refused as a whole goes in smaller and smaller parts. */
static struct err items_send(struct taxii_sending *sending)
{
    for (size_t at = 0, step = sending->count; at < sending->count;) {
        size_t to = at + step < sending->count ? at + step : sending->count;
        struct err err = envelope_send(sending, at, to);
        if (err.kind != ERR_NONE && !is_refused(sending))
            return err;
        if (err.kind != ERR_NONE && to - at > 1) {
            step = (to - at) / 2;
            continue;
        }
        if (err.kind != ERR_NONE)
            refuse(sending, &sending->items[at], slice_of(err.why));
        at = to;
        step *= 2;
    }
    return OK;
}

static struct err flush(struct taxii_sending *sending)
{
    const struct taxii_sending_options *options = &sending->options;
    sending->refused_count = 0;
    struct err err = items_send(sending);
    if (err.kind == ERR_NONE)
        err = options->settled(options->context, sending->items, sending->count, sending->refused,
                sending->refused_count, sending->call);
    if (err.kind != ERR_NONE) {
        err.why = arena_cstr(sending->arena, slice_of(err.why));
        return err;
    }
    sending->count = sending->bytes = 0;
    arena_reset(sending->waiting);
    return OK;
}

struct err taxii_sending_add(struct taxii_sending *sending, const struct taxii_item *item)
{
    size_t room = sending->options.bytes_max - strlen(FRAME);
    bool full = sending->count == TAXII_ENVELOPE_OBJECTS || sending->bytes + item->bytes.len + 1 > room;
    if (full && sending->count > 0)
        TRY(flush(sending));
    sending->items[sending->count++] =
            (struct taxii_item){arena_copy(sending->waiting, item->bytes), arena_copy(sending->waiting, item->id),
                    arena_copy(sending->waiting, item->version), item->number, item->entry};
    sending->bytes += item->bytes.len + 1;
    return arena_check(sending->waiting);
}

struct err taxii_sending_end(struct taxii_sending *sending, bool always)
{
    return sending->count > 0 || always ? flush(sending) : OK;
}

uint64_t taxii_sending_envelopes(const struct taxii_sending *sending)
{
    return sending->envelopes;
}

void taxii_sending_open(struct taxii_client *client, const struct taxii_sending_options *options, struct arena *arena,
        struct taxii_sending **sending)
{
    struct taxii_sending *made = arena_new(arena, struct taxii_sending, 1);
    *made = (struct taxii_sending){.options = *options, .client = client, .arena = arena};
    if (made->options.bytes_max == 0)
        made->options.bytes_max = TAXII_ENVELOPE_BYTES;
    if (made->options.wait_ms == 0)
        made->options.wait_ms = TAXII_STATUS_MS;
    made->waiting = arena_open("objects to send", ARENA_WORK, WAITING_ARENA_MAX);
    made->call = arena_open("an envelope", ARENA_WORK, CALL_ARENA_MAX);
    made->envelope = buf_make(WAITING_ARENA_MAX);
    made->items = arena_new(arena, struct taxii_item, TAXII_ENVELOPE_OBJECTS);
    made->refused = arena_new(arena, struct outgoing_refused, TAXII_ENVELOPE_OBJECTS);
    *sending = made;
}

void taxii_sending_close(struct taxii_sending *sending)
{
    if (sending == NULL)
        return;
    buf_free(&sending->envelope);
    arena_close(sending->call);
    arena_close(sending->waiting);
}
