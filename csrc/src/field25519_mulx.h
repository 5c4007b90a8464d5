/* Modulo 2^255 - 19 in four full words of 64 bits, with the instructions MULX, ADCX and ADOX: any
 * number below 2^256, by 2^256 = 38 mod p. ADCX and ADOX have a carry each, so that two sums go on
 * side by side; compilers do not write that. The words tight and loose: field25519.h.
 */
#ifndef HWLOCK_FIELD25519_MULX_H
#define HWLOCK_FIELD25519_MULX_H

#define FE_LIMBS 4

typedef struct {
    word limb[FE_LIMBS];
} fe;

/* A constant of four 64-bit words, least significant first. */
#define FE_CONSTANT(a, b, c, d) {{a, b, c, d}}

/* A carry adds 38. The sum of two tight is below 2^256 + 2^12, so that this ends in word 0. */
static inline fe fe_add(fe a, fe b)
{
    word fold;
    __asm__("addq %5, %0\n\t"
            "adcq %6, %1\n\t"
            "adcq %7, %2\n\t"
            "adcq %8, %3\n\t"
            "sbbq %4, %4\n\t"
            "andq $38, %4\n\t"
            "addq %4, %0"
            : "+&r"(a.limb[0]), "+&r"(a.limb[1]), "+&r"(a.limb[2]), "+&r"(a.limb[3]), "=&r"(fold)
            : "rm"(b.limb[0]), "rm"(b.limb[1]), "rm"(b.limb[2]), "rm"(b.limb[3])
            : "cc");
    return a;
}

/* A carry adds 38, and then none follows: b is at most 2^256 - 39, as what fe_sub borrows is. */
static inline fe fe_add_loose(fe a, fe b)
{
    word fold;
    __asm__("addq %5, %0\n\t"
            "adcq %6, %1\n\t"
            "adcq %7, %2\n\t"
            "adcq %8, %3\n\t"
            "sbbq %4, %4\n\t"
            "andq $38, %4\n\t"
            "addq %4, %0\n\t"
            "adcq $0, %1\n\t"
            "adcq $0, %2\n\t"
            "adcq $0, %3"
            : "+&r"(a.limb[0]), "+&r"(a.limb[1]), "+&r"(a.limb[2]), "+&r"(a.limb[3]), "=&r"(fold)
            : "rm"(b.limb[0]), "rm"(b.limb[1]), "rm"(b.limb[2]), "rm"(b.limb[3])
            : "cc");
    return a;
}

/* A borrow takes 38 away, and then none follows: the difference was above -2^255 - 2^11. */
static inline fe fe_sub(fe a, fe b)
{
    word fold;
    __asm__("subq %5, %0\n\t"
            "sbbq %6, %1\n\t"
            "sbbq %7, %2\n\t"
            "sbbq %8, %3\n\t"
            "sbbq %4, %4\n\t"
            "andq $38, %4\n\t"
            "subq %4, %0\n\t"
            "sbbq $0, %1\n\t"
            "sbbq $0, %2\n\t"
            "sbbq $0, %3"
            : "+&r"(a.limb[0]), "+&r"(a.limb[1]), "+&r"(a.limb[2]), "+&r"(a.limb[3]), "=&r"(fold)
            : "rm"(b.limb[0]), "rm"(b.limb[1]), "rm"(b.limb[2]), "rm"(b.limb[3])
            : "cc");
    return a;
}

/* mask ? -a : a, for a tight a: 2^256 - 1 - a is 37 - a, and above 37. */
static inline fe fe_negate_if(uint64_t mask, fe a)
{
    word most = 37 & mask;
    for (int i = 0; i < FE_LIMBS; i++)
        a.limb[i] ^= mask;
    __asm__("subq %4, %0\n\t"
            "sbbq $0, %1\n\t"
            "sbbq $0, %2\n\t"
            "sbbq $0, %3"
            : "+&r"(a.limb[0]), "+&r"(a.limb[1]), "+&r"(a.limb[2]), "+&r"(a.limb[3])
            : "r"(most)
            : "cc");
    return a;
}

/* t[i + 1 .. i + 4] += word i of b times a, where t[i + 4] is new */
#define FE_ROW(i, t1, t2, t3, t4, t5)                                                    \
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

/* t[i], t[i + 1] += 38 t[i + 4] */
#define FE_FOLD(t1, t2, t5)                                                                    \
    "mulxq %[" #t5 "], %[low], %[high]\n\t"                                                    \
    "adcxq %[low], %[" #t1 "]\n\t"                                                             \
    "adoxq %[high], %[" #t2 "]\n\t"

/* 38 times the upper four words added to the lower; of what stands in t[4] above that, at most
 * 38, and in bit 255 then 19 times. Tight: below 2^255 + 19 * 78. */
