/*
 * Variables that look like secrets, and those that only sound like one.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "probes/secret_name.h"

static void expect_all(const char *const *entries, enum secret_kind expected)
{
    for (; *entries != NULL; entries++) {
        size_t length = 0;
        cr_expect_eq(secret_name_kind(*entries, &length), expected, "%s", *entries);
        if (expected != SECRET_NONE)
            cr_expect_eq(length, (size_t)(strchr(*entries, '=') - *entries), "%s", *entries);
    }
}

Test(secret_name, secrets_are_found)
{
    static const char *const entries[] = {
        "PASSWORD=x",
        "POSTGRES_PASSWORD=hunter2",
        "PGPASSWORD=x",
        "MYSQL_PWD=x",
        "db-passwd=x",
        "ssh.passphrase=x",
        "SECRET=x",
        "DJANGO_SECRET_KEY=x",
        "CLIENTSECRET=x",
        "GITHUB_TOKEN=ghp",
        "token=x",
        "AWS_SECRET_ACCESS_KEY=x",
        "AZURE_STORAGE_KEY=x",
        "STRIPE_API_KEY=x",
        "OPENAI_APIKEY=x",
        "RSA_PRIVATE_KEY=-----BEGIN",
        "GOOGLE_CREDENTIALS={}",
        "SMTP_PASS=x",
        "DATABASE_URL=postgres://app:pw@db/shop",
        "BROKER=amqp://u:p@h:5672/v",
        "PROXY=http://u:p%40@h",
        "PASSWORD_MIN=x; PASSWORD=https://u:p@h",
        "APP_KEY=base64:x",
        "OPENAI_KEY=sk-x",
        "DBPWD=x",
        "CONN=Server=db;User=sa;Password=x;",
        "AZURE_STORAGE_CONNECTION_STRING=DefaultEndpointsProtocol=https;AccountKey=x==",
        "JDBC=jdbc:mysql://db/shop?user=u&password=x",
        "CERT=-----BEGIN RSA PRIVATE KEY-----\nMII",
        "NPM_AUTH=YnVpbGQ6aHVudGVyMg==",
        "DOCKER_AUTH_CONFIG={\"auths\":{\"registry\":{\"auth\":\"YTpi\"}}}",
        "SETTINGS={ \"user\": \"x\", \"password\" : \"y\" }",
        "GH=ghp_0123456789abcdefghijABCDEFGHIJ012345",
        "SESSION=eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln",
        NULL,
    };

    expect_all(entries, SECRET_VALUE);
}

Test(secret_name, what_only_sounds_like_one_is_left_alone)
{
    static const char *const entries[] = {
        "",
        "=",
        "=PASSWORD",
        "PASSWORD",
        "PASSWORD=",
        "PATH=/bin",
        "PWD=/x",
        "OLDPWD=x",
        "POSTGRES_PASSWORD_FILE=secret",
        "ALLOW_EMPTY_PASSWORD=yes",
        "MYSQL_RANDOM_ROOT_PASSWORD=TRUE",
        "TOKEN_TTL=3600",
        "PASSWORD_MIN_LENGTH=8",
        "OAUTH_TOKEN_URL=https://x/y",
        "AWS_ACCESS_KEY_ID=AKIA",
        "SECRET_NAME=shop",
        "TOKENIZERS_PARALLELISM=x",
        "MAX_TOKENS=4096",
        "GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D",
        "JWT_PUBLIC_KEY=x",
        "COMPASS=x",
        "PATTERN=x",
        "DATABASE_URL=postgres://db/shop",
        "DATABASE_URL=postgres://app@db/shop",
        "DATABASE_URL=postgres://app:@db/shop",
        "CONN=Server=db;Password=;Encrypt=yes",
        "CERT=-----BEGIN CERTIFICATE-----",
        "CACHE_KEY=x",
        "PAGE=https://x/a:b@c",
        "KUBERNETES_SERVICE_HOST=10.0.0.1",
        "AUTH=scram-sha-256",
        "HTTP_AUTH=required-for-writers",
        "NPM_AUTH=",
        "SETTINGS={\"password\":\"\",\"auth\":true}",
        "SETTINGS={\"password\"",
        "GH=ghp_short",
        "EYES=eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0",
        NULL,
    };

    expect_all(entries, SECRET_NONE);
}

Test(secret_name, names_of_any_length_are_bounded)
{
    static char entry[5000];

    memset(entry, '_', sizeof entry - 1);
    memcpy(entry + 2000, "TOKEN", 5);
    memcpy(entry + 4000, "=x", 3);
    size_t length = 0;
    cr_expect_eq(secret_name_kind(entry, &length), SECRET_VALUE);
    cr_expect_eq(length, 4000);
    memset(entry, 'A', 4000);
    cr_expect_eq(secret_name_kind(entry, &length), SECRET_NONE);
}

Test(secret_name, a_path_is_told_from_a_value)
{
    static const char *const entries[] = {
        "POSTGRES_PASSWORD=/run/secrets/pg",
        "AWS_SECRET_ACCESS_KEY=/wJalrXUtnFEMI",
        "TOKEN=file:/run/token",
        NULL,
    };

    expect_all(entries, SECRET_PATH);
}
