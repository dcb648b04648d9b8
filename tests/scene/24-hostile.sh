#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What comes from outside is broken, by accident or on purpose. A bad line costs that line, and nothing falls over.
. "${0%/*}/tap.sh"

# A sanitizer that complains ends with 1, which would pass for "nothing found".
export ASAN_OPTIONS="exitcode=99:$ASAN_OPTIONS" UBSAN_OPTIONS="exitcode=99:$UBSAN_OPTIONS"

good='{"timestamp":"2026-11-20T03:00:00.000000Z","event_type":"dns","src_ip":"192.0.2.10","dns":{"rrname":"melati.example"}}'
printf 'melati.example\n203.0.113.0/24\n' >list.txt

# survive FORMAT FILE LINES MALFORMED NAME: those lines are met and so many records are malformed, on both roads.
survive()
{
    run timeout 20 "$KENTONGAN" match -i list.txt -f "$1" -j 1 --stats "$2"
    is "$(printf '%s\n' "$out" | sed -n 's/{"line":\([0-9]*\),.*/\1/p' | tr '\n' ' ')$(printf '%s\n' "$err" |
        sed -n 's/.* malformed=\([0-9]*\) .*/and \1/p')" "$3and $4" "$5"
    rows=$out
    told=$(printf '%s\n' "$err" | grep malformed:)
    run timeout 20 "$KENTONGAN" match -i list.txt -f "$1" -j 2 --plain "$2"
    is "$out$(printf '%s\n' "$err" | grep malformed:)" "$rows$told" "$5: the plain road says the same"
}

# Lines of JSON.
for piece in 1 20 50 80 117; do
    printf '%s\n' "$good" | head -c $piece
    echo
done >cut.json
printf '%s\n' "$good" >>cut.json
survive eve cut.json "6 " 5 "truncated lines"
like "$told" "cut.json:1:2: malformed: *" "the place is told"

{
    printf '%s\n' "$good"
    printf '{"timestamp":"2026-11-20T03:00:00Z","event_type":"dns","dns":{"rrname":"melati.exa\nmple"}}\n'
    printf '%s\n' "$good" "$good"
} >newline.json
survive eve newline.json "1 4 5 " 2 "a raw newline in a string spoils its two halves and no more"
printf '%s\n' "$good" '{"timestamp":"2026-11-20T03:00:00Z","event_type":"dns","dns":{"rrname":"melati.example}}' "$good" "$good" >quote.json
survive eve quote.json "1 3 4 " 1 "a string without an end spoils its own line"
printf '%s\n' "$good" '{"a":"\' "$good" '{"a":"b\\\' "$good" >backslash.json
survive eve backslash.json "1 3 5 " 2 "a backslash before the newline reaches no further"
printf '%s\n' "$good" '}]}]' ',,,' '""""' "$good$good" 'null' "$good" >grammar.json
survive eve grammar.json "1 7 " 5 "grammar that is none"

python3 - >deep.json <<END
print('$good')
print('[' * 100000)
print('[' * 100000 + ']' * 100000)
print('{"a":' * 100000 + '1' + '}' * 100000)
print('{"dns":' + '[{"a":' * 50000)
print('{"timestamp":"2026-11-20T03:00:00Z","event_type":"dns","deep":' + '[' * 100000 + ']' * 100000 + ',"dns":{"rrname":"melati.example"}}')
print('$good')
END
survive eve deep.json "1 7 " 5 "nesting a hundred thousand deep"
run timeout 10 "$KENTONGAN" decode -f eve deep.json
is "$status:$(printf '%s\n' "$out" | wc -l)" "0:2" "decode survives it"
run timeout 10 "$KENTONGAN" check --as json deep.json
is "$status" 1 "and check"

{
    printf '%s\n' "$good"
    printf '{"timestamp":"2026-11-20T03:00:00Z","event_type":"dns","x":"\377\376","dns":{"rrname":"melati.example"}}\n'
    printf '{"timestamp":"2026-11-20T03:00:00Z","event_type":"dns","x":"\355\240\200","dns":{"rrname":"melati.example"}}\n'
    printf '{"timestamp":"2026-11-20T03:00:00Z","event_type":"dns","x":"\300\257","dns":{"rrname":"melati.example"}}\n'
    printf '{"timestamp":"2026-11-20T03:00:00Z","event_type":"dns","\303":1,"dns":{"rrname":"melati.example"}}\n'
    printf '{"timestamp":"2026-11-20T03:00:00Z","event_type":"dns","x":"\303\251","dns":{"rrname":"melati.example"}}\n'
} >utf8.json
survive eve utf8.json "1 6 " 4 "what is not UTF-8"
{
    printf '%s\n' "$good"
    printf '{"timestamp":"2026-11-20T03:00:00Z","event_type":"dns","x":"\000","dns":{"rrname":"melati.example"}}\n'
    printf '\000\n\000\000\000\n'
    printf '%s\n' "$good"
} >nul.json
survive eve nul.json "1 5 " 3 "NUL bytes"

# Long lines.
python3 - >long.json <<END
good = '$good'
print(good[:-1] + ',"payload":"' + 'a' * 130000 + '"}')
print(good[:-1] + ',"answers":[' + ','.join(['{"rrname":"x.example","rdata":"192.0.2.7"}'] * 40000) + ']}')
print(good)
END
survive eve long.json "1 2 3 " 0 "a line of 130 KB, and one of 1.6 MB"

# A line of 64 MB is beyond all ceilings. It costs itself, and not the memory of the machine.
cat >peak.py <<'END'
import resource, subprocess, sys
with open(sys.argv[1], 'wb') as rows:
    status = subprocess.run(sys.argv[2:], stdout=rows).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, status)
