"""The place between capture and work."""

from __future__ import annotations

from threading import Thread

from camera_worker.mailbox import Mailbox


def test_the_newest_overtakes_and_says_so() -> None:
    mailbox: Mailbox[int] = Mailbox()
    assert [mailbox.put_newest(number) for number in (1, 2, 3)] == [False, True, True]
    assert mailbox.take(0) == 3


def test_an_empty_mailbox_answers_none() -> None:
    assert Mailbox[int]().take(timeout_s=0.01) is None


def test_one_who_waits_does_not_overtake() -> None:
    mailbox: Mailbox[int] = Mailbox()
    mailbox.put_newest(1)
    assert not mailbox.put_waiting(2, timeout_s=0.01)
    assert mailbox.take(0) == 1


def test_all_items_of_one_who_waits_arrive_in_order() -> None:
    mailbox: Mailbox[int] = Mailbox()
    sender = Thread(target=lambda: [mailbox.put_waiting(number, timeout_s=10) for number in range(200)])
    sender.start()
    received = [mailbox.take(timeout_s=10) for _ in range(200)]
    sender.join()
    assert received == list(range(200))


def test_overtaken_and_taken_items_add_up() -> None:
    mailbox: Mailbox[int] = Mailbox()
    lost: list[bool] = []
    sender = Thread(target=lambda: lost.extend(mailbox.put_newest(number) for number in range(5000)))
    sender.start()
    taken = 0
    while sender.is_alive():
        taken += mailbox.take(timeout_s=0.001) is not None
    taken += mailbox.take(0) is not None
    assert taken + sum(lost) == 5000
