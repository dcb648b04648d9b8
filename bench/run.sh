#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# bench/run.sh [quick | sharing | memory | desk]: measures build/kentongan as it is shipped against named peers, in one run on this machine, and
# prints one row per figure. Rates are per CPU second (user + system) of the whole process; everything is run in turn,
# round after round, and the median counts. The data is made from a new seed each time. Nothing here fails because a
# figure is low; a wrong answer does fail.
#
#   quick          a tenth of the events and of the lists, one round
#   sharing        only what sharing costs: decisions, releases, the ledger, two nodes
#   memory         only what remembering and looking into the past cost
#   desk           only how long a duty officer waits, with the incidents and reports of years
#   SEED=N         this seed instead of a new one
#   ROUNDS=N       instead of 3
#   DEEP=N         the most objects behind TAXII, instead of a million
#   RELEASES="OBJECTSxPARTNERS ..."   instead of 1000000x10 and 20000x100, which take four minutes and 6 GB
#   DAYS=N         daily runs of the memory, instead of 100 (3 GB)
#   INCIDENTS=N TOLD=N   incidents and reports at the desk, instead of 100000 and 1000000 (4 GB)
#   ENTRIES=N LONG=N   entries that a node makes, and of the log that proofs are from
#   KEEP=1         leave bench/data behind (up to 5 GB)
#   KENTONGAN=FILE measure this binary
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."

kentongan=${KENTONGAN:-build/kentongan}
warned=30 # times that somebody is warned
pairs=100 # posts that somebody met, each beside one that nobody did
data=bench/data
seed=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
case ${1:-full} in
full | sharing | memory | desk) events=3000000 small=10000 middle=1000000 large=10000000 reports=1000000 stored=100000 deep=${DEEP:-1000000} asks=1000 rounds=${ROUNDS:-3}
    releases=${RELEASES:-1000000x10 20000x100} entries=${ENTRIES:-1000000} long=${LONG:-10000000} days=${DAYS:-100} noted=4000000
    incidents=${INCIDENTS:-100000} told=${TOLD:-1000000} ;;
quick) events=300000 small=10000 middle=100000 large=1000000 reports=100000 stored=20000 deep=${DEEP:-50000} asks=200 rounds=${ROUNDS:-1}
    releases=${RELEASES:-50000x1 10000x10 1000x100} entries=${ENTRIES:-100000} long=${LONG:-1000000} days=${DAYS:-10} noted=400000
    incidents=${INCIDENTS:-2000} told=${TOLD:-20000} ;;
*) echo "usage: bench/run.sh [quick | sharing | memory | desk]" >&2 && exit 2 ;;
esac
sample=$((events / 10)) # for peers that would take minutes, and for packed input
few=$((events / 300))   # for all patterns on all events

say() {
    echo "bench: $*" >&2
}

die() {
    say "$*"
    exit 1
}

# --- Measuring ---------------------------------------------------------------------------------------------------------

# measure NAME COMMAND...: output in $data/NAME.out (or $out) and $data/NAME.err, times in $data/NAME.time
measure() {
    local name=$1 status=0
    shift
    "$data/cpu" "$data/$name.time" "$@" >"${out:-$data/$name.out}" 2>"$data/$name.err" || status=$?
    # 1 is "nothing found" for kentongan and ripgrep
    [ $status -le 1 ] || die "$name failed with status $status: $(tail -n 1 "$data/$name.err")"
}

# median NAME cpu|wall
median() {
    local column=1
    [ "$2" = wall ] && column=2
    sort -g -k "$column,$column" "$data/$1.time" |
        awk -v c="$column" '{ v[NR] = $c } END { print v[int((NR + 1) / 2)] }'
}

calc() {
    awk "BEGIN { printf \"%.4f\", $1 }"
}

# rate NAME EVENTS: millions a CPU second
rate() {
    calc "$2 / $(median "$1" cpu) / 1e6"
}

# peak NAME: the largest resident set, in MiB
peak() {
    sort -g -k 3,3 "$data/$1.time" | awk 'END { printf "%.1f", $3 / 1024 }'
}

# high NAME: of the wall times of many runs, in ms, the one that 99 of 100 do not exceed
high() {
    awk '{ print $2 }' "$data/$1.time" | sort -g |
        awk '{ v[NR] = $1 } END { at = int(NR * 0.99); printf "%.4f", 1000 * v[at < 1 ? 1 : at] }'
}

# stat NAME KEY: a figure that --stats printed
stat() {
    tr ' ' '\n' <"$data/$1.err" | sed -n "s/^$2=//p" | tail -n 1
}

# said NAME KEY: a figure that a peer printed
said() {
    tr ' ' '\n' <"$data/$1.out" | sed -n "s/^$2=//p"
}

# --- The table -----------------------------------------------------------------------------------------------------------

line() {
    printf '%-40s %12s %12s %8s %8s %8s %-7s %s\n' "$@"
}

