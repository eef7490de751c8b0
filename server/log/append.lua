-- Append entries to the stream of a site, all or none, if it ends where the caller believes.
--
-- KEYS[1]  antrean:{SITE}:events   the stream
-- KEYS[2]  antrean:{SITE}:epoch    the name of the log's life
-- KEYS[3]  antrean:{SITE}:day      seq of the last day-opened
-- ARGV[1]  the epoch the caller knows
-- ARGV[2]  the seq after which it writes
-- ARGV[3]  seq of a day-opened among the entries, or ''
-- ARGV[4…] the events as JSON; the first gets the id (ARGV[2] + 1)-0, and so on
--
-- Reply: {1} when written (or, with no events, when the log ends there); {0, epoch, last seq} when not.
--
-- Lua has no rollback: everything is checked before the first write.
-- The newest entry tells where the log ends, for its tail is never deleted. XINFO would say so too, but copies the
-- oldest entry at each append: after a trim that is a day-opened, which may have megabytes.

local epoch = redis.call('GET', KEYS[2])
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local last = newest and tonumber(string.match(newest[1], '^(%d+)-')) or 0

local after = tonumber(ARGV[2])
if epoch ~= ARGV[1] or last ~= after then
  return {0, epoch or '', last}
end

for i = 4, #ARGV do
  redis.call('XADD', KEYS[1], string.format('%d-0', after + i - 3), 'e', ARGV[i])
end
if ARGV[3] ~= '' then
  redis.call('SET', KEYS[3], ARGV[3])
end
return {1}
