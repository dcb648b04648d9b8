#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A feed is compiled once and answers as the feed does. A damaged index is refused, or harmless, and never a crash.
. "${0%/*}/tap.sh"

# A sanitizer that complains ends with 1, which would pass for "nothing found".
export ASAN_OPTIONS="exitcode=99:$ASAN_OPTIONS" UBSAN_OPTIONS="exitcode=99:$UBSAN_OPTIONS"

"$KENTONGAN" simulate --seed 25 --events 5000 --hits 0.2 --indicators 2000 --intel feed.txt -o log.json
"$KENTONGAN" simulate --seed 25 --events 5000 --hits 0.2 --indicators 2000 --intel feed.json -o log.json
"$KENTONGAN" simulate --seed 25 --events 5000 --hits 0.2 --indicators 2000 --intel feed.csv -o log.json

# The same answer, whatever the form of the feed.
for feed in feed.txt feed.json feed.csv; do
    run "$KENTONGAN" compile -i $feed -o $feed.idx
    is "$status:$out" "0:" "compile $feed"
    like "$err" "$feed.idx: [0-9]* indicators" "it says how many indicators there are"
    "$KENTONGAN" match -i $feed -j 1 log.json >by-feed
    "$KENTONGAN" match -i $feed.idx -j 1 log.json >by-index
    cmp by-feed by-index
    ok $? "the index of $feed finds what the feed does"
    [ "$(wc -l <by-index)" -ge 300 ]
    ok $? "and that is not little"
    "$KENTONGAN" match -i $feed.idx --plain log.json | cmp -s - by-feed
    ok $? "on the plain road"
done

# Merged.
head -n 1000 feed.txt >left.txt
tail -n +1001 feed.txt >right.txt
"$KENTONGAN" compile -i left.txt -o left.idx 2>told
"$KENTONGAN" match -i left.txt -i right.txt -j 1 log.json | sort >together
"$KENTONGAN" match -i left.idx -i right.txt -j 1 log.json | sort >merged
cmp -s together merged
ok $? "an index and a list together find what two lists do"
"$KENTONGAN" compile -i left.idx -i right.txt -o both.idx 2>told
is "$(cat told)" "both.idx: $(cat left.txt right.txt | grep -c .) indicators" "an index and a list compile into one"
"$KENTONGAN" match -i both.idx -j 1 log.json | sort | cmp -s - together
ok $? "which finds the same"
"$KENTONGAN" compile -i both.idx -o again.idx 2>told
"$KENTONGAN" match -i again.idx -j 1 log.json | sort | cmp -s - together
ok $? "an index of an index as well"

# What an indicator says of itself goes with it.
printf 'type,value,id,name,valid_from,valid_until\ndomain,melati.example,id-1,"Melati ""putih""",2001-01-01,2016-01-01\nurl,http://mawar.example/a,id-2,,,\nmutex,Global\\kembang,id-3,,,\n' >table.csv
printf 'timestamp,hostname,url\n2015-01-01T00:00:00Z,a.melati.example,\n2017-01-01T00:00:00Z,a.melati.example,\n2017-01-01T00:00:00Z,,http://mawar.example/a\n' >log.csv
"$KENTONGAN" compile -i table.csv -o table.idx 2>told
run "$KENTONGAN" match -i table.idx log.csv
is "$out" '{"line":2,"file":"log.csv","format":"csv","time":"2015-01-01T00:00:00.000000Z","type":"host","value":"a.melati.example","field":"hostname","indicator":"id-1","name":"Melati \"putih\""}
{"line":4,"file":"log.csv","format":"csv","time":"2017-01-01T00:00:00.000000Z","type":"url","value":"http://mawar.example/a","field":"url","indicator":"id-2","name":""}' \
    "id, name and validity are kept"
printf 'melati.example\n' >short.txt
"$KENTONGAN" compile -i short.txt -o short.idx 2>told
mkdir elsewhere
cp short.idx elsewhere/moved
run "$KENTONGAN" match -i elsewhere/moved log.csv
like "$out" '*"indicator":"short.txt:1",*' "an index may be moved and renamed, and names the list it came from"
run sh -c 'cat short.txt | "$KENTONGAN" compile -i - -o piped.idx'
is "$status" 0 "a list may come through a pipe"
run "$KENTONGAN" match -i piped.idx log.csv
is "$status" 0 "and serves as any other"

# /dev/null is an empty log.
run "$KENTONGAN" match -i short.idx /dev/null
is "$status:$out$err" "1:" "no events, no hits"
run "$KENTONGAN" match -i /dev/null log.csv
is "$status" 2 "but no intelligence"

# An index is known by its beginning.
run "$KENTONGAN" check short.idx
is "$out" "short.idx: ok (index)" "an index is recognised"
run sh -c 'cat short.idx | "$KENTONGAN" match -i - log.csv'
case $status:$err in
0:) ok 0 "an index through a pipe: read" ;;
2:*index*) ok 0 "an index through a pipe: refused as one" ;;
*) ok 1 "an index through a pipe: read, or refused as one" || note "$status: $err" ;;
esac
gzip -c short.idx >short.idx.gz
run "$KENTONGAN" match -i short.idx.gz log.csv
case $status:$err in
0:) ok 0 "a packed index: read" ;;
2:*index*) ok 0 "a packed index: refused as one" ;;
*) ok 1 "a packed index: read, or refused as one" || note "$status: $err" ;;
esac

