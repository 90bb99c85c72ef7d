/* Max-pooling of pictures in single precision that lie with channels last, and its gradient.

   The same numbers as PyTorch's, to the last bit: of equal values in a window the first one wins, what is not
   a number wins over all, and gradients that meet are added in the order of the windows. It is quicker since
   eight channels are compared at a time, and since windows that lie apart have each gradient written where it
   belongs, instead of all cleared first. A ReLU behind it is done in the same go. Pictures are split among
   threads where OpenMP is. */

#include "pooling.h"

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define QUICK __attribute__((target_clones("avx2", "default")))
#else
#define QUICK
#endif

/* The places of a window that lie inside of the picture, and how far each is from where the window begins. */
typedef struct {
    int64_t known, offsets[MOST];
    int32_t places[MOST];
} Window;

/* The window of a row and a column of what comes out. A whole one is as `full` says, from where it begins;
   of one that reaches beyond the picture, what is inside is looked up. Gives where it begins. */
INLINE int64_t look(const Pool *pool, int64_t row, int64_t column, const Window *full, Window *window)
{
    const int64_t top = row * pool->stride[0] - pool->padding[0];
    const int64_t left = column * pool->stride[1] - pool->padding[1];
    const int64_t begin = (top * pool->in[1] + left) * pool->channels;
    if (top >= 0 && left >= 0 && top + (pool->kernel[0] - 1) * pool->dilation[0] < pool->in[0] &&
        left + (pool->kernel[1] - 1) * pool->dilation[1] < pool->in[1]) {
        if (window->known != full->known)
            *window = *full;
        return begin;
    }
    int64_t known = 0;
    for (int64_t one = 0; one < full->known; ++one) {
        const int64_t y = top + one / pool->kernel[1] * pool->dilation[0];
        const int64_t x = left + one % pool->kernel[1] * pool->dilation[1];
        if (y >= 0 && y < pool->in[0] && x >= 0 && x < pool->in[1]) {
            window->offsets[known] = full->offsets[one];
            window->places[known++] = (int32_t)one;
        }
    }
    window->known = known;
    return begin;
}

/* A window all of which is inside. */
static Window whole_window(const Pool *pool)
{
    Window full = {pool->kernel[0] * pool->kernel[1], {0}, {0}};
    for (int64_t one = 0; one < full.known; ++one) {
        const int64_t y = one / pool->kernel[1] * pool->dilation[0];
        const int64_t x = one % pool->kernel[1] * pool->dilation[1];
        full.offsets[one] = (y * pool->in[1] + x) * pool->channels;
        full.places[one] = (int32_t)one;
    }
    return full;
}

/* The largest of some channels in a window, and its place there: -1 where it is cut off. */
INLINE void largest(
    const float *in, const Window *window, int64_t cut, int64_t lanes, float *out, int32_t *won)
{
    const size_t size = (size_t)lanes * sizeof(float);
    Lanes best = {0}, value = {0};
    memcpy(&best, in + window->offsets[0], size);
    Marks at = (Marks){0} + window->places[0];
    for (int64_t one = 1; one < window->known; ++one) {
        memcpy(&value, in + window->offsets[one], size);
        take(value, window->places[one], &best, &at);
    }
    if (cut)
        cut_off(&best, &at);
    memcpy(out, &best, size);
    memcpy(won, &at, size);
}

/* The gradient of some channels of a window, to each place of it. */
INLINE void spread(
    const float *gradient, const int32_t *won, const Window *window, int64_t lanes, int apart, float *in)
{
    const size_t size = (size_t)lanes * sizeof(float);
    Lanes given = {0}, there = {0};
    Marks at = {0};
    memcpy(&given, gradient, size);
    memcpy(&at, won, size);
    for (int64_t one = 0; one < window->known; ++one) {
        const Marks here = at == ((Marks){0} + window->places[one]);
        if (!apart)
            memcpy(&there, in + window->offsets[one], size);
        const Lanes sum = there + (Lanes)(here & (Marks)given);
        memcpy(in + window->offsets[one], &sum, size);
    }
}

QUICK static void picture_forward(const Pool *pool, const float *in, float *out, int32_t *won)
{
    const int64_t channels = pool->channels, whole = channels - channels % LANES;
    const Window full = whole_window(pool);
    Window window = full;
    for (int64_t row = 0; row < pool->out[0]; ++row)
        for (int64_t column = 0; column < pool->out[1]; ++column, out += channels, won += channels) {
            const float *from = in + look(pool, row, column, &full, &window);
            for (int64_t c = 0; c < whole; c += LANES)
                largest(from + c, &window, pool->cut, LANES, out + c, won + c);
            if (whole < channels)
                largest(from + whole, &window, pool->cut, channels - whole, out + whole, won + whole);
        }
}

QUICK static void picture_backward(
    const Pool *pool, int apart, const float *gradient, const int32_t *won, float *in)
{
    const int64_t channels = pool->channels, whole = channels - channels % LANES;
    const Window full = whole_window(pool);
    Window window = full;
    for (int64_t row = 0; row < pool->out[0]; ++row)
        for (int64_t column = 0; column < pool->out[1]; ++column, gradient += channels, won += channels) {
            float *to = in + look(pool, row, column, &full, &window);
            for (int64_t c = 0; c < whole; c += LANES)
                spread(gradient + c, won + c, &window, LANES, apart, to + c);
            if (whole < channels)
                spread(gradient + whole, won + whole, &window, channels - whole, apart, to + whole);
        }
}

/* The largest value of each window, and its place there. */
void pool_forward(const Pool *pool, const float *in, float *out, int32_t *won)
{
    const int64_t from = pool->in[0] * pool->in[1] * pool->channels;
    const int64_t to = pool->out[0] * pool->out[1] * pool->channels;
#pragma omp parallel for num_threads(pool->threads) if (pool->count * from > SMALL)
    for (int64_t one = 0; one < pool->count; ++one)
        picture_forward(pool, in + one * from, out + one * to, won + one * to);
}

/* The gradient of what went in, from that of what came out and the places of the largest. */
void pool_backward(const Pool *pool, const float *gradient, const int32_t *won, float *in)
{
    const int64_t from = pool->in[0] * pool->in[1] * pool->channels;
    const int64_t to = pool->out[0] * pool->out[1] * pool->channels;
    int apart = 1, covered = 1;
    for (int side = 0; side < 2; ++side) {
        apart &= pool->stride[side] > (pool->kernel[side] - 1) * pool->dilation[side];
        covered &= pool->stride[side] == pool->kernel[side] && pool->padding[side] == 0 &&
                   pool->dilation[side] == 1 && pool->out[side] * pool->stride[side] == pool->in[side];
    }
#pragma omp parallel for num_threads(pool->threads) if (pool->count * from > SMALL)
    for (int64_t one = 0; one < pool->count; ++one) {
        if (!covered)
            memset(in + one * from, 0, (size_t)from * sizeof(float));
        picture_backward(pool, apart, gradient + one * to, won + one * to, in + one * from);
    }
}
