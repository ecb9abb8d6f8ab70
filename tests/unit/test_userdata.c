#include "unit.h"

#include "base/json.h"
#include "base/text.h"
#include "orchestrator/hostkey.h"
#include "orchestrator/userdata.h"

#include <openssl/evp.h>
#include <string.h>

static void a_key_pair_is_in_openssh_form(void **state UNUSED)
{
    struct err err = {0};
    struct ssh_key key;
    assert_succeeds(ssh_key_generate(&key, &err), err);
    assert_true(text_starts_with(key.private_key, "-----BEGIN OPENSSH PRIVATE KEY-----\n"));
    assert_true(text_ends_with(key.private_key, "-----END OPENSSH PRIVATE KEY-----\n"));
    assert_true(text_starts_with(key.public_line, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5"));
    unsigned char decoded[96];
    int length =
        EVP_DecodeBlock(decoded, (const unsigned char *)key.public_line + strlen("ssh-ed25519 "), 68);
    assert_true(length >= SSH_ED25519_BLOB_SIZE);
    assert_memory_equal(decoded, key.blob, SSH_ED25519_BLOB_SIZE);
}

static void two_key_pairs_differ(void **state UNUSED)
{
    struct err err = {0};
    struct ssh_key one, other;
    assert_succeeds(ssh_key_generate(&one, &err), err);
    assert_succeeds(ssh_key_generate(&other, &err), err);
    assert_memory_not_equal(one.blob, other.blob, SSH_ED25519_BLOB_SIZE);
}

static void a_public_key_reads_back_as_the_bytes_that_it_is(void **state UNUSED)
{
    struct err err = {0};
    struct ssh_key key;
    unsigned char blob[SSH_ED25519_BLOB_SIZE] = {0};
    assert_succeeds(ssh_key_generate(&key, &err), err);
    assert_succeeds(ssh_public_key_parse(key.public_line, blob, &err), err);
    assert_memory_equal(blob, key.blob, sizeof blob);
}

static void what_is_no_ed25519_public_key_is_refused(void **state UNUSED)
{
#define ZEROS "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    static const char *const lines[] = {
        "",
        "ssh-ed25519",
        "ssh-ed25519 ",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" ZEROS " comment",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" ZEROS "\n",
        "ssh-ed25519  AAAAC3NzaC1lZDI1NTE5AAAAI" ZEROS,
        "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAI" ZEROS,
        "ssh-ed25519 AAAAB3NzaC1lZDI1NTE5AAAAI" ZEROS,
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" ZEROS "A",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI??" ZEROS,
    };
    unsigned char blob[SSH_ED25519_BLOB_SIZE];
    struct err err = {0};
    assert_succeeds(ssh_public_key_parse("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" ZEROS, blob, &err), err);
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++)
        assert_fails(ssh_public_key_parse(lines[i], blob, &err), err, ERR_DATA);
}

static const char *boot_command(const cJSON *config, int number)
{
    const cJSON *words = cJSON_GetArrayItem(json_at(config, "bootcmd"), number);
    return cJSON_GetStringValue(cJSON_GetArrayItem(words, 2));
}

static void user_data_carries_the_host_key_the_login_and_the_dead_man_switch(void **state UNUSED)
{
    struct err err = {0};
    struct ssh_key host, user;
    assert_succeeds(ssh_key_generate(&host, &err), err);
    assert_succeeds(ssh_key_generate(&user, &err), err);
    AUTO_FREE char *text = user_data_build(&host, user.public_line, 2701, &err);
    assert_non_null(text);
    assert_true(text_starts_with(text, "#cloud-config\n"));
    assert_null(strstr(text, user.private_key));
    const char *json = strchr(text, '\n') + 1;
    AUTO_JSON cJSON *config = json_parse(json, strlen(json), USER_DATA_MAX, &err);
    assert_non_null(config);
    assert_string_equal(json_string_or(config, "ssh_keys.ed25519_private", ""), host.private_key);
    assert_string_equal(json_string_or(config, "ssh_keys.ed25519_public", ""), host.public_line);
    const cJSON *login = cJSON_GetArrayItem(json_at(config, "ssh_authorized_keys"), 0);
    assert_string_equal(cJSON_GetStringValue(login), user.public_line);
    assert_non_null(strstr(boot_command(config, 0), "shutdown -P +46 "));
    assert_non_null(strstr(boot_command(config, 1), "OnBootSec=2701s\n"));
    assert_null(boot_command(config, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_pair_is_in_openssh_form),
        cmocka_unit_test(two_key_pairs_differ),
        cmocka_unit_test(a_public_key_reads_back_as_the_bytes_that_it_is),
        cmocka_unit_test(what_is_no_ed25519_public_key_is_refused),
        cmocka_unit_test(user_data_carries_the_host_key_the_login_and_the_dead_man_switch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
