/* Modulo p256 in four full words of 64 bits, always in [0, p), with MULX, ADCX and ADOX; in
 * Montgomery form with R = 2^256, to and from the 2^260 of field_p256.h by loads and stores. */
#ifndef HWLOCK_FIELD_P256_MULX_H
#define HWLOCK_FIELD_P256_MULX_H

typedef struct {
    word limb[4];
} fp;

/* The upper two words of p that are not 0 or all ones */
#define FP_WORD1 UINT64_C(0x00000000ffffffff)
#define FP_WORD3 UINT64_C(0xffffffff00000001)

/* Take p away where the sum, with its carry, is not below it. */
static inline fp fp_add(fp a, fp b)
{
    word carry = 0, t0, t1, t2, t3;
    __asm__("addq %[b0], %[a0]\n\t"
            "adcq %[b1], %[a1]\n\t"
            "adcq %[b2], %[a2]\n\t"
            "adcq %[b3], %[a3]\n\t"
            "adcq $0, %[carry]\n\t"
            "movq %[a0], %[t0]\n\t"
            "movq %[a1], %[t1]\n\t"
            "movq %[a2], %[t2]\n\t"
            "movq %[a3], %[t3]\n\t"
            "subq $-1, %[t0]\n\t"
            "sbbq %[p1], %[t1]\n\t"
            "sbbq $0, %[t2]\n\t"
            "sbbq %[p3], %[t3]\n\t"
            "sbbq $0, %[carry]\n\t"
            "cmovncq %[t0], %[a0]\n\t"
            "cmovncq %[t1], %[a1]\n\t"
            "cmovncq %[t2], %[a2]\n\t"
            "cmovncq %[t3], %[a3]"
            : [a0] "+&r"(a.limb[0]), [a1] "+&r"(a.limb[1]), [a2] "+&r"(a.limb[2]),
              [a3] "+&r"(a.limb[3]), [carry] "+&r"(carry), [t0] "=&r"(t0), [t1] "=&r"(t1),
              [t2] "=&r"(t2), [t3] "=&r"(t3)
            : [b0] "m"(b.limb[0]), [b1] "m"(b.limb[1]), [b2] "m"(b.limb[2]), [b3] "m"(b.limb[3]),
              [p1] "r"(FP_WORD1), [p3] "r"(FP_WORD3)
            : "cc");
    return a;
}

/* Add p where the difference is below 0. */
static inline fp fp_sub(fp a, fp b)
{
    word p0, p1 = FP_WORD1, p3 = FP_WORD3;
    __asm__("subq %[b0], %[a0]\n\t"
            "sbbq %[b1], %[a1]\n\t"
            "sbbq %[b2], %[a2]\n\t"
            "sbbq %[b3], %[a3]\n\t"
            "sbbq %[p0], %[p0]\n\t"
            "andq %[p0], %[p1]\n\t"
            "andq %[p0], %[p3]\n\t"
            "addq %[p0], %[a0]\n\t"
            "adcq %[p1], %[a1]\n\t"
            "adcq $0, %[a2]\n\t"
            "adcq %[p3], %[a3]"
            : [a0] "+&r"(a.limb[0]), [a1] "+&r"(a.limb[1]), [a2] "+&r"(a.limb[2]),
              [a3] "+&r"(a.limb[3]), [p0] "=&r"(p0), [p1] "+&r"(p1), [p3] "+&r"(p3)
            : [b0] "rm"(b.limb[0]), [b1] "rm"(b.limb[1]), [b2] "rm"(b.limb[2]),
              [b3] "rm"(b.limb[3])
            : "cc");
    return a;
}

static inline fp fp_times(fp a, int k)
{
    fp r = a;
    for (int i = 1; i < k; i++)
        r = fp_add(r, a);
    return r;
}

/* A row of the product: t[i + 1 .. i + 4] += word i of b times a, where t[i + 4] is new */
#define FP_ROW(i, t1, t2, t3, t4, t5)                                                          \
    "movq " #i "(%[b]), %%rdx\n\t"                                                             \
    "mulxq (%[a]), %[low], %[high]\n\t"                                                        \
    "adcxq %[low], %[" #t1 "]\n\t"                                                             \
    "adoxq %[high], %[" #t2 "]\n\t"                                                            \
    "mulxq 8(%[a]), %[low], %[high]\n\t"                                                       \
    "adcxq %[low], %[" #t2 "]\n\t"                                                             \
    "adoxq %[high], %[" #t3 "]\n\t"                                                            \
    "mulxq 16(%[a]), %[low], %[high]\n\t"                                                      \
    "adcxq %[low], %[" #t3 "]\n\t"                                                             \
    "adoxq %[high], %[" #t4 "]\n\t"                                                            \
    "mulxq 24(%[a]), %[low], %[" #t5 "]\n\t"                                                   \
    "movl $0, %%edx\n\t"                                                                       \
    "adcxq %[low], %[" #t4 "]\n\t"                                                             \
    "adoxq %%rdx, %[" #t5 "]\n\t"                                                              \
    "adcxq %%rdx, %[" #t5 "]\n\t"

