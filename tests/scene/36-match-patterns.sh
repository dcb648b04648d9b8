#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# STIX patterns that need more than a table are evaluated on events, and across them. The slow road evaluates all of
# them on all events and is the answer; the fast one gives the same rows.
. "${0%/*}/tap.sh"

data=$KENTONGAN_ROOT/tests/data/watch
cp "$data/patterns.json" "$data/events.json" .

# The golden rows: each name says what its pattern is about.
run "$KENTONGAN" match -i patterns.json -j 1 events.json
is "$out" "$(cat "$data/expected.rows")" "a pattern of each kind finds what it should"
is "$status" 0 "which is a hit"
like "$err" "*patterns.json: not used: 1 x pattern on file:size, which no event has*" "what no event has is named"
run "$KENTONGAN" match -i patterns.json -j 4 events.json
is "$out" "$(cat "$data/expected.rows")" "with four threads"
run "$KENTONGAN" match -i patterns.json --plain events.json
is "$out" "$(cat "$data/expected.rows")" "on the plain road"
run sh -c '"$KENTONGAN" match -i patterns.json <events.json'
is "$(printf '%s\n' "$out" | sed 's/"file":"-"/"file":"events.json"/; s/"-:/"events.json:/g')" \
    "$(sed 's/,"-:/,"events.json:/g' "$data/expected.rows")" "from standard input"
run "$KENTONGAN" match -i patterns.json --stats events.json
like "$err" "* invalid=5 *patterns=23 *" "hits of expired ones are counted"

# names FILE: the names of the patterns in rows.
names()
{
    sed -n 's/.*"name":"\([^"]*\)".*/\1/p' "$1"
}

is "$(grep -c '"name":"revoked"' "$data/expected.rows")" 0 "a revoked pattern finds nothing"
is "$(sed -n 's/^{"line":\([0-9]*\),.*"name":"expired between".*/\1/p' "$data/expected.rows")" 2 \
    "an expired one finds what was before"

# Compiled, and merged.
"$KENTONGAN" compile -i patterns.json -o patterns.idx 2>told
like "$(cat told)" "*patterns.idx: 24 indicators" "patterns compile, hints do not count"
run "$KENTONGAN" match -i patterns.idx events.json
is "$out" "$(cat "$data/expected.rows")" "the index finds the same"
printf 'melur.example\n' >list.txt
"$KENTONGAN" compile -i list.txt -i patterns.idx -o merged.idx 2>told
run "$KENTONGAN" match -i merged.idx events.json
is "$out" "$(cat "$data/expected.rows")" "and so does an index of an index"
run "$KENTONGAN" match -i patterns.idx -i patterns.json events.json
is "$out" "$(cat "$data/expected.rows")" "what stands in two files hits once"
run "$KENTONGAN" match -i list.txt --allow patterns.json events.json
is "$status:$out" "1:" "a pattern allows nothing"
printf 'update.melati.example\n198.51.100.7\n' >seen.txt
run "$KENTONGAN" match -i seen.txt --allow patterns.json events.json
is "$(printf '%s\n' "$out" | wc -l)" 6 "nor do its hints"

# Many lines in many blocks: the order is that of the input, whatever the threads.
"$KENTONGAN" simulate --seed 31 --events 20000 --hits 0.05 --indicators 200 --intel feed.txt -o log.json
sed -n 's/^domain	\([^	]*\).*/\1/p' feed.txt | awk '
    { name[NR] = $1 }
    END {
        printf "{\"type\":\"bundle\",\"id\":\"bundle--31000000-0000-4000-8000-000000000001\",\"objects\":["
        for (i = 1; i + 1 < NR; i += 2) {
            end = substr(name[i], 3)
            pattern[0] = "[domain-name:value = \x27" name[i] "\x27] AND [domain-name:value = \x27" name[i + 1] "\x27]"
            pattern[1] = "[domain-name:value LIKE \x27%" end "\x27] REPEATS 2 TIMES WITHIN 3600 SECONDS"
            pattern[2] = "[domain-name:value LIKE \x27%" end "\x27 AND domain-name:value MATCHES \x27^[a-z0-9.-]+$\x27]"
            pattern[3] = "[domain-name:value = \x27" name[i] "\x27] FOLLOWEDBY [network-traffic:dst_port IN (22, 8443)]"
            for (k = 0; k < 4; k++)
                printf "%s\n{\"type\":\"indicator\",\"id\":\"indicator--31000000-0000-4000-8000-%08d%04d\",\"name\":\"%d\",\"pattern\":\"%s\"}",
                    (i + k > 1 ? "," : ""), i, k, k, pattern[k]
        }
        print "]}"
    }' >many.json
