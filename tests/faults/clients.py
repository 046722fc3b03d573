"""Clients: people's browsers over real HTTP, who try again with the same key; and clients of the engine that compete."""

import http.client
import random
import re
import socket
from urllib.parse import urlencode

from tests.faults.children import new_engine, pause

TRIES = 200


def free_port():
    """A port nobody listens at now, below those the system gives to clients.

    A client that asks a port of that range again and again, while its server is dead, may be given it by the system and
    meet itself there.
    """
    for port in random.sample(range(20_000, 30_000), 100):
        with socket.socket() as opened:
            try:
                opened.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")


class Client:
    """One person's browser, which knows several servers and goes on with the next where one does not answer."""

    def __init__(self, ports, token):
        self.ports = list(ports)
        self.cookies = {"bihuan": token}
        self.statuses = []

    def get(self, path):
        """The page at an address."""
        return self.ask("GET", path)

    def token(self):
        """The token against forged posts."""
        return re.search(r'name="csrf-token" content="([^"]+)"', self.until(lambda: self.get("/help"), {200})[1])[1]

    def post(self, path, fields):
        """Post a form; returns status and page, or None where the server went away."""
        return self.ask("POST", path, urlencode(fields))

    def until(self, send, wanted):
        """Send again, to the other server too, until there is an answer that tells."""
        for _ in range(TRIES):
            answer = send()
            if answer is not None and answer[0] in wanted:
                return answer
            self.ports.append(self.ports.pop(0))
            pause(0.05)
        raise AssertionError(f"no answer among {wanted}; last {answer and answer[0]}")

    def ask(self, method, path, body=None):
        """Send one request; returns None where nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[0], timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            page = answer.read().decode()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        self._keep(answer)
        self.statuses.append(answer.status)
        return answer.status, page

    def _keep(self, answer):
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value


def compete(answers, place, barrier, tasks, threads):
    """Let threads of one process complete the same tasks at the same moments; the answer counts what each got."""
    import threading
    from collections import Counter

    from engine.errors import ConflictError
    from engine.task_actions.complete import CompleteTask
    from tests.factories import person

    engine = new_engine(place)
    alice = person(engine, "alice")
    told = Counter()

    def run(number):
        for task in tasks:
            barrier.wait(60)
            try:
                engine.run(CompleteTask(task, {}, None, f"{barrier.parties}-{number}-{task}"), alice)
                told["ok"] += 1
            except ConflictError:
                told["conflict"] += 1
            except Exception as error:  # noqa: BLE001 - the test looks at it
                told[repr(error)] += 1

    started = [threading.Thread(target=run, args=(number,)) for number in threads]
    for one in started:
        one.start()
    for one in started:
        one.join()
    engine.database.close()
    answers.put(told)
