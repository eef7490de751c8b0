"""The append has no condition: it writes wherever the log ends, whatever its writer knows."""

from server.log import redis_log


def plant() -> None:
    check = "if epoch ~= ARGV[1] or last ~= after then\n  return {0, epoch or '', last}\nend\n"
    assert check in redis_log.APPEND
    redis_log.APPEND = redis_log.APPEND.replace(check, "after = last\n")
