#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Five hundred mails of citizens about twelve pages that imitate a shop, in three languages, forwarded in the body, as an
attachment, or told in their own words; three in a hundred are harmless adverts. For tests.

usage: scam.py MAILDIR PORT COUNT DATE CITIZENS

The pages are http://pNN.toko.localhost:PORT/feed/pNN; some links carry the address of who got them. Every citizen has an
address at warga.example; CITIZENS gets a line for each: address, tab, name. DATE is that of the mails, as RFC 5322 has it.
Prints what was made: adverts, losses, and mails about each page. The same every time.
"""
import os
import sys
from email.message import EmailMessage
from email.policy import SMTP

PAGES = 12
NAMES = [
    ("budi", "Budi Suryawarga"), ("siti", "Siti Lestaribumi"), ("wati", "Wati Kusumajaya"), ("tono", "Tono Prawiraputra"),
    ("ayu", "Ayu Ratnasekar"), ("made", "Made Wirasukma"), ("li.wei", "李为民生"), ("zhang.min", "张敏之华"),
    ("anna", "Anna Thistlewood"), ("tom", "Tom Ravenshaw"),
]
TOLD = [
    ("id", "Situs palsu toko.example, halaman {0:02}", "Saya menerima tautan palsu yang mengaku toko.example:\n\n{1}\n\nMohon ditindak.\n"),
    ("zh", "假网站 toko.example 第{0:02}页", "我收到一个冒充 toko.example 的钓鱼链接：\n\n{1}\n\n请处理。\n"),
    ("en", "Fake website of toko.example, page {0:02}", "I got a link to a fake website that pretends to be toko.example:\n\n{1}\n\nPlease act.\n"),
]
LOST = ["\nSaya sudah transfer dan uang saya hilang.\n", "\n我已经转账，钱被骗了。\n", "\nI have transferred the amount and lost my money.\n"]
BAIT = "Your order waits. Verify your account here: {0}\n"
ADVERT = ("Diskon besar di toko kami", "Promo! Diskon 50 % dan gratis ongkir hanya hari ini. Belanja sekarang: https://www.pasar.example/promo\n")


def page(number, port, citizen, own):
    url = f"http://p{number:02}.toko.localhost:{port}/feed/p{number:02}"
    return f"{url}?u={citizen}" if own else url


def told(at, number, port, citizen, name):
    """What somebody tells of a page: in own words, forwarded in the body, or with the original attached."""
    language, subject, text = TOLD[at % 3]
    way = (at + at // PAGES) % 4
    url = page(number, port, citizen, at % 5 == 0)
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = ("Fwd: " if way == 1 else "") + subject.format(number)
    body = text.format(number, url.replace("http", "hxxp").replace(".toko", "[.]toko") if at % 7 == 3 else url)
    if way == 1:
        body = text.format(number, "") + f"\n---------- Forwarded message ---------\nFrom: Toko <promo@toko-palsu.example>\nTo: {name} <{citizen}>\n\n" + BAIT.format(url)
    if way == 2:
        body = text.format(number, "")
    body += LOST[at % 3] if at % 10 == 0 else ""
    mail.set_content(f"{body}\n{name}\n", charset="utf-8", cte="base64" if language == "zh" else "quoted-printable")
    if way == 2:
        original = EmailMessage(policy=SMTP)
        original["From"] = "Toko <promo@toko-palsu.example>"
        original["To"] = f"{name} <{citizen}>"
        original["Subject"] = "Your order"
        original.set_content(BAIT.format(url))
        mail.add_attachment(original)
        mail.set_boundary("seam")
    return mail


def main():
    folder, port, count, date = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    citizens = []
    for place in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(folder, place), exist_ok=True)
    adverts, lost, pages = 0, 0, [0] * (PAGES + 1)
    for at in range(count):
        local, name = NAMES[at % len(NAMES)]
        citizen = f"{local}.{at:03}@warga.example"
        citizens.append(f"{citizen}\t{name}\n")
        if at % 33 == 32:
            mail = EmailMessage(policy=SMTP)
            mail["Subject"] = ADVERT[0]
            mail.set_content(ADVERT[1])
            adverts += 1
        else:
            number = at % PAGES + 1
            mail = told(at, number, port, citizen, name)
            pages[number] += 1
            lost += at % 10 == 0
        mail["From"] = f"{name} <{citizen}>"
        mail["To"] = "siaga@cert.example"
        mail["Message-ID"] = f"<{at:03}@warga.example>"
        mail["Date"] = date
        with open(os.path.join(folder, "new", f"{at:03}.warga"), "wb") as out:
            out.write(mail.as_bytes())
    with open(sys.argv[5], "w", encoding="utf-8") as out:
        out.writelines(citizens)
    print(adverts, lost, *pages[1:])


main()
