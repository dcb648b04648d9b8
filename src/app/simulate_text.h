/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The words and texts of simulate.c, which alone includes this: invented hospitals, shops, programs and malware.
 *
 * A record's text is written as it will appear, but ' stands for " and <...> is a slot: <name> of the table of slots,
 * or <least..most>, a number. A named slot that stands twice in one record has the same value twice.
 */

static const char *const hospitals[] = {"rs-contoh-melati", "rs-contoh-kenanga", "rs-contoh-cempaka"};
static const char *const resolvers[] = {"192.0.2.53", "198.51.100.53", "203.0.113.53"};

/* 64 each: six bits of a name's number. */
static const char *const name_firsts[64] = {"apotek", "toko", "warung", "klinik", "puskesmas", "sekolah", "kedai",
        "bengkel", "salon", "kantor", "pasar", "koperasi", "studio", "penerbit", "percetakan", "katering", "laundri",
        "optik", "lab", "gudang", "pabrik", "bioskop", "galeri", "museum", "hotel", "wisma", "pondok", "griya", "rumah",
        "taman", "kebun", "ladang", "kolam", "sanggar", "kursus", "majalah", "kabar", "berita", "cuaca", "peta",
        "tiket", "kereta", "kapal", "sepeda", "motor", "listrik", "air", "buku", "kertas", "kain", "batik", "tenun",
        "kayu", "besi", "kaca", "kopi", "teh", "roti", "sayur", "buah", "ikan", "beras", "gula", "garam"};
static const char *const name_seconds[64] = {"melati", "kenanga", "cempaka", "mawar", "anggrek", "dahlia", "teratai",
        "seroja", "kamboja", "flamboyan", "bougenvil", "tulip", "aster", "lavender", "sakura", "wijaya", "sentosa",
        "makmur", "sejahtera", "abadi", "jaya", "mulia", "indah", "asri", "lestari", "damai", "bahagia", "ceria",
        "harapan", "setia", "bakti", "karya", "utama", "prima", "kencana", "permata", "mutiara", "berlian", "intan",
        "zamrud", "safir", "nusa", "bahari", "samudra", "pelangi", "mentari", "purnama", "bintang", "fajar", "senja",
        "embun", "awan", "angin", "hujan", "gunung", "lembah", "sungai", "danau", "pantai", "pulau", "garuda",
        "merpati", "kasuari", "cendrawasih"};
static const char name_letters[] = "bcdfghjklmnprstv"; /* sixteen: four bits */
static const char *const name_zones[] = {
        "example", "test", "co.example", "sch.example", "net.example", "go.test", "or.test", "web.test"};
static const char *const name_fronts[] = {
        "www.", "", "www.", "api.", "cdn.", "mail.", "static.", "img2.", "edge-03.cdn.", "login.", "m.", "ns1."};
static const char *const below_fronts[] = {"www.", "mail.", "update.", "cdn-02.", "a1b2c3.dl.", "login.portal."};
static const char *const path_folders[] = {
        "unduh", "berkas", "gambar", "wp-content/uploads", "assets/js", "api/v2", "pasien", "jadwal"};
static const char *const path_files[] = {"laporan", "faktur", "surat", "formulir", "pembaruan", "index", "menu", "foto",
        "tagihan", "undangan", "panel", "gate", "login", "hasil-lab", "resep", "antrean"};
static const char *const path_endings[] = {".php", ".html", ".js", ".png", ".pdf", ".zip", ".exe", ".json"};

static const char *const agents[] = {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) Peramban/128.0",
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Peramban/128.0",
        "Mozilla/5.0 (Linux; Android 14) Peramban/126.0 Mobile", "SIMRS-Client/4.2", "curl/7.88.1", "Wget/1.21.3",
        "PembaruanOtomatis/2.11 (id-ID)", "python-requests/2.31"};
static const char *const odd_agents[] = {"Mozilla/5.0 (\\\"uji coba\\\"; id-ID) Peramban/128.0",
        "Antre\\u00e1n/1.0 (\\\"loket 3\\\")", "SIMRS\\/4.2 \\u2013 \\\"rawat jalan\\\""};
