/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as STIX: findings are sentences at places of the text, objects lie on a tape that is written back equal,
 * and what comes in pieces is told as what comes at once. The id of an object is an id.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "stix/id.h"
#include "stix/validate.h"
#include "json/check.h"
#include "json/tape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(what)                                                                                                     \
    do {                                                                                                               \
        if (!(what))                                                                                                   \
            abort();                                                                                                   \
    } while (0)

struct seen {
    uint64_t objects, findings;
    struct arena *arena;
};

static void found(void *context, const struct stix_finding *finding)
{
    struct seen *seen = context;
    MUST(finding->line > 0 && finding->column > 0 && strlen(finding->why) > 0);
    seen->findings++;
}

/* An object of well-formed JSON is written back as it is, and may have an id. */
static struct err object(void *context, const struct stix_checked *object)
{
    struct seen *seen = context;
    slice json = object->json;
    struct json_tape tape = {0}, again = {0};
    struct buf once = buf_make(1 << 22), id = buf_make(1 << 10);
    struct stix_id parsed;
    MUST(object->line > 0 && object->column > 0);
    if (json_kind(json) != JSON_OBJECT)
        return OK;
    seen->objects++;
    MUST(json_check(json, &json_limits_default, NULL).kind == ERR_NONE);
    MUST(json_tape_read(&tape, json, JSON_TAPE_CHECKED) && tape.end == json.len);
    json_tape_write(&tape, 0, &once);
    MUST(once.full || (json_tape_read(&again, buf_slice(&once), JSON_TAPE_CHECKED) && again.count == tape.count));
    if (stix_id_make(json, seen->arena, &id).kind == ERR_NONE)
        MUST(stix_id_parse(buf_slice(&id), &parsed) && (parsed.version == 4 || parsed.version == 5));
    buf_free(&once);
    buf_free(&id);
    json_tape_free(&tape);
    json_tape_free(&again);
    return OK;
}

struct drip {
    slice rest;
    size_t most;
};

static struct err drip_read(void *context, char *to, size_t room, size_t *got)
{
    struct drip *drip = context;
    *got = drip->rest.len < drip->most ? drip->rest.len : drip->most;
    *got = *got < room ? *got : room;
    if (*got > 0)
        memcpy(to, drip->rest.ptr, *got);
    drip->rest = slice_from(drip->rest, *got);
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice text = size == 0 ? S("") : (slice){(const char *)data, size};
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 1u << 26);
    struct seen whole = {.arena = arena}, pieces = {.arena = arena};
    const struct stix_sink sink = {&whole, found, UINT64_MAX, UINT64_MAX, object, false};
    const struct stix_sink other = {&pieces, found, UINT64_MAX, UINT64_MAX, object, false};
    struct stix_totals totals, dripped;
    MUST(stix_validate_text(text, &sink, arena, &totals).kind == ERR_NONE);
    MUST(totals.objects == whole.objects && totals.bytes == size);
    struct drip drip = {text, 1 + size / 7};
    const struct stix_stream source = {&drip, drip_read};
    MUST(stix_validate(&source, &other, arena, &dripped).kind == ERR_NONE);
    MUST(pieces.objects == whole.objects && (dripped.errors > 0) == (totals.errors > 0));
    arena_close(arena);
    return 0;
}
