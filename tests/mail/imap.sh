#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# imap.sh FOLDER PORT: an IMAP server (Debian's dovecot-imapd) on loopback, until its input ends. Its user kentongan has
# the password rahasia and the maildir FOLDER/mail. A file FOLDER/cert.pem with its FOLDER/key.pem: it offers STARTTLS.
# Says "up" when it takes connections; 77: there is none on this machine.
folder=$1
dovecot=$(PATH=$PATH:/usr/sbin command -v dovecot) && [ -x /usr/lib/dovecot/imap ] || exit 77
ssl='ssl = no'
[ ! -f "$folder/cert.pem" ] || ssl="ssl = yes
ssl_cert = <$folder/cert.pem
ssl_key = <$folder/key.pem"
user=$(id -un) group=$(id -gn) as=
if [ "$(id -u)" -eq 0 ]; then # it refuses to run as root
    user=nobody group=$(id -gn nobody)
    as="setpriv --reuid=$user --regid=$group --clear-groups"
fi
mkdir -p "$folder/run" "$folder/mail/new" "$folder/mail/cur" "$folder/mail/tmp"
echo 'kentongan:{plain}rahasia' >"$folder/users"
mkfifo "$folder/log"
cat >"$folder/conf" <<END
base_dir = $folder/run
state_dir = $folder/run
log_path = /dev/stderr
protocols = imap
listen = 127.0.0.1
default_internal_user = $user
default_internal_group = $group
default_login_user = $user
first_valid_uid = 1
disable_plaintext_auth = no
auth_failure_delay = 0
$ssl
service imap-login {
  chroot =
  inet_listener imap {
    port = $2
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
passdb {
  driver = passwd-file
  args = $folder/users
}
userdb {
  driver = static
  args = uid=$(id -u "$user") gid=$(id -g "$user") home=$folder
}
mail_location = maildir:$folder/mail
END
[ -z "$as" ] || chown -R "$user:$group" "$folder"
# shellcheck disable=SC2086
$as "$dovecot" -F -c "$folder/conf" >"$folder/log" 2>&1 3>&- &
server=$!
{
    # It listens before it says that it starts.
    while read -r line; do
        case $line in *'starting up'*)
            echo up
            break
            ;;
        esac
    done
    cat >/dev/null &
    cat <&3 >/dev/null
    kill "$server"
    wait "$server"
} 3<&0 <"$folder/log"
