"""A gate between a speaker and its server, in threads: it lets everything through until it is told otherwise."""

import socket
import threading
from contextlib import suppress


class Gate:
    """Use it with `with`. sounds: whether recordings come through. deaf: what a speaker says is lost on the way."""

    def __init__(self, upstream: int) -> None:
        self.sounds, self.deaf = True, False
        self.refused = 0
        self._upstream = upstream
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        """Every connection that is open now."""
        for one in list(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> "Gate":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._connection, args=(client,), daemon=True).start()

    def _connection(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            first = client.recv(1 << 16)
            if first.startswith(b"GET /audio/") and not self.sounds:
                self.refused += 1
                return
            with socket.create_connection(("127.0.0.1", self._upstream)) as server:
                self._open |= {client, server}
                server.sendall(first)
                back = threading.Thread(target=self._replies, args=(server, client), daemon=True)
                back.start()
                while data := client.recv(1 << 16):
                    if not self.deaf:
                        server.sendall(data)
                with suppress(OSError):
                    server.shutdown(socket.SHUT_RDWR)
                back.join()
                self._open -= {client, server}

    def _replies(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(1 << 16):
                client.sendall(data)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
