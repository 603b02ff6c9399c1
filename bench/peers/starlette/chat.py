"""A room on Starlette: a loop over the clients of each worker, and redis.asyncio's pub/sub between them."""

import asyncio
import contextlib
import os

import redis.asyncio as redis
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

clients = set()
bus = redis.from_url(os.environ["REDIS_URL"], decode_responses=True)


async def chat(websocket):
    await websocket.accept()
    clients.add(websocket)
    try:
        async for text in websocket.iter_text():
            await bus.publish("room", text)
    finally:
        clients.discard(websocket)


async def listen():
    async with bus.pubsub() as pubsub:
        await pubsub.subscribe("room")
        async for message in pubsub.listen():
            if message["type"] == "message":
                for websocket in list(clients):
                    await websocket.send_text(message["data"])


@contextlib.asynccontextmanager
async def lifespan(app):
    listener = asyncio.create_task(listen())
    yield
    listener.cancel()


app = Starlette(routes=[WebSocketRoute("/", chat)], lifespan=lifespan)
