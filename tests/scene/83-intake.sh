#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Events come in by themselves: reports about three hospitals in a folder, files that grow and are rotated, sockets of
# sensors, syslog over TCP and TLS, and what is posted. Nothing is lost or counted twice, whatever is killed; and who
# floods is only in its own way.
. "${0%/*}/tap.sh"

for tool in curl python3 openssl; do
    command -v $tool >/dev/null || {
        skip "events come in by themselves" "$tool is not installed"
        done_testing
    }
done
export PYTHONDONTWRITEBYTECODE=1

kt()
{
    run "$KENTONGAN" -c node "$@"
}
sensor()
{
    timeout 60 python3 "$KENTONGAN_ROOT/tests/web/sensor.py" "$@"
}
# counted STREAM EVENTS: "EVENTS MALFORMED SHED", when there are as many
counted()
{
    sensor await node/node.db "$1" "$2"
}
begin()
{
    rm -f ready
    mkfifo ready
    "$KENTONGAN" -c node serve >ready 2>>log &
    server=$!
    exec 8<ready
    read -r first <&8
    port=${first%/} port=${port##*:}
    url=https://localhost:$port
}
trap 'kill "${server:-}" 2>/dev/null; wait; rm -rf "$scene_folder"' EXIT
# events FROM TO ADDRESS: lines of Suricata
events()
{
    awk -v from="$1" -v to="$2" -v from_ip="$3" 'BEGIN { for (i = from; i <= to; i++)
        printf "{\"timestamp\":\"2026-11-20T12:%02d:%02d.%06d+0000\",\"event_type\":\"flow\",\"src_ip\":\"%s\"," \
            "\"src_port\":%d,\"dest_ip\":\"203.0.113.99\",\"dest_port\":80}\n", \
            int(i / 60) % 60, i % 60, i % 1000000, from_ip, 1024 + i % 60000 }'
}

# An authority, the node's certificate, that of a sensor, and one of nobody here.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=Drum test" -keyout ca.key \
    -out ca.pem 2>/dev/null
signed()
{
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr" 2>/dev/null
    printf 'subjectAltName=DNS:localhost\nextendedKeyUsage=%s\n' "$2" >ext
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out "$1.pem" 2>/dev/null
}
signed node serverAuth
signed melati clientAuth
signed anggrek clientAuth

"$KENTONGAN" init node --name "Melati CERT" --listen 127.0.0.1:0 >made || exit 2
sed -e "s|^#certificate =.*|certificate = $PWD/node.pem|" -e "s|^#key =.*|key = $PWD/node.key|" \
    -e "s|^#clients =.*|clients = $PWD/ca.pem|" -e 's|^#spool = .*|spool = 16MiB|' -e 's|^#queue = .*|queue = 1MiB|' \
    -e 's|^#patience = .*|patience = 0|' node/node.conf >conf && cat conf >node/node.conf
for name in Melati Anggrek Kenanga; do
    "$KENTONGAN" -c node org add "RS $name" --kind hospital --relation constituent >/dev/null || exit 2
done
asset()
{
    "$KENTONGAN" -c node asset add "$@" >/dev/null || exit 2
}
asset "RS Melati" 192.0.2.0/25
asset "RS Anggrek" 198.51.100.0/24
asset "RS Anggrek" rs-anggrek.example
asset "RS Kenanga" 203.0.113.0/26
printf '192.0.2.66\n' >list.txt
"$KENTONGAN" -c node import --source desk list.txt >/dev/null || exit 2
umask 077
echo 'Drum-82-drum-82' >password
for name in melati anggrek; do
    case $name in melati) of="RS Melati" ;; *) of="RS Anggrek" ;; esac
    "$KENTONGAN" -c node user add $name --org "$of" --role constituent-admin --password-file password >/dev/null || exit 2
    "$KENTONGAN" -c node token add sensor --for $name --scope events --json >token || exit 2
    eval "token_$name=\$(sed 's/.*\"token\":\"\([^\"]*\)\".*/\1/' token)"
    "$KENTONGAN" -c node user certificate $name --add $name.pem >/dev/null || exit 2
done
"$KENTONGAN" -c node user add teratai --role sysadmin --password-file password >/dev/null || exit 2
"$KENTONGAN" -c node token add monitor --for teratai --scope metrics --json >token || exit 2
token_monitor=$(sed 's/.*"token":"\([^"]*\)".*/\1/' token)
mkdir reports

# ---- Where they come in ----

kt stream add reports folder:"$PWD/reports" -f shadowserver
is "$status:$err" "0:" "a folder of reports is an inlet"
kt stream add melati/eve unix:"$PWD/melati.sock" --org "RS Melati" -f eve
is "$status:$err" "0:" "and a socket that Suricata writes to"
kt stream add melati/eve unix:"$PWD/melati.sock" --org "RS Melati"
is "$status:$err" "2:kentongan stream: the stream has this inlet already" "which a stream has once"
kt stream add melati/eve unix:"$PWD/other.sock" --org "RS Anggrek"
is "$status:$err" "2:kentongan stream: the stream \"melati/eve\" is of another organisation" "a stream is of one organisation"
for wrong in carrier:pigeon unix:relative.sock syslog:sensor.example:514 /var/log/eve.json; do
    kt stream add wrong "$wrong"
    [ "$status" -eq 2 ] && [ -n "$err" ]
    ok $? "$wrong is no place"