END
endless()
{
    printf '%s\n' "$good"
    printf '{"timestamp":"2026-11-20T03:00:00Z","event_type":"dns","x":"'
    head -c 67108864 /dev/zero | tr '\0' "$1"
    printf '\n%s\n' "$good"
}
for letter in a '"' '[' ','; do
    endless "$letter" >endless.json
    survive eve endless.json "1 3 " 1 "a line of 64 MB of $letter"
    like "$told" "endless.json:2:*16 MiB*" "the ceiling is told"
done
if grep -q __asan_init "$KENTONGAN"; then
    skip "and little memory" "a sanitizer needs much of its own"
else
    # meson lets malloc fill what it hands out, and then memory that is only reserved looks used.
    for road in -j2 --plain; do
        run env -u MALLOC_PERTURB_ python3 peak.py rows "$KENTONGAN" match -i list.txt -j 2 $road endless.json
        like "$out" "* 0" "found again"
        [ "${out% *}" -lt 128 ]
        ok $? "and little memory with $road" || note "${out% *} MB"
    done
fi
head -c 67108864 endless.json | timeout 20 "$KENTONGAN" match -i list.txt -f eve >rows 2>told
is "$(wc -l <rows)" 1 "a line of 64 MB that never ends"
rm endless.json
head -c 67108864 /dev/zero | tr '\0' x >one-line.txt
printf '\nmelati.example\n' >>one-line.txt
survive lines one-line.txt "2 " 1 "64 MB of plain text in one line"
{ echo 'timestamp,hostname'; printf '"'; cat one-line.txt; } >one-line.csv
printf '2026-11-20T03:00:00Z,melati.example\n' >>one-line.csv
run timeout 20 "$KENTONGAN" match -i list.txt -f csv one-line.csv
like "$out" '*"line":4,*' "64 MB of CSV behind a quote"
rm one-line.txt one-line.csv

# Other formats.
printf 'timestamp,hostname,note\n2026-11-20T03:00:00Z,x.example,"never closed\n2026-11-20T03:00:01Z,melati.example,fine\n2026-11-20T03:00:02Z,melati.example,"text"behind\n2026-11-20T03:00:03Z,melati.example,fine\n' >quote.csv
survive csv quote.csv "3 5 " 2 "a CSV quote that is never closed, and text behind one"
printf 'melati.example\n\000melati.example\n\377\376 melati.example\nmelati.example' >junk.txt
survive lines junk.txt "1 3 4 " 1 "plain text with NUL, without UTF-8, without a last newline"

# Junk, whole.
python3 - <<'END'
import random
random.seed(24)
def junk(size, of=range(256)):
    return bytes(random.choices(of, k=size))