static const char *const apps[] = {"tls", "http", "ssh", "smb", "tls", "failed", "tls", "http"};
static const char *const udp_apps[] = {"dns", "ntp", "quic", "dhcp", "dns", "snmp"};
static const char *const states[] = {"closed", "established", "new", "closed"};
static const char *const methods[] = {"GET", "GET", "GET", "POST", "HEAD"};
static const char *const content_types[] = {"text/html", "application/json", "image/png", "text/css"};
static const char *const statuses[] = {"200", "200", "200", "304", "302", "404", "503"};
static const char *const tls_versions[] = {"TLS 1.2", "TLS 1.3", "TLS 1.3", "TLS 1.2"};
static const char *const ja3_strings[] = {
        "771,4865-4866-4867-49195-49199-49196-49200-52393-52392,0-23-65281-10-11-35-16-5-13-18-51-45-43-27,29-23-24,0",
        "771,4866-4867-4865-49196-49200-159-52393-52392-49195,0-11-10-35-22-23-13-43-45-51,29-23-30-25-24,0-1-2",
        "771,49196-49195-49200-49199-159-158-49188-49187,0-10-11-13-35-23-65281,29-23-24,0",
        "769,47-53-5-10-49171-49172-50-56,0-10-11-65281,23-24,0"};
static const char *const ja3s_strings[] = {"771,4865,43-51", "771,49199,65281-0-11-35-16-23", "769,47,65281"};
/* The rest of an alert behind "signature_id": */
static const char *const rules[] = {
        "2900101,\"rev\":3,\"signature\":\"CONTOH MALWARE Loader check-in observed\","
        "\"category\":\"A Network Trojan was detected\",\"severity\":1",
        "2900117,\"rev\":1,\"signature\":\"CONTOH POLICY Remote control tool in use\","
        "\"category\":\"Potential Corporate Privacy Violation\",\"severity\":2",
        "2900230,\"rev\":7,\"signature\":\"CONTOH SCAN Many ports from one address\","
        "\"category\":\"Detection of a Network Scan\",\"severity\":3",
        "2900344,\"rev\":2,\"signature\":\"CONTOH PHISHING Form posted to a fresh name\","
        "\"category\":\"Possible Social Engineering Attempted\",\"severity\":2",
        "2900412,\"rev\":5,\"signature\":\"CONTOH INFO Unusual user agent\","
        "\"category\":\"Misc activity\",\"severity\":3",
};
static const char *const magics[] = {"PE32 executable (GUI) Intel 80386, for MS Windows", "PDF document, version 1.7",
        "Zip archive data, at least v2.0 to extract", "PNG image data, 640 x 480, 8-bit/color RGB, non-interlaced"};
static const char *const targets[] = {"Client_Endpoint", "Server", "Web_Server", "Client_and_Server"};
static const char *const weights[] = {"Informational", "Minor", "Major", "Critical"};
static const char *const places[] = {
        "Jakarta,Jakarta", "Jawa Barat,Bandung", "Jawa Timur,Surabaya", "Bali,Denpasar", "Sumatera Utara,Medan"};
static const char *const tags[] = {"open-rdp", "open-telnet", "bruteforce", "botnet", "proxy", "ransomware"};
static const char *const families[] = {"contoh-bot", "loader-uji", "stealer-coba", "miner-x", "webshell-uji"};
static const char *const verdicts[] = {"quarantined", "clean", "clean", "clean", "deleted", "clean"};

/* --- Suricata EVE, members in the order in which Suricata 7 writes them ------------------------------------------ */

#define EVE_HEAD(type, proto)                                                                                          \
    "{'timestamp':'<time>','flow_id':<flow>,'in_iface':'eth<0..3>','event_type':'" type "',<vlan>"                     \
    "'src_ip':'<source>','src_port':<source-port>,'dest_ip':'<dest>','dest_port':<dest-port>,'proto':'" proto "',"
#define EVE_PACKET(type, proto) EVE_HEAD(type, proto) "'pkt_src':'wire/pcap',"
#define EVE_TAIL "'host':'<hospital>-<1..4>'}\n"

