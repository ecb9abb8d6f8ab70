/* SSH by libssh2, never blocking: libssh2's own blocking calls have no deadline of ours and report success
 * they did not have. */
#include "orchestrator/remote.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/lines.h"
#include "orchestrator/envelope.h"
#include "orchestrator/tcp.h"

#include <errno.h>
#include <libssh2.h>
#include <math.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define CONNECT_SECONDS 10.0      /* one attempt to reach and to greet */
#define MOST_GREETING (1UL << 20) /* bytes that a peer may send before it has let us in */
#define ONE_CALL (256UL << 10)    /* bytes that one call of libssh2 may read */
#define CLOSE_SECONDS 2.0
#define LONGEST_HEARTBEAT 5.0 /* seconds between two of the machine's signs of life */
#define HEARTBEATS_MISSED 5   /* at least, before a machine counts as dead */

struct remote_session {
    struct clock clock;
    LIBSSH2_SESSION *ssh;
    int socket;
    unsigned char host_blob[SSH_ED25519_BLOB_SIZE];
    size_t allowance; /* bytes that libssh2 may still read before it has to come back */
    size_t budget;    /* bytes that the peer may still send */
    bool flooded;     /* it has sent more */
};

/* One command under way. */
struct exchange {
    struct remote_session *session;
    const struct remote_command *command;
    const struct remote_limits *limits;
    LIBSSH2_CHANNEL *channel;
    struct strbuf *output;
    char word[ENVELOPE_WORD_SIZE];
    size_t written; /* bytes of the input */
    bool input_ended;
    double last_heard; /* monotonic */
    struct lines talk; /* standard error */
    size_t talked;
};

int remote_ssh_global_init(struct err *err)
{
    return libssh2_init(0) == 0 ? 0 : err_set(err, ERR_INTERNAL, "libssh2 could not start");
}

void remote_ssh_global_cleanup(void)
{
    libssh2_exit();
}

static int ssh_error(struct remote_session *session, enum err_kind kind, const char *what, struct err *err)
{
    char *reason = NULL;
    int length = 0;
    if (session->flooded)
        return err_set(err, kind, "%s: the machine sent more than it may", what);
    libssh2_session_last_error(session->ssh, &reason, &length, 0);
    return err_set(err, kind, "%s: %.*s", what, reason ? length : 0, reason ? reason : "");
}

/* What libssh2 reads with. It drops packets that mean nothing, and lines before a greeting, for as long as
 * more of them come, and keeps those that nobody asks for: a peer that floods would hold us inside one call,
 * beyond every deadline, or fill the memory. So each call gets so many bytes and then hears "again", and each
 * conversation gets so many in all. */
static LIBSSH2_RECV_FUNC(receive_bounded)
{
    struct remote_session *session = *abstract;
    if (session->budget == 0) {
        session->flooded = true;
        return -ECONNABORTED;
    }
    if (session->allowance == 0)
        return -EAGAIN;
    length = length < session->allowance ? length : session->allowance;
    ssize_t got = recv(socket, buffer, length < session->budget ? length : session->budget, flags);
    if (got < 0)
        return errno == EINTR || errno == EWOULDBLOCK ? -EAGAIN : -errno;
    session->allowance -= (size_t)got;
    session->budget -= (size_t)got;
    return got;
}

/* Waits for the socket in the directions libssh2 wants. -1 once the deadline or a cancellation is there. */
static int wait_for_socket(struct remote_session *session, double until, const struct remote_limits *limits,
                           struct err *err)
{
    session->allowance = ONE_CALL;
    if (limits->cancel && cancel_check(limits->cancel, limits->cancel_from, err) < 0)
        return -1;
    double left = until - clock_monotonic(&session->clock);
    if (left <= 0)
        return err_set(err, ERR_NETWORK, "no answer in time");
    int directions = libssh2_session_block_directions(session->ssh);
    short events = 0;
    if (directions & LIBSSH2_SESSION_BLOCK_OUTBOUND)
        events = (short)(events | POLLOUT);
    if (directions & LIBSSH2_SESSION_BLOCK_INBOUND || !events)
        events = (short)(events | POLLIN);
    tcp_acknowledge_at_once(session->socket);
    cancel_wait(session->socket, events, left, limits->cancel);
    return 0;
}

/* Repeats a libssh2 call until it no longer says "again". */
#define UNTIL_DONE(session, until, limits, err, result, call)                                                \
    do {                                                                                                     \
        (result) = (call);                                                                                   \
    } while ((result) == LIBSSH2_ERROR_EAGAIN && wait_for_socket((session), (until), (limits), (err)) == 0)

