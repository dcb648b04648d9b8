/* SPDX-License-Identifier: Apache-2.0 */
/* What node.conf may say: the one table that is read, printed, and held against kentongan.conf(5). */
#include "app/config.h"

#define SECOND UINT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define KIB (UINT64_C(1) << 10)
#define TIB (UINT64_C(1) << 40)

#define AT(member) offsetof(struct config, member)

const struct config_row config_rows[] = {
        {"node", "name", CONFIG_TEXT, 1, 200, NULL, AT(name),
                "The organisation that runs this node, as its partners know it"},
        {"node", "listen", CONFIG_LISTEN, 0, 0, "127.0.0.1:8443", AT(listen),
                "Where people and partners reach the node; port 0: any that is free"},
        {"node", "database", CONFIG_DATABASE, 1, 1000, "node.db", AT(database),
                "A file of SQLite, or a PostgreSQL as postgresql://USER:PASSWORD@HOST/NAME"},

        {"retention", "originals", CONFIG_DURATION, 0, 36500 * DAY, "0", AT(retention.originals_ms),
                "How long the texts of imports are kept as they came; 0: for ever"},
        {"retention", "refused", CONFIG_DURATION, 0, 36500 * DAY, "0", AT(retention.refused_ms),
                "How long parts of imports that were refused are kept, and records that are no event; 0: for ever"},
        {"retention", "undone", CONFIG_DURATION, 0, 36500 * DAY, "0", AT(retention.undone_ms),
                "How long what undone imports brought is kept; 0: for ever"},
        {"retention", "journal", CONFIG_DURATION, 0, 36500 * DAY, "0", AT(retention.details_ms),
                "How long the journal keeps details of its rows; 0: for ever"},
        {"retention", "links", CONFIG_DURATION, 0, 36500 * DAY, "0", AT(retention.links_ms),
                "How long one-time links are kept after they expired; 0: for ever"},
        {"retention", "sessions", CONFIG_DURATION, 0, 36500 * DAY, "90d", AT(retention.sessions_ms),
                "How long sessions and tokens are kept after they ended; 0: for ever"},
        {"retention", "notices", CONFIG_DURATION, 0, 36500 * DAY, "0", AT(retention.notices_ms),
                "How long notices are kept, unless a warning that they tell of is open; 0: for ever"},

        {"people", "rest", CONFIG_DURATION, 5 * MINUTE, 365 * DAY, "12h", AT(people.rest_ms),
                "How long a session may rest before its user has to sign in again"},
        {"people", "session", CONFIG_DURATION, 5 * MINUTE, 365 * DAY, "7d", AT(people.session_ms),
                "How long a session holds at the most"},

        {"ledger", "interval", CONFIG_DURATION, SECOND, DAY, "1min", AT(ledger.interval_ms),
                "How often the node log gets an entry, partners witness it, and the ledger is checked"},
        {"ledger", "high-water", CONFIG_PATH, 1, 1000, "", AT(ledger.high_water),
                "A file that no backup takes along, by which a node notices that it was put back"},

        {"import", "bytes", CONFIG_BYTES, KIB, 16 * TIB, "64GiB", AT(import.bytes_max),
                "The largest file of intelligence, unpacked"},
        {"import", "objects", CONFIG_NUMBER, 1, UINT64_C(1000000000), "5000000", AT(import.objects_max),
                "The most objects in one file of intelligence"},

        {"ingest", "workers", CONFIG_NUMBER, 2, 64, "4", AT(ingest.workers),
                "How many streams of events are taken in at once; half of these at most are at files"},
        {"ingest", "posts", CONFIG_NUMBER, 1, 128, "2", AT(ingest.posts),
                "How many may send to /ingest at once; further ones come again. Less than [http] workers"},
        {"ingest", "queue", CONFIG_BYTES, 64 * KIB, TIB, "64MiB", AT(ingest.queue_bytes),
                "How much may wait of a stream before its senders are held"},
        {"ingest", "spool", CONFIG_BYTES, 64 * KIB, 16 * TIB, "1GiB", AT(ingest.spool_bytes),
                "How much may wait of a stream on disk; beyond it events are counted and let go"},
        {"ingest", "patience", CONFIG_DURATION, 0, HOUR, "2s", AT(ingest.patience_ms),
                "How long senders are held before what they send waits on disk, and again before it is let go"},
        {"ingest", "connections", CONFIG_NUMBER, 1, 10000, "1024", AT(ingest.connections),
                "How many connections of sensors there may be at once"},
        {"ingest", "idle", CONFIG_DURATION, SECOND, 30 * DAY, "1h", AT(ingest.idle_ms),
                "How long a connection of a sensor may say nothing"},

        {"feeds", "proxy", CONFIG_PROXY, 1, 1000, "", AT(feeds.proxy),
                "The proxy to the outside, as http://HOST:PORT or socks5h://HOST:PORT"},
        {"feeds", "ca", CONFIG_PATH, 1, 1000, "", AT(feeds.ca_file),
                "A file of certificates (PEM) to trust instead of those of the system"},
        {"feeds", "plain-http", CONFIG_TRUTH, 0, 0, "yes", AT(feeds.plain_http),
                "Whether feeds may come by http, which anybody on the way can change"},
        {"feeds", "connect-timeout", CONFIG_DURATION, SECOND, 5 * MINUTE, "10s", AT(feeds.connect_ms),
                "How long a connection may take to stand"},
        {"feeds", "idle-timeout", CONFIG_DURATION, SECOND, HOUR, "30s", AT(feeds.idle_ms),
                "How long a feed may say nothing"},
        {"feeds", "timeout", CONFIG_DURATION, SECOND, DAY, "30min", AT(feeds.total_ms),
                "How long the whole of a feed may take"},
        {"feeds", "bytes", CONFIG_BYTES, KIB, TIB, "1GiB", AT(feeds.bytes_max), "The largest feed, unpacked"},
        {"feeds", "redirects", CONFIG_NUMBER, 0, 20, "5", AT(feeds.redirects_max),
                "How many redirects in a row are followed"},

        {"http", "url", CONFIG_URL, 1, 1000, "", AT(http.url),
                "How people reach the node, where that is not what listen says, as https://cert.example/"},
        {"http", "behind-proxy", CONFIG_TRUTH, 0, 0, "no", AT(http.behind_proxy),
                "Whether only a proxy reaches the node, which takes TLS and says who asks in X-Forwarded-For"},
        {"http", "workers", CONFIG_NUMBER, 1, 256, "4", AT(http.workers), "How many requests are answered at once"},
        {"http", "threads", CONFIG_NUMBER, 1, 64, "1", AT(http.threads), "How many threads take requests in"},
        {"http", "connections-per-address", CONFIG_NUMBER, 1, 12000, "256", AT(http.per_address_max),
                "How many connections one address may have at once"},
        {"http", "body", CONFIG_BYTES, 64 * KIB, KIB << 20, "128MiB", AT(http.body_max),
                "The largest body of a request, whatever its route takes"},

        {"tls", "certificate", CONFIG_PATH, 1, 1000, "", AT(tls.certificate),
                "The node's certificate and those between it and its authority (PEM)"},
        {"tls", "key", CONFIG_PATH, 1, 1000, "", AT(tls.key), "The key of the certificate (PEM)"},
        {"tls", "clients", CONFIG_PATH, 1, 1000, "", AT(tls.clients),
                "Authorities (PEM) whose certificates of clients are taken"},
        {"tls", "revoked", CONFIG_PATH, 1, 1000, "", AT(tls.revoked),
                "The list of certificates that these authorities revoked (CRL, PEM)"},

        {"taxii", "title", CONFIG_TEXT, 1, 200, "", AT(taxii.title),
                "What the TAXII server is called; without it the organisation"},
        {"taxii", "contact", CONFIG_TEXT, 1, 200, "", AT(taxii.contact), "Whom its users write to"},
        {"taxii", "content", CONFIG_BYTES, 64 * KIB, TAXII_BODY_MAX, "100MiB", AT(taxii.content_max),
                "The largest envelope that is taken, unless [http] body is less"},
        {"taxii", "page", CONFIG_NUMBER, 20, 10000, "1000", AT(taxii.page_default),
                "How many objects a page has, where the client does not say"},
        {"taxii", "page-most", CONFIG_NUMBER, 20, 10000, "1000", AT(taxii.page_max),
                "How many objects a page has at most, whatever the client says"},

        {"sharing", "window", CONFIG_DURATION, 0, 31 * DAY, "1d", AT(sharing.window_ms),
                "Sightings leave at the end of such a window, all of it together; 0: at once"},
        {"sharing", "ask", CONFIG_DURATION, HOUR, 365 * DAY, "14d", AT(sharing.ask_ms),
                "How long a question before a release waits for an answer; then it is a no"},
        {"sharing", "recall", CONFIG_NUMBER, 0, 1000000, "100", AT(sharing.recall_max),
                "How many objects a partner may recall within a day without a person here"},

        {"warning", "zone", CONFIG_DURATION, 0, 14 * HOUR, "7h", AT(warning.zone_ms),
                "How far east of UTC the office is: by this clock its days begin"},
        {"warning", "digest", CONFIG_DURATION, 0, DAY - MINUTE, "7h", AT(warning.digest_ms),
                "When the digest of the day goes out, after midnight there"},
        {"warning", "reach", CONFIG_NUMBER, 0, UINT64_C(1000000000), "100", AT(warning.reach_max),
                "How many constituents one indicator may meet before a person looks at it; 0: any number"},
        {"warning", "lists", CONFIG_PATH, 1, 1000, "", AT(warning.lists),
                "A file of values (list, CSV or MISP warning list) that make no warning without a person, or a folder "
                "of "
                "such files"},

        {"mail", "relay", CONFIG_TEXT, 1, 300, "", AT(mail.relay),
                "The mail server that takes notices, as smtp://HOST:PORT (STARTTLS) or smtps://HOST:PORT"},
        {"mail", "from", CONFIG_TEXT, 1, 254, "", AT(mail.from),
                "The address from which notices come, always the same"},
        {"mail", "name", CONFIG_TEXT, 1, 200, "", AT(mail.name),
                "Who notices are from, in words; without it the organisation"},
        {"mail", "reply", CONFIG_TEXT, 1, 254, "", AT(mail.reply), "Where answers go; without it to from"},
        {"mail", "user", CONFIG_TEXT, 1, 254, "", AT(mail.user), "By what name the relay knows us"},
        {"mail", "password-file", CONFIG_PATH, 1, 1000, "", AT(mail.password_file),
                "A file with the password for the relay, for its owner alone"},
        {"mail", "ca", CONFIG_PATH, 1, 1000, "", AT(mail.ca),
                "A file of certificates (PEM) to trust instead of those of the system"},
        {"mail", "timeout", CONFIG_DURATION, SECOND, 10 * MINUTE, "1min", AT(mail.total_ms),
                "How long handing over one mail may take"},
        {"mail", "rate", CONFIG_NUMBER, 1, 100000, "120", AT(mail.per_minute), "How many notices leave in a minute"},
        {"mail", "rate-per-contact", CONFIG_NUMBER, 1, 100000, "60", AT(mail.per_contact),
                "How many notices one contact gets in an hour; what is more waits"},
        {"mail", "phone", CONFIG_TEXT, 1, 100, "", AT(mail.phone), "A telephone number that is answered at any hour"},
        {"mail", "genuine", CONFIG_TEXT, 1, 1000, "", AT(mail.genuine),
                "How to check that a notice is genuine, in words"},
        {"mail", "pgp-key", CONFIG_PATH, 1, 1000, "", AT(mail.pgp_key),
                "A file with the secret OpenPGP key that signs notices, for its owner alone"},
};

const size_t config_row_count = COUNT_OF(config_rows);