# Failure leaves nothing behind, and an old index untouched.
mkdir place
cp short.idx place/old.idx
cp place/old.idx kept.idx
printf 'not a good row\n' >bad.txt
for bad in bad.txt nowhere.txt place; do
    run "$KENTONGAN" compile -i $bad -o place/new.idx
    is "$status" 2 "no index of $bad"
    run "$KENTONGAN" compile -i $bad -o place/old.idx
    is "$status" 2 "nor over an old one"
done
is "$(ls -A place)" old.idx "nothing is left behind"
cmp -s place/old.idx kept.idx
ok $? "the old index is untouched"
run "$KENTONGAN" compile -i short.txt -o nowhere/new.idx
is "$status" 2 "an index in a folder that is not there"
like "$err" "kentongan compile: nowhere/new.idx*No such file*" "is refused by name"
run "$KENTONGAN" compile -i short.txt -o place
is "$status" 2 "an index in place of a folder"
is "$(ls -A place) $(ls -d place*)" "old.idx place" "is refused, and nothing is left beside it"
run sh -c 'trap "" XFSZ; ulimit -f 8; "$KENTONGAN" compile -i feed.txt -o place/large.idx'
is "$status" 2 "an index that does not fit on the disk"
is "$(ls -A place)" old.idx "leaves nothing behind"
# A pipe stands for everything that is no file, a device above all: it must still be there afterwards.
mkfifo place/pipe
run timeout 2 "$KENTONGAN" compile -i short.txt -o place/pipe
[ -p place/pipe ]
ok $? "what is no file is not replaced by one"
rm -f place/pipe
run "$KENTONGAN" compile -i feed.txt -o place/old.idx
is "$status" 0 "a good one takes the place of the old"
is "$(ls -A place)" old.idx "with nothing beside it"
run "$KENTONGAN" compile -i short.txt
is "$status" 2 "an index has to be named"
run "$KENTONGAN" compile -o new.idx
is "$status" 2 "and so has intelligence"

# Damage: cut at many lengths, and bytes flipped at many places, in the header and all over. Each is a start of the program;
# src/match/index_test.c damages each byte of the header, and much behind it, without one. KENTONGAN_DAMAGE=N: N times as many.
cat >damage.py <<'END'
import os, random, subprocess, sys
kentongan, index, log, times = sys.argv[1:]
times = int(times)
whole = open(index, 'rb').read()
random.seed(25)
refused = harmless = 0

def attempt(what, image):
    global refused, harmless
    with open('damaged.idx', 'wb') as file:
        file.write(image)
    command = [kentongan, 'match', '-i', 'damaged.idx', '-j', '1', log]
    try:
        status = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=10).returncode
    except subprocess.TimeoutExpired:
        status = 124
    if status == 2:
        refused += 1
    elif status in (0, 1):
        harmless += 1
    else:
        print(what, 'ended with', status)

for length in sorted({0, 1, 15, 16, 17, 63, 64, 65, len(whole) - 1} | {random.randrange(len(whole)) for _ in range(15 * times)}):
    attempt('cut at %d' % length, whole[:length])
for i in range(60 * times):
    at = random.randrange(128 if i % 4 < 2 else len(whole)) # the header is the first of it
    by = 0xff if i % 2 else 1 << random.randrange(8)
    attempt('byte %d flipped by %d' % (at, by), whole[:at] + bytes([whole[at] ^ by]) + whole[at + 1:])
for i in range(15 * times):
    at = random.randrange(0, len(whole) - 8, 8)
    attempt('word %d all ones' % at, whole[:at] + b'\xff' * 8 + whole[at + 8:])
attempt('longer', whole + bytes(4096))
print('refused' if refused > 40 * times else 'only %d refused' % refused)
END
"$KENTONGAN" compile -i table.csv -i short.txt -o small.idx 2>told
run python3 damage.py "$KENTONGAN" small.idx log.csv "${KENTONGAN_DAMAGE:-1}"
is "$out$err" "refused" "no damage to a small index is more than refused or harmless"
head -n 300 log.json >some.json
run python3 damage.py "$KENTONGAN" feed.txt.idx some.json "${KENTONGAN_DAMAGE:-1}"
is "$out$err" "refused" "nor to a large one"
{ head -c 8 short.idx; printf '\377'; tail -c +10 short.idx; } >magic.idx
run "$KENTONGAN" match -i magic.idx log.csv
is "$status" 2 "another magic is no index"
{ head -c 24 short.idx; printf '\011'; tail -c +26 short.idx; } >version.idx
run "$KENTONGAN" match -i version.idx log.csv
is "$status" 2 "an index of another version is refused"
like "$err" "*version.idx*" "by name"
run "$KENTONGAN" check version.idx
is "$status" 1 "check refuses it too"

done_testing
