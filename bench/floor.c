/* The floor: what it costs to bring a message to everybody when nothing is done but that.
 *
 * A WebSocket relay with no library, no allocation and no second thought: whatever one client says is sent to all of
 * them, one send() each. Usage: floor PORT. It ends with its standard input. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENTS = 16384, INPUT = 16384, STALLED_MS = 10000 };

struct client {
    int open; /* 0: none, 1: shaking hands, 2: open */
    size_t used;
    unsigned char input[INPUT];
};

static struct client *clients[CLIENTS];
static int highest;

static const char accepted[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

static void drop(int fd) {
    clients[fd]->open = 0;
    close(fd);
}

static void give(int fd, const unsigned char *data, size_t size) {
    while (size) {
        ssize_t sent = send(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0) {
            data += sent;
            size -= (size_t)sent;
        } else if (errno == EAGAIN) {
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            if (poll(&wait, 1, STALLED_MS) <= 0) return;
        } else {
            return;
        }
    }
}

static void fan_out(const unsigned char *payload, size_t size) {
    static unsigned char frame[INPUT + 4];
    size_t head = 2;
    frame[0] = 0x81;
    if (size < 126) {
        frame[1] = (unsigned char)size;
    } else {
        frame[1] = 126;
        frame[2] = (unsigned char)(size >> 8);
        frame[3] = (unsigned char)size;
        head = 4;
    }
    memcpy(frame + head, payload, size);
    for (int fd = 0; fd <= highest; fd++)
        if (clients[fd] && clients[fd]->open == 2) give(fd, frame, head + size);
}

/* The bytes that were used; 0 when a frame is not whole yet. */
static size_t take_frame(int fd, unsigned char *data, size_t size) {
    if (size < 6) return 0;
    size_t payload = data[1] & 0x7f, head = 2;
    if (payload == 126) {
        payload = (size_t)data[2] << 8 | data[3];
        head = 4;
    }
    unsigned char *mask = data + head;
    head += 4;
    if (size < head + payload) return 0;
    for (size_t at = 0; at < payload; at++) data[head + at] ^= mask[at & 3];
    if ((data[0] & 0x0f) == 1)
        fan_out(data + head, payload);
    else if ((data[0] & 0x0f) == 8)
        drop(fd);
    return head + payload;
}

static void hear(int fd) {
    struct client *client = clients[fd];
    ssize_t got = recv(fd, client->input + client->used, INPUT - client->used, MSG_DONTWAIT);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN) drop(fd);
        return;
    }
    client->used += (size_t)got;
    if (client->open == 1) {
        if (!memmem(client->input, client->used, "\r\n\r\n", 4)) return;
        client->open = 2;
        client->used = 0; /* nobody speaks before the answer */
        give(fd, (const unsigned char *)accepted, sizeof accepted - 1);
        return;
    }
    size_t start = 0, used;
    while (client->open == 2 && (used = take_frame(fd, client->input + start, client->used - start))) start += used;
    client->used -= start;
    memmove(client->input, client->input + start, client->used);
}

int main(int count, char **words) {
    if (count != 2) return 2;
    int door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1, poller = epoll_create1(0);
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in here = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(words[1])), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    if (bind(door, (struct sockaddr *)&here, sizeof here) || listen(door, 4096)) {
        perror("floor");
        return 1;
    }
    struct epoll_event events[256];
    for (int own = 0; own < 2; own++) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = own ? door : 0};
        epoll_ctl(poller, EPOLL_CTL_ADD, event.data.fd, &event);
    }
    for (;;) {
        int ready = epoll_wait(poller, events, 256, -1);
        for (int at = 0; at < ready; at++) {
            int fd = events[at].data.fd;
            if (fd == 0) return 0;
            if (fd != door) {
                hear(fd);
                continue;
            }
            while ((fd = accept4(door, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                if (fd >= CLIENTS) {
                    close(fd);
                    continue;
                }
                if (!clients[fd]) clients[fd] = calloc(1, sizeof **clients);
                clients[fd]->open = 1;
                clients[fd]->used = 0;
                if (fd > highest) highest = fd;
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
                epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
            }
        }
    }
}
