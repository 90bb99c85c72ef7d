/* Plain decimal numbers of a CSV file, read into rows of single and of double precision.

   A number such as -12.5 is a whole one, 125, over a power of ten. Both are exact in double precision up to
   2^53 and 10^22, so that the quotient is the double nearest to what is written (Clinger 1990). Whole numbers
   of up to 19 digits are divided as the sum of two doubles; where that leaves open which double is nearest,
   and for whatever else is written, the caller is asked.

   Where the cells end is found for many of them before any is read, and eight characters are read as one
   word, so that the processor can read several cells at once. */

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { SHORT = 128, MOST_DIGITS = 19, MOST_TENS = 22, MOST_EXPONENT = 999, AHEAD = 256 };

#define EACH 0x0101010101010101u
#define HIGH 0x8080808080808080u

static const double TENS[MOST_TENS + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                           1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                           1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
static const uint64_t WHOLE_TENS[9] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

/* Which of the next STEP characters are one of two, as bits. */
#ifdef __SSE2__
#include <emmintrin.h>
enum { STEP = 16, BITS = 1 };
static inline uint64_t find_both(const char *at, char one, char other)
{
    const __m128i word = _mm_loadu_si128((const __m128i *)at);
    const __m128i ones = _mm_cmpeq_epi8(word, _mm_set1_epi8(one));
    const __m128i others = _mm_cmpeq_epi8(word, _mm_set1_epi8(other));
    return (uint64_t)_mm_movemask_epi8(_mm_or_si128(ones, others));
}
#else
enum { STEP = 8, BITS = 8 };
static inline uint64_t find_both(const char *at, char one, char other)
{
    uint64_t word, ones, others;
    memcpy(&word, at, 8);
    ones = word ^ (EACH * (unsigned char)one);
    others = word ^ (EACH * (unsigned char)other);
    return ~((((ones & ~HIGH) + ~HIGH) | ones) & (((others & ~HIGH) + ~HIGH) | others)) & HIGH;
}
#endif

/* Where cells end, from `at` on; the last characters that are looked at may be beyond the end of the text. */
static inline int find_ends(const char *text, int64_t at, int64_t end, char delimiter, int64_t *ends)
{
    int count = 0;
    for (; at < end && count + STEP <= AHEAD; at += STEP)
        for (uint64_t found = find_both(text + at, delimiter, '\n'); found; found &= found - 1)
            ends[count++] = at + __builtin_ctzll(found) / BITS;
    while (count && ends[count - 1] >= end)
        count--;
    return count;
}

/* The number that up to eight characters are, without their point, and how many of them come behind that;
   0 where there is something else than digits and one point. */
static inline int read_word(const char *at, int64_t size, uint64_t *whole, int *points, int *behind)
{
    uint64_t word, point, digits, wrong;
    memcpy(&word, at, 8);
    word = (word ^ (EACH * '0')) << (64 - 8 * size); /* zeros come first then */
    point = (word & (EACH * 0x10)) >> 4;
    digits = (((point - 1) & word) << (point ? 8 : 0)) | (word & (0 - (point << 8)));
    wrong = (((digits + EACH * 0x76) | digits) & HIGH) | ((word & (point * 0xFF)) ^ (point * ('.' ^ '0')));
    *points = point != 0;
    *behind = point ? __builtin_clzll(point) >> 3 : 0;
    digits = digits * 10 + (digits >> 8);
    *whole = ((digits & 0x000000FF000000FFu) * 0x000F424000000064u +
              ((digits >> 16) & 0x000000FF000000FFu) * 0x0000271000000001u) >> 32;
    return !wrong;
}

/* The whole number and the power of ten that some characters are; 0 where they are to be looked at closer. */
static inline int read_words(const char *at, int64_t size, uint64_t *whole, int *power)
{
    int points, behind;
    int64_t rest = size;
    int right = read_word(at, rest < 8 ? rest : 8, whole, &points, &behind);
    *power = -behind;
    if (rest <= 8) /* most numbers */
        return right && size > points;
    while (rest > 8 && right) {
        int more_points, more_behind;
        uint64_t more;
        const int64_t next = (rest -= 8) < 8 ? rest : 8;
        right = read_word(at += 8, next, &more, &more_points, &more_behind);
        behind = points ? behind + (int)next : more_behind;
        points += more_points;
        *whole = *whole * WHOLE_TENS[next - more_points] + more;
    }
    *power = -behind;
    return right && points < 2 && size > points && size - points <= MOST_DIGITS;
}

static inline int is_digit(char one) { return (unsigned char)(one - '0') < 10; }

/* The same one character after the other, for any size, with an exponent or without. */
static int read_long(const char *at, int64_t size, uint64_t *whole, int *power)
{
    const char *end = at + size;
    int digits = 0, significant = 0, points = 0, behind = 0, exponent = 0;
    *whole = 0;
    for (; at < end && (is_digit(*at) || (*at == '.' && !points)); at++) {
        if (*at == '.') {
            points = 1;
            continue;
        }
        digits = 1;
        significant += significant || *at != '0';
        behind += points;
        *whole = *whole * 10 + (uint64_t)(*at - '0');
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        const int negative = ++at < end && *at == '-';
        at += negative || (at < end && *at == '+');
        if (at == end)
            return 0;
        for (; at < end && is_digit(*at); at++)
            exponent = exponent < MOST_EXPONENT ? exponent * 10 + (*at - '0') : exponent;
        exponent = negative ? -exponent : exponent;
    }
    *power = exponent - behind;
    return at == end && digits && significant <= MOST_DIGITS;
}

/* whole / TENS[behind] of more than 53 bits; 0 where it is not certain which double is nearest. */
static int divide(uint64_t whole, int behind, double *value)
{
    const double low = (double)(whole & 0x7FF), high = (double)(whole - (whole & 0x7FF)), tens = TENS[behind];
    const double first = high / tens;
    const double rest = (fma(-first, tens, high) + low) / tens;
    const double sum = first + rest, error = fabs(rest - (sum - first));
    uint64_t bits, unit_bits;
    double unit;
    memcpy(&bits, &sum, 8);
    unit_bits = (bits & 0x7FF0000000000000u) - ((uint64_t)52 << 52);
    memcpy(&unit, &unit_bits, 8);
    *value = sum;
    return (bits & 0x000FFFFFFFFFFFFFu) && error < 0.499999 * unit;
}

/* The double nearest to what is written; 0 where the caller is to be asked. */
static inline int read_cell(const char *at, int64_t size, double *value)
{
    const int negative = *at == '-';
    uint64_t whole;
    int power;
    at += negative;
    size -= negative;
    if (size == 0)
        return 0;
    if (!(size <= MOST_DIGITS + 1 && read_words(at, size, &whole, &power)) && !read_long(at, size, &whole, &power))
        return 0;
    if (power < -MOST_TENS || power > MOST_TENS)
        return 0;
    if (whole >> 53) {
        if (power > 0 || !divide(whole, -power, value))
            return 0;
    } else
        *value = power > 0 ? (double)whole * TENS[power] : (double)whole / TENS[-power];
    if (negative)
        *value = -*value;
    return 1;
}

/* Reads the cells of whole lines, text[at:end], of which each has `width`; 16 characters must follow.

   The numbers of column c go to row[places[c]] of `singles` (rows of `narrow`) where places[c] >= 0, else to
   row[-1 - places[c]] of `doubles` (rows of `wide`); NaN where a cell is empty. `*cell` is how many cells come
   before text[at]. Lines may end with \r\n. Returns where it ends; or, and `*cell` with it, where a cell begins that is to be asked for. */
int64_t read_cells(const char *text, int64_t at, int64_t end, char delimiter, int64_t width, const int32_t *places,
                   float *singles, int64_t narrow, double *doubles, int64_t wide, int64_t *cell)
{
    int64_t row = *cell / width, column = *cell % width, ends[AHEAD];
    int asked = 0;
    while (at < end && !asked) {
        const int count = find_ends(text, at, end, delimiter, ends);
        asked = count == 0;
        for (int next = 0; next < count && !asked; next++) {
            const int last = column + 1 == width;
            const int64_t size = ends[next] - at - (last && ends[next] > at && text[ends[next] - 1] == '\r');
            double value = NAN;
            asked = text[ends[next]] != (last ? '\n' : delimiter) ||
                    (size > 0 && !read_cell(text + at, size, &value));
            if (asked)
                break;
            if (places[column] >= 0)
                singles[row * narrow + places[column]] = (float)value;
            else
                doubles[row * wide - 1 - places[column]] = value;
            at = ends[next] + 1;
            if (++column == width)
                column = 0, row++;
        }
    }
    *cell = row * width + column;
    return at;
}

int64_t count_lines(const char *text, int64_t size)
{
    int64_t count = 0;
    for (int64_t begin = 0; begin < size; begin += SHORT) {
        const int64_t end = begin + SHORT < size ? begin + SHORT : size;
        unsigned char some = 0;
        for (int64_t at = begin; at < end; at++)
            some += text[at] == '\n';
        count += some;
    }
    return count;
}
