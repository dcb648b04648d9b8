# SPDX-License-Identifier: Apache-2.0
# A scene is a shell script that reads this file, says what should happen, and calls done_testing:
#
#     . "${0%/*}/tap.sh"
#     run "$KENTONGAN" version
#     is "$status" 0 "it succeeds"
#     like "$out" "kentongan *" "it says its name"
#     done_testing
#
# Each scene runs in a folder of its own, which is removed at its end. Scenes of a node read node.sh, those of several
# nodes.sh, in the place of this file.

tests_run=0
tests_failed=0
scene_folder=$(mktemp -d)
# What a scene starts ends with it: its server, its mail server, its links, and all that it adds to $beside.
beside=
scene_end()
{
    set -- ${server:-} ${sink:-} ${links:-} $beside
    [ $# -eq 0 ] || { kill "$@"; wait "$@"; } 2>/dev/null
    rm -rf "$scene_folder"
}
trap scene_end EXIT
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

# needs NAME TOOL...: skips the scene of that name where one of these is not installed.
needs()
{
    scene=$1
    shift
    for tool; do
        case $tool in
        aiosmtpd) /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null ;;
        *) command -v "$tool" >/dev/null ;;
        esac && continue
        skip "$scene" "$tool is not installed"
        done_testing
    done
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
# do only takes longer. It looks at once, and then less and less often, every $look seconds in the end: each look takes time
# from what it waits for.
look=0.1
until_like()
{
    pattern=$1
    shift
    for pause in 0.02 0.04 0.06 0.08 $(seq 600 | sed "s/.*/$look/"); do
        got=$("$@" 2>&1)
        # shellcheck disable=SC2254 # it is a pattern
        case $got in $pattern) return 0 ;; esac
        sleep "$pause"
    done
    note "got:      $got"
    note "expected: $pattern"
    return 1
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
