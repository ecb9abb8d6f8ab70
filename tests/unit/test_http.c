/* The HTTP client by itself: what it sends, what it keeps of an answer, what it refuses. */
#include "unit.h"

#include "scripted_server.h"

#include "aws/aws.h"
#include "aws/http.h"

struct fixture {
    struct scripted_server server;
    struct http *http;
    char url[128];
};

static int open_fixture(struct fixture *fixture, const struct script_rule *rules, size_t count,
                        struct err *err)
{
    const struct http_settings settings = {.user_agent = "test/1"};
    script_start(&fixture->server, rules, count);
    snprintf(fixture->url, sizeof fixture->url, "http://127.0.0.1:%u/a/../b", fixture->server.port);
    fixture->http = http_new(&settings, err);
    return fixture->http ? 0 : -1;
}

static void close_fixture(struct fixture *fixture)
{
    http_free(fixture->http);
    script_stop(&fixture->server);
}

#define WITH_SERVER(...)                                                                                     \
    static const struct script_rule script[] = {__VA_ARGS__};                                                \
    struct err err;                                                                                          \
    CLEANUP(close_fixture) struct fixture fixture;                                                           \
    assert_succeeds(open_fixture(&fixture, script, ARRAY_LENGTH(script), &err), err)

static void free_response(struct http_response *response)
{
    http_response_free(response);
}

static void headers_and_body_go_out_as_given(void **state UNUSED)
{
    WITH_SERVER({.status = 204});
    const struct http_header headers[] = {{"X-One", "1"}, {"X-Empty", ""}, {"Host", "other.example"}};
    const struct http_request request = {.method = "PUT",
                                         .url = fixture.url,
                                         .headers = headers,
                                         .header_count = 3,
                                         .body = "a\0b",
                                         .body_length = 3};
    CLEANUP(free_response) struct http_response response;
    assert_succeeds(http_perform(fixture.http, &request, &response, &err), err);
    assert_int_equal(response.status, 204);
    const char *sent = script_request(&fixture.server, 0);
    assert_int_equal(strncmp(sent, "PUT /a/../b HTTP/1.1\r\n", 22), 0);
    assert_non_null(strstr(sent, "\r\nX-One: 1\r\n"));
    assert_non_null(strstr(sent, "\r\nX-Empty:\r\n"));
    assert_non_null(strstr(sent, "\r\nHost: other.example\r\n"));
    assert_non_null(strstr(sent, "\r\nContent-Length: 3\r\n"));
    assert_null(strstr(sent, "Accept:"));
    assert_memory_equal(strstr(sent, "\r\n\r\n") + 4, "a\0b", 3);
}

static void a_post_without_a_body_says_so(void **state UNUSED)
{
    WITH_SERVER({.status = 200});
    const struct http_request request = {.method = "POST", .url = fixture.url};
    CLEANUP(free_response) struct http_response response;
    assert_succeeds(http_perform(fixture.http, &request, &response, &err), err);
    assert_non_null(strstr(script_request(&fixture.server, 0), "\r\nContent-Length: 0\r\n"));
}

static void a_line_end_in_a_header_is_never_sent(void **state UNUSED)
{
    WITH_SERVER({.status = 200});
    const struct http_header evil = {"X-One", "1\r\nX-Two: 2"};
    const struct http_request request = {
        .method = "GET", .url = fixture.url, .headers = &evil, .header_count = 1};
    CLEANUP(free_response) struct http_response response;
    assert_fails(http_perform(fixture.http, &request, &response, &err), err, ERR_INTERNAL);
    assert_int_equal(fixture.server.request_count, 0);
}

