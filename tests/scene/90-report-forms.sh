#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Somebody without an account tells us something by the form and gets a number at once; the duty officer finds it in the
# queue beside another that tells of the same, merges them, opens an incident, answers, and gets what hung on it as a file
# only. A hospital sees its own reports and nothing of others. Programs send JSON. Whatever is hostile is told why not.
. "${0%/*}/node.sh"
needs "the forms of reports" curl

node_init "Melati CERT"
sets node from=lapor@melati.example
for hospital in "RS Melur" "RSUD Kenanga"; do
    kt org add "$hospital" --relation constituent --kind hospital --sector health --country ID
    kt org state "$hospital" active --reason "the contract is signed"
done
kt user add siti --role duty-officer --password-file password
kt user add agus --role auditor --password-file password
kt user add budi --role constituent-admin --organisation "RS Melur" --password-file password
kt user add citra --role constituent-admin --organisation "RSUD Kenanga" --password-file password

node_begin

# tell [CURL-OPTION...]: somebody without an account sends the form
tell()
{
    page nobody /report "$@"
}
reference()
{
    sed -n 's/.*id="reference">\([^<]*\)<.*/\1/p' answer
}
for who in siti agus budi citra; do
    like "$(signs_in "$who")" "303 *" "$who signs in"
done

# ---- Anybody ----

like "$(page nobody /report)" '200 *Tell us about an incident*name="text"*Send the report*' "anybody gets the form"
like "$(page nobody /report -H 'Accept-Language: id')" '200 *lang="id"*Kirim laporan*' "in Bahasa Indonesia, too"
printf 'a picture of a screen' >screen.png
printf '<html>a page</html>' >page
shown=$(tell -F 'text=Situs palsu: https://toko-login.example/masuk. Saya terlanjur transfer.' -F money=yes \
    -F 'mail=Warga@Example.org' -F 'name=Ibu Warga' -F 'file=@screen.png;type=image/png')
first=$(reference)
like "$shown" "201 *$first*Call your bank*receipt by mail*" "who sends it gets a number, and what to do about the money"
like "$first" "20??-000001-????" "the number is the first of the year"
from=127.0.0.2
like "$(tell -F 'text=Fake shop at https://toko-login.example/masuk, it asks for my PIN')" "201 *no mail*" \
    "who leaves no address is told that no mail comes"
second=$(reference)

# ---- Hostile ----

from=127.0.0.9
like "$(tell -F 'text=')" "400 *say what happened*" "a report says something"
like "$(tell -F 'text=x' -F 'mail=nobody')" '400 *name="mail"*aria-invalid="true"*no address of mail*' "an address is one"
like "$(tell -F 'text=buy now' -F 'website=https://advert.example')" "400 *leave the field*" "a field for programs stays empty"
head -c 16385 /dev/zero | tr '\0' 'a' >long
like "$(tell -F 'text=<long')" "400 *16,384 bytes*" "a text has a ceiling"
head -c 4200000 /dev/zero >large
like "$(tell -F 'text=x' -F 'file=@large')" "400 *4 MB*" "a file has one"
head -c 5000000 /dev/zero >larger
like "$(tell -F 'text=x' -F 'file=@larger')" "413 *" "and so has what is read at all"
origin=https://elsewhere.example
like "$(tell -F 'text=x')" "403 *another site*" "a page of another site sends nothing"
origin=
like "$(tell -F "text=$(printf 'a\001b')")" "400 *" "control characters are refused"
like "$(tell --form-string 'text=<script>alert(1)</script> <b>tebal</b>' --form-string 'name="><script>' \
    -F 'file=@page;filename=../../<x>.html;type=text/html')" \
    "201 *" "markup is text like any other"
grep -q '<script>alert' answer
is $? 1 "and is not shown as markup"

# ---- The queue ----

from=127.0.0.1
shown=$(page siti /reports)
like "$shown" "200 *2 reports that belong together*$first*$second*" "what tells of the same stands together, the oldest first"
like "$shown" "200 *toko-login[[].]example*" "and nothing in it can be clicked by accident"
like "$shown" "200 *Phishing*rule phishing*" "a class is proposed, with its rule"
like "$shown" "200 *money lost*" "and what makes it urgent"
like "$shown" '200 *formaction="/reports/1" name="act" value="take" accesskey="t"*' "one key takes the first"
page siti /reports >one && [ "$(wc -c <one)" -lt 51200 ]
ok $? "the page is below 50 KB"
like "$(page siti /board)" '200 *Reports that wait, newest first*formaction="/reports/1" name="act" value="take"*' "the board has it, too"
like "$(post siti /board /reports/1 act=take back=/board)" "303 *" "the duty officer takes it there"
like "$(page siti "/reports?view=mine")" "200 *$first*" "it is hers"
case $(cat answer) in *'formaction="/reports/2"'*) false ;; esac
ok $? "and the other is not"
like "$(post siti /reports /reports/2 act=merge-all back=/reports?view=waiting)" "303 *" "one button merges what is the same"
like "$(page siti /reports/2)" "200 *merged with another*$first*" "the later one into the earlier"
like "$(page siti /reports/2000)" "404 *" "one that is not there is not there"