# verdict FIGURE MUST GOAL: "goal", "must" or "missed"; bounds are written ">=18" or "<=4", "-" is no bound
verdict() {
    awk -v figure="$1" -v must="$2" -v goal="$3" '
        function holds(bound) { return bound ~ /^>=/ ? figure >= substr(bound, 3) + 0 : figure <= substr(bound, 3) + 0 }
        BEGIN { print must == "-" ? "-" : holds(goal) ? "goal" : holds(must) ? "must" : "missed" }'
}

# row LABEL OURS PEER FIGURE MUST GOAL PEER-IN-WORDS
row() {
    line "$1" "$2" "$3" "$(printf '%.2f' "$4")" "$5" "$6" "$(verdict "$4" "$5" "$6")" "$7"
}

absent() {
    line "$1" "$2" "peer absent" - "$3" "$4" - "$5"
}

# --- Data ----------------------------------------------------------------------------------------------------------------

prepare() {
    gcc -O2 -std=c17 -D_GNU_SOURCE -o "$data/cpu" bench/cpu.c
    say "seed $seed: $events events, lists of $small, $middle and $large indicators, $reports reports"
    "$kentongan" simulate --seed "$seed" --events "$events" --indicators "$large" --intel "$data/large.ids" \
        --truth "$data/truth.json" -o "$data/events.json"
    "$kentongan" simulate --seed "$seed" --events "$reports" --indicators "$large" --format csv \
        --truth "$data/truth-csv.json" -o "$data/reports.csv"
    head -n "$small" "$data/large.ids" >"$data/small.list"
    cut -f 1,2 "$data/large.ids" >"$data/large.list"
    head -n "$middle" "$data/large.list" >"$data/middle.list"
    head -n "$middle" "$data/large.ids" | awk -f bench/bundle.awk >"$data/bundle.json"
    rm "$data/large.ids"
    # Values that are there, from all over the list; names that are not; and words that are in every object.
    awk -v n="$middle" 'BEGIN { step = int(n / 400) } FNR % step == 1 { print $2; if (++i % 10 == 0) print "nothing-" i ".example" }
        END { print "drill"; print "seen drill"; print "malicious-activity"; print "dri*" }' "$data/middle.list" >"$data/queries"
    head -n "$sample" "$data/events.json" >"$data/sample.json"
    zstd -q -3 "$data/sample.json" -o "$data/sample.json.zst" 2>"$data/zstd.err" || say "no zstd, so none of its figures"
    gzip -c "$data/sample.json" >"$data/sample.json.gz"
    awk -F '\t' '$1 != "cidr" { print $2 }' "$data/small.list" >"$data/small.literals"
    for list in small middle; do
        "$kentongan" compile -o "$data/$list.index" -i "$data/$list.list" 2>"$data/compile.err" ||
            die "compile failed: $(tail -n 1 "$data/compile.err")"
    done
    prepare_patterns
}

# The small list as simple patterns, and with a thousand others that have to be evaluated.
prepare_patterns() {
    awk -v simple=1 -f bench/patterns.awk "$data/small.list" >"$data/simple.json"
    awk -f bench/patterns.awk "$data/small.list" >"$data/patterns.json"
    "$kentongan" compile -o "$data/simple.index" -i "$data/simple.json" 2>"$data/compile.err" &&
        "$kentongan" compile -o "$data/patterns.index" -i "$data/small.list" -i "$data/patterns.json" \
            2>"$data/compile.err" || die "compile failed: $(tail -n 1 "$data/compile.err")"
    head -n "$few" "$data/events.json" >"$data/few.json"
}

find_peers() {
    simdjson='' duckdb='' ripgrep='' python=''
    if g++ -std=c++17 -O3 -march=native -o "$data/peer_simdjson" bench/peer_simdjson.cc -lsimdjson 2>"$data/g++.err"; then
        simdjson="simdjson $("$data/peer_simdjson" --version) On-Demand by key, extraction only"
    fi
    if command -v node npm >"$data/which.out"; then
        [ -d bench/peers/node_modules ] || { npm ci --silent --prefix bench/peers || npm install --silent --no-save --prefix bench/peers; } >"$data/npm.out" 2>&1 || true
        [ -d bench/peers/node_modules/@duckdb/node-api ] && duckdb=DuckDB
    fi
    command -v rg >"$data/which.out" && ripgrep="$(rg --version | sed -n 1p)"
    command -v python3 >"$data/which.out" && python="$(python3 --version)"
    return 0
}

# --- Rounds --------------------------------------------------------------------------------------------------------------

match() {
    local name=$1 index=$2 threads=$3
    shift 3
    measure "$name" "$kentongan" match -i "$data/$index.index" -j "$threads" --stats "$@"
}

