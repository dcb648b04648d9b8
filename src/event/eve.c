/* SPDX-License-Identifier: Apache-2.0 */
#include "event/event.h"

#include "event/document.h"
#include "event/fields.h"

/*
 * Suricata EVE, versions 5 to 8. The fields stand in the order of Suricata's own page on the format. An alert carries
 * the objects of its protocol under the same paths. Left out is what can never be the value of an indicator (counters,
 * states, `flow.src_ip`, which is the `src_ip` of the top level again) and what says nothing without its neighbour
 * (`ftp.command_data`, `http.request_headers[].value`, payloads).
 */

#define TAXONOMY "suricata"

static const struct event_field fields[] = {
        /* every event */
        {"timestamp", ROLE_TIME},
        {"src_ip", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"src_port", ROLE_SOURCE_PORT},
        {"dest_ip", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"dest_port", ROLE_DESTINATION_PORT},
        {"host", ROLE_SENSOR},
        {"xff", ROLE_TEXT},
        {"ether.src_mac", ROLE_NONE, VALUE_OTHER, "mac-addr"},
        {"ether.dest_mac", ROLE_NONE, VALUE_OTHER, "mac-addr"},
        {"tunnel.src_ip", ROLE_NONE, VALUE_ADDRESS},
        {"tunnel.dest_ip", ROLE_NONE, VALUE_ADDRESS},

        /* alert: the only event that says what it takes itself for */
        {"alert.category", ROLE_CLASS_TYPE, VALUE_NONE, TAXONOMY},
        {"alert.signature_id", ROLE_CLASS_IDENTIFIER, VALUE_NONE, TAXONOMY},

        /* http */
        {"http.hostname", ROLE_URL_HOST, VALUE_NAME},
        {"http.http_port", ROLE_URL_PORT},
        {"http.url", ROLE_URL_PATH},
        {"http.http_user_agent", ROLE_NONE, VALUE_USERAGENT},
        {"http.http_refer", ROLE_NONE, VALUE_URL},
        {"http.redirect", ROLE_NONE, VALUE_URL},
        {"http.location", ROLE_NONE, VALUE_URL},
        {"http.xff", ROLE_TEXT},
        {"http.x_forwarded_for", ROLE_TEXT},
        {"http.true_client_ip", ROLE_NONE, VALUE_ADDRESS},
        {"http.org_src_ip", ROLE_NONE, VALUE_ADDRESS},

        /* dns, version 1: a record for each answer */
        {"dns.rrname", ROLE_NONE, VALUE_NAME},
        {"dns.rdata", ROLE_NONE, VALUE_ADDRESS_NAME},
        /* version 2: one for the question, one for the answers */
        {"dns.answers[].rrname", ROLE_NONE, VALUE_NAME},
        {"dns.answers[].rdata", ROLE_NONE, VALUE_ADDRESS_NAME},
        {"dns.authorities[].rrname", ROLE_NONE, VALUE_NAME},
        {"dns.authorities[].rdata", ROLE_NONE, VALUE_ADDRESS_NAME},
        {"dns.additionals[].rrname", ROLE_NONE, VALUE_NAME},
        {"dns.additionals[].rdata", ROLE_NONE, VALUE_ADDRESS_NAME},
        {"dns.authorities[].soa.mname", ROLE_NONE, VALUE_NAME},
        {"dns.grouped.A[]", ROLE_NONE, VALUE_ADDRESS},
        {"dns.grouped.AAAA[]", ROLE_NONE, VALUE_ADDRESS},
        {"dns.grouped.CNAME[]", ROLE_NONE, VALUE_NAME},
        {"dns.grouped.MX[]", ROLE_NONE, VALUE_NAME},
        {"dns.grouped.NS[]", ROLE_NONE, VALUE_NAME},
        {"dns.grouped.PTR[]", ROLE_NONE, VALUE_NAME},
        {"dns.grouped.SRV[].name", ROLE_NONE, VALUE_NAME},
        {"dns.grouped.TXT[]", ROLE_TEXT},
        /* version 3: a list of questions */
        {"dns.queries[].rrname", ROLE_NONE, VALUE_NAME},
        /* in alerts, up to version 7 */
        {"dns.query[].rrname", ROLE_NONE, VALUE_NAME},
        {"dns.answer.rrname", ROLE_NONE, VALUE_NAME},
        {"dns.answer.answers[].rrname", ROLE_NONE, VALUE_NAME},
        {"dns.answer.answers[].rdata", ROLE_NONE, VALUE_ADDRESS_NAME},
        {"dns.answer.authorities[].rrname", ROLE_NONE, VALUE_NAME},
        {"dns.answer.authorities[].rdata", ROLE_NONE, VALUE_ADDRESS_NAME},
        {"dns.answer.additionals[].rrname", ROLE_NONE, VALUE_NAME},
        {"dns.answer.additionals[].rdata", ROLE_NONE, VALUE_ADDRESS_NAME},
        /* multicast DNS, from version 8 */
        {"mdns.queries[].rrname", ROLE_NONE, VALUE_NAME},
        {"mdns.answers[].rrname", ROLE_NONE, VALUE_NAME},
        {"mdns.answers[].rdata", ROLE_NONE, VALUE_ADDRESS_NAME},
        {"mdns.authorities[].rrname", ROLE_NONE, VALUE_NAME},
        {"mdns.authorities[].rdata", ROLE_NONE, VALUE_ADDRESS_NAME},
        {"mdns.additionals[].rrname", ROLE_NONE, VALUE_NAME},
        {"mdns.additionals[].rdata", ROLE_NONE, VALUE_ADDRESS_NAME},

        /* tls, quic */
        {"tls.sni", ROLE_NONE, VALUE_NAME},
        {"tls.subject", ROLE_TEXT},
        {"tls.subjectaltname[]", ROLE_NONE, VALUE_NAME},
        {"tls.fingerprint", ROLE_NONE, VALUE_SHA1},
        {"tls.client.subject", ROLE_TEXT},
        {"tls.client.fingerprint", ROLE_NONE, VALUE_SHA1},
        {"tls.ja3.hash", ROLE_NONE, VALUE_JA3},
        {"tls.ja3s.hash", ROLE_NONE, VALUE_JA3},
        {"tls.ja4", ROLE_NONE, VALUE_OTHER, "ja4"},
        {"quic.sni", ROLE_NONE, VALUE_NAME},
        {"quic.ua", ROLE_NONE, VALUE_USERAGENT},
        {"quic.ja3.hash", ROLE_NONE, VALUE_JA3},
        {"quic.ja3s.hash", ROLE_NONE, VALUE_JA3},
        {"quic.ja4", ROLE_NONE, VALUE_OTHER, "ja4"},

        /* files: one each (fileinfo), or all of an alert */
        {"fileinfo.filename", ROLE_NONE, VALUE_FILENAME},
        {"fileinfo.md5", ROLE_NONE, VALUE_MD5},
        {"fileinfo.sha1", ROLE_NONE, VALUE_SHA1},
        {"fileinfo.sha256", ROLE_NONE, VALUE_SHA256},
        {"files[].filename", ROLE_NONE, VALUE_FILENAME},
        {"files[].md5", ROLE_NONE, VALUE_MD5},
        {"files[].sha1", ROLE_NONE, VALUE_SHA1},
        {"files[].sha256", ROLE_NONE, VALUE_SHA256},

        /* smtp, email */
        {"smtp.helo", ROLE_NONE, VALUE_NAME},
        {"smtp.mail_from", ROLE_NONE, VALUE_EMAIL},
        {"smtp.rcpt_to[]", ROLE_NONE, VALUE_EMAIL},
        {"email.from", ROLE_NONE, VALUE_EMAIL},
        {"email.to[]", ROLE_NONE, VALUE_EMAIL},
        {"email.cc[]", ROLE_NONE, VALUE_EMAIL},
        {"email.bcc", ROLE_NONE, VALUE_EMAIL},
        {"email.reply_to", ROLE_NONE, VALUE_EMAIL},
        {"email.attachment[]", ROLE_NONE, VALUE_FILENAME},
        {"email.url[]", ROLE_NONE, VALUE_URL},
        {"email.received[]", ROLE_TEXT},
        {"email.x_originating_ip", ROLE_NONE, VALUE_ADDRESS},
        {"email.x_mailer", ROLE_NONE, VALUE_USERAGENT},
        {"email.user_agent", ROLE_NONE, VALUE_USERAGENT},
        {"email.body_md5", ROLE_NONE, VALUE_MD5},
        {"email.subject_md5", ROLE_NONE, VALUE_MD5},

        /* files by other protocols */
        {"ftp_data.filename", ROLE_NONE, VALUE_FILENAME},
        {"tftp.file", ROLE_NONE, VALUE_FILENAME},
        {"nfs.filename", ROLE_NONE, VALUE_FILENAME},
        {"nfs.rename.from", ROLE_NONE, VALUE_FILENAME},
        {"nfs.rename.to", ROLE_NONE, VALUE_FILENAME},
        {"smb.filename", ROLE_NONE, VALUE_FILENAME},
        {"smb.rename.from", ROLE_NONE, VALUE_FILENAME},
        {"smb.rename.to", ROLE_NONE, VALUE_FILENAME},
        {"smb.share", ROLE_NONE, VALUE_FILENAME},
        {"smb.named_pipe", ROLE_NONE, VALUE_FILENAME},
        {"smb.ntlmssp.host", ROLE_NONE, VALUE_NAME},
        {"smb.ntlmssp.user", ROLE_NONE, VALUE_OTHER, "user-account"},
        {"bittorrent_dht.request.info_hash", ROLE_NONE, VALUE_SHA1},
        {"bittorrent_dht.response.nodes[].ip", ROLE_NONE, VALUE_ADDRESS},
        {"bittorrent_dht.response.nodes6[].ip", ROLE_NONE, VALUE_ADDRESS},
        {"bittorrent_dht.response.values[].ip", ROLE_NONE, VALUE_ADDRESS},

        /* sessions */
        {"ssh.client.hassh.hash", ROLE_NONE, VALUE_OTHER, "hassh"},
        {"ssh.server.hassh.hash", ROLE_NONE, VALUE_OTHER, "hassh"},
        {"rdp.cookie", ROLE_NONE, VALUE_OTHER, "user-account"},
        {"rdp.client.client_name", ROLE_NONE, VALUE_NAME},
        {"krb5.cname", ROLE_NONE, VALUE_OTHER, "user-account"},
        {"krb5.realm", ROLE_NONE, VALUE_NAME},
        {"mqtt.connect.username", ROLE_NONE, VALUE_OTHER, "user-account"},
        {"sip.uri", ROLE_TEXT},

        /* the local network */
        {"arp.src_ip", ROLE_NONE, VALUE_ADDRESS},
        {"arp.dest_ip", ROLE_NONE, VALUE_ADDRESS},
        {"arp.src_mac", ROLE_NONE, VALUE_OTHER, "mac-addr"},
        {"arp.dest_mac", ROLE_NONE, VALUE_OTHER, "mac-addr"},
        {"dhcp.client_mac", ROLE_NONE, VALUE_OTHER, "mac-addr"},
        {"dhcp.assigned_ip", ROLE_NONE, VALUE_ADDRESS},
        {"dhcp.client_ip", ROLE_NONE, VALUE_ADDRESS},
        {"dhcp.requested_ip", ROLE_NONE, VALUE_ADDRESS},
        {"dhcp.next_server_ip", ROLE_NONE, VALUE_ADDRESS},
        {"dhcp.relay_ip", ROLE_NONE, VALUE_ADDRESS},
        {"dhcp.dns_servers[]", ROLE_NONE, VALUE_ADDRESS},
        {"dhcp.routers[]", ROLE_NONE, VALUE_ADDRESS},
        {"dhcp.hostname", ROLE_NONE, VALUE_NAME},
};

#define LINES_LOOKED_AT 8 /* a rotated log may begin in the middle of a line */

/* A line that is torn, or longer than the head, is judged by what is there of it. */
static bool is_eve(slice line)
{
    bool whole = event_json_is(line);
    return slice_starts(line, S("{")) && event_document_has(line, whole, S("event_type")) &&
           event_document_has(line, whole, S("timestamp"));
}

static int recognise(slice head)
{
    slice rest = head, line;
    for (int i = 0; i < LINES_LOOKED_AT && slice_next(&rest, '\n', &line); i++)
        if (is_eve(line))
            return i == 0 ? 100 : 95;
    return 0;
}

static struct err eve_open(
        struct event_reader *reader, slice head, const struct event_options *options, struct arena *arena)
{
    (void)head, (void)options;
    return event_json_open(reader, fields, COUNT_OF(fields), arena);
}

const struct event_format event_eve = {
        .name = "eve",
        .about = "Suricata EVE, one JSON object a line",
        .records_are_lines = true,
        .recognise = recognise,
        .open = eve_open,
        .record = event_line_record,
        .pick = event_json_pick,
        .extra = event_json_extra,
};
