/* SPDX-License-Identifier: Apache-2.0 */
#include "input/pack.h"

#include <zstd.h>

#define LEVEL 3           /* the default of zstd; higher ones cost more time than texts of feeds are worth */
#define STEP (128u << 10) /* bytes that are unpacked at once: what a frame says of its size is not believed */

struct err input_pack(slice text, struct buf *out)
{
    size_t room = ZSTD_compressBound(text.len);
    if (!buf_reserve(out, room))
        return buf_check(out);
    size_t packed = ZSTD_compress(out->ptr + out->len, room, text.ptr, text.len, LEVEL);
    if (ZSTD_isError(packed))
        return err_make(ERR_SYSTEM, "zstd cannot pack the text");
    out->len += packed;
    return OK;
}

static struct err unpack(ZSTD_DCtx *zstd, slice packed, struct buf *out)
{
    ZSTD_inBuffer in = {packed.ptr, packed.len, 0};
    size_t left = 0;
    for (bool more = true; more;) {
        if (!buf_reserve(out, STEP))
            return buf_check(out);
        ZSTD_outBuffer to = {out->ptr + out->len, STEP, 0};
        left = ZSTD_decompressStream(zstd, &to, &in);
        if (ZSTD_isError(left))
            return err_make(ERR_INPUT, "the zstd data is damaged [RFC 8878]");
        out->len += to.pos;
        more = in.pos < in.size || (left != 0 && to.pos == STEP);
    }
    return left == 0 ? OK : err_make(ERR_INPUT, "the zstd data ends early [RFC 8878]");
}

struct err input_unpack(slice packed, struct buf *out)
{
    ZSTD_DCtx *zstd = ZSTD_createDCtx();
    if (zstd == NULL)
        return err_make(ERR_SYSTEM, "no memory for zstd");
    struct err err = unpack(zstd, packed, out);
    ZSTD_freeDCtx(zstd);
    return err;
}
