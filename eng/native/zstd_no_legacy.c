/* Debian's libzstd also reads the formats before 1.0, with decoders of their own: 49 kB that no frame of ours needs and
 * that nobody should be able to reach. These definitions come first in the link, so that those decoders stay out. Each
 * fails as libzstd's own functions do; the symbols are those that zstd_decompress.o of libzstd 1.5.4 asks for. */
#include <stddef.h>

/* ZSTD_error_version_unsupported of zstd_errors.h, as libzstd returns errors. */
#define UNSUPPORTED ((size_t)-12)

#define FORMAT(V) \
    void *ZSTD##V##_createDCtx(void) { return NULL; } \
    size_t ZSTD##V##_freeDCtx(void *context) { (void)context; return 0; } \
    size_t ZSTD##V##_decompress_usingDict( \
        void *context, void *target, size_t room, const void *source, size_t length, const void *dict, \
        size_t dictLength) \
    { \
        (void)context; (void)target; (void)room; (void)source; (void)length; (void)dict; (void)dictLength; \
        return UNSUPPORTED; \
    } \
    void ZSTD##V##_findFrameSizeInfoLegacy( \
        const void *source, size_t length, size_t *frameLength, unsigned long long *bound) \
    { \
        (void)source; (void)length; \
        *frameLength = UNSUPPORTED; \
        *bound = (unsigned long long)-2; /* ZSTD_CONTENTSIZE_ERROR */ \
    } \
    size_t ZSTD##V##_getFrameParams(void *parameters, const void *source, size_t length) \
    { \
        (void)parameters; (void)source; (void)length; \
        return UNSUPPORTED; \
    } \
    void *ZBUFF##V##_createDCtx(void) { return NULL; } \
    size_t ZBUFF##V##_freeDCtx(void *context) { (void)context; return 0; } \
    size_t ZBUFF##V##_decompressInitDictionary(void *context, const void *dict, size_t dictLength) \
    { \
        (void)context; (void)dict; (void)dictLength; \
        return UNSUPPORTED; \
    } \
    size_t ZBUFF##V##_decompressContinue( \
        void *context, void *target, size_t *room, const void *source, size_t *length) \
    { \
        (void)context; (void)target; (void)room; (void)source; (void)length; \
        return UNSUPPORTED; \
    }

FORMAT(v05)
FORMAT(v06)
FORMAT(v07)
