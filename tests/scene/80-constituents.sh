#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Whom a node serves: a CERT takes in its hospitals from tables, an address changes hands, a contact is found stale.
. "${0%/*}/tap.sh"

"$KENTONGAN" init node --name "Kenanga CERT" >made

kt()
{
    run "$KENTONGAN" -c node "$@"
}

# ---- The roll ----

cat >organisations.csv <<'END'
name,kind,sector,country,parent,memory_days
RS Melati,hospital,health,ID,Dinas Kesehatan,60
RS Mawar,hospital,health,ID,Dinas Kesehatan,
Dinas Kesehatan,ministry,health,ID,,
"=cmd|'/c calc'!A1",supplier,ict,,,
END
cat >contacts.csv <<'END'
organisation,name,rank,mail,phone,languages,hours
RS Melati,Ruang siaga,1,siaga@rs-melati.example,+62 21 5550 100,id en,always
RS Melati,Direktur,2,direktur@rs-melati.example,,id,Mon-Fri 08:00-16:00 +07:00
RS Mawar,Ruang siaga,,siaga@rs-mawar.example,,,
END
cat >assets.csv <<'END'
organisation,value,from,said_by
Dinas Kesehatan,203.0.113.0/24,,
RS Melati,203.0.113.64/26,,contract 12
RS Melati,rs-melati.example,,
RS Mawar,2001:db8:7::/48,2026-01-01,
RS Mawar,AS64500,,
END

cat >supplies.csv <<'END'
supplier,customer,what
Dinas Kesehatan,RS Melati,blood
Dinas Kesehatan,RS Mawar,
END

kt org import supplies.csv assets.csv contacts.csv organisations.csv
is "$status:$out:$err" "0:organisations: 4 added, 0 changed, 0 as they were
contacts: 3 added, 0 changed, 0 as they were
assets: 5 added, 0 changed, 0 as they were
supplies: 2 added, 0 changed, 0 as they were:" "four tables are taken in, in any order"
kt org import organisations.csv contacts.csv assets.csv --json
is "$out" '{"of":"organisations","added":0,"changed":0,"same":4}
{"of":"contacts","added":0,"changed":0,"same":3}
{"of":"assets","added":0,"changed":0,"same":5}' "once more changes nothing"

printf 'organisation,value\nRS Mawar,198.51.100.0/24\nRS Mawar,203.0.113.64/26\nRS Anggrek,192.0.2.1\nRS Mawar,192.0.2.1/24\n' >wrong.csv
kt org import wrong.csv
is "$status:$out" "2:" "a table with mistakes is not taken in"
is "$err" "wrong.csv:3: prefix 203.0.113.64/26 is owned by RS Melati (asset 2) from ever
wrong.csv:4:1: there is no organisation \"RS Anggrek\"
wrong.csv:5:2: prefix \"192.0.2.1/24\": bits behind its length are set; is one address meant, or all of them?
kentongan org: nothing was imported" "each is told with its place"
printf 'supplier,customer\nRS Mawar,RS Melati\nRS Mawar,RS Mawar\nRS Mawar,RS Anggrek\n' >supplies-wrong.csv
kt org import supplies-wrong.csv
is "$status:$err" "2:supplies-wrong.csv:3: nobody is a supplier of itself
supplies-wrong.csv:4:2: there is no organisation \"RS Anggrek\"
kentongan org: nothing was imported" "so is who cannot supply whom"
is "$(kt org customers "RS Mawar"; echo "$out")" "" "of which nothing is kept"
kt asset find 198.51.100.1
is "$status:$out:$err" "1::" "and the good line beside them was not taken, either"

kt org export organisations
is "$(printf '%s' "$out" | tr -d '\r')" "name,kind,sector,country,relation,state,parent,memory_days
Dinas Kesehatan,ministry,health,ID,constituent,active,,
'=cmd|'/c calc'!A1,supplier,ict,,constituent,active,,
RS Melati,hospital,health,ID,constituent,active,Dinas Kesehatan,60
RS Mawar,hospital,health,ID,constituent,active,Dinas Kesehatan," "what goes out is no formula"
for table in organisations contacts assets supplies; do
    kt org export "$table" -o "$table.out"
done
"$KENTONGAN" init other --name "Melur CERT" >made
"$KENTONGAN" -c other org import supplies.out organisations.out contacts.out assets.out >told
for table in organisations contacts assets supplies; do
    "$KENTONGAN" -c other org export "$table" >again
    cmp -s "$table.out" again
    ok $? "another node gives the same $table that it was given"
done

# ---- Whose is it ----

