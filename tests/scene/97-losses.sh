#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What three incidents cost: one in rupiah, one in dollars, of one nobody knows. The month tells a range in one currency with
# the rate and its day beside it, and one as unknown; a rate of the next month changes nothing of it; a mistake in the file of
# rates is told with its place instead of figures.
. "${0%/*}/tap.sh"

"$KENTONGAN" init node >/dev/null 2>&1 || exit 2
k()
{
    "$KENTONGAN" -c node "$@"
}
month=$(date -u +%Y-%m)
for title in "Toko Melati" "Bank Kenanga" "Klinik Mawar"; do
    k incident open "$title" --class fraud/phishing >/dev/null
done
k incident impact 1 loss 500000000 750000000 --currency IDR --basis "books of the shop" >/dev/null
k incident impact 2 loss 10000 20000 --currency USD --basis "what customers said" >/dev/null
run k incident impact 2 loss 1 2 --currency usd --basis "typed in haste"
like "$status:$err" "2:*three capital letters*" "a currency is three capital letters"

like "$(k figures "$month")" "*loss-together	IDR	losses 1	least 500000000/100	most 750000000/100	IDR
loss-together	USD	losses 1	least -	most -	no rate: not in the sum
loss-together	sum	losses 1	least 500000000/100	most 750000000/100	IDR
loss-together	unknown	losses 1	least -	most -*" "without rates a currency is named, and is not in the sum"

rates()
{
    printf '[file]\nversion = %s\nsource = put in by hand\n' "$month" >node/rates.conf
    printf '[rate usd-idr-%s]\nrate = %s\nsource = %s\n' "$@" >>node/rates.conf
}
next=$(date -u -d "$month-01 +1 month" +%Y-%m)
rates "$month-01" 16650.25 "central bank, middle rate"
k figures "$month" >before
like "$(cat before)" "*loss-together	USD	losses 1	least 166502500/100	most 333005000/100	1 USD = 16650.25 IDR, $month-01, central bank, middle rate
loss-together	sum	losses 2	least 666502500/100	most 1083005000/100	IDR
loss-together	unknown	losses 1	*" "with one the range is summed, its rate and day beside it, and one is unknown"
rates "$month-01" 16650.25 "central bank, middle rate" "$next-01" 20000 "central bank, middle rate"
k figures "$month" | grep ^loss >after
is "$(cat after)" "$(grep ^loss before)" "a rate of the next month changes nothing of it"
like "$(k figures "$month" --csv)" '*"loss-together","sum","least","hundredths",666502500,*"IDR"*' "CSV has it, with the note"
like "$(k incident report 2 --as json)" '*"said_in":"USD","least":"1665025.00","most":"3330050.00","currency":"IDR","rate":"1 USD = 16650.25 IDR, *' "and so does the account of one incident"
like "$(k incident report 3 --as json)" '*"losses":\[\]*' "of which nothing is known has no such line"

sed -i 's/^#currency =.*/currency = USD/' node/node.conf
like "$(k figures "$month")" "*loss-together	IDR	*no rate: not in the sum*loss-together	sum	losses 1	least 10000/100	most 20000/100	USD*" \
    "told in another currency, rates the other way round are not guessed"
sed -i 's/^rate = .*/rate = 16.650,25/' node/rates.conf
run k figures "$month"
like "$status:$err" "2:*node/rates.conf:5:8: rate: a number above nought as 16650.25*" "a mistake is told with its place, and nothing else is"
done_testing
