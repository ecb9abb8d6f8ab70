#include "unit.h"

#include "aws/fault.h"
#include "base/strbuf.h"

#include <string.h>

static const struct fault_context launch = {"ec2", "RunInstances"};

static void read_fault(int status, const char *body, struct fault *fault)
{
    struct http_response response = {.status = status, .body = (char *)body, .length = strlen(body)};
    memcpy(response.request_id, "request-1", sizeof "request-1");
    fault_read(&response, fault);
}

static enum err_kind kind_of(const char *code, int status)
{
    struct err err = {0};
    struct fault fault = {.status = status};
    snprintf(fault.code, sizeof fault.code, "%s", code);
    assert_int_equal(fault_to_err(&fault, &launch, &err), -1);
    assert_string_equal(err.code, code);
    return err.kind;
}

static void each_protocols_errors_are_read(void **state UNUSED)
{
    static const char *const bodies[] = {
        "<Response><Errors><Error><Code>C</Code><Message>m</Message></Error></Errors></Response>",
        "<?xml version=\"1.0\"?><Error><Code>C</Code><Message>m</Message></Error>",
        "<ErrorResponse "
        "xmlns=\"x\"><Error><Type>Sender</Type><Code>C</Code><Message>m</Message></Error></ErrorResponse>",
        "{\"__type\":\"com.amazonaws.ssm#C\",\"message\":\"m\"}",
        "{\"__type\":\"C\",\"Message\":\"m\"}",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(bodies); i++) {
        struct fault fault;
        read_fault(400, bodies[i], &fault);
        assert_string_equal(fault.code, "C");
        assert_string_equal(fault.message, "m");
        assert_string_equal(fault.request_id, "request-1");
    }
}

static void what_is_no_error_of_aws_leaves_the_status(void **state UNUSED)
{
    static const char *const bodies[] = {"",
                                         "<html><body>502</body></html>",
                                         "<Response><Errors>",
                                         "{\"a\":",
                                         "[]",
                                         "<!DOCTYPE x [<!ENTITY a \"b\">]><Error><Code>&a;</Code></Error>",
                                         "<Response><Errors/></Response>"};
    for (size_t i = 0; i < ARRAY_LENGTH(bodies); i++) {
        struct fault fault;
        struct err err = {0};
        read_fault(502, bodies[i], &fault);
        assert_string_equal(fault.code, "");
        fault_to_err(&fault, &launch, &err);
        assert_int_equal(err.kind, ERR_NETWORK);
        assert_non_null(strstr(err.message, "502"));
    }
}

static void hostile_texts_are_cut_and_made_printable(void **state UNUSED)
{
    AUTO_STRBUF struct strbuf body = STRBUF_INIT(65536);
    struct fault fault;
    struct err err = {0};
    strbuf_adds(&body, "<Error><Code>C\n");
    for (int i = 0; i < 200; i++)
        strbuf_addc(&body, 'c');
    strbuf_adds(&body, "</Code><Message>\xC2\x9B"
                       "31m&#10;");
    for (int i = 0; i < 5000; i++)
        strbuf_addc(&body, 'm');
    strbuf_adds(&body, "</Message></Error>");
    read_fault(400, strbuf_text(&body), &fault);
    assert_int_equal(strlen(fault.code), sizeof fault.code - 1);
    fault_to_err(&fault, &launch, &err);
    for (const char *at = err.message; *at; at++)
        assert_true(*at >= ' ' && *at <= '~');
}

static void the_encoded_part_of_a_refusal_is_cut_away(void **state UNUSED)
{
    struct fault fault;
    struct err err = {0};
    read_fault(403,
               "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized "
               "to perform "
               "this operation. User: u is not authorized to perform: ec2:CreateTags on resource: r. Encoded "
               "authorization failure message: AAAABBBB</Message></Error></Errors></Response>",
               &fault);
    fault_to_err(&fault, &launch, &err);
    assert_int_equal(err.kind, ERR_AUTH);
    assert_null(strstr(err.message, "AAAA"));
    assert_non_null(strstr(err.message, "ec2:CreateTags"));
    assert_non_null(strstr(err.message, "IAM policy"));
}

static void codes_decide_the_kind_whatever_the_status(void **state UNUSED)
{
    assert_int_equal(kind_of("InsufficientInstanceCapacity", 500), ERR_CAPACITY);
    assert_int_equal(kind_of("Unsupported", 400), ERR_UNSUPPORTED);
    assert_int_equal(kind_of("VcpuLimitExceeded", 400), ERR_QUOTA);
    assert_int_equal(kind_of("RequestLimitExceeded", 503), ERR_THROTTLED);
    assert_int_equal(kind_of("InvalidInstanceID.NotFound", 400), ERR_NOT_FOUND);
    assert_int_equal(kind_of("InvalidGroup.Duplicate", 400), ERR_EXISTS);
    assert_int_equal(kind_of("DependencyViolation", 400), ERR_EXISTS);
    assert_int_equal(kind_of("ExpiredTokenException", 400), ERR_AUTH);
    assert_int_equal(kind_of("AccessDeniedException", 400), ERR_AUTH);
    assert_int_equal(kind_of("InternalError", 200), ERR_NETWORK);
    assert_int_equal(kind_of("ConditionalRequestConflict", 409), ERR_NETWORK);
    assert_int_equal(kind_of("InvalidParameterValue", 400), ERR_CONFIG);
}

