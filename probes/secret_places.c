/*
 * Where credentials lie. See secret_places.h.
 */
#include "probes/secret_places.h"

#define FIELDS(where, file, ...)                                                                   \
    {                                                                                              \
        .folder = where, .name = file, .format = SECRET_FIELDS, .fields = { __VA_ARGS__ }          \
    }
#define FILE_OF(where, file, kind)                                                                 \
    {                                                                                              \
        .folder = where, .name = file, .format = kind                                              \
    }
#define KEYS_IN(where) FILE_OF(where, NULL, SECRET_PRIVATE_KEY)
/* A file of credentials for a cluster: a token, a key or a password, not where to find one. */
#define CLUSTER(where, file) FIELDS(where, file, "token", "client-key-data", "password")
#define NODE_TOKEN(where) FILE_OF(where, "node-token", SECRET_WORD)

static const struct secret_place home_places[] = {
    FILE_OF("", ".git-credentials", SECRET_URLS),
    FILE_OF("", ".netrc", SECRET_NETRC),
    FIELDS("", ".npmrc", "_authToken", "_auth", "_password"),
    FILE_OF("", ".pgpass", SECRET_PGPASS),
    FIELDS("", ".pypirc", "password"),
    FILE_OF("", ".vault-token", SECRET_WORD),
    FIELDS(".aws", "credentials", "aws_secret_access_key", "aws_session_token"),
    FIELDS(".azure", "accessTokens.json", "accessToken", "refreshToken"),
    FIELDS(".azure", "msal_token_cache.json", "secret"),
    FIELDS(".azure", "service_principal_entries.json", "client_secret", "secret"),
    FIELDS(".config/gcloud", "application_default_credentials.json", "private_key",
           "refresh_token"),
    FIELDS(".config/gh", "hosts.yml", "oauth_token"),
    FIELDS(".docker", "config.json", "auth", "identitytoken", "registrytoken", "password"),
    CLUSTER(".kube", "config"),
    KEYS_IN(".ssh"),
};

static const struct secret_place root_places[] = {
    FILE_OF("etc", "shadow", SECRET_SHADOW),
    CLUSTER("etc/kubernetes", "admin.conf"),
    CLUSTER("etc/kubernetes", "super-admin.conf"),
    CLUSTER("etc/kubernetes", "controller-manager.conf"),
    CLUSTER("etc/kubernetes", "scheduler.conf"),
    CLUSTER("etc/kubernetes", "kubelet.conf"),
    CLUSTER("etc/kubernetes", "bootstrap-kubelet.conf"),
    KEYS_IN("etc/kubernetes/pki"),
    CLUSTER("etc/rancher/k3s", "k3s.yaml"),
    CLUSTER("etc/rancher/rke2", "rke2.yaml"),
    CLUSTER("var/lib/k0s/pki", "admin.conf"),
    CLUSTER("var/lib/kubelet", "kubeconfig"),
    CLUSTER("var/lib/kubelet", "bootstrap-kubeconfig"),
    KEYS_IN("var/lib/kubelet/pki"),
    NODE_TOKEN("var/lib/rancher/k3s/server"),
    NODE_TOKEN("var/lib/rancher/rke2/server"),
    CLUSTER("var/snap/microk8s/current/credentials", "client.config"),
};

static const struct secret_variable variables[] = {
    {"AWS_SHARED_CREDENTIALS_FILE", FIELDS("", NULL, "aws_secret_access_key", "aws_session_token")},
    {"GOOGLE_APPLICATION_CREDENTIALS", FIELDS("", NULL, "private_key", "refresh_token")},
    {"KUBECONFIG", CLUSTER("", NULL)},
    {"PGPASSFILE", FILE_OF("", NULL, SECRET_PGPASS)},
};

const struct secret_place *secret_home_place(size_t index)
{
    return index < sizeof home_places / sizeof home_places[0] ? &home_places[index] : NULL;
}

const struct secret_place *secret_root_place(size_t index)
{
    return index < sizeof root_places / sizeof root_places[0] ? &root_places[index] : NULL;
}

const struct secret_variable *secret_variable_at(size_t index)
{
    return index < sizeof variables / sizeof variables[0] ? &variables[index] : NULL;
}
