/* Whom the HTTP client believes: a TLS server with a certificate made for the test. */
#include "unit.h"

#include "temporary.h"

#include "aws/aws.h"
#include "aws/http.h"
#include "aws/trust.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

/* A key and a certificate that signs itself, for one address. */
struct identity {
    EVP_PKEY *key;
    X509 *certificate;
};

static struct identity make_identity(const char *address)
{
    char name[64];
    struct identity made = {EVP_EC_gen("P-256"), X509_new()};
    X509 *certificate = made.certificate;
    snprintf(name, sizeof name, "IP:%s", address);
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, made.key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               (const unsigned char *)"test", -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, name);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    assert_true(X509_sign(certificate, made.key, EVP_sha256()) > 0);
    return made;
}

static void free_identity(struct identity *identity)
{
    EVP_PKEY_free(identity->key);
    X509_free(identity->certificate);
}

static void write_certificate(const struct identity *identity, const char *path)
{
    AUTO_FCLOSE FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, identity->certificate), 1);
}

/* Answers every connection whose handshake succeeds, until it is stopped. */
struct tls_server {
    struct identity identity;
    SSL_CTX *context;
    int listener;
    int stop[2];
    char url[64];
    pthread_t thread;
};

static void answer(SSL_CTX *context, int connection)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi";
    char request[4096];
    SSL *ssl = SSL_new(context);
    SSL_set_fd(ssl, connection);
    if (SSL_accept(ssl) == 1 && SSL_read(ssl, request, sizeof request) > 0) {
        SSL_write(ssl, text, sizeof text - 1);
        SSL_shutdown(ssl);
    }
    SSL_free(ssl);
}

static void *serve(void *argument)
{
    struct tls_server *server = argument;
    for (;;) {
        struct pollfd fds[] = {{server->stop[0], POLLIN, 0}, {server->listener, POLLIN, 0}};
        poll(fds, 2, -1);
        if (fds[0].revents)
            return NULL;
        AUTO_CLOSE int connection = accept(server->listener, NULL, NULL);
        answer(server->context, connection);
    }
}

static void start(struct tls_server *server, const char *address_in_certificate)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    server->identity = make_identity(address_in_certificate);
    server->context = SSL_CTX_new(TLS_server_method());
    assert_int_equal(SSL_CTX_use_certificate(server->context, server->identity.certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(server->context, server->identity.key), 1);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(server->listener, 4), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &length), 0);
    assert_int_equal(pipe(server->stop), 0);
    snprintf(server->url, sizeof server->url, "https://127.0.0.1:%u/", ntohs(address.sin_port));
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void stop(struct tls_server *server)
{
    close(server->stop[1]);
    pthread_join(server->thread, NULL);
    close(server->stop[0]);
    close(server->listener);
    SSL_CTX_free(server->context);
    free_identity(&server->identity);
}

/* What the server says to a client that trusts the bundle (NULL: the system's certificates). */
static char *ask(const struct tls_server *server, const char *bundle, struct err *err)
{
    struct trust *trust = trust_load(bundle, err);
    assert_non_null(trust);
    const struct http_settings settings = {.trust = trust};
    struct http *http = http_new(&settings, err);
    char *body = http_get(http, server->url, 100, 5, err);
    http_free(http);
    trust_free(trust);
    return body;
}

static void assert_not_trusted(const struct tls_server *server, const char *bundle)
{
    struct err err = {0};
    assert_null(ask(server, bundle, &err));
    assert_int_equal(err.kind, ERR_NETWORK);
    if (!strstr(err.message, "not trusted"))
        fail_msg("it is refused for another reason: %s", err.message);
}

static void a_certificate_of_the_bundle_is_trusted(void **state)
{
    char path[256];
    struct err err = {0};
    CLEANUP(stop) struct tls_server server;
    start(&server, "127.0.0.1");
    write_certificate(&server.identity, temporary_path(state, "ca.pem", path, sizeof path));
    AUTO_FREE char *body = ask(&server, path, &err);
    if (!body)
        fail_msg("%s", err.message);
    assert_string_equal(body, "hi");
}

static void any_other_certificate_is_not(void **state)
{
    char path[256];
    CLEANUP(stop) struct tls_server server;
    CLEANUP(free_identity) struct identity other = make_identity("127.0.0.1");
    start(&server, "127.0.0.1");
    write_certificate(&other, temporary_path(state, "ca.pem", path, sizeof path));
    assert_not_trusted(&server, path);
    assert_not_trusted(&server, NULL);
}

static void a_certificate_for_another_address_is_not(void **state)
{
    char path[256];
    CLEANUP(stop) struct tls_server server;
    start(&server, "127.0.0.2");
    write_certificate(&server.identity, temporary_path(state, "ca.pem", path, sizeof path));
    assert_not_trusted(&server, path);
}

static void protocols_older_than_tls_1_2_are_not_spoken(void **state)
{
    char path[256];
    struct err err = {0};
    CLEANUP(stop) struct tls_server server;
    start(&server, "127.0.0.1");
    write_certificate(&server.identity, temporary_path(state, "ca.pem", path, sizeof path));
    assert_int_equal(SSL_CTX_set_cipher_list(server.context, "ALL:@SECLEVEL=0"), 1);
    SSL_CTX_set_min_proto_version(server.context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(server.context, TLS1_1_VERSION);
    assert_null(ask(&server, path, &err));
    assert_int_equal(err.kind, ERR_NETWORK);
    SSL_CTX_set_max_proto_version(server.context, TLS1_2_VERSION);
    AUTO_FREE char *body = ask(&server, path, &err);
    assert_non_null(body);
}

static void a_bundle_without_certificates_is_the_users_to_put_right(void **state)
{
    char path[256];
    struct err err = {0};
    assert_null(trust_load(temporary_path(state, "none.pem", path, sizeof path), &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_non_null(strstr(err.message, path));
    assert_succeeds(fs_replace_file(path, "hello", 5, 0600, &err), err);
    assert_null(trust_load(path, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_non_null(strstr(err.message, path));
}

static int set_up(void **state UNUSED)
{
    signal(SIGPIPE, SIG_IGN); /* OpenSSL writes to a client that has hung up */
    return aws_global_init(NULL);
}

static int tear_down(void **state UNUSED)
{
    aws_global_cleanup();
    return 0;
}

#define WITH_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(a_certificate_of_the_bundle_is_trusted),
        WITH_DIRECTORY(any_other_certificate_is_not),
        WITH_DIRECTORY(a_certificate_for_another_address_is_not),
        WITH_DIRECTORY(protocols_older_than_tls_1_2_are_not_spoken),
        WITH_DIRECTORY(a_bundle_without_certificates_is_the_users_to_put_right),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
