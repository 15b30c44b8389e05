/*
 * A strict JSON scanner. See json_scan.h.
 */
#include "agent/json_scan.h"

#include <string.h>

enum { NUMBER_MAX = 63 };

struct scan {
    const char *text;
    size_t length;
    size_t at;
    size_t values; /* how many have begun */
    size_t wanted;
    struct json_place *place;
    const char *problem;
};

static bool scan_fail(struct scan *scan, const char *problem)
{
    scan->problem = problem;
    return false;
}

/* The byte at the current position; -1 at the end. */
static int scan_peek(const struct scan *scan)
{
    return scan->at < scan->length ? (unsigned char)scan->text[scan->at] : -1;
}

static bool scan_take(struct scan *scan, int byte)
{
    if (scan_peek(scan) != byte)
        return false;
    scan->at++;
    return true;
}

static void scan_space(struct scan *scan)
{
    while (scan_peek(scan) == ' ' || scan_peek(scan) == '\n' || scan_peek(scan) == '\t' ||
           scan_peek(scan) == '\r')
        scan->at++;
}

static bool is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

static bool scan_digits(struct scan *scan)
{
    if (!is_digit(scan_peek(scan)))
        return scan_fail(scan, "a digit is missing in this number");
    while (is_digit(scan_peek(scan)))
        scan->at++;
    return true;
}

static bool scan_number_form(struct scan *scan)
{
    (void)scan_take(scan, '-');
    if (scan_take(scan, '0')) {
        if (is_digit(scan_peek(scan)))
            return scan_fail(scan, "a number may not begin with 0");
    } else if (!scan_digits(scan)) {
        return false;
    }
    if (scan_take(scan, '.') && !scan_digits(scan))
        return false;
    if (scan_take(scan, 'e') || scan_take(scan, 'E')) {
        if (!scan_take(scan, '+'))
            (void)scan_take(scan, '-');
        return scan_digits(scan);
    }
    return true;
}

/* cJSON looks at 63 characters of a number. */
static bool scan_number(struct scan *scan)
{
    size_t start = scan->at;

    if (!scan_number_form(scan))
        return false;
    return scan->at - start <= NUMBER_MAX || scan_fail(scan, "this number is too long");
}

/* Four hexadecimal digits; their value, or -1. */
static int scan_hex(struct scan *scan)
{
    static const char digits[] = "0123456789abcdef";
    int value = 0;

    for (int i = 0; i < 4; i++) {
        int byte = scan_peek(scan);
        if (byte >= 'A' && byte <= 'F')
            byte += 'a' - 'A';
        const char *digit = byte > 0 ? strchr(digits, byte) : NULL;
        if (digit == NULL)
            return -1;
        value = value * 16 + (int)(digit - digits);
        scan->at++;
    }
    return value;
}

static bool scan_escape(struct scan *scan)
{
    int byte = scan_peek(scan);

    if (byte <= 0 || strchr("\"\\/bfnrtu", byte) == NULL)
        return scan_fail(scan, "unknown escape in a string");
    scan->at++;
    if (byte != 'u')
        return true;
    int unit = scan_hex(scan);
    if (unit < 0)
        return scan_fail(scan, "\\u needs four hexadecimal digits");
    if (unit == 0)
        return scan_fail(scan, "a string may not hold \\u0000");
    if (unit >= 0xDC00 && unit <= 0xDFFF)
        return scan_fail(scan, "\\u escape is half of a surrogate pair");
    if (unit < 0xD800 || unit > 0xDBFF)
        return true;
    if (!scan_take(scan, '\\') || !scan_take(scan, 'u'))
        return scan_fail(scan, "\\u escape is half of a surrogate pair");
    unit = scan_hex(scan);
    return (unit >= 0xDC00 && unit <= 0xDFFF) ||
           scan_fail(scan, "\\u escape is half of a surrogate pair");
}