# found VALUE [--at TIME]: the organisation
found()
{
    kt asset find "$@"
    printf '%s' "$out" | cut -f 4
}
is "$(found 203.0.113.1):$(found 203.0.113.70)" "Dinas Kesehatan:RS Melati" "the longest prefix wins"
is "$(found www.RS-Melati.example):$(found xrs-melati.example)" "RS Melati:" "a domain is a name and all below it"
is "$(found 2001:db8:7::1):$(found 2001:db8:7::1 --at 2025-12-31)" "RS Mawar:" "and it has to be theirs then"
is "$(found AS64500)" "RS Mawar" "an AS number is somebody's, too"

kt asset hand-over 2 "RS Mawar" --at 2026-11-20T00:00:00+07:00 --said-by "letter 7"
is "$(printf '%s\n' "$out" | cut -f 3-7)" "203.0.113.64/26	RS Melati		2026-11-19T17:00:00.000000Z	contract 12
203.0.113.64/26	RS Mawar	2026-11-19T17:00:00.000000Z		letter 7" "an address changes hands"
is "$(found 203.0.113.70 --at 2026-11-19T16:59:59Z)" "RS Melati" "before that it was theirs"
is "$(found 203.0.113.70 --at 2026-11-19T17:00:00Z)" "RS Mawar" "from then on it is others'"
kt asset add "RS Melati" 203.0.113.64/26 --from 2026-11-21
like "$status:$err" "2:*is owned by RS Mawar (asset 6) from 2026-11-19T17:00:00.000000Z" "nobody gets what is another's"

# ---- Organisations ----

kt org rename "RS Mawar" "RS Mawar Putih" --reason "decree 3"
kt org show "RS Mawar"
like "$out" "RS Mawar Putih	constituent	active	*: RS Mawar
*to now: RS Mawar Putih" "an organisation keeps the names that it had"
kt org service "RS Mawar Putih" --memory-days 401
is "$status" 2 "what they met is not remembered for ever"
kt org state "RS Mawar Putih" closed --reason "merged"
like "$status:$out" "0:RS Mawar Putih	constituent	closed	*" "one is closed"
is "$(found AS64500):$(found AS64500 --at 2026-11-01)" ":RS Mawar Putih" "nothing is theirs any more; what was, was"
kt contact list "RS Mawar Putih"
like "$out" "3	RS Mawar Putih	Ruang siaga	1	closed	*" "nobody there is told anything"

# ---- Contacts ----

kt contact verify 1
is "$status:$err" "2:kentongan contact: how do you know? --reason says it to whoever asks later" "by hand it needs a reason"
kt contact verify 1 --reason "called at 09:14"
like "$out" "1	RS Melati	Ruang siaga	1	verified	*" "a contact is verified"
kt contact change 1 --mail lain@rs-melati.example
like "$out" "1	RS Melati	Ruang siaga	1	unverified	lain@rs-melati.example	*" "another address is another matter"
kt contact stale
is "$status:$out" "0:" "nobody is stale yet"

# Half a year later: the node's clock is the machine's, so the days are moved instead.
if command -v python3 >/dev/null; then
    python3 - node/node.db <<'END'
import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
base.execute("UPDATE contact SET changed_us = changed_us - 181 * 86400000000 WHERE number = 2")
base.commit()
END
    kt contact stale
    like "$out" "2	RS Melati	Direktur	2	stale	*" "who was not heard of for half a year is"
    kt contact list --state stale
    is "$(printf '%s\n' "$out" | wc -l)" 1 "and stays on the list"
    kt contact verify 2 --reason "wrote back"
    kt contact stale
    is "$out" "" "until somebody says that it is read"
else
    skip "who was not heard of for half a year is stale" "python3 is not installed"
fi

# ---- Two persons ----

printf 'correct drum battery\n' >password
chmod 600 password
kt user add dewi --role analyst --password-file password
run "$KENTONGAN" -c node org state "RS Melati" suspended --reason "no answer" --person dewi --person-password password
like "$status:$err" "2:*may not change organisations*" "who may not, may not"
kt user add wayan --role manager --password-file password
run "$KENTONGAN" -c node org state "RS Melati" suspended --reason "no answer" --person wayan --person-password password
is "$status:$out" "0:it waits for a second person: \`approval show 1\`" "a manager proposes"
kt approval show 1
like "$out" '*"state":"suspended"*' "what is shown is what will be done"
kt approval agree 1 "$(printf '%s\n' "$out" | sed -n 's/^digest *//p')"
kt org show "RS Melati"
like "$out" "RS Melati	constituent	suspended	*" "and another person agrees"

done_testing