"$KENTONGAN" match -i many.json -j 1 log.json >one 2>told
"$KENTONGAN" match -i many.json -j 4 log.json >four 2>told
"$KENTONGAN" match -i many.json --plain log.json >plain 2>told
cmp one four
ok $? "one thread and four write the same rows"
cmp one plain
ok $? "and so does the plain road"
is "$(names one | sort -u | tr '\n' ' ')" "0 1 2 3 " "patterns of all kinds hit"
sort -s -t : -k 2,2n one | cmp -s - one
ok $? "in the order of the lines"

# Plain text says no time: events happen in the order in which they come, whatever the threads.
"$KENTONGAN" match -f lines -i many.json -j 4 log.json >four 2>told
"$KENTONGAN" match -f lines -i many.json --plain log.json >plain 2>told
[ -s four ] && cmp four plain
ok $? "the same rows of events without a time"
is "$(names four | sort -u | tr '\n' ' ')" "0 1 2 " "of all kinds but the one with ports"

# Windows live across files.
sed -n 1p events.json >first.json
sed -n 2p events.json >second.json
run "$KENTONGAN" match -i patterns.json first.json second.json
like "$out" '*"name":"FOLLOWEDBY WITHIN","events":\["first.json:1","second.json:1"\]*' "two files of one run"
run "$KENTONGAN" match -i patterns.json second.json first.json
is "$(printf '%s\n' "$out" | grep -c '"name":"FOLLOWEDBY WITHIN"')" 1 "in the order of time, not of files"

# A window that is too small.
one_pattern()
{
    printf '{"type":"indicator","id":"indicator--31000000-0000-4000-8000-000000000099","name":"small","pattern":"%s"}\n' "$1"
}
one_pattern "[domain-name:value = 'update.melati.example'] REPEATS 3 TIMES" >small.json
run "$KENTONGAN" match -i small.json --window 3 events.json
is "$status" 0 "a window that is large enough"
is "$err" "" "has nothing to say"
run "$KENTONGAN" match -i small.json --window 2 --stats events.json
is "$status:$out" "1:" "one that is too small misses"
like "$err" "*1 events fell out of the windows of 1 patterns*out_of_room=1 *" "and says so, in words and in figures"
run "$KENTONGAN" match -i small.json --window 0 events.json
is "$status" 2 "a window of nothing is refused"
one_pattern "[domain-name:value = 'update.melati.example'] FOLLOWEDBY [network-traffic:dst_port = 22]" >long.json
run "$KENTONGAN" match -i long.json --stats events.json
is "$status" 0 "an event of yesterday is remembered"
sed 's/2026-06-02T09/2026-06-02T11/' events.json >later.json
run "$KENTONGAN" match -i long.json --stats later.json
is "$status" 1 "one that is older than a day is not"
like "$err" "*3 events fell out*out_of_time=3*" "which is told"

# A pattern that takes too long is named and gives up; the others go on.
"$KENTONGAN" simulate --seed 32 --events 2000 -o some.json
cat >explode.json <<'END'
{"type":"bundle","id":"bundle--31000000-0000-4000-8000-000000000002","objects":[
{"type":"indicator","id":"indicator--31000000-0000-4000-8000-000000000098","name":"explodes","pattern":"(([ipv4-addr:value LIKE '%'] AND [ipv4-addr:value LIKE '1%' OR domain-name:value LIKE 'a%']) WITHIN 1 SECONDS REPEATS 90 TIMES) WITHIN 130 SECONDS"},
{"type":"indicator","id":"indicator--31000000-0000-4000-8000-000000000097","name":"goes on","pattern":"[network-traffic:dst_port = 53]"}]}
END
run timeout 60 "$KENTONGAN" match -i explode.json --stats some.json
is "$status" 0 "a pattern made to explode ends"
like "$err" "*indicator indicator--31000000-0000-4000-8000-000000000098: its pattern took more than 1000000 steps of work on *events*split*" \
    "is named with what to do"
like "$out" '*"name":"goes on"*' "and does not keep others from their hits"

done_testing
