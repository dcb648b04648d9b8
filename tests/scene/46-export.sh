#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a node knows goes out in the forms that defenders load, and what does not is named.
. "${0%/*}/tap.sh"

kt()
{
    run "$KENTONGAN" -c node "$@"
}

"$KENTONGAN" init node --name "Melati CERT" ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
cat >list.txt <<'END'
192.0.2.7
198.51.100.0/24
2001:db8::7
10.0.0.7
evil.example
https://worse.example/login
d41d8cd98f00b204e9800998ecf8427e
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
END
kt import --source list list.txt
is "$status" 0 "there is something to give out"

# ---- Kinds, each loaded by the program that it is for, where that is here ----

for kind in stix misp csv rpz suricata suricata-rules zeek nft; do
    kt export --as $kind -o "out.$kind"
    [ "$status" -eq 0 ] && [ -s "out.$kind" ] && [ -z "$out" ]
    ok $? "$kind goes into a file"
    like "$err" "*out.$kind: 8 objects, * left out" "$kind: which is told"
    "$KENTONGAN" -c node export --as $kind >"stdout.$kind" 2>err
    lines=$(wc -l <"stdout.$kind")
    is "$(wc -l <"out.$kind")" "$lines" "$kind: or to standard output"
done
like "$(cat out.csv)" "type,value,*ipv4,192.0.2.7,*" "CSV is a table"
kt import --as csv --source again out.csv
like "$status:$out" "0:out.csv: import 2: 8 objects read as csv: 8 new*" "that a node reads back"
kt import --as stix --source again out.stix
like "$status:$out" "0:out.stix: import 3: 8 objects read as stix: 8 new*" "as it does its own bundle"
kt import --source again out.misp
like "$status:$out" "0:out.misp: import 4: * objects read as misp: *" "and its own events"
kt import --undo 2 --reason "a trial"
kt import --undo 3 --reason "a trial"
kt import --undo 4 --reason "a trial"
kt export --as rpz --zone rpz.melati.example -o zone
like "$(cat zone)" "*evil.example CNAME .*" "the zone has its names"
if command -v named-checkzone >/dev/null; then
    run named-checkzone -q rpz.melati.example zone
    is "$status:$out" "0:" "named-checkzone takes it"
else
    skip "named-checkzone takes it" "bind9-utils is not installed"
fi
if command -v nft >/dev/null && nft -c -f /dev/null 2>/dev/null; then
    run nft -c -f out.nft
    is "$status:$err" "0:" "nft takes it"
else
    skip "nft takes it" "nft is not installed, or may not be asked here"
fi
like "$(cat stdout.nft)" "*192.0.2.7*" "addresses are in the set"
case $(cat stdout.nft) in *10.0.0.7*) private=1 ;; *) private=0 ;; esac
is $private 0 "but for those of private networks"
kt export --as nft
like "$err" "*left out: 1 x *private*" "which are named"
kt export --as nft --private
like "$out" "*10.0.0.7*" "and go out when asked for"

# ---- A choice ----

printf 'worst.example\n' | "$KENTONGAN" -c node import --source other >told
kt export --as csv --source other
like "$(printf '%s\n' "$out" | wc -l):$out" "2:*worst.example*" "of one source"
kt export --as csv --source nobody
is "$status:$out:$err" "2::kentongan export: there is no source of that name" "a source that nobody knows is an error"
kt export --as csv --type malware
is "$status" 1 "of a type that is not there there is nothing"
kt export --as csv --since 2030-01-01T00:00:00Z
is "$status" 1 "nor of the future"
kt export --as csv --since tomorrow
is "$status" 2 "and tomorrow is no time"
id=$("$KENTONGAN" -c node search worst.example | cut -f 1)
kt export --as csv "$id"
like "$(printf '%s\n' "$out" | wc -l):$out" "2:*worst.example*" "of one id"
kt export --as csv indicator--00000000-0000-4000-8000-000000000000
is "$status:$out" "2:" "an id that nobody knows is an error"

# ---- Errors leave what was there ----

# A bundle of ours may hold objects of both versions, byte for byte; those of 2.0 do not say theirs (section 3.2).
tool='{"type":"tool","id":"tool--6b616c61-0000-4000-8000-000000000020","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Old drum","labels":["exploitation"]}'
printf '{"type":"bundle","id":"bundle--6b616c61-0000-4000-8000-000000000020","spec_version":"2.0","objects":[%s]}' "$tool" >older.json
run "$KENTONGAN" -c node import --source older older.json
is "$status:$out" "0:older.json: import 6: 1 objects read as stix: 1 new" "an object of STIX 2.0 comes in"
kt export --as stix -o both.json
"$KENTONGAN" init mirror --name "Kenanga CERT" >made
run "$KENTONGAN" -c mirror import both.json
like "$status:$out:$err" "0:both.json: import 1: [0-9]* objects read as stix: [0-9]* new*:" "what a node gives out another one takes in, all of it"
"$KENTONGAN" -c mirror export --as stix -o again.json 2>err
is "$(sed '$d' again.json | sort | cksum)" "$(sed '$d' both.json | sort | cksum)" "and gives out the same"
is "$(grep -c '^{"type":"tool","id"' again.json)" 1 "objects of both versions"

kt export --as nothing
is "$status:$err" "2:kentongan export: no such kind: nothing (stix, misp, csv, rpz, suricata, suricata-rules, zeek, nft)" "an unknown kind"
kt export
like "$status:$err" "2:kentongan export: as what? --as is one of stix, *" "no kind at all"
kt export --as csv --all-versions
like "$status:$err" "2:kentongan export: csv takes the newest versions only: *" "old versions of what cannot say so"
printf 'as it was\n' >kept
kt export --as csv --source nobody -o kept
is "$status:$(cat kept):$(echo kept.*)" "2:as it was:kept.*" "a file stays as it was when there is an error"
kt export --as csv -o no/such/folder
is "$status" 2 "a folder that is not there is an error"
if [ -w /dev/full ]; then
    run sh -c '"$KENTONGAN" -c node export --as csv >/dev/full'
    like "$status:$err" "2:*kentongan export: standard output: No space left on device" "a full disk is told"
fi
# 100 blocks of 512 bytes: room for what the database needs to be read, and for less than a megabyte of names.
seq -f 'name-%.0f.example' 5000 >names.txt
run "$KENTONGAN" -c node import --source names names.txt
run sh -c 'ulimit -f 100; "$KENTONGAN" -c node export --as stix --source names -o kept'
is "$status:$err" "2:kentongan export: kept: File too large" "a file that may not grow is told by its name"
is "$(cat kept):$(echo kept.*)" "as it was:kept.*" "and the file stays as it was"
[ "$(stat -c %a out.csv)" = "$(umask | awk '{ printf "%o", 438 - (substr($0, length($0) - 2, 1) * 64 + substr($0, length($0) - 1, 1) * 8 + substr($0, length($0), 1)) }')" ]
ok $? "a file gets the rights that others get"

mkfifo pipe
cat pipe >through &
kt export --as csv --source names -o pipe
wait "$!"
[ -p pipe ] && [ -s through ]
ok $? "what is there and no file is written to, and not replaced"

done_testing
