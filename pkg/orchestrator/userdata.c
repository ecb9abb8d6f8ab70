#include "orchestrator/userdata.h"

#include "base/json.h"
#include "base/strbuf.h"
#include "orchestrator/deadman.h"

#include <string.h>

/* Adds ["sh", "-c", script] to a list of commands. */
static int add_shell_command(cJSON *list, const char *script, struct err *err)
{
    const char *const words[] = {"sh", "-c", script};
    return cJSON_AddItemToArray(list, cJSON_CreateStringArray(words, 3)) ? 0 : err_memory(err);
}

/* bootcmd runs before anything else of ours, and at every boot: the switches must hold even if all that
 * follows fails. cloud-init runs the second command whatever became of the first. */
static int add_dead_man_switch(cJSON *config, uint64_t lifetime_seconds, struct err *err)
{
    AUTO_FREE char *shutdown_script = deadman_shutdown_script(lifetime_seconds, err);
    AUTO_FREE char *timer_script = shutdown_script ? deadman_timer_script(lifetime_seconds, err) : NULL;
    if (!timer_script || json_add(config, "bootcmd", cJSON_CreateArray(), err) < 0)
        return -1;
    cJSON *list = cJSON_GetObjectItemCaseSensitive(config, "bootcmd");
    if (add_shell_command(list, shutdown_script, err) < 0)
        return -1;
    return add_shell_command(list, timer_script, err);
}

/* A machine that is measured does nothing else: the container agent and the package timers stop. */
static int add_quiet_host(cJSON *config, struct err *err)
{
    if (json_add(config, "runcmd", cJSON_CreateArray(), err) < 0)
        return -1;
    cJSON *list = cJSON_GetObjectItemCaseSensitive(config, "runcmd");
    return add_shell_command(list,
                             "systemctl --no-block stop ecs.service 'dnf-*.timer' 'apt-daily*.timer' "
                             "update-motd.timer 2>/dev/null || true",
                             err);
}

static int add_host_key(cJSON *config, const struct ssh_key *host, struct err *err)
{
    cJSON *keys = json_child(config, "ssh_keys", err);
    if (!keys || json_add_string(keys, "ed25519_private", host->private_key, err) < 0 ||
        json_add_string(keys, "ed25519_public", host->public_line, err) < 0)
        return -1;
    const char *const types[] = {"ed25519"};
    if (json_add(config, "ssh_genkeytypes", cJSON_CreateStringArray(types, 1), err) < 0)
        return -1;
    return json_add_bool(config, "ssh_deletekeys", true, err);
}

/* A tree that holds the host's private key. */
static void free_config(cJSON **config)
{
    cJSON *keys = cJSON_GetObjectItemCaseSensitive(*config, "ssh_keys");
    char *secret = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(keys, "ed25519_private"));
    if (secret)
        explicit_bzero(secret, strlen(secret));
    cJSON_Delete(*config);
}

char *user_data_build(const struct ssh_key *host, const char *user_line, uint64_t lifetime_seconds,
                      struct err *err)
{
    CLEANUP(free_config) cJSON *config = cJSON_CreateObject();
    const char *const users[] = {user_line};
    if (!config || add_dead_man_switch(config, lifetime_seconds, err) < 0 ||
        add_host_key(config, host, err) < 0 ||
        json_add(config, "ssh_authorized_keys", cJSON_CreateStringArray(users, 1), err) < 0 ||
        json_add_bool(config, "package_upgrade", false, err) < 0 || add_quiet_host(config, err) < 0)
        return NULL;
    AUTO_SECRET char *json = json_print(config, false, err);
    if (!json)
        return NULL;
    /* YAML contains JSON: what cloud-init reads as YAML needs no quoting rules of ours. */
    AUTO_STRBUF struct strbuf text = STRBUF_SECRET(USER_DATA_MAX);
    strbuf_adds(&text, "#cloud-config\n");
    strbuf_adds(&text, json);
    strbuf_addc(&text, '\n');
    return strbuf_take(&text, "user data", err);
}
