#include "aws/profile.h"

#include "aws/ini.h"
#include "base/fs.h"
#include "base/text.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

static const char *const key_names[PROFILE_KEY_COUNT] = {
    [PROFILE_ACCESS_KEY_ID] = "aws_access_key_id",
    [PROFILE_SECRET_ACCESS_KEY] = "aws_secret_access_key",
    [PROFILE_SESSION_TOKEN] = "aws_session_token",
    [PROFILE_REGION] = "region",
    [PROFILE_ENDPOINT_URL] = "endpoint_url",
    [PROFILE_CA_BUNDLE] = "ca_bundle",
    [PROFILE_ROLE_ARN] = "role_arn",
    [PROFILE_SOURCE_PROFILE] = "source_profile",
    [PROFILE_CREDENTIAL_SOURCE] = "credential_source",
    [PROFILE_WEB_IDENTITY_TOKEN_FILE] = "web_identity_token_file",
    [PROFILE_SSO_SESSION] = "sso_session",
    [PROFILE_SSO_START_URL] = "sso_start_url",
    [PROFILE_LOGIN_SESSION] = "login_session",
    [PROFILE_CREDENTIAL_PROCESS] = "credential_process",
    [PROFILE_ROLE_SESSION_NAME] = "role_session_name",
    [PROFILE_EXTERNAL_ID] = "external_id",
    [PROFILE_DURATION_SECONDS] = "duration_seconds",
    [PROFILE_MFA_SERIAL] = "mfa_serial",
    [PROFILE_METADATA_SERVICE_ENDPOINT] = "ec2_metadata_service_endpoint",
    [PROFILE_METADATA_SERVICE_ENDPOINT_MODE] = "ec2_metadata_service_endpoint_mode",
};

const char *environment(const char *variable)
{
    const char *value = getenv(variable);
    return value && *value ? value : NULL;
}

void secret_free(char *text)
{
    if (text)
        OPENSSL_cleanse(text, strlen(text));
    free(text);
}

/* One of the two files while it is read. */
struct file_reader {
    struct profile_file *file;
    const char *profile;
    bool is_config;
};

/* The name of the profile that a section is about, or NULL for a section about something else. */
static const char *section_profile(const char *section, bool is_config)
{
    static const char word[] = "profile";
    if (!is_config || strcmp(section, "default") == 0)
        return section;
    if (!text_starts_with(section, word))
        return NULL;
    const char *name = section + strlen(word);
    size_t blanks = strspn(name, " \t");
    return blanks ? name + blanks : NULL;
}

/* A name may stand in quotes there. */
static bool same_profile(const char *text, const char *name)
{
    size_t length = strlen(name);
    bool quoted = *text == '"' || *text == '\'';
    char quote = *text;
    text += quoted;
    if (strncmp(text, name, length) != 0)
        return false;
    return quoted ? text[length] == quote && text[length + 1] == '\0' : text[length] == '\0';
}

static int keep_setting(void *context, const char *section, const char *key, const char *value,
                        struct err *err)
{
    struct file_reader *reader = context;
    const char *name = section_profile(section, reader->is_config);
    if (!name || !same_profile(name, reader->profile))
        return 0;
    reader->file->found = true;
    for (size_t i = 0; i < PROFILE_KEY_COUNT; i++) {
        if (strcmp(key, key_names[i]) != 0)
            continue;
        secret_free(reader->file->values[i]);
        reader->file->values[i] = *value ? strdup(value) : NULL;
        if (*value && !reader->file->values[i])
            return err_memory(err);
    }
    return 0;
}

/* The path of a shared file, free()d by the caller. */
static char *shared_path(const char *variable, const char *name, struct err *err)
{
    const char *path = environment(variable);
    const char *home = environment("HOME");
    if (!path && home) {
        AUTO_FREE char *directory = fs_join(home, ".aws", err);
        return directory ? fs_join(directory, name, err) : NULL;
    }
    char *copy = strdup(path ? path : "");
    if (!copy)
        err_memory(err);
    return copy;
}

static int read_shared(struct file_reader *reader, const char *variable, const char *name, struct err *err)
{
    AUTO_FREE char *path = shared_path(variable, name, err);
    if (!path)
        return -1;
    if (!fs_exists(path))
        return 0;
    size_t length = 0;
    char *text = fs_read_file(path, INI_MAX_BYTES, &length, err);
    if (!text)
        return -1;
    int result = ini_parse(text, length, keep_setting, reader, err);
    OPENSSL_cleanse(text, length);
    free(text);
    return result < 0 ? err_prepend(err, "%s", path) : 0;
}

int profile_load(struct profile *profile, const char *name, struct err *err)
{
    if (!name)
        name = environment("AWS_PROFILE");
    if (!name)
        name = environment("AWS_DEFAULT_PROFILE");
    *profile = (struct profile){.name = strdup(name ? name : "default"), .asked_for = name != NULL};
    if (!profile->name)
        return err_memory(err);
    struct file_reader config = {&profile->config, profile->name, true};
    struct file_reader credentials = {&profile->credentials, profile->name, false};
    if (read_shared(&config, "AWS_CONFIG_FILE", "config", err) < 0 ||
        read_shared(&credentials, "AWS_SHARED_CREDENTIALS_FILE", "credentials", err) < 0)
        return -1;
    bool found = profile->config.found || profile->credentials.found;
    if (found || !profile->asked_for || strcmp(profile->name, "default") == 0)
        return 0;
    return err_set(
        err, ERR_CONFIG,
        "there is no profile '%s' in ~/.aws/config or ~/.aws/credentials; make one with 'aws configure "
        "--profile %s'",
        profile->name, profile->name);
}

static void file_free(struct profile_file *file)
{
    for (size_t i = 0; i < PROFILE_KEY_COUNT; i++)
        secret_free(file->values[i]);
    *file = (struct profile_file){0};
}

void profile_free(struct profile *profile)
{
    free(profile->name);
    file_free(&profile->credentials);
    file_free(&profile->config);
    *profile = (struct profile){0};
}

const char *profile_get(const struct profile *profile, enum profile_key key)
{
    const char *value = profile->credentials.values[key];
    return value ? value : profile->config.values[key];
}