#define EVE_COUNTS                                                                                                     \
    "'flow':{'pkts_toserver':<1..400>,'pkts_toclient':<0..900>,'bytes_toserver':<60..90000>,"                          \
    "'bytes_toclient':<0..900000>,'start':'<start>',"
#define EVE_FLOW_END EVE_COUNTS "'end':'<time>','age':<0..60>,'state':'<state>','reason':'timeout','alerted':false},"
#define EVE_FLOW_TCP                                                                                                   \
    EVE_HEAD("flow", "TCP")                                                                                            \
    "'app_proto':'<app>'," EVE_FLOW_END                                                                                \
    "'tcp':{'tcp_flags':'1b','tcp_flags_ts':'1b','tcp_flags_tc':'1b','syn':true,'fin':true,'psh':true,'ack':true,"     \
    "'state':'closed','ts_max_regions':1,'tc_max_regions':1}," EVE_TAIL
#define EVE_FLOW_UDP EVE_HEAD("flow", "UDP") "'app_proto':'<udp-app>'," EVE_FLOW_END EVE_TAIL

#define EVE_DNS_QUERY                                                                                                  \
    EVE_PACKET("dns", "UDP")                                                                                           \
    "'dns':{'version':2,'type':'query','id':<1..65535>,'rrname':'<name>','rrtype':'A','tx_id':<0..9>,"                 \
    "'opcode':0}," EVE_TAIL
#define EVE_DNS_ANSWER                                                                                                 \
    EVE_PACKET("dns", "UDP")                                                                                           \
    "'dns':{'version':2,'type':'answer','id':<1..65535>,'flags':'8180','qr':true,'rd':true,'ra':true,'opcode':0,"      \
    "'rrname':'<name>','rrtype':'A','rcode':'NOERROR','answers':["
#define EVE_DNS_ADDRESS                                                                                                \
    EVE_DNS_ANSWER                                                                                                     \
    "{'rrname':'<name>','rrtype':'A','ttl':<30..3600>,'rdata':'<answer-1>'}],'grouped':{'A':['<answer-1>']}}"          \
    "," EVE_TAIL
#define EVE_DNS_ALIAS                                                                                                  \
    EVE_DNS_ANSWER                                                                                                     \
    "{'rrname':'<name>','rrtype':'CNAME','ttl':<30..3600>,'rdata':'<alias>'},"                                         \
    "{'rrname':'<alias>','rrtype':'A','ttl':60,'rdata':'<answer-1>'},"                                                 \
    "{'rrname':'<alias>','rrtype':'A','ttl':60,'rdata':'<answer-2>'}],"                                                \
    "'grouped':{'CNAME':['<alias>'],'A':['<answer-1>','<answer-2>']}}," EVE_TAIL

#define EVE_TLS_END                                                                                                    \
    "'sni':'<name>','version':'<tls-version>','ja3':{'hash':'<ja3>','string':'<ja3-string>'},"                         \
    "'ja3s':{'hash':'<ja3s>','string':'<ja3s-string>'}}," EVE_TAIL
#define EVE_TLS_PLAIN EVE_PACKET("tls", "TCP") "'tls':{" EVE_TLS_END
#define EVE_TLS_CERTIFICATE                                                                                            \
    EVE_PACKET("tls", "TCP")                                                                                           \
    "'tls':{'subject':'C=ID, O=Contoh Sertifikat, CN=*.contoh.example',"                                               \
    "'issuerdn':'C=ID, O=Otoritas Contoh, CN=Otoritas Contoh CA <1..9>','serial':'<serial>',"                          \
    "'fingerprint':'<fingerprint>','notbefore':'2026-0<1..9>-1<0..9>T00:00:00',"                                       \
    "'notafter':'2027-0<1..9>-1<0..9>T23:59:59'," EVE_TLS_END

#define EVE_REQUEST(agent)                                                                                             \
    "'http':{'hostname':'<hostname>','url':'<path>','http_user_agent':'" agent "',"                                    \
    "'http_content_type':'<content-type>','http_refer':'http://<alias>/','http_method':'<method>',"                    \
    "'protocol':'HTTP/1.1','status':<status>,'length':<0..90000>},"