static void session_close(struct remote_session *session)
{
    if (!session)
        return;
    if (session->ssh) {
        libssh2_session_disconnect(session->ssh, "done"); /* best effort: it does not block */
        /* what is under way still goes out, but nothing can have to wait any more: else libssh2 would say
         * "again" for ever to a peer that reads nothing, and free nothing */
        shutdown(session->socket, SHUT_RDWR);
        session->budget = 0;
        libssh2_session_free(session->ssh);
    }
    if (session->socket >= 0)
        close(session->socket);
    free(session);
}

static void auto_session(struct remote_session **session)
{
    session_close(*session);
}

static bool is_among(const char *word, const char **list, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(word, list[i]) == 0)
            return true;
    return false;
}

/* Of the wanted methods (ended by NULL), the best first, those that the library has: given others, libssh2
 * 1.10 takes them out of its list with an overlapping memcpy. Where it has none of them its own choice stays.
 */
static void prefer(LIBSSH2_SESSION *ssh, int kind, const char *const *wanted)
{
    AUTO_STRBUF struct strbuf list = STRBUF_INIT(1024);
    const char **supported = NULL;
    int count = libssh2_session_supported_algs(ssh, kind, &supported);
    for (; count > 0 && *wanted; wanted++)
        if (is_among(*wanted, supported, count))
            strbuf_addf(&list, "%s%s", list.length ? "," : "", *wanted);
    if (count > 0)
        libssh2_free(ssh, supported);
    if (list.length)
        libssh2_session_method_pref(ssh, kind, strbuf_text(&list));
}

