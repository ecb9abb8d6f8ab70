/* One way to find credentials; for the chain (credentials.c) and its providers alone. */
#ifndef AWS_PROVIDER_H
#define AWS_PROVIDER_H

#include "aws/credentials.h"

/* A provider answers whether the credentials are its own to give. */
enum provider_answer { PROVIDER_NOT_MINE, PROVIDER_FOUND, PROVIDER_FAILED };

typedef enum provider_answer provide(const struct credential_search *search, struct credentials *credentials,
                                     struct err *err);

provide provide_from_environment;
provide provide_from_role;
provide provide_from_web_identity;
provide provide_from_single_sign_on;
provide provide_from_credentials_file;
provide provide_from_process;
provide provide_from_config_file;
provide provide_from_container;
provide provide_from_instance;

/* credentials_set as a provider's answer. */
enum provider_answer provider_keep(struct credentials *credentials, const struct credential_texts *texts,
                                   const char *where, struct err *err);

/* What users of a profile that needs a person can do; takes the profile's name twice. */
#define PROVIDER_EXPORT_ADVICE                                                                               \
    "; the AWS command line can: make a profile with 'credential_process = aws configure "                   \
    "export-credentials "                                                                                    \
    "--profile %s', or run: eval \"$(aws configure export-credentials --profile %s --format env)\""

#endif