/* t[i], t[i + 1] = 2 t[i], 2 t[i + 1] + the square of word i / 2 of a */
#define FP_DIAGONAL(i, t1, t2)                                                                 \
    "movq " #i "(%[a]), %%rdx\n\t"                                                             \
    "mulxq %%rdx, %[low], %[high]\n\t"                                                         \
    "adcxq %[" #t1 "], %[" #t1 "]\n\t"                                                         \
    "adoxq %[low], %[" #t1 "]\n\t"                                                             \
    "adcxq %[" #t2 "], %[" #t2 "]\n\t"                                                         \
    "adoxq %[high], %[" #t2 "]\n\t"

/* Add q p where q = t0 makes t0 vanish: q 2^96, and q (2^64 - 2^32 + 1) 2^192, whose upper word,
 * with the carry, takes the place of t0. It does not overflow: it is below 2^64 - 2^32. */
#define FP_CLEAR(t0, t1, t2, t3)                                                               \
    "movq %[" #t0 "], %%rdx\n\t"                                                               \
    "movq %[" #t0 "], %[low]\n\t"                                                              \
    "shlq $32, %[low]\n\t"                                                                     \
    "shrq $32, %[" #t0 "]\n\t"                                                                 \
    "addq %[low], %[" #t1 "]\n\t"                                                              \
    "adcq %[" #t0 "], %[" #t2 "]\n\t"                                                          \
    "mulxq %[p3], %[low], %[" #t0 "]\n\t"                                                      \
    "adcq %[low], %[" #t3 "]\n\t"                                                              \
    "adcq $0, %[" #t0 "]\n\t"

/* The lower four words over 2^256, at most p, and the upper four, below p: less p where that is
 * not below 2^256 or p. */
#define FP_REDUCE                                                                              \
    FP_CLEAR(t0, t1, t2, t3)                                                                   \
    FP_CLEAR(t1, t2, t3, t0)                                                                   \
    FP_CLEAR(t2, t3, t0, t1)                                                                   \
    FP_CLEAR(t3, t0, t1, t2)                                                                   \
    "xorl %%edx, %%edx\n\t"                                                                    \
    "addq %[t4], %[t0]\n\t"                                                                    \
    "adcq %[t5], %[t1]\n\t"                                                                    \
    "adcq %[t6], %[t2]\n\t"                                                                    \
    "adcq %[t7], %[t3]\n\t"                                                                    \
    "adcq $0, %%rdx\n\t"                                                                       \
    "movq %[t0], %[t4]\n\t"                                                                    \
    "movq %[t1], %[t5]\n\t"                                                                    \
    "movq %[t2], %[t6]\n\t"                                                                    \
    "movq %[t3], %[t7]\n\t"                                                                    \
    "movl $0xffffffff, %k[low]\n\t"                                                            \
    "subq $-1, %[t4]\n\t"                                                                      \
    "sbbq %[low], %[t5]\n\t"                                                                   \
    "sbbq $0, %[t6]\n\t"                                                                       \
    "sbbq %[p3], %[t7]\n\t"                                                                    \
    "sbbq $0, %%rdx\n\t"                                                                       \
    "cmovncq %[t4], %[t0]\n\t"                                                                 \
    "cmovncq %[t5], %[t1]\n\t"                                                                 \
    "cmovncq %[t6], %[t2]\n\t"                                                                 \
    "cmovncq %[t7], %[t3]"

/* Eight words, reduced. Every row ends with both carries 0: a sum of such a length does not
 * overflow. */
static inline fp fp_mul(fp a, fp b)
{
    static const word p3 = FP_WORD3;
    fp r;
    word t4, t5, t6, t7, low, high;
    __asm__("movq (%[b]), %%rdx\n\t"
            "xorl %k[low], %k[low]\n\t" /* both carries become 0 */
            "mulxq (%[a]), %[t0], %[t1]\n\t"
            "mulxq 8(%[a]), %[low], %[t2]\n\t"
            "adcxq %[low], %[t1]\n\t"
            "mulxq 16(%[a]), %[low], %[t3]\n\t"
            "adcxq %[low], %[t2]\n\t"
            "mulxq 24(%[a]), %[low], %[t4]\n\t"
            "movl $0, %%edx\n\t"
            "adcxq %[low], %[t3]\n\t"
            "adcxq %%rdx, %[t4]\n\t"
            FP_ROW(8, t1, t2, t3, t4, t5)
            FP_ROW(16, t2, t3, t4, t5, t6)
            FP_ROW(24, t3, t4, t5, t6, t7)
            FP_REDUCE
            : [t0] "=&r"(r.limb[0]), [t1] "=&r"(r.limb[1]), [t2] "=&r"(r.limb[2]),
              [t3] "=&r"(r.limb[3]), [t4] "=&r"(t4), [t5] "=&r"(t5), [t6] "=&r"(t6),
              [t7] "=&r"(t7), [low] "=&r"(low), [high] "=&r"(high)
            : [a] "r"(a.limb), [b] "r"(b.limb), [p3] "m"(p3), "m"(a), "m"(b)
            : "rdx", "cc");
    return r;
}

