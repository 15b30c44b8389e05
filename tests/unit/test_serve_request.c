/*
 * The head of a request.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/mem.h"
#include "agent/serve_accept.h"
#include "agent/serve_request.h"

#define HOST "Host: a\r\n"
#define BYTES(text) text, sizeof(text) - 1

static struct request read_whole(const char *text)
{
    struct request request;

    cr_assert_eq(request_parse(text, strlen(text), &request), REQUEST_WHOLE, "%s: %d", text,
                 request.status);
    cr_expect_eq(request.length, strlen(text), "%s", text);
    return request;
}

Test(serve_request, is_read)
{
    struct request request = read_whole(
        "GET /report?a=b&format=t%61p&c HTTP/1.1\r\nHOST: x\r\naccept:  text/*;q=1 \r\n\r\n");

    cr_expect_str_eq(request.path, "/report");
    cr_expect_str_eq(request.format, "tap");
    cr_expect_str_eq(request.accept, "text/*;q=1");
    cr_expect(request.keeps_alive);
    cr_expect_not(request.is_head);
}

Test(serve_request, is_partial_until_its_last_byte)
{
    static const char text[] = "HEAD /livez HTTP/1.1\r\n" HOST "\r\n";
    struct request request;

    for (size_t length = 0; length < sizeof text - 1; length++)
        cr_expect_eq(request_parse(text, length, &request), REQUEST_PARTIAL, "%zu", length);
    cr_expect(read_whole(text).is_head);
}

Test(serve_request, ends_where_the_next_one_begins)
{
    static const char first[] = "GET / HTTP/1.1\n" HOST "\n";
    CLEANUP(mem_free_text) char *both = mem_format("%sGET /livez", first);
    struct request request;

    cr_expect_eq(request_parse(both, strlen(both), &request), REQUEST_WHOLE);
    cr_expect_eq(request.length, strlen(first));
}

Test(serve_request, may_have_a_path_in_other_spellings)
{
    static const char *const targets[] = {
        "/readyz",  "/%72eadyz",     "http://host/readyz",   "HTTP://host:80/readyz?x",
        "/readyz?", "/readyz?%zz=1", "https://[::1]/readyz", "/r%65%61dyz?format",
    };

    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        CLEANUP(mem_free_text)
        char *text = mem_format("GET %s HTTP/1.1\r\n" HOST "\r\n", targets[i]);
        cr_expect_str_eq(read_whole(text).path, "/readyz", "%s", targets[i]);
    }
}

Test(serve_request, that_is_longer_than_a_path_of_ours_equals_none)
{
    CLEANUP(mem_free_text) char *tail = mem_new(2 * REQUEST_PATH_MAX, 1);
    memset(tail, 'z', 2 * REQUEST_PATH_MAX - 1);
    CLEANUP(mem_free_text) char *text = mem_format("GET /%s HTTP/1.1\r\n" HOST "\r\n", tail);

    cr_expect_eq(strlen(read_whole(text).path), REQUEST_PATH_MAX - 1);
}

Test(serve_request, says_whether_the_connection_goes_on)
{
    static const struct {
        const char *text;
        bool keeps_alive;
    } rows[] = {
        {"GET / HTTP/1.1\r\n" HOST "\r\n", true},
        {"GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\n" HOST "Connection: x, CLOSE\r\n\r\n", false},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect_eq(read_whole(rows[i].text).keeps_alive, rows[i].keeps_alive, "%s", rows[i].text);
}

Test(serve_request, that_is_malformed_is_refused)
{
    static const struct {
        const char *text;
        size_t length;
        int status;
    } rows[] = {
        {BYTES("\x16\x03\x01\x02"), 400},
        {BYTES("GET / HTTP/1.1\r\nHo\0st: a\r\n"), 400},
        {BYTES("GET /\x7f"), 400},
        {BYTES("GET / HTTP/1.1\rX"), 400},
        {BYTES("GET /\r\n"), 400},
        {BYTES("GET  / HTTP/1.1\r\n"), 400},
        {BYTES("GET / x HTTP/1.1\r\n"), 400},
        {BYTES(" GET / HTTP/1.1\r\n"), 400},
        {BYTES("G@T / HTTP/1.1\r\n"), 400},
        {BYTES("GET * HTTP/1.1\r\n"), 400},
        {BYTES("GET readyz HTTP/1.1\r\n"), 400},
        {BYTES("GET http://host HTTP/1.1\r\n"), 400},
        {BYTES("GET host:443 HTTP/1.1\r\n"), 400},
        {BYTES("GET /%0 HTTP/1.1\r\n"), 400},
        {BYTES("GET /% HTTP/1.1\r\n"), 400},
        {BYTES("GET /%gg HTTP/1.1\r\n"), 400},
        {BYTES("GET /livez%00 HTTP/1.1\r\n"), 400},
        {BYTES("GET /report?format=%00 HTTP/1.1\r\n"), 400},
        {BYTES("GET / http/1.1\r\n"), 400},
        {BYTES("GET / HTTP/1.10\r\n"), 400},
        {BYTES("GET / HTTP/2.0\r\n"), 505},
        {BYTES("PRI * HTTP/2.0\r\n"), 505},
        {BYTES("GET / HTTP/0.9\r\n"), 505},
        {BYTES("POST / HTTP/1.1\r\n"), 405},
        {BYTES("TRACE / HTTP/1.1\r\n"), 405},
        {BYTES("OPTIONS * HTTP/1.1\r\n"), 405},
        {BYTES("CONNECT host:443 HTTP/1.1\r\n"), 405},
        {BYTES("get / HTTP/1.1\r\n"), 405},
        {BYTES("HEADS / HTTP/1.1\r\n"), 405},
        {BYTES("GET / HTTP/1.1\r\n\r\n"), 400},
        {BYTES("GET / HTTP/1.1\r\n" HOST HOST "\r\n"), 400},
        {BYTES("GET / HTTP/1.0\r\n" HOST HOST "\r\n"), 400},
        {BYTES("GET / HTTP/1.1\r\nno colon\r\n"), 400},
        {BYTES("GET / HTTP/1.1\r\n: x\r\n"), 400},
        {BYTES("GET / HTTP/1.1\r\nHost : a\r\n"), 400},
        {BYTES("GET / HTTP/1.1\r\n" HOST " folded: a\r\n"), 400},
        {BYTES("GET / HTTP/1.1\r\n" HOST "\tfolded: a\r\n"), 400},
        {BYTES("GET / HTTP/1.1\r\nContent-Length: 1\r\n"), 413},
        {BYTES("GET / HTTP/1.1\r\nContent-Length: 00000000000000000000000000001\r\n"), 413},
        {BYTES("GET / HTTP/1.1\r\nContent-Length:\r\n"), 400},
        {BYTES("GET / HTTP/1.1\r\nContent-Length: -1\r\n"), 400},
        {BYTES("GET / HTTP/1.1\r\nContent-Length: 0, 5\r\n"), 400},
        {BYTES("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"), 413},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request request;
        cr_expect_eq(request_parse(rows[i].text, rows[i].length, &request), REQUEST_REFUSED, "%s",
                     rows[i].text);
        cr_expect_eq(request.status, rows[i].status, "%s: %d", rows[i].text, request.status);
        cr_expect_not(request.keeps_alive, "%s", rows[i].text);
    }
}

Test(serve_request, may_say_that_it_has_no_body)
{
    (void)read_whole("GET / HTTP/1.1\r\n" HOST "Content-Length: 00\r\n\r\n");
}

static void expect_too_long(const char *beginning, int status)
{
    char *text = mem_new(REQUEST_MAX, 1);
    struct request request;

    memset(text, 'a', REQUEST_MAX);
    memcpy(text, beginning, strlen(beginning));
    cr_expect_eq(request_parse(text, REQUEST_MAX - 1, &request), REQUEST_PARTIAL);
    cr_expect_eq(request_parse(text, REQUEST_MAX, &request), REQUEST_REFUSED);
    cr_expect_eq(request.status, status);
    free(text);
}

Test(serve_request, that_is_too_long_is_refused)
{
    expect_too_long("GET /", 414);
    expect_too_long("GET / HTTP/1.1\r\nCookie: ", 431);
}

Test(serve_accept, weighs_media_types)
{
    static const struct {
        const char *accept, *type;
        int quality;
    } rows[] = {
        {"", "text/html", 1000},
        {"*/*", "text/html", 1000},
        {"text/*", "text/html", 1000},
        {"text/*", "application/json", 0},
        {"text/plain", "text/plain; charset=utf-8", 1000},
        {"TEXT/Plain", "text/plain", 1000},
        {"text/plai", "text/plain", 0},
        {"text/plainer", "text/plain", 0},
        {"text/html;q=0.25, */*;q=0.1", "text/html", 250},
        {"*/*;q=0.1, text/html ; level=1 ; q=0.25", "text/html", 250},
        {"text/*;q=0.9,text/html;q=0", "text/html", 0},
        {"text/html;q=0, text/*", "text/html", 0},
        {"text/html;q=1.000", "text/html", 1000},
        {"text/html;q=2", "text/html", 0},
        {"text/html;q=", "text/html", 0},
        {"text/html;q=0.1239", "text/html", 123},
        {";;q=1,,", "text/html", 0},
        {"*", "text/html", 0},
        {",text/html", "text/html", 1000},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect_eq(accept_quality(rows[i].accept, rows[i].type), rows[i].quality, "%s: %s: %d",
                     rows[i].accept, rows[i].type, accept_quality(rows[i].accept, rows[i].type));
}
