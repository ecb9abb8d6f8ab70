/* A web server for unit tests, in a thread of its own on 127.0.0.1: it answers requests out of a script and
 * remembers what was asked. */
#ifndef SCRIPTED_SERVER_H
#define SCRIPTED_SERVER_H

#include "unit.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define SCRIPT_REQUEST_MAX 16384
#define SCRIPT_LOG_MAX 65536

/* The answer to requests whose head or body contains the words; rules are tried in their order. */
struct script_rule {
    const char *contains;
    int status;
    const char *body;
    unsigned times; /* after so many answers the rule is used up; 0: never */
};

struct scripted_server {
    int listener;
    uint16_t port;
    char url[64];
    pthread_t thread;
    const struct script_rule *rules;
    size_t rule_count;
    unsigned used[32];
    size_t request_count;       /* read these two after script_stop */
    char asked[SCRIPT_LOG_MAX]; /* all requests, one behind the other */
};

/* Reads head and body; the text ends in a NUL. */
static inline void script_receive(int connection, char request[SCRIPT_REQUEST_MAX])
{
    size_t length = 0, wanted = SIZE_MAX;
    while (length < SCRIPT_REQUEST_MAX - 1 && length < wanted) {
        ssize_t got = recv(connection, request + length, SCRIPT_REQUEST_MAX - 1 - length, 0);
        if (got <= 0)
            break;
        length += (size_t)got;
        request[length] = '\0';
        const char *end = strstr(request, "\r\n\r\n");
        const char *announced = strcasestr(request, "\r\nContent-Length:");
        if (end)
            wanted = (size_t)(end + 4 - request) + (announced ? strtoul(announced + 17, NULL, 10) : 0);
    }
    request[length] = '\0';
}

static inline const struct script_rule *script_find(struct scripted_server *server, const char *request)
{
    for (size_t i = 0; i < server->rule_count; i++) {
        const struct script_rule *rule = &server->rules[i];
        if (!strstr(request, rule->contains) || (rule->times && server->used[i] == rule->times))
            continue;
        server->used[i]++;
        return rule;
    }
    return NULL;
}

static inline void script_answer(struct scripted_server *server, int connection)
{
    char request[SCRIPT_REQUEST_MAX], head[256];
    script_receive(connection, request);
    const struct script_rule *rule = script_find(server, request);
    const char *body = rule ? rule->body : "not in the script";
    size_t logged = strlen(server->asked);
    snprintf(server->asked + logged, sizeof server->asked - logged, "%s\n", request);
    server->request_count++;
    snprintf(head, sizeof head, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
             rule ? rule->status : 400, strlen(body));
    send(connection, head, strlen(head), MSG_NOSIGNAL);
    send(connection, body, strlen(body), MSG_NOSIGNAL);
}

static inline void *script_serve(void *argument)
{
    struct scripted_server *server = argument;
    for (;;) {
        int connection = accept(server->listener, NULL, NULL);
        if (connection < 0)
            return NULL;
        script_answer(server, connection);
        close(connection);
    }
}

static inline void script_start(struct scripted_server *server, const struct script_rule *rules, size_t count)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    *server = (struct scripted_server){.rules = rules, .rule_count = count};
    assert_in_range(count, 1, ARRAY_LENGTH(server->used));
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(server->listener, 16), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &length), 0);
    server->port = ntohs(address.sin_port);
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%u", server->port);
    assert_int_equal(pthread_create(&server->thread, NULL, script_serve, server), 0);
}

static inline void script_stop(struct scripted_server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
}

#endif
