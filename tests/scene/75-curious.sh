#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The curious partner: 300 objects that it must not have, asked for in every way that there is, eight at once. Nothing of
# them is in any answer, and no answer tells one of them from what does not exist.
# KENTONGAN_TRIES=N: nor does the time of an answer, N times asked for what is held in memory and N times by a node that
# has just begun, for tests/soak/run.sh.
. "${0%/*}/node.sh"

command -v python3 >/dev/null || {
    skip "a partner is curious" "python3 is not installed"
    done_testing
}
trap 'kill -9 "${server:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT
printf 'a long drum battery\n' >password
chmod 600 password

kt()
{
    run "$KENTONGAN" -c node "$@"
}
# indicators FROM TO CREATOR MARKING [MORE]: a bundle
indicators()
{
    awk -v from="$1" -v to="$2" -v by="$3" -v mark="$4" -v more="${5:-}" 'BEGIN {
        printf "{\"type\":\"bundle\",\"id\":\"bundle--6b616c61-0000-4000-8000-%012d\",\"objects\":[", from
        for (i = from; i <= to; i++)
            printf "%s{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--6b616c61-0000-4000-8000-%012d\"," \
                "\"created_by_ref\":\"%s\",\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:00.000Z\"," \
                "\"name\":\"secret-%d\",\"pattern\":\"[domain-name:value = \047host-%d.example\047]\",\"pattern_type\":\"stix\"," \
                "\"valid_from\":\"2026-01-01T00:00:00Z\",\"object_marking_refs\":[\"marking-definition--%s\"]%s}", \
                i == from ? "" : ",", i, by, i, i, mark, more
        printf "]}"
    }'
}
amber=55d920b0-5e8b-4f79-9ee9-91f868d9b421
red=e828b379-4e03-4974-9ac4-e53a884c97c1

