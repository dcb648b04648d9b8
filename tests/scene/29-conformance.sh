#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Logs, intelligence and test suites of third parties, which are not part of the project: KENTONGAN_CONFORMANCE says
# where they are.
. "${0%/*}/tap.sh"

# A sanitizer that complains ends with 1, which would pass for "nothing found".
export ASAN_OPTIONS="exitcode=99:$ASAN_OPTIONS" UBSAN_OPTIONS="exitcode=99:$UBSAN_OPTIONS"

data=${KENTONGAN_CONFORMANCE:-$KENTONGAN_ROOT/../shared/conformance}
if [ ! -d "$data" ]; then
    skip "third-party data" "there is none at $data"
    done_testing
fi

# A log of a real sensor, and what has to be found in it.
suricata=$data/events/suricata
if [ -f "$suricata/eve-a.jsonl.gz" ]; then
    run "$KENTONGAN" match -i "$suricata/indicators-a.json" "$suricata/eve-a.jsonl.gz"
    is "$status:$err" "0:" "a real log is read without a complaint"
    printf '%s\n' "$out" >rows
    cat >compare.py <<'END'
import json, re, sys
expected = {(indicator, line + 1)
            for indicator, lines in json.load(open(sys.argv[1]))['hits'].items() for line in lines}
named = re.compile(r'src_ip|dest_ip|dns\..*rrname|http\.hostname|tls\.sni|(fileinfo|files\[\])\.(md5|sha1|sha256)')
rows = [json.loads(line) for line in open('rows')]
found = {(row['indicator'], row['line']) for row in rows}
found_there = {(row['indicator'], row['line']) for row in rows if named.fullmatch(row['field'])}
print('missing', len(expected - found), 'not expected', len(found_there - expected), 'at least 500', len(expected) >= 500)
END
    run python3 compare.py "$suricata/indicators-a-expected.json"
    is "$out$err" "missing 0 not expected 0 at least 500 True" "every pair that is known is found, and no other"

    gzip -dc "$suricata/eve-a.jsonl.gz" >real.json
    # answer ROAD FILE: rows, complaints and figures, but for how it was done.
    answer()
    {
        case $1 in
        plain) answer_plain=--plain ;;
        *) answer_plain= ;;
        esac
        for command in "match -i $suricata/indicators-a.json" decode; do
            KENTONGAN_SCAN=$1 timeout 20 "$KENTONGAN" $command -f eve -j 2 --stats $answer_plain "$2" 2>told
            echo "status $?"
            sed 's/ strict=.*//' told
        done
    }
    answer plain real.json >plain
    for road in avx512 avx2 scalar; do
        answer $road real.json | cmp -s - plain
        ok $? "real lines, $road: as the plain road"
    done
    for seed in 11 12 13; do
        python3 "$KENTONGAN_ROOT/tests/mutate.py" $seed real.json >spoiled 2>said
        cat said
        answer plain spoiled >plain
        like "$(tail -n 1 plain)" "events=*malformed=[1-9]*" "real lines spoiled, seed $seed: some are malformed"
        for road in avx512 avx2 scalar; do
            answer $road spoiled >fast
            cmp -s fast plain
            ok $? "real lines spoiled, seed $seed, $road: as the plain road" || note "$(diff fast plain | head -n 5)"
        done
    done
else
    skip "a log of a real sensor" "there is no $suricata/eve-a.jsonl.gz"
fi

