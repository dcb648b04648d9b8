#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# bench/year.sh [postgres]: a year of made-up reports about many, and a sensor's events, through `kentongan ingest` as it
# is shipped, from zstd: matched, attributed, folded, remembered, stored. Every count has to be what the generator knows,
# by month, sector and class, or it fails; the rates are printed with what a year of 290 million would take, by the clock
# of the wall and by CPU time. The reports come on as many days as make a day as full as one of that year, but at least
# on twelve, a month each: below ten million of them a day is emptier than it would be, and each report costs more.
#
#   postgres       on a PostgreSQL of its own, which syncs, instead of SQLite; its CPU time is not in that of the runs
#
#   EVENTS=N       of each kind (2000000)
#   THREADS=N      2
#   SEED=N         this seed instead of a new one
#   KENTONGAN=FILE measure this binary
#   KEEP=1         leave bench/data/year behind
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."

database=()
case ${1:-sqlite} in
sqlite) ;;
postgres)
    [ -v KENTONGAN_POSTGRES ] || KENTONGAN_POSTGRES_FSYNC=on exec tests/with-postgres "$PWD/bench/year.sh" postgres
    [ -n "$KENTONGAN_POSTGRES" ] || { echo "year: PostgreSQL is not installed" >&2 && exit 1; }
    database=(--database "$KENTONGAN_POSTGRES")
    ;;
*) echo "usage: bench/year.sh [postgres]" >&2 && exit 2 ;;
esac
kentongan=$(realpath "${KENTONGAN:-build/kentongan}")
events=${EVENTS:-2000000}
threads=${THREADS:-2}
seed=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
year=290381283 # events that a national team counted in 2019
days=$((events * 365 / year < 12 ? 12 : events * 365 / year > 365 ? 365 : events * 365 / year))
data=bench/data/year

say() { echo "year: $*" >&2; }
die() { say "$*"; exit 1; }

rm -rf "$data"
mkdir -p "$data"
top=$PWD
trap '[ -z "${server:-}" ] || kill "$server" 2>/dev/null; [ -n "${KEEP:-}" ] || rm -rf "$top/$data"' EXIT
gcc -O2 -std=c17 -D_GNU_SOURCE -o "$data/cpu" bench/cpu.c
cpu=$(realpath "$data/cpu")
cd "$data"

# ---- What is to come ----

# Reports of the last 366 days, since what lies ahead is not counted where it says; the sensor's events of the last ones.
say "seed $seed: $events reports on $days days of a year, $events events of a sensor, $threads threads"
"$kentongan" simulate -f reports --seed "$seed" --events "$events" --days "$days" --start "$(date -u -d '366 days ago' +%Y-%m-%d)T00:00:00Z" \
    --truth truth.reports --owners owners | zstd -q -1 -T1 >reports.json.zst
"$kentongan" simulate -f eve --seed "$seed" --events "$events" --indicators 10000 --start "$(date -u -d '20 days ago' +%Y-%m-%d)T00:00:00Z" \
    --intel intel.json | zstd -q -1 -T1 >eve.json.zst

"$kentongan" init node --listen 127.0.0.1:0 "${database[@]}" >told 2>&1 || die "no node: $(cat told)"
"$kentongan" -c node import intel.json >told 2>&1 || die "no intelligence: $(tail -n 1 told)"
while IFS=$'\t' read -r name sector prefix; do
    "$kentongan" -c node org add "$name" --kind hospital --sector "$sector" >/dev/null
    "$kentongan" -c node org state "$name" active --reason bench >/dev/null
    "$kentongan" -c node asset add "$name" "$prefix" >/dev/null
done <owners
"$kentongan" -c node org service contoh-00 --memory-days 400 >/dev/null
hits=$("$kentongan" -c node match eve.json.zst -j "$threads" | wc -l)

# ---- Somebody reads the console meanwhile ----

