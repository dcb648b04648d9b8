/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/note.h"

#include <assert.h>
#include <unictype.h>
#include <unistr.h>

#include "base/arena.h"
#include "ledger/cosign.h"
#include "ledger/line.h"

/* Em dash (U+2014) and space, before every signature (signed-note, Format). */
#define DASH S("\xe2\x80\x94 ")

/* ---- Kinds of keys (signed-note, Signature types) ---- */

static bool ed25519_verify(const struct key_public *key, slice text, slice signature)
{
    return key_verify(key, text, signature);
}

static void ed25519_sign(const struct key_pair *pair, slice text, int64_t time_us, uint8_t *signature)
{
    (void)time_us;
    key_sign(pair, text, signature);
}

static const struct kind {
    enum ledger_key_type type;
    const char *name;
    size_t key_bytes, signature_bytes;
    /* Both are NULL for a kind that we know by name only. */
    bool (*verify)(const struct key_public *key, slice text, slice signature);
    void (*sign)(const struct key_pair *pair, slice text, int64_t time_us, uint8_t *signature);
} kinds[] = {
        {LEDGER_KEY_ED25519, "Ed25519", 32, KEY_SIGNATURE_BYTES, ed25519_verify, ed25519_sign},
        {LEDGER_KEY_COSIGNATURE, "cosignature/v1", 32, LEDGER_COSIGNATURE_BYTES, ledger_cosign_verify,
                ledger_cosign_make},
        {LEDGER_KEY_ML_DSA_44, "ML-DSA-44", 1312, 8 + 2420, NULL, NULL},
};

static const struct kind *kind_of(unsigned type)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (kinds[i].type == type)
            return &kinds[i];
    return NULL;
}

/* The first 4 bytes of SHA-256(name LF type key) (signed-note, Signatures). */
static uint32_t id_of(slice name, enum ledger_key_type type, const struct key_public *key)
{
    struct buf bytes = buf_make(LEDGER_NAME_MAX + 34);
    buf_put(&bytes, name);
    buf_byte(&bytes, '\n');
    buf_byte(&bytes, (char)type);
    buf_put(&bytes, (slice){(const char *)key->bytes, sizeof key->bytes});
    struct sha256 sum = hash_sha256(buf_slice(&bytes));
    buf_free(&bytes);
    return (uint32_t)sum.bytes[0] << 24 | (uint32_t)sum.bytes[1] << 16 | (uint32_t)sum.bytes[2] << 8 | sum.bytes[3];
}

/* ---- Verifier keys (signed-note, Verifier keys) ---- */

bool ledger_note_is_name(slice name)
{
    if (name.len == 0 || name.len > LEDGER_NAME_MAX || slice_holds(name, '+') || slice_holds(name, '\n') ||
            !ledger_line_is_text(name))
        return false;
    ucs4_t c;
    for (size_t at = 0; at < name.len;) {
        int bytes = u8_mbtouc(&c, (const uint8_t *)name.ptr + at, name.len - at);
        if (uc_is_property_white_space(c))
            return false;
        at += (size_t)bytes;
    }
    return true;
}

static bool hex_u32(slice text, uint32_t *value)
{
    uint32_t n = 0;
    if (text.len != 8)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        int digit = text.ptr[i] >= 'A' && text.ptr[i] <= 'F' ? -1 : byte_hex(text.ptr[i]);
        if (digit < 0)
            return false;
        n = n << 4 | (uint32_t)digit;
    }
    *value = n;
    return true;
}

struct err ledger_note_key_parse(slice vkey, struct arena *arena, struct ledger_verifier *verifier)
{
    struct ledger_verifier read = {.name = vkey};
    slice rest = vkey, id, bytes;
    if (vkey.len > 4096 || !slice_next(&rest, '+', &read.name) || !slice_next(&rest, '+', &id) || rest.ptr == NULL)
        return err_make(ERR_INPUT, "a verifier key is NAME+HASH+BASE64 [C2SP signed-note, Verifier keys]");
    if (!ledger_note_is_name(read.name))
        return err_make(ERR_INPUT, "the name of a key is UTF-8 without spaces and plus [C2SP signed-note, Format]");
    if (!hex_u32(id, &read.id) || !ledger_line_base64(rest, arena, &bytes) || bytes.len == 0)
        return err_make(ERR_INPUT,
                "behind the name of a verifier key stand 8 hexadecimal digits and base64 [C2SP signed-note]");
    const struct kind *kind = kind_of((uint8_t)bytes.ptr[0]);
    if (kind == NULL || kind->verify == NULL)
        return err_format(arena, ERR_INPUT, "the key is of type 0x%02x (%s), which this program cannot verify",
                (uint8_t)bytes.ptr[0], kind == NULL ? "unknown" : kind->name);
    if (bytes.len != 1 + kind->key_bytes)
        return err_format(arena, ERR_INPUT, "a key of type %s has %zu bytes, not %zu", kind->name, kind->key_bytes,
                bytes.len - 1);
    read.type = kind->type;
    memcpy(read.key.bytes, bytes.ptr + 1, sizeof read.key.bytes);
    if (id_of(read.name, read.type, &read.key) != read.id)
        return err_make(ERR_INPUT, "the hash in the verifier key is not that of its name and key [C2SP signed-note]");
    *verifier = read;
    return OK;
}

