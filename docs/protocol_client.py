"""Sign in, enter a room, say something, print what comes: protocol_client.py SITE USERNAME PASSWORD ROOM TEXT"""

import json
import re
import sys
import uuid
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import websocket

site, username, password, room, text = sys.argv[1:]
cookies = CookieJar()
browser = build_opener(HTTPCookieProcessor(cookies))
form = browser.open(f"{site}/sign-in").read().decode()
token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', form)[1]
fields = {"username": username, "password": password, "csrf_token": token}
browser.open(f"{site}/sign-in", urlencode(fields).encode())

cookie = "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies)
socket = websocket.create_connection(site.replace("http", "ws", 1) + "/ws", cookie=cookie, origin=site)
socket.send(json.dumps({"command": "join", "room": room}))
socket.send(json.dumps({"command": "send", "room": room, "body": text, "client_id": str(uuid.uuid4())}))
while frame := socket.recv():
    print(frame, flush=True)
