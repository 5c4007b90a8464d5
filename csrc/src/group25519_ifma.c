/* Sums of multiples on Ed25519, eight additions side by side, with AVX-512 IFMA.
 *
 * For eight signatures, each lane is one of them: all take an entry of the same tooth. For one
 * signature, lanes 0 to 3 each sum a fourth of the key's teeth and lanes 4 to 7 a fourth of the
 * base's; in the end the lanes are added to each other. An entry is picked by a permutation
 * inside registers: the whole row is loaded, and where it is read from does not depend on
 * digits.
 */
#include <string.h>

#include "group25519.h"

#ifdef HWLOCK_IFMA

#include "point25519_ifma.h"
#include "twin25519_ifma.h"

/* The point of lane 0 */
IFMA_PART void from_first_lane(point *p, const point8 *lanes)
{
    point_lanes memory;
    for (int i = 0; i < FE_LIMBS; i++) {
        _mm512_storeu_si512(memory.plus[i], lanes->plus.limb[i]);
        _mm512_storeu_si512(memory.minus[i], lanes->minus.limb[i]);
        _mm512_storeu_si512(memory.Z[i], lanes->Z.limb[i]);
        _mm512_storeu_si512(memory.T[i], lanes->T.limb[i]);
    }
    point_from_lane(p, &memory, 0);
}

IFMA void point_combine_ifma(point *sum, const int8_t a[COMB_DIGITS], const comb_tooth *A,
                             const int8_t b[COMB_DIGITS])
{
    const fe8 d2 = fe8_all(POINT_2D);
    point8 lanes = identity8();
    for (int i = 0; i < COMB_TEETH; i += 4) {
        int8_t digit[8];
        memcpy(digit, a + i, 4);
        memcpy(digit + 4, b + i, 4);
        summand8 q = pick_eight_teeth(A + i, BASE25519 + i, digits8(digit));
        lanes = add_summand(&lanes, &q);
    }
    lanes = fold_lanes(&lanes, 4, &d2);
    lanes = fold_lanes(&lanes, 2, &d2);
    lanes = fold_lanes(&lanes, 1, &d2);
    from_first_lane(sum, &lanes);
}

IFMA_PART point8 add_tooth(const point8 *sum, const comb_tooth tooth,
                                    int8_t digit[8][COMB_DIGITS], int i)
{
    int8_t turned[8];
    for (int lane = 0; lane < 8; lane++)
        turned[lane] = digit[lane][i];
    summand8 q = pick_one_tooth(tooth, digits8(turned));
    return add_summand(sum, &q);
}

IFMA void point_combine_eight_ifma(uint8_t bytes[8][32], uint64_t small[8],
                                   int8_t a[8][COMB_DIGITS], const comb_tooth *A,
                                   int8_t b[8][COMB_DIGITS])
{
    point8 lanes = identity8();
    for (int i = 0; i < COMB_TEETH; i++) {
        lanes = add_tooth(&lanes, A[i], a, i);
        lanes = add_tooth(&lanes, BASE25519[i], b, i);
    }
    encode8(bytes, small, &lanes);
}

/* --- a key that is not prepared --- */

/* The identity in all lanes but lane 0, and there the first point of a twin */
IFMA_PART point8 first_lane(const twin *p)
{
    const fe8 coordinates = to_add(p);
    point8 lanes = identity8();
    for (int i = 0; i < FE_LIMBS; i++) {
        uint64_t own[8];
        _mm512_storeu_si512(own, coordinates.limb[i]);
        lanes.plus.limb[i] = _mm512_mask_mov_epi64(lanes.plus.limb[i], 1, all8(own[0]));
        lanes.Z.limb[i] = _mm512_mask_mov_epi64(lanes.Z.limb[i], 1, all8(own[1]));
        lanes.minus.limb[i] = _mm512_mask_mov_epi64(lanes.minus.limb[i], 1, all8(own[2]));
        lanes.T.limb[i] = _mm512_mask_mov_epi64(lanes.T.limb[i], 1, all8(own[3]));
    }
    return lanes;
}

/* The second point of a twin */
IFMA_PART void second_point(point *p, const twin *q)
{
    const fe8 coordinates = to_add(q);
    point_lanes memory;
    for (int i = 0; i < FE_LIMBS; i++) {
        uint64_t own[8];
        _mm512_storeu_si512(own, coordinates.limb[i]);
        memory.plus[i][0] = own[4];
        memory.Z[i][0] = own[5];
        memory.minus[i][0] = own[6];
        memory.T[i][0] = own[7];
    }
    point_from_lane(p, &memory, 0);
}

/* The doublings of [a]A serve [order]A as well. */
IFMA void point_combine_unseen_ifma(point *sum, point *order_A, const int8_t a[COMB_DIGITS],
                                    const point *A, const int8_t order[COMB_DIGITS],
                                    const int8_t b[COMB_DIGITS])
{
    const fe8 d2 = fe8_all(POINT_2D);
    const twin of_key = twin_multiply(A, a, order);
    point8 lanes = first_lane(&of_key);
    for (int i = 0; i < COMB_TEETH; i += 8) {
        summand8 q = pick_eight_teeth(BASE25519 + i, BASE25519 + i + 4, digits8(b + i));
        lanes = add_summand(&lanes, &q);
    }
    lanes = fold_lanes(&lanes, 4, &d2);
    lanes = fold_lanes(&lanes, 2, &d2);
    lanes = fold_lanes(&lanes, 1, &d2);
    from_first_lane(sum, &lanes);
    second_point(order_A, &of_key);
}

#else

typedef int hwlock_no_ifma; /* ISO C wants a declaration */

#endif
