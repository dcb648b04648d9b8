#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What closes an incident. A hospital's case ends: the node drafts its lesson, which names nobody and takes in no name
# however it is spelt; another person reads it, two share it, and it is a report of ours and on the page of lessons in two
# languages, with the victim nowhere in it. The month is counted, each figure with what it counts, and the same again for
# the same moment though a class was changed since. The account of the incident is a page for print, a timeline and JSON.
. "${0%/*}/node.sh"

# digest N: of the lesson as it stands.
digest()
{
    k lesson show "$1" | sed -n 's/^sha256   //p'
}
# page LANGUAGE PATH: as HTML, for who has the token.
page()
{
    curl -s -H "Authorization: Bearer $token" -H "Accept-Language: $1" -H "Accept: text/html" "http://127.0.0.1:$port$2"
}

node_init "Tim Contoh"
k user add wati --role coordinator --password-file password >made || exit 2
k user add tono --role manager --password-file password >made || exit 2
node_begin
enrol wati tono
token=$(k token add figures --for tono --scope read --expires 1d | sed -n 's/^token  //p')

k org add "RS Melati" --kind hospital --sector health --country ID >made
k org state "RS Melati" active --reason "agreement 12" >made
k asset add "RS Melati" domain melati.example --said-by "contract 12" >made
k contact add "RS Melati" "Bu Sari" --mail sari@melati.example >made

# ---- The case ----

month=$(date -u +%Y-%m)
k incident open "Ransomware di RS Melati <b>" --class malicious-code/infected-system --local-class ransomware \
    --severity high --personal-data >made
k incident party 1 victim "RS Melati" --reason "they called" >made
k incident observable 1 domain pay.evil.example >made
k incident impact 1 loss 100000 250000 --currency IDR --basis "their books" >made
k incident note 1 "Bu Sari called: nothing works." --kind event --source telephone >made
k task add 1 "Isolate the laboratory" >made
k task state 1 done --result "Twelve machines." >made
k task add 1 "Call RS Melati back" >made
k task state 2 done --result "They know." >made
k incident state 1 triaged >made
k incident state 1 open >made
run k lesson draft 1
like "$status:$err" "2:*is open: a lesson is drawn from a closed one*" "a lesson is drawn from what is closed"
k incident state 1 contained >made
k incident state 1 closed --reason "all works" >made

# ---- The lesson ----

run k lesson draft 1
like "$status:$out" "0:1	1	draft	*" "the node writes a draft"
run k lesson show 1
like "$out" "*en: What an incident taught us*Isolate the laboratory*1 step more is not told here*[[]...]*id: Pelajaran*[[]...]*" \
    "of what is known, in two languages, with places for what people know"
is "$(printf '%s' "$out" | grep -ciE 'melati|sari|evil')" 0 "and names nobody"
printf 'What was missing\nA copy that nobody reaches.\n\nSee rs-melati.\n' >en.txt
run k lesson write 1 en.txt --language en --title "Copies"
like "$status:$err" '2:*text in English: it holds the name of an organisation, "RS Melati"*' "a name is refused, however it is spelt"
printf 'Ask melati[.]example.\n' >en.txt
run k lesson write 1 en.txt --language en
like "$status:$err" "2:*melati*" "and so is what is theirs"
printf 'It came from 198.51.100.7.\n' >en.txt
run k lesson write 1 en.txt --language en
like "$status:$err" '2:*"198.51.100.7*is a value*' "and any value"
printf 'What was missing\nA copy that nobody reaches by network.\n\nKeep one apart, and try it once a month.\n' >en.txt
printf 'Yang kurang\nSalinan yang tidak terjangkau lewat jaringan.\n\nSimpan satu terpisah, uji tiap bulan.\n' >id.txt
k lesson write 1 en.txt --language en --title "Copies that nobody had tried" >made
run as wati lesson review 1 "$(digest 1)"
like "$status:$err" "2:*[[]...]*a person has something to say*" "nobody reads it to its end before it has one"
k lesson write 1 id.txt --language id --title "Salinan yang belum pernah diuji" >made
run k lesson review 1 "$(digest 1)"
like "$status:$err" "2:*another person reads it*" "who wrote it does not read it for the other"
run as wati lesson review 1 "$(digest 1)"
like "$status:$out" "0:1	1	reviewed	*" "another person does"
run k lesson share 1 --reason "others have the same copies"
like "$status:$out" "0:it waits for a second person: *" "one person does not share it"
is "$(page id /lessons | grep -c "Salinan yang belum")" 1 "who agrees to it can read it"
second node codes.tono tono
until_like "1	1	shared	TLP:GREEN	*" k lesson list
ok $? "two do: it is shared"
is "$(k incident list --all --state published | cut -f 1)" 1 "and its incident is published"
k export --as stix --source desk >shared.json 2>/dev/null
like "$(cat shared.json)" '*"type":"report"*Copies that nobody had tried*' "it is a report of ours"
like "$(cat shared.json)" '*"type":"language-content"*Salinan yang belum pernah diuji*' "in two languages"
is "$(grep -ciE 'melati|sari|evil|ransomware di' shared.json)" 0 "and the victim is nowhere in it"
like "$(page en /lessons/1)" "*<h1>Copies that nobody had tried</h1>*TLP:GREEN*<h2>What was missing</h2>*" "it has a page in English"
like "$(page id /lessons/1)" "*<h1>Salinan yang belum pernah diuji</h1>*<h2>Yang kurang</h2>*" "and in Bahasa Indonesia"
is "$(k lesson list --search "network copy" | cut -f 1):$(k lesson list --search "jaringan" | cut -f 1):$(k lesson list --search "melati")" "1:1:" \
    "it is found by its words"