/* The six products of different words, in t[1] to t[6]; twice that, and the four squares. */
static inline fp fp_square(fp a)
{
    static const word p3 = FP_WORD3;
    fp r;
    word t4, t5, t6, t7, low, high;
    __asm__("movq (%[a]), %%rdx\n\t"
            "xorl %k[low], %k[low]\n\t" /* both carries become 0 */
            "mulxq 8(%[a]), %[t1], %[t2]\n\t"
            "mulxq 16(%[a]), %[low], %[t3]\n\t"
            "adcxq %[low], %[t2]\n\t"
            "mulxq 24(%[a]), %[low], %[t4]\n\t"
            "adcxq %[low], %[t3]\n\t"
            "movq 8(%[a]), %%rdx\n\t"
            "mulxq 16(%[a]), %[low], %[high]\n\t"
            "adoxq %[low], %[t3]\n\t"
            "adcxq %[high], %[t4]\n\t"
            "mulxq 24(%[a]), %[low], %[t5]\n\t"
            "adoxq %[low], %[t4]\n\t"
            "movq 16(%[a]), %%rdx\n\t"
            "mulxq 24(%[a]), %[low], %[t6]\n\t"
            "movl $0, %%edx\n\t"
            "adcxq %[low], %[t5]\n\t"
            "adoxq %%rdx, %[t5]\n\t"
            "adcxq %%rdx, %[t6]\n\t"
            "adoxq %%rdx, %[t6]\n\t"
            "movq (%[a]), %%rdx\n\t"
            "mulxq %%rdx, %[t0], %[high]\n\t"
            "adcxq %[t1], %[t1]\n\t"
            "adoxq %[high], %[t1]\n\t"
            FP_DIAGONAL(8, t2, t3)
            FP_DIAGONAL(16, t4, t5)
            "movq 24(%[a]), %%rdx\n\t"
            "mulxq %%rdx, %[low], %[t7]\n\t"
            "movl $0, %%edx\n\t"
            "adcxq %[t6], %[t6]\n\t"
            "adoxq %[low], %[t6]\n\t"
            "adcxq %%rdx, %[t7]\n\t"
            "adoxq %%rdx, %[t7]\n\t"
            FP_REDUCE
            : [t0] "=&r"(r.limb[0]), [t1] "=&r"(r.limb[1]), [t2] "=&r"(r.limb[2]),
              [t3] "=&r"(r.limb[3]), [t4] "=&r"(t4), [t5] "=&r"(t5), [t6] "=&r"(t6),
              [t7] "=&r"(t7), [low] "=&r"(low), [high] "=&r"(high)
            : [a] "r"(a.limb), [p3] "m"(p3), "m"(a)
            : "rdx", "cc");
    return r;
}

/* a b - c d */
static inline fp fp_mul_sub(fp a, fp b, fp c, fp d)
{
    return fp_sub(fp_mul(a, b), fp_mul(c, d));
}

static inline fp fp_weak(fp a)
{
    return a;
}

/* An entry x of a table as it stands is the form of 16 x: field_p256.h. */
enum { FP_ENTRY_SCALE = 16 };

static inline fp fp_entry(const uint64_t w[4])
{
    fp r = {{w[0], w[1], w[2], w[3]}};
    return r;
}

/* 2^256 / 16 */
static inline fp fp_entry_unit(void)
{
    fp r = {{0, 0, 0, (word)1 << 60}};
    return r;
}

static inline fp fp_load(const uint64_t w[4])
{
    return fp_mul(fp_entry(w), fp_entry_unit());
}

static inline void fp_store(uint64_t w[4], fp a)
{
    static const fp up = {{0x0000000000000010, 0xfffffff000000000, 0xffffffffffffffff,
                           0x0000000fffffffef}}; /* 2^256 2^4 */
    fp r = fp_mul(a, up);
    for (int i = 0; i < 4; i++)
        w[i] = r.limb[i];
}

/* mask ? a : b */
static inline fp fp_select(uint64_t mask, fp a, fp b)
{
    for (int i = 0; i < 4; i++)
        a.limb[i] = b.limb[i] ^ (mask & (a.limb[i] ^ b.limb[i]));
    return a;
}

#endif
