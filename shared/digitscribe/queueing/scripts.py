"""What Redis does in one go for the store of recognitions, in Lua."""

from __future__ import annotations

from typing import Any

from redis.client import Pipeline

# ARGV: for each job the key of a record that it writes, how many commands it takes, and each with how many parts it
# has. A connection that breaks before the answer comes makes redis-py send all of it again: what has been accepted, and
# perhaps finished since, must not begin anew.
ACCEPT = """
local at = 1
while at < #ARGV do
  local accepted = redis.call('EXISTS', ARGV[at]) == 1
  local commands = tonumber(ARGV[at + 1])
  at = at + 2
  for _ = 1, commands do
    local last = at + tonumber(ARGV[at])
    if not accepted then redis.call(unpack(ARGV, at + 1, last)) end
    at = last + 1
  end
end
"""

# KEYS and ARGV are named in the first lines. `ttl`: how long record and crops are kept, in seconds; `listed_ttl`: the
# same of a frame that the history lists; `trace`: what stays of a failure (none, list or keep); `now`: in ms;
# `budget`: bytes of failed images kept; `listing`: whether the history lists it (always, never, or once it is steady);
# `steady_after`: the like readings in a row of its moving picture (`run`) that this takes.
# Only whoever removes the entry from `pending` writes the result: that makes finishing happen once.
FINISH = """
local pending, pending_bytes, events, image, record, crops = unpack(KEYS, 1, 6)
local failed, failed_images, failed_bytes, history, frames, run, results = unpack(KEYS, 7, 13)
local id, recognition, pictures, ttl, listed_ttl, events_kept = unpack(ARGV, 1, 6)
local trace, now, failures_listed, image_ttl, budget = unpack(ARGV, 7, 11)
local listing, text, steady_after, run_ttl = unpack(ARGV, 12, 15)

local function sibling(key, other) return string.sub(key, 1, -1 - #id) .. other end

local function become_steady()
  local before, times, last = unpack(redis.call('HMGET', run, 'text', 'times', 'listed'))
  times = before == text and times + 1 or 1
  redis.call('HSET', run, 'text', text, 'times', times)
  redis.call('EXPIRE', run, run_ttl)
  if times ~= tonumber(steady_after) or last == text then return false end
  redis.call('HSET', run, 'listed', text)
  return text ~= ''
end

-- of listed frames no more are kept than the history has entries
local function keep_frame()
  redis.call('LPUSH', frames, id)
  for _, old in ipairs(redis.call('LRANGE', frames, events_kept, -1)) do
    redis.call('DEL', sibling(record, old), sibling(crops, old))
  end
  redis.call('LTRIM', frames, 0, events_kept - 1)
end

-- all failed images together within a budget: the oldest go first
local function keep_image()
  local size = redis.call('STRLEN', image)
  local total = redis.call('INCRBY', failed_bytes, size)
  redis.call('ZADD', failed_images, now, id .. ':' .. size)
  local expired = now - 1000 * image_ttl
  local oldest = redis.call('ZRANGE', failed_images, 0, 0, 'WITHSCORES')
  while oldest[1] and (total > tonumber(budget) or tonumber(oldest[2]) < expired) do
    local old, bytes = string.match(oldest[1], '^(.*):(%d+)$')
    redis.call('ZREM', failed_images, oldest[1])
    redis.call('DEL', sibling(image, old))
    total = redis.call('DECRBY', failed_bytes, bytes)
    oldest = redis.call('ZRANGE', failed_images, 0, 0, 'WITHSCORES')
  end
end

local entry = redis.call('HGET', pending, id)
if not entry then return 0 end
redis.call('HDEL', pending, id)
redis.call('DECRBY', pending_bytes, tonumber(string.match(entry, '^%d+')))
if redis.call('EXISTS', pending) == 0 then redis.call('DEL', pending_bytes) end
local listed = listing == 'always'
if listing == 'steady' and become_steady() then
  listed, ttl = true, listed_ttl
  keep_frame()
end
redis.call('SET', record, recognition, 'EX', ttl)
if #pictures > 0 then redis.call('SET', crops, pictures, 'EX', ttl) end
if ttl == listed_ttl then  -- what goes sooner by itself need not make room
  redis.call('ZADD', results, now, id)
  redis.call('ZREMRANGEBYSCORE', results, '-inf', now - 1000 * ttl)
end
if trace ~= 'none' then
  redis.call('ZADD', failed, now, id)
  redis.call('ZREMRANGEBYSCORE', failed, '-inf', now - 1000 * ttl)
  redis.call('ZREMRANGEBYRANK', failed, 0, -1 - failures_listed)
end
if trace == 'keep' and redis.call('EXPIRE', image, image_ttl) == 1 then keep_image() else redis.call('DEL', image) end
redis.call('XADD', events, 'MAXLEN', '~', events_kept, '*', 'type', 'recognition', 'data', recognition)
if listed then redis.call('XADD', history, 'MAXLEN', '~', events_kept, '*', 'data', recognition) end
return 1
"""

# KEYS: results, pending, giving_way, and the streams; ARGV: bytes to free, pause in ms, the shortest stream, and what
# the keys of records and crops begin with. The oldest results go; if they are not enough the streams lose a quarter.
GIVE_WAY = """
if redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
redis.call('DEL', KEYS[3])  -- a full Redis lets a script add something only after it has written what takes no memory
redis.call('SET', KEYS[3], 1, 'PX', ARGV[2])
local wanted, freed = tonumber(ARGV[1]), 0
while freed < wanted do
  local oldest = redis.call('ZPOPMIN', KEYS[1], 100)
  if #oldest == 0 then break end
  for i = 1, #oldest, 2 do
    if redis.call('HEXISTS', KEYS[2], oldest[i]) == 0 then  -- what is read again stays
      for _, kind in ipairs({ARGV[4], ARGV[5]}) do
        freed = freed + redis.call('STRLEN', kind .. oldest[i])
        redis.call('DEL', kind .. oldest[i])
      end
    end
  end
end
if freed < wanted then
  for i = 4, #KEYS do
    local length = redis.call('XLEN', KEYS[i])
    redis.call('XTRIM', KEYS[i], 'MAXLEN', '~', math.max(tonumber(ARGV[3]), math.floor(0.75 * length)))
  end
end
return freed
"""

# KEYS: failed, failed_images, failed_bytes; ARGV: id, bytes of its image
TAKE_BACK = """
redis.call('ZREM', KEYS[1], ARGV[1])
if redis.call('ZREM', KEYS[2], ARGV[1] .. ':' .. ARGV[2]) == 1 then redis.call('DECRBY', KEYS[3], ARGV[2]) end
"""

# KEYS: pending, recognition; ARGV: id, recognition JSON. A finished recognition is not set back to running.
MARK_RUNNING = """
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'KEEPTTL')
return 1
"""

# KEYS: drops, cameras, definitions; ARGV: camera, how many. What a removed camera still drops does not outlive it.
COUNT_DROPS = """
if redis.call('HEXISTS', KEYS[2], ARGV[1]) + redis.call('HEXISTS', KEYS[3], ARGV[1]) == 0 then return end
redis.call('HINCRBY', KEYS[1], ARGV[1], ARGV[2])
"""


def as_arguments(pipeline: Pipeline) -> list[Any]:
    """The commands in `pipeline` as ACCEPT takes them: how many, and each with how many parts it has."""
    commands = [command for command, _ in pipeline.command_stack]
    return [len(commands), *(part for command in commands for part in (len(command), *command))]
