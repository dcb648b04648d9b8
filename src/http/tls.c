/* SPDX-License-Identifier: Apache-2.0 */
#include "http/tls.h"

#include <assert.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"

#define FILE_BYTES_MAX (16u << 20) /* of certificates, keys, revocations */
#define CHAIN_MAX 16               /* certificates that we show */
#define AUTHORITIES_MAX 4096
#define SUBJECT_MAX 1024

enum { CERTIFICATE, KEY, CLIENTS, REVOKED, FILES };

/* What a file was when it was read, so that a change is seen. */
struct stamp {
    int64_t modified_ns, size;
    uint64_t inode;
};

struct http_tls_set {
    atomic_uint references;
    gnutls_pcert_st chain[CHAIN_MAX];
    unsigned chain_length;
    gnutls_privkey_t key;
    gnutls_x509_trust_list_t trust; /* NULL: no certificate is asked for */
};

struct http_tls_store {
    pthread_mutex_t lock;
    struct http_tls files;
    struct http_tls_set *set;
    gnutls_datum_t ticket_key;
    struct stamp read[FILES], seen[FILES];
};

/* ---- Files ---- */

static const char *path_of(const struct http_tls *files, size_t which)
{
    const char *const paths[FILES] = {files->certificate, files->key, files->clients, files->revoked};
    return paths[which];
}

static struct stamp stamp_of(const char *path)
{
    struct stat about;
    if (path == NULL || stat(path, &about) != 0)
        return (struct stamp){0};
    return (struct stamp){
            (int64_t)about.st_mtim.tv_sec * 1000000000 + about.st_mtim.tv_nsec, about.st_size, about.st_ino};
}

static bool same_stamp(struct stamp a, struct stamp b)
{
    return a.modified_ns == b.modified_ns && a.size == b.size && a.inode == b.inode;
}

static struct err read_file(const char *path, struct arena *arena, gnutls_datum_t *content)
{
    struct stat about;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return err_errno(arena, path);
    struct err err = OK;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size > FILE_BYTES_MAX) {
        err = err_format(arena, ERR_INPUT, "%s: is no file of up to 16 MiB", path);
    } else {
        content->data = arena_take(arena, (size_t)about.st_size + 1);
        ssize_t len = read(file, content->data, (size_t)about.st_size);
        content->size = len < 0 ? 0 : (unsigned)len;
        if (len < 0)
            err = err_errno(arena, path);
    }
    close(file);
    return err;
}

static struct err bad_file(struct arena *arena, const char *path, const char *what, int code)
{
    return err_format(arena, ERR_INPUT, "%s: %s (%s)", path, what, gnutls_strerror(code));
}

/* ---- A set ---- */

static void set_free(struct http_tls_set *set)
{
    for (unsigned i = 0; i < set->chain_length; i++)
        gnutls_pcert_deinit(&set->chain[i]);
    if (set->key != NULL)
        gnutls_privkey_deinit(set->key);
    if (set->trust != NULL)
        gnutls_x509_trust_list_deinit(set->trust, 1);
    free(set);
}

static struct http_tls_set *set_take(struct http_tls_set *set)
{
    atomic_fetch_add(&set->references, 1);
    return set;
}

static void set_drop(struct http_tls_set *set)
{
    if (set != NULL && atomic_fetch_sub(&set->references, 1) == 1)
        set_free(set);
}

/* GnuTLS itself looks whether the key is that of the certificate, when it makes credentials of the two. */
static struct err check_pair(
        const struct http_tls *files, const gnutls_datum_t *chain, const gnutls_datum_t *key, struct arena *arena)
{
    gnutls_certificate_credentials_t pair;
    int code = gnutls_certificate_allocate_credentials(&pair);
    if (code < 0)
        return bad_file(arena, files->certificate, "cannot be taken", code);
    code = gnutls_certificate_set_x509_key_mem2(pair, chain, key, GNUTLS_X509_FMT_PEM, NULL, 0);
    gnutls_certificate_free_credentials(pair);
    if (code < 0)
        return err_format(arena, ERR_INPUT,
                "%s and %s: are no certificate with its key, as PEM without a password (%s)", files->certificate,
                files->key, gnutls_strerror(code));
    return OK;
}

