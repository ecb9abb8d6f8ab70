#include "aws/provider.h"

#include <stddef.h>

static enum provider_answer provide_from_file(const struct profile_file *file, const char *where,
                                              struct credentials *credentials, struct err *err)
{
    const struct credential_texts texts = {file->values[PROFILE_ACCESS_KEY_ID],
                                           file->values[PROFILE_SECRET_ACCESS_KEY],
                                           file->values[PROFILE_SESSION_TOKEN], NULL};
    if (!texts.access_key_id && !texts.secret_access_key)
        return PROVIDER_NOT_MINE;
    return provider_keep(credentials, &texts, where, err);
}

enum provider_answer provide_from_credentials_file(const struct credential_search *search,
                                                   struct credentials *credentials, struct err *err)
{
    return provide_from_file(&search->profile->credentials, "the credentials file", credentials, err);
}

enum provider_answer provide_from_config_file(const struct credential_search *search,
                                              struct credentials *credentials, struct err *err)
{
    return provide_from_file(&search->profile->config, "the config file", credentials, err);
}
