/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The pages: one function each, named after its file. It writes the members of its document into ask->json with what
 * page.h has, or answers by itself (ask_see after a form). The rows that lead here are in app/routes.c.
 */
#include "gate/ask.h"

struct err web_about(struct ask *ask);
struct err web_static(struct ask *ask); /* files.c */