# ---- One report ----

shown=$(page siti /reports/1)
like "$shown" "200 *warga@example.org*" "its page says who told it"
like "$shown" "200 *quarantine*screen.png*image/png*SHA-256*" "and what hung on it"
pick=$(sed -n 's/.*name="pick" value="\([0-9]*-[1-9][0-9]*\)".*/\1/p' answer | head -n 1)
like "$(post siti /reports/1 /reports/1/file "pick=$pick" reason=)" "400 *say why*" "a file is had for a reason only"
key=$(page siti /reports/1 >/dev/null; hidden key)
page siti /reports/1/file -D head --data-urlencode "key=$key" -d "pick=$pick" -d "reason=looked+at" >file
like "$(cat head)" "*application/octet-stream*" "then it comes as bytes"
like "$(cat head)" '*attachment; filename="*.quarantine"*' "to be saved, under a name of ours"
like "$(cat file)" "200 a picture of a screen*" "and is what was sent"
like "$(page siti /reports/1/file -d pick=1-1 -d reason=x)" "403 *" "a form without its key does nothing"
shown=$(post siti /reports/1 /reports/1 act=preview answer=more "text=Rekening mana?")
like "$shown" "200 *This would be sent*Rekening mana?*KTG $first*" "an answer is seen before it leaves"
like "$(post siti /reports/1 /reports/1 act=answer answer=more "text=Rekening mana?")" "303 *" "and sent"
like "$(page siti /reports/1)" "200 *From us*siti*Rekening mana?*" "it stands in the thread"
like "$(post siti /reports/1 /reports/1 act=class class=fraud/masquerade severity=high)" "303 *" "a person classes it"
case $(page siti /reports/1) in *"proposed by the rule"*) false ;; esac
ok $? "then no rule does"
like "$(post siti /reports/1 /reports/1 act=open)" "303 *" "an incident is opened for it"
like "$(page siti /reports/1)" "200 *belongs to an incident*incident 1*" "and it belongs there"
like "$(post siti /reports/3 /reports/3 act=link incident=99)" "4?? *" "an incident that is not there takes nothing"
like "$(post siti /reports/3 /reports/3 act=link incident=1)" "303 *" "one that is there does"
like "$(post siti /reports/3 /reports/3 act=close reason=)" "400 *say why*" "closing says why"
like "$(post siti /reports/3 /reports/3 act=close "reason=a drill of markup")" "303 *" "then it is closed"
like "$(post siti /reports/3 /reports/3 act=drum)" "400 *act says it*" "what is no act is told"
case $(page siti /reports/3) in *"<script>alert"* | *"<b>tebal"*) false ;; *"&lt;script&gt;"*) ;; *) false ;; esac
ok $? "markup is shown as the text that it is"
like "$(post agus /reports/3 /reports/3 act=take)" "403 *" "an auditor reads and does nothing"

# ---- A call ----

like "$(page siti /reports/new)" '200 *RS Melur*name="occurred"*' "there is a form for calls"
like "$(post siti /reports/new /reports/new "organisation=RS Nowhere" "text=Ransomware")" "4?? *organisation*" \
    "an organisation is one that we know"
like "$(post siti /reports/new /reports/new "organisation=RS Melur" "text=Semua file terenkripsi, rekam medis pasien tidak bisa diakses" \
    "name=Pak Joko" "phone=021 000 111" "occurred=2026-11-20T09:30")" "303 *" "six fields, and it is taken"
like "$(page siti /reports/4)" "200 *ransomware*critical*Pak Joko*021 000 111*" "as what it is"
like "$(page siti /reports/4)" '200 *datetime="2026-11-20T09:30:00*' "in the zone of who typed it"

# ---- A hospital sees its own ----

