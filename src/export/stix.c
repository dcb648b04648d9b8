/* SPDX-License-Identifier: Apache-2.0 */
#include "base/uuid.h"
#include "export/kind.h"
#include "export/kinds.h"

/*
 * A bundle (STIX 2.1 section 8) of the objects byte for byte, whatever their version, revoked or not. Its id stands at
 * the end, since it may depend on what is in it: a UUIDv5 of the objects' hashes, in a namespace of our own.
 */

struct stix_state {
    struct sha256 chain;
    bool begun; /* "objects" is; an empty list must not be (section 2.11) */
};

static struct stix_state *state_of(struct export *export)
{
    return export->state;
}

static struct err begin(struct export *export)
{
    export->state = arena_new(export->memory, struct stix_state, 1);
    buf_put(&export->text, S("{\"type\":\"bundle\""));
    return OK;
}

/* The hash so far, and the object's, become the hash of both. */
static void chain(struct stix_state *state, slice bytes)
{
    struct sha256 both[] = {state->chain, hash_sha256(bytes)};
    state->chain = hash_sha256((slice){(const char *)both, sizeof(both)});
}

static struct err object(struct export *export, const struct export_object *object)
{
    struct stix_state *state = state_of(export);
    buf_put(&export->text, state->begun ? S(",\n") : S(",\"objects\":[\n"));
    buf_put(&export->text, object->bytes);
    state->begun = true;
    if (export->options.repeatable)
        chain(state, object->bytes);
    return OK;
}

static struct err end(struct export *export)
{
    static const struct uuid namespace = {
            {0x5b, 0x1d, 0x63, 0x0e, 0x2a, 0x9c, 0x4e, 0x27, 0x8f, 0x44, 0xc1, 0x0f, 0x6e, 0x93, 0x7a, 0x58}};
    struct stix_state *state = state_of(export);
    slice name = {(const char *)state->chain.bytes, sizeof(state->chain.bytes)};
    struct uuid uuid = export->options.repeatable ? uuid_v5(&namespace, name) : uuid_v4();
    buf_put(&export->text, state->begun ? S("\n],\"id\":\"bundle--") : S(",\"id\":\"bundle--"));
    uuid_write(&export->text, &uuid);
    buf_put(&export->text, S("\"}\n"));
    return OK;
}

const struct export_kind export_stix = {
        .name = "stix",
        .about = "STIX bundle: all objects byte for byte, revoked and expired ones too",
        .action = EXPORT_READ,
        .extension = "json",
        .versions = true,
        .begin = begin,
        .object = object,
        .end = end,
};
