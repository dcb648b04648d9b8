/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The keys of a node. Its identity key certifies the others, one for each purpose, and is needed for nothing else: it
 * lies in a safe. Which keys are good is what their certifications say, judged by our own clock at the moment when we
 * get what they signed (doc/why/keys.md). The files lie in the node's folder of keys, PEM, open to their owner alone.
 *
 * Rows of partner 0 are our own. Who has key pairs forgets them with share_keys_forget.
 */
#include "base/certificate.h"
#include "base/clock.h"
#include "share/approve.h"
#include "share/statement.h"
#include "store/partner.h"

#define SHARE_IDENTITY_LIFE_US (7300 * DAY_US) /* twenty years: of what its key signs about itself */
#define SHARE_KEY_LIFE_US (730 * DAY_US)       /* two years: of the others */
#define SHARE_KEY_WARN_US (30 * DAY_US)        /* so long before a key ends it is told */
#define SHARE_KEY_OVERLAP_US (7 * DAY_US)      /* a key that was rotated is good so long for what is on its way */

enum share_purpose {
    SHARE_IDENTITY, /* certifies the others */
    SHARE_LOG,      /* signs the heads of our logs */
    SHARE_WITNESS,  /* cosigns those of others */
    SHARE_MESSAGE,  /* signs statements */
    SHARE_TLS,      /* its certificate's public key, by SHA-256 */
    SHARE_PURPOSES,
};
const char *share_purpose_name(enum share_purpose purpose); /* "message" */
/* Or SHARE_PURPOSES. */
enum share_purpose share_purpose_find(slice name);

/* Those that who serves needs. */
struct share_keys {
    slice node; /* id of the identity of our organisation: from whom our statements are */
    struct key_pair log, witness, message;
};

/* Id of our node; ERR_MISSING before it has an organisation. */
MUST_USE struct err share_own_node(struct db *db, struct arena *arena, slice *node);
/* From the folder of keys. ERR_MISSING with what to do if one is not there, ERR_CONFLICT if one is not certified, or is
 * not good any more at now_us. */
MUST_USE struct err share_keys_open(
        struct db *db, const char *folder, int64_t now_us, struct arena *arena, struct share_keys *keys);
void share_keys_forget(struct share_keys *keys);

/* ---- Whether a key is good ---- */

/* Whether the row's key is good at that moment; ERR_AUTH with the reason. */
MUST_USE struct err share_key_good(const struct node_key *key, int64_t at_us, struct arena *arena);
/* Whether this partner has this key for that purpose, good at that moment. ERR_AUTH with the reason. */
MUST_USE struct err share_key_check(struct db *db, const struct partner *partner, enum share_purpose purpose,
        const struct key_public *key, int64_t at_us, struct arena *arena);
/* The good key of a partner (0: ours) for a purpose: the one that was certified last. ERR_MISSING. */
MUST_USE struct err share_key_find(struct db *db, int64_t partner, enum share_purpose purpose, int64_t at_us,
        struct arena *arena, struct key_public *key);

/*
 * The good TLS keys that a partner certified, as libcurl takes them ("sha256//...;sha256//..."): who answers with
 * another is not that node, whatever its certificate says. NULL: it certified none.
 */
MUST_USE struct err share_tls_pins(
        struct db *db, int64_t partner, int64_t now_us, struct arena *arena, const char **pins);

/* ---- Certifications: statements of type key.certify, by the identity key ---- */

struct share_certification {
    enum share_purpose purpose;
    struct key_public key;
    int64_t from_us, until_us;
};

MUST_USE struct err share_certify(const struct share_certification *certification, slice node,
        const struct key_pair *identity, struct arena *arena, slice *statement);
/* One that this identity key signed for that node; ERR_INPUT or ERR_AUTH with what is wrong. */
MUST_USE struct err share_certification_read(slice statement, slice node, const struct key_public *identity,
        struct arena *arena, struct share_certification *certification);

/* ---- Rotation and revocation: statements of type key.rotate and key.revoke, by the identity key ---- */

/* The new key in the place of the old one, which signs that, too. */
MUST_USE struct err share_rotation(const struct share_certification *fresh, slice node, const struct key_pair *identity,
        const struct key_pair *old, struct arena *arena, slice *statement);
/* That a key is not good any more; of the identity: that none is. Of `gone` purpose and key count. */
MUST_USE struct err share_revocation(const struct share_certification *gone, slice node,
        const struct key_pair *identity, int64_t now_us, struct arena *arena, slice *statement);

/* ---- What partners say of their keys ---- */

/*
 * Statements of type key.*, which share_statement_take() took: certify a key of a purpose that has no good one (of tls,
 * in the place of those before), rotate
 * one (signed by the old and the identity key), revoke one or, with the identity, all; key.reported is what a member
 * of a group says of a key of another that was stolen. Anybody may have carried a statement here.
 */
MUST_USE struct err share_key_take(struct work *work, int64_t partner, const struct share_letter *letter);

/* ---- Our own: the verbs of VERB_CHANGE_KEYS ---- */

/*
 * Who asks brings the identity key; with it everything is signed at once, and what was signed waits for a second person
 * where the right asks for one (share/approve.h).
 */
struct share_key_asking {
    const char *identity;           /* file of its private key; NULL: identity.key in the folder */
    slice reason;                   /* for the second person */
    struct share_proposal proposal; /* what became of it */
};

/*
 * Makes what is missing: the identity and a revocation of it for the safe (only in a node that has none), a key and a
 * certification for each purpose.
 */
MUST_USE struct err share_keys_make(struct db *db, const struct actor *actor, const char *folder,
        struct share_key_asking *asking, struct arena *arena);
/*
 * Certifies the key of our server's certificate, until the certificate ends; what was certified before is good for
 * SHARE_KEY_OVERLAP_US still. ERR_CONFLICT if it was certified before.
 */
MUST_USE struct err share_key_tls(struct db *db, const struct actor *actor, const char *folder,
        struct share_key_asking *asking, const struct certificate *certificate, struct arena *arena);
/* A new key for a purpose; the old one is good for SHARE_KEY_OVERLAP_US still. */
MUST_USE struct err share_key_rotate(struct db *db, const struct actor *actor, const char *folder,
        struct share_key_asking *asking, enum share_purpose purpose, struct arena *arena);
/*
 * Another identity, since the one that there was is in somebody's hands, or lost: it and all that it certified are good
 * for nothing, and new ones take their places. *told: partners are told by the old one; if that is lost, too, they have
 * to be given its revocation. Each takes the new ones after a new introduction and a comparison of fingerprints.
 */
MUST_USE struct err share_identity_revoke(struct db *db, const struct actor *actor, const char *folder,
        struct share_key_asking *asking, bool *told, struct arena *arena);
/* The key of a purpose was lost to somebody: nothing of it is good from now on; a new one takes its place. */
MUST_USE struct err share_key_revoke(struct db *db, const struct actor *actor, const char *folder,
        struct share_key_asking *asking, enum share_purpose purpose, struct arena *arena);
/* New keys that a second person agreed to take the place of the old ones in the folder. share_keys_open does it. */
MUST_USE struct err share_keys_settle(struct db *db, const char *folder, struct arena *arena);
