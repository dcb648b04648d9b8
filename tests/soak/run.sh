#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The fast roads against their slow twins, on new input until SOAK_SECONDS have passed: simulated events, clean and
# spoiled, in every format, must give the same hits and the same decoded events with and without --plain, and the same
# hits with one thread and with several. On clean input the hits must be those that were planted. A round that fails
# leaves its files and says its seed; SOAK_SEED repeats it. In the end the times of SOAK_TRIES answers about what is denied
# are held against those about what does not exist (tests/web/stopwatch.py), and a node is flooded by all ways in for
# SOAK_FLOOD seconds (300) while others are warned (tests/scene/88-flood.sh).
set -u
cd "$(dirname "$0")/../.." || exit 2
kentongan=${KENTONGAN:-build/kentongan}
seconds=${SOAK_SECONDS:-600}
work=$(mktemp -d)

# same NAME FILE FILE
same()
{
    cmp -s "$2" "$3" && return
    echo "soak: seed $seed, format $format: $1 differ: $2 $3" >&2
    failed=1
}

# A filter ends with 0 or 1; anything above is an error that no input may cause.
filter()
{
    into=$1
    shift
    "$kentongan" "$@" >"$into" 2>"$into.notes"
    [ $? -le 1 ] || {
        echo "soak: seed $seed: kentongan $* failed: $(tail -n 1 "$into.notes")" >&2
        failed=1
    }
}

twins()
{
    filter "$work/fast" match -i "$work/intel" -f "$format" -j 1 "$1"
    filter "$work/plain" match -i "$work/intel" -f "$format" --plain "$1"
    filter "$work/threads" match -i "$work/intel" -f "$format" -j 4 "$1"
    same "hits of the fast and the plain road" "$work/fast" "$work/plain"
    same "hits of one thread and of four" "$work/fast" "$work/threads"
    filter "$work/decoded" decode -f "$format" "$1"
    filter "$work/decoded-plain" decode -f "$format" --plain "$1"
    same "events of the fast and the plain road" "$work/decoded" "$work/decoded-plain"
}

# Lines that were planted and were not met.
missed()
{
    for list in truth fast; do
        sed -n 's/.*"line":\([0-9]*\).*/\1/p' "$work/$list" | sort -u >"$work/$list.lines"
    done
    comm -23 "$work/truth.lines" "$work/fast.lines"
}

round()
{
    filter "$work/events" simulate --seed "$seed" --events 20000 --hits 0.01 --indicators 20000 --format "$format" \
        --intel "$work/intel" --truth "$work/truth"
    twins "$work/events"
    [ -z "$(missed)" ] || {
        echo "soak: seed $seed, format $format: planted hits were missed in lines" $(missed | head) >&2
        failed=1
    }
    python3 tests/mutate.py "$seed" "$work/events" >"$work/spoiled" 2>"$work/seed"
    twins "$work/spoiled"
}

seed=${SOAK_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
end=$(($(date +%s) + seconds))
rounds=0
failed=0
while [ $failed -eq 0 ] && { [ $rounds -eq 0 ] || [ "$(date +%s)" -lt $end ]; }; do
    for format in eve csv lines; do
        [ $failed -ne 0 ] || round
    done
    rounds=$((rounds + 1))
    seed=$((seed + 1))
done

if [ $failed -ne 0 ]; then
    echo "soak: the files are in $work" >&2
    exit 1
fi
rm -rf "$work"
echo "soak: $rounds rounds, no difference; the last seed was $((seed - 1))"

tries=${SOAK_TRIES:-10000}
KENTONGAN=$(realpath "$kentongan") KENTONGAN_ROOT=$PWD KENTONGAN_TRIES=$tries tests/scene/75-curious.sh >"$work.scene" ||
    failed=1
sed -n 's/^# \(warm\|cold\): /soak: \1: /p' "$work.scene"
[ $failed -eq 0 ] || grep -A 2 '^not ok' "$work.scene" >&2
rm -f "$work.scene"

flood=${SOAK_FLOOD:-$((seconds < 600 ? seconds / 2 : 300))}
KENTONGAN=$(realpath "$kentongan") KENTONGAN_ROOT=$PWD KENTONGAN_FLOOD_S=$flood tests/scene/88-flood.sh >"$work.scene" ||
    failed=1
sed -n 's/^# flood: /soak: flood: /p' "$work.scene"
[ $failed -eq 0 ] || grep -A 2 '^not ok' "$work.scene" >&2
rm -f "$work.scene"
exit $failed