round_ours() {
    measure compile "$kentongan" compile -o "$data/large.index" -i "$data/large.list"
    measure open "$kentongan" match -i "$data/large.index" /dev/null
    measure wc wc -l "$data/events.json"
    match small small 1 "$data/events.json"
    match simple simple 1 "$data/events.json"
    match patterns patterns 1 "$data/events.json"
    match middle middle 1 "$data/events.json"
    match large large 1 "$data/events.json"
    match large2 large 2 "$data/events.json"
    match csv middle 1 -f csv "$data/reports.csv"
    measure bundle "$kentongan" check --as stix "$data/bundle.json"
    out=/dev/null measure decode "$kentongan" decode -f csv "$data/reports.csv"
    match raw small 1 "$data/sample.json"
    match gzip small 1 "$data/sample.json.gz"
    [ ! -e "$data/sample.json.zst" ] || match zstd small 1 "$data/sample.json.zst"
}

# A node takes the bundle in, answers, and gives it out again.
round_node() {
    rm -rf "$data/node"
    "$kentongan" init "$data/node" --name bench >"$data/init.out"
    measure import "$kentongan" -c "$data/node" import "$data/bundle.json"
    while read -r words; do
        # shellcheck disable=SC2086
        measure search "$kentongan" -c "$data/node" search $words
    done <"$data/queries"
    out=/dev/null measure export "$kentongan" -c "$data/node" export --as stix
    # The first run makes the index from the store, the next ones begin with it.
    echo '{"event_type":"flow","timestamp":"2026-11-20T12:00:00+0000","src_ip":"192.0.2.1"}' >"$data/one.json"
    measure index "$kentongan" -c "$data/node" match -f eve "$data/one.json"
    measure start "$kentongan" -c "$data/node" match -f eve "$data/one.json"
}

# A node as its clients meet it: TAXII at several numbers of stored objects, and the console over the bundle. Once, since
# it takes as long as all the rest, and its figures are medians of many requests.
serve_edge() {
    say "a node as its clients meet it"
    python3 bench/edge.py "$kentongan" "$data" taxii "$stored" "$deep" >"$data/edge.out"
    python3 bench/edge.py "$kentongan" "$data" pages "$data/node" "$asks" >>"$data/edge.out"
}

# Two nodes that share, by a link that adds 20 ms.
share_between() {
    say "two nodes that share"
    KENTONGAN=$(realpath "$kentongan") KENTONGAN_ROOT=$PWD KENTONGAN_PUBLISH=$((asks / 10)) tests/scene/76-nodes.sh \
        >"$data/nodes.out" 2>"$data/nodes.err" || die "two nodes do not share: $(tail -n 1 "$data/nodes.out")"
}

# A partner's indicator, a hospital that met it, and its mail.
warn_between() {
    say "a partner's indicator becomes a hospital's mail"
    KENTONGAN=$(realpath "$kentongan") KENTONGAN_ROOT=$PWD KENTONGAN_WARN=$warned tests/scene/87-first-warning.sh \
        >"$data/warn.out" 2>"$data/warn.err" || die "nobody is warned: $(tail -n 1 "$data/warn.out")"
    say "whether a partner learns from answers that somebody was warned"
    KENTONGAN=$(realpath "$kentongan") KENTONGAN_ROOT=$PWD KENTONGAN_TRIES=$pairs tests/scene/87-first-warning.sh \
        >"$data/apart.out" 2>"$data/apart.err" || say "not all is as expected: $(grep '^not ok' "$data/apart.out")"
}

edge() {
    awk -v name="$1" '$1 == name { print $2 }' "$data/edge.out"
}

round_peers() {
    if [ -n "$python" ]; then
        rm -f "$data"/peer.db*
        measure store python3 bench/peers/store.py "$data/bundle.json" "$data/peer.db"
    fi
    [ -z "$simdjson" ] || measure simdjson "$data/peer_simdjson" "$data/events.json"
    [ -z "$simdjson" ] || measure simdjson-bundle "$data/peer_simdjson" --bundle "$data/bundle.json"
    [ -z "$ripgrep" ] || measure ripgrep rg -F -f "$data/small.literals" -j 1 -c "$data/sample.json"
    [ -z "$python" ] || measure python python3 bench/peers/match.py "$data/sample.json" "$data/small.list"
    [ -n "$duckdb" ] || return 0
    for semantics in exact full; do
        measure "duckdb-$semantics" node bench/peers/duckdb.mjs "$data/events.json" "$data/middle.list" $semantics
        # the query alone, in the peer's favour: loading its list is left out
        echo "$(said "duckdb-$semantics" query) 0" >>"$data/query-$semantics.time"
    done
}

# --- Right answers ---------------------------------------------------------------------------------------------------------