static struct err read_identity(const struct http_tls *files, struct http_tls_set *set, struct arena *arena)
{
    gnutls_datum_t chain, key;
    TRY(read_file(files->certificate, arena, &chain));
    TRY(read_file(files->key, arena, &key));
    TRY(check_pair(files, &chain, &key, arena));
    unsigned length = CHAIN_MAX;
    int code = gnutls_pcert_list_import_x509_raw(set->chain, &length, &chain, GNUTLS_X509_FMT_PEM, 0);
    if (code < 0)
        return bad_file(arena, files->certificate, "cannot be read as certificates", code);
    set->chain_length = length;
    code = gnutls_privkey_init(&set->key);
    if (code >= 0)
        code = gnutls_privkey_import_x509_raw(set->key, &key, GNUTLS_X509_FMT_PEM, NULL, 0);
    return code < 0 ? bad_file(arena, files->key, "cannot be read as a key", code) : OK;
}

static struct err read_clients(const struct http_tls *files, struct http_tls_set *set, struct arena *arena)
{
    gnutls_datum_t text;
    if (files->clients == NULL)
        return OK;
    TRY(read_file(files->clients, arena, &text));
    int code = gnutls_x509_trust_list_init(&set->trust, 0);
    if (code < 0)
        return bad_file(arena, files->clients, "cannot be taken", code);
    code = gnutls_x509_trust_list_add_trust_mem(set->trust, &text, NULL, GNUTLS_X509_FMT_PEM, 0, 0);
    if (code <= 0 || code > AUTHORITIES_MAX)
        return err_format(arena, ERR_INPUT, "%s: holds no certificates of authorities as PEM", files->clients);
    if (files->revoked == NULL)
        return OK;
    TRY(read_file(files->revoked, arena, &text));
    gnutls_x509_crl_t *lists;
    unsigned count;
    code = gnutls_x509_crl_list_import2(&lists, &count, &text, GNUTLS_X509_FMT_PEM, 0);
    if (code < 0)
        return bad_file(arena, files->revoked, "cannot be read as lists of revoked certificates (PEM)", code);
    code = gnutls_x509_trust_list_add_crls(set->trust, lists, count, GNUTLS_TL_VERIFY_CRL, 0);
    gnutls_free(lists); /* the lists themselves are the trust list's now */
    if (code != (int)count)
        return err_format(arena, ERR_INPUT, "%s: is not signed by an authority of %s, or is too old", files->revoked,
                files->clients);
    return OK;
}

static struct err read_set(const struct http_tls *files, struct arena *arena, struct http_tls_set **made)
{
    struct http_tls_set *set = calloc(1, sizeof *set);
    if (set == NULL)
        abort();
    atomic_init(&set->references, 1);
    struct err err = read_identity(files, set, arena);
    if (err.kind == ERR_NONE)
        err = read_clients(files, set, arena);
    if (err.kind != ERR_NONE) {
        set_free(set);
        return err.kind == ERR_MISSING ? err_make(ERR_INPUT, err.why) : err;
    }
    *made = set;
    return OK;
}

/* ---- The store ---- */

struct err http_tls_open(const struct http_tls *files, struct arena *arena, struct http_tls_store **store)
{
    struct http_tls_store *made;
    struct http_tls_set *set;
    if (files->key == NULL)
        return err_format(arena, ERR_INPUT, "%s: a certificate needs its key", files->certificate);
    if (files->revoked != NULL && files->clients == NULL)
        return err_format(arena, ERR_INPUT, "%s: revocations need the authorities of clients", files->revoked);
    TRY(read_set(files, arena, &set));
    made = calloc(1, sizeof *made);
    if (made == NULL)
        abort();
    pthread_mutex_init(&made->lock, NULL);
    made->files = *files;
    made->set = set;
    for (size_t i = 0; i < FILES; i++)
        made->read[i] = made->seen[i] = stamp_of(path_of(files, i));
    if (gnutls_session_ticket_key_generate(&made->ticket_key) < 0) {
        http_tls_close(made);
        return err_make(ERR_SYSTEM, "there is no key for the tickets of TLS");
    }
    *store = made;
    return OK;
}

void http_tls_close(struct http_tls_store *store)
{
    if (store == NULL)
        return;
    set_drop(store->set);
    if (store->ticket_key.data != NULL)
        gnutls_memset(store->ticket_key.data, 0, store->ticket_key.size);
    gnutls_free(store->ticket_key.data);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

static struct http_tls_set *current(struct http_tls_store *store)
{
    pthread_mutex_lock(&store->lock);
    struct http_tls_set *set = set_take(store->set);
    pthread_mutex_unlock(&store->lock);
    return set;
}

struct err http_tls_reload(struct http_tls_store *store, struct arena *arena)
{
    struct http_tls_set *set, *before;
    struct stamp stamps[FILES];
    for (size_t i = 0; i < FILES; i++) /* before reading: what changes meanwhile is read again */
        stamps[i] = stamp_of(path_of(&store->files, i));
    struct err err = read_set(&store->files, arena, &set);
    pthread_mutex_lock(&store->lock);
    memcpy(store->read, stamps, sizeof stamps);
    before = store->set;
    if (err.kind == ERR_NONE)
        store->set = set;
    pthread_mutex_unlock(&store->lock);
    if (err.kind == ERR_NONE)
        set_drop(before);
    return err;
}

bool http_tls_changed(struct http_tls_store *store)
{
    bool changed = false, calm = true;
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < FILES; i++) {
        struct stamp now = stamp_of(path_of(&store->files, i));
        calm &= same_stamp(now, store->seen[i]);
        changed |= !same_stamp(now, store->read[i]);
        store->seen[i] = now;
    }
    pthread_mutex_unlock(&store->lock);
    return changed && calm;
}

