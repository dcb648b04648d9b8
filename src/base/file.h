/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the calls of the system leave to who calls them.
 */
#include "base/slice.h"

/* Writes all of the bytes, however many calls that takes. False, with errno, if they cannot be written; how many of
 * them were is then unknown. */
bool file_write(int fd, slice bytes);
