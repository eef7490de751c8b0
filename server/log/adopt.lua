-- Make the entries that were laid beside the log of a site its log, in a life of their own, if it has none.
--
-- KEYS[1]  antrean:{SITE}:events    the stream
-- KEYS[2]  antrean:{SITE}:epoch     the name of the log's life
-- KEYS[3]  antrean:{SITE}:day       seq of the last day-opened
-- KEYS[4]  antrean:{SITE}:incoming  the entries laid beside
-- ARGV[1]  the new epoch
-- ARGV[2]  the seq of the first entry
-- ARGV[3]  the seq of the last entry
-- ARGV[4]  the seq of the last day-opened, 0 for none
--
-- Reply: {1} when done; {0, epoch, last seq} of the log that is there; {2, entries} when not all were laid beside.

local function last(key)
  local newest = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)[1]
  return newest and tonumber(string.match(newest[1], '^(%d+)-')) or 0
end

if redis.call('EXISTS', KEYS[1]) == 1 then
  return {0, redis.call('GET', KEYS[2]) or '', last(KEYS[1])}
end
local entries = redis.call('XLEN', KEYS[4])
if last(KEYS[4]) ~= tonumber(ARGV[3]) or entries ~= ARGV[3] - ARGV[2] + 1 then
  return {2, entries}
end

redis.call('RENAME', KEYS[4], KEYS[1])
redis.call('SET', KEYS[2], ARGV[1])
redis.call('SET', KEYS[3], ARGV[4])
return {1}