printf 'sebuah kata sandi yang panjang\n' >password
chmod 600 password
"$kentongan" -c node user add ayu --role analyst --password-file password >/dev/null || die "no user"
"$kentongan" -c node token add pages --for ayu --scope read --json >token || die "no token"
token=$(sed -n 's/.*"token":"\([^"]*\)".*/\1/p' token)
mkfifo ready
timeout 3600 "$kentongan" -c node serve >ready 2>log &
server=$!
read -r first <ready
url=${first#listening on }
pages() {
    while [ ! -f taken ]; do
        for page in intelligence imports sources organisations; do
            curl -s -o /dev/null -H "Authorization: Bearer $token" -w '%{time_total} %{http_code}\n' "$url$page"
        done
    done >pages
}

# ---- Taking it in ----

pages &
reading=$!
"$cpu" time.reports "$kentongan" -c node ingest --stream reports --reports -j "$threads" --json reports.json.zst >out.reports || die "reports failed"
"$cpu" time.sensor "$kentongan" -c node ingest --stream sensor --org contoh-00 -j "$threads" --json eve.json.zst >out.sensor || die "the sensor failed"
touch taken
wait "$reading"
"$kentongan" -c node ingest counts --json >counts
"$kentongan" -c node ingest streams --json >streams

# ---- What it came to ----

python3 - "$events" "$hits" <<'COMPARE' || die "counts are wrong (seed $seed)"
import json, sys
events, hits = int(sys.argv[1]), int(sys.argv[2])
rows = lambda name: [json.loads(line) for line in open(name)]
truth, got, malformed, sensor = {}, {}, 0, [0, 0]
for row in rows('truth.reports'):
    if 'malformed' in row:
        malformed = row['malformed']
        continue
    key = (row['month'], row['organisation'], row['sector'], row['class'])
    truth[key] = [row['events'], row['doubles']]
for row in rows('counts'):
    if row['stream'] == 'sensor':
        sensor[0] += row['events']
        sensor[1] += row['hits']
        continue
    sums = got.setdefault((int(row['day'][5:7]), row['organisation'], row['sector'], row['class']), [0, 0])
    sums[0] += row['events']
    sums[1] += row['doubles']
told = {row['name']: row for row in rows('streams')}
wrong = [(key, truth.get(key), got.get(key)) for key in sorted(set(truth) | set(got)) if truth.get(key) != got.get(key)]
for key, expected, found in wrong[:10]:
    print('year:', key, 'expected', expected, 'got', found, file=sys.stderr)
if sensor != [events, hits]:
    wrong.append('sensor')
    print('year: sensor', sensor, 'expected', [events, hits], file=sys.stderr)
if told['reports']['malformed'] != malformed or told['reports']['events'] != events - malformed:
    wrong.append('malformed')
    print('year: malformed', told['reports'], 'expected', malformed, file=sys.stderr)
print('year: %d counts by month, organisation, sector and class are those of the generator; %d malformed, %d doubles, %d hits'
      % (len(truth), malformed, sum(row[1] for row in truth.values()), hits), file=sys.stderr)
sys.exit(len(wrong) > 0)
COMPARE

# A run of cpu is "cpu wall peak"; what a year of as many as the national one takes, in minutes: of the wall, and of the
# threads' CPU, which it would be if nobody else used the cores.
row() {
    awk -v name="$1" -v events="$events" -v year="$year" -v threads="$threads" '{
        printf "%-34s %10.0f %10.2f %9.0f %10.1f %10.1f\n", name, events / $2, 1e6 * $1 / events, $3 / 1024,
            year / (events / $2) / 60, year * $1 / events / threads / 60
    }' "$2"
}
printf '%-34s %10s %10s %9s %10s %10s\n' "ingest, ${1:-sqlite}, $threads threads" "events/s" "us of CPU" "peak MiB" "wall, min" "CPU, min"
row "reports about many" time.reports
row "events of a sensor" time.sensor
sort -g pages | awk '$2 == 200 { v[++n] = $1 } $2 != 200 { bad++ } END {
    if (bad > 0 || n == 0) { print "year: " bad + 0 " of " n + bad " pages were not given"; exit 1 }
    printf "pages meanwhile: %d, median %.1f ms, 99 of 100 within %.1f ms, slowest %.1f ms\n", n, 1000 * v[int((n + 1) / 2)], 1000 * v[int(n * 0.99) < 1 ? 1 : int(n * 0.99)], 1000 * v[n] }'
