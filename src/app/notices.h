/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What section [mail] of the configuration says, as the verbs of notices want it. */
#include "app/node.h"
#include "desk/notice.h"
#include "desk/send.h"

/* What notices say of the node, for the process; ERR_INPUT names the key that is wrong. */
MUST_USE struct err notices_open(const struct config *config, struct arena *arena);
/* The first line of a file that is for its owner alone. */
MUST_USE struct err notices_password(const char *file, struct arena *arena, const char **password);
/* For who sends by that channel. ERR_DENIED if others may read the password's file. */
MUST_USE struct err notices_sending(const struct config *config, const char *keys, enum notice_channel channel,
        struct arena *arena, struct desk_send_options *options);
