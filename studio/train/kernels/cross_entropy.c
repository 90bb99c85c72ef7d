/* The mean cross entropy of class scores, its gradient, and those of the linear layer that gave the scores, in
   one go: in single precision, for few classes.

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
enum { LANES = 8, PAIR = 2, FOUR = 4, ROOM = 1024, WIDEST = 16, LEVELS = 8, SUM_LEVELS = 4, LEAST_POWER = 4, EXPONENT = 23, BIAS = 127 };

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

/* How many sums, as a power of two, a level takes in. */
static int64_t power_of_levels(int64_t count, int64_t levels)
{
    int64_t bits = 0;
    while (((int64_t)1 << bits) < count)
        ++bits;
    return bits / levels > LEAST_POWER ? bits / levels : LEAST_POWER;
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
    if (all < 0)
        return 0;
    const int64_t power = power_of_levels(of->count, LEVELS);
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

/* What sums of products are made of: out[i][k] = sum over s of left[i * apart + s * between] * right[s][k]. */
typedef struct {
    int64_t rows, terms, width, apart, between;
    const float *left, *right;
} Product;

/* FOUR rows of PAIR vectors of columns, one term after the other; beyond the last row it is done once more. */
FUSED INLINE void tile(const Product *of, int64_t row, int64_t column, const __m256i *marks, int whole, float *out)
{
    __m256 sums[FOUR][PAIR];
    const float *left[FOUR], *right = of->right + column;
    for (int one = 0; one < FOUR; ++one) {
        left[one] = of->left + (row + one < of->rows ? row + one : of->rows - 1) * of->apart;
        for (int half = 0; half < PAIR; ++half)
            sums[one][half] = _mm256_setzero_ps();
    }
    for (int64_t term = 0; term < of->terms; ++term, right += of->width) {
        __m256 values[PAIR];
        for (int half = 0; half < PAIR; ++half)
            values[half] = whole ? _mm256_loadu_ps(right + half * LANES)
                                 : _mm256_maskload_ps(right + half * LANES, marks[half]);
        for (int one = 0; one < FOUR; ++one)
            for (int half = 0; half < PAIR; ++half)
                sums[one][half] =
                    _mm256_fmadd_ps(ALL(left[one][term * of->between]), values[half], sums[one][half]);
    }
    out += row * of->width + column;
    for (int one = 0; one < FOUR && row + one < of->rows; ++one, out += of->width)
        for (int half = 0; half < PAIR; ++half)
            if (whole)
                _mm256_storeu_ps(out + half * LANES, sums[one][half]);
            else
                _mm256_maskstore_ps(out + half * LANES, marks[half], sums[one][half]);
}

FUSED static void multiply(const Product *of, float *out)
{
    for (int64_t column = 0; column < of->width; column += PAIR * LANES) {
        const int32_t left = (int32_t)(of->width - column);
        const __m256i places = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        const __m256i marks[PAIR] = {_mm256_cmpgt_epi32(_mm256_set1_epi32(left), places),
            _mm256_cmpgt_epi32(_mm256_set1_epi32(left - LANES), places)};
        for (int64_t row = 0; row < of->rows; row += FOUR)
            if (left >= PAIR * LANES)
                tile(of, row, column, marks, 1, out);
            else
                tile(of, row, column, marks, 0, out);
    }
}

/* Sums of some columns over rows that are `stride` apart, in levels as `add` has them. */
INLINE void level_sums(const float *from, int64_t rows, int64_t stride, int64_t columns, float to[LANES])
{
    const int64_t power = power_of_levels(rows, SUM_LEVELS);
    float sums[SUM_LEVELS][LANES] = {{0}};
    for (int64_t row = 0; row < rows; ++row) {
        for (int64_t at = 0; at < columns; ++at)
            sums[0][at] += from[row * stride + at];
        for (int level = 0; level + 1 < SUM_LEVELS; ++level) {
            if ((row + 1) & ((((int64_t)1 << power) - 1) << (level * power)))
                break;
            for (int64_t at = 0; at < columns; ++at) {
                sums[level + 1][at] += sums[level][at];
                sums[level][at] = 0.0f;
            }
        }
    }
    for (int level = 1; level < SUM_LEVELS; ++level)
        for (int64_t at = 0; at < columns; ++at)
            sums[0][at] += sums[level][at];
    memcpy(to, sums[0], (size_t)columns * sizeof(float));
}

/* The same of every fourth row, of which the sums are then added up with what is left. */
INLINE void four_sums(const float *from, int64_t rows, int64_t width, int64_t columns, float to[LANES])
{
    float sums[FOUR][LANES];
    for (int one = 0; one < FOUR; ++one)
        level_sums(from + one * width, rows / FOUR, FOUR * width, columns, sums[one]);
    for (int64_t row = rows / FOUR * FOUR; row < rows; ++row)
        for (int64_t at = 0; at < columns; ++at)
            sums[0][at] += from[row * width + at];
    for (int one = 1; one < FOUR; ++one)
        for (int64_t at = 0; at < columns; ++at)
            sums[0][at] += sums[one][at];
    memcpy(to, sums[0], (size_t)columns * sizeof(float));
}

FUSED static void sum_rows(const float *from, int64_t rows, int64_t width, float *to)
{
    const int64_t many = width - width % (FOUR * LANES), whole = width - width % LANES;
    if (width < LANES) {
        const int64_t some = width - width % FOUR;
        level_sums(from, rows, width, some, to);
        if (some < width)
            four_sums(from + some, rows, width, width - some, to + some);
        return;
    }
    for (int64_t first = 0; first < many; first += LANES)
        level_sums(from + first, rows, width, LANES, to + first);
    for (int64_t first = many; first < whole; first += LANES)
        four_sums(from + first, rows, width, LANES, to + first);
    if (whole < width)
        four_sums(from + whole, rows, width, width - whole, to + whole);
}

/* What is not above zero got there by a ReLU, and passes nothing on. */
FUSED static void cut_off(const float *inputs, int64_t count, float *gradient)
{
    const int64_t whole = count - count % LANES;
    for (int64_t at = 0; at < whole; at += LANES) {
        const __m256 below = _mm256_cmp_ps(_mm256_loadu_ps(inputs + at), _mm256_setzero_ps(), _CMP_LE_OQ);
        _mm256_storeu_ps(gradient + at, _mm256_andnot_ps(below, _mm256_loadu_ps(gradient + at)));
    }
    for (int64_t at = whole; at < count; ++at)
        gradient[at] = inputs[at] <= 0.0f ? 0.0f : gradient[at];
}

/* A linear layer that gave scores; `cut` says that a ReLU gave what it took. */
typedef struct {
    int64_t width, cut;
} Layer;

/* The loss, the gradient of the scores, and those of the layer that gave them, 0 as above: of its weight, and
   as far as there is a place for them, of its bias, of its inputs, and the sums of these. */
FUSED int of_layer(const Scores *of, const Layer *layer, const float *scores, const int64_t *truth,
    const float *inputs, const float *weight, float *gradient, float *loss, float *to_weight, float *to_bias,
    float *to_inputs, float *to_sums)
{
    const int64_t rows = of->count, classes = of->classes, width = layer->width;
    if (!cross_entropy(of, scores, truth, loss, gradient))
        return 0;
    multiply(&(Product){classes, rows, width, 1, classes, gradient, inputs}, to_weight);
    if (to_bias)
        sum_rows(gradient, rows, classes, to_bias);
    if (!to_inputs)
        return 1;
    multiply(&(Product){rows, classes, width, classes, 1, gradient, weight}, to_inputs);
    if (layer->cut)
        cut_off(inputs, rows * width, to_inputs);
    if (to_sums)
        sum_rows(to_inputs, rows, width, to_sums);
    return 1;
}

#else

int cross_entropy_suits(void)
{
    return 0;
}

#endif
