/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The pages HOWTO.en and HOWTO.id of a package. Lines with four blanks before them are the commands; a scene runs them
 * as they stand here. Private to this folder.
 */
#define CASE_PACKAGE_COMMANDS_1                                                                                        \
    "    sha256sum --check --strict --quiet MANIFEST || { echo \"or MANIFEST itself\"; false; }\n"                     \
    "    openssl pkeyutl -verify -rawin -pubin -inkey node.pub -in MANIFEST -sigfile MANIFEST.sig || { echo "          \
    "\"MANIFEST.sig, or MANIFEST\"; false; }\n"                                                                        \
    "    test $(find . -type f | wc -l) -eq $(($(wc -l <MANIFEST) + 2))\n"
#define CASE_PACKAGE_COMMANDS_2                                                                                        \
    "    (for e in custody/*.json; do f=${e%.json}; openssl pkeyutl -verify -rawin -pubin -inkey $f.pub -in $e "       \
    "-sigfile $f.sig || { echo \"$e\"; exit 1; }; done)\n"                                                             \
    "    (for s in custody/*.taker.sig; do test -e $s || continue; f=${s%.taker.sig}; openssl pkeyutl -verify -rawin " \
    "-pubin -inkey $f.taker.pub -in $f.json -sigfile $s || { echo \"$s\"; exit 1; }; done)\n"
#define CASE_PACKAGE_COMMANDS_3                                                                                        \
    "    (b=; for e in custody/*.json; do case $e in *-0001.json) b=;; esac; grep -q \"\\\"before\\\":\\\"$b\\\"\" "   \
    "$e || { echo \"$e\"; exit 1; }; b=$(sha256sum <$e | cut -c 1-64); done)\n"                                        \
    "    cat custody/*.json | cmp - custody.jsonl\n"
#define CASE_PACKAGE_COMMANDS_4                                                                                        \
    "    (for i in evidence/*; do n=${i#evidence/}; grep -q \"\\\"sha256\\\":\\\"$(sha256sum <\"$i\" | cut -c 1-64)"   \
    "\\\"\" custody/${n%%-*}-0001.json || { echo \"$i\"; exit 1; }; done)\n"

static const char case_package_en[] =
        "HOW TO VERIFY THIS PACKAGE\n\n"
        "No program of the sender is needed: sha256sum (GNU coreutils) and openssl 3 are enough. Go into this folder "
        "and\n"
        "give the commands as they stand here, on a copy, from a medium that cannot be written to if you have one. A\n"
        "command that says nothing, or \"Signature Verified Successfully\", has found nothing wrong. Any other names "
        "the\n"
        "file that was changed.\n\n"
        "1. Nothing was changed, taken out or added since the package was made, and the sender signed "
        "that.\n\n" CASE_PACKAGE_COMMANDS_1 "\n   That node.pub is the sender's key you know from the sender, not from "
        "here: ask, by a road other than the one\n"
        "   by which the package came, for the digest that this prints.\n\n"
        "    sha256sum node.pub\n\n"
        "2. Each entry of custody was signed by the node. The key of an entry lies beside it; keys change in "
        "years.\n\n" CASE_PACKAGE_COMMANDS_2 "\n3. No entry of custody was taken out: each names the one before it by "
        "its SHA-256.\n\n" CASE_PACKAGE_COMMANDS_3
        "\n4. Each item is what was taken: its SHA-256 stands in its first entry of custody, with who, where, when and "
        "how.\n\n" CASE_PACKAGE_COMMANDS_4 "\nfile          what it is\n"
        "evidence/     the items: NUMBER-NAME\n"
        "custody/      NUMBER-STEP: .json the entry, .sig its signature (Ed25519), .pub the key; custody.jsonl is all "
        "of them\n"
        "ledger/       proofs that an entry stands in the sender's log (C2SP tlog-proof), of those whose head was "
        "signed\nledger/vkeys  the keys of that log\n"
        "about.json    what the package is, from whom and for whom\n"
        "MANIFEST      SHA-256 of every file but itself and MANIFEST.sig\n";
static const char case_package_id[] =
        "CARA MEMERIKSA PAKET INI\n\n"
        "Program milik pengirim tidak diperlukan: sha256sum (GNU coreutils) dan openssl 3 sudah cukup. Masuklah ke "
        "folder\n"
        "ini dan jalankan perintah seperti tertulis, pada salinan, dari media yang tidak dapat ditulisi bila ada. "
        "Perintah\n"
        "yang tidak mengatakan apa-apa, atau \"Signature Verified Successfully\", tidak menemukan kesalahan. Selain "
        "itu,\n"
        "berkas yang berubah disebutkan namanya.\n\n"
        "1. Tidak ada yang diubah, diambil, atau ditambahkan sejak paket dibuat, dan pengirim "
        "menandatanganinya.\n\n" CASE_PACKAGE_COMMANDS_1 "\n   Bahwa node.pub adalah kunci pengirim harus diketahui "
        "dari pengirim, bukan dari sini: tanyakan, melalui jalan\n"
        "   lain daripada jalan datangnya paket, sidik yang dicetak oleh perintah ini.\n\n"
        "    sha256sum node.pub\n\n"
        "2. Setiap catatan penguasaan ditandatangani oleh simpul. Kunci sebuah catatan ada di sebelahnya; kunci "
        "berganti.\n\n" CASE_PACKAGE_COMMANDS_2
        "\n3. Tidak ada catatan penguasaan yang diambil: masing-masing menyebut catatan sebelumnya dengan "
        "SHA-256.\n\n" CASE_PACKAGE_COMMANDS_3 "\n4. Setiap barang adalah yang dahulu diambil: SHA-256-nya tertulis "
        "dalam catatan penguasaan pertama, beserta siapa,\n"
        "   di mana, kapan, dan dengan apa.\n\n" CASE_PACKAGE_COMMANDS_4 "\nberkas        isinya\n"
        "evidence/     barang bukti: NOMOR-NAMA\n"
        "custody/      NOMOR-LANGKAH: .json catatan, .sig tanda tangannya (Ed25519), .pub kuncinya; custody.jsonl "
        "semuanya\n"
        "ledger/       bukti bahwa catatan ada dalam log pengirim (C2SP tlog-proof), sejauh kepalanya ditandatangani\n"
        "ledger/vkeys  kunci log itu\n"
        "about.json    apa paket ini, dari siapa dan untuk siapa\n"
        "MANIFEST      SHA-256 setiap berkas kecuali dirinya sendiri dan MANIFEST.sig\n";
