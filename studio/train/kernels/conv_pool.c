/* A convolution of few values and the max-pool behind it in one go, and the gradients of its weights, so that
   what lies between is never written: in single precision, for pictures that lie with channels last.

   Products are added up in the orders in which other libraries do it, by one instruction that multiplies and
   adds: whoever calls tries out whether that gives their numbers, to the last bit. */

#include "pooling.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#ifdef _OPENMP
#include <omp.h>
#define THREAD omp_get_thread_num()
#else
#define THREAD 0
#endif

/* `columns` says that the places of a filter are gone through column by column. */
typedef struct {
    int64_t channels, columns, in[2], kernel[2], stride[2], padding[2], dilation[2];
} Conv;

enum { TAPS = 64, WIDE = 2 * LANES, FOUR = 4, SOME = 9 };

/* The filters as they are used: how far each value that they take is from the first of them, in a picture with
   its padding, `row` values a row; each value's weights side by side, `filters` of them, and then the bias. */
typedef struct {
    int64_t known, row, before, padded, filters, offsets[TAPS + SOME];
    const float *weights;
} Taps;

typedef struct {
    Lanes of[2];
} Dot;

/* Whether this machine multiplies and adds in one go. */
int conv_suits(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

#define FUSED __attribute__((target("avx2,fma")))

/* What some filters give at `count` places: products added up in the order of the taps, then the bias. */
FUSED INLINE void dots(const float *const *from, int count, const Taps *taps, const float *weights, Dot *sums)
{
    for (int one = 0; one < count; ++one)
        sums[one] = (Dot){{{0}, {0}}};
    for (int64_t tap = 0; tap < taps->known; ++tap, weights += taps->filters) {
        const __m256 w[2] = {_mm256_loadu_ps(weights), _mm256_loadu_ps(weights + LANES)};
        for (int one = 0; one < count; ++one) {
            const __m256 value = _mm256_set1_ps(from[one][taps->offsets[tap]]);
            for (int half = 0; half < 2; ++half)
                sums[one].of[half] =
                    (Lanes)_mm256_fmadd_ps(value, w[half], (__m256)sums[one].of[half]);
        }
    }
    for (int one = 0; one < count; ++one)
        for (int half = 0; half < 2; ++half)
            sums[one].of[half] += (Lanes)_mm256_loadu_ps(weights + half * LANES);
}

/* A window of `places`, whose values begin at `from` and `offsets` behind it. */
FUSED INLINE void window_of_dots(const Pool *pool, const float *from, const int64_t *offsets, int64_t places,
    const Taps *taps, const float *weights, Lanes best[2], Marks at[2])
{
    Dot sums[FOUR];
    const float *begins[FOUR];
    for (int64_t first = 0; first < places; first += places == FOUR ? FOUR : 1) {
        const int count = places == FOUR ? FOUR : 1;
        for (int one = 0; one < count; ++one)
            begins[one] = from + offsets[first + one];
        dots(begins, count, taps, weights, sums);
        for (int half = 0; half < 2; ++half)
            for (int one = 0; one < count; ++one)
                if (first + one)
                    take(sums[one].of[half], (int32_t)(first + one), &best[half], &at[half]);
                else {
                    best[half] = sums[one].of[half];
                    at[half] = (Marks){0};
                }
    }
    for (int half = 0; half < 2; ++half)
        if (pool->cut)
            cut_off(&best[half], &at[half]);
}

FUSED INLINE void picture_of_dots(const Pool *pool, const Conv *conv, const Taps *taps, int64_t places,
    const float *in, float *out, int32_t *won)
{
    const int64_t down = conv->stride[0] * taps->row, across = conv->stride[1] * conv->channels;
    int64_t offsets[MOST];
    for (int64_t one = 0; one < places; ++one)
        offsets[one] = one / pool->kernel[1] * down + one % pool->kernel[1] * across;
    for (int64_t row = 0; row < pool->out[0]; ++row)
        for (int64_t column = 0; column < pool->out[1]; ++column) {
            const float *from = in + row * pool->stride[0] * down + column * pool->stride[1] * across;
            for (int64_t left = pool->channels; left > 0; left -= WIDE) {
                const int64_t lanes = left < WIDE ? left : WIDE;
                Lanes best[2];
                Marks at[2];
                window_of_dots(pool, from, offsets, places, taps,
                    taps->weights + (pool->channels - left), best, at);
                for (int half = 0; half < 2; ++half)
                    if (lanes == WIDE) {
                        memcpy(out + half * LANES, &best[half], sizeof(Lanes));
                        memcpy(won + half * LANES, &at[half], sizeof(Marks));
                    } else if (lanes > half * LANES) {
                        const int64_t some = lanes - half * LANES < LANES ? lanes - half * LANES : LANES;
                        memcpy(out + half * LANES, &best[half], (size_t)some * sizeof(float));
                        memcpy(won + half * LANES, &at[half], (size_t)some * sizeof(int32_t));
                    }
                out += lanes;
                won += lanes;
            }
        }
}

FUSED static void picture_of_four(
    const Pool *pool, const Conv *conv, const Taps *taps, const float *in, float *out, int32_t *won)
{
    picture_of_dots(pool, conv, taps, FOUR, in, out, won);
}

FUSED static void picture_of_any(
    const Pool *pool, const Conv *conv, const Taps *taps, const float *in, float *out, int32_t *won)
{
    picture_of_dots(pool, conv, taps, pool->kernel[0] * pool->kernel[1], in, out, won);
}

/* The taps of filters of `high` × `wide` values a channel, without their weights. */
static Taps taps_of(const Pool *pool, const Conv *conv)
{
    const int64_t high = conv->kernel[0], wide = conv->kernel[1], channels = conv->channels;
    Taps taps = {.row = (conv->in[1] + 2 * conv->padding[1]) * channels};
    taps.before = conv->padding[0] * taps.row + conv->padding[1] * channels;
    taps.padded = taps.before ? (conv->in[0] + 2 * conv->padding[0]) * taps.row : 0;
    taps.filters = (pool->channels + WIDE - 1) / WIDE * WIDE;
    for (int64_t one = 0; one < high * wide; ++one) {
        const int64_t y = conv->columns ? one % high : one / wide;
        const int64_t x = conv->columns ? one / high : one % wide;
        for (int64_t c = 0; c < channels; ++c)
            taps.offsets[taps.known++] =
                y * conv->dilation[0] * taps.row + x * conv->dilation[1] * channels + c;
    }
    return taps;
}

/* Weights that lie as filters × height × width × channels, put beside each other in the order of the taps. */
static void lay_weights(
    const Pool *pool, const Conv *conv, const Taps *taps, const float *weight, const float *bias, float *to)
{
    const int64_t high = conv->kernel[0], wide = conv->kernel[1], channels = conv->channels;
    for (int64_t one = 0; one < high * wide; ++one) {
        const int64_t from = conv->columns ? one % high * wide + one / high : one;
        for (int64_t c = 0; c < channels; ++c, to += taps->filters)
            for (int64_t filter = 0; filter < pool->channels; ++filter)
                to[filter] = weight[(filter * high * wide + from) * channels + c];
    }
    if (bias)
        memcpy(to, bias, (size_t)pool->channels * sizeof(float));
}

/* A picture with its padding, for which `own` has room and zeros. */
static const float *padded(const Conv *conv, const Taps *taps, const float *picture, float *own)
{
    const int64_t line = conv->in[1] * conv->channels;
    if (!taps->before)
        return picture;
    for (int64_t row = 0; row < conv->in[0]; ++row)
        memcpy(own + taps->before + row * taps->row, picture + row * line, (size_t)line * sizeof(float));
    return own;
}

/* Each window's largest value of what a convolution gives, and its place there. `room` is zero: for weights
   and bias, (taps + 1) × filters rounded up to whole WIDE, and for a picture with its padding for each thread. */
void conv_pool_forward(const Pool *pool, const Conv *conv, const float *in, const float *weight,
    const float *bias, float *room, float *out, int32_t *won)
{
    Taps taps = taps_of(pool, conv);
    lay_weights(pool, conv, &taps, weight, bias, room);
    taps.weights = room;
    const int64_t from = conv->in[0] * conv->in[1] * conv->channels;
    const int64_t to = pool->out[0] * pool->out[1] * pool->channels;
    float *const own = room + (taps.known + 1) * taps.filters;
#pragma omp parallel for num_threads(pool->threads) if (pool->count * to > SMALL)
    for (int64_t one = 0; one < pool->count; ++one) {
        const float *picture = padded(conv, &taps, in + one * from, own + THREAD * taps.padded);
        (pool->kernel[0] * pool->kernel[1] == FOUR ? picture_of_four : picture_of_any)(
            pool, conv, &taps, picture, out + one * to, won + one * to);
    }
}

/* Add what a picture says to the gradients of SOME taps of some filters, and of their bias: products one by one
   in the order of the places, where the gradient is that of the window if it won there, else zero. `beside`
   taps at a time lie beside each other, and windows are `wide`: what is known of both need not be looked up. */
FUSED INLINE void gradients_of(const Pool *pool, const Conv *conv, const Taps *taps, const int64_t *offsets,
    const float *in, const float *gradient, const int32_t *won, int64_t lanes, int beside, int64_t wide,
    Lanes *sums, Lanes *bias)
{
    const int64_t down = conv->stride[0] * taps->row, across = conv->stride[1] * conv->channels;
    const int64_t channels = pool->channels;
    const size_t size = (size_t)lanes * sizeof(float);
    Lanes own[SOME], all = *bias, given = {0};
    Marks at = {0};
    int64_t begins[SOME];
    for (int tap = 0; tap < SOME; ++tap) {
        own[tap] = sums[tap];
        begins[tap] = offsets[tap];
    }
    for (int64_t line = 0; line < pool->out[0] * pool->kernel[0]; ++line) {
        const int64_t row = line / pool->kernel[0], y = line % pool->kernel[0];
        for (int64_t column = 0; column < pool->out[1]; ++column) {
            const int64_t window = (row * pool->out[1] + column) * channels;
            memcpy(&given, gradient + window, size);
            memcpy(&at, won + window, size);
            for (int64_t x = 0; x < wide; ++x) {
                const Marks here = at == ((Marks){0} + (int32_t)(y * wide + x));
                const Lanes value = (Lanes)(here & (Marks)given);
                const float *from = in + (row * pool->stride[0] + y) * down +
                                    (column * pool->stride[1] + x) * across;
                for (int tap = 0; tap < SOME; ++tap) {
                    const __m256 taken = _mm256_set1_ps(from[begins[tap / beside * beside] + tap % beside]);
                    own[tap] = (Lanes)_mm256_fmadd_ps(taken, (__m256)value, (__m256)own[tap]);
                }
                all += value;
            }
        }
    }
    for (int tap = 0; tap < SOME; ++tap)
        sums[tap] = own[tap];
    *bias = all;
}

#define GRADIENTS(name, lanes, beside, wide)                                                                \
    FUSED static void name(const Pool *pool, const Conv *conv, const Taps *taps, const int64_t *offsets,    \
        const float *in, const float *gradient, const int32_t *won, int64_t left, Lanes *sums, Lanes *bias) \
    {                                                                                                       \
        gradients_of(pool, conv, taps, offsets, in, gradient, won, lanes, beside, wide, sums, bias);        \
    }

GRADIENTS(gradients_of_threes, LANES, 3, 2)
GRADIENTS(gradients_of_pairs, LANES, 1, 2)
GRADIENTS(gradients_of_any, left < LANES ? left : LANES, 1, pool->kernel[1])

/* The gradients of weights and bias, from that of what came out and the places of the largest. `room` is zero:
   for each LANES of the filters, taps rounded up to whole SOME and one more for the bias, each of LANES; and
   for a picture with its padding. */
void conv_pool_backward(const Pool *pool, const Conv *conv, const float *in, const float *gradient,
    const int32_t *won, float *room, float *weight, float *bias)
{
    Taps taps = taps_of(pool, conv);
    const int64_t whole = (taps.known + SOME - 1) / SOME * SOME, channels = pool->channels;
    const int64_t parts = (channels + LANES - 1) / LANES;
    const int in_threes =
        taps.known == whole && conv->dilation[1] == 1 && conv->kernel[1] * conv->channels % 3 == 0;
    const int64_t from = conv->in[0] * conv->in[1] * conv->channels;
    const int64_t to = pool->out[0] * pool->out[1] * channels;
    float *const own = room + parts * (whole + 1) * LANES;
    for (int64_t one = 0; one < pool->count; ++one) {
        const float *picture = padded(conv, &taps, in + one * from, own);
        for (int64_t part = 0; part < parts; ++part)
            for (int64_t tap = 0; tap < whole; tap += SOME) {
                const int64_t begin = one * to + part * LANES, left = channels - part * LANES;
                Lanes sums[SOME], all;
                float *const kept = room + (part * (whole + 1) + tap) * LANES;
                float *const last = room + (part * (whole + 1) + whole) * LANES;
                memcpy(sums, kept, sizeof sums);
                memcpy(&all, last, sizeof all);
                (left < LANES || pool->kernel[1] != 2 ? gradients_of_any
                    : in_threes                       ? gradients_of_threes
                                                      : gradients_of_pairs)(pool, conv, &taps,
                    taps.offsets + tap, picture, gradient + begin, won + begin, left, sums, &all);
                memcpy(kept, sums, sizeof sums);
                if (!tap)
                    memcpy(last, &all, sizeof all);
            }
    }
    for (int64_t filter = 0; filter < channels; ++filter) {
        const float *const sums = room + filter / LANES * (whole + 1) * LANES + filter % LANES;
        for (int64_t tap = 0; tap < taps.known; ++tap)
            weight[filter * taps.known + tap] = sums[tap * LANES];
        if (bias)
            bias[filter] = sums[whole * LANES];
    }
}
#else
int conv_suits(void)
{
    return 0;
}
#endif
