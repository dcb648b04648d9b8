#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A night on duty at the console: a hospital's sensor meets an indicator, the board shows what waits for a person, it is
# approved there, the hospital's administrator finds it among the few things to do today and says that it is done. The
# other hospital learns nothing, and who may see only the own organisation gets neither board nor page of a warning.
. "${0%/*}/node.sh"
needs "the board" curl

node_init "Melati CERT"
sets node from=jaga@melati.example # without a relay mail waits; it is written all the same
for hospital in "RS Melur" "RSUD Kenanga"; do
    kt org add "$hospital" --relation constituent --kind hospital --sector health --country ID
    kt org state "$hospital" active --reason "the contract is signed"
done
kt asset add "RS Melur" 192.0.2.0/26 --said-by "contract 12"
kt contact add "RS Melur" "Ruang siaga" --mail siaga@rs-melur.example
kt user add siti --role duty-officer --password-file password
kt user add budi --role constituent-admin --organisation "RS Melur" --password-file password
kt user add citra --role constituent-admin --organisation "RSUD Kenanga" --password-file password

cat >indicator.json <<'END'
{"type": "bundle", "id": "bundle--6b616c61-0000-4000-8000-000000000086", "objects": [
 {"type": "indicator", "spec_version": "2.1", "id": "indicator--6b616c61-0000-4000-8000-000000000086",
  "created": "2026-11-01T00:00:00.000Z", "modified": "2026-11-01T00:00:00.000Z", "name": "a server of a botnet",
  "indicator_types": ["malicious-activity"], "pattern_type": "stix", "valid_from": "2026-11-01T00:00:00Z",
  "pattern": "[ipv4-addr:value = '198.51.100.77']",
  "object_marking_refs": ["marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"]}]}
END
cat >eve.json <<'END'
{"timestamp":"2026-11-21T20:00:01.000000+0000","event_type":"flow","src_ip":"192.0.2.9","src_port":51234,"dest_ip":"198.51.100.77","dest_port":443,"proto":"TCP"}
{"timestamp":"2026-11-21T20:05:01.000000+0000","event_type":"flow","src_ip":"192.0.2.9","src_port":51235,"dest_ip":"198.51.100.77","dest_port":443,"proto":"TCP"}
{"timestamp":"2026-11-21T20:05:02.000000+0000","event_type":"flow","src_ip":"192.0.2.9","src_port":51236,"dest_ip":"192.0.2.10","dest_port":443,"proto":"TCP"}
END
kt import indicator.json

node_begin

# until COMMAND...: as long as it fails, for ten seconds at most
until_ok()
{
    tries=0
    until "$@"; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || return 1
        sleep 0.1
    done
}
board_has()
{
    page siti /board >board
    grep -q "$1" board
}

for who in siti budi citra; do
    like "$(signs_in "$who")" "303 *" "$who signs in"
done

# ---- The board ----

like "$(page siti /board)" "200 *No warning is open*" "at first nothing is open"
like "$(page siti /board)" '200 *data-live="/live?after=*' "the page says what a script listens to"
like "$(page siti /board)" '200 *<noscript><meta http-equiv="refresh"*' "and reads itself once more without scripts"
kt ingest --stream rs-melur/suricata --org "RS Melur" -f eve eve.json
until_ok board_has "/warnings/1"
ok $? "what was met stands on the board"
shown=$(page siti /board)
like "$shown" "200 *Infected system*RS Melur*TLP:AMBER*held*" "it waits for a person: what, for whom, its marking"
like "$shown" '200 *name="act" value="approve"*name="act" value="withdraw"*' "who can approve or withdraw it at once"
shown=$(page siti /warnings/1)
like "$shown" "200 *192.0.2.9*198[[].]51[[].]100[[].]77*" "its page has what was met, defanged"
like "$shown" "200 *Nobody was told yet*" "and that nobody was told"
like "$(page budi /today)" "200 *Nothing. No warning waits for you*" "the hospital sees nothing of what waits"

# ---- Who may not ----

like "$(page budi /board)" "403 *" "the board is not for who sees the own organisation only"
like "$(page budi /warnings/1)" "404 *" "nor that there is such a warning"
like "$(page citra /organisations/2)" "404 *" "nor is another organisation"
like "$(page siti /today/1 -d act=done)" "403 *" "a form without its key is refused"
like "$(post citra /today /today/1 act=done)" "404 *" "nobody answers for another"

