#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A flood: four organisations send ten times what the node can take, by a socket, by syslog, by POST and into a folder.
# Meanwhile each of many others has one event that meets an indicator: within two seconds it is warned of it, a real mail
# server or its webhook has the notice, and it stands on the board, though the webhooks of two never answer. Memory and
# disk are bounded, and what is too much is let go, counted and shown: sent is what was taken, malformed and let go, to
# the event.
# KENTONGAN_FLOOD_S: for how many seconds (12).
. "${0%/*}/tap.sh"

if ! /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || ! command -v openssl >/dev/null; then
    skip "a flood is in its own way alone" "python3-aiosmtpd and openssl are needed for the mail server and webhooks"
    done_testing
fi
export PYTHONDONTWRITEBYTECODE=1
web=$KENTONGAN_ROOT/tests/web
seconds=${KENTONGAN_FLOOD_S:-12}
others=$((2 * seconds < 240 ? 2 * seconds : 240)) # a node has 256 inlets at most
trap 'kill "${server:-}" "${sink:-}" "${hook:-}" "${silent:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT

k()
{
    "$KENTONGAN" -c node "$@"
}
# A mail server, webhooks that answer, and some that take the connection and never answer.
mkdir mails hooks reports
mkfifo orders port ready
listening()
{
    "$@" <orders >port 2>>listening.log &
    began=$!
    exec 6>orders 5<port
    read -r at <&5
}
listening /usr/bin/python3 "$KENTONGAN_ROOT/tests/mail/sink.py" mails
sink=$began smtp=$at
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=localhost" \
    -addext "subjectAltName=DNS:localhost" -keyout hook.key -out hook.pem 2>/dev/null
listening python3 "$KENTONGAN_ROOT/tests/mail/hook.py" hooks --tls hook.pem hook.key
hook=$began hook_port=$at
listening python3 -c 'import socket, sys
door = socket.create_server(("127.0.0.1", 0))
print(door.getsockname()[1], flush=True)
sys.stdin.read()'
silent=$began silent_port=$at
"$KENTONGAN" init node --name "Melur CERT" --listen 127.0.0.1:0 >made || exit 2
sed -e "s|^#relay =.*|relay = smtp://127.0.0.1:$smtp|; s|^#from =.*|from = siaga@melur-cert.example|; s|^#rate = .*|rate = 10000|" \
    -e "/^.feeds./,/^.mail./s|^#ca =.*|ca = $PWD/hook.pem|" -e 's|^#spool = .*|spool = 64MiB|; s|^#queue = .*|queue = 16MiB|; s|^#patience = .*|patience = 500ms|' node/node.conf >conf &&
    cat conf >node/node.conf

# ---- Those who flood, and the others ----

python3 - "$others" "$PWD" "$hook_port" "$silent_port" <<'PY'
import socket, sys
count, folder, hook, silent = int(sys.argv[1]), *sys.argv[2:]
names = [f"uji-{number}" for number in range(1, count + 1)]
with open("organisations.csv", "w") as file:
    print("name,kind,sector,state", *[f"{name},hospital,health,active" for name in ["Melati", "Kenanga", "Anggrek", "Seroja"] + names],
          sep="\n", file=file)
# The first ones have webhooks that never answer, and every sixth one that does.
hooks = {name: silent if number < 2 else hook for number, name in enumerate(names) if number < 2 or number % 6 == 5}
with open("hooks.list", "w") as file:
    print(*[f"{name} https://localhost:{port}/{name}" for name, port in hooks.items()], sep="\n", file=file)
with open("contacts.csv", "w") as file:
    print("organisation,name,mail,languages", *[f"{name},siaga,siaga@{name.lower()}.example,id en"
          for name in ["Melati", "Kenanga", "Anggrek", "Seroja"] + names if name not in hooks], sep="\n", file=file)
with open("list.txt", "w") as file:
    print(*[f"m{number}.banjir.example" for number in range(200)], *[f"{name}.tamu.example" for name in names], sep="\n", file=file)
doors = [socket.socket() for _ in range(count + 1)]
for door in doors:
    door.bind(("127.0.0.1", 0))
ports = [door.getsockname()[1] for door in doors]
with open("keys", "w") as file:
    print("syslog", ports[-1], file=file)
with open("others", "w") as others, open("inlets", "w") as inlets:
    for number, name in enumerate(names):
        inlet = ("unix", "syslog", "file", "post")[number % 4]
        place = {"unix": f"{folder}/{name}", "syslog": ports[number], "file": f"{folder}/{name}.json", "post": name}[inlet]
        told = {silent: "silent", hook: "hook"}.get(hooks.get(name), "mail")
        print(name, inlet, place, f"{name}.tamu.example", told, file=others)
        at = {"unix": f"unix:{place}", "syslog": f"syslog:127.0.0.1:{place}"}.get(inlet, f"file:{folder}/{name}.json")
        print(name, at, file=inlets)
PY
k org import organisations.csv contacts.csv >said || exit 2
k import --source desk list.txt >>said 2>&1 || exit 2
k stream add Melati/eve "unix:$PWD/socket" --org Melati -f eve
k stream add Kenanga/syslog "syslog:127.0.0.1:$(sed -n 's/^syslog //p' keys)" --org Kenanga -f eve
k stream add Seroja/reports "folder:$PWD/reports" --org Seroja -f eve
while read -r name place; do
    k stream add "$name" "$place" --org "$name" -f eve || exit 2
