"""What Redis does in one go for the store of recognitions, in Lua."""

from __future__ import annotations

# KEYS: pending, pending_bytes, events, image, recognition, crops, failed, failed_images, failed_bytes, history, runs
# ARGV: id, recognition JSON, crops, result TTL in s, events kept, trace of a failure (none, list or keep), now in ms,
#       failures listed, image TTL in s, bytes of failed images kept, prefix of images' keys,
#       the moving picture that this is a frame of (or `always`, `never`), its text, like readings before it is listed
# Only whoever removes the entry from `pending` writes the result: that makes finishing happen once.
# A failed image stays for another try, but all of them together within a budget: the oldest go first.
FINISH = """
local entry = redis.call('HGET', KEYS[1], ARGV[1])
if not entry then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('DECRBY', KEYS[2], tonumber(string.match(entry, '^%d+')))
redis.call('SET', KEYS[5], ARGV[2], 'EX', ARGV[4])
if #ARGV[3] > 0 then redis.call('SET', KEYS[6], ARGV[3], 'EX', ARGV[4]) end
local now = tonumber(ARGV[7])
if ARGV[6] ~= 'none' then
  redis.call('ZADD', KEYS[7], now, ARGV[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[7], '-inf', now - 1000 * tonumber(ARGV[4]))
  redis.call('ZREMRANGEBYRANK', KEYS[7], 0, -1 - tonumber(ARGV[8]))
end
if ARGV[6] == 'keep' and redis.call('EXPIRE', KEYS[4], ARGV[9]) == 1 then
  local size = redis.call('STRLEN', KEYS[4])
  local total = redis.call('INCRBY', KEYS[9], size)
  redis.call('ZADD', KEYS[8], now, ARGV[1] .. ':' .. size)
  local expired = now - 1000 * tonumber(ARGV[9])
  local oldest = redis.call('ZRANGE', KEYS[8], 0, 0, 'WITHSCORES')
  while oldest[1] and (total > tonumber(ARGV[10]) or tonumber(oldest[2]) < expired) do
    local id, bytes = string.match(oldest[1], '^(.*):(%d+)$')
    redis.call('ZREM', KEYS[8], oldest[1])
    redis.call('DEL', ARGV[11] .. id)
    total = redis.call('DECRBY', KEYS[9], bytes)
    oldest = redis.call('ZRANGE', KEYS[8], 0, 0, 'WITHSCORES')
  end
else
  redis.call('DEL', KEYS[4])
end
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[5], '*', 'type', 'recognition', 'data', ARGV[2])
local run, text, listed = ARGV[12], ARGV[13], ARGV[12] == 'always'
if run ~= 'always' and run ~= 'never' then
  local times, before = string.match(redis.call('HGET', KEYS[11], run) or '', '^(%d+) (.*)$')
  local like = before == text and tonumber(times) + 1 or 1
  redis.call('HSET', KEYS[11], run, like .. ' ' .. text)
  if like == tonumber(ARGV[14]) and redis.call('HGET', KEYS[11], run .. ':said') ~= text then
    redis.call('HSET', KEYS[11], run .. ':said', text)
    listed = text ~= ''
  end
end
if listed then redis.call('XADD', KEYS[10], 'MAXLEN', '~', ARGV[5], '*', 'data', ARGV[2]) end
return 1
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
