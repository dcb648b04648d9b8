/* SPDX-License-Identifier: Apache-2.0 */
#include "mailbox/guess.h"

#include <unistr.h>

#define WORD_MAX 12
#define LOOK_MAX (16u << 10) /* bytes of text by which its language is guessed */

/* ---- Language ---- */

static const char *const indonesian[] = {"yang", "dan", "di", "ini", "itu", "dengan", "untuk", "dari", "tidak", "saya",
        "kami", "ada", "akan", "pada", "adalah", "ke", "mohon", "sudah", "telah", "bisa", "karena", "juga", "oleh",
        "atau", "terima", "kasih"};
static const char *const english[] = {"the", "and", "of", "to", "is", "that", "we", "you", "this", "for", "with",
        "have", "from", "are", "was", "our", "your", "please", "not", "be", "been", "has", "it", "on", "by", "thanks"};

static bool among(slice word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq_fold(word, slice_of(words[i])))
            return true;
    return false;
}

static bool is_letter(char c)
{
    return byte_lower(c) >= 'a' && byte_lower(c) <= 'z';
}

static size_t count_han(slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len;) {
        ucs4_t c;
        int len = u8_mbtoucr(&c, (const uint8_t *)text.ptr + i, text.len - i);
        i += len < 1 ? 1 : (size_t)len;
        count += len > 0 && c >= 0x4E00 && c <= 0x9FFF;
    }
    return count;
}

const char *mailbox_language_guess(slice text)
{
    size_t id = 0, en = 0, words = 0;
    text = slice_part(text, 0, text.len < LOOK_MAX ? text.len : LOOK_MAX);
    for (size_t i = 0; i < text.len;) {
        size_t len = 0;
        while (i + len < text.len && is_letter(text.ptr[i + len]))
            len++;
        slice word = slice_part(text, i, i + len);
        words += len > 0;
        if (len > 1 && len <= WORD_MAX) {
            id += among(word, indonesian, COUNT_OF(indonesian));
            en += among(word, english, COUNT_OF(english));
        }
        i += len == 0 ? 1 : len;
    }
    /* A character says about what half a word says; names and addresses in a Chinese text are in Latin letters. */
    if (count_han(text) > words)
        return "zh";
    return id > en ? "id" : en > id ? "en" : "";
}

/* ---- Mails within the text ---- */

enum label { LABEL_NONE, LABEL_FROM, LABEL_TO, LABEL_SUBJECT, LABEL_DATE, LABEL_ID };

static const struct {
    const char *text;
    enum label label;
} labels[] = {
        {"From", LABEL_FROM},
        {"Dari", LABEL_FROM},
        {"发件人", LABEL_FROM},
        {"寄件者", LABEL_FROM},
        {"To", LABEL_TO},
        {"Kepada", LABEL_TO},
        {"收件人", LABEL_TO},
        {"Subject", LABEL_SUBJECT},
        {"Perihal", LABEL_SUBJECT},
        {"Subjek", LABEL_SUBJECT},
        {"Subyek", LABEL_SUBJECT},
        {"主题", LABEL_SUBJECT},
        {"主旨", LABEL_SUBJECT},
        {"Date", LABEL_DATE},
        {"Sent", LABEL_DATE},
        {"Tanggal", LABEL_DATE},
        {"Dikirim", LABEL_DATE},
        {"日期", LABEL_DATE},
        {"发送时间", LABEL_DATE},
        {"Message-ID", LABEL_ID},
};

/* Without what quotes it and what makes it bold. */
static slice bare(slice line)
{
    line = slice_trim(line);
    while (line.len > 0 && (line.ptr[0] == '>' || line.ptr[0] == '*' || line.ptr[0] == ' '))
        line = slice_from(line, 1);
    return line;
}

static enum label label_of(slice line, slice *value)
{
    for (size_t i = 0; i < COUNT_OF(labels); i++) {
        slice text = slice_of(labels[i].text);
        if (line.len <= text.len || !slice_eq_fold(slice_part(line, 0, text.len), text))
            continue;
        slice rest = slice_from(line, text.len);
        while (rest.len > 0 && (rest.ptr[0] == ' ' || rest.ptr[0] == '*'))
            rest = slice_from(rest, 1);
        if (!slice_starts(rest, S(":")) && !slice_starts(rest, S("：")))
            continue;
        rest = slice_from(rest, rest.ptr[0] == ':' ? 1 : S("：").len);
        while (rest.len > 0 && (rest.ptr[0] == ' ' || rest.ptr[0] == '*'))
            rest = slice_from(rest, 1);
        *value = slice_part(rest, 0, rest.len < MAILBOX_VALUE_MAX ? rest.len : MAILBOX_VALUE_MAX);
        return labels[i].label;
    }
    return LABEL_NONE;
}

static slice *place(struct mailbox_original *original, enum label label)
{
    slice *const places[] = {[LABEL_NONE] = NULL,
            [LABEL_FROM] = &original->from,
            [LABEL_TO] = &original->to,
            [LABEL_SUBJECT] = &original->subject,
            [LABEL_DATE] = &original->date,
            [LABEL_ID] = &original->message_id};
    return places[label];
}

static bool is_original(const struct mailbox_original *original)
{
    return original->from.len > 0 && original->subject.len + original->date.len + original->message_id.len > 0;
}

size_t mailbox_originals_find(slice text, struct mailbox_original *rows, size_t room)
{
    struct mailbox_original at_hand = {0};
    size_t count = 0;
    slice line, value;
    for (bool more = text.len > 0; more && count < room;) {
        more = slice_next(&text, '\n', &line);
        slice *put = more ? place(&at_hand, label_of(bare(line), &value)) : NULL;
        if (put != NULL && put->len == 0) {
            *put = value;
            continue;
        }
        if (is_original(&at_hand))
            rows[count++] = at_hand;
        at_hand = (struct mailbox_original){0};
        if (put != NULL)
            *place(&at_hand, label_of(bare(line), &value)) = value;
    }
    return count;
}