void ledger_note_key_write(struct buf *out, const struct ledger_verifier *verifier)
{
    char bytes[33];
    bytes[0] = (char)verifier->type;
    memcpy(bytes + 1, verifier->key.bytes, 32);
    buf_put(out, verifier->name);
    buf_printf(out, "+%08x+", verifier->id);
    ledger_line_put_base64(out, (slice){bytes, sizeof bytes});
}

struct ledger_verifier ledger_note_key_of(const struct ledger_signer *signer)
{
    assert(ledger_note_is_name(signer->name) && kind_of(signer->type) != NULL);
    return (struct ledger_verifier){
            signer->name, id_of(signer->name, signer->type, &signer->pair->public), signer->type, signer->pair->public};
}

/* ---- Notes ---- */

static struct err signature_parse(slice line, struct arena *arena, struct ledger_signature *signature)
{
    slice rest, bytes;
    if (!slice_starts(line, DASH))
        return err_make(ERR_INPUT, "does not begin with an em dash and a space");
    rest = slice_from(line, DASH.len);
    if (!slice_next(&rest, ' ', &signature->name) || !ledger_note_is_name(signature->name))
        return err_make(ERR_INPUT, "has no name of a key");
    if (rest.ptr == NULL || !ledger_line_base64(rest, arena, &bytes) || bytes.len < 5)
        return err_make(ERR_INPUT, "has no signature in base64");
    const uint8_t *id = (const uint8_t *)bytes.ptr;
    signature->id = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
    signature->bytes = slice_from(bytes, 4);
    signature->by = NULL;
    return OK;
}

static struct err signatures_parse(slice lines, struct arena *arena, struct ledger_note *note)
{
    slice line;
    note->signatures = arena_new(arena, struct ledger_signature, LEDGER_NOTE_SIGNATURES_MAX);
    note->count = 0;
    while (ledger_line_next(&lines, &line)) {
        if (note->count == LEDGER_NOTE_SIGNATURES_MAX)
            return err_make(ERR_LIMIT, "the note has more than 64 signatures");
        struct err err = signature_parse(line, arena, &note->signatures[note->count++]);
        if (err.kind != ERR_NONE)
            return err_format(
                    arena, err.kind, "signature %zu of the note %s [C2SP signed-note, Format]", note->count, err.why);
    }
    if (note->count == 0 || lines.len > 0)
        return err_make(ERR_INPUT, "the note has no signature, or no newline at its end [C2SP signed-note, Format]");
    return OK;
}

struct err ledger_note_parse(slice bytes, struct arena *arena, struct ledger_note *note)
{
    if (bytes.len > LEDGER_NOTE_MAX)
        return err_make(ERR_LIMIT, "the note has more than 512 KiB");
    if (!ledger_line_is_text(bytes))
        return err_make(ERR_INPUT, "a note is UTF-8 without control characters [C2SP signed-note, Format]");
    /* The last empty line ends the text. */
    size_t end = bytes.len;
    while (end >= 2 && !(bytes.ptr[end - 1] == '\n' && bytes.ptr[end - 2] == '\n'))
        end--;
    if (end < 2)
        return err_make(ERR_INPUT, "the note has no empty line before its signatures [C2SP signed-note, Format]");
    note->text = slice_part(bytes, 0, end - 1);
    return signatures_parse(slice_from(bytes, end), arena, note);
}

static const struct ledger_verifier *known_as(
        const struct ledger_signature *signature, const struct ledger_verifier *known, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (known[i].id == signature->id && slice_eq(known[i].name, signature->name))
            return &known[i];
    return NULL;
}

struct err ledger_note_verify(
        struct ledger_note *note, const struct ledger_verifier *known, size_t known_count, struct arena *arena)
{
    size_t verified = 0;
    for (size_t i = 0; i < note->count; i++) {
        struct ledger_signature *signature = &note->signatures[i];
        signature->by = NULL;
        const struct ledger_verifier *by = known_as(signature, known, known_count);
        if (by == NULL)
            continue;
        if (!kind_of(by->type)->verify(&by->key, note->text, signature->bytes))
            return err_format(arena, ERR_DENIED,
                    "the signature of %.*s does not verify, so the note is void [C2SP signed-note, Signatures]",
                    (int)by->name.len, by->name.ptr);
        signature->by = by;
        verified++;
    }
    return verified > 0 ? OK : err_make(ERR_DENIED, "no key that we know signed the note");
}

void ledger_note_begin(struct buf *out, slice text)
{
    assert(slice_ends(text, S("\n")));
    buf_put(out, text);
    buf_byte(out, '\n');
}

void ledger_note_sign(struct buf *out, slice text, const struct ledger_signer *signer, int64_t time_us)
{
    const struct kind *kind = kind_of(signer->type);
    struct ledger_verifier verifier = ledger_note_key_of(signer);
    uint8_t bytes[4 + LEDGER_COSIGNATURE_BYTES] = {(uint8_t)(verifier.id >> 24), (uint8_t)(verifier.id >> 16),
            (uint8_t)(verifier.id >> 8), (uint8_t)verifier.id};
    assert(kind != NULL && kind->sign != NULL && 4 + kind->signature_bytes <= sizeof bytes);
    kind->sign(signer->pair, text, time_us, bytes + 4);
    buf_put(out, DASH);
    buf_put(out, signer->name);
    buf_byte(out, ' ');
    ledger_line_put_base64(out, (slice){(const char *)bytes, 4 + kind->signature_bytes});
    buf_byte(out, '\n');
}