/* ---- Connections ---- */

void http_tls_begin(struct http_tls_store *store, gnutls_session_t session, struct http_tls_link *link)
{
    *link = (struct http_tls_link){.set = current(store)};
    gnutls_session_ticket_enable_server(session, &store->ticket_key);
    if (link->set->trust != NULL)
        gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
}

static void forget_certificate(struct http_tls_link *link)
{
    free(link->certificate);
    link->certificate = NULL;
}

void http_tls_end(struct http_tls_link *link)
{
    forget_certificate(link);
    set_drop(link->judged);
    set_drop(link->set);
    *link = (struct http_tls_link){0};
}

int http_tls_show(
        const struct http_tls_link *link, gnutls_pcert_st **chain, unsigned *chain_length, gnutls_privkey_t *key)
{
    if (link->set == NULL)
        return -1;
    *chain = link->set->chain;
    *chain_length = link->set->chain_length;
    *key = link->set->key;
    return 0;
}

/* What handlers see of it; the name lies behind it. */
static struct http_certificate *describe(gnutls_x509_crt_t first, const gnutls_datum_t *der)
{
    gnutls_datum_t name = {0};
    bool named = gnutls_x509_crt_get_dn3(first, &name, 0) >= 0 && name.size <= SUBJECT_MAX;
    size_t length = named ? name.size : 0;
    struct http_certificate *certificate = calloc(1, sizeof *certificate + length + 1);
    if (certificate == NULL)
        abort();
    certificate->fingerprint = hash_sha256((slice){(const char *)der->data, der->size});
    certificate->expires_us = (int64_t)gnutls_x509_crt_get_expiration_time(first) * 1000000;
    char *text = (char *)(certificate + 1);
    if (length > 0)
        memcpy(text, name.data, length);
    certificate->subject = (slice){text, length};
    gnutls_free(name.data);
    return certificate;
}

/* The chain against our authorities and their revocations, for use by a client. */
static bool verify(gnutls_x509_trust_list_t trust, gnutls_x509_crt_t *chain, unsigned length)
{
    gnutls_typed_vdata_st purpose = {
            .type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT};
    unsigned status = 1;
    int code = gnutls_x509_trust_list_verify_crt2(trust, chain, length, &purpose, 1, 0, &status, NULL);
    return code >= 0 && status == 0;
}

static bool judge_chain(struct http_tls_link *link, const gnutls_datum_t *ders, unsigned length)
{
    gnutls_x509_crt_t chain[CHAIN_MAX];
    unsigned made = 0;
    bool good = length <= CHAIN_MAX;
    while (good && made < length && gnutls_x509_crt_init(&chain[made]) >= 0) {
        good = gnutls_x509_crt_import(chain[made], &ders[made], GNUTLS_X509_FMT_DER) >= 0;
        made++;
    }
    good = good && made == length && verify(link->judged->trust, chain, made);
    if (good)
        link->certificate = describe(chain[0], &ders[0]);
    for (unsigned i = 0; i < made; i++)
        gnutls_x509_crt_deinit(chain[i]);
    return good;
}

/* A set that asks for none judges none: then nothing was shown, as far as handlers are concerned. */
static void judge_anew(gnutls_session_t session, struct http_tls_link *link)
{
    unsigned length = 0;
    const gnutls_datum_t *ders = gnutls_certificate_get_peers(session, &length);
    forget_certificate(link);
    link->refused = false;
    if (ders != NULL && length > 0 && link->judged->trust != NULL)
        link->refused = !judge_chain(link, ders, length);
}

bool http_tls_judge(struct http_tls_store *store, gnutls_session_t session, struct http_tls_link *link)
{
    struct http_tls_set *set = current(store);
    if (link->judged != set) {
        set_drop(link->judged);
        link->judged = set_take(set);
        judge_anew(session, link);
    }
    set_drop(set);
    bool expired = link->certificate != NULL && link->certificate->expires_us < clock_now_us();
    return !link->refused && !expired;
}
