#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Rotated logs are packed, sometimes several in one file, and the last one is sometimes cut short.
. "${0%/*}/tap.sh"

# pack KIND <PLAIN >PACKED
pack()
{
    case $1 in
    gzip) gzip -c ;;
    zstd) zstd -q -c ;;
    esac
}

"$KENTONGAN" simulate --seed 23 --events 20000 --hits 0.05 --intel list.txt -o log.json
"$KENTONGAN" match -i list.txt -j 1 log.json | sed 's/"file":"[^"]*",//' >expected
printf 'melati.example\n' >short.txt
# The first events lie far before any cut.
head -n 5000 log.json >first.json
tail -n +5001 log.json >second.json

# rows FILE NAME: the rows of the plain log, whatever the road.
rows()
{
    status=0
    "$KENTONGAN" match -i list.txt -j 2 "$1" >found 2>told || status=$?
    sed 's/"file":"[^"]*",//' found | cmp -s - expected
    ok $? "$2"
    is "$status:$(cat told)" "0:" "$2: without a word"
}

for kind in gzip zstd; do
    if ! command -v $kind >/dev/null; then
        skip "logs packed with $kind" "$kind is not installed"
        continue
    fi
    pack $kind <log.json >log.$kind
    rows log.$kind "a log packed with $kind"
    cp log.$kind log.json.old
    rows log.json.old "under any name"
    cat log.$kind | "$KENTONGAN" match -i list.txt 2>told | sed 's/"file":"[^"]*",//' | cmp -s - expected
    ok $? "$kind through a pipe"

    { pack $kind <first.json; pack $kind <second.json; } >members.$kind
    rows members.$kind "several members of $kind in one file"
    { pack $kind <first.json; : | pack $kind; pack $kind <second.json; } >empty-member.$kind
    rows empty-member.$kind "one of them empty"

    pack $kind <list.txt >list.$kind
    run "$KENTONGAN" match -i list.$kind -j 1 log.json
    is "$(printf '%s\n' "$out" | wc -l)" "$(wc -l <expected)" "intelligence packed with $kind"

    # Half of it: what came before is used, the end is told.
    head -c $(($(wc -c <log.$kind) / 2)) log.$kind >half.$kind
    run "$KENTONGAN" match -i list.txt -j 1 half.$kind
    is "$status" 2 "a log of $kind that ends early is an error"
    like "$err" "*kentongan match: half.$kind: *ends early*" "which says what and where"
    found=$(printf '%s\n' "$out" | wc -l)
    [ "$found" -gt 100 ]
    ok $? "what came before was used"
    printf '%s\n' "$out" | sed 's/"file":"[^"]*",//' | head -n $((found - 1)) >got
    head -n $((found - 1)) expected | cmp -s - got
    ok $? "and is what it is in the whole log"
    plain=$out
    run "$KENTONGAN" match -i list.txt -j 4 --plain half.$kind
    is "$out" "$plain" "on every road"

    # A second member that is cut, and one cut at the very end.
    { pack $kind <first.json; pack $kind <second.json | head -c 20; } >second.$kind
    run "$KENTONGAN" match -i list.txt second.$kind
    is "$status" 2 "a member cut short behind a whole one"
    is "$(printf '%s\n' "$out" | wc -l)" "$("$KENTONGAN" match -i list.txt first.json | wc -l)" "the whole one was used"
    head -c $(($(wc -c <log.$kind) - 1)) log.$kind >almost.$kind
    run "$KENTONGAN" match -i list.txt almost.$kind
    is "$status" 2 "one byte short"

    # Damage in the middle.
    { head -c 3000 log.$kind; printf 'kentongan kentongan kentongan'; tail -c +3030 log.$kind; } >damaged.$kind
    run timeout 10 "$KENTONGAN" match -i list.txt damaged.$kind
    is "$status" 2 "a damaged log of $kind"
    like "$err" "*damaged.$kind: *" "is named"
    run "$KENTONGAN" match -i list.txt half.$kind log.json
    is "$status" 2 "a bad file is an error though others follow"
    pack $kind <list.txt | head -c 100 >half-list.$kind
    run "$KENTONGAN" match -i half-list.$kind log.json
    is "$status:$out" "2:" "half a list is no list"
    head -c 3 log.$kind >three.$kind
    run timeout 10 "$KENTONGAN" match -i short.txt three.$kind
    [ "$status" -le 2 ]
    ok $? "three bytes of $kind"
done

# Only another member may follow one; what came before is used, and what follows is told.
{ gzip -c <log.json; head -c 4096 /dev/zero; } >padded
"$KENTONGAN" match -i list.txt padded 2>told >padded.rows
is "$?" 2 "zero bytes behind the last member are an error"
sed 's/"file":"[^"]*",//' <padded.rows | cmp -s - expected
ok $? "and what came before them is used"

done_testing
