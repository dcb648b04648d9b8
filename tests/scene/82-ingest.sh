#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Events of a hospital's sensor and reports about many are taken into a node: matched, attributed, counted once.
. "${0%/*}/tap.sh"

today=$(date -u +%Y-%m-%d)
"$KENTONGAN" init node >/dev/null 2>&1 || exit 2
node="$KENTONGAN -c node"
printf '{"type":"indicator","spec_version":"2.1","id":"indicator--6b616c61-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","indicator_types":["malicious-activity"],"pattern":"[ipv4-addr:value = '"'203.0.113.77'"']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}' |
    $node import - >/dev/null 2>&1 || exit 2
for name in Melati Mawar; do
    $node org add $name --kind hospital --sector health >/dev/null && $node org state $name active --reason scene >/dev/null || exit 2
done
$node asset add Mawar 198.51.100.0/25 >/dev/null || exit 2

# event FROM TO
event() { printf '{"timestamp":"%sT00:10:00+0000","event_type":"flow","src_ip":"%s","dest_ip":"%s","dest_port":443}\n' "$today" "$1" "$2"; }
# report ADDRESS HOUR TYPE
report() { printf '{"time.source":"%sT%s:00:00Z","source.ip":"%s","source.port":23,"classification.type":"%s","classification.identifier":"contoh"}\n' "$today" "$2" "$1" "$3"; }

# ---- A sensor ----

{
    event 10.1.1.5 203.0.113.77
    event 10.1.1.5 192.0.2.1
    echo '{"timestamp":'
    event 10.1.1.6 203.0.113.77
} >eve.json
run $node ingest --stream melati eve.json
like "$status:$err" "2:*no stream melati*--org NAME*--reports*" "a stream that is mistyped is not made"
run $node ingest --stream melati --org Melati eve.json
like "$status:$out:$err" "0::eve.json: 3 events, 2 hits, 0 doubles, 1 malformed, *" "a sensor's events are taken in"
run $node ingest --stream melati eve.json
like "$status:$err" "0:eve.json: nothing new" "the same file adds nothing"
event 10.1.1.7 192.0.2.9 >>eve.json
mv eve.json eve.json.1
run $node ingest --stream melati --json eve.json.1
like "$status:$out" '0:{"input":"eve.json.1","events":1,*"passed":[1-9]*' "a file that grew and was renamed adds what is new, and says how much it passed over"
gzip -c eve.json.1 >eve.json.gz
run $node ingest --stream melati --org Mawar eve.json.gz
like "$status:$err" "2:*stream melati is of somebody else*" "a stream stays whose it is"
run $node ingest --stream melati no.json
like "$status:$err" "2:*no.json*" "a file that is not there is an error"
event 10.1.1.8 192.0.2.9 | $node ingest --stream melati 2>told
like "$(cat told)" "(standard input): 1 events*" "a pipe is taken in, too"

# ---- Reports ----

{
    report 198.51.100.7 00 infected-system
    report 198.51.100.7 01 infected-system
    report 198.51.100.200 00 scanner
} >reports.json
run $node ingest --stream reports --reports -j 2 reports.json
like "$status:$err" "0:reports.json: 3 events, 0 hits, 1 doubles, 0 malformed*" "what is reported twice on a day is a double"

# ---- What it came to ----

is "$($node ingest counts | grep -v "^$today	[A-Z]*[a-z]*	[a-z]*	melati" | sort)" "$today			reports	information-gathering/scanner	1	0	0
$today	Mawar	health	reports	malicious-code/infected-system	2	0	1" "each report is its owner's, and nobody's is told as that"
is "$($node ingest counts | grep melati)" "$today	Melati	health	melati		5	2	0" "the sensor's events are its organisation's"
run $node ingest streams --json
like "$out" '*"name":"melati","organisation":"Melati","format":"auto","events":5,"malformed":1,"shed":0*"name":"reports","organisation":"","format":"auto","events":3*' "streams say all that came by them"
is "$(ls node/memory/*.run | wc -l | tr -d ' ')" 3 "each batch of the sensor is remembered"
# ---- What was put aside ----

{
    event 10.1.1.9 192.0.2.9
    printf '{"timestamp":"%sT00:20:00+0000","event_type":"flow" "src_ip":"10.1.1.9","dest_ip":"203.0.113.77"}\n' "$today"
    printf '{"\033]0;x\007\377<b>":\n'
    printf '{"timestamp":"%sT00:30:00+0000","event_type":"flow" "src_ip":"10.1.1.10","dest_ip":"192.0.2.9"}\n' "$today"
    printf '{"long":"%017000d\n' 7
} >bad.json
run $node ingest --stream melur --org Mawar bad.json
like "$err" "bad.json: 1 events, 0 hits, 0 doubles, 4 malformed*" "what is no event is put aside"
run $node ingest quarantined melur
is "$(printf '%s\n' "$out" | cut -f 2,3 | tr '\t' ' ')" "melur bad.json:2:61
melur bad.json:3:3
melur bad.json:4:61
melur bad.json:5:17010" "and listed with stream, file, line and byte"
like "$out" '*bad.json:2:61	*	{"timestamp":*"flow" "src_ip"*' "with the reason and the record"
is "$(printf '%s' "$out" | LC_ALL=C tr -d '\n\t -~\200-\376' | wc -c | tr -d ' ')" 0 "nothing in it moves the cursor of a terminal"
batch=$(printf '%s\n' "$out" | sed -n '1s/	.*//p')
run $node ingest quarantined --json --batch "$batch"
like "$(printf '%s\n' "$out" | tail -n 1)" "{\"batch\":$batch,\"taken\":\"*\"line\":5,\"byte\":17010,*\"bytes\":17009,\"whole\":false,*" "or as JSON, which says what is not whole"
is "$($node ingest quarantined melur --batch $((batch + 1)))" "" "by batch"
run $node ingest quarantined nobody
is "$status" 2 "of a stream that is there"
$node ingest quarantined melur --original >given 2>told
is "$(cat given)" "$(sed -n 2,4p bad.json)" "the records are given as they came"
like "$(cat told)" "*bad.json:5 of batch $batch is not kept whole" "but for what is not whole"
sed -n 's/"flow" "src_ip"/"flow","src_ip"/p' given >mended.json
run $node ingest --stream melur mended.json
like "$err" "mended.json: 2 events, 1 hits, 0 doubles, 0 malformed*" "mended, they are taken in"
is "$($node ingest counts | grep melur)" "$today	Mawar	health	melur		3	1	0" "and the counts are right"
run $node ingest
like "$status:$err" "2:*ingest --stream NAME*" "without a stream it says what it wants"
done_testing