# verify HITS TRUTH WHAT: every planted hit is there (line, field, value; with WHAT = ids also the indicator), no other is
verify() {
    awk -v what="$3" '
        function member(key,   at, rest) {
            at = index($0, "\"" key "\":")
            if (at == 0) return ""
            rest = substr($0, at + length(key) + 3)
            if (substr(rest, 1, 1) != "\"") { match(rest, /^[0-9]+/); return substr(rest, 1, RLENGTH) }
            return substr(rest, 2, index(substr(rest, 2), "\"") - 1)
        }
        function name() {
            return member("line") " " member("field") " " member("value") (what == "ids" ? " " member("indicator") : "")
        }
        NR == FNR { hit[name()] = 1; hits++; next }
        { type = member("type"); planted[type]++; if (name() in hit) { found[type]++; total++ } }
        END {
            for (type in planted) printf "%s %d/%d, ", type, found[type], planted[type]
            printf "and %d that nobody planted\n", hits - total
            exit !(hits == total && total == FNR)
        }' "$1" "$2"
}

# The bundle came in whole, goes out whole, and of the first queries each finds what is there and nothing else.
verify_node() {
    local words status asked=0 right=0 out
    while read -r words; do
        status=0
        # shellcheck disable=SC2086
        "$kentongan" -c "$data/node" search $words >"$data/found.out" 2>"$data/found.err" || status=$?
        asked=$((asked + 1))
        case $words in
        nothing-*) [ $status -ne 1 ] || right=$((right + 1)) ;;
        *) [ $status -ne 0 ] || right=$((right + 1)) ;;
        esac
    done < <(head -n 100 "$data/queries")
    out=$("$kentongan" -c "$data/node" export --as stix 2>"$data/export.err" | grep -c '"type":"indicator"')
    echo "  import: $(sed 's/.*import [0-9]*: //' "$data/import.out"); export: $out; search: $right/$asked"
    grep -q ": $middle objects read as stix: $middle new\$" "$data/import.out" && [ "$out" = "$middle" ] &&
        [ $right = $asked ]
}

verify_all() {
    local wrong=0
    verify_node || wrong=1
    echo "Answers (found/planted):"
    for list in small middle large large2; do
        printf '  match, %s list: ' "$list"
        verify "$data/$list.out" "$data/truth.json" "$([ $list = small ] && echo ids || echo values)" || wrong=1
    done
    printf '  match, reports: '
    verify "$data/csv.out" "$data/truth-csv.json" values || wrong=1
    for road in '' --plain; do
        "$kentongan" match -i "$data/patterns.index" $road "$data/few.json" >"$data/few$road.out" 2>"$data/few.err" || true
    done
    echo "  patterns: $(grep -c '"type":"pattern"' "$data/patterns.out") hits;" \
        "$(cmp -s "$data/few.out" "$data/few--plain.out" && echo the same || echo NOT the same) as --plain on $few events"
    cmp -s "$data/few.out" "$data/few--plain.out" || wrong=1
    if [ -n "$duckdb" ]; then
        echo "  DuckDB, exact: $(said duckdb-exact hits)/$(grep -c '"by":"exact"' "$data/truth.json")," \
            "full: $(said duckdb-full hits)/$(wc -l <"$data/truth.json")"
    fi
    local planted
    planted=$(awk -v n="$sample" -F '[:,]' '$2 <= n' "$data/truth.json" | wc -l)
    [ -z "$python" ] || echo "  Python: $(said python hits)/$planted in the sample"
    [ -z "$ripgrep" ] || echo "  ripgrep: $(cat "$data/ripgrep.out") lines where $planted are true (substrings)"
    return $wrong
}

# --- Figures -------------------------------------------------------------------------------------------------------------

rows_extraction() {
    for list in small large; do
        local must='>=0.65' ours
        [ $list = large ] && must='>=0.60'
        ours=$(rate $list "$events")
        if [ -n "$simdjson" ]; then
            row "match M ev/s/core, $list list" "$ours" "$(rate simdjson "$events")" \
                "$(calc "$ours / $(rate simdjson "$events")")" "$must" '>=1.0' "$simdjson"
        else
            absent "match M ev/s/core, $list list" "$ours" "$must" '>=1.0' "simdjson On-Demand"
        fi
    done
}

rows_duckdb() {
    local ours words='exact values only' must='>=3' goal='>=5'
    ours=$(rate middle "$events")
    for semantics in exact full; do
        [ $semantics = full ] && words='exact, suffix, CIDR, URL' must='>=12' goal='>=25'
        if [ -n "$duckdb" ]; then
            row "match M ev/s/core, $middle indicators" "$ours" "$(rate "query-$semantics" "$events")" \
                "$(calc "$ours / $(rate "query-$semantics" "$events")")" "$must" "$goal" \
                "DuckDB $(said "duckdb-$semantics" version), $words, 1 thread, its list load left out"
        else
            absent "match M ev/s/core, $middle indicators" "$ours" "$must" "$goal" "DuckDB, $words"
        fi
    done
}

# rows_sampled NAME MUST GOAL WORDS: peers measured on the sample
rows_sampled() {
    local ours
    ours=$(rate small "$events")
    row "match M ev/s/core, $small indicators" "$ours" "$(rate "$1" "$sample")" \
        "$(calc "$ours / $(rate "$1" "$sample")")" "$2" "$3" "$4"
}

