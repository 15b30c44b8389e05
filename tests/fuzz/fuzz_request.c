/*
 * Fuzzes the parser of request heads, and what reads the header Accept.
 */
#include <stdint.h>
#include <string.h>

#include "agent/serve_accept.h"
#include "agent/serve_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t length = size < REQUEST_MAX ? size : REQUEST_MAX;
    struct request request;
    enum request_state state = request_parse((const char *)data, length, &request);
    int quality = accept_quality(request.accept, "text/plain; charset=utf-8");

    if (state == REQUEST_PARTIAL && length == REQUEST_MAX)
        __builtin_trap(); /* it would wait for ever */
    if (state == REQUEST_WHOLE && (request.length == 0 || request.length > length))
        __builtin_trap();
    if ((state == REQUEST_REFUSED) != (request.status != 0))
        __builtin_trap();
    if (quality < 0 || quality > ACCEPT_QUALITY_MAX)
        __builtin_trap();
    return 0;
}
