#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Which of four events, long ago and long ahead, an indicator meets (doc/why/validity.md).
. "${0%/*}/tap.sh"

# indicator ID MODIFIED EXTRA VALUE: a STIX object, with members of its own.
indicator()
{
    printf '{"type":"indicator","spec_version":"2.1","id":"indicator--21000000-0000-4000-8000-%012d","created":"2020-01-01T00:00:00Z","modified":"%s","pattern_type":"stix",%s,"pattern":"[domain-name:value = '\''%s'\'']"}' "$1" "$2" "$3" "$4"
}

# bundle FILE OBJECT...
bundle()
{
    bundle_file=$1
    shift
    {
        printf '{"type":"bundle","id":"bundle--21000000-0000-4000-8000-000000000000","objects":['
        bundle_comma=
        for object in "$@"; do
            printf '%s\n%s' "$bundle_comma" "$object"
            bundle_comma=,
        done
        printf ']}\n'
    } >"$bundle_file"
}

# years OPTION...: the years of the events that are met, and whatever was counted as invalid.
years()
{
    run "$KENTONGAN" match --stats "$@" log.json
    met=$(printf '%s\n' "$out" | sed -n 's/.*"time":"\(....\).*/\1/p' | tr '\n' ' ')
    invalid=$(printf '%s\n' "$err" | sed -n 's/.* invalid=\([0-9]*\) .*/\1/p')
    run "$KENTONGAN" match --stats --plain "$@" log.json
    plain=$(printf '%s\n' "$out" | sed -n 's/.*"time":"\(....\).*/\1/p' | tr '\n' ' ')
    [ "$plain" = "$met" ] || met="$met, plainly $plain"
    met="${met}not $invalid"
}

# The clock stands somewhere between 2026 and 2090.
for year in 2010 2015 2020 2095; do
    printf '{"timestamp":"%s-06-01T00:00:00.000000Z","event_type":"dns","src_ip":"192.0.2.1","dns":{"type":"query","rrname":"melati.example"}}\n' $year
done >log.json
changed=2020-01-01T00:00:00Z

bundle always.json "$(indicator 1 $changed '"valid_from":"2001-01-01T00:00:00Z"' melati.example)"
years -i always.json
is "$met" "2010 2015 2020 2095 not 0" "an indicator without an end meets all"

bundle revoked.json "$(indicator 1 $changed '"valid_from":"2001-01-01T00:00:00Z","revoked":true' melati.example)"
years -i revoked.json
is "$met" "not 0" "a revoked one none"
is "$status" 1 "as if it were not there"

bundle expired.json "$(indicator 1 $changed '"valid_from":"2001-01-01T00:00:00Z","valid_until":"2016-01-01T00:00:00Z"' melati.example)"
years -i expired.json
is "$met" "2010 2015 not 2" "an expired one the events before its end, whatever the clock says"

bundle edge.json "$(indicator 1 $changed '"valid_from":"2001-01-01T00:00:00Z","valid_until":"2015-06-01T00:00:00Z"' melati.example)"
years -i edge.json
is "$met" "2010 not 3" "the end is exclusive"
bundle edge.json "$(indicator 1 $changed '"valid_from":"2001-01-01T00:00:00Z","valid_until":"2015-06-01T00:00:00.000001Z"' melati.example)"
years -i edge.json
is "$met" "2010 2015 not 2" "to the microsecond"

bundle published.json "$(indicator 1 $changed '"valid_from":"2018-01-01T00:00:00Z"' melati.example)"
years -i published.json
is "$met" "2010 2015 2020 2095 not 0" "one that began after the event, and before today, searches the past"

bundle embargo.json "$(indicator 1 $changed '"valid_from":"2090-01-01T00:00:00Z"' melati.example)"
years -i embargo.json
is "$met" "2095 not 3" "one that begins later than now meets only what is later still"

