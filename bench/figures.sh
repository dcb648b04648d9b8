#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# bench/figures.sh: how long who asks for the statistics of a year waits, at a node with 360,000 counts: the page, its
# JSON and CSV of `kentongan serve` as it is shipped, the command, and the sums alone, beside adding up all counts.
#
#   ROWS=N         counts (360000)
#   ROUNDS=N       each is asked so often (30)
#   KENTONGAN=FILE measure this binary; bench/bench_figures is built beside it
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."

kentongan=$(realpath "${KENTONGAN:-build/kentongan}")
build=$(dirname "$kentongan")
rows=${ROWS:-360000}
rounds=${ROUNDS:-30}
ninja -C "$build" bench/bench_figures >/dev/null
folder=$(mktemp -d)
trap '[ -z "${server:-}" ] || kill "$server" 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder"

die() { echo "figures: $*" >&2; exit 1; }
"$kentongan" init node --listen 127.0.0.1:0 >told 2>&1 || die "no node: $(cat told)"
"$build/bench/bench_figures" node/node.db "$rows" >sums || die "no counts"
(umask 077 && printf 'sebuah kata sandi yang panjang\n' >password)
"$kentongan" -c node user add ayu --role manager --password-file password >/dev/null
token=$("$kentongan" -c node token add pages --for ayu --scope read --json | sed -n 's/.*"token":"\([^"]*\)".*/\1/p')
mkfifo ready
timeout 600 "$kentongan" -c node serve >ready 2>log &
server=$!
read -r first <ready
url=${first#listening on }

# row NAME: its times in seconds come in, one a line
row() {
    sort -g | awk -v name="$1" '{ v[++n] = $1 } END {
        printf "%-44s %8.1f %8.1f %8.1f\n", name, 1000 * v[int((n + 1) / 2)], 1000 * v[int(n * 0.99) < 1 ? 1 : int(n * 0.99)], 1000 * v[n] }'
}
ask() {
    for ((i = 0; i < rounds; i++)); do
        curl -sf -o answer -H "Authorization: Bearer $token" -H "Accept: $1" -w '%{time_total}\n' "$url$2" || die "$2 was not given"
    done
}
printf '%s counts; ms: %29s %8s %8s\n' "$rows" median "99%" slowest
ask text/html 'statistics?months=12' | row "page of a year"
echo "page of a year: $(stat -c %s answer) bytes" >&2
ask text/html 'statistics?months=24' | row "page of two years"
ask application/json 'statistics?months=12' | row "the same as JSON"
ask text/csv 'statistics/csv?months=12' | row "the same as CSV"
for by in class sector month; do
    for ((i = 0; i < rounds / 3 + 1; i++)); do
        began=$EPOCHREALTIME
        "$kentongan" -c node stats --by $by --from "$(date -u -d '364 days ago' +%Y-%m-%d)" >answer
        echo "$began $EPOCHREALTIME" | awk '{ print $2 - $1 }'
    done | row "kentongan stats --by $by, a year"
done
echo "sums alone, and all counts added up: $(cat sums)"
