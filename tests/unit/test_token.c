/*
 * What JSON Web Tokens say of themselves. The payloads are in base64url; what they say stands
 * beside them.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "agent/core/mem.h"
#include "probes/token.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* A token with this payload. The caller frees it. */
static char *make(const char *payload)
{
    size_t length = strlen(payload);
    char *text = mem_new(length * 2 + 64, 1);
    char *end = stpcpy(text, "eyJhbGciOiJSUzI1NiJ9.");
    unsigned int bits = 0;
    unsigned int held = 0;

    for (size_t i = 0; i < length; i++) {
        bits = bits << 8 | (unsigned char)payload[i];
        held += 8;
        for (; held >= 6; held -= 6)
            *end++ = alphabet[bits >> (held - 6) & 63U];
    }
    if (held > 0)
        *end++ = alphabet[bits << (6 - held) & 63U];
    (void)stpcpy(end, ".c2ln");
    return text;
}

Test(token, the_expiry_is_read)
{
    static const struct {
        const char *payload;
        int64_t expiry;
    } cases[] = {
        {"{\"exp\":1764082800}", 1764082800},
        {"{\"aud\":[\"a\",\"b\"],\"exp\":1764082800,\"iat\":1,\"kubernetes.io\":{\"exp\":1}}",
         1764082800},
        {" { \"exp\" : 5 } ", 5},
        {"{\"exp\":5.75}", 5},
        {"{\"sub\":\"\\\"exp\\\":7\",\"exp\":9}", 9},
        {"{\"sub\":\"exp\",\"n\":{\"exp\":3}}", -1},
        {"{}", -1},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CLEANUP(mem_free_text) char *text = make(cases[i].payload);
        CLEANUP(mem_free_text) char *with_newline = mem_format("%s\n", text);
        struct error err = {0};
        struct token token;
        cr_expect(token_read(text, strlen(text), &token, &err), "%s: %s", cases[i].payload,
                  err.text);
        cr_expect_eq(token.expiry, cases[i].expiry, "%s: %ld", cases[i].payload,
                     (long)token.expiry);
        token_free(&token);
        cr_expect(token_read(with_newline, strlen(with_newline), &token, &err));
        token_free(&token);
    }
}

Test(token, a_real_token_s_payload_is_read)
{
    /* {"exp":1735689600,"iss":"https://kubernetes.default.svc"} by another encoder */
    static const char text[] =
        "eyJhbGciOiJub25lIn0.eyJleHAiOjE3MzU2ODk2MDAsImlzcyI6Imh0dHBzOi8va3ViZXJuZXRlcy5kZWZhdWx0"
        "LnN2YyJ9.";
    struct token token;

    cr_expect(token_read(text, strlen(text), &token, NULL));
    cr_expect_eq(token.expiry, 1735689600);
    token_free(&token);
}

Test(token, malformed_payloads_are_refused)
{
    static const char *const payloads[] = {
        "x",
        "[]",
        "{\"exp\":}",
        "{\"exp\":-1}",
        "{\"exp\":\"1\"}",
        "{\"exp\":1",
        "{\"exp",
        "{\"exp\":1,\"exp\":2}",
        "{\"a\":\"\\",
        "{} {}",
        "{\"exp\":99999999999999999999}",
    };

    for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
        CLEANUP(mem_free_text) char *text = make(payloads[i]);
        struct error err = {0};
        struct token token;
        cr_expect_not(token_read(text, strlen(text), &token, &err), "%s", payloads[i]);
        cr_expect_str_eq(err.text, "its payload cannot be read");
        token_free(&token);
    }
}

Test(token, what_is_no_token_is_refused)
{
    static const char *const texts[] = {"",    ".",    "..",      "a",    "a.",
                                        "a.b", "a..c", "a.b c.d", "a.=.c"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct token token;
        struct error err = {0};
        cr_expect_not(token_read(texts[i], strlen(texts[i]), &token, &err), "%s", texts[i]);
        cr_expect_neq(err.text[0], '\0');
        token_free(&token);
    }
}

#define ACCOUNT "\"sub\":\"system:serviceaccount:shop:api\""

Test(token, whose_token_it_is_and_for_whom_is_told)
{
    static const struct {
        const char *payload;
        bool is_account, is_for_server;
    } cases[] = {
        /* A Secret of the kind before Kubernetes 1.24. */
        {"{\"iss\":\"kubernetes/serviceaccount\"," ACCOUNT "}", true, true},
        {"{\"aud\":[\"https://kubernetes.default.svc.cluster.local\",\"k3s\"]," ACCOUNT "}", true,
         true},
        /* EKS: the issuer is another one. */
        {"{\"aud\":[\"https://kubernetes.default.svc\"],\"iss\":\"https://oidc.eks\"," ACCOUNT "}",
         true, true},
        /* GKE: the issuer itself. */
        {"{" ACCOUNT ",\"iss\":\"https://gke/x\",\"aud\":[\"https://gke/x\"]}", true, true},
        {"{\"aud\":\"https://gke/x\",\"iss\":\"https://gke/x\"," ACCOUNT "}", true, true},
        /* Workload identity, and a token for a service of one's own. */
        {"{\"aud\":[\"sts.amazonaws.com\"],\"iss\":\"https://oidc.eks\"," ACCOUNT "}", true, false},
        {"{\"aud\":[\"api://AzureADTokenExchange\"]," ACCOUNT "}", true, false},
        {"{\"aud\":\"vault\",\"iss\":\"https://kubernetes.default.svc\"," ACCOUNT "}", true, false},
        {"{\"aud\":[],\"iss\":\"x\"," ACCOUNT "}", true, true},
        {"{\"aud\":[ \"a\" , \"https://kubernetes.default\" ]," ACCOUNT "}", true, true},
        /* What cannot be read may be the API server's. */
        {"{\"aud\":[\"a\\/b\"]," ACCOUNT "}", true, true},
        {"{\"aud\":1," ACCOUNT "}", true, true},
        {"{\"aud\":[\"a\",1]," ACCOUNT "}", true, true},
        {"{\"n\":{" ACCOUNT "},\"aud\":[\"a\"]}", false, false},
        {"{\"sub\":\"user\",\"aud\":[\"a\"]}", false, false},
        {"{\"sub\":[\"system:serviceaccount:a:b\"],\"aud\":\"a\"}", false, false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CLEANUP(mem_free_text) char *text = make(cases[i].payload);
        struct token token;
        cr_expect(token_read(text, strlen(text), &token, NULL), "%s", cases[i].payload);
        cr_expect_eq(token.is_service_account, cases[i].is_account, "%s", cases[i].payload);
        cr_expect_eq(token.is_for_api_server, cases[i].is_for_server, "%s", cases[i].payload);
        token_free(&token);
    }
}
