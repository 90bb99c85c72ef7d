/* The mean cross entropy of class scores, and its gradient, in one go: in single precision, for few classes.

   Powers and logarithms are those of the SLEEF library to 1.0 ULP (Shibata and Petrogalli 2020), and sums are
   taken in the orders in which other libraries do it: whoever calls tries out whether that gives their numbers,
   to the last bit. */

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define FUSED __attribute__((target("avx2,fma")))
#define INLINE static inline __attribute__((always_inline))
#define ALL _mm256_set1_ps
#define BITS _mm256_castps_si256
#define FLOATS _mm256_castsi256_ps

/* `ROOM` scores are done at a time, `LANES` of them at once. */
enum { LANES = 8, ROOM = 1024, WIDEST = 16, LEVELS = 8, LEAST_POWER = 4, EXPONENT = 23, BIAS = 127 };

typedef struct {
    int64_t count, classes, lanes, ignored;
} Scores;

/* A number as the sum of two. */
typedef struct {
    __m256 high, low;
} Two;

/* Whether this machine multiplies and adds in one go. */
int cross_entropy_suits(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

FUSED INLINE __m256 power_of_two(__m256i power)
{
    return FLOATS(_mm256_slli_epi32(_mm256_add_epi32(power, _mm256_set1_epi32(BIAS)), EXPONENT));
}

/* e to the power of numbers that are not above zero. */
FUSED INLINE __m256 power_of_e(__m256 x)
{
    static const float factors[] = {0.00139304355252534151077271f, 0.00833336077630519866943359f,
        0.0416664853692054748535156f, 0.166666671633720397949219f, 0.5f};
    const __m256i whole = _mm256_cvtps_epi32(_mm256_mul_ps(x, ALL(1.44269504088896340736f)));
    const __m256 twos = _mm256_cvtepi32_ps(whole);
    const __m256 most = _mm256_fmadd_ps(twos, ALL(-0.693145751953125f), x);
    const __m256 rest = _mm256_fmadd_ps(twos, ALL(-1.428606765330187045e-06f), most);
    __m256 sum = ALL(0.000198527617612853646278381f);
    for (int at = 0; at < 5; ++at)
        sum = _mm256_fmadd_ps(sum, rest, ALL(factors[at]));
    sum = _mm256_add_ps(ALL(1.0f), _mm256_fmadd_ps(_mm256_mul_ps(rest, rest), sum, rest));
    const __m256i half = _mm256_srai_epi32(whole, 1);
    sum = _mm256_mul_ps(sum, power_of_two(half));
    sum = _mm256_mul_ps(sum, power_of_two(_mm256_sub_epi32(whole, half)));
    return _mm256_andnot_ps(_mm256_cmp_ps(x, ALL(-104.0f), _CMP_LT_OQ), sum);
}

FUSED INLINE Two sum_of_two(__m256 x, __m256 y)
{
    const __m256 high = _mm256_add_ps(x, y), own = _mm256_sub_ps(high, x);
    return (Two){high, _mm256_add_ps(_mm256_sub_ps(x, _mm256_sub_ps(high, own)), _mm256_sub_ps(y, own))};
}

FUSED INLINE Two quotient(Two x, Two y)
{
    const __m256 one = _mm256_div_ps(ALL(1.0f), y.high), high = _mm256_mul_ps(x.high, one);
    const __m256 lost = _mm256_fmsub_ps(one, x.high, high);
    const __m256 off = _mm256_fnmadd_ps(y.low, one, _mm256_fnmadd_ps(y.high, one, ALL(1.0f)));
    return (Two){high, _mm256_fmadd_ps(high, off, _mm256_fmadd_ps(x.low, one, lost))};
}

/* The sum of two numbers of which the first is larger, and of a third. */
FUSED INLINE Two with(Two x, __m256 high, __m256 low)
{
    const __m256 sum = _mm256_add_ps(x.high, high);
    const __m256 lost = _mm256_add_ps(_mm256_sub_ps(x.high, sum), high);
    return (Two){sum, _mm256_add_ps(_mm256_add_ps(lost, x.low), low)};
}

/* The natural logarithm of numbers from 1. */
FUSED INLINE __m256 logarithm(__m256 x)
{
    const __m256i exponents = _mm256_srli_epi32(BITS(_mm256_mul_ps(x, ALL(1.0f / 0.75f))), EXPONENT);
    const __m256i whole = _mm256_sub_epi32(exponents, _mm256_set1_epi32(BIAS));
    const __m256 part = FLOATS(_mm256_sub_epi32(BITS(x), _mm256_slli_epi32(whole, EXPONENT)));
    const __m256 twos = _mm256_cvtepi32_ps(whole), two = ALL(0.69314718246459960938f);
    const __m256 high = _mm256_mul_ps(two, twos), lost = _mm256_fmsub_ps(two, twos, high);
    const Two whole_part = {high, _mm256_fmadd_ps(ALL(-1.904654323148236017e-09f), twos, lost)};
    const Two ratio = quotient(sum_of_two(ALL(-1.0f), part), sum_of_two(ALL(1.0f), part));
    const __m256 square = _mm256_mul_ps(ratio.high, ratio.high);
    __m256 sum = _mm256_fmadd_ps(ALL(0.3027294874f), square, ALL(0.3996108174f));
    sum = _mm256_fmadd_ps(sum, square, ALL(0.6666694880f));
    const __m256 doubled = _mm256_mul_ps(ratio.high, ALL(2.0f));
    const Two most = with(whole_part, doubled, _mm256_mul_ps(ratio.low, ALL(2.0f)));
    const __m256 last = _mm256_mul_ps(_mm256_mul_ps(square, ratio.high), sum);
    const __m256 all = _mm256_add_ps(most.high, last);
    const __m256 low = _mm256_add_ps(_mm256_add_ps(_mm256_sub_ps(most.high, all), last), most.low);
    return _mm256_or_ps(_mm256_add_ps(all, low), _mm256_cmp_ps(x, x, _CMP_UNORD_Q));
}

/* The largest; no number where one is none. */
static float largest(const float *values, int64_t count)
{
    float most = values[0], none = 0.0f;
    for (int64_t at = 0; at < count; ++at) {
        most = values[at] > most ? values[at] : most;
        none = values[at] == values[at] ? none : values[at];
    }
    return most + none;
}

/* One after the other where there are fewer than lanes; else as many sums, which are folded in halves. */
static float sum_of(const float *values, int64_t count, int64_t lanes)
{
    float sums[WIDEST] = {values[0]};
    if (count < lanes) {
        for (int64_t at = 1; at < count; ++at)
            sums[0] += values[at];
        return sums[0];
    }
    memcpy(sums, values, (size_t)lanes * sizeof(float));
    for (int64_t at = lanes; at < count; ++at)
        sums[at % lanes] += values[at];
    for (int64_t half = lanes / 2; half; half /= 2)
        for (int64_t at = 0; at < half; ++at)
            sums[at] += sums[at + half];
    return sums[0];
}

/* Logarithms of the shares of the classes, for some rows of scores. */
FUSED static void log_shares(const Scores *of, int64_t rows, const float *scores, float *found)
{
    float powers[ROOM + LANES], sums[ROOM + LANES] = {0};
    const int64_t classes = of->classes;
    for (int64_t row = 0; row < rows; ++row) {
        const float most = largest(scores + row * classes, classes);
        for (int64_t at = row * classes; at < (row + 1) * classes; ++at)
            found[at] = scores[at] - most;
    }
    for (int64_t at = 0; at < rows * classes; at += LANES)
        _mm256_storeu_ps(powers + at, power_of_e(_mm256_loadu_ps(found + at)));
    for (int64_t row = 0; row < rows; ++row)
        sums[row] = sum_of(powers + row * classes, classes, of->lanes);
    for (int64_t at = 0; at < rows; at += LANES)
        _mm256_storeu_ps(sums + at, logarithm(_mm256_loadu_ps(sums + at)));
    for (int64_t row = 0; row < rows; ++row)
        for (int64_t at = row * classes; at < (row + 1) * classes; ++at)
            found[at] -= sums[row];
}

/* The gradient of a row, of whose classes this is the right one; `each` is that of a sample that counts. */
FUSED INLINE void gradient_of_row(int64_t classes, int64_t right, float each, const float *shares, float *to)
{
    for (int64_t at = 0; at < classes; ++at)
        to[at] = 0.0f - shares[at] * each;
    if (each)
        to[right] = __builtin_fmaf(-shares[right], each, each);
}

/* Add to a sum in levels, each of which takes in what 2^power of the one below came to; `at` counts. */
static void add(float *sums, float value, int64_t at, int64_t power)
{
    sums[0] += value;
    for (int level = 0; level + 1 < LEVELS; ++level) {
        if (at & ((((int64_t)1 << power) - 1) << (level * power)))
            return;
        sums[level + 1] += sums[level];
        sums[level] = 0.0f;
    }
}

/* How many count; -1 where a class is none of them. */
static int64_t counted(const Scores *of, const int64_t *truth)
{
    int64_t found = 0;
    for (int64_t row = 0; row < of->count; ++row) {
        if (truth[row] == of->ignored)
            continue;
        if (truth[row] < 0 || truth[row] >= of->classes)
            return -1;
        ++found;
    }
    return found;
}

/* The loss, and the gradient of the scores: 0, and nothing written, where a class is none of them. */
FUSED int cross_entropy(const Scores *of, const float *scores, const int64_t *truth, float *loss, float *gradient)
{
    float logs[ROOM + LANES] = {0}, shares[ROOM + LANES], sums[LEVELS] = {0}, total = 0.0f;
    const int64_t classes = of->classes, most = ROOM / classes, all = counted(of, truth);
    int64_t bits = 0;
    if (all < 0)
        return 0;
    while (((int64_t)1 << bits) < of->count)
        ++bits;
    const int64_t power = bits / LEVELS > LEAST_POWER ? bits / LEVELS : LEAST_POWER;
    for (int64_t first = 0; first < of->count; first += most) {
        const int64_t rows = of->count - first < most ? of->count - first : most;
        log_shares(of, rows, scores + first * classes, logs);
        for (int64_t at = 0; at < rows * classes; at += LANES)
            _mm256_storeu_ps(shares + at, power_of_e(_mm256_loadu_ps(logs + at)));
        for (int64_t row = 0; row < rows; ++row) {
            const int64_t right = truth[first + row], begin = row * classes;
            const float each = right == of->ignored ? 0.0f : -1.0f / (float)all;
            gradient_of_row(classes, right, each, shares + begin, gradient + first * classes + begin);
            if (each)
                add(sums, -logs[begin + right], first + row, power);
        }
    }
    for (int level = 0; level < LEVELS; ++level)
        total += sums[level];
    *loss = total / (float)all;
    return 1;
}

#else

int cross_entropy_suits(void)
{
    return 0;
}

#endif
