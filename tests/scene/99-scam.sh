#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Five hundred citizens (KENTONGAN_SCAM says how many; sixty without it) tell, in three languages, of twelve pages that
# imitate a shop; some lost money, some sent adverts. Each gets a receipt in their language within a minute, with advice
# where money is gone. It is one incident with twelve pages; the shop is told; who answers for the pages is asked in the
# right language when a person approves; the pages are looked at until they were gone three times, and one that returns is
# open again. A partner at a node of its own, who helps, gets the incident, what was seen and the list of pages. No
# citizen's address or name, in whatever spelling, is in anything that left for anybody else: not in a mail, not in a byte
# that the partner's node holds, not on the wire.
. "${0%/*}/nodes.sh"

if ! /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || ! command -v openssl >/dev/null; then
    skip "mails about twelve pages" "python3-aiosmtpd and openssl are needed for the servers"
    done_testing
fi
day=$(TZ=UTC-7 date -d tomorrow +%Y-%m-%d)
next=$(TZ=UTC-7 date -d "$day 1 day" +%Y-%m-%d)

k()
{
    at node "$@"
}
# clock ORDER: to both nodes
clock()
{
    python3 -c '
import socket, sys
for node in ("node", "mitra"):
    at = socket.socket(socket.AF_UNIX)
    at.settimeout(5)
    at.connect(node + ".sock")
    at.sendall((sys.argv[1] + "\n").encode())
    at.makefile().readline()
' "$1"
}
# eventually WANTED COMMAND...: until it says that, for a minute
eventually()
{
    want=$1
    shift
    for _ in $(seq 300); do
        got=$("$@" 2>/dev/null)
        [ "$got" = "$want" ] && return 0
        sleep 0.2
    done
    note "got:      $got"
    return 1
}
# mails_to WHAT: how many mails left for an address that ends so
mails_to()
{
    grep -l "^X-Envelope-To: .*$1" mails/*.eml 2>/dev/null | wc -l
}
# states: how many pages are in each
states()
{
    k takedown list 1 | cut -f 2 | sort | uniq -c | sed 's/^ *//' | tr '\n' ' '
}
# decode: each mail's recipient, subject and text, as texts/RECIPIENT
decode()
{
    /usr/bin/python3 -c '
import email, email.policy, glob, os
os.makedirs("texts", exist_ok=True)
for name in glob.glob("mails/*.eml"):
    with open(name, "rb") as raw:
        mail = email.message_from_binary_file(raw, policy=email.policy.default)
    to = mail["X-Envelope-To"].strip("<>")
    if not os.path.exists("texts/" + to):
        with open("texts/" + to, "w", encoding="utf-8") as out:
            out.write(mail["Subject"] + "\n" + mail.get_body(("plain",)).get_content())'
}

# ---- Twelve pages, a mail server, a node and a partner's ----

count=${KENTONGAN_SCAM:-60}

mkdir web web/feed mails wire
mkfifo hold ready_web sink.orders sink.port
python3 "$KENTONGAN_ROOT/tests/web/server.py" "$PWD/web" <hold >ready_web 2>server.err &
exec 9>hold
while read -r name port && [ "$name" != ready ]; do
    eval "port_$name=$port"
done <ready_web
there()
{
    printf '<title>Toko: masuk</title>' >"web/feed/$1"
}
for page in 01 02 03 04 05 06 07 08 09 10 11 12; do
    there "p$page"
done
/usr/bin/python3 "$KENTONGAN_ROOT/tests/mail/sink.py" mails <sink.orders >sink.port 2>sink.log &
sink=$!
exec 6>sink.orders 5<sink.port
read -r smtp <&5
links_begin node mitra
echo "record $PWD/wire" >&7
node_make node "Tim Contoh" --exercise ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"}
theirs=
if [ -n "${KENTONGAN_POSTGRES:-}" ]; then
    psql -q "$KENTONGAN_POSTGRES" -c "CREATE DATABASE mitra" && theirs=$(echo "$KENTONGAN_POSTGRES" | sed 's|/postgres?|/mitra?|')
