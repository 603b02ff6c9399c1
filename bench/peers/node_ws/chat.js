// A room on Node's ws, after its README ("server broadcast"), with ioredis between two workers of node:cluster.
const cluster = require("node:cluster");
const Redis = require("ioredis");
const { WebSocket, WebSocketServer } = require("ws");

if (cluster.isPrimary) {
  cluster.fork();
  cluster.fork();
} else {
  const publisher = new Redis(process.env.REDIS_URL);
  const subscriber = new Redis(process.env.REDIS_URL);
  const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.env.PORT) });

  server.on("connection", (client) => {
    client.on("error", console.error);
    client.on("message", (data) => publisher.publish("room", data));
  });

  subscriber.subscribe("room");
  subscriber.on("messageBuffer", (channel, data) => {
    server.clients.forEach((client) => {
      if (client.readyState === WebSocket.OPEN) {
        client.send(data, { binary: false });
      }
    });
  });
}