# ---- It goes out, and is answered ----

like "$(post siti /board /warnings/1 act=approve back=/board "reason=it is real")" "303 *" "it is approved on the board"
told()
{
    page budi /today >today
    grep -q 'action="/today/1"' today
}
until_ok told
ok $? "the hospital finds it among the things to do"
like "$(page budi /today -H 'Accept-Language: id')" "200 *Apa yang harus saya lakukan hari ini?*198[[].]51[[].]100[[].]77*" \
    "in plain Bahasa Indonesia, with where and when"
like "$(page citra /today)" "200 *Nothing. No warning waits for you*" "the other hospital has nothing to do"
shown=$(page siti /warnings/1)
like "$shown" "200 *What was told*Ruang siaga*mail*TLP:AMBER*" "its page shows the mail as it is read there"
notice=$(printf '%s' "$shown" | sed -n 's/.*href="\(\/notices\/[0-9]*\/message\)".*/\1/p' | head -n 1)
like "$(page siti "$notice")" "200 *Message-ID:*" "and the bytes are one link away"
like "$(page budi "$notice")" "404 *" "for those who look after all"
like "$(post budi /today /today/1 act=done "reason=taken off the network")" "303 *" "it is done, they say"
like "$(page budi /today)" "200 *Nothing. No warning waits for you*Answered*" "and nothing is left"
like "$(page siti /warnings/1)" "200 *Its life*drafted*approved*done*taken off the network*" "its page tells its life"
like "$(page siti /board)" "200 *No warning is open*" "the board is empty again"

# ---- Whom we serve, what was counted, the past ----

shown=$(page budi /organisations/2)
like "$shown" "200 *<svg*Ruang siaga*192.0.2.0/26*" "their page has events over time, contacts and what is theirs"
like "$(post budi /organisations/2 /organisations/2/contacts "name=Kepala TI" phone=0215550000 rank=2)" "303 *" \
    "they add a contact"
like "$(post budi /organisations/2 /organisations/2/contacts "name=Gudang" mail=nowhere)" '400 *role="alert"*value="nowhere"*' \
    "what is no address is told, and what was typed stays"
like "$(page budi /organisations/2)" "200 *Kepala TI*" "which is there"
like "$(post siti /organisations/2 /contacts/1 act=ping)" "303 *" "a contact is asked whether it is still read"
like "$(post citra /today /contacts/1 act=close reason=mine)" "40[34] *" "nobody closes the contact of another"
like "$(post budi /today /contacts/1 act=verify back=/today reason=portal)" "303 *" "they say that it is"
like "$(page budi /today)" "200 *siaga@rs-melur.example*confirmed*" "and it stands so"
like "$(page siti /statistics)" "200 *Not incidents*Coverage*1 stream*health*" \
    "each number has what it counts, whom it covers and when"
like "$(page siti /statistics/csv)" '200 by,name,first_day,last_day,events,hits,doubles*"sector","health",*,3,2,0*' "and is there as CSV"
like "$(page siti "/object?id=indicator--6b616c61-0000-4000-8000-000000000086" -L)" "*Among those we serve*RS Melur*" \
    "the page of the indicator says who was warned because of it"
like "$(post siti /hunt /hunt "values=Who met 198[.]51[.]100[.]77 or 203.0.113.250?")" "200 *RS Melur*" \
    "what is pasted is looked for in the past"
like "$(post siti /import /import "text=198.51.100.77")" "200 *What it would have met*1 of 1 values*198[[].]51[[].]100[[].]77*1 constituent*" \
    "what is to be imported is shown with what it would have met, before it is"
accept=application/json
like "$(page siti /board)" '200 {"title":"Board"*' "a script gets the same"
accept=
is "$(for p in /board /warnings/1 /organisations/2 /statistics /today; do
    page siti $p >/dev/null
    [ "$(wc -c <answer)" -lt 51200 ] || echo "$p"
done)" "" "no page is larger than 50 KiB"

node_end
is "$?" 0 "the server ends in order"
done_testing
