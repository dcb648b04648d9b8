/* SPDX-License-Identifier: Apache-2.0 */
#include "app/notices.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "desk/contact.h"
#include "text/mail.h"

#define PASSWORD_MAX 1024
#define HOOK_TOTAL_MS 10000 /* a server that ends waits so long at most */
#define HOOK_ANSWER_MAX (64u << 10)

static struct err address_check(const char *key, const char *text, struct arena *arena)
{
    if (text == NULL || mail_address_is(slice_of(text)))
        return OK;
    return err_format(arena, ERR_INPUT, "[mail] %s: \"%s\" is not one plain address of mail", key, text);
}

static struct err is_private(const char *file, struct arena *arena)
{
    struct stat about;
    if (file != NULL && stat(file, &about) == 0 && (about.st_mode & 077) != 0)
        return err_format(arena, ERR_DENIED, "%s: others may read it; chmod 600 %s", file, file);
    return OK;
}

struct err notices_open(const struct config *config, struct arena *arena)
{
    struct desk_notice_options *options = arena_new(arena, struct desk_notice_options, 1);
    TRY(address_check("from", config->mail.from, arena));
    TRY(address_check("reply", config->mail.reply, arena));
    TRY(is_private(config->mail.pgp_key, arena));
    *options = (struct desk_notice_options){
            .name = config->mail.name == NULL ? config->name : config->mail.name,
            .from = config->mail.from,
            .reply = config->mail.reply,
            .url = node_url(config, arena),
            .phone = config->mail.phone,
            .genuine = config->mail.genuine,
            .pgp_key = config->mail.pgp_key,
    };
    desk_notice_open(options);
    return OK;
}

struct err notices_password(const char *file, struct arena *arena, const char **password)
{
    char text[PASSWORD_MAX];
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(arena, file);
    ssize_t len = read(fd, text, sizeof text);
    close(fd);
    TRY(is_private(file, arena));
    slice line = {text, len < 0 ? 0 : (size_t)len};
    line = slice_part(line, 0, slice_find(line, '\n'));
    if (line.len == 0 || line.len == sizeof text)
        return err_format(arena, ERR_INPUT, "%s: its first line is the password, up to 1023 bytes", file);
    *password = arena_cstr(arena, line);
    return OK;
}

static struct err key_of_hooks(const char *keys, struct arena *arena, struct sha256 *key)
{
    struct key_pair pair;
    TRY(key_read(arena_printf(arena, "%s/node.key", keys), arena, &pair));
    *key = desk_webhook_key((slice){(const char *)pair.secret, sizeof pair.secret});
    key_forget(&pair);
    return OK;
}

struct err notices_sending(const struct config *config, const char *keys, enum notice_channel channel,
        struct arena *arena, struct desk_send_options *options)
{
    struct desk_send_options made = {.channel = channel,
            .from = config->mail.from,
            .per_minute = config->mail.per_minute,
            .per_contact_hour = config->mail.per_contact,
            .hook = config->feeds};
    made.hook.redirects_max = 0;
    made.hook.plain_http = true; /* for a webhook on this machine; desk/send.c lets no other through */
    made.hook.total_ms = HOOK_TOTAL_MS;
    made.hook.bytes_max = HOOK_ANSWER_MAX;
    made.mail = (struct http_mail_options){.relay = config->mail.from == NULL ? NULL : config->mail.relay,
            .user = config->mail.user,
            .ca_file = config->mail.ca,
            .connect_ms = config->mail.total_ms,
            .total_ms = config->mail.total_ms};
    TRY(key_of_hooks(keys, arena, &made.hook_key));
    if (config->mail.user != NULL && config->mail.password_file == NULL)
        return err_make(ERR_INPUT, "[mail] user is said, and no password-file");
    if (config->mail.user != NULL && channel == NOTICE_MAIL)
        TRY(notices_password(config->mail.password_file, arena, &made.mail.password));
    *options = made;
    return OK;
}
