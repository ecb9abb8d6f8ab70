#include "aws/provider.h"

#include <stddef.h>

/* AWS_CREDENTIAL_EXPIRATION is set by `aws configure export-credentials --format env`. */
enum provider_answer provide_from_environment(const struct credential_search *search,
                                              struct credentials *credentials, struct err *err)
{
    const struct credential_texts texts = {
        environment("AWS_ACCESS_KEY_ID"), environment("AWS_SECRET_ACCESS_KEY"),
        environment("AWS_SESSION_TOKEN"), environment("AWS_CREDENTIAL_EXPIRATION")};
    if (search->profile_given || (!texts.access_key_id && !texts.secret_access_key))
        return PROVIDER_NOT_MINE;
    return provider_keep(credentials, &texts, "the environment", err);
}