done
kt stream add anggrek/eve unix:"$PWD/anggrek.sock" --org "RS Anggrek" -f eve
kt stream add melati/log file:"$PWD/eve.json" --org "RS Melati" -f eve
tcp=$(sensor port) tls=$(sensor port)
kt stream add melati/syslog "syslog:127.0.0.1:$tcp" --org "RS Melati" -f syslog
kt stream add melati/tls "syslog+tls:127.0.0.1:$tls" --org "RS Melati" -f syslog
kt stream list
is "$(printf '%s\n' "$out" | wc -l | tr -d ' ')" 6 "streams are listed"
like "$out" "*melati/syslog	syslog	0 events	0 malformed	0 shed	never	syslog:127.0.0.1:$tcp*" "with their inlets"
begin

# ---- Reports about three hospitals ----

report()
{
    cat >reports/.part && mv reports/.part "reports/$1"
}
report 2026-11-20-scan_telnet-melati-geo.csv <<'END'
"port","ip","a_column_of_tomorrow","timestamp"
23,"192.0.2.10","x","2026-11-20 00:12:01"
23,"198.51.100.7","y","2026-11-20 00:12:02"
23,"203.0.113.60","z","2026-11-20 00:12:03"
23,"203.0.113.70","of nobody","2026-11-20 00:12:04"
END
report 2026-11-20-event4_sinkhole_http-melati-geo.csv <<'END'
"timestamp","src_ip","src_port","infection","dst_ip","dst_port"
"2026-11-20 02:00:00","192.0.2.30",50001,"lontar","198.51.100.250",80
"2026-11-20 02:00:01","192.0.2.31",50002,"lontar","198.51.100.250",80
END
is "$(counted reports 6)" "6 0 0" "reports are taken as they are dropped"
is "$(sensor counts node/node.db reports)" "- vulnerable/vulnerable-system 1
RS Anggrek vulnerable/vulnerable-system 1
RS Kenanga vulnerable/vulnerable-system 1
RS Melati malicious-code/infected-system 2
RS Melati vulnerable/vulnerable-system 1" "each counts for whom it is about, by its type; columns come in any order"
cp reports/2026-11-20-scan_telnet-melati-geo.csv twice
touch reports/2026-11-20-scan_telnet-melati-geo.csv

# ---- Sockets ----

events 1 300 192.0.2.10 | sensor unix melati.sock
is "$(counted melati/eve 300)" "300 0 0" "lines of a Unix socket are taken"
printf '<13>Nov 20 12:00:01 ruang1 sshd[7]: Failed password from 192.0.2.66\n<13>Nov 20 12:00:02 ruang1 sshd[7]: two\n' >messages
sensor tcp "$tcp" counted <messages
sensor tcp "$tcp" lines <messages
is "$(counted melati/syslog 4)" "4 0 0" "syslog comes counted and by lines (RFC 6587)"
sensor tls "$tls" ca.pem melati.pem melati.key <messages
is "$(counted melati/tls 2)" "2 0 0" "and over TLS, from who shows a certificate (RFC 5425)"
is "$(sensor tls "$tls" ca.pem anggrek.pem anggrek.key <messages)" "refused" "not from another hospital's sensor"
is "$(sensor tls "$tls" ca.pem <messages)" "refused" "nor from one without a certificate"

# ---- A file that grows ----

events 1 10 192.0.2.10 >eve.json
is "$(counted melati/log 10)" "10 0 0" "a file that grows is taken"
events 11 12 192.0.2.10 | head -c -20 >>eve.json
is "$(counted melati/log 11)" "11 0 0" "but for a line that is being written"
events 12 12 192.0.2.10 | tail -c 20 >>eve.json
is "$(counted melati/log 12)" "12 0 0" "until it is there"
events 13 14 192.0.2.10 >>eve.json
mv eve.json eve.json.1
events 15 15 192.0.2.10 >>eve.json.1
events 21 30 192.0.2.10 >eve.json
is "$(counted melati/log 25)" "25 0 0" "what is renamed is taken to its end, then what is begun anew"
: >eve.json
events 31 33 192.0.2.11 >>eve.json
is "$(counted melati/log 28)" "28 0 0" "and what is emptied and written again"

# ---- Posts ----

# post NAME CURL-OPTION...: "STATUS BODY"
post()
{
    eval "with=\$token_$1"
    shift
    curl -s -m 10 --cacert ca.pem --connect-to "::127.0.0.1:" -w '\n%{http_code}' -H "Authorization: Bearer $with" \
        -H 'Content-Type: application/x-ndjson' "$@" >answer
    echo "$(tail -n 1 answer) $(sed '$d' answer)"
}
{ events 1 2 192.0.2.66 && echo 'no event' && events 3 3 192.0.2.10; } >body
is "$(post melati "$url/ingest?format=eve" -H 'Ingest-Id: 1' --data-binary @body)" \
    '202 {"stream":"RS Melati/ingest","known":false,"events":3,"hits":2,"malformed":1,"lines":[{"line":3,"why":"the only words are true, false and null [RFC 8259 section 3]"}]}' \
    "what is posted is kept when the answer comes, which names what is no event"