open('random.bin', 'wb').write(junk(300000))
open('brackets.bin', 'wb').write(junk(300000, b'{}[]",:\\\n 1ae.-'))
open('elf.bin', 'wb').write(b'\x7fELF' + bytes(100000))
END
printf '\n%s\n' "$good" >last-lines
for junk in random brackets elf; do
    cat $junk.bin last-lines >mixed.bin
    last=$(wc -l <mixed.bin)
    run timeout 20 "$KENTONGAN" match -i list.txt -f eve -j 3 mixed.bin
    like "$out" "*{\"line\":$last,*" "an event behind $junk bytes is met"
    rows=$out
    told=$err
    run timeout 20 "$KENTONGAN" match -i list.txt -f eve --plain mixed.bin
    is "$out$err" "$rows$told" "on the plain road as well"
    for format in auto eve csv lines; do
        run timeout 20 "$KENTONGAN" match -i list.txt -f $format $junk.bin
        [ "$status" -le 2 ]
        ok $? "$junk bytes as events of $format" || note "$status: $err"
        run timeout 20 "$KENTONGAN" decode -f $format $junk.bin
        [ "$status" -le 2 ]
        ok $? "decoded as $format" || note "$status: $err"
    done
    printf '%s\n' "$good" >good.json
    run timeout 20 "$KENTONGAN" match -i $junk.bin good.json
    case $junk:$status in
    *:2 | brackets:1) ok 0 "$junk bytes as intelligence" ;; # two colons and nothing more are an address
    *) ok 1 "$junk bytes as intelligence" || note "$status: $err" ;;
    esac
    for kind in json stix misp csv list text eve lines index; do
        run timeout 20 "$KENTONGAN" check --as $kind $junk.bin
        [ "$status" -le 2 ]
        ok $? "$junk bytes checked as $kind" || note "$status: $err"
    done
done

# Lists with bad rows: the good ones are used, the bad ones are told with place and reason.
printf 'melati.example\nthis is a sentence\nipv4\t999.1.2.3\nmd5\tabc\n203.0.113.0/24\nsha256\t%s\tid\tmore\n' \
    00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff >mixed.txt
run "$KENTONGAN" match -i mixed.txt good.json
is "$status" 0 "a list with bad rows is used"
like "$out" '*"indicator":"mixed.txt:1"*' "its good rows hit"
is "$(printf '%s\n' "$err" | sed -n 's/^\(mixed.txt:[0-9]*:[0-9]*\): ..*/\1/p')" "mixed.txt:2:5
mixed.txt:3:6
mixed.txt:4:5
mixed.txt:6:75" "its bad rows are told by line and column"
like "$err" "*mixed.txt: 2 indicators read as list, 4 bad rows left out" "and counted"
printf 'no good\nnor this one\n' >bad.txt
run "$KENTONGAN" match -i bad.txt good.json
is "$status" 2 "a list without a good row is an error"
like "$err" "*bad.txt*not one good indicator*" "which says so"
for i in $(seq 30); do echo "bad row $i"; done >many-bad.txt
echo melati.example >>many-bad.txt
run "$KENTONGAN" match -i many-bad.txt good.json
is "$(printf '%s\n' "$err" | grep -c '^many-bad.txt:[0-9]*:[0-9]*: ')" 10 "ten bad rows are told, the rest is counted"
like "$err" "*1 indicators read as list, 30 bad rows left out" "all of them"

# Broken intelligence.
printf '{"type":"bundle","id":"bundle--24000000-0000-4000-8000-000000000000","objects":[\n{"type":"indicator",' >cut-bundle.json
run "$KENTONGAN" match -i cut-bundle.json good.json
is "$status" 2 "a bundle that ends early is an error"
like "$err" "*cut-bundle.json: *line 2*" "the place is told"
run "$KENTONGAN" match -i list.txt -i cut-bundle.json good.json
is "$status:$out" "2:" "one broken file among good ones is an error before anything is written"

# What is no file.
mkdir folder
run "$KENTONGAN" match -i folder good.json
is "$status" 2 "a folder is no intelligence"
like "$err" "kentongan match: folder: *directory*" "which is said"
run "$KENTONGAN" match -i list.txt folder
is "$status" 2 "nor events"
run "$KENTONGAN" check folder
is "$status" 2 "nor to be checked"
cp list.txt secret.txt
chmod 000 secret.txt
if [ -r secret.txt ]; then
    skip "intelligence that may not be read is an error" "this user may read everything"
else
    run "$KENTONGAN" match -i secret.txt good.json
    is "$status" 2 "intelligence that may not be read is an error"