/* One character of several bytes (RFC 3629: no overlong form, no surrogate, at most U+10FFFF). */
static bool scan_utf8(struct scan *scan)
{
    int first = scan_peek(scan);
    size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    long code = first & (0x3F >> more);
    static const long smallest[] = {0, 0x80, 0x800, 0x10000};

    if (first < 0xC2 || first > 0xF4)
        return scan_fail(scan, "this is not UTF-8");
    scan->at++;
    for (size_t i = 0; i < more; i++) {
        int next = scan_peek(scan);
        if (next < 0x80 || next > 0xBF)
            return scan_fail(scan, "this is not UTF-8");
        code = code << 6 | (next & 0x3F);
        scan->at++;
    }
    if (code < smallest[more] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return scan_fail(scan, "this is not UTF-8");
    return true;
}

static bool scan_string(struct scan *scan)
{
    if (!scan_take(scan, '"'))
        return scan_fail(scan, "a string is expected here");
    while (!scan_take(scan, '"')) {
        int byte = scan_peek(scan);
        if (byte == ' ' || (byte > '"' && byte < '\\') || (byte > '\\' && byte < 0x80)) {
            scan->at++; /* most of any document */
            continue;
        }
        if (byte < 0)
            return scan_fail(scan, "this string has no end");
        if (byte < 0x20)
            return scan_fail(scan, "a control character in a string must be escaped");
        if (byte >= 0x80) {
            if (!scan_utf8(scan))
                return false;
            continue;
        }
        scan->at++;
        if (byte == '\\' && !scan_escape(scan))
            return false;
    }
    return true;
}

static bool scan_value(struct scan *scan, size_t key, int depth);

static bool scan_word(struct scan *scan, const char *word)
{
    size_t length = strlen(word);

    if (scan->length - scan->at < length || memcmp(scan->text + scan->at, word, length) != 0)
        return scan_fail(scan, "a value is expected here");
    scan->at += length;
    return true;
}

static bool scan_member(struct scan *scan, int depth)
{
    size_t key = scan->at;

    if (scan_peek(scan) != '"')
        return scan_fail(scan, "a key in double quotes is expected here");
    if (!scan_string(scan))
        return false;
    scan_space(scan);
    if (!scan_take(scan, ':'))
        return scan_fail(scan, "\":\" is expected here");
    scan_space(scan);
    return scan_value(scan, key, depth);
}

/* The members of an object, or the elements of an array, up to and with the closing bracket. */
static bool scan_list(struct scan *scan, int close, int depth)
{
    scan->at++;
    scan_space(scan);
    if (scan_take(scan, close))
        return true;
    for (;;) {
        if (close == '}' ? !scan_member(scan, depth) : !scan_value(scan, scan->at, depth))
            return false;
        scan_space(scan);
        if (scan_take(scan, close))
            return true;
        if (!scan_take(scan, ','))
            return scan_fail(scan, close == '}' ? "\",\" or \"}\" is expected here"
                                                : "\",\" or \"]\" is expected here");
        scan_space(scan);
    }
}

static bool scan_value(struct scan *scan, size_t key, int depth)
{
    int byte = scan_peek(scan);

    if (depth > JSON_DEPTH_MAX)
        return scan_fail(scan, "this is nested too deeply");
    if (scan->values++ == scan->wanted)
        *scan->place = (struct json_place){.value = scan->at, .key = key};
    if (byte == '{')
        return scan_list(scan, '}', depth + 1);
    if (byte == '[')
        return scan_list(scan, ']', depth + 1);
    if (byte == '"')
        return scan_string(scan);
    if (byte == '-' || is_digit(byte))
        return scan_number(scan);
    return scan_word(scan, byte == 't' ? "true" : byte == 'f' ? "false" : "null");
}

bool json_scan(const char *text, size_t length, size_t index, struct json_place *place,
               const char **problem, size_t *at)
{
    struct scan scan = {.text = text, .length = length, .wanted = index, .place = place};

    scan_space(&scan);
    bool ok = scan_value(&scan, scan.at, 0);
    if (ok) {
        scan_space(&scan);
        if (scan.at < length)
            ok = scan_fail(&scan, "nothing may follow the document");
    }
    *problem = scan.problem;
    *at = scan.at;
    return ok;
}
