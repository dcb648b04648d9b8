#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An invented network, and a list of what has to be found in it. The fast roads find what the plain one does, in good
# lines and in spoiled ones, on every machine.
. "${0%/*}/tap.sh"

# A sanitizer that complains ends with 1, which would pass for "nothing found".
export ASAN_OPTIONS="exitcode=99:$ASAN_OPTIONS" UBSAN_OPTIONS="exitcode=99:$UBSAN_OPTIONS"

# The same options make the same bytes.
for format in eve csv lines; do
    for name in one two; do
        "$KENTONGAN" simulate --seed 28 --events 4000 --hits 0.1 -f $format --intel $name.txt --truth $name.truth -o $name.$format
    done
    cmp -s one.$format two.$format && cmp -s one.txt two.txt && cmp -s one.truth two.truth
    ok $? "the same seed makes the same $format, list and truth"
    "$KENTONGAN" simulate --seed 29 --events 4000 --hits 0.1 -f $format --intel other.txt --truth other.truth -o other.$format
    ! cmp -s one.$format other.$format && ! cmp -s one.txt other.txt
    ok $? "another seed makes another $format"
done
"$KENTONGAN" simulate --seed 28 --events 4000 --hits 0.1 --intel one.txt --truth one.truth >piped.eve
cmp -s one.eve piped.eve
ok $? "EVE is what is made when nothing is said, and to standard output"
is "$(wc -l <one.eve) $(wc -l <one.csv) $(wc -l <one.lines)" "4000 4001 4000" "as many events as were asked for"
"$KENTONGAN" simulate --seed 28 --events 10 --indicators 500 --intel few.txt -o few.eve
head -n "$(wc -l <few.txt)" one.txt | cmp -s - few.txt
ok $? "a short list is the beginning of a longer one"
"$KENTONGAN" simulate --seed 28 --events 100 --start 2027-01-31T23:59:59Z -o late.eve
like "$(head -n 1 late.eve)" '{"timestamp":"2027-01-31T23:59:59.*' "the first event happens when it is told to"
run "$KENTONGAN" check one.eve one.csv few.eve late.eve
like "$out" "one.eve: ok (eve)*few.eve: ok (eve)
late.eve: ok (eve)" "EVE that is made up is well formed"
for bad in '--seed x' '--events -1' '--hits 2' '--hits x' '--indicators 0' '--start yesterday' '--format evil' \
    '--truth nowhere/truth' '--intel nowhere/list.txt' '-o nowhere/events'; do
    run "$KENTONGAN" simulate -o bad.eve --events 10 $bad
    is "$status" 2 "simulate $bad is an error"
done

# What was planted is what is found: line, field, value and indicator, no more and no less.
cat >compare.py <<'END'
import json, sys
truth, rows = ([json.loads(line) for line in open(name)] for name in sys.argv[1:])
planted, found = ({(row['line'], row['field'], row['value'], row['indicator']) for row in some} for some in (truth, rows))
for what, pairs in (('not found', planted - found), ('not planted', found - planted)):
    for pair in sorted(pairs)[:5]:
        print(what, *pair)
print(len(truth), 'planted,', len(rows), 'found')
END
# Simulated lines begin as those of syslog do, and are recognised as that.
as_named()
{
    sed 's/"format":"syslog"/"format":"lines"/; s/"field":"message"/"field":"line"/'
}

for format in eve csv lines; do
    "$KENTONGAN" simulate --seed 280 --events 8000 --hits 0.1 -f $format --intel list.txt --truth truth -o events
    "$KENTONGAN" match -i list.txt -j 1 -f $format events >found
    run python3 compare.py truth found
    is "$out" "800 planted, 800 found" "what was planted in $format is what is found"
    for threads in 1 2; do
        "$KENTONGAN" match -i list.txt -j $threads events | as_named | cmp -s - found
        ok $? "$format is recognised, and $threads threads write the same bytes"
    done
done

# answer ROAD FORMAT FILE: all that is said of the file; rows, complaints and figures, but for how it was done.
answer()
{
    case $1 in
    plain) answer_plain=--plain ;;
    *) answer_plain= ;;
    esac
    for command in "match -i list.txt" decode; do
        KENTONGAN_SCAN=$1 timeout 20 "$KENTONGAN" $command -f "$2" -j 2 --stats $answer_plain "$3" 2>told
        echo "status $?"
        sed 's/ strict=.*//' told
    done
}

# An unknown name, and one that this machine does not know, fall back to what it can do.
roads="avx512 avx2 scalar sse9"
for format in eve csv lines; do
    "$KENTONGAN" simulate --seed 281 --events 3000 --hits 0.2 -f $format --intel list.txt -o events
    answer plain $format events >plain
    like "$(cat plain)" "{\"line\":*status 0
events=3000 *hits=600 malformed=0 *" "the plain road reads $format"
    [ $format = eve ] || roads=default
    for road in $roads; do
        answer $road $format events | cmp -s - plain
        ok $? "simulated $format, $road: as the plain road"
    done
    for seed in 1 2 3 4 5; do
        python3 "$KENTONGAN_ROOT/tests/mutate.py" $seed events >spoiled 2>said
        cat said
        answer plain $format spoiled >plain
        like "$(cat plain)" "{\"line\":*status 0
*events=*status 0
*events=*" "spoiled $format, seed $seed: the plain road gets through"
        for road in $roads; do
            answer $road $format spoiled >fast
            cmp -s fast plain
            ok $? "spoiled $format, seed $seed, $road: as the plain road" || note "$(diff fast plain | head -n 5)"
        done
    done
    [ $format != eve ] || is "$(sed -n 's/.*malformed=\([0-9]*\).*/\1/p' plain | tr -d '\n' | grep -c '^[1-9]')" 1 "and something was spoiled"
done

done_testing