rows_slow_peers() {
    local label="match M ev/s/core, $small indicators" ours
    ours=$(rate small "$events")
    if [ -n "$ripgrep" ]; then
        rows_sampled ripgrep '>=18' '>=30' "$ripgrep -F -f -j 1, raw substrings"
    else
        absent "$label" "$ours" '>=18' '>=30' "ripgrep -F -f -j 1"
    fi
    if [ -n "$python" ]; then
        rows_sampled python '>=20' '>=30' "$python json + sets, exact, suffix, CIDR, URL"
    else
        absent "$label" "$ours" '>=20' '>=30' "Python json + sets"
    fi
}

rows_ourselves() {
    local small_cpu large_cpu
    small_cpu=$(median small cpu) large_cpu=$(median large cpu)
    row "slowdown, CPU s, small to large list" "$large_cpu" "$small_cpu" "$(calc "$large_cpu / $small_cpu")" \
        '<=1.25' '<=1.1' "kentongan match, $small to $large indicators"
    row "CPU s, list to simple STIX patterns" "$(median simple cpu)" "$small_cpu" \
        "$(calc "$(median simple cpu) / $small_cpu")" '<=1.1' '<=1.0' "kentongan match, $small list entries, then as patterns"
    row "CPU s, list to list and $(stat patterns patterns) patterns" "$(median patterns cpu)" "$small_cpu" \
        "$(calc "$(median patterns cpu) / $small_cpu")" '<=2' '<=1.3' \
        "kentongan match, AND, LIKE, MATCHES, FOLLOWEDBY, REPEATS, WITHIN besides"
    row "speed-up, wall s, two cores" "$(median large2 wall)" "$(median large wall)" \
        "$(calc "$(median large wall) / $(median large2 wall)")" '>=1.8' '>=1.95' "kentongan match -j 2 to -j 1, large list"
    row "resident bytes per indicator" "$(stat large resident)" "$(stat large indicators)" \
        "$(calc "$(stat large resident) / $(stat large indicators)")" '<=12' '<=8' "kentongan match --stats, large list"
    row "compile, wall s, $large indicators" "$(median compile wall)" - "$(median compile wall)" '<=4' '<=1.5' \
        "kentongan compile, list of type and value, $(wc -c <"$data/large.list") bytes"
    row "open, wall ms, $large indicators" "$(calc "$(median open wall) * 1000")" - \
        "$(calc "$(median open wall) * 1000")" '<=100' '<=10' "kentongan match -i COMPILED /dev/null, process and all"
    row "match CPU s against wc -l, middle list" "$(median middle cpu)" "$(median wc cpu)" \
        "$(calc "$(median middle cpu) / $(median wc cpu)")" '<=5.5' '<=3' "$(wc --version | sed -n 1p)"
}

rows_bundle() {
    local ours
    ours=$(rate bundle "$middle")
    if [ -n "$simdjson" ]; then
        row "check --as stix, M objects/s/core" "$ours" "$(rate simdjson-bundle "$middle")" \
            "$(calc "$ours / $(rate simdjson-bundle "$middle")")" '>=0.5' '>=1.0' \
            "$simdjson, a bundle of $(wc -c <"$data/bundle.json") bytes"
    else
        absent "check --as stix, M objects/s/core" "$ours" '>=0.5' '>=1.0' "simdjson On-Demand, a bundle"
    fi
    row "check --as stix, resident MiB" "$(peak bundle)" - "$(peak bundle)" '<=256' '<=64' "the same bundle"
}

rows_node() {
    local ours
    ours=$(calc "$middle / $(median import cpu) / 1e3")
    if [ -n "$python" ]; then
        row "import, k objects/s/core" "$ours" "$(calc "$middle / $(median store cpu) / 1e3")" \
            "$(calc "$ours * 1e3 / ($middle / $(median store cpu))")" '>=1' '>=2' \
            "$(python3 bench/peers/store.py --version), same rows and words, nothing checked, $middle objects"
    else
        absent "import, k objects/s/core" "$ours" '>=1' '>=2' "Python json + SQLite"
    fi
    if [ -n "$simdjson" ]; then
        row "import, k objects/s/core" "$ours" "$(calc "$(rate simdjson-bundle "$middle") * 1e3")" \
            "$(calc "$ours / 1e3 / $(rate simdjson-bundle "$middle")")" - - "$simdjson, which stores nothing"
    else
        absent "import, k objects/s/core" "$ours" - - "simdjson On-Demand, a bundle"
    fi
    row "import, resident MiB" "$(peak import)" - "$(peak import)" '<=256' '<=128' "$middle objects, $(wc -c <"$data/bundle.json") bytes"
    row "search, wall ms, p99" "$(high search)" - "$(high search)" '<=50' '<=20' \
        "$(wc -l <"$data/queries") queries of $middle objects, process and all"
    row "start with all of them, s" "$(median start wall)" - "$(median start wall)" '<=2' '<=0.2' \
        "the index is there; without it $(median index wall) s"
    row "a node that waits, resident MiB" "$(peak start)" - "$(peak start)" '<=64' '<=32' "with that index"
    row "export --as stix, k objects/s/core" "$(calc "$middle / $(median export cpu) / 1e3")" - \
        "$(calc "$middle / $(median export cpu) / 1e3")" - - "the same objects"
}

