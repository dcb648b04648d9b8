# SPDX-License-Identifier: Apache-2.0
# A scene is a shell script that reads this file, says what should happen, and calls done_testing:
#
#     . "${0%/*}/tap.sh"
#     run "$KENTONGAN" version
#     is "$status" 0 "it succeeds"
#     like "$out" "kentongan *" "it says its name"
#     done_testing
#
# Each scene runs in a folder of its own, which is removed at its end.

tests_run=0
tests_failed=0
scene_folder=$(mktemp -d)
trap 'rm -rf "$scene_folder"' EXIT
cd "$scene_folder" || exit 2

# ok STATUS NAME: a test that holds when STATUS is 0.
ok()
{
    tests_run=$((tests_run + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $tests_run - $2"
        return 0
    fi
    tests_failed=$((tests_failed + 1))
    echo "not ok $tests_run - $2"
    return 1
}

# Lines that explain a failure.
note()
{
    printf '%s\n' "$1" | sed 's/^/# /'
}

# is GOT EXPECTED NAME: equal text.
is()
{
    [ "$1" = "$2" ]
    ok $? "$3" || { note "got:      $1"; note "expected: $2"; return 1; }
}

# like GOT PATTERN NAME: GOT as a whole matches a shell pattern, in which * also stands for newlines.
like()
{
    case $1 in
    $2) ok 0 "$3" ;;
    *) ok 1 "$3" || { note "got:      $1"; note "expected: $2"; return 1; } ;;
    esac
}

# skip NAME REASON
skip()
{
    tests_run=$((tests_run + 1))
    echo "ok $tests_run - $1 # SKIP $2"
}

# run COMMAND...: leaves its exit status in $status, standard output in $out, standard error in $err.
run()
{
    status=0
    "$@" >"$scene_folder/.out" 2>"$scene_folder/.err" || status=$?
    out=$(cat "$scene_folder/.out")
    err=$(cat "$scene_folder/.err")
}

# until_like PATTERN COMMAND...: runs it until what it says is like that; for a minute, so that a machine that has much to
# do only takes longer.
until_like()
{
    pattern=$1
    shift
    for _ in $(seq 1200); do
        got=$("$@" 2>&1)
        # shellcheck disable=SC2254 # it is a pattern
        case $got in $pattern) return 0 ;; esac
        sleep 0.05
    done
    note "got:      $got"
    note "expected: $pattern"
    return 1
}

# second NODE CODES: ayu agrees there to the latest of what waits for a second person. The file CODES has her recovery
# codes, each of which serves once, and the file password her password.
second()
{
    number=$("$KENTONGAN" -c "$1" approval list | tail -n 1 | cut -f 1)
    digest=$("$KENTONGAN" -c "$1" approval show "$number" | sed -n 's/^digest   //p')
    code=$(head -n 1 "$2")
    sed -i 1d "$2"
    run "$KENTONGAN" -c "$1" approval agree "$number" "$digest" --person ayu --person-password password --code "$code"
}

# excepted SUITE ANSWER: the cases of a third-party suite in which we say this, for the reason in exceptions.tsv.
excepted()
{
    awk -F '\t' -v suite="$1" -v answer="$2" '$1 == suite && $3 == answer { print $2 }' "$KENTONGAN_ROOT/tests/data/exceptions.tsv"
}

done_testing()
{
    echo "1..$tests_run"
    [ "$tests_failed" -eq 0 ]
    exit
}
