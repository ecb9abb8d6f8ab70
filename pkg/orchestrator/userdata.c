#include "orchestrator/userdata.h"

#include "base/json.h"
#include "base/strbuf.h"

#include <inttypes.h>

/* Adds ["sh", "-c", script] to a list of commands. */
static int add_shell_command(cJSON *list, const char *script, struct err *err)
{
    const char *const words[] = {"sh", "-c", script};
    return cJSON_AddItemToArray(list, cJSON_CreateStringArray(words, 3)) ? 0 : err_memory(err);
}

/* bootcmd runs before anything else in the boot: the power-off timer must hold even if all that follows
 * fails. */
static int add_dead_man_switch(cJSON *config, uint64_t minutes, struct err *err)
{
    char script[64];
    snprintf(script, sizeof script, "shutdown -P +%" PRIu64, minutes);
    if (json_add(config, "bootcmd", cJSON_CreateArray(), err) < 0)
        return -1;
    return add_shell_command(cJSON_GetObjectItemCaseSensitive(config, "bootcmd"), script, err);
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

char *user_data_build(const struct ssh_key *host, const char *user_line, uint64_t lifetime_minutes,
                      struct err *err)
{
    AUTO_JSON cJSON *config = cJSON_CreateObject();
    const char *const users[] = {user_line};
    if (!config || add_dead_man_switch(config, lifetime_minutes, err) < 0 ||
        add_host_key(config, host, err) < 0 ||
        json_add(config, "ssh_authorized_keys", cJSON_CreateStringArray(users, 1), err) < 0 ||
        json_add_bool(config, "package_upgrade", false, err) < 0 || add_quiet_host(config, err) < 0)
        return NULL;
    AUTO_FREE char *json = json_print(config, false, err);
    if (!json)
        return NULL;
    /* YAML contains JSON: what cloud-init reads as YAML needs no quoting rules of ours. */
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(USER_DATA_MAX);
    strbuf_adds(&text, "#cloud-config\n");
    strbuf_adds(&text, json);
    strbuf_addc(&text, '\n');
    return strbuf_take(&text, "user data", err);
}
