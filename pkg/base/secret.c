#include "base/secret.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

int secret_hide_memory(struct err *err)
{
    const struct rlimit none = {0, 0};
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || setrlimit(RLIMIT_CORE, &none) < 0)
        return err_errno(err, "the memory of this process could not be hidden from others");
    return 0;
}

static void mask_one(char *text, size_t length, const char *secret)
{
    size_t secret_length = strlen(secret);
    if (secret_length < SECRET_SHORTEST)
        return;
    char *at = text;
    while ((at = memmem(at, length - (size_t)(at - text), secret, secret_length))) {
        memset(at, '*', secret_length);
        at += secret_length;
    }
}

void secret_mask(char *text, size_t length, const char *const *secrets)
{
    for (; secrets && *secrets; secrets++)
        mask_one(text, length, *secrets);
}
