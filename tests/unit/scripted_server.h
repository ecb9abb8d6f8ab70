/*
 * A web server for unit tests, in a thread of its own on 127.0.0.1: it answers requests out of a script and
 * remembers what was asked. Connections are kept alive, one at a time.
 */
#ifndef SCRIPTED_SERVER_H
#define SCRIPTED_SERVER_H

#include "unit.h"

#include "base/strbuf.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define SCRIPT_RULES_MAX 32
#define SCRIPT_REQUESTS_MAX 256
#define SCRIPT_LOG_MAX (256u << 10)

/* A rule says only what differs from a plain answer. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* The answer to requests whose head or body contains the words. Rules are tried in their order. */
struct script_rule {
    const char *contains; /* NULL: the next request, whatever it is; the last rule then goes on for ever */
    int status;           /* 0: close the connection without an answer */
    const char *body;     /* or NULL */
    unsigned times;       /* after so many answers the rule is used up; 0: never */
    const char *headers;  /* lines that end in "\r\n", or NULL */
    bool cut;             /* promise more bytes than come, and close */
    bool silent;          /* do not answer, and leave the connection open */
};

struct scripted_server {
    const struct script_rule *rules;
    size_t rule_count;
    unsigned used[SCRIPT_RULES_MAX];
    int listener;
    int stop[2]; /* a pipe: closed to end the thread */
    uint16_t port;
    char url[64];
    pthread_t thread;
    /* Read these between calls, or after script_stop. */
    atomic_size_t request_count;
    atomic_size_t connection_count;
    char *requests[SCRIPT_REQUESTS_MAX]; /* the first of them, by themselves; until script_stop */
    size_t asked_length;
    char asked[SCRIPT_LOG_MAX]; /* all of them, heads and bodies */
};

/* A whole request with its body, or an empty text when the connection ended first. */
static inline void script_receive(int connection, struct strbuf *request)
{
    size_t wanted = SIZE_MAX;
    char byte = 0;
    while (request->length < wanted && recv(connection, &byte, 1, 0) == 1) {
        strbuf_addc(request, byte);
        if (wanted != SIZE_MAX || !strstr(strbuf_text(request), "\r\n\r\n"))
            continue;
        const char *length = strcasestr(strbuf_text(request), "\r\nContent-Length:");
        wanted = request->length + (length ? strtoul(length + 17, NULL, 10) : 0);
    }
    if (request->length < wanted)
        strbuf_reset(request);
}

static inline bool script_fits(const struct scripted_server *server, size_t index, const char *request)
{
    const struct script_rule *rule = &server->rules[index];
    if (!rule->contains)
        return !server->used[index] || index + 1 == server->rule_count;
    return strstr(request, rule->contains) && !(rule->times && server->used[index] == rule->times);
}

static inline struct script_rule script_find(struct scripted_server *server, const char *request)
{
    for (size_t i = 0; i < server->rule_count; i++) {
        if (!script_fits(server, i, request))
            continue;
        server->used[i]++;
        return server->rules[i];
    }
    return (struct script_rule){.status = 400, .body = "not in the script"};
}

/* Returns whether the connection goes on. */
static inline bool script_answer(int connection, const struct script_rule *rule, bool head_only)
{
    AUTO_STRBUF struct strbuf answer = STRBUF_INIT(64u << 20);
    const char *body = rule->body ? rule->body : "";
    const char *headers = rule->headers ? rule->headers : "";
    if (rule->silent || rule->status == 0)
        return rule->silent;
    strbuf_addf(&answer, "HTTP/1.1 %d Scripted\r\n%s", rule->status, headers);
    if (!strcasestr(headers, "Content-Length:"))
        strbuf_addf(&answer, "Content-Length: %zu\r\n", strlen(body) + (rule->cut ? 100 : 0));
    strbuf_addf(&answer, "\r\n%s", head_only ? "" : body);
    for (size_t sent = 0; sent < answer.length;) {
        ssize_t count = send(connection, answer.data + sent, answer.length - sent, MSG_NOSIGNAL);
        if (count <= 0)
            return false;
        sent += (size_t)count;
    }
    return !rule->cut;
}

static inline void script_remember(struct scripted_server *server, const struct strbuf *request)
{
    size_t room = sizeof server->asked - 1 - server->asked_length;
    size_t length = request->length < room ? request->length : room;
    if (server->request_count < SCRIPT_REQUESTS_MAX) {
        char *copy = malloc(request->length + 1);
        memcpy(copy, request->data, request->length + 1);
        server->requests[server->request_count] = copy;
    }
    memcpy(server->asked + server->asked_length, request->data, length);
    server->asked_length += length;
    server->request_count++;
}

static inline bool script_serve(struct scripted_server *server, int connection)
{
    AUTO_STRBUF struct strbuf request = STRBUF_INIT(1u << 20);
    script_receive(connection, &request);
    if (request.length == 0)
        return false;
    script_remember(server, &request);
    struct script_rule rule = script_find(server, strbuf_text(&request));
    return script_answer(connection, &rule, strncmp(request.data, "HEAD ", 5) == 0);
}

static inline void *script_run(void *argument)
{
    struct scripted_server *server = argument;
    AUTO_CLOSE int connection = -1;
    for (;;) {
        struct pollfd fds[] = {
            {server->stop[0], POLLIN, 0}, {server->listener, POLLIN, 0}, {connection, POLLIN, 0}};
        poll(fds, 3, -1);
        if (fds[0].revents)
            return NULL;
        bool goes_on = !fds[2].revents || script_serve(server, connection);
        if (goes_on && !fds[1].revents)
            continue;
        if (connection >= 0)
            close(connection);
        connection = fds[1].revents ? accept(server->listener, NULL, NULL) : -1;
        server->connection_count += connection >= 0;
    }
}

static inline void script_start(struct scripted_server *server, const struct script_rule *rules, size_t count)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    *server = (struct scripted_server){.rules = rules, .rule_count = count};
    assert_in_range(count, 1, SCRIPT_RULES_MAX);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(server->listener, 16), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &length), 0);
    assert_int_equal(pipe(server->stop), 0);
    server->port = ntohs(address.sin_port);
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%u", server->port);
    assert_int_equal(pthread_create(&server->thread, NULL, script_run, server), 0);
}

static inline void script_stop(struct scripted_server *server)
{
    close(server->stop[1]);
    pthread_join(server->thread, NULL);
    close(server->stop[0]);
    close(server->listener);
    for (size_t i = 0; i < SCRIPT_REQUESTS_MAX; i++)
        free(server->requests[i]);
}

/* The request of that number, from 0. */
static inline const char *script_request(const struct scripted_server *server, size_t number)
{
    assert_true(number < server->request_count);
    return server->requests[number];
}

#endif