fi
run "$KENTONGAN" match -i list.txt -o folder good.json
is "$status" 2 "a folder is no output"
if [ -w /dev/full ]; then
    run sh -c '"$KENTONGAN" match -i list.txt good.json >/dev/full'
    is "$status" 2 "a full disk is an error"
    like "$err" "kentongan match: *" "which is told"
fi

# A reader that has seen enough.
"$KENTONGAN" simulate --seed 24 --events 50000 --hits 0.5 --intel much.txt -o much.json
for threads in 1 4; do
    { timeout 20 "$KENTONGAN" match -i much.txt -j $threads much.json 2>told; echo $? >ended; } | head -n 1 >first
    like "$(cat first)" '{"line":*}' "one row for head -n 1"
    # Told or killed by the pipe, as filters are; neither a crash nor a wait for the end.
    case $(cat ended) in 0 | 2 | 141) ok 0 "and a clean end" ;; *) ok 1 "and a clean end" || note "$(cat ended)" ;; esac
    { timeout 20 "$KENTONGAN" decode -j $threads much.json 2>told; echo $? >ended; } | head -n 1 >first
    case $(cat ended) in 0 | 2 | 141) ok 0 "of decode too" ;; *) ok 1 "of decode too" || note "$(cat ended)" ;; esac
done

# Nothing at all.
: >empty
run "$KENTONGAN" match -i list.txt empty
is "$status:$out$err" "1:" "an empty log: no hits, no words"
run sh -c '"$KENTONGAN" match -i list.txt </dev/null'
is "$status:$out$err" "1:" "nor from an empty standard input"
printf '\n\n\r\n' >blank
run "$KENTONGAN" match -i list.txt --stats blank
like "$err" "events=0 * malformed=0 *" "blank lines are no events"
run "$KENTONGAN" match -i empty good.json
is "$status" 2 "empty intelligence is none"
like "$err" "kentongan match: empty: *" "which is named"

# Other people's line ends, and a byte order mark before it all.
mark=$(printf '\357\273\277')
printf '%s\r\n%s\r\n' "$good" "$good" >crlf.json
survive eve crlf.json "1 2 " 0 "CRLF in EVE"
printf 'timestamp,hostname\r\n2026-11-20T03:00:00Z,melati.example\r\n2026-11-20T03:00:00Z,"melati.example"\r\n' >crlf.csv
survive csv crlf.csv "2 3 " 0 "in CSV"
printf 'it was melati.example\r\nmelati.example\r\n' >crlf.txt
survive lines crlf.txt "1 2 " 0 "in plain text"
printf '# feed\r\nmelati.example\r\n203.0.113.0/24\r\n' >list-crlf.txt
run "$KENTONGAN" match -i list-crlf.txt good.json
is "$status:$err" "0:" "in a list"
printf 'type,value\r\ndomain,melati.example\r\n' >table-crlf.csv
run "$KENTONGAN" match -i table-crlf.csv good.json
is "$status:$err" "0:" "in a table"
printf '%s%s\n%s\n' "$mark" "$good" "$good" >mark.json
survive auto mark.json "1 2 " 0 "a byte order mark before EVE"
printf '%stimestamp,hostname\n2026-11-20T03:00:00Z,melati.example\n' "$mark" >mark.csv
survive auto mark.csv "2 " 0 "before CSV"
printf '%smelati.example\n' "$mark" >list-mark.txt
run "$KENTONGAN" match -i list-mark.txt good.json
is "$status:$err" "0:" "before a list"
printf '%stype,value\ndomain,melati.example\n' "$mark" >table-mark.csv
run "$KENTONGAN" match -i table-mark.csv good.json
is "$status:$err" "0:" "before a table"
printf '%s{"type":"bundle","id":"bundle--24000000-0000-4000-8000-000000000000","objects":[{"type":"indicator","spec_version":"2.1","id":"indicator--24000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","pattern":"[domain-name:value = '\''melati.example'\'']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}]}\n' "$mark" >bundle-mark.json
run "$KENTONGAN" match -i bundle-mark.json good.json
case $status:$err in
0:) ok 0 "before a bundle: read" ;;
2:*"byte order mark"*) ok 0 "before a bundle: refused, and called by its name" ;;
*) ok 1 "before a bundle: read, or refused and called by its name" || note "$status: $err" ;;
esac

done_testing