static void the_headers_that_matter_are_kept(void **state UNUSED)
{
    WITH_SERVER({.status = 500,
                 .headers =
                     "date: Fri, 15 Jan 2027 09:00:00 GMT\r\nRETRY-AFTER:  3 \r\nx-amz-request-id: R\r\n"
                     "ETag: \"e\"\r\nx-amz-bucket-region: eu-west-1\r\nx-amz-checksum-sha256: c=\r\n",
                 .body = "text"});
    const struct http_request request = {.method = "GET", .url = fixture.url};
    CLEANUP(free_response) struct http_response response;
    assert_succeeds(http_perform(fixture.http, &request, &response, &err), err);
    assert_int_equal(response.status, 500);
    assert_string_equal(response.body, "text");
    assert_string_equal(response.date, "Fri, 15 Jan 2027 09:00:00 GMT");
    assert_string_equal(response.retry_after, "3");
    assert_string_equal(response.request_id, "R");
    assert_string_equal(response.etag, "\"e\"");
    assert_string_equal(response.bucket_region, "eu-west-1");
    assert_string_equal(response.checksum_sha256, "c=");
    assert_true(response.authentic);
}

static void what_was_told_in_confidence_is_masked_where_it_comes_back(void **state UNUSED)
{
    WITH_SERVER({.status = 403,
                 .headers = "ETag: a-secret-token\r\nx-amz-request-id: "
                            "0123456789012345678901234567890123456789012345678901234567890123456789"
                            "01234567890123456789-a-secret-token\r\n",
                 .body = "you said a-secret-token, a-secret-token, and short"});
    const char *const secrets[] = {"a-secret-token", "short", NULL};
    const struct http_request request = {.method = "GET", .url = fixture.url, .secrets = secrets};
    CLEANUP(free_response) struct http_response response;
    assert_succeeds(http_perform(fixture.http, &request, &response, &err), err);
    assert_string_equal(response.body, "you said **************, **************, and short");
    assert_int_equal(response.length, strlen(response.body));
    assert_string_equal(response.etag, "**************");
    assert_int_equal(strlen(response.request_id), sizeof response.request_id - 1);
    assert_null(strstr(response.request_id, "a-s")); /* not even where it is cut */
}

static void a_head_has_a_length_but_no_body(void **state UNUSED)
{
    WITH_SERVER({.status = 200, .body = "0123456789"});
    const struct http_request request = {.method = "HEAD", .url = fixture.url};
    CLEANUP(free_response) struct http_response response;
    assert_succeeds(http_perform(fixture.http, &request, &response, &err), err);
    assert_int_equal(response.content_length, 10);
    assert_int_equal(response.length, 0);
}

static void redirects_are_not_followed(void **state UNUSED)
{
    WITH_SERVER({.status = 302, .headers = "Location: http://127.0.0.1:1/\r\n"});
    const struct http_request request = {.method = "GET", .url = fixture.url};
    CLEANUP(free_response) struct http_response response;
    assert_succeeds(http_perform(fixture.http, &request, &response, &err), err);
    assert_int_equal(response.status, 302);
    assert_int_equal(fixture.server.request_count, 1);
}

static void bodies_are_capped(void **state UNUSED)
{
    WITH_SERVER({.status = 200, .body = "0123456789"});
    const struct http_request exact = {.method = "GET", .url = fixture.url, .max_body = 10};
    const struct http_request less = {.method = "GET", .url = fixture.url, .max_body = 9};
    CLEANUP(free_response) struct http_response response;
    assert_succeeds(http_perform(fixture.http, &exact, &response, &err), err);
    http_response_free(&response);
    assert_fails(http_perform(fixture.http, &less, &response, &err), err, ERR_DATA);
}

static void an_answer_that_is_cut_short_is_no_answer(void **state UNUSED)
{
    WITH_SERVER({.status = 200, .body = "0123456789", .cut = true});
    const struct http_request request = {.method = "GET", .url = fixture.url};
    CLEANUP(free_response) struct http_response response;
    assert_fails(http_perform(fixture.http, &request, &response, &err), err, ERR_NETWORK);
}

static void a_peer_that_never_answers_runs_into_the_time_limit(void **state UNUSED)
{
    WITH_SERVER({.silent = true});
    const struct http_request request = {.method = "GET", .url = fixture.url, .seconds = 0.2};
    CLEANUP(free_response) struct http_response response;
    assert_fails(http_perform(fixture.http, &request, &response, &err), err, ERR_NETWORK);
}