like "$(page budi /reports)" "200 *What we reported*2026-000004*" "it finds what it told by telephone"
like "$(page budi /reports/4)" "200 *Semua file*" "and reads it"
case $(cat answer) in *siti* | *"How bad"* | *critical* | *'name="act"'*) false ;; esac
ok $? "without what is ours"
page citra /reports >other
case $(cat other) in *000004*) false ;; esac
ok $? "another hospital does not find it"
page citra /reports/4 | sed 's/reports.4/reports-N/g' >there
page citra /reports/4000 | sed 's/reports.4000/reports-N/g' >nowhere
cmp -s there nowhere
ok $? "and gets, byte for byte, what it gets for one that is not there"
like "$(post citra /report /reports/4 act=take)" "404 *" "nor can it do anything with it"
like "$(page budi /reports/new)" "403 *" "calls are for those who take them"
from=127.0.0.3
like "$(post budi /report /report "text=Akun saya diretas")" "201 *" "it reports without a telephone"
from=127.0.0.1
like "$(page budi /reports)" "200 *Akun saya diretas*Semua file*" "and finds that among its own"

# ---- Programs ----

for who in siti budi; do
    key=$(page $who /account >/dev/null; hidden key)
    page $who /account/tokens --data-urlencode "key=$key" -d name=program -d scope=read -d scope=write >/dev/null
    sed -n 's/.*id="token"[^>]*>\([^<]*\)<.*/\1/p' answer | head -n 1 >token-$who
done
# program WHO PATH [CURL-OPTION...]
program()
{
    who=$1 path=$2
    shift 2
    curl -s -m 10 -w '\n%{http_code}' -H "Authorization: Bearer $(cat "token-$who")" "$@" "$url$path" >answer
    echo "$(tail -n 1 answer) $(sed '$d' answer)"
}
sends='Content-Type: application/json'
like "$(program siti /reports -H "$sends" -d '{"text": "Brute force on our gate", "organisation": "RSUD Kenanga", "occurred": "2026-11-20T09:30:00Z"}')" \
    '201 *"reference":"*","path":"/reports/6"*' "a program tells something and gets a number"
like "$(program siti /reports -H "$sends" -d '{"text": ""}')" '400 *"fields":{"text":"*' "what is wrong has the name of its field"
like "$(program siti /reports -H "$sends" -d '{"text": "x", "mail": "no"}')" '400 *"fields":{"mail":"*' "whichever"
like "$(program siti /reports -H "$sends" -d '{"text": "x", "class": "fraud/drum"}')" '400 *"fields":{"class":"*' "of a verb, too"
like "$(program siti /reports -H "$sends" -d '{"text": "x", "drum": 1}')" '400 *a report has text*' "a field that there is not is told"
like "$(program siti /reports -H "$sends" -d '{"text": "x"')" '400 *RFC 8259*' "what is no JSON is told"
like "$(program siti /reports -d text=x)" '201 *' "a form will do"
like "$(program siti /reports -H 'Content-Type: text/plain' -d text=x)" '4?? *application/json*' "and nothing else"
like "$(program budi /reports -H "$sends" -d '{"text": "From the sensor", "organisation": "RSUD Kenanga"}')" "201 *" "a hospital's program tells, too"
like "$(program budi /reports -H "$sends" -d '{"text": "x", "class": "fraud/phishing"}')" '403 *"fields":{"class":"*' "what it is, we say"
like "$(program budi /reports)" '200 *"own":true*From the sensor*' "for itself, whatever it says"
like "$(program budi /reports/6)" '404 *' "and reads its own alone"
like "$(curl -s -w '%{http_code}' -H "$sends" -d '{"text":"x"}' "$url/reports")" "*401" "nobody sends JSON without a token"
like "$(program siti /reports)" '200 *"groups":\[*"class_rule":"password-guessing"*' "the queue is the same document"

# ---- One hundred of one address ----

from=127.0.0.77
codes=
for i in 1 2 3 4 5 6 7 8 9 10; do
    codes="$codes $(curl -s -o /dev/null -w '%{http_code}' --interface $from -F "text=report $i" "$url/report")"
done
is "$codes" " 201 201 201 201 201 201 201 201 201 201" "ten are taken"
i=0
while [ $i -lt 90 ]; do
    curl -s -o last -w '%{http_code}\n' --interface $from -F "text=more $i" "$url/report"
    i=$((i + 1))
done >codes
[ "$(grep -c 429 codes)" -ge 80 ]
ok $? "of ninety more nearly all are not"
for try in 1 2 3 4 5; do # one that is taken doubles how long the next has to wait
    page nobody /report -D head -F "text=the last" >/dev/null
    grep -q ' 429 ' head && break
done
like "$(cat answer)" "*many reports came from your address; come again in * seconds*the last*" "who sends them is told so, and loses nothing"
like "$(cat head)" "*429*Retry-After: *" "a program is told when"
like "$(post late /sign-in /sign-in "name=siti" "password=a long drum battery")" "303 *" "nobody there is kept from signing in"
from=127.0.0.78
like "$(tell -F 'text=another address')" "201 *" "nor another address from telling"
done_testing