# JSON: what must be read is read, what must be refused is refused. A key that stands twice is JSON, but not for us.
suite=$data/json/JSONTestSuite
if [ -d "$suite" ]; then
    run timeout 20 "$KENTONGAN" check --as json "$suite"/y_*.json
    is "$(printf '%s\n' "$out" | grep -v ': ok (json)$' | sed 's|.*/\([^:]*\):[0-9:]* .*|\1|')" \
        "$(excepted json/JSONTestSuite refused)" "what must be read is read, but for keys that stand twice"
    [ "$(printf '%s\n' "$out" | grep -c ': ok (json)$')" -ge 50 ]
    ok $? "and that is not little"
    # How deep they may lie inside each other is a ceiling of ours, which the standard leaves to us.
    run timeout 20 "$KENTONGAN" check --as json "$suite"/n_*.json
    is "$status:$(printf '%s\n' "$out" | grep -avE '^[^:]*:[0-9]+:[0-9]+: .*(\[RFC 8259 section [^]]*\]|inside each other)$')" "1:" \
        "what must be refused is refused, each by place and section"
    is "$(printf '%s\n' "$out" | cut -d : -f 1)" "$(printf '%s\n' "$suite"/n_*.json)" "each of them once"
    [ "$(printf '%s\n' "$out" | wc -l)" -ge 90 ]
    ok $? "and that is not little, either"
    run timeout 20 "$KENTONGAN" check --as json "$suite"/i_*.json
    is "$(printf '%s\n' "$out" | grep surrogate | grep -c ': ok')" 0 "half a surrogate pair is refused"
    is "$(printf '%s\n' "$out" | grep i_number | grep -vc ': ok')" 0 "a number may be large"
    [ "$status" -le 1 ]
    ok $? "and nothing falls over"
    for file in "$suite"/*.json; do
        tr -d '\n' <"$file" | head -c 250000
        echo
    done >suite.eve
    "$KENTONGAN" decode -f eve -j 1 suite.eve >fast 2>fast-told
    "$KENTONGAN" decode -f eve -j 1 --plain suite.eve >plain 2>plain-told
    cmp fast plain && cmp fast-told plain-told
    ok $? "as lines of a log, the fast and the plain road say the same of them"
else
    skip "JSONTestSuite" "there is no $suite"
fi

# MISP and STIX as other programs write them.
echo 'melati.example' >log.txt
# loads FILE: as intelligence, whether or not there is anything to look for.
loads()
{
    timeout 10 "$KENTONGAN" match -i "$1" log.txt >rows 2>told
    loads_status=$?
    [ $loads_status -le 1 ] || note "$1: $loads_status: $(tail -n 1 told)"
    [ $loads_status -le 1 ]
}
misp=$data/events/misp
if [ -d "$misp" ]; then
    failed=0
    count=0
    for file in "$misp"/files/*.json; do
        case ${file##*/} in
        galaxy.json | git-vuln-finder-quagga.json | sharing_groups.json | sighting.json) # no intelligence
            run "$KENTONGAN" match -i "$file" log.txt
            is "$status" 2 "${file##*/} is refused"
            continue
            ;;
        esac
        count=$((count + 1))
        loads "$file" || failed=$((failed + 1))
    done
    [ $failed -eq 0 ] && [ $count -ge 20 ]
    ok $? "MISP files load"
    if [ -f "$misp/misp-to-stix21-a.jsonl" ]; then
        mkdir pairs
        python3 - "$misp/misp-to-stix21-a.jsonl" <<'END'
import json, sys
for number, line in enumerate(open(sys.argv[1])):
    row = json.loads(line)
    for side in ('misp', 'stix21'):
        with open('pairs/%03d-%s.json' % (number, side), 'w') as file:
            json.dump(row[side], file)
END
        failed=0
        for file in pairs/*.json; do
            loads "$file" || failed=$((failed + 1))
        done
        [ $failed -eq 0 ] && [ "$(find pairs -type f | wc -l)" -ge 100 ]
        ok $? "events and the bundles made of them load"
    fi
fi
lists=$data/taxonomies/misp-warninglists
if [ -d "$lists" ]; then
    failed=0
    for file in "$lists"/*/list.json; do
        run "$KENTONGAN" match -i log.txt --allow "$file" log.txt
        [ "$status" -le 1 ] || {
            failed=$((failed + 1))
            note "$file: $status: $err"
        }
    done
    is $failed 0 "warning lists load"
fi

done_testing