#define EVE_HTTP(agent) EVE_PACKET("http", "TCP") "'tx_id':<0..9>," EVE_REQUEST(agent) EVE_TAIL

#define EVE_RULE                                                                                                       \
    "'alert':{'action':'allowed','gid':1,'signature_id':<rule>,'metadata':{'affected_product':['Any'],"                \
    "'attack_target':['<target>'],'created_at':['2026_0<1..9>_1<0..9>'],'deployment':['Perimeter'],"                   \
    "'signature_severity':['<weight>'],'updated_at':['2026_10_1<0..9>']}},"
#define EVE_ALERT_END                                                                                                  \
    "'direction':'to_server'," EVE_COUNTS                                                                              \
    "'src_ip':'<source>','dest_ip':'<dest>','src_port':<source-port>,'dest_port':<dest-port>}," EVE_TAIL
#define EVE_ALERT_HTTP                                                                                                 \
    EVE_PACKET("alert", "TCP")                                                                                         \
    "'tx_id':0," EVE_RULE EVE_REQUEST("<agent>") "'app_proto':'http'," EVE_ALERT_END
#define EVE_ALERT_DNS                                                                                                  \
    EVE_PACKET("alert", "UDP")                                                                                         \
    "'tx_id':0," EVE_RULE                                                                                              \
    "'dns':{'version':2,'query':[{'type':'query','id':<1..65535>,'rrname':'<name>','rrtype':'A','tx_id':0,"            \
    "'opcode':0}]},'app_proto':'dns'," EVE_ALERT_END
#define EVE_ALERT_PLAIN EVE_PACKET("alert", "TCP") EVE_RULE EVE_ALERT_END

#define EVE_FILEINFO                                                                                                   \
    EVE_PACKET("fileinfo", "TCP")                                                                                      \
    EVE_REQUEST("<agent>")                                                                                             \
    "'app_proto':'http','fileinfo':{'filename':'<file>','magic':'<magic>','gaps':false,'state':'CLOSED',"              \
    "'md5':'<md5>','sha1':'<sha1>','sha256':'<sha256>','stored':false,'size':<100..9000000>,'tx_id':<0..9>}," EVE_TAIL

/* --- Reports as tables ------------------------------------------------------------------------------------------- */

#define CSV_HEAD                                                                                                       \
    "timestamp,ip,port,protocol,hostname,asn,geo,region,city,sector,tag,infection,url,user_agent,md5,sha256,dst_ip,"   \
    "dst_port,severity,count\n"
#define CSV_FRONT "<report-time>,<source>,<source-port>,tcp,<name>,<64512..65534>,ID,<place>,health,<tag>,"
#define CSV_BACK ",<dest>,<dest-port>,<weight>,<1..500>\n"
#define CSV_SCAN CSV_FRONT ",,,," CSV_BACK
#define CSV_DRONE CSV_FRONT "<family>,http://<site><path>,<agent>,," CSV_BACK
#define CSV_MALWARE CSV_FRONT "<family>,,,<md5>,<sha256>" CSV_BACK
#define CSV_QUOTED CSV_FRONT "'<family>, ''second stage''',,'Mozilla/5.0 (uji, coba)',," CSV_BACK

/* --- Plain lines ------------------------------------------------------------------------------------------------- */

#define LINE_HEAD "<rfc-time> <hospital>-gw<1..4> "
#define LINE_FIREWALL                                                                                                  \
    LINE_HEAD "kernel: fw action=accept proto=tcp src=<source> spt=<source-port> dst=<dest> dpt=<dest-port> "          \
              "bytes=<60..90000>\n"
#define LINE_RESOLVER LINE_HEAD "resolver[<300..9000>]: client <source> port <source-port> query <name> IN A\n"
#define LINE_PROXY                                                                                                     \
    LINE_HEAD "proxy[<300..9000>]: <source> TCP_MISS/<status> <100..90000> <method> http://<site><path> via <dest>\n"
#define LINE_SCANNER LINE_HEAD "scanner[<300..9000>]: verdict=<verdict> sha256=<sha256> size=<100..9000000>\n"