fi
node_make mitra "Mitra Contoh" --exercise ${theirs:+--database "$theirs"}
sed -i "s|^#relay =.*|relay = smtp://127.0.0.1:$smtp|; s|^#from =.*|from = siaga@cert.example|; s|^#private =.*|private = yes|
s|^#rate =.*|rate = 100000|; s|^#maildir =.*|maildir = $PWD/post|; s|^#every =.*|every = 1s|" node/node.conf
cat >node/takedown.conf <<TABLE
[file]
version = 1
source = us
[takedown registry]
recipient = registry
name = Registry
domains = localhost
address = abuse@registry.example
language = id
[takedown platform]
recipient = platform
name = Platform
domains = p01.toko.localhost p02.toko.localhost
address = abuse@platform.example
language = zh
TABLE
k org add "Toko" --kind other --country ID >made
k org state "Toko" active --reason "agreement 7" >made
k contact add "Toko" "Keamanan" --mail keamanan@toko.example --languages "id en" >made
# shellcheck disable=SC2154
/usr/bin/python3 "$KENTONGAN_ROOT/tests/mail/scam.py" letters "$port_http" "$count" "$(TZ=UTC-7 LC_ALL=C date -R -d "$day 08:00")" citizens >counts
mkdir post post/cur post/new post/tmp
read -r adverts lost counted <counts
note "$adverts adverts, $lost losses, $counted of each page"
for node in node mitra; do
    serve "$node" --clock "$node.sock"
    codes_of "$node"
done
partners node "Tim Contoh" mitra "Mitra Contoh" incident report note opinion task event impact relationship url domain-name \
    ipv4-addr email-addr
ok $? "a partner agreed to whatever an incident may have in it"
clock "set ${day}T08:00:00+07:00"

# ---- Receipts ----

mv letters/new/* post/new/
eventually "$count" mails_to "@warga.example"
ok $? "each mail gets a receipt within a minute"
decode
like "$(cat texts/ayu.004@*)" "*已收到您的报告*您的报告编号*" "in Chinese"
like "$(cat texts/budi.000@*)" "*Laporan Anda sudah kami terima*Anti-Scam*" "in Bahasa Indonesia, with advice to who lost money"
like "$(cat texts/wati.002@*)" "*We have received your report*" "in English"
is "$(grep -l 'iasc.ojk.go.id' texts/* | wc -l)" "$lost" "and nobody else gets that advice"

# ---- One incident with twelve pages ----

k report list >queue
is "$(wc -l <queue)" "$count" "as many reports wait"
is "$(grep -c 'abusive-content/spam' queue)" "$adverts" "adverts are told apart"
first=
for page in 01 02 03 04 05 06 07 08 09 10 11 12; do
    number=$(grep "halaman $page\|第$page页\|page $page" queue | head -n 1 | cut -f 1)
    if [ -z "$first" ]; then
        first=$number
        k report open "$number" --title "Halaman palsu Toko" >made
    else
        k report link "$number" 1 >made
    fi
done
run k takedown add 1 --imitates Toko
is "$status:$(echo "$out" | wc -l)" "0:12" "from one report of each, the incident has twelve pages"
run k takedown link 1
is "$status:$out" "0:$((count - adverts - 12)) reports" "all others that tell of them are linked"
k takedown add 1 --imitates Toko >pages 2>made
is "$(sort -t '	' -k 3 pages | cut -f 5 | tr '\n' ' ')" "$counted " "and each page knows how many told of it"
is "$(k report list | wc -l)" "$adverts" "only adverts wait"
is "$(grep -c 'warga' pages)" 0 "no page has the address of a citizen in it"

# ---- The shop ----

clock "set ${day}T08:04:00+07:00"
run k takedown warn 1
eventually 1 mails_to "keamanan@toko.example"
ok $? "the shop is told"
decode
like "$(cat texts/keamanan@toko.example)" "TLP:AMBER Ada halaman yang meniru Anda: 12, dari $((count - adverts)) laporan*Mohon agar*" "in its language"
is "$(grep -c 'hxxp://p[0-9]*\[\.]toko\[\.]localhost:' texts/keamanan@toko.example)" 12 "of all twelve"

# ---- Requests ----

k takedown draft 1 2 3 4 5 6 7 8 9 10 11 12 >drafts
is "$(grep -c '^address .*registry' drafts):$(grep -c '^address .*platform' drafts)" "12:2" "registry and platform get drafts by the table"
k takedown draft 1 --to host=abuse@host.example --language en >>drafts
k takedown draft 1 --to registrar=abuse@registrar.example --language id >>drafts
is "$(mails_to "abuse@")" 0 "nothing leaves before a person approves it"
clock "set ${day}T08:30:00+07:00"
for page in 1 2 3 4 5 6 7 8 9 10 11 12; do
    requests=$(k takedown show "$page" --json | grep -c '"request"')
    for request in $(seq "$requests"); do
        k takedown approve "$page" "$request" >made
    done
done
eventually "12 requested " states
ok $? "approved, they are sent, and the clocks run"
eventually 16 mails_to "abuse@"
decode
like "$(cat texts/abuse@registry.example)" "Permohonan penurunan halaman penipuan*" "to the registry in Bahasa Indonesia"
like "$(cat texts/abuse@platform.example)" "请求下线欺诈页面*" "to the platform in Chinese"
like "$(cat texts/abuse@host.example)" "Request to take down*" "to the host in English"

# ---- Until they are gone ----

clock "set ${day}T10:00:00+07:00"
eventually 12 grep -c '200 p' web/asked
is "$(states)" "12 requested " "they are looked at, and there"
rm web/feed/p*
for hour in 12 14; do
    clock "set ${day}T$hour:00:00+07:00"
    [ "$hour" = 12 ] && eventually "12 gone-once " states || eventually "12 gone-twice " states
done
clock "set ${day}T16:00:00+07:00"
eventually "12 down " states
ok $? "gone three times, they are down"
is "$(k takedown times 1 | sed 's/  */ /g' | tr '\n' ' ')" "pages 12 requested 12 down 12 returned 0 to_request 30 min to_down 240 min " \
    "the median times to the request and until they were gone are told"