run k lesson write 1 en.txt --language en
like "$status:$err" "2:*is out*" "what is out is not edited"

# ---- Figures ----

run k figures "$month"
like "$out" "*# incidents-by-class: Incidents of ours*incidents-by-class	malicious-code/infected-system	incidents 1*" \
    "the month is counted, with what is counted"
like "$out" "*loss	IDR	losses 1	least 100000/100	most 250000/100*loss	unknown	losses 0	least -	most -*" "losses are ranges by currency"
like "$out" "*times	closed	incidents 1	open 0	median *" "and times have a median"
then=$(k figures "$month" --json | sed -n '1s/.*"as_of":"\([^"]*\)".*/\1/p')
k incident open "Another" --class fraud/phishing >made
k incident class 1 information-content-security/unauthorised-information-modification --reason "looked at again" >made
second node codes.wati wati
like "$(k figures "$month")" "*incidents-by-class	information-content-security/*incidents 1*loss	unknown	losses 1*" "another class counts from now on"
run k figures "$month" --as-of "$then" --csv
like "$out" '*"incidents-by-class","malicious-code/infected-system","incidents","count",1,*' "and the same moment has the same figures again"
is "$(printf '%s' "$out" | grep -cE 'unauthorised|fraud')" 0 "whatever happened since"
run k figures 2026-13
like "$status:$err" "2:*no month as 2026-11*" "a month is a month"
like "$(page en "/figures?month=$month")" "*<svg *The same as a table*Incidents by class*Phishing*" "the page has a picture and its table"
like "$(page en "/figures/csv?month=$month&as_of=$then")" "*malicious-code/infected-system*" "and the CSV"

# ---- The account ----

run k incident report 1
like "$out" '*<html lang="id">*class="tlp head"*TLP:AMBER*class="tlp foot"*pay[[].]evil[[].]example*Bu Sari called*' "the account is a page for print"
is "$(printf '%s' "$out" | grep -c "Melati <b>")" 0 "in which nothing of others is markup"
like "$(k incident report 1 --as csv)" '"time","kind","text","actor","source"*incident.new*incident.closed*incident.published*' "its timeline is CSV"
like "$(k incident report 1 --as json)" '{"title":"Ransomware di RS Melati <b>"*"timeline":[[]*' "and all of it JSON"
is "$(page en /incidents/1/report | grep -c 'tlp head')" 0 "who reads figures alone gets no account"
token=$(k token add desk --for wati --scope read,write --expires 1d | sed -n 's/^token  //p')
like "$(page en /incidents/1)" '*href="/incidents/1/report"*href="/lessons/1"*' "its page leads to the account and the lesson"
like "$(page en /incidents/1/report)" '*<html lang="en">*tlp head*' "which is a file there, too"

# ---- The lesson, by the console ----

post()
{
    path=$1
    shift
    curl -s -o answer -w '%{http_code} %{redirect_url}' -H "Authorization: Bearer $token" -H "Accept: text/html" "$@" \
        "http://127.0.0.1:$port$path"
}
k incident state 2 open >made
k incident state 2 closed --reason "taken down" >made
like "$(post /incidents/2/lesson -X POST)" "303 */lessons/2*" "a lesson is drafted from the page of its incident"
like "$(post /lessons/2/write -d language=en -d title=Mail --data-urlencode 'text=Ask RS Melati.'):$(cat answer)" \
    "4*RS Melati*" "what names somebody is refused there"
like "$(post /lessons/2/write -d language=en -d title=Mail --data-urlencode 'text=Look twice.')" "303 */lessons/2*" "what does not is taken"
k lesson write 2 id.txt --language id --title "Surel" >made
like "$(post /lessons/2/review -d sha256="$(digest 2)"):$(cat answer)" "403*another person reads it*" "who wrote one language reads neither"
k lesson write 2 en.txt --language en >made
like "$(post /lessons/2/review -d sha256="$(digest 1)"):$(cat answer)" "409*read it again*" "another text was not read"
like "$(post /lessons/2/review -d sha256="$(digest 2)")" "303 *" "this one was"
is "$(k lesson list | sed -n 's/^2	2	\([a-z]*\).*/\1/p')" "reviewed" "by somebody else than who wrote them"

node_end
done_testing
