#include "aws/provider.h"

#include <stddef.h>

static bool has(const struct credential_search *search, enum profile_key key)
{
    return profile_get(search->profile, key) != NULL;
}

/* Signing in needs a browser and a person: it is left to the AWS command line, also by way of a
 * credential_process in the same profile, which is then taken. */
enum provider_answer provide_from_single_sign_on(const struct credential_search *search,
                                                 struct credentials *credentials UNUSED, struct err *err)
{
    const char *name = search->profile->name;
    const char *how = NULL;
    if (has(search, PROFILE_SSO_SESSION) || has(search, PROFILE_SSO_START_URL))
        how = "IAM Identity Center (SSO)";
    else if (has(search, PROFILE_LOGIN_SESSION))
        how = "'aws login'";
    if (!how || has(search, PROFILE_CREDENTIAL_PROCESS))
        return PROVIDER_NOT_MINE;
    err_set(err, ERR_AUTH,
            "profile '%s' signs in with %s, which this program does not do itself" PROVIDER_EXPORT_ADVICE,
            name, how, name, name);
    return PROVIDER_FAILED;
}