# The marks are those of a machine like that of performance.md; no peer that serves TAXII is in Debian.
rows_edge() {
    local ours
    for what in post get; do
        local must='>=10' goal='>=50' words="1,000 objects a POST, durable, $stored stored"
        [ $what = get ] && must='>=300' goal='>=1000' words="pages of 1,000, no TLS, $stored stored"
        ours=$(calc "$(edge "$what-$stored") / 1e3")
        row "TAXII $what, k objects/s, wall" "$ours" "peer absent" "$ours" "$must" "$goal" "OpenTAXII; $words"
        row "TAXII $what, k objects/s/core" "$(calc "$(edge "$what-cpu-$stored") / 1e3")" - \
            "$(calc "$(edge "$what-cpu-$stored") / 1e3")" - - "CPU of the server alone"
    done
    for place in deep middle; do
        row "TAXII page, wall ms, $place of $deep stored" "$(edge page-ms-$place)" "$(edge page-ms-few)" \
            "$(calc "$(edge page-ms-$place) / $(edge page-ms-few)")" '<=1.2' - "one of 10,000 stored, in turn"
    done
    for what in list find object; do
        row "console $what, wall ms, p99" "$(edge "$what-ms")" - "$(edge "$what-ms")" '<=50' '<=20' \
            "$asks pages, $middle objects, HTML"
    done
}

rows_nodes() {
    local p99
    p99=$(awk '$2 == "p99" { print $3 }' "$data/nodes.out")
    row "published to seen by a partner, wall ms, p99" "$p99" - "$p99" '<=1000' '<=300' \
        "$((asks / 10)) times, by a link that adds 20 ms; the import and the look are commands"
    p99=$(awk '$2 == "p99" { print $3 }' "$data/warn.out")
    [ -z "$p99" ] || row "accepted to mail of the warning, wall ms, p99" "$p99" - "$p99" '<=1000' '<=500' \
        "$warned times, what was met lies 19 days back; until a mail server on this machine took it"
    rows_apart
}

# A post and the questions behind it, of an indicator that somebody met and of one that nobody did.
rows_apart() {
    local met control said
    said=$(sed -n 's/^# times: //p' "$data/apart.out")
    control=$(awk '{ for (i = 1; i < NF; i++) if ($i == "about") print $(i + 1) / 1000 }' <<<"$said")
    met=$(awk -v control="$control" '{ for (i = 1; i < NF; i++) if ($i == "missing" && $(i - 1) == "-") { print control + $(i + 1) / 1000; exit } }' <<<"$said")
    [ -n "$met" ] || die "nothing was compared: $(tail -n 1 "$data/apart.out")"
    row "post and 5 questions, met, ms, median" "$met" "$control" "$(calc "$met / $control")" - - \
        "of what nobody met, $pairs pairs, $(sed -n 's/^# \(apart: .*\)/\1/p' "$data/apart.out" | cut -d ' ' -f 2-); $(sed 's/.*, \(p [^:]*: .*\)/\1/' <<<"$said")"
}

rows_inputs() {
    local bytes
    bytes=$(wc -c <"$data/sample.json")
    row "decode -f csv, M reports/s/core" "$(rate decode "$reports")" - "$(rate decode "$reports")" '>=0.4' '>=1' \
        "20 columns, observables written as JSON"
    row "match -f csv, M reports/s/core" "$(rate csv "$reports")" - "$(rate csv "$reports")" - - "the same file, middle list"
    for form in gzip zstd; do
        [ -e "$data/$form.time" ] || continue
        row "match, $form input, GB/s/core" "$(calc "$bytes / $(median $form cpu) / 1e9")" \
            "$(calc "$bytes / $(median raw cpu) / 1e9")" "$(calc "$(median raw cpu) / $(median $form cpu)")" - - \
            "as a share of the same events unpacked"
    done
}

