/* group_p256.c once more, over the field of field_p256_mulx.h: same names with _mulx. Its points
 * have other limbs, so only tables, bytes and words go out of here. */
#include "word.h"

#ifdef HWLOCK_MULX

#define HWLOCK_FIELD_MULX
#define p256_combine p256_combine_mulx
#define p256_decode p256_decode_mulx
#define p256_has_x p256_has_x_mulx
#define p256_row_begins p256_row_begins_mulx
#define p256_row_build p256_row_build_mulx
#define p256_rows_build p256_rows_build_mulx

#include "group_p256.c"

void p256_combine_words_mulx(uint64_t X[4], uint64_t Z[4], p256_multiples A, num a, num b)
{
    p256_ratio sum;
    p256_combine(&sum, A, a, b);
    fp_store(X, sum.X);
    fp_store(Z, sum.Z);
}

#else

typedef int hwlock_no_p256_mulx; /* ISO C wants a declaration */

#endif