done <inlets
while read -r name url; do
    k contact add "$name" siaga --webhook "$url" >>said 2>&1 || exit 2
done <hooks.list
umask 077
echo "a drum beaten at night" >password
k user add ayu --role manager --password-file password >>said || exit 2
k user add anggrek --org Anggrek --role constituent-admin --password-file password >>said || exit 2
k user add siti --role analyst --password-file password >>said || exit 2
key()
{
    k token add "$1" --for "$2" --scope "$3" --json | sed "s/.*\"token\":\"\([^\"]*\)\".*/$1 \1/" >>keys
}
key post anggrek events
key all siti events
key read siti read
"$KENTONGAN" -c node serve >ready 2>log &
server=$!
exec 8<ready
read -r first <&8
port=${first%/} port=${port##*:}
k warn rule add --does send --class malicious-code/ --severity low --reason "agreed beforehand" >>said
python3 "$web/codes.py" "127.0.0.1:$port" "a drum beaten at night" ayu >codes
number=$(k approval list | tail -n 1 | cut -f 1)
digest=$(k approval show "$number" | sed -n 's/^digest   //p')
k approval agree "$number" "$digest" --person ayu --person-password password --code "$(head -n 1 codes)" >>said 2>&1

# ---- The flood ----

note "flood: $(nproc) cores; $(cut -d ' ' -f 1 /proc/loadavg) wanted one before it began"
timeout $((seconds + 150)) python3 "$web/flood.py" "$PWD" "$server" "http://127.0.0.1:$port" keys "$seconds" 10 >told 2>flood.err
is "$?" 0 "a flood for $seconds s" || note "$(tail -n 5 flood.err; tail -n 5 log)"
# of WORD COLUMN: p50, p99 and the greatest of a column of lines that begin so; nothing where one never came
of()
{
    awk -v word="$1" -v column="$2" '$1 == word { print $column }' told | sort -n |
        awk '$1 == "-" { missing++ } { t[NR] = $1 } END { if (NR > 0 && !missing) print t[int((NR + 1) / 2)], t[int(NR * 0.99 + 0.99)], t[NR] }'
}
worst()
{
    of came "$1" | cut -d ' ' -f 3
}
for what in 5:warning 6:mail\ or\ webhook 7:board; do
    column=${what%:*} name=${what#*:}
    [ "$(worst "$column")" ] && [ "$(worst "$column")" -lt 2000 ]
    ok $? "each of $others others: from its event to the $name within 2 s" || note "$(grep '^came' told | grep -e ' -' -e ' [0-9]\{4,\}' | head -n 5)"
    note "flood: event to $name, p50, p99, most: $(of came "$column") ms"
done
for stream in Melati/eve Kenanga/syslog Anggrek/ingest Seroja/reports; do
    awk -v stream="$stream" '$1 == "sent" && $2 == stream { exit !($3 == $4 + $5 + $6) }' told
    ok $? "what was sent of $stream is what was taken, malformed and let go"
    note "flood: $(awk -v stream="$stream" '$1 == "sent" && $2 == stream {
        printf "%s: %d sent, %d taken, %d malformed, %d let go; %.1f of 64 MiB on disk at the most", $2, $3, $4, $5, $6, $7 / 1048576 }' told)"
done
note "flood: $(awk '$1 == "took" { took = $2 } $1 == "offered" { offered += $3 } $1 == "refused" { refused = $2 } END {
    printf "the node takes %d events/s alone; %d/s were sent by sockets, %.1f times that; %d posts were told to come again", took, offered, offered / took, refused }' told)"
most=$(awk '$1 == "sent" && $7 > most { most = $7 } END { print most }' told)
[ "$most" -le $((68 * 1024 * 1024)) ]
ok $? "what waits on disk has its ceiling" || note "$most bytes"
grew=$(awk '$1 == "memory" { print int(($3 - $2) / 1024) }' told)
[ "$grew" -lt 400 ]
ok $? "memory is bounded"
note "flood: $grew MiB more memory, $(awk '$1 == "memory" { print int($3 / 1024) }' told) in all"
python3 - "http://127.0.0.1:$port/streams" "$(sed -n 's/^read //p' keys)" >page <<'PY'
import json, sys, urllib.request
ask = urllib.request.Request(sys.argv[1], headers={"Authorization": "Bearer " + sys.argv[2], "Accept": "application/json"})
for row in json.load(urllib.request.urlopen(ask))["rows"]:
    print(row["name"], row["organisation"]["name"], row["shed"]["value"])
PY
for stream in Melati/eve Kenanga/syslog; do
    shed=$(awk -v stream="$stream" '$1 == "sent" && $2 == stream { print $6 }' told)
    [ "$shed" -gt 0 ]
    ok $? "some of $stream was let go"
    like "$(cat page)" "*$stream ${stream%/*} $shed*" "and the page of streams says how much, and whose"
    like "$(k stream list --json | grep "$stream")" "*\"stream\":\"$stream\"*\"shed\":$shed,*" "so does the command"
done
kill -TERM "$server"
wait "$server"
is "$?" 0 "it ends when it is told to"
done_testing
