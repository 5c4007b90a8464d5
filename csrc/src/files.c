#include "files.h"

#include "cbor.h"
#include "cose.h"

int payload_read(const hwlock_envelope *envelope, hwlock_fault *fault)
{
    return hwlock_cbor_read(NULL, NULL, envelope->payload.at, envelope->payload.bytes,
                            HWLOCK_MAX_FILE, CBOR_MAX_DEPTH, CBOR_MAX_ITEMS, fault);
}

int file_open(opened *file, const uint8_t *at, size_t bytes, const char *label, const char *typ,
              uint8_t *work, size_t work_bytes)
{
    hwlock_block block;
    int code = hwlock_armor_read(&block, at, bytes, label, HWLOCK_MAX_FILE, work, work_bytes,
                                 &file->fault);
    if (code == HWLOCK_OK && work_bytes < HWLOCK_WORK_BYTES(bytes))
        code = HWLOCK_ROOM;
    if (code != HWLOCK_OK)
        return code;
    /* What was in the armor is at the beginning of `work`, and at most half of it. */
    file->bytes = block.data.bytes;
    file->work = block.data.at == work ? work + block.data.bytes : work;
    code = cose_read(&file->envelope, block.data, typ, HWLOCK_MAX_FILE, &file->fault);
    return code == HWLOCK_OK ? payload_read(&file->envelope, &file->fault) : code;
}

int file_close(const opened *file, int code, hwlock_fault *fault)
{
    if (fault != NULL) {
        *fault = file->fault;
        if (fault->code != code) {
            hwlock_fault told = {code, HWLOCK_NO_OFFSET, 0, 0, 0};
            *fault = told;
        }
    }
    return code;
}