static void prefer_modern_methods(LIBSSH2_SESSION *ssh)
{
    static const char *const exchanges[] = {
        "curve25519-sha256",  "curve25519-sha256@libssh.org",         "ecdh-sha2-nistp256",
        "ecdh-sha2-nistp384", "diffie-hellman-group-exchange-sha256", NULL};
    static const char *const ciphers[] = {
        "aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "aes256-ctr", "aes192-ctr", "aes128-ctr", NULL};
    static const char *const host_keys[] = {"ssh-ed25519", NULL};
    prefer(ssh, LIBSSH2_METHOD_KEX, exchanges);
    prefer(ssh, LIBSSH2_METHOD_HOSTKEY, host_keys);
    prefer(ssh, LIBSSH2_METHOD_CRYPT_CS, ciphers);
    prefer(ssh, LIBSSH2_METHOD_CRYPT_SC, ciphers);
}

static int handshake(struct remote_session *session, double until, const struct remote_limits *limits,
                     struct err *err)
{
    session->ssh = libssh2_session_init_ex(NULL, NULL, NULL, session);
    if (!session->ssh)
        return err_memory(err);
    libssh2_session_callback_set(session->ssh, LIBSSH2_CALLBACK_RECV, (void *)receive_bounded);
    session->allowance = ONE_CALL;
    session->budget = MOST_GREETING;
    libssh2_session_set_blocking(session->ssh, 0);
    prefer_modern_methods(session->ssh);
    err_clear(err);
    int result;
    UNTIL_DONE(session, until, limits, err, result, libssh2_session_handshake(session->ssh, session->socket));
    if (result == 0)
        return 0;
    if (err->kind != ERR_NONE)
        return err_prepend(err, "SSH handshake");
    return ssh_error(session, ERR_NETWORK, "SSH handshake failed", err);
}

static bool shows(const struct remote_session *session, const unsigned char *wanted)
{
    size_t length = 0;
    int type = 0;
    const char *blob = libssh2_session_hostkey(session->ssh, &length, &type);
    return blob && length == SSH_ED25519_BLOB_SIZE && memcmp(blob, wanted, length) == 0;
}

/* The bytes of the host's key are those that we expect, or we don't go on. */
static int verify_host(const struct remote_session *session, const struct remote_target *target,
                       struct err *err)
{
    if (shows(session, target->host_blob))
        return 0;
    if (target->former_blob && shows(session, target->former_blob)) {
        err_set(err, ERR_NETWORK, "the machine still shows the host key that it was launched with");
        err_set_code(err, REMOTE_FORMER_KEY);
        return -1;
    }
    return err_set(
        err, ERR_SECURITY,
        "the machine's host key is not the one we gave it: this may be another machine; not trusted");
}

static int authenticate(struct remote_session *session, const struct remote_target *target, double until,
                        const struct remote_limits *limits, struct err *err)
{
    err_clear(err);
    int result;
    UNTIL_DONE(session, until, limits, err, result,
               libssh2_userauth_publickey_frommemory(session->ssh, target->user, strlen(target->user), NULL,
                                                     0, target->private_key, strlen(target->private_key),
                                                     NULL));
    if (result == 0)
        return 0;
    if (err->kind != ERR_NONE)
        return err_prepend(err, "SSH log-in");
    bool refused =
        result == LIBSSH2_ERROR_AUTHENTICATION_FAILED || result == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED;
    return ssh_error(session, refused ? ERR_AUTH : ERR_NETWORK, "SSH log-in failed", err);
}

static struct remote_session *ssh_connect(void *context UNUSED, const struct remote_target *target,
                                          const struct remote_limits *limits, struct err *err)
{
    CLEANUP(auto_session) struct remote_session *session = calloc(1, sizeof *session);
    if (!session) {
        err_memory(err);
        return NULL;
    }
    session->clock = clock_system();
    memcpy(session->host_blob, target->host_blob, sizeof session->host_blob);
    double until = fmin(limits->deadline, clock_monotonic(&session->clock) + CONNECT_SECONDS);
    session->socket = tcp_connect(target->address, target->port, &session->clock, until, limits->cancel,
                                  limits->cancel_from, err);
    if (session->socket < 0)
        return NULL;
    if (handshake(session, until, limits, err) < 0) {
        err_set_code(err, REMOTE_BROKEN);
        return NULL;
    }
    if (verify_host(session, target, err) < 0 || authenticate(session, target, until, limits, err) < 0)
        return NULL;
    return TAKE(session);
}

static int open_channel(struct exchange *exchange, const char *command_line, struct err *err)
{
    struct remote_session *session = exchange->session;
    double until =
        fmin(exchange->limits->deadline, clock_monotonic(&session->clock) + exchange->command->silence_limit);
    err_clear(err);
    for (;;) {
        exchange->channel = libssh2_channel_open_session(session->ssh);
        if (exchange->channel)
            break;
        if (libssh2_session_last_errno(session->ssh) != LIBSSH2_ERROR_EAGAIN)
            return ssh_error(session, ERR_NETWORK, "could not open an SSH channel", err);
        if (wait_for_socket(session, until, exchange->limits, err) < 0)
            return -1;
    }
    int result;
    UNTIL_DONE(session, until, exchange->limits, err, result,
               libssh2_channel_exec(exchange->channel, command_line));
    if (result == 0)
        return 0;
    return err->kind != ERR_NONE ? -1
                                 : ssh_error(session, ERR_NETWORK, "could not start the remote script", err);
}

/* The three steps below return 1 when something moved, 0 when they would have to wait, -1 on failure. */

static int send_input(struct exchange *exchange, struct err *err)
{
    if (exchange->input_ended)
        return 0;
    size_t left = exchange->command->input_length - exchange->written;
    ssize_t result;
    if (left > 0)
        /* after "again" libssh2 wants the same buffer and length: `written` has not moved, so they are the
         * same */
        result = libssh2_channel_write(exchange->channel,
                                       (const char *)exchange->command->input + exchange->written, left);
    else
        result = libssh2_channel_send_eof(exchange->channel);
    if (result == LIBSSH2_ERROR_EAGAIN)
        return 0;
    if (result < 0)
        return ssh_error(exchange->session, ERR_NETWORK, "the connection was lost while sending", err);
    if (left > 0)
        exchange->written += (size_t)result;
    else
        exchange->input_ended = true;
    return 1;
}

static int lost(const struct exchange *exchange, struct err *err)
{
    return ssh_error(exchange->session, exchange->session->flooded ? ERR_REMOTE : ERR_NETWORK,
                     "the connection was lost", err);
}

static int receive_output(struct exchange *exchange, struct err *err)
{
    char chunk[8192];
    ssize_t got = libssh2_channel_read(exchange->channel, chunk, sizeof chunk);
    if (got == LIBSSH2_ERROR_EAGAIN || got == 0)
        return 0;
    if (got < 0)
        return lost(exchange, err);
    strbuf_add(exchange->output, chunk, (size_t)got);
    if (strbuf_ok(exchange->output, "the machine's output", err) < 0) {
        err->kind = ERR_REMOTE;
        return -1;
    }
    return 1;
}

static void hear_line(void *context, const char *line, size_t length)
{
    const struct exchange *exchange = context;
    const struct remote_command *command = exchange->command;
    if (command->on_line && !envelope_is_heartbeat(line, length, exchange->word))
        command->on_line(command->context, line, length);
}

static int receive_talk(struct exchange *exchange, struct err *err)
{
    char chunk[4096];
    ssize_t got = libssh2_channel_read_stderr(exchange->channel, chunk, sizeof chunk);
    if (got == LIBSSH2_ERROR_EAGAIN || got == 0)
        return 0;
    if (got < 0)
        return lost(exchange, err);
    exchange->talked += (size_t)got;
    if (exchange->talked > REMOTE_TALK_MAX)
        return err_set(err, ERR_REMOTE, "the machine printed more than %lu bytes on standard error",
                       REMOTE_TALK_MAX);
    lines_take(&exchange->talk, chunk, (size_t)got);
    return 1;
}

/* Whether it may go on, also with a machine that never stops talking. */
static int check_limits(const struct exchange *exchange, struct err *err)
{
    const struct remote_limits *limits = exchange->limits;
    exchange->session->allowance = ONE_CALL;
    if (!shows(exchange->session, exchange->session->host_blob))
        return err_set(err, ERR_SECURITY, "the machine's host key has changed: not trusted");
    if (limits->cancel && cancel_check(limits->cancel, limits->cancel_from, err) < 0)
        return -1;
    if (clock_monotonic(&exchange->session->clock) >= limits->deadline)
        return err_set(err, ERR_REMOTE, "the remote script did not end in the time it was given");
    return 0;
}

/* sshd says so at once, while what the script has left behind may keep its streams open. */
static bool killed_by_signal(const struct exchange *exchange)
{
    char *name = NULL;
    size_t length = 0;
    libssh2_channel_get_exit_signal(exchange->channel, &name, &length, NULL, NULL, NULL, NULL);
    if (name)
        libssh2_free(exchange->session->ssh, name);
    return length > 0;
}

/* Nothing moved: is it over, dead, or only slow? */
static int wait_for_more(struct exchange *exchange, struct err *err)
{
    if (libssh2_channel_eof(exchange->channel))
        return err_set(err, ERR_REMOTE,
                       "the remote script ended without its last line: it was killed or cut off");
    if (killed_by_signal(exchange))
        return err_set(err, ERR_REMOTE, "the remote script was killed by a signal");
    double silent_until = exchange->last_heard + exchange->command->silence_limit;
    if (clock_monotonic(&exchange->session->clock) > silent_until)
        return err_set(err, ERR_NETWORK, "the machine has been silent for %.0f s",
                       exchange->command->silence_limit);
    double until = fmin(exchange->limits->deadline, silent_until) + 0.1; /* which of the two is said above */
    return wait_for_socket(exchange->session, until, exchange->limits, err);
}

static int converse(struct exchange *exchange, struct err *err)
{
    exchange->last_heard = clock_monotonic(&exchange->session->clock);
    while (!envelope_complete(exchange->output, exchange->word)) {
        int sent = check_limits(exchange, err) < 0 ? -1 : send_input(exchange, err);
        int received = sent < 0 ? -1 : receive_output(exchange, err);
        int talked = received < 0 ? -1 : receive_talk(exchange, err);
        if (talked < 0)
            return -1;
        if (received + talked > 0)
            exchange->last_heard = clock_monotonic(&exchange->session->clock);
        if (sent + received + talked == 0 && wait_for_more(exchange, err) < 0)
            return -1;
    }
    return 0;
}

/* Gives the channel back within a moment; a dead peer is left to session_close. */
static void close_channel(struct exchange *exchange)
{
    if (!exchange->channel)
        return;
    struct remote_limits moment = {clock_monotonic(&exchange->session->clock) + CLOSE_SECONDS, NULL,
                                   CANCEL_NONE};
    struct err ignored = {0};
    int result UNUSED;
    UNTIL_DONE(exchange->session, moment.deadline, &moment, &ignored, result,
               libssh2_channel_free(exchange->channel));
}

static int ssh_run(struct remote_session *session, const struct remote_command *command,
                   const struct remote_limits *limits, struct strbuf *output, int *exit_code, struct err *err)
{
    struct exchange exchange = {.session = session, .command = command, .limits = limits, .output = output};
    exchange.talk = (struct lines){.on_line = hear_line, .context = &exchange};
    /* both streams, and what SSH adds to each packet */
    session->budget = 2 * (command->output_limit + REMOTE_TALK_MAX);
    session->allowance = ONE_CALL;
    strbuf_free(output);
    output->limit = command->output_limit + 1 + ENVELOPE_LAST_LINE_MAX;
    if (random_name(exchange.word, ENVELOPE_WORD_SIZE - 1, err) < 0)
        return -1;
    struct envelope envelope = {command->script, exchange.word, command->output_limit,
                                fmin(LONGEST_HEARTBEAT, command->silence_limit / HEARTBEATS_MISSED)};
    AUTO_FREE char *command_line = envelope_wrap(&envelope, err);
    if (!command_line)
        return -1;
    int result = open_channel(&exchange, command_line, err);
    if (result == 0)
        result = converse(&exchange, err);
    close_channel(&exchange);
    if (result < 0)
        return -1;
    if (envelope_open(output, exchange.word, exit_code, err) < 0)
        return -1;
    if (output->length > command->output_limit)
        return err_set(err, ERR_REMOTE, "the remote script printed more than %zu bytes",
                       command->output_limit);
    return 0;
}

struct remote remote_ssh(void)
{
    static const struct remote_ops ops = {ssh_connect, ssh_run, session_close};
    return (struct remote){&ops, NULL};
}