# Release decisions, beside what else a release costs on this machine. The program is built where kentongan was.
rows_decisions() {
    local build
    build=$(dirname "$(realpath "$kentongan")")
    if ! ninja -C "$build" bench/bench_decide >"$data/decide.err" 2>&1 || ! "$build/bench/bench_decide" >"$data/decide.out"; then
        absent "decisions, k/s/core" - '>=500' - "bench_decide was not built beside $kentongan"
        return
    fi
    row "decisions, k/s/core" "$(calc "$(said decide decided) / 1e3")" "$(calc "$(said decide sha256) / 1e3")" \
        "$(calc "$(said decide decided) / 1e3")" '>=500' '>=1000' "of an object that was read; SHA-256 of its bytes"
    row "decisions that derive, k/s/core" "$(calc "$(said decide derived) / 1e3")" \
        "$(calc "$(said decide signed) / 1e3")" "$(calc "$(said decide derived) / 1e3")" - - "Ed25519 signatures"
    row "objects read for decisions, k/s/core" "$(calc "$(said decide read) / 1e3")" \
        "$(calc "$(said decide verified) / 1e3")" "$(calc "$(said decide read) / 1e3")" - - "Ed25519 signatures checked"
}

# What is put into partners' collections, with its entries: many objects for some partners, some for many; and an agreement
# that changes over all of its rows, which takes effect by its generation, in the same statement.
rows_releases() {
    local build size out
    build=$(dirname "$(realpath "$kentongan")")
    if ! ninja -C "$build" bench/bench_release >"$data/release.err" 2>&1; then
        absent "release rows, k/s" - - - "bench_release was not built beside $kentongan"
        return
    fi
    for size in $releases; do
        out=release-$size
        (cd "$data" && "$build/bench/bench_release" "${size%x*}" "${size#*x}") >"$data/$out.out" 2>"$data/release.err" ||
            die "bench_release $size failed: $(tail -n 1 "$data/release.err")"
        row "release rows, k/s/core, ${size/x/ x }" "$(calc "$(said "$out" released_cpu) / 1e3")" - \
            "$(calc "$(said "$out" released_cpu) / 1e3")" - - "$(calc "$(said "$out" released) / 1e3") by the clock"
        row "bytes of a release row, ${size/x/ x }" "$(said "$out" bytes)" - "$(said "$out" bytes)" - - \
            "of the database, indices and entries included"
        row "an agreement decided anew, s, ${size%x*}" "$(said "$out" redecided_s)" "$(said "$out" redecided_cpu_s)" \
            "$(said "$out" redecided_s)" "$([ "${size%x*}" -lt 1000000 ] && echo - || echo '<=30')" - \
            "CPU seconds of that; in effect at once: $(said "$out" changed_ms) ms"
    done
}

# Entries that a node writes, from the store to tiles and a signed head; and proofs from a log in its tiles.
rows_ledger() {
    local build
    build=$(dirname "$(realpath "$kentongan")")
    if ! ninja -C "$build" bench/bench_ledger >"$data/ledger.err" 2>&1; then
        absent "ledger entries, k/s" - '>=200' - "bench_ledger was not built beside $kentongan"
        return
    fi
    (cd "$data" && "$build/bench/bench_ledger" "$entries" "$long") >"$data/ledger.out" 2>"$data/ledger.err" ||
        die "bench_ledger failed: $(tail -n 1 "$data/ledger.err")"
    row "ledger entries durable, k/s, wall" "$(calc "$(said ledger entered) / 1e3")" \
        "$(calc "$(said ledger sha256) / 1e3")" "$(calc "$(said ledger entered) / 1e3")" '>=200' - \
        "$entries in batches of $(said ledger batch), signed; SHA-256 of as many bytes, k/s/core"
    row "ledger entries durable, k/s/core" "$(calc "$(said ledger entered_cpu) / 1e3")" - \
        "$(calc "$(said ledger entered_cpu) / 1e3")" - - \
        "rows alone $(calc "$(said ledger rows_cpu) / 1e3"), tiles and heads $(calc "$(said ledger heads_cpu) / 1e3")"
    row "proof, ms, median, of $long entries" "$(said ledger proof_ms)" - "$(said ledger proof_ms)" '<=1' '<=0.1' \
        "p99 $(said ledger proof_p99_ms) ms; the entry and its path read from tiles"
}

# What was seen, day after day, as sorted runs; one value in all of them, and a million at once.
rows_memory() {
    local build said_of
    build=$(dirname "$(realpath "$kentongan")")
    if ! ninja -C "$build" bench/bench_memory >"$data/memory.err" 2>&1; then
        absent "remembering, ns an observation" - '<=70' - "bench_memory was not built beside $kentongan"
        return
    fi
    mkdir -p "$data/memory"
    "$build/bench/bench_memory" "$data/memory" "$days" "$noted" 1000000 >"$data/memory.out" 2>"$data/memory.err" ||
        die "bench_memory failed: $(tail -n 1 "$data/memory.err")"
    rm -rf "$data/memory"
    said_of="$days runs, $(said memory entries) entries of $(said memory entry_bytes) bytes"
    row "remembering, ns an observation" "$(said memory remember_ns)" - "$(said memory remember_ns)" '<=70' - \
        "CPU, all in; noting alone $(said memory note_ns), a name with those above it $(said memory name_ns)"
    row "one value in the past, cold, ms" "$(said memory one_cold_ms)" - "$(said memory one_cold_ms)" '<=16' - "$said_of"
    row "one value in the past, warm, ms" "$(said memory one_warm_ms)" - "$(said memory one_warm_ms)" '<=0.03' - "$said_of"
    row "a million values in the past, s" "$(said memory many_s)" - "$(said memory many_s)" '<=0.83' - \
        "warm, sorted before in $(said memory many_sort_s) s; cold $(said memory many_cold_s); $said_of"
    said_of="the same in $(said memory month_files) runs of a month, merged in $(said memory month_merge_ns) ns an entry"
    row "one value in months, cold, ms" "$(said memory month_one_cold_ms)" - "$(said memory month_one_cold_ms)" '<=16' - "$said_of"
    row "one value in months, warm, ms" "$(said memory month_one_warm_ms)" - "$(said memory month_one_warm_ms)" '<=0.03' - "$said_of"
    row "a million values in months, s" "$(said memory month_many_s)" - "$(said memory month_many_s)" '<=0.83' - "$said_of"
}