like "$(post melati "$url/ingest?format=eve" -H 'Ingest-Id: 1' --data-binary @body)" '202 *"known":true,"events":0,*' \
    "the same again changes nothing"
is "$(counted "RS Melati/ingest" 3)" "3 1 0" "it was counted once"
like "$(post anggrek "$url/ingest?stream=melati/eve&format=eve" --data-binary @body)" '202 {"stream":"RS Anggrek/melati/eve",*' \
    "nobody sends for another's stream"
events 1 20000 192.0.2.10 >large
like "$(post melati "$url/ingest?format=eve" -H 'Expect:' --data-binary @large)" '202 *"events":20000,*"malformed":0*' "a long body, too"
like "$(post melati "$url/ingest?format=eve" --data-binary "")" '400 *"there are no events in the body"*' "an empty one is none"
like "$(curl -s -m 10 --cacert ca.pem --connect-to "::127.0.0.1:" -w '%{http_code}' -H 'Content-Type: application/x-ndjson' \
    --data-binary @body "$url/ingest")" "*401" \
    "nor does a stranger"

# ---- Kills in the middle ----

# What was read of a socket is on disk; so each kill comes when a sensor has said all, at any moment of taking it in.
# KENTONGAN_KILLS says how many, for the long run.
kills=${KENTONGAN_KILLS:-1}
each=$((30000 / kills))
events 1 $each 192.0.2.10 >many
for _ in $(seq "$kills"); do
    sensor unix melati.sock <many >/dev/null 2>&1
    sleep "0.$(od -An -N1 -tu1 /dev/urandom | tr -d ' ')"
    kill -9 "$server"
    wait "$server" 2>/dev/null
    begin
done
many=$((300 + each * kills))
is "$(counted melati/eve $many)" "$many 0 0" "what was read before a kill is counted once, and all of it"
is "$(counted reports 6)" "6 0 0" "what was taken before is not taken again"

# ---- A flood ----

# Nobody is held here, and little may wait, so that what is too much is let go. Scene 88 has a longer one by all
# ways in, alone on the machine, and says within which time others are warned.
seconds=1
peak()
{
    awk '/^VmHWM/ { print $2 }' "/proc/$server/status"
}
before=$(peak)
events 1 4000 192.0.2.10 >piece
events 1 1 192.0.2.10 >one
sent_too=0
sensor flood melati.sock "$seconds" <piece >sent &
flooding=$!
tries=0
until held=$(post melati "$url/ingest?stream=melati/eve&format=eve" -D headers --data-binary @one) &&
    [ "${held%% *}" = 429 ] || [ $tries -ge 100 ]; do
    [ "${held%% *}" != 202 ] || sent_too=$((sent_too + 1))
    tries=$((tries + 1))
done
like "$held" '429 {"error":"limit",*' "who posts to it is told to come again"
grep -qi '^retry-after: 1' headers
ok $? "and when"
slowest=0
probes=$((2 + seconds))
for i in $(seq $probes); do
    begun=$(date +%s%N)
    events "$i" "$i" 198.51.100.7 | sensor unix anggrek.sock
    got=$(counted anggrek/eve "$i")
    took=$((($(date +%s%N) - begun) / 1000000))
    [ "$took" -le "$slowest" ] || slowest=$took
    [ "$got" = "$i 0 0" ] || break
done
is "$got" "$probes 0 0" "meanwhile another's events are taken"
wait "$flooding"
sent=$(($(cat sent) + sent_too))
grew=$((($(peak) - before) / 1024))
[ "$grew" -lt 400 ]
ok $? "memory is bounded" || note "$grew MiB more"
curl -s -m 10 --cacert ca.pem --connect-to "::127.0.0.1:" -H "Authorization: Bearer $token_monitor" \
    "$url/metrics" >metrics
for metric in events_total malformed_total shed_total last_seconds waiting_bytes waiting_seconds pressure failures; do
    grep -q "^kentongan_stream_$metric{stream=\"melati/eve\"} " metrics
    ok $? "/metrics has $metric of each stream"
done
kill -TERM "$server"
wait "$server"
is "$?" 0 "it ends when it is told to"
begin
# shellcheck disable=SC2046
set -- $(sensor settled node/node.db melati/eve $((sent + many)))
note "flood: $sent sent in $seconds s, $(($1 - many)) taken, $3 let go; others waited $slowest ms, $grew MiB more memory"
is "$(($1 + $3))" "$((sent + many))" "each event was taken or counted as let go"
[ "$3" -gt 0 ]
ok $? "some were let go"
kt doctor --json
like "$out" "*$3 events of melati/eve were let go*" "which doctor tells"
kt stream list --json
like "$out" "*\"stream\":\"melati/eve\"*\"shed\":$3,*" "and the list of streams"
kt stream remove melati/eve unix:"$PWD/melati.sock"
is "$status:$err" "0:" "an inlet is taken away"

done_testing
