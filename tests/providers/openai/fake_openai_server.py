#!/usr/bin/env python3
"""A server that speaks like OpenAI's, in a process of its own. Standard library only.

  fake_openai_server.py --play DIR    plays the example streams of DIR byte for byte
  fake_openai_server.py --agent       answers by rules, with text and tool calls: a small receptionist
                                      for the clinic's tools, for `scripts/demo --model URL`
  --port N      0 (default): any free one. --pace-ms N: between the words of --agent, default 15.

Prints its base URL, ends with its standard input (with --stay: with a signal).

What --play plays is named by the request's `model`: "play/stream-text-usage", then any of
  ;bytes=7      in pieces of so many bytes       ;delay_ms=2  so long between pieces
  ;cut=200      the connection breaks there      ;stall=200   nothing more comes from there on
  ;status=503   this status and a JSON error     ;times=2     so many times, then the stream
Other paths: GET /v1/models, POST /v1/embeddings, GET /stats.
"""

import argparse
import base64
import hashlib
import http.server
import itertools
import json
import os
import struct
import sys
import threading
import time

sys.dont_write_bytecode = True  # this lies among sources

import clinic_agent

lock = threading.Lock()
stats = {"connections": 0, "requests": 0, "completed": 0, "aborted": 0}
failures = {}  # model -> how often it failed already
serial = itertools.count(1)


def count(name):
    with lock:
        stats[name] += 1


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 600

    def setup(self):
        super().setup()
        count("connections")

    def log_message(self, *_):
        pass

    def reply_json(self, status, value, headers=()):
        body = json.dumps(value, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, text in headers:
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def error(self, status, message, kind, code=None):
        self.reply_json(
            status, {"error": {"message": message, "type": kind, "param": None, "code": code}},
            [("x-request-id", f"req_{next(serial)}")])

    def do_GET(self):
        if self.path == "/stats":
            with lock:
                self.reply_json(200, dict(stats))
        elif self.path == "/v1/models":
            model = {"id": "fake", "object": "model", "created": 1, "owned_by": "dragoman"}
            self.reply_json(200, {"object": "list", "data": [model]})
        else:
            self.error(404, "unknown path", "invalid_request_error")

    def do_POST(self):
        count("requests")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            request = json.loads(body)
        except ValueError:
            return self.error(400, "body is not JSON", "invalid_request_error")
        if self.path == "/v1/chat/completions":
            self.chat(request)
        elif self.path == "/v1/embeddings":
            self.embeddings(request)
        else:
            self.error(404, "unknown path", "invalid_request_error")

    # --- streams

    def begin_stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("x-request-id", f"req_{next(serial)}")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def send_piece(self, data):
        if data:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def end_stream(self):
        self.wfile.write(b"0\r\n\r\n")

    def wait_for_client(self):
        """Until the client leaves."""
        self.connection.settimeout(60)
        self.connection.recv(1)

    def chat(self, request):
        try:
            if self.server.arguments.agent:
                self.run_agent(request)
            else:
                self.play(request)
            count("completed")
        except OSError:  # the client left: barge-in
            self.close_connection = True
            count("aborted")

    def play(self, request):
        model = request.get("model", "")
        name, *options = model.removeprefix("play/").split(";")
        options = {k: int(v) for k, v in (option.split("=") for option in options)}
        if "status" in options:
            with lock:
                failures[model] = failures.get(model, 0) + 1
                fails = failures[model] <= options.get("times", 1 << 30)
            if fails:
                return self.error(options["status"], "scripted", "server_error")
        path = os.path.join(self.server.arguments.play, os.path.basename(name) + ".sse")
        try:
            with open(path, "rb") as file:
                stream = file.read()
        except OSError:
            return self.error(404, f"The model '{name}' does not exist", "invalid_request_error",
                              "model_not_found")
        end = min(options.get("cut", len(stream)), options.get("stall", len(stream)))
        size = options.get("bytes", len(stream))
        self.begin_stream()
        for at in range(0, end, size):
            self.send_piece(stream[at:min(at + size, end)])
            time.sleep(options.get("delay_ms", 0) / 1000)
        if "stall" in options:
            self.wait_for_client()
            raise ConnectionResetError
        if "cut" in options:
            self.close_connection = True
            return None
        return self.end_stream()

    def run_agent(self, request):
        if not request.get("stream"):
            return self.error(400, "only streams are served", "invalid_request_error")
        answer = clinic_agent.answer(request)
        head = {"id": f"chatcmpl-{next(serial)}", "object": "chat.completion.chunk",
                "created": int(time.time()), "model": request.get("model", "fake")}

        def send(delta, finish=None, **more):
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            chunk = {**head, "choices": [choice], "usage": None, **more}
            data = json.dumps(chunk, ensure_ascii=False)
            self.send_piece(f"data: {data}\n\n".encode())

        self.begin_stream()
        send({"role": "assistant", "content": ""})
        for word in answer.words():
            time.sleep(self.server.arguments.pace_ms / 1000)
            send({"content": word})
        for index, (tool, arguments) in enumerate(answer.calls):
            call = {"index": index, "id": f"call_{next(serial)}", "type": "function",
                    "function": {"name": tool, "arguments": ""}}
            send({"tool_calls": [call]})
            text = json.dumps(arguments)
            for at in range(0, len(text), 7):
                piece = {"index": index, "function": {"arguments": text[at:at + 7]}}
                send({"tool_calls": [piece]})
        send({}, "tool_calls" if answer.calls else "stop")
        usage = {"prompt_tokens": len(json.dumps(request)) // 4,
                 "completion_tokens": len(answer.text) // 4 + 1}
        usage["total_tokens"] = sum(usage.values())
        data = json.dumps({**head, "choices": [], "usage": usage})
        self.send_piece(f"data: {data}\n\ndata: [DONE]\n\n".encode())
        return self.end_stream()

    # --- embeddings

    def embeddings(self, request):
        texts = request["input"] if isinstance(request["input"], list) else [request["input"]]
        data = []
        for index, text in enumerate(texts):
            digest = hashlib.sha256(text.encode()).digest()
            vector = [byte - 127.5 for byte in digest[:request.get("dimensions", 8)]]
            embedding = vector
            if request.get("encoding_format") == "base64":
                embedding = base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
            data.append({"object": "embedding", "index": index, "embedding": embedding})
        data.reverse()  # the order is that of `index`
        tokens = sum(len(text) // 4 + 1 for text in texts)
        self.reply_json(200, {"object": "list", "data": data, "model": request["model"],
                              "usage": {"prompt_tokens": tokens, "total_tokens": tokens}})


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # a client that leaves is no error


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--play", metavar="DIR")
    mode.add_argument("--agent", action="store_true")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--pace-ms", type=int, default=15)
    parser.add_argument("--stay", action="store_true")
    arguments = parser.parse_args()
    server = Server(("127.0.0.1", arguments.port), Handler)
    server.arguments = arguments
    print(f"http://127.0.0.1:{server.server_port}/v1", flush=True)
    if arguments.stay:
        server.serve_forever()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