# --- The desk ------------------------------------------------------------------------------------------------------------

# desk_row KIND WORDS: the page of edge.py; what the store alone needs stands beside it
desk_row() {
    local high
    high=$(sed -n "s/^$1-ms \([^ ]*\).*/\1/p" "$data/desk.pages")
    if [ "${high:-absent}" = absent ]; then
        line "$2, p99 in ms" - "peer absent" - '<=100' '<=20' - "this node has no such page"
    else
        row "$2, p99 in ms" "$high" "peer absent" "$high" '<=100' '<=20' \
            "$asks pages; median and slowest $(sed -n "s/^$1-ms [^ ]* //p" "$data/desk.pages")"
    fi
}

# A node with the incidents and reports of years, on one core.
rows_desk() {
    local build server
    build=$(dirname "$(realpath "$kentongan")")
    if ! ninja -C "$build" bench/bench_desk >"$data/desk.err" 2>&1; then
        absent "pages of the desk" '<=100' '<=20' "bench_desk was not built beside $kentongan"
        return
    fi
    say "$incidents incidents, $told reports"
    "$kentongan" init "$data/desk" --name bench --listen 127.0.0.1:0 >"$data/init.out"
    mkfifo "$data/desk.ready"
    timeout 60 "$kentongan" -c "$data/desk" serve >"$data/desk.ready" 2>"$data/desk.err" &
    server=$!
    read -r _ <"$data/desk.ready"
    kill "$server"
    wait "$server" || true
    "$build/bench/bench_desk" "$data/desk/node.db" "$incidents" "$told" "$seed" "$data/queries" >"$data/desk.out" \
        2>"$data/desk.err" || die "bench_desk failed: $(tail -n 1 "$data/desk.err")"
    python3 bench/edge.py "$kentongan" "$data" desk "$data/desk" 300 $((incidents < told ? incidents : told)) >"$data/desk.pages" || die "no pages of the desk"
    asks=300
    desk_row incidents "list of incidents"
    desk_row incident-search "incidents by words"
    desk_row incident "an incident"
    desk_row tasks "board of tasks"
    desk_row duties "board of duties"
    desk_row reports "queue of reports"
    desk_row report-search "reports by words"
    desk_row report "a report"
    desk_row board "board of the shift"
    say "the store alone, p99: $(cat "$data/desk.out")"
    rm -rf "$data/desk"
}

# -------------------------------------------------------------------------------------------------------------------------

rows_sharing() {
    rows_nodes
    rows_decisions
    rows_releases
    rows_ledger
}

[ -x "$kentongan" ] || die "no $kentongan; make build first"
[ "${KEEP:-}" = 1 ] || trap 'rm -rf "$data"' EXIT
rm -rf "$data"
mkdir -p "$data"
if [ "${1:-}" = sharing ]; then
    share_between
    warn_between
    line figure ours peer ratio must goal met peer
    rows_sharing
    exit
fi
if [ "${1:-}" = memory ]; then
    line figure ours peer ratio must goal met peer
    rows_memory
    exit
fi
if [ "${1:-}" = desk ]; then
    line figure ours peer ratio must goal met peer
    rows_desk
    exit
fi
prepare
find_peers
for ((round = 1; round <= rounds; round++)); do
    say "round $round of $rounds"
    round_ours
    round_node
    round_peers
done
serve_edge
share_between
warn_between

echo "$("$kentongan" version), seed $seed, $(sed -n '/^model name/{s/.*: //p;q}' /proc/cpuinfo), $(nproc) cores"
echo "$events events, $(wc -c <"$data/events.json") bytes; median of $rounds; CPU is user + system of the whole process"
echo
line figure ours peer ratio must goal met peer
rows_extraction
rows_duckdb
rows_slow_peers
rows_ourselves
rows_bundle
rows_node
rows_edge
rows_inputs
rows_sharing
rows_memory
rows_desk
echo
verify_all || die "wrong answers"