#define FE_REDUCE                                                                              \
    "movl $38, %%edx\n\t"                                                                      \
    FE_FOLD(t0, t1, t4)                                                                        \
    FE_FOLD(t1, t2, t5)                                                                        \
    FE_FOLD(t2, t3, t6)                                                                        \
    "mulxq %[t7], %[low], %[t4]\n\t"                                                           \
    "movl $0, %%edx\n\t"                                                                       \
    "adcxq %[low], %[t3]\n\t"                                                                  \
    "adoxq %%rdx, %[t4]\n\t"                                                                   \
    "adcxq %%rdx, %[t4]\n\t"                                                                   \
    "addq %[t3], %[t3]\n\t"                                                                    \
    "adcq %[t4], %[t4]\n\t"                                                                    \
    "shrq $1, %[t3]\n\t"                                                                       \
    "imulq $19, %[t4], %[t4]\n\t"                                                              \
    "addq %[t4], %[t0]\n\t"                                                                    \
    "adcq $0, %[t1]\n\t"                                                                       \
    "adcq $0, %[t2]\n\t"                                                                       \
    "adcq $0, %[t3]"

/* The eight words of the product, reduced. Every row ends with both carries 0: a sum of such a
 * length does not overflow. */
static inline fe fe_mul(fe a, fe b)
{
    fe r;
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
            FE_ROW(8, t1, t2, t3, t4, t5)
            FE_ROW(16, t2, t3, t4, t5, t6)
            FE_ROW(24, t3, t4, t5, t6, t7)
            FE_REDUCE
            : [t0] "=&r"(r.limb[0]), [t1] "=&r"(r.limb[1]), [t2] "=&r"(r.limb[2]),
              [t3] "=&r"(r.limb[3]), [t4] "=&r"(t4), [t5] "=&r"(t5), [t6] "=&r"(t6),
              [t7] "=&r"(t7), [low] "=&r"(low), [high] "=&r"(high)
            : [a] "r"(a.limb), [b] "r"(b.limb), "m"(a), "m"(b)
            : "rdx", "cc");
    return r;
}

/* t[i], t[i + 1] = 2 t[i], 2 t[i + 1] + the square of word i / 2 of a */
#define FE_DIAGONAL(i, t1, t2)                                                                 \
    "movq " #i "(%[a]), %%rdx\n\t"                                                             \
    "mulxq %%rdx, %[low], %[high]\n\t"                                                         \
    "adcxq %[" #t1 "], %[" #t1 "]\n\t"                                                         \
    "adoxq %[low], %[" #t1 "]\n\t"                                                             \
    "adcxq %[" #t2 "], %[" #t2 "]\n\t"                                                         \
    "adoxq %[high], %[" #t2 "]\n\t"

/* The six products of different words, in t[1] to t[6]; twice that, and the four squares. */
static inline fe fe_square(fe a)
{
    fe r;
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
            FE_DIAGONAL(8, t2, t3)
            FE_DIAGONAL(16, t4, t5)
            "movq 24(%[a]), %%rdx\n\t"
            "mulxq %%rdx, %[low], %[t7]\n\t"
            "movl $0, %%edx\n\t"
            "adcxq %[t6], %[t6]\n\t"
            "adoxq %[low], %[t6]\n\t"
            "adcxq %%rdx, %[t7]\n\t"
            "adoxq %%rdx, %[t7]\n\t"
            FE_REDUCE
            : [t0] "=&r"(r.limb[0]), [t1] "=&r"(r.limb[1]), [t2] "=&r"(r.limb[2]),
              [t3] "=&r"(r.limb[3]), [t4] "=&r"(t4), [t5] "=&r"(t5), [t6] "=&r"(t6),
              [t7] "=&r"(t7), [low] "=&r"(low), [high] "=&r"(high)
            : [a] "r"(a.limb), "m"(a)
            : "rdx", "cc");
    return r;
}

/* Low 255 bits of a little-endian number of four words */
static inline fe fe_load(const uint64_t w[4])
{
    fe r = {{w[0], w[1], w[2], w[3] & (UINT64_MAX >> 1)}};
    return r;
}

/* a < 2^256 -> a mod 2^255 + add + 19 * (a / 2^255); returns bit 255 of that. */
static inline word fe_fold_top(fe *a, word add)
{
    dword x = (ct_mask(a->limb[3] >> 63) & 19) + add;
    a->limb[3] &= UINT64_MAX >> 1;
    for (int i = 0; i < FE_LIMBS; i++) {
        x += a->limb[i];
        a->limb[i] = (word)x;
        x >>= 64;
    }
    return a->limb[3] >> 63;
}

/* The one representative in [0, p), as in field25519_32.h */
static inline void fe_store(uint64_t w[4], fe a)
{
    fe_fold_top(&a, 0);
    fe_fold_top(&a, 0);
    fe over = a;
    uint64_t mask = ct_mask(fe_fold_top(&over, 19));
    over.limb[3] &= UINT64_MAX >> 1;
    for (int i = 0; i < 4; i++)
        w[i] = a.limb[i] ^ (mask & (a.limb[i] ^ over.limb[i]));
}

#endif
