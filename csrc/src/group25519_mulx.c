/* group25519.c once more, over the field of field25519_mulx.h: same names with _mulx. Its points
 * have other limbs, so only combs, bytes and words go out of here. */
#include "word.h"

#ifdef HWLOCK_MULX

#define HWLOCK_FIELD_MULX
#define POINT_2D POINT_2D_mulx
#define comb25519_begins_negated comb25519_begins_negated_mulx
#define comb25519_build comb25519_build_mulx
#define comb25519_load comb25519_load_mulx
#define point_combine point_combine_mulx
#define point_decode_negated point_decode_negated_mulx
#define point_is_identity point_is_identity_mulx
#define point_is_small point_is_small_mulx
#define point_multiply_vartime point_multiply_vartime_mulx
#define points_encode points_encode_mulx

#include "group25519.c"

void point_combine_words_mulx(uint64_t words[4][4], const int8_t a[COMB_DIGITS], comb25519 A,
                              const int8_t b[COMB_DIGITS])
{
    point sum;
    point_combine(&sum, a, A, b);
    fe_store(words[0], sum.X);
    fe_store(words[1], sum.Y);
    fe_store(words[2], sum.Z);
    fe_store(words[3], sum.T);
}

#else

typedef int hwlock_no_mulx; /* ISO C wants a declaration */

#endif