/* What decides about a launch, a retry or a wait, whatever status it comes with. */
static void every_code_that_decides_has_its_kind_and_its_retry(void **state UNUSED)
{
    static const struct {
        const char *code;
        enum err_kind kind;
        enum retry_reason retry;
    } wanted[] = {
        {"InvalidInstanceID.NotFound", ERR_NOT_FOUND, RETRY_NEVER},
        {"InsufficientInstanceCapacity", ERR_CAPACITY, RETRY_NEVER},
        {"UnfulfillableCapacity", ERR_CAPACITY, RETRY_NEVER},
        {"SpotMaxPriceTooLow", ERR_CAPACITY, RETRY_NEVER},
        {"Unsupported", ERR_UNSUPPORTED, RETRY_NEVER},
        {"VcpuLimitExceeded", ERR_QUOTA, RETRY_NEVER},
        {"InstanceLimitExceeded", ERR_QUOTA, RETRY_NEVER},
        {"MaxSpotInstanceCountExceeded", ERR_QUOTA, RETRY_NEVER},
        {"AuthFailure", ERR_AUTH, RETRY_NEVER},
        {"UnauthorizedOperation", ERR_AUTH, RETRY_NEVER},
        {"IdempotentParameterMismatch", ERR_INTERNAL, RETRY_NEVER},
        {"DependencyViolation", ERR_EXISTS, RETRY_NEVER},
        {"RequestTimeout", ERR_NETWORK, RETRY_TRANSIENT},
        {"InternalError", ERR_NETWORK, RETRY_TRANSIENT},
        {"Throttling", ERR_THROTTLED, RETRY_THROTTLING},
        {"ThrottlingException", ERR_THROTTLED, RETRY_THROTTLING},
        {"ThrottledException", ERR_THROTTLED, RETRY_THROTTLING},
        {"RequestThrottled", ERR_THROTTLED, RETRY_THROTTLING},
        {"TooManyRequestsException", ERR_THROTTLED, RETRY_THROTTLING},
        {"RequestLimitExceeded", ERR_THROTTLED, RETRY_THROTTLING},
        {"BandwidthLimitExceeded", ERR_THROTTLED, RETRY_THROTTLING},
        {"LimitExceededException", ERR_THROTTLED, RETRY_THROTTLING},
        {"SlowDown", ERR_THROTTLED, RETRY_THROTTLING},
        {"PriorRequestNotComplete", ERR_THROTTLED, RETRY_THROTTLING},
        {"EC2ThrottledException", ERR_THROTTLED, RETRY_THROTTLING},
        {"ProvisionedThroughputExceededException", ERR_THROTTLED, RETRY_THROTTLING},
        {"TransactionInProgressException", ERR_THROTTLED, RETRY_THROTTLING},
    };
    static const int statuses[] = {200, 400, 403, 429, 500, 503};
    for (size_t i = 0; i < ARRAY_LENGTH(wanted); i++) {
        for (size_t j = 0; j < ARRAY_LENGTH(statuses); j++) {
            struct fault fault = {.status = statuses[j]};
            snprintf(fault.code, sizeof fault.code, "%s", wanted[i].code);
            assert_int_equal(kind_of(wanted[i].code, statuses[j]), wanted[i].kind);
            assert_int_equal(fault_retry_reason(&fault), wanted[i].retry);
        }
    }
}

static void the_status_decides_the_kind_of_unknown_codes(void **state UNUSED)
{
    assert_int_equal(kind_of("New", 400), ERR_CONFIG);
    assert_int_equal(kind_of("New", 403), ERR_AUTH);
    assert_int_equal(kind_of("New", 404), ERR_NOT_FOUND);
    assert_int_equal(kind_of("New", 412), ERR_EXISTS);
    assert_int_equal(kind_of("New", 429), ERR_THROTTLED);
    assert_int_equal(kind_of("New", 500), ERR_NETWORK);
}

static void a_wrong_clock_is_suspected_where_it_can_be(void **state UNUSED)
{
    assert_true(fault_may_be_clock(&(struct fault){.status = 403, .code = "RequestTimeTooSkewed"}));
    assert_true(fault_may_be_clock(&(struct fault){.status = 401, .code = "AuthFailure"}));
    assert_true(fault_may_be_clock(&(struct fault){.status = 403}));
    assert_false(fault_may_be_clock(&(struct fault){.status = 403, .code = "AccessDenied"}));
    assert_false(fault_may_be_clock(&(struct fault){.status = 400, .code = "InvalidParameterValue"}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_protocols_errors_are_read),
        cmocka_unit_test(what_is_no_error_of_aws_leaves_the_status),
        cmocka_unit_test(hostile_texts_are_cut_and_made_printable),
        cmocka_unit_test(the_encoded_part_of_a_refusal_is_cut_away),
        cmocka_unit_test(codes_decide_the_kind_whatever_the_status),
        cmocka_unit_test(every_code_that_decides_has_its_kind_and_its_retry),
        cmocka_unit_test(the_status_decides_the_kind_of_unknown_codes),
        cmocka_unit_test(a_wrong_clock_is_suspected_where_it_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
