// A room on uWebSockets for Node, after its README: its own publish and subscribe, one process.
const uWS = require("@trufflesuite/uws-js-unofficial");

const app = uWS.App();
app
  .ws("/*", {
    open: (client) => client.subscribe("room"),
    message: (client, message, isBinary) => app.publish("room", message, isBinary),
  })
  .listen("127.0.0.1", Number(process.env.PORT), (socket) => {
    if (!socket) process.exit(1);
  });
