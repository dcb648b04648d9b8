#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Intelligence comes into a node: all of a text or nothing, with what became of it; and goes again.
. "${0%/*}/tap.sh"

kt()
{
    run "$KENTONGAN" -c node "$@"
}

"$KENTONGAN" init node --name "Melati CERT" ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
stamp='"created":"2026-01-01T00:00:00.000Z"'
# malware LAST MODIFIED NAME
malware()
{
    printf '{"type":"malware","spec_version":"2.1","id":"malware--6b616c61-0000-4000-8000-%012d",%s,"modified":"%s","is_family":false,"name":"%s"}' \
        "$1" "$stamp" "$2" "$3"
}

# ---- What became of it ----

malware 1 2026-02-01T00:00:00.000Z Melati >first.json
malware 1 2026-03-01T00:00:00.000Z "Melati 2" >second.json
malware 1 2026-03-01T00:00:00.000Z "Somebody else" >other.json
kt import second.json
is "$status:$out:$err" "0:second.json: import 1: 1 objects read as stix: 1 new:" "an object is new"
kt import first.json
is "$out" "first.json: import 2: 1 objects read as stix: 1 older versions" "one of before is older"
kt import second.json
is "$out" "second.json: import 3: 1 objects read as stix: 1 there already" "the same is there already"
kt import other.json
is "$status:$out" "0:other.json: import 4: 1 objects read as stix: 1 contradicting what was there, kept apart" "other content of the same version contradicts it"
is "$err" "other.json: another content of the same version is there: malware--6b616c61-0000-4000-8000-000000000001 2026-03-01T00:00:00" "which is told by its id"
kt import --source peer first.json
is "$out" "first.json: import 5: 1 objects read as stix: 1 new" "each source stands for itself"
gzip -c second.json | "$KENTONGAN" -c node import --json --source packed >told 2>&1
like "$(cat told)" '{"file":"(standard input)","import":6,"form":"stix",*"objects":1,"new":1,"newer":0,"older":0,"duplicates":0,"conflicts":0,"crowded":0,"other_creator":0,"refused":0,"dropped":0,"warned":0}' "standard input, packed, told as JSON"

# ---- What is not taken ----

{ printf '['; malware 2 2026-02-01T00:00:00.000Z Kenanga; printf ',\n'; malware 3 yesterday Cempaka; printf ']\n'; } >mixed.json
kt import mixed.json
is "$status:$out" "0:mixed.json: import 7: 1 objects read as stix: 1 new, 1 refused" "what is valid is taken"
like "$err" "mixed.json:2:1: refused: modified: *[[]STIX 2.1 section 2.16.1]" "what is not is told with its place and section"
kt import --show 7
like "$out" "7	*	done	stix	mixed.json	1 added
refused	2:1	modified: *" "and kept with its reason"
kt import --show 7 --json
like "$out" '*{"line":2,"column":1,"refused":"modified: *","original":"{*malware*Cempaka*}","cut":false}' "and its original"
printf 'type,value,colour\ndomain,evil[.]example,red\nipv4,192.0.2.7,blue\ndomain,no good,red\n' >table.csv
kt import table.csv
like "$status:$out" "0:table.csv: import 8: 2 objects read as csv: 2 new, 1 refused, * details left behind" "of a table, too"
like "$err" "*table.csv:4:*: refused: *table.csv: left behind: * x *colour*" "with the columns that say nothing to us"
kt import --original 8
is "$out" "$(cat table.csv)" "the text of a table is kept as it came"
kt import --original 7
like "$status:$err" "2:kentongan import: it was STIX, of which the objects are kept *" "that of STIX is in its objects"

# ---- More than is told ----

