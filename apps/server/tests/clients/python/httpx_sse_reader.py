"""httpx-sse, which Python reads event streams with. Says what it saw as the others do (../node/reader.mjs)."""

import base64
import json
import os

import httpx
from httpx_sse import connect_sse


class Kept(httpx.SyncByteStream):
    """A body of which everything that is read is kept. Over an awkward network it comes byte by byte."""

    def __init__(self, body, awkward):
        self.body, self.awkward, self.read = body, awkward, b""

    def __iter__(self):
        for part in self.body:
            before, self.read = self.read[-1:], self.read + part
            yield from awkwardly(before, part) if self.awkward else [part]

    def close(self):
        self.body.close()


def awkwardly(before, part):
    """Every byte by itself, and after each block the comment that the server sends in a long silence."""
    for byte in (bytes([number]) for number in part):
        yield byte
        if before == byte == b"\n":
            yield b": keep-alive\n\n"
        before = byte


def keep(response):
    response.stream = Kept(response.stream, os.environ["NETWORK"] == "awkward")


url = os.environ["SERVER"] + "/api/chat/stream"
headers = {"Authorization": "Bearer " + os.environ["TOKEN"], "Content-Type": "application/json"}
with httpx.Client(event_hooks={"response": [keep]}, timeout=60) as client:
    with connect_sse(client, "POST", url, headers=headers, content=os.environ["BODY"]) as source:
        for event in source.iter_sse():
            # What has no data is no event, whatever a parser makes of it.
            if event.data:
                print(json.dumps({"name": event.event, "data": event.data, "id": event.id or None}))
        kept = source.response.stream.read
print(json.dumps({"bytes": base64.b64encode(kept).decode()}))
