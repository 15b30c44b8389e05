/*
 * Credentials in files: what each format looks like with one, and what looks alike without.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "probes/secret_content.h"

static const char *const fields[] = {"token", "_authToken", "aws_secret_access_key", "auth", NULL};

static void expect(enum secret_format format, const char *text, bool expected)
{
    cr_expect_eq(secret_content_has(format, fields, text, strlen(text)), expected, "\"%s\"", text);
}

Test(secret_content, a_private_key_is_told_by_its_header)
{
    expect(SECRET_PRIVATE_KEY, "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n", true);
    expect(SECRET_PRIVATE_KEY, "-----BEGIN RSA PRIVATE KEY-----\r\nb3Bl\r\n", true);
    expect(SECRET_PRIVATE_KEY, "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n", true);
    expect(SECRET_PRIVATE_KEY, "-----BEGIN PUBLIC KEY-----\nb3Bl\n", false);
    expect(SECRET_PRIVATE_KEY, "ssh-ed25519 AAAA user@host\n", false);
    expect(SECRET_PRIVATE_KEY, "-----BEGIN \nPRIVATE KEY-----\n", false);
    expect(SECRET_PRIVATE_KEY, "PRIVATE KEY----- -----BEGIN ", false);
    expect(SECRET_PRIVATE_KEY, "", false);
}

Test(secret_content, a_field_counts_with_a_value)
{
    static const char *const with[] = {
        "token: abc\n",
        "    token: \"abc\"",
        "{\"token\":\"abc\"}",
        "{\"token\" : \"a\"}",
        "x: 1\ntoken = abc # x\n",
        "//host/:_authToken=abc\n",
        "aws_secret_access_key=x",
        "{\"a\":{\"auth\": \"YTpi\"}}",
        "{auth: 'x'}",
        "token: \"abc",
    };
    static const char *const without[] = {
        "",
        "token:\n",
        "token: \"\"\n",
        "token: ''\n",
        "token: null\n",
        "token: ~\n",
        "{\"token\":null,\"x\":1}",
        "{\"auth\":{}}",
        "{\"auth\": [\"x\"]}",
        "_authToken=${NPM_TOKEN}\n",
        "_authToken=\"${NPM_TOKEN}\"\n",
        "token: <your token>\n",
        "# token: abc\n",
        "  ; token = abc\n",
        "tokenFile: /var/run/token\n",
        "my-token: abc\n",
        "mytoken = abc\n",
        "{\"auths\":{\"host\":{}}}",
        "token abc\n",
        "the token",
        "token",
    };

    for (size_t i = 0; i < sizeof with / sizeof with[0]; i++)
        expect(SECRET_FIELDS, with[i], true);
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
        expect(SECRET_FIELDS, without[i], false);
}

Test(secret_content, a_netrc_has_a_password_behind_the_word)
{
    expect(SECRET_NETRC, "machine h login u password p\n", true);
    expect(SECRET_NETRC, "machine h\n  login u\n  password\n  p\n", true);
    expect(SECRET_NETRC, "machine h login u\n", false);
    expect(SECRET_NETRC, "machine h login u password\n", false);
    expect(SECRET_NETRC, "# machine h login u password p\n", false);
}

Test(secret_content, a_url_counts_with_a_password)
{
    expect(SECRET_URLS, "https://user:secret@host\n", true);
    expect(SECRET_URLS, "https://a@host\nhttps://user:secret@host\n", true);
    expect(SECRET_URLS, "https://user@host\n", false);
    expect(SECRET_URLS, "https://user:@host\n", false);
    expect(SECRET_URLS, "https://host:443/a@b\n", false);
    expect(SECRET_URLS, "user:secret@host\n", false);
    expect(SECRET_URLS, "#https://user:secret@host\n", false);
}

Test(secret_content, a_pgpass_has_a_fifth_field)
{
    expect(SECRET_PGPASS, "h:5432:db:u:p\n", true);
    expect(SECRET_PGPASS, "h\\:x:5432:db:u:p\n", true);
    expect(SECRET_PGPASS, "h:5432:db:u:\n", false);
    expect(SECRET_PGPASS, "h:5432:db:u\n", false);
    expect(SECRET_PGPASS, "h:5432:db\\:u:p\n", false);
    expect(SECRET_PGPASS, "#h:5432:db:u:p\n", false);
    expect(SECRET_PGPASS, "\\", false);
}

Test(secret_content, a_shadow_file_has_a_hash_that_lets_somebody_in)
{
    expect(SECRET_SHADOW, "root:*:1:0:99999:7:::\nu:$6$salt$0123456789abcdef:1:0:9:7:::\n", true);
    expect(SECRET_SHADOW, "u:ab0123456789x:1:0:9:7:::\n", true);
    expect(SECRET_SHADOW, "root:*:1:0:99999:7:::\n", false);
    expect(SECRET_SHADOW, "root::1:0:99999:7:::\n", false);
    expect(SECRET_SHADOW, "root:!$6$salt$0123456789abcdef:1:0:9:7:::\n", false);
    expect(SECRET_SHADOW, "root:x:0:0:root:/root:/bin/sh\n", false);
    expect(SECRET_SHADOW, "root", false);
}

Test(secret_content, a_word_is_any_line)
{
    expect(SECRET_WORD, "hvs.abc\n", true);
    expect(SECRET_WORD, "\n \n", false);
    expect(SECRET_WORD, "# nothing\n", false);
}
