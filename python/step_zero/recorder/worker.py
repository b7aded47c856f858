"""A thread that works while the model runs on."""

import itertools
import queue
import threading
from concurrent.futures import Future


class Worker:
    """One thread. It takes what is urgent first, and of the same urgency what came first; it starts with the first task."""

    def __init__(self):
        self._tasks, self._order, self._thread = queue.PriorityQueue(), itertools.count(), None

    def submit(self, task, urgent):
        """Queues a task; the future that comes back is done when the task is, and raises what it raised."""
        future = Future()
        self._tasks.put((not urgent, next(self._order), task, future))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="step_zero", daemon=True)
            self._thread.start()
        return future

    def close(self):
        """Waits until all tasks are done, and ends the thread."""
        if self._thread is not None:
            self._tasks.put((2, 0, None, None))
            self._thread.join()

    def _work(self):
        while (entry := self._tasks.get())[2] is not None:
            _, _, task, future = entry
            try:
                future.set_result(task())
            except BaseException as error:
                future.set_exception(error)
            del entry, task, future  # and what they hold, before the next one comes