there p05
clock "set ${next}T17:00:00+07:00"
eventually "11 down 1 requested " states
ok $? "one returns, and is open again"

# ---- The partner ----

clock run
k incident party 1 support "Mitra Contoh" --reason "two of the pages are at a customer of theirs" >made
k incident party 1 victim "Toko" --reason "the pages imitate it" >made
k incident note 1 "Penanda: the forms post to one address" --for parties >made
k incident opinion 1 strongly-agree "the same kit on all twelve" --for parties >made
k incident share 1 --observables --reason "they help us" >made
agreed node
until_like "1	*	Halaman palsu Toko" at mitra incident list
ok $? "the partner has the incident"
until_like "*Penanda: the forms post*" at mitra incident show 1
ok $? "and what is for parties"
pages_there()
{
    at mitra incident show 1 | grep -o 'observable	url	[^/]*//p[0-9]*' | sort -u | wc -l
}
until_like 12 pages_there
ok $? "with the twelve pages"
k takedown list 1 | cut -f 3 | sed 's/^hxxp/http/; s/\[\.]/./g' >pages.txt
run at mitra import pages.txt
is "$(wc -l <pages.txt):$status" "12:0" "and it took in the list of take-downs"

# ---- Nobody's address went anywhere ----

# outside PATH...: what is found of a citizen in all that left
outside()
{
    /usr/bin/python3 "$KENTONGAN_ROOT/tests/mail/outside.py" mails citizens warga.example "$@"
}
k takedown list 1 --json >list.json
k export --as stix >export.json 2>made
cp web/asked looked
is "$(outside list.json export.json looked)" "17" "in all that left for others there is nothing of a citizen, whatever its spelling"
[ -z "$theirs" ] || pg_dump "$theirs" >mitra/dump
outside mitra mitra.log wire >found
is "$(sed 1d found)" "" "nor in any byte that the partner's node holds, nor on the wire"
grep -qi "Penanda: the forms post\|$(printf 'Penanda: the forms' | od -An -v -tx1 | tr -d ' \n')" -r mitra && grep -q "Penanda: the forms post" -r wire
ok $? "which do hold what was sent"
cp -r mitra planted
printf 'budi.000@warga.example' | base64 >planted/evidence/note
python3 -c 'import sqlite3; sqlite3.connect("planted/node.db").execute("CREATE TABLE planted AS SELECT ? AS text", ("李为民生",)).connection.commit()'
outside planted | sort >found
like "$(cat found)" "*planted/evidence/note: budi.000@*planted/node.db: li.wei.*" "one that were there would be found"
done_testing