"$KENTONGAN" init node --name "Melati CERT" --listen 127.0.0.1:0 ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
"$KENTONGAN" -c node user add ayu --role manager --password-file password >made
mkfifo ready
# begin: serves the node; the process is in $server, where it is in $here
begin()
{
    "$KENTONGAN" -c node serve >ready 2>>log &
    server=$!
    exec 8<ready
    read -r first <&8
    exec 8<&-
    port=${first##*:}
    here=127.0.0.1:${port%/}
}
begin
python3 "$KENTONGAN_ROOT/tests/web/codes.py" "$here" "a long drum battery" ayu >codes || note "no codes"
own=$("$KENTONGAN" -c node org list --json | sed -n 's/.*"identity":"\([^"]*\)".*"relation":"own".*/\1/p')
[ -n "$own" ] || own=$("$KENTONGAN" -c node org show "Melati CERT" --json | sed -n 's/.*"identity":"\([^"]*\)".*/\1/p')
kt partner add --no-url --name "Dinas Contoh" --country GB
(umask 077 && "$KENTONGAN" -c node token add client --for partner-dinas-contoh --scope taxii --json | sed 's/.*"token":"\([^"]*\)".*/\1/' >token)
kt agreement draft "Dinas Contoh" --purpose "Protecting hospitals" --kind indicator --until 2099-12-31T23:59:59Z
kt agreement offer "Dinas Contoh" --reason "as talked over"
second node codes
for _ in $(seq 100); do # until the node has signed
    "$KENTONGAN" -c node agreement versions "Dinas Contoh" | grep -q signed && break
    sleep 0.05
done
kt agreement accept "Dinas Contoh" --words "agreed by letter of today" --reason "their letter lies in the safe"
[ "$status" = 0 ] || note "$err"
second node codes
[ "$status" = 0 ] || note "$err"
kt release rule add --to "Dinas Contoh" --highest TLP:AMBER --reason "by agreement"
second node codes
is "$status" 0 "a partner may have AMBER without being asked about"
indicators 1 20 "$own" $amber >allowed.json
indicators 1001 1100 "$own" $red >red.json
indicators 2001 2100 "$own" $amber ',\"labels\":[\"kentongan:residency=\\\"ID\\\"\"]' >residency.json
indicators 3001 3100 "identity--6b616c61-0000-4000-8000-0000000000cc" $amber >others.json
for file in red residency others allowed; do
    kt import --source "$file" "$file.json"
    [ "$status" = 0 ] || note "$file: $err"
done
seq -f 'indicator--6b616c61-0000-4000-8000-%012.0f' 1001 1100 >forbidden
seq -f 'indicator--6b616c61-0000-4000-8000-%012.0f' 2001 2100 >>forbidden
seq -f 'indicator--6b616c61-0000-4000-8000-%012.0f' 3001 3100 >>forbidden

# served: how many objects the partner has
served()
{
    "$KENTONGAN" -c node release list --to "Dinas Contoh" | grep -c '^served'
}
for _ in $(seq 100); do
    [ "$(served)" = 20 ] && break
    sleep 0.05
done
is "$(served)" 20 "20 of 320 objects are released"
outbox=$(python3 - "$here" <<'PY'
import http.client, json, sys
connection = http.client.HTTPConnection(sys.argv[1], timeout=10)
connection.request("GET", "/taxii2/main/collections/", headers={"Authorization": "Bearer " + open("token").read().strip(),
    "Accept": "application/taxii+json;version=2.1"})
for row in json.loads(connection.getresponse().read())["collections"]:
    if row["title"].startswith("released to"):
        print(row["id"])
PY
)
for _ in $(seq 100); do # until they stand under a signed head
    python3 "$KENTONGAN_ROOT/tests/web/curious.py" "$here" token "$outbox" /dev/null first >told 2>&1
    grep -q -a 'secret-20"' first && break
    sleep 0.05
done
run python3 "$KENTONGAN_ROOT/tests/web/curious.py" "$here" token "$outbox" forbidden received
is "$status:$out" "0:1462 answers" "what is denied is answered as what does not exist, in status, headers and body"
[ -z "$err" ] || note "$err"
# hits PATTERN: how often it is in all that the partner received
hits()
{
    grep -a -c -E "$1" received
}
is "$(hits 'secret-[123][0-9][0-9][0-9]')" 0 "none of the names is in any byte that it received"
is "$(hits '8000-00000000[123][01][0-9][0-9]')" 0 "nor any of the ids"
is "$(hits 'host-[123][0-9][0-9][0-9]')" 0 "nor any of the values"
ok "$([ "$(hits 'secret-20"')" -gt 0 ]; echo $?)" "what was released is"
kt release received --by "Dinas Contoh"
is "$status:$(printf '%s\n' "$out" | grep -c '^proven')" "0:20" "and the ledger proves each of them, and no more"
run "$KENTONGAN" -c node doctor
unlike=$(printf '%s' "$out" | grep -c 'release.alarm')
is "$unlike" 0 "nothing alarmed"

# ---- The time of an answer, for tests/soak/run.sh ----

stopwatch=$KENTONGAN_ROOT/tests/web/stopwatch.py
# ask IDS TRIES SEED
ask()
{
    python3 "$stopwatch" ask "$here" token "$outbox" "$@"
}
if [ -n "${KENTONGAN_TRIES:-}" ]; then
    seed=$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')
    seq -f 'indicator--6b616c61-0000-4000-8000-%012.0f' 1 20 >released
    ask released 1000 "$seed" >warm
    run python3 "$stopwatch" compare warm warm
    is "$status" 1 "the stopwatch tells what is released from what does not exist"
    ask forbidden "$KENTONGAN_TRIES" "$((seed + 1))" >warm
    : >cold
    while [ "$(wc -l <cold)" -lt "$KENTONGAN_TRIES" ]; do
        kill "$server"
        wait "$server" 2>/dev/null
        python3 "$stopwatch" forget node
        begin
        seed=$((seed + 2))
        ask forbidden 100 "$seed" >>cold || break
    done
    for state in warm cold; do
        run python3 "$stopwatch" compare "$state" "$state"
        is "$status" 0 "no time tells what is denied from what does not exist, $state"
        note "$out"
    done
fi
done_testing
