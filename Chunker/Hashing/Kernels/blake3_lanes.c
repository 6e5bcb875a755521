// The wide kernels of BLAKE3 for binaries that are compiled ahead of time for every x86-64 processor, where the compiler
// of .NET makes no code that asks at run time what the processor has. They are Blake3.Avx2.cs and Blake3.Avx512.cs once
// more, in C: 8 or 16 chunks or nodes at once, one in each 32-bit lane. Blake3.Native.cs calls them.

#include <stdint.h>
#include <string.h>

enum { block_bytes = 64, words = 16, cv_words = 8, chunk_bytes = 1024 };

// Blake3.Pass, field by field.
typedef struct {
    const uint8_t *const *rows;
    int32_t blocks;
    uint64_t counter;
    uint32_t counter_step;
    uint32_t flags, first_flags, last_flags;
    int32_t short_lane, short_block;
    uint32_t short_bytes;
} pass;

static const uint32_t iv[cv_words] = {
    0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};

// The lanes that this processor can hash at once: 16, 8, or 0 when it has neither AVX-512 nor AVX2.
int blake3_lanes(void) {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) return 16;
    return __builtin_cpu_supports("avx2") ? 8 : 0;
}

#define ROTATE(x, n) (((x) >> (n)) | ((x) << (32 - (n))))

#define QUARTER(a, b, c, d, x, y)                      \
    a += b + (x); d = ROTATE(d ^ a, 16);               \
    c += d;       b = ROTATE(b ^ c, 12);               \
    a += b + (y); d = ROTATE(d ^ a, 8);                \
    c += d;       b = ROTATE(b ^ c, 7);

#define ROUND(m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15) \
    QUARTER(v[0], v[4], v[8], v[12], m[m0], m[m1])     \
    QUARTER(v[1], v[5], v[9], v[13], m[m2], m[m3])     \
    QUARTER(v[2], v[6], v[10], v[14], m[m4], m[m5])    \
    QUARTER(v[3], v[7], v[11], v[15], m[m6], m[m7])    \
    QUARTER(v[0], v[5], v[10], v[15], m[m8], m[m9])    \
    QUARTER(v[1], v[6], v[11], v[12], m[m10], m[m11])  \
    QUARTER(v[2], v[7], v[8], v[13], m[m12], m[m13])   \
    QUARTER(v[3], v[4], v[9], v[14], m[m14], m[m15])

#define ROUNDS                                                       \
    ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)      \
    ROUND(2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)      \
    ROUND(3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1)      \
    ROUND(10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6)      \
    ROUND(12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4)      \
    ROUND(9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7)      \
    ROUND(11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13)

// Interleaving the first half of N vectors with the second, log2 N times, turns rows into columns.
#define LOW8(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define HIGH8(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define LOW16(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define HIGH16(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

#define KERNEL(LANES, STAGES, TARGET)                                                                     \
typedef uint32_t lanes##LANES __attribute__((vector_size(4 * LANES), aligned(4 * LANES)));                \
typedef uint32_t loose##LANES __attribute__((vector_size(4 * LANES), aligned(1)));                        \
                                                                                                          \
__attribute__((target(TARGET), always_inline))                                                            \
static inline void turn##LANES(lanes##LANES *rows) {                                                      \
    lanes##LANES other[LANES];                                                                            \
    for (int stage = 0; stage < STAGES; stage++) {                                                        \
        for (int i = 0; i < LANES / 2; i++) {                                                             \
            other[2 * i] = LOW##LANES(rows[i], rows[i + LANES / 2]);                                      \
            other[2 * i + 1] = HIGH##LANES(rows[i], rows[i + LANES / 2]);                                 \
        }                                                                                                 \
        memcpy(rows, other, sizeof other);                                                                \
    }                                                                                                     \
}                                                                                                         \
                                                                                                          \
__attribute__((target(TARGET)))                                                                           \
void blake3_hash_##LANES(const pass *p, uint32_t *cvs) {                                                  \
    lanes##LANES h[cv_words], low, high, index;                                                           \
    uint32_t short_cv[cv_words];                                                                          \
    for (int i = 0; i < LANES; i++) {                                                                     \
        uint64_t counter = p->counter + (uint64_t)i * p->counter_step;                                    \
        low[i] = (uint32_t)counter;                                                                       \
        high[i] = (uint32_t)(counter >> 32);                                                              \
        index[i] = (uint32_t)i;                                                                           \
    }                                                                                                     \
    for (int i = 0; i < cv_words; i++) h[i] = (lanes##LANES){} + iv[i];                                   \
    for (int block = 0; block < p->blocks; block++) {                                                     \
        lanes##LANES m[words], v[words];                                                                  \
        for (int half = 0; half < words; half += LANES) {                                                 \
            for (int i = 0; i < LANES; i++) {                                                             \
                const uint8_t *row = p->rows[i] + block * block_bytes + half * 4;                         \
                __builtin_prefetch(row + LANES * chunk_bytes);                                            \
                m[half + i] = *(const loose##LANES *)row;                                                 \
            }                                                                                             \
            turn##LANES(m + half);                                                                        \
        }                                                                                                 \
        uint32_t flags = p->flags | (block == 0 ? p->first_flags : 0)                                     \
            | (block == p->blocks - 1 ? p->last_flags : 0);                                               \
        for (int i = 0; i < cv_words; i++) v[i] = h[i];                                                   \
        for (int i = 0; i < 4; i++) v[8 + i] = (lanes##LANES){} + iv[i];                                  \
        v[12] = low;                                                                                      \
        v[13] = high;                                                                                     \
        v[14] = (lanes##LANES){} + block_bytes;                                                           \
        v[15] = (lanes##LANES){} + flags;                                                                 \
        if (block == p->short_block) {                                                                    \
            lanes##LANES is_short = (lanes##LANES)(index == (lanes##LANES){} + (uint32_t)p->short_lane);  \
            v[14] = (is_short & p->short_bytes) | (~is_short & v[14]);                                    \
            v[15] |= is_short & p->last_flags;                                                            \
        }                                                                                                 \
        ROUNDS                                                                                            \
        for (int i = 0; i < cv_words; i++) h[i] = v[i] ^ v[i + 8];                                        \
        if (block == p->short_block) {                                                                    \
            for (int i = 0; i < cv_words; i++) short_cv[i] = ((const uint32_t *)&h[i])[p->short_lane];    \
        }                                                                                                 \
    }                                                                                                     \
    for (int i = 0; i < LANES; i++) {                                                                     \
        for (int j = 0; j < cv_words; j++) cvs[i * cv_words + j] = ((const uint32_t *)&h[j])[i];          \
    }                                                                                                     \
    if (p->short_lane >= 0) memcpy(cvs + p->short_lane * cv_words, short_cv, sizeof short_cv);            \
}

KERNEL(8, 3, "avx2")
KERNEL(16, 4, "avx512f")
