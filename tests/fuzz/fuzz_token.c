/*
 * Fuzzes the reader of JSON Web Tokens, with the input as the token and as its payload.
 */
#include <stdint.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_token(const char *text, size_t length)
{
    struct error err = {0};
    struct token token;
    bool is_read = token_read(text, length, &token, &err);

    if (is_read ? token.expiry < -1 : err.text[0] == '\0')
        __builtin_trap();
    /* Without an audience every server takes it. */
    if (is_read && token.audiences.count == 0 && !token.is_for_api_server)
        __builtin_trap();
    token_free(&token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    read_token((const char *)data, size);
    /* Every three bytes as four digits: any payload is reached without knowing base64url. */
    char *text = mem_new(size * 2 + 8, 1);
    char *end = stpcpy(text, "a.");
    for (size_t i = 0; i + 2 < size; i += 3) {
        unsigned int bits =
            (unsigned int)data[i] << 16 | (unsigned int)data[i + 1] << 8 | data[i + 2];
        for (int shift = 18; shift >= 0; shift -= 6)
            *end++ = alphabet[bits >> shift & 63U];
    }
    (void)stpcpy(end, ".b");
    read_token(text, strlen(text));
    mem_free_text(&text);
    return 0;
}