# 30 rows that are none, and 1500 objects with two warnings each (the id, a property).
{ echo type,value; echo ipv4,192.0.2.7; seq -f 'ipv4,192.0.2.%.0f' 300 329; } >rows.csv
kt import rows.csv
like "$err" "*
rows.csv: 10 more were refused; \`import --show 9\` has all" "what is not told of the refused, and where it is"
run "$KENTONGAN" import --dry-run rows.csv
like "$err" "*
rows.csv: 10 more were refused" "which a dry run has nowhere"
seq 1500 | awk '{ printf "%s{\"type\":\"mutex\",\"spec_version\":\"2.1\",\"id\":\"mutex--6b616c61-0000-4000-8000-1%011d\",\"name\":\"w%d\",\"x_colour\":\"red\"}", NR == 1 ? "[" : ",\n", $1, $1 } END { print "]" }' >warned.json
run "$KENTONGAN" import --dry-run warned.json
is "$out" "warned.json: 1500 objects read as stix: 3000 warnings (\`kentongan check\` tells them)" "all warnings are counted"
marking='{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--6b616c61-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00.000Z","definition_type":"statement","definition":{"statement":"'
printf '%sMelati"}}' "$marking" >marking.json
printf '%sKenanga"}}' "$marking" >contrary.json
kt import marking.json contrary.json
is "$err" "contrary.json: another content of the same version is there: marking-definition--6b616c61-0000-4000-8000-000000000001" "what has no versions contradicts itself without one"

# ---- Nothing half ----

before=$("$KENTONGAN" -c node export --as stix --all-versions 2>/dev/null | sed '$d' | cksum)
# fails FORM PLACE NAME: the file broken is refused as a whole, and but for the record nothing is there of it.
fails()
{
    form=$1
    expected=$2
    kt import --as "$form" --source broken broken
    [ "$status" -eq 2 ]
    ok $? "$3 is an error" || note "$out$err"
    like "$err" "*kentongan import: broken: $expected*nothing of it was kept; import [0-9]* has the record" "$3: with its place"
    number=${err##*import }
    number=${number%% *}
    kt import --show "$number"
    like "$out" "$number	*	failed	*	broken	*" "$3: the record says so"
    after=$("$KENTONGAN" -c node export --as stix --all-versions 2>/dev/null | sed '$d' | cksum)
    is "$after" "$before" "$3: nothing else changed"
}
{ printf '{"type":"bundle","id":"bundle--6b616c61-0000-4000-8000-000000000000","objects":['; malware 5 2026-02-01T00:00:00.000Z X; printf ',{"type":'; } >broken
fails stix "line 1, column " "a bundle that breaks off"
printf '[{"type":"malware"}]' >broken
fails stix "nothing in it can be used: line 1, column 2: " "STIX without a valid object"
printf '{"Event":{"uuid":"6b616c61-0000-4000-8000-000000000001","info":' >broken
fails misp "line 1, column 64: " "a MISP event that breaks off"
printf 'colour,shape\nred,round\n' >broken
fails csv "*" "a table without a column that we know"
printf 'type,value\ndomain,no good\n' >broken
fails csv "nothing in it can be used: line 2, column * " "a table of bad rows"
kt import --show "$number"
like "$out" "*
refused	2:*	*" "and has the rows"
printf 'this is not\na list at all\n' >broken
fails list "nothing in it can be used: line 1, column 5: " "a list of nothing"
printf 'Good morning to you all.\n' >broken
fails text "nothing in it can be used" "a text without a value"
head -c 300 "$KENTONGAN" >broken
fails stix "*" "a program"
kt import broken
like "$status:$err" "2:kentongan import: broken: neither STIX, MISP, CSV nor a list, by its beginning; --as says what it is
*" "a program whose form nobody names"
printf 'Good morning from 192.0.2.7 to you all.\n' >letter
kt import letter
like "$status:$err" "2:*kentongan import: letter: nothing in it can be used: line 1, column 5: * (read as list, by its looks; --as says otherwise)
*" "a text that looks like a list is told how to say what it is"
kt import --as text letter
like "$status:$out" "0:letter: import *: 1 objects read as text: 1 new*" "and is taken with that"
: >void
kt import void
like "$status:$err" "2:kentongan import: void: it is empty
*" "an empty file is told as that"
kt import --as text void
like "$status:$err" "2:kentongan import: void: it is empty
*" "whatever it was said to be"
printf '\037\213\010\000broken' >broken.gz
kt import broken.gz
like "$status:$err" "2:kentongan import: broken.gz: the packed data ends early*" "a torn archive is an error"
kt import no-such-file second.json
like "$status:$err:$out" "2:kentongan import: no-such-file: No such file or directory:second.json: import *there already" "a file that is not there does not keep the next one out"

kt import --list
before=$out
kt import --as sticks second.json first.json
is "$status:$out:$err" "2::kentongan import: sticks is no form of intelligence: it is stix, misp, csv, list or text" "a form that is none is told once"
kt import --list
is "$out" "$before" "and no import is begun for it"

# An archive that unpacks to objects without end.
sed 's/^\[import\]$/[import]\nobjects = 3000/' node/node.conf >conf.new
cat conf.new >node/node.conf
awk 'BEGIN { for (i = 0; i < 20000; i++) printf "{\"type\":\"mutex\",\"spec_version\":\"2.1\",\"id\":\"mutex--6b616c61-0000-4000-8000-%012d\",\"name\":\"m%d\"}\n", i, i }' |
    gzip -c >many.gz
kt import many.gz
is "$status:$out" "2:" "objects beyond the ceiling are an error"
like "$err" "kentongan import: many.gz: line 3001: more than 3000 objects
kentongan import: the configuration has these ceilings ([[]import[]] objects, bytes)*" "that names the ceiling, and where it is said"
kt search --type mutex m7
is "$status:$out" "1:" "and leave nothing"
kt export --as stix --type mutex
is "$status" 1 "at all"

# A file that may not grow, as by a quota: 4000 blocks of 512 bytes.
if [ -z "${KENTONGAN_POSTGRES:-}" ]; then
    "$KENTONGAN" init narrow --name "Melati CERT" >made
    seq -f 'name-%.0f.example' 20000 >names.txt
    run sh -c 'ulimit -f 4000; "$KENTONGAN" -c narrow import names.txt'
    like "$status:$err" "2:kentongan import: names.txt: *node.db: *nothing of it was kept; import 1 has the record" "a database that may not grow is an error"
    run "$KENTONGAN" -c narrow import --list
    like "$out" "1	*	failed	*	names.txt	0 added	*" "of which the list says that nothing was added"
    run "$KENTONGAN" -c narrow import names.txt
    like "$status:$out" "0:names.txt: import 2: 20000 objects read as list: 20000 new" "and which is well again with room"
    run sh -c 'ulimit -f 100; "$KENTONGAN" init cramped --name "Melati CERT"'
    is "$status:$(ls -d cramped 2>/dev/null)" "2:" "a node without room for its database is not made"
else
    skip "a database that may not grow" "the server writes it"
fi

# ---- Ended in the middle ----

# endless: objects as long as somebody reads them
endless()
{
    awk 'BEGIN { for (i = 0;; i++) printf "{\"type\":\"mutex\",\"spec_version\":\"2.1\",\"id\":\"mutex--6b616c61-0000-4000-8000-%012d\",\"name\":\"m%d\"}\n", i, i }' 2>/dev/null
}
# ended SIGNAL: an import that gets it while its first objects are there
ended()
{
    mkfifo "pipe$1"
    endless >"pipe$1" &
    "$KENTONGAN" -c node import --source endless <"pipe$1" >told 2>err &
    pid=$!
    for _ in $(seq 100); do
        "$KENTONGAN" -c node import --list >list 2>/dev/null
        grep -q "	running	" list && break
        sleep 0.05
    done
    sleep 0.2
    kill "-$1" "$pid"
    status=0
    wait "$pid" || status=$?
}
sed 's/^objects = 3000$/objects = 1000000000/' node/node.conf >conf.new
cat conf.new >node/node.conf
ended INT
is "$status:$(cat told)" "2:" "Ctrl-C ends an import"
like "$(cat err)" "kentongan import: (standard input): stopped before its end; nothing of it was kept*" "in order"
kt search --type mutex m7
is "$status:$out" "1:" "nothing of it is there"
kt import --list
like "$out" "*	failed	*	(standard input)	0 added	stopped before its end; *" "and the list says so"
ended KILL
is "$status" 137 "a kill ends it at once"
kt search --type mutex m7
is "$status:$out" "1:" "nothing of it is seen"
kt import second.json
is "$status" 0 "the next import goes on"
kt import --list
like "$out" "*	failed	*	(standard input)	*	the program ended in the middle of it
*" "and finds what had become of it"

# ---- A dry run, a record, an undoing ----

run "$KENTONGAN" import --dry-run mixed.json
is "$status:$out" "0:mixed.json: 1 objects read as stix: 1 refused" "a dry run needs no node and says what would be"
kt import --list
first=$(printf '%s\n' "$out" | tail -n 1)
like "$first" "1	*Z	done	stix	second.json	1 added" "imports are listed, the first at the end"
kt import --undo 1
is "$status:$err" "2:kentongan import: why? --reason says it to whoever asks later" "an undoing wants a reason"
kt import --undo 7 --reason "sent by mistake"
like "$status:$out" "0:7	*	undone	stix	mixed.json	1 added	sent by mistake" "an import is undone"
kt search Kenanga
is "$status:$out" "1:" "and what it brought is gone"
kt import --undo 7 --reason "once more"
is "$status:$err" "2:kentongan import: import 7 cannot be undone: it is undone" "once only"
kt import --undo 3 --reason "a repetition"
kt search '"Melati 2"'
is "$status" 0 "what another import brought as well stays"

# ---- Somebody else's object ----

made='"type":"malware","spec_version":"2.1","id":"malware--6b616c61-0000-4000-8000-000000000009","created_by_ref":"identity--6b616c61-0000-4000-8000'
printf '{%s-0000000000aa",%s,"modified":"2026-02-01T00:00:00.000Z","is_family":false,"name":"Melati"}' "$made" "$stamp" >ours.json
printf '{%s-0000000000bb",%s,"modified":"2026-03-01T00:00:00.000Z","is_family":false,"name":"Sedap Malam"}' "$made" "$stamp" >theirs.json
kt import --source shared ours.json
kt import --source shared theirs.json
like "$status:$out" "0:theirs.json: import *: 1 newer versions, 1 by another creator than the first version, kept" "who changes what another made is told of"
is "$err" "theirs.json: not made by the creator of the first version, who alone may change it: malware--6b616c61-0000-4000-8000-000000000009 2026-03-01T00:00:00" "by the id"
kt search '"Sedap Malam"'
is "$status" 0 "and kept, since the source says so"

# ---- Third-party data, in nodes on SQLite ----

if [ -n "${KENTONGAN_POSTGRES:-}" ]; then
    done_testing # and they are there in the scene without it
fi
attack=${KENTONGAN_CONFORMANCE:-$KENTONGAN_ROOT/../shared/conformance}/stix/attack
if [ ! -d "$attack" ] || ! command -v python3 >/dev/null; then
    skip "the releases of ATT&CK in any order" "they are not here"
else
    # An order that the day decides: forth and back have to give the same.
    ls "$attack"/*.json.gz >forth
    sed '1!G;h;$!d' forth >back
    for order in forth back; do
        "$KENTONGAN" init "attack-$order" --name "Melati CERT" >made
        # shellcheck disable=SC2046
        run "$KENTONGAN" -c "attack-$order" import $(cat $order)
        is "$status" 0 "the releases of ATT&CK are imported, $order"
        "$KENTONGAN" -c "attack-$order" export --as stix --all-versions -o all.json 2>err
        "$KENTONGAN" -c "attack-$order" export --as stix -o newest.json 2>err
        # shellcheck disable=SC2046
        run python3 "$KENTONGAN_ROOT/tests/conformance/versions.py" all.json newest.json $(cat forth)
        is "$status:$out" "0:" "every (id, modified) is there and the right one is the newest, byte for byte, $order"
    done
fi

misp=${KENTONGAN_CONFORMANCE:-$KENTONGAN_ROOT/../shared/conformance}/events/misp/misp-to-stix21-a.jsonl
if [ ! -f "$misp" ] || ! command -v python3 >/dev/null; then
    skip "events of MISP" "they are not here"
else
    "$KENTONGAN" init misp --name "Melati CERT" >made
    run python3 "$KENTONGAN_ROOT/tests/conformance/misp_kept.py" "$KENTONGAN" misp "$misp"
    [ -z "$err" ] || note "$err"
    is "$status:$out" "0:" "of each attribute the value is in an exported object, or it is named"
fi

done_testing