static void other_schemes_and_malformed_addresses_are_refused(void **state UNUSED)
{
    WITH_SERVER({.status = 200});
    static const char *const urls[] = {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/",
                                       "127.0.0.1",          "http://",          ""};
    for (size_t i = 0; i < ARRAY_LENGTH(urls); i++) {
        const struct http_request request = {.method = "GET", .url = urls[i]};
        CLEANUP(free_response) struct http_response response;
        assert_fails(http_perform(fixture.http, &request, &response, &err), err, ERR_CONFIG);
    }
}

static void loopback_is_never_asked_through_a_proxy(void **state UNUSED)
{
    WITH_SERVER({.status = 200, .body = "direct"});
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    AUTO_FREE char *body = http_get(fixture.http, fixture.url, 100, 5, &err);
    unsetenv("http_proxy");
    assert_string_equal(body, "direct");
}

static void other_hosts_are_asked_through_the_proxy(void **state UNUSED)
{
    WITH_SERVER({.status = 200, .body = "proxied"});
    char proxy[64];
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%u", fixture.server.port);
    setenv("http_proxy", proxy, 1);
    AUTO_FREE char *body = http_get(fixture.http, "http://example.invalid/x", 100, 5, &err);
    unsetenv("http_proxy");
    assert_string_equal(body, "proxied");
    assert_int_equal(strncmp(script_request(&fixture.server, 0), "GET http://example.invalid/x ", 29), 0);
}

/* Its Date corrects no clock: the connection itself goes to loopback here, to the proxy. */
static void what_comes_without_tls_from_elsewhere_is_not_authentic(void **state UNUSED)
{
    WITH_SERVER({.status = 200, .body = "proxied", .headers = "Date: Fri, 15 Jan 2027 08:00:00 GMT\r\n"});
    const struct http_request request = {.method = "GET", .url = "http://example.invalid/x", .seconds = 5};
    struct http_response response;
    char proxy[64];
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%u", fixture.server.port);
    setenv("http_proxy", proxy, 1);
    assert_succeeds(http_perform(fixture.http, &request, &response, &err), err);
    unsetenv("http_proxy");
    assert_string_equal(response.date, "Fri, 15 Jan 2027 08:00:00 GMT");
    assert_false(response.authentic);
    http_response_free(&response);
}

static void a_plain_get_wants_status_200(void **state UNUSED)
{
    WITH_SERVER({.status = 404, .body = "no"}, {.status = 200, .body = "198.51.100.7\n"});
    err_clear(&err);
    assert_null(http_get(fixture.http, fixture.url, 100, 5, &err));
    assert_int_equal(err.kind, ERR_NETWORK);
    AUTO_FREE char *body = http_get(fixture.http, fixture.url, 100, 5, &err);
    assert_string_equal(body, "198.51.100.7\n");
}

static int set_up(void **state UNUSED)
{
    return aws_global_init(NULL);
}

static int tear_down(void **state UNUSED)
{
    aws_global_cleanup();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_and_body_go_out_as_given),
        cmocka_unit_test(a_post_without_a_body_says_so),
        cmocka_unit_test(a_line_end_in_a_header_is_never_sent),
        cmocka_unit_test(the_headers_that_matter_are_kept),
        cmocka_unit_test(what_was_told_in_confidence_is_masked_where_it_comes_back),
        cmocka_unit_test(a_head_has_a_length_but_no_body),
        cmocka_unit_test(redirects_are_not_followed),
        cmocka_unit_test(bodies_are_capped),
        cmocka_unit_test(an_answer_that_is_cut_short_is_no_answer),
        cmocka_unit_test(a_peer_that_never_answers_runs_into_the_time_limit),
        cmocka_unit_test(other_schemes_and_malformed_addresses_are_refused),
        cmocka_unit_test(loopback_is_never_asked_through_a_proxy),
        cmocka_unit_test(other_hosts_are_asked_through_the_proxy),
        cmocka_unit_test(what_comes_without_tls_from_elsewhere_is_not_authentic),
        cmocka_unit_test(a_plain_get_wants_status_200),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
