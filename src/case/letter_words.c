/* SPDX-License-Identifier: Apache-2.0 */
#include "case/letter.h"

/* What stands in letters, one row each; an answer of a person has their own words below. Lines end in "\n". */
static const struct letter_words rows[] = {
        {"opening", {"Yth. Bapak/Ibu,\n", "Hello,\n", "您好：\n"}},
        {"number", {"Nomor laporan Anda: ", "The number of your report: ", "您的报告编号："}},
        {"closing", {"Untuk menambahkan sesuatu, balas surat ini dan biarkan perihalnya seperti adanya.\n",
                            "To add something, answer this mail and leave its subject as it is.\n",
                            "如需补充，请直接回复本邮件，并保留邮件主题不变。\n"}},
        {"exercise", {"LATIHAN", "EXERCISE", "演习"}},
        {"receipt", {"Laporan Anda sudah kami terima. Petugas kami akan membacanya; bila ada yang perlu kami tanyakan, "
                     "kami akan menulis kepada Anda. Jangan hapus pesan atau berkas yang Anda laporkan.\n",
                            "We have received your report. A person will read it, and we write to you if we have "
                            "questions. Please do not delete the messages or files that you reported.\n",
                            "我们已收到您的报告。工作人员将会阅读；如有疑问，我们会与您联系。请勿删除您所报告的邮件或文"
                            "件。\n"}},
        /* What can still be stopped is stopped in the first hours. */
        {"money-lost",
                {"Bila uang Anda sudah berpindah, bertindaklah sekarang: hubungi bank atau penyedia pembayaran Anda "
                 "dan "
                 "mintalah agar rekening tujuan diblokir, lalu laporkan ke Indonesia Anti-Scam Centre "
                 "(iasc.ojk.go.id, telepon 157). Dua belas jam pertama menentukan. Simpan bukti transfer dan "
                 "percakapan. Jangan membayar lagi, juga tidak kepada yang berjanji mengembalikan uang Anda.\n",
                        "If your money has left you, act now: call your bank or payment service and ask for the "
                        "receiving account to be stopped, then tell the Indonesia Anti-Scam Centre (iasc.ojk.go.id, "
                        "telephone 157) or, elsewhere, your police. The first twelve hours decide. Keep proof of the "
                        "transfer and the messages. Do not pay again, nor to anybody who promises your money back.\n",
                        "如果钱款已经转出，请立即行动：联系您的银行或支付机构，要求止付收款账户，并向印度尼西亚反诈骗中"
                        "心"
                        "（iasc.ojk.go."
                        "id，电话157）或当地警方报案。最初十二小时最为关键。请保留转账凭证和聊天记录。不要"
                        "再次付款，也不要付给任何承诺替您追回钱款的人。\n"}},
        {"opinion",
                {"Yang Anda sampaikan adalah pendapat seseorang. Pendapat, kritik, dan karya wartawan bukan insiden "
                 "siber: kami tidak membuka insiden karenanya dan tidak meminta siapa pun menghapusnya. Bila di "
                 "dalamnya ada ancaman, penipuan, akun palsu, atau data pribadi, balas surat ini dan sebutkan yang "
                 "mana: petugas kami akan membacanya. Bila isinya merugikan Anda, gunakan hak jawab pada penerbitnya, "
                 "tombol lapor pada platform itu, atau mintalah nasihat hukum.\n",
                        "What you told us of is what somebody thinks. Opinions, criticism and the work of journalists "
                        "are no incidents: we open none for them, and ask nobody to remove them. If there is a threat "
                        "in it, a fraud, a false account or personal data, answer and say which: a person will read "
                        "it. If what is said harms you, ask whoever published it for a right of reply, use the report "
                        "button of the platform, or take legal advice.\n",
                        "您所反映的是他人的观点。观点、批评和记者的报道不属于网络安全事件：我们不会因此立案，也不会要求"
                        "任何人"
                        "删除。如果其中含有威胁、诈骗、假冒账号或个人信息，请回复本邮件并具体说明，工作人员将会阅读。如"
                        "果其内"
                        "容损害了您的权益，请向发布者要求答复权，使用该平台的举报功能，或寻求法律意见。\n"}},
        {"more", {"Untuk menindaklanjuti laporan Anda, kami perlu tahu lebih banyak: kapan terjadi, sistem atau alamat "
                  "mana yang terkena, dan, bila ada, pesan aslinya sebagai lampiran.\n",
                         "To follow up on your report we need to know more: when it happened, which systems or "
                         "addresses it concerns and, if there is one, the original message as an attachment.\n",
                         "为处理您的报告，我们需要更多信息：发生的时间、涉及的系统或地址；如有原始邮件，请作为附件发送"
                         "给我们。\n"}},
        {"known", {"Hal yang Anda laporkan sudah kami ketahui dan sedang kami tangani. Laporan Anda kami gabungkan "
                   "dengan yang lain.\n",
                          "We know of what you reported and are working on it. Your report is kept together with the "
                          "others.\n",
                          "您所报告的情况我们已经知悉，并正在处理。您的报告已与其他报告合并。\n"}},
        {"done", {"Hal yang Anda laporkan sudah selesai ditangani. Terima kasih atas laporan Anda.\n",
                         "What you reported has been dealt with. Thank you for telling us.\n",
                         "您所报告的情况已处理完毕。感谢您的报告。\n"}},
        {"elsewhere",
                {"Hal yang Anda laporkan bukan wewenang kami. Di bawah ini kami sebutkan siapa yang dapat membantu.\n",
                        "What you reported is not in our hands. Below we say who can help.\n",
                        "您所报告的情况不属于我们的职责范围。以下说明可以提供帮助的单位。\n"}},
};
#define FIRST_ANSWER 7 /* row; those before are parts of every letter, or receipts */

static const char *const tags[LETTER_LANGUAGES] = {
        [LETTER_INDONESIAN] = "id", [LETTER_ENGLISH] = "en", [LETTER_CHINESE] = "zh"};

const struct letter_words *case_letter_find(slice name)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (slice_eq(name, slice_of(rows[i].name)))
            return &rows[i];
    return NULL;
}

const char *case_letter_answer(size_t at)
{
    return at < COUNT_OF(rows) - FIRST_ANSWER ? rows[FIRST_ANSWER + at].name : NULL;
}

enum letter_language case_letter_language(slice tag)
{
    slice primary = slice_part(tag, 0, slice_find(tag, '-'));
    for (enum letter_language i = 0; i < LETTER_LANGUAGES; i++)
        if (slice_eq_fold(primary, slice_of(tags[i])))
            return i;
    return LETTER_INDONESIAN;
}

const char *case_letter_tag(enum letter_language language)
{
    return tags[language];
}