bundle window.json "$(indicator 1 $changed '"valid_from":"2018-01-01T00:00:00Z","valid_until":"2019-01-01T00:00:00Z"' melati.example)"
years -i window.json
is "$met" "2010 2015 not 2" "beginning and end are judged one by one"

bundle backwards.json "$(indicator 1 $changed '"valid_from":"2018-01-01T00:00:00Z","valid_until":"2017-01-01T00:00:00Z"' melati.example)"
run "$KENTONGAN" match -i backwards.json log.json
is "$status" 2 "an end before the beginning is no indicator"
like "$err" "*backwards.json:2:*valid_until*4.7*" "which is told with the section"

# An event that does not say when it was happens now.
printf 'melati.example and nothing more\n' >timeless.txt
run "$KENTONGAN" match -i expired.json timeless.txt
is "$status" 1 "an event without a time: now, and too late for what expired"
run "$KENTONGAN" match -i published.json timeless.txt
is "$status" 0 "in time for what began"
run "$KENTONGAN" match -i embargo.json timeless.txt
is "$status" 1 "and too early for what has not"

# A table says the same in columns.
cat >table.csv <<'END'
domain,valid_from,valid_until,revoked
melati.example,2001-01-01,2016-01-01,
melati.example,,,true
END
years -i table.csv
is "$met" "2010 2015 not 2" "a table with columns of validity"

# Versions: the newest decides, in whatever file it stands.
newer=2021-01-01T00:00:00Z
bundle old.json "$(indicator 2 $changed '"valid_from":"2001-01-01T00:00:00Z"' melati.example)" "$(indicator 3 $changed '"valid_from":"2001-01-01T00:00:00Z"' mawar.example)"
bundle taken-back.json "$(indicator 2 $newer '"valid_from":"2001-01-01T00:00:00Z","revoked":true' melati.example)"
bundle changed.json "$(indicator 2 $newer '"valid_from":"2001-01-01T00:00:00Z","valid_until":"2012-01-01T00:00:00Z"' melati.example)"
bundle elsewhere.json "$(indicator 2 $newer '"valid_from":"2001-01-01T00:00:00Z"' kenanga.example)"
years -i old.json
is "$met" "2010 2015 2020 2095 not 0" "the old version alone"
years -i old.json -i taken-back.json
is "$met" "not 0" "revoked by a newer version"
years -i taken-back.json -i old.json
is "$met" "not 0" "in either order"
years -i old.json -i changed.json
is "$met" "2010 not 3" "a newer version with an end"
years -i changed.json -i old.json
is "$met" "2010 not 3" "in either order"
years -i old.json -i elsewhere.json
is "$met" "not 0" "a newer version that looks for something else"
bundle both.json "$(indicator 2 $newer '"valid_from":"2001-01-01T00:00:00Z","revoked":true' melati.example)" "$(indicator 2 $changed '"valid_from":"2001-01-01T00:00:00Z"' melati.example)"
years -i both.json
is "$met" "not 0" "two versions in one file"
bundle comeback.json "$(indicator 2 2022-01-01T00:00:00.000001Z '"valid_from":"2001-01-01T00:00:00Z","revoked":false' melati.example)" "$(indicator 2 2022-01-01T00:00:00Z '"valid_from":"2001-01-01T00:00:00Z","revoked":true' melati.example)"
years -i old.json -i comeback.json
is "$met" "2010 2015 2020 2095 not 0" "the newest by a microsecond"

# MISP versions its attributes by their timestamp.
attribute()
{
    printf '{"Event":{"info":"Drill","Attribute":[{"type":"domain","category":"Network activity","to_ids":true,"uuid":"21000000-0000-4000-8000-000000000009","timestamp":"%s","value":"%s"}]}}\n' "$1" "$2"
}
attribute 1600000000 melati.example >misp-old.json
attribute 1700000000 mawar.example >misp-new.json
years -i misp-new.json -i misp-old.json
is "$met" "not 0" "the newest version of an attribute counts"

done_testing
