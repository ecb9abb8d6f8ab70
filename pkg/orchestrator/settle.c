#include "orchestrator/settle.h"

#include "base/parse.h"

#include <string.h>

#define OUTPUT_MAX 4096
#define NO_NEW_KEY 51 /* exit code of the script; 41 and 42 are of container_find_engine */

/* As root, with the first key's public half as $1. sshd says itself which files it reads; the one that holds
 * the first key is replaced in one step, with its owner, mode and label, and the others stay: no other type
 * of key is accepted from here. The private key is never anywhere but on this machine. sshd keeps its
 * sessions while it reads its files again; where it is started for each connection there is none to tell. No
 * single quotes: the script stands in them. */
static const char replace_host_key[] =
    "PATH=$PATH:/usr/sbin:/sbin\n"
    "d=$(mktemp -d) || exit\n"
    "trap \"rm -rf $d\" EXIT\n"
    "ssh-keygen -q -t ed25519 -N \"\" -C \"\" -f $d/key || exit\n"
    "files=$(sshd -T -C user=root,host=localhost,addr=127.0.0.1,laddr=127.0.0.1,lport=22 2>/dev/null |\n"
    "  sed -n \"s/^hostkey //p\")\n"
    "done=\n"
    "for f in ${files:-/etc/ssh/ssh_host_ed25519_key}; do\n"
    "  [ \"$(ssh-keygen -y -f $f 2>/dev/null | cut -d \" \" -f 1,2)\" = \"$1\" ] || continue\n"
    "  cp -a $f $f.new && cat $d/key >$f.new && mv -f $f.new $f || exit\n"
    "  [ ! -e $f.pub ] || cat $d/key.pub >$f.pub || exit\n"
    "  done=yes\n"
    "done\n"
    "[ \"$done\" ] || { echo \"sshd has no file with the host key that it shows\" >&2; exit 1; }\n"
    "{ systemctl reload sshd || systemctl reload ssh || kill -HUP $(cat /run/sshd.pid); } >/dev/null 2>&1\n"
    "cut -d \" \" -f 1,2 $d/key.pub\n";

/* What takes time is done side by side: the engine starts, the key is made, cloud-init ends. cloud-init's
 * verdict is worth a remark, no more: what the measurement needs is checked on its own. */
static char *settling_script(const char *given_line, struct err *err)
{
    AUTO_STRBUF struct strbuf script = STRBUF_INIT(8192);
    strbuf_addf(&script,
                "t=$(mktemp) || exit\n"
                "( %s ) >$t 2>&1 &\n"
                "root=\n"
                "[ \"$(id -u)\" = 0 ] || root='sudo -n'\n"
                "k=$($root sh -c '%s' sh '%s') || exit %d\n"
                "b=0\n"
                "if command -v cloud-init >/dev/null 2>&1; then\n"
                "  cloud-init status --wait >/dev/null 2>&1 || b=$?\n"
                "fi\n"
                "wait $! || { c=$?; cat $t >&2; exit $c; }\n"
                "echo $b\n"
                "echo \"$k\"\n"
                "cat $t\n"
                "rm $t",
                container_find_engine, replace_host_key, given_line, NO_NEW_KEY);
    return strbuf_take(&script, "the first script", err);
}

/* Cuts off the next line; empty when there is none. */
static const char *next_line(char **at)
{
    char *line = *at;
    size_t length = strcspn(line, "\n");
    *at = line + length + (line[length] != '\0');
    line[length] = '\0';
    return line;
}

static int take_answer(struct container_host *host, const char *given_line, char *text,
                       struct settled *settled, struct err *err)
{
    const char *first_boot = next_line(&text);
    const char *key = next_line(&text);
    const char *architecture = next_line(&text);
    uint64_t exit_code = 0;
    if (parse_u64(first_boot, 0, 255, &exit_code, err) < 0 || strcmp(key, given_line) == 0 ||
        ssh_public_key_parse(key, settled->host_blob, err) < 0)
        return err_set(err, ERR_REMOTE, "the machine did not name a new host key");
    settled->first_boot = (int)exit_code;
    return container_take_engine(host, architecture, next_line(&text), err);
}

int settle_machine(struct container_host *host, const char *given_line, const struct remote_limits *limits,
                   struct settled *settled, struct err *err)
{
    AUTO_FREE char *script = settling_script(given_line, err);
    AUTO_STRBUF struct strbuf output = STRBUF_INIT(OUTPUT_MAX);
    char last_words[LAST_WORDS_SIZE];
    int exit_code = 0;
    if (!script)
        return -1;
    if (host_run_script(host, script, limits, &output, &exit_code, last_words, err) < 0)
        return err_prepend(err, "waiting for the end of the first boot");
    if (exit_code == NO_NEW_KEY)
        return err_set(
            err, ERR_REMOTE,
            "the machine could not replace the host key that it was launched with (it needs OpenSSH, and "
            "sudo without a password): %s",
            last_words);
    if (exit_code != 0)
        return err_set(err, ERR_REMOTE, "no container engine: %s", last_words);
    strbuf_add(&output, "", 0);
    return take_answer(host, given_line, output.data, settled, err);
}
