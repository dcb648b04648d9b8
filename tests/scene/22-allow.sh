#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A feed holds the resolver that everybody asks. Warning lists say what is no news.
. "${0%/*}/tap.sh"

# fields OPTION...: what is met, and how much of it was suppressed.
fields()
{
    run "$KENTONGAN" match --stats -i list.txt "$@" log.json
    met=$(printf '%s\n' "$out" | sed -n 's/{"line":\([0-9]*\),.*"value":"\([^"]*\)".*/\1 \2/p')
    suppressed=$(printf '%s\n' "$err" | sed -n 's/.* hits=\([0-9]*\) .* suppressed=\([0-9]*\) .*/\1 and \2/p')
    rows=$out
    run "$KENTONGAN" match --plain -i list.txt "$@" log.json
    [ "$out" = "$rows" ] || met="the plain road says: $out"
}

cat >log.json <<'END'
{"timestamp":"2026-11-20T03:00:00.000000Z","event_type":"dns","src_ip":"192.0.2.10","dest_ip":"198.51.100.53","dns":{"type":"query","rrname":"melati.example"}}
{"timestamp":"2026-11-20T03:00:01.000000Z","event_type":"dns","src_ip":"192.0.2.10","dest_ip":"198.51.100.54","dns":{"type":"query","rrname":"cdn.kenanga.example"}}
{"timestamp":"2026-11-20T03:00:02.000000Z","event_type":"fileinfo","src_ip":"192.0.2.10","dest_ip":"203.0.113.1","fileinfo":{"filename":"x","md5":"0123456789abcdef0123456789abcdef"}}
END
cat >list.txt <<'END'
198.51.100.0/24
melati.example
kenanga.example
0123456789abcdef0123456789abcdef
END

fields
is "$met" "1 198.51.100.53
1 melati.example
2 198.51.100.54
2 cdn.kenanga.example
3 0123456789abcdef0123456789abcdef" "without a warning list everything is met"
is "$suppressed" "5 and 0" "and counted"

cat >resolvers.json <<'END'
{"name":"Resolvers of the drill","type":"cidr","version":1,"description":"addresses that everybody asks","matching_attributes":["ip-src","ip-dst","domain|ip"],"list":["198.51.100.53/32","2001:db8::53/128"]}
END
fields --allow resolvers.json
is "$met" "1 melati.example
2 198.51.100.54
2 cdn.kenanga.example
3 0123456789abcdef0123456789abcdef" "a MISP warning list of prefixes"
is "$suppressed" "4 and 1" "what it held back is counted"
is "$status" 0 "there were other hits"

cat >names.json <<'END'
{"name":"Distribution networks","type":"hostname","version":1,"description":"names that serve everybody","matching_attributes":["hostname","domain","url"],"list":[".kenanga.example","elsewhere.example"]}
END
fields --allow names.json
is "$met" "1 198.51.100.53
1 melati.example
2 198.51.100.54
3 0123456789abcdef0123456789abcdef" "one of names holds for all below them"

cat >strings.json <<'END'
{"name":"Hashes of nothing","type":"string","version":1,"description":"files without content","matching_attributes":["md5"],"list":["0123456789ABCDEF0123456789ABCDEF"]}
END
fields --allow strings.json
is "$suppressed" "4 and 1" "one of strings"

printf '# our own\n198.51.100.0/24\nhost\tmelati.example\n' >plain.txt
fields --allow plain.txt
is "$met" "2 cdn.kenanga.example
3 0123456789abcdef0123456789abcdef" "a plain list"
is "$suppressed" "2 and 3" "counted alike"

fields --allow plain.txt --allow names.json --allow strings.json
is "$met" "" "several lists together"
is "$suppressed" "0 and 5" "hold back everything"
is "$status" 1 "then there are no hits"

"$KENTONGAN" compile -i plain.txt -o plain.idx 2>compiled
fields --allow plain.idx
is "$suppressed" "2 and 3" "a compiled list"

fields --allow nowhere.json
run "$KENTONGAN" match -i list.txt --allow nowhere.json log.json
is "$status" 2 "a warning list that is not there is an error"
like "$err" "kentongan match: nowhere.json: *" "which is named"
is "$out" "" "and nothing is written"

done_testing
